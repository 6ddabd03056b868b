# SPDX-License-Identifier: MIT
"""A World in which a case says to the broker what countersign-mcp-http would, and an issuer of tokens whose keys the case has.

The broker takes a program for countersign-mcp-http by where it is installed. So this world has a tree of its own, in which
integration/caller-relay.c stands there, and a broker that was started from that tree.
"""

import atexit
import base64
import contextlib
import hashlib
import http.server
import json
import os
import shutil
import tempfile
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

import countersign
from lines import Rpc
from parties import Child

RELAY = os.path.join(countersign.STAGE, 'tests', 'integration', 'caller-relay')
RESOURCE = 'http://127.0.0.1:8643/mcp'
_tree = []


def tree():
    """Made once for a script: an installation like the stage's, but for that one program."""
    if not _tree:
        _tree.append(tempfile.mkdtemp(prefix='countersign-caller-', dir='/var/tmp'))
        atexit.register(shutil.rmtree, _tree[0], ignore_errors=True)
        for folder in ('bin', 'libexec', 'share'):
            shutil.copytree(os.path.join(countersign.PREFIX, folder), os.path.join(_tree[0], folder))
        shutil.copy(RELAY, os.path.join(_tree[0], 'libexec', 'countersign', 'countersign-mcp-http'))
    return _tree[0]


# ---- tokens ----

def part(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def number(value, length):
    return part(value.to_bytes(length, 'big'))


CURVES = {'ES256': (ec.SECP256R1(), 'P-256', 32, hashes.SHA256()), 'ES384': (ec.SECP384R1(), 'P-384', 48, hashes.SHA384())}


class Key:
    """A key that signs, and what is published of it."""

    def __init__(self, kid='k1', alg='ES256'):
        self.kid, self.alg = kid, alg
        if alg in CURVES:
            curve, name, length, _ = CURVES[alg]
            self.private = ec.generate_private_key(curve)
            public = self.private.public_key().public_numbers()
            self.jwk = {'kty': 'EC', 'crv': name, 'x': number(public.x, length), 'y': number(public.y, length)}
        elif alg == 'EdDSA':
            self.private = ed25519.Ed25519PrivateKey.generate()
            self.jwk = {'kty': 'OKP', 'crv': 'Ed25519', 'x': part(self.private.public_key().public_bytes_raw()
                                                                  if hasattr(ed25519.Ed25519PublicKey, 'public_bytes_raw')
                                                                  else self._raw())}
        else:
            self.private = rsa.generate_private_key(65537, 2048)
            public = self.private.public_key().public_numbers()
            self.jwk = {'kty': 'RSA', 'n': number(public.n, 256), 'e': number(public.e, 3)}
        self.jwk.update(alg=alg, use='sig', **({'kid': kid} if kid else {}))

    def _raw(self):
        from cryptography.hazmat.primitives import serialization
        return self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def signature(self, text, alg=None):
        alg, data = alg or self.alg, text.encode()
        if alg in CURVES:
            _, _, length, digest = CURVES[alg]
            r, s = utils.decode_dss_signature(self.private.sign(data, ec.ECDSA(digest)))
            return r.to_bytes(length, 'big') + s.to_bytes(length, 'big')
        if alg == 'EdDSA':
            return self.private.sign(data)
        digest = hashes.SHA256()
        scheme = padding.PSS(padding.MGF1(digest), digest.digest_size) if alg.startswith('PS') else padding.PKCS1v15()
        return self.private.sign(data, scheme, digest)

    def sign(self, claims, **head):
        """A token; head= members replace those of the header, None leaves one out."""
        head = {'typ': 'at+jwt', 'alg': self.alg, 'kid': self.kid, **head}
        text = f'{part({name: value for name, value in head.items() if value is not None})}.{part(claims)}'
        return f'{text}.{part(self.signature(text))}'


# ---- an issuer ----

class Issuer:
    """An authorization server as far as a resource server sees it: what it publishes. A fake."""

    def __init__(self, *keys):
        self.keys = list(keys) or [Key()]
        self.asked, self.headers, self.broken, self.gate = [], {}, {}, threading.Event()
        self.gate.set()
        self.changed = threading.Condition()
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def documents(self):
        metadata = {'issuer': self.url, 'authorization_endpoint': f'{self.url}/authorize', 'token_endpoint': f'{self.url}/token',
                    'jwks_uri': f'{self.url}/keys'}
        return {'/.well-known/openid-configuration': metadata, '/keys': {'keys': [key.jwk for key in self.keys]}}

    def answer(self, request):
        with self.changed:
            self.asked.append(request.path)
            self.changed.notify_all()
        self.gate.wait()
        status, body = self.broken.get(request.path) or (200, self.documents().get(request.path))
        if body is None:
            status, body = 404, {'error': 'not here'}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # who asked may have ended meanwhile
            request.send_response(status)
            for name, value in {'Content-Type': 'application/json', 'Content-Length': str(len(data)), **self.headers}.items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(data)

    def count(self, path='/keys'):
        return self.asked.count(path)

    def wait_asked(self, path, times=1):
        with self.changed:
            if not self.changed.wait_for(lambda: self.count(path) >= times, 60):
                raise AssertionError(f'{path} was not asked for: {self.asked}')

    def claims(self, **more):
        now = int(time.time())
        claims = {'iss': self.url, 'sub': 'u1', 'aud': RESOURCE, 'iat': now, 'exp': now + 600, 'email': 'ann@example.com', **more}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, head=None, key=None, **claims):
        return (key or self.keys[0]).sign(self.claims(**claims), **(head or {}))

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()


# ---- who carries ----

class Carrier(Child, Rpc):
    """countersign-mcp-http, spoken for by the case; program: another one that does the same."""

    def __init__(self, world, hello=True, program='countersign-mcp-http'):
        Child.__init__(self, world, [world.program(program), world.agent_socket], 'carrier')
        Rpc.__init__(self, self.lines)
        if hello:
            self.call('hello', {'version': 1, 'role': 'agent'})

    def show(self, token, resource=RESOURCE):
        """Shows a token; who the broker says it is."""
        return self.call('bearer', {'token': token, 'resource': resource})['result']

    def ask(self, name='demo', purpose='a test', **arguments):
        return self.start('get_secret', {'name': name, 'purpose': purpose, **arguments})

    def held(self, call):
        return self.hear('held', id=call)


class CallerWorld(countersign.World):
    """issuer: a fake whose file callers.d/work.conf is accepted, with the lines of `file`; None: there is none."""

    def __init__(self, issuer=None, lines='audience resource\n', secrets=('demo',), **options):
        self.tree = tree()
        super().__init__(init=False, **options)
        self.env['PATH'] = f'{self.tree}/bin:{self.env["PATH"]}'
        self.issuers = []
        self.init()
        for name in secrets:
            self.secret(name, f'value-of-{name}')
        if issuer is not None:
            self.issuer = issuer()
            self.issuers.append(self.issuer)
            self.accept('work', f'issuer {self.issuer.url}\nnetwork loopback\n{lines}')

    def program(self, name):
        if name.startswith('/'):
            return name
        return os.path.join(self.tree, 'bin' if name in ('countersign', 'countersign-mcp') else 'libexec/countersign', name)

    def write(self, name, text):
        path = os.path.join(self.config, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def accept(self, name, text):
        """One issuer's file, written and accepted; None removes it."""
        if text is None:
            os.unlink(os.path.join(self.config, f'callers.d/{name}.conf'))
        else:
            self.write(f'callers.d/{name}.conf', text)
        self.cli('policy', 'apply', pin=True)

    def policy(self, *rules):
        """These rules in place of the shipped ones."""
        self.write('policy.conf', '\n'.join(rules) + '\n')
        self.cli('policy', 'apply', pin=True)

    def local(self, name='ci', *arguments):
        """A local token."""
        return self.cli('caller', 'add', name, *arguments, pin=True).out.strip()

    def carrier(self, token=None, **options):
        carrier = Carrier(self, **options)
        if token is not None:
            carrier.show(token)
        return carrier

    def close(self):
        super().close()
        for issuer in self.issuers:
            issuer.close()


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()
