# SPDX-License-Identifier: MIT
"""machine.py SCRIPT [ARGUMENT…]: a machine of its own for a test in which several users take part.

Run by launch.py as root, in mount and pid namespaces made for it: its /etc/passwd, /run and /var/lib are its own, and
nothing of the real ones is touched. It becomes what systemd and root would be: it starts the system broker as the unit
does, and does what the script, which runs as an ordinary user, asks of it. Machine is the script's side of that.
"""

import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

from lines import Closed, Lines

PEOPLE = {'countersign': 61001, 'alice': 61002, 'bob': 61003, 'countersign-http': 61004}
RUNTIME, STATE, WORKERS = '/run/countersign', '/var/lib/countersign', '/run/countersign-worker'
NOTIFY = '/run/notify'
FD = 'COUNTERSIGN_MACHINE_FD'


# --- root's side ---

def mount(*arguments):
    subprocess.run(['mount', *arguments], check=True)


def own_file(path, text):
    """Puts a file of ours in the place of one of the machine's."""
    copy = os.path.join('/run', os.path.basename(path))
    with open(copy, 'w') as file:
        file.write(text)
    mount('--bind', copy, path)


def make_machine():
    mount('-t', 'tmpfs', '-o', 'mode=755', 'run', '/run')
    mount('-t', 'tmpfs', '-o', 'mode=755', 'lib', '/var/lib')
    own_file('/etc/passwd', ''.join(
        ['root:x:0:0::/root:/bin/sh\n', 'nobody:x:65534:65534::/:/bin/sh\n',
         *(f'{name}:x:{uid}:{uid}::/nonexistent:/bin/sh\n' for name, uid in PEOPLE.items())]))
    own_file('/etc/group', ''.join(['root:x:0:\n', 'nogroup:x:65534:\n',
                                    *(f'{name}:x:{uid}:\n' for name, uid in PEOPLE.items())]))
    own_file('/etc/nsswitch.conf', 'passwd: files\ngroup: files\n')


def become(user, kept='-all'):
    """What to put before a command so that it runs as this user, with no privilege but those kept."""
    uid = str(pwd.getpwnam(user).pw_uid)
    return ['setpriv', '--reuid', uid, '--regid', uid, '--clear-groups', '--no-new-privs', '--bounding-set', kept,
            '--inh-caps', kept, '--ambient-caps', kept]


class Root:
    """What the script may ask for; each method is an order."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.brokers, self.workers = [], []

    def listen(self, person, errors, kinds=('http', 'exec'), users=None):
        """The sockets of the workers' units, and behind each what systemd begins with the first connection. users: other than
        the units name, by kind."""
        folder = os.path.join(WORKERS, person)
        os.makedirs(folder, 0o755, exist_ok=True)
        for kind in kinds:
            user = {'http': 'countersign-http', 'exec': person, **(users or {})}[kind]
            path = os.path.join(folder, f'{kind}.sock')
            program = os.path.join(self.prefix, f'libexec/countersign/countersign-worker-{kind}')
            with open(errors, 'ab') as log:
                self.workers.append(subprocess.Popen(
                    ['systemd-socket-activate', '--listen', path, *become(user), program, '--listen'],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/', env={'PATH': '/usr/bin:/bin'}))
            while not os.path.exists(path) and self.workers[-1].poll() is None:
                time.sleep(0.01)
            os.chown(path, PEOPLE['countersign'], 0)
            os.chmod(path, 0o600)

    def start(self, person, errors, arguments=(), capability=True, user='countersign'):
        """As systemd does it: directories made, no privilege but one capability, nothing else of ours; and it is waited for
        until it listens, or has ended."""
        for above in (RUNTIME, STATE):
            path = os.path.join(above, person)
            os.makedirs(above, 0o755, exist_ok=True)
            if not os.path.lexists(path):
                os.mkdir(path, 0o700)
                os.chown(path, PEOPLE['countersign'], PEOPLE['countersign'])
        kept = '-all,+sys_ptrace' if capability else '-all'
        # A view of the files of its own, as the unit's protections give it one.
        argv = ['unshare', '--mount', *become(user, kept),
                os.path.join(self.prefix, 'libexec/countersign/countersignd'), '--system', '--for', person, *arguments]
        ready = self.notify_socket()
        with open(errors, 'ab') as log:
            broker = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/',
                                      env={'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8', 'NOTIFY_SOCKET': NOTIFY})
        self.brokers.append(broker)
        pidfd = os.pidfd_open(broker.pid)
        select.select([ready, pidfd], [], [], 60)
        os.close(pidfd)
        ready.close()
        return broker.pid

    @staticmethod
    def notify_socket():
        """Where the broker says that it listens, as it does to systemd."""
        if os.path.exists(NOTIFY):
            os.unlink(NOTIFY)
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(NOTIFY)
        os.chmod(NOTIFY, 0o777)
        return ready

    def end(self, pid, number=signal.SIGTERM):
        broker = next(b for b in self.brokers if b.pid == pid)
        broker.send_signal(number)
        return broker.wait(60)

    def wait(self, pid):
        return next(b for b in self.brokers if b.pid == pid).wait(60)

    def run(self, argv, user='root', stdin=''):
        """Any command, as root or as one of the people."""
        uid = pwd.getpwnam(user).pw_uid
        done = subprocess.run(argv, input=stdin.encode(), capture_output=True, check=False, timeout=60, cwd='/', user=uid,
                              group=uid, extra_groups=[], env={'PATH': os.environ['PATH'], 'HOME': '/nonexistent'})
        return [done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace')]

    def reset(self):
        for process in self.brokers + self.workers:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.brokers, self.workers = [], []
        for path in (RUNTIME, STATE, WORKERS):
            shutil.rmtree(path, ignore_errors=True)


def serve(root, lines):
    while True:
        try:
            order, options = lines.receive(1 << 30)
        except Closed:
            return
        try:
            lines.send({'done': getattr(root, order)(**options)})
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            lines.send({'failed': f'{type(error).__name__}: {error}'})


def main():
    make_machine()
    ours, theirs = socket.socketpair()
    theirs.set_inheritable(True)
    uid = PEOPLE['alice']
    child = subprocess.Popen([sys.executable, *sys.argv[1:]], pass_fds=[theirs.fileno()], user=uid, group=uid,
                             extra_groups=[], env={**os.environ, FD: str(theirs.fileno())})
    theirs.close()
    root = Root(os.path.join(os.environ['COUNTERSIGN_STAGE'], 'root', 'usr', 'local'))
    serve(root, Lines(ours.fileno(), ours.fileno(), ours))
    status = child.wait()
    root.reset()
    sys.exit(status if status >= 0 else 1)


# --- the script's side ---

class Machine:
    """Root, as the script asks it: machine.start(person='alice', …)."""

    def __init__(self):
        self.sock = socket.socket(fileno=int(os.environ[FD]))
        os.set_inheritable(self.sock.fileno(), False)
        self.lines = Lines(self.sock.fileno(), self.sock.fileno(), self.sock)

    def __getattr__(self, order):
        def ask(**options):
            self.lines.send([order, options])
            answer = self.lines.receive(120)
            if 'failed' in answer:
                raise AssertionError(f'{order}: {answer["failed"]}')
            return answer['done']
        return ask


if __name__ == '__main__':
    main()
