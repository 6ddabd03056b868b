# SPDX-License-Identifier: MIT
"""Where an audit trail is sent to: a real rsyslogd, a real systemd-journald, and a receiver that does what a case says."""

import contextlib
import fcntl
import glob
import hashlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile

import countersign
import httpsite
from lines import PATIENCE
from tap import Skip

RSYSLOGD, JOURNALD = '/usr/sbin/rsyslogd', '/lib/systemd/systemd-journald'

TOLD = '''
module(load="mmpstrucdata")
template(name="told" type="list" option.jsonf="on") {
  property(outname="pri" name="pri" format="jsonf")
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="procid" name="procid" format="jsonf")
  property(outname="msgid" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="parsed" name="$!rfc5424-sd" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
action(type="mmpstrucdata")
action(type="ompipe" pipe="@PIPE@" template="told")
'''
INPUTS = {
    'unix': 'module(load="imuxsock" SysSock.Use="off")\n'
            'input(type="imuxsock" Socket="@FOLDER@/log" UseSpecialParser="off" ParseHostname="on" RateLimit.Interval="0" UseSysTimeStamp="off" IgnoreTimestamp="off")\n',
    'udp': 'module(load="imudp")\ninput(type="imudp" port="@PORT@" address="127.0.0.1")\n',
    'tcp': 'module(load="imtcp")\ninput(type="imtcp" port="@PORT@" address="127.0.0.1")\n',
    'tls': 'global(DefaultNetstreamDriverCAFile="@FOLDER@/ca.pem" DefaultNetstreamDriverCertFile="@CERTIFICATE@" '
           'DefaultNetstreamDriverKeyFile="@CERTIFICATE@")\n'
           'module(load="imtcp" StreamDriver.Name="@DRIVER@" StreamDriver.Mode="1" StreamDriver.AuthMode="@WHO@"@PEER@)\n'
           'input(type="imtcp" port="@PORT@" address="127.0.0.1")\n',
}


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(('127.0.0.1', 0))
        return found.getsockname()[1]


def wait_for(watched, what):
    """Waits until a program that does not tell is ready; less long when it has ended."""
    while not what():
        if watched.poll() is not None:
            raise AssertionError(f'{watched.args[0]} has ended: {watched.returncode}')
        select.select([], [], [], 0.05)


class Rsyslog:
    """rsyslogd, listening in one way; lines() are the messages as it has parsed them. clients=True: it takes TLS only from
    who has a certificate for client.test."""

    def __init__(self, world, kind, driver='gtls', names=('127.0.0.1',), clients=False):
        if not os.path.exists(RSYSLOGD):
            raise Skip('there is no rsyslogd')
        self.folder = tempfile.mkdtemp(prefix='rsyslog-', dir=world.base)
        self.kind, self.pipe_path = kind, os.path.join(self.folder, 'pipe')
        self.authority = httpsite.Authority()
        self.ca = os.path.join(self.folder, 'ca.pem')
        with open(self.ca, 'w', encoding='ascii') as file:
            file.write(self.authority.pem)
        self.port = free_port(socket.SOCK_DGRAM if kind == 'udp' else socket.SOCK_STREAM)
        os.mkfifo(self.pipe_path)
        self.pipe = os.open(self.pipe_path, os.O_RDWR)
        # rsyslogd drops what does not fit.
        fcntl.fcntl(self.pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
        self.rest = b''
        certificate = self.authority.site(self.folder, names) if kind == 'tls' else ''
        text = (INPUTS[kind] + TOLD).replace('@FOLDER@', self.folder).replace('@PORT@', str(self.port)) \
            .replace('@PIPE@', self.pipe_path).replace('@CERTIFICATE@', certificate).replace('@DRIVER@', driver) \
            .replace('@WHO@', 'x509/name' if clients else 'anon') \
            .replace('@PEER@', ' PermittedPeer="client.test"' if clients else '')
        with open(os.path.join(self.folder, 'conf'), 'w', encoding='utf-8') as file:
            file.write(f'global(workDirectory="{self.folder}")\n{text}')
        world.parties.append(self)
        self.process = None
        self.start()

    @property
    def to(self):
        return f'syslog:{self.folder}/log' if self.kind == 'unix' else f'syslog:{self.kind}:127.0.0.1:{self.port}'

    def start(self):
        if os.path.exists(os.path.join(self.folder, 'log')):
            os.unlink(os.path.join(self.folder, 'log'))
        with open(os.path.join(self.folder, 'said'), 'a', encoding='utf-8') as said:
            self.process = subprocess.Popen(
                [RSYSLOGD, '-n', '-f', os.path.join(self.folder, 'conf'), '-i', os.path.join(self.folder, 'pid')],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        wait_for(self.process, self._listens)

    def _listens(self):
        if self.kind == 'unix':
            return os.path.exists(os.path.join(self.folder, 'log'))
        with open(f'/proc/net/{"udp" if self.kind == "udp" else "tcp"}', encoding='ascii') as file:
            return any(line.split()[1] == f'0100007F:{self.port:04X}' for line in file.readlines()[1:])

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def lines(self, until):
        """What it has taken, until one fits."""
        told = []
        while not told or not until(told[-1]):
            while b'\n' not in self.rest:
                if not select.select([self.pipe], [], [], PATIENCE)[0]:
                    raise AssertionError(f'no message: {told[-3:]}\n{self.said()}')
                self.rest += os.read(self.pipe, 1 << 16)
            line, self.rest = self.rest.split(b'\n', 1)
            told.append(parse(line))
        return told

    def said(self):
        with open(os.path.join(self.folder, 'said'), encoding='utf-8') as file:
            return file.read()[-2000:]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        os.close(self.pipe)


@contextlib.contextmanager
def open_trail(world):
    """A function that puts a record behind the last, with a text in the open, as the broker would write it but for its MAC,
    at which a sink does not look. Returns its number."""
    path = sorted(glob.glob(os.path.join(world.audit, '*.jsonl')))[-1]
    with open(path, 'rb') as file:
        last = file.read().splitlines()[-1]

    def spell(text):
        text = text.replace('\\', '\\\\').replace('"', '\\"')
        return re.sub('[\x01-\x1f\x7f]', lambda match: f'\\u{ord(match[0]):04x}', text)

    def append(text):
        nonlocal last
        seq = json.loads(last)['seq'] + 1
        last = (f'{{"seq":{seq},"time":"2026-11-21T09:30:00.123Z","event":"x","code":"{spell(text)}",'
                f'"prev":"{hashlib.sha256(last).hexdigest()}","mac":"{"0" * 64}"}}').encode()
        file.write(last + b'\n')
        return seq

    with open(path, 'ab') as file:
        yield append


def parse(line):
    told = json.loads(line)
    told['ours'] = json.loads(told.pop('parsed')).get('countersign@32473', {}) if told.get('parsed') else {}
    return told


class Journal:
    """systemd-journald, with folders of its own; entries() are what journalctl reads."""

    def __init__(self, world):
        bwrap = shutil.which('bwrap')
        if bwrap is None or not os.path.exists(JOURNALD):
            raise Skip('there is no bubblewrap, or no systemd-journald')
        self.folder = tempfile.mkdtemp(prefix='journal-', dir=world.base)
        self.run = os.path.join(self.folder, 'run')
        os.makedirs(os.path.join(self.run, 'systemd', 'journal'))
        os.makedirs(os.path.join(self.run, 'log', 'journal'))
        self.command = [bwrap, '--dev-bind', '/', '/', '--unshare-user', '--uid', '0', '--gid', '0', '--unshare-ipc',
                        '--bind', self.run, '/run', '--tmpfs', '/var/log', '--die-with-parent']
        tried = subprocess.run([*self.command, 'true'], capture_output=True, check=False)
        if tried.returncode != 0:
            raise Skip(f'no journal of its own: {tried.stderr.decode().strip()}')
        self.socket = os.path.join(self.run, 'systemd', 'journal', 'socket')
        world.parties.append(self)
        self.process = None
        self.start()

    @property
    def to(self):
        return f'journald:{self.socket}'

    def start(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = subprocess.Popen([*self.command, JOURNALD], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for(self.process, lambda: os.path.exists(self.socket))

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def follow(self, until):
        """Its entries from us, until one fits."""
        reader = subprocess.Popen(['journalctl', '-D', os.path.join(self.run, 'log', 'journal'), '-o', 'json', '-a', '--no-pager', '-f',
                                   '-n', 'all', '-t', 'countersign'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        told = []
        try:
            while not told or not until(told[-1]):
                if not select.select([reader.stdout], [], [], PATIENCE)[0]:
                    raise AssertionError(f'no entry: {told[-3:]}')
                told.append(json.loads(reader.stdout.readline()))
        finally:
            reader.kill()
            reader.wait()
            reader.stdout.close()
        return told

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


class Exporter:
    """countersign audit export --to …, begun."""

    def __init__(self, world, to, *options, follow=True):
        argv = [world.program('countersign'), 'audit', 'export', '--to', to, *(['--follow'] if follow else []), *options]
        self.process = subprocess.Popen(argv, env=world.env, cwd=world.base, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        self.heard = b''
        world.parties.append(self)

    def says(self, part):
        """Waits until it has said that on standard error."""
        while part.encode() not in self.heard:
            if not select.select([self.process.stderr], [], [], PATIENCE)[0]:
                raise AssertionError(f'{part!r} was not said: {self.heard!r}')
            more = os.read(self.process.stderr.fileno(), 1 << 16)
            if not more:
                raise AssertionError(f'{part!r} was not said: {self.heard!r}')
            self.heard += more

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        rest = self.process.communicate(timeout=PATIENCE)[1]
        assert not countersign.SANITIZER.search((self.heard + rest).decode('utf-8', 'replace')), self.heard + rest


class Receiver:
    """A syslog server that the case plays, over TCP: what it does with a connection is the case's."""

    def __init__(self, world):
        self.server = socket.create_server(('127.0.0.1', 0))
        self.port = self.server.getsockname()[1]
        self.server.settimeout(PATIENCE)
        world.parties.append(self)

    @property
    def to(self):
        return f'syslog:tcp:127.0.0.1:{self.port}'

    def accept(self):
        connection, _ = self.server.accept()
        connection.settimeout(PATIENCE)
        return connection

    def close(self):
        self.server.close()


def frames(data):
    """The messages of a stream (RFC 6587, octet counting)."""
    found = []
    while data:
        length, data = data.split(b' ', 1)
        assert len(data) >= int(length), (length, data)
        found.append(data[:int(length)])
        data = data[int(length):]
    return found


def read_all(connection):
    data = b''
    while True:
        more = connection.recv(1 << 16)
        if not more:
            return data
        data += more


def something(world, n=1):
    """Requests, granted; the number of the trail's last record."""
    for _ in range(n):
        agent = world.agent()
        call = agent.ask('demo', 'to have something to tell')
        world.grant(agent.held(call)['request_id'])
        agent.answer(call)
    return world.records()[-1]['seq']


def export(world, to, *options, **more):
    return world.cli('audit', 'export', '--to', to, *options, **more)


def cursors(world):
    """What each sink has got to."""
    found = {}
    for path in glob.glob(os.path.join(world.audit, 'sink-*.json')):
        with open(path, encoding='utf-8') as file:
            found[os.path.basename(path)[5:-5]] = json.load(file)
    return found
