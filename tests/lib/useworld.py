# SPDX-License-Identifier: MIT
"""A world whose broker is the system's, with a service and the workers that carry out what uses a credential."""

import contextlib
import os
import select
import sys

import httpservice
import systemworld
import tap
from systemworld import MACHINE
from tap import equal

BOTH = ('http', 'exec')


class World(httpservice.ServiceWorld, systemworld.World):
    """A service at a site on this machine, and workers. Options are those of both."""

    def __init__(self, workers=BOTH, **options):
        super().__init__(workers=workers, **options)

    def command(self, agent, *argv, secrets=(), **more):
        """Begins a run_command; the call's id."""
        return agent.start('run_command', {'command': list(argv), 'secrets': list(secrets), 'purpose': 'a test', **more})

    def ran(self, agent, *argv, **more):
        """A command for which a person was asked, and said yes: its result."""
        call = self.command(agent, *argv, **more)
        if agent.first(call) is None:
            self.grant(agent.held(call)['request_id'])
        answer = agent.answer(call)
        equal(answer['status'], 'completed', answer)
        return answer['result']


def root_does(script):
    status, _, err = MACHINE.run(argv=['sh', '-ec', script])
    equal((status, err), (0, ''), script)


def running(*argv):
    """Pids of the processes with exactly these arguments."""
    found = []
    for name in os.listdir('/proc'):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f'/proc/{name}/cmdline', 'rb') as file:
                if file.read().split(b'\0')[:-1] == [word.encode() for word in argv]:
                    found.append(int(name))
    return found


def wait_running(*argv):
    while not running(*argv):
        select.select([], [], [], 0.02)
    return running(*argv)


def main():
    """Runs the cases of the calling script."""
    sys.exit(tap.run(World))
