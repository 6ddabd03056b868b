# SPDX-License-Identifier: MIT
"""Brokers, sockets and folders of an agent's making never get what is the person's."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys

import countersign
from lines import Refused
from tap import Skip, case, contains, equal

HERE = os.path.dirname(os.path.abspath(__file__))
SPY = os.path.join(HERE, 'libspy.so')
PTRACE_TRACEME, PTRACE_CONT = 0, 7


def secrets_in(path):
    with open(path, 'rb') as file:
        text = file.read()
    return [what for what in (countersign.PASSPHRASE, countersign.PIN, 'value-of-demo') if what.encode() in text]


def start_broker(world, **more):
    """countersignd as an agent would start it: by hand, with the environment of its choice."""
    return subprocess.Popen([world.program('countersignd')], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, cwd=world.base,
                            env={**world.env, 'ASAN_OPTIONS': 'verify_asan_link_order=0', **more})


def wait_for_socket(world, process):
    while not os.path.exists(world.human_socket):
        if process.poll() is not None:
            return False
        subprocess.run(['sleep', '0.02'], check=True)
    return True


@case('a broker started with LD_PRELOAD never gets passphrase, PIN or secret')
def preload(world):
    if not os.path.exists(SPY):
        raise Skip(f'{SPY} was not built')
    world.stop()
    log = os.path.join(world.base, 'spied')
    # The spy itself works: what a program with it reads is in the log.
    subprocess.run(['cat'], input=b'seen by the spy', env={'LD_PRELOAD': SPY, 'SPY_LOG': log, 'PATH': '/usr/bin:/bin'},
                   stdout=subprocess.DEVNULL, check=True)
    with open(log, 'rb') as file:
        contains(file.read(), b'seen by the spy')
    hostile = start_broker(world, LD_PRELOAD=SPY, SPY_LOG=log)
    wait_for_socket(world, hostile)
    world.unlock()
    hostile.wait(60)
    world.human(pin=True).call('secret_show', {'name': 'demo', 'reveal': True, 'pin': countersign.PIN})
    equal(secrets_in(log), [])
    assert world.learn() != hostile.pid


@case('a broker that an agent starts stays locked')
def stays_locked(world):
    world.stop()
    hostile = start_broker(world)
    if wait_for_socket(world, hostile):
        equal(world.status()['state'], 'locked')
    world.unlock()
    hostile.wait(60)
    equal(world.status()['state'], 'unlocked')


def traced(argv, env):
    """Runs argv under a tracer that lets it go on; its wait status."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writer, 2)
        libc.ptrace(PTRACE_TRACEME, 0, None, None)
        os.execve(argv[0], argv, env)
    os.close(writer)
    while True:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            break
        number = os.WSTOPSIG(status)
        if libc.ptrace(PTRACE_CONT, pid, None, 0 if number == signal.SIGTRAP else number) == -1:
            os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader, 'rb') as file:
        return status, file.read().decode('utf-8', 'replace')


@case('a broker started under a tracer refuses to run')
def under_tracer(world):
    world.stop()
    # Without the guard's own refusal a leak check would be what fails here.
    status, told = traced([world.program('countersignd')], {**world.env, 'ASAN_OPTIONS': 'detect_leaks=0'})
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) not in (0, 127), (status, told)
    contains(told.lower(), 'trace')


@case('a dialog started under a tracer refuses to run')
def dialog_under_tracer(world):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        os.set_inheritable(theirs.fileno(), True)
        status, told = traced([world.program('countersign-approve'), '--broker-fd', str(theirs.fileno())],
                              {**world.env, 'ASAN_OPTIONS': 'detect_leaks=0'})
    equal(os.WIFEXITED(status) and os.WEXITSTATUS(status), 1)
    contains(told, 'refuses to start: traced by process')


@case('a broker without lockable memory refuses to run and names the limit')
def no_locked_memory(world):
    world.stop()
    result = world.cli('unlock', passphrase=True, status=None, preexec_fn=no_memory_may_be_locked)
    assert result.status != 0, result
    contains(result.out + result.err, 'MEMLOCK')


def no_memory_may_be_locked():
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))


def listen(path):
    """An impostor at @path that answers whatever it is asked and keeps what it got."""
    code = '''
import json, os, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.bind(sys.argv[1])
sock.listen()
os.write(1, b'ready\\n')
while True:
    peer, _ = sock.accept()
    data = peer.recv(65536)
    while data:
        with open(sys.argv[2], 'ab') as log:
            log.write(data)
        for line in data.splitlines():
            try:
                request = json.loads(line)
            except ValueError:
                continue
            peer.send(json.dumps({'jsonrpc': '2.0', 'id': request.get('id'), 'result': {
                'version': 1, 'broker': '0.1.0', 'state': 'unlocked', 'instance': 'x', 'requests': [],
                'pid': os.getpid()}}).encode() + b'\\n')
        data = peer.recv(65536)
'''
    log = os.path.join(os.path.dirname(os.path.dirname(path)), 'impostor.log')
    with open(log, 'wb'):
        pass
    process = subprocess.Popen([sys.executable, '-c', code, path, log], stdout=subprocess.PIPE)
    equal(process.stdout.readline(), b'ready\n')
    return process, log


@case('an impostor at the socket is refused before it is told anything')
def impostor(world):
    world.stop()
    for path in (world.human_socket, world.agent_socket):
        if os.path.exists(path):
            os.unlink(path)
    process, log = listen(world.human_socket)
    result = world.cli('secret', 'set', 'new', stdin='value-of-demo', pin=True, status=None)
    assert result.status == 3, result
    equal(secrets_in(log), [])
    process.kill()
    process.wait()
    process.stdout.close()


@case('an impostor at the agent socket is refused by countersign-mcp')
def agent_impostor(world):
    world.stop()
    for path in (world.human_socket, world.agent_socket):
        if os.path.exists(path):
            os.unlink(path)
    process, log = listen(world.agent_socket)
    mcp = world.mcp()
    result = mcp.tool('store_secret', {'name': 'new', 'value': 'value-of-demo'})
    equal(result.get('isError'), True)
    equal(secrets_in(log), [])
    process.kill()
    process.wait()
    process.stdout.close()


@case('a runtime folder that is a symbolic link is refused at both ends')
def linked(world):
    world.stop()
    elsewhere = world.folder('elsewhere')
    for name in os.listdir(world.runtime):
        os.rename(os.path.join(world.runtime, name), os.path.join(elsewhere, name))
    os.rmdir(world.runtime)
    os.symlink(elsewhere, world.runtime)
    result = world.cli('unlock', passphrase=True, status=None)
    assert result.status != 0, result
    result = world.cli('status', status=None)
    assert result.status != 0, result


@case('a runtime folder that others may write to or enter is refused at both ends')
def open_to_others(world):
    pid = world.learn()
    for mode in (0o770, 0o777, 0o750, 0o705):
        os.chmod(world.runtime, mode)
        result = world.cli('secret', 'list', pin=True, status=None)
        assert result.status != 0, (oct(mode), result)
    os.chmod(world.runtime, 0o700)
    equal(world.learn(), pid)
    world.stop()
    os.chmod(world.runtime, 0o770)
    result = world.cli('unlock', passphrase=True, status=None)
    assert result.status != 0, result


@case('the sockets are nobody else\'s')
def modes(world):
    for path in (world.agent_socket, world.human_socket):
        equal(os.stat(path).st_mode & 0o077, 0, path)
    equal(os.stat(world.runtime).st_mode & 0o777, 0o700)
    equal(os.stat(world.store).st_mode & 0o777, 0o600)
    for folder in (world.data, world.audit, world.config):
        equal(os.stat(folder).st_mode & 0o077, 0, folder)


@case('the control socket takes no passphrase from who has not started the broker')
def control(world):
    human = world.human()
    for method in ('init', 'unlock', 'passwd', 'pin'):
        try:
            human.call(method, {'passphrase': countersign.PASSPHRASE})
            raise AssertionError(method)
        except Refused as error:
            equal(error.code, -32601, method)


countersign.main()
