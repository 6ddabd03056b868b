# SPDX-License-Identifier: MIT
"""What one caller over HTTP waits for, in the hands of another, of a process of the same user, or after the server was killed."""

import callerworld
from callerworld import LEGACY, Caller
from mcpwire import TASKS
from modern import Modern, refused
from tap import case, equal

ASK = {'name': 'demo', 'purpose': 'a test'}
STORE = {'name': 'fresh', 'value': 'as approved'}
NEVER = '0' * 16


def task(caller, tool='store_secret', arguments=None):
    made = caller.call(tool, arguments or STORE, capabilities=TASKS).result()
    equal((made['resultType'], made['status']), ('task', 'working'), made)
    return made['taskId']


def look(caller, task_id, verb='get'):
    """What is answered about a task: its status, or the error's code and words."""
    reply = caller.post(f'tasks/{verb}', {'taskId': task_id}, capabilities=TASKS, Mcp_Name=task_id)
    message, = reply.messages
    if 'error' in message:
        return message['error']['code'], message['error']['message']
    return message['result'].get('status')


def go_on(caller, state, tool='store_secret', arguments=None):
    reply = caller.post('tools/call', {'name': tool, 'arguments': arguments or STORE, 'requestState': state})
    message, = reply.messages
    return message['error']['code'] if 'error' in message else message['result']['structuredContent']['status']


def stored(world):
    return [secret['name'] for secret in world.human(pin=True).pages('secret_list')]


@case("another caller that names somebody's task, state or request is told of none")
def another(world):
    owner_token, thief_token = world.local('owner'), world.local('thief')
    server = world.serve()
    owner, thief = Caller(server, owner_token), Caller(server, thief_token)
    task_id = task(owner)
    for verb in ('get', 'cancel'):
        equal(look(thief, task_id, verb), look(thief, NEVER, verb))
        equal(look(thief, task_id, verb)[0], -32602)
    equal(go_on(thief, f'{task_id}.1'), -32602)
    equal(thief.call('approval_wait', {'request_id': task_id}).tool()['code'], 'not_found')
    mcp = Modern(world, TASKS)  # of the same user, on standard input
    equal(refused(lambda: mcp.task('get', task_id), -32602), refused(lambda: mcp.task('get', NEVER), -32602))
    refused(lambda: mcp.task('cancel', task_id), -32602)
    equal(len(world.human(pin=True).pending()), 1)
    world.grant(task_id)
    for found in (look(thief, task_id)[0], go_on(thief, f'{task_id}.1'), go_on(owner, f'{task_id}.1', arguments={**STORE, 'value': 'x'})):
        equal(found, -32602)
    equal(stored(world), ['demo'])
    equal(look(owner, task_id), 'completed')
    equal((go_on(owner, f'{task_id}.1'), stored(world)), ('completed', ['demo', 'fresh']))


@case("a process of the same user owns what it asked, and no caller does")
def own(world):
    token = world.local('thief')
    mcp = Modern(world, TASKS)
    task_id = mcp.tool('store_secret', STORE)['taskId']
    thief = Caller(world.serve(), token)
    equal(look(thief, task_id)[0], -32602)
    equal(look(thief, task_id, 'cancel')[0], -32602)
    world.grant(task_id)
    equal(go_on(thief, f'{task_id}.1'), -32602)
    equal(stored(world), ['demo'])
    equal(mcp.task('get', task_id)['status'], 'completed')


@case('a server that is killed leaves what waits without effect, and the next one serves it to its caller alone')
def killed(world):
    owner_token, thief_token = world.local('owner'), world.local('thief')
    first = world.serve()
    task_id = task(Caller(first, owner_token))
    first.process.kill()
    first.process.wait()
    world.grant(task_id)
    equal(stored(world), ['demo'])
    server = world.serve()
    equal(look(Caller(server, thief_token), task_id)[0], -32602)
    equal(stored(world), ['demo'])
    equal(look(Caller(server, owner_token), task_id), 'completed')
    equal(stored(world), ['demo', 'fresh'])


@case('handshake era: what a session asked for is fetched by its caller in another, and by nobody else')
def sessions(world):
    owner_token, thief_token = world.local('owner'), world.local('thief')
    server = world.serve('--hold', '0')

    def session(token):
        caller = Caller(server, token, LEGACY)
        caller.initialize()
        return caller
    answer = session(owner_token).call('get_secret', ASK).tool()
    equal(answer['status'], 'pending')
    world.grant(answer['request_id'])
    wait = {'request_id': answer['request_id'], 'timeout_seconds': 0}
    equal(session(thief_token).call('approval_wait', wait).tool()['code'], 'not_found')
    equal(session(owner_token).call('approval_wait', wait).tool()['status'], 'completed')


callerworld.main()
