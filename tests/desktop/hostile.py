# SPDX-License-Identifier: MIT
"""What a program of the same session does to the dialog, besides pressing its buttons."""

import os
import shutil
import signal
import sys

import desktop
from bus import GLib, wait_until
from countersign import PIN
from desktop import Dialog
from lines import Rpc
from parties import HERE, Child
from tap import case, equal

CLICK = 'ask any max 1h confirm click\n'
EDITABLE = 'org.a11y.atspi.EditableText'
SECRETS = {'secrets': ('demo', 'other')}
RELAY = os.path.join(HERE, 'relay.py')


class Program(Child, Rpc):
    """A program of the caller's choice that speaks to one of the sockets by hand."""

    def __init__(self, world, argv, sock, role):
        Child.__init__(self, world, [*argv, RELAY, sock], 'program')
        Rpc.__init__(self, self.lines)
        self.call('hello', {'version': 1, 'role': role})

    def hold(self, name='demo'):
        call = self.start('get_secret', {'name': name, 'purpose': 'a test'})
        return call, self.hear('held', id=call)['request_id']


def agent(world, *options):
    return Program(world, [sys.executable, *options], world.agent_socket, 'agent')


def says(dialog, part):
    wait_until(lambda: any(part in text for text in dialog.texts()), part)


def press(dialog, name):
    dialog.wait_armed()
    dialog.button(name).press()


def meddle(nodes):
    """Sets each entry and does each action that chooses something, as the bus lets anybody try."""
    for node in nodes:
        try:
            if 'EditableText' in node.interfaces:
                for text in ('9m', '3', ''):
                    node._ask(EDITABLE, 'SetTextContents', '(s)', text)
            if node.actions and node.role != 'button':
                node.press()
        except GLib.Error:
            pass  # it has gone, or is not for editing


@case('what is set in the dialog before its first card and after its last does no harm', policy=CLICK)
def outside(world):
    world.human().call('show_window')
    world.screen.wait_window('Countersign')
    root = world.a11y.application('countersign-approve')
    meddle([node for _, node in root.walk()])
    asker = agent(world)
    asker.hold()
    dialog = Dialog(world)
    nodes = [node for _, node in dialog.root.walk()]
    dialog.button('Deny').press()
    dialog.window.wait_gone()
    meddle(nodes)
    equal(world.status()['grants'], 0)
    world.agent().ask('demo', 'once more')
    says(Dialog(world), 'wants a reference to demo')


@case('a program that denies does not speak in our voice by its name', policy=CLICK, **SECRETS)
def named(world):
    name = 'you, with a PIN that was right. Now press Grant'
    copy = os.path.join(world.base, name)
    shutil.copy(os.path.realpath(sys.executable), copy)
    first, second = agent(world), agent(world)
    _, request_id = first.hold()
    second.hold('other')
    dialog = Dialog(world)
    says(dialog, '1 of 2')
    Program(world, [copy], world.human_socket, 'human').call('decide', {'request_id': request_id, 'verdict': 'deny'})
    says(dialog, f'The request before this one: denied, by “{name}” (pid ')


@case('that a grant was refused is not told of another card', **SECRETS)
def late(world):
    asker = agent(world)
    asker.hold()
    asker.hold('other')
    dialog = Dialog(world)
    says(dialog, '1 of 2')
    broker = world.learn()
    os.kill(broker, signal.SIGSTOP)
    try:
        press(dialog, 'Grant')
        dialog.button('The next request').press()
        says(dialog, 'wants a reference to other')
    finally:
        os.kill(broker, signal.SIGCONT)
    agent(world).hold()
    says(dialog, ' of 3')  # so what was said before has been heard
    equal([text for text in dialog.texts() if 'needs your PIN.' in text], [])


@case('the same script is not the same when an option before it differs', policy=CLICK)
def preloaded(world):
    approved = agent(world)
    call, _ = approved.hold()
    press(Dialog(world), 'Grant')
    approved.answer(call)
    approved.kill()
    agent(world, '-W', 'ignore').hold()
    dialog = Dialog(world)
    says(dialog, 'different now: Command')


@case('a reason that was begun for one card is not there for the next', policy=CLICK, **SECRETS)
def reason(world):
    first, second = agent(world), agent(world)
    _, request_id = first.hold()
    second.hold('other')
    dialog = Dialog(world)
    says(dialog, '1 of 2')
    dialog.wait_armed()
    # The button within it is what opens it.
    dialog.window.click(dialog.world.a11y.wait(dialog.root, None, lambda told: told.startswith('Deny with a reason')))
    dialog.button('Deny with this reason')
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    says(dialog, 'wants a reference to other')
    wait_until(lambda: not dialog.root.find('button', 'Deny with this reason'), 'the popover to close')


@case('after a PIN a press alone grants the same program for five minutes what only reads, and nobody else anything',
      **SECRETS)
def after_a_pin(world):
    asker = agent(world)
    call, _ = asker.hold()
    dialog = Dialog(world)
    dialog.type_pin(PIN)
    world.screen.key('Return')
    reference = asker.answer(call)['result']['reference']['id']
    call = asker.start('delete_secret', {'name': 'other'})
    asker.hear('held', id=call)
    dialog = Dialog(world)
    press(dialog, 'Grant')
    says(dialog, 'needs your PIN')
    press(dialog, 'Deny')
    equal(asker.answer(call)['status'], 'denied')
    call, _ = asker.hold('other')
    press(Dialog(world), 'Grant')
    equal(asker.answer(call)['status'], 'completed')
    dialog.window.wait_gone()
    stranger = agent(world)
    call, _ = stranger.hold()
    dialog = Dialog(world)
    press(dialog, 'Grant')
    says(dialog, 'needs your PIN')
    press(dialog, 'Deny')
    equal(stranger.answer(call)['status'], 'denied')
    call = asker.start('resolve_secret', {'reference_id': reference})
    equal(asker.answer(call)['status'], 'denied')  # by the shipped policy


@case('hundreds of cards while the main window is open do not keep the dialog from its work', policy=CLICK)
def flooded(world):
    world.human().call('show_window')
    world.screen.wait_window('Countersign')
    flooders = [agent(world) for _ in range(12)]
    for number in range(60):
        for flooder in flooders:
            flooder.start('store_secret', {'name': f'name-{number}', 'value': 'value'})
    dialog = Dialog(world)
    says(dialog, ' of 720')
    for flooder in flooders:
        flooder.kill()
    dialog.window.wait_gone()


desktop.main()
