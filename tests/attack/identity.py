# SPDX-License-Identifier: MIT
"""Whose request is it? References, identifiers, executables and descriptors in the wrong hands."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import countersign
import parties
from lines import Closed, Lines, Refused, Rpc
from tap import Skip, case, equal

REVEAL_IS_ASKED = 'ask reveal\n'


def granted(world, agent, name='demo'):
    call = agent.ask(name)
    world.grant(agent.held(call)['request_id'])
    return agent.answer(call)


def hello(rpc):
    rpc.call('hello', {'version': 1, 'role': 'agent'})
    return rpc


@case('another process that replays a reference is refused')
def reference(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': REVEAL_IS_ASKED}],
                                        'pin': countersign.PIN})
    owner, thief = world.agent(), world.agent()
    answer = granted(world, owner)
    reference_id = answer['result']['reference']['id']
    stolen = thief.call('resolve_secret', {'reference_id': reference_id})
    equal((stolen['status'], stolen['code']), ('failed', 'reference'))
    # To the thief it is as unknown as one that never was.
    invented = thief.call('resolve_secret', {'reference_id': 'ref_0000000000000000000000000'})
    equal((invented['status'], invented['code'], invented['message']),
          (stolen['status'], stolen['code'], stolen['message']))
    equal(world.human(pin=True).pending(), [], 'asked of the person')
    # Its owner is asked, not refused: the reference itself is good.
    owner.held(owner.start('resolve_secret', {'reference_id': reference_id}))


@case('another process that waits for a request id learns nothing')
def request_id(world):
    owner, thief = world.agent(), world.agent()
    call = owner.ask('demo')
    held = owner.held(call)['request_id']

    def told(request):
        try:
            answer = thief.call('approval_wait', {'request_id': request, 'timeout_seconds': 1})
            return answer['status'], answer.get('code'), answer.get('message')
        except Refused as error:
            return error.code, error.message
    assert 'completed' not in told(held)
    equal(told(held), told('0' * len(held)))
    world.grant(held)
    assert 'completed' not in told(held)
    equal(owner.answer(call)['status'], 'completed')


@case('another process that cancels a call id cancels nothing')
def cancel(world):
    owner, thief = world.agent(), world.agent()
    call = owner.ask('demo')
    owner.held(call)
    thief.notify('cancel', {'id': call})
    thief.call('broker_status')
    equal(len(world.human(pin=True).pending()), 1)


@case('the same call from another process is a request of its own')
def own_request(world):
    one, two = world.agent(), world.agent()
    first, second = one.ask('demo'), two.ask('demo')
    assert one.held(first)['request_id'] != two.held(second)['request_id']
    world.grant(next(r['request_id'] for r in world.human(pin=True).pending()
                     if json.loads(r['card'])['requester']['pid'] == one.pid))
    equal(one.answer(first)['status'], 'completed')
    equal(world.status()['held'], 1, 'the other is still held')


@case('a connection that another process writes to is ended')
def inherited(world):
    agent = parties.Socket(world, world.agent_socket)
    hello(agent)
    child = os.fork()
    if child == 0:
        agent.sock.send(b'{"jsonrpc":"2.0","id":9,"method":"broker_status"}\n')
        os._exit(0)
    os.waitpid(child, 0)
    try:
        found = agent.lines.receive()
        raise AssertionError(f'answered {found}')
    except Closed:
        pass


PASS_ON = '''
import socket, sys
ours = socket.socket(fileno=0)
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.send(b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"role":"agent"}}\\n')
sock.recv(4096)
socket.send_fds(ours, [b'x'], [sock.fileno()])
ours.recv(1)
'''


@case('a descriptor passed to another process ends with its first message')
def passed(world):
    ours, theirs = socket.socketpair()
    child = subprocess.Popen([sys.executable, '-c', PASS_ON, world.agent_socket], stdin=theirs)
    _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
    got = socket.socket(fileno=descriptor)
    rpc = Rpc(Lines(got.fileno(), got.fileno(), got))
    try:
        rpc.call('get_secret', {'name': 'demo', 'purpose': 'x'})
        raise AssertionError('answered')
    except Closed:
        pass
    equal(world.human(pin=True).pending(), [])
    ours.send(b'x')
    child.wait()
    ours.close()
    theirs.close()


# Connects, says hello, and begins to run another program; what it had asked stays unanswered.
EXEC_LATER = '''
import os, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
sock.set_inheritable(True)
sock.send(b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"role":"agent"}}\\n')
sock.recv(4096)
sock.send(b'{"jsonrpc":"2.0","id":2,"method":"get_secret","params":{"name":"demo","purpose":"x"}}\\n')
sock.recv(4096)
if os.fork() == 0:
    os.write(1, b'asked\\n')
    data = sock.recv(4096)
    os.write(1, b'got ' + data + b'\\n')
    os._exit(0)
os.execv(sys.argv[2], [sys.argv[2], '1000'])
'''


@case('a requester that has become another program since it asked gets nothing')
def exec_later(world):
    human = world.human(pin=True)
    human.call('subscribe')
    child = subprocess.Popen([sys.executable, '-c', EXEC_LATER, world.agent_socket, '/usr/bin/sleep'],
                             stdout=subprocess.PIPE)
    equal(child.stdout.readline(), b'asked\n')
    while os.path.basename(os.readlink(f'/proc/{child.pid}/exe')) != 'sleep':
        pass
    for request in human.pending():
        try:
            human.decide(request, pin=countersign.PIN)
        except Refused:
            pass
    answer = child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    assert b'"reference"' not in answer, answer
    equal(human.call('status')['grants'], 0)


def bwrap(*mounts):
    program = shutil.which('bwrap')
    argv = [program or '', '--dev-bind', '/', '/', *mounts]
    if program is None or subprocess.run([*argv, 'true'], capture_output=True, check=False).returncode != 0:
        raise Skip('no user namespaces: bubblewrap cannot mount here')
    return argv


class Forger(parties.Agent):
    """An agent by hand whose argv is given."""

    def __init__(self, world, argv):
        parties.Child.__init__(self, world, argv, 'forger')
        Rpc.__init__(self, self.lines)


@case('an executable forged by a bind mount in a user namespace is unverified')
def forged(world):
    python = os.path.realpath(sys.executable)
    for victim in (world.program('countersign-mcp'), world.program('countersign'), '/usr/bin/sleep'):
        argv = bwrap('--bind', python, victim)
        forger = Forger(world, [*argv, victim, os.path.join(parties.HERE, 'relay.py'), world.agent_socket])
        hello(forger)
        forger.held(forger.ask('demo'))
        request, = world.human(pin=True).pending()
        requester = json.loads(request['card'])['requester']
        equal(requester['verified'], False, victim)
        equal(requester.get('via'), None, f'{victim}: taken for ours')
        world.human().decide(request, 'deny')
        forger.kill()


@case('what runs in its own mount namespace is unverified, whatever its path says')
def namespaced(world):
    argv = bwrap('--tmpfs', '/mnt')
    forger = Forger(world, [*argv, sys.executable, os.path.join(parties.HERE, 'relay.py'), world.agent_socket])
    hello(forger)
    forger.held(forger.ask('demo'))
    request, = world.human(pin=True).pending()
    equal(json.loads(request['card'])['requester']['verified'], False)


@case('a program whose file was replaced before it connects is unverified')
def replaced(world):
    # /dev/shm may forbid execution.
    folder = tempfile.mkdtemp(prefix='countersign-test-', dir='/var/tmp')
    copy = os.path.join(folder, 'mypython')
    shutil.copy(os.path.realpath(sys.executable), copy)
    wait_first = 'import os, runpy, sys; sys.argv = sys.argv[1:]; os.read(0, 1); runpy.run_path(sys.argv[0])'
    agent = Forger(world, [copy, '-c', wait_first, os.path.join(parties.HERE, 'relay.py'), world.agent_socket])
    os.unlink(copy)
    shutil.copy('/usr/bin/true', copy)
    agent.lines.send_bytes(b'.')
    hello(agent)
    agent.held(agent.ask('demo'))
    request, = world.human(pin=True).pending()
    shutil.rmtree(folder)
    equal(json.loads(request['card'])['requester']['verified'], False)


@case('our own program between is drawn as via, and who started it is the requester')
def via(world):
    mcp = world.mcp()
    call = mcp.start('tools/call', {'name': 'get_secret', 'arguments': {'name': 'demo', 'purpose': 'x'}})
    human = world.human(pin=True)
    human.call('subscribe')
    while not human.pending():
        human.pump()
    request, = human.pending()
    requester = json.loads(request['card'])['requester']
    equal(requester['pid'], os.getpid())
    assert 'countersign-mcp' in json.dumps(requester['via']), requester
    human.decide(request, pin=countersign.PIN)
    mcp.answer(call)


@case('a stopped requester is answered when it goes on, not forgotten')
def stopped(world):
    agent = world.agent()
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    agent.process.send_signal(signal.SIGSTOP)
    world.grant(request_id)
    agent.process.send_signal(signal.SIGCONT)
    equal(agent.answer(call)['status'], 'completed')


countersign.main()
