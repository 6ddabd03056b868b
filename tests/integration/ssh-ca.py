# SPDX-License-Identifier: MIT
"""The broker's own SSH CA: its key, its revocation list, and what a person's commands say of them."""

import base64
import os
import subprocess

import countersign
from lines import Refused
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
    contains(world.cli('ssh-ca', 'krl', '--json', '-o', path, pin=True, status=2).err, '--json')


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


countersign.main()
