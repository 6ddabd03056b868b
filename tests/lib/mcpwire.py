# SPDX-License-Identifier: MIT
"""MCP on the wire, to the byte: what the two eras say, and a stdio server that is told it."""

import json

from lines import PATIENCE, Closed, Rpc
from parties import Child

LEGACY = ('2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25')
MODERN = '2026-07-28'
META = 'io.modelcontextprotocol/'
TASKS = {'extensions': {META + 'tasks': {}}}


def claim(version=MODERN, capabilities=None, **more):
    """The _meta that each request of the later era carries."""
    return {META + 'protocolVersion': version, META + 'clientCapabilities': capabilities or {}, **more}


def request(number, method, params=None):
    return {'jsonrpc': '2.0', 'id': number, 'method': method, **({} if params is None else {'params': params})}


def modern(number, method, params=None, capabilities=None, version=MODERN, meta=None):
    return request(number, method, {**(params or {}), '_meta': claim(version, capabilities, **(meta or {}))})


def initialize(number=0, version='2025-11-25', capabilities=None):
    return request(number, 'initialize', {'protocolVersion': version, 'capabilities': capabilities or {},
                                          'clientInfo': {'name': 'wire', 'version': '1'}})


class Wire(Child, Rpc):
    """A server on stdio to which nothing has been said."""

    def __init__(self, world, *arguments, argv=None, env=None):
        Child.__init__(self, world, argv or [world.program('countersign-mcp'), *arguments], 'wire', env)
        Rpc.__init__(self, self.lines)
        self.number = 100

    def say(self, *messages):
        """Each a line: bytes as they are, anything else as JSON."""
        self.lines.send_bytes(b''.join(m if isinstance(m, bytes) else json.dumps(m).encode() + b'\n' for m in messages))
        return self

    def next(self, patience=PATIENCE):
        """The next message, whatever it is."""
        message = self.lines.receive(patience)
        assert isinstance(message, list) or message.get('jsonrpc') == '2.0', message
        return message

    def reply(self, *messages):
        """Says this; what is answered next."""
        return self.say(*messages).next()

    def open(self, version='2025-11-25', capabilities=None):
        """The handshake; what was agreed on."""
        result = self.reply(initialize(0, version, capabilities))['result']
        self.say({'jsonrpc': '2.0', 'method': 'notifications/initialized'})
        return result

    def ask(self, method, params=None):
        """A request of the handshake era: its id."""
        self.number += 1
        self.say(request(self.number, method, params))
        return self.number

    def ask_modern(self, method, params=None, **options):
        self.number += 1
        self.say(modern(self.number, method, params, **options))
        return self.number

    def told(self, number, patience=PATIENCE):
        """The whole answer to a request; notifications are kept in `heard`."""
        while number not in self.answers:
            self.pump(patience)
        return self.answers.pop(number)[0]

    def call(self, tool, arguments=None, **params):
        """A tools/call of the handshake era: its id."""
        return self.ask('tools/call', {'name': tool, 'arguments': arguments or {}, **params})

    def call_modern(self, tool, arguments=None, capabilities=None, meta=None, **params):
        return self.ask_modern('tools/call', {'name': tool, 'arguments': arguments or {}, **params},
                               capabilities=capabilities, meta=meta)

    def silent(self):
        """Nothing was said before the answer to what is asked now: no waiting for what does not come."""
        number = self.ask_modern('server/discover')
        message = self.next()
        assert message.get('id') == number, message

    def ended(self, patience=PATIENCE):
        """The end of its output; its exit status."""
        try:
            message = self.lines.receive(patience)
        except Closed:
            return self.process.wait(patience)
        raise AssertionError(f'it still says {message!r}')

    def finish(self):
        """The end of input; its exit status."""
        self.process.stdin.close()
        return self.process.wait(PATIENCE)
