# SPDX-License-Identifier: MIT
"""Programs that `countersign run` starts, and the person who is asked about them."""

import json
import os
import subprocess

import countersign
from lines import PATIENCE, Lines, Rpc
from tap import Skip, contains

MODULES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'node_modules')
FAKE_GITHUB = '''// A fake: what is meant for api.github.com goes to the site that the test plays.
const real = globalThis.fetch;
globalThis.fetch = (url, options) => real(String(url).replace('https://api.github.com', process.env.FAKE_GITHUB), options);
'''


class Started:
    """countersign run, begun; nothing has been approved yet."""

    def __init__(self, world, *words, env=None, directory=None):
        argv = [world.program('countersign'), 'run', *words]
        self.process = subprocess.Popen(argv, env={**world.env, **(env or {})}, cwd=directory or world.base, bufsize=0,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=True)
        world.parties.append(self)

    def line(self):
        """The next line on standard error."""
        return self.process.stderr.readline().decode()

    def end(self, text=b''):
        out, error = self.process.communicate(text, timeout=PATIENCE)
        assert not countersign.SANITIZER.search(error.decode('utf-8', 'replace')), error
        return self.process.returncode, out, error.decode()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


def asked(world):
    """The one request that waits, and its card."""
    request, = world.human(pin=True).pending()
    return request['request_id'], json.loads(request['card'])


def approve(world, **more):
    request_id, card = asked(world)
    world.grant(request_id, **more)
    return card


def facts(card, label):
    return [fact['value'] for fact in card['facts'] if fact['label'] == label]


class Server(Started, Rpc):
    """An MCP server that countersign run starts, spoken to by hand."""

    def __init__(self, world, *words, **options):
        Started.__init__(self, world, *words, **options)
        Rpc.__init__(self, Lines(self.process.stdout.fileno(), self.process.stdin.fileno()))


def confined(world, *words, options=('--secret', 'demo'), kind=Started, **more):
    """One that runs in the sandbox, once a person has been asked."""
    started = kind(world, *options, '--sandbox', '--', *words, **more)
    line = started.line()
    if 'not all of the sandbox' in line:
        raise Skip(line.strip())
    contains(line, 'waiting for a person')
    return started
