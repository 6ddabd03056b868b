# SPDX-License-Identifier: MIT
"""An X11 screen of one's own: windows, keys, the pointer, and pictures of what is seen."""

import os
import socket

from bus import Daemon, first_line, wait_until
from tap import Skip

try:
    from gi.repository import GLib
    from PIL import Image
    from Xlib import X, XK, Xatom, display, error
    from Xlib.ext import xtest
    from Xlib.protocol import event
    from Xlib.support import unix_connect
except ImportError as missing:
    display, WHY_NOT = None, missing

# What draws alike on every machine: fixed fonts, nothing that moves.
SETTINGS = '''Gtk/FontName "DejaVu Sans 10"
Gtk/EnableAnimations 0
Gtk/CursorThemeSize 24
Net/CursorBlink 0
Net/IconThemeName "Adwaita"
Xft/Antialias 1
Xft/Hinting 0
Xft/HintStyle "hintnone"
Xft/RGBA "none"
Xft/DPI 98304
Gdk/WindowScalingFactor {scale}
Gdk/UnscaledDPI 98304
'''


def _connect(address):
    """Our server listens in the abstract namespace alone: an ordinary user may not make /tmp/.X11-unix."""
    found = socket.socket(socket.AF_UNIX)
    found.connect('\0' + address.lstrip('\0'))
    return found


class Window:
    """A window of a program, found by the window manager's list."""

    def __init__(self, screen, number):
        self.screen, self.number = screen, number
        self.window = screen.display.create_resource_object('window', number)

    def __eq__(self, other):
        return self.number == other.number

    def __hash__(self):
        return self.number

    @property
    def title(self):
        return self.screen.text_property(self.window, '_NET_WM_NAME')

    @property
    def pid(self):
        """Of the program, as it says."""
        return self.window.get_full_property(self.screen.atom('_NET_WM_PID'), X.AnyPropertyType).value[0]

    @property
    def alive(self):
        try:
            self.window.get_attributes()
            return True
        except (error.BadWindow, error.BadDrawable):
            return False

    @property
    def place(self):
        """x, y, width, height on the screen."""
        size = self.window.get_geometry()
        at = self.screen.root.translate_coords(self.window, 0, 0)
        return at.x, at.y, size.width, size.height

    @property
    def focused(self):
        active = self.screen.root.get_full_property(self.screen.atom('_NET_ACTIVE_WINDOW'), X.AnyPropertyType)
        return active is not None and active.value[0] == self.number

    def wait_focused(self):
        wait_until(lambda: self.focused, f'the focus on “{self.title}”')
        return self

    def wait_gone(self):
        wait_until(lambda: self not in self.screen.windows(), 'a window to close')

    def click(self, node):
        """On the middle of a control, by where the accessibility bus says it is."""
        x, y, _, _ = self.place
        left, top, width, height = (self.screen.scale * number for number in node.place)
        self.screen.click(x + left + width / 2, y + top + height / 2)

    def close(self):
        """As the button of its title does."""
        self.screen.message(self.window, '_NET_CLOSE_WINDOW', [0, 2])

    def activate(self):
        self.screen.message(self.window, '_NET_ACTIVE_WINDOW', [2, 0, 0])

    def resize(self, width, height):
        self.window.configure(width=width, height=height)
        self.screen.display.sync()

    def picture(self, hide=()):
        """What is seen of it; where the controls are whose places are in @hide, nothing."""
        x, y, width, height = self.place
        seen = self.screen.picture().crop((x, y, x + width, y + height))
        for place in hide:
            # The frame that GTK draws is not counted in them.
            left, top, wide, high = (self.screen.scale * (number + more) for number, more in zip(place, (-2, -4, 12, 20)))
            seen.paste('gray', (left, top, left + wide, top + high))
        return seen


class Screen:
    """Xvfb, openbox, and xsettingsd, which tells GTK how to draw. @scale as on a display of high density."""

    def __init__(self, world, size='1280x1000', scale=1):
        if display is None:
            raise Skip(f'python3-gi, python3-xlib, python3-pil: {WHY_NOT}')
        self.world, self.scale = world, scale
        reader, writer = os.pipe()
        self.server = Daemon(world, ['Xvfb', '-displayfd', str(writer), '-screen', '0', f'{size}x24', '-nolisten', 'tcp',
                                     '-nolisten', 'unix', '-listen', 'local', '-noreset'], 'Xvfb', pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader, 'rb', buffering=0) as told:
            self.name = f':{first_line(told, "Xvfb")}'
        unix_connect._get_unix_socket = _connect
        self.display = display.Display(self.name)
        self.root = self.display.screen().root
        self.root.change_attributes(event_mask=X.PropertyChangeMask | X.SubstructureNotifyMask)
        self.source = GLib.unix_fd_add_full(0, self.display.fileno(), GLib.IOCondition.IN, self._drain)
        world.env['DISPLAY'] = self.name
        self.settings = self._tell_settings(scale)
        self.manager = Daemon(world, ['openbox', '--sm-disable', '--config-file', '/etc/xdg/openbox/rc.xml'], 'openbox')
        self.wait(lambda: self.root.get_full_property(self.atom('_NET_SUPPORTING_WM_CHECK'), X.AnyPropertyType),
                  'openbox')
        world.parties.insert(0, self)

    def _tell_settings(self, scale):
        path = os.path.join(self.world.base, 'xsettings')
        with open(path, 'w') as file:
            file.write(SETTINGS.format(scale=scale))
        daemon = Daemon(self.world, ['xsettingsd', '-c', path], 'xsettingsd')
        self.wait(lambda: self.display.get_selection_owner(self.atom('_XSETTINGS_S0')) != X.NONE, 'xsettingsd')
        return daemon

    def _drain(self, *_):
        while self.display.pending_events():
            self.display.next_event()
        return True

    def wait(self, true, what):
        return wait_until(true, what)

    def atom(self, name):
        return self.display.intern_atom(name)

    def text_property(self, window, name):
        found = window.get_full_property(self.atom(name), self.atom('UTF8_STRING'))
        return found.value.decode() if found is not None else ''

    def message(self, window, name, data):
        message = event.ClientMessage(window=window, client_type=self.atom(name),
                                      data=(32, (data + [0] * 5)[:5]))
        self.root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self.display.sync()

    def selection_owner(self, name):
        """The window that owns what was copied, or None."""
        owner = self.display.get_selection_owner(self.atom(name))
        return None if owner == X.NONE else owner

    # --- windows ---

    def windows(self):
        """Those that are mapped, as the window manager lists them."""
        found = self.root.get_full_property(self.atom('_NET_CLIENT_LIST'), Xatom.WINDOW)
        windows = [Window(self, number) for number in found.value] if found is not None else []
        return [window for window in windows if window.alive]

    def find(self, title):
        try:
            return next((window for window in self.windows() if title in window.title), None)
        except (error.BadWindow, error.BadDrawable):
            return None

    def wait_window(self, title):
        """The first window with @title in its title, once it is on the screen."""
        return self.wait(lambda: self.find(title), f'a window “{title}”')

    # --- keys and the pointer: as from a keyboard and a mouse ---

    def key(self, name, *held):
        """Presses and releases a key, by the name of its symbol: key('Return'), key('g', 'Alt_L')."""
        codes = [self.display.keysym_to_keycode(XK.string_to_keysym(symbol)) for symbol in (*held, name)]
        for code in codes:
            xtest.fake_input(self.display, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.sync()

    def type(self, text):
        for character in text:
            self.key(character)

    def click(self, x, y):
        xtest.fake_input(self.display, X.MotionNotify, x=int(x), y=int(y))
        xtest.fake_input(self.display, X.ButtonPress, 1)
        xtest.fake_input(self.display, X.ButtonRelease, 1)
        self.display.sync()

    # --- what is seen ---

    def picture(self):
        size = self.root.get_geometry()
        raw = self.root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xffffffff)
        return Image.frombytes('RGB', (size.width, size.height), raw.data, 'raw', 'BGRX')

    def close(self):
        GLib.source_remove(self.source)
        self.display.close()
