# SPDX-License-Identifier: MIT
"""A World whose person has set up an issuer of tokens."""

import os

import countersign
import parties

ISSUER = 'https://tokens.example'
CLIENT, SECRET = 'api', 'kV7-verifier-secret-4410'
CONF = '''provider tokens
kind issuer
issuer {issuer}
algorithm {algorithm}
verifier {client} verifier-secret
'''


class TokenWorld(countersign.World):
    """issuer None: none is set up. policy: in place of the shipped one."""

    def __init__(self, issuer=ISSUER, algorithm='ES256', policy='', **options):
        super().__init__(secrets=('demo',), **options)
        self.secret('verifier-secret', SECRET)
        if policy:
            self.write('policy.conf', policy)
        if issuer:
            self.configure(issuer, algorithm)
        elif policy:
            self.cli('policy', 'apply', pin=True)

    def write(self, name, text):
        path = os.path.join(self.config, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def configure(self, issuer=ISSUER, algorithm='ES256'):
        self.write('providers.d/tokens.conf', CONF.format(issuer=issuer, algorithm=algorithm, client=CLIENT))
        self.cli('policy', 'apply', pin=True)

    def mint(self, agent, grant=None, provider='github', scopes=('read', 'write'), **more):
        """A minted token, for which a person was asked: the answer's result."""
        call = ask(agent, provider, scopes, **more)
        held = agent.held(call)
        self.grant(held['request_id'], **({'duration': 600} if grant is None else grant))
        return agent.answer(call)['result']

    def published(self):
        return self.agent().call('token_keys')['result']

    def introspect(self, token, agent=None, client=CLIENT, secret=SECRET):
        return (agent or self.agent()).call('token_introspect', {
            'token': token, 'client_id': client, 'client_secret': secret})['result']


class ThisProcess(parties.Socket):
    """An agent that is this very process, so that it can come back after a restart."""

    def __init__(self, world):
        super().__init__(world, world.agent_socket)
        self.pid = os.getpid()
        self.call('hello', {'version': 1, 'role': 'agent'})

    def held(self, call):
        return self.hear('held', id=call)


def ask(agent, provider='github', scopes=('read', 'write'), **more):
    return agent.start('mint_token', {'provider': provider, 'scopes': list(scopes), 'purpose': 'a test', **more})
