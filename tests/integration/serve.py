# SPDX-License-Identifier: MIT
"""`countersign serve`: a broker that is unlocked for as long as a program runs."""

import os
import signal

import pexpect

import countersign
from drawn import Drawn
from lines import PATIENCE
from tap import case, equal, lacks

STAYS = 'It stays unlocked while this runs'


def serve(world, *arguments, **options):
    """At a terminal, past the passphrase."""
    child = world.terminal('serve', *arguments, **options)
    child.expect_exact('Passphrase: ')
    assert child.waitnoecho(PATIENCE), 'the passphrase would be echoed'
    child.sendline(countersign.PASSPHRASE)
    return child


def serving(world, *options):
    child = serve(world, *options)
    child.expect_exact(STAYS)
    world.learn()
    equal(world.status()['state'], 'unlocked')
    return child


def status_of(child):
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus if child.signalstatus is None else -child.signalstatus


def ends_by(sentence, act, says=True):
    @case(f'{sentence} locks the broker, which goes on holding what is held')
    def ends(world):
        child, agent = serving(world), world.agent()
        agent.held(agent.ask('demo'))
        child.expect_exact('Somebody asks: countersign approve')
        act(child)
        if says:
            child.expect_exact('Locked: the keys are wiped')
            equal(status_of(child), 0)
        else:
            child.wait()
        state = world.status()
        equal((state['state'], state['held']), ('locked', 1))


ends_by('Ctrl-C', lambda child: child.sendcontrol('c'))
ends_by('a signal to end', lambda child: child.kill(signal.SIGTERM))
ends_by('a terminal that closes', lambda child: os.close(child.fileno()) or setattr(child.ptyproc, 'closed', True), says=False)


@case('it leaves when somebody else locks the broker')
def locked(world):
    child = serving(world)
    world.human().call('lock')
    equal(status_of(child), 0)
    equal(world.status()['state'], 'locked')


@case('it leaves when another broker takes the place, and does not lock that one')
def replaced(world):
    child = serving(world)
    world.unlock()
    child.expect_exact('another took its place')
    equal(status_of(child), 1)
    equal(world.status()['state'], 'unlocked')


@case('a wrong passphrase changes nothing')
def wrong(world):
    pid = world.learn()
    world.cli('serve', passphrase='not this one', status=1)
    equal((world.learn(), world.status()['state']), (pid, 'unlocked'))


@case('with --tty requests are answered in its own terminal, and leaving locks')
def tty(world):
    child = serve(world, '--tty', '--plain')
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    child.sendline(countersign.PIN)
    child.expect_exact('Nothing is waiting')
    world.learn()
    agent = world.agent()
    call = agent.ask('demo')
    child.expect_exact('grant or deny> ')
    child.sendline('grant')
    equal(agent.answer(call)['status'], 'completed')
    child.expect_exact('Nothing is waiting')
    child.sendcontrol('c')
    child.expect_exact('Locked: the keys are wiped')
    equal(status_of(child), 0)
    equal(world.status()['state'], 'locked')


@case('with --tty on the whole screen a person is asked in German, and grants')
def german(world):
    child = serve(world, '--tty', env={**world.env, 'LANGUAGE': 'de', 'LANG': 'C.UTF-8'}, term='linux')
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    child.sendline(countersign.PIN)
    drawn = Drawn(child, 24, 80)
    child.setwinsize(24, 80)
    drawn.shows('Nichts wartet')
    world.learn()
    agent = world.agent()
    call = agent.ask('demo')
    drawn.settled('[ Ablehnen ]', 'eben erschienen')
    drawn.press('?', 'blättert').press('x').press('g').press(countersign.PIN + '\r', 'Nichts wartet')
    equal(agent.answer(call)['status'], 'completed')
    child.sendcontrol('c')
    equal(status_of(child), 0)
    equal(world.status()['state'], 'locked')


@case('with --tty it locks too when no PIN is given')
def no_pin(world):
    child = serve(world, '--tty')
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    child.sendcontrol('c')
    child.expect_exact('Locked: the keys are wiped')
    equal(status_of(child), 1)
    world.learn()
    equal(world.status()['state'], 'locked')


@case('with --tty and no terminal nothing is unlocked')
def no_terminal(world):
    pid = world.learn()
    world.human().call('lock')
    lacks(world.cli('serve', '--tty', passphrase=True, status=1).out, 'Unlocked')
    equal((world.learn(), world.status()['state']), (pid, 'locked'))


countersign.main()
