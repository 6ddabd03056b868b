# SPDX-License-Identifier: MIT
"""What is tried on countersign mcp --http: guessing at a verifier's secret, forging tokens, and having a browser ask."""

import base64
import json
import sys

sys.path.pop(0)  # http.py beside this one is not what libraries mean by http

from cryptography.hazmat.primitives.asymmetric import ec
import jwt

import tap
from httpserve import Server
from tap import case, equal
from tokenworld import CLIENT, SECRET, TokenWorld

INTROSPECT = '/token/introspect'
PUBLISHED = ('/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration')


class World(TokenWorld):
    def __init__(self, **options):
        super().__init__(**options)
        self.server = Server(self, '--verifiers-only')
        self.token = self.mint(self.agent())['value']

    def begin(self, token, user=CLIENT, password=SECRET):
        """Asks about a token; the answer is still to be waited for."""
        credentials = base64.b64encode(f'{user}:{password}'.encode()).decode()
        return self.server.form(INTROSPECT, f'token={token}', {'Authorization': f'Basic {credentials}'})

    def is_active(self, token):
        answer = self.begin(token).answer()
        equal(answer.status, 200)
        return answer.json()['active']


@case('a wrong name, a wrong secret and a wrong token of a stranger\'s are answered alike')
def alike(world):
    answers = [world.begin(token, user, password) for token in (world.token, 'a.b.c')
               for user, password in ((CLIENT, 'wrong'), ('other', SECRET), (CLIENT, ''), (CLIENT, f'{SECRET} '), (CLIENT, SECRET[:-1]),
                                      (CLIENT.upper(), SECRET), ('verifier-secret', SECRET))]
    answers = [wire.answer() for wire in answers]
    for answer in answers:
        answer.headers.pop('date')
        equal((answer.status, answer.headers, answer.body), (401, answers[0].headers, answers[0].body))
    equal(world.is_active(world.token), True)


@case('who guesses at a verifier\'s secret, on as many connections as there may be, keeps no verifier from its answer')
def guessing(world):
    guesses = [world.begin(world.token, CLIENT, f'guess-{n}') for n in range(120)]
    equal(world.is_active(world.token), True)
    equal({wire.answer().status for wire in guesses}, {401})


@case('a token that another has made is none, however it says that it is ours')
def forged(world):
    head, payload, signature = world.token.split('.')
    header, claims = jwt.get_unverified_header(world.token), jwt.decode(world.token, options={'verify_signature': False})
    public = json.dumps(world.published()['jwks']['keys'][0])
    other = ec.generate_private_key(ec.SECP256R1())

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip('=')

    for what, token in (
            ('no signature', f'{part({**header, "alg": "none"})}.{payload}.'),
            ('no signature, as it was', f'{head}.{payload}.'),
            ('another key', jwt.encode(claims, other, 'ES256', {'kid': header['kid']})),
            ('the public key as a password', jwt.encode(claims, public, 'HS256', {'kid': header['kid']})),
            ('a key of its own beside it', jwt.encode(claims, other, 'ES256', {'kid': header['kid'], 'jwk': json.loads(public)})),
            ('more time', f'{head}.{part({**claims, "exp": claims["exp"] + 3600})}.{signature}'),
            ('more scope', f'{head}.{part({**claims, "scope": "admin"})}.{signature}'),
            ('a space', f'{head}.{payload}.{signature}%20'), ('half of it', world.token[:-10])):
        equal(world.is_active(token), False, what)
    equal(world.is_active(world.token), True)


@case('a page whose own name points to this machine is answered nothing, and a form that it sends does nothing')
def browser(world):
    for host in ('evil.example', f'evil.example:{world.server.port}', '127.0.0.1.evil.example'):
        for path in PUBLISHED:
            answer = world.server.get(path, host=host)
            equal((answer.status, b'keys' in answer.body, b'issuer' in answer.body), (421, False, False), host)
        equal(world.server.form('/token/revoke', f'token={world.token}', host=host).answer().status, 421)
    for origin in ('null', 'http://localhost', 'https://evil.example'):
        answer = world.server.form('/token/revoke', f'token={world.token}', {'Origin': origin}).answer()
        equal(answer.status, 403, origin)
    equal(world.is_active(world.token), True)


sys.exit(tap.run(World))
