# SPDX-License-Identifier: MIT
"""The system broker, a person and an agent: set up, hold, grant, lock and go on, what is allowed unasked."""

import hashlib
import json
import os
import signal
import subprocess
import sys

import pexpect

import countersign
import parties
import systemworld
from followed import Follower
from lines import PATIENCE, Refused
from softkey import SoftKey
from systemworld import MACHINE
from tap import case, contains, equal, lacks

PIN = countersign.PIN
PROGRAM = parties.STEADY


class Program(parties.Program):
    def get(self, name):
        return self.begin('get_secret', name=name)

    def got(self, name):
        """That it is answered, and with a reference."""
        answer = json.loads(self.answer(self.get(name))['content'][0]['text'])
        equal((answer['success'], answer['reference']['name']), (True, name))


def hold(agent, name='demo', **more):
    call = agent.ask(name, **more)
    return call, agent.held(call)


def granted(world, agent, name='demo'):
    call, told = hold(agent, name)
    world.grant(told['request_id'])
    return agent.answer(call)['result']['reference']['id']


def refused(human, method, params=None):
    try:
        found = human.call(method, params)
    except Refused as error:
        return error.code, error.data.get('reason')
    raise AssertionError(f'{method}: answered {found!r}')


@case('init, a secret, a request, a grant with the PIN, as with a broker of one\'s own')
def whole(world):
    agent = world.agent()
    call, told = hold(agent)
    request, = world.human(pin=True).pending()
    requester = json.loads(request['card'])['requester']
    equal((requester['pid'], requester['verified'], requester['exe']),
          (agent.pid, True, os.path.realpath(f'/proc/{agent.pid}/exe')))
    world.cli('approve', told['request_id'], pin=True)
    answer = agent.answer(call)
    equal(answer['status'], 'completed')
    assert 'value-of-demo' not in json.dumps(answer)
    status = world.cli('status', '--json').json()
    equal((status['mode'], status['state'], status['grants'], status['policy']['differs']),
          ('system', 'unlocked', 1, []))
    contains(world.cli('status').out, 'a uid of its own')
    result = world.cli('init', passphrase=True, pin=True, status=1)
    contains(result.err, 'already set up')


@case('lock and unlock are one process: what is held stays held, a grant goes on, what came meanwhile is asked',
      secrets=('demo', 'other'))
def lock(world):
    agent, human = world.agent(), world.human(pin=True)
    before = world.status()
    reference = granted(world, agent, 'demo')
    waiting, _ = hold(agent, 'other')
    human.call('subscribe')
    human.hear('held')
    world.cli('lock')
    # To those who read cards: from now on a number.
    human.hear('waiting', held=1)
    equal(world.status()['state'], 'locked')
    late, told = hold(agent, 'demo', purpose='asked while locked')
    equal(told['state'], 'locked')
    equal(refused(world.human(), 'authenticate', {'pin': PIN}), (3, None))
    world.unlock()
    after = world.status()
    equal([after[key] for key in ('pid', 'instance', 'state', 'grants')],
          [before['pid'], before['instance'], 'unlocked', 1])
    # Under the grant that went on, and not asked again.
    equal(agent.answer(late)['result']['reference']['id'], reference)
    # The connection was opened with the PIN before the lock: that is void.
    equal(refused(human, 'pending'), (4, 'not_authenticated'))
    human.call('authenticate', {'pin': PIN})
    request, = human.pending()
    human.decide(request, pin=PIN)
    equal(agent.answer(waiting)['status'], 'completed')


@case('a call that came before the first unlock is asked of the person after it')
def early(world):
    MACHINE.end(pid=world.broker, number=signal.SIGKILL)
    world.start()
    agent = world.agent()
    call, told = hold(agent)
    equal((told['state'], world.status()['state']), ('locked', 'locked'))
    world.unlock()
    agent.hear('held', id=call, state='held')
    world.grant(told['request_id'])
    equal(agent.answer(call)['status'], 'completed')


@case('a revoked grant does not come back with the next unlock, nor one of a broker that was ended')
def revoked(world):
    agent = world.agent()
    granted(world, agent)
    world.cli('lock')
    world.cli('revoke', '--all')
    world.unlock()
    equal(world.status()['grants'], 0)
    hold(agent)
    granted(world, world.agent())
    MACHINE.end(pid=world.broker)
    world.start()
    world.unlock()
    equal(world.status()['grants'], 0)


@case('a trail that was tampered with is not opened, and the broker goes on locked until it is put aside')
def tampered(world):
    agent = world.agent()
    granted(world, agent)
    world.cli('lock')
    status, _, err = MACHINE.run(argv=['sh', '-c', f"sed -i '$d' {world.audit}/*.jsonl"])
    equal((status, err), (0, ''))
    pid = world.status()['pid']
    contains(world.cli('unlock', passphrase=True, status=1).err, '--new-trail')
    equal([world.status()[key] for key in ('pid', 'state', 'grants')], [pid, 'locked', 0])
    call, told = hold(agent)
    equal(told['state'], 'locked')
    contains(world.cli('unlock', '--new-trail', passphrase=True).out, world.audit)
    equal([world.status()[key] for key in ('pid', 'state')], [pid, 'unlocked'])
    # What such a store says of grants is not believed: the person is asked again.
    equal(world.status()['grants'], 0)
    agent.hear('held', id=call, state='held')
    equal(world.events('trail_restarted')[0]['seq'], 2)


@case('unlocked for a time, it locks itself, and can be unlocked again')
def timed(world):
    agent, human = world.agent(), world.human(pin=True)
    granted(world, agent)
    world.unlock('--for', '1s')
    human.call('subscribe')
    human.hear('state', state='locked')
    equal(world.status()['state'], 'locked')
    world.unlock()
    equal(world.status()['grants'], 1)
    lacks(world.cli('status').out, 'Locks at')


@case('a large secret, and a large policy, go from one user to the other')
def large(world):
    value = 'x' * 300000
    world.secret('large', value)
    equal(world.cli('secret', 'show', 'large', '--reveal', pin=True).out.strip(), value)
    text = 'ask reveal\n' + ''.join(f'ask get_secret of name-{i}/{"y" * 60} max 5m\n' for i in range(1500))
    with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
        file.write(text)
    world.cli('policy', 'apply', pin=True)
    agent = world.agent()
    reference = granted(world, agent, 'large')
    call = agent.start('resolve_secret', {'reference_id': reference})
    world.grant(agent.held(call)['request_id'])
    equal(agent.answer(call)['result']['value_fd'], True)
    equal(world.cli('status', '--json').json()['policy'], {'rules': 1501, 'services': 0, 'providers': 0, 'differs': []})
    world.cli('lock')
    # Locked, nobody says what was accepted, so nothing is said to differ.
    equal(world.cli('status', '--json').json()['policy']['differs'], [])


@case('the broker\'s folders may be elsewhere, where its clients are told of its socket', start=False)
def elsewhere(world):
    state, runtime = '/run/elsewhere/state', '/run/elsewhere/run'
    status, _, err = MACHINE.run(argv=['sh', '-ec', f'mkdir -p {state} {runtime}; chmod 700 {state} {runtime}; '
                                       f'chown countersign {state} {runtime}'])
    equal((status, err), (0, ''))
    world.start(arguments=['--state-dir', state, '--runtime-dir', runtime])
    where = ('--socket', f'{runtime}/human.sock')
    world.cli(*where, 'init', passphrase=True, pin=True)
    world.cli(*where, 'secret', 'set', 'demo', stdin='v', pin=True)
    world.cli(*where, 'lock')
    contains(world.cli(*where, 'unlock', passphrase=True).out, 'Unlocked')
    equal(world.cli(*where, 'status', '--json').json()['mode'], 'system')
    contains(world.cli(*where, 'audit', 'verify', pin=True).out, f'{state}/audit')
    equal(MACHINE.run(argv=['test', '-s', f'{state}/store.db'])[0], 0)
    # Nothing is where it would be otherwise.
    equal([os.path.exists(path) for path in (world.human_socket, world.store, os.path.join(world.env['HOME'], '.local'))],
          [False] * 3)


@case('serve unlocks the system broker for as long as it runs')
def serve(world):
    world.cli('lock')
    server = world.terminal('serve')
    server.expect_exact('Passphrase: ')
    server.waitnoecho()
    server.sendline(countersign.PASSPHRASE)
    server.expect_exact('It stays unlocked while this runs')
    equal(world.status()['state'], 'unlocked')
    server.sendcontrol('c')
    server.expect(pexpect.EOF)
    equal(world.status()['state'], 'locked')


@case('a wrong passphrase changes nothing, open or locked, and is on record')
def wrong(world):
    agent = world.agent()
    granted(world, agent)
    world.cli('unlock', passphrase='not this one', status=1)
    status = world.status()
    equal((status['state'], status['grants']), ('unlocked', 1))
    equal(agent.answer(agent.ask('demo'))['status'], 'completed')
    world.cli('lock')
    world.cli('unlock', passphrase='not this one', status=1)
    equal(world.status()['state'], 'locked')
    world.unlock()
    equal(world.status()['grants'], 1)
    equal(len(world.events('passphrase_wrong')), 2)


@case('passphrase and PIN are changed in the broker that runs')
def keys(world):
    world.cli('passwd', passphrase=f'{countersign.PASSPHRASE}\nanother passphrase altogether')
    world.cli('pin', passphrase='another passphrase altogether', pin='975310')
    world.cli('lock')
    world.cli('unlock', passphrase=True, status=1)
    world.cli('unlock', passphrase='another passphrase altogether')
    world.cli('secret', 'list', pin=True, status=1)
    contains(world.cli('secret', 'list', pin='975310').out, 'demo')


@case('countersign run is asked of the system broker, waits while it is locked, and a service is added there')
def starting(world):
    world.cli('lock')
    run = subprocess.Popen([world.program('countersign'), 'run', '--secret', 'demo', '--', 'printenv', 'DEMO'], env=world.env,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    contains(run.stderr.readline().decode(), 'locked')
    world.unlock()
    human = world.human(pin=True)
    human.call('subscribe')
    request = human.hear('held')
    card = json.loads(request['card'])
    equal((card['operation'], card['requester']['pid'], card['requester']['via']), ('launch', os.getpid(), 'countersign'))
    world.grant(request['request_id'])
    equal(run.communicate(timeout=PATIENCE)[0], b'value-of-demo\n')
    contains(world.cli('service', 'add', 'github', pin=True).out, 'github: accepted')
    equal([service['id'] for service in world.cli('service', 'list', '--json', pin=True).json()], ['github'])


@case('unlocking what is open begins anew: grants go on, connections have to prove themselves again')
def twice(world):
    agent, human = world.agent(), world.human(pin=True)
    granted(world, agent)
    world.unlock()
    equal(world.status()['grants'], 1)
    equal(refused(human, 'pending'), (4, 'not_authenticated'))


@case('panic ends everything until the passphrase')
def panic(world):
    agent = world.agent()
    granted(world, agent)
    world.cli('panic')
    answer = agent.answer(agent.ask('demo'))
    equal((answer['status'], answer['code']), ('denied', 'panic'))
    world.unlock()
    equal(world.status()['grants'], 0)
    hold(agent)


@case('every grant asks the PIN, whatever the rule and however lately it was given')
def each(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask any confirm click\n'}],
                                        'pin': PIN})
    agent, human = world.agent(), world.human(pin=True)
    for purpose in ('first', 'second'):
        call, told = hold(agent, 'demo', purpose=purpose)
        request, = human.pending()
        equal(json.loads(request['card'])['confirm'], 'pin')
        try:
            human.decide(request)
            raise AssertionError('granted by a click')
        except Refused as error:
            equal((error.code, error.data['reason']), (4, 'pin_needed'))
        human.decide(request, pin=PIN)
        equal(agent.answer(call)['status'], 'completed')
        human.call('revoke', {'all': True})
        assert told


@case('a touch of a security key grants here too, and the key stays enrolled through a lock')
def touched(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask any confirm key\n'}], 'pin': PIN})
    key = SoftKey()
    world.human().call('key_add', {**key.enrolment(), 'pin': PIN})
    world.cli('lock')
    world.unlock()
    agent, human = world.agent(), world.human(pin=True)
    call, told = hold(agent)
    request, = human.pending()
    equal(json.loads(request['card'])['confirm'], 'key')
    try:
        human.decide(request, pin=PIN)
        raise AssertionError('granted without a touch')
    except Refused as error:
        equal(error.code, 4)
    challenge = human.call('key_challenge', {'request_id': told['request_id']})['challenge']
    human.decide(request, key=key.touch(challenge, request['card']))
    equal(agent.answer(call)['status'], 'completed')


@case('the terminal approver asks the PIN for each grant, and sees what comes', secrets=('demo', 'other'))
def terminal(world):
    agent = world.agent()
    approver = world.terminal('approve', '--plain')
    approver.expect_exact('PIN: ')
    approver.waitnoecho()
    approver.sendline(PIN)
    for name in ('demo', 'other'):
        call, _ = hold(agent, name)
        approver.expect_exact('grant or deny> ')
        approver.sendline('grant')
        approver.expect_exact('PIN: ')
        approver.waitnoecho()
        approver.sendline(PIN)
        approver.expect_exact('Granted: ')
        equal(agent.answer(call)['status'], 'completed')


@case('serve unlocks it, answers in its own terminal, and locks it again; it goes on as it is')
def serve(world):
    agent, before = world.agent(), world.status()
    world.cli('lock')
    child = world.terminal('serve', '--tty', '--plain')
    for prompt, secret in (('Passphrase: ', countersign.PASSPHRASE), ('PIN: ', PIN)):
        child.expect_exact(prompt)
        child.waitnoecho()
        child.sendline(secret)
    child.expect_exact('Nothing is waiting')
    call, _ = hold(agent)
    child.expect_exact('grant or deny> ')
    child.sendline('grant')
    child.expect_exact('PIN: ')
    child.waitnoecho()
    child.sendline(PIN)
    equal(agent.answer(call)['status'], 'completed')
    child.expect_exact('Nothing is waiting')
    child.sendcontrol('c')
    child.expect_exact('Locked: the keys are wiped')
    child.expect(pexpect.EOF)
    after = world.status()
    equal((after['state'], after['pid']), ('locked', before['pid']))


@case('a rule of the policy may allow a read without asking, which policy check accepts here', secrets=('demo', 'other'))
def allowed(world):
    text = f'allow get_secret of demo from {PROGRAM} max 10m\n'
    with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
        file.write(text)
    equal(world.cli('status', '--json').json()['policy']['differs'], ['policy.conf'])
    world.cli('policy', 'check')
    world.cli('policy', 'apply', pin=True)
    equal(world.cli('status', '--json').json()['policy']['differs'], [])
    program, human = Program(world), world.human(pin=True)
    program.got('demo')
    human.call('subscribe')
    program.get('other')
    contains(human.hear('held')['card'], '"other"')
    # To another program the rule is nothing.
    hold(world.agent(), 'demo')


@case('the installed policies for servers are accepted here as they are, and hold whoever asks to them')
def servers(world):
    for name, refused in (('team-server.conf', False), ('ci.conf', True)):
        with open(os.path.join(countersign.PREFIX, 'share', 'countersign', 'policies', name), encoding='utf-8') as file:
            text = file.read()
        with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
            file.write(text.replace('= 990\n', f'= {os.getuid()}\n'))
        world.cli('policy', 'check')
        world.cli('policy', 'apply', pin=True)
        agent = world.agent()
        answer = agent.first(agent.ask('demo'))
        equal('held' if answer is None else answer['code'], 'policy' if refused else 'held', name)


@case('"always" makes a standing rule for a read, which answers until it is removed')
def always(world):
    program, human = Program(world), world.human(pin=True)
    human.call('subscribe')
    program.get('demo')
    request = human.hear('held')
    rule = json.loads(request['card'])['always']
    contains(rule, f'allow get_secret of demo from {PROGRAM}')
    human.decide(request, always=True, pin=PIN)
    # A process that was granted nothing: the rule is what answers it, before and after a lock.
    Program(world).got('demo')
    world.cli('lock')
    world.unlock()
    Program(world).got('demo')
    human.call('authenticate', {'pin': PIN})
    standing, = human.call('rules')['rules']
    equal(standing['rule'], rule)
    human.call('rule_rm', {'rule_id': standing['id']})
    human.call('subscribe')
    Program(world).get('demo')
    contains(human.hear('held')['card'], '"always"')
    # An interpreter may run anything, so it is offered none.
    hold(world.agent(), 'demo')
    lacks(human.hear('held')['card'], '"always"')


def started(world, *command):
    """`countersign run` of this command as the program at PROGRAM has started it, given the secret demo."""
    argv = [PROGRAM, world.keep('lock'), world.program('countersign'), 'run', '--secret', 'demo=TOKEN', '--', *command]
    return parties.Child(world, argv, 'run')


@case('"always" makes a standing rule for one exact command line that is launched, and for no other')
def always_launch(world):
    human, show = world.human(pin=True), ('/usr/bin/printenv', 'TOKEN')
    human.call('subscribe')
    first = started(world, *show)
    request = human.hear('held')
    rule = json.loads(request['card'])['always']
    equal(rule, f'allow launch of demo from {PROGRAM} command {{ /usr/bin/printenv TOKEN }} max 1h')
    human.decide(request, always=True, pin=PIN)
    equal(first.process.stdout.read().decode(), 'value-of-demo\n')
    again = started(world, *show)
    equal(again.process.stdout.read().decode(), 'value-of-demo\n')
    equal(human.pending(), [])
    started(world, '/usr/bin/printenv', 'HOME')
    contains(human.hear('held')['card'], '"always"')


@case('a standing rule that was made without a security key answers nothing that a key is wanted for by now')
def always_key(world):
    program, human = Program(world), world.human(pin=True)
    human.call('subscribe')
    program.get('demo')
    human.decide(human.hear('held'), always=True, pin=PIN)
    Program(world).got('demo')
    key = SoftKey()
    human.call('key_add', {**key.enrolment(), 'pin': PIN})
    human.call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask any max 1h confirm key\n'}], 'pin': PIN})
    Program(world).get('demo')
    request = human.hear('held')
    challenge = human.call('key_challenge', {'request_id': request['request_id']})['challenge']
    human.decide(request, always=True, pin=PIN, key=key.touch(challenge, request['card']))
    # That one was made with it.
    Program(world).got('demo')
    equal(['key_id' in rule for rule in human.call('rules')['rules']], [False, True])


@case('where the system broker does not run, each program says what root has to do, and starts none', init=False)
def absent(world):
    MACHINE.end(pid=world.broker)
    command = 'systemctl start countersign@alice'
    for arguments, options in ((('status',), {}), (('unlock',), {'passphrase': True}), (('lock',), {}),
                               (('init',), {'passphrase': True, 'pin': True})):
        contains(world.cli(*arguments, status=3, **options).err, command)
    contains(world.cli('doctor', status=1).out, f'as root: {command}')
    answer = world.mcp().tool('get_secret', {'name': 'demo', 'purpose': 'x'})
    contains(json.dumps(answer), command)
    # None of alice's own has been started beside it.
    assert not os.path.exists(os.path.join(world.env['HOME'], '.local')), 'a broker of her own'


@case('the trail is read and verified through the broker, with the PIN, and not without')
def trail(world):
    agent = world.agent()
    granted(world, agent)
    equal(refused(world.human(), 'audit_files'), (4, 'not_authenticated'))
    human = world.human(pin=True)
    equal(human.call('audit_files'), {'dir': world.audit, 'names': ['000001.jsonl', 'key']})
    for name in ('../store.db', 'store.db', '000002.jsonl', '.', ''):
        assert refused(human, 'audit_file', {'name': name})[0] in (5, -32602), name
    listed = world.cli('audit', 'list', '--json', pin=True).json()
    equal([record['id'] for record in listed], [record['seq'] for record in world.records()])
    contains(json.dumps(listed), '"demo"')
    contains(world.cli('audit', 'show', '1', '--no-names', pin=True).out, 'segment')
    found = world.cli('audit', 'verify', '--json', pin=True, passphrase=True).json()
    equal([found[key] for key in ('id', 'sound', 'macs_checked', 'head_checked')], [world.audit, True, True, True])
    equal(found['records'], len(world.records()))
    key = os.path.join(world.base, 'key')
    world.cli('audit', 'export-key', '-o', key, pin=True, passphrase=True)
    world.cli('audit', 'verify', '--key', key, pin=True)
    # Carried away from there: what the broker handed over, closed and signed.
    folder = os.path.join(world.base, 'carried')
    world.cli('audit', 'export', '--with-key', folder, pin=True)
    equal(sorted(os.listdir(folder)), ['000001.jsonl', 'checkpoint', 'key'])
    told = world.cli('audit', 'verify', '--json', '--checkpoint', os.path.join(folder, 'checkpoint'), folder, passphrase=True).json()
    equal([told[key] for key in ('sound', 'macs_checked', 'signatures')], [True, True, 1])
    equal(told['proven_seq'], told['last_seq'])
    kept = json.loads(world.cli('audit', 'export', '--checkpoint').out)
    equal((kept['seq'] >= told['last_seq'], kept['first_key']), (True, told['first_key']))
    # Without the PIN, or with the broker locked: nothing, and a word on it.
    world.cli('audit', 'list', pin='000000', status=1)
    world.cli('lock')
    contains(world.cli('audit', 'list', pin=True, status=4).err, 'countersign unlock')


@case('a request is explained, and the past replayed, from the trail that the broker hands over; an allow of a read counts here')
def explained(world):
    agent = world.agent()
    call, told = hold(agent)
    world.grant(told['request_id'])
    agent.answer(call)
    text = world.cli('policy', 'explain', told['request_id'], pin=True).out
    assert text.startswith('ASKED  with the PIN'), text
    contains(text, f'    {told["request_id"]}, ')
    contains(text, f' uid {os.getuid()} ')
    with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
        file.write(f'allow get_secret of demo from {os.path.realpath(f"/proc/{agent.pid}/exe")}\n')
    assert world.cli('policy', 'explain', told['request_id'], '--proposed', pin=True).out.startswith('ALLOWED  nobody is asked\n')
    answer = world.cli('policy', 'replay', '--json', pin=True).json()
    equal((answer['prompts_fewer'], [change['count'] for change in answer['newly_allowed']], answer['not_counted']['open']), (1, [1], 0))
    world.cli('policy', 'replay', pin='000000', status=1)


@case('the trail is followed through the broker, into new files, and with the next broker')
def follow(world):
    follower = Follower(world, '-n', '1')
    follower.until('secret_set')
    granted(world, world.agent())
    equal([record.get('resource') for record in follower.until('grant_made')], ['demo', 'demo'])
    world.human(pin=True).call('audit_close')
    hold(world.agent())
    equal([record['event'] for record in follower.until('request_held')][-2:], ['segment', 'request_held'])
    last = world.records()[-1]['seq']
    MACHINE.end(pid=world.broker)
    world.start()
    world.unlock()
    granted(world, world.agent())
    records = follower.until('grant_made')
    # Each once, and opened again.
    equal([record['seq'] for record in records], list(range(last + 1, records[-1]['seq'] + 1)))
    equal(records[-1]['resource'], 'demo')


@case('what was handed over reads and cannot be written')
def handed(world):
    human = world.human(pin=True)
    human.call('audit_file', {'name': '000001.jsonl'})
    descriptor, = human.lines.descriptors
    equal(os.read(descriptor, 8), b'{"seq":1')
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY):
        try:
            os.open(f'/proc/self/fd/{descriptor}', flags)
            raise AssertionError(f'opened again with {flags}')
        except PermissionError:
            pass
    for change in (lambda: os.write(descriptor, b'x'), lambda: os.ftruncate(descriptor, 0),
                   lambda: os.fchmod(descriptor, 0o666)):
        try:
            change()
            raise AssertionError('changed')
        except OSError:
            pass
    world.cli('audit', 'verify', pin=True)


@case('doctor names the mode, and looks at what counts in it')
def doctor(world):
    found = {check['id']: check for check in world.cli('doctor', '--json', status=None).json()}
    equal(found['mode']['state'], 'ok')
    contains(found['mode']['text'], 'system: the broker runs as countersign')
    assert 'store' not in found and 'sockets' not in found, found
    os.makedirs(world.data, 0o700)
    with open(os.path.join(world.data, 'store.db'), 'w', encoding='ascii'):
        pass
    found = {check['id']: check for check in world.cli('doctor', '--json', status=None).json()}
    equal(found['store']['state'], 'note')
    contains(found['store']['text'], 'the system broker does not use it')
    equal(found['broker']['state'], 'ok')


@case('the broker does not start as root, as the person, for nobody, without its capability, or twice', start=False)
def starts(world):
    for words, options in (('does not run as root', {'user': 'root'}),
                           ('under a uid of its own', {'user': 'alice'}),
                           ('there is no such user', {'person': 'carol'}),
                           ('is root', {'person': 'root'}),
                           ('CAP_SYS_PTRACE is missing', {'capability': False})):
        status, said = world.broken_start(**options)
        equal(status, 1, words)
        contains(said, words)
    world.start()
    status, said = world.broken_start()
    contains(said, 'another broker is running')
    for arguments in (['--control-fd', '3'], ['--runtime-dir', '/tmp/x', '--deadline', '0']):
        equal(world.broken_start(arguments=arguments)[0], 2, arguments)


@case('what the person\'s program is, and what started it, is found out by the system broker too')
def facts(world):
    python = os.path.realpath(sys.executable)
    with open(python, 'rb') as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    for rule, wanted in ((f'sha256 {digest}', 'policy'), (f'sha256 {"0" * 64}', None), (f'below {python}', 'policy'),
                         ('below /usr/bin/claude', None)):
        with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
            file.write(f'deny get_secret {rule}\n')
        world.cli('policy', 'apply', pin=True)
        agent = world.agent()
        answer = agent.first(agent.ask('demo'))
        equal(answer and answer['code'], wanted, rule)


systemworld.main()
