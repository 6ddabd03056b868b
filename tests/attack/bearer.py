# SPDX-License-Identifier: MIT
"""Bearer tokens that were made up, changed or meant for others, and one subject who uses what is another's."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import sys
import time

from cryptography.hazmat.primitives import serialization

import tap
from lines import Refused
from subjectworld import RESOURCE, CallerWorld, Carrier, Issuer, Key, part
from tap import case, contains, equal


def refused(world, tokens):
    """None of them is anybody's."""
    for what, token in tokens.items():
        try:
            answer = world.carrier().show(token)
        except Refused as error:
            equal((error.code, error.data.get('error')), (4, 'invalid_token'), what)
            continue
        raise AssertionError(f'{what}: {answer}')


def opened(token):
    return [json.loads(base64.urlsafe_b64decode(piece + '==')) for piece in token.split('.')[:2]]


def by_hmac(secret, head, claims):
    text = f'{part(head)}.{part(claims)}'
    return f'{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}'


@case('alg none, an HMAC under what is published, another algorithm with the same key', issuer=Issuer)
def algorithms(world):
    issuer = world.issuer
    token, key = issuer.token(), issuer.keys[0]
    (head, claims), signature = opened(token), token.split('.')[2]
    public = key.private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    refused(world, {
        **{f'{alg} {end!r}': f'{part({**head, "alg": alg})}.{part(claims)}.{end}'
           for alg in ('none', 'None', 'nOnE', '') for end in ('', signature)},
        **{f'HS256 under the {name}': by_hmac(secret, {**head, 'alg': 'HS256'}, claims)
           for name, secret in (('PEM', pem), ('PEM without its end', pem.rstrip(b'\n')), ('DER', der),
                                ('JWK', json.dumps(key.jwk).encode()), ('nothing', b''))},
        'RS256 by a key for ES256': issuer.token({'alg': 'RS256'}), 'ES384 by a key for ES256': issuer.token({'alg': 'ES384'}),
        'PS256 by a key for ES256': issuer.token({'alg': 'PS256'})})
    equal(world.carrier().show(token)['subject'], 'ann@example.com')


@case('a key that comes along, or is said to be elsewhere, is not looked at, and nobody is asked for it', issuer=Issuer)
def keys(world):
    issuer, mine = world.issuer, Key('mine')
    evil = Issuer(mine)
    world.issuers.append(evil)
    refused(world, {
        'jwk': issuer.token({'jwk': mine.jwk, 'kid': 'mine'}, mine), 'jwk, no kid': issuer.token({'jwk': mine.jwk, 'kid': None}, mine),
        'jwk under the right kid': issuer.token({'jwk': mine.jwk, 'kid': 'k1'}, mine),
        'jku': issuer.token({'jku': f'{evil.url}/keys', 'kid': 'mine'}, mine), 'x5u': issuer.token({'x5u': f'{evil.url}/keys', 'kid': 'k1'}, mine),
        'x5c': issuer.token({'x5c': ['MIIB'], 'kid': 'k1'}, mine), 'a path for a kid': issuer.token({'kid': '../../../../dev/null'}),
        'a URL for a kid': issuer.token({'kid': f'{evil.url}/keys'}), 'a statement for a kid': issuer.token({'kid': "x' OR '1'='1"}),
        'a kid with a NUL': issuer.token({'kid': 'k1\0'}), 'a kid that is a list': issuer.token({'kid': ['k1']}),
        'the issuer with a slash': issuer.token(iss=f'{issuer.url}/'), 'the issuer in a list': issuer.token(iss=[issuer.url]),
        'an issuer of the caller\'s own': evil.token(), 'the issuer that is accepted, by a key of another': evil.token(iss=issuer.url),
        'the metadata of the caller\'s own': evil.token(iss=f'{issuer.url}/.well-known/openid-configuration')})
    equal(evil.asked, [])


@case('a token for another server, another type, bound to a key, changed or cut is nobody\'s', issuer=Issuer)
def others(world):
    issuer = world.issuer
    token, now = issuer.token(), int(time.time())
    head, claims, signature = token.split('.')
    bob = part({**opened(token)[1], 'sub': 'bob'})
    refused(world, {
        'for another server': issuer.token(aud='https://other.example/mcp'), 'for the beginning of this one': issuer.token(aud=RESOURCE[:-1]),
        'for nobody': issuer.token(aud=None), 'an ID token': issuer.token({'typ': 'JWT'}), 'no type': issuer.token({'typ': None}),
        'bound to a key': issuer.token(cnf={'jkt': 'x'}), 'expired': issuer.token(exp=now - 1), 'of tomorrow': issuer.token(nbf=now + 86400),
        'no end': issuer.token(exp=None), 'an end beyond all': issuer.token(exp=1e300), 'critical': issuer.token({'crit': ['exp']}),
        'with other claims': f'{head}.{bob}.{signature}', 'without its signature': f'{head}.{claims}.', 'cut': token[:-8],
        'with a blank': f'{token} ', 'with a line': f'{token}\n', 'twice': f'{token}.{token}', 'in JSON': json.dumps({'token': token}),
        'deep': f'{head}.{part(("[" * 5000).encode())}.{signature}', 'large': f'{head}.{part({"iss": issuer.url, "x": "y" * 11000})}.{signature}',
        'of a name that shows otherwise': issuer.token(email='ann\u202e@example.com'), 'of a name of two lines': issuer.token(email='ann\n@x'),
        'nothing of a local token': 'cs_', 'a guess of a local token': 'cs_' + 'A' * 43})


@case('what is one subject\'s is nobody else\'s: request, reference, token, withdrawal, resumption', issuer=Issuer)
def replayed(world):
    issuer = world.issuer
    world.write('providers.d/tokens.conf', 'provider tokens\nkind issuer\nissuer https://tokens.example\n')
    world.cli('policy', 'apply', pin=True)
    ann = world.carrier(issuer.token())
    call = ann.ask()
    world.grant(ann.held(call)['request_id'])
    reference = ann.answer(call)['result']['reference']['id']
    call = ann.start('mint_token', {'provider': 'github', 'scopes': ['read']})
    world.grant(ann.held(call)['request_id'])
    token_id = ann.answer(call)['result']['token']['tokenId']
    held = ann.start('delete_secret', {'name': 'demo'})
    request_id = ann.held(held)['request_id']
    # The same name at another issuer, another name at the same one, a local token, and a program of this machine.
    other = Issuer(Key('o'))
    world.issuers.append(other)
    world.accept('home', f'issuer {other.url}\naudience resource\nnetwork loopback\n')
    for who in (world.carrier(other.token()), world.carrier(issuer.token(sub='u2')), world.carrier(world.local()), world.agent()):
        for method, arguments in (('approval_wait', {'request_id': request_id}), ('withdraw', {'request_id': request_id}),
                                  ('approval_state', {'request_id': request_id}), ('revoke_token', {'token_id': token_id}),
                                  ('delete_secret', {'name': 'demo', 'resume': request_id})):
            try:
                answer = who.call(method, arguments)
            except Refused as error:
                equal(error.code, 5, (method, error))
                continue
            raise AssertionError(f'{method}: {answer}')
        answer = who.call('resolve_secret', {'reference_id': reference})
        assert answer['status'] in ('failed', 'denied'), answer
        equal(who.call('own_grants')['result']['grants'], [])
    equal(ann.call('approval_state', {'request_id': request_id})['result']['status'], 'pending')


@case('a program that only looks like ours shows no token, and ours asks for nobody on the word of its parent', issuer=Issuer)
def programs(world):
    token = world.issuer.token()
    copy = os.path.join(world.tree, 'bin', 'countersign-mcp-http')
    shutil.copy(world.program('countersign-mcp-http'), copy)
    try:
        carrier = Carrier(world, program=copy)
        try:
            raise AssertionError(carrier.show(token))
        except Refused as error:
            equal(error.data.get('reason'), 'program')
    finally:
        os.unlink(copy)
    # What our program's parent was granted is not its own.
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    carrier = world.carrier()
    try:
        raise AssertionError(carrier.call('get_secret', {'name': 'demo', 'purpose': 'a test'}))
    except Refused as error:
        equal(error.data.get('reason'), 'bearer')


@case('an issuer that the agent accepts by itself is none', issuer=Issuer)
def proposals(world):
    mine = Issuer(Key('mine'))
    world.issuers.append(mine)
    world.write('callers.d/mine.conf', f'issuer {mine.url}\naudience none\nnetwork loopback\n')
    world.write('callers.d/work.conf', f'issuer {world.issuer.url}\naudience none\ntype any\nnetwork loopback\n')
    refused(world, {'of an issuer that was only proposed': mine.token(), 'of one whose file was loosened': world.issuer.token(aud='x')})
    contains(world.cli('status').out, 'callers.d/mine.conf')
    for stdin in (b'', b'y\n', b'000000\n'):
        equal(world.cli('policy', 'apply', stdin=stdin, status=None).status != 0, True)
        equal(world.cli('caller', 'add', 'evil', stdin=stdin, status=None).status != 0, True)
        equal(world.cli('caller', 'trust', 'https://evil.example', stdin=stdin, status=None).status != 0, True)
    assert not os.path.exists(os.path.join(world.config, 'callers.d/evil.conf'))
    refused(world, {'still': mine.token()})


if __name__ == '__main__':
    sys.exit(tap.run(CallerWorld))
