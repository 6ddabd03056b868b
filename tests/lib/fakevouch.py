# SPDX-License-Identifier: MIT
"""A fake of Vouch: its login (OpenID Connect, PKCE), and its three credential services.

Vouch has no client of its own to prove it by: integration/vendors.py sends what the broker guide of Vouch sends.
"""

import base64
import hashlib
import json
import os
import secrets
import subprocess
import urllib.parse

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

import fake
from fake import Refusal, as_json

KID = 'vouch-1'


def _b64(number):
    return base64.urlsafe_b64encode(number.to_bytes(32, 'big')).rstrip(b'=').decode()


class FakeVouch(fake.Fake):
    """`person` logs in without being asked. `iss` is what its tokens say; `github`: a FakeGithub whose tokens it hands out.
    `shape`: which of the three shapes its errors have."""

    def __init__(self, folder, github=None, authority=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.folder, self.github, self.shape = folder, github, 0
        self.codes, self.refreshes, self.certificates = {}, {}, []
        self.identity = {}  # claims of the AWS id token that are to be other than right
        self.serial, self.sign_with = 2 ** 64 - 2, None
        super().__init__(folder, authority)
        self.iss = self.url

    def refusal(self, error):
        word = error.words[0]
        return as_json(({'code': word, 'message': 'FROM-UPSTREAM'}, {'error': word, 'error_description': 'FROM-UPSTREAM'},
                        {'error': word})[self.shape], error.status)

    def sign(self, claims, typ='JWT'):
        now = int(self.now())
        return jwt.encode({'iss': self.iss, 'sub': 'ann', 'iat': now, 'exp': now + 600, **claims}, self.key, 'ES256',
                          {'kid': KID, 'typ': typ})

    def jwks(self):
        numbers = self.key.public_key().public_numbers()
        return {'keys': [{'kty': 'EC', 'crv': 'P-256', 'alg': 'ES256', 'use': 'sig', 'kid': KID, 'x': _b64(numbers.x), 'y': _b64(numbers.y)}]}

    def route(self, method, path, request):
        routes = {('GET', '/.well-known/openid-configuration'): self._metadata,
                  ('GET', '/oauth/jwks'): lambda _: as_json(self.jwks()),
                  ('GET', '/oauth/authorize'): self._authorize,
                  ('POST', '/oauth/token'): self._tokens,
                  ('POST', '/oauth/revoke'): lambda _: as_json({}),
                  ('GET', '/v1/credentials/aws/token'): self._aws,
                  ('POST', '/v1/credentials/github/token'): self._github,
                  ('POST', '/v1/credentials/ssh'): self._ssh}
        if (method, path) not in routes:
            raise Refusal(404, 'not_found')
        return routes[method, path](request)

    # --- its login ---

    def _metadata(self, _request):
        return as_json({'issuer': self.url, 'authorization_endpoint': f'{self.url}/oauth/authorize', 'token_endpoint': f'{self.url}/oauth/token',
                        'revocation_endpoint': f'{self.url}/oauth/revoke', 'jwks_uri': f'{self.url}/oauth/jwks',
                        'response_types_supported': ['code'], 'grant_types_supported': ['authorization_code', 'refresh_token'],
                        'subject_types_supported': ['public'], 'id_token_signing_alg_values_supported': ['ES256'],
                        'code_challenge_methods_supported': ['S256'], 'token_endpoint_auth_methods_supported': ['none'],
                        'authorization_response_iss_parameter_supported': True})

    def _authorize(self, request):
        if request.query.get('code_challenge_method') != 'S256':
            raise Refusal(400, 'invalid_request')
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(request.query)
        query = urllib.parse.urlencode({'code': code, 'state': request.query['state'], 'iss': self.url})
        return 302, [('Location', f'{request.query["redirect_uri"]}?{query}')], ''

    def _tokens(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        if form.get('grant_type') == 'refresh_token' and form.get('refresh_token') in self.refreshes:
            return self._login(self.refreshes.pop(form['refresh_token']))
        asked = self.codes.pop(form.get('code'), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get('code_verifier', '').encode()).digest()).rstrip(b'=').decode()
        if asked is None or challenge != asked['code_challenge'] or form.get('redirect_uri') != asked['redirect_uri']:
            raise Refusal(400, 'invalid_grant')
        return self._login(asked['client_id'])

    def _login(self, client):
        refresh = secrets.token_urlsafe(24)
        self.refreshes[refresh] = client
        return as_json({'access_token': self.access(client), 'token_type': 'Bearer', 'expires_in': 600, 'refresh_token': refresh,
                        'scope': 'openid'})

    def access(self, client='countersign', **claims):
        """An access token as its login hands it out."""
        return self.sign({'aud': self.url, 'client_id': client, 'scope': 'openid', 'hardware_verified': True, **claims}, 'at+jwt')

    # --- its services ---

    def _caller(self, request):
        try:
            return jwt.decode((request.header('Authorization') or [''])[0].partition('Bearer ')[2], self.key.public_key(),
                              algorithms=['ES256'], issuer=self.url, options={'verify_aud': False, 'verify_iat': False})
        except jwt.PyJWTError:
            raise Refusal(401, 'invalid_token') from None

    def _aws(self, request):
        self._caller(request)
        return as_json({'id_token': self.sign({'aud': 'sts.amazonaws.com', **self.identity}), 'expires_in': 600})

    def _github(self, request):
        self._caller(request)
        body = json.loads(request.body)
        if not set(body) <= {'owner', 'repositories'}:
            raise Refusal(400, 'invalid_request')
        _, _, text = self.github._issue({'repositories': body.get('repositories')})  # pylint: disable=protected-access
        told = json.loads(text)
        return as_json({'token': told['token'], 'expires_at': told['expires_at'], 'expires_in': self.github.lifetime,
                        'permissions': told['permissions'],
                        **({'repositories': body['repositories']} if body.get('repositories') else {})})

    def _ssh(self, request):
        self._caller(request)
        key = json.loads(request.body)['public_key']
        place = os.path.join(self.folder, f'vouch-{secrets.token_hex(4)}')
        with open(f'{place}.pub', 'w', encoding='utf-8') as file:
            file.write((self.sign_with or key) + '\n')
        if not os.path.exists(os.path.join(self.folder, 'vouch-ca')):
            subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', os.path.join(self.folder, 'vouch-ca')], check=True)
        subprocess.run(['ssh-keygen', '-q', '-s', os.path.join(self.folder, 'vouch-ca'), '-I', 'vouch:ann', '-n', 'ann', '-z', str(self.serial),
                        '-V', '+5m', f'{place}.pub'], check=True, stderr=subprocess.DEVNULL)
        with open(f'{place}-cert.pub', encoding='utf-8') as file:
            certificate = file.read().strip()
        self.certificates.append(certificate)
        return as_json({'certificate': certificate, 'valid_for_seconds': 300, 'principals': ['ann'], 'serial': self.serial})
