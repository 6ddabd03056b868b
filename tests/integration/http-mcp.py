# SPDX-License-Identifier: MIT
"""MCP over HTTP, in both eras: what a request must be, what is answered at once and what on a stream, and what becomes of it
when its client goes."""

import functools
import json
import socket
import ssl
import sys

import countersign
import tap
from httpsite import Authority
from mcpserve import EVENTS, JSON, LEGACY, MODERN, Served, Session, hello, legacy, modern, said, tool
from tap import case, contains, equal, lacks


def error(answer):
    return answer.json()['error']


# --- what a request must be ---

@case('a call is answered at once by one JSON text, and the connection goes on')
def at_once(world):
    line = Served(world).line()
    for number in range(20):
        answer = line.call('echo', number, key=str(number)).answer()
        equal((answer.status, answer.json()['id'], said(answer.json())), (200, number, str(number)))
        equal((answer.headers['cache-control'], 'mcp-session-id' in answer.headers), ('no-store', False))


@case('requests that come at once are answered in their order')
def pipelined(world):
    served = Served(world)
    line = served.line()
    line.call('echo', 1, key='a').call('wait', 2, key='w').call('echo', 3, key='b')
    equal(said(line.answer().json()), 'a')
    served.next('called w')
    served.say('answer', 'w', 'now')
    equal(said(line.answer().json()), 'now')
    equal(said(line.answer().json()), 'b')


@case('Accept must list both types, each by itself')
def accept(world):
    served = Served(world)
    for accepts, status in ((f'{JSON}, {EVENTS}', 200), (f'{EVENTS};q=0.5,{JSON}', 200), (f'text/html, {JSON}, {EVENTS}', 200),
                            (JSON, 406), (EVENTS, 406), ('*/*', 406), ('application/*, text/*', 406), ('', 406), (f'{JSON}, {EVENTS};q=0', 406)):
        answer = served.line().call('echo', headers={'Accept': accepts}).answer()
        equal(answer.status, status, accepts)
    contains(error(served.line().call('echo', headers={'Accept': JSON}).answer())['message'], EVENTS)


@case('the body must be JSON, and say so')
def content_type(world):
    served = Served(world)
    for type_, status in ((JSON, 200), (f'{JSON}; charset=utf-8', 200), ('Application/JSON', 200), ('text/plain', 415), ('', 415),
                          ('application/json-rpc', 415), ('multipart/form-data', 415)):
        equal(served.line().call('echo', headers={'Content-Type': type_}).answer().status, status, type_)


@case('what is no message is refused with the error that JSON-RPC has for it')
def not_messages(world):
    served = Served(world)
    for body, code in ((b'{', -32700), (b'[]', -32600), (b'{"a":1,"a":1}', -32700), (b'\xff', -32700), (b'[' * 100, -32700)):
        answer = served.line().post(body, {'MCP-Protocol-Version': MODERN}).answer()
        equal((answer.status, error(answer)['code'], answer.json()['id']), (400, code, None), body)
    answer = served.line().request('POST', '/mcp', {'Content-Type': JSON, 'Accept': f'{JSON}, {EVENTS}'}).answer()
    equal((answer.status, error(answer)['code']), (400, -32700))


@case('each status of HTTP is that of its error')
def statuses(world):
    served = Served(world)
    for what, message, headers, status, code in (
            ('an unknown method', modern('nothing/here'), {'Mcp-Method': 'nothing/here'}, 404, -32601),
            ('a method that is no more', modern('ping'), {'Mcp-Method': 'ping'}, 404, -32601),
            ('another version in the header', modern('tools/list'), {'MCP-Protocol-Version': LEGACY, 'Mcp-Method': 'tools/list'}, 400, -32020),
            ('another method in the header', modern('tools/list'), {'Mcp-Method': 'tools/call'}, 400, -32020),
            ('no method in the header', modern('tools/list'), {}, 400, -32020),
            ('another name in the header', modern('tools/call', tool('echo')), {'Mcp-Method': 'tools/call', 'Mcp-Name': 'wait'}, 400, -32020),
            ('a version that nobody knows', modern('tools/list', version='2099-01-01'),
             {'MCP-Protocol-Version': '2099-01-01', 'Mcp-Method': 'tools/list'}, 400, -32022),
            ('a header without the claim', legacy('tools/list'), {'Mcp-Method': 'tools/list'}, 400, -32602)):
        answer = served.line().post(message, {'MCP-Protocol-Version': MODERN, **headers}).answer()
        equal((answer.status, error(answer)['code']), (status, code), what)
    answer = served.line().post(modern('server/discover'), {'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'server/discover'}).answer()
    equal((answer.status, answer.json()['result']['supportedVersions']), (200, [MODERN]))


@case('a notification is taken without a word')
def notification(world):
    served = Served(world)
    message = {'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': 1}}
    answer = Session(served).post(message).answer()
    equal((answer.status, answer.body), (202, b''))


@case('other methods are refused with those that there are')
def methods(world):
    served = Served(world)
    for method in ('PUT', 'PATCH', 'HEAD', 'TRACE', 'OPTIONS', 'post'):
        answer = served.line().request(method, '/mcp').answer(method == 'HEAD')
        equal((answer.status, answer.headers['allow']), (405, 'GET, POST, DELETE'), method)
    for method in ('GET', 'DELETE'):
        answer = served.line().request(method, '/mcp', {'Accept': EVENTS, 'MCP-Protocol-Version': MODERN, 'Mcp-Session-Id': 'x'}).answer()
        equal((answer.status, answer.headers['allow']), (405, 'POST'), method)


@case('a name that is not its own, or a page of somebody else\'s, reaches no tool')
def rebinding(world):
    served = Served(world)
    own = f'http://localhost:{served.port}'
    for host, origin, status in (
            (f'localhost:{served.port}', own, 200), (f'127.0.0.1:{served.port}', own, 200), (f'[::1]:{served.port}', f'http://[::1]:{served.port}', 200),
            (f'localhost:{served.port}', 'https://evil.example', 403), (f'localhost:{served.port}', 'null', 403),
            (f'localhost:{served.port}', 'http://localhost:1', 403), ('evil.example', 'http://evil.example', 421), ('evil.example', None, 421)):
        headers = {'Origin': origin} if origin else {}
        equal(served.line().ask('tools/call', tool('echo'), headers=headers, host=host).answer().status, status, f'{host} {origin}')


@case('a large body is taken whole, and one that is larger than any is refused before it comes')
def large(world):
    served = Served(world)
    text = 'x' * (7 << 20)
    equal(said(served.line().call('echo', key=text).answer().json()), text)
    head = f'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\nContent-Length: {(8 << 20) + 1}\r\n\r\n'
    line = served.line().send(head)
    equal(line.answer().status, 413)
    assert line.ended()
    head = head.replace('/mcp', '/elsewhere').replace(str((8 << 20) + 1), str((32 << 10) + 1))
    equal(served.line().send(head).answer().status, 413)


# --- streams ---

@case('a call that is not answered at once gets its headers at once, and its answer as an event when it is there')
def stream(world):
    served = Served(world)
    line = served.line().call('wait', key='k')
    headers = line.begun()
    equal(('mcp-session-id' in headers, headers['transfer-encoding']), (False, 'chunked'))
    served.next('called k')
    served.say('answer', 'k', 'done')
    event = line.event()
    equal((said(event['data']), 'id' in event), ('done', False))
    equal(line.event(), None)
    equal(said(line.call('echo', key='again').answer().json()), 'again')


@case('how a call gets on is told on its own stream, before its answer')
def progress(world):
    served = Served(world)
    one, two = served.line().call('wait', key='one', token='t1'), served.line().call('wait', key='two', token=2)
    served.next('called one')
    served.next('called two')
    for key in ('one', 'two', 'one'):
        served.say('progress', key, 'on its way')
    served.say('answer', 'one', '1')
    served.say('answer', 'two', '2')
    for line, token, count, text in ((one, 't1', 2, '1'), (two, 2, 1, '2')):
        line.begun()
        for number in range(1, count + 1):
            equal(line.told()['params'], {'progressToken': token, 'progress': number, 'message': 'on its way'})
        equal(said(line.told()), text)
        equal(line.event(), None)


@case('a stream that is silent is told to be alive')
def alive(world):
    served = Served(world)
    line = served.line().call('wait', key='k')
    line.begun()
    equal(line.event(), {})  # a comment
    served.next('called k')
    served.say('answer', 'k', 'done')
    equal(said(line.told()), 'done')


@case('a client that wants no more connections is streamed to until the connection ends')
def closing(world):
    served = Served(world)
    line = served.line().call('wait', key='k', headers={'Connection': 'close'})
    headers = line.begun()
    equal((headers.get('connection'), 'transfer-encoding' in headers), ('close', False))
    served.next('called k')
    served.say('answer', 'k', 'done')
    equal(said(line.told()), 'done')
    equal(line.event(), None)


@case('who goes has cancelled what it asked, and nothing else')
def gone(world):
    served = Served(world)
    stays = served.line().call('wait', key='stays')
    stays.begun()
    for key, go in (('closed', lambda line: line.close()), ('half', lambda line: line.half_close())):
        line = served.line().call('wait', key=key)
        served.next(f'called {key}')
        line.begun()
        go(line)
        served.next(f'cancelled {key}')
    early = served.line().call('wait', key='early')
    served.next('called early')
    early.close()
    served.next('cancelled early')
    served.say('answer', 'stays', 'here')
    equal(said(stays.told()), 'here')


@case('what waits ends when the server does')
def ending(world):
    served = Served(world)
    line = served.line().call('wait', key='k')
    line.begun()
    served.next('called k')
    served.end()
    served.next('cancelled k')


@case('who listens hears of changes, and that nothing more comes when the server ends')
def listened(world):
    served = Served(world)
    line = served.line().ask('subscriptions/listen', {'notifications': {'toolsListChanged': True}}, 'l')
    line.begun()
    equal(line.told()['method'], 'notifications/subscriptions/acknowledged')
    served.say('changed')
    equal(line.told()['method'], 'notifications/tools/list_changed')
    served.end()
    answer = line.told()
    equal((answer['id'], answer['result']['resultType']), ('l', 'complete'))
    equal(line.told(), None)


# --- sessions ---

@case('a handshake begins a session, whose id nobody guesses')
def session(world):
    served = Served(world)
    ids = set()
    for version in ('2025-03-26', '2025-06-18', '2025-11-25'):
        one = Session(served, version)
        equal((len(one.id), one.id.isalnum()), (64, True))
        ids.add(one.id)
        equal(said(one.call('echo', key='x').answer().json()), 'x')
    equal(len(ids), 3)


@case('a handshake that fails begins none')
def no_session(world):
    answer = Served(world).line().post(legacy('initialize', {}, 1)).answer()
    equal((error(answer)['code'], 'mcp-session-id' in answer.headers), (-32602, False))


@case('without a session\'s id a request is refused, and with one that is none it is not found')
def session_ids(world):
    served = Served(world)
    one = Session(served)
    for what, id_, status in (('absent', None, 400), ('empty', '', 404), ('unknown', 'f' * 64, 404), ('a part', one.id[:-1], 404),
                              ('in capitals', one.id.upper(), 404 if one.id != one.id.upper() else 200), ('right', one.id, 200)):
        headers = {} if id_ is None else {'Mcp-Session-Id': id_}
        equal(served.line().post(legacy('tools/list'), headers).answer().status, status, what)
        if status != 200:
            equal(served.line().request('GET', '/mcp', {'Accept': EVENTS, **headers}).answer().status, status, what)
            equal(served.line().request('DELETE', '/mcp', headers).answer().status, status, what)
    equal(served.line().request('GET', '/mcp', {'Accept': JSON, 'Mcp-Session-Id': one.id}).answer().status, 406)


@case('a session is found by nobody but whom it was given to')
def owners(world):
    served = Served(world)
    ann = Session(served, who='ann')
    for who in ({'Authorization': 'Bearer bob'}, {}):
        headers = {**who, 'Mcp-Session-Id': ann.id}
        equal(served.line().post(legacy('tools/list'), headers).answer().status, 404)
        equal(served.line().request('GET', '/mcp', {**headers, 'Accept': EVENTS}).answer().status, 404)
        equal(served.line().request('DELETE', '/mcp', headers).answer().status, 404)
    equal(ann.post(legacy('tools/list')).answer().status, 200)
    bob = Session(served, who='bob')
    waiting = ann.call('wait', key='a')
    waiting.begun()
    served.next('called a')
    equal(bob.post({'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': 1}}).answer().status, 202)
    served.say('answer', 'a', 'still')
    equal(said(waiting.told()), 'still')


@case('a version in the header that nobody speaks is refused, and none is as good as the session\'s')
def version_header(world):
    served = Served(world)
    one = Session(served)
    for version, status in (('2024-01-01', 400), ('', 400), (LEGACY, 200), (None, 200)):
        headers = {'Mcp-Session-Id': one.id, **({} if version is None else {'MCP-Protocol-Version': version})}
        equal(served.line().post(legacy('tools/list'), headers).answer().status, status, version)


@case('a session that is ended is not found any more, and what ran in it is cancelled')
def deleted(world):
    served = Served(world)
    one = Session(served)
    early, late = one.call('wait', 1, key='early'), one.call('wait', 2, key='late')
    late.begun()
    listening = one.get()
    listening.begun()
    served.next('called early')
    served.next('called late')
    equal(one.delete().answer().status, 204)
    served.next('cancelled early')
    served.next('cancelled late')
    for line in (late, listening):
        while line.event() is not None:
            pass
    equal(early.head()[0], 200)
    equal(one.post(legacy('ping')).answer().status, 404)
    equal(one.delete().answer().status, 404)


@case('a session that nobody uses ends, and one in which a call waits does not')
def idle(world):
    served = Served(world, 2)
    unused, used = Session(served, who='unused'), Session(served, who='used')
    waiting = used.call('wait', key='k')
    waiting.begun()
    served.next('closed unused')
    equal(unused.post(legacy('ping')).answer().status, 404)
    served.say('answer', 'k', 'here')
    equal(said(waiting.told()), 'here')
    equal(used.post(legacy('ping')).answer().status, 200)


@case('no more sessions are one caller\'s than may be: the one unused longest goes')
def many_sessions(world):
    served = Served(world, 0, 4)
    other = Session(served, who='other')
    sessions = [Session(served, who='ann') for _ in range(4)]
    equal(sessions[0].post(legacy('ping')).answer().status, 200)
    sessions.append(Session(served, who='ann'))
    equal([one.post(legacy('ping')).answer().status for one in sessions], [200, 404, 200, 200, 200])
    equal(other.post(legacy('ping')).answer().status, 200)


@case('no more requests of one caller wait than may, and others are served')
def many_requests(world):
    served = Served(world, 0, 4)
    lines = [served.line().call('wait', key=str(n)) for n in range(4)]
    for line in lines:
        line.begun()
    equal(served.line().call('echo', key='x').answer().status, 429)
    equal(served.line().call('echo', key='x', headers={'Authorization': 'Bearer bob'}).answer().status, 200)
    lines[0].close()
    served.next('cancelled 0')
    equal(served.line().call('echo', key='x').answer().status, 200)


@case('what a client of the handshake era left behind counts until it is answered')
def left_behind(world):
    served = Served(world, 0, 4)
    one = Session(served)
    for n in range(4):
        line = one.call('wait', n, key=str(n))
        served.next(f'called {n}')
        line.close()
    equal(one.call('echo', 9, key='x').answer().status, 429)
    served.say('answer', '0', 'to nobody')
    equal(said(one.call('echo', 9, key='x').answer().json()), 'x')


@case('what waits for its answer is not more than may be kept of it')
def large_waiting(world):
    served = Served(world)
    lines = []
    for n in range(2):
        lines.append(served.line().call('wait', n, key=str(n), more='x' * (7 << 20)))
        lines[-1].begun()
    equal(served.line().call('echo', key='x' * (7 << 20)).answer().status, 429)
    equal(served.line().call('echo', key='x').answer().status, 200)
    bob = {'Authorization': 'Bearer bob'}
    equal(served.line().call('echo', key='x' * (7 << 20), headers=bob).answer().status, 200)
    lines[0].close()
    served.next('cancelled 0')
    equal(served.line().call('echo', key='x' * (7 << 20)).answer().status, 200)


@case('who may call no more loses its sessions and its streams, and nobody else does')
def forgotten(world):
    served = Served(world)
    ann, bob = Session(served, who='ann'), Session(served, who='bob')
    lost, kept = ann.call('wait', key='ann'), bob.call('wait', key='bob')
    alone = served.line().call('wait', key='alone', headers={'Authorization': 'Bearer ann'})
    for line in (lost, kept, alone):
        line.begun()
    served.say('forget', 'ann')
    served.next('cancelled ann')
    served.next('cancelled alone')
    equal(ann.post(legacy('ping')).answer().status, 404)
    served.say('answer', 'bob', 'here')
    equal(said(kept.told()), 'here')


@case('whoever calls is held while something is theirs, and let go of then')
def held(world):
    served = Served(world)
    served.line().call('echo', headers={'Authorization': 'Bearer ann'}).answer()
    equal((served.next('held'), served.next('released')), ('ann', 'ann'))
    one = Session(served, who='bob')
    one.delete().answer()
    line = served.line().call('wait', key='k', headers={'Authorization': 'Bearer eve'})
    line.begun()
    served.end()
    held_, released = [], []
    for word, owners_ in (('held', held_), ('released', released)):
        try:
            while True:
                owners_.append(served.next(word))
        except AssertionError:
            pass
    equal(sorted(held_), sorted(released))
    contains(held_, 'eve')


# --- a client that comes back ---

@case('who loses a stream of the handshake era has cancelled nothing, and comes back to what it missed')
def resumed(world):
    served = Served(world)
    one = Session(served)
    line = one.call('wait', 7, key='k', token='t')
    line.begun()
    first = line.event()
    equal((first['data'], first['id'].split('.')[1]), ('', '0'))
    served.next('called k')
    served.say('progress', 'k', 'one')
    seen = line.event()
    equal(seen['data']['params']['message'], 'one')
    line.close()
    served.say('progress', 'k', 'two')
    again = one.get(first['id'])
    again.begun()
    equal([again.told()['params']['message'] for _ in range(2)], ['one', 'two'])
    again.close()
    served.say('answer', 'k', 'done')
    last = one.get(seen['id'])
    last.begun()
    equal(last.told()['params']['message'], 'two')
    answer = last.told()
    equal((answer['id'], said(answer)), (7, 'done'))
    equal(last.event(), None)
    lacks(served.heard, 'cancelled k')


@case('who comes back before the loss was seen gets the stream, and the old one ends')
def taken_over(world):
    served = Served(world)
    one = Session(served)
    line = one.call('wait', key='k')
    line.begun()
    first = line.event()
    again = one.get(first['id'])
    again.begun()
    served.next('called k')
    served.say('answer', 'k', 'done')
    equal(said(again.told()), 'done')


@case('an event that was never sent, or another\'s, is not gone on from')
def bad_events(world):
    served = Served(world)
    one, other = Session(served, who='ann'), Session(served, who='bob')
    line = one.call('wait', key='k')
    line.begun()
    first = line.event()['id']
    number = first.split('.')[0]
    for session_, event in ((one, ''), (one, 'x'), (one, number), (one, f'{number}.'), (one, f'{number}.1'), (one, f'-{number}.0'),
                            (one, f'{number}.-1'), (one, '999.0'), (one, '1.0.0'), (other, first)):
        equal(session_.get(event).answer().status, 400, event)
    equal(one.get('x', accept=JSON).answer().status, 406)


@case('a stream ends when it is told to, the call goes on, and its client is told when to come back')
def hung_up(world):
    served = Served(world)
    one = Session(served)
    line = one.call('wait', key='k')
    line.begun()
    first = line.event()
    served.next('called k')
    served.say('hangup', 'k', 250)
    equal(line.event(), {'retry': '250'})
    equal(line.event(), None)
    again = one.get(first['id'])
    again.begun()
    served.say('answer', 'k', 'done')
    equal(said(again.told()), 'done')


@case('a client from before 2025-11-25 is sent no empty event')
def not_primed(world):
    served = Served(world)
    line = Session(served, '2025-06-18').call('wait', key='k')
    line.begun()
    served.next('called k')
    served.say('answer', 'k', 'done')
    event = line.event()
    equal((said(event['data']), 'id' in event), ('done', True))


@case('an answer that goes out at once is JSON in the handshake era too, and its client that goes cancels nothing')
def legacy_gone(world):
    served = Served(world)
    one = Session(served)
    line = one.call('wait', 1, key='k')
    served.next('called k')
    line.close()
    equal(said(one.call('echo', 2, key='x').answer().json()), 'x')
    served.say('answer', 'k', 'late')
    equal(said(one.call('echo', 1, key='y').answer().json()), 'y')
    lacks(served.heard, 'cancelled k')


@case('what is cancelled in the session is not answered any more')
def cancelled(world):
    served = Served(world)
    one = Session(served)
    line = one.call('wait', 'an id', key='k')
    line.begun()
    served.next('called k')
    equal(one.post({'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': 'an id'}}).answer().status, 202)
    served.next('cancelled k')
    equal(line.told(), None)


@case('what is said out of turn comes on the one stream that listens')
def listening(world):
    served = Served(world)
    one = Session(served)
    line = one.get()
    line.begun()
    first = line.event()
    equal(one.get().answer().status, 409)
    served.say('changed')
    event = line.event()
    equal(event['data']['method'], 'notifications/tools/list_changed')
    line.close()
    served.say('changed')
    again = one.get(first['id'])
    again.begun()
    equal(again.event()['id'], event['id'])
    equal(again.told()['method'], 'notifications/tools/list_changed')
    again.close()
    # Whoever does not go on where it was begins anew.
    other = one.get()
    while other.head()[0] == 409:
        other = one.get()
    served.say('changed')
    equal(other.told()['method'], 'notifications/tools/list_changed')


@case('over TLS it is the same: answers at once, streams, and a client that goes')
def tls(world):
    authority = Authority()
    served = Served(world, 0, 0, authority.site(world.base, ['localhost']))
    trust = ssl.create_default_context(cadata=authority.pem)
    line = served.line(tls=trust)
    for n in range(5):
        equal(said(line.call('echo', n, key='x' * 100000).answer().json()), 'x' * 100000)
    line.call('wait', key='k', token='t').begun()
    served.next('called k')
    served.say('flood', 'k', 3 << 20)
    equal(len(line.told()['params']['message']), 3 << 20)
    served.say('answer', 'k', 'done')
    equal(said(line.told()), 'done')
    equal(line.event(), None)
    line.call('wait', key='k').begun()
    served.next('called k')
    line.close()
    served.next('cancelled k')
    silent = socket.create_connection((served.address, served.port))
    equal(said(served.line(tls=trust).call('echo', key='x').answer().json()), 'x')
    silent.close()


@case('batches are of one version only')
def batches(world):
    served = Served(world)
    batch = [legacy('tools/call', tool('echo', key='a'), 1), legacy('ping', number=2), {'jsonrpc': '2.0', 'method': 'notifications/x'}]
    old = Session(served, '2025-03-26')
    answer = old.post(batch).answer()
    equal((answer.status, [one['id'] for one in answer.json()]), (200, [1, 2]))
    equal(old.post(batch[2:]).answer().status, 202)
    equal(Session(served).post(batch).answer().status, 400)
    equal(served.line().post(batch).answer().status, 400)


@case('both eras are served side by side')
def both(world):
    served = Served(world)
    one = Session(served)
    line = served.line()
    for number in range(5):
        equal(said(line.call('echo', number, key='m').answer().json()), 'm')
        equal(said(one.call('echo', number, key='l', line=line).answer().json()), 'l')
    answer = line.post(hello(), {'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'initialize'}).answer()
    equal((answer.status, json.loads(answer.body)['error']['code']), (400, -32020))


sys.exit(tap.run(functools.partial(countersign.World, init=False)))
