# SPDX-License-Identifier: MIT
"""Another machine, as far as verifying can tell: another user and host, an empty home, no network, no broker, no store,
nothing of this machine's state; and the trail read by a program that shares nothing with ours."""

import hashlib
import json
import os
import shutil
import subprocess

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import countersign
from tap import Skip

ENVIRONMENT = {'HOME': '/home/someone', 'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8', 'TERM': 'dumb'}


class Machine:
    """exported: what was carried over there; it lies at /carried."""

    def __init__(self, exported):
        bwrap = shutil.which('bwrap')
        if bwrap is None:
            raise Skip('there is no bubblewrap')
        self.exported = exported
        self.command = [bwrap, '--unshare-all', '--uid', '4711', '--gid', '4711', '--hostname', 'elsewhere', '--die-with-parent',
                        '--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib',
                        '--symlink', 'usr/lib64', '/lib64', '--ro-bind', '/etc/ld.so.cache', '/etc/ld.so.cache',
                        '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--dir', '/home/someone', '--dir', '/run',
                        '--ro-bind', countersign.STAGE, countersign.STAGE, '--ro-bind', exported, '/carried', '--chdir', '/']
        tried = subprocess.run([*self.command, 'true'], capture_output=True, check=False, env=ENVIRONMENT)
        if tried.returncode != 0:
            raise Skip(f'no other machine: {tried.stderr.decode().strip()}')

    def verify(self, *arguments, status=0, passphrase=None):
        """What `audit verify --json` says there of what was carried; None when it could not read it."""
        argv = [*self.command, os.path.join(countersign.PREFIX, 'bin', 'countersign'), 'audit', 'verify', '--json', *arguments,
                '/carried/trail']
        stdin = b''
        if passphrase is not None:
            argv += ['--passphrase-fd', '0']
            stdin = passphrase.encode() + b'\n'
        done = subprocess.run(argv, input=stdin, capture_output=True, check=False, env=ENVIRONMENT,
                              timeout=countersign.PATIENCE * 2)
        if done.returncode != status:
            raise AssertionError(f'{arguments}: {done.returncode} {done.stdout.decode()} {done.stderr.decode()}')
        return json.loads(done.stdout) if done.stdout else None


def files_of(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith('.jsonl'))


def lines_of(folder, name):
    """Those that are whole."""
    with open(os.path.join(folder, name), 'rb') as file:
        return file.read().split(b'\n')[:-1]


def prove(folder, public_key):
    """Reads the trail as PROTOCOL.md describes it; the number of the last record that public_key proves. It is the key of the
    first file that is there."""
    key, before, proven, number = public_key, None, 0, None
    for name in files_of(folder):
        lines = lines_of(folder, name)
        records = [json.loads(line) for line in lines]
        first = records[0]
        assert (first['event'], first['format'], first['key']) == ('segment', 2, key), first
        for line, record in zip(lines, records):
            assert number is None or record['seq'] == number + 1, record
            assert before is None or record['prev'] == before, record
            number, before = record['seq'], hashlib.sha256(line).hexdigest()
        last = records[-1]
        if last['event'] != 'closed':
            break
        assert last['segment'] == first['segment'] and last['records'] == len(records) - 1, last
        assert last['head'] == last['prev'], last
        text = '\n'.join(['countersign audit closed 2', first['log'], str(last['segment']), str(first['seq']),
                          str(last['records']), last['head'], last['next'], ''])
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(last['signature']), text.encode())
        except InvalidSignature:
            return proven
        proven, key = last['seq'], last['next']
    return proven
