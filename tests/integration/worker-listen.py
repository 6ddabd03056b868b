# SPDX-License-Identifier: MIT
"""Workers behind a listening socket, as systemd hands it over: one for each connection, and who looks after them."""

import array
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import countersign
import tap
from countersign import SANITIZER, wait_gone
from lines import Lines, Rpc
from tap import Skip, case, contains, equal
from worker import WorkerWorld

PROGRAMS = ('countersign-worker-http', 'countersign-worker-exec')
MINUTE = 60


class Peer(Rpc):
    """A connection, and who is behind it."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.sock.connect(path)
        super().__init__(Lines(self.sock.fileno(), self.sock.fileno(), self.sock))
        self.lines.send({'jsonrpc': '2.0', 'id': 1, 'method': 'hello', 'params': {}})
        self.last = 1
        text, control, _, _ = self.sock.recvmsg(4096, socket.CMSG_SPACE(12))
        self.greeting = text
        self.pid = array.array('i', control[0][2])[0] if text else None
        self.pidfd = os.pidfd_open(self.pid) if text else None


class World(WorkerWorld):
    def __init__(self):
        super().__init__()
        self.listeners, self.errors = [], []

    def listen(self, program, *arguments):
        """Has systemd's tool listen, and begin the program as its unit does. Returns the socket's path."""
        if shutil.which('systemd-socket-activate') is None:
            raise Skip('there is no systemd-socket-activate')
        path = os.path.join(self.base, f'{len(self.listeners)}.sock')
        self.errors.append(self.keep('listener'))
        with open(self.errors[-1], 'wb') as log:
            self.listeners.append(subprocess.Popen(
                ['systemd-socket-activate', '--listen', path, countersign.World.program(program), '--listen', *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={'PATH': '/usr/bin:/bin'}))
        while not os.path.exists(path) and self.listeners[-1].poll() is None:
            time.sleep(0.01)
        return path

    def said(self):
        text = ''
        for path in self.errors:
            with open(path, encoding='utf-8', errors='replace') as file:
                text += file.read()
        return text

    def check(self):
        super().check()
        found = SANITIZER.search(self.said())
        if found:
            raise AssertionError(self.said()[found.start():])

    def story(self):
        return super().story() + self.said()

    def close(self):
        for listener in self.listeners:
            listener.kill()
            listener.wait()
        super().close()


@case('each connection has a worker of its own, which ends with it alone')
def each(world):
    for program in PROGRAMS:
        path = world.listen(program)
        one, other = Peer(path), Peer(path)
        assert one.pid != other.pid and world.listeners[-1].pid not in (one.pid, other.pid)
        one.sock.close()
        assert wait_gone(one.pidfd), 'goes on without its connection'
        try:
            other.call('no such thing')
            raise AssertionError('answered')
        except Exception as error:
            contains(str(error), 'no such method')


@case('a worker that does not end with its connection is killed by who began it')
def hangs(world):
    peer = Peer(world.listen(PROGRAMS[1]))
    os.kill(peer.pid, signal.SIGSTOP)
    peer.sock.close()
    assert wait_gone(peer.pidfd), 'goes on'


@case('a worker that falls is seen to have fallen, and the next connection is served')
def falls(world):
    path = world.listen(PROGRAMS[1])
    peer = Peer(path)
    os.kill(peer.pid, signal.SIGKILL)
    equal(peer.sock.recv(1), b'')
    contains(Peer(path).greeting, b'"result":{}')


@case('a process of another unit than the one that is served is not answered, and the log says so')
def unit(world):
    path = world.listen(PROGRAMS[1], '--unit', 'countersign@nobody.service')
    try:
        equal(Peer(path).greeting, b'')
    except ConnectionResetError:
        pass
    contains(world.said(), 'which is not countersign@nobody.service')


@case('by hand it says whose business it is')
def by_hand(world):
    for arguments, words in ((('--listen',), 'which passes the socket'), (('--unit', 'x'), '--unit goes with --listen')):
        for program in PROGRAMS:
            done = subprocess.run([countersign.World.program(program), *arguments], capture_output=True, text=True, check=False, timeout=60,
                                  env={'LISTEN_FDS': '1', 'LISTEN_PID': '1'})
            equal(done.returncode, 2)
            contains(done.stderr, words)


@case('idle for a minute it ends, and not while a worker lives')
def idle(world):
    if not tap.LONG:
        raise Skip('takes two minutes: tests/run --long')
    path = world.listen(PROGRAMS[1])
    peer = Peer(path)
    pidfd = os.pidfd_open(world.listeners[-1].pid)
    assert not wait_gone(pidfd, MINUTE + 5), 'ended under its worker'
    peer.sock.close()
    assert wait_gone(pidfd, 2 * MINUTE)
    equal(world.listeners[-1].wait(), 0)


sys.exit(tap.run(World))
