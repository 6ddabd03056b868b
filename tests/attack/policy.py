# SPDX-License-Identifier: MIT
"""Facts that a requester could forge: what it runs, what started it, where it is, how often it has asked."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import countersign
import parties
import tokenworld
from lines import PATIENCE, Refused, Rpc
from tap import Skip, case, contains, equal, lacks

PYTHON = os.path.realpath(sys.executable)
RELAY = os.path.join(parties.HERE, 'relay.py')

# Starts what its arguments say, as a child, and waits for it.
STARTER = 'import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))'
# The same, but what is started has lost its parent before it begins, while this one lives on.
ORPHANER = '''import os, signal, sys
read, write = os.pipe()
first = os.fork()
if first == 0:
    if os.fork() != 0:
        os._exit(0)
    os.read(read, 1)
    os.execv(sys.argv[1], sys.argv[1:])
os.waitpid(first, 0)
os.write(write, b'.')
signal.pause()
'''


class Started(parties.Agent):
    """An agent whose command line is given."""

    def __init__(self, world, *argv):
        parties.Child.__init__(self, world, list(argv), 'started')
        Rpc.__init__(self, self.lines)
        self.call('hello', {'version': 1, 'role': 'agent'})


class World(tokenworld.TokenWorld):
    """With an issuer: in user mode an "allow" counts for its tokens. Programs can be run from `bin`."""

    def __init__(self):
        super().__init__()
        # /dev/shm may forbid execution.
        self.bin = tempfile.mkdtemp(prefix='countersign-test-', dir='/var/tmp')

    def rule(self, *lines):
        self.write('policy.conf', '\n'.join(lines) + '\n')
        self.cli('policy', 'apply', pin=True)

    def copy(self, name, trailer=b''):
        """Python under another name, with bytes behind it that nobody reads; its path."""
        path = os.path.join(self.bin, name)
        shutil.copy(PYTHON, path)
        with open(path, 'ab') as file:
            file.write(trailer)
        return path

    def close(self):
        super().close()
        shutil.rmtree(self.bin, ignore_errors=True)


def issued(function):
    """A case in such a world."""
    def run(_):
        world = World()
        try:
            function(world)
            world.check()
        finally:
            world.close()
    return run


def sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def mints(agent):
    """How it is answered that asks for a token: "completed", the code of a denial, or "held"."""
    answer = agent.first(tokenworld.ask(agent, 'github', ('read',)))
    return 'held' if answer is None else answer.get('code', answer['status'])


@case('a file that was rewritten after it was hashed, with its length and time as before, is another file', init=False)
@issued
def rewritten(world):
    program = world.copy('agent', b'A')
    world.rule(f'allow mint_token sha256 {sha256(program)}')
    good = world.agent(program=program)
    equal(mints(good), 'completed')
    good.kill()
    before = os.stat(program)
    with open(program, 'r+b') as file:
        file.seek(-1, os.SEEK_END)
        file.write(b'B')
    os.utime(program, ns=(before.st_atime_ns, before.st_mtime_ns))
    equal((os.stat(program).st_size, os.stat(program).st_mtime_ns), (before.st_size, before.st_mtime_ns))
    equal(mints(world.agent(program=program)), 'held')


@case('a file that takes the place of the one that was hashed is another file', init=False)
@issued
def replaced(world):
    program = world.copy('agent', b'A')
    world.rule(f'allow mint_token sha256 {sha256(program)}')
    equal(mints(world.agent(program=program)), 'completed')
    os.rename(world.copy('other', b'B'), program)
    equal(mints(world.agent(program=program)), 'held')


@case('whose file cannot be verified has no digest, and no rule that allows one', init=False)
@issued
def unverified(world):
    program = world.copy('agent')
    wait_first = 'import os, runpy, sys; sys.argv = sys.argv[1:]; os.read(0, 1); runpy.run_path(sys.argv[0])'
    world.rule(f'allow mint_token sha256 {sha256(program)}', 'deny get_secret sha256 ' + '0' * 64)
    agent = parties.Agent.__new__(parties.Agent)
    parties.Child.__init__(agent, world, [program, '-c', wait_first, RELAY, world.agent_socket], 'unverified')
    Rpc.__init__(agent, agent.lines)
    os.unlink(program)
    shutil.copy('/usr/bin/true', program)
    agent.lines.send_bytes(b'.')
    agent.call('hello', {'version': 1, 'role': 'agent'})
    equal(mints(agent), 'held')
    equal(agent.answer(agent.ask('demo'))['code'], 'policy', 'what is not known narrows')


@case('a program above counts as long as it is above: a double fork leaves it, and its name alone is nothing', init=False)
@issued
def chain(world):
    starter = world.copy('starter')
    world.rule(f'allow mint_token below {starter}')
    equal(mints(Started(world, starter, '-c', STARTER, PYTHON, RELAY, world.agent_socket)), 'completed')
    equal(mints(world.agent(program=starter)), 'held', 'itself is not below itself')
    equal(mints(Started(world, starter, '-c', ORPHANER, PYTHON, RELAY, world.agent_socket)), 'held', 'an orphan')
    named = subprocess.Popen([starter, '-c', 'import signal; signal.pause()'], executable=PYTHON)
    try:
        equal(mints(world.agent()), 'held', 'beside one that calls itself so')
    finally:
        named.kill()
        named.wait()


@case('a program above that cannot be verified makes what is above it unknown, which narrows', init=False)
@issued
def doubtful(world):
    starter = world.copy('starter')
    world.rule('deny mint_token below /usr/bin/claude', 'allow mint_token')
    go = 'import os, subprocess, sys; os.read(0, 1); sys.exit(subprocess.call(sys.argv[1:]))'
    agent = parties.Agent.__new__(parties.Agent)
    parties.Child.__init__(agent, world, [starter, '-c', go, PYTHON, RELAY, world.agent_socket], 'doubtful')
    Rpc.__init__(agent, agent.lines)
    os.unlink(starter)
    agent.lines.send_bytes(b'.')
    agent.call('hello', {'version': 1, 'role': 'agent'})
    equal(mints(agent), 'policy')
    equal(mints(world.agent()), 'completed', 'one whose chain is known')


@case('where a requester is, it has chosen: no rule can allow by it', init=False)
@issued
def directory(world):
    world.write('policy.conf', f'allow mint_token in {world.base}\n')
    result = world.cli('policy', 'apply', pin=True, status=None)
    assert result.status != 0, result
    contains(result.err, 'in')


@case('a count is not escaped by forking, nor by a copy of the program under another name', init=False)
@issued
def counted(world):
    world.rule('allow mint_token rate 3/1h')
    answers = [mints(world.agent(program=world.copy(f'copy-{number}'))) for number in range(5)]
    equal(answers, ['completed'] * 3 + ['rate'] * 2)
    program = world.copy('forks')
    equal(mints(Started(world, program, '-c', ORPHANER, program, RELAY, world.agent_socket)), 'rate')
    # What root has put there is somebody else, whom they have not used up.
    equal(mints(world.agent()), 'completed')


@case('rules about others are not told to a requester, from its first question on', init=False)
@issued
def unseen(world):
    world.rule(f'allow mint_token sha256 {"5" * 64}', 'deny get_secret package somebodys-tool', 'deny reveal')
    summary = world.agent().call('policy_summary', {})['result']
    rules = ' '.join(rule['rule'] for rule in summary['rules'])
    contains(rules, 'deny reveal')
    lacks(rules, '5' * 64)
    lacks(rules, 'somebodys-tool')


@case('an executable too large to be hashed is not known, and nobody else waits for it', init=False)
@issued
def enormous(world):
    program = world.copy('enormous')
    os.truncate(program, 1 << 42)
    world.rule('deny get_secret sha256 ' + '0' * 64)
    large, other = world.agent(program=program), world.agent()
    call = large.ask('demo')
    other.held(other.ask('demo'))
    equal(large.answer(call)['code'], 'policy')


@contextlib.contextmanager
def served(world, program):
    """@program on a file system that a process of ours serves; its path there, and that process."""
    try:
        import fusepy  # pylint: disable=import-outside-toplevel,unused-import
    except (ImportError, OSError) as error:
        raise Skip(f'python3-fusepy: {error}') from error
    if not os.access('/dev/fuse', os.R_OK | os.W_OK):
        raise Skip('/dev/fuse is not open to ordinary users here')
    place = world.folder('served')
    server = subprocess.Popen([sys.executable, os.path.join(parties.HERE, 'fuseserve.py'), place, program],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        if server.stdout.readline() != b'mounted\n':
            raise Skip(f'nothing can be mounted here: {server.stderr.read().decode()}')
        yield os.path.join(place, 'program'), server
    finally:
        subprocess.run(['fusermount', '-u', '-z', place], check=False, capture_output=True)
        server.kill()
        server.wait(PATIENCE)
        server.stdout.close()
        server.stderr.close()


@case('a program that another one serves has no digest, and stalls nobody when that one stands still', init=False)
@issued
def frozen(world):
    with served(world, PYTHON) as (program, server):
        world.rule(f'allow mint_token sha256 {sha256(PYTHON)}', 'deny get_secret sha256 ' + '0' * 64)
        agent, other = world.agent(program=program), world.agent()
        equal(mints(agent), 'held', 'by what it is served as')
        server.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, server.pid, os.WSTOPPED)
        call = agent.ask('demo')
        other.held(other.ask('demo'))
        equal(agent.answer(call)['code'], 'policy')
        other.call('broker_status', {})


countersign.main()
