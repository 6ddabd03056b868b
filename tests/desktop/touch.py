# SPDX-License-Identifier: MIT
"""The dialog where the rule wants a security key: what it says while the key blinks, and what ends that."""

import atexit
import configparser
import contextlib
import os
import shutil
import tempfile

import countersign
import desktop
from bus import wait_until
from tap import case, equal

POLICY = 'ask any confirm key\n'
PIN = countersign.PIN
HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, '..', 'integration', 'countersign-softkey')
TOUCH = 'Touch your security key.'


def plant():
    """An installed tree of our own, in which the dialog is the one with keys in software."""
    tree = tempfile.mkdtemp(prefix='countersign-tree-', dir='/var/tmp')
    atexit.register(shutil.rmtree, tree, ignore_errors=True)
    prefix = os.path.join(tree, 'local')
    shutil.copytree(countersign.PREFIX, prefix, symlinks=True)
    program = os.path.join(prefix, 'libexec', 'countersign', 'countersign-approve')
    os.unlink(program)
    shutil.copy(os.path.join(HERE, 'approve-softkey'), program)
    return prefix


countersign.PREFIX = plant()
KEYS = os.path.join(countersign.PREFIX, 'libexec', 'countersign', 'soft-keys')


class Scene:
    """A key that is plugged in and enrolled, and a request that wants it."""

    def __init__(self, world, behaviour):
        self.world = world
        shutil.rmtree(KEYS, ignore_errors=True)
        os.mkdir(KEYS)
        self.set('touch')
        env = {**world.env, 'SOFT_KEYS': KEYS, 'TEST_PROGRAMS': os.path.dirname(KEYS)}
        world.cli('key', 'add', program=CLI, env=env, pin=True)
        self.set(behaviour)
        self.agent = world.agent()
        self.hold('get_secret', name='demo', purpose='a test')

    def set(self, behaviour):
        path = os.path.join(KEYS, 'one')
        file = configparser.RawConfigParser(interpolation=None)
        file.optionxform = str
        file.read(path)
        file.read_dict({'key': {'behaviour': behaviour}})
        with open(path, 'w', encoding='utf-8') as out:
            file.write(out, space_around_delimiters=False)

    def hold(self, method, **arguments):
        self.call = self.agent.start(method, arguments)
        self.request_id = self.agent.held(self.call)['request_id']
        self.window = self.world.screen.wait_window('a request')
        self.dialog = self.world.a11y.application('countersign-approve')

    def button(self, name):
        # GTK says the text of a button's label again.
        return self.world.a11y.wait(self.dialog, 'button', lambda told: told in (name, f'{name} {name}'))

    def press(self, name):
        button = self.button(name)
        wait_until(lambda: 'sensitive' in button.states, f'“{name}” to be pressed')
        assert button.press()

    def says(self, words):
        wait_until(lambda: self.said() == words, words)

    def said(self):
        status, = self.dialog.find('status')
        return (status.text or '').strip('\u2066\u2069')

    def shows_pin(self):
        return bool(self.dialog.find('label', lambda name: name.startswith('PIN')))

    def grants(self):
        return self.world.status()['grants']


@case('a touch grants, and no PIN is asked', policy=POLICY)
def granted(world):
    scene = Scene(world, 'touch')
    equal(scene.shows_pin(), False)
    scene.press('Grant')
    equal(scene.agent.answer(scene.call)['status'], 'completed')
    scene.window.wait_gone()


@case('while it blinks the window says so and grants nothing; a denial ends it', policy=POLICY)
def denied(world):
    scene = Scene(world, 'untouched')
    scene.press('Grant')
    scene.says(TOUCH)
    equal('sensitive' in scene.button('Grant').states, False)
    equal(scene.grants(), 0)
    scene.press('Deny')
    equal(scene.agent.answer(scene.call)['status'], 'denied')
    scene.window.wait_gone()


@case('a card that goes while it blinks takes the touch with it', policy=POLICY)
def withdrawn(world):
    scene = Scene(world, 'untouched')
    scene.press('Grant')
    scene.says(TOUCH)
    world.human().call('decide', {'request_id': scene.request_id, 'verdict': 'deny'})
    scene.window.wait_gone()
    scene.agent.answer(scene.call)
    # The key was told to stop, so it is there for the next.
    wait_until(lambda: stopped(scene), 'the key to have stopped')
    scene.set('touch')
    scene.hold('get_secret', name='demo', purpose='another')
    scene.press('Grant')
    equal(scene.agent.answer(scene.call)['status'], 'completed')


def stopped(scene):
    """What the device keeps is written as it is closed: its count of the silent question before the touch."""
    file = configparser.RawConfigParser(interpolation=None)
    with contextlib.suppress(configparser.Error):
        file.read(os.path.join(KEYS, 'one'))
    return int(file.get('key', 'counter', fallback='0')) >= 2


@case('a key that says no is named, and can be tried again', policy=POLICY)
def refused(world):
    scene = Scene(world, 'refuses')
    scene.press('Grant')
    scene.says('the security key refused')
    equal(scene.grants(), 0)
    scene.set('touch')
    scene.press('Grant')
    equal(scene.agent.answer(scene.call)['status'], 'completed')


@case('where a value leaves the broker the PIN comes first, and then the touch', policy=POLICY)
def disclosed(world):
    scene = Scene(world, 'touch')
    scene.press('Grant')
    reference = scene.agent.answer(scene.call)['result']['reference']['id']
    scene.window.wait_gone()
    scene.set('untouched')
    scene.hold('resolve_secret', reference_id=reference)
    equal(scene.shows_pin(), True)
    for box in scene.dialog.find('checkbox', lambda name: 'read' in name):
        scene.window.click(box)
        wait_until(lambda box=box: 'checked' in box.states, 'a line to be read')
    scene.press('Grant')
    scene.says('This needs your PIN.')
    scene.window.wait_focused()
    world.screen.type(PIN)
    world.screen.key('Return')
    scene.says(TOUCH)
    equal(world.status()['held'], 1)
    scene.press('Deny')


desktop.main()
