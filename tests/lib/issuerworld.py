# SPDX-License-Identifier: MIT
"""Issuers of callers' tokens on this machine, and who calls with them.

Issuer is one of the case's own: its keys are real, it publishes them as RFC 8414 has it, and signs what a case makes up, since no
good authorization server issues a wrong token. oidcworld.Provider is one that is real.
"""

import base64
import http.server
import json
import threading
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
import jwt

MAKERS = {'ES256': lambda: ec.generate_private_key(ec.SECP256R1()), 'RS256': lambda: rsa.generate_private_key(65537, 2048),
          'PS256': lambda: rsa.generate_private_key(65537, 2048), 'EdDSA': ed25519.Ed25519PrivateKey.generate}


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def decode(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Key:
    """One that signs, with the kid by which it is published."""

    def __init__(self, algorithm, kid):
        self.algorithm, self.kid, self.private = algorithm, kid, MAKERS[algorithm]()

    def published(self):
        jwk = json.loads(jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.private.public_key()))
        for name in ('x', 'y') if jwk['kty'] == 'EC' else ():
            jwk[name] = encode(decode(jwk[name]).rjust(32, b'\0'))  # RFC 7518, section 6.2.1.2; PyJWT leaves zeros out
        return {**jwk, 'kid': self.kid, 'alg': self.algorithm, 'use': 'sig'}


class Issuer:
    """`issuer`; keys by algorithm; `asked`: the paths that were fetched."""

    def __init__(self, world, algorithms=('ES256',), path=''):
        self.keys = {algorithm: Key(algorithm, f'key-{algorithm}') for algorithm in algorithms}
        self.listed = list(self.keys.values())
        self.asked, self.broken = [], False
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.issuer = f'http://127.0.0.1:{self.server.server_address[1]}{path}'
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        world.parties.append(self)

    def answer(self, request):
        self.asked.append(request.path)
        metadata = {'issuer': self.issuer, 'jwks_uri': f'{self.issuer}/jwks', 'authorization_endpoint': f'{self.issuer}/authorize',
                    'token_endpoint': f'{self.issuer}/token', 'response_types_supported': ['code']}
        body = metadata if '/.well-known/' in request.path else None
        if request.path == '/jwks':
            body = {'keys': [key.published() for key in self.listed]}
        request.send_response(500 if self.broken else 404 if body is None else 200)
        text = json.dumps(body).encode()
        request.send_header('Content-Type', 'application/json')
        request.send_header('Content-Length', str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def claims(self, audience, **more):
        """What a good token says. A value of None leaves a claim out."""
        now = int(time.time())
        claims = {'iss': self.issuer, 'sub': 'u-ann', 'email': 'ann@example.com', 'aud': audience, 'iat': now, 'nbf': now,
                  'exp': now + 600, 'scope': 'read', 'jti': f'j{time.monotonic_ns()}', **more}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, audience, algorithm='ES256', header=None, key=None, **more):
        """A token signed by @key, or by this issuer's own of @algorithm."""
        key = key or self.keys[algorithm]
        head = {'typ': 'at+jwt', 'kid': key.kid, **(header or {})}
        return jwt.encode(self.claims(audience, **more), key.private, algorithm=key.algorithm,
                          headers={name: value for name, value in head.items() if value is not None})

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def reheaded(token, **header):
    """@token with this in its header, and the signature that it had."""
    head, body, signature = token.split('.')
    return '.'.join((encode(json.dumps({**json.loads(decode(head)), **header}).encode()), body, signature))
