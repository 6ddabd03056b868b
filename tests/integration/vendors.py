# SPDX-License-Identifier: MIT
"""The fakes of vendors' services that other tests ask: each is taken for the real one by what its vendor asks it with."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from xml.etree import ElementTree

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

import fakegithub
import fakests
import fakevouch
import parties
import tap
from lines import PATIENCE
from tap import case, contains, equal

POLICY = json.dumps({'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': ['s3:GetObject'], 'Resource': '*'}]})
INPUT = {'RoleArn': fakests.ROLE, 'RoleSessionName': 'a-session@1', 'DurationSeconds': 900, 'Policy': POLICY}


class Fakes:
    """All three, in a folder of their own."""

    def __init__(self):
        self.base = tempfile.mkdtemp(prefix='countersign-fakes-')
        self.sts, self.github = fakests.FakeSts(self.base), fakegithub.FakeGithub(self.base)
        self.vouch = fakevouch.FakeVouch(self.base, self.github)

    def vendor(self, **order):
        """What the vendor's client made of the answer."""
        done = subprocess.run([parties.node(), os.path.join(parties.HERE, 'vendors.mjs'), json.dumps(order)], capture_output=True,
                              timeout=PATIENCE * 2, check=True, cwd=self.base, env={'PATH': '/usr/bin:/bin', 'HOME': self.base})
        return json.loads(done.stdout)

    def check(self):
        pass

    def story(self):
        return ''

    def close(self):
        for site in (self.sts, self.github, self.vouch):
            site.close()
        shutil.rmtree(self.base, ignore_errors=True)


# --- AWS ---

@case("AWS's client assumes a role with keys, and with no others")
def role(fakes):
    order = {'client': 'sts', 'endpoint': fakes.sts.url, 'command': 'AssumeRoleCommand', 'input': INPUT}
    found = fakes.vendor(keys=list(fakes.sts.keys.items())[0], **order)['result']
    issued = fakes.sts.issued[-1]
    equal({name: found[name] for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')},
          {name: issued['credential'][name] for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')})
    equal(found['Expiration'], issued['credential']['Expiration'].replace('Z', '.000Z'))
    equal((issued['seconds'], issued['session'], issued['policy']), (900, 'a-session@1', json.loads(POLICY)))
    equal(fakes.vendor(keys=['AKIDEXAMPLE', 'another'], **order)['error'], 'SignatureDoesNotMatch')
    equal(fakes.vendor(keys=['AKIDOTHER', 'another'], **order)['error'], 'InvalidClientTokenId')
    equal(len(fakes.sts.issued), 1)


@case("AWS's client assumes a role with an identity, and with none that is not right")
def identity(fakes):
    key, now = ec.generate_private_key(ec.SECP256R1()), int(time.time())
    fakes.sts.issuers['https://id.example.com'] = key.public_key()
    right = {'iss': 'https://id.example.com', 'aud': 'sts.amazonaws.com', 'sub': 'ann', 'iat': now, 'exp': now + 60}

    def ask(claims, signer=key, **more):
        token = jwt.encode({**right, **claims}, signer, 'ES256')
        return fakes.vendor(client='sts', endpoint=fakes.sts.url, command='AssumeRoleWithWebIdentityCommand',
                            input={**INPUT, 'WebIdentityToken': token, **more})

    equal(ask({})['result']['AccessKeyId'], fakes.sts.issued[-1]['credential']['AccessKeyId'])
    equal(fakes.sts.issued[-1]['by'], 'ann')
    for claims, error in (({'aud': 'other'}, 'InvalidIdentityTokenException'), ({'iss': 'https://other.example.com'}, 'InvalidIdentityTokenException'),
                          ({'exp': now - 1}, 'ExpiredTokenException')):
        equal(ask(claims)['error'], error, claims)
    equal(ask({}, ec.generate_private_key(ec.SECP256R1()))['error'], 'InvalidIdentityTokenException')
    equal(ask({}, RoleArn='arn:aws:iam::123456789012:role/admin')['error'], 'AccessDenied')
    equal(ask({}, DurationSeconds=899)['error'], 'ValidationError')


# --- GitHub ---

@case("GitHub's client has a token of an installation, reaches what it is for, and takes it back")
def installation(fakes):
    order = {'client': 'github', 'api': fakes.github.url, 'app': fakes.github.APP, 'pem': fakes.github.pem, 'installation': fakes.github.INSTALLATION}
    found = fakes.vendor(repositories=['site'], permissions={'contents': 'read'}, **order)['result']
    equal((found['repositorySelection'], found['reached']), ('selected', ['site']))
    equal(found['permissions'], {'contents': 'read', 'metadata': 'read'})
    equal((found['revoked'], found['after']), (204, 401))
    equal(fakes.github.live(), [])
    equal(fakes.vendor(**order)['result']['reached'], fakes.github.repositories)
    equal(fakes.vendor(repositories=['other'], **order)['status'], 422)
    equal(fakes.vendor(permissions={'contents': 'admin'}, **order)['status'], 422)
    equal(fakes.vendor(**{**order, 'pem': fakegithub.FakeGithub(fakes.base).pem})['status'], 401)
    equal(fakes.vendor(**{**order, 'app': 'Iv1.another'})['status'], 401)


# --- Vouch: what its broker guide sends ---

def guide(url, token, body=None):
    """The guide's request: the status, and what is in it."""
    request = urllib.request.Request(url, headers={'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'},
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@case("the guide's verifier takes a login of Vouch's, by its published keys")
def login(fakes):
    _, keys = guide(f'{fakes.vouch.url}/oauth/jwks', '')
    key = jwt.PyJWK(keys['keys'][0]).key
    payload = jwt.decode(fakes.vouch.access(), key, algorithms=['ES256'], issuer=fakes.vouch.url, options={'verify_aud': False})
    equal((payload['sub'], payload['scope']), ('ann', 'openid'))


@case("the guide exchanges a login of Vouch's for credentials of AWS")
def vouch_aws(fakes):
    fakes.sts.issuers[fakes.vouch.url] = fakes.vouch.key.public_key()
    status, told = guide(f'{fakes.vouch.url}/v1/credentials/aws/token', fakes.vouch.access())
    equal((status, told['expires_in']), (200, 600))
    form = {'Action': 'AssumeRoleWithWebIdentity', 'RoleArn': fakests.ROLE, 'RoleSessionName': 'vouch-mcp', 'WebIdentityToken': told['id_token'],
            'Version': '2011-06-15'}
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f'{fakes.sts.url}/', urllib.parse.urlencode(form).encode(), PATIENCE) as answer:
        tree = ElementTree.fromstring(answer.read())
    found = tree.find('.//{*}Credentials/{*}SecretAccessKey').text
    equal(found, fakes.sts.issued[-1]['credential']['SecretAccessKey'])


@case("the guide has a token of GitHub from Vouch, and a certificate")
def vouch_others(fakes):
    status, told = guide(f'{fakes.vouch.url}/v1/credentials/github/token', fakes.vouch.access(), {'owner': 'ann', 'repositories': ['site']})
    equal((status, told['repositories'], fakes.github.live()), (200, ['site'], [told['token']]))
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', f'{fakes.base}/id'], check=True)
    with open(f'{fakes.base}/id.pub', encoding='utf-8') as file:
        key = file.read().strip()
    status, told = guide(f'{fakes.vouch.url}/v1/credentials/ssh', fakes.vouch.access(), {'public_key': key})
    equal((status, told['principals'], told['serial']), (200, ['ann'], 2 ** 64 - 2))
    with open(f'{fakes.base}/id-cert.pub', 'w', encoding='utf-8') as file:
        file.write(told['certificate'])
    listed = subprocess.run(['ssh-keygen', '-L', '-f', f'{fakes.base}/id-cert.pub'], check=True, capture_output=True).stdout.decode()
    contains(listed, f'Serial: {2 ** 64 - 2}')


@case('Vouch says no in its three shapes, and to a login of another issuer')
def vouch_errors(fakes):
    url = f'{fakes.vouch.url}/v1/credentials/aws/token'
    for shape, names in enumerate((['code', 'message'], ['error', 'error_description'], ['error'])):
        fakes.vouch.shape = shape
        status, told = guide(url, fakes.vouch.access(iss='https://other.example.com'))
        equal((status, list(told)), (401, names))
    equal(guide(url, fakes.vouch.access(exp=int(time.time()) - 1))[0], 401)


sys.exit(tap.run(Fakes))
