# SPDX-License-Identifier: MIT
"""A security key in software, for a broker that cannot tell: it sees signatures, not fingers. A fake."""

import base64
import configparser
import hashlib
import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import countersign
from lines import Refused

TOUCHED = 0x01
PIN = countersign.PIN
NONE_ENROLLED = 'this rule wants a touch of a security key, and none is enrolled: countersign key add'
# The command line, built with other keys than those of this machine.
PROGRAM = os.path.join(countersign.STAGE, 'tests', 'integration', 'countersign-softkey')


def b64(data):
    return base64.b64encode(data).decode()


class SoftKey:
    def __init__(self, counter=0):
        self.pair = ec.generate_private_key(ec.SECP256R1())
        self.credential, self.counter = os.urandom(32), counter

    def enrolment(self, name='soft'):
        """Parameters of key_add."""
        point = self.pair.public_key().public_bytes(serialization.Encoding.X962,
                                                    serialization.PublicFormat.UncompressedPoint)
        return {'name': name, 'credential_id': b64(self.credential), 'public_key': b64(point)}

    def touch(self, challenge, card, rp_id='countersign', flags=TOUCHED, counter=None):
        """The `key` of decide, over this challenge (base64) and the text of a card."""
        self.counter = self.counter + 1 if counter is None else counter
        data = (hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, 'big'))
        signed = hashlib.sha256(b'countersign decision 1\0' + base64.b64decode(challenge)
                                + hashlib.sha256(card.encode()).digest()).digest()
        signature = self.pair.sign(data + signed, ec.ECDSA(hashes.SHA256()))
        return {'credential_id': b64(self.credential), 'authenticator_data': b64(data), 'signature': b64(signature)}


def reason(human, method, params):
    """Code and reason of a refusal; None when it was done."""
    try:
        human.call(method, params)
    except Refused as error:
        return error.code, error.data.get('reason') or error.data.get('field')
    return None


def decided(human, request, **more):
    try:
        return human.decide(request, **more)['status']
    except Refused as error:
        return error.code, error.data.get('reason') or error.data.get('field')


def rules(world, text):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': text}], 'pin': PIN})


class Scene:
    """An enrolled key, a policy that wants it, and requests that wait."""

    def __init__(self, world, text='ask any confirm key\n', key=None, enrol=True):
        rules(world, text)
        self.world, self.key = world, key or SoftKey()
        self.agent, self.human = world.agent(), world.human(pin=True)
        self.calls = []
        if enrol:
            self.id = self.human.call('key_add', {**self.key.enrolment(), 'pin': PIN})['id']

    def hold(self, method='get_secret', **arguments):
        call = self.agent.start(method, arguments or {'name': 'demo', 'purpose': f'number {len(self.calls)}'})
        request_id = self.agent.held(call)['request_id']
        self.calls.append(call)
        request, = [r for r in self.human.pending() if r['request_id'] == request_id]
        return request

    def challenge(self, request, human=None):
        return (human or self.human).call('key_challenge', {'request_id': request['request_id']})

    def touch(self, request, **how):
        return self.key.touch(self.challenge(request)['challenge'], request['card'], **how)

    def made(self):
        return [r for r in self.world.records() if r['event'] == 'grant_made']


class Plugged:
    """The folder whose files are the plugged-in keys, and the command line that finds them."""

    def __init__(self, world, *names):
        self.world, self.folder = world, world.folder('plugged')
        self.env = {**world.env, 'SOFT_KEYS': self.folder, 'TEST_PROGRAMS': os.path.dirname(world.program('countersignd'))}
        for name in names:
            self.plug(name)

    def plug(self, name, behaviour='touch'):
        path = os.path.join(self.folder, name)
        file = configparser.RawConfigParser(interpolation=None)
        file.optionxform = str
        file.read(path)
        file.read_dict({'key': {'behaviour': behaviour}})
        with open(path, 'w', encoding='utf-8') as out:
            file.write(out, space_around_delimiters=False)

    def cli(self, *arguments, **options):
        return self.world.cli(*arguments, program=PROGRAM, env=self.env, **options)
