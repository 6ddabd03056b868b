# SPDX-License-Identifier: MIT
"""A call that waits, as a task of the extension io.modelcontextprotocol/tasks. The broker is played by the case."""

import sys

import double
import tap
from called import GET, flat
from mcpwire import TASKS
from modern import REFERENCE, RUN, TIMES, Modern, completed, pending, refused, start
from tap import case, contains, equal

UNKNOWN = (5, 'there is no such request')


def as_task(world, tool='get_secret', arguments=None, state='held'):
    """A call that became the task r1: client, broker, link, the task as it was told."""
    mcp, broker, link, call, asked = start(world, tool, arguments, TASKS)
    equal(asked['params']['hold_seconds'], 1)
    pending(link, asked, state=state)
    return mcp, broker, link, mcp.answer(call)


def look(mcp, link):
    """tasks/get of r1, as the broker gets it: the client's call, the broker's."""
    call = mcp.begin('tasks/get', {'taskId': 'r1'})
    return call, link.take('approval_wait')


@case('where tasks are declared a held call becomes one at once, and is looked after until it is over')
def task(world):
    mcp, _, link, made = as_task(world)
    equal({key: made[key] for key in made if key not in ('_meta', 'ttlMs')}, {
        'resultType': 'task', 'taskId': 'r1', 'status': 'working', 'statusMessage': 'Waiting for a person: `countersign approve r1`.',
        'createdAt': TIMES['asked_at'], 'lastUpdatedAt': TIMES['changed_at'], 'pollIntervalMs': 2000})
    assert made['ttlMs'] >= 300000, made
    call, asked = look(mcp, link)
    equal(asked['params'], {'request_id': 'r1', 'hold_seconds': 0})
    pending(link, asked)
    found = mcp.answer(call)
    equal((found['resultType'], found['status'], found['taskId']), ('complete', 'working', 'r1'))
    call, asked = look(mcp, link)
    completed(link, asked)
    found = mcp.answer(call)
    equal((found['status'], found['result']['isError']), ('completed', False))
    equal(flat({**found['result'], 'structuredContent': found['result']['structuredContent']})['reference'], REFERENCE)
    assert 'error' not in found and 'asked_at' not in found['result']['structuredContent'], found


@case('a task says what it waits for: the person, the lock, or its own end')
def words(world):
    for state, part in (('locked', '`countersign unlock`'), ('running', 'under way'), (None, 'under way')):
        mcp, broker, link, made = as_task(world, 'run_command', RUN, state)
        contains(made['statusMessage'], part)
        call, asked = look(mcp, link)
        pending(link, asked)
        contains(mcp.answer(call)['statusMessage'], '`countersign approve r1`')
        mcp.process.stdin.close()
        broker.stop()


@case('a no ends a task as its result; what was withdrawn is cancelled')
def ends(world):
    mcp, _, link, _ = as_task(world)
    for code, status in (('person', 'completed'), ('cancelled', 'cancelled')):
        call, asked = look(mcp, link)
        link.answer(asked, {'status': 'denied', 'request_id': 'r1', 'code': code, 'message': 'no', **TIMES})
        found = mcp.answer(call)
        equal((found['status'], found['statusMessage']), (status, 'no'))
        equal(found['result']['isError'] if status == 'completed' else found.get('result'), True if status == 'completed' else None)


@case('tasks/cancel withdraws the request, and says only that it was heard')
def cancel_task(world):
    mcp, _, link, _ = as_task(world)
    call = mcp.begin('tasks/cancel', {'taskId': 'r1'})
    asked = link.take('withdraw')
    equal(asked['params']['request_id'], 'r1')
    link.answer(asked, {})
    found = mcp.answer(call)
    equal((found['resultType'], set(found) - {'_meta'}), ('complete', {'resultType'}))


@case('a task that nobody knows, and what no task takes, is refused')
def refusals(world):
    mcp, _, link, _ = as_task(world)
    for verb, method in (('get', 'approval_wait'), ('cancel', 'withdraw')):
        call = mcp.begin(f'tasks/{verb}', {'taskId': 'r9'})
        link.refuse(link.take(method), *UNKNOWN)
        contains(refused(lambda call=call: mcp.answer(call), -32602), 'taskId')
        refused(lambda verb=verb: mcp.answer(mcp.begin(f'tasks/{verb}', {'taskId': 'r1'}, can={})), -32021)
    call = mcp.begin('tasks/get', {'taskId': 'r' * 65})
    link.refuse(link.take('approval_wait'), -32602, 'request_id: must be 1 to 64 bytes long')
    contains(refused(lambda: mcp.answer(call), -32602), 'taskId')
    refused(lambda: mcp.task('update', 'r1', inputResponses={}), -32602)
    for verb in ('result', 'list'):
        refused(lambda verb=verb: mcp.task(verb, 'r1'), -32601)


@case('a task keeps its id when the broker is replaced, and is asked for again once')
def task_replaced(world):
    mcp, broker, link, _ = as_task(world)
    broker.stop()
    second = world.broker()
    call = mcp.begin('tasks/get', {'taskId': 'r1'})
    link = second.accept('second')
    link.refuse(link.take('approval_wait'), *UNKNOWN)
    asked = link.take('get_secret')
    equal(asked['params'], {**GET, 'hold_seconds': 0})
    pending(link, asked, 'r2')
    found = mcp.answer(call)
    equal((found['taskId'], found['status'], found['statusMessage']),
          ('r1', 'working', 'Waiting for a person: `countersign approve r2`.'))
    call, asked = look(mcp, link)
    equal(asked['params']['request_id'], 'r2')
    completed(link, asked, 'r2')
    found = mcp.answer(call)
    equal((found['taskId'], found['status']), ('r1', 'completed'))


@case('a command that ran as a task when its broker went away is not run again')
def task_interrupted(world):
    mcp, broker, link, _ = as_task(world, 'run_command', RUN)
    call, asked = look(mcp, link)
    pending(link, asked, state='running')
    contains(mcp.answer(call)['statusMessage'], 'under way')
    broker.stop()
    second = world.broker()
    call = mcp.begin('tasks/get', {'taskId': 'r1'})
    link = second.accept('second')
    link.refuse(link.take('approval_wait'), *UNKNOWN)
    contains(refused(lambda: mcp.answer(call), -32603), 'Find out which')


@case('a task of an earlier process of ours is found at the broker')
def task_of_before(world):
    mcp = Modern(world, TASKS)
    broker = world.broker()
    call = mcp.begin('tasks/get', {'taskId': 'r1'})
    link = broker.accept()
    asked = link.take('approval_wait')
    pending(link, asked)
    equal(mcp.answer(call)['status'], 'working')
    call, asked = look(mcp, link)
    completed(link, asked)
    equal(mcp.answer(call)['status'], 'completed')


sys.exit(tap.run(double.World))
