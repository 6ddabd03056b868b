# SPDX-License-Identifier: MIT
"""The dialog on a Wayland screen, where no program sees or types into another's window."""

import sys

import countersign
import tap
from a11y import Accessibility
from bus import Bus, wait_until
from countersign import PIN
from desktop import TITLE
from tap import case, equal
from wayland import Wayland

CLICK = 'ask any max 1h confirm click\n'


class World(countersign.World):
    """The broker is unlocked where there is a Wayland screen and no other."""

    def __init__(self, policy=None):
        countersign.World.__init__(self, init=False)
        try:
            self.wayland = Wayland(self)
            self.bus = Bus(self)
            self.env.update(self.wayland.env, DBUS_SESSION_BUS_ADDRESS=self.bus.address, LANG='C.UTF-8')
            self.wayland.env = self.env
            self.a11y = Accessibility(self.bus)
            self.init()
            self.secret('demo', 'value')
            if policy is not None:
                self.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': policy}], 'pin': PIN})
        except BaseException:
            self.close()
            raise

    def hold(self):
        agent = self.agent()
        call = agent.ask('demo', 'to list issues')
        agent.held(call)
        self.wayland.wait_window(TITLE)
        root = self.a11y.application('countersign-approve')
        grant = self.a11y.wait(root, 'button', lambda told: told.startswith('Grant'))
        return agent, call, grant


@case('the PIN, typed, and Enter grant')
def by_pin(world):
    agent, call, _ = world.hold()
    # With the keyboard the window gets the focus, and half a second later it is armed: on a busy machine, later.
    while world.status()['held'] == 1:
        world.wayland.keys('-s', '1500', '-M', 'ctrl', '-k', 'u', '-m', 'ctrl', PIN, '-k', 'Return')
    equal(agent.answer(call)['result']['reference']['name'], 'demo')
    world.wayland.wait_gone(TITLE)


@case('under confirm click a press over the accessibility bus grants', policy=CLICK)
def pressed(world):
    agent, call, grant = world.hold()
    world.wayland.keyboard()
    wait_until(lambda: 'sensitive' in grant.states, 'Grant to be armed')
    grant.press()
    equal(agent.answer(call)['result']['reference']['name'], 'demo')


@case('without the focus it is never armed, and a press grants nothing', policy=CLICK)
def unfocused(world):
    agent, call, grant = world.hold()
    for _ in range(5):
        grant.press()
    world.wayland.run('swaymsg', f'[title="^{TITLE}"] kill')
    equal(agent.answer(call)['status'], 'denied')
    equal(world.status()['grants'], 0)


@case('closing the window is a no', policy=CLICK)
def closed(world):
    agent, call, _ = world.hold()
    world.wayland.run('swaymsg', f'[title="^{TITLE}"] kill')
    equal(agent.answer(call)['status'], 'denied')
    equal(world.status()['grants'], 0)


@case('it is seen whole')
def seen(world):
    world.hold()
    # What it is made of is compared on X11; here, that it is there, in many colours, as text is.
    wait_until(lambda: len(world.wayland.picture().getcolors(1 << 24)) > 200, 'the dialog to be drawn')


sys.exit(tap.run(World))
