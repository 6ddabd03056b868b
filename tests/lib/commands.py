# SPDX-License-Identifier: MIT
"""Commands given to countersign-worker-exec as the broker gives them."""

import ctypes
import errno
import os
import struct

PROGRAM = 'countersign-worker-exec'


def params(argv, program=None, **more):
    """What `run` takes for this command line; its program is looked at now, as when it is approved."""
    program = os.path.realpath(program or argv[0])
    info = os.stat(program)
    return {'program': program, 'device': str(info.st_dev), 'inode': str(info.st_ino), 'changed': str(info.st_ctime_ns), 'argv': list(argv),
            'timeout_ms': 50000, **more}


def start(world, argv, secrets=None, stdin=None, preexec=None, **more):
    """A worker with the call under way: (worker, call). secrets: {name: (value, where)}; preexec: of the worker."""
    started = world.worker(PROGRAM, preexec_fn=preexec)
    for name, (value, _) in (secrets or {}).items():
        started.attach('secret', value, name=name)
    if stdin is not None:
        started.attach('stdin', stdin)
    if secrets:
        more['secrets'] = [{'name': name, **where} for name, (_, where) in secrets.items() if where]
    return started, started.start('run', params(argv, **more))


def run(world, argv, **more):
    """The answer of a command that was run to its end."""
    started, call = start(world, argv, **more)
    return started.answer(call)


def deny_namespaces():
    """For preexec_fn: from here on no process makes a user namespace, as where a kernel or its policy allows none."""
    numbers = {'x86_64': (56, 272, 435), 'aarch64': (220, 97, 435)}.get(os.uname().machine)
    if numbers is None:
        raise OSError('this machine\'s numbers of system calls are not known here')
    clone, unshare, clone3 = numbers
    load, equal, any_bit, answer = 0x20, 0x15, 0x45, 0x06
    allow, refuse, unknown = 0x7fff0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    new_user = 0x10000000
    program = [(load, 0, 0, 0), (equal, 4, 0, clone3), (equal, 1, 0, clone), (equal, 0, 4, unshare),
               (load, 0, 0, 16), (any_bit, 1, 2, new_user), (answer, 0, 0, unknown), (answer, 0, 0, refuse), (answer, 0, 0, allow)]
    code = b''.join(struct.pack('HBBI', *line) for line in program)
    buffer = ctypes.create_string_buffer(code)
    filter_ = struct.pack('HxxxxxxP', len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.c_char_p(filter_), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl')


def no_more_namespaces():
    """For preexec_fn: in a user namespace that may hold no other one."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), 'unshare')
    for name, text in (('self/setgroups', 'deny'), ('self/uid_map', f'{uid} {uid} 1'), ('self/gid_map', f'{gid} {gid} 1'),
                       ('sys/user/max_user_namespaces', '0')):
        with open(f'/proc/{name}', 'w', encoding='ascii') as file:
            file.write(text)


def marks(token):
    """Processes of this user whose environment has the token, wherever they are."""
    found = []
    for name in os.listdir('/proc'):
        try:
            with open(f'/proc/{name}/environ', 'rb') as file:
                if f'MARK={token}'.encode() in file.read():
                    found.append(int(name))
        except (OSError, ValueError):
            pass
    return found
