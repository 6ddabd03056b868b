# SPDX-License-Identifier: MIT
"""A World with a service that a person has accepted, whose site is on this machine."""

import json
import os

import countersign
import httpsite

VALUE = 'tok-9fK2xQ7mLw4Zr81vBn36'

SERVICE = '''service {name}
base https://localhost:{port}/api
credential demo
place {place}
network loopback
ca {name}.pem
header Accept application/json default
scope read {{ GET HEAD }} /**
scope write {{ POST PUT }} {{ /things /things/* }}
test GET /me
'''


class ServiceWorld(countersign.World):
    """policy: in place of the shipped one."""

    def __init__(self, policy='', place='bearer', **options):
        super().__init__(secrets=(), **options)
        self.authority = httpsite.Authority()
        self.sites = []
        self.secret('demo', VALUE)
        self.site = self.make_site()
        self.write('services.d/local.pem', self.authority.pem)
        self.text = SERVICE.format(name='local', port=self.site.port, place=place)
        self.write('services.d/local.conf', self.text)
        if policy:
            self.write('policy.conf', policy)
        self.apply()

    def make_site(self, **options):
        site = httpsite.Site(self.base, self.authority, modes=MODES, **options)
        self.sites.append(site)
        return site

    def write(self, name, text):
        path = os.path.join(self.config, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def apply(self):
        self.cli('policy', 'apply', pin=True)

    def ask(self, agent, method='GET', path='/me', **more):
        """Begins an http_request; the call's id."""
        return agent.start('http_request', {'service': 'local', 'method': method, 'path': path, 'purpose': 'a test', **more})

    def granted(self, agent, method='GET', path='/me', person=None, **more):
        """An answer for which a person was asked, and said yes for a minute, or as told by @person."""
        call = self.ask(agent, method, path, **more)
        self.grant(agent.held(call)['request_id'], **(person or {'duration': 60}))
        return agent.answer(call)

    def close(self):
        super().close()
        for site in self.sites:
            site.close()


def facts(request, label):
    """What a card says under this label."""
    return [fact['value'] for fact in json.loads(request['card'])['facts'] if fact['label'] == label]


def _under_api(site, connection, request):
    mode = httpsite.MODES.get(request.path.split('/')[2], httpsite.answer_ok)
    mode(site, connection, request)


# The service's base has a path; what stands behind it chooses.
MODES = {'api': _under_api}
