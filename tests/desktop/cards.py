# SPDX-License-Identifier: MIT
"""Several cards, cards of high risk, denials with words, and the dialog program's comings and goings."""

import os
import signal
import subprocess

import desktop
from bus import wait_until
from countersign import PIN
from desktop import Dialog
from parties import Child
from tap import case, equal

CLICK = 'ask any max 1h confirm click\n'
SECRETS = {'secrets': ('demo', 'other')}


def hold(agent, name='demo', purpose='a test'):
    call = agent.ask(name, purpose)
    return call, agent.held(call)['request_id']


def says(dialog, part):
    wait_until(lambda: any(part in text for text in dialog.texts()), part)


def press(dialog, name):
    dialog.wait_armed()
    dialog.button(name).press()


def fill(dialog, name, text, click=True):
    """Types into the entry of that name (its beginning). A popover has its own place and takes the focus."""
    entry = dialog.world.a11y.wait(dialog.root, 'text box', lambda told: told.startswith(name))
    wait_until(lambda: entry.place[2] > 0, f'{name} to be drawn')
    if click:
        dialog.window.click(entry)
    wait_until(lambda: 'focused' in entry.states, f'the focus on {name}')
    dialog.world.screen.type(text)
    wait_until(lambda: entry.text == text, f'{name}: {text}')
    return entry


# --- several ---


@case('requests wait in turn, and requesters take turns', policy=CLICK, **SECRETS)
def turns(world):
    first, second = world.agent(), world.agent()
    one, _ = hold(first)
    two, _ = hold(first, 'other')
    three, _ = hold(second)
    dialog = Dialog(world)
    says(dialog, '1 of 3')
    press(dialog, 'Deny')
    equal(first.answer(one)['status'], 'denied')
    says(dialog, '1 of 2')
    press(dialog, 'Deny')
    # The second requester's first came before the first one's second.
    equal(second.answer(three)['status'], 'denied')
    press(dialog, 'Grant')
    equal(first.answer(two)['result']['reference']['name'], 'other')
    dialog.window.wait_gone()


@case('requests alike are one card with all their purposes, and one grant is for all', policy=CLICK)
def alike(world):
    agent = world.agent()
    calls = [hold(agent, purpose=f'part {number}')[0] for number in range(4)]
    dialog = Dialog(world)
    says(dialog, '4 requests')
    text = ' '.join(dialog.texts())
    equal([f'part {number}' in text for number in range(4)], [True] * 4)
    press(dialog, 'Grant')
    equal({agent.answer(call)['status'] for call in calls}, {'completed'})
    dialog.window.wait_gone()


@case('one denial is for all that are alike', policy=CLICK)
def alike_denied(world):
    agent = world.agent()
    calls = [hold(agent, purpose=f'part {number}')[0] for number in range(4)]
    dialog = Dialog(world)
    says(dialog, '4 requests')
    press(dialog, 'Deny')
    equal({agent.answer(call)['code'] for call in calls}, {'person'})


@case('who answered elsewhere is told, and the next card is shown', policy=CLICK, **SECRETS)
def elsewhere(world):
    agent, other = world.agent(), world.agent()
    _, request_id = hold(agent)
    hold(other, 'other')
    dialog = Dialog(world)
    says(dialog, '1 of 2')
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    says(dialog, 'The request before this one: denied, by ')
    says(dialog, 'wants a reference to other')


@case('a card that is shown stays as it was left when another request comes', policy=CLICK, **SECRETS)
def undisturbed(world):
    agent = world.agent()
    hold(agent)
    dialog = Dialog(world)
    dialog.wait_armed()
    box = fill(dialog, 'How many uses', '7')
    hold(world.agent(), 'other')
    says(dialog, '1 of 2')
    equal(box.text, '7')
    equal('sensitive' in dialog.button('Grant').states, True)


# --- narrowed, and denied with words ---


@case('what is granted is what was left', policy=CLICK)
def narrowed(world):
    agent = world.agent()
    call, _ = hold(agent)
    dialog = Dialog(world)
    dialog.wait_armed()
    fill(dialog, 'How many uses', '2')
    press(dialog, 'Grant')
    agent.answer(call)
    grant, = world.human(pin=True).pages('grants')
    equal((grant['uses_left'], grant['expires_in'] <= 300), (2, True))


@case('a number of uses that is none is said to be, and grants nothing', policy=CLICK)
def no_number(world):
    agent = world.agent()
    hold(agent)
    dialog = Dialog(world)
    dialog.wait_armed()
    fill(dialog, 'How many uses', '0')
    wait_until(lambda: 'sensitive' not in dialog.button('Grant').states, 'Grant to be taken away')


@case('a denial tells the agent why, and the same is denied for ten minutes', policy=CLICK)
def words(world):
    agent = world.agent()
    call, _ = hold(agent)
    dialog = Dialog(world)
    dialog.wait_armed()
    dialog.window.click(dialog.button('Deny with a reason'))
    fill(dialog, 'What the agent is told', 'nope', click=False)
    world.screen.key('Tab')
    world.screen.key('space')
    check = world.a11y.wait(dialog.root, 'checkbox', lambda told: told.startswith('The same again'))
    wait_until(lambda: 'checked' in check.states, 'ten minutes')
    dialog.button('Deny with this reason').press()
    equal(agent.answer(call)['message'], 'nope')
    equal(agent.answer(agent.ask('demo', 'again'))['code'], 'denied_for')


# --- high risk ---


@case('what discloses takes the PIN, and all that is new has to be read first', policy=CLICK)
def disclosed(world):
    agent = world.agent()
    call, _ = hold(agent)
    press(Dialog(world), 'Grant')
    reference = agent.answer(call)['result']['reference']['id']
    call = agent.start('resolve_secret', {'reference_id': reference})
    agent.held(call)
    dialog = Dialog(world)
    says(dialog, 'wants to read the value of demo')
    checks = dialog.root.find('checkbox', lambda told: told.startswith('I have read this'))
    equal([check.name for check in checks], [f'I have read this: {line}' for line in ('What', 'Who', 'Runs')])
    for check in checks:
        equal('sensitive' in dialog.button('Grant').states, False)
        wait_until(lambda: dialog.window.focused, 'the focus')
        while 'checked' not in check.states:
            dialog.window.click(check)
            world.screen.wait(lambda check=check: 'checked' in check.states, check.name)
    press(dialog, 'Grant')
    says(dialog, 'This needs your PIN.')
    dialog.type_pin(PIN)
    world.screen.key('Return')
    equal(agent.answer(call)['result']['value'], 'value-of-demo')


@case('what is different from the last approval is marked, with what stood there before', policy=CLICK, **SECRETS)
def different(world):
    agent = world.agent()
    call, _ = hold(agent)
    press(Dialog(world), 'Grant')
    agent.answer(call)
    hold(agent, 'other')
    dialog = Dialog(world)
    says(dialog, 'different now: What')
    says(dialog, 'new; before: demo')


# --- comings and goings ---


@case('the dialog goes when the broker does')
def orphan(world):
    hold(world.agent())
    dialog = Dialog(world)
    world.kill_broker()
    dialog.window.wait_gone()


@case('a dialog that is killed is started again while something waits')
def killed(world):
    hold(world.agent())
    dialog = Dialog(world)
    os.kill(dialog.window.pid, signal.SIGKILL)
    dialog.window.wait_gone()
    says(Dialog(world), 'wants a reference to demo')


@case('an approver that a person started shows cards after the PIN, and each grant takes it')
def registered(world):
    env = dict(world.env)
    # A broker that was unlocked where there is no display starts no dialog.
    for name in ('DISPLAY', 'DBUS_SESSION_BUS_ADDRESS'):
        world.env.pop(name)
    world.cli('lock')
    world.unlock()
    agent = world.agent()
    call, _ = hold(agent)
    approver = Child(world, [world.program('countersign-approve'), '--window', '--socket', world.human_socket],
                     'approver', env=env)
    window = world.screen.wait_window('Countersign')
    application = world.a11y.application('countersign-approve')
    root = world.a11y.wait(application, 'window', 'Countersign')
    wait_until(lambda: any('1 request waits' in text for text in root.texts()), 'how many wait')
    assert not any('demo' in text for text in root.texts()), root.texts()
    window.wait_focused()
    world.screen.type(PIN)
    world.screen.key('Return')
    dialog = Dialog(world)
    dialog.window.activate()
    dialog.type_pin(PIN)
    world.screen.key('Return')
    equal(agent.answer(call)['result']['reference']['name'], 'demo')
    approver.kill(signal.SIGTERM)


@case('started without a broker to connect to it says what to do')
def alone(world):
    result = subprocess.run([world.program('countersign-approve')], env=world.env, capture_output=True, text=True,
                            check=False)
    equal(result.returncode, 3)
    assert 'countersign ui' in result.stderr, result.stderr


desktop.main()
