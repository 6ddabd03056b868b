# SPDX-License-Identifier: MIT
"""A real sshd on this machine that trusts one CA, and ssh to try it with."""

import os
import shutil
import socket
import subprocess
import time

import tap
from lines import PATIENCE

PROGRAM = '/usr/sbin/sshd'
CONFIG = '''ListenAddress 127.0.0.1
Port {port}
HostKey {base}/host
TrustedUserCAKeys {base}/ca.pub
RevokedKeys {base}/krl
AuthorizedKeysFile none
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PidFile {base}/pid
Subsystem sftp internal-sftp
LogLevel VERBOSE
'''


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


class Server:
    """Run by this user, who alone can log in then; or by root, who is asked by @machine. The world's CA is trusted, and
    what its list names is refused: publish() puts the newest there."""

    def __init__(self, world, machine=None):
        if not os.path.exists(PROGRAM) or shutil.which('ssh') is None:
            raise tap.Skip('there is no sshd or no ssh')
        self.world, self.machine = world, machine
        self.base = world.folder(f'sshd-{"root" if machine else "own"}', 0o755)
        self.port, self.process = None, None
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', f'{self.base}/host'], check=True)
        with open(f'{self.base}/ca.pub', 'w', encoding='utf-8') as file:
            file.write(world.cli('ssh-ca', 'show', pin=True).out)
        self.publish()
        while not self.start():
            pass  # somebody else took the port meanwhile

    def publish(self):
        self.world.cli('ssh-ca', 'krl', '-o', f'{self.base}/krl', pin=True)

    def start(self):
        """Whether it listens: not, when its port was taken."""
        log, config = f'{self.base}/log', f'{self.base}/config'
        self.port = free_port()
        with open(config, 'w', encoding='utf-8') as file:
            file.write(CONFIG.format(port=self.port, base=self.base))
        argv = [PROGRAM, '-f', config, '-E', log]
        if self.machine:
            self.machine.run(argv=['sh', '-c', f'mkdir -p /run/sshd; : > {log}; chmod 644 {log}'])
            status, out, err = self.machine.run(argv=argv)
            assert status == 0, (out, err)
        else:
            with open(log, 'w', encoding='utf-8'):
                pass
            self.process = subprocess.Popen([*argv, '-D'], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while 'Server listening on 127.0.0.1' not in self.told():
            if 'Cannot bind any address' in self.told():
                return False
            if time.monotonic() > until:
                raise AssertionError(self.told())
            time.sleep(0.01)
        return True

    def told(self):
        """sshd's log."""
        try:
            with open(f'{self.base}/log', encoding='utf-8', errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def close(self):
        if self.machine:
            self.machine.run(argv=['sh', '-c', f'kill $(cat {self.base}/pid)'])
        elif self.process:
            self.process.kill()
            self.process.wait()


class Key:
    """A key of the agent's own. @line is what it asks a certificate for."""

    def __init__(self, world, name='id', kind='ed25519', comment='a comment'):
        self.path = os.path.join(world.base, name)
        subprocess.run(['ssh-keygen', '-q', '-t', kind, '-N', '', '-C', comment, '-f', self.path], check=True)
        with open(f'{self.path}.pub', encoding='utf-8') as file:
            self.line = file.read()

    def certify(self, certificate):
        """Keeps it where ssh finds it; the path."""
        path = f'{self.path}-cert.pub'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(certificate + '\n')
        return path

    def login(self, server, user, command='echo in', source='127.0.0.1'):
        """(exit status, what it printed): 255 is ssh's own failure."""
        process = subprocess.run(
            ['ssh', '-F', 'none', '-i', self.path, '-o', f'CertificateFile={self.path}-cert.pub', '-o', 'IdentitiesOnly=yes',
             '-o', 'IdentityAgent=none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o',
             'UserKnownHostsFile=/dev/null',
             '-o', 'LogLevel=ERROR', '-o', f'BindAddress={source}', '-p', str(server.port), f'{user}@127.0.0.1', command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE)
        return process.returncode, process.stdout
