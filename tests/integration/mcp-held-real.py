# SPDX-License-Identifier: MIT
"""A call that waits, and the real broker: what is approved happens once, when somebody is there for it, and never unseen."""

import contextlib
import os
import time

import countersign
from commands import marks
from countersign import wait_gone
from lines import Refused
from mcpwire import TASKS
from modern import Modern, asked_again, envelope, refused
from tap import LONG, case, contains, equal

ASK = {'name': 'demo', 'purpose': 'a test'}
STORE = {'name': 'fresh', 'value': 'from the agent'}
MARK = 'held-mark'
ENDLESS = {'command': ['/bin/sh', '-c', 'while :; do sleep 0.1; done'], 'env': {'MARK': MARK}, 'timeout_seconds': 600, 'purpose': 'a test'}


def stored(world):
    return {secret['name']: secret['version'] for secret in world.human(pin=True).pages('secret_list')}


def waits(world):
    """Ids of what a person is asked for."""
    return [request['request_id'] for request in world.human(pin=True).pending()]


def task(mcp, tool='store_secret', arguments=None):
    made = mcp.tool(tool, arguments or STORE)
    equal((made['resultType'], made['status']), ('task', 'working'), made)
    return made['taskId']


def state_of(mcp, tool='store_secret', arguments=None):
    return asked_again(mcp.tool(tool, arguments or STORE))


def killed(mcp):
    mcp.process.kill()
    mcp.process.wait()


def outcome(found):
    equal(found['status'], 'completed', found)
    return found['result']['structuredContent']


@case('auto: a person may take longer than the client waits for one answer', sdk_env=True)
def approved(world):
    human = world.human(pin=True)
    human.call('subscribe')
    client = world.official('auto', arguments=['--hold', '1'])
    call = client.start('get_secret', ASK, timeout=2000)
    request_id = human.hear('held')['request_id']
    time.sleep(2.5)
    equal(waits(world), [request_id], 'one request for all rounds')
    world.grant(request_id)
    found = client.answer(call)['result']['structuredContent']
    equal((found['status'], found['request_id']), ('completed', request_id))


@case('auto: a no comes in whichever round', sdk_env=True)
def denied(world):
    human = world.human(pin=True)
    human.call('subscribe')
    client = world.official('auto', arguments=['--hold', '0'])
    call = client.start('get_secret', ASK)
    human.hear('held')
    request, = human.pending()
    human.decide(request, 'deny', reason='not today')
    result = client.answer(call)['result']
    equal((result['isError'], result['structuredContent']['status']), (True, 'denied'))
    contains(result['structuredContent']['error'], 'not today')


@case('an approval that nobody looks after does nothing; who looks gets it, once')
def late(world):
    mcp = Modern(world, TASKS)
    task_id = task(mcp)
    world.grant(task_id)
    equal(mcp.tool('broker_status')['isError'], False)
    equal(stored(world), {'demo': 1})
    first = outcome(mcp.task('get', task_id))
    equal(stored(world), {'demo': 1, 'fresh': 1})
    equal(outcome(mcp.task('get', task_id)), first)
    # A state that was used up, or never given, brings the same outcome and nothing else.
    for n in (1, 1, 9):
        equal(envelope(mcp.tool('store_secret', STORE, f'{task_id}.{n}')), first)
    refused(lambda: mcp.tool('store_secret', {**STORE, 'value': 'another'}, f'{task_id}.1'), -32602)
    equal((stored(world), waits(world)), ({'demo': 1, 'fresh': 1}, []))


@case('a program that is killed leaves a request without effect, and the next one goes on with it')
def program_killed(world):
    for begin, go_on in ((task, lambda mcp, name: outcome(mcp.task('get', name))),
                         (state_of, lambda mcp, name: envelope(mcp.tool('store_secret', STORE, name)))):
        mcp = Modern(world, TASKS if begin is task else None, arguments=['--hold', '1'])
        name = begin(mcp)
        killed(mcp)
        world.grant(name.split('.')[0])
        assert 'fresh' not in stored(world)
        mcp = Modern(world, TASKS if begin is task else None)
        equal(go_on(mcp, name)['status'], 'completed')
        equal(stored(world), {'demo': 1, 'fresh': 1})
        world.cli('secret', 'rm', 'fresh', pin=True)


@case('a program that is killed in its first round takes its request with it')
def first_round_killed(world):
    human = world.human(pin=True)
    human.call('subscribe')
    mcp = Modern(world)
    mcp.begin_tool('store_secret', STORE)
    request_id = human.hear('held')['request_id']
    request, = human.pending()
    killed(mcp)
    human.hear('closed', request_id=request_id)
    with contextlib.suppress(Refused):
        raise AssertionError(human.decide(request, pin=countersign.PIN))
    equal(stored(world), {'demo': 1})


@case('a broker that is killed takes approvals with it; a task asks again, under its own name')
def broker_killed(world):
    mcp = Modern(world, TASKS)
    task_id = task(mcp)
    world.grant(task_id)
    world.kill_broker()
    world.unlock()
    found = mcp.task('get', task_id)
    equal((found['taskId'], found['status']), (task_id, 'working'))
    request_id, = waits(world)
    assert request_id != task_id
    contains(mcp.task('get', task_id)['statusMessage'], request_id)
    equal(stored(world), {'demo': 1})
    world.grant(request_id)
    equal(outcome(mcp.task('get', task_id))['status'], 'completed')
    equal((stored(world), waits(world)), ({'demo': 1, 'fresh': 1}, []))


@case('a locked broker makes a task that says so, and that outlives the unlocking')
def locked(world):
    mcp = Modern(world, TASKS)
    mcp.tool('broker_status')
    world.cli('lock')
    task_id = task(mcp)
    contains(mcp.task('get', task_id)['statusMessage'], '`countersign unlock`')
    world.unlock()
    equal(mcp.task('get', task_id)['status'], 'working')
    world.grant(waits(world)[0])
    equal(outcome(mcp.task('get', task_id))['status'], 'completed')


@case('tasks/cancel ends what waits, and what can still be granted')
def cancelled(world):
    mcp = Modern(world, TASKS)
    for grant in (False, True):
        task_id = task(mcp)
        if grant:
            world.grant(task_id)
        mcp.task('cancel', task_id)
        equal(mcp.task('get', task_id)['status'], 'cancelled')
        mcp.task('cancel', task_id)
    equal((stored(world), waits(world)), ({'demo': 1}, []))


@case('tasks/cancel ends a command that runs')
def command_cancelled(world):
    mcp = Modern(world, TASKS)
    task_id = task(mcp, 'run_command', ENDLESS)
    world.grant(task_id)
    found = mcp.task('get', task_id)
    equal((found['status'], found['statusMessage']), ('working', 'It is allowed, and under way.'))
    while not marks(MARK):
        mcp.task('get', task_id)
    fds = []
    for pid in marks(MARK):
        with contextlib.suppress(ProcessLookupError):
            fds.append(os.pidfd_open(pid))
    mcp.task('cancel', task_id)
    for fd in fds:
        assert wait_gone(fd), 'it runs on'
        os.close(fd)
    equal(mcp.task('get', task_id)['status'], 'cancelled')


@case('a command that needs nobody is answered when it is short, and is a task when it takes its time')
def covered(world):
    mcp = Modern(world, TASKS)
    for words, expected in ('echo short', 'complete'), ('sleep 2; echo long', 'task'):
        command = {'command': ['/bin/sh', '-c', words], 'purpose': 'a test'}
        task_id = task(mcp, 'run_command', command)
        world.grant(task_id, duration=60)
        while (found := mcp.task('get', task_id))['status'] == 'working':
            time.sleep(0.2)
        equal(outcome(found)['result']['exit_code'], 0)
        again = mcp.tool('run_command', command)
        equal(again['resultType'], expected)
    equal((again['status'], again['statusMessage']), ('working', 'It is allowed, and under way.'))
    equal(waits(world), [])


@case('who cancels in a later round leaves a person nothing to decide')
def round_cancelled(world):
    human = world.human(pin=True)
    human.call('subscribe')
    mcp = Modern(world, arguments=['--hold', '1'])
    state = state_of(mcp)
    request_id = human.hear('held')['request_id']
    call = mcp.begin_tool('store_secret', STORE, state)
    mcp.notify('notifications/cancelled', {'requestId': call})
    human.hear('closed', request_id=request_id)
    mcp.answer(mcp.begin('tools/list'))
    assert call not in mcp.answers
    found = envelope(mcp.tool('store_secret', STORE, state))
    equal((found['status'], found['code']), ('denied', 'cancelled'))


if LONG:
    @case('what nobody answers ends as expired, in each way')
    def expired(world):
        mcp = Modern(world, TASKS)
        task_id, call = task(mcp), mcp.begin_tool('get_secret', ASK, can={})
        while (found := mcp.answer(call, 400))['resultType'] == 'input_required':
            call = mcp.begin_tool('get_secret', ASK, found['requestState'], can={})
        equal(envelope(found)['status'], 'expired')
        equal(outcome(mcp.task('get', task_id))['status'], 'expired')


countersign.main()
