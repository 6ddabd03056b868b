# SPDX-License-Identifier: MIT
"""Who calls over HTTP: tokens of issuers that a person accepted, and local ones; what each gets, and who gets nothing."""

import base64
import json
import os
import subprocess
import time

import jwt

import callerworld
import countersign
from callerworld import FILE, LEGACY, Caller, Reply
from issuerworld import Key, decode, encode, public_pem, reheaded
from lines import PATIENCE
from tap import case, contains, equal, lacks

WELL_KNOWN = '/.well-known/oauth-protected-resource'
ASK = {'name': 'demo', 'purpose': 'deploy the site'}


def resource(server):
    """What this server's tokens are for, when nobody says another."""
    return f'{server.url}/mcp'


def metadata_url(server):
    return f'{server.url}{WELL_KNOWN}/mcp'


def comes_in(server, token):
    """Whether who shows this gets an answer of MCP's."""
    return Caller(server, token).call('broker_status').status == 200


# --- nobody in particular ---

@case('who shows no token is told where to get one, and nothing else')
def none(world):
    issuer = world.issuer(more='require-scope read write\n')
    server = world.serve()
    for method in ('server/discover', 'tools/list', 'initialize'):
        reply = Caller(server).post(method)
        equal(reply.status, 401)
        equal(reply.headers['www-authenticate'], f'Bearer resource_metadata="{metadata_url(server)}", scope="read write"')
    for path in (WELL_KNOWN, f'{WELL_KNOWN}/mcp'):
        equal(server.get(path).json(), {'resource': resource(server), 'authorization_servers': [issuer.issuer],
                                        'scopes_supported': ['read', 'write'], 'bearer_methods_supported': ['header']})
    equal(server.get(f'{WELL_KNOWN}/other').status, 404)
    for method, path, status, allow in (
            ('OPTIONS', '/mcp', 204, 'GET, POST, DELETE, OPTIONS'), ('OPTIONS', WELL_KNOWN, 204, 'GET, HEAD, OPTIONS'),
            ('POST', WELL_KNOWN, 405, 'GET, HEAD, OPTIONS')):
        answer = server.ask(method, path).answer()
        equal((answer.status, answer.headers['allow']), (status, allow))
    for method in ('GET', 'DELETE', 'PUT'):
        equal(server.ask(method, '/mcp').answer().status, 401, method)


@case('with local tokens alone there is no metadata, and a client is told Bearer and no more')
def local_alone(world):
    token = world.local()
    server = world.serve()
    for shown in (None, 'cs_wrong'):
        reply = Caller(server, shown).post('tools/list')
        equal((reply.status, reply.headers['www-authenticate']), (401, 'Bearer'))
    for path in (WELL_KNOWN, f'{WELL_KNOWN}/mcp'):
        equal(server.get(path).status, 404)
    assert comes_in(server, token)


@case('a page in a browser gets nothing, whatever it shows, and neither does who calls by another name')
def pages(world):
    token = world.local()
    server = world.serve()
    for origin in ('https://evil.example', 'null', 'http://localhost:1', 'http://localhost.evil.example'):
        equal(Caller(server, token).post('tools/list', Origin=origin).status, 403, origin)
    equal(server.ask('POST', '/mcp', {'Authorization': f'Bearer {token}'}, b'{}', host='evil.example').answer().status, 421)
    assert comes_in(server, token)


# --- tokens that are no good ---

def forged(issuer, audience):
    """Sentences, and tokens that are no good."""
    good = issuer.token(audience)
    head, body, signature = good.split('.')
    other = Key('ES256', 'key-ES256')
    pem = public_pem(issuer.keys['ES256'].private)
    claims = json.loads(decode(body))
    now = int(time.time())
    symmetric = encode(json.dumps({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'key-ES256'}).encode()) + '.' + body
    hs256 = jwt.get_algorithm_by_name('HS256')
    none_head = encode(json.dumps({'alg': 'none', 'typ': 'at+jwt'}).encode())
    return {
        'of another issuer': issuer.token(audience, iss='https://other.example'),
        'of no issuer': issuer.token(audience, iss=None),
        'for another resource': issuer.token('https://other.example/mcp'),
        'for a part of this address': issuer.token(audience[:-1]),
        'for this address with a slash': issuer.token(audience + '/'),
        'for nobody': issuer.token(audience, aud=None),
        'that has ended': issuer.token(audience, exp=now - 120),
        'without an end': issuer.token(audience, exp=None),
        'that begins tomorrow': issuer.token(audience, nbf=now + 86400),
        'of nobody': issuer.token(audience, sub=None, email=None),
        'of another type': issuer.token(audience, header={'typ': 'JWT'}),
        'that is an ID token': issuer.token(audience, header={'typ': 'id_token+jwt'}),
        'with a header that it declares critical': issuer.token(audience, header={'crit': ['x'], 'x': 1}),
        'signed by nobody': f'{none_head}.{body}.',
        'signed by nobody, with the old signature': f'{none_head}.{body}.{signature}',
        'with the public key as a password': f'{symmetric}.{encode(hs256.sign(symmetric.encode(), pem))}',
        'signed by another key of this name': issuer.token(audience, key=other),
        'whose key is not known': issuer.token(audience, header={'kid': 'nobody'}),
        'that says by which key itself': issuer.token(audience, key=other, header={'jwk': other.published()}),
        'whose claims were changed': f'{head}.{encode(json.dumps({**claims, "sub": "u-bob"}).encode())}.{signature}',
        'whose header was changed': reheaded(good, kid='nobody'),
        'that is cut': good[:-4],
        'without its signature': f'{head}.{body}',
        'with a part too many': f'{good}.{signature}',
        'that is no token': 'abc',
        'that looks like a local one': 'cs_' + 'a' * 43,
    }


@case('a token that is no good is refused, each in the same words, and the good one is not')
def wrong(world):
    issuer = world.issuer()
    server = world.serve('--verbose')
    audience = resource(server)
    assert comes_in(server, issuer.token(audience)), 'the good one'
    told = f'error="invalid_token", error_description="The token is not good here: it has ended, is for another resource, or is of an issuer that is not accepted.", resource_metadata="{metadata_url(server)}"'
    tokens = forged(issuer, audience)
    for sentence, token in tokens.items():
        reply = Caller(server, token).post('tools/list')
        equal((reply.status, reply.headers['www-authenticate']), (401, f'Bearer {told}'), sentence)
        equal(reply.messages[0]['error'], 'invalid_token')
    assert comes_in(server, issuer.token(audience)), 'the good one afterwards'
    for name, text in world.logs():
        for sentence, token in tokens.items():
            if len(token) > 20:
                lacks(text, token)
    for record in world.records():
        lacks(json.dumps(record), tokens['that has ended'])


@case('a token is taken from its header alone, which may stand once; the scheme in any case')
def places(world):
    token = world.local()
    server = world.serve('--verbose')
    body, usual = Caller(server).message('server/discover')

    def status(path='/mcp', *lines):
        wire = server.wire()
        head = '\r\n'.join([f'POST {path} HTTP/1.1', 'Host: localhost', 'Connection: close', f'Content-Length: {len(body)}',
                            *(f'{name}: {value}' for name, value in usual.items()), *lines])
        return wire.send(head.encode() + b'\r\n\r\n' + body).answer().status

    good = f'Authorization: Bearer {token}'
    for sentence, wanted, asked in (
            ('as it is', 200, status('/mcp', good)), ('the scheme in lower case', 200, status('/mcp', f'authorization: bearer {token}')),
            ('the scheme in upper case', 200, status('/mcp', f'AUTHORIZATION: BEARER {token}')),
            ('twice', 400, status('/mcp', good, good)), ('a good and a wrong one', 400, status('/mcp', good, 'Authorization: Bearer x')),
            ('two in one', 401, status('/mcp', f'{good}, Bearer x')), ('another scheme', 401, status('/mcp', f'Authorization: Basic {base64.b64encode(b"a:b").decode()}')),
            ('the token alone', 401, status('/mcp', f'Authorization: {token}')), ('in quotes', 401, status('/mcp', f'Authorization: Bearer "{token}"')),
            ('in the address', 400, status(f'/mcp?access_token={token}')), ('in the address too', 400, status(f'/mcp?access_token={token}', good)),
            ('anything in the address', 400, status('/mcp?', good)), ('as a cookie', 401, status('/mcp', f'Cookie: access_token={token}')),
            ('at a path of its own', 404, status(f'/mcp/{token}'))):
        equal(asked, wanted, sentence)
    for _, text in world.logs():
        lacks(text, token[4:])


@case('a good token that lacks what is required is told all that is needed')
def scope(world):
    issuer = world.issuer(more='require-scope read write\n')
    server = world.serve('--verbose')
    reply = Caller(server, issuer.token(resource(server), scope='read')).post('tools/list')
    equal(reply.status, 403)
    equal(reply.headers['www-authenticate'], f'Bearer error="insufficient_scope", error_description="The token does not allow this: it lacks a scope or a claim that is required here.", resource_metadata="{metadata_url(server)}", scope="read write"')
    assert comes_in(server, issuer.token(resource(server), scope='write other read'))


# --- who calls ---

@case('who a token names asks, is held, and gets what a person grants; the card and the trail have the name')
def subject(world):
    issuer = world.issuer()
    server = world.serve()
    human = world.person()
    for era in (callerworld.MODERN, LEGACY):
        ann = Caller(server, issuer.token(resource(server)), era)
        if era == LEGACY:
            equal(ann.initialize().status, 200)
        call = ann.start('get_secret', {**ASK, 'name': 'demo', 'purpose': f'for {era}'})
        held = human.hear('held')
        contains(held['card'], 'ann@example.com')
        human.decide(held, pin=countersign.PIN)
        equal(Reply(call.getresponse()).tool()['status'], 'completed')
        world.cli('revoke', '--all')
    shown = world.cli('audit', 'list', pin=True).out
    contains(shown, 'ann@example.com')


@case('a rule that allows a caller by name allows nobody else')
def ruled(world):
    issuer = world.issuer()
    world.accept(policy='allow mint_token caller work/ann@example.com\ndeny reveal\n')
    server = world.serve()
    other = world.issuer(name='other')
    for whose, name, verdict in ((issuer, 'ann', 'allow'), (issuer, 'bob', 'ask'), (other, 'ann', 'ask')):
        caller = Caller(server, whose.token(resource(server), sub=f'u-{name}', email=f'{name}@example.com'))
        equal(caller.call('explain_access', {'operation': 'mint_token'}).tool()['result']['verdict'], verdict, name)


# --- local tokens ---

@case('a local token is shown once, opens, and is worth nothing the moment it is removed')
def local(world):
    token = world.local('ci')
    server = world.serve()
    human = world.person()
    lacks(world.cli('caller', 'list', pin=True).out, token[4:])
    ci = Caller(server, token, LEGACY)
    equal(ci.initialize().status, 200)
    call = ci.start('get_secret', ASK)
    contains(human.hear('held')['card'], 'ci')
    world.cli('caller', 'rm', 'ci')
    assert human.hear('closed')
    reply = Reply(call.getresponse())
    equal(reply.messages[-1]['result']['isError'], True)
    for method in ('tools/list', 'ping'):
        reply = ci.post(method)
        equal((reply.status, reply.headers['www-authenticate']), (401, 'Bearer'))


@case('what is held for a token ends with the token, and the next request is refused')
def ending_token(world):
    issuer = world.issuer()
    server = world.serve()
    human = world.person()
    ann = Caller(server, issuer.token(resource(server), exp=int(time.time()) + 3), LEGACY)
    equal(ann.initialize().status, 200)
    call = ann.start('get_secret', ASK)
    human.hear('held')
    human.hear('closed')
    equal(Reply(call.getresponse()).result()['isError'], True)
    equal(ann.post('ping').status, 401)
    equal(human.pending(), [])


# --- each for itself ---

@case("what is one caller's is nobody else's: session, request, reference")
def deputies(world):
    world.accept(policy='ask { get_secret reveal } max 1h\n')
    issuer = world.issuer()
    server = world.serve('--verbose')
    human = world.person()
    ann, bob = (Caller(server, issuer.token(resource(server), sub=f'u-{name}', email=f'{name}@example.com'), LEGACY) for name in ('ann', 'bob'))
    for caller in (ann, bob):
        equal(caller.initialize().status, 200)
    call = ann.start('get_secret', ASK)
    held = human.hear('held')
    mine = bob.session
    bob.session = ann.session
    equal(bob.post('ping').status, 404, "another's session")
    bob.session = mine
    theirs = bob.call('approval_wait', {'request_id': held['request_id'], 'timeout_seconds': 1}).tool()
    equal(theirs['status'], 'failed')
    human.decide(held, pin=countersign.PIN)
    reference = Reply(call.getresponse()).tool()['result']['reference']['id']
    equal(bob.call('resolve_secret', {'reference_id': reference}).tool()['status'], 'failed')
    call = ann.start('resolve_secret', {'reference_id': reference})
    human.decide(human.hear('held'), pin=countersign.PIN)
    equal(Reply(call.getresponse()).tool()['status'], 'completed')


@case('a task and a state to come back with are names: who has them and is another gets nothing')
def states(world):
    issuer = world.issuer()
    server = world.serve('--hold', '0')
    human = world.person()
    ann, bob = (Caller(server, issuer.token(resource(server), sub=f'u-{name}', email=f'{name}@example.com')) for name in ('ann', 'bob'))
    tasks = {'extensions': {'io.modelcontextprotocol/tasks': {}}}
    task = ann.call('get_secret', ASK, capabilities=tasks).result()
    equal((task['resultType'], task['status']), ('task', 'working'))
    held = human.hear('held')
    for method in ('tasks/get', 'tasks/cancel'):
        reply = bob.post(method, {'taskId': task['taskId']}, capabilities=tasks, Mcp_Name=task['taskId'])
        equal(reply.messages[-1]['error']['code'], -32602, method)
    state = ann.call('get_secret', ASK).result()['requestState']
    reply = bob.post('tools/call', {'name': 'get_secret', 'arguments': ASK, 'requestState': state})
    assert 'result' not in reply.messages[-1] or reply.result().get('isError'), reply
    human.decide(held, pin=countersign.PIN)
    done = ann.post('tasks/get', {'taskId': task['taskId']}, capabilities=tasks, Mcp_Name=task['taskId']).result()
    equal((done['status'], done['result']['structuredContent']['status']), ('completed', 'completed'))


# --- the broker ---

@case('while the broker is locked or away everybody is told to come back, and then comes in')
def locked(world):
    issuer = world.issuer()
    server = world.serve()
    shown = issuer.token(resource(server))
    ann = Caller(server, shown)
    equal(ann.post('tools/list').status, 200)
    world.cli('lock')
    # Who is in already may ask, and is held until the person unlocks.
    equal(ann.post('tools/list').status, 200)
    for who in (None, issuer.token(resource(server)), 'abc'):
        reply = Caller(server, who).post('tools/list')
        equal((reply.status, 'retry-after' in reply.headers), (503, True), who)
    world.unlock()
    assert comes_in(server, shown)


@case('a call that is held goes on with the broker that replaces the one it was asked of')
def replaced(world):
    issuer = world.issuer()
    server = world.serve()
    human = world.person()
    ann = Caller(server, issuer.token(resource(server)))
    call = ann.start('get_secret', ASK)
    human.hear('held')
    world.kill_broker()
    world.unlock()
    human = world.person()
    held, = human.pending() or [human.hear('held')]
    human.decide(held, pin=countersign.PIN)
    equal(Reply(call.getresponse()).tool()['status'], 'completed')


@case('told to end, it ends, though a call is held')
def ending(world):
    token = world.local()
    server = world.serve()
    human = world.person()
    call = Caller(server, token).start('get_secret', ASK)
    human.hear('held')
    equal(server.stop(), 0)
    assert human.hear('closed')
    del call


# --- beginning ---

def begin(world, *arguments, env=()):
    """It is to refuse: what it says."""
    done = subprocess.run([world.program('countersign-mcp'), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**world.env, **dict(env)}, timeout=PATIENCE, check=False)
    equal(done.stdout, '', arguments)
    return done.returncode, done.stderr


@case('it does not begin when nobody could call, and says what to do')
def nobody(world):
    status, said = begin(world, '--http', '127.0.0.1:0')
    equal(status, 1)
    for part in ('countersign caller trust', 'countersign caller add', '--verifiers-only'):
        contains(said, part)
    server = world.serve('--verifiers-only')
    equal(server.ask('POST', '/mcp').answer().status, 404)
    equal(server.get(WELL_KNOWN).status, 404)


@case('VOUCH_ISSUER and PORT are enough once that issuer is accepted, and not before')
def vouch(world):
    port = str(callerworld.free_port())
    env = {'VOUCH_ISSUER': 'https://vouch.example', 'PORT': port}
    world.local()
    status, said = begin(world, '--http', env=env)
    equal(status, 1)
    contains(said, 'countersign caller trust https://vouch.example')
    # What it says is what is to be done.
    world.cli('caller', 'trust', 'https://vouch.example', pin=True)
    with open(os.path.join(world.config, 'callers.d', 'vouch.conf'), encoding='utf-8') as file:
        for line in file.read().splitlines():
            contains(said, line)
    server = world.serve(address=None, env={**world.env, **env})
    equal(server.url, f'http://127.0.0.1:{port}')
    equal(server.get(WELL_KNOWN).json()['authorization_servers'], ['https://vouch.example'])


@case('the address that tokens are for is the one that is said, and nothing that only looks like one')
def said(world):
    issuer = world.issuer()
    uri = 'https://mcp.example.org/team/mcp'
    for wrong, part in (('mcp.example.org', 'no address'), (uri + '/', 'slash'), ('http://mcp.example.org/mcp', 'https://'), (uri + '#', 'fragment')):
        status, words = begin(world, '--http', '127.0.0.1:0', '--resource', wrong)
        equal(status, 2, wrong)
        contains(words, part)
    equal(begin(world, '--http', '127.0.0.1:0', '--resource', uri, '--verifiers-only')[0], 2)
    server = world.serve('--resource', uri)
    for path in ('', '/mcp', '/team/mcp'):
        equal(server.get(WELL_KNOWN + path, host='mcp.example.org').json()['resource'], uri)
    contains(Caller(server).post('tools/list').headers['www-authenticate'], f'resource_metadata="https://mcp.example.org{WELL_KNOWN}/team/mcp"')
    assert comes_in(server, issuer.token(uri))
    assert not comes_in(server, issuer.token(resource(server)))


callerworld.main()
