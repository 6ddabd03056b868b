# SPDX-License-Identifier: MIT
"""A request's id in the wrong hands, or with other words: it is a name, never a permission."""

import countersign
from lines import Refused
from mcpwire import TASKS
from modern import Modern, asked_again, refused
from parties import STEADY
from tap import case, equal

ASK = {'name': 'demo', 'purpose': 'a test'}
NEVER = '0' * 16


def told(agent, method, arguments):
    """What an agent learns: an error, or a status."""
    try:
        answer = agent.call(method, arguments)
        return answer['status'], answer.get('code')
    except Refused as error:
        return error.code, error.message, error.data


def handed_out(agent, method='get_secret', arguments=None):
    answer = agent.call(method, {**(arguments or ASK), 'hold_seconds': 0})
    equal(answer['status'], 'pending')
    return answer['request_id']


@case("another process that goes on with somebody's request learns nothing, and makes none")
def another(world):
    owner, thief = world.agent(), world.agent()
    request_id = handed_out(owner)
    for state in ('held', 'approved', 'fetched'):
        if state == 'approved':
            world.grant(request_id)
        elif state == 'fetched':
            equal(owner.call('approval_wait', {'request_id': request_id})['status'], 'completed')
        stolen = told(thief, 'get_secret', {**ASK, 'resume': request_id})
        equal(stolen, told(thief, 'get_secret', {**ASK, 'resume': NEVER}), state)
        equal((stolen[0], stolen[2]['reason']), (5, 'resume'))
        equal(len(world.human(pin=True).pending()), state == 'held', state)


@case('a request that a person allowed is not carried out with other arguments, nor by another call')
def other_words(world):
    agent = world.agent()
    store = {'name': 'fresh', 'value': 'as approved'}
    request_id = handed_out(agent, 'store_secret', store)
    world.grant(request_id)
    others = [('store_secret', {**store, 'value': 'something else'}), ('store_secret', {**store, 'name': 'other'}),
              ('store_secret', {**store, 'tags': {'a': 'b'}}), ('update_secret', {**store, 'name': 'demo'}),
              ('delete_secret', {'name': 'fresh'}), ('get_secret', ASK)]
    for method, arguments in others:
        equal(told(agent, method, {**arguments, 'resume': request_id})[:1], (5,), (method, arguments))
    human = world.human(pin=True)
    equal([s['name'] for s in human.pages('secret_list')], ['demo'])
    equal(human.pending(), [])
    equal(agent.call('store_secret', {**store, 'resume': request_id})['status'], 'completed')
    equal([s['version'] for s in human.pages('secret_list')], [1, 1])


@case("another process that withdraws somebody's request withdraws nothing")
def withdraw(world):
    owner, thief = world.agent(), world.agent()
    call = owner.ask('demo')
    request_id = owner.held(call)['request_id']
    equal(told(thief, 'withdraw', {'request_id': request_id}), told(thief, 'withdraw', {'request_id': NEVER}))
    thief.notify('cancel', {'id': call, 'withdraw': True})
    thief.call('broker_status')
    world.grant(request_id)
    equal(owner.answer(call)['status'], 'completed')


def of_another(world, can=None):
    """countersign-mcp, started by another program: another requester."""
    return Modern(world, can, argv=[STEADY, world.keep('lock'), world.program('countersign-mcp')])


@case("another program's client that names somebody's task or state is told of none")
def over_mcp(world):
    owner, thief = Modern(world, TASKS, arguments=['--hold', '0']), of_another(world, TASKS)
    task_id = owner.tool('get_secret', ASK)['taskId']
    state = asked_again(owner.tool('get_secret', {**ASK, 'purpose': 'in rounds'}, can={}))
    for verb in ('get', 'cancel'):
        equal(refused(lambda verb=verb: thief.task(verb, task_id), -32602),
              refused(lambda verb=verb: thief.task(verb, NEVER), -32602))
    rounds = {**ASK, 'purpose': 'in rounds'}
    equal(refused(lambda: thief.tool('get_secret', rounds, state, can={}), -32602),
          refused(lambda: thief.tool('get_secret', rounds, f'{NEVER}.1', can={}), -32602))
    waited = thief.tool('approval_wait', {'request_id': task_id, 'timeout_seconds': 0})['structuredContent']
    equal((waited['status'], waited['code']), ('failed', 'not_found'))
    equal(len(world.human(pin=True).pending()), 2, 'neither more nor less is asked of the person')
    world.grant(task_id)
    refused(lambda: thief.task('get', task_id), -32602)
    equal(owner.task('get', task_id)['status'], 'completed')


@case('a state does not carry an approval over to other arguments, another tool or another request')
def other_arguments(world):
    mcp = Modern(world, arguments=['--hold', '0'])
    store, other = {'name': 'fresh', 'value': 'as approved'}, {'name': 'other', 'value': 'never approved'}
    state, another = asked_again(mcp.tool('store_secret', store)), asked_again(mcp.tool('store_secret', other))
    world.grant(state.split('.')[0])
    for tool, arguments, shown in (('store_secret', {**store, 'value': 'changed'}, state), ('store_secret', other, state),
                                   ('store_secret', store, another), ('delete_secret', {'name': 'fresh'}, state),
                                   ('store_secret', store, state.replace('.', 'x.'))):
        refused(lambda tool=tool, arguments=arguments, shown=shown: mcp.tool(tool, arguments, shown), -32602)
    human = world.human(pin=True)
    equal([s['name'] for s in human.pages('secret_list')], ['demo'])
    for _ in range(3):
        equal(mcp.tool('store_secret', store, state)['structuredContent']['status'], 'completed')
    equal([(s['name'], s['version']) for s in human.pages('secret_list')], [('demo', 1), ('fresh', 1)])


countersign.main()
