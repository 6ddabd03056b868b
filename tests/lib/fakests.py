# SPDX-License-Identifier: MIT
"""A fake of AWS STS: AssumeRole, whose signature it computes anew, and AssumeRoleWithWebIdentity, whose token it verifies.

integration/vendors.py has AWS's own client take it for the real one.
"""

import datetime
import hashlib
import hmac
import json
import re
import secrets
import urllib.parse
from xml.sax.saxutils import escape

import jwt

import fake
from fake import Refusal

NS = 'https://sts.amazonaws.com/doc/2011-06-15/'
ROLE = 'arn:aws:iam::123456789012:role/deploy'
SESSION = re.compile(r'[\w+=,.@-]{2,64}', re.ASCII)


def _digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(method, target, headers, body, secret, scope, signed):
    """AWS Signature Version 4 of a request to any service but S3, from what arrived."""
    path, _, query = target.partition('?')
    pairs = sorted(tuple(urllib.parse.quote(part, safe='-_.~') for part in pair)
                   for pair in urllib.parse.parse_qsl(query, keep_blank_values=True))
    lines = [method, urllib.parse.quote(path, safe='/-_.~'), '&'.join('='.join(pair) for pair in pairs)]
    lines += [f'{name}:{" ".join(headers[name].split())}' for name in signed]
    lines += ['', ';'.join(signed), hashlib.sha256(body).hexdigest()]
    date, region, service, _ = scope.split('/')
    text = '\n'.join(['AWS4-HMAC-SHA256', headers['x-amz-date'], scope,
                      hashlib.sha256('\n'.join(lines).encode()).hexdigest()])
    key = f'AWS4{secret}'.encode()
    for part in (date, region, service, 'aws4_request'):
        key = _digest(key, part)
    return _digest(key, text).hex()


class FakeSts(fake.Fake):
    """keys: {id: secret}; issuers: {iss: public key}; roles: {arn: most seconds}. `issued`: what was, newest last."""

    def __init__(self, folder, authority=None):
        self.keys = {'AKIDEXAMPLE': 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'}
        self.issuers, self.roles, self.issued = {}, {ROLE: 43200}, []
        super().__init__(folder, authority)

    def refusal(self, error):
        code, message = error.words
        return error.status, [('Content-Type', 'text/xml')], (
            f'<ErrorResponse xmlns="{NS}">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{code}</Code>\n'
            f'    <Message>{escape(message)}</Message>\n  </Error>\n  <RequestId>{secrets.token_hex(16)}</RequestId>\n</ErrorResponse>\n')

    def route(self, method, path, request):
        if (method, path) != ('POST', '/'):
            raise Refusal(404, 'UnknownOperation', 'FROM-UPSTREAM')
        form = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        if form.get('Version') != '2011-06-15':
            raise Refusal(400, 'InvalidAction', 'FROM-UPSTREAM')
        action = form.get('Action')
        if action == 'AssumeRole':
            who = self._signed(request)
        elif action == 'AssumeRoleWithWebIdentity':
            who = self._identity(form)
        else:
            raise Refusal(400, 'InvalidAction', 'FROM-UPSTREAM')
        return self._issue(action, form, who)

    def _signed(self, request):
        headers = {name.lower(): value for name, value in request.headers}
        found = re.fullmatch(r'AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})',
                             headers.get('authorization', ''))
        if not found:
            raise Refusal(403, 'MissingAuthenticationToken', 'FROM-UPSTREAM')
        name, scope, signed, given = found.groups()
        if name not in self.keys:
            raise Refusal(403, 'InvalidClientTokenId', 'FROM-UPSTREAM')
        signed = signed.split(';')
        if signed != sorted(signed) or not {'host', 'x-amz-date'} <= set(signed) or scope.split('/')[2:] != ['sts', 'aws4_request']:
            raise Refusal(400, 'IncompleteSignature', 'FROM-UPSTREAM')
        made = datetime.datetime.strptime(headers['x-amz-date'], '%Y%m%dT%H%M%SZ').replace(tzinfo=datetime.timezone.utc)
        right = signature(request.method, request.target, headers, request.body, self.keys[name], scope, signed)
        if not hmac.compare_digest(given, right):
            raise Refusal(403, 'SignatureDoesNotMatch', 'FROM-UPSTREAM')
        if abs(made.timestamp() - self.now()) > 300 or not headers['x-amz-date'].startswith(scope.split('/')[0]):
            raise Refusal(403, 'SignatureDoesNotMatch', 'Signature expired FROM-UPSTREAM')
        return name

    def _identity(self, form):
        token = form.get('WebIdentityToken', '')
        try:
            claims = jwt.decode(token, options={'verify_signature': False})
            key = self.issuers[claims['iss']]
            claims = jwt.decode(token, key, algorithms=['ES256', 'RS256'], audience='sts.amazonaws.com',
                                options={'verify_exp': False, 'verify_iat': False, 'verify_nbf': False, 'require': ['exp', 'iat', 'sub']})
        except (jwt.PyJWTError, KeyError) as error:
            raise Refusal(400, 'InvalidIdentityToken', f'FROM-UPSTREAM {type(error).__name__}') from None
        if claims['exp'] <= self.now():
            raise Refusal(400, 'ExpiredTokenException', 'Token expired FROM-UPSTREAM')
        return claims['sub']

    def _issue(self, action, form, who):
        role, seconds = form.get('RoleArn', ''), int(form.get('DurationSeconds', '3600'))
        if role not in self.roles:
            raise Refusal(403, 'AccessDenied', 'FROM-UPSTREAM is not authorized')
        if not SESSION.fullmatch(form.get('RoleSessionName', '')) or not 900 <= seconds <= self.roles[role]:
            raise Refusal(400, 'ValidationError', 'FROM-UPSTREAM')
        policy = json.loads(form['Policy']) if 'Policy' in form else None
        if len(form.get('Policy', '')) > 2048 or (policy and policy.get('Version') != '2012-10-17'):
            raise Refusal(400, 'MalformedPolicyDocument', 'FROM-UPSTREAM')
        credential = {'AccessKeyId': 'ASIA' + secrets.token_hex(8).upper(), 'SecretAccessKey': secrets.token_urlsafe(30),
                      'SessionToken': secrets.token_urlsafe(300) + '/+==', 'Expiration': self.time(seconds)}
        self.issued.append({'action': action, 'by': who, 'role': role, 'session': form['RoleSessionName'], 'seconds': seconds,
                            'policy': policy, 'credential': credential})
        inner = ''.join(f'      <{name}>{escape(value)}</{name}>\n' for name, value in sorted(credential.items(), reverse=True))
        return 200, [('Content-Type', 'text/xml')], (
            f'<{action}Response xmlns="{NS}">\n  <{action}Result>\n    <AssumedRoleUser>\n      <AssumedRoleId>AROA:{form["RoleSessionName"]}'
            f'</AssumedRoleId>\n      <Arn>{role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/{form["RoleSessionName"]}</Arn>\n'
            f'    </AssumedRoleUser>\n    <Credentials>\n{inner}    </Credentials>\n  </{action}Result>\n  <ResponseMetadata>\n'
            f'    <RequestId>{secrets.token_hex(16)}</RequestId>\n  </ResponseMetadata>\n</{action}Response>\n')
