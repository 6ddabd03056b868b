# SPDX-License-Identifier: MIT
"""A call that waits for a person, in each way that a client can take. The broker is played by the case."""

import os
import sys
import time

import double
import tap
from called import GET, flat
from mcpwire import TASKS
from modern import Modern, asked_again, envelope, refused
from tap import case, contains, equal

REFERENCE = {'id': 'x', 'name': 'demo', 'purpose': 'a test', 'expiresAt': 1, 'expiresIn': 60}
TIMES = {'asked_at': '2030-01-01T00:00:00.000Z', 'changed_at': '2030-01-01T00:00:05.000Z'}
RUN = {'command': ['/bin/true'], 'purpose': 'a test'}
UNKNOWN = (5, 'there is no such request')


def pending(link, asked, request_id='r1', state='held'):
    """The broker says that nobody has answered yet; of what runs, nothing before."""
    if state:
        link.hold(asked, request_id, state)
    link.answer(asked, {'status': 'pending', 'request_id': request_id, 'expires_at': '2030-01-01T00:05:00.000Z',
                        'poll_after_ms': 2000, 'message': 'm', **TIMES})


def completed(link, asked, request_id='r1'):
    link.complete(asked, {'reference': REFERENCE, 'message': 'm'}, request_id=request_id, **TIMES)


def start(world, tool='get_secret', arguments=None, can=None, **more):
    """A client, its call, and the broker's side of both."""
    mcp = Modern(world, can)
    broker = world.broker()
    call = mcp.begin_tool(tool, GET if arguments is None else arguments, **more)
    link = broker.accept()
    return mcp, broker, link, call, link.take(tool)


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


# --- calling again with what names the request ---

@case('a held call is asked for again with the request and nothing else, and goes on with it')
def rounds(world):
    mcp, _, link, call, asked = start(world)
    equal(asked['params'], {**GET, 'hold_seconds': 45})
    pending(link, asked)
    state = asked_again(mcp.answer(call))
    equal(state, 'r1.1')
    call = mcp.begin_tool('get_secret', GET, state)
    asked = link.take('get_secret')
    equal(asked['params'], {**GET, 'hold_seconds': 45, 'resume': 'r1'})
    pending(link, asked)
    equal(asked_again(mcp.answer(call)), 'r1.2')
    call = mcp.begin_tool('get_secret', GET, 'r1.2')
    completed(link, link.take('get_secret'))
    found = envelope(mcp.answer(call))
    equal((found['status'], found['request_id'], found['result']['reference']), ('completed', 'r1', REFERENCE))
    equal(set(found), {'status', 'request_id', 'result'})


@case('the eighth call is answered pending, before clients stop with an error')
def eighth(world):
    mcp, _, link, call, asked = start(world)
    for n in range(7):
        pending(link, asked)
        state = asked_again(mcp.answer(call))
        equal(state, f'r1.{n + 1}')
        call = mcp.begin_tool('get_secret', GET, state)
        asked = link.take('get_secret')
    pending(link, asked)
    result = mcp.answer(call)
    equal((envelope(result)['status'], envelope(result)['request_id'], result['isError']), ('pending', 'r1', False))
    call = mcp.begin_tool('approval_wait', {'request_id': 'r1'})
    asked = link.take('approval_wait')
    pending(link, asked)
    equal(envelope(mcp.answer(call))['status'], 'pending', 'who waits by name is not asked to call again')


@case('what was not answered here is no state, and the broker is not asked')
def bad_states(world):
    mcp = Modern(world)
    for state in ('', 'r1', '.1', 'r1.', 'r1.0', 'r1.-1', 'r1.x', 'r1.1000', 'r1.1 ', '1'):
        contains(refused(lambda state=state: mcp.tool('get_secret', GET, state), -32602), 'requestState')
    assert world.nothing_started(0.3)


@case('a state that the broker knows no request for is refused, and the call is asked of nobody')
def refused_state(world):
    mcp, _, link, call, asked = start(world, state='stolen.1')
    equal(asked['params']['resume'], 'stolen')
    link.lines.send({'jsonrpc': '2.0', 'id': asked['id'], 'error': {
        'code': 5, 'message': 'resume: no', 'data': {'field': 'resume', 'reason': 'resume'}}})
    contains(refused(lambda: mcp.answer(call), -32602), 'without requestState')
    other = mcp.begin_tool('broker_status', state='r1.1')
    asked = link.take()
    equal((asked['method'], asked['params']['resume']), ('broker_status', 'r1'))
    link.lines.send({'jsonrpc': '2.0', 'id': asked['id'], 'error': {
        'code': -32602, 'message': 'resume: this call is never held', 'data': {'field': 'resume'}}})
    refused(lambda: mcp.answer(other), -32602)


@case('a no is the answer of whichever call hears it')
def denied(world):
    mcp, _, link, call, asked = start(world)
    pending(link, asked)
    call = mcp.begin_tool('get_secret', GET, asked_again(mcp.answer(call)))
    link.answer(link.take('get_secret'), {'status': 'denied', 'request_id': 'r1', 'code': 'person', 'message': 'no', **TIMES})
    result = mcp.answer(call)
    equal((result['isError'], envelope(result)['status'], envelope(result)['error']), (True, 'denied', 'no'))


@case('who cancels while it is asked again withdraws the request, and nothing is sent any more')
def cancelled(world):
    mcp, _, link, call, asked = start(world)
    link.hold(asked)
    mcp.notify('notifications/cancelled', {'requestId': call})
    equal(link.take('cancel')['params'], {'id': asked['id']})
    call = mcp.begin_tool('get_secret', GET)
    pending(link, link.take('get_secret'))
    call = mcp.begin_tool('get_secret', GET, asked_again(mcp.answer(call)))
    asked = link.take('get_secret')
    mcp.notify('notifications/cancelled', {'requestId': call})
    equal(link.take('cancel')['params'], {'id': asked['id'], 'withdraw': True})
    completed(link, asked)
    equal(len(mcp.answer(mcp.begin('tools/list'))['tools']) > 0, True)
    assert call not in mcp.answers


@case('progress is told from the start, always more, and never after the answer')
def progress(world):
    mcp, _, link, call, asked = start(world, token=7)
    link.hold(asked, message='run `countersign approve`')
    link.hold(asked, message='still')
    pending(link, asked)
    mcp.answer(call)
    seen = [message['params'] for message in mcp.heard]
    equal([message['progressToken'] for message in seen], [7] * 3)
    contains(seen[0]['message'], '`countersign approve`')
    assert seen[0]['progress'] < seen[1]['progress'] < seen[2]['progress'], seen
    other = mcp.begin_tool('broker_status')
    link.hold(asked)
    link.complete(link.take('broker_status'), {'state': 'unlocked'})
    mcp.answer(other)
    equal(len(mcp.heard), 3)


@case('answers come as they come, whichever way each call waits')
def out_of_order(world):
    mcp, _, link, first, asked = start(world)
    calls = {first: asked}
    for n in range(3):
        call = mcp.begin_tool('get_secret', {**GET, 'purpose': f'number {n}'}, can=TASKS if n == 1 else {})
        calls[call] = link.take('get_secret')
    for n, call in reversed(list(enumerate(calls))):
        pending(link, calls[call], f'r{n}')
        result = mcp.answer(call)
        equal(result.get('taskId') or asked_again(result), f'r{n}' if n == 2 else f'r{n}.1')


@case('another broker, that does not know the request, is asked the call itself')
def another_broker(world):
    mcp, broker, link, call, asked = start(world)
    pending(link, asked)
    state = asked_again(mcp.answer(call))
    broker.stop()
    second = world.broker()
    call = mcp.begin_tool('get_secret', GET, state)
    link = second.accept('second')
    asked = link.take('get_secret')
    equal(asked['params'], {**GET, 'hold_seconds': 45})
    pending(link, asked, 'r2')
    equal(asked_again(mcp.answer(call)), 'r2.2')


@case('what may have been run by a broker that went away is not run by the next')
def interrupted(world):
    mcp, broker, link, call, asked = start(world, 'run_command', RUN)
    pending(link, asked, state=None)
    state = asked_again(mcp.answer(call))
    broker.stop()
    second = world.broker()
    call = mcp.begin_tool('run_command', RUN, state)
    second.accept('second')
    equal(envelope(mcp.answer(call))['code'], 'interrupted')


@case('the file that a held call made is the one that the next call goes on with')
def output(world):
    path = os.path.join(world.folder('out'), 'body')
    fetch = {'service': 'github', 'method': 'GET', 'path': '/', 'purpose': 'a test', 'output_file': path}
    mcp, _, link, call, asked = start(world, 'http_request', fetch)
    pending(link, asked)
    state = asked_again(mcp.answer(call))
    call = mcp.begin_tool('http_request', fetch, state)
    asked = link.take('http_request')
    equal((asked['params']['resume'], asked['params']['output_file']), ('r1', path))
    link.complete(asked, {'status': 200}, request_id='r1', **TIMES)
    equal(envelope(mcp.answer(call))['status'], 'completed')
    assert os.path.exists(path)


# --- tasks ---

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


@case("OpaqueVault's tools are asked for again, and are never tasks")
def vault(world):
    mcp = Modern(world, TASKS, arguments=['--tools', 'opaquevault'])
    broker = world.broker()
    call = mcp.begin_tool('vault_list_secrets')
    link = broker.accept()
    pending(link, link.take('list_secrets'))
    state = asked_again(mcp.answer(call))
    call = mcp.begin_tool('vault_list_secrets', state=state)
    asked = link.take('approval_wait')
    equal(asked['params']['request_id'], 'r1')
    pending(link, asked)
    equal(asked_again(mcp.answer(call)), 'r1.2')
    call = mcp.begin_tool('vault_list_secrets', state='r1.2')
    link.complete(link.take('approval_wait'), {'secrets': [], 'count': 0, 'services': []}, request_id='r1', **TIMES)
    equal(envelope(mcp.answer(call))['result']['total'], 0)
    refused(lambda: mcp.task('get', 'r1'), -32601)


# --- the official clients ---

@case('auto: the newest client waits longer than its timeout, each round anew', sdk_env=True)
def official_rounds(world):
    client = world.official('auto')
    broker = world.broker()
    call = client.start('get_secret', GET, timeout=1500)
    link = broker.accept()
    for n in range(3):
        asked = link.take('get_secret')
        equal(asked['params'].get('resume'), 'r1' if n else None)
        time.sleep(0.8)
        if n < 2:
            pending(link, asked)
    completed(link, asked)
    equal(client.answer(call)['result']['structuredContent']['status'], 'completed')


@case('auto: a client that gives up withdraws what it asked for', sdk_env=True)
def official_gives_up(world):
    client = world.official('auto')
    broker = world.broker()
    call = client.start('get_secret', GET, timeout=700)
    link = broker.accept()
    pending(link, link.take('get_secret'))
    asked = link.take('get_secret')
    assert 'error' in client.answer(call)
    equal(link.take('cancel')['params'], {'id': asked['id'], 'withdraw': True})


@case('v1: a client that only hears progress gives up at its timeout', sdk_env=True)
def official_no_reset(world):
    client = world.official('v1')
    broker = world.broker()
    call = client.start('get_secret', GET, timeout=900, progress=True, reset=False)
    link = broker.accept()
    asked = link.take('get_secret')
    link.hold(asked)
    time.sleep(0.5)
    link.hold(asked)
    assert 'error' in client.answer(call)
    equal(len(client.progress), 2)
    equal(link.take('cancel')['params'], {'id': asked['id']})


if tap.LONG:
    @case('v1: a client left to itself gives up after a minute, which is longer than a call is held', sdk_env=True)
    def official_default(world):
        client = world.official('v1')
        broker = world.broker()
        call, began = client.start('get_secret', GET), time.monotonic()
        link = broker.accept()
        asked = link.take('get_secret')
        link.hold(asked)
        assert 'error' in client.answer(call, 90)
        assert asked['params']['hold_seconds'] < time.monotonic() - began < 70
        equal(link.take('cancel')['params'], {'id': asked['id']})


sys.exit(tap.run(double.World))
