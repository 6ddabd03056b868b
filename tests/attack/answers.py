# SPDX-License-Identifier: MIT
"""What the server of a login answers must not reach what the broker keeps, beyond that login."""

import json
import os

import countersign
import httpsite
import tap
from httpsite import reply
from lines import Refused
from tap import case, contains, equal

FILE = '''provider oauth2
kind oauth2
client countersign
device {url}/device
token {url}/token
revoke {url}/revoke
device-only
network loopback
'''
CODE = {'device_code': 'a-device-code', 'user_code': 'WDJB-MJHT', 'verification_uri': 'https://login.example.com/device',
        'expires_in': 900, 'interval': 1}


def tell(connection, answer):
    reply(connection, json.dumps(answer).encode(), headers=[('Content-Type', 'application/json')])


class StrangeWorld(countersign.World):
    def __init__(self, **options):
        super().__init__(secrets=(), **options)
        self.token = {}
        self.site = httpsite.Site(self.base, modes={'device': lambda _site, connection, _request: tell(connection, CODE),
                                                    'token': lambda _site, connection, _request: tell(connection, self.token),
                                                    'revoke': lambda _site, connection, _request: tell(connection, {})})
        os.makedirs(os.path.join(self.config, 'providers.d'), 0o700)
        with open(os.path.join(self.config, 'providers.d/oauth2.conf'), 'w', encoding='utf-8') as file:
            file.write(FILE.format(url=f'http://localhost:{self.site.port}'))
        self.cli('policy', 'apply', pin=True)

    def log_in(self, secret='oauth2-token', **token):
        self.token = {'access_token': f'access-{secret}', 'token_type': 'Bearer', **token}
        human = self.human(pin=True)
        login = human.call('login_start', {'provider': 'oauth2', 'secret': secret, 'pin': countersign.PIN})['login_id']
        return human.hear('login_done', login_id=login)

    def logins(self):
        return self.human(pin=True).call('login_list')['logins']

    def close(self):
        super().close()
        self.site.close()


@case('no scope that a server grants keeps the store from being opened again')
def scopes(world):
    for scope in ('read  write', ' read', 'read ', ' ', 'read read', ' '.join(['a'] * 4000), ' '.join(f's{i}' for i in range(1500))):
        equal(world.log_in(scope=scope)['ok'], True)
        world.cli('lock')
        world.unlock()
        equal([login['scopes'] for login in world.logins()], [list(dict.fromkeys(scope.split()))[:1000]])


@case('a login does not become the place of another login\'s refresh token')
def names(world):
    for first, second in (('a', 'a_refresh'), ('b_refresh', 'b')):
        world.log_in(first)
        try:
            done = world.log_in(second, refresh_token='r3fresh-token')
        except Refused as error:
            contains(str(error), 'mixed up')
        else:
            raise AssertionError(f'{second} beside {first}: {done}')
    equal(sorted(login['secret'] for login in world.logins()), ['a', 'b_refresh'])
    world.log_in('a', refresh_token='r3fresh-token')
    equal(sorted(login['secret'] for login in world.logins()), ['a', 'b_refresh'])


raise SystemExit(tap.run(StrangeWorld))
