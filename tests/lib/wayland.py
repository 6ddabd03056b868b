# SPDX-License-Identifier: MIT
"""A Wayland screen of one's own: sway without a display, and keys by wtype."""

import glob
import io
import json
import os
import shutil
import subprocess

from bus import Daemon, wait_until
from lines import PATIENCE
from tap import Skip

try:
    from PIL import Image
except ImportError:
    Image = None

CONFIGURATION = '''output HEADLESS-1 resolution {size} scale {scale}
default_border none
focus_on_window_activation focus
for_window [app_id=".*"] floating enable
'''


class Wayland:
    """sway, whose clients the case starts. @scale as on a display of high density."""

    def __init__(self, world, size='1280x1000', scale=1):
        for program in ('sway', 'swaymsg'):
            if shutil.which(program) is None:
                raise Skip(f'there is no {program}')
        if os.geteuid() == 0:
            raise Skip('sway does not run as root')
        self.world, self.folder = world, world.env['XDG_RUNTIME_DIR']
        path = os.path.join(world.base, 'sway')
        with open(path, 'w') as file:
            file.write(CONFIGURATION.format(size=size, scale=scale))
        env = {**world.env, 'WLR_BACKENDS': 'headless', 'WLR_LIBINPUT_NO_DEVICES': '1', 'WLR_RENDERER': 'pixman'}
        env.pop('DISPLAY', None)
        self.daemon = Daemon(world, ['sway', '--config', path], 'sway', env=env)
        self._find('sway-ipc.*.sock')
        socket = self._find('wayland-?')
        self.env = {**world.env, 'WAYLAND_DISPLAY': os.path.basename(socket),
                    'SWAYSOCK': self._find('sway-ipc.*.sock')}
        wait_until(self._answers, 'sway')

    def _find(self, pattern):
        def found():
            if self.daemon.process.poll() is not None:
                raise Skip(f'sway does not run: {self.daemon.said()[-300:]}')
            return glob.glob(os.path.join(self.folder, pattern))
        return wait_until(found, f'sway: {pattern}')[0]

    def _answers(self):
        return self.run('swaymsg', '-t', 'get_version').returncode == 0

    def run(self, *argv):
        try:
            return subprocess.run(argv, env=self.env, cwd=self.world.base, capture_output=True, timeout=PATIENCE,
                                  check=False, stdin=subprocess.DEVNULL)
        except FileNotFoundError as missing:
            raise Skip(f'there is no {argv[0]}') from missing

    def windows(self):
        """Titles of the windows that are there; the one with the keyboard first."""
        def below(node):
            if node.get('pid') and node['type'] in ('con', 'floating_con'):
                yield node['focused'], node['name']
            for child in node['nodes'] + node['floating_nodes']:
                yield from below(child)
        tree = json.loads(self.run('swaymsg', '-t', 'get_tree').stdout)
        return [name for _, name in sorted(below(tree), reverse=True)]

    def wait_window(self, title):
        return wait_until(lambda: next((name for name in self.windows() if name and title in name), None),
                          f'a window “{title}”')

    def wait_gone(self, title):
        wait_until(lambda: not any(name and title in name for name in self.windows()), f'“{title}” to close')

    def keyboard(self):
        """A keyboard, without which nothing has the focus; it types nothing, until the world ends."""
        return Daemon(self.world, ['wtype', '-s', '3600000'], 'wtype', env=self.env)

    def keys(self, *arguments):
        """A keyboard that comes, types as wtype has it, and goes. Coming and going, it takes the focus along."""
        done = self.run('wtype', *arguments)
        if done.returncode != 0:
            raise Skip(f'wtype: {done.stderr.decode()}')

    def picture(self):
        if Image is None:
            raise Skip('there is no python3-pil')
        return Image.open(io.BytesIO(self.run('grim', '-').stdout)).convert('RGB')
