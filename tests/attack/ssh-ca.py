# SPDX-License-Identifier: MIT
"""What an agent tries to get out of the SSH CA: more names, more time, another command, the key itself."""

import os
import subprocess

import countersign
import tap
from lines import Refused
from tap import case, contains, equal, lacks

PROVIDER = '''provider servers
kind ssh-ca
principal deploy
max 10m
source-address 192.0.2.0/24
'''


class World(countersign.World):
    """Its person has accepted a CA that is narrow."""

    def __init__(self, **options):
        super().__init__(**options)
        self.file = os.path.join(self.config, 'providers.d', 'servers.conf')
        os.makedirs(os.path.dirname(self.file), 0o700)
        self.propose(PROVIDER)
        self.cli('policy', 'apply', pin=True)
        self.key = self.make_key()
        self.asking = self.agent()

    def propose(self, text):
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write(text)

    def make_key(self, name='id'):
        path = os.path.join(self.base, name)
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path], check=True)
        with open(f'{path}.pub', encoding='utf-8') as file:
            return file.read().strip()

    def outcome(self, agent=None, **arguments):
        """How a request ends that nobody is asked about; 'held' when a person is."""
        agent = agent or self.asking
        call = agent.start('get_ssh_certificate', {'public_key': self.key, **arguments})
        try:
            answer = agent.first(call)
        except Refused as refused:
            return f'refused: {refused.message}'
        if answer is None:
            self.human().call('decide', {'request_id': agent.held(call)['request_id'], 'verdict': 'deny'})
            agent.answer(call)
            return 'held'
        return f'{answer["status"]}: {answer.get("message", "")}'

    def given(self, agent=None, **arguments):
        agent = agent or self.asking
        call = agent.start('get_ssh_certificate', {'public_key': self.key, **arguments})
        self.grant(agent.held(call)['request_id'], duration=60)
        return agent.answer(call)['result']

    def read(self, certificate):
        """What ssh-keygen reads in it."""
        path = os.path.join(self.base, 'read-cert.pub')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(certificate + '\n')
        return subprocess.run(['ssh-keygen', '-L', '-f', path], capture_output=True, text=True, check=True).stdout


INJECTED = (
    ({'principals': ['root']}, 'not among those that are allowed'),
    ({'principals': ['deploy', 'root']}, 'not among those that are allowed'),
    ({'principals': ['deploy,root']}, 'letters, digits'),
    ({'principals': ['deploy\nroot']}, 'letters, digits'),
    ({'principals': ['deploy root']}, 'letters, digits'),
    ({'principals': ['*']}, 'letters, digits'),
    ({'principals': ['deploy" permit-pty']}, 'letters, digits'),
    ({'principals': ['-oProxyCommand=id']}, 'not begin with'),
    ({'principals': []}, 'principals'),
    ({'force_command': 'uptime\npermit-pty'}, 'one line'),
    ({'force_command': 'uptime\u202eid'}, 'do not show'),
    ({'force_command': 'x' * 1025}, '1024'),
    ({'source_address': '0.0.0.0/0'}, 'must lie within'),
    ({'source_address': '192.0.2.1,198.51.100.1'}, 'must lie within'),
    ({'source_address': '192.0.2.0/24 force-command=id'}, 'number 1'),
    ({'source_address': '!192.0.2.1'}, 'number 1'),
    ({'source_address': ''}, 'source_address'),
    ({'ttl_seconds': 0}, 'ttl_seconds'),
    ({'ttl_seconds': -1}, 'ttl_seconds'),
    ({'ttl_seconds': 1 << 40}, 'ttl_seconds'),
    ({'extensions': ['permit-pty']}, 'extensions'),
    ({'valid_before': 'forever'}, 'valid_before'),
    ({'serial': '1'}, 'serial'),
)


@case('what would make more of a certificate is refused before a person is asked')
def injected(world):
    for arguments, says in INJECTED:
        outcome = world.outcome(**arguments)
        assert outcome.startswith(('failed', 'refused')) and says in outcome, (arguments, outcome)


@case('what is no public key is refused, and a private one is told by name and not repeated')
def not_a_key(world):
    with open(os.path.join(world.base, 'id'), encoding='utf-8') as file:
        private = file.read()
    signed = world.given()['certificate']
    options = f'command="id" {world.key}'
    for text, says in ((private, 'private key'), (signed, 'certificate already'), (options, 'nothing may stand in front'),
                       (f'cert-authority {world.key}', 'nothing may stand in front'), (f'{world.key}\n{world.key}', 'one line'),
                       (f'{world.key} a\rb', 'one line'), (world.key[:-8], 'public_key'), ('ssh-dss ' + world.key, 'ssh-dss')):
        outcome = world.outcome(public_key=text)
        assert outcome.startswith(('failed', 'refused')) and says in outcome, (text, outcome)
        lacks(outcome, private.splitlines()[1])


@case('the comment of a key goes nowhere')
def comment(world):
    result = world.given(public_key=f'{world.key} root permit-pty,force-command="id"')
    text = world.read(result['certificate'])
    lacks(text, 'permit-pty')
    equal(result['certificate'].split(' ')[2:], [result['key_id']])
    contains(text, 'Extensions: (none)')


@case('another process has to ask for itself, also for the same, and cannot fetch what was granted')
def another(world):
    result = world.given()
    other = world.agent()
    equal(world.outcome(other), 'held')
    request_id = result['key_id'].split(':')[1]
    try:
        answer = other.call('approval_wait', {'request_id': request_id, 'timeout_seconds': 1})
    except Refused as refused:
        equal(refused.code, 5)
    else:
        raise AssertionError(f'answered {answer!r}')


@case('under a grant nothing but what was shown is signed: another key, name, command or address is asked anew')
def bound(world):
    world.given(principals=['deploy'])
    other = world.make_key('other')
    for arguments in ({'public_key': other, 'principals': ['deploy']}, {}, {'principals': ['deploy'], 'force_command': 'id'},
                      {'principals': ['deploy'], 'source_address': '192.0.2.1'}):
        equal(world.outcome(**arguments), 'held', arguments)


@case('a certificate is never good for longer than its grant, however often it is asked again')
def longer(world):
    grant = None
    for _ in range(3):
        call = world.asking.start('get_ssh_certificate', {'public_key': world.key, 'ttl_seconds': 600})
        answer = world.asking.first(call)
        if answer is None:
            world.grant(world.asking.held(call)['request_id'], duration=60)
            answer = world.asking.answer(call)
        grant = grant or world.cli('grants', '--json', pin=True).json()[0]
        assert answer['result']['valid_for_seconds'] <= 60, answer
        assert answer['result']['valid_before'] <= grant['expires_at'], (answer, grant)
    equal(len(world.cli('grants', '--json', pin=True).json()), 1)


@case('a file that the agent changed changes nothing until a person accepts it')
def proposal(world):
    world.propose(PROVIDER.replace('deploy', 'deploy root').replace('max 10m', 'max 24h') + 'extension permit-pty\n')
    contains(world.outcome(principals=['root']), 'not among those that are allowed')
    contains(world.read(world.given()['certificate']), 'Extensions: (none)')
    contains(str(world.status()['policy']['differs']), 'servers.conf')


@case('the key of the CA cannot be named: not as a secret, a reference, or what a command gets')
def key(world):
    for call, arguments in (('get_secret', {'name': 'key:ssh-ca', 'purpose': 'x'}),
                            ('update_secret', {'name': 'key:ssh-ca', 'value': 'x' * 32}),
                            ('delete_secret', {'name': 'key:ssh-ca'}),
                            ('store_secret', {'name': 'key:ssh-ca', 'value': 'x' * 32}),
                            ('run_command', {'command': ['/bin/true'], 'secrets': [{'name': 'key:ssh-ca', 'env': 'X'}],
                                             'purpose': 'x'})):
        try:
            answer = world.asking.first(world.asking.start(call, arguments))
        except Refused as refused:
            contains(refused.message, '(character 4)')
            continue
        raise AssertionError(f'{call}: {answer}')


@case('whoever knows no PIN reads nothing of the CA; revoking needs none, and is on record with its caller')
def unproven(world):
    result = world.given()
    human = world.human()
    for call in ('ssh_ca', 'ssh_ca_list', 'ssh_ca_krl'):
        try:
            human.call(call)
        except Refused as refused:
            equal(refused.data['reason'], 'not_authenticated')
        else:
            raise AssertionError(f'{call} was answered')
    human.call('ssh_ca_revoke', {'serial': result['serial']})
    record = [r for r in world.records() if r['event'] == 'ssh_certificate_revoked'][-1]
    equal((record['serial'], record['pid'], record['why']), (result['serial'], os.getpid(), 'person'))


tap.run(World)
