# SPDX-License-Identifier: MIT
"""http_request and run_command between a client and a broker that the case plays: what goes beside a message, the file
that an answer is written to, and what is told while a command runs."""

import fcntl
import json
import os
import stat
import sys

import double
import tap
from called import SEALS, begin, flat, up
from lines import PATIENCE
from tap import case, contains, equal, lacks

HTTP = {'service': 'demo', 'method': 'GET', 'path': '/user', 'purpose': 'a test'}
RUN = {'command': ['gh', 'pr', 'list', ''], 'secrets': [{'name': 'demo', 'env': 'GH_TOKEN'}]}
CANARY = 'sk-canary-0123456789'


def target(world, name='answer'):
    return os.path.join(world.base, name)


def writing(world, **more):
    """A call whose answer goes to a file: mcp, link, the call, what was asked, the file's descriptor."""
    mcp = world.mcp()
    _, link, call, asked = up(world, mcp, 'http_request', {**HTTP, 'output_file': target(world), **more})
    return mcp, link, call, asked, link.lines.descriptors.pop()


# --- what is asked ---

@case('a request is passed on as it was given, and its answer comes back flat')
def http(world):
    mcp = world.mcp()
    given = {**HTTP, 'query': {'state': 'open'}, 'headers': {'X-A': 'b'}, 'body': '', 'timeout_seconds': 5,
             'max_bytes': 10}
    _, link, call, asked = up(world, mcp, 'http_request', given)
    equal(asked['params'], {**given, 'hold_seconds': 45})
    result = {'status': 200, 'headers': [['Content-Type', 'text/plain']], 'body': 'hi', 'bytes': 2, 'truncated': False,
              'redacted': {}, 'elapsed_ms': 3}
    link.complete(asked, result, request_id='r1')
    structured = mcp.answer(call)['structuredContent']
    equal(structured, {'status': 'completed', 'result': result, 'request_id': 'r1'})


@case('the status of the envelope wins over the status of HTTP in the text')
def status(world):
    mcp = world.mcp()
    _, link, call, asked = up(world, mcp, 'http_request', HTTP)
    link.complete(asked, {'status': 404, 'body': 'none'})
    answer = mcp.answer(call)
    said = json.loads(answer['content'][0]['text'])
    equal((said['status'], said['http_status'], said['body']), ('completed', 404, 'none'))
    equal(answer['structuredContent']['result']['status'], 404)
    equal(answer['isError'], False)


@case('a command is passed on as it was given, and fails by its exit code alone')
def command(world):
    mcp = world.mcp()
    given = {**RUN, 'env': {'GH_HOST': 'h'}, 'work_dir': '/', 'stdin': 'x', 'service': 'demo', 'write_paths': ['/tmp/x']}
    _, link, call, asked = up(world, mcp, 'run_command', given)
    equal(asked['params'], {**given, 'hold_seconds': 45})
    link.complete(asked, {'exit_code': 3, 'stdout': '[redacted:demo]', 'stderr': '', 'secrets_injected': ['demo'],
                          'timed_out': False})
    answer = mcp.answer(call)
    equal((flat(answer)['exit_code'], answer['isError']), (3, False))


@case('a long body or input goes beside its message, sealed')
def beside(world):
    mcp = world.mcp()
    broker = world.broker()
    link = None
    for tool, arguments, field in (('http_request', {**HTTP, 'method': 'POST'}, 'body'), ('run_command', RUN, 'stdin')):
        text = f'{field} ü"\\\n' + 'b' * 200000
        call = begin(mcp, tool, {**arguments, field: text})
        link = link or broker.accept()
        asked = link.take(tool)
        equal(asked['params'], {**arguments, f'{field}_fd': True, 'hold_seconds': 45})
        fd = link.lines.descriptors.pop()
        equal(fcntl.fcntl(fd, fcntl.F_GET_SEALS) & SEALS, SEALS)
        equal(os.pread(fd, 1 << 20, 0), text.encode())
        os.close(fd)
        link.complete(asked, {})
        mcp.answer(call)


BAD = {
    'both a service and a reference': ('http_request', {**HTTP, 'reference_id': 'r'}, 'service'),
    'neither a service nor a reference': ('http_request', {'method': 'GET', 'path': '/', 'purpose': 'p'}, 'service'),
    'a path that is not absolute to write to': ('http_request', {**HTTP, 'output_file': f'{CANARY}'}, 'output_file'),
    'a directory to write to': ('http_request', {**HTTP, 'output_file': '/tmp/'}, 'output_file'),
    'a directory that is there': ('http_request', {**HTTP, 'output_file': '/tmp'}, 'output_file'),
    'a directory by dots': ('http_request', {**HTTP, 'output_file': '/tmp/..'}, 'output_file'),
    'a file in no directory': ('http_request', {**HTTP, 'output_file': f'/tmp/{CANARY}/x/y'}, 'output_file'),
    'a file that may not be made': ('http_request', {**HTTP, 'output_file': f'/proc/{CANARY}'}, 'output_file'),
    'a descriptor by the agent': ('http_request', {**HTTP, 'output_fd': True}, 'output_fd'),
    'a body by an agent\'s descriptor': ('http_request', {**HTTP, 'body_fd': True}, 'body_fd'),
    'a body over 256 KiB': ('http_request', {**HTTP, 'body': 'b' * (256 * 1024 + 1)}, 'body'),
    'a header that is no text': ('http_request', {**HTTP, 'headers': {'A': 1}}, 'headers'),
    'no command': ('run_command', {'command': []}, 'command'),
    'a command that is a line of shell': ('run_command', {'command': f'echo {CANARY}'}, 'command'),
    'a secret by its name alone': ('run_command', {**RUN, 'secrets': [CANARY]}, 'secrets'),
    'a secret in two places': ('run_command', {**RUN, 'secrets': [{'name': 'demo', 'env': 'A', 'fd': 3}]}, 'secrets'),
    'a secret nowhere': ('run_command', {**RUN, 'secrets': [{'name': 'demo'}]}, 'secrets'),
    'a secret where the linker looks': ('run_command', {**RUN, 'secrets': [{'name': 'demo', 'env': 'LD_PRELOAD'}]},
                                        'secrets'),
    'progress by the agent\'s own word': ('run_command', {**RUN, 'progress': True}, 'progress'),
    'what is for our own command line': ('run_command', {**RUN, 'sandbox': False}, 'sandbox'),
}


@case('arguments that cannot be right are told of by name, and reach nobody')
def bad(world):
    mcp = world.mcp()
    for sentence, (tool, arguments, field) in BAD.items():
        result = mcp.answer(begin(mcp, tool, arguments))
        said = flat(result)
        equal((said['status'], said['code']), ('failed', 'invalid_arguments'), sentence)
        assert said['error'].startswith(f'{field}:'), (sentence, said)
        lacks(json.dumps(result), CANARY)
    assert world.nothing_started(0.3)


@case('what only our own command line asks is no tool')
def own(world):
    mcp = world.mcp()
    for tool in ('launch', 'read_secrets'):
        mcp.lines.send({'jsonrpc': '2.0', 'id': tool, 'method': 'tools/call', 'params': {'name': tool, 'arguments': {}}})
        equal(mcp.lines.receive()['error']['code'], -32602)


# --- the file ---

@case('an answer is written to a new file that only its user may read')
def output(world):
    mcp, link, call, asked, fd = writing(world)
    equal(asked['params'], {**HTTP, 'output_file': target(world), 'output_fd': True, 'hold_seconds': 45})
    mode = os.stat(target(world))
    equal((stat.S_IMODE(mode.st_mode), mode.st_ino), (0o600, os.fstat(fd).st_ino))
    os.write(fd, b'the body')
    os.close(fd)
    link.complete(asked, {'status': 200, 'written': 8})
    equal(flat(mcp.answer(call))['written'], 8)
    with open(target(world), 'rb') as file:
        equal(file.read(), b'the body')


@case('a body and a file go together, in that order')
def both(world):
    mcp = world.mcp()
    body = 'b' * 5000
    _, link, call, asked = up(world, mcp, 'http_request', {**HTTP, 'method': 'PUT', 'body': body,
                                                          'output_file': target(world)})
    first, second = link.lines.descriptors
    equal(os.pread(first, 10000, 0), body.encode())
    equal(os.fstat(second).st_ino, os.stat(target(world)).st_ino)
    link.complete(asked, {'status': 200})
    mcp.answer(call)


@case('what is there already is not written to, through a link neither')
def exists(world):
    mcp = world.mcp()
    with open(target(world), 'w', encoding='utf-8') as file:
        file.write('kept')
    os.symlink(target(world, 'elsewhere'), target(world, 'link'))
    os.mkfifo(target(world, 'pipe'))
    for name in ('answer', 'link', 'pipe'):
        said = flat(mcp.answer(begin(mcp, 'http_request', {**HTTP, 'output_file': target(world, name)})))
        contains(said['error'], 'output_file: exists')
    assert not os.path.exists(target(world, 'elsewhere'))
    with open(target(world), encoding='utf-8') as file:
        equal(file.read(), 'kept')


@case('the broker is told where the file really is')
def really(world):
    os.mkdir(target(world, 'real'))
    os.symlink(target(world, 'real'), target(world, 'short'))
    mcp = world.mcp()
    _, _, _, asked = up(world, mcp, 'http_request', {**HTTP, 'output_file': target(world, 'short/./answer')})
    equal(asked['params']['output_file'], os.path.join(os.path.realpath(target(world, 'real')), 'answer'))


@case('the file is gone when the call does not complete')
def gone(world):
    mcp = world.mcp()
    broker = world.broker()
    link = None
    for answer in ({'status': 'denied', 'code': 'person', 'message': 'm'}, {'status': 'expired', 'message': 'm'},
                   {'status': 'failed', 'code': 'request', 'message': 'm'}, None):
        call = begin(mcp, 'http_request', {**HTTP, 'output_file': target(world)})
        link = link or broker.accept()
        asked = link.take('http_request')
        assert os.path.exists(target(world))
        if answer:
            link.answer(asked, answer)
        else:
            link.refuse(asked, 6, 'm')
        equal(flat(mcp.answer(call))['success'], False)
        assert not os.path.exists(target(world)), answer


@case('the file is gone when the client cancels')
def gone_cancelled(world):
    mcp, link, call, asked, _ = writing(world)
    link.hold(asked)
    mcp.notify('notifications/cancelled', {'requestId': call})
    link.take('cancel')
    mcp.call('ping')
    assert not os.path.exists(target(world))


@case('the file is gone when the client ends')
def gone_ended(world):
    mcp, link, _, _, _ = writing(world)
    mcp.process.stdin.close()
    equal(mcp.process.wait(PATIENCE), 0)
    link.ended()
    assert not os.path.exists(target(world))


@case('another file that took its place is left alone')
def replaced(world):
    mcp, link, call, asked, _ = writing(world)
    os.rename(target(world), target(world, 'moved'))
    with open(target(world), 'w', encoding='utf-8') as file:
        file.write('the user\'s')
    link.answer(asked, {'status': 'denied', 'code': 'person', 'message': 'm'})
    mcp.answer(call)
    with open(target(world), encoding='utf-8') as file:
        equal(file.read(), 'the user\'s')


def pending(link, asked):
    link.answer(asked, {'status': 'pending', 'request_id': 'r1', 'expires_at': '2030-01-01T00:00:00.000Z',
                        'poll_after_ms': 2000, 'message': 'm'})


@case('the file waits with a call that is pending, and stays when approval_wait completes')
def waits(world):
    mcp, link, call, asked, fd = writing(world)
    pending(link, asked)
    equal(flat(mcp.answer(call))['status'], 'pending')
    assert os.path.exists(target(world))
    call = begin(mcp, 'approval_wait', {'request_id': 'r1'})
    os.write(fd, b'late')
    link.complete(link.take('approval_wait'), {'status': 200, 'written': 4}, request_id='r1')
    mcp.answer(call)
    mcp.process.stdin.close()
    mcp.process.wait()
    with open(target(world), 'rb') as file:
        equal(file.read(), b'late')


@case('the file of a pending call goes when it is denied, or never fetched')
def waits_in_vain(world):
    mcp, link, call, asked, _ = writing(world)
    pending(link, asked)
    mcp.answer(call)
    call = begin(mcp, 'approval_wait', {'request_id': 'r1'})
    link.answer(link.take('approval_wait'), {'status': 'denied', 'code': 'person', 'message': 'm'})
    mcp.answer(call)
    assert not os.path.exists(target(world))
    call = begin(mcp, 'http_request', {**HTTP, 'output_file': target(world)})
    pending(link, link.take('http_request'))
    mcp.answer(call)
    mcp.process.stdin.close()
    mcp.process.wait()
    assert not os.path.exists(target(world))


@case('the same call again does not get the file of the one that waits')
def again(world):
    mcp, link, call, asked, _ = writing(world)
    for _ in range(2):
        said = flat(mcp.answer(begin(mcp, 'http_request', {**HTTP, 'output_file': target(world)})))
        contains(said['error'], 'output_file: exists')
        contains(said['error'], 'approval_wait')
        if call not in mcp.answers:
            pending(link, asked)
            mcp.answer(call)
    assert os.path.exists(target(world))


@case('another broker is given the same file')
def another(world):
    mcp = world.mcp()
    broker, link, call, asked = up(world, mcp, 'http_request', {**HTTP, 'output_file': target(world)})
    same = os.fstat(link.lines.descriptors.pop()).st_ino
    link.hold(asked)
    mcp.call('ping')
    broker.stop()
    link = world.broker().accept('second')
    asked = link.take('http_request')
    equal(os.fstat(link.lines.descriptors.pop()).st_ino, same)
    link.complete(asked, {'status': 200, 'written': 0})
    mcp.answer(call)
    assert os.path.exists(target(world))


@case('what may have been done already is not asked of another broker')
def interrupted(world):
    mcp = world.mcp()
    broker = world.broker()
    calls = [begin(mcp, 'http_request', {**HTTP, 'output_file': target(world)}),
             begin(mcp, 'run_command', RUN, token='t'), begin(mcp, 'list_secrets', {})]
    link = broker.accept()
    link.take('http_request')
    asked = link.take('run_command')
    link.take('list_secrets')
    link.hold(asked)
    link.lines.send({'jsonrpc': '2.0', 'method': 'progress', 'params': {'id': asked['id'], 'stream': 'stdout', 'text': 'x'}})
    while len(mcp.heard) < 2:  # it was held, and it runs
        mcp.pump()
    broker.stop()
    for call in calls[:2]:
        said = flat(mcp.answer(call))
        equal((said['status'], said['code']), ('failed', 'interrupted'))
    assert not os.path.exists(target(world))
    link = world.broker().accept('second')
    link.complete(link.take('list_secrets'), {'secrets': []})
    mcp.answer(calls[2])


@case('what may have been done while it was pending is not asked of another broker')
def interrupted_later(world):
    for held in (None, 'held', 'running'):
        mcp = world.mcp()
        broker = world.broker()
        call = begin(mcp, 'run_command', RUN)
        link = broker.accept('first')
        asked = link.take('run_command')
        if held is not None:
            link.hold(asked)
        pending(link, asked)
        mcp.answer(call)
        call = begin(mcp, 'approval_wait', {'request_id': 'r1'})
        asked = link.take('approval_wait')
        link.hold(asked)
        if held == 'running':
            link.hold(asked, state='running', message='m')
        broker.stop()
        broker = world.broker()
        link = broker.accept('second')
        link.refuse(link.take('approval_wait'), 5, 'no such request')
        if held == 'held':
            link.complete(link.take('run_command'), {'exit_code': 0})
            equal(flat(mcp.answer(call))['exit_code'], 0)
        else:
            equal(flat(mcp.answer(call))['code'], 'interrupted')
        mcp.kill()
        broker.stop()


# --- what is told meanwhile ---

@case('who asked for progress hears what the command says, in order, and nothing after its end')
def progress(world):
    mcp = world.mcp()
    broker = world.broker()
    call = begin(mcp, 'run_command', RUN, token='t')
    link = broker.accept()
    asked = link.take('run_command')
    equal(asked['params'], {**RUN, 'progress': True, 'hold_seconds': 45})
    link.hold(asked, message='run `countersign approve`')
    for stream, text in (('stdout', 'one\n'), ('stderr', '[redacted:demo]\n'), ('stdout', 'two')):
        link.lines.send({'jsonrpc': '2.0', 'method': 'progress',
                         'params': {'id': asked['id'], 'stream': stream, 'text': text}})
    link.complete(asked, {'exit_code': 0, 'stdout': 'one\ntwo', 'stderr': '[redacted:demo]\n'})
    link.lines.send({'jsonrpc': '2.0', 'method': 'progress', 'params': {'id': asked['id'], 'text': CANARY}})
    mcp.answer(call)
    mcp.call('ping')
    told = [message['params'] for message in mcp.heard]
    equal([message['message'] for message in told],
          ['run `countersign approve`', 'one\n', '[redacted:demo]\n', 'two'])
    equal([(message['progressToken'], message['progress']) for message in told], [('t', n) for n in range(1, 5)])


@case('that a person is waited for is told no longer once it is allowed')
def allowed(world):
    mcp = world.mcp()
    broker = world.broker()
    call = begin(mcp, 'http_request', HTTP, token='t')
    link = broker.accept()
    asked = link.take('http_request')
    link.hold(asked, message='run `countersign approve`')
    link.hold(asked, state='running', message='it is allowed')
    equal([mcp.hear('notifications/progress')['message'] for _ in range(3)],  # the third after 12 seconds
          ['run `countersign approve`', 'it is allowed', 'under way'])
    broker.stop()
    equal(flat(mcp.answer(call))['code'], 'interrupted')


@case('who did not ask for progress hears none')
def no_progress(world):
    mcp = world.mcp()
    _, link, call, asked = up(world, mcp, 'run_command', RUN)
    link.lines.send({'jsonrpc': '2.0', 'method': 'progress',
                     'params': {'id': asked['id'], 'stream': 'stdout', 'text': 'one'}})
    link.complete(asked, {'exit_code': 0})
    mcp.answer(call)
    mcp.call('ping')
    equal(mcp.heard, [])


@case('the oldest version hears of progress without words')
def wordless(world):
    mcp = world.mcp(version='2024-11-05')
    broker = world.broker()
    call = begin(mcp, 'run_command', RUN, token=7)
    link = broker.accept()
    asked = link.take('run_command')
    link.lines.send({'jsonrpc': '2.0', 'method': 'progress',
                     'params': {'id': asked['id'], 'stream': 'stdout', 'text': 'one'}})
    link.complete(asked, {'exit_code': 0})
    mcp.answer(call)
    equal([message['params'] for message in mcp.heard], [{'progressToken': 7, 'progress': 1}])


@case('a command that its client cancels is ended at the broker')
def cancelled(world):
    mcp = world.mcp()
    _, link, call, asked = up(world, mcp, 'run_command', RUN)
    mcp.notify('notifications/cancelled', {'requestId': call})
    equal(link.take('cancel')['params'], {'id': asked['id']})
    link.complete(asked, {'stdout': CANARY})
    mcp.call('ping')
    assert call not in mcp.answers


sys.exit(tap.run(double.World))
