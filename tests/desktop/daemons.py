# SPDX-License-Identifier: MIT
"""The notification with daemons that people have."""

import json
import os
import sys

import countersign
import tap
from bus import NOTIFICATIONS, NOTIFICATIONS_PATH, Bus, Daemon, call, wait_until
from notices import SENTENCE, Notices
from screen import Screen
from tap import case, equal
from wayland import Wayland

AGENTS = '<b>node</b> & “co” <script>'


class World(countersign.World):
    def __init__(self):
        countersign.World.__init__(self, init=False)

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.base, name)
        with open(path, 'w') as file:
            file.write(text)
        os.chmod(path, mode)
        return path


class Dunst:
    """dunst on an X11 screen. A script of its rules tells what it shows; its menu always chooses `chosen`."""

    def __init__(self, world):
        Screen(world)
        self.bus = Bus(world)
        self.log = os.path.join(world.base, 'shown')
        self.chosen = os.path.join(world.base, 'chosen')
        menu = world.write('menu', f'#!/bin/sh\ngrep -m1 "$(cat {self.chosen})"\n', 0o700)
        script = world.write('script', '#!/usr/bin/python3\nimport json, sys\n'
                             f'with open({self.log!r}, "a") as file:\n    print(json.dumps(sys.argv[1:4]), file=file)\n',
                             0o700)
        rules = world.write('dunstrc', f'[global]\ndmenu = {menu}\nmarkup = full\n[all]\nscript = {script}\n')
        self.daemon = Daemon(world, ['dunst', '-conf', rules], 'dunst', env={**world.env, **self.bus.env})
        self.bus.wait_for(NOTIFICATIONS, self.daemon)

    def _call(self, method, signature=None, *arguments):
        return call(self.bus.connection, NOTIFICATIONS, NOTIFICATIONS_PATH, 'org.dunstproject.cmd0', method, signature,
                    *arguments)

    def count(self):
        return call(self.bus.connection, NOTIFICATIONS, NOTIFICATIONS_PATH, 'org.freedesktop.DBus.Properties', 'Get',
                    '(ss)', 'org.dunstproject.cmd0', 'displayedLength')[0]

    def shown(self):
        """[application, title, body] of each that it has shown, as it understood them."""
        if not os.path.exists(self.log):
            return []
        with open(self.log) as file:
            return [json.loads(line) for line in file if line.endswith('\n')]

    def choose(self, label):
        with open(self.chosen, 'w') as file:
            file.write(f'#{label} ')
        self._call('ContextMenuCall')

    def press(self):
        """The notification itself."""
        self._call('NotificationAction', '(u)', 0)


class Mako:
    """mako on a Wayland screen."""

    def __init__(self, world):
        self.bus = Bus(world)
        self.wayland = Wayland(world)
        rules = world.write('mako', '')
        env = {**self.wayland.env, **{'DBUS_SESSION_BUS_ADDRESS': self.bus.address}}
        self.wayland.env = env
        self.daemon = Daemon(world, ['mako', '-c', rules], 'mako', env=env)
        self.bus.wait_for(NOTIFICATIONS, self.daemon)

    def listed(self):
        listed = json.loads(self.wayland.run('makoctl', 'list').stdout)['data'][0]
        return [{name: value['data'] for name, value in item.items()} for item in listed]

    def invoke(self, number, action):
        equal(self.wayland.run('makoctl', 'invoke', '-n', str(number), action).returncode, 0)


@case('dunst shows one, puts another in its place, and takes it away')
def dunst_shows(world):
    dunst = Dunst(world)
    notices = Notices(world, dunst.bus.env)
    notices.show(AGENTS)
    wait_until(lambda: len(dunst.shown()) == 1, 'dunst to show it')
    equal(dunst.shown()[0], ['Countersign', '1 request waits for you', '&lt;b&gt;node&lt;/b&gt; &amp; “co” &lt;script&gt;'])
    notices.show(waiting=2)
    wait_until(lambda: len(dunst.shown()) == 2, 'dunst to show the other')
    equal(dunst.shown()[1][1:], ['2 requests wait for you', SENTENCE])
    equal(dunst.count(), 1)
    notices.tell('withdraw')
    wait_until(lambda: dunst.count() == 0, 'dunst to take it away')


@case('Deny in the menu of dunst denies, a press on it asks for the window')
def dunst_acts(world):
    dunst = Dunst(world)
    notices = Notices(world, dunst.bus.env)
    notices.show(ids=('r1', 'r2'))
    wait_until(lambda: dunst.count() == 1, 'dunst to show it')
    dunst.choose('Deny')
    notices.expect('deny', 'r1', 'r2')
    notices.show(ids=('r3',))
    wait_until(lambda: len(dunst.shown()) == 2 and dunst.count() == 1, 'dunst to show the next')
    dunst.press()
    notices.expect('review')
    notices.leave()


@case('mako shows one, puts another in its place, and takes it away')
def mako_shows(world):
    mako = Mako(world)
    notices = Notices(world, mako.bus.env)
    notices.show(AGENTS)
    first, = wait_until(mako.listed, 'mako to show it')
    equal((first['app-name'], first['summary'], first['body']),
          ('Countersign', '1 request waits for you', '&lt;b&gt;node&lt;/b&gt; &amp; “co” &lt;script&gt;'))
    equal(sorted(set(first['actions'].values())), ['Deny', 'Review'])
    notices.show(waiting=2)
    wait_until(lambda: [item['summary'] for item in mako.listed()] == ['2 requests wait for you'], 'the other')
    notices.tell('withdraw')
    wait_until(lambda: mako.listed() == [], 'mako to take it away')


@case('Deny and Review of mako arrive')
def mako_acts(world):
    mako = Mako(world)
    notices = Notices(world, mako.bus.env)
    for action, event in (('deny', ('deny', 'r1')), ('review', ('review',)), ('default', ('review',))):
        notices.show(detail=f'to try {action}')
        shown = wait_until(lambda: next((item for item in mako.listed() if action in item['body']), None), action)
        mako.invoke(shown['id'], action)
        notices.expect(*event)


sys.exit(tap.run(World))
