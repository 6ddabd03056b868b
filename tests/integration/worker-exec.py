# SPDX-License-Identifier: MIT
"""countersign-worker-exec runs one command: what it gets, how it ends, what comes back."""

import base64
import hashlib
import os
import pwd
import resource
import signal
import socket
import threading

import commands
import worker
from countersign import wait_gone
from lines import Refused
from tap import case, contains, equal, lacks

PYTHON = os.path.realpath('/usr/bin/python3')
VALUE = 'canary-7d1c-Ends/With+Signs='


def python(world, program, **more):
    return commands.run(world, [PYTHON, '-c', program], **more)


def shell(world, script, **more):
    return commands.run(world, ['/bin/sh', '-c', script], **more)


def refused(world, wanted, reason, argv=('/bin/true',), **more):
    try:
        answer = commands.run(world, list(argv), **more)
    except Refused as refusal:
        contains(refusal.message, wanted)
        equal(refusal.data.get('reason'), reason, wanted)
        return
    raise AssertionError(f'it ran: {answer}')


# --- How it ends ---

ENDS = [
    # sentence, script, exit_code, signal
    ('ends well', 'true', 0, None),
    ('fails', 'exit 42', 42, None),
    ('has a status over 127 of its own', 'exit 143', 143, None),
    ('asks to end by a signal', 'kill -TERM $$', None, 'SIGTERM'),
    ('crashes', 'kill -SEGV $$', None, 'SIGSEGV'),
    ('closes its output and goes on', 'exec >&- 2>&-; read x < /proc/uptime; exit 5', 5, None),
    ('closes all it has', 'exec <&- >&- 2>&-; exit 6', 6, None),
    ('prints nothing', ':', 0, None),
]


@case('exit codes and signals come back as they are')
def ends(world):
    for sentence, script, code, name in ENDS:
        answer = shell(world, script)
        equal((answer['exit_code'], answer.get('signal'), answer['timed_out']), (code, name, False), sentence)


TREES = [
    ('sleeps', 'exec sleep 1000'),
    ('ignores SIGTERM', "trap '' TERM HUP INT; sleep 1000; sleep 1000"),
    ('has children that ignore SIGTERM', "trap '' TERM; (sleep 1000 & sleep 1000) & wait; sleep 1000"),
    ('has a child that is twice forked, in a session of its own',
     "setsid sh -c 'trap \"\" TERM; sleep 1000 & sleep 1001' >/dev/null 2>&1 & sleep 1000"),
    ('stops itself', 'kill -STOP $$'),
    ('runs from process to process', 'f() { read x </proc/uptime; f & }; f; sleep 1000'),
]
# Bounded in its namespace: without one it would be the machine that is tried, not the worker.
BOMB = ('forks without end', 'ulimit -u 300; f() { f & f & wait; }; f')


def timeouts(world, preexec, trees):
    for number, (sentence, script) in enumerate(trees):
        token = f'{os.getpid()}-{number}'
        answer = shell(world, script, env={'MARK': token, 'PATH': '/usr/bin:/bin'}, timeout_ms=700, preexec=preexec)
        equal(answer['timed_out'], True, sentence)
        equal(answer['exit_code'], None, sentence)
        equal(commands.marks(token), [], f'{sentence}: still running')


@case('at the timeout the command ends with all that it started, whatever it does about signals')
def timeouts_confined(world):
    timeouts(world, None, [*TREES, BOMB])


@case('at the timeout the command ends with all that it started where there are no namespaces, too')
def timeouts_alone(world):
    timeouts(world, commands.deny_namespaces, TREES)


@case('what a command leaves behind is ended with it')
def left_behind(world):
    for preexec in (None, commands.deny_namespaces):
        token = f'{os.getpid()}-left'
        answer = shell(world, "setsid sh -c 'trap \"\" TERM HUP; sleep 1000' & echo gone; exit 3",
                       env={'MARK': token, 'PATH': '/usr/bin:/bin'}, preexec=preexec)
        equal((answer['exit_code'], answer['stdout']), (3, 'gone\n'))
        equal(commands.marks(token), [])


def until_ready(started):
    """What it prints shows that it runs."""
    contains(started.hear('output')['text'], 'ready')


@case('a command that is cancelled may clear up, and is then ended')
def cancelled(world):
    for sentence, script, name, text in [
            ('it clears up', "trap 'echo clearing; exit 9' TERM; echo ready; while :; do sleep 0.05; done", None, 'clearing'),
            ('it does not care', "trap '' TERM; echo ready; while :; do sleep 0.05; done", 'SIGKILL', 'ready')]:
        started, call = commands.start(world, ['/bin/sh', '-c', script], env={'PATH': '/usr/bin:/bin'})
        until_ready(started)
        started.call('cancel', {'id': call})
        answer = started.answer(call)
        contains(answer['stdout'], text)
        equal((answer.get('signal'), answer['timed_out'], answer['cancelled']), (name, False, True), sentence)


@case('nothing runs on once the broker has gone, or the worker was killed')
def broker_gone(world):
    for sentence, end, preexec in [('the broker has gone', lambda started: started.end(), None),
                                   ('the broker has gone, no namespaces', lambda started: started.end(), commands.deny_namespaces),
                                   ('the worker was killed', lambda started: started.process.kill(), None)]:
        token = f'{os.getpid()}-gone-{end.__code__.co_firstlineno}'
        started, _ = commands.start(world, ['/bin/sh', '-c', "trap '' TERM HUP; echo ready; sleep 1000; sleep 1000"],
                                    env={'MARK': token, 'PATH': '/usr/bin:/bin'}, preexec=preexec)
        until_ready(started)
        pidfds = [os.pidfd_open(pid) for pid in commands.marks(token)]
        assert pidfds, 'it does not run'
        end(started)
        for pidfd in pidfds:
            assert wait_gone(pidfd), sentence
            os.close(pidfd)
        if started.process.wait() == -signal.SIGKILL:
            world.workers.remove(started)
            os.close(started.pidfd)


# --- What it gets ---

@case('the environment is what was declared and nothing else')
def environment(world):
    started = worker.Worker(world, commands.PROGRAM, env={'LEAK': 'from-the-worker', 'PATH': '/nowhere'})
    call = started.start('run', commands.params([PYTHON, '-c', 'import os; print(sorted(os.environ.items()))'],
                                                env={'A': '1', 'EMPTY': '', 'B C': 'x=y'}))
    # Python sets LC_CTYPE for itself where there is no locale.
    equal(started.answer(call)['stdout'].replace("('LC_CTYPE', 'C.UTF-8')", '').replace(', ]', ']'),
          "[('A', '1'), ('B C', 'x=y'), ('EMPTY', '')]\n")


@case('a secret arrives in a variable, by a descriptor and on standard input, whole')
def secrets(world):
    whole = bytes(range(256)) * 300  # longer than a pipe holds, with NUL
    answer = python(world, 'import os, sys, hashlib\n'
                    'h = lambda b: hashlib.sha256(b).hexdigest()\n'
                    'print(h(os.environb[b"TOKEN"]), h(open("/dev/fd/7", "rb").read()), h(os.read(7, 1 << 20)),\n'
                    '      h(sys.stdin.buffer.read()))',
                    secrets={'in-env': (VALUE, {'env': 'TOKEN'}), 'by-fd': (whole, {'fd': 7}),
                             'on-stdin': (whole[:7], {'stdin': True})})
    digest = [hashlib.sha256(part).hexdigest() for part in (VALUE.encode(), whole, whole, whole[:7])]
    equal(answer['stdout'].split(), digest, answer['stderr'])


@case('the command has the descriptors that were declared, and no other')
def descriptors(world):
    for sentence, given, wanted in [('none', {}, ['0', '1', '2']),
                                    ('two', {'a': ('x', {'fd': 9}), 'b': ('y', {'fd': 3})}, ['0', '1', '2', '3', '9'])]:
        answer = python(world, 'import fcntl\nfor fd in range(1024):\n try: fcntl.fcntl(fd, fcntl.F_GETFD); print(fd)\n'
                        ' except OSError: pass', secrets=given)
        equal(answer['stdout'].split(), wanted, sentence)


@case('standard input is the text that was sealed, or nothing')
def stdin(world):
    text = 'line\n' * 50000
    equal(shell(world, 'wc -c', stdin=text, env={'PATH': '/usr/bin:/bin'})['stdout'].strip(), str(len(text)))
    equal(shell(world, 'cat | wc -c', env={'PATH': '/usr/bin:/bin'})['stdout'].strip(), '0')
    with open('/etc/hostname', 'rb') as file:
        started = world.worker(commands.PROGRAM)
        started.attach('stdin', fd=file.fileno())
        try:
            started.call('run', commands.params(['/bin/cat']))
            raise AssertionError('it ran with what could still be changed')
        except Refused as refusal:
            contains(refusal.message, 'sealed')


@case('it runs where it was told to, and with the usual mask and limits')
def places(world):
    equal(shell(world, 'pwd', work_dir='/usr/share')['stdout'], '/usr/share\n')
    equal(shell(world, 'pwd')['stdout'], '/\n')
    equal(shell(world, 'pwd', work_dir=world.base)['stdout'], f'{world.base}\n')
    equal(shell(world, 'umask; ulimit -Sn; ulimit -c')['stdout'].split(), ['0022', '1024', '0'])


@case('signals are as a new program expects them')
def signals(world):
    with_defaults = [line for line in shell(world, 'cat /proc/self/status', env={'PATH': '/usr/bin:/bin'})['stdout'].splitlines()
                     if line.startswith(('SigBlk', 'SigIgn', 'SigCgt'))]
    equal([int(line.split()[1], 16) for line in with_defaults], [0, 0, 0])


@case('a program is called by the name it was given')
def names(world):
    link = os.path.join(world.base, 'sing')
    script = os.path.join(world.base, 'multi')
    with open(script, 'w', encoding='ascii') as file:
        file.write('#!/bin/sh\necho "I am ${0##*/}"\n')
    os.chmod(script, 0o755)
    os.symlink(script, link)
    equal(commands.run(world, [link], work_dir=world.base)['stdout'], 'I am sing\n')
    equal(commands.run(world, ['elsewhere'], program=script)['stdout'], 'I am multi\n')
    equal(commands.run(world, ['other', '-c', 'echo $0'], program='/bin/sh')['stdout'], 'other\n')


# --- What is refused ---

@case('a program that was changed between approval and start is not run')
def swapped(world):
    def write(name, text):
        with open(name, 'w', encoding='ascii') as file:
            file.write(f'#!/bin/sh\n{text}\n')

    path = os.path.join(world.base, 'tool')
    for sentence, change in [
            ('another file in its place', lambda: os.rename(path + '.new', path)),
            ('other text in the very file', lambda: write(path, 'echo other')),
            ('a link in its place', lambda: (os.unlink(path), os.symlink('/bin/true', path))),
    ]:
        for name in (path, path + '.new'):
            write(name, 'echo ran')
            os.chmod(name, 0o755)
        approved = commands.params([path])
        equal(world.worker(commands.PROGRAM).call('run', approved)['stdout'], 'ran\n')
        change()
        try:
            answer = world.worker(commands.PROGRAM).call('run', approved)
            raise AssertionError(f'{sentence}: {answer}')
        except Refused as refusal:
            contains(refusal.message, 'no longer the file that was approved')
            equal(refusal.data['reason'], 'program')


@case('what cannot be run as asked is refused with the reason')
def bad(world):
    secret = {'demo': (VALUE, {'env': 'A'})}
    for wanted, reason, more in [
            ('env: "A=B" is no name', 'params', {'env': {'A=B': 'x'}}),
            ('work_dir: /nowhere/at/all', 'params', {'work_dir': '/nowhere/at/all'}),
            ('write: /nowhere', 'params', {'write': ['/nowhere']}),
            ('write: relative: must be absolute', 'params', {'write': ['relative']}),
            ('write: / cannot be made writable', 'params', {'write': ['/']}),
            ('write: /dev/shm cannot', 'params', {'write': ['/dev/shm']}),
            ('write: /proc cannot', 'params', {'write': ['/proc']}),
            ('write: /bin leads to /usr/bin', 'params', {'write': ['/bin']}),
            ('holds or belongs to what is hidden', 'params', {'write': ['/usr/share'], 'hide': ['/usr/share']}),
            ('is hidden from commands', 'params', {'work_dir': '/usr/share/doc', 'hide': ['/usr/share']}),
            ('secrets: A is in env already', 'params', {'secrets': secret, 'env': {'A': 'x'}}),
            ('two go to the same place', 'params', {'secrets': {**secret, 'b': ('x', {'env': 'A'})}}),
            ('needs one of env, fd and stdin', 'params', {'secrets': {'b': ('x', {'env': 'A', 'fd': 3})}}),
            ('one of env, fd (3 to 9) and stdin', 'params', {'secrets': {'b': ('x', {'fd': 2})}}),
            ('holds a NUL byte', 'params', {'secrets': {'b': (b'a\0b', {'env': 'A'})}}),
            ('too large for a variable', 'params', {'secrets': {'b': (b'a' * 140000, {'env': 'A'})}}),
            ('which has text already', 'params', {'secrets': {'b': ('x', {'stdin': True})}, 'stdin': 'text'}),
            ('is no host', 'params', {'reach': {'host': 'a b', 'port': 1}}),
            ('reach: must be a host and a port', 'params', {'reach': {'host': 'a', 'port': 0}}),
            ('timeout_ms', 'params', {'timeout_ms': 0}),
            ('Permission denied', 'program', {'argv': [world_file(world, b'text', 0o644)]}),
            ('Exec format error', 'program', {'argv': [world_file(world, b'\x01\x02', 0o755)]}),
    ]:
        refused(world, wanted, reason, **more)


def world_file(world, data, mode):
    path = os.path.join(world.base, f'file-{len(data)}')
    with open(path, 'wb') as file:
        file.write(data)
    os.chmod(path, mode)
    return path


@case('a refusal names no value')
def silent(world):
    try:
        commands.run(world, ['/etc/hostname'], secrets={'demo': (VALUE, {'env': 'A'})})
    except Refused as refusal:
        lacks(str(refusal), VALUE)
    for _, log in world.logs():
        lacks(log, VALUE)


@case('a worker runs one command')
def once(world):
    started, call = commands.start(world, ['/bin/true'])
    started.answer(call)
    try:
        started.call('run', commands.params(['/bin/true']))
        raise AssertionError('it ran another')
    except Refused as refusal:
        contains(refusal.message, 'one command')


# --- What comes back ---

@case('output that is no text comes as base64, and text as it is')
def binary(world):
    for sentence, data, text in [
            ('bytes', b'\xff\x00\x01', False), ('a NUL', b'a\0b', False), ('half a letter', 'ä'.encode()[:1], False),
            ('letters', 'grüße ✓\n'.encode(), True), ('controls', b'\x1b[31m\x07\r\n', True), ('nothing', b'', True)]:
        answer = python(world, f'import sys; sys.stdout.buffer.write({data!r}); sys.stderr.buffer.write({data!r})')
        for name in ('stdout', 'stderr'):
            found = answer[name].encode() if text else base64.b64decode(answer[f'{name}_base64'])
            equal(found, data, sentence)
            equal((f'{name}_base64' in answer, name in answer), (not text, text), sentence)
            equal(answer[f'{name}_bytes'], len(data), sentence)


CAPS = [
    # sentence, bytes written, max_bytes, kept, truncated
    ('less than is kept', 1000, 4000, 1000, False),
    ('just as much', 4000, 4000, 4000, False),
    ('one byte more', 4001, 4000, 4000, True),
    ('much more', 5_000_000, 4000, 4000, True),
    ('nothing is kept', 10, 0, 0, True),
    ('more than a line holds', 200_000, None, 200_000, False),
    ('more than the usual', 400_000, None, 256 * 1024, True),
    ('the most', 1024 * 1024, 1024 * 1024, 1024 * 1024, False),
]


@case('each stream is kept up to its limit, and the command goes on')
def caps(world):
    for sentence, written, most, kept, cut in CAPS:
        more = {} if most is None else {'max_bytes': most}
        answer = python(world, f'import sys; sys.stdout.write("x" * {written}); sys.stderr.write("end"); sys.exit(4)', **more)
        equal((answer['exit_code'], len(answer['stdout']), answer['stdout_bytes']), (4, kept, written), sentence)
        equal(answer['truncated'], cut or (most is not None and most < 3), sentence)


@case('a letter is not cut in two at the limit')
def letters(world):
    answer = python(world, 'import sys; sys.stdout.buffer.write("ä".encode() * 100)', max_bytes=101)
    equal((answer['stdout'], answer['truncated']), ('ä' * 50, True))


@case('ten gigabytes of output go nowhere, and the worker stays small')
def flood(world):
    started, call = commands.start(world, ['/bin/sh', '-c', 'cat /dev/zero | tr "\\0" "y"'],
                                   env={'PATH': '/usr/bin:/bin'}, timeout_ms=4000)
    started.hear('output')
    sizes = []
    while call not in started.answers:
        with open(f'/proc/{started.process.pid}/status', encoding='ascii') as file:
            sizes += [int(line.split()[1]) for line in file if line.startswith('VmRSS')]
        started.pump()
    answer = started.answer(call)
    equal((answer['timed_out'], answer['truncated'], len(answer['stdout'])), (True, True, 256 * 1024))
    assert answer['stdout_bytes'] > 10_000_000, answer['stdout_bytes']
    assert max(sizes) - min(sizes) < 40_000, (min(sizes), max(sizes))


@case('output is told while the command runs, in order and in parts that fit')
def told(world):
    started, call = commands.start(
        world, ['/bin/sh', '-c', 'echo ready; echo oh >&2; read x < ' + fifo(world) + '; printf %030000d 7; echo done'],
        write=[world.base])
    heard = {'stdout': '', 'stderr': ''}
    while heard != {'stdout': 'ready\n', 'stderr': 'oh\n'}:
        params = started.hear('output')
        heard[params['stream']] += params['text']
    with open(fifo(world), 'w', encoding='ascii') as file:
        file.write('go\n')
    answer = started.answer(call)
    for message in started.heard:
        equal(message['method'], 'output')
        heard[message['params']['stream']] += message['params']['text']
        assert len(message['params']['text']) <= 16384
    assert answer['stdout'].startswith(heard['stdout']), heard
    equal(len(answer['stdout']), 6 + 30000 + 5)


def fifo(world):
    path = os.path.join(world.base, 'fifo')
    if not os.path.exists(path):
        os.mkfifo(path)
    return path


@case('a broker that does not read stops neither the command nor the worker')
def deaf(world):
    started, call = commands.start(
        world, [PYTHON, '-c', 'import sys\nfor i in range(300): sys.stdout.write("x" * 65536); sys.stdout.flush()\n'
                'open(sys.argv[1], "w").write("done")', fifo(world)], write=[world.base], max_bytes=1 << 20)
    with open(fifo(world), encoding='ascii') as file:
        equal(file.read(), 'done')
    equal(started.answer(call)['stdout_bytes'], 300 * 65536)


@case('a confinement that was promised is had, or nothing runs')
def promised(world):
    for preexec, full in ((None, True), (commands.deny_namespaces, False), (commands.no_more_namespaces, False)):
        started = world.worker(commands.PROGRAM, preexec_fn=preexec)
        found = started.call('resolve', {'command': ['true'], 'work_dir': '/', 'write': []})
        equal(found['confinement']['full'], full)
        run = {name: found[name] for name in ('program', 'device', 'inode', 'changed', 'work_dir', 'write')}
        equal(started.call('run', {**run, 'argv': ['true'], 'timeout_ms': 9000})['confinement']['full'], full)
    # bubblewrap is found when it is promised and finds no room for another namespace when it is needed.
    started = world.worker(commands.PROGRAM)
    found = started.call('resolve', {'command': ['true'], 'work_dir': '/', 'write': []})
    resource.prlimit(started.process.pid, resource.RLIMIT_NOFILE, (14, 14))
    try:
        answer = started.call('run', {**run, 'argv': ['true'], 'timeout_ms': 9000})
        raise AssertionError(f'it ran with less: {answer}')
    except Refused as refusal:
        equal(refusal.data['reason'] in ('confinement', 'system'), True, refusal)


@case('sockets that come and go beside it do not keep a command from starting')
def restless(world):
    path, over = os.path.join(world.base, 'socket'), threading.Event()

    def come_and_go():
        while not over.is_set():
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path)
            os.unlink(path)

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        for _ in range(20):
            confinement = commands.run(world, ['/bin/true'], work_dir=world.base)['confinement']
            equal(confinement['full'], True, confinement)
    finally:
        over.set()
        thread.join()


RESOLVED = [
    # sentence, command, work_dir, program
    ('by name', ['sh', '-c', 'x'], '/', os.path.realpath('/bin/sh')),
    ('by path', ['/bin/sh'], '/', os.path.realpath('/bin/sh')),
    ('from the directory', ['bin/../bin/sh'], '/', os.path.realpath('/bin/sh')),
    ('by a link', ['python3'], '/', PYTHON),
]
UNRESOLVED = [
    ('no-such-program', '/', [], 'not_found', 'name it by its whole path'),
    ('/nowhere/x', '/', [], 'not_found', 'No such file'),
    ('./sh', '/usr', [], 'not_found', '/usr/sh'),
    ('/etc/passwd', '/', [], 'not_executable', 'not a program that this user may run'),
    ('/usr', '/', [], 'not_executable', 'not a program'),
    ('', '/', [], 'not_found', 'must name the program'),
    ('sh', '/nowhere', [], 'directory', 'No such file'),
    ('sh', 'usr', [], 'directory', 'must be absolute'),
    ('sh', '/etc/passwd', [], 'directory', 'not a directory'),
    ('sh', '/root', [], 'directory', 'may enter'),
    ('sh', '/', ['/nowhere'], 'path', 'No such file'),
    ('sh', '/', ['/proc'], 'path', 'cannot be made writable'),
    ('sh', '/', ['/'], 'path', 'cannot be made writable'),
]


@case('what a command comes down to is told before it runs, or why it comes to nothing')
def resolved(world):
    started = world.worker(commands.PROGRAM)
    for sentence, command, work_dir, program in RESOLVED:
        found = started.call('resolve', {'command': command, 'work_dir': work_dir, 'write': [world.base, '/var/../var/tmp']})
        info = os.stat(program)
        equal((found['program'], found['device'], found['inode']), (program, str(info.st_dev), str(info.st_ino)), sentence)
        equal((found['work_dir'], found['write']), (work_dir, [world.base, '/var/tmp']))
        equal((found['user'], found['home']), (pwd.getpwuid(os.getuid()).pw_name, pwd.getpwuid(os.getuid()).pw_dir))
    for name, work_dir, write, reason, words in UNRESOLVED:
        try:
            found = started.call('resolve', {'command': [name], 'work_dir': work_dir, 'write': write})
            raise AssertionError(f'{name}: {found}')
        except Refused as refusal:
            equal(refusal.data['reason'], reason, name)
            contains(refusal.message, words)


# --- Redaction ---

LEAKS = [
    ('as it is', 'print(v)'),
    ('in base64', 'import base64; print(base64.b64encode(v.encode()).decode())'),
    ('in hexadecimal', 'print(v.encode().hex())'),
    ('byte by byte', 'import sys\nfor c in v: sys.stdout.write(c); sys.stdout.flush()'),
    ('on standard error', 'import sys; sys.stderr.write(v)'),
    ('in the middle of much', 'print("x" * 65530 + v + "y" * 70000)'),
    ('by another process', 'import subprocess; subprocess.run(["/bin/echo", v])'),
    ('a part on each stream, then whole', 'import sys; sys.stdout.write(v[:9]); sys.stdout.flush(); '
     'sys.stderr.write(v); sys.stderr.flush(); sys.stdout.write(v[9:])'),
]


@case('a value that the command prints comes back redacted, and counted')
def redacted(world):
    for sentence, leak in LEAKS:
        answer = python(world, f'import os; v = os.environ["TOKEN"]\n{leak}', secrets={'demo': (VALUE, {'env': 'TOKEN'})})
        text = answer['stdout'] + answer['stderr']
        lacks(text, VALUE)
        contains(text, '[redacted:demo]')
        assert answer['redacted'].get('demo', 0) >= 1, (sentence, answer['redacted'])
        for message in world.workers[-1].heard:
            lacks(message['params']['text'], VALUE[9:])


@case('a value that is cut off by the limit is not shown in part')
def redacted_at_limit(world):
    answer = python(world, 'import os; print("x" * 95 + os.environ["TOKEN"] + "y" * 100)', max_bytes=100,
                    secrets={'demo': (VALUE, {'env': 'TOKEN'})})
    equal(answer['stdout'], 'x' * 95 + '[reda')


@case('a value that is attached for redaction alone is not given')
def redact_only(world):
    answer = shell(world, f'echo {VALUE}; env', secrets={'other': (VALUE, None)}, env={'PATH': '/usr/bin:/bin'})
    contains(answer['stdout'], '[redacted:other]\n')
    equal(answer['redacted'], {'other': 1})


# --- The confinement it reports, and the one place it may reach ---

@case('a probe tells the confinement that a command would have')
def probe(world):
    started = world.worker(commands.PROGRAM)
    found = started.call('probe')
    answer = started.answer(started.start('run', commands.params(['/bin/true'])))
    equal(answer['confinement'], found)


def relay(listener, answers):
    """Plays the worker that relays: answers each connection with the next text."""
    with socket.socket(fileno=listener) as server:
        for text in answers:
            connection, _ = server.accept()
            with connection:
                connection.sendall(text.encode())


@case('the one place that may be reached is reached by its name and port, and the socket comes out')
def reach(world):
    for host, port, connect in [('api.example.test', 443, 'api.example.test'), ('db.example.test', 5432, 'db.example.test'),
                                ('192.0.2.7', 443, '192.0.2.7'), ('2001:db8::7', 8443, '2001:db8::7'),
                                ('127.0.0.1', 80, '127.0.0.1'), ('localhost', 8080, 'localhost')]:
        started, call = commands.start(
            world, [PYTHON, '-c', f'import socket; print(socket.create_connection(("{connect}", {port})).recv(99))'],
            reach={'host': host, 'port': port})
        started.hear('listener')
        relay(started.lines.descriptors.pop(0), ['through'])
        answer = started.answer(call)
        equal((answer['stdout'], answer['confinement']['network']), ("b'through'\n", 'service'), f'{host}: {answer}')


worker.main()
