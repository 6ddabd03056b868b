# SPDX-License-Identifier: MIT
"""integration/served-mcp.c, and those who speak MCP to it over HTTP, to the byte."""

import json
import os
import select
import socket

import countersign
from httpserve import Wire
from lines import PATIENCE
from parties import Child
from tap import equal

SERVED = os.path.join(countersign.STAGE, 'tests', 'integration', 'served-mcp')
JSON, EVENTS = 'application/json', 'text/event-stream'
LEGACY, MODERN = '2025-11-25', '2026-07-28'
META = 'io.modelcontextprotocol/'


def modern(method, params=None, number=1, version=MODERN, capabilities=None):
    """A request that says for itself of which version it is."""
    meta = {f'{META}protocolVersion': version, f'{META}clientCapabilities': capabilities or {},
            **(params or {}).get('_meta', {})}
    return {'jsonrpc': '2.0', 'id': number, 'method': method, 'params': {**(params or {}), '_meta': meta}}


def legacy(method, params=None, number=1):
    return {'jsonrpc': '2.0', 'id': number, 'method': method, **({} if params is None else {'params': params})}


def hello(version=LEGACY, number=0):
    return legacy('initialize', {'protocolVersion': version, 'capabilities': {}, 'clientInfo': {'name': 'test', 'version': '1'}},
                  number)


def tool(name, number=1, token=None, **arguments):
    """What tools/call wants, for either era."""
    return {'name': name, 'arguments': arguments, **({'_meta': {'progressToken': token}} if token is not None else {})}


def said(answer):
    """The text with which the tool answered."""
    return json.loads(answer['result']['content'][0]['text'])['said']


class Line(Wire):
    """A connection to it."""

    def post(self, message, headers=(), **options):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.request('POST', '/mcp', {'Content-Type': JSON, 'Accept': f'{JSON}, {EVENTS}', **dict(headers)}, body, **options)

    def ask(self, method, params=None, number=1, headers=(), **options):
        """As of 2026-07-28."""
        name = (params or {}).get('name')
        return self.post(modern(method, params, number),
                         {'MCP-Protocol-Version': MODERN, 'Mcp-Method': method, **({'Mcp-Name': name} if name else {}), **dict(headers)},
                         **options)

    def call(self, name, number=1, headers=(), token=None, **arguments):
        return self.ask('tools/call', tool(name, token=token, **arguments), number, headers)

    # --- streams ---

    def head(self):
        """Reads the answer's head alone: status and headers."""
        while b'\r\n\r\n' not in self.bytes:
            if not self._more():
                raise AssertionError(f'no answer: {self.bytes!r}')
        lines, self.bytes = self.bytes.split(b'\r\n\r\n', 1)
        first, *rest = lines.decode().split('\r\n')
        headers = {name.lower(): value for name, value in (line.split(': ', 1) for line in rest)}
        self.chunked = headers.get('transfer-encoding') == 'chunked'
        self.stream = b''
        return int(first.split(' ')[1]), headers

    def begun(self):
        """The head of a stream of events, with its headers."""
        status, headers = self.head()
        equal((status, headers['content-type'], headers['x-accel-buffering'], headers['cache-control']),
              (200, EVENTS, 'no', 'no-store'))
        return headers

    def _chunk(self):
        """The next part of the stream; None at its end."""
        if not self.chunked:
            if not self.bytes and not self._more():
                return None
            part, self.bytes = self.bytes, b''
            return part
        while b'\r\n' not in self.bytes:
            if not self._more():
                raise AssertionError('the stream broke')
        size, rest = self.bytes.split(b'\r\n', 1)
        size = int(size, 16)
        while len(rest) < size + 2:
            if not self._more():
                raise AssertionError('the stream broke')
            rest = self.bytes.split(b'\r\n', 1)[1]
        equal(rest[size:size + 2], b'\r\n')
        self.bytes = rest[size + 2:]
        return rest[:size] if size else None

    def event(self):
        """The next event, {field: value}, with data as JSON; {} for a comment; None: the stream has ended."""
        while b'\n\n' not in self.stream:
            chunk = self._chunk()
            if chunk is None:
                equal(self.stream, b'', 'half an event')
                return None
            self.stream += chunk
        text, self.stream = self.stream.split(b'\n\n', 1)
        fields = dict(line.split(': ', 1) for line in text.decode().split('\n') if not line.startswith(':'))
        if fields.get('data'):
            fields['data'] = json.loads(fields['data'])
        return fields

    def told(self):
        """The message of the next event that has one."""
        while True:
            event = self.event()
            if event is None or event.get('data'):
                return event and event['data']

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)
        return self


class Session:
    """One of the handshake era."""

    def __init__(self, served, version=LEGACY, who=None):
        self.served, self.version, self.who = served, version, who
        answer = served.line().post(hello(version), self._who()).answer()
        equal((answer.status, answer.json()['result']['protocolVersion']), (200, version))
        self.id = answer.headers['mcp-session-id']
        equal(self.post({'jsonrpc': '2.0', 'method': 'notifications/initialized'}).answer().status, 202)

    def _who(self):
        return {'Authorization': f'Bearer {self.who}'} if self.who else {}

    def headers(self, **more):
        return {'Mcp-Session-Id': self.id, 'MCP-Protocol-Version': self.version, **self._who(), **more}

    def post(self, message, headers=(), line=None):
        return (line or self.served.line()).post(message, {**self.headers(), **dict(headers)})

    def call(self, name, number=1, token=None, line=None, **arguments):
        return self.post(legacy('tools/call', tool(name, token=token, **arguments), number), line=line)

    def get(self, event=None, accept=EVENTS, line=None):
        headers = {'Accept': accept, **({'Last-Event-ID': event} if event is not None else {})}
        return (line or self.served.line()).request('GET', '/mcp', {**self.headers(), **headers})

    def delete(self):
        return self.served.line().request('DELETE', '/mcp', self.headers())


class Served(Child):
    def __init__(self, world, *arguments, env=None):
        Child.__init__(self, world, [SERVED, *map(str, arguments)], 'served', env)
        self.world, self.address = world, '127.0.0.1'
        self.heard, self.rest = [], b''
        self.url = self.next('serving')
        self.port = int(self.url.rsplit(':', 1)[1])

    def line(self, **options):
        line = Line(self, **options)
        self.world.parties.append(line)
        return line

    def say(self, *words):
        self.process.stdin.write((' '.join(map(str, words)) + '\n').encode())

    def next(self, *words):
        """Waits until it tells of this: the rest of the first line that begins so."""
        start = ' '.join(words)
        while True:
            for at, line in enumerate(self.heard):
                if line == start or line.startswith(start + ' '):
                    del self.heard[at]
                    return line[len(start) + 1:]
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                raise AssertionError(f'it never told of {start}')
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                raise AssertionError(f'it ended, and never told of {start}')
            *lines, self.rest = (self.rest + piece).split(b'\n')
            self.heard += [line.decode() for line in lines]

    def drain(self):
        """Forgets what it has told so far."""
        while select.select([self.process.stdout], [], [], 0)[0] and os.read(self.process.stdout.fileno(), 65536):
            pass

    def end(self):
        """Lets it end by itself."""
        self.process.stdin.close()
        equal(self.process.wait(PATIENCE), 0)

    def close(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(15)
        except Exception:
            self.kill()
