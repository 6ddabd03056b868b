# SPDX-License-Identifier: MIT
"""The accessibility bus, as a screen reader sees it, and as any program of the session may."""

import os

from bus import Daemon, call, connect, wait_until
from tap import Skip

try:
    from gi.repository import Gio, GLib
except ImportError:
    Gio = None

LAUNCHERS = ('/usr/libexec/at-spi-bus-launcher', '/usr/lib/at-spi2-core/at-spi-bus-launcher')
ACCESSIBLE, ACTION, COMPONENT, TEXT = (f'org.a11y.atspi.{name}' for name in ('Accessible', 'Action', 'Component', 'Text'))
ROOT = '/org/a11y/atspi/accessible/root'
# By their number in the specification.
STATES = {1: 'active', 4: 'checked', 7: 'editable', 8: 'enabled', 10: 'expanded', 11: 'focusable', 12: 'focused',
          16: 'modal', 20: 'pressed', 23: 'selected', 24: 'sensitive', 25: 'showing', 30: 'visible'}


class Node:
    """Something that is accessible. What it is is asked each time anew."""

    def __init__(self, connection, owner, path):
        self.connection, self.owner, self.path = connection, owner, path

    def __eq__(self, other):
        return (self.owner, self.path) == (other.owner, other.path)

    def __hash__(self):
        return hash((self.owner, self.path))

    def _ask(self, interface, method, signature=None, *arguments):
        return call(self.connection, self.owner, self.path, interface, method, signature, *arguments)

    def _property(self, interface, name):
        return self._ask('org.freedesktop.DBus.Properties', 'Get', '(ss)', interface, name)[0]

    @property
    def role(self):
        return self._ask(ACCESSIBLE, 'GetRoleName')[0]

    @property
    def name(self):
        return self._property(ACCESSIBLE, 'Name')

    @property
    def description(self):
        return self._property(ACCESSIBLE, 'Description')

    @property
    def states(self):
        bits = self._ask(ACCESSIBLE, 'GetState')[0]
        return {name for number, name in STATES.items() if bits[number // 32] >> number % 32 & 1}

    @property
    def interfaces(self):
        return {name.rsplit('.', 1)[-1] for name in self._ask(ACCESSIBLE, 'GetInterfaces')[0]}

    @property
    def children(self):
        found = self._ask(ACCESSIBLE, 'GetChildren')[0]
        return [Node(self.connection, owner, path) for owner, path in found if not path.endswith('/null')]

    @property
    def actions(self):
        return [name for name, _, _ in self._ask(ACTION, 'GetActions')[0]] if 'Action' in self.interfaces else []

    @property
    def text(self):
        if 'Text' not in self.interfaces:
            return None
        return self._ask(TEXT, 'GetText', '(ii)', 0, self._property(TEXT, 'CharacterCount'))[0]

    @property
    def place(self):
        """x, y, width, height within its window."""
        return self._ask(COMPONENT, 'GetExtents', '(u)', 1)[0]

    def press(self):
        """The first action of it, whether or not it is sensitive: as a hostile program would."""
        return self._ask(ACTION, 'DoAction', '(i)', 0)[0]

    def walk(self, depth=0):
        """This and all below it, with their depth."""
        try:
            children = self.children
        except GLib.Error:
            return  # it has gone meanwhile
        yield depth, self
        for child in children:
            yield from child.walk(depth + 1)

    def texts(self):
        """What is to be read in it, without the isolates that keep text of agents in its place."""
        found = []
        for _, node in self.walk():
            try:
                text = node.text
                if text and 'visible' in node.states:
                    found.append(text.strip('\u2066\u2069'))
            except GLib.Error:
                continue
        return found

    def find(self, role=None, name=None):
        """All that is visible below with that role, and with that name or for which name(it) holds."""
        found = []
        for _, node in self.walk():
            try:
                # The least that is asked of most: a card may have thousands of them.
                if role is not None and node.role != role:
                    continue
                told = node.name if name is not None else ''
                fits = name(told) if callable(name) else name is None or told == name
                if fits and 'visible' in node.states:
                    found.append(node)
            except GLib.Error:
                continue  # it has gone meanwhile
        return found

    def drawn(self):
        """The tree in words, for people who look for what went wrong."""
        lines = []
        for depth, node in self.walk():
            try:
                text = node.text
                lines.append('  ' * depth + f'{node.role} “{node.name}”' + (f' text “{text}”' if text else '')
                             + f' {" ".join(sorted(node.states - {"visible", "enabled"}))}')
            except GLib.Error:
                continue
        return '\n'.join(lines)


class Accessibility:
    """AT-SPI on the bus of a case."""

    def __init__(self, bus):
        launcher = next(filter(os.path.exists, LAUNCHERS), None)
        if launcher is None:
            raise Skip('there is no at-spi-bus-launcher')
        self.bus = bus
        self.daemon = Daemon(bus.world, [launcher, '--launch-immediately'], 'at-spi', env=bus.env)
        bus.wait_for('org.a11y.Bus', self.daemon)
        self.connection = connect(call(bus.connection, 'org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress')[0])
        # Whatever changes wakes who waits.
        self.connection.signal_subscribe(None, 'org.a11y.atspi.Event.Object', None, None, None,
                                         Gio.DBusSignalFlags.NONE, lambda *_: None)
        self.desktop = Node(self.connection, 'org.a11y.atspi.Registry', ROOT)

    def application(self, name):
        """The program's root, once it is there."""
        return wait_until(lambda: next((node for node in self.desktop.children if _name(node) == name), None),
                          f'{name} on the accessibility bus')

    def wait(self, node, role, name):
        """The first below @node of that role and name, once there is one."""
        try:
            return wait_until(lambda: (node.find(role, name) or [None])[0], f'{role} “{name if isinstance(name, str) else "…"}”')
        except TimeoutError as late:
            raise TimeoutError(f'{late}; there is:\n{node.drawn()}') from None


def _name(node):
    try:
        return node.name
    except GLib.Error:
        return None
