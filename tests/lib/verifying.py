# SPDX-License-Identifier: MIT
"""Those who verify what our issuer mints: npm's jose and Python's jwt, each with nothing but the published keys."""

import json
import os
import subprocess

import jwt

import parties


def by_python(token, published, audience):
    """The claims, or the name of what was wrong."""
    head = jwt.get_unverified_header(token)
    keys = {key['kid']: key for key in published['jwks']['keys']}
    if head['kid'] not in keys:
        return 'no such key'
    key = jwt.PyJWK(keys[head['kid']]).key
    try:
        return jwt.decode(token, key, algorithms=published['algorithms'], audience=audience, issuer=published['issuer'],
                          options={'require': ['exp', 'iat', 'nbf', 'iss', 'sub', 'aud', 'jti']})
    except jwt.InvalidTokenError as error:
        return type(error).__name__


def by_jose(token, published, audience):
    process = subprocess.run([parties.node(), os.path.join(os.path.dirname(__file__), 'jose.mjs')],
                             input=json.dumps({'token': token, 'jwks': published['jwks'],
                                               'issuer': published['issuer'], 'audience': audience}),
                             capture_output=True, text=True, check=True, timeout=60)
    answer = json.loads(process.stdout)
    return answer.get('claims', answer.get('error'))
