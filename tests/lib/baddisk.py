# SPDX-License-Identifier: MIT
"""A disk that fails when the case says so: what the broker asks to have synced is answered by the case (seccomp), so that
the kernel itself tells it of an input/output error. Nothing is loaded into the broker for that, and nothing in it is replaced."""

import array
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import threading

import countersign
from tap import Skip

MACHINES = {'x86_64': (317, (74, 75)), 'aarch64': (277, (82, 83))}  # seccomp(2); fsync(2) and fdatasync(2)
RECEIVE, SEND = 0xc0502100, 0xc0182101
NEW_LISTENER, CONTINUE, NOTIFY, ALLOW = 8, 1, 0x7fc00000, 0x7fff0000
LIBC = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    _fields_ = [('length', ctypes.c_ushort), ('filter', ctypes.c_char_p)]


def listener():
    """Of the process that calls it and all that it starts: a descriptor on which each sync is announced."""
    call, watched = MACHINES[os.uname().machine]
    lines = [(0x20, 0, 0, 0)]  # which call it is
    lines += [(0x15, len(watched) - i, 0, number) for i, number in enumerate(watched)]
    lines += [(0x06, 0, 0, ALLOW), (0x06, 0, 0, NOTIFY)]
    code = b''.join(struct.pack('HBBI', *line) for line in lines)
    LIBC.prctl(38, 1, 0, 0, 0)  # no new privileges
    fd = LIBC.syscall(call, 1, NEW_LISTENER, ctypes.byref(Program(len(lines), code)))
    if fd < 0:
        raise OSError(ctypes.get_errno(), 'seccomp')
    return fd


def can_listen():
    """None, or why not."""
    if os.uname().machine not in MACHINES:
        return 'the numbers of system calls are not known here'
    pid = os.fork()
    if pid == 0:
        try:
            listener()
            os._exit(0)
        except OSError:
            os._exit(1)
    return None if os.waitpid(pid, 0)[1] == 0 else 'the kernel lets nobody answer system calls'


class Disk(threading.Thread):
    """Answers for those who were started with attach: all goes well until failing is set."""

    def __init__(self, failing):
        super().__init__(daemon=True)
        self.ours, self.theirs = socket.socketpair()
        self.failing = failing
        self.start()

    def attach(self):
        """In the child, before it becomes the program."""
        socket.send_fds(self.theirs, [b'x'], [listener()])

    def run(self):
        found = socket.recv_fds(self.ours, 1, 1)[1]
        if not found:
            return
        watch = select.poll()
        watch.register(found[0], select.POLLIN)
        try:
            while not watch.poll()[0][1] & select.POLLHUP:
                self._answer(found[0])
        finally:
            os.close(found[0])

    def _answer(self, fd):
        asked = array.array('B', bytes(80))
        try:
            fcntl.ioctl(fd, RECEIVE, asked)
            identity = struct.unpack_from('Q', asked)[0]
            answer = struct.pack('QqiI', identity, 0, -errno.EIO, 0) if self.failing.is_set() \
                else struct.pack('QqiI', identity, 0, 0, CONTINUE)
            fcntl.ioctl(fd, SEND, answer)
        except OSError:
            pass  # who asked has ended


class BadDisk(countersign.World):
    """A world whose broker's disk fails while failing is set."""

    def __init__(self, **options):
        reason = can_listen()
        if reason:
            raise Skip(reason)
        self.failing = threading.Event()
        super().__init__(**options)

    def cli(self, *arguments, **options):
        if arguments[0] not in ('init', 'unlock'):
            return super().cli(*arguments, **options)
        return super().cli(*arguments, preexec_fn=Disk(self.failing).attach, **options)

    def close(self):
        self.failing.clear()
        super().close()
