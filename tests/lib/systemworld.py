# SPDX-License-Identifier: MIT
"""A world whose broker is the system's: this script is alice, the broker runs as countersign, root is asked by Machine."""

import json
import os
import shutil
import sys

import countersign
import machine
import tap

MACHINE = machine.Machine()


class World(countersign.World):
    """start=False: there is no broker yet. workers: which of them can be had."""

    def __init__(self, init=True, secrets=('demo',), start=True, arguments=(), workers=()):
        MACHINE.reset()
        self.broker = None
        super().__init__(init=False)
        del self.env['XDG_RUNTIME_DIR']
        self.runtime = os.path.join(machine.RUNTIME, 'alice')
        self.state = os.path.join(machine.STATE, 'alice')
        self.agent_socket = os.path.join(self.runtime, 'agent.sock')
        self.human_socket = os.path.join(self.runtime, 'human.sock')
        self.control_socket = os.path.join(self.runtime, 'control.sock')
        self.store = os.path.join(self.state, 'store.db')
        self.audit = os.path.join(self.state, 'audit')
        if workers:
            self.listen(kinds=workers)
        if start:
            self.start(arguments=arguments)
        if start and init:
            self.init()
            for name in secrets:
                self.secret(name, f'value-of-{name}')

    def listen(self, **options):
        """The sockets of alice's workers."""
        if shutil.which('systemd-socket-activate') is None:
            raise tap.Skip('there is no systemd-socket-activate')
        errors = self.keep('workers')
        with open(errors, 'wb'):
            pass
        MACHINE.listen(person='alice', errors=errors, **options)

    def start(self, **options):
        """The system broker for alice, which listens when this returns. Returns its pid."""
        errors = self.keep('broker')
        self.broker = MACHINE.start(person='alice', errors=errors, **options)
        self.pidfds[self.broker] = os.pidfd_open(self.broker)
        if countersign.wait_gone(self.pidfds[self.broker], 0):
            raise AssertionError(self.story())
        return self.broker

    def broken_start(self, **options):
        """A start that must fail: its exit status and what it said."""
        errors = self.keep('broker')
        pid = MACHINE.start(person=options.pop('person', 'alice'), errors=errors, **options)
        status = MACHINE.wait(pid=pid)
        with open(errors, encoding='utf-8') as file:
            return status, file.read()

    def records(self):
        """The trail, which alice cannot read."""
        status, out, err = MACHINE.run(argv=['sh', '-c', f'cat {self.audit}/*.jsonl'])
        if status != 0:
            raise AssertionError(err)
        return [json.loads(line) for line in out.splitlines()]

    def events(self, *names):
        return [record for record in self.records() if record['event'] in names]

    def stop(self):
        if self.broker is not None and not countersign.wait_gone(self.pidfds[self.broker], 0):
            MACHINE.end(pid=self.broker)
        self.broker = None

    def close(self):
        self.broker = None
        for party in self.parties:
            party.close()
        self.parties = []
        MACHINE.reset()
        super().close()


def main():
    """Runs the cases of the calling script."""
    sys.exit(tap.run(World))
