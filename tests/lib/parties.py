# SPDX-License-Identifier: MIT
"""Who takes part in a test: agents, MCP clients, and the person."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys

import pexpect

from lines import PATIENCE, Closed, Lines, Rpc
from tap import Skip

HERE = os.path.dirname(os.path.abspath(__file__))


class Child:
    """A child process with pipes, whose stderr is kept in a file."""

    def __init__(self, world, argv, name, env=None, cwd=None, **options):
        self.errors = world.keep(name)
        with open(self.errors, 'wb') as errors:
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=errors, bufsize=0, env=world.env if env is None else env,
                                            cwd=cwd or world.base, **options)
        self.pid = self.process.pid
        self.lines = Lines(self.process.stdout.fileno(), self.process.stdin.fileno())
        world.parties.append(self)

    def kill(self, number=signal.SIGKILL):
        """Ends it now and reaps it."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self):
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()


class Agent(Child, Rpc):
    """A process of its own that speaks to agent.sock by hand."""

    def __init__(self, world, hello=True, claim=None, sock=None, program=None, **options):
        """program: a copy of Python that it runs instead."""
        Child.__init__(self, world, [program or sys.executable, os.path.join(HERE, 'relay.py'),
                                     sock or world.agent_socket], 'agent', **options)
        Rpc.__init__(self, self.lines)
        self.greeting = None
        if hello:
            self.greeting = self.call('hello', {'version': 1, 'role': 'agent',
                                                **({'client': claim} if claim else {})})

    def ask(self, name, purpose='a test', **arguments):
        """Begins a get_secret; returns the call's id."""
        return self.start('get_secret', {'name': name, 'purpose': purpose, **arguments})

    def held(self, call):
        """Waits until the broker says that this call waits for a person."""
        return self.hear('held', id=call)

    def first(self, call):
        """What comes first: the answer, or None when the call waits for a person."""
        while call not in self.answers:
            if any(m['method'] == 'held' and m['params']['id'] == call for m in self.heard):
                return None
            self.pump()
        return self.answer(call)


class Socket(Rpc):
    """This very process on one of the broker's sockets; can pass descriptors."""

    def __init__(self, world, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(path)
        Rpc.__init__(self, Lines(self.sock.fileno(), self.sock.fileno(), self.sock))
        world.parties.append(self)

    def close(self):
        self.sock.close()


class Human(Socket):
    """The person's side, spoken by hand: for what the command line does not show."""

    def __init__(self, world, pin=None):
        Socket.__init__(self, world, world.human_socket)
        self.greeting = self.call('hello', {'version': 1, 'role': 'human'})
        if pin is not None:
            self.call('authenticate', {'pin': pin})

    def pages(self, method):
        """All of a list that comes in pages."""
        found, answer = [], {'next': 0}
        while 'next' in answer:
            answer = self.call(method, {'skip': answer['next']} if answer['next'] else None)
            found += next(value for value in answer.values() if isinstance(value, list))
        return found

    def pending(self):
        return self.pages('pending')

    def decide(self, request, verdict='grant', **more):
        """Answers a request as `pending` or a `held` notification gave it. Returns the result."""
        text = request['card']
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self.call('decide', {'request_id': request['request_id'], 'verdict': verdict,
                                    'card_digest': digest, **more})


class Mcp(Child, Rpc):
    """countersign-mcp, spoken to by hand."""

    def __init__(self, world, env=None, initialize=True, arguments=(), argv=None, version='2025-11-25', **options):
        Child.__init__(self, world, argv or [world.program('countersign-mcp'), *arguments], 'mcp', env, **options)
        Rpc.__init__(self, self.lines)
        if initialize:
            self.initialized = self.call('initialize', {
                'protocolVersion': version, 'capabilities': {},
                'clientInfo': {'name': 'by-hand', 'version': '1'}})
            self.notify('notifications/initialized', {})

    def tool(self, name, arguments=None, **options):
        return self.call('tools/call', {'name': name, 'arguments': arguments or {}}, **options)


# A program that root alone can change, that is no interpreter, and that starts another: to the broker it is who asks.
STEADY = '/usr/bin/flock'


class Program(Mcp):
    """countersign-mcp as the program at STEADY has started it, for which a rule can be made for always."""

    def __init__(self, world):
        Child.__init__(self, world, [STEADY, world.keep('lock'), world.program('countersign-mcp')], 'program')
        Rpc.__init__(self, self.lines)
        self.call('initialize', {'protocolVersion': '2025-11-25', 'capabilities': {},
                                 'clientInfo': {'name': 'program', 'version': '1'}})
        self.notify('notifications/initialized', {})

    def begin(self, tool, **arguments):
        return self.start('tools/call', {'name': tool, 'arguments': {'purpose': 'a test', **arguments}})


def node():
    """The Node that the npm packages of package.json run in."""
    modules = os.path.join(HERE, '..', 'node_modules')
    if not os.path.isdir(modules):
        raise Skip('the npm packages of tests/package.json are not installed; tests/run installs them')
    return next((path for path in (os.path.join(modules, f'node-linux-{machine}', 'bin', 'node')
                                   for machine in ('x64', 'arm64')) if os.access(path, os.X_OK)),
                shutil.which('node'))


class Official(Child):
    """The official TypeScript client in Node, with countersign-mcp as its server."""

    def __init__(self, world, sdk='v2', env=None, arguments=(), argv=None, **options):
        server = argv or [world.program('countersign-mcp'), *arguments]
        Child.__init__(self, world, [node(), os.path.join(HERE, 'client.mjs'), sdk, *server], f'official-{sdk}', env,
                       **options)
        self.answers, self.last = {}, 0
        self.progress = []
        self.connected = self.lines.receive()

    def start(self, name, arguments=None, **more):
        self.last += 1
        self.lines.send({'id': self.last, 'call': name, 'arguments': arguments or {}, **more})
        return self.last

    def order(self, **order):
        """Any other order of client.mjs's."""
        self.last += 1
        self.lines.send({'id': self.last, **order})
        return self.last

    def answer(self, call, patience=PATIENCE):
        """The whole message for a call: it has `result` or `error`."""
        while call not in self.answers:
            message = self.lines.receive(patience)
            if message.get('closed'):
                raise Closed('the server ended')
            if 'progress' in message:
                self.progress.append(message)
            else:
                self.answers[message['id']] = message
        return self.answers[call]

    def tool(self, name, arguments=None, **more):
        message = self.answer(self.start(name, arguments, **more))
        if 'error' in message:
            raise AssertionError(f'{name}: {message["error"]}')
        return message['result']


class Terminal(pexpect.spawn):
    """A command of the person's on a terminal of its own."""

    def __init__(self, world, *arguments, env=None, term='xterm', program='countersign'):
        super().__init__(world.program(program), list(arguments),
                         env={**(world.env if env is None else env), 'TERM': term}, cwd=world.base,
                         timeout=PATIENCE, encoding='utf-8', dimensions=(50, 132))
        self.story = open(world.keep('terminal'), 'w', encoding='utf-8')
        self.logfile_read = self.story
        world.parties.append(self)

    def __str__(self):
        return f'countersign {" ".join(arg.decode() for arg in self.args[1:])}'

    def close(self, force=True):
        try:
            super().close(force)
        except pexpect.ExceptionPexpect:
            self.wait()  # killed by then, but on a busy machine not within the tenth of a second that it is given
        self.story.close()
