# SPDX-License-Identifier: MIT
"""A site on this machine, with certificates of an authority of its own, that keeps every byte that arrives.

What it answers is told by the path's first word: see MODES.
"""

import base64
import datetime
import gzip
import ipaddress
import os
import socket
import ssl
import threading
import urllib.parse
import zlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """Signs the certificates of sites; its own is what a service trusts."""

    def __init__(self, name='Countersign test authority'):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.certificate = self._build(self.subject, self.key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(self.key, hashes.SHA256())
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _build(self, subject, key, days=(-1, 30)):
        now = datetime.datetime.utcnow()
        return x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject).public_key(key) \
            .serial_number(x509.random_serial_number()) \
            .not_valid_before(now + datetime.timedelta(days=days[0])) \
            .not_valid_after(now + datetime.timedelta(days=days[1]))

    def site(self, folder, names, days=(-1, 30)):
        """A PEM file with key and certificate for these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        alternatives = [x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() or ':' in name
                        else x509.DNSName(name) for name in names]
        certificate = self._build(own, key.public_key(), days).add_extension(
            x509.SubjectAlternativeName(alternatives), critical=False).sign(self.key, hashes.SHA256())
        path = os.path.join(folder, f'site-{certificate.serial_number:x}.pem')
        with open(path, 'wb') as file:
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        return path


class Request:
    def __init__(self, raw, head, body):
        self.raw, self.head, self.body = raw, head, body
        lines = head.split(b'\r\n')
        self.line = lines[0]
        self.method, self.target, self.version = (part.decode('latin-1') for part in lines[0].split(b' ', 2))
        self.headers = [tuple(part.strip() for part in line.decode('latin-1').split(':', 1)) for line in lines[1:]]
        path, _, query = self.target.partition('?')
        self.path, self.query = path, dict(urllib.parse.parse_qsl(query))

    def header(self, name):
        """All values of this header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def count(self, text):
        """How often these bytes are in all that arrived."""
        return self.raw.count(text.encode() if isinstance(text, str) else text)


def reply(connection, body=b'', status='200 OK', headers=(), length=True):
    head = f'HTTP/1.1 {status}\r\n' + ''.join(f'{name}: {value}\r\n' for name, value in headers)
    if length:
        head += f'Content-Length: {len(body)}\r\n'
    connection.sendall(head.encode('latin-1') + b'\r\n' + body)


def chunk(data):
    return b'%x\r\n%s\r\n' % (len(data), data)


CHUNKED = (('Transfer-Encoding', 'chunked'), ('Content-Type', 'text/plain'))
ENCODE = {
    'plain': lambda text: text,
    'base64': base64.b64encode,
    'hex': lambda text: text.hex().encode(),
    'url': lambda text: urllib.parse.quote_from_bytes(text, safe='').encode(),
    'reversed': lambda text: text[::-1],
    'json': lambda text: ''.join(f'\\u{byte:04x}' for byte in text).encode(),
}


def _encoded(request, text):
    return ENCODE[request.query.get('as', 'plain')](text)


def _echo(site, connection, request):
    """All that arrived: as=base64 and others; gzip=1; split=N: in chunks of N bytes."""
    body = _encoded(request, request.raw)
    headers = [('Content-Type', 'text/plain')]
    if request.query.get('gzip'):
        body = gzip.compress(body)
        headers.append(('Content-Encoding', 'gzip'))
    if request.query.get('split'):
        step = int(request.query['split'])
        reply(connection, headers=[*headers, ('Transfer-Encoding', 'chunked')], length=False)
        for at in range(0, len(body), step):
            connection.sendall(chunk(body[at:at + step]))
        connection.sendall(b'0\r\n\r\n')
        return
    reply(connection, body, headers=headers)


def _echo_header(site, connection, request):
    """All headers that arrived, in one header of the answer's, in its name and in a cookie."""
    text = _encoded(request, ' '.join(value for _, value in request.headers).encode('latin-1')).decode('latin-1')
    name = ''.join(c if c.isalnum() or c == '-' else '-' for c in text)
    reply(connection, b'{}', headers=[('X-Echo', text), (f'X-{name}', 'name'), ('Set-Cookie', text), ('Link', text)])


def _redirect(site, connection, request):
    reply(connection, b'elsewhere', status=f'{request.query.get("status", "302")} Found',
          headers=[('Location', request.query['to'])])


def _stream(connection, piece, times):
    reply(connection, headers=CHUNKED, length=False)
    for _ in range(times):
        connection.sendall(chunk(piece))
    connection.sendall(b'0\r\n\r\n')


def _big(site, connection, request):
    """mib=N of text."""
    _stream(connection, b'0123456789abcde\n' * 65536, int(request.query['mib']))


def _forever(site, connection, request):
    _stream(connection, b'and on it goes\n' * 4096, 1 << 40)


def _drip(site, connection, request):
    """A byte now and then, until the other end goes or the site ends."""
    reply(connection, headers=CHUNKED, length=False)
    while not site.ended.wait(0.05):
        connection.sendall(chunk(b'.'))


def _silent(site, connection, request):
    """Not one byte."""
    while not site.ended.wait(0.2):
        if not connection.recv(1):
            return


def _bomb(site, connection, request):
    """mib=N of zeros, which are a thousandth of it on the way."""
    pressed = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b''.join(pressed.compress(bytes(1 << 20)) for _ in range(int(request.query['mib']))) + pressed.flush()
    reply(connection, body, headers=[('Content-Encoding', 'gzip')])


def _headers(site, connection, request):
    """kib=N of headers."""
    reply(connection, b'ok', headers=[(f'X-{number}', 'h' * 1000) for number in range(int(request.query['kib']))])


def _interim(site, connection, request):
    connection.sendall(b'HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n')
    reply(connection, b'ok', headers=[('X-Final', 'yes')])


def _garbage(site, connection, request):
    connection.sendall(bytes(range(256)) * 4)
    connection.close()


def _half(site, connection, request):
    reply(connection, b'half of ' * 4, headers=[('Content-Length', '4096')], length=False)
    connection.close()


def _hang_up(site, connection, request):
    """Not one byte, and an end that the other side is not told of before it writes again."""
    connection.close()


def _reset(site, connection, request):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
    connection.close()


def _binary(site, connection, request):
    reply(connection, bytes(range(256)), headers=[('Content-Type', 'application/octet-stream')])


def _status(site, connection, request):
    reply(connection, b'{"message":"so"}', status=f'{request.query["code"]} So',
          headers=[('Content-Type', 'application/json'), ('Set-Cookie', 'session=1'), ('Connection', 'keep-alive'),
                   ('X-Request-Id', 'abc'), ('Retry-After', '7')])


def _unknown(site, connection, request):
    reply(connection, b'squeezed', headers=[('Content-Encoding', request.query['encoding'])])


def answer_ok(site, connection, request):
    reply(connection, b'{"ok":true}', headers=[('Content-Type', 'application/json')])


MODES = {'echo': _echo, 'echo-header': _echo_header, 'redirect': _redirect, 'big': _big, 'forever': _forever,
         'drip': _drip, 'silent': _silent, 'bomb': _bomb, 'headers': _headers, 'interim': _interim,
         'garbage': _garbage, 'half': _half, 'hang-up': _hang_up, 'reset': _reset, 'binary': _binary, 'status': _status, 'unknown': _unknown}


class Site:
    """authority=None: without TLS. `seen` is what arrived, in order; `greeted` counts connections."""

    def __init__(self, folder='/var/tmp', authority=None, names=('localhost', '127.0.0.1'), address='127.0.0.1',
                 days=(-1, 30), modes=None, port=0):
        self.seen, self.greeted = [], 0
        self.modes = {**MODES, **(modes or {})}
        self.ended = threading.Event()
        self.changed = threading.Condition()
        self.context = None
        self.open = set()
        if authority is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(authority.site(folder, names, days))
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        self.listener = socket.create_server((address, port), family=family)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.greeted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.open.add(connection)
            rest = b''
            while not self.ended.is_set():
                request, rest = self._read(connection, rest)
                if request is None:
                    return
                with self.changed:
                    self.seen.append(request)
                    self.changed.notify_all()
                mode = request.path.split('/')[1] if request.path.startswith('/') else ''
                self.modes.get(mode, answer_ok)(self, connection, request)
        except (OSError, ValueError):
            pass
        finally:
            self.open.discard(connection)
            connection.close()

    @staticmethod
    def _read(connection, data):
        while b'\r\n\r\n' not in data:
            more = connection.recv(65536)
            if not more:
                return None, b''
            data += more
        head, _, body = data.partition(b'\r\n\r\n')
        request = Request(b'', head, b'')
        length = int((request.header('Content-Length') or ['0'])[0])
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                return None, b''
            body += more
        return Request(head + b'\r\n\r\n' + body[:length], head, body[:length]), body[length:]

    def wait_seen(self, count, patience=60):
        """Waits until so many requests have arrived; the last of them."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.seen) >= count, patience):
                raise TimeoutError(f'{len(self.seen)} requests, not {count}')
            return self.seen[count - 1]

    def close(self):
        if self.ended.is_set():
            return
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop()

    def drop(self):
        """Ends all connections; new ones are taken."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
