# SPDX-License-Identifier: MIT
"""What alice's own processes, another user and root's cannot do to a broker that runs under a uid of its own."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile

import countersign
import machine
import parties
import systemworld
from intrusion import CANARY, closed, denied
from lines import Closed, Lines, Refused, Rpc
from systemworld import MACHINE
from tap import Skip, case, contains, equal

SECRETS = (CANARY, countersign.PIN.encode(), countersign.PASSPHRASE.encode())
RUNTIME = machine.RUNTIME
SOCKETS = ('agent.sock', 'human.sock', 'control.sock')


@case('the person\'s processes cannot read, change or list what the broker keeps')
def files(world):
    for path in (world.store, f'{world.store}-wal', os.path.join(world.audit, '000001.jsonl'),
                 os.path.join(world.audit, 'key'), os.path.join(world.runtime, 'broker.lock')):
        for mode in ('rb', 'r+b', 'ab'):
            denied(path, lambda path=path, mode=mode: open(path, mode).read(1))
        denied(path, lambda path=path: os.unlink(path))
        denied(path, lambda path=path: os.rename(path, f'{path}.taken'))
    for folder in (world.state, world.audit, world.runtime):
        denied(folder, lambda folder=folder: os.listdir(folder))
        denied(folder, lambda folder=folder: os.chmod(folder, 0o777))
        denied(folder, lambda folder=folder: os.rename(folder, f'{folder}.old'))
        denied(folder, lambda folder=folder: os.mkdir(f'{folder}/mine'))
    # It is there all the same.
    equal(MACHINE.run(argv=['test', '-s', world.store])[0], 0)


@case('no way into the broker is open to the person\'s processes, and no signal', secrets=())
def process(world):
    world.secret('canary', CANARY)
    closed(world.broker, SECRETS)
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGHUP, signal.SIGABRT):
        denied(number, lambda number=number: os.kill(world.broker, number))
        denied(number, lambda number=number: signal.pidfd_send_signal(world.pidfds[world.broker], number))
    denied('limits', lambda: resource.prlimit(world.broker, resource.RLIMIT_NOFILE, (0, 0)))
    denied('its scheduling', lambda: os.setpriority(os.PRIO_PROCESS, world.broker, 19))
    equal(world.status()['state'], 'unlocked')


@case('the broker has one capability, none to pass on, and cannot gain another', secrets=())
def capability(world):
    with open(f'/proc/{world.broker}/status', encoding='ascii') as file:
        found = dict(line.rstrip('\n').split(':\t', 1) for line in file)
    sys_ptrace = f'{1 << 19:016x}'
    equal({name: found[name] for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs', 'Seccomp')},
          {'CapInh': '0' * 16, 'CapPrm': sys_ptrace, 'CapEff': sys_ptrace, 'CapAmb': '0' * 16, 'NoNewPrivs': '1',
           'Seccomp': '2'})
    equal(found['Uid'].split(), [str(machine.PEOPLE['countersign'])] * 4)


@case('the broker is not asked to leave, and one that the person\'s processes start is not taken for it')
def replace(world):
    human = world.human()
    for reason in ('stop', 'replace'):
        try:
            human.call('shutdown', {'reason': reason})
            raise AssertionError('it ends')
        except Refused as error:
            equal(error.code, 4)
    for path in SOCKETS:
        path = os.path.join(world.runtime, path)
        denied(path, lambda path=path: os.unlink(path))
        denied(path, lambda path=path: os.rename(path, f'{path}.old'))
    denied('binding', lambda: socket.socket(socket.AF_UNIX).bind(os.path.join(world.runtime, 'mine.sock')))
    run = world.folder('desktop')
    env = {**world.env, 'XDG_RUNTIME_DIR': run, 'USER': 'bob', 'LOGNAME': 'bob'}
    own = subprocess.Popen([world.program('countersignd')], env=env, cwd=world.base, stderr=subprocess.DEVNULL)
    while not os.path.exists(f'{run}/countersign/human.sock'):
        subprocess.run(['sleep', '0.02'], check=True)
    try:
        equal(world.cli('status', '--json', env=env).json()['pid'], world.broker)
        world.cli('lock', env=env)
        world.cli('unlock', passphrase=True, env=env)
        equal(world.status()['pid'], world.broker)
    finally:
        own.kill()
        own.wait()
    status, said = world.broken_start(user='alice', capability=False)
    equal(status, 1)
    contains(said, 'a uid of its own')


@case('no answer of the agent\'s side grants: our own command, by hand, with a lately given PIN, under any rule')
def answers(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask any confirm click\n'}],
                                        'pin': countersign.PIN})
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    for stdin in (b'', b'grant\n' * 100, b'yes\n' * 100):
        for arguments in (('approve', request_id), ('approve',)):
            assert world.cli(*arguments, stdin=stdin, status=None, start_new_session=True).status != 0
    world.cli('approve', request_id, pin='000000', status=1)
    request, = human.pending()
    for more in ({}, {'pin': ''}, {'pin': '111111'}, {'always': True}):
        try:
            human.decide(request, **more)
            raise AssertionError(f'granted with {more}')
        except Refused as error:
            assert error.code in (4, -32602), error
    equal(human.call('status')['grants'], 0)
    human.decide(request, pin=countersign.PIN)
    # Once more, moments after the PIN, for the same holder.
    human.call('revoke', {'all': True})
    agent.answer(call)
    agent.held(agent.ask('demo', 'again'))
    request, = human.pending()
    try:
        human.decide(request)
        raise AssertionError('granted without the PIN')
    except Refused as error:
        equal((error.code, error.data['reason']), (4, 'pin_needed'))


@case('guesses at the passphrase hold up nobody: the person still panics, and agents are answered')
def guesses(world):
    agent = world.agent()
    guessers = []
    for _ in range(64):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(world.control_socket)
        rpc = Rpc(Lines(sock.fileno(), sock.fileno(), sock))
        rpc.start('unlock', {'passphrase': 'a guess'})
        guessers.append((sock, rpc))
    codes = {}
    # More than wait at once are turned away, while the first are still being tried.
    agent.held(agent.ask('demo'))
    world.human().call('panic')
    equal(agent.call('broker_status')['result']['state'], 'panicked')
    still = sum(rpc.lines.silent(0) for _, rpc in guessers)
    assert still > 0, 'every guess was answered before the panic'
    for sock, rpc in guessers:
        try:
            rpc.answer(1)
        except Refused as error:
            codes[error.code] = codes.get(error.code, 0) + 1
        sock.close()
    equal(set(codes), {2, 7})
    equal(len(world.events('passphrase_wrong')), codes[7])
    world.unlock()


@case('a guesser that leaves opens nothing, even with the right passphrase')
def leaves(world):
    world.cli('lock')
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(world.control_socket)
    Rpc(Lines(sock.fileno(), sock.fileno(), sock)).start('unlock', {'passphrase': countersign.PASSPHRASE})
    sock.close()
    # Behind it in the same queue.
    world.cli('unlock', passphrase='another guess', status=1)
    equal(world.status()['state'], 'locked')


@case('what is wrong on control.sock is refused with where, and the connection ends')
def malformed(world):
    for message, code in (({'method': 'open'}, -32602), ({'method': 'unlock'}, -32602),
                          ({'method': 'unlock', 'params': {'passphrase': ''}}, -32602),
                          ({'method': 'unlock', 'params': {'passphrase': 'x', 'more': 1}}, -32602),
                          ({'method': 'pin', 'params': {'passphrase': countersign.PASSPHRASE, 'new_pin': '1'}}, -32602),
                          ({'method': 'init', 'params': {'passphrase': 'eight or more', 'pin': '123456', 'policy': []}}, 8),
                          ({'method': 'hello', 'params': {'version': 1, 'role': 'human'}}, -32602)):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(world.control_socket)
        rpc = Rpc(Lines(sock.fileno(), sock.fileno(), sock))
        try:
            found = rpc.call(message['method'], message.get('params'))
            raise AssertionError(f'{message}: {found}')
        except Refused as error:
            equal(error.code, code, f'{message}: {error}')
        try:
            raise AssertionError(rpc.lines.receive())
        except Closed:
            pass
        sock.close()
    equal(world.status()['state'], 'unlocked')


class Forger(parties.Agent):
    """An agent by hand whose argv is given."""

    def __init__(self, world, argv):
        parties.Child.__init__(self, world, argv, 'forger')
        Rpc.__init__(self, self.lines)
        self.call('hello', {'version': 1, 'role': 'agent'})


def own_mounts(*mounts):
    program = shutil.which('bwrap')
    argv = [program or '', '--dev-bind', '/', '/', *mounts]
    if program is None or subprocess.run([*argv, 'true'], capture_output=True, check=False).returncode != 0:
        raise Skip('no user namespaces: bubblewrap cannot mount here')
    return argv


@case('an executable forged in a mount namespace of one\'s own is unverified, and no rule that allows is for it')
def forged(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'allow get_secret from /usr/bin/flock\n'}],
                                        'pin': countersign.PIN})
    python = os.path.realpath('/usr/bin/python3')
    relay = os.path.join(parties.HERE, 'relay.py')
    for argv in ([*own_mounts('--bind', python, '/usr/bin/flock'), '/usr/bin/flock'], [*own_mounts('--tmpfs', '/mnt'), python]):
        forger = Forger(world, [*argv, relay, world.agent_socket])
        forger.held(forger.ask('demo'))
        human = world.human(pin=True)
        request, = human.pending()
        equal(json.loads(request['card'])['requester']['verified'], False)
        human.decide(request, 'deny')
        forger.kill()


@case('a program that the broker\'s user cannot reach by its path is unverified')
def closed_home(world):
    folder = tempfile.mkdtemp(prefix='countersign-test-', dir='/var/tmp')
    copy = os.path.join(folder, 'python')
    shutil.copy(os.path.realpath('/usr/bin/python3'), copy)
    for mode, verified in ((0o700, False), (0o755, True)):
        os.chmod(folder, mode)
        agent = Forger(world, [copy, os.path.join(parties.HERE, 'relay.py'), world.agent_socket])
        agent.held(agent.ask('demo', f'mode {mode:o}'))
        human = world.human(pin=True)
        request, = human.pending()
        found = json.loads(request['card'])['requester']
        equal((found['exe'], found['verified']), (copy, verified))
        human.decide(request, 'deny')
        agent.kill()
    shutil.rmtree(folder)


# Connects where its argument says, says hello, and tells what came back.
KNOCK = '''
import socket, sys
for path in sys.argv[1:]:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(path)
        role = 'agent' if 'agent' in path else 'human'
        sock.send(b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"role":"%s"}}\\n' % role.encode())
        print('answered' if sock.recv(4096) else 'closed')
    except OSError as error:
        print(type(error).__name__)
'''


def knock(world, user, times=1):
    argv = ['/usr/bin/python3', '-c', KNOCK, *[os.path.join(world.runtime, name) for name in SOCKETS] * times]
    return MACHINE.run(argv=argv, user=user)[1].split()


@case('another user can neither connect nor read')
def other(world):
    equal(knock(world, 'bob'), ['PermissionError'] * 3)
    for path in (world.store, world.runtime, world.state, world.audit):
        status, out, _ = MACHINE.run(argv=['ls', '-l', f'{path}/.'], user='bob')
        equal((status, out), (2, ''), path)
    # bob has no system broker: his is a broker of his own, and alice's is not his.
    _, out, err = MACHINE.run(argv=[world.program('countersign'), '--socket', world.human_socket, 'status'], user='bob')
    equal(out, '')
    contains(err, 'Permission denied')


@case('root is answered nothing, and is on record, once for many times')
def root(world):
    answers = knock(world, 'root', times=20)
    equal(set(answers) - {'closed', 'ConnectionResetError', 'BrokenPipeError'}, set())
    equal(world.status()['state'], 'unlocked')
    record, = world.events('peer_refused')
    equal((record['uid'], record['socket'], record['count']), (0, 'agent.sock', 1))


def listen(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    sock.listen()
    sock.setblocking(False)
    return sock


def heard(sock):
    """All that has been said to this impostor."""
    text = b''
    while True:
        try:
            peer, _ = sock.accept()
        except BlockingIOError:
            return text
        peer.settimeout(10)
        while data := peer.recv(1 << 16):
            text += data
        peer.close()


def told_nothing(world, impostors, words):
    """None of our programs says a word to what is there; each says why."""
    for arguments, options in ((('unlock',), {'passphrase': True}), (('init',), {'passphrase': True, 'pin': True}),
                               (('passwd',), {'passphrase': True}), (('pin',), {'passphrase': True, 'pin': True}),
                               (('status',), {}), (('secret', 'list'), {'pin': True})):
        result = world.cli(*arguments, status=None, **options)
        assert result.status != 0, result
        contains(result.err, words)
    answer = world.mcp().tool('get_secret', {'name': 'demo', 'purpose': 'x'})
    contains(json.dumps(answer), words)
    equal([heard(sock) for sock in impostors], [b''] * len(impostors))


def root_does(script):
    status, _, err = MACHINE.run(argv=['sh', '-ec', script])
    equal((status, err), (0, ''), script)


@case('a directory of the person\'s own in the system broker\'s place is told nothing', start=False)
def own_directory(world):
    # By mistake root left the folder above open to all.
    root_does(f'mkdir -p {RUNTIME} && chmod 777 {RUNTIME}')
    os.mkdir(world.runtime, 0o700)
    told_nothing(world, [listen(os.path.join(world.runtime, name)) for name in SOCKETS], 'is not trusted')


@case('a directory of the broker\'s that others may write to is told nothing', start=False)
def open_directory(world):
    root_does(f'mkdir -p {world.runtime} && chown countersign {world.runtime} && chmod 777 {world.runtime}')
    told_nothing(world, [listen(os.path.join(world.runtime, name)) for name in SOCKETS], 'is not trusted')


@case('a directory of the broker\'s below one that others may write to is told nothing', start=False)
def open_above(world):
    root_does(f'mkdir -p {world.runtime} && chmod 777 {RUNTIME} {world.runtime}')
    impostors = [listen(os.path.join(world.runtime, name)) for name in SOCKETS]
    root_does(f'chown countersign {world.runtime} && chmod 755 {world.runtime}')
    told_nothing(world, impostors, 'is not trusted')


@case('a socket of the person\'s own in the broker\'s directory is told nothing', start=False)
def own_socket(world):
    root_does(f'mkdir -p {world.runtime} && chmod 777 {world.runtime}')
    impostors = [listen(os.path.join(world.runtime, name)) for name in SOCKETS]
    root_does(f'chown countersign {world.runtime} && chmod 755 {world.runtime}')
    told_nothing(world, impostors, 'served by another user')


@case('a link in the place of the broker\'s directory is told nothing', start=False)
def link(world):
    aside = world.folder('aside')
    impostors = [listen(os.path.join(aside, name)) for name in SOCKETS]
    root_does(f'mkdir -p {RUNTIME} {world.state} && ln -s {aside} {world.runtime}')
    told_nothing(world, impostors, 'is not trusted')


@case('the broker refuses a folder for its sockets that others could change', start=False)
def folders(world):
    for script, words in ((f'mkdir -p {world.runtime} && chown countersign {world.runtime} && chmod 777 {world.runtime}',
                           'writable to it alone'),
                          (f'chmod 700 {world.runtime} && chown alice {world.runtime}', 'a directory of the broker'),
                          (f'rmdir {world.runtime} && chmod 777 {RUNTIME}', 'writable to root alone'),
                          (f'rmdir {world.runtime} && chmod 755 {RUNTIME} && ln -s /tmp {world.runtime}', 'a directory of the broker')):
        root_does(script)
        status, said = world.broken_start()
        equal(status, 1)
        contains(said, words)


@case('a reference, a request and a grant are bound to their process here too')
def bound(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask reveal\n'}],
                                        'pin': countersign.PIN})
    owner, thief = world.agent(), world.agent()
    call = owner.ask('demo')
    request_id = owner.held(call)['request_id']
    world.grant(request_id)
    reference_id = owner.answer(call)['result']['reference']['id']
    equal(thief.call('resolve_secret', {'reference_id': reference_id})['code'], 'reference')
    owner.held(owner.start('resolve_secret', {'reference_id': reference_id}))


@case('a connection to control.sock that another process writes to is ended before the passphrase is tried')
def inherited(world):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(world.control_socket)
    rpc = Rpc(Lines(sock.fileno(), sock.fileno(), sock))
    child = os.fork()
    if child == 0:
        sock.send(b'{"jsonrpc":"2.0","id":9,"method":"unlock","params":{"passphrase":"guess"}}\n')
        os._exit(0)
    os.waitpid(child, 0)
    try:
        raise AssertionError(rpc.lines.receive())
    except Closed:
        pass
    equal(world.events('passphrase_wrong'), [])


systemworld.main()
