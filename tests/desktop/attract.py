# SPDX-License-Identifier: MIT
"""The notification of the approver: while its dialog is not where the person looks."""

import desktop
from bus import wait_until
from desktop import Dialog
from tap import case, equal

HERE = {'policy': 'ask any max 1h confirm click\n', 'notifications': True, 'secrets': ('demo', 'other')}


class Scene:
    """A request is held, and the person works in another window."""

    def __init__(self, world, name='demo', purpose='to <b>list</b> issues'):
        self.world, self.notifications = world, world.notifications
        self.agent = world.agent()
        self.call = self.agent.ask(name, purpose)
        self.request_id = self.agent.held(self.call)['request_id']
        self.dialog = Dialog(world)
        self.other = world.other_window()
        self.other.activate()
        self.other.wait_focused()

    def shown(self, count=1):
        return self.notifications.wait_shown(count)


@case('it says what is asked while another window has the focus, and goes when the dialog has it', **HERE)
def shown(world):
    scene = Scene(world)
    asked = scene.shown()
    equal(asked['summary'], '1 request waits for you')
    sentence, purpose = asked['body'].split('\n')
    assert sentence.endswith('wants a reference to demo'), sentence
    assert purpose.endswith('to &lt;b&gt;list&lt;/b&gt; issues”'), purpose
    scene.dialog.window.activate()
    equal(scene.notifications.wait_closed(1), 1)


@case('Review brings the dialog to the front', **HERE)
def reviewed(world):
    scene = Scene(world)
    scene.shown()
    scene.notifications.press(1, 'review')
    scene.dialog.window.wait_focused()


@case('Deny denies what it was about', **HERE)
def denied(world):
    scene = Scene(world)
    scene.shown()
    scene.notifications.press(1, 'deny')
    equal(scene.agent.answer(scene.call)['status'], 'denied')
    equal(world.status()['grants'], 0)
    scene.notifications.wait_closed(1)


@case('whatever else a daemon says grants nothing', **HERE)
def forged(world):
    scene = Scene(world)
    scene.shown()
    for action in ('grant', 'approve', 'Grant', '', 'once'):
        scene.notifications.press(1, action)
    scene.notifications.press(1, 'deny')
    equal(scene.agent.answer(scene.call)['status'], 'denied')
    equal(world.status()['grants'], 0)


@case('it is withdrawn when the request is answered elsewhere', **HERE)
def elsewhere(world):
    scene = Scene(world)
    scene.shown()
    world.cli('deny', scene.request_id)
    equal(scene.notifications.wait_closed(1), 1)
    scene.dialog.window.wait_gone()


@case('there is one, however many wait', **HERE)
def one(world):
    scene = Scene(world)
    scene.shown()
    scene.agent.held(scene.agent.ask('other', 'another thing'))
    second = wait_until(lambda: next((asked for asked in scene.notifications.shown()
                                      if asked['summary'] == '2 requests wait for you'), None), 'the count')
    equal(second['replaces'], 1)


@case('what a rule with "notify" denies is told once, as plain text, with nothing to press', policy='deny get_secret of demo notify\n',
      notifications=True, secrets=('demo',))
def told(world):
    agent = world.agent()
    equal(agent.answer(agent.ask('demo'))['code'], 'policy')
    told = world.notifications.wait_shown(1)
    equal(told['summary'], 'Denied by your policy')
    matter, rule = told['body'].split('\n')
    assert matter.endswith(': get_secret demo'), matter
    equal(rule, 'policy.conf:1: deny get_secret of demo notify')
    equal(told['actions'], [])
    equal(world.status()['held'], 0)


desktop.main()
