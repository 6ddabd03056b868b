# SPDX-License-Identifier: MIT
"""A program of the person's session tries to answer for the person, and to change what the person sees."""

import os

import countersign
import desktop
from bus import wait_until
from desktop import Dialog
from intrusion import closed
from tap import Skip, case, equal

SPY = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'libspy.so')


def hold(world):
    agent = world.agent()
    call = agent.ask('demo', 'a test')
    agent.held(call)
    return agent, call


def nothing_granted(world):
    equal((world.status()['grants'], world.status()['held']), (0, 1))


@case('presses over the accessibility bus and typed keys grant nothing under the shipped policy')
def synthetic(world):
    hold(world)
    dialog = Dialog(world)
    dialog.wait_armed()
    dialog.button('Grant').press()
    wait_until(lambda: any('This needs your PIN' in text for text in dialog.texts()), 'the PIN to be asked')
    nothing_granted(world)
    for guess in ('000000', '123456'):
        dialog.type_pin(guess)
        world.screen.key('Return')
        wait_until(lambda: 'PIN' in dialog.status() or 'wait' in dialog.status(), 'a refusal')
    world.screen.key('g', 'Alt_L')
    nothing_granted(world)


@case('a press on a button that is not armed does nothing, however it is made')
def unarmed(world):
    world.policy('ask any max 1h confirm click\n')
    hold(world)
    dialog = Dialog(world)
    grant = dialog.button('Grant')
    other = world.other_window()
    other.wait_focused()
    wait_until(lambda: 'sensitive' not in grant.states, 'Grant to be disarmed behind another window')
    grant.press()
    nothing_granted(world)


@case('no way into the dialog is open to its own user, with a PIN typed')
def shut(world):
    hold(world)
    dialog = Dialog(world)
    dialog.type_pin(countersign.PIN)
    closed(dialog.window.pid, (countersign.PIN.encode(),))


@case('a style sheet, settings and a font configuration of the person\'s change nothing')
def styled(world):
    config = os.path.dirname(world.config)
    for name, text in (('gtk-4.0/gtk.css', 'label { opacity: 0; } * { background: #ff0000; }'),
                       ('gtk-4.0/settings.ini', '[Settings]\ngtk-font-name=Nothing 60\n'),
                       ('fontconfig/fonts.conf', '<fontconfig><dir>/nowhere</dir></fontconfig>')):
        os.makedirs(os.path.dirname(os.path.join(config, name)), exist_ok=True)
        with open(os.path.join(config, name), 'w', encoding='utf-8') as file:
            file.write(text)
    world.env['XDG_CONFIG_HOME'] = config
    world.cli('lock')
    world.unlock()
    hold(world)
    red = sum(count for count, pixel in Dialog(world).picture().getcolors(1 << 24) if pixel == (255, 0, 0))
    equal(red, 0)


@case('what the caller of unlock has in its environment loads nothing into the dialog')
def loaded(world):
    if not os.path.exists(SPY):
        raise Skip(f'{SPY} was not built')
    log = os.path.join(world.base, 'spied')
    world.cli('lock')
    world.env.update(GTK_MODULES=SPY, GTK_PATH=os.path.dirname(SPY), GIO_EXTRA_MODULES=os.path.dirname(SPY),
                     GTK_IM_MODULE_FILE=SPY, GTK_THEME='evil', GTK_DATA_PREFIX=world.base, FONTCONFIG_FILE='/nowhere',
                     SPY_LOG=log)
    # Into the command itself, which is the person's own, it does load.
    world.cli('unlock', passphrase=True, env={**world.env, 'LD_PRELOAD': SPY, 'ASAN_OPTIONS': 'verify_asan_link_order=0'})
    world.learn()
    with open(log, 'wb'):
        pass
    hold(world)
    Dialog(world)
    equal(os.path.getsize(log), 0)


@case('a translation of the agent\'s puts no other words on a card')
def translated(world):
    world.env['LANGUAGE'] = '../' * 12 + world.base.lstrip('/') + '/evil'
    folder = os.path.join(world.base, 'evil', 'LC_MESSAGES')
    os.makedirs(folder)
    source = os.path.join(world.base, 'evil.po')
    with open(source, 'w', encoding='utf-8') as file:
        file.write('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
                   'msgid "_Grant"\nmsgstr "_Deny"\nmsgid "Why"\nmsgstr "Harmless"\n')
    equal(os.spawnlp(os.P_WAIT, 'msgfmt', 'msgfmt', '-o', os.path.join(folder, 'countersign.mo'), source), 0)
    world.cli('lock')
    world.unlock()
    hold(world)
    assert 'Harmless' not in Dialog(world).texts()


desktop.main()
