# SPDX-License-Identifier: MIT
"""countersign-mcp-http as those see it who verify tokens: what it is sent to the byte, and what it answers."""

import json
import os
import signal
import socket
import ssl
import subprocess

from lines import PATIENCE
from parties import HERE, Child, node
from tap import equal


class Answer:
    def __init__(self, status, headers, body, phrase):
        self.status, self.headers, self.body, self.phrase = status, headers, body, phrase

    def json(self):
        equal(self.headers['content-type'], 'application/json')
        return json.loads(self.body)

    def __repr__(self):
        return f'{self.status} {self.headers} {self.body!r}'


class Wire:
    """A connection on which anything may be said."""

    def __init__(self, server, family=socket.AF_INET, tls=None):
        self.sock = socket.socket(family)
        self.sock.settimeout(PATIENCE)
        self.sock.connect((server.address, server.port))
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname='localhost')
        self.bytes = b''

    def send(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())
        return self

    def request(self, method, path, headers=(), body=b'', host='localhost'):
        lines = [f'{method} {path} HTTP/1.1', f'Host: {host}', *(f'{name}: {value}' for name, value in dict(headers).items())]
        if body:
            lines.append(f'Content-Length: {len(body)}')
        return self.send('\r\n'.join(lines).encode() + b'\r\n\r\n' + body)

    def _more(self):
        try:
            piece = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            piece = b''
        self.bytes += piece
        return bool(piece)

    def answer(self, head=False):
        """The next answer; None: the connection has ended without one."""
        while b'\r\n\r\n' not in self.bytes:
            if not self._more():
                equal(self.bytes, b'', 'half an answer')
                return None
        lines, self.bytes = self.bytes.split(b'\r\n\r\n', 1)
        first, *rest = lines.decode().split('\r\n')
        headers = {name.lower(): value for name, value in (line.split(': ', 1) for line in rest)}
        _, status, phrase = first.split(' ', 2)
        status = int(status)
        length = 0 if head or status in (204, 304) else int(headers['content-length'])
        while len(self.bytes) < length:
            if not self._more():
                raise AssertionError(f'{first}: half a body')
        body, self.bytes = self.bytes[:length], self.bytes[length:]
        return Answer(status, headers, body, phrase)

    def ended(self):
        """Waits for its end; nothing else may come."""
        equal(self.answer(), None)
        return True

    def close(self):
        self.sock.close()


class Server(Child):
    """countersign mcp --http on a port that is free; or, without an address, where its environment says."""

    def __init__(self, world, *arguments, address='127.0.0.1', program='countersign-mcp', env=None, begun=True):
        where = [] if address is None else [f'[{address}]:0' if ':' in address else f'{address}:0']
        address = address or '127.0.0.1'
        Child.__init__(self, world, [world.program(program), *(['mcp'] if program == 'countersign' else []),
                                     '--http', *where, *arguments], 'http', env)
        self.world, self.address = world, address
        if begun:
            self.ready()

    @classmethod
    def begin(cls, world, *arguments, **options):
        """One that may have to be helped to begin, or not begin at all: ready() waits for it."""
        return cls(world, *arguments, begun=False, **options)

    def ready(self):
        line = self.process.stdout.readline().decode()
        assert line.startswith('countersign-mcp-http: serving http'), line
        self.url = line.split()[-1]
        self.port = int(self.url.rsplit(':', 1)[1])
        return self

    def wire(self, **options):
        wire = Wire(self, **options)
        self.world.parties.append(wire)
        return wire

    def ask(self, method, path, headers=(), body=b'', host='localhost', **options):
        """One request on a connection of its own; its answer is still to be waited for."""
        return self.wire(**options).request(method, path, {'Connection': 'close', **dict(headers)}, body, host)

    def get(self, path, headers=(), **options):
        return self.ask('GET', path, headers, **options).answer()

    def form(self, path, body, headers=(), **options):
        """A form on its way."""
        return self.ask('POST', path, {'Content-Type': 'application/x-www-form-urlencoded', **dict(headers)},
                        body if isinstance(body, bytes) else body.encode(), **options)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def close(self):
        """Ends only when it is told to."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        Child.close(self)


class Verifier:
    """lib/verifier.mjs with a token: it asks whoever issued it by itself."""

    def __init__(self, world, where, token, audience):
        self.process = subprocess.Popen([node(), os.path.join(HERE, 'verifier.mjs'), where, audience], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=world.env, cwd=world.base)
        self.process.stdin.write(token)
        self.process.stdin.close()
        world.parties.append(self)

    def told(self):
        """What it makes of it."""
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdout.close()
        self.process.wait(PATIENCE)


def verify(world, where, token, audience):
    return Verifier(world, where, token, audience).told()
