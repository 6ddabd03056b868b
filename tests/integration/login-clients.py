# SPDX-License-Identifier: MIT
"""What a file says of a client and of where its provider is, tried with a real OpenID provider: how the client proves itself,
endpoints written out, endpoints that an issuer publishes."""

import json

import countersign
import httpsite
import oidcworld
import tap
from loginworld import LoginWorld
from tap import case, contains, equal, lacks

SCOPES = ['openid', 'offline_access', 'read']
HEAD = 'provider oauth2\nkind oauth2\nnetwork loopback\n'


class ClientWorld(LoginWorld):
    """secret: what is in the store as the client's."""

    def __init__(self, secret=oidcworld.CLIENT_SECRET, **options):
        super().__init__(**options)
        if secret is not None:
            self.secret('client-secret', secret)

    def use(self, *lines):
        self.files['providers.d/oauth2.conf'] = HEAD + '\n'.join(lines) + '\n'
        self.apply()

    def in_browser(self):
        """What is said when somebody has logged in."""
        return self.log_in(scopes=SCOPES)[0]

    def endpoints(self):
        issuer = self.provider.issuer
        return (f'authorize {issuer}/auth', f'token {issuer}/token', f'device {issuer}/device/auth',
                f'revoke {issuer}/token/revocation')


@case('a client sends its secret in the form')
def post(world):
    world.use('client countersign-post', 'client-secret client-secret', f'issuer {world.provider.issuer}', 'callback-port any')
    equal(world.in_browser()['ok'], True)
    equal(world.provider.introspect(world.reveal('oauth2-token'))['client_id'], 'countersign-post')


@case('a client sends its secret in a header, whatever its name is made of')
def basic(world):
    world.use('client "countersign basic"', 'client-secret client-secret', 'client-auth basic',
              f'issuer {world.provider.issuer}', 'callback-port any')
    equal(world.in_browser()['ok'], True)
    equal(world.provider.introspect(world.reveal('oauth2-token'))['client_id'], 'countersign basic')


@case("a client's secret that is wrong is told as such, and is in no message", secret='wr0ng-secret-of-the-client')
def wrong(world):
    world.use('client countersign-post', 'client-secret client-secret', f'issuer {world.provider.issuer}', 'callback-port any')
    over = world.in_browser()
    equal((over['ok'], over['code']), (False, 'invalid_client'))
    contains(over['message'], 'provider oauth2')
    contains(over['message'], 'client-auth')
    lacks(json.dumps(over), 'wr0ng')


@case("a client's secret that is not in the store is named", secret=None)
def missing(world):
    world.use('client countersign-post', 'client-secret client-secret', f'issuer {world.provider.issuer}', 'callback-port any')
    over = world.in_browser()
    equal(over['ok'], False)
    contains(over['message'], 'client-secret')


@case('endpoints that are written out are gone to, and logging out takes the token back there')
def written_out(world):
    world.use('client countersign', 'callback-port any', *world.endpoints())
    equal(world.in_browser()['ok'], True)
    token = world.reveal('oauth2-token')
    equal(world.provider.introspect(token)['active'], True)
    equal(world.human(pin=True).call('logout', {'secret': 'oauth2-token', 'pin': countersign.PIN})['revoked'], True)
    equal(world.provider.introspect(token)['active'], False)


@case('an issuer that is not written letter for letter is not taken for the one that answers')
def letters(world):
    world.use('client countersign', f'issuer {world.provider.issuer}/', 'callback-port any')
    human, login = world.begin(scopes=SCOPES)
    over = world.over(human, login)
    equal((over['ok'], over['code']), (False, 'answer'))
    contains(over['message'], 'letter for letter')


def publish(site, connection, request):
    """RFC 8414 alone: what OpenID Connect would publish is not there."""
    if request.path != '/.well-known/oauth-authorization-server/realm':
        httpsite.reply(connection, b'<h1>not here</h1>', status='404 Not Found', headers=[('Content-Type', 'text/html')])
    else:
        httpsite.reply(connection, json.dumps(site.metadata).encode(), headers=[('Content-Type', 'application/json')])


@case('an issuer that publishes as RFC 8414 says is found there')
def second_place(world):
    site = httpsite.Site(world.base, modes={'.well-known': publish, 'realm': publish})
    issuer = f'http://localhost:{site.port}/realm'
    site.metadata = {'issuer': issuer, 'token_endpoint': f'{world.provider.issuer}/token',
                     'device_authorization_endpoint': f'{world.provider.issuer}/device/auth'}
    world.use('client countersign', f'issuer {issuer}')
    human, login = world.begin(scopes=SCOPES, method='device')
    shown = world.browse(human, login)
    oidcworld.Person('eve').log_in(shown['url'], user_code=shown['user_code'])
    equal(world.over(human, login)['ok'], True)
    equal([request.path for request in site.seen],
          ['/realm/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/realm'])
    site.close()


raise SystemExit(tap.run(ClientWorld))
