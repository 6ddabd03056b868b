# SPDX-License-Identifier: MIT
"""What was approved, and what is done: another holder, another scope, another service, another time."""

import json
import os

import countersign
import httpservice
import tap
from httpservice import VALUE
from tap import case, contains, equal

THINGS = {'method': 'POST', 'path': '/things', 'body': '[1]'}


def refused(agent, call, code):
    answer = agent.answer(call)
    equal((answer['status'], answer.get('code')), ('failed', code))
    return answer


def refer(world, agent, asked=('local:read',), **person):
    """A reference to the service's credential, as the person granted it."""
    call = agent.ask('demo', scopes=list(asked))
    world.grant(agent.held(call)['request_id'], **person)
    return {'reference_id': agent.answer(call)['result']['reference']['id']}


def by_reference(agent, reference, method='GET', path='/me', **more):
    return agent.start('http_request', {**reference, 'method': method, 'path': path, 'purpose': 'a test', **more})


@case('nobody but its holder is covered by an approval')
def holder(world):
    agent, other = world.agent(), world.agent()
    world.granted(agent)
    other.held(world.ask(other))
    equal(len(world.site.seen), 1)


@case('an approval for one use, not fetched yet, covers no other request of its scope')
def one_use(world):
    for change in ({'path': '/things/2'}, {'body': '[2]'}, {'query': {'a': 'b'}}, {'headers': {'X-A': 'b'}},
                   {'method': 'PUT'}):
        agent, sent = world.agent(), len(world.site.seen)
        first, other = world.ask(agent, **THINGS), world.ask(agent, **{**THINGS, **change})
        told = agent.held(other)
        world.grant(agent.held(first)['request_id'], uses=1)
        equal(agent.answer(first)['status'], 'completed')
        equal(len(world.site.seen), sent + 1)
        human = world.human(pin=True)
        waiting, = human.pending()
        equal(waiting['request_id'], told['request_id'])
        human.decide(waiting, 'deny')


@case("a reference of another's sends nothing, and is as unknown as one that never was")
def reference(world):
    agent, thief = world.agent(), world.agent()
    mine = refer(world, agent)
    stolen = refused(thief, by_reference(thief, mine), 'reference')
    invented = refused(thief, by_reference(thief, {'reference_id': 'ref-0000000000000000000000000'}), 'reference')
    equal(stolen['message'], invented['message'])
    equal(len(world.site.seen), 0)
    equal(agent.answer(by_reference(agent, mine))['status'], 'completed')


@case('a reference is good for the scopes that were granted with it, and asks for others')
def scopes(world):
    agent = world.agent()
    mine = refer(world, agent, ['local:read', 'local:write'], scopes=['local:read'])
    equal(agent.answer(by_reference(agent, mine))['status'], 'completed')
    agent.held(by_reference(agent, mine, **THINGS))


@case('a scope that the service does not have is not asked of a person')
def no_such_scope(world):
    agent = world.agent()
    for scope in ('local:other', 'other:read', 'local:', ':read', 'read', 'local'):
        refused(agent, agent.ask('demo', scopes=[scope]), 'scope')
    equal(world.human(pin=True).pending(), [])


@case('a secret that is bound to no service can be sent nowhere, and the answer says how to bind it')
def unbound(world):
    world.secret('free', 'value-of-free')
    agent = world.agent()
    call = agent.ask('free')
    world.grant(agent.held(call)['request_id'])
    free = {'reference_id': agent.answer(call)['result']['reference']['id']}
    contains(refused(agent, by_reference(agent, free), 'unbound')['message'], 'countersign service add')


@case('of a hundred at once on a reference with two uses two are sent')
def race(world):
    agent = world.agent()
    mine = refer(world, agent, uses=2)
    calls = [by_reference(agent, mine, path=f'/echo/{number}') for number in range(100)]
    answers = [agent.answer(call) for call in calls]
    equal(sum(answer['status'] == 'completed' for answer in answers), 2)
    equal({answer.get('code') for answer in answers if answer['status'] != 'completed'}, {'reference'})
    equal(len(world.site.seen), 2)


@case('a service that was changed while a person was asked is not reached by a command')
def reach_changed(world):
    agent = world.agent()
    call = agent.start('run_command', {'command': ['true'], 'service': 'local'})
    told = agent.held(call)
    world.write('services.d/local.conf', world.text.replace('localhost', '127.0.0.1'))
    world.apply()
    world.grant(told['request_id'])
    refused(agent, call, 'changed')


@case('a service that was taken away is not sent to, though it was granted for a time')
def removed(world):
    agent = world.agent()
    world.granted(agent)
    for name in ('local.conf', 'local.pem'):
        os.unlink(os.path.join(world.config, 'services.d', name))
    world.apply()
    refused(agent, world.ask(agent), 'not_found')
    equal(len(world.site.seen), 1)


@case('a credential that was changed is the one that is sent')
def rotated(world):
    agent = world.agent()
    world.granted(agent)
    world.secret('demo', 'another-value')
    equal(agent.answer(world.ask(agent, path='/other'))['status'], 'completed')
    equal([request.header('Authorization') for request in world.site.seen],
          [[f'Bearer {VALUE}'], ['Bearer another-value']])


@case('a deny of one scope beats the live grant of another that covers the same')
def deny_scope(world):
    world.write('services.d/local.conf', world.text + 'scope admin PUT /things\n')
    world.apply()
    agent = world.agent()
    world.granted(agent, **THINGS)
    world.write('policy.conf', 'deny http_request of local/admin\nask http_request\n')
    world.apply()
    answer = agent.answer(world.ask(agent, 'PUT', '/things', body='[1]'))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    equal(agent.answer(world.ask(agent, **{**THINGS, 'body': '[2]'}))['status'], 'completed')
    equal([request.method for request in world.site.seen], ['POST', 'POST'])


@case('a grant whose one use runs is seen, and can be revoked')
def running(world):
    agent, human = world.agent(), world.human(pin=True)
    call = world.ask(agent, path='/silent')
    world.grant(agent.held(call)['request_id'], uses=1)
    world.site.wait_seen(1)
    grant, = human.pages('grants')
    equal(grant['uses_left'], 0)
    human.call('revoke', {'grant_id': grant['id']})
    refused(agent, call, 'ended')
    agent.held(world.ask(agent))


@case('what runs when the broker is replaced is answered, and not sent again by the next one')
def replaced(world):
    mcp = world.mcp()
    call = mcp.start('tools/call', {'name': 'http_request', 'arguments': {
        'service': 'local', 'method': 'GET', 'path': '/silent', 'purpose': 'a test'}})
    human = world.human(pin=True)
    human.call('subscribe')
    human.decide(human.hear('held'), pin=countersign.PIN, duration=300)
    world.site.wait_seen(1)
    world.unlock()
    answer = json.loads(mcp.answer(call)['content'][0]['text'])
    equal((answer['success'], answer['code']), (False, 'ended'))
    equal(len(world.site.seen), 1)


raise SystemExit(tap.run(httpservice.ServiceWorld))
