# SPDX-License-Identifier: MIT
"""The window in which a person answers, met by a person, a screen reader, and a program of the same session."""

import desktop
from bus import GLib, wait_until
from countersign import PIN
from desktop import Dialog
from tap import Skip, case, equal

CLICK = 'ask any max 1h confirm click\n'
GRANT = ('g', 'Alt_L')  # the key, and what is held with it
CONTROLS = {'button', 'checkbox', 'radio button', 'combo box', 'text box', 'password text', 'entry', 'spin button',
            'slider', 'switch', 'toggle button', 'scroll pane'}


def hold(world, purpose='to list issues', name='demo', agent=None):
    """An agent whose call is held, and the call."""
    agent = agent or world.agent()
    call = agent.ask(name, purpose)
    agent.held(call)
    return agent, call


def nothing_granted(world):
    equal(world.status()['grants'], 0, 'grants')


# --- what the accessibility bus tells ---


@case('each control has a name of its own')
def named(world):
    hold(world)
    dialog = Dialog(world)
    unnamed = []
    for node in dialog.controls(CONTROLS):
        if not node.name or node.name.startswith('Gtk'):
            unnamed.append(f'{node.role} “{node.name}”')
    equal(unnamed, [])


@case('a PIN that is typed is nowhere on the accessibility bus, and in no selection')
def no_pin(world):
    hold(world)
    dialog = Dialog(world)
    dialog.type_pin(PIN)
    told = []
    for _, node in dialog.root.walk():
        told += [node.name, node.description, node.text or '']
    assert not any(PIN in text for text in told), told
    equal(dialog.pin().interfaces & {'Text', 'EditableText', 'Value', 'Selection'}, set())
    for name in ('a', 'c', 'x'):
        world.screen.key(name, 'Control_L')
    for selection in ('CLIPBOARD', 'PRIMARY'):
        equal(world.screen.selection_owner(selection), None, selection)


# --- what grants ---


@case('under confirm click a press over the accessibility bus grants', policy=CLICK)
def pressed(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.wait_armed()
    dialog.button('Grant').press()
    equal(agent.answer(call)['result']['reference']['name'], 'demo')
    dialog.window.wait_gone()


@case('under the shipped policy the same press grants nothing')
def pressed_in_vain(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.wait_armed()
    for _ in range(3):
        dialog.button('Grant').press()
    wait_until(lambda: 'PIN' in dialog.status(), 'a word about the PIN')
    nothing_granted(world)
    dialog.button('Deny').press()
    equal(agent.answer(call)['status'], 'denied')
    nothing_granted(world)


@case('under the shipped policy the PIN, typed, and Enter grant')
def by_pin(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.type_pin(PIN)
    world.screen.key('Return')
    equal(agent.answer(call)['result']['reference']['name'], 'demo')


@case('a wrong PIN grants nothing, says so, and can be typed again')
def wrong_pin(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    for pin in ('135790', PIN):
        nothing_granted(world)
        dialog.type_pin(pin)
        world.screen.key('Return')
        if pin != PIN:
            wait_until(lambda: 'PIN' in dialog.status(), 'a word about the PIN')
    equal(agent.answer(call)['result']['reference']['name'], 'demo')


# --- what grants nothing ---


@case('keys that were on their way when the window came grant nothing', policy=CLICK)
def keys_at_map(world):
    agent, call = hold(world)
    storm(world, lambda: world.screen.find(desktop.TITLE))
    denies(world, agent, call)


@case('keys that come with its being raised grant nothing', policy=CLICK)
def keys_at_raise(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    other = world.other_window()
    for _ in range(3):
        other.activate()
        other.wait_focused()
        dialog.window.activate()
        storm(world, lambda: dialog.window)
    denies(world, agent, call)


@case('while somebody types, neither keys nor presses grant', policy=CLICK)
def while_typing(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    button = dialog.button('Grant')
    other = world.other_window()
    other.activate()
    other.wait_focused()
    dialog.window.activate()
    storm(world, lambda: dialog.window)
    for _ in range(10):
        world.screen.key('Shift_L')
        if 'sensitive' in button.states:
            raise Skip('this machine is too busy to type twice in half a second')
        world.screen.key(*GRANT)
        button.press()
    denies(world, agent, call)


@case('the same keys grant once it is armed', policy=CLICK)
def keys_armed(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.window.wait_focused()
    dialog.wait_armed()
    world.screen.key(*GRANT)
    equal(agent.answer(call)['result']['reference']['name'], 'demo')


@case('closing the window is a no', policy=CLICK)
def closed(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.window.close()
    equal(agent.answer(call)['status'], 'denied')
    dialog.window.wait_gone()
    nothing_granted(world)


@case('Escape is a no', policy=CLICK)
def escaped(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.window.wait_focused()
    dialog.wait_armed()
    world.screen.key('Escape')
    equal(agent.answer(call)['status'], 'denied')
    nothing_granted(world)


@case('Enter, as soon as it is armed, denies: Deny is where the keyboard is', policy=CLICK)
def enter_denies(world):
    agent, call = hold(world)
    dialog = Dialog(world)
    dialog.window.wait_focused()
    dialog.wait_armed()
    world.screen.key('Return')
    equal(agent.answer(call)['status'], 'denied')
    nothing_granted(world)


# --- many ---


@case('a thousand requests of one process are one card, and that of another is next', policy=CLICK,
      secrets=('demo', 'other'))
def flood(world):
    flooder = world.agent()
    first = flooder.ask('demo', 'number 0')
    flooder.held(first)
    for number in range(1, 1000):
        flooder.ask('demo', f'number {number}')
    agent, call = hold(world, name='other')
    dialog = Dialog(world)
    wait_until(lambda: '1 of 2' in dialog.texts(), 'two cards')
    dialog.button('The next request').press()
    wait_until(lambda: any('wants a reference to other' in text for text in dialog.texts()), 'the card of the other')
    dialog.wait_armed()
    dialog.button('Grant').press()
    equal(agent.answer(call)['result']['reference']['name'], 'other')


@case('a request that its agent withdraws disappears', policy=CLICK)
def withdrawn(world):
    agent, _ = hold(world)
    dialog = Dialog(world)
    agent.kill()
    dialog.window.wait_gone()


@case('an agent that closes its connection right after it was shown gets nothing by a late press', policy=CLICK)
def gone(world):
    agent, _ = hold(world)
    dialog = Dialog(world)
    dialog.wait_armed()
    grant = dialog.button('Grant')
    agent.kill()
    try:
        grant.press()
    except GLib.Error:
        pass  # it was faster
    dialog.window.wait_gone()
    nothing_granted(world)


def storm(world, window):
    """Keys that grant where a window is careless, until window() is there and has the focus, and some more."""
    while not (window() and window().focused):
        world.screen.key(*GRANT)
    for _ in range(20):
        world.screen.key(*GRANT)


def denies(world, agent, call):
    """It is denied, by this at the latest: what went to the broker before would have come first."""
    Dialog(world).button('Deny').press()
    equal(agent.answer(call)['status'], 'denied')
    nothing_granted(world)


desktop.main()
