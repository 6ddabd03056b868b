# SPDX-License-Identifier: MIT
"""countersign-worker-http carrying exchanges with a provider, and listening for callbacks."""

import base64
import json
import os
import struct

import httpsite
import httpworker
import oidcworld
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lines import Refused
from tap import equal


def values_of(started, result):
    """The values that came with an answer, by their names."""
    names = result.get('values', [])
    equal(result.get('values_fd', False), bool(names), 'a descriptor')
    if not names:
        return {}
    with os.fdopen(started.lines.descriptors.pop(0), 'rb') as file:
        file.seek(0)
        data = file.read()
    values = {}
    for name in names:
        size, = struct.unpack('>I', data[:4])
        values[name], data = data[4:4 + size].decode(), data[4 + size:]
    equal(data, b'', 'what is left over')
    return values


def open_parcel(key, data):
    """What is in a parcel: fields and values. Raises when it was cut or changed."""
    equal(data[:1], b'\x01', 'its version')
    whole = json.loads(AESGCM(key).decrypt(data[1:13], data[13:], b'countersign parcel'))
    return whole['fields'], {name: base64.b64decode(value).decode() for name, value in whole['values'].items()}


class World(httpworker.HttpWorld):
    """A worker for each exchange."""

    def __init__(self):
        super().__init__()
        self.provider_ = None

    @property
    def provider(self):
        if self.provider_ is None:
            self.provider_ = oidcworld.Provider(self)
        return self.provider_

    def fresh(self):
        return self.worker('countersign-worker-http')

    def begin(self, request, answer, secrets=None, parcel=None, worker=None, timeout=20000, **more):
        """Begins an exchange; the worker and the id of the call. parcel: a descriptor and a key."""
        worker = worker or self.fresh()
        for name, value in (secrets or {}).items():
            worker.attach('secret', value, name=name)
        if parcel is not None:
            worker.attach('parcel', fd=parcel[0])
            worker.attach('parcel_key', parcel[1])
        return worker, worker.start('exchange', {'request': {'network': 'loopback', 'method': 'POST', **request},
                                                 'answer': answer, 'timeout_ms': timeout, **more})

    def exchange(self, request, answer='oauth-token', secrets=None, **more):
        """The result of one, its values in place of their names."""
        worker, call = self.begin(request, answer, secrets, **more)
        result = dict(worker.answer(call))
        if result['ok']:
            result['values'] = values_of(worker, result)
        return result

    def refused(self, request, answer='oauth-token', secrets=None, **more):
        """Why it did not come to an answer, and in what words."""
        try:
            result = self.exchange(request, answer, secrets, **more)
        except Refused as refusal:
            return refusal.data['reason'], refusal.message
        raise AssertionError(f'not refused: {str(result)[:300]}')

    # ---- with the real provider ----

    def token(self, client='countersign', **form):
        """A request to its token endpoint, of a client without a secret."""
        return {'url': f'{self.provider.issuer}/token', 'form': [['client_id', client], *map(list, form.items())]}

    def logged_in(self, person='ann', redirect='http://localhost:9876/oauth/callback', **more):
        """Somebody logs in: the code that came back, and the verifier that goes with it."""
        url, _, verifier = self.provider.authorize(redirect, **more)
        back = oidcworld.Person(person).log_in(url)
        query = httpsite.urllib.parse.parse_qs(httpsite.urllib.parse.urlsplit(back).query)
        return query['code'][0], verifier

    def code_request(self, redirect='http://localhost:9876/oauth/callback', **more):
        """A request that exchanges a code, and the secrets that go with it."""
        code, verifier = self.logged_in(redirect=redirect, **more)
        request = self.token(grant_type='authorization_code', redirect_uri=redirect, code={'secret': 'code'},
                             code_verifier={'secret': 'verifier'})
        return request, {'code': code, 'verifier': verifier}

    def tokens(self, **more):
        """What a login gives: access_token, refresh_token and id_token."""
        return self.exchange(*self.split(self.code_request(**more)))['values']

    @staticmethod
    def split(pair):
        return pair[0], 'oauth-token', pair[1]

    def refresh_request(self):
        return self.token(grant_type='refresh_token', refresh_token={'secret': 'refresh'})
