# SPDX-License-Identifier: MIT
"""The system broker's workers: what the person's processes, another user and the workers themselves cannot reach."""

import json
import os
import signal
import socket
import stat

import countersign
import machine
import useworld
from httpservice import VALUE
from intrusion import closed, denied
from systemworld import MACHINE
from tap import case, contains, equal, lacks
from useworld import wait_running

FOLDER = os.path.join(machine.WORKERS, 'alice')
SECRETS = (VALUE.encode(), countersign.PIN.encode(), countersign.PASSPHRASE.encode())


def workers(kind):
    """Pids of the workers, as told from who began them by their arguments."""
    found = []
    for name in os.listdir('/proc'):
        try:
            with open(f'/proc/{name}/cmdline', 'rb') as file:
                argv = file.read().split(b'\0')
        except OSError:
            continue
        if argv[0].endswith(f'countersign-worker-{kind}'.encode()) and argv[1:3] == [b'--fd', b'3']:
            found.append(int(name))
    return found


def knock(user):
    """What these users are told on the workers' sockets."""
    script = f'''
import socket
for name in ('http', 'exec'):
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(f'{FOLDER}/{{name}}.sock')
        sock.sendall(b'{{"jsonrpc":"2.0","id":1,"method":"hello","params":{{}}}}\\n')
        print('answered' if sock.recv(100) else 'closed')
    except OSError as error:
        print(type(error).__name__)
'''
    return MACHINE.run(argv=['/usr/bin/python3', '-c', script], user=user)[1].split()


@case('nobody but the broker\'s user can connect to a worker, or put a socket in its place')
def sockets(world):
    for user in ('alice', 'bob', 'countersign-http'):
        equal(knock(user), ['PermissionError'] * 2, user)
    equal(knock('countersign'), ['answered'] * 2)
    for name in ('http.sock', 'exec.sock'):
        path = os.path.join(FOLDER, name)
        equal((os.stat(path).st_uid, stat.S_IMODE(os.stat(path).st_mode)), (machine.PEOPLE['countersign'], 0o600))
        denied(path, lambda path=path: os.unlink(path))
        denied(path, lambda path=path: os.rename(path, f'{path}.old'))
        denied(path, lambda path=path: os.chmod(path, 0o666))
    for folder in (FOLDER, machine.WORKERS):
        denied(folder, lambda folder=folder: os.rename(folder, f'{folder}.old'))
        denied(folder, lambda folder=folder: socket.socket(socket.AF_UNIX).bind(f'{folder}/mine.sock'))


@case('the worker that has the credential is closed to the person\'s processes, and takes no signal of theirs')
def http_worker(world):
    agent = world.agent()
    equal(world.granted(agent)['result']['status'], 200)
    pid, = workers('http')
    closed(pid, SECRETS)
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
        denied(number, lambda number=number: os.kill(pid, number))
    equal(agent.answer(world.ask(agent))['result']['status'], 200)


def tried(user, *paths):
    """Which of these a user can open or list."""
    found = []
    for path in paths:
        for argv in (['head', '-c1', path], ['ls', f'{path}/.'], ['dd', 'if=/dev/null', f'of={path}', 'conv=notrunc']):
            if MACHINE.run(argv=argv, user=user)[0] == 0:
                found.append(f'{argv[0]} {path}')
    return found


@case('the user of requests reads neither the store, the trail, the person\'s files nor the broker')
def http_user(world):
    mine = os.path.join(world.env['HOME'], 'mine')
    with open(mine, 'w', encoding='ascii') as file:
        file.write('mine')
    broker = f'/proc/{world.broker}'
    equal(tried('countersign-http', world.store, world.state, world.audit, os.path.join(world.audit, '000001.jsonl'), world.runtime,
                world.agent_socket, world.human_socket, mine, world.env['HOME'], world.config,
                f'{broker}/mem', f'{broker}/environ', f'{broker}/maps', f'{broker}/fd'), [])
    # What it cannot, others can:
    equal(tried('alice', mine), [f'head {mine}', f'dd {mine}'])
    equal(tried('root', world.store), [f'head {world.store}', f'dd {world.store}'])


# Each line that begins with "in" is a way that was open.
PROBE = '''
for path in {files}; do head -c1 "$path" && echo "in $path"; done
for path in {folders}; do ls "$path" | grep -q . && echo "in $path"; done
for path in {sockets}; do test -S "$path" && echo "in $path"; done
grep -l countersignd /proc/[0-9]*/comm && echo "in the broker's processes"
id -u
'''


@case('a command, which runs as the person, sees nothing of the broker: no state, no sockets, no process')
def command(world):
    files = ' '.join([world.store, f'{world.audit}/000001.jsonl', f'{world.audit}/key'])
    folders = ' '.join([world.state, world.audit, world.runtime])
    sockets = ' '.join([world.agent_socket, world.human_socket, f'{FOLDER}/http.sock', f'{FOLDER}/exec.sock'])
    result = world.ran(world.agent(), 'sh', '-c', PROBE.format(files=files, folders=folders, sockets=sockets),
                       secrets=[{'name': 'demo', 'env': 'TOKEN'}])
    equal(result['stdout'], f'{machine.PEOPLE["alice"]}\n', result['stderr'])
    lacks(json.dumps(result), VALUE)


@case('the worker that runs commands is closed to the person\'s other processes, though it is the same user\'s')
def exec_worker(world):
    agent = world.agent()
    call = world.command(agent, 'sleep', '86398.5', secrets=[{'name': 'demo', 'env': 'TOKEN'}])
    world.grant(agent.held(call)['request_id'])
    wait_running('sleep', '86398.5')
    pid, = workers('exec')
    closed(pid, SECRETS)
    world.cli('revoke', '--all')


@case('what a command was given is open to the person\'s other processes while it runs, as SECURITY.md says')
def same_user(world):
    agent = world.agent()
    call = world.command(agent, 'sleep', '86398.75', secrets=[{'name': 'demo', 'env': 'TOKEN'}])
    world.grant(agent.held(call)['request_id'])
    pid = wait_running('sleep', '86398.75')[-1]
    with open(f'/proc/{pid}/environ', 'rb') as file:
        contains(file.read(), b'TOKEN=' + VALUE.encode())
    # And to no other user.
    status, out, _ = MACHINE.run(argv=['cat', f'/proc/{pid}/environ'], user='bob')
    equal((status, out), (1, ''))
    world.cli('revoke', '--all')


useworld.main()
