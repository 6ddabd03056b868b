# SPDX-License-Identifier: MIT
"""A World in which tools are called over HTTP: whose tokens count, a server, and those who call."""

import http.client
import json
import socket

import countersign
import httpserve
import issuerworld
from lines import PATIENCE
from tap import equal

POLICY = '''deny reveal
ask { list_secrets get_secret http_request mint_token store_secret } max 1h
'''
FILE = '''issuer {issuer}
audience resource
algorithm {algorithms}
network loopback
'''
MODERN = '2026-07-28'
LEGACY = '2025-11-25'
META = 'io.modelcontextprotocol/'
ACCEPT = 'application/json, text/event-stream'


class Reply:
    """An answer over HTTP: JSON, or what a stream of events carried."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read().decode()
        streams = self.headers.get('content-type', '').startswith('text/event-stream')
        texts = [line[5:] for line in self.body.splitlines() if line.startswith('data:')] if streams else [self.body]
        self.messages = [json.loads(text) for text in texts if text.strip()]

    def result(self):
        """What the last message says; a refusal of JSON-RPC's is a failure."""
        if self.status != 200 or 'result' not in self.messages[-1]:
            raise AssertionError(self)
        return self.messages[-1]['result']

    def tool(self):
        return self.result()['structuredContent']

    def __repr__(self):
        return f'{self.status} {self.headers} {self.body[:2000]}'


class Caller:
    """Who calls with a token. Each request has a connection of its own."""

    def __init__(self, server, token=None, era=MODERN):
        self.server, self.token, self.era, self.session, self.last = server, token, era, None, 0

    def headers(self, method, params):
        headers = {'Accept': ACCEPT, 'Content-Type': 'application/json'}
        if self.token is not None:
            headers['Authorization'] = f'Bearer {self.token}'
        if self.era == MODERN or self.session is not None:
            headers['MCP-Protocol-Version'] = self.era
        if self.era == MODERN:
            headers['Mcp-Method'] = method
            if 'name' in params:
                headers['Mcp-Name'] = params['name']
        if self.session is not None:
            headers['Mcp-Session-Id'] = self.session
        return headers

    def message(self, method, params=None, capabilities=None):
        """The body of a request, and its headers."""
        params = dict(params or {})
        if self.era == MODERN:
            params['_meta'] = {f'{META}protocolVersion': MODERN, f'{META}clientCapabilities': capabilities or {}, f'{META}clientInfo': {'name': 'by-hand', 'version': '1'}}
        self.last += 1
        message = {'jsonrpc': '2.0', 'id': self.last, 'method': method, 'params': params}
        if method.startswith('notifications/'):
            del message['id']
        return json.dumps(message).encode(), self.headers(method, params)

    def begin(self, method, params=None, capabilities=None, **headers):
        """A request on its way: its connection."""
        body, given = self.message(method, params, capabilities)
        given.update({name.replace('_', '-'): value for name, value in headers.items()})
        connection = http.client.HTTPConnection(self.server.address, self.server.port, timeout=PATIENCE)
        connection.request('POST', '/mcp', body, {**given, 'Connection': 'close', 'Host': f'localhost:{self.server.port}'})
        self.server.world.parties.append(connection)
        return connection

    def listen(self):
        """The stream of the earlier era on which a server speaks out of turn."""
        connection = http.client.HTTPConnection(self.server.address, self.server.port, timeout=PATIENCE)
        connection.request('GET', '/mcp', headers={**self.headers('', {}), 'Accept': 'text/event-stream', 'Host': f'localhost:{self.server.port}'})
        self.server.world.parties.append(connection)
        return connection.getresponse()

    def post(self, method, params=None, **more):
        return Reply(self.begin(method, params, **more).getresponse())

    def begin_handshake(self):
        return self.begin('initialize', {'protocolVersion': self.era, 'capabilities': {}, 'clientInfo': {'name': 'by-hand', 'version': '1'}})

    def initialize(self):
        """The handshake of the earlier era."""
        reply = Reply(self.begin_handshake().getresponse())
        if reply.status == 200:
            self.session = reply.headers['mcp-session-id']
            equal(self.post('notifications/initialized').status, 202)
        return reply

    def start(self, tool, arguments=None, **more):
        return self.begin('tools/call', {'name': tool, 'arguments': arguments or {}}, **more)

    def call(self, tool, arguments=None, **more):
        return Reply(self.start(tool, arguments, **more).getresponse())


class CallerWorld(countersign.World):
    """What a person has accepted beside the shipped policy is in `files`."""

    def __init__(self, policy=POLICY, **options):
        super().__init__(**options)
        self.files = {'policy.conf': policy}

    def accept(self, **files):
        """The person accepts these, and what was accepted before; a text of None takes one away."""
        for name, text in files.items():
            folder = '' if name == 'policy' else 'callers.d/'
            self.files[f'{folder}{name}.conf'] = text
        given = [{'name': name, 'text': text} for name, text in self.files.items() if text is not None]
        self.human(pin=True).call('policy_apply', {'files': given, 'pin': countersign.PIN})

    def trust(self, issuer, name='work', algorithms=('ES256',), more=''):
        self.accept(**{name: FILE.format(issuer=issuer, algorithms=' '.join(algorithms)) + more})

    def issuer(self, algorithms=('ES256',), more='', name='work'):
        """An issuer of the case's own, accepted."""
        issuer = issuerworld.Issuer(self, algorithms)
        self.trust(issuer.issuer, name, algorithms, more)
        return issuer

    def local(self, name='ci', *more):
        """A local token; it is shown this once."""
        return self.cli('caller', 'add', name, *more, pin=True).out.split()[-1]

    def serve(self, *arguments, **options):
        return httpserve.Server(self, *arguments, **options)

    def person(self):
        """Somebody who is told what is held."""
        human = self.human(pin=True)
        human.call('subscribe')
        return human


def free_port():
    """One that nobody has now."""
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def main():
    import sys
    import tap
    sys.exit(tap.run(CallerWorld))
