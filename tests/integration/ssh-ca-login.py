# SPDX-License-Identifier: MIT
"""Certificates of the broker's own CA, used to log in to a real sshd: what was granted goes, and nothing else."""

import json
import os
import subprocess
import sys
import time

import countersign
import parties
import systemworld
import tap
from lines import PATIENCE
from sshserver import Key, Server
from systemworld import MACHINE
from tap import case, contains, equal, lacks

PROVIDER = '''provider servers
kind ssh-ca
principal alice bob root
'''


class Ca:
    """A world's person has accepted a CA; lines: more of its file. An agent, a key, and a server of root's."""

    def begin(self, lines=''):
        if MACHINE.run(argv=['grep', '-q', '^sshd:', '/etc/passwd'])[0] != 0:
            MACHINE.run(argv=['sh', '-c', 'echo sshd:x:61022:61022::/run/sshd:/usr/sbin/nologin >> /etc/passwd'])
        self.accept(PROVIDER + lines)
        self.servers, self.asking, self.key = [], self.agent(), Key(self)
        os.chmod(self.base, 0o755)
        self.server = self.serve()

    def accept(self, text):
        path = os.path.join(self.config, 'providers.d', 'servers.conf')
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        self.cli('policy', 'apply', pin=True)

    def serve(self, own=False):
        self.servers.append(Server(self, None if own else MACHINE))
        return self.servers[-1]

    def ask(self, key=None, agent=None, **more):
        return (agent or self.asking).start('get_ssh_certificate', {'public_key': (key or self.key).line, **more})

    def facts(self, call):
        """The id of what is held, and what its card says."""
        request_id = self.asking.held(call)['request_id']
        card = json.loads(next(r for r in self.human(pin=True).pending() if r['request_id'] == request_id)['card'])
        return request_id, {fact['label']: fact['value'] for fact in card['facts']}

    def given(self, key=None, person=None, agent=None, **more):
        """The result, once a person said yes; the key is certified."""
        call = self.ask(key, agent, **more)
        self.grant((agent or self.asking).held(call)['request_id'], **(person or {'duration': 300}))
        answer = (agent or self.asking).answer(call)
        equal(answer['status'], 'completed', answer)
        (key or self.key).certify(answer['result']['certificate'])
        return answer['result']

    def refusal(self, **more):
        """Why it is not even held."""
        answer = self.asking.answer(self.ask(**more))
        equal(answer['status'], 'failed', answer)
        return answer['message']

    def close(self):
        for server in self.servers:
            server.close()
        super().close()


class World(Ca, countersign.World):
    """With a broker of one's own."""

    def __init__(self, lines='', **options):
        super().__init__(**options)
        self.begin(lines)


class System(Ca, systemworld.World):
    """With the system's."""

    def __init__(self, **options):
        super().__init__(**options)
        self.begin()


class Steady(parties.Socket):
    """An agent that is this very process: it is there when the broker is another."""

    def __init__(self, world):
        super().__init__(world, world.agent_socket)
        self.call('hello', {'version': 1, 'role': 'agent'})

    def held(self, call):
        return self.hear('held', id=call)


def listed(key):
    """What ssh-keygen reads in the key's certificate."""
    return subprocess.run(['ssh-keygen', '-L', '-f', f'{key.path}-cert.pub'], capture_output=True, text=True, check=True,
                          env={**os.environ, 'TZ': 'UTC'}).stdout


def rows(world):
    return {row['serial']: row for row in world.cli('ssh-ca', 'list', '--json', pin=True).json()}


@case('the granted principal gets in, at a server of root and at one of its own, and no other does')
def principal(world):
    result = world.given(principals=['alice'])
    equal(result['principals'], ['alice'])
    own = world.serve(own=True)
    for server in (world.server, own):
        equal(world.key.login(server, 'alice'), (0, 'in\n'), server.told())
        contains(server.told(), f'ID "{result["key_id"]}" (serial {result["serial"]})')
    for other in ('bob', 'root', 'nobody'):
        equal(world.key.login(world.server, other)[0], 255)
    contains(world.server.told(), 'name is not a listed principal')


@case('what a person takes away is not certified, and what is left works for root as well')
def narrowed(world):
    result = world.given(person={'duration': 300, 'scopes': ['root', 'bob']})
    equal(result['principals'], ['root', 'bob'])
    equal(world.key.login(world.server, 'root', 'id -un'), (0, 'root\n'), world.server.told())
    equal(world.key.login(world.server, 'bob', 'id -un'), (0, 'bob\n'))
    equal(world.key.login(world.server, 'alice')[0], 255)


@case('every kind of key is certified, and logs in')
def kinds(world):
    for kind in ('ed25519', 'ecdsa', 'rsa'):
        key = Key(world, f'id-{kind}', kind)
        world.given(key, principals=['alice'])
        equal(key.login(world.server, 'alice'), (0, 'in\n'), world.server.told())


@case('without its certificate the key is nothing, and another key with it neither')
def stolen(world):
    world.given(principals=['alice'])
    other = Key(world, 'other')
    with open(f'{world.key.path}-cert.pub', encoding='utf-8') as file:
        other.certify(file.read().strip())
    equal(other.login(world.server, 'alice')[0], 255)
    os.unlink(f'{world.key.path}-cert.pub')
    equal(world.key.login(world.server, 'alice')[0], 255)


@case('the certificate ends with its grant, and is refused from then on')
def expired(world):
    before = time.time()
    result = world.given(principals=['alice'], person={'duration': 5})
    assert 0 <= result['valid_for_seconds'] <= 5, result
    text = listed(world.key)
    ends = time.mktime(time.strptime(result['valid_before'][:19], '%Y-%m-%dT%H:%M:%S')) - time.timezone
    assert before <= ends <= time.time() + 5, (before, ends)
    contains(text, f'to {result["valid_before"][:19]}\n')
    time.sleep(max(0, ends - time.time()))  # the clock itself is what is waited for
    equal(world.key.login(world.server, 'alice')[0], 255)
    contains(world.server.told(), 'expired')


@case('it begins a minute ago, for servers whose clock is behind, and ends no later than the file says', lines='max 2m\n')
def life(world):
    result = world.given(principals=['alice'], person={'duration': 120}, ttl_seconds=3600)
    assert 60 <= result['valid_for_seconds'] <= 120, result
    row = rows(world)[result['serial']]
    begins, ends = (time.mktime(time.strptime(row[name][:19], '%Y-%m-%dT%H:%M:%S')) for name in ('valid_after', 'valid_before'))
    assert 120 <= ends - begins <= 181, row


@case('a command that is set holds, whatever is asked for', lines='force-command "echo only this"\n')
def forced(world):
    contains(world.refusal(principals=['alice'], force_command='id'), 'the command is set already')
    world.given(principals=['alice'])
    equal(world.key.login(world.server, 'alice', 'id'), (0, 'only this\n'), world.server.told())


@case('a command that was asked for and approved holds too')
def forced_by_agent(world):
    call = world.ask(principals=['alice'], force_command='echo "a b" \\$HOME')
    request_id, facts = world.facts(call)
    equal(facts['Force command'], 'echo "a b" \\$HOME')
    world.grant(request_id, duration=300)
    world.key.certify(world.asking.answer(call)['result']['certificate'])
    equal(world.key.login(world.server, 'alice', 'id'), (0, 'a b $HOME\n'), world.server.told())


@case('addresses that are set hold, and what is asked for can only narrow them', lines='source-address 127.0.0.0/30\n')
def source(world):
    contains(world.refusal(source_address='127.0.0.0/8'), 'must lie within 127.0.0.0/30')
    world.given(principals=['alice'])
    equal(world.key.login(world.server, 'alice', source='127.0.0.3'), (0, 'in\n'), world.server.told())
    equal(world.key.login(world.server, 'alice', source='127.0.0.4')[0], 255)
    world.given(principals=['alice'], source_address='127.0.0.2')
    equal(world.key.login(world.server, 'alice', source='127.0.0.2'), (0, 'in\n'), world.server.told())
    equal(world.key.login(world.server, 'alice', source='127.0.0.3')[0], 255)


@case('extensions are those that the file lists', lines='extension permit-pty\n')
def extensions(world):
    world.given(principals=['alice'])
    contains(listed(world.key), 'Extensions: \n                permit-pty\n')
    lacks(listed(world.key), 'forwarding')


@case('a revoked certificate is refused once the server has the list, by serial number and by key ID')
def revoked(world):
    for name in ('serial', 'key_id'):
        result = world.given(principals=['alice'])
        equal(world.key.login(world.server, 'alice'), (0, 'in\n'), world.server.told())
        contains(world.cli('ssh-ca', 'revoke', result[name]).out, 'Revoked')
        equal(rows(world)[result['serial']]['why'], 'person')
        equal(world.key.login(world.server, 'alice')[0], 0)
        world.server.publish()
        equal(world.key.login(world.server, 'alice')[0], 255)
        contains(world.server.told(), 'revoked')
        krl = f'{world.server.base}/krl'
        contains(subprocess.run(['ssh-keygen', '-Q', '-f', krl, f'{world.key.path}-cert.pub'], capture_output=True, text=True,
                                check=False).stdout, 'REVOKED')
        world.cli('ssh-ca', 'revoke', result[name], status=1)
        world.cli('revoke', '--all')


def ends_by(world, end, why, unlock=True):
    """What was certified is revoked by @end, and is refused by a server that has the list."""
    result = world.given(principals=['alice'])
    equal(rows(world)[result['serial']].get('revoked_at'), None)
    end()
    if unlock:
        world.unlock()
    equal(rows(world)[result['serial']]['why'], why)
    world.server.publish()
    equal(world.key.login(world.server, 'alice')[0], 255)


@case('the end of its grant revokes it')
def grant_ended(world):
    ends_by(world, lambda: world.cli('revoke', '--all'), 'revoked', unlock=False)


@case('panic revokes it')
def panicked(world):
    ends_by(world, lambda: world.cli('panic'), 'panic')


@case('a crash of the broker revokes it')
def crashed(world):
    ends_by(world, world.kill_broker, 'grant_lost')


@case('a grant that is revoked while the broker is locked revokes it')
def while_locked(world):
    def end():
        world.cli('lock')
        world.cli('revoke', '--all')
    ends_by(world, end, 'grant_lost')


@case('the end of its holder revokes it')
def holder_gone(world):
    agent = world.agent()
    result = world.given(agent=agent, principals=['alice'])
    agent.close()
    human, until = world.human(), time.monotonic() + PATIENCE
    while human.call('status')['grants'] > 0 and time.monotonic() < until:
        pass  # each turn asks the broker, which is told by the kernel
    equal(rows(world)[result['serial']]['why'], 'holder_gone')


@case('it outlives lock and a new broker, with its grant')
def kept(world):
    result = world.given(agent=Steady(world), principals=['alice'])
    before = rows(world)
    world.cli('lock')
    world.unlock()
    equal(rows(world), before)
    world.server.publish()
    equal(world.key.login(world.server, 'alice'), (0, 'in\n'), world.server.told())
    equal([grant['resource'] for grant in world.cli('grants', '--json', pin=True).json()], ['servers'])
    world.cli('revoke', '--all')
    equal(rows(world)[result['serial']]['why'], 'revoked')


@case('an approval of one use signs one certificate, and stays to be revoked, also after a lock')
def once(world):
    agent = Steady(world)
    result = world.given(agent=agent, person={'duration': 300, 'uses': 1}, principals=['alice'])
    world.human().call('decide', {'request_id': agent.held(world.ask(agent=agent, principals=['alice']))['request_id'], 'verdict': 'deny'})
    world.cli('lock')
    world.unlock()
    equal(rows(world)[result['serial']].get('why'), None)
    equal(len(world.cli('grants', '--json', pin=True).json()), 1)
    world.cli('revoke', '--all')
    equal(rows(world)[result['serial']]['why'], 'revoked')


@case('with the system broker, whose process stays, it is the same after lock and unlock, and what ended meanwhile is revoked',
      system=True)
def in_system(world):
    first, second = world.given(principals=['alice']), world.given(Key(world, 'second'), principals=['bob'])
    before = rows(world)
    world.cli('lock')
    world.unlock()
    equal(rows(world), before)
    grant = next(g['id'] for g in world.cli('grants', '--json', pin=True).json() if g['scopes'] == ['bob'])
    world.cli('lock')
    world.cli('revoke', grant)
    world.unlock()
    after = rows(world)
    equal((after[first['serial']].get('why'), after[second['serial']].get('why')), (None, 'grant_lost'))
    world.server.publish()
    equal(world.key.login(world.server, 'alice'), (0, 'in\n'), world.server.told())
    world.cli('panic')
    world.unlock()
    equal(rows(world)[first['serial']]['why'], 'panic')


@case('the same asked again under its grant is signed anew, with another number')
def again(world):
    first = world.given(principals=['alice'])
    answer = world.asking.answer(world.ask(principals=['alice']))
    equal(answer['status'], 'completed')
    second = answer['result']
    assert second['serial'] != first['serial']
    equal(len(rows(world)), 2)
    assert second['valid_before'] <= first['valid_before'], (first, second)


@case('an issued and a revoked certificate are on record, before and after')
def recorded(world):
    result = world.given(principals=['alice'])
    world.cli('ssh-ca', 'revoke', result['serial'])
    records = {record['event']: record for record in world.records()}
    for event in ('ssh_certificate_issued', 'ssh_certificate_revoked'):
        equal(records[event]['serial'], result['serial'])
    equal(records['ssh_certificate_issued']['scopes'], ['alice'])
    lacks(json.dumps(records['ssh_certificate_issued']), result['key_id'])


@case('a person sees the key, the names, the command, the addresses and how long')
def shown(world):
    call = world.ask(principals=['alice'], source_address='127.0.0.1', ttl_seconds=600)
    _, facts = world.facts(call)
    print_ = subprocess.run(['ssh-keygen', '-l', '-f', f'{world.key.path}.pub'], capture_output=True, text=True,
                            check=True).stdout.split()[1]
    equal((facts['Key type'], facts['Fingerprint'], facts['Principals']), ('Ed25519', print_, 'alice'))
    equal((facts['Commands'], facts['Source address']), ('any command', '127.0.0.1/32'))
    equal((facts['Valid for'], facts['Extensions']), ('10m at most; it ends with the grant', 'none'))


sys.exit(tap.run(lambda system=False, **options: (System if system else World)(**options)))
