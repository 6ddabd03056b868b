# SPDX-License-Identifier: MIT
"""countersign-mcp as a program, and what passes between it and the broker. The broker is played by the case."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import double
import tap
from called import GET, SEALS, TOOLS, begin, flat, sealed, up
from lines import PATIENCE, Refused
from tap import case, contains, equal, lacks

CANARY = 'sk-canary-0123456789'


# --- the program ---

@case('help and version are told, and unknown options refused')
def options(world):
    program = world.program('countersign-mcp')
    for words, status, part in ((['--help'], 0, '--hold SECONDS'), (['--version'], 0, 'countersign-mcp 0.'),
                                (['--bogus'], 2, ''), (['word'], 2, ''), (['--hold'], 2, ''),
                                (['--hold', '301'], 2, ''), (['--hold', '-1'], 2, ''),
                                (['--hold', '1.5'], 2, ''), (['--hold', ''], 2, '')):
        done = subprocess.run([program, *words], stdin=subprocess.DEVNULL, capture_output=True, env=world.env,
                              text=True, timeout=PATIENCE, check=False)
        equal(done.returncode, status, words)
        contains(done.stdout, part)
        equal(bool(done.stderr), status == 2, words)
        equal(bool(done.stdout), status == 0, words)


@case('no broker is looked for before the first call')
def quiet(world):
    mcp = world.mcp()
    equal([tool['name'] for tool in mcp.call('tools/list')['tools']], TOOLS)
    mcp.call('ping')
    assert world.nothing_started(0.3)
    assert not os.path.exists(world.runtime)


@case('it ends with its input, whatever is held')
def ends(world):
    mcp = world.mcp()
    _, link, _, call = up(world, mcp)
    link.hold(call)
    mcp.call('ping')
    mcp.process.stdin.close()
    equal(mcp.process.wait(PATIENCE), 0)
    link.ended()


@case('it ends with its input, whatever the broker owes')
def ends_busy(world):
    mcp = world.mcp()
    broker, link, _, _ = up(world, mcp)
    for _ in range(600):
        begin(mcp, 'get_secret', GET)
    for _ in range(200):
        link.take('get_secret')
    mcp.process.stdin.close()
    equal(mcp.process.wait(PATIENCE), 0)
    link.ended()


@case('a message over eight megabytes is refused, and ends it')
def too_long(world):
    mcp = world.mcp()
    writer = threading.Thread(target=lambda: os.write(mcp.process.stdin.fileno(), b'x' * (9 << 20)), daemon=True)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    threading.excepthook = lambda *_: None  # its pipe breaks, as it should
    writer.start()
    error = mcp.lines.receive()
    equal((error['id'], error['error']['code']), (None, -32700))
    equal(mcp.process.wait(PATIENCE), 1)


@case('a client that does not read loses nothing and blocks nothing')
def not_reading(world):
    mcp = world.mcp()
    count = tap.count(20000, 400000)
    lines = b''.join(b'{"jsonrpc":"2.0","id":%d,"method":"ping"}\n' % (n + 10) for n in range(count))
    mcp.last = count + 100
    writer = threading.Thread(target=mcp.lines.send_bytes, args=(lines,))
    writer.start()
    writer.join(3)  # by now its output is full
    for n in range(count):
        equal(mcp.lines.receive(), {'jsonrpc': '2.0', 'id': n + 10, 'result': {}})
    writer.join()


@case('bad arguments are told of by name, and reach nobody')
def bad_arguments(world):
    mcp = world.mcp()
    long = 'v' * (1 << 20)
    for tool, arguments, field in (
            ('get_secret', None, 'name'),
            ('get_secret', [], 'arguments'),
            ('get_secret', 'text', 'arguments'),
            ('get_secret', {'name': 'demo'}, 'purpose'),
            ('get_secret', {**GET, 'purpose': ''}, 'purpose'),
            ('get_secret', {**GET, 'purpose': ' \u200b'}, 'purpose'),
            ('get_secret', {**GET, 'ttl_seconds': 0}, 'ttl_seconds'),
            ('get_secret', {**GET, 'ttl_seconds': -1}, 'ttl_seconds'),
            ('get_secret', {**GET, 'ttl_seconds': 1.5}, 'ttl_seconds'),
            ('get_secret', {**GET, 'ttl_seconds': 1 << 31}, 'ttl_seconds'),
            ('get_secret', {**GET, 'ttl_seconds': CANARY}, 'ttl_seconds'),
            ('get_secret', {**GET, 'scopes': 'use'}, 'scopes'),
            ('get_secret', {**GET, 'scopes': ['use', 'use']}, 'scopes'),
            ('get_secret', {**GET, 'hold_seconds': 1}, 'hold_seconds'),
            ('get_secret', {'name': f'../{CANARY}', 'purpose': 'p'}, 'name'),
            ('get_secret', {**GET, 'colour': CANARY}, 'colour'),
            ('store_secret', {'name': 'demo', 'value': ''}, 'value'),
            ('store_secret', {'name': 'demo', 'value': long + CANARY}, 'value'),
            ('store_secret', {'name': 'demo', 'value': CANARY, 'value_fd': True}, 'value_fd'),
            ('store_secret', {'name': 'demo', 'value': CANARY, 'tags': {'a': 1}}, 'tags'),
            ('broker_status', {'a': 1}, 'a'),
            ('approval_wait', {'request_id': 'r', 'timeout_seconds': 301}, 'timeout_seconds')):
        result = mcp.answer(begin(mcp, tool, arguments))
        said = flat(result)
        equal((said['status'], said['code']), ('failed', 'invalid_arguments'), arguments)
        assert said['error'].startswith(f'{field}:'), said
        lacks(json.dumps(result), CANARY)
    assert world.nothing_started(0.3)


# --- calls and answers ---

@case('a call is passed on with its arguments, how long to hold it, and who the client says it is')
def passed_on(world):
    mcp = world.mcp()
    broker, link, call, asked = up(world, mcp)
    equal(link.hello['params'], {'version': 1, 'role': 'agent', 'client': {'name': 'by-hand', 'version': '1'}})
    equal(asked['params'], {**GET, 'hold_seconds': 45})
    reference = {'id': 'x', 'name': 'demo', 'purpose': 'a test', 'expiresAt': 1, 'expiresIn': 60}
    link.complete(asked, {'reference': reference, 'message': 'm'}, request_id='r1')
    equal(flat(mcp.answer(call)), {'success': True, 'reference': reference, 'message': 'm', 'status': 'completed',
                                   'request_id': 'r1'})


@case('--hold is what the broker is told')
def hold(world):
    mcp = world.mcp(arguments=['--hold', '7'])
    _, link, call, asked = up(world, mcp, 'list_secrets', {})
    equal(asked['params'], {'hold_seconds': 7})
    link.complete(asked, {'secrets': [], 'count': 0})
    equal(flat(mcp.answer(call))['count'], 0)


@case('pending is no error; denied, expired and failed are')
def outcomes(world):
    mcp = world.mcp()
    broker = world.broker()
    call, link = begin(mcp, 'delete_secret', {'name': 'demo'}), broker.accept()
    for answer in ({'status': 'pending', 'request_id': 'r', 'expires_at': '2030-01-01T00:00:00.000Z',
                    'poll_after_ms': 2000, 'message': 'm'},
                   {'status': 'denied', 'request_id': 'r', 'code': 'person', 'message': 'm'},
                   {'status': 'expired', 'request_id': 'r', 'message': 'm'},
                   {'status': 'failed', 'code': 'not_found', 'message': 'm'}):
        link.answer(link.take('delete_secret'), answer)
        said = flat(mcp.answer(call))
        equal(said['status'], answer['status'])
        equal(said.get('message') or said.get('error'), 'm')
        call = begin(mcp, 'delete_secret', {'name': 'demo'})


@case('errors of the broker are failures that name the next step')
def errors(world):
    mcp = world.mcp()
    broker = world.broker()
    for number, (code, name, part) in enumerate(((1, 'not_initialised', '`countersign init`'),
                                                 (2, 'busy', 'again'), (3, 'locked', '`countersign unlock`'),
                                                 (6, 'failed', 'why'), (-32602, 'invalid_arguments', 'why'))):
        call = begin(mcp, 'broker_status')
        link = broker.accept() if number == 0 else link
        link.refuse(link.take('broker_status'), code, 'why')
        said = flat(mcp.answer(call))
        equal((said['status'], said['code']), ('failed', name))
        contains(said['error'], part)


@case('other calls, pings and refusals are answered while one is held')
def while_held(world):
    mcp = world.mcp()
    broker, link, held, asked = up(world, mcp)
    link.hold(asked)
    mcp.call('ping')
    other = begin(mcp, 'broker_status')
    status = link.take('broker_status')
    equal(flat(mcp.answer(begin(mcp, 'get_secret', {})))['code'], 'invalid_arguments')
    link.complete(status, {'state': 'unlocked'})
    equal(flat(mcp.answer(other))['state'], 'unlocked')
    try:
        mcp.lines.send({'jsonrpc': '2.0', 'id': held, 'method': 'ping'})
        mcp.answer(held)
    except Refused as error:
        equal(error.code, -32600)
    del mcp.answers[held]
    link.complete(asked, {'x': 1})
    equal(flat(mcp.answer(held))['x'], 1)


@case('a thousand held calls keep nothing from being read')
def thousand(world):
    mcp = world.mcp()
    broker, link, first, asked = up(world, mcp)
    calls = {asked['id']: first}
    link.hold(asked)
    for n in range(999):
        call = begin(mcp, 'get_secret', {**GET, 'purpose': f'number {n}'})
        asked = link.take('get_secret')
        calls[asked['id']] = call
        link.hold(asked)
    mcp.call('ping')
    for asked in calls:
        link.complete({'id': asked}, {'n': asked})
    for asked, call in calls.items():
        equal(flat(mcp.answer(call))['n'], asked)


@case('nothing is sent for a cancelled call, and the broker is told')
def cancelled(world):
    mcp = world.mcp()
    broker, link, call, asked = up(world, mcp)
    link.hold(asked)
    mcp.notify('notifications/cancelled', {'requestId': call, 'reason': CANARY})
    equal(link.take('cancel'), {'jsonrpc': '2.0', 'method': 'cancel', 'params': {'id': asked['id']}})
    link.complete(asked, {'value': CANARY})
    mcp.call('ping')
    other = begin(mcp, 'broker_status')
    link.complete(link.take('broker_status'), {'state': 'unlocked'})
    mcp.answer(other)
    assert call not in mcp.answers


@case('who asked for progress is told how a person can answer, again and again')
def progress(world):
    mcp = world.mcp()
    broker = world.broker()
    quiet_call = begin(mcp, 'get_secret', GET)
    told = begin(mcp, 'get_secret', {**GET, 'purpose': 'another'}, token='t')
    link = broker.accept()
    first, second = link.take('get_secret'), link.take('get_secret')
    link.hold(first)
    link.hold(second, message='run `countersign approve`')
    seen = [mcp.hear('notifications/progress') for _ in range(2)]  # the second after 12 seconds
    equal([message['progressToken'] for message in seen], ['t', 't'])
    contains(seen[0]['message'], '`countersign approve`')
    assert seen[0]['progress'] < seen[1]['progress'], seen
    link.complete(second, {'x': 1})
    link.complete(first, {'x': 2})
    mcp.answer(told)
    mcp.answer(quiet_call)
    mcp.call('ping')
    equal(mcp.heard, [])


# --- values ---

@case('a long value goes and comes beside its message, sealed')
def long_values(world):
    mcp = world.mcp()
    value = 'ü"\\\n' + 'v' * 5000
    broker, link, call, asked = up(world, mcp, 'store_secret', {'name': 'demo', 'value': value, 'tags': {'a': 'b'}})
    equal(asked['params'], {'name': 'demo', 'tags': {'a': 'b'}, 'hold_seconds': 45, 'value_fd': True})
    fd, = link.lines.descriptors
    equal(fcntl.fcntl(fd, fcntl.F_GET_SEALS) & SEALS, SEALS)
    equal(os.read(fd, 10000), value.encode())
    os.close(fd)
    link.complete(asked, {'message': 'stored'})
    mcp.answer(call)

    call = begin(mcp, 'resolve_secret', {'reference_id': 'x'})
    fd = sealed(value.encode())
    link.answer(link.take('resolve_secret'), {'status': 'completed', 'result': {'value_fd': True}}, [fd])
    os.close(fd)
    equal(flat(mcp.answer(call)), {'success': True, 'value': value, 'status': 'completed'})


@case('a short value goes in its message')
def short_value(world):
    mcp = world.mcp()
    _, link, _, asked = up(world, mcp, 'update_secret', {'name': 'demo', 'value': 'v' * 4096})
    equal(asked['params']['value'], 'v' * 4096)
    equal(link.lines.descriptors, [])


@case('a value that its sender can still change is not passed on')
def unsealed(world):
    mcp = world.mcp()
    _, link, call, asked = up(world, mcp, 'resolve_secret', {'reference_id': 'x'})
    fd = sealed(CANARY.encode(), fcntl.F_SEAL_SHRINK)
    link.answer(asked, {'status': 'completed', 'result': {'value_fd': True}}, [fd])
    os.close(fd)
    result = mcp.answer(call)
    equal(flat(result)['code'], 'value')
    lacks(json.dumps(result), CANARY)


@case('the value of an answer that nobody waits for is closed')
def unwanted(world):
    mcp = world.mcp()
    _, link, call, asked = up(world, mcp, 'resolve_secret', {'reference_id': 'x'})
    mcp.notify('notifications/cancelled', {'requestId': call})
    link.take('cancel')
    before = len(os.listdir(f'/proc/{mcp.pid}/fd'))
    fd = sealed(b'value')
    link.answer(asked, {'status': 'completed', 'result': {'value_fd': True}}, [fd])
    os.close(fd)
    other = begin(mcp, 'broker_status')
    link.complete(link.take('broker_status'), {})
    mcp.answer(other)
    equal(len(os.listdir(f'/proc/{mcp.pid}/fd')), before)


@case('standard error never shows what was passed')
def verbose(world):
    mcp = world.mcp(arguments=['--verbose'])
    broker, link, call, asked = up(world, mcp, 'store_secret', {'name': 'demo', 'value': CANARY})
    link.hold(asked)
    link.complete(asked, {'message': 'm'})
    mcp.answer(call)
    mcp.answer(begin(mcp, 'store_secret', {'name': 'demo', 'value': CANARY, 'x': CANARY}))
    with open(mcp.errors, encoding='utf-8') as file:
        told = file.read()
    contains(told, 'store_secret is held')
    lacks(told, CANARY)


# --- brokers that come and go ---

@case('a broker is started when there is none, and outlives us')
def started(world):
    mcp = world.mcp()
    call = begin(mcp, 'broker_status')
    broker = world.started()
    mcp.call('ping')  # answered while the broker starts
    link = broker.listen().accept(state='locked')
    link.complete(link.take('broker_status'), {'state': 'locked'})
    equal(flat(mcp.answer(call))['state'], 'locked')
    equal(os.getsid(broker.pid), broker.pid, 'its session')
    assert os.getsid(mcp.pid) != broker.pid
    for fd in range(3):
        equal(os.readlink(f'/proc/{broker.pid}/fd/{fd}'), '/dev/null')
    mcp.process.stdin.close()
    equal(mcp.process.wait(PATIENCE), 0)
    link.ended()
    assert os.path.exists(f'/proc/{broker.pid}')


@case('no broker is started for a socket that was named')
def named_socket(world):
    os.mkdir(world.runtime, 0o700)
    mcp = world.mcp(arguments=['--socket', world.agent_socket])
    said = flat(mcp.answer(begin(mcp, 'broker_status')))
    equal((said['status'], said['code']), ('failed', 'unreachable'))
    contains(said['error'], world.agent_socket)
    assert world.nothing_started(0.3)
    _, link, call, asked = up(world, mcp, 'broker_status', {})
    link.complete(asked, {'state': 'unlocked'})
    equal(flat(mcp.answer(call))['state'], 'unlocked')


@case('a broker that is not installed is a failure that says so')
def not_installed(world):
    os.unlink(world.program('countersignd'))
    mcp = world.mcp()
    said = flat(mcp.answer(begin(mcp, 'broker_status')))
    equal((said['status'], said['code']), ('failed', 'unreachable'))
    contains(said['error'], 'countersignd')


@case('another program at the socket is not spoken to')
def impostor(world):
    os.mkdir(world.runtime, 0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(world.agent_socket)
        listener.listen()
        mcp = world.mcp()
        said = flat(mcp.answer(begin(mcp, 'store_secret', {'name': 'demo', 'value': CANARY})))
        equal((said['status'], said['code']), ('failed', 'impostor'))
        heard = listener.accept()[0].recv(4096)
        equal(heard, b'')


@case('a directory that others may write to is not trusted')
def open_directory(world):
    os.mkdir(world.runtime, 0o700)
    os.chmod(world.runtime, 0o770)
    said = flat(world.mcp().tool('broker_status'))
    equal((said['status'], said['code']), ('failed', 'impostor'))


@case('what is unanswered is asked again of the broker that comes next')
def replaced(world):
    mcp = world.mcp(arguments=['--hold', '100'])
    broker, link, first, asked = up(world, mcp, state='locked')
    link.hold(asked, state='locked', message='run `countersign unlock`')
    second = begin(mcp, 'store_secret', {'name': 'n', 'value': 'v' * 5000})
    link.take('store_secret')
    done = begin(mcp, 'broker_status')
    link.complete(link.take('broker_status'), {})
    mcp.answer(done)
    time.sleep(1.1)  # so that less of the hundred seconds is left
    broker.stop()
    mcp.call('ping')  # answered while no broker is there
    link = world.broker().accept('second')
    again = link.take('get_secret')
    assert again['params'].pop('hold_seconds') < 100
    equal(again['params'], GET)
    stored = link.take('store_secret')
    equal(os.read(link.lines.descriptors[0], 10000), b'v' * 5000)
    link.complete(stored, {'n': 2})
    link.complete(again, {'n': 1})
    equal(flat(mcp.answer(first))['n'], 1)
    equal(flat(mcp.answer(second))['n'], 2)
    assert world.nothing_started(0.1), 'a broker was started in the way of the one that a person starts'


@case('a call that comes while the broker is replaced waits for the next one')
def between(world):
    mcp = world.mcp()
    broker, link, call, asked = up(world, mcp)
    link.complete(asked, {})
    mcp.answer(call)
    broker.stop()
    call = begin(mcp, 'get_secret', GET)
    assert world.nothing_started(0.5)
    link = world.broker().accept('second')
    link.complete(link.take('get_secret'), {'n': 2})
    equal(flat(mcp.answer(call))['n'], 2)


@case('when no other broker comes, one is started')
def none_comes(world):
    mcp = world.mcp()
    broker, link, call, _ = up(world, mcp)
    broker.stop()
    link = world.started().listen().accept('second', 'locked')  # after ten seconds
    link.complete(link.take('get_secret'), {'n': 2})
    equal(flat(mcp.answer(call))['n'], 2)


@case('a call that makes each broker go away is given up')
def each_time(world):
    mcp = world.mcp()
    broker = world.broker()
    call = begin(mcp, 'get_secret', GET)
    for n in range(5):
        link = broker.accept(f'{n}')
        link.take('get_secret')
        link.close()
    broker.accept('last')
    equal(flat(mcp.answer(call))['code'], 'closed')


@case('an answer that cannot be understood ends that connection, not the call')
def garbled(world):
    mcp = world.mcp()
    broker, link, call, asked = up(world, mcp)
    link.lines.send_bytes(b'{"jsonrpc":"2.0","id":')
    link.lines.send_bytes(b'\xff}\n')
    link.ended()
    link = broker.accept()
    link.complete(link.take('get_secret'), {'n': 1})
    equal(flat(mcp.answer(call))['n'], 1)


def pending(world, mcp, **options):
    """A call that was answered pending with the id r1; the broker and its link."""
    broker, link, call, asked = up(world, mcp, **options)
    link.answer(asked, {'status': 'pending', 'request_id': 'r1', 'expires_at': '2030-01-01T00:00:00.000Z',
                        'poll_after_ms': 2000, 'message': 'm'})
    equal(flat(mcp.answer(call))['status'], 'pending')
    return broker, link


@case('approval_wait returns what the call would have')
def waits(world):
    mcp = world.mcp()
    _, link = pending(world, mcp)
    call = begin(mcp, 'approval_wait', {'request_id': 'r1', 'timeout_seconds': 5})
    asked = link.take('approval_wait')
    equal(asked['params'], {'request_id': 'r1', 'timeout_seconds': 5, 'hold_seconds': 5})
    link.complete(asked, {'reference': {'id': 'x'}}, request_id='r1')
    equal(flat(mcp.answer(call))['reference'], {'id': 'x'})


@case('approval_wait asks the call again of a broker that never heard of it')
def waits_elsewhere(world):
    mcp = world.mcp()
    broker, link = pending(world, mcp, state='locked')
    broker.stop()
    call = begin(mcp, 'approval_wait', {'request_id': 'r1', 'timeout_seconds': 5})
    link = world.broker().accept('second')
    link.refuse(link.take('approval_wait'), 5, 'no such request')
    asked = link.take('get_secret')
    assert asked['params'].pop('hold_seconds') <= 5, 'held no longer than was asked for'
    equal(asked['params'], GET)
    link.complete(asked, {'reference': {'id': 'x'}}, request_id='r2')
    equal(flat(mcp.answer(call))['request_id'], 'r2')


@case('approval_wait is not found where the request should be known, or was never made')
def waits_in_vain(world):
    mcp = world.mcp()
    _, link = pending(world, mcp)
    for request_id in ('r1', 'r9'):
        call = begin(mcp, 'approval_wait', {'request_id': request_id})
        link.refuse(link.take('approval_wait'), 5, 'no such request')
        equal(flat(mcp.answer(call))['code'], 'not_found')


@case('many calls at once are each answered once')
def many(world):
    mcp = world.mcp()
    count = tap.count(3000, 100000)
    broker = world.broker()
    mcp.last = count
    lines = b''.join(json.dumps({'jsonrpc': '2.0', 'id': n, 'method': 'tools/call', 'params': {
        'name': 'get_secret', 'arguments': GET}}).encode() + b'\n' for n in range(1, count + 1))
    writer = threading.Thread(target=mcp.lines.send_bytes, args=(lines,))
    writer.start()
    link = broker.accept()

    def answer_all():
        for _ in range(count):
            asked = link.take('get_secret')
            link.complete(asked, {'n': asked['id']})
    broker_side = threading.Thread(target=answer_all)
    broker_side.start()
    seen = set()
    for _ in range(count):
        message = mcp.lines.receive()
        assert message['id'] not in seen
        seen.add(message['id'])
        equal(message['result']['isError'], False)
    equal(seen, set(range(1, count + 1)))
    writer.join()
    broker_side.join()


sys.exit(tap.run(double.World))
