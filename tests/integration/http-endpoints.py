# SPDX-License-Identifier: MIT
"""What countersign-mcp --http serves to those who verify tokens, and how. The broker is played by the case."""

import base64
import os
import resource
import socket
import ssl
import subprocess
import sys
import warnings

from cryptography.hazmat.primitives.asymmetric import ec
import jwt

import double
import tap
from httpserve import Server, Verifier
from httpsite import Authority
from lines import PATIENCE
from tap import Skip, case, contains, equal, lacks

ISSUER = 'https://tokens.example'
JWKS = '/.well-known/jwks.json'
OAUTH = '/.well-known/oauth-authorization-server'
OPENID = '/.well-known/openid-configuration'
INTROSPECT = '/token/introspect'
REVOKE = '/token/revoke'
CANARY = 'canary-0123456789'
KEY = ec.generate_private_key(ec.SECP256R1())


def number(value):
    return base64.urlsafe_b64encode(value.to_bytes(32, 'big')).decode().rstrip('=')


def key(kid='k1', private=KEY):
    public = private.public_key().public_numbers()
    return {'kty': 'EC', 'crv': 'P-256', 'use': 'sig', 'alg': 'ES256', 'kid': kid, 'x': number(public.x), 'y': number(public.y)}


def keys(issuer=ISSUER, *listed):
    return {'issuer': issuer, 'jwks': {'keys': list(listed) or [key()]}, 'algorithms': ['ES256']}


def serve(world, *arguments, **options):
    """A broker and what serves for it."""
    return world.broker(), Server(world, '--verifiers-only', *arguments, **options)


def fetch(server, link, path, issuer=ISSUER, **options):
    """A GET for which the broker is asked for its keys."""
    wire = server.ask('GET', path, **options)
    link.complete(link.take('token_keys'), keys(issuer))
    return wire.answer()


def linked(world, *arguments, **options):
    """A server that is connected to a broker already; its link."""
    broker, server = serve(world, *arguments, **options)
    wire = server.ask('GET', JWKS)
    link = broker.accept()
    link.complete(link.take('token_keys'), keys())
    equal(wire.answer().status, 200)
    return server, link


def basic(name, secret):
    return {'Authorization': 'Basic ' + base64.b64encode(f'{name}:{secret}'.encode()).decode()}


# --- the program ---

@case('help and version are told, and what cannot be served is refused before it begins')
def options(world):
    for words, status, part in (
            (['--http', '127.0.0.1:0', '--help'], 0, '--tls-certificate'),
            (['--http', '127.0.0.1:0', '--version'], 0, 'countersign-mcp-http 0.'),
            (['--http'], 2, '127.0.0.1:8643'), (['--http', '8080'], 2, '127.0.0.1:8643'), (['--http', 'example.org:80'], 2, 'IP address'),
            (['--http', '::1:80'], 2, 'IP address'), (['--http', '127.0.0.1:65536'], 2, '127.0.0.1:8643'),
            (['--http', '127.0.0.1:-1'], 2, '127.0.0.1:8643'), (['--http', '127.0.0.1:0', 'word'], 2, 'usage'),
            (['--http', '127.0.0.1:0', '--hold', '301'], 2, '--hold'),
            (['--http', '0.0.0.0:0'], 2, '--tls-certificate'), (['--http', '[::]:0'], 2, '--tls-certificate'),
            (['--http', '127.0.0.1:0', '--tls-key', 'x'], 2, 'come together'),
            (['--http', '0.0.0.0:0', '--tls-key', 'x', '--tls-certificate', 'x'], 2, '--host'),
            (['--http', '127.0.0.1:0', '--host', 'https://x'], 2, 'a name alone'),
            (['--http', '127.0.0.1:0', '--tls-key', '/nowhere', '--tls-certificate', '/nowhere'], 1, '--tls-certificate')):
        done = subprocess.run([world.program('countersign-mcp'), *words], stdin=subprocess.DEVNULL, capture_output=True,
                              env=world.env, text=True, timeout=PATIENCE, check=False)
        equal(done.returncode, status, words)
        contains(done.stderr if status else done.stdout, part)
        equal(bool(done.stdout), status == 0, words)


@case('a port that is taken is named, and nothing is served')
def taken(world):
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        done = subprocess.run([world.program('countersign-mcp'), '--http', f'127.0.0.1:{other.getsockname()[1]}'],
                              capture_output=True, env=world.env, text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, 1)
    contains(done.stderr, 'Address already in use')


@case('what an MCP client starts loads no HTTP library')
def apart(world):
    loaded = {name: subprocess.run(['ldd', world.program(name)], capture_output=True, text=True, check=True).stdout
              for name in ('countersign-mcp', 'countersign-mcp-http')}
    contains(loaded['countersign-mcp-http'], 'libsoup')
    lacks(loaded['countersign-mcp'], 'libsoup')


@case('no broker is started to serve for: it would be locked')
def none_started(world):
    server = Server(world, '--verifiers-only')
    equal(server.get(JWKS).status, 503)
    assert world.nothing_started(0.3)


@case('it has given up what it does not need before it reads a byte, in each of its threads')
def sealed(world):
    server, _ = linked(world)
    threads = os.listdir(f'/proc/{server.pid}/task')
    for thread in threads:
        with open(f'/proc/{server.pid}/task/{thread}/status', encoding='utf-8') as status:
            said = dict(line.rstrip('\n').split(':\t', 1) for line in status if ':\t' in line)
        equal((said['NoNewPrivs'], said['Seccomp']), ('1', '2'), said['Name'])


@case('told to end, it answers what it was asked and ends')
def ending(world):
    server, link = linked(world)
    idle = server.wire()
    busy = server.form(REVOKE, 'token=t')
    call = link.take('token_end')
    server.process.terminate()
    assert idle.ended()
    link.complete(call, {})
    equal(busy.answer().status, 200)
    equal(server.process.wait(PATIENCE), 0)


# --- what is published ---

@case('a token is verified by an independent implementation that knows the issuer\'s address alone')
def verified(world):
    broker, server = serve(world)
    for path in ('', '/of/ours'):
        issuer = server.url + path
        token = jwt.encode({'iss': issuer, 'aud': 'github', 'sub': 'agent'}, KEY, algorithm='ES256', headers={'kid': 'k1'})
        verifier = Verifier(world, issuer, token, 'github')
        link = broker.links[0] if broker.links else broker.accept()
        for _ in range(3):  # metadata twice, then the keys
            link.complete(link.take('token_keys'), keys(issuer))
        said = verifier.told()
        equal(said.get('claims', said), {'iss': issuer, 'aud': 'github', 'sub': 'agent'})


@case('metadata says what there is, at the addresses that the issuer has')
def metadata(world):
    server, link = linked(world)
    for issuer, base, oauth, openid in (
            (ISSUER, ISSUER, OAUTH, OPENID), (f'{ISSUER}/', ISSUER, OAUTH, OPENID),
            (f'{ISSUER}/a/b', f'{ISSUER}/a/b', f'{OAUTH}/a/b', f'/a/b{OPENID}'), (f'{ISSUER}/a', f'{ISSUER}/a', OAUTH, OPENID)):
        said = fetch(server, link, oauth, issuer).json()
        equal(said, {'issuer': issuer, 'jwks_uri': base + JWKS, 'introspection_endpoint': base + INTROSPECT,
                     'introspection_endpoint_auth_methods_supported': ['client_secret_basic', 'client_secret_post'],
                     'revocation_endpoint': base + REVOKE, 'revocation_endpoint_auth_methods_supported': ['none'],
                     'grant_types_supported': [], 'response_types_supported': []})
        equal(fetch(server, link, openid, issuer).json(),
              {**said, 'response_types_supported': ['id_token'], 'subject_types_supported': ['public'],
               'id_token_signing_alg_values_supported': ['ES256']})


@case('below a path that is not the issuer\'s there is nothing')
def other_paths(world):
    server, link = linked(world)
    for path, issuer in ((f'{OAUTH}/b', f'{ISSUER}/a'), (f'/b{OPENID}', f'{ISSUER}/a'), (f'/b{JWKS}', ISSUER),
                         (f'/a/{JWKS}', f'{ISSUER}/a'), (f'{OAUTH}/', ISSUER),
                         (f'/.well-known/..{JWKS}', ISSUER), (f'/{JWKS}', ISSUER), (f'/ID{JWKS}', 'urn:countersign:ID')):
        equal(fetch(server, link, path, issuer).status, 404, path)
    equal(fetch(server, link, f'/a{JWKS}', f'{ISSUER}/a').status, 200)


@case('an issuer without an address has keys and no metadata, which names what to configure')
def no_address(world):
    server, link = linked(world)
    for path in (OAUTH, OPENID):
        answer = fetch(server, link, path, 'urn:countersign:x')
        equal(answer.status, 404)
        contains(answer.json()['error_description'], '`issuer URL`')
    equal(fetch(server, link, JWKS, 'urn:countersign:x').json(), keys()['jwks'])


@case('nothing is elsewhere, and nothing of what was asked for comes back')
def nothing_else(world):
    server, _ = linked(world)
    for path in ('/', '/mcp', '/token', '/token/', '/jwks.json', '/.well-known/', f'{OAUTH}x', f'{INTROSPECT}/', f'{JWKS}/',
                 '/.well-known%2fjwks.json', '/.WELL-KNOWN/jwks.json', f'/{CANARY}'):
        answer = server.get(path)
        equal((answer.status, answer.json()['error']), (404, 'not_found'), path)
        lacks(str(answer), CANARY)


@case('what is public may be kept, and is asked for again by its tag')
def cached(world):
    server, link = linked(world)
    answer = fetch(server, link, JWKS)
    equal(answer.headers['cache-control'], 'public, max-age=300')
    tag = answer.headers['etag']
    for asked, status in ((tag, 304), (f'"x", W/{tag}', 304), ('*', 304), ('"x"', 200)):
        again = fetch(server, link, JWKS, headers={'If-None-Match': asked})
        equal((again.status, again.headers['etag'], again.body == b''), (status, tag, status == 304), asked)
    wire = server.ask('GET', JWKS, {'If-None-Match': tag})
    link.complete(link.take('token_keys'), keys(ISSUER, key('k2')))
    answer = wire.answer()
    equal((answer.status, answer.headers['etag'] == tag), (200, False))


@case('a browser is given nothing for the pages of others')
def no_cors(world):
    server, link = linked(world)
    answer = fetch(server, link, JWKS, headers={'Origin': 'https://evil.example'})
    equal([name for name in answer.headers if name.startswith('access-control')], [])
    equal(answer.headers['x-content-type-options'], 'nosniff')
    for origin in ('https://evil.example', 'null', server.url):
        for path in (INTROSPECT, REVOKE):
            equal(server.form(path, 'token=t', {'Origin': origin, **basic('a', 'b')}).answer().status, 403, origin)
    preflight = server.ask('OPTIONS', INTROSPECT, {'Origin': 'https://evil.example', 'Access-Control-Request-Method': 'POST'})
    equal([name for name in preflight.answer().headers if name.startswith('access-control')], [])


# --- methods ---

@case('each address takes its methods, and says which they are')
def methods(world):
    server, link = linked(world)
    for path, allowed in ((JWKS, 'GET, HEAD, OPTIONS'), (OAUTH, 'GET, HEAD, OPTIONS'), (OPENID, 'GET, HEAD, OPTIONS'),
                          (INTROSPECT, 'POST, OPTIONS'), (REVOKE, 'POST, OPTIONS')):
        for method in ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT', 'BREW', 'get'):
            if method not in allowed.split(', '):
                answer = server.ask(method, path).answer(method == 'HEAD')
                equal((answer.status, answer.headers['allow']), (405, allowed), f'{method} {path}')
        answer = server.ask('OPTIONS', path).answer()
        equal((answer.status, answer.headers['allow'], answer.body), (204, allowed, b''), path)
    equal(server.ask('OPTIONS', '*').answer().status, 204)
    wire = server.ask('HEAD', JWKS)
    link.complete(link.take('token_keys'), keys())
    equal(wire.answer(head=True).headers['content-length'], str(len(fetch(server, link, JWKS).body)))
    assert wire.ended()


# --- introspection and revocation ---

@case('who says who it is hears of a token what the broker says, and nobody may keep it')
def introspected(world):
    server, link = linked(world)
    says = {'active': True, 'sub': 'agent', 'exp': 1, 'scope': 'repo'}
    for headers, body in (
            (basic('verifier', CANARY), f'token=a.b.c&token_type_hint=access_token&else={CANARY}'),
            (basic('verif%69er', 'canary%2D0123456789'), 'token=%61.b.c'),
            ({}, f'client_secret={CANARY}&token=a.b.c&client_id=verifier')):
        wire = server.form(INTROSPECT, body, headers)
        call = link.take('token_introspect')
        equal(call['params'], {'token': 'a.b.c', 'client_id': 'verifier', 'client_secret': CANARY})
        link.complete(call, says)
        answer = wire.answer()
        equal((answer.status, answer.json(), answer.headers['cache-control'], answer.headers.get('etag')), (200, says, 'no-store', None))


@case('who does not say who it is, or wrongly, is told how to, and nothing of the token')
def unknown_verifier(world):
    server, link = linked(world)
    for headers, body in (({}, 'token=t'), ({}, 'token=t&client_id=v'), ({}, 'token=t&client_secret=v')):
        answer = server.form(INTROSPECT, body, headers).answer()
        equal((answer.status, answer.json()['error'], answer.headers['www-authenticate']),
              (401, 'invalid_client', 'Basic realm="countersign", charset="UTF-8"'), body)
    wire = server.form(INTROSPECT, 'token=t', basic('verifier', 'wrong'))
    link.refuse(link.take('token_introspect'), 4, f'client: {CANARY}')
    answer = wire.answer()
    equal((answer.status, answer.json()['error'], answer.headers['cache-control']), (401, 'invalid_client', 'no-store'))
    lacks(str(answer), CANARY)


@case('what is no form, or says a thing twice, reaches nobody')
def bad_forms(world):
    server, _ = linked(world)
    right = basic('v', 's')
    for headers, body, part in (
            (right, '', 'token'), (right, 'token', 'encoded'), (right, 'token=', 'encoded'), (right, 'a=b', 'token is missing'),
            (right, 'token=a&token=b', 'twice'), (right, 'token=%', 'encoded'), (right, 'token=%4', 'encoded'),
            (right, 'token=%zz', 'encoded'), (right, 'token=%00', 'encoded'), (right, 'token=%ff', 'encoded'),
            (right, b'token=\xff', 'encoded'), (right, 'token=t&client_id=v&client_secret=s', 'once'),
            (right, 'token=t&client_secret=s', 'once'), ({'Authorization': 'Bearer x'}, 'token=t', 'Basic'),
            ({'Authorization': 'Basic'}, 'token=t', 'Basic'), ({'Authorization': 'Basic ???'}, 'token=t', 'encoded'),
            (basic('v%', 's'), 'token=t', 'encoded'), ({'Authorization': 'Basic ' + 'QQ' * 3000}, 'token=t', 'Basic')):
        answer = server.form(INTROSPECT, body, headers).answer()
        equal((answer.status, answer.json()['error'], answer.headers['cache-control']), (400, 'invalid_request', 'no-store'), body)
        contains(answer.json()['error_description'], part)
    for headers in ({'Content-Type': 'application/json'}, {'Content-Type': 'multipart/form-data; boundary=x'}):
        equal(server.form(INTROSPECT, '{"token":"t"}', {**right, **headers}).answer().status, 400)
    equal(server.form(f'{INTROSPECT}?token=t', 'token=t', right).answer().status, 400)
    equal(server.ask('POST', INTROSPECT, right).answer().status, 400)


@case('whoever has a token may end it, and one that there never was is ended too')
def revoked(world):
    server, link = linked(world)
    for headers, body in (({}, 'token=a.b.c'), (basic('any', 'one'), 'token=a.b.c&token_type_hint=x'), ({}, 'token=a.b.c&client_id=x')):
        wire = server.form(REVOKE, body, headers)
        call = link.take('token_end')
        equal(call['params'], {'token': 'a.b.c'})
        link.complete(call, {})
        answer = wire.answer()
        equal((answer.status, answer.body, answer.headers['cache-control']), (200, b'', 'no-store'))
    equal(server.form(REVOKE, 'x=y').answer().status, 400)


def in_memory(pid, text):
    with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
        for line in maps:
            span, mode, *_ = line.split()
            start, end = (int(at, 16) for at in span.split('-'))
            if mode[0] != 'r' or '[v' in line or end - start > 1 << 32:  # vdso and such; the shadow of a sanitizer
                continue
            memory.seek(start)
            try:
                found = text in memory.read(end - start)
            except OSError:
                continue
            if found:
                return True
    return False


@case('a token and a secret are nowhere in the memory of what carried them')
def wiped(world):
    server, link = linked(world, '--verbose')
    parts = (CANARY, CANARY[::-1] + CANARY)
    for headers, body in ((basic(parts[0], parts[1]), f'token={parts[0]}{parts[1]}'),
                          ({}, f'token={parts[1]}&client_id=x&client_secret={parts[0]}')):
        wire = server.form(INTROSPECT, body, headers)
        link.complete(link.take('token_introspect'), {'active': False})
        equal(wire.answer().status, 200)
    wire = server.form(REVOKE, f'token={CANARY}')
    link.complete(link.take('token_end'), {})
    equal(wire.answer().status, 200)
    fetch(server, link, JWKS)  # what came before has been let go of
    with open(server.errors, encoding='utf-8') as errors:
        lacks(errors.read(), CANARY)
    encoded = base64.b64encode(f'{parts[0]}:{parts[1]}'.encode())[8:28]  # a sanitizer writes over the first of what is freed
    equal(in_memory(server.pid, b'/.well-known/openid-configuration'), True)  # it can be looked into
    equal([text for text in (CANARY.encode(), encoded) if in_memory(server.pid, text)], [])


# --- when the broker cannot answer ---

@case('a broker that cannot answer is said so, with what to do and when to try again')
def unable(world):
    server, link = linked(world)
    for code, word, retry in ((1, 'countersign init', '60'), (2, 'busy', '1'), (3, 'countersign unlock', '30')):
        for wire in (server.ask('GET', JWKS), server.form(REVOKE, 'token=t'), server.form(INTROSPECT, 'token=t', basic('v', 's'))):
            link.refuse(link.take(), code, CANARY)
            answer = wire.answer()
            equal((answer.status, answer.headers['retry-after'], answer.headers['cache-control']), (503, retry, 'no-store'))
            contains(answer.json()['error_description'], word)
            lacks(str(answer), CANARY)
    wire = server.ask('GET', JWKS)
    link.refuse(link.take(), 6, CANARY)
    answer = wire.answer()
    equal(answer.status, 500)
    lacks(str(answer), CANARY)
    wire = server.form(INTROSPECT, 'token=t', basic('v', 's'))
    link.complete(link.take(), {'active': 'yes'})
    equal(wire.answer().status, 500)


@case('no broker is said so, without a word of where it would be')
def absent(world):
    server = Server(world, '--verifiers-only')
    for wire in (server.ask('GET', JWKS), server.form(REVOKE, 'token=t')):
        answer = wire.answer()
        equal((answer.status, answer.headers['retry-after']), (503, '10'))
        contains(answer.json()['error_description'], 'countersign unlock')
        lacks(str(answer), world.base)


@case('a broker that is replaced meanwhile is asked again')
def replaced(world):
    broker, server = serve(world)
    wire = server.ask('GET', JWKS)
    link = broker.accept()
    link.take('token_keys')
    broker.stop()
    again = world.broker().accept('second')
    again.complete(again.take('token_keys'), keys())
    equal(wire.answer().status, 200)


# --- what comes over the wire ---

@case('what two readers could understand differently is refused, and nothing behind it is read')
def smuggling(world):
    server, _ = linked(world)
    hidden = f'GET /{CANARY} HTTP/1.1\r\nHost: localhost\r\n\r\n'
    head = f'POST {REVOKE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n'
    for what, sent, status in (
            ('chunks', f'{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 411),
            ('chunks and a length', f'{head}Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 411),
            ('a length and chunks', f'{head}Transfer-Encoding: identity\r\nContent-Length: 7\r\n\r\ntoken=t', 411),
            ('two lengths', f'{head}Content-Length: 7\r\nContent-Length: 0\r\n\r\ntoken=t', 400),
            ('two lengths alike', f'{head}Content-Length: 7\r\nContent-Length: 7\r\n\r\ntoken=t', 400),
            ('a list of lengths', f'{head}Content-Length: 7, 7\r\n\r\ntoken=t', 400),
            ('a length with a sign', f'{head}Content-Length: +7\r\n\r\ntoken=t', 400),
            ('a length in hexadecimal', f'{head}Content-Length: 0x7\r\n\r\ntoken=t', 400),
            ('no length', f'{head}Content-Length: \r\n\r\ntoken=t', 400),
            ('a space before the colon', f'{head}Content-Length : 7\r\n\r\ntoken=t', 400),
            ('a line that goes on', f'{head}X: a\r\n b\r\nContent-Length: 7\r\n\r\ntoken=t', 400),
            ('a header without a colon', f'{head}Content-Length\r\n\r\n', 400),
            ('a header without a name', f'{head}: x\r\n\r\n', 400),
            ('a NUL', f'{head}X: a\0b\r\n\r\n', 400),
            ('a CR alone', f'{head}X: a\rContent-Length: 7\r\n\r\n', 400),
            ('LF alone', f'{head}X: a\nContent-Length: 7\r\n\r\n', 400),
            ('LF throughout', 'GET / HTTP/1.1\nHost: localhost\n\n', 400),
            ('an empty line first', f'\r\n{head}\r\n', 400),
            ('a GET with a body', f'GET {JWKS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello', 400),
            ('to be asked for the body', f'{head}Expect: 100-continue\r\nContent-Length: 7\r\n\r\n', 417),
            ('two spaces', f'GET  {JWKS} HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
            ('a tab', f'GET\t{JWKS} HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
            ('no version', f'GET {JWKS}\r\nHost: localhost\r\n\r\n', 400),
            ('another version', f'GET {JWKS} HTTP/2.0\r\nHost: localhost\r\n\r\n', 505),
            ('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400),
            ('an address of a proxy', f'GET http://localhost{JWKS} HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
            ('a fragment', f'GET {JWKS}#x HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
            ('an address that is no text', f'GET {JWKS}\x80 HTTP/1.1\r\nHost: localhost\r\n\r\n', 400),
            ('no Host', f'GET {JWKS} HTTP/1.1\r\n\r\n', 400),
            ('no Host, as once', f'GET {JWKS} HTTP/1.0\r\n\r\n', 400),
            ('two Hosts', f'GET {JWKS} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', 400),
            ('a Host of two', f'GET {JWKS} HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n', 400),
            ('a Host with a user', f'GET {JWKS} HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n', 400),
            ('a Host with a path', f'GET {JWKS} HTTP/1.1\r\nHost: localhost/x\r\n\r\n', 400),
            ('a Host with a port that is none', f'GET {JWKS} HTTP/1.1\r\nHost: localhost:x\r\n\r\n', 400),
            ('two authorizations', f'{head}Authorization: Basic eDp5\r\nAuthorization: Basic eDp5\r\n\r\n', 400),
            ('two types', f'{head}Content-Type: text/plain\r\n\r\n', 400),
            ('no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400)):
        wire = server.wire().send((sent + hidden).encode('latin-1'))
        answer = wire.answer()
        equal((answer.status, answer.headers['connection']), (status, 'close'), what)
        lacks(str(answer), CANARY)
        assert wire.ended(), what


@case('what is too large is refused before it is taken in')
def too_large(world):
    server, _ = linked(world)
    form = f'POST {REVOKE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n'
    for what, sent, status in (
            ('a body', f'{form}Content-Length: 32769\r\n\r\n', 413),
            ('a body beyond all numbers', f'{form}Content-Length: {"9" * 40}\r\n\r\n', 413),
            ('headers', f'GET {JWKS} HTTP/1.1\r\nHost: localhost\r\nX: {"x" * 16384}\r\n\r\n', 431),
            ('headers without end', f'GET {JWKS} HTTP/1.1\r\n' + 'X: y\r\n' * 4000, 431),
            ('an address', f'GET /{"x" * 2048} HTTP/1.1\r\nHost: localhost\r\n\r\n', 414),
            ('a method', f'{"X" * 17} / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400)):
        wire = server.wire().send(sent)
        answer = wire.answer()
        equal((answer and answer.status), status, what)
        assert wire.ended(), what


@case('a body of the largest size is taken, in pieces of any size')
def largest(world):
    server, link = linked(world)
    body = b'token=t&' + b'x' * (32768 - 8)
    wire = server.wire()
    sent = (f'POST {REVOKE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded ; charset=utf-8\r\n'
            f'Content-Length: {len(body)}\r\n\r\n').encode() + body
    wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, 200):
        wire.send(sent[at:at + 1])
    wire.send(sent[200:])
    link.complete(link.take('token_end'), {})
    equal(wire.answer().status, 200)


@case('a connection goes on after each answer, and requests sent at once are answered in their order')
def keep_alive(world):
    server, link = linked(world)
    wire = server.wire()
    for n in range(20):
        wire.request('GET', f'/{n}' if n % 2 else JWKS)
        if n % 2 == 0:
            link.complete(link.take('token_keys'), keys())
        equal(wire.answer().status, 404 if n % 2 else 200)
    count = tap.count(200, 5000)
    for _ in range(count):
        wire.request('GET', '/nothing')
    wire.request('OPTIONS', JWKS, {'Connection': 'Keep-Alive, Close'})
    for _ in range(count):
        equal(wire.answer().status, 404)
    answer = wire.answer()
    equal((answer.status, answer.headers.get('connection')), (204, 'close'))
    assert wire.ended()


@case('who speaks HTTP/1.0 is answered and left')
def old(world):
    server, _ = linked(world)
    wire = server.wire().send('GET /x HTTP/1.0\r\nHost: localhost\r\n\r\n')
    equal(wire.answer().status, 404)
    assert wire.ended()


@case('under a name that is not its own it answers nobody')
def rebinding(world):
    server, link = linked(world, '--host', 'Tokens.example', '--host', 'other.example')
    for host in ('evil.example', 'localhost.evil.example', 'evil.localhost', '127.0.0.1.evil.example', '127.0.0.2', '0.0.0.0',
                 '[::]', '2130706433', 'localhost.', f'evil.example:{server.port}'):
        for method, path in (('GET', JWKS), ('POST', INTROSPECT), ('GET', '/'), ('OPTIONS', JWKS)):
            answer = server.ask(method, path, host=host).answer()
            equal((answer.status, answer.phrase), (421, 'Misdirected Request'), host)
            lacks(str(answer), 'evil')
    for host in ('localhost', 'LOCALHOST', f'localhost:{server.port}', '127.0.0.1', '[::1]:1', 'tokens.example', 'TOKENS.example:443'):
        equal(fetch(server, link, JWKS, host=host).status, 200, host)


@case('who sends slowly is ended, and told so when something had come')
def slow(world):
    server, _ = linked(world)
    half = server.wire().send(f'GET {JWKS} HTTP/1.1\r\nHost: loc')
    body = server.wire().send(f'POST {REVOKE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nto')
    for wire in (half, body):
        equal(wire.answer().status, 408)
        assert wire.ended()


@case('more who say nothing than there is room for keep nobody from being answered, and its memory stays as it was')
def crowded(world):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 4096:
        raise Skip(f'no more than {most} files may be open here')
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, most))
    # A sanitizer keeps what was freed for a while; not here, where it would count.
    spare = ':'.join(filter(None, (world.env.get('ASAN_OPTIONS'), 'quarantine_size_mb=1')))
    server, link = linked(world, env={**world.env, 'ASAN_OPTIONS': spare})

    def round_of(count):
        crowd = [server.wire() for _ in range(count)]
        for wire in crowd[::2]:
            try:
                wire.send(f'POST {INTROSPECT} HTTP/1.1\r\nX: ' + 'x' * 4000)
            except OSError:
                pass  # its place was taken already
        equal(fetch(server, link, JWKS).status, 200)
        assert len(os.listdir(f'/proc/{server.pid}/fd')) < 2150  # the others' places went to those who came later
        for wire in crowd:
            wire.close()
        equal(fetch(server, link, JWKS).status, 200)

    def resident():
        with open(f'/proc/{server.pid}/statm') as statm:
            return int(statm.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    round_of(2200)
    before = resident()
    for _ in range(tap.count(1, 10)):
        round_of(2200)
    grown = resident() - before
    assert grown < 8 << 20, f'{grown >> 10} KiB more'


# --- TLS ---

@case('with a certificate it is spoken to over TLS alone, at any address')
def tls(world):
    authority = Authority()
    site = authority.site(world.base, ['localhost'])
    broker, server = serve(world, '--tls-certificate', site, '--tls-key', site, '--host', 'localhost', address='0.0.0.0')
    server.address = '127.0.0.1'
    contains(server.url, 'https://')
    trust = ssl.create_default_context(cadata=authority.pem)
    wire = server.wire(tls=trust)
    for n in range(3):
        wire.request('GET', JWKS)
        link = broker.links[0] if n else broker.accept()
        link.complete(link.take('token_keys'), keys())
        equal(wire.answer().status, 200)
    plain = server.wire().request('GET', JWKS)
    assert plain.answer() is None
    old_version = ssl.create_default_context(cadata=authority.pem)
    old_version.set_ciphers('ALL:@SECLEVEL=0')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        old_version.minimum_version = ssl.TLSVersion.TLSv1
        old_version.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        server.wire(tls=old_version)
    except (ssl.SSLError, ConnectionResetError):
        pass
    else:
        raise AssertionError('TLS 1.1 was spoken')
    equal(fetch(server, link, JWKS, tls=trust).json(), keys()['jwks'])


sys.exit(tap.run(double.World))
