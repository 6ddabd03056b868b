# SPDX-License-Identifier: MIT
"""Ways into another process, tried one after the other."""

import ctypes
import errno
import os

CANARY = b'canary-5f1d0c2e'
LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
SYS_PIDFD_GETFD = 438


def denied(what, call, *allowed):
    """@call must fail for want of permission."""
    try:
        found = call()
    except OSError as error:
        assert error.errno in (errno.EACCES, errno.EPERM, *allowed), f'{what}: {error}'
        return
    raise AssertionError(f'{what}: succeeded: {found!r}')


def libc(function, *arguments):
    if getattr(LIBC, function)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), function)


class Iovec(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]


def read_remote(pid):
    buffer = ctypes.create_string_buffer(16)
    local = Iovec(ctypes.cast(buffer, ctypes.c_void_p), 16)
    remote = Iovec(0x400000, 16)
    libc('process_vm_readv', pid, ctypes.byref(local), ctypes.c_ulong(1), ctypes.byref(remote),
         ctypes.c_ulong(1), ctypes.c_ulong(0))


def closed(pid, secrets):
    """All ways into a process that are open to its own user are shut, and its arguments name no secret."""
    proc = f'/proc/{pid}'
    for name in ('mem', 'environ', 'maps', 'smaps', 'auxv', 'syscall', 'stack', 'personality'):
        denied(name, lambda name=name: open(f'{proc}/{name}', 'rb').read(64))
    for name in ('fd', 'map_files', 'fdinfo'):
        denied(name, lambda name=name: os.listdir(f'{proc}/{name}'))
    for name in ('exe', 'cwd', 'root'):
        denied(name, lambda name=name: os.readlink(f'{proc}/{name}'))
    denied('writing mem', lambda: open(f'{proc}/mem', 'r+b'))
    denied('attach', lambda: libc('ptrace', PTRACE_ATTACH, pid, None, None))
    denied('seize', lambda: libc('ptrace', PTRACE_SEIZE, pid, None, None))
    denied('process_vm_readv', lambda: read_remote(pid))
    pidfd = os.pidfd_open(pid)
    for fd in range(8):
        denied('pidfd_getfd', lambda fd=fd: libc('syscall', SYS_PIDFD_GETFD, pidfd, fd, 0), errno.EBADF)
    os.close(pidfd)
    with open(f'{proc}/cmdline', 'rb') as file:
        text = file.read()
    for secret in secrets:
        assert secret not in text, 'in its arguments'
