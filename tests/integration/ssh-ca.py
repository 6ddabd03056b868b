# SPDX-License-Identifier: MIT
"""The broker's own SSH CA: its key, its revocation list, and what a person's commands say of them."""

import base64
import os
import shutil
import subprocess
import sys

import countersign
import parties
import tap
from lines import Closed, Refused
from tap import case, contains, equal


def keygen(*arguments, status=0):
    """What ssh-keygen says."""
    process = subprocess.run(['ssh-keygen', *arguments], capture_output=True, text=True, check=False)
    equal(process.returncode, status, process.stdout + process.stderr)
    return process.stdout


def shown(world):
    return world.cli('ssh-ca', 'show', pin=True).out


@case('init makes a CA, whose key is the same after lock and restart')
def made(world):
    line = shown(world)
    equal(line.split()[0], 'ssh-ed25519')
    path = os.path.join(world.base, 'ca.pub')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(line)
    described = world.cli('ssh-ca', 'show', '--json', pin=True).json()
    contains(keygen('-l', '-f', path), described['fingerprint'])
    equal((described['id'], described['valid'], described['revoked']), (described['fingerprint'], 0, 0))
    world.cli('lock')
    world.unlock()
    equal(shown(world), line)
    world.kill_broker()
    world.unlock()
    equal(shown(world), line)


@case('its private key is no secret that anybody can name or count')
def nameless(world):
    equal(world.status()['secrets'], 1)
    equal([row['name'] for row in world.cli('secret', 'list', '--json', pin=True).json()], ['demo'])
    for command in (['show', '--reveal'], ['rm']):
        contains(world.cli('secret', command[0], 'key:ssh-ca', *command[1:], pin=True, status=None).err, 'character')


@case('a list of nothing is one that ssh-keygen reads')
def empty(world):
    path = os.path.join(world.base, 'krl')
    contains(world.cli('ssh-ca', 'krl', '-o', path, pin=True).out, '0 revoked')
    contains(keygen('-Q', '-l', '-f', path), '# KRL version 0')
    with open(path, 'rb') as file:
        first = file.read()
    described = world.cli('ssh-ca', 'krl', '--json', pin=True).json()
    equal(base64.b64decode(described['krl'])[:20], first[:20])
    world.cli('ssh-ca', 'krl', '-o', path, pin=True)
    contains(world.cli('ssh-ca', 'krl', '--json', '-o', path, status=2).err, '--json')  # before a PIN is asked for


@case('what there is not cannot be revoked, and one certificate has to be named')
def unknown(world):
    contains(world.cli('ssh-ca', 'revoke', '12345', status=1).err, 'no such certificate')
    contains(world.cli('ssh-ca', 'revoke', 'countersign:x:y', status=1).err, 'no such certificate')
    human = world.human()
    for params in ({}, {'serial': '1', 'key_id': 'x'}):
        try:
            human.call('ssh_ca_revoke', params)
        except Refused as refused:
            equal(refused.code, -32602)
        else:
            raise AssertionError('accepted')


@case('what is read of it needs the PIN, and keys that are open')
def proven(world):
    human = world.human()
    for call in ('ssh_ca', 'ssh_ca_list', 'ssh_ca_krl'):
        try:
            human.call(call)
        except Refused as refused:
            equal(refused.data['reason'], 'not_authenticated')
        else:
            raise AssertionError(f'{call} was answered')
    world.cli('lock')
    contains(world.cli('ssh-ca', 'show', pin=True, status=4).err, 'locked')
    contains(world.cli('ssh-ca', 'revoke', '1', status=4).err, 'countersign revoke')


def accept(world):
    """A CA that its person has accepted, and a key of the agent's."""
    folder = os.path.join(world.config, 'providers.d')
    os.makedirs(folder, 0o700)
    with open(os.path.join(folder, 'servers.conf'), 'w', encoding='utf-8') as file:
        file.write('provider servers\nkind ssh-ca\nprincipal deploy\n')
    world.cli('policy', 'apply', pin=True)
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', os.path.join(world.base, 'id'))
    with open(os.path.join(world.base, 'id.pub'), encoding='utf-8') as file:
        return {'public_key': file.read()}


@case('a broker that is killed in the midst of it has revoked all that came out')
def killed(world):
    asked = accept(world)
    for number in range(tap.count(5, 100)):
        agent = world.agent()
        call = agent.start('get_ssh_certificate', asked)
        world.grant(agent.held(call)['request_id'], duration=300)
        got = [agent.answer(call)['result']['serial']]
        calls = [agent.start('get_ssh_certificate', asked) for _ in range(20)]
        got += [agent.answer(call)['result']['serial'] for call in calls[:1 + number % 5 * 3]]
        world.kill_broker()
        for call in calls[len(got) - 1:]:
            try:
                got.append(agent.answer(call)['result']['serial'])
            except (Closed, OSError):
                break
        world.unlock()
        rows = {row['serial']: row for row in world.cli('ssh-ca', 'list', '--json', pin=True).json()}
        for serial in got:
            equal(rows[serial].get('why'), 'grant_lost', serial)
        recorded = [r['serial'] for r in world.records() if r['event'] == 'ssh_certificate_issued']
        equal([serial for serial in got if serial not in recorded], [])


class Named(parties.Agent):
    """An agent whose program has this name."""

    def __init__(self, world, name):
        program = os.path.join(world.base, name)
        shutil.copy(sys.executable, program)
        if not os.access(program, os.X_OK):
            raise tap.Skip('nothing can be executed in memory here')
        parties.Child.__init__(self, world, [program, os.path.join(os.path.dirname(parties.__file__), 'relay.py'),
                                             world.agent_socket], 'named')
        parties.Rpc.__init__(self, self.lines)
        self.call('hello', {'version': 1, 'role': 'agent'})


@case('a program\'s name is in the key ID, without what the reader of a log could take for its end')
def key_id(world):
    asked = accept(world)
    agent = Named(world, 'x" (serial 1) CA\n')
    call = agent.start('get_ssh_certificate', asked)
    request_id = agent.held(call)['request_id']
    world.grant(request_id, duration=300)
    result = agent.answer(call)['result']
    equal(result['key_id'], f'countersign:{request_id}:x___serial_1__CA_')


countersign.main()
