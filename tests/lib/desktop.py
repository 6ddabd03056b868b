# SPDX-License-Identifier: MIT
"""A world with a desktop: a screen, a session bus, the accessibility bus, and the approver's windows."""

import os
import re
import sys

import countersign
import picture
import tap
from a11y import Accessibility
from bus import Bus, FakeNotifications, FakePortal, wait_until
from parties import Child
from picture import differing
from screen import Screen

TITLE = 'Countersign:'  # of the dialog, in every language
COUNTDOWN = re.compile(r'nobody answers|Ohne Antwort in|[hms] left;|noch \d+[dhms]')
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


    def other_window(self):
        """A window of somebody else's."""
        Child(self, [os.path.join(os.path.dirname(HERE), 'desktop', 'tiny-window')], 'tiny-window',
              env={**self.env, 'GSK_RENDERER': 'cairo'})
        return self.screen.wait_window('Tiny window')


class Pictured:
    """A window of the approver: `window`, and `root` on the accessibility bus."""

    def texts(self):
        return self.root.texts()

    def places(self):
        """Where the buttons are."""
        return {name: self.button(name).place for name in (self.deny, self.grant)}

    def picture(self):
        """Once what is drawn no longer changes; without the countdown, which always does."""
        last = []

        def settled():
            last[:] = last[-1:] + [self.window.picture(hide=countdown)]
            return len(last) == 2 and differing(*last)[0] == 0
        wait_until(lambda: '\u2066…\u2069' not in self.texts(), 'what owns the program to be told')
        countdown = [node.place for node in self.root.find('label', lambda told: COUNTDOWN.search(told) is not None)]
        wait_until(settled, 'the window to stay as it is')
        return last[1]

    def compare(self, name):
        picture.compare(self.picture(), PICTURES, name)


class Dialog(Pictured):
    """The approver's dialog, once it is on the screen."""

    def __init__(self, world, deny='Deny', grant='Grant'):
        self.world, self.deny, self.grant = world, deny, grant
        self.window = world.screen.wait_window(TITLE)
        application = world.a11y.application('countersign-approve')
        self.root = world.a11y.wait(application, None, lambda told: told.startswith(TITLE))
        self.button(deny)

    def button(self, name):
        """By the beginning of its name."""
        return self.world.a11y.wait(self.root, 'button', lambda told: told.startswith(name))

    def wait_armed(self):
        grant = self.button(self.grant)
        wait_until(lambda: 'sensitive' in grant.states, 'Grant to be armed')

    def controls(self, roles):
        """Those that a person uses, and not the parts that they are made of."""
        def below(node):
            if node.role in roles:
                yield node
            else:
                for child in node.children:
                    yield from below(child)
        return below(self.root)

    def status(self):
        return ' '.join(node.name for node in self.root.find('status'))

    def type_pin(self, pin):
        """At the keyboard, where the PIN is asked, once keys are taken; until it is seen that something was typed."""
        self.window.wait_focused()
        self.wait_armed()
        self.window.click(self.pin())
        wait_until(lambda: 'focused' in self.pin().states, 'the focus on the PIN')
        before = self.window.picture()
        self.world.screen.type(pin)
        wait_until(lambda: differing(before, self.window.picture())[0] > 0, 'the PIN to be seen as dots')

    def pin(self):
        return wait_until(lambda: next((node for node in self.root.find(name=lambda told: told.startswith('PIN'))
                                        if node.role != 'label'), None), 'where the PIN is typed')


def main():
    """Runs the cases of the calling script."""
    sys.exit(tap.run(World))
