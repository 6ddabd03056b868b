# SPDX-License-Identifier: MIT
"""A security key in software, for a broker that cannot tell: it sees signatures, not fingers. A fake."""

import base64
import hashlib
import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TOUCHED = 0x01


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
