# SPDX-License-Identifier: MIT
"""A World with fakes of AWS, GitHub and Vouch on this machine, each set up as a provider and accepted.

Providers: aws (keys), aws-vouch (the login at vouch), app (a GitHub App, over TLS), vouch.
"""

import os

import countersign
import fakegithub
import fakests
import fakevouch
import httpsite
import oidcworld

READER = 'arn:aws:iam::123456789012:role/reader'
NAMES = ('AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration')


class CloudWorld(countersign.World):
    """policy: in place of the shipped one. issuer: what vouch is set up as, where that is not where it is."""

    def __init__(self, policy='', **options):
        super().__init__(secrets=(), **options)
        self.authority = httpsite.Authority()
        self.fakes = self.folder('fakes')
        self.sts, self.github = fakests.FakeSts(self.fakes), fakegithub.FakeGithub(self.fakes, self.authority)
        self.vouch = fakevouch.FakeVouch(self.fakes, self.github)
        self.sts.roles[READER] = 3600
        self.sts.issuers[self.vouch.url] = self.vouch.key.public_key()
        self.secret('aws-keys', ':'.join(next(iter(self.sts.keys.items()))))
        self.secret('app-key', self.github.pem)
        if policy:
            self.write('policy.conf', policy)
        self.write('providers.d/github.pem', self.authority.pem)
        self.provide('aws', f'kind aws\nrole {fakests.ROLE}\nfrom keys aws-keys\nendpoint {self.sts.url}\nregion eu-west-1\n')
        self.provide('aws-vouch', f'kind aws\nrole {READER}\nfrom vouch vouch\nendpoint {self.sts.url}\n')
        self.provide('app', f'kind github-app\napp {self.github.APP}\ninstallation {self.github.INSTALLATION}\nkey app-key\n'
                            f'api {self.github.url}\nca github.pem\nowner ann\nrepository site docs\npermission contents write\n')
        self.provide('vouch', f'kind vouch\nclient countersign\nissuer {self.vouch.url}\ncallback-port any\ngithub-api {self.github.url}\n'
                              'ca github.pem\n')
        self.apply()

    def write(self, name, text):
        path = os.path.join(self.config, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def provide(self, name, text):
        """Writes a provider's file; apply() has the person accept it."""
        self.write(f'providers.d/{name}.conf', f'provider {name}\n{text}network loopback\n')

    def apply(self):
        self.cli('policy', 'apply', pin=True)

    def log_in(self, provider='vouch'):
        """The person logs in; what login_done said."""
        human = self.human(pin=True)
        login = human.call('login_start', {'provider': provider, 'pin': countersign.PIN})['login_id']
        url = human.hear('browse', login_id=login)['url']
        oidcworld.visit(oidcworld.Person().log_in(url))
        return human.hear('login_done', login_id=login)

    def aws(self, agent, **more):
        """Begins get_aws_credentials; the call's id."""
        return agent.start('get_aws_credentials', {'provider': 'aws', 'role_arn': fakests.ROLE, 'purpose': 'a test', **more})

    def token(self, agent, **more):
        return agent.start('get_github_token', {'provider': 'app', 'purpose': 'a test', **more})

    def granted(self, agent, call, **person):
        """The answer of a call for which a person says yes, for a minute or as told."""
        self.grant(agent.held(call)['request_id'], **{'duration': 60, **person})
        return agent.answer(call)

    def events(self, name):
        return [record for record in self.records() if record['event'] == name]

    def recorded(self, name):
        """Waits until the trail has this event. The broker is asked between two looks, so that it has its turn."""
        human = self.human()
        for _ in range(5000):
            if self.events(name):
                return
            human.call('status')
        raise AssertionError(f'{name} is not recorded')

    def close(self):
        super().close()
        for site in (self.sts, self.github, self.vouch):
            site.close()
