# SPDX-License-Identifier: MIT
"""Who follows the trail at a terminal."""

import json

from countersign import PIN
from lines import PATIENCE


class Follower:
    """`audit follow --json` with what it has said."""

    def __init__(self, world, *arguments, pin=True):
        options = ['--json', '-n', '0', *arguments]
        self.child = world.terminal('audit', 'follow', *options)
        if pin:
            self.child.expect_exact('PIN: ')
            self.child.waitnoecho(PATIENCE)
            self.child.sendline(PIN)

    def until(self, event):
        """Records as they come, up to the first of that event."""
        records = []
        while True:
            self.child.expect(r'(\{"seq".*?\})\r\n')
            records.append(json.loads(self.child.match.group(1)))
            if records[-1]['event'] == event:
                return records
