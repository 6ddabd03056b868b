# SPDX-License-Identifier: MIT
"""The command line and its approvers where a security key is to be touched; those plugged in are software."""

import os
import signal

import pexpect

import countersign
from drawn import Drawn
from softkey import NONE_ENROLLED, PIN, PROGRAM, Plugged, Scene
from tap import case, equal


@case('a key is enrolled, listed and removed by the command line')
def command_line(world):
    plugged = Plugged(world, 'one')
    added = plugged.cli('key', 'add', '--name', 'work \u2069key', pin=True)
    assert 'work \\u{2069}key' in added.out, added
    again = plugged.cli('key', 'add', pin=True, status=1)
    assert 'enrolled already' in again.err, again
    os.rename(os.path.join(plugged.folder, 'one'), os.path.join(world.base, 'one'))
    plugged.plug('two')
    second = plugged.cli('key', 'add', '--json', pin=True).json()
    equal(second['name'], 'Soft Key two')
    table = plugged.cli('key', 'list', pin=True).out
    assert 'work \\u{2069}key' in table and second['id'] in table, table
    first, other = plugged.cli('key', 'list', '--json', pin=True).json()
    equal(other['id'], second['id'])
    plugged.cli('key', 'rm', second['id'], pin='000000', status=1)
    assert 'grants nothing' in plugged.cli('key', 'rm', second['id'], pin=True).out
    last = plugged.cli('key', 'rm', first['id'], pin=True)
    assert 'It was the last' in last.out, last
    gone = plugged.cli('key', 'rm', first['id'], pin=True, status=1)
    assert 'no such security key' in gone.err, gone


@case('enrolling says what is wrong with what is plugged in')
def not_enrolled(world):
    plugged = Plugged(world)
    for behaviour, words in ((None, 'no security key is plugged in'), ('pin', 'asks for a PIN of its own'),
                             ('refuses', 'the security key refused')):
        if behaviour is not None:
            plugged.plug('one', behaviour)
        result = plugged.cli('key', 'add', pin=True, status=1)
        assert words in result.err, result
    plugged.plug('one')
    plugged.plug('two')
    result = plugged.cli('key', 'add', pin=True, status=1)
    assert 'several security keys' in result.err, result
    plugged.cli('key', 'add', '--name', 'n' * 65, pin=True, status=2)
    equal(plugged.cli('key', 'list', '--json', pin=True).json(), [])


@case('approve asks for a touch where the card does')
def approve(world):
    plugged = Plugged(world, 'one')
    scene = Scene(world, enrol=False)
    request = scene.hold()
    none = plugged.cli('approve', request['request_id'], pin=True, status=1)
    assert NONE_ENROLLED in none.err, none
    plugged.cli('key', 'add', pin=True)
    os.rename(os.path.join(plugged.folder, 'one'), os.path.join(world.base, 'one'))
    plugged.plug('two')
    absent = plugged.cli('approve', request['request_id'], pin=True, status=1)
    assert 'no enrolled key is plugged in' in absent.err and 'Touch' not in absent.err, absent
    os.rename(os.path.join(world.base, 'one'), os.path.join(plugged.folder, 'one'))
    granted = plugged.cli('approve', request['request_id'], pin=True)
    assert 'Granted' in granted.out, granted
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')


@case('where nobody touches, an interrupt ends it and nothing is granted')
def interrupted(world):
    plugged = Plugged(world, 'one')
    scene = Scene(world, enrol=False)
    plugged.cli('key', 'add', pin=True)
    plugged.plug('one', 'untouched')
    request = scene.hold()
    terminal = world.terminal('approve', request['request_id'], env=plugged.env, program=PROGRAM)
    terminal.expect_exact('PIN: ')
    assert terminal.waitnoecho()
    terminal.sendline(PIN)
    terminal.expect_exact('Touch your security key.')
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.wait()
    equal(terminal.signalstatus, signal.SIGINT)
    equal(scene.made(), [])
    equal([r['request_id'] for r in scene.human.pending()], [request['request_id']])


def approver(world, plugged, *arguments, **options):
    terminal = world.terminal('approve', *arguments, env=plugged.env, program=PROGRAM, **options)
    terminal.expect_exact('PIN: ')
    assert terminal.waitnoecho()
    terminal.sendline(PIN)
    return terminal


def touchable(world):
    """An enrolled key that nobody touches, and a request that wants it."""
    plugged = Plugged(world, 'one')
    scene = Scene(world, enrol=False)
    plugged.cli('key', 'add', pin=True)
    plugged.plug('one', 'untouched')
    return plugged, scene, scene.hold()


@case('in plain lines a touch is asked for, can be called off, tried again, and grants')
def plain(world):
    plugged, scene, _ = touchable(world)
    terminal = approver(world, plugged, '--plain', '--once')
    terminal.expect_exact('needs your security key')
    terminal.expect_exact('grant or deny> ')
    terminal.sendline('grant')
    terminal.expect_exact('Touch your security key. Enter calls it off.')
    terminal.sendline('')
    terminal.expect_exact('Not granted: the touch was called off')
    terminal.expect_exact('Enter tries again, anything else denies: ')
    equal(scene.made(), [])
    plugged.plug('one')
    terminal.sendline('')
    terminal.expect_exact('Granted: get_secret demo')
    terminal.expect(pexpect.EOF)
    equal(len(scene.made()), 1)
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')


@case('in plain lines, who does not touch denies, and so does an interrupt')
def plain_denied(world):
    for keys in ('no\r', '\x03'):
        plugged, scene, _ = touchable(world)
        terminal = approver(world, plugged, '--plain', '--once')
        terminal.expect_exact('grant or deny> ')
        terminal.sendline('grant')
        terminal.expect_exact('Touch your security key.')
        terminal.send('\r' if keys[0] != '\x03' else keys)
        if keys[0] != '\x03':
            terminal.expect_exact('anything else denies: ')
            terminal.send(keys)
        terminal.expect_exact('Denied: the security key was not touched.')
        terminal.expect(pexpect.EOF)
        equal(scene.agent.answer(scene.calls[0])['status'], 'denied')
        world.human().call('key_rm', {'key_id': scene.human.pages('keys')[0]['id'], 'pin': PIN})
        os.unlink(os.path.join(plugged.folder, 'one'))
        os.rmdir(plugged.folder)


@case('on the whole screen a touch is asked for, any key calls it off, and it grants')
def whole_screen(world):
    plugged, scene, _ = touchable(world)
    terminal = approver(world, plugged, '--once', term='linux')
    terminal.setwinsize(24, 80)
    drawn = Drawn(terminal, 24, 80)
    drawn.settled().press('g', 'Touch your security key.', 'calls it off.')
    drawn.press('x', 'the touch was called off', '[ Deny ]')
    equal(scene.made(), [])
    plugged.plug('one')
    drawn.settled()
    terminal.send('g')
    terminal.expect_exact('Granted: get_secret demo')
    terminal.expect(pexpect.EOF)
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')


@case('a touch stays good until the PIN beside it has come')
def plain_disclose(world):
    plugged, scene, request = touchable(world)
    plugged.plug('one')
    plugged.cli('approve', request['request_id'], pin=True)
    reference = scene.agent.answer(scene.calls[0])['result']['reference']['id']
    scene.hold('resolve_secret', reference_id=reference)
    terminal = approver(world, plugged, '--plain', '--once')
    terminal.expect_exact('needs your PIN and your security key')
    terminal.expect_exact('grant or deny> ')
    for line in ('what', 'who', 'script'):
        terminal.sendline(f'read {line}')
        terminal.expect_exact('grant or deny> ')
    terminal.sendline('grant')
    terminal.expect_exact('PIN: ')
    assert terminal.waitnoecho()
    terminal.sendline(PIN)
    terminal.expect_exact('Granted')


@case('the installed command knows of no key in software')
def no_fake(world):
    plugged = Plugged(world, 'one')
    result = world.cli('key', 'add', pin=True, status=1, env=plugged.env)
    assert 'no security key is plugged in' in result.err, result


countersign.main()
