# SPDX-License-Identifier: MIT
"""The approver's code for notifications, in a program that does what a case tells it."""

import os

from lines import PATIENCE
from parties import Child
from tap import equal

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'notice-driver')
SENTENCE = 'node wants a reference to github-token'


class Notices(Child):
    def __init__(self, world, env):
        Child.__init__(self, world, [DRIVER], 'notice-driver', env={**env, 'LC_ALL': 'C.UTF-8'})
        self.expect('ready')

    def tell(self, *fields):
        self.lines.send_bytes('\t'.join(map(str, fields)).encode() + b'\n')

    def show(self, sentence=SENTENCE, detail='', waiting=1, ids=('r1',)):
        self.tell('show', sentence, detail, waiting, *ids)

    def expect(self, *event):
        # libnotify waits 25 s for an answer: who waited along with it comes too late.
        equal(self.lines.receive(patience=20), list(event))

    def tick(self):
        """What was told before has been done by the main loop, and nothing else was said."""
        self.tell('tick')
        self.expect('tick')

    def leave(self):
        self.process.stdin.close()
        self.expect('freed')
        equal(self.process.wait(PATIENCE), 0)
