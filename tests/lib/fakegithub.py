# SPDX-License-Identifier: MIT
"""A fake of GitHub's REST API for one App and its installation: tokens, what they reach, and their revocation.

integration/vendors.py has GitHub's own client take it for the real one.
"""

import json
import secrets
import threading

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import fake
from fake import Refusal, as_json

LEVELS = ('read', 'write', 'admin')


class FakeGithub(fake.Fake):
    """`pem` is the App's private key. `tokens`: {token: {"permissions","repositories","live"}}; `lifetime` in seconds."""

    APP, INSTALLATION, OWNER = 'Iv1.0123456789abcdef', 4711, 'ann'

    def __init__(self, folder, authority=None):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                     serialization.NoEncryption()).decode()
        self.public = key.public_key()
        self.repositories = ['site', 'docs', 'infra']
        self.permissions = {'contents': 'write', 'issues': 'write', 'metadata': 'read'}
        self.tokens, self.lifetime = {}, 3600
        self.go = threading.Event()  # cleared: what is issued is told when it is set
        self.go.set()
        super().__init__(folder, authority)

    def refusal(self, error):
        return as_json({'message': f'FROM-UPSTREAM {error.words[0]}', 'documentation_url': 'https://docs.github.com/rest'}, error.status)

    def live(self):
        """The tokens that are still good."""
        return [token for token, about in self.tokens.items() if about['live']]

    def route(self, method, path, request):
        if not request.header('User-Agent'):
            raise Refusal(403, 'Request forbidden by administrative rules')
        if (method, path) == ('POST', f'/app/installations/{self.INSTALLATION}/access_tokens'):
            self._app(request)
            return self._issue(json.loads(request.body or b'{}'))
        if (method, path) == ('DELETE', '/installation/token'):
            self._token(request)['live'] = False
            return 204, [], ''
        if (method, path) == ('GET', '/installation/repositories'):
            names = self._token(request)['repositories']
            return as_json({'total_count': len(names), 'repositories': [self._repository(name) for name in names]})
        raise Refusal(404, 'Not Found')

    @staticmethod
    def _bearer(request):
        scheme, _, token = (request.header('Authorization') or [''])[0].partition(' ')
        if scheme.lower() not in ('bearer', 'token'):
            raise Refusal(401, 'Requires authentication')
        return token

    def _app(self, request):
        try:
            claims = jwt.decode(self._bearer(request), self.public, algorithms=['RS256'],
                                options={'require': ['iat', 'exp', 'iss'], 'verify_exp': False, 'verify_iat': False})
        except jwt.PyJWTError as error:
            raise Refusal(401, f'A JSON web token could not be decoded: {type(error).__name__}') from None
        now = self.now()
        if claims['iat'] > now + 30 or not now < claims['exp'] <= now + 600 or str(claims['iss']) != self.APP:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")

    def _token(self, request):
        about = self.tokens.get(self._bearer(request))
        if about is None or not about['live']:
            raise Refusal(401, 'Bad credentials')
        return about

    def _repository(self, name):
        return {'id': self.repositories.index(name) + 1, 'name': name, 'full_name': f'{self.OWNER}/{name}', 'owner': {'login': self.OWNER}}

    def _issue(self, body):
        names = body.get('repositories') or self.repositories
        permissions = {**(body.get('permissions') or self.permissions), 'metadata': 'read'}
        if len(names) > 500 or not set(names) <= set(self.repositories):
            raise Refusal(422, 'There is at least one repository that does not exist or is not accessible')
        for name, level in permissions.items():
            if name not in self.permissions or LEVELS.index(level) > LEVELS.index(self.permissions[name]):
                raise Refusal(422, 'The permissions requested are not granted to this installation.')
        token = f'ghs_{secrets.token_urlsafe(200)}'
        self.tokens[token] = {'permissions': permissions, 'repositories': names, 'live': True}
        self.go.wait(60)
        answer = {'token': token, 'expires_at': self.time(self.lifetime), 'permissions': permissions,
                  'repository_selection': 'selected' if body.get('repositories') else 'all'}
        if body.get('repositories'):
            answer['repositories'] = [self._repository(name) for name in names]
        return as_json(answer, 201)
