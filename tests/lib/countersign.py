# SPDX-License-Identifier: MIT
"""A world of its own for one test: folders, a broker, and those who talk to it.

Nothing outside it is touched: HOME and the XDG folders are fresh and private, and the broker is ended
by the pid that it told.
"""

import contextlib
import glob
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile

import parties
import tap
from lines import PATIENCE, Closed, Refused

STAGE = os.environ['COUNTERSIGN_STAGE']
PREFIX = os.path.join(STAGE, 'root', 'usr', 'local')
PASSPHRASE = 'correct horse battery staple'
PIN = '802461'
SANITIZER = re.compile(r'ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer|-CRITICAL \*\*|-ERROR \*\*')


def wait_gone(pidfd, patience=PATIENCE):
    """True when the process has ended within that time."""
    return bool(select.select([pidfd], [], [], patience)[0])


class Result:
    """What a command answered."""

    def __init__(self, process):
        self.status = process.returncode
        self.out = process.stdout.decode('utf-8', 'replace')
        self.err = process.stderr.decode('utf-8', 'replace')

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f'status {self.status}\n{self.out}{self.err}'


class World:
    """With init=False nothing is initialised. sdk_env: only the six variables that MCP SDKs pass on."""

    def __init__(self, init=True, sdk_env=False, secrets=('demo',), base=None):
        self.base = base or tempfile.mkdtemp(prefix='countersign-test-', dir=self._room())
        self.parties, self.pidfds, self.counts = [], {}, {}
        self.told = []
        home = self.folder('home')
        self.env = {'HOME': home, 'LOGNAME': 'tester', 'USER': 'tester', 'SHELL': '/bin/sh',
                    'PATH': f'{PREFIX}/bin:{os.environ["PATH"]}', 'TERM': 'dumb'}
        state = os.path.join(home, '.local', 'state')
        self.config = os.path.join(home, '.config', 'countersign')
        self.data = os.path.join(home, '.local', 'share', 'countersign')
        self.state = os.path.join(state, 'countersign')
        if sdk_env:
            if os.path.isdir(f'/run/user/{os.geteuid()}'):
                raise tap.Skip(f'/run/user/{os.geteuid()} exists and would be used; run as root')
            self.runtime = os.path.join(self.state, 'run')
        else:
            self.runtime = os.path.join(self.folder('run'), 'countersign')
            self.env['XDG_RUNTIME_DIR'] = os.path.dirname(self.runtime)
        self.agent_socket = os.path.join(self.runtime, 'agent.sock')
        self.human_socket = os.path.join(self.runtime, 'human.sock')
        self.store = os.path.join(self.data, 'store.db')
        self.audit = os.path.join(self.state, 'audit')
        if init:
            self.init()
            for name in secrets:
                self.secret(name, f'value-of-{name}')

    @staticmethod
    def _room():
        """Sockets need a short path; memory spares the disk."""
        return '/dev/shm' if os.access('/dev/shm', os.W_OK | os.X_OK) else '/var/tmp'

    def folder(self, name, mode=0o700):
        path = os.path.join(self.base, name)
        os.mkdir(path, mode)
        return path

    def keep(self, name):
        """A path below base for what somebody writes; read again by check() and story()."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return os.path.join(self.base, f'{name}-{self.counts[name]}.err')

    @staticmethod
    def program(name):
        if name.startswith('/'):
            return name
        return os.path.join(PREFIX, 'bin' if name in ('countersign', 'countersign-mcp') else 'libexec/countersign',
                            name)

    # --- the command line ---

    def cli(self, *arguments, stdin=b'', pin=None, passphrase=None, new=None, status=0, env=None, program='countersign',
            **options):
        """Runs countersign. pin, passphrase and new (--new-…-fd) go by descriptor; True: the right one. A status other
        than expected (None: any) is a failure."""
        argv, passed = [self.program(program), *arguments], []
        for option, value, right in (('--pin-fd', pin, PIN), ('--passphrase-fd', passphrase, PASSPHRASE)):
            if value is not None:
                reader, writer = os.pipe()
                os.write(writer, (right if value is True else value).encode() + b'\n')
                os.close(writer)
                argv += [option, str(reader)]
                passed.append(reader)
        if new is not None:
            reader, writer = os.pipe()
            os.write(writer, new[1].encode() + b'\n')
            os.close(writer)
            argv += [new[0], str(reader)]
            passed.append(reader)
        process = subprocess.run(argv, input=stdin if isinstance(stdin, bytes) else stdin.encode(),
                                 capture_output=True, pass_fds=passed, timeout=PATIENCE * 2, check=False,
                                 env=self.env if env is None else env, cwd=self.base, **options)
        for fd in passed:
            os.close(fd)
        result = Result(process)
        self.told.append(f'$ countersign {" ".join(arguments)}\n{result}')
        if SANITIZER.search(result.err):
            raise AssertionError(result)
        if status is not None and result.status != status:
            raise AssertionError(f'countersign {" ".join(arguments)}: {result}')
        return result

    def init(self, *arguments):
        self.cli('init', *arguments, passphrase=True, pin=True)
        return self.learn()

    def unlock(self, *arguments):
        self.cli('unlock', *arguments, passphrase=True)
        return self.learn()

    def secret(self, name, value):
        self.cli('secret', 'set', name, stdin=value, pin=True)

    def status(self):
        return self.human().call('status')

    def learn(self):
        """Notes the pid of the broker that runs now, so that it can be waited for and ended; returns it."""
        pid = self.status()['pid']
        if pid not in self.pidfds:
            self.pidfds[pid] = os.pidfd_open(pid)
        return pid

    def wait_gone(self, pid, patience=PATIENCE):
        if not wait_gone(self.pidfds[pid], patience):
            raise AssertionError(f'process {pid} has not ended')

    def kill_broker(self, number=signal.SIGKILL):
        """Ends the newest broker by signal and waits until it has ended."""
        pid = list(self.pidfds)[-1]
        signal.pidfd_send_signal(self.pidfds[pid], number)
        self.wait_gone(pid)

    # --- those who take part ---

    def agent(self, **options):
        return parties.Agent(self, **options)

    def human(self, pin=None):
        """A connection to human.sock; pin=True authenticates."""
        return parties.Human(self, PIN if pin is True else pin)

    def mcp(self, **options):
        return parties.Mcp(self, **options)

    def official(self, sdk='v2', **options):
        return parties.Official(self, sdk, **options)

    def terminal(self, *arguments, **options):
        return parties.Terminal(self, *arguments, **options)

    def grant(self, request_id, **more):
        """The person says yes to a held request, by hand."""
        human = self.human(pin=True)
        request = next(r for r in human.pending() if r['request_id'] == request_id)
        return human.decide(request, pin=PIN, **more)

    def records(self):
        """The audit trail's records, in order."""
        lines = []
        for segment in sorted(glob.glob(os.path.join(self.audit, '*.log'))
                              or glob.glob(os.path.join(self.audit, '*.jsonl'))):
            with open(segment, encoding='utf-8') as file:
                lines += [json.loads(line) for line in file if line.endswith('\n')]
        return lines

    # --- the end ---

    def logs(self):
        for folder, _, names in os.walk(self.base):
            for name in names:
                if name.endswith(('.err', 'broker.log')):
                    with open(os.path.join(folder, name), encoding='utf-8', errors='replace') as file:
                        yield name, file.read()

    def stop(self):
        """Asks the broker that runs, if one does, to end; what it leaks is told as it ends."""
        if self.pidfds and not wait_gone(list(self.pidfds.values())[-1], 0):
            pid = self.learn()
            self.human().call('shutdown', {'reason': 'stop'})
            self.wait_gone(pid)

    def check(self):
        """Fails when any program of ours has been caught by a sanitizer, or by GLib."""
        self.stop()
        for name, text in self.logs():
            found = SANITIZER.search(text)
            if found:
                raise AssertionError(f'{name}: {text[found.start():][:6000]}')

    def story(self):
        """What was said, for a case that failed."""
        text = ''.join(self.told[-6:])
        for name, log in self.logs():
            if log.strip():
                text += f'--- {name}\n{log[-4000:]}\n'
        return text

    def close(self):
        # A case that failed may have left a broker that it did not expect.
        with contextlib.suppress(OSError, Closed, Refused, TimeoutError):
            self.learn()
        for party in self.parties:
            try:
                party.close()
            except (OSError, Closed) as error:
                tap.note(f'while closing: {error}')
        for pidfd in self.pidfds.values():
            if not wait_gone(pidfd, 0):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                wait_gone(pidfd)
            os.close(pidfd)
        shutil.rmtree(self.base, ignore_errors=True)


def main():
    """Runs the cases of the calling script."""
    sys.exit(tap.run(World))
