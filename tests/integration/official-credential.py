# SPDX-License-Identifier: MIT
"""Credentials that the official TypeScript clients are issued: a real broker, a person who answers by hand, and those who
verify what was minted over HTTP, knowing the issuer's address alone."""

import base64
import json
import os
import subprocess
import sys

import countersign
import tap
from httpserve import Server, verify
from lines import PATIENCE
from tap import case, contains, equal, lacks
from tokenworld import CLIENT, SECRET, TokenWorld

MINT = {'provider': 'github', 'scopes': ['read', 'write'], 'resource': 'https://api.example', 'ttl_seconds': 600, 'purpose': 'a test'}


class World(TokenWorld):
    """Serves those who verify; the issuer is where it does."""

    def __init__(self, **options):
        super().__init__(issuer=None, **options)
        self.server = Server(self, '--verifiers-only', program='countersign')
        self.configure(self.server.url)

    def configure(self, issuer=None, algorithm='ES256'):
        self.write('providers.d/tokens.conf', f'provider tokens\nkind issuer\nissuer {issuer or self.server.url}\nnetwork loopback\n'
                                              f'algorithm {algorithm}\nverifier {CLIENT} verifier-secret\n')
        self.cli('policy', 'apply', pin=True)

    def ask(self, path, body, user=CLIENT, password=SECRET):
        credentials = base64.b64encode(f'{user}:{password}'.encode()).decode()
        return self.server.form(path, body, {'Authorization': f'Basic {credentials}'}).answer()

    def is_active(self, token):
        answer = self.ask('/token/introspect', f'token={token}')
        equal(answer.status, 200)
        return answer.json()['active']

    def verified(self, token, audience=MINT['resource']):
        return verify(self, self.server.url, token, audience)


def with_both(sentence, *arguments):
    """Registers a case for each of the official clients."""
    def register(function):
        for sdk in ('v2', 'v1'):
            def run(world, sdk=sdk):
                client = world.official(sdk, arguments=list(arguments))
                client.answer(client.order(tools=True))  # from here on the client checks results by their schema
                human = world.human(pin=True)
                human.call('subscribe')
                function(world, client, human)
            case(f'{sdk}: {sentence}', sdk_env=True)(run)
        return function
    return register


def grant(human, **more):
    """Grants what is held next; its card."""
    request = human.hear('held')
    human.decide(request, pin=countersign.PIN, **more)
    return json.loads(request['card'])


def done(message):
    """The result, which both forms of the answer hold."""
    assert 'result' in message, message
    structured = message['result']['structuredContent']
    equal(structured['status'], 'completed', message)
    flat = json.loads(message['result']['content'][0]['text'])
    equal({name: flat[name] for name in structured['result']}, structured['result'])
    equal(flat['success'], True)
    return structured['result']


def mint(client, human, scopes=None, **more):
    """The minted token's result, for which a person was asked."""
    call = client.start('mint_token', {**MINT, **more})
    grant(human, **({'scopes': scopes} if scopes else {}))
    return done(client.answer(call))


@with_both('a token is minted when a person allows it, and verified by who knows the issuer\'s address alone')
def minted(world, client, human):
    result = mint(client, human, ['read'])
    token = result['token']
    equal(set(result), {'token', 'message'})
    equal((token['provider'], token['scopes'], token['resource']), ('github', ['read'], MINT['resource']))
    said = world.verified(token['token'])
    assert 'claims' in said, said
    claims = said['claims']
    equal((claims['iss'], claims['aud'], claims['jti'], claims['scope']), (world.server.url, MINT['resource'], token['tokenId'], 'read'))
    assert claims['exp'] * 1000 <= token['expiresAt'], token
    equal(world.verified(token['token'], 'https://other.example').get('error'), 'ERR_JWT_CLAIM_VALIDATION_FAILED')
    told = world.ask('/token/introspect', f'token={token["token"]}').json()
    equal((told['active'], told['jti'], told['scope'], told['iss']), (True, token['tokenId'], 'read', world.server.url))


@with_both('approval_wait brings the token of a call that was pending', '--hold', '0')
def pending(world, client, human):
    waits = client.answer(client.start('mint_token', MINT))['result']['structuredContent']
    equal(waits['status'], 'pending')
    grant(human)
    call = client.start('approval_wait', {'request_id': waits['request_id'], 'timeout_seconds': 30})
    answer = client.answer(call)['result']['structuredContent']
    while answer['status'] == 'pending':
        answer = client.tool('approval_wait', {'request_id': waits['request_id']})['structuredContent']
    equal(world.verified(answer['result']['token']['token'])['claims']['jti'], answer['result']['token']['tokenId'])


@with_both('a denied token is none')
def denied(world, client, human):
    call = client.start('mint_token', MINT)
    human.decide(human.hear('held'), 'deny', reason='not now')
    answer = client.answer(call)['result']
    equal((answer['isError'], answer['structuredContent']['status']), (True, 'denied'))


@with_both('its holder ends a token, and whoever asks hears so, after a restart too')
def ended(world, client, human):
    first, second = mint(client, human)['token'], mint(client, human, resource='https://other.example')['token']
    equal((world.is_active(first['token']), world.is_active(second['token'])), (True, True))
    contains(done({'result': client.tool('revoke_token', {'token_id': first['tokenId']})})['message'], 'revoked')
    equal((world.is_active(first['token']), world.is_active(second['token'])), (False, True))
    world.kill_broker()
    answer = world.ask('/token/introspect', f'token={first["token"]}')
    equal(answer.status, 503)
    contains(answer.json()['error_description'], 'countersign unlock')
    world.unlock()
    equal(world.is_active(first['token']), False)
    equal(world.ask('/token/introspect', 'token=a.b.c').json(), {'active': False})
    assert 'claims' in world.verified(first['token']), 'a signature stays good until it expires: who has to know asks'


@with_both('who has a token may end it over HTTP, and nothing is told of one that there never was')
def revoked(world, client, human):
    token = mint(client, human)['token']['token']
    for body in ('token=a.b.c', f'token={token}x', f'token={token}', f'token={token}'):
        answer = world.server.form('/token/revoke', body).answer()
        equal((answer.status, answer.body), (200, b''), body[:20])
    equal(world.is_active(token), False)


@with_both('a token is verified before and after its issuer\'s key has changed')
def rotated(world, client, human):
    before = mint(client, human)['token']['token']
    world.cli('token', 'rotate', pin=True)
    after = mint(client, human, resource='https://new.example')['token']['token']
    kids = {world.verified(token, audience)['header']['kid']
            for token, audience in ((before, MINT['resource']), (after, 'https://new.example'))}
    equal(len(kids), 2)
    equal((world.is_active(before), world.is_active(after)), (True, True))


@with_both('a certificate is signed when a person allows it, and ssh-keygen reads it')
def certificate(world, client, human):
    world.write('providers.d/ca.conf', 'provider ca\nkind ssh-ca\nprincipal deploy backup\n')
    world.cli('policy', 'apply', pin=True)
    path = os.path.join(world.base, 'id')
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path], check=True, timeout=PATIENCE)
    with open(f'{path}.pub', encoding='utf-8') as file:
        public = file.read().strip()
    call = client.start('get_ssh_certificate',
                        {'public_key': public, 'principals': ['deploy'], 'ttl_seconds': 300, 'purpose': 'a test'})
    grant(human)
    result = done(client.answer(call))
    with open(f'{path}-cert.pub', 'w', encoding='utf-8') as file:
        file.write(result['certificate'])
    told = subprocess.run(['ssh-keygen', '-L', '-f', f'{path}-cert.pub'], capture_output=True, text=True, check=True).stdout
    contains(told, f'Serial: {result["serial"]}')
    contains(told, 'deploy')
    lacks(told, 'backup')


@with_both('what is not set up says what a person does to set it up')
def not_set_up(world, client, human):
    for tool, arguments, word in (
            ('get_aws_credentials', {'role_arn': 'arn:aws:iam::123456789012:role/deploy'}, 'countersign login --setup aws'),
            ('get_github_token', {'owner': '', 'repositories': None}, 'countersign login --setup github-app'),
            ('start_oauth_flow', {'provider': 'github', 'scopes': ['repo'], 'secret_name': 'gh'}, 'GITHUB_CLIENT_SECRET')):
        answer = client.tool(tool, arguments)
        equal(answer['isError'], True, tool)
        contains(answer['structuredContent']['error'], word)
        contains(answer['structuredContent']['error'], 'not configured')
        equal(answer['structuredContent']['code'], 'not_configured', tool)


sys.exit(tap.run(World))
