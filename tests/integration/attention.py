# SPDX-License-Identifier: MIT
"""What one requester may take of a person's attention, and how long a no stands."""

import countersign
from lines import Refused
from tap import case, count, equal

BURST = 64


def hold(agent, name, purpose='a test'):
    """A get_secret that waits for a person; returns the call and its request."""
    call = agent.ask(name, purpose)
    return call, agent.held(call)['request_id']


def answer(human, request_id, verdict, **more):
    """Decides a request by its id."""
    request, = [r for r in human.pending() if r['request_id'] == request_id]
    return human.decide(request, verdict, **more)


def deny(agent, human, name, **more):
    call, request_id = hold(agent, name)
    answer(human, request_id, 'deny', **more)
    equal(agent.answer(call)['status'], 'denied')


def at_once(agent, name, purpose='a test'):
    """Status and code of a call that no person is asked about."""
    found = agent.answer(agent.ask(name, purpose))
    return found['status'], found.get('code')


def records(world, event):
    return [r for r in world.records() if r['event'] == event]


SECRETS = tuple(f's{i}' for i in range(6))


@case('after three denials in a row a requester is denied unasked, and nobody else', secrets=SECRETS)
def cooldown(world):
    agent, other, human = world.agent(), world.agent(), world.human(pin=True)
    waiting, _ = hold(agent, 's5')
    for name in SECRETS[:3]:
        deny(agent, human, name)
    equal(at_once(agent, 's3'), ('denied', 'cooldown'))
    equal(at_once(agent, 's4'), ('denied', 'cooldown'))
    hold(other, 's3')
    # What was held before still is.
    request, = [r for r in human.pending() if '"s5"' in r['card']]
    human.decide(request, pin=countersign.PIN)
    equal(agent.answer(waiting)['status'], 'completed')
    # A yes ends it.
    hold(agent, 's3')


@case('a live grant goes on through a cooldown', secrets=SECRETS)
def covered(world):
    agent, human = world.agent(), world.human(pin=True)
    call, request_id = hold(agent, 's5')
    answer(human, request_id, 'grant', pin=countersign.PIN)
    agent.answer(call)
    for name in SECRETS[:3]:
        deny(agent, human, name)
    equal(at_once(agent, 's4'), ('denied', 'cooldown'))
    equal(at_once(agent, 's5')[0], 'completed')


@case('denied for ten minutes: the same is denied unasked, anything else is asked', secrets=SECRETS)
def denied_for(world):
    agent, other, human = world.agent(), world.agent(), world.human(pin=True)
    deny(agent, human, 's0', deny_seconds=600)
    found = agent.answer(agent.ask('s0', 'please'))
    equal((found['status'], found['code']), ('denied', 'denied_for'))
    assert 'm' in found['message'].split('another ')[1], found['message']
    hold(agent, 's1')
    hold(other, 's0')


@case('a denial for a time ends with it')
def denied_shortly(world):
    agent, human = world.agent(), world.human(pin=True)
    deny(agent, human, 'demo', deny_seconds=1)
    equal(at_once(agent, 'demo'), ('denied', 'denied_for'))
    while agent.first(agent.ask('demo')) is not None:
        pass


@case('deny_seconds goes with a denial, always with a grant')
def mixed(world):
    agent, human = world.agent(), world.human(pin=True)
    hold(agent, 'demo')
    request, = human.pending()
    for verdict, field, value in (('grant', 'deny_seconds', 60), ('deny', 'always', True)):
        try:
            human.decide(request, verdict, **{field: value, 'pin': countersign.PIN})
            raise AssertionError(f'{field} with {verdict}')
        except Refused as error:
            equal((error.code, error.data['field']), (-32602, field))
    equal(len(human.pending()), 1)


@case(f'of {count(1000, 10000)} requests of one process a few are asked, and another\'s is not kept waiting')
def flood(world):
    total = count(1000, 10000)
    flooder, other = world.agent(), world.agent()
    human = world.human(pin=True)
    human.call('subscribe')
    calls = [flooder.ask('demo', f'purpose {i}') for i in range(total)]
    call, request_id = hold(other, 'demo')
    human.hear('held', request_id=request_id)
    answers = [flooder.first(one) for one in calls]
    refused = [a for a in answers if a is not None]
    equal({(a['status'], a['code']) for a in refused}, {('denied', 'too_many')})
    held = total - len(refused)
    assert BURST <= held <= 128, held
    equal(world.status()['held'], held + 1)
    answer(human, request_id, 'grant', pin=countersign.PIN)
    equal(other.answer(call)['status'], 'completed')
    # In the trail they are a number.
    world.cli('lock')
    world.unlock()
    one_by_one = [r for r in records(world, 'request_denied') if r.get('code') == 'too_many']
    counted = sum(r['count'] for r in records(world, 'requests_refused'))
    assert len(one_by_one) <= 128, len(one_by_one)
    equal(len(one_by_one) + counted, len(refused))


@case('one grant answers all that wait for the same, each told the same reference')
def together(world):
    agent, human = world.agent(), world.human(pin=True)
    calls = [hold(agent, 'demo', f'purpose {i}') for i in range(5)]
    answer(human, calls[0][1], 'grant', pin=countersign.PIN)
    references = {agent.answer(call)['result']['reference']['id'] for call, _ in calls}
    equal(len(references), 1)
    equal(human.pending(), [])
    equal(world.status()['grants'], 1)


@case('a grant for this process alone leaves another\'s request waiting')
def alone(world):
    agent, other, human = world.agent(), world.agent(), world.human(pin=True)
    (call, request_id), (_, left) = hold(agent, 'demo'), hold(other, 'demo')
    answer(human, request_id, 'grant', pin=countersign.PIN)
    equal(agent.answer(call)['status'], 'completed')
    equal([r['request_id'] for r in human.pending()], [left])


countersign.main()
