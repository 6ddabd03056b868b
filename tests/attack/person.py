# SPDX-License-Identifier: MIT
"""An agent plays the person: pipes, terminals, guesses; none of them is a PIN."""

import os
import shutil
import subprocess
import sys
import time

import pexpect

import countersign
from lines import PATIENCE, Refused
from softkey import SoftKey
from tap import Skip, case, equal

WRONG = '111111'


def held(world):
    """A request that waits, and who waits for it."""
    agent = world.agent()
    call = agent.ask('demo')
    return agent, agent.held(call)['request_id']


def still_held(world, request_id):
    equal([r['request_id'] for r in world.human(pin=True).pending()], [request_id], 'held')
    equal(world.status()['grants'], 0, 'grants')


def refusal(human, method, params):
    """Why it was refused, in the broker's word."""
    try:
        human.call(method, params)
    except Refused as error:
        return error.data.get('reason')
    raise AssertionError(f'{method}: done')


@case('yes | countersign approve grants nothing')
def yes(world):
    _, request_id = held(world)
    for word in ('yes', 'y', 'grant', '', '1', 'countersign'):
        for arguments in (['approve', request_id], ['approve']):
            result = world.cli(*arguments, stdin=f'{word}\n' * 2000, status=None, start_new_session=True)
            assert result.status != 0, result
    still_held(world, request_id)


@case('approve by id without a terminal and without a PIN is refused')
def no_terminal(world):
    _, request_id = held(world)
    result = world.cli('approve', request_id, status=None, start_new_session=True, stdin=b'')
    assert result.status in (1, 2), result
    still_held(world, request_id)


@case('a wrong PIN by descriptor is refused')
def wrong_pin(world):
    _, request_id = held(world)
    world.cli('approve', request_id, pin=WRONG, status=1, start_new_session=True)
    still_held(world, request_id)


@case('an agent enrols no key of its own, so its signatures are nobody\'s')
def own_key(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask any confirm key\n'}],
                                        'pin': countersign.PIN})
    _, request_id = held(world)
    request, = world.human(pin=True).pending()
    agent, key = world.human(), SoftKey()
    for more, why in (({}, 'pin_needed'), ({'pin': WRONG}, 'pin_wrong')):
        equal(refusal(agent, 'key_add', {**key.enrolment(), **more}), why)
    equal(refusal(agent, 'key_challenge', {'request_id': request_id}), None)
    # A person enrols one; the agent's still signs for nobody, whatever it calls itself.
    real = SoftKey()
    world.human().call('key_add', {**real.enrolment(), 'pin': countersign.PIN})
    for credential in (key.credential, real.credential):
        challenge = agent.call('key_challenge', {'request_id': request_id})['challenge']
        key.credential = credential
        equal(refusal(agent, 'decide', {'request_id': request_id, 'verdict': 'grant', 'card_digest': request['digest'],
                                        'key': key.touch(challenge, request['card'])}), 'key_wrong')
    equal(len(world.human(pin=True).pages('keys')), 1, 'keys')
    still_held(world, request_id)


@case('a terminal of the agent\'s own grants nothing without the PIN')
def own_terminal(world):
    _, request_id = held(world)
    terminal = world.terminal('approve')
    # Whatever it asks: the words that grant, then guesses at what looks like a PIN prompt.
    try:
        for word in ('grant', 'yes', WRONG, 'grant', WRONG, ''):
            terminal.expect(r'.+', timeout=10)
            terminal.sendline(word)
        terminal.expect(pexpect.EOF, timeout=3)
    except (pexpect.TIMEOUT, pexpect.EOF, OSError):
        pass
    terminal.close()
    equal(world.status()['grants'], 0, 'grants')
    assert request_id


@case('keys sent into a tmux pane grant nothing without the PIN')
def tmux(world):
    if shutil.which('tmux') is None:
        raise Skip('no tmux')
    agent, request_id = held(world)
    tmux = ['tmux', '-S', os.path.join(world.base, 'tmux'), '-f', '/dev/null']
    def run(*arguments):
        return subprocess.run([*tmux, *arguments], env={**world.env, 'LANG': 'C.UTF-8'}, capture_output=True,
                              text=True, check=True, cwd=world.base).stdout
    run('new-session', '-d', '-x', '120', '-y', '50', world.program('countersign') + ' approve; cat')
    try:
        deadline = time.monotonic() + PATIENCE
        before = ''
        for word in ('grant', WRONG, 'grant', WRONG):
            # Wait until it has said something new, then type.
            while (now := run('capture-pane', '-p')) == before:
                assert time.monotonic() < deadline, now
                subprocess.run(['sleep', '0.1'], check=True)
            before = now
            run('send-keys', '-l', word)
            run('send-keys', 'Enter')
    finally:
        run('kill-server')
    equal(world.status()['grants'], 0, 'grants')
    assert agent and request_id


GUESS = '''
import sys
sys.path[:0] = sys.argv[2:]
from lines import Lines, Refused, Rpc
import socket
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
human = Rpc(Lines(sock.fileno(), sock.fileno(), sock))
human.call('hello', {'version': 1, 'role': 'human'})
reasons = []
for guess in range(6):
    try:
        human.call('authenticate', {'pin': '%06d' % guess})
    except Refused as error:
        reasons.append(error.data.get('reason'))
print(' '.join(map(str, reasons)))
'''


def guess(world):
    """An agent in a session of its own guesses; what it was told."""
    process = subprocess.run([sys.executable, '-c', GUESS, world.human_socket, os.path.dirname(countersign.__file__)],
                             capture_output=True, text=True, timeout=PATIENCE, start_new_session=True, check=True)
    return process.stdout.split()


@case('guesses are slowed down, and the person still gets in at once')
def guesses(world):
    agent = world.agent()
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    told = guess(world)
    equal(told[:3], ['pin_wrong'] * 3)
    equal(told[3:], ['pin_wait'] * 3)
    # Sessions of its own making gain nothing in the end: strangers wait together, and each guess doubles the wait.
    for _ in range(20):
        if guess(world) == ['pin_wait'] * 6:
            break
    else:
        raise AssertionError('a new session may always guess')
    # The session that has given the right PIN before is not charged for them.
    world.cli('approve', request_id, pin=True)
    equal(agent.answer(call)['status'], 'completed')


@case('the passphrase gets in whatever was guessed, and sets a new PIN')
def passphrase(world):
    for _ in range(3):
        guess(world)
    world.cli('unlock', passphrase=True, start_new_session=True)
    world.learn()
    world.human(pin=True)


countersign.main()
