# SPDX-License-Identifier: MIT
"""The official clients over HTTP, each with a token of its own, and a person who answers: a real broker behind a real server."""

import itertools

import countersign
import shared
from callerworld import CallerWorld
from tap import case, equal

NUMBERS = itertools.count()
ASK = {'name': 'demo', 'purpose': 'deploy the site', 'ttl_seconds': 300}


def clients(world, *sdks):
    """A server, and each with a token of its own, so that nobody has what another was granted."""
    tokens = {sdk: world.local(f'{sdk}-{next(NUMBERS)}') for sdk in sdks}
    url = f'{world.serve().url}/mcp'
    return [world.official(sdk, argv=[url], env={**world.env, 'TOKEN': token}) for sdk, token in tokens.items()]


def watching(world):
    human = world.human(pin=True)
    human.call('subscribe')
    return human


def said(client, call):
    return client.answer(call)['result']['structuredContent']


for sdk in ('v1', 'v2', 'auto'):
    @case(f'{sdk}: all is listed, other calls are answered while one is held, and a yes, a no and a cancellation come through')
    def all_of_it(world, sdk=sdk):
        human, (client,) = watching(world), clients(world, sdk)
        tools = client.answer(client.order(tools=True))['result']['tools']
        equal((client.connected['connected']['name'], tools[0]['name']), ('countersign', 'broker_status'))

        call = client.start('get_secret', ASK)
        request = human.hear('held')
        equal(client.tool('broker_status')['structuredContent']['result']['state'], 'unlocked')
        human.decide(request, 'deny')
        equal(said(client, call)['status'], 'denied')

        call = client.start('get_secret', {**ASK, 'purpose': 'another'})
        request = human.hear('held')
        client.lines.send({'cancel': call})
        human.hear('closed', request_id=request['request_id'])
        assert 'error' in client.answer(call)

        call = client.start('get_secret', {**ASK, 'purpose': 'the last'})
        human.decide(human.hear('held'), pin=countersign.PIN, duration=60)
        equal(said(client, call)['result']['reference']['expiresIn'], 60)


@case('with the timeout that they come with, one hears "pending" before it, and one waits longer than it')
def timeouts(world):
    human, (old, new) = watching(world), clients(world, 'v1', 'auto')
    requests, calls = {}, {}
    for client in (old, new):
        calls[client] = client.start('get_secret', ASK)
        requests[client] = human.hear('held')
    answer = said(old, calls[old])
    equal((answer['status'], answer['request_id']), ('pending', requests[old]['request_id']))
    # From here on more than a minute has gone.
    equal(said(old, old.start('approval_wait', {'request_id': answer['request_id'], 'timeout_seconds': 18}))['status'], 'pending')
    assert calls[new] not in new.answers
    human.decide(requests[new], pin=countersign.PIN, duration=60)
    equal(said(new, calls[new])['status'], 'completed')


shared.main(CallerWorld)
