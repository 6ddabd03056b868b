# SPDX-License-Identifier: MIT
"""How countersign-mcp-http comes to let somebody in, and when it no longer does. The broker is played by the case."""

import datetime
import sys

import double
import tap
from callerworld import LEGACY, Caller, Reply
from httpserve import Server
from tap import case, contains, equal, lacks

ISSUERS = {'issuers': [{'name': 'work', 'issuer': 'https://login.example', 'scopes': ['read']}], 'local': 0}


def later(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%SZ')


def subject(name='ann', seconds=600, **more):
    return {'subject': f'{name}@example.com', 'issuer': 'work', 'label': f'{name}@example.com', 'scopes': ['read'],
            'expires_at': later(seconds), 'local': False, **more}


def serve(world, *arguments):
    """A broker, what serves for it, and the connection on which that asks for itself."""
    broker = world.broker()
    process = Server.begin(world, *arguments)
    link = broker.accept()
    link.complete(link.take('resource'), ISSUERS)
    return broker, process.ready(), link


def shown(broker, token, server):
    """The connection that was made for this token, and the call that shows it."""
    link = broker.accept()
    call = link.take('bearer')
    equal(call['params'], {'token': token, 'resource': f'{server.url}/mcp'})
    return link, call


def comes_in(broker, caller, who=None, method='ping'):
    """A request of who has not been seen with this token; the connection that was made, and the reply."""
    asked = caller.begin(method) if method != 'initialize' else caller.begin_handshake()
    link, call = shown(broker, caller.token, caller.server)
    link.complete(call, who or subject())
    return link, Reply(asked.getresponse())


@case('what the broker says of a token is what its sender is answered')
def told(world):
    broker, server, link = serve(world, '--verbose')
    for number, (sentence, error, status, header) in enumerate((
            ('no good', {'code': 4, 'data': {'reason': 'bearer', 'error': 'invalid_token'}}, 401, 'error="invalid_token"'),
            ('no token at all', {'code': -32602}, 401, 'error="invalid_token"'),
            ('lacks a scope', {'code': 4, 'data': {'reason': 'bearer', 'error': 'insufficient_scope', 'scope': 'a b'}}, 403, 'scope="a b"'),
            ('not set up', {'code': 1}, 503, None), ('busy', {'code': 2}, 503, None), ('locked', {'code': 3}, 503, None),
            ('the issuer does not answer', {'code': 6, 'data': {'reason': 'issuer'}}, 503, None),
            ('something is wrong here', {'code': 6}, 500, None))):
        caller = Caller(server, f't{number}')
        asked = caller.begin('tools/list')
        mine, call = shown(broker, caller.token, server)
        mine.lines.send({'jsonrpc': '2.0', 'id': call['id'], 'error': {'message': 'of \x1b ann', **error}})
        if status == 401:
            link.complete(link.take('resource'), ISSUERS)
        reply = Reply(asked.getresponse())
        equal(reply.status, status, sentence)
        equal('retry-after' in reply.headers, status == 503, sentence)
        lacks(reply.body, 'ann')
        if header is not None:
            contains(reply.headers['www-authenticate'], header)
        mine.ended()
    for _, text in world.logs():
        lacks(text, '\x1b')


@case('a token is shown once, and what comes with it again is not asked about again')
def once(world):
    broker, server, _ = serve(world)
    caller = Caller(server, 't1', LEGACY)
    link, reply = comes_in(broker, caller, method='initialize')
    equal(reply.status, 200)
    caller.session = reply.headers['mcp-session-id']
    equal(caller.post('ping').status, 200)
    equal(caller.post('ping').status, 200)
    call = caller.start('broker_status')
    link.complete(link.take('broker_status'), {'state': 'unlocked'})
    equal(Reply(call.getresponse()).tool()['status'], 'completed')


@case('many who come at once with one token wait for one answer')
def together(world):
    broker, server, _ = serve(world)
    caller = Caller(server, 't1')
    asked = [caller.begin('server/discover') for _ in range(8)]
    link, call = shown(broker, 't1', server)
    link.complete(call, subject())
    equal([Reply(one.getresponse()).status for one in asked], [200] * 8)


@case('tokens about which the broker says nothing yet keep no other out, until there are very many')
def waiting(world):
    broker, server, _ = serve(world)
    silent = [Caller(server, f'silent{number}').begin('server/discover') for number in range(128)]
    links = [broker.accept() for _ in silent]
    calls = [link.take('bearer') for link in links]
    equal(Caller(server, 'other').post('server/discover').status, 503)
    links[0].complete(calls[0], subject())
    equal(Reply(silent[0].getresponse()).status, 200)
    equal(comes_in(broker, Caller(server, 'other'), subject('bob'), method='server/discover')[1].status, 200)
    for link, call in list(zip(links, calls))[1:]:
        link.complete(call, subject())
    equal({Reply(one.getresponse()).status for one in silent[1:]}, {200})


@case('who renews a token stays who they are: the session goes on, and what waits for a person too')
def renewed(world):
    broker, server, _ = serve(world)
    caller = Caller(server, 't1', LEGACY)
    link, reply = comes_in(broker, caller, method='initialize')
    caller.session = reply.headers['mcp-session-id']
    held = caller.start('get_secret', {'name': 'demo', 'purpose': 'a test'})
    call = link.take('get_secret')
    link.hold(call)
    caller.token = 't2'
    second, reply = comes_in(broker, caller, subject(seconds=1200))
    equal(reply.status, 200)
    second.ended()
    link.complete(call, {'reference_id': 'ref'}, request_id='r1')
    equal(Reply(held.getresponse()).tool()['status'], 'completed')
    # The first one is over, and the broker ends the connection: the other is what is shown now.
    link.close()
    asked = caller.begin('ping')
    again, call = shown(broker, 't2', server)
    again.complete(call, subject(seconds=1200))
    equal(Reply(asked.getresponse()).status, 200)


@case('who is another, or has proven another thing, does not get into a session')
def others(world):
    broker, server, _ = serve(world)
    caller = Caller(server, 't1', LEGACY)
    _, reply = comes_in(broker, caller, subject(label='ann@example.com, hardware-verified'), method='initialize')
    session = reply.headers['mcp-session-id']
    for number, who in enumerate((subject('bob'), subject(), subject(issuer='other'),
                                  subject(label='ann@example.com, hardware-verified', scopes=['read', 'write']))):
        other = Caller(server, f'other{number}', LEGACY)
        other.session = session
        equal(comes_in(broker, other, who)[1].status, 404, who)


@case('a token that the broker ends is refused from then on; its session ends with it, and the stream that is open')
def over(world):
    broker, server, own = serve(world)
    caller = Caller(server, 't1', LEGACY)
    link, reply = comes_in(broker, caller, method='initialize')
    caller.session = reply.headers['mcp-session-id']
    stream = caller.listen()
    equal(stream.status, 200)
    link.close()
    asked = caller.begin('ping')
    again, call = shown(broker, 't1', server)
    again.lines.send({'jsonrpc': '2.0', 'id': call['id'], 'error': {'code': 4, 'message': 'gone', 'data': {'reason': 'bearer', 'error': 'invalid_token'}}})
    own.complete(own.take('resource'), ISSUERS)
    equal(Reply(asked.getresponse()).status, 401)
    assert b'' in (stream.read1(65536) for _ in range(3)), 'what is open goes on'
    # Made again under the same name, it is another's beginning.
    equal(comes_in(broker, caller)[1].status, 404)


@case('a token that has ended by the clock is not taken on the word of the connection')
def ended(world):
    broker, server, _ = serve(world)
    caller = Caller(server, 't1')
    for _ in range(3):
        equal(comes_in(broker, caller, subject(seconds=-1), method='server/discover')[1].status, 200)


@case('without an issuer a client hears Bearer, and with one that comes later where to log in')
def changed(world):
    broker, server, own = serve(world)
    for issuers, header in (({'issuers': [], 'local': 1}, 'Bearer'), (ISSUERS, f'Bearer resource_metadata="{server.url}/.well-known/oauth-protected-resource/mcp", scope="read"')):
        asked = Caller(server).begin('tools/list', {})
        own.complete(own.take('resource'), issuers)
        reply = Reply(asked.getresponse())
        equal((reply.status, reply.headers['www-authenticate']), (401, header))


@case('it begins while the broker is locked or away, lets nobody in, and says so')
def locked(world):
    server = Server(world)
    equal(Caller(server, 't').post('tools/list').status, 503)
    broker = world.broker()
    asked = Caller(server).begin('tools/list')
    link = broker.accept(state='locked')
    link.refuse(link.take('resource'), 3, 'locked')
    reply = Reply(asked.getresponse())
    equal((reply.status, reply.headers['retry-after']), (503, '30'))
    contains(dict(world.logs())['http-1.err'], 'nobody is let in')


@case('it does not begin for a broker that says that nothing is set up, or that does not take it for ours')
def refused(world):
    broker = world.broker()
    for code, words in ((1, 'run `countersign init`'), (4, 'only countersign-mcp-http asks this'), (-32601, 'no such method')):
        process = Server.begin(world)
        link = broker.accept()
        link.refuse(link.take('resource'), code, words)
        equal(process.process.wait(double.PATIENCE), 1)
        contains(dict(world.logs())[process.errors.rsplit('/', 1)[1]], words)


sys.exit(tap.run(double.World))
