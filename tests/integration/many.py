# SPDX-License-Identifier: MIT
"""Many requests at once: each is answered, once."""

import countersign
from tap import case, count, equal, LONG

AGENTS = count(20, 200)  # one requester may not have all of that open


def store_many(world, total):
    """Sets that many secrets by one connection, without waiting between them."""
    human = world.human(pin=True)
    calls = [human.start('secret_set', {'name': f's{i}', 'value': f'v{i}', 'mode': 'new', 'pin': countersign.PIN})
             for i in range(total)]
    for call in calls:
        human.answer(call)
    return human


@case(f'{10000 if LONG else 1000} requests held at once are each answered once', secrets=())
def held(world):
    total = count(1000, 10000)
    human = store_many(world, total)
    agents = [world.agent() for _ in range(AGENTS)]
    calls = [(agents[i % AGENTS], agents[i % AGENTS].ask(f's{i}')) for i in range(total)]
    wanted = {agent.held(call)['request_id']: (agent, call) for agent, call in calls}
    equal(len(wanted), total, 'requests')
    equal(world.status()['held'], total)
    requests = human.pending()
    equal({r['request_id'] for r in requests}, set(wanted))
    verdicts = {}
    for i, request in enumerate(requests):
        verdicts[request['request_id']] = 'completed' if i % 2 else 'denied'
        more = {'pin': countersign.PIN} if i % 2 else {}
        human.start('decide', {'request_id': request['request_id'], 'verdict': 'grant' if i % 2 else 'deny',
                               'card_digest': request['digest'], **more})
    for request_id, (agent, call) in wanted.items():
        answer = agent.answer(call)
        equal((answer['status'], answer['request_id']), (verdicts[request_id], request_id))
    for agent in agents:
        agent.call('broker_status')
        for call, messages in agent.answers.items():
            equal(len(messages), 1, f'answers to {call}')
    status = world.status()
    equal((status['held'], status['grants']), (0, total // 2))


@case('200 connections come and go with their requests', secrets=('demo',))
def connections(world):
    for _ in range(10):
        agents = [world.agent() for _ in range(20)]
        for agent in agents:
            agent.held(agent.ask('demo'))
        for agent in agents:
            agent.kill()
    human = world.human(pin=True)
    human.call('subscribe')
    while human.call('status')['held']:
        human.pump()
    equal(human.pending(), [])


countersign.main()
