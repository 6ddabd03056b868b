# SPDX-License-Identifier: MIT
"""Cards of what a provider issues, as somebody looked at them."""

import desktop
from pictures_of import PREVIOUS, seen
from played import make_card
from tap import case

HELD = {'asked_duration': 3600, 'max_duration': 3600, 'default_duration': 300, 'default_uses': 1, 'max_uses': 1}
CREDENTIAL = {'label': 'Discloses', 'value': 'a credential goes to this program'}


def facts(*rows):
    return [CREDENTIAL] + [{'label': label, 'value': value} for label, value in rows]


LOGIN = {'operation': 'oauth_login', 'resource': 'github', 'risk': 'write', 'scopes': ['repo', 'read:user'], 'max_duration': 0,
         'asked_duration': 0, 'default_duration': 0, 'rule': 'ask any max 1h confirm click', 'confirm': 'click',
         'facts': facts(('Logs in at', 'github.com'), ('Client', 'Iv1.8a61f9b3a7aba766'), ('Access token', 'github-token'),
                        ('Refresh token', 'github-token_refresh'),
                        ('Afterwards', 'this program may use it for 5m, without its value'))[1:]}
MINT = {'operation': 'mint_token', 'resource': 'oauth2', 'risk': 'write', 'scopes': ['deploy:read', 'deploy:write'], **HELD,
        'facts': facts(('Audience', 'https://deploy.example.com'), ('Issuer', 'urn:countersign:5f2c9a'))[1:]}
AWS = {'operation': 'aws_credentials', 'resource': 'aws', 'risk': 'disclose', **HELD,
       'scopes': ['s3:GetObject arn:aws:s3:::reports/*', 's3:ListBucket arn:aws:s3:::reports'],
       'facts': facts(('Role', 'arn:aws:iam::123456789012:role/reports'), ('Account', '123456789012'),
                      ('Narrowed to', 's3:GetObject arn:aws:s3:::reports/*'), ('Narrowed to', 's3:ListBucket arn:aws:s3:::reports'),
                      ('Sends to', 'https://sts.eu-central-1.amazonaws.com'), ('Signs with', 'aws-keys'),
                      ('Session', 'countersign-4711'),
                      ('Lasts', '15m at least, also when granted for less: AWS takes none back'))}
WHOLE_ROLE = {**AWS, 'scopes': ['role'],
              'facts': facts(('Role', 'arn:aws:iam::123456789012:role/admin'), ('Account', '123456789012'),
                             ('Narrowed to', 'not at all: all that the role may do'),
                             ('Sends to', 'https://sts.amazonaws.com'), ('Signs with', 'aws-keys'))}
GITHUB = {'operation': 'github_token', 'resource': 'github-app', 'risk': 'disclose', **HELD,
          'scopes': ['repo/countersign', 'repo/website', 'contents:read', 'issues:write'],
          'facts': facts(('Owner', 'ann'), ('Repositories', 'countersign, website'), ('Permissions', 'contents: read, issues: write'),
                         ('Sends to', 'https://api.github.com'), ('Signs with', 'github-app-key'),
                         ('Lasts', '1h at most; taken back at GitHub when the grant ends'))}
SSH = {'operation': 'ssh_certificate', 'resource': 'ssh-ca', 'risk': 'disclose', **HELD, 'scopes': ['ann', 'deploy'],
       'facts': facts(('Key type', 'Ed25519'), ('Fingerprint', 'SHA256:mVPwvezndPv/ARoIadVY98vAC0g+P/5633yTC4d/wXE'),
                      ('Principals', 'ann, deploy'), ('Commands', 'any command'), ('Source address', '10.0.0.0/8'),
                      ('Valid for', '1h at most; it ends with the grant'), ('Extensions', 'none'))}
BAD = 'repo\u202e\u200b <b>read</b> \x1b]52;c;aGVsbG8=\x07' + ' ' * 40 + 'and all else'


@case('a login at a provider, which goes on in the browser', init=False)
def login(world):
    seen(world, 'login', make_card(previous=PREVIOUS, **LOGIN))


@case('the same in the dark and in German, over one that is there', init=False, dark=True)
def login_german(world):
    card = {**LOGIN, 'facts': LOGIN['facts'] + [{'label': 'Replaces', 'value': 'the login that is there under this name'}]}
    seen(world, 'login-dark-german', make_card(**card), language='de')


@case('a signed token', init=False)
def mint(world):
    seen(world, 'mint', make_card(previous=PREVIOUS, **MINT))


@case('AWS credentials, narrowed', init=False)
def aws(world):
    seen(world, 'aws', make_card(previous=PREVIOUS, **AWS))


@case('AWS credentials for all that a role may do', init=False)
def whole_role(world):
    seen(world, 'aws-whole-role', make_card(**WHOLE_ROLE), armed=False)


@case('a GitHub token, in German', init=False)
def github(world):
    seen(world, 'github-token-german', make_card(previous=PREVIOUS, **GITHUB), language='de')


@case('an SSH certificate', init=False)
def ssh(world):
    seen(world, 'ssh', make_card(previous=PREVIOUS, **SSH))


@case('hostile scopes stand escaped, each as one that can be taken away', init=False)
def hostile(world):
    card = {**LOGIN, 'resource': 'okta', 'scopes': [BAD, 'repo', 'a' * 300], 'purpose': BAD}
    seen(world, 'login-hostile', make_card(**card))


if __name__ == '__main__':
    desktop.main()
