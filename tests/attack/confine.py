# SPDX-License-Identifier: MIT
"""A command tries to get out of its confinement: to files, processes, sockets, the terminal, other rights.

Each attempt is made three times: without any confinement, where it has to succeed, or nothing would be proven; confined; and
confined where there are no user namespaces, by Landlock and seccomp alone, as far as those reach.
"""

import ctypes
import os
import pty
import select
import signal
import socket
import subprocess

import pexpect

import commands
import worker
from countersign import World
from lines import Refused
from tap import Skip, case, contains, equal, note

PYTHON = os.path.realpath('/usr/bin/python3')
CANARY = 'canary-9c1e'

BEGIN = '''
import ctypes, errno, mmap, os, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
D, X = os.environ['DIR'], os.environ
def call(*arguments):
    result = libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def tried(*arguments):
    """Whether the kernel looked at the call at all: what is refused for its arguments was let through."""
    try:
        call(*arguments)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOSYS, errno.EACCES):
            raise
'''
END = '\nprint("REACHED")\n'

# DIR has open/ (writable when confined), shut/, hidden/; X names what else the test has set up.
ATTEMPTS = [
    # sentence, code, holds also without namespaces
    # --- files
    ('writing beside what is declared', 'open(D + "/shut/new", "w").write("x")', True),
    ('writing to a file that is there', 'open(D + "/shut/file", "a").write("x")', True),
    ('cutting a file', 'os.truncate(D + "/shut/file", 0)', True),
    ('removing a file', 'os.unlink(D + "/shut/victim")', True),
    ('moving a file away', 'os.rename(D + "/shut/moved", D + "/open/moved")', True),
    ('moving a file in', 'open(D + "/open/own", "w"); os.rename(D + "/open/own", D + "/shut/own")', True),
    ('a second name in a place that may be written', 'os.link(D + "/shut/file", D + "/open/link"); '
     'open(D + "/open/link", "a").write("x")', True),
    ('writing through a symbolic link', 'os.symlink(D + "/shut/file", D + "/open/soft"); open(D + "/open/soft", "a").write("x")',
     True),
    ('making a folder', 'os.mkdir(D + "/shut/folder")', True),
    ('writing through /proc/self/root', 'open("/proc/self/root" + D + "/shut/root", "w").write("x")', True),
    ('writing by a relative path', 'os.chdir(D + "/open"); open("../shut/relative", "w").write("x")', True),
    ('changing a mode', 'os.chmod(D + "/shut/file", 0o666)', False),
    ('reading what is hidden', 'open(D + "/hidden/file").read()', True),
    ('reading what is hidden twice', 'open(D + "/hidden/deep/file").read()', True),
    ('reading what is hidden through a link', 'os.symlink(D + "/hidden", D + "/open/h"); open(D + "/open/h/file").read()', True),
    ('reading what is hidden through /proc/1/root and others',
     'names = [n for n in os.listdir("/proc") if n.isdigit()] + ["self", "thread-self"]\n'
     'found = 0\n'
     'for n in names:\n'
     '  for way in ("root", "cwd"):\n'
     '    try: found += len(open(f"/proc/{n}/{way}" + D + "/hidden/file").read())\n'
     '    except OSError: pass\n'
     'assert found', True),
    ('a temporary file of somebody else', 'open(X["TEMPORARY"]).read()', False),
    ('shared memory of somebody else', 'open("/dev/shm/" + X["SHM"]).read()', False),
    ('System V shared memory of somebody else', 'libc.shmat.restype = ctypes.c_long; assert libc.shmat(int(X["SYSV"]), 0, 0) != -1',
     False),
    # --- sockets
    ('a socket in a folder that is seen', 's = socket.socket(socket.AF_UNIX); s.connect(D + "/shut/socket"); s.send(b"x")', True),
    ('a datagram to a socket in a folder that is seen',
     's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.sendto(b"x", D + "/shut/datagrams")', True),
    ('a socket in a folder that may be written', 's = socket.socket(socket.AF_UNIX); s.connect(D + "/open/socket")', True),
    ('a socket in /tmp', 's = socket.socket(socket.AF_UNIX); s.connect(X["TMPSOCKET"])', True),
    ('an abstract socket', 's = socket.socket(socket.AF_UNIX); s.connect("\\0" + X["ABSTRACT"])', True),
    ('a service on the loopback interface', 'socket.create_connection(("127.0.0.1", int(X["PORT"])), 5)', True),
    ('a service on the other loopback interface', 'socket.create_connection(("::1", int(X["PORT6"])), 5)', True),
    ('a packet to another machine', 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"x", ("192.0.2.99", 9))', True),
    ('the kernel by netlink', 'socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)', True),
    ('a virtual machine\'s host', 'socket.socket(socket.AF_VSOCK)', True),
    ('the kernel\'s cryptography', 'socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)', True),
    ('another family by the upper half of a number', 'call(41, (1 << 32) | 16, 3, 0)', True),
    # --- processes
    ('ending another process', 'os.kill(int(X["VICTIM"]), signal.SIGUSR1)', True),
    ('the environment of another process', 'assert open(f"/proc/{X[\'VICTIM\']}/environ").read(1)', True),
    ('the memory of another process', 'assert open(f"/proc/{X[\'VICTIM\']}/mem", "rb")', True),
    ('tracing another process', 'call(101, 16, int(X["VICTIM"]), 0, 0); call(101, 17, int(X["VICTIM"]), 0, 0)', True),
    ('tracing a child',
     'pid = os.fork()\nif pid == 0:\n time.sleep(60)\n'
     'try: call(101, 16, pid, 0, 0); os.waitpid(pid, 0)\nfinally: os.kill(pid, 9)', True),
    ('reading a child\'s memory by a call', 'tried(310, os.getpid(), 0, 0, 0, 0, 0)', True),
    ('a descriptor of another process', 'call(438, os.pidfd_open(int(X["VICTIM"])), 0, 0)', True),
    # --- namespaces, mounts, the kernel
    ('a user namespace', 'call(272, 0x10000000)', True),
    ('a user namespace by clone', 'pid = call(56, 0x10000000 | 17, 0, 0, 0, 0)\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)', True),
    ('a user namespace by clone3',
     'a = struct.pack("11Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)\n'
     'pid = call(435, ctypes.create_string_buffer(a), len(a))\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)', True),
    ('another process\'s namespaces', 'tried(308, -1, 0)', True),
    ('the keyring', 'tried(250, 0, -3, 1)', True),
    ('a key for the keyring', 'tried(248, b"user", b"countersign", b"x", 1, -2)', True),
    ('a ring of calls', 'tried(425, 4, ctypes.create_string_buffer(256))', True),
    ('handling page faults', 'tried(323, 1)', True),
    # --- rights
    ('a program that becomes root', 'import subprocess; subprocess.run(["/usr/bin/chage", "-l", "nobody"], check=True, capture_output=True)',
     True),
]


class Bystander:
    """What a command could want to get at."""

    def __init__(self, world):
        self.world, self.kept = world, []
        for name in ('open', 'shut', 'hidden', 'hidden/deep'):
            os.mkdir(os.path.join(world.base, name))
        for name in ('shut/file', 'shut/victim', 'shut/moved', 'hidden/file', 'hidden/deep/file'):
            self.write(os.path.join(world.base, name))
        self.env = {'DIR': world.base, 'PATH': '/usr/bin:/bin', 'TEMPORARY': self.write(f'/tmp/countersign-test-{os.getpid()}'),
                    'SHM': os.path.basename(self.write(f'/dev/shm/countersign-test-{os.getpid()}'))}
        self.sysv()
        for name in ('shut/socket', 'open/socket'):
            self.listen(socket.AF_UNIX, os.path.join(world.base, name))
        self.listen(socket.AF_UNIX, os.path.join(world.base, 'shut/datagrams'), socket.SOCK_DGRAM)
        self.env['TMPSOCKET'] = self.listen(socket.AF_UNIX, f'/tmp/countersign-socket-{os.getpid()}')
        self.env['ABSTRACT'] = self.listen(socket.AF_UNIX, f'\0countersign-test-{os.getpid()}')[1:]
        self.env['PORT'] = str(self.listen(socket.AF_INET, ('127.0.0.1', 0))[1])
        self.env['PORT6'] = str(self.listen(socket.AF_INET6, ('::1', 0))[1])
        self.victim = subprocess.Popen([PYTHON, '-c', 'import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\n'
                                        'print(flush=True)\nwhile True: signal.pause()'],
                                       env={'CANARY': CANARY}, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.victim.stdout.readline()
        self.env['VICTIM'] = str(self.victim.pid)
        world.closing.append(self)

    def write(self, path):
        with open(path, 'w', encoding='ascii') as file:
            file.write(CANARY)
        self.kept.append(path)
        return path

    def listen(self, family, address, kind=socket.SOCK_STREAM):
        server = socket.socket(family, kind)
        server.bind(address)
        if kind == socket.SOCK_STREAM:
            server.listen(64)
        self.kept.append(server)
        if family == socket.AF_UNIX and address[0] != '\0':
            self.kept.append(address)
        return server.getsockname() if family != socket.AF_UNIX else address

    def sysv(self):
        libc = ctypes.CDLL(None, use_errno=True)
        self.shm = libc.shmget(0, 4096, 0o1600)
        if self.shm < 0:
            raise Skip(f'no System V shared memory: {os.strerror(ctypes.get_errno())}')
        self.env['SYSV'] = str(self.shm)
        self.remove = lambda: libc.shmctl(self.shm, 0, None)

    def renew(self):
        """What an attempt that succeeded has used up."""
        for name in ('shut/file', 'shut/victim', 'shut/moved', 'hidden/file', 'hidden/deep/file'):
            with open(os.path.join(self.world.base, name), 'w', encoding='ascii') as file:
                file.write(CANARY)
        for name in ('shut/new', 'shut/own', 'shut/root', 'shut/relative', 'open/moved', 'open/link', 'open/soft', 'open/own', 'open/h'):
            path = os.path.join(self.world.base, name)
            if os.path.lexists(path):
                os.unlink(path)
        if os.path.isdir(os.path.join(self.world.base, 'shut/folder')):
            os.rmdir(os.path.join(self.world.base, 'shut/folder'))

    def close(self):
        self.victim.kill()
        self.victim.wait()
        self.victim.stdout.close()
        self.remove()
        for thing in self.kept:
            if isinstance(thing, socket.socket):
                thing.close()
            elif os.path.exists(thing) and not thing.startswith(self.world.base):
                os.unlink(thing)


def freely(bystander, code):
    """What became of it without confinement: (reached, what it said)."""
    ran = subprocess.run([PYTHON, '-c', BEGIN + code + END], env=bystander.env, capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, check=False, timeout=60)
    return 'REACHED' in ran.stdout, ran.stdout + ran.stderr


def confined(world, bystander, code, preexec=None, **more):
    return commands.run(
        world, [PYTHON, '-c', BEGIN + code + END], env=bystander.env, work_dir=world.base, preexec=preexec,
        write=[os.path.join(world.base, 'open')], hide=[os.path.join(world.base, name) for name in ('hidden/deep', 'hidden', 'hidden', 'hidden/none')], timeout_ms=30000, **more)


def no_way_out(world, preexec, rows):
    if os.uname().machine != 'x86_64':
        raise Skip('the numbers of system calls are those of x86_64')
    bystander = Bystander(world)
    proven = 0
    for sentence, code, _ in rows:
        reached, said = freely(bystander, code)
        bystander.renew()
        if not reached:
            note(f'not tried, for it fails without confinement too: {sentence}: {said.strip().splitlines()[-1]}')
            continue
        try:
            answer = confined(world, bystander, code, preexec)
        except TimeoutError as error:
            raise AssertionError(f'{sentence}: no answer') from error
        lacks_reach(sentence, answer)
        bystander.renew()
        proven += 1
    # Few may be out of reach on one machine or another: not most.
    assert proven > len(rows) * 3 / 4, f'only {proven} of {len(rows)} could be tried'
    return bystander


def lacks_reach(sentence, answer):
    if 'REACHED' in answer['stdout'] or CANARY in answer['stdout']:
        raise AssertionError(f'{sentence}: succeeded: {answer}')
    # It failed as a command fails, not because nothing ran.
    assert answer['exit_code'] == 1 and 'rror' in answer['stderr'], f'{sentence}: {answer}'


def needs_namespaces(world):
    found = world.worker(commands.PROGRAM).call('probe')
    if not found['full']:
        raise Skip(f'{found["missing"]}')


@case('a confined command gets at nothing that it was not given')
def wholly(world):
    needs_namespaces(world)
    no_way_out(world, None, ATTEMPTS)


@case('without user namespaces Landlock and seccomp still keep it from most, and the answer says what is missing')
def by_landlock(world):
    bystander = no_way_out(world, commands.deny_namespaces, [row for row in ATTEMPTS if row[2]])
    answer = confined(world, bystander, 'open(D + "/open/new", "w").write("x")', commands.deny_namespaces)
    contains(answer['stdout'], 'REACHED')
    found = answer['confinement']
    equal((found['files'], found['network'], found['seccomp'], found['full']), ('landlock', 'none', True, False))
    contains(found['missing'][0], 'user namespaces: bubblewrap cannot make one here:')


@case('what was declared can be written, and what is thrown away too')
def allowed(world):
    needs_namespaces(world)
    bystander = Bystander(world)
    for code in ('open(D + "/open/new", "w").write("x")', 'open("/tmp/countersign-x", "w").write("x")', 'open("/var/tmp/countersign-x", "w").write("x")',
                 'open("/run/x", "w").write("x")', 'open("/dev/shm/countersign-x", "w").write("x")', 'open("/dev/null", "w").write("x")',
                 'os.rename(open(D + "/open/a", "w").name, D + "/open/b")', 'assert open(D + "/shut/file").read()',
                 'a, b = socket.socketpair(); a.send(b"x")', 'os.mkfifo(D + "/open/fifo")',
                 's = socket.socket(socket.AF_UNIX); s.bind("/tmp/s"); s.listen(); c = socket.socket(socket.AF_UNIX); c.connect("/tmp/s")',
                 's = socket.create_server(("127.0.0.1", 0)); socket.create_connection(s.getsockname())',
                 'import multiprocessing; multiprocessing.Queue().put(1)',
                 'import subprocess; subprocess.run(["/bin/true"], check=True)',
                 'import threading; t = threading.Thread(target=print); t.start(); t.join()'):
        answer = confined(world, bystander, code)
        assert 'REACHED' in answer['stdout'], f'{code}: {answer}'
    for path in ('/tmp/countersign-x', '/var/tmp/countersign-x', '/dev/shm/countersign-x'):
        assert not os.path.exists(path), path
    assert os.path.exists(os.path.join(world.base, 'open/new'))


@case('what is hidden stays so within what may be written, or nothing runs')
def within(world):
    needs_namespaces(world)
    bystander = Bystander(world)
    given = {'env': bystander.env, 'write': [world.base], 'hide': [os.path.join(world.base, 'hidden')]}
    for code in ('open(D + "/hidden/file").read()', 'open(D + "/hidden/new", "w")', 'os.rename(D + "/hidden", D + "/found")',
                 'os.rmdir(D + "/hidden")'):
        lacks_reach(code, commands.run(world, [PYTHON, '-c', BEGIN + code + END], **given))
    contains(commands.run(world, [PYTHON, '-c', BEGIN + 'open(D + "/shut/new", "w")' + END], **given)['stdout'], 'REACHED')
    try:
        answer = commands.run(world, [PYTHON, '-c', END], preexec=commands.deny_namespaces, **given)
        raise AssertionError(f'it ran: {answer}')
    except Refused as refusal:
        contains(refusal.message, 'cannot be kept apart')


@case('with one place to reach, no other place is reached')
def one_place(world):
    needs_namespaces(world)
    bystander = Bystander(world)
    place = {'host': 'api.example.test', 'port': 8443}
    tried = [row for row in ATTEMPTS if 'socket' in row[1] and 'AF_UNIX' not in row[1]]
    tried += [('another port of the place', 'socket.create_connection(("api.example.test", 8444), 5)', True),
              ('another name', 'socket.create_connection(("other.example.test", 8443), 5)', True),
              ('another address', 'socket.create_connection(("192.0.2.99", 8443), 5)', True),
              ('listening where the place is', 's = socket.socket(); s.bind(("127.0.0.1", 8443))', True),
              ('a port that only root has', 's = socket.socket(); s.bind(("127.0.0.1", 80))', True),
              ('an address of the interface', 'import fcntl; fcntl.ioctl(socket.socket(), 0x8916, b"lo:7".ljust(16, b"\\0") + '
               'struct.pack("HH4s8x", 2, 0, bytes([192, 0, 2, 99])))', True)]
    for sentence, code, _ in tried:
        lacks_reach(sentence, confined(world, bystander, code, reach=place))
    answer = confined(world, bystander, 'socket.create_connection(("api.example.test", 8443), 5)', reach=place)
    contains(answer['stdout'], 'REACHED')


@case('the first process in there cannot be taken over by the command')
def first_process(world):
    needs_namespaces(world)
    bystander = Bystander(world)
    for sentence, code in [('its memory', 'open("/proc/1/mem", "rb")'), ('its descriptors', 'os.listdir("/proc/1/fd")'),
                           ('its environment', 'open("/proc/1/environ").read()'), ('its root', 'os.listdir("/proc/1/root")'),
                           ('a descriptor of it', 'call(438, os.pidfd_open(1), 3, 0)'), ('tracing it', 'call(101, 16, 1, 0, 0)')]:
        lacks_reach(sentence, confined(world, bystander, code))
    # Process 1 takes no signal that it does not ask for: nothing fails, and nothing happens.
    answer = confined(world, bystander, 'os.kill(1, signal.SIGKILL); os.kill(1, signal.SIGTERM)')
    equal(answer['exit_code'], 0)


@case('while its command runs, the worker cannot be read by a process of the same user')
def worker_closed(world):
    started, call = commands.start(world, ['/bin/sh', '-c', 'printf %01000d 0; exec sleep 100'],
                                   secrets={'demo': (CANARY, {'env': 'TOKEN'})}, env={'PATH': '/usr/bin:/bin'})
    started.hear('output')
    for name in ('mem', 'environ', 'maps', 'fd'):
        try:
            with open(f'/proc/{started.process.pid}/{name}', 'rb') as file:
                file.read(1)
            raise AssertionError(f'{name} can be read')
        except (PermissionError, IsADirectoryError) as error:
            assert isinstance(error, PermissionError) or not os.access(f'/proc/{started.process.pid}/fd', os.R_OK)
    for entry in os.listdir('/proc'):
        try:
            with open(f'/proc/{entry}/cmdline', 'rb') as file:
                assert CANARY.encode() not in file.read() or int(entry) == os.getpid(), f'in the arguments of process {entry}'
        except (OSError, ValueError):
            pass
    started.call('cancel', {'id': call})
    started.answer(call)


# --- `countersign run --sandbox`: the same walls, the caller's terminal ---

def on_terminal(argv, program, world, confine):
    """Runs Python on a terminal of its own, as a shell would; what it printed, and its exit status."""
    line = [PYTHON, '-c', program]
    if confine:
        line = [World.program('countersign-worker-exec'), '--confine', *argv, '--', *line]
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(world.base)
        os.execve(line[0], line, {'DIR': world.base, 'PATH': '/usr/bin:/bin'})
    text = b''
    while select.select([fd], [], [], 60)[0]:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
        if b'INTERRUPT ME' in text and b'\x03sent' not in text:
            os.write(fd, b'\x03')
            text += b'\x03sent'
    os.close(fd)
    return text.decode(errors='replace'), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


TYPING = BEGIN + '''
import fcntl
for letter in b"exit": fcntl.ioctl(0, 0x5412, bytes([letter]))
''' + END


@case('on a shared terminal nothing can be typed for the person')
def typing(world):
    said, _ = on_terminal([], TYPING, world, False)
    if 'REACHED' not in said:
        raise Skip('this kernel lets nobody type into a terminal')
    said, status = on_terminal([], TYPING, world, True)
    contains(said, 'Operation not permitted')
    equal(status, 1)


@case('signals, exit status and the terminal pass through')
def passes(world):
    said, status = on_terminal([], 'import os, sys; print(os.isatty(0), os.environ["PATH"], os.getcwd()); sys.exit(7)', world, True)
    contains(said, f'True /usr/bin:/bin {world.base}')
    equal(status, 7)
    said, status = on_terminal([], 'import os, signal, sys, time\nsignal.signal(signal.SIGINT, lambda *_: (os.write(1, b"got it"), sys.exit(9)))\n'
                               'print("INTERRUPT ME", flush=True)\ntime.sleep(60)', world, True)
    equal(said.count('got it'), 1, said)
    equal(status, 9)
    program = World.program('countersign-worker-exec')
    for number, wanted in [(signal.SIGTERM, 11), (signal.SIGHUP, 11), (signal.SIGUSR1, 11)]:
        child = subprocess.Popen(
            [program, '--confine', '--', PYTHON, '-c', 'import signal, sys\n'
             f'signal.signal({int(number)}, lambda *_: sys.exit(11))\nprint("ready", flush=True)\nwhile True: signal.pause()'],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd='/')
        equal(child.stdout.readline(), b'ready\n')
        child.send_signal(number)
        equal(child.wait(60), wanted, f'signal {number}')
        child.stdout.close()
    for line, wanted in [(['/bin/sh', '-c', 'kill -KILL $$'], 137), ([os.path.join(world.base, 'nothing')], 127),
                         (['/etc/passwd'], 126), (['/bin/false'], 1)]:
        ran = subprocess.run([program, '--confine', '--', *line], check=False, capture_output=True, stdin=subprocess.DEVNULL, cwd='/')
        equal(ran.returncode, wanted, f'{line}: {ran.stderr}')


@case('a shell can stop what runs in a sandbox, go on with it, and interrupt it')
def job(world):
    shell = pexpect.spawn('/bin/bash', ['--norc', '-i'], encoding='utf-8', timeout=60, cwd=world.base,
                          env={'PS1': 'PROMPT> ', 'PATH': '/usr/bin:/bin', 'TERM': 'dumb'})
    shell.expect('PROMPT> ')
    shell.sendline(f'{World.program("countersign-worker-exec")} --confine -- /bin/sh -c "echo u\'\'p; sleep 600"')
    shell.expect('up\r\n')
    shell.send('\x1a')
    shell.expect('Stopped')
    shell.expect('PROMPT> ')
    shell.sendline('fg; echo "status=$?"')
    shell.expect('sleep 600')
    shell.send('\x03')
    shell.expect(r'status=(\d+)')
    equal(shell.match.group(1), '130')
    shell.close(True)


@case('a sandbox on the caller\'s terminal has the same walls')
def same_walls(world):
    needs_namespaces(world)
    bystander = Bystander(world)
    program = World.program('countersign-worker-exec')
    for sentence, code, _ in ATTEMPTS:
        ran = subprocess.run(
            [program, '--confine', f'--write={world.base}/open', f'--hide={world.base}/hidden', '--', PYTHON, '-c', BEGIN + code + END],
            env=bystander.env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, cwd=world.base, timeout=60)
        assert 'REACHED' not in ran.stdout and 'rror' in ran.stderr, f'{sentence}: {ran}'


worker.main()
