# SPDX-License-Identifier: MIT
"""A call that waits for a person, in each way that a client can take. The broker is played by the case."""

import os
import sys
import time

import double
import tap
from called import GET
from mcpwire import TASKS
from modern import REFERENCE, RUN, TIMES, Modern, asked_again, completed, envelope, pending, refused, start
from tap import case, contains, equal


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
