# SPDX-License-Identifier: MIT
"""Tokens that were made up, changed, kept too long or taken back, shown by a process of the same user to whoever asks about them."""

import base64
import hashlib
import hmac
import json
import os
import select
import sqlite3
import sys
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

import tap
from lines import Refused
from tap import case, contains, equal
from tokenworld import CLIENT, ISSUER, SECRET, TokenWorld, ask


def part(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


def opened(token):
    return [json.loads(base64.urlsafe_b64decode(piece + '==')) for piece in token.split('.')[:2]]


def by_key(key, head, claims):
    text = f'{part(head)}.{part(claims)}'
    r, s = utils.decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f'{text}.{part(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}'


def by_hmac(secret, head, claims):
    text = f'{part(head)}.{part(claims)}'
    return f'{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}'


def published_key(jwk):
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + '='), 'big') for name in 'xy')
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def own_jwk(key, kid):
    numbers = key.public_key().public_numbers()
    return {'kty': 'EC', 'crv': 'P-256', 'kid': kid, 'x': part(numbers.x.to_bytes(32, 'big')), 'y': part(numbers.y.to_bytes(32, 'big'))}


def refuse_all(world, tokens):
    """None of them is good, for those who ask nor for a person, and none of them ends a good one."""
    for what, token in tokens.items():
        equal(world.introspect(token), {'active': False}, what)
        equal(world.agent().call('token_end', {'token': token})['result'], {}, what)
        world.cli('token', 'verify', stdin=token.encode(), pin=True, status=1)


@case('alg none, in every spelling, with and without a signature')
def none(world):
    token = world.mint(world.agent())['value']
    (head, claims), signature = opened(token), token.split('.')[2]
    refuse_all(world, {f'{alg} {end}': f'{part({**head, "alg": alg})}.{part(claims)}.{end}'
                       for alg in ('none', 'None', 'NONE', 'nOnE', '') for end in ('', signature)})
    equal(world.introspect(token)['active'], True)


@case('an HMAC under what is published: the key as text, as bytes, as JSON')
def confusion(world):
    token, jwk = world.mint(world.agent())['value'], world.published()['jwks']['keys'][0]
    (head, claims), key = opened(token), published_key(jwk)
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    secrets = {'pem': pem, 'pem without its end': pem.rstrip(b'\n'), 'der': der, 'jwk': json.dumps(jwk).encode(),
               'x': base64.urlsafe_b64decode(jwk['x'] + '='), 'nothing': b''}
    refuse_all(world, {f'{alg} {name}': by_hmac(secret, {**head, 'alg': alg}, claims)
                       for name, secret in secrets.items() for alg in ('HS256', 'ES256')})


@case('a kid that leads elsewhere, and a key that comes along')
def kid(world):
    head, claims = opened(world.mint(world.agent())['value'])
    mine = ec.generate_private_key(ec.SECP256R1())
    jwk = own_jwk(mine, head['kid'])
    refuse_all(world, {
        'our kid, another key': by_key(mine, head, claims),
        'no kid': by_key(mine, {'alg': 'ES256'}, claims),
        'a path': by_key(mine, {**head, 'kid': '../../../../dev/null'}, claims),
        'a row of the store': by_key(mine, {**head, 'kid': f'key:jwt/{head["kid"]}'}, claims),
        'a statement': by_key(mine, {**head, 'kid': "x' OR '1'='1"}, claims),
        'a list': by_key(mine, {**head, 'kid': [head['kid']]}, claims),
        'jwk': by_key(mine, {**head, 'jwk': jwk}, claims),
        'jku': by_key(mine, {**head, 'jku': 'http://127.0.0.1:1/jwks.json'}, claims),
        'x5c': by_key(mine, {**head, 'x5c': ['AAAA']}, claims),
        'crit': by_key(mine, {**head, 'crit': ['exp']}, claims)})


@case('claims of another issuer, another audience, or more scopes, under the old signature')
def claims_changed(world):
    token = world.mint(world.agent())['value']
    head, claims = opened(token)
    changes = {'iss': 'https://evil.example', 'aud': 'aws', 'scope': 'read write admin', 'exp': 2 ** 40, 'jti': 'tok-' + '0' * 26,
               'sub': 'root-1', 'provider': 'aws'}
    refuse_all(world, {name: f'{part(head)}.{part({**claims, name: value})}.{token.split(".")[2]}' for name, value in changes.items()})
    # A second spelling of the very same is another text.
    equal(world.introspect(token + '=')['active'], False)
    equal(world.introspect(token)['active'], True)


@case('an expired one, also when a broker comes that never saw it')
def expired(world):
    agent = world.agent()
    call = ask(agent, ttl_seconds=1)
    world.grant(agent.held(call)['request_id'])
    result = agent.answer(call)['result']
    end = opened(result['value'])[1]['exp']
    select.select([], [], [], max(0, end - time.time()))
    equal(world.introspect(result['value']), {'active': False})
    contains(world.cli('token', 'verify', stdin=result['value'].encode(), pin=True, status=1).out, 'it has expired')
    world.kill_broker()
    world.unlock()
    equal(world.introspect(result['value']), {'active': False})
    equal(world.cli('token', 'list', '--json', pin=True).json(), [])


@case('a revoked one, replayed after restarts, and after what says so was taken out of the store')
def replayed(world):
    agent = world.agent()
    result, other = world.mint(agent), world.mint(agent, provider='aws')['value']
    agent.call('revoke_token', {'token_id': result['token']['tokenId']})
    for restart in range(2):
        world.kill_broker()
        world.unlock()
        equal(world.introspect(result['value']), {'active': False}, f'restart {restart}')
    world.kill_broker()
    # Any process of the same user can do this; what it meets is a trail that still knows.
    path = os.path.join(world.env['HOME'], '.local', 'share', 'countersign', 'store.db')
    with sqlite3.connect(path) as store:
        tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert 'meta' in tables, tables
        taken = store.execute("DELETE FROM meta WHERE key = 'tokens-revoked'").rowcount
    equal(taken, 1)
    world.unlock()
    world.cli('token', 'list', pin=True)  # answers when the trail was looked through
    equal(world.introspect(result['value']), {'active': False})
    equal(world.introspect(other)['active'], True)


@case('taking the issuer\'s keys out of the store makes nothing good that was not')
def keys_taken(world):
    token, before = world.mint(world.agent())['value'], world.published()
    world.kill_broker()
    path = os.path.join(world.env['HOME'], '.local', 'share', 'countersign', 'store.db')
    with sqlite3.connect(path) as store:
        equal(store.execute("DELETE FROM meta WHERE key = 'token-keys'").rowcount, 1)
    world.unlock()
    equal(world.introspect(token), {'active': False})
    assert world.published()['jwks'] != before['jwks']


@case('an issuer\'s file that nobody accepted names no verifier, no issuer and no algorithm')
def proposed(world):
    token = world.mint(world.agent())['value']
    world.write('providers.d/tokens.conf',
                'provider tokens\nkind issuer\nissuer https://evil.example\nalgorithm RS256\nverifier evil demo\n')
    world.kill_broker()
    world.unlock()
    try:
        world.introspect(token, client='evil', secret='demo')
        raise AssertionError('a verifier that nobody accepted')
    except Refused as error:
        equal(error.data['reason'], 'client')
    published = world.published()
    equal((published['issuer'], published['algorithms']), (ISSUER, ['ES256']))
    equal(world.introspect(token, client=CLIENT, secret=SECRET)['active'], True)


@case('another process can neither end nor list what was minted for the first')
def another(world):
    token = world.mint(world.agent())
    other = world.agent()
    for method, params in (('revoke_token', {'token_id': token['token']['tokenId']}), ('token_list', {}), ('token_verify', {'token': token['value']}),
                           ('token_rotate', {})):
        try:
            other.call(method, params)
            raise AssertionError(f'{method} was answered')
        except Refused as error:
            assert error.code in (5, -32601), error
    human = world.human()
    for method, params in (('token_list', None), ('token_keys', None), ('token_verify', {'token': token['value']}), ('token_rotate', {}),
                           ('token_rotate', {'pin': '000000'})):
        try:
            human.call(method, params)
            raise AssertionError(f'{method} without the PIN')
        except Refused as error:
            equal(error.code, 4)
    equal(world.introspect(token['value'])['active'], True)


sys.exit(tap.run(TokenWorld))
