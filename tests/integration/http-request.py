# SPDX-License-Identifier: MIT
"""http_request: asked by a client, answered by a person, carried out by a worker, at a site on this machine."""

import json
import os
import select
import stat
import threading

import countersign
import httpservice
import tap
from httpservice import VALUE, facts
from lines import Refused
from tap import case, contains, equal, lacks


def finished(answer, code=None, status='failed'):
    """An answer that went wrong in this way."""
    equal((answer['status'], answer.get('code')), (status, code), answer.get('message'))
    return answer


@case('a client gets an answer, the site the credential, and nobody else has it', sdk_env=True)
def whole(world):
    client = world.official('v2')
    call = client.start('http_request', {'service': 'local', 'method': 'GET', 'path': '/me', 'query': {'a': 'b c'}, 'purpose': 'look'})
    human = world.human(pin=True)
    human.call('subscribe')
    request, = human.pending() or [human.hear('held')]
    equal(facts(request, 'Request'), [f'GET https://localhost:{world.site.port}/api/me?a=b%20c'])
    equal(facts(request, 'Credential'), ['demo, as a bearer token'])
    lacks(request['card'], VALUE)
    equal(world.site.greeted, 0, 'nothing is sent before')
    human.decide(request, pin=countersign.PIN, duration=60)
    result = client.answer(call)['result']
    structured = result['structuredContent']
    equal(structured['status'], 'completed')
    equal((structured['result']['status'], structured['result']['body']), (200, '{"ok":true}'))
    seen = world.site.seen[0]
    equal(seen.target, '/api/me?a=b%20c')
    equal(seen.header('Authorization'), [f'Bearer {VALUE}'])
    equal(seen.header('Accept'), ['application/json'])
    equal(seen.count(VALUE), 1)
    lacks(json.dumps(result), VALUE)


@case('a grant for a time answers what its scope covers, and nothing else, unasked')
def live(world):
    agent = world.agent()
    equal(world.granted(agent)['result']['status'], 200)
    for path in ('/me', '/other', '/a/b'):
        equal(agent.answer(world.ask(agent, path=path))['status'], 'completed', path)
    call = world.ask(agent, 'POST', '/things', body='{}')
    world.human().call('decide', {'request_id': agent.held(call)['request_id'], 'verdict': 'deny'})
    finished(agent.answer(call), 'person', 'denied')
    other = world.agent()
    assert other.first(world.ask(other)) is None, 'another process is asked for'
    equal([request.method for request in world.site.seen], ['GET'] * 4)
    equal(world.site.greeted, 1, 'one worker, one connection')


CHANGED = {'another body': {'body': '{"a":2}'}, 'another header': {'headers': {'X-A': 'c'}}, 'another path': {'path': '/things/2'},
           'another query': {'query': {'q': '2'}}, 'another method': {'method': 'PUT'}}


@case('a grant for one use is for the very bytes that were shown')
def bound(world):
    asked = {'method': 'POST', 'path': '/things/1', 'body': '{"a":1}', 'headers': {'X-A': 'b'}, 'query': {'q': '1'}}
    for sentence, change in CHANGED.items():
        agent = world.agent()
        call = world.ask(agent, **asked, hold_seconds=0)
        world.grant(agent.answer(call)['request_id'], uses=1)
        other = world.ask(agent, **{**asked, **change})
        assert agent.first(other) is None, f'{sentence}: answered unasked'
        agent.close()
    equal(world.site.seen, [], 'nothing was sent')
    agent = world.agent()
    waiting = agent.answer(world.ask(agent, **asked, hold_seconds=0))
    world.grant(waiting['request_id'], uses=1)
    equal(agent.answer(world.ask(agent, **asked))['result']['status'], 200)
    seen, = world.site.seen
    equal((seen.method, seen.target, seen.body, seen.header('X-A')), ('POST', '/api/things/1?q=1', b'{"a":1}', ['b']))
    assert agent.first(world.ask(agent, **asked)) is None, 'used twice'


@case('what no scope covers is refused, and nobody is asked')
def uncovered(world):
    agent = world.agent()
    for method, path in (('DELETE', '/things/1'), ('POST', '/me'), ('PUT', '/things/1/2'), ('PATCH', '/things')):
        answer = finished(agent.answer(world.ask(agent, method, path)), 'scope')
        contains(answer['message'], 'scope')
    equal(world.human(pin=True).pending(), [])
    equal(world.site.greeted, 0)


PATHS = ('/../admin', '/a/../../admin', '/%2e%2e/admin', '/a/%2E%2e/b', '/.%2e/x', '/a%2f..%2fb', '/a\\..\\b', '/a%5c..%5cb',
         'https://evil.example/', '//evil.example/', '@evil.example/', '/a\tb', '/a\nb', '/a%0d%0aX: y', '/a#b', '', '/./a', '/a//b')


@case('a path that could be read in two ways is not sent')
def paths(world):
    agent = world.agent()
    world.granted(agent)
    for path in PATHS:
        call = world.ask(agent, path=path)
        try:
            answer = agent.first(call)
            if answer is None or answer['status'] == 'completed':
                raise AssertionError(f'{path!r}: {answer}')
        except Refused as refusal:
            equal(refusal.data.get('field'), 'path', repr(path))
    equal([request.target for request in world.site.seen], ['/api/me'])


@case('a caller sets no header that is not its own')
def headers(world):
    agent = world.agent()
    world.granted(agent)
    for name in ('Host', 'Authorization', 'authorization', 'Cookie', 'Connection', 'Transfer-Encoding', 'Content-Length',
                 'Proxy-Authorization', 'TE', 'Upgrade', 'X-HTTP-Method-Override'):
        answer = agent.first(world.ask(agent, headers={name: 'x'}))
        assert answer is not None and answer['status'] == 'failed', f'{name}: {answer}'
    equal(len(world.site.seen), 1)


@case('what the site echoes is taken out, and the audit counts it')
def echoed(world):
    agent = world.agent()
    answer = world.granted(agent, path='/echo')
    equal(answer['result']['redacted'], {'demo': 1})
    contains(answer['result']['body'], 'Authorization: Bearer [redacted:demo]')
    lacks(json.dumps(answer), VALUE)
    agent.answer(world.ask(agent, path='/echo', query={'as': 'base64', 'gzip': '1'}))
    world.stop()
    done = [record for record in world.records() if record['event'] == 'http_done']
    equal([(record['http_status'], record['redacted']) for record in done], [(200, 1), (200, 1)])
    lacks(json.dumps(world.records()), VALUE)


@case('an answer goes into a file that only its owner reads, looked through')
def to_file(world):
    mcp = world.mcp()
    path = os.path.join(world.base, 'answer')
    call = mcp.start('tools/call', {'name': 'http_request', 'arguments': {
        'service': 'local', 'method': 'GET', 'path': '/echo', 'purpose': 'keep it', 'output_file': path}})
    human = world.human(pin=True)
    human.call('subscribe')
    request, = human.pending() or [human.hear('held')]
    equal(facts(request, 'Writes the answer to'), [path])
    human.decide(request, pin=countersign.PIN, duration=60)
    result = mcp.answer(call)['structuredContent']['result']
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    with open(path, encoding='utf-8', newline='') as file:
        text = file.read()
    equal(result['written'], len(text))
    contains(text, '[redacted:demo]')
    lacks(text, VALUE)


@case('a long body arrives whole')
def long_body(world):
    mcp = world.mcp()
    body = json.dumps({'text': 'b\u00fc' * 30000})
    call = mcp.start('tools/call', {'name': 'http_request', 'arguments': {
        'service': 'local', 'method': 'POST', 'path': '/things', 'body': body, 'purpose': 'send it'}})
    human = world.human(pin=True)
    human.call('subscribe')
    request, = human.pending() or [human.hear('held')]
    equal(facts(request, 'Body'), [body])
    human.decide(request, pin=countersign.PIN, uses=1)
    equal(mcp.answer(call)['structuredContent']['status'], 'completed')
    equal(world.site.seen[0].body, body.encode())


def watched(world):
    """A mode that never answers, and an event that the other end has gone."""
    over = threading.Event()

    def mode(site, connection, request):
        while select.select([connection], [], [], 60)[0] and connection.recv(1):
            pass
        over.set()
    world.site.modes['api'] = mode
    return over


def running(world, **more):
    """A request that is at the site and has no answer: its agent, its call, the event."""
    over = watched(world)
    agent = world.agent()
    call = world.ask(agent, **more)
    world.grant(agent.held(call)['request_id'], duration=600)
    world.site.wait_seen(1)
    return agent, call, over


@case('a grant that is revoked takes the connection with it')
def revoked(world):
    agent, call, over = running(world)
    grant, = world.human(pin=True).pages('grants')
    world.human().call('revoke', {'grant_id': grant['id']})
    answer = agent.answer(call)
    assert answer['status'] in ('denied', 'failed'), answer
    equal(over.wait(60), True)


@case('panic takes it too')
def panicked(world):
    agent, call, over = running(world)
    world.cli('panic')
    assert agent.answer(call)['status'] in ('denied', 'failed')
    equal(over.wait(60), True)


@case('so does the end of the broker, whatever ends it')
def broker_gone(world):
    _, _, over = running(world)
    world.kill_broker()
    equal(over.wait(60), True)


@case('so does the end of the one who asked')
def deserted(world):
    agent, _, over = running(world)
    agent.kill()
    equal(over.wait(60), True)


@case('a request that is cancelled ends at the site')
def cancelled(world):
    agent, call, over = running(world)
    agent.notify('cancel', {'id': call})
    equal(over.wait(60), True)


@case('a grant that ends takes what runs with it')
def expired(world):
    over = watched(world)
    agent = world.agent()
    call = world.ask(agent)
    world.grant(agent.held(call)['request_id'], duration=1)
    answer = agent.answer(call)
    assert answer['status'] in ('denied', 'failed'), answer
    equal(over.wait(60), True)


@case('a request has the time that was asked for')
def timeout(world):
    watched(world)
    agent = world.agent()
    finished(world.granted(agent, timeout_seconds=1), 'timeout')


@case('what cannot be reached, proved or read is told as that')
def faults(world):
    agent = world.agent()
    equal(world.granted(agent)['status'], 'completed')
    finished(agent.answer(world.ask(agent, path='/garbage')), 'protocol')
    finished(agent.answer(world.ask(agent, path='/half')), 'protocol')
    finished(agent.answer(world.ask(agent, path='/headers', query={'kib': '90'})), 'too_large')
    world.site.close()
    finished(agent.answer(world.ask(agent)), 'connect')


@case('rules name a service and its scopes', policy='allow http_request of local/read\ndeny http_request of local/write\n')
def rules(world):
    agent = world.agent()
    answer = agent.answer(world.ask(agent))
    if answer['status'] != 'completed':
        raise AssertionError(answer)
    finished(agent.answer(world.ask(agent, 'POST', '/things', body='{}')), 'policy', 'denied')
    equal(len(world.site.seen), 1)


@case('a service that was changed while a request waited does not get it')
def changed(world):
    agent = world.agent()
    other = world.make_site()
    call = world.ask(agent)
    held = agent.held(call)['request_id']
    world.write('services.d/local.conf', httpservice.SERVICE.format(name='local', port=other.port, place='bearer'))
    world.apply()
    try:
        world.grant(held, duration=60)
    except Refused:
        pass
    assert agent.answer(call)['status'] != 'completed'
    equal([world.site.greeted, other.greeted], [0, 0])


@case('a service is a proposal until a person accepts it')
def proposal(world):
    agent = world.agent()
    world.granted(agent)
    other = world.make_site()
    world.write('services.d/local.conf', httpservice.SERVICE.format(name='local', port=other.port, place='bearer'))
    equal(agent.answer(world.ask(agent))['status'], 'completed')
    equal((len(world.site.seen), other.greeted), (2, 0))


@case('a reference to a bound secret goes where its scopes say')
def by_reference(world):
    agent = world.agent()
    call = agent.ask('demo', scopes=['local:read'])
    world.grant(agent.held(call)['request_id'], duration=60)
    reference = agent.answer(call)['result']['reference']['id']
    base = {'reference_id': reference, 'purpose': 'a test'}
    answer = agent.call('http_request', {**base, 'method': 'GET', 'path': '/me'})
    equal(answer['result']['status'], 200, answer)
    assert agent.first(agent.start('http_request', {**base, 'method': 'POST', 'path': '/things', 'body': '{}'})) is None
    finished(world.agent().call('http_request', {**base, 'method': 'GET', 'path': '/me'}), 'reference')
    equal(len(world.site.seen), 1)


@case('a person tries a service from the command line')
def tried(world):
    result = world.cli('service', 'test', 'local', pin=True)
    contains(result.out, '200')
    equal([(seen.method, seen.target) for seen in world.site.seen], [('GET', '/api/me')])
    lacks(result.out + result.err, VALUE)


@case('many requests at once each get their own answer')
def many(world):
    agent = world.agent()
    world.granted(agent)
    calls = {number: world.ask(agent, path='/echo', query={'n': str(number)}) for number in range(40)}
    for number, call in calls.items():
        answer = agent.answer(call)
        equal(answer['status'], 'completed', answer)
        contains(answer['result']['body'], f'n={number} ')


raise SystemExit(tap.run(httpservice.ServiceWorld))
