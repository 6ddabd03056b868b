# SPDX-License-Identifier: MIT
"""A session bus of one's own, and who answers on it."""

import os
import re
import select
import signal
import subprocess
import sys
import time

from lines import PATIENCE
from tap import Skip

try:
    from gi.repository import Gio, GLib
except ImportError as missing:
    Gio, WHY_NOT = None, missing

CONFIGURATION = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
'''


def wait_until(true, what, patience=PATIENCE):
    """Until true() is: looked at whenever a signal or an event comes in this thread's main loop, and a few times a
    second, since not all that changes is told."""
    context, deadline = GLib.MainContext.default(), time.monotonic() + patience
    tick = GLib.timeout_add(200, lambda: True)
    try:
        while True:
            found = true()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f'waited in vain: {what}')
            context.iteration(True)
    finally:
        GLib.source_remove(tick)


class Daemon:
    """A program that runs until it is told to end, by its pid. What it says is kept in a file."""

    def __init__(self, world, argv, name, env=None, **options):
        self.name, self.errors = name, world.keep(name)
        self.stopped = False
        with open(self.errors, 'wb') as errors:
            try:
                self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=errors, bufsize=0,
                                                env=world.env if env is None else env, cwd=world.base,
                                                **{'stdout': errors, **options})
            except FileNotFoundError as missing:
                raise Skip(f'there is no {argv[0]}') from missing
        self.pid = self.process.pid
        world.parties.append(self)

    def said(self):
        with open(self.errors, encoding='utf-8', errors='replace') as file:
            return file.read()

    def stop(self):
        """From now on it answers nothing, and is still there."""
        self.stopped = True
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.stopped = False
        self.process.send_signal(signal.SIGCONT)

    def end(self, number=signal.SIGTERM):
        """Ends it and reaps it."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            if self.stopped:
                self.go_on()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def close(self):
        self.end()
        if self.process.stdout is not None:
            self.process.stdout.close()


def first_line(stream, what, patience=PATIENCE):
    """The line that a program says once it is ready."""
    line, deadline = b'', time.monotonic() + patience
    while not line.endswith(b'\n'):
        if not select.select([stream], [], [], max(0, deadline - time.monotonic()))[0]:
            raise TimeoutError(f'{what} is not ready')
        data = os.read(stream.fileno(), 1)
        if not data:
            raise AssertionError(f'{what} has ended')
        line += data
    return line.decode().strip()


class Bus:
    """dbus-daemon with nothing to start on demand: who is to answer is started by the case."""

    def __init__(self, world):
        if Gio is None:
            raise Skip(f'python3-gi: {WHY_NOT}')
        number = sum(isinstance(party, Daemon) for party in world.parties)
        configuration = os.path.join(world.base, f'bus-{number}.conf')
        with open(configuration, 'w') as file:
            file.write(CONFIGURATION.format(path=os.path.join(world.base, f'bus-{number}')))
        self.world = world
        self.daemon = Daemon(world, ['dbus-daemon', f'--config-file={configuration}', '--nofork', '--print-address'],
                             'dbus-daemon', stdout=subprocess.PIPE)
        self.address = first_line(self.daemon.process.stdout, 'dbus-daemon')
        self.connection = connect(self.address)
        self.env = {**world.env, 'DBUS_SESSION_BUS_ADDRESS': self.address}

    def wait_for(self, name, daemon):
        """Until somebody answers to that name; Skip when the program that is to do so has ended."""
        came, ended, pidfd = [], [], os.pidfd_open(daemon.pid)
        watch = Gio.bus_watch_name_on_connection(self.connection, name, Gio.BusNameWatcherFlags.NONE,
                                                 lambda *_: came.append(True), None)
        source = GLib.unix_fd_add_full(0, pidfd, GLib.IOCondition.IN, lambda *_: ended.append(True))
        try:
            wait_until(lambda: came or ended, f'{name} on the bus')
        finally:
            Gio.bus_unwatch_name(watch)
            if not ended:
                GLib.source_remove(source)
            os.close(pidfd)
        if not came:
            raise Skip(f'{daemon.name} does not run: {daemon.said()[-300:]}')

    def wait_until_gone(self, name):
        gone = []
        watch = Gio.bus_watch_name_on_connection(self.connection, name, Gio.BusNameWatcherFlags.NONE, None,
                                                 lambda _bus, _name: gone.append(True))
        try:
            wait_until(lambda: gone, f'{name} leaves the bus')
        finally:
            Gio.bus_unwatch_name(watch)


    def emit_as_somebody(self, path, interface, signal_name, signature, *arguments):
        """A signal from the test's own connection, which owns no name."""
        self.connection.emit_signal(None, path, interface, signal_name, GLib.Variant(signature, arguments))
        self.connection.flush_sync(None)


def connect(address):
    flags = Gio.DBusConnectionFlags
    connection = Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
    connection.set_exit_on_close(False)
    return connection


def call(connection, name, path, interface, method, signature=None, *arguments, patience=PATIENCE):
    """Calls, and returns what was answered as a tuple."""
    parameters = GLib.Variant(signature, arguments) if signature else None
    return connection.call_sync(name, path, interface, method, parameters, None, Gio.DBusCallFlags.NONE,
                                int(patience * 1000), None).unpack()


NOTIFICATIONS = 'org.freedesktop.Notifications'
NOTIFICATIONS_PATH = '/org/freedesktop/Notifications'
MOCK = 'org.freedesktop.DBus.Mock'
FIELDS = ('application', 'replaces', 'icon', 'summary', 'body', 'actions', 'hints', 'timeout')


class FakeNotifications:
    """python3-dbusmock in the place of a notification daemon: it tells the test what it was asked, and
    draws nothing."""

    def __init__(self, bus, capabilities='actions body body-markup'):
        self.bus = bus
        self.calls = []   # (method, arguments), as they came
        self.subscription = bus.connection.signal_subscribe(
            None, MOCK, 'MethodCalled', NOTIFICATIONS_PATH, None, Gio.DBusSignalFlags.NONE, self._hear)
        self.daemon = Daemon(bus.world, [sys.executable, '-m', 'dbusmock', '--template', 'notification_daemon',
                                         '-p', f'{{"capabilities": "{capabilities}"}}'], 'dbusmock', env=bus.env)
        bus.wait_for(NOTIFICATIONS, self.daemon)
        # The specification's type; the template has another.
        self.method('CloseNotification', 'u', '',
                    'self.EmitSignal("", "NotificationClosed", "uu", [args[0], dbus.UInt32(3)])')

    def _hear(self, _connection, _sender, _path, _interface, _signal, parameters):
        self.calls.append(parameters.unpack())

    def method(self, name, takes, gives, code):
        """Gives a method another body, in Python."""
        call(self.bus.connection, NOTIFICATIONS, NOTIFICATIONS_PATH, MOCK, 'AddMethod', '(sssss)',
             NOTIFICATIONS, name, takes, gives, code)

    def emit(self, signal_name, signature, *arguments):
        types = re.findall(r'.', signature)
        values = GLib.Variant('av', [GLib.Variant(t, v) for t, v in zip(types, arguments)])
        self.bus.connection.call_sync(NOTIFICATIONS, NOTIFICATIONS_PATH, MOCK, 'EmitSignal',
                                      GLib.Variant.new_tuple(GLib.Variant('s', NOTIFICATIONS),
                                                             GLib.Variant('s', signal_name),
                                                             GLib.Variant('s', signature), values),
                                      None, Gio.DBusCallFlags.NONE, int(PATIENCE * 1000), None)

    def press(self, number, action):
        self.emit('ActionInvoked', 'us', number, action)

    def dismiss(self, number):
        """As when the person closes it."""
        self.emit('NotificationClosed', 'uu', number, 2)

    def shown(self):
        """What was to be shown, in order."""
        return [dict(zip(FIELDS, arguments)) for method, arguments in self.calls if method == 'Notify']

    def closed(self):
        return [arguments[0] for method, arguments in self.calls if method == 'CloseNotification']

    def wait_shown(self, count):
        wait_until(lambda: len(self.shown()) >= count, f'{count} notifications, of which came: {self.calls}')
        return self.shown()[count - 1]

    def wait_until_shown(self, fits):
        """The first for which fits(it) holds."""
        return wait_until(lambda: next(filter(fits, self.shown()), None), f'a notification, of which came: {self.calls}')

    def wait_closed(self, count):
        wait_until(lambda: len(self.closed()) >= count, f'{count} withdrawals, of which came: {self.calls}')
        return self.closed()[count - 1]

    def end(self):
        self.bus.connection.signal_unsubscribe(self.subscription)
        self.daemon.end()
        self.bus.wait_until_gone(NOTIFICATIONS)


class FakePortal:
    """python3-dbusmock in the place of the desktop portal: it tells whether the person wants dark windows."""

    NAME, PATH, INTERFACE = ('org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop',
                             'org.freedesktop.portal.Settings')

    def __init__(self, bus, dark):
        self.daemon = Daemon(bus.world, [sys.executable, '-m', 'dbusmock', self.NAME, self.PATH, self.INTERFACE],
                             'portal', env=bus.env)
        bus.wait_for(self.NAME, self.daemon)
        call(bus.connection, self.NAME, self.PATH, MOCK, 'AddMethod', '(sssss)', self.INTERFACE, 'Read', 'ss', 'v',
             f'ret = dbus.UInt32({1 if dark else 2}, variant_level=1)')
        call(bus.connection, self.NAME, self.PATH, MOCK, 'AddMethod', '(sssss)', self.OPEN, 'OpenURI', 'ssa{sv}', 'o',
             'ret = dbus.ObjectPath("/org/freedesktop/portal/desktop/request/1/t")')
        self.bus, self.pages = bus, []
        bus.connection.signal_subscribe(None, MOCK, 'MethodCalled', self.PATH, None, Gio.DBusSignalFlags.NONE, self._hear)

    OPEN = 'org.freedesktop.portal.OpenURI'

    def _hear(self, _connection, _sender, _path, _interface, _signal, parameters):
        method, arguments = parameters.unpack()
        if method == 'OpenURI':
            self.pages.append(arguments[1])

    def wait_opened(self, count):
        """The pages that it was asked to open."""
        wait_until(lambda: len(self.pages) >= count, f'{count} pages to be opened, of which came: {self.pages}')
        return self.pages

    def end(self):
        self.daemon.end()
        self.bus.wait_until_gone(self.NAME)
