# SPDX-License-Identifier: MIT
"""A process of the same user tries to look into the broker, and into the person's command at its prompt."""

import ctypes
import errno
import glob
import os
import resource
import signal

import countersign
from tap import case, equal

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


def closed(pid):
    """All ways into a process that are open to its own user are shut."""
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
    for secret in (CANARY, countersign.PIN.encode(), countersign.PASSPHRASE.encode()):
        assert secret not in text, 'in its arguments'


@case('no way into the broker is open to its own user', secrets=())
def broker(world):
    world.secret('canary', CANARY)
    closed(world.learn())


@case('no way is open into the person\'s command while it asks for the PIN')
def prompt(world):
    terminal = world.terminal('secret', 'set', 'other')
    # It asks for value and PIN in some order; at the first prompt without echo it is as it will be.
    assert terminal.waitnoecho(30), 'no prompt'
    closed(terminal.pid)
    terminal.sendintr()


@case('a broker that crashes leaves no core file', secrets=())
def core(world):
    world.stop()
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    allowed = unlimited if hard == resource.RLIM_INFINITY else (hard, hard)
    world.cli('unlock', passphrase=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, allowed))
    world.learn()
    world.secret('canary', CANARY)
    pid = world.learn()
    with open(f'/proc/{pid}/limits', encoding='ascii') as file:
        line = next(line for line in file if line.startswith('Max core file size'))
    equal(line.split()[4:6], ['0', '0'], 'core limits')
    world.kill_broker(signal.SIGABRT)
    cores = [name for folder in (world.base, world.runtime, world.env['HOME'], '/', '/tmp', '/var/tmp')
             for name in glob.glob(os.path.join(folder, '*core*')) if str(pid) in name or name.endswith('/core')]
    equal(cores, [])


@case('nothing of a secret is in any file the broker writes', secrets=())
def files(world):
    world.secret('canary', CANARY)
    agent = world.agent()
    call = agent.ask('canary')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    for folder, _, names in os.walk(world.base):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, 'rb') as file:
                text = file.read()
            for secret in (CANARY, countersign.PIN.encode(), countersign.PASSPHRASE.encode()):
                assert secret not in text, path


countersign.main()
