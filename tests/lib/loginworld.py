# SPDX-License-Identifier: MIT
"""A World in which a person can log in: a real OpenID provider on this machine, set up and accepted."""

import datetime
import json
import os
import select
import time

import countersign
import httpservice
import httpsite
import oidcworld
from lines import Refused
from tap import equal

FILE = '''provider {name}
kind oauth2
client {client}
issuer {issuer}
network loopback
callback-port {port}
'''


def until(found):
    """What this gives in the end: for what passes with time alone."""
    for _ in range(300):
        value = found()
        if value:
            return value
        select.select([], [], [], 0.05)
    raise AssertionError('it did not come')


class LoginWorld(countersign.World):
    """provider: the OpenID provider; its name here is oauth2."""

    def __init__(self, port='any', **options):
        super().__init__(secrets=(), **options)
        self.closing, self.files, self.renewed = [], {}, 0
        self.provider = oidcworld.Provider(self)
        self.set_up('oauth2', self.provider.issuer, port=port)

    def set_up(self, name, issuer, port='any', client='countersign', more=''):
        """Writes a provider's file, and has the person accept it."""
        self.files[f'providers.d/{name}.conf'] = FILE.format(name=name, client=client, issuer=issuer, port=port) + more
        self.apply()

    def apply(self):
        files = [{'name': name, 'text': text} for name, text in self.files.items()]
        self.human(pin=True).call('policy_apply', {'files': files, 'pin': countersign.PIN})

    def begin(self, provider='oauth2', human=None, **more):
        """A person begins a login; the connection, and its id."""
        human = human or self.human(pin=True)
        answer = human.call('login_start', {'provider': provider, 'pin': countersign.PIN, **more})
        return human, answer['login_id']

    def browse(self, human, login):
        """What is to be opened."""
        return human.hear('browse', login_id=login)

    def over(self, human, login):
        return human.hear('login_done', login_id=login)

    def log_in(self, provider='oauth2', consent=True, human=None, scopes=('openid', 'offline_access', 'read'), **more):
        """The whole of it, by somebody with a cookie jar; what login_done said, and the page."""
        human, login = self.begin(provider, human, scopes=list(scopes), **more)
        url = self.browse(human, login)['url']
        back = oidcworld.Person().log_in(url, consent=consent)
        page = oidcworld.visit(back)
        return self.over(human, login), page

    def short_lived(self, **more):
        """A login whose access token has just ended, and the value that it had."""
        self.provider.set(access_ttl=1)
        equal(self.log_in(**more)[0]['ok'], True)
        value = self.reveal(more.get('secret', 'oauth2-token'))
        self.provider.set(access_ttl=600)
        until(lambda: not self.provider.introspect(value)['active'])
        until(lambda: datetime.datetime.fromisoformat(self.logins()[0]['expires_at'][:-1] + '+00:00').timestamp() < time.time())
        self.provider.told.clear()
        self.renewed = len(self.events('token_refreshed'))
        return value

    def renewals(self):
        """How often a token was renewed since."""
        return len(self.events('token_refreshed')) - self.renewed

    def serve(self, credential='oauth2-token'):
        """A site on this machine, and the accepted service there whose credential this is."""
        authority = httpsite.Authority()
        site = httpsite.Site(self.base, authority, modes=httpservice.MODES)
        self.closing.append(site)
        self.files['services.d/local.pem'] = authority.pem
        text = httpservice.SERVICE.format(name='local', port=site.port, place='bearer')
        self.files['services.d/local.conf'] = text.replace('credential demo', f'credential {credential}')
        self.apply()
        return site

    def logins(self):
        return self.human(pin=True).call('login_list')['logins']

    def reveal(self, name, human=None):
        """A secret's value, as the person sees it; what goes wrong is raised."""
        human = human or self.human(pin=True)
        answer = human.call('secret_show', {'name': name, 'reveal': True, 'pin': countersign.PIN})
        if 'value' in answer:
            return answer['value']
        with os.fdopen(human.lines.descriptors.pop(0), 'rb') as file:
            file.seek(0)
            return file.read().decode()

    def refusal(self, method, params, human=None):
        """The message of an error, and its data."""
        try:
            answer = (human or self.human(pin=True)).call(method, {**params, 'pin': countersign.PIN})
        except Refused as error:
            return error
        raise AssertionError(f'{method} was answered: {json.dumps(answer)}')

    def events(self, name):
        return [record for record in self.records() if record['event'] == name]

    def close(self):
        super().close()
        for party in self.closing:
            party.close()
