# SPDX-License-Identifier: MIT
"""What a card says of who asks, and of what is different from the last approval."""

import json

import countersign
from tap import case, equal


def card(world, agent, name='demo'):
    """The card of a request that is held, and the request; it is left to the case to answer it."""
    call = agent.ask(name)
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    return json.loads(request['card']), request, call


def answer(world, agent, request, call, verdict='grant', **more):
    human = world.human(pin=True)
    human.decide(request, verdict, **({'pin': countersign.PIN} if verdict == 'grant' else {}), **more)
    agent.answer(call)


def lines(shown):
    return {change['line']: change['before'] for change in shown['previous']['changed']}


@case('an interpreter is named as one, with the script that it runs, and so is each link of the chain')
def script(world):
    shown, _, _ = card(world, world.agent())
    who = shown['requester']
    equal((who['interpreter'], who['script']['kind']), (True, 'file'))
    assert who['script']['text'].endswith('/relay.py'), who['script']
    equal(who['chain'][0]['script'], 'relay.py')
    equal(who['chain'][1]['script'], 'previous.py')


@case('the first of its kind is compared with nothing, and a denial teaches nothing', secrets=('demo', 'other'))
def first(world):
    agent = world.agent()
    shown, request, call = card(world, agent)
    equal('previous' in shown, False)
    answer(world, agent, request, call, 'deny')
    shown, _, _ = card(world, agent, 'other')
    equal('previous' in shown, False)


@case('the same again is the same, and another resource is what is different', secrets=('demo', 'other'))
def compared(world):
    agent = world.agent()
    shown, request, call = card(world, agent)
    answer(world, agent, request, call, duration=60, uses=1)
    again = world.agent()
    shown, _, _ = card(world, again)
    equal(lines(shown), {})
    shown, _, _ = card(world, again, 'other')
    equal(lines(shown), {'what': 'demo'})


@case('what was approved is known after lock, and to the next broker', secrets=('demo', 'other'))
def kept(world):
    agent = world.agent()
    _, request, call = card(world, agent)
    answer(world, agent, request, call)
    for end in (lambda: world.cli('lock'), world.kill_broker):
        end()
        world.unlock()
        shown, _, _ = card(world, world.agent(), 'other')
        equal(lines(shown), {'what': 'demo'})


@case('another claim of a client is a difference, and a pid is none', secrets=('demo', 'other'))
def claimed(world):
    agent = world.agent(claim={'name': 'claude-code', 'version': '1'})
    _, request, call = card(world, agent)
    answer(world, agent, request, call)
    shown, _, _ = card(world, world.agent(claim={'name': 'someone', 'version': '1'}))
    equal(lines(shown), {'claim': 'claude-code'})


def run(world, agent, *arguments, **more):
    """The card of a command that is held, the request, and the call."""
    call = agent.start('run_command', {'command': ['/usr/bin/true', *arguments], 'purpose': 'a test',
                                       'secrets': [{'name': 'demo', 'env': 'TOKEN'}], **more})
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    return json.loads(request['card']), request, call


@case('of a command each argument is compared with the one of its number, whatever else is different')
def arguments(world):
    agent = world.agent()
    shown, request, call = run(world, agent, 'pr', 'list', env={'A': 'b'})
    answer(world, agent, request, call)
    shown, _, _ = run(world, agent, 'pr', 'list', 'x', env={'A': 'b'})
    equal(lines(shown), {'fact-4': ''})
    shown, _, _ = run(world, agent, 'pr', 'view', env={'A': 'b'})
    equal(lines(shown), {'fact-3': 'Argument: list'})
    # What is gone has a number that no fact of this card has.
    shown, _, _ = run(world, agent, 'pr')
    last = len(shown['facts'])
    equal(lines(shown), {f'fact-{last + 1}': 'Argument: list', f'fact-{last + 2}': 'Environment: A=b'})


@case('of a long input its size and digest are kept, and another one is different')
def long_input(world):
    agent = world.agent()
    _, request, call = run(world, agent, stdin='a' * 5000)
    answer(world, agent, request, call)
    shown, _, _ = run(world, agent, stdin='b' * 5000)
    (line, before), = lines(shown).items()
    equal(shown['facts'][int(line.split('-')[1]) - 1]['label'], 'Input')
    assert before.startswith('Input: 5000 bytes, SHA-256 '), before


countersign.main()
