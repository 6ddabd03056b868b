# SPDX-License-Identifier: MIT
"""What the tests of windows are made of, tried on a window that is known."""

import os

import desktop
import picture
from bus import wait_until
from parties import Child
from tap import case, equal

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'tiny-window')


class Tiny(Child):
    def __init__(self, world):
        Child.__init__(self, world, [PROGRAM], 'tiny-window', env={**world.env, 'GSK_RENDERER': 'cairo'})
        self.window = world.screen.wait_window('Tiny window')

    def expect(self, *event):
        equal(self.lines.receive(), list(event))


@case('a control is found by role and name, and pressed over the accessibility bus', init=False)
def accessible(world):
    tiny = Tiny(world)
    application = world.a11y.application('tiny-window')
    button = world.a11y.wait(application, 'button', 'Press me')
    assert {'visible', 'sensitive', 'focusable'} <= button.states, button.states
    equal([label.text for label in application.find('label') if label.text != 'Press me'][-1:], ['Not pressed'])
    assert button.press()
    tiny.expect('pressed')
    wait_until(lambda: 'Pressed' in application.drawn(), 'the label')


@case('keys and clicks arrive as from a keyboard and a mouse', init=False)
def input_arrives(world):
    tiny = Tiny(world)
    tiny.window.wait_focused()
    world.screen.type('a1')
    world.screen.key('Return')
    for name in ('a', '1', 'Return'):
        tiny.expect('key', name)
    application = world.a11y.application('tiny-window')
    tiny.window.click(world.a11y.wait(application, 'button', 'Press me'))
    tiny.expect('pressed')


@case('a window is closed by its title', init=False)
def closed(world):
    tiny = Tiny(world)
    tiny.window.close()
    tiny.expect('closed')
    tiny.window.wait_gone()


@case('a picture is what is seen, and one that differs is noticed', init=False)
def seen(world):
    tiny = Tiny(world)
    application = world.a11y.application('tiny-window')
    before = wait_until(lambda: settled(tiny.window), 'the window to be drawn')
    equal(picture.differing(before, tiny.window.picture())[0], 0)
    world.a11y.wait(application, 'button', 'Press me').press()
    wait_until(lambda: picture.differing(before, tiny.window.picture())[0] > 0.0005, 'the picture to change')


@case('at twice the scale it is drawn twice as large', init=False, scale=2)
def scaled(world):
    tiny = Tiny(world)
    wait_until(lambda: tiny.window.place[2] >= 600, 'the size')


def settled(window):
    image = window.picture()
    return image if len(image.getcolors(1 << 24) or []) > 20 else None


desktop.main()
