# SPDX-License-Identifier: MIT
"""What an agent, a person and the audit trail are told when the server of a login answers as it should not."""

import email.utils
import glob
import json
import os
import time

import countersign
import httpsite
import tap
from httpsite import reply
from tap import case, contains, equal, lacks

CANARY = 'c4nary-of-the-body'
JSON = ('Content-Type', 'application/json')
CODE = {'device_code': CANARY, 'user_code': 'WDJB-MJHT', 'verification_uri': 'https://login.example.com/device',
        'expires_in': 900, 'interval': 1}
ASK = {'provider': 'oauth2', 'scopes': ['read'], 'secret_name': 'new-token', 'purpose': 'a test'}

FILE = '''provider oauth2
kind oauth2
client countersign
device http://localhost:{port}/device
token http://localhost:{port}/token
device-only
network loopback
'''


class AnswersWorld(countersign.World):
    """device, token: how a fake answers there; each is called with the connection."""

    def __init__(self, **options):
        super().__init__(secrets=(), **options)
        self.device, self.token = says(CODE), says({'error': 'authorization_pending'}, status='400 Bad')
        self.sites = [httpsite.Site(self.base, modes={
            'device': lambda site, connection, request: self.device(connection),
            'token': lambda site, connection, request: self.token(connection)})]
        os.makedirs(os.path.join(self.config, 'providers.d'), 0o700)
        self.write('providers.d/oauth2.conf', FILE.format(port=self.sites[0].port))
        self.cli('policy', 'apply', pin=True)

    def write(self, name, text):
        with open(os.path.join(self.config, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def asked(self):
        """An agent asks, and somebody grants it; what the agent is answered."""
        agent = self.agent()
        call = agent.start('start_oauth_flow', ASK)
        self.grant(agent.held(call)['request_id'])
        answer = agent.answer(call)
        agent.kill()
        return answer

    def begun(self):
        """A person begins the login themselves; what is said when it is over."""
        human = self.human(pin=True)
        login = human.call('login_start', {'provider': 'oauth2', 'scopes': ['read'], 'pin': countersign.PIN})['login_id']
        return human.hear('login_done', login_id=login)

    def kept_nothing(self):
        """Neither a secret nor a word of the server's is anywhere."""
        equal([entry['name'] for entry in self.human(pin=True).pages('secret_list')], [])
        for path in glob.glob(os.path.join(self.audit, '**'), recursive=True):
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    lacks(file.read(), CANARY.encode())

    def failures(self):
        return [record['failed'] for record in self.records() if 'failed' in record and record['event'].startswith('login')]

    def close(self):
        super().close()
        for site in self.sites:
            site.close()


def says(body, *headers, status='200 OK'):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda connection: reply(connection, data, status=status, headers=headers or [JSON])


def dated(seconds):
    return ('Date', email.utils.formatdate(time.time() + seconds, usegmt=True))


def error(word, **more):
    return says({'error': word, 'error_description': CANARY, 'error_uri': f'https://{CANARY}.example/'}, **more)


BAD = [
    ('a page for people', says(f'<html>{CANARY}</html>'.encode(), ('Content-Type', 'text/html')), 'answer', 'a page for people'),
    ('half an answer', says(json.dumps(CODE).encode()[:-20]), 'answer', 'ends too early'),
    ('ten megabytes', says(json.dumps({**CODE, 'x': 'a' * (10 << 20)}).encode()), 'answer', 'that long'),
    ('a code twice', says(b'{"device_code":"a",' + json.dumps(CODE).encode()[1:]), 'answer', 'not JSON'),
    ('100000 brackets', says(b'[' * 100000 + b']' * 100000), 'answer', 'not JSON'),
    ('wrong types', says({**CODE, 'expires_in': 'soon'}), 'answer', 'expires_in'),
    ('a page that runs a script', says({**CODE, 'verification_uri': f'javascript:alert("{CANARY}")'}), 'answer', 'browser'),
    ('a code that a screen would not show', says({**CODE, 'user_code': 'A\u202eB'}), 'answer', 'typed'),
    ('an error with status 200', error('device_flow_disabled'), 'unsupported', 'switched off'),
    ('an unknown client', error('invalid_client', status='401 Unauthorized'), 'invalid_client', 'set it up again'),
    ('an unknown scope', error('invalid_scope', status='400 Bad'), 'invalid_scope', 'ask for others'),
    ('a word of its own', error(CANARY, status='400 Bad'), 'refused', 'status 400'),
    ('too often, in seconds', says(b'', ('Retry-After', '90'), status='429 Too Many'), 'rate_limited', 'in 1m30s'),
    ('too often, by the clock', says(b'', ('Retry-After', dated(120)[1]), dated(0), status='429 Too Many'), 'rate_limited', 'ask again in'),
    ('a clock ten minutes ahead', says({}, JSON, dated(600), status='401 Unauthorized'), 'clock', 'behind'),
    ('a clock ten minutes behind', says({}, JSON, dated(-600), status='401 Unauthorized'), 'clock', 'ahead of'),
    ('it broke', says(CANARY.encode(), ('Content-Type', 'text/html'), status='500 Broken'), 'unavailable', 'ask again later'),
    ('a redirection', says(b'', ('Location', f'https://{CANARY}.example/'), status='302 Found'), 'answer', 'status 302'),
]


@case('an agent is told what is wrong in a word and a sentence of ours, and the trail has the word')
def agents(world):
    for what, respond, code, words in BAD:
        world.device = respond
        answer = world.asked()
        equal((answer['status'], answer['code']), ('failed', code), what)
        contains(answer['message'], words)
        lacks(json.dumps(answer), CANARY)
    world.kept_nothing()
    equal(world.failures(), [code for _, _, code, _ in BAD])


TOKENS = [
    ('the person refused', error('access_denied', status='400 Bad'), 'access_denied'),
    ('the code is too old', error('expired_token', status='400 Bad'), 'expired_token'),
    ('the code was used, with status 200', error('bad_verification_code'), 'invalid_grant'),
    ('a token that ends a header', says({'access_token': f'{CANARY}\r\nX: y', 'token_type': 'bearer'}), 'answer'),
    ('a token that is none', says({'access_token': '', 'token_type': 'bearer'}), 'answer'),
    ('a token that has expired', says({'access_token': CANARY, 'token_type': 'bearer', 'expires_in': 0}), 'expired'),
    ('a token that wants more than to be shown', says({'access_token': CANARY, 'token_type': 'DPoP'}), 'unsupported'),
    ('an error beside a token', says({'access_token': CANARY, 'token_type': 'bearer', 'error': 'invalid_grant'}), 'invalid_grant'),
]


@case('what comes in the place of a token is told to the person, and nothing of it is kept')
def tokens(world):
    for what, respond, code in TOKENS:
        world.token = respond
        over = world.begun()
        equal((over['ok'], over.get('code')), (False, code), what)
        lacks(json.dumps(over), CANARY)
    world.kept_nothing()
    equal(world.failures(), [code for _, _, code in TOKENS])


@case('with a right answer the same login succeeds (or else the cases above prove nothing)')
def right(world):
    world.token = says({'access_token': 'right-token', 'token_type': 'bearer', 'expires_in': 3600, 'scope': 'read'})
    over = world.begun()
    equal((over['ok'], over['secret'], over['scope'], over['expires_in']), (True, 'oauth2-token', 'read', 3600))
    equal(world.failures(), [])


@case("a certificate of one's own authority is taken where the file names that authority, and else is not")
def certificate(world):
    authority = httpsite.Authority()
    site = httpsite.Site(world.base, authority, modes={'device': lambda site, connection, request: says(CODE)(connection)})
    world.sites.append(site)
    text = FILE.format(port=site.port).replace('http://', 'https://')
    world.write('providers.d/oauth2.conf', text)
    world.cli('policy', 'apply', pin=True)
    answer = world.asked()
    equal((answer['status'], answer['code']), ('failed', 'tls'))
    equal(site.seen, [])
    world.write('providers.d/ours.pem', authority.pem)
    world.write('providers.d/oauth2.conf', f'{text}ca ours.pem\n')
    world.cli('policy', 'apply', pin=True)
    human = world.human(pin=True)
    login = human.call('login_start', {'provider': 'oauth2', 'scopes': ['read'], 'pin': countersign.PIN})['login_id']
    equal(human.hear('browse', login_id=login)['user_code'], CODE['user_code'])
    equal([request.path for request in site.seen], ['/device'])


raise SystemExit(tap.run(AnswersWorld))
