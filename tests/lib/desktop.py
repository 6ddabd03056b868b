# SPDX-License-Identifier: MIT
"""A world with a desktop: a screen, a session bus, the accessibility bus, and the approver's windows."""

import os
import sys

import countersign
import picture
import tap
from a11y import Accessibility
from bus import Bus, FakeNotifications, FakePortal
from screen import Screen

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURES = os.path.join(os.path.dirname(HERE), 'desktop', 'pictures')


class World(countersign.World):
    """Options besides those of countersign.World: size and scale of the screen, dark, language (as LANG has
    it), policy (the text in place of the shipped one)."""

    def __init__(self, size='1280x1000', scale=1, dark=False, language='C.UTF-8', policy=None, notifications=False,
                 **options):
        init = options.pop('init', True)
        secrets = options.pop('secrets', ('demo',))
        countersign.World.__init__(self, init=False, **options)
        try:
            self._furnish(size, scale, dark, language, notifications)
            if init:
                self.init()
                for name in secrets:
                    self.secret(name, f'value-of-{name}')
                if policy is not None:
                    self.policy(policy)
        except BaseException:
            self.close()
            raise

    def _furnish(self, size, scale, dark, language, notifications):
        self.screen = Screen(self, size, scale)
        self.bus = Bus(self)
        self.env['DBUS_SESSION_BUS_ADDRESS'] = self.bus.address
        self.env['LANG'] = language
        self.a11y = Accessibility(self.bus)
        self.portal = FakePortal(self.bus, dark)
        self.notifications = FakeNotifications(self.bus) if notifications else None

    def policy(self, text):
        self.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': text}], 'pin': countersign.PIN})

    def compare(self, window, name, **options):
        picture.compare(window.picture(), PICTURES, name, **options)


def main():
    """Runs the cases of the calling script."""
    sys.exit(tap.run(World))
