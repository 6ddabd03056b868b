# SPDX-License-Identifier: MIT
"""A real authorization server (npm's oidc-provider) and the official TypeScript clients: a client that has nothing but our address
finds out where to log in, a person does, and what is then called waits for another person."""

import urllib.parse

import callerworld
import countersign
import oidcworld
from callerworld import Caller
from tap import case, contains, equal

ALGORITHMS = ('ES256', 'RS256', 'PS256', 'EdDSA')
ASK = {'name': 'demo', 'purpose': 'deploy the site'}


class Client(oidcworld.Node):
    """oauthclient.mjs."""

    def __init__(self, world, sdk, url):
        super().__init__(world, 'oauthclient.mjs', sdk, url)
        self.last = 0

    def hear(self, key, **more):
        try:
            return super().hear(key, **more)
        except AssertionError as error:
            raise AssertionError(f'{error}; it had told {self.told}') from None

    def begin(self, call=None, arguments=None, **more):
        self.last += 1
        self.lines.send({'id': self.last, **({'call': call, 'arguments': arguments or {}} if call else {}), **more})
        return self.last

    def end(self, call):
        return self.hear('result', id=call)['result']


def provided(world, *arguments, algorithms=('ES256',), **options):
    """An authorization server that is accepted, and a server that it issues tokens for."""
    provider = oidcworld.Provider(world, algorithms=list(algorithms), **options)
    world.trust(provider.issuer, algorithms=algorithms, more='require-scope read\n')
    server = world.serve(*arguments)
    provider.set(resources=[f'{server.url}/mcp'])
    return provider, server


def logged_in(client, server):
    """The person opens what the client says, and the client goes on."""
    url = client.hear('authorize')['authorize']
    equal(urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)['resource'], [f'{server.url}/mcp'])
    client.lines.send({'callback': oidcworld.Person().log_in(url)})
    return client.hear('connected')


def finds(world, sdk):
    provider, server = provided(world)
    human = world.person()
    client = Client(world, sdk, f'{server.url}/mcp')
    equal(logged_in(client, server)['connected']['name'], 'countersign')
    call = client.begin('get_secret', ASK)
    held = human.hear('held')
    contains(held['card'], 'ann@example.org')
    human.decide(held, pin=countersign.PIN)
    result = client.end(call)
    equal((result['structuredContent']['status'], bool(result.get('isError'))), ('completed', False))
    # Its token is no good any more; it has another by which it gets a new one, and is who it was.
    client.lines.send({'spoil': True})
    client.hear('spoilt')
    reference = result['structuredContent']['result']['reference']['id']
    again = client.end(client.begin('get_secret', ASK))
    equal(again['structuredContent']['result']['reference']['id'], reference)
    assert provider.hear('event', event='refresh_token.consumed')


for SDK in ('v1', 'v2', 'auto'):
    case(f'{SDK}: a client that knows our address alone finds the issuer, logs in, asks, is held, and gets what was granted')(
        lambda world, sdk=SDK: finds(world, sdk))


@case('tokens are taken as the authorization server signs them: ES256, RS256, PS256, EdDSA')
def algorithms(world):
    provider, server = provided(world, algorithms=ALGORITHMS)
    for algorithm in ALGORITHMS:
        provider.set(token_alg=algorithm)
        caller = Caller(server, provider.token(f'{server.url}/mcp'))
        equal(caller.call('broker_status').tool()['status'], 'completed', algorithm)


@case('a token that the same server issued for another resource is refused')
def elsewhere(world):
    provider, server = provided(world)
    other = 'https://other.example/mcp'
    provider.set(resources=[f'{server.url}/mcp', other])
    equal(Caller(server, provider.token(other)).post('tools/list').status, 401)
    equal(Caller(server, provider.token(f'{server.url}/mcp')).post('tools/list').status, 200)


callerworld.main()
