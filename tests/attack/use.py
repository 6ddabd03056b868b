# SPDX-License-Identifier: MIT
"""What was approved, and what is done: another request, another holder, another service, another time."""

import json

import countersign
import served
from served import Served, ask, card, fact, granted
from tap import case, contains, equal, lacks

SECRET = 'value-of-demo'


def refused(agent, call, code):
    answer = agent.answer(call)
    equal((answer['status'], answer.get('code')), ('failed', code))
    return answer


@case('what is sent is what the card showed, byte for byte, and the credential nowhere else')
def shown(world):
    demo, agent = Served(world), world.agent()
    call = ask(agent, '/things/a%20b', 'POST', query={'q': 'x y', 'z': '1'}, headers={'X-Mine': 'yes'}, body='{"a": 1}')
    held = agent.held(call)
    seen = card(world, held)
    equal(fact(seen, 'Request'), [f'POST https://localhost:{demo.site.port}/things/a%20b?q=x%20y&z=1'])
    contains(fact(seen, 'Header'), 'X-Mine: yes')
    equal(fact(seen, 'Body'), ['{"a": 1}'])
    equal((seen['risk'], seen['scopes']), ('write', ['write']))
    world.grant(held['request_id'])
    equal(agent.answer(call)['status'], 'completed')
    request, = demo.seen
    equal((request.method, request.target, request.body), ('POST', '/things/a%20b?q=x%20y&z=1', b'{"a": 1}'))
    equal(request.header('X-Mine'), ['yes'])
    equal(request.header('Authorization'), [f'Bearer {SECRET}'])
    equal(request.count(SECRET), 1)


@case('an approval for one use does not cover another request of the same scope')
def one_use(world):
    for change in ({'path': '/things/2'}, {'body': '[2]'}, {'query': {'a': 'b'}}, {'headers': {'X-A': 'b'}},
                   {'method': 'DELETE'}):
        demo, agent = Served(world), world.agent()
        first = {'path': '/things/1', 'method': 'POST', 'body': '[1]'}
        call = ask(agent, **first)
        held = agent.held(call)
        other = ask(agent, **{**first, **change})
        other_held = agent.held(other)
        world.grant(held['request_id'], uses=1)
        equal(agent.answer(call)['status'], 'completed')
        equal(len(demo.seen), 1)
        equal([r['request_id'] for r in world.human(pin=True).pending()], [other_held['request_id']])
        agent.notify('cancel', {'id': other})


@case('an approval for a time covers its scope, and no other')
def for_a_time(world):
    demo, agent = Served(world), world.agent()
    equal(granted(world, agent, ask(agent, '/one'))['status'], 'completed')
    equal(agent.answer(ask(agent, '/two', query={'a': 'b'}))['status'], 'completed')
    agent.held(ask(agent, '/things/1', 'POST'))
    equal(len(demo.seen), 2)


@case('nobody but its holder is covered by an approval')
def holder(world):
    demo, agent, other = Served(world), world.agent(), world.agent()
    granted(world, agent, ask(agent))
    other.held(ask(other))
    equal(len(demo.seen), 1)


@case("a reference of another's sends nothing")
def reference(world):
    demo, agent, thief = Served(world), world.agent(), world.agent()
    call = agent.ask('demo', scopes=['demo:read'])
    reference_id = granted(world, agent, call)['result']['reference']['id']
    refused(thief, ask(thief, reference_id=reference_id), 'reference')
    equal(len(demo.seen), 0)
    equal(agent.answer(ask(agent, reference_id=reference_id))['status'], 'completed')
    equal(len(demo.seen), 1)


@case('a reference is good for the scopes that were granted with it, and asks for others')
def scopes(world):
    Served(world)
    agent = world.agent()
    call = agent.ask('demo', scopes=['demo:read', 'demo:write'])
    held = agent.held(call)
    equal(card(world, held)['scopes'], ['demo:read', 'demo:write'])
    world.grant(held['request_id'], scopes=['demo:read'])
    reference_id = agent.answer(call)['result']['reference']['id']
    equal(agent.answer(ask(agent, reference_id=reference_id))['status'], 'completed')
    agent.held(ask(agent, '/things/1', 'POST', reference_id=reference_id))


@case('a scope that the service does not have is not asked of a person')
def no_such_scope(world):
    Served(world)
    agent = world.agent()
    for scope in ('demo:other', 'other:read', 'demo:', ':read', 'read', 'demo'):
        refused(agent, agent.ask('demo', scopes=[scope]), 'scope')
    equal(world.human(pin=True).pending(), [])


@case('a secret that is bound to no service can be sent nowhere, and the answer says how to bind it')
def unbound(world):
    Served(world)
    world.secret('free', 'value-of-free')
    agent = world.agent()
    reference_id = granted(world, agent, agent.ask('free'))['result']['reference']['id']
    answer = refused(agent, ask(agent, reference_id=reference_id), 'unbound')
    contains(answer['message'], 'countersign service add')


@case('a use of a reference is counted')
def counted(world):
    demo, agent = Served(world), world.agent()
    call = agent.ask('demo', scopes=['demo:read'])
    reference_id = granted(world, agent, call, uses=2)['result']['reference']['id']
    for _ in range(2):
        equal(agent.answer(ask(agent, reference_id=reference_id))['status'], 'completed')
    refused(agent, ask(agent, reference_id=reference_id), 'reference')
    equal(len(demo.seen), 2)


@case('of a hundred at once on two uses two are sent')
def race(world):
    demo, agent = Served(world), world.agent()
    call = agent.ask('demo', scopes=['demo:read'])
    reference_id = granted(world, agent, call, uses=2)['result']['reference']['id']
    calls = [ask(agent, f'/echo/{number}', reference_id=reference_id) for number in range(100)]
    answers = [agent.answer(one) for one in calls]
    equal(sum(answer['status'] == 'completed' for answer in answers), 2)
    equal({answer.get('code') for answer in answers if answer['status'] != 'completed'}, {'reference'})
    equal(len(demo.seen), 2)


@case('a service that was changed while a person was asked is not sent to')
def changed(world):
    demo, agent = Served(world), world.agent()
    call = ask(agent)
    held = agent.held(call)
    elsewhere = demo.text.replace('localhost', '127.0.0.1')
    served.accept(world, **{'services.d__demo_conf': elsewhere})
    world.grant(held['request_id'])
    refused(agent, call, 'changed')
    equal(len(demo.seen), 0)


@case('a service that was taken away is not sent to, though it was granted for a time')
def removed(world):
    demo, agent = Served(world), world.agent()
    granted(world, agent, ask(agent))
    served.accept(world, **{'services.d__demo_conf': None, 'services.d__demo_pem': None})
    refused(agent, ask(agent), 'not_found')
    equal(len(demo.seen), 1)


@case('a changed credential is the one that is sent')
def rotated(world):
    demo, agent = Served(world), world.agent()
    granted(world, agent, ask(agent))
    world.secret('demo', 'another-value')
    equal(agent.answer(ask(agent, '/echo/2'))['status'], 'completed')
    equal([request.header('Authorization') for request in demo.seen], [[f'Bearer {SECRET}'], ['Bearer another-value']])


@case('a deny of one scope beats the live grant of another that covers the same')
def deny_scope(world):
    demo, agent = Served(world), world.agent()
    equal(granted(world, agent, ask(agent, '/things/1', 'DELETE'))['status'], 'completed')
    served.accept(world, policy_conf='deny http_request of demo/admin\nask http_request\n')
    answer = agent.answer(ask(agent, '/things/2', 'DELETE'))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    equal(agent.answer(ask(agent, '/things/2', 'POST'))['status'], 'completed')
    equal([request.method for request in demo.seen], ['DELETE', 'POST'])


@case('a revoked grant ends the request that runs under it, and what comes after is asked')
def revoked(world):
    demo, agent = Served(world), world.agent()
    call = ask(agent, '/silent')
    world.grant(agent.held(call)['request_id'], uses=1)
    demo.site.wait_seen(1)
    human = world.human(pin=True)
    grant, = human.pages('grants')
    equal(grant['uses_left'], 0)
    human.call('revoke', {'grant_id': grant['id']})
    refused(agent, call, 'ended')
    agent.held(ask(agent, '/echo'))


@case('panic ends what runs')
def panic(world):
    demo, agent = Served(world), world.agent()
    call = ask(agent, '/silent')
    world.grant(agent.held(call)['request_id'])
    demo.site.wait_seen(1)
    world.human().call('panic')
    assert agent.answer(call)['status'] in ('failed', 'denied')


@case('what the answer says of the credential comes back without it, and is counted')
def answered(world):
    Served(world)
    agent = world.agent()
    answer = granted(world, agent, ask(agent, '/echo'))
    lacks(json.dumps(answer), SECRET)
    contains(answer['result']['body'], '[redacted:demo]')
    equal(answer['result']['redacted'], {'demo': 1})
    done = [record for record in world.records() if record['event'] == 'http_done']
    equal([(record['http_status'], record['redacted']) for record in done], [(200, 1)])
    lacks(json.dumps(world.records()), SECRET)


countersign.main()
