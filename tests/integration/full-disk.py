# SPDX-License-Identifier: MIT
"""A disk without room: nothing is released, what narrows still works, and the store opens afterwards."""

import os
import re
import shutil
import subprocess
import sys

import cloudworld
import countersign
import tokenworld
from lines import Refused
from tap import Skip, case, contains, equal

ROOM = '/mnt'  # exists everywhere; in this test's own mount namespace it is a small tmpfs
SIZE = 8 << 20


def enter():
    """Runs this script again where ROOM is a small disk of our own."""
    if os.environ.get('COUNTERSIGN_SMALL_DISK'):
        return None
    bwrap = shutil.which('bwrap')
    wrap = [bwrap or '', '--dev-bind', '/', '/', '--size', str(SIZE), '--perms', '1777', '--tmpfs', ROOM]
    if bwrap is None or subprocess.run([*wrap, 'true'], capture_output=True, check=False).returncode != 0:
        return 'no small disk: bubblewrap cannot mount one here'
    os.environ['COUNTERSIGN_SMALL_DISK'] = '1'
    os.execv(bwrap, [*wrap, sys.executable, *sys.argv])


REASON = enter()


class SmallWorld(countersign.World):
    """A world on the small disk, which fill() leaves without a byte."""

    def __init__(self, **options):
        if REASON:
            raise Skip(REASON)
        super().__init__(**options)

    @staticmethod
    def _room():
        return ROOM

    def fill(self):
        with open(os.path.join(ROOM, 'filler'), 'wb', buffering=0) as file:
            for size in (1 << 16, 4096, 1):
                try:
                    while True:
                        file.write(b'x' * size)
                except OSError:
                    pass

    def empty(self):
        os.unlink(os.path.join(ROOM, 'filler'))

    def close(self):
        if os.path.exists(os.path.join(ROOM, 'filler')):
            self.empty()
        super().close()


@case('with a full disk nothing is granted, and the agent is told why')
def grant(world):
    agent = world.agent()
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    world.fill()
    try:
        result = world.grant(request_id)
        assert result['status'] != 'completed', result
    except Refused as error:
        equal(error.code, 6)
    answer = agent.answer(call)
    equal((answer['status'], answer['code']), ('denied', 'audit'))
    equal(world.status()['grants'], 0)


@case('with a full disk no SSH certificate comes out under a live grant')
def certificate(world):
    folder = os.path.join(world.config, 'providers.d')
    os.makedirs(folder, 0o700)
    with open(os.path.join(folder, 'servers.conf'), 'w', encoding='utf-8') as file:
        file.write('provider servers\nkind ssh-ca\nprincipal deploy\n')
    world.cli('policy', 'apply', pin=True)
    asked = {'public_key': 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'}
    agent = world.agent()
    call = agent.start('get_ssh_certificate', asked)
    world.grant(agent.held(call)['request_id'], duration=300)
    equal(agent.answer(call)['status'], 'completed')
    world.fill()
    answers = []
    for _ in range(100):
        answers.append(agent.answer(agent.start('get_ssh_certificate', {**asked, 'hold_seconds': 0})))
        if answers[-1]['status'] != 'completed':
            break
    assert answers[-1]['status'] in ('failed', 'denied') and answers[-1]['code'] in ('store', 'audit'), answers[-1]
    assert 'certificate' not in str(answers[-1].get('result')), answers[-1]
    given = 1 + sum(answer['status'] == 'completed' for answer in answers)
    world.empty()
    world.unlock()
    recorded = [r for r in world.records() if r['event'] == 'ssh_certificate_issued']
    assert len(recorded) >= given, (recorded, given)


@case('with a full disk a live grant releases nothing more')
def use(world):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    world.fill()
    answers = []
    # What fits into the last block that the log already has is no failure; it ends soon.
    for _ in range(200):
        answers.append(agent.answer(agent.ask('demo', hold_seconds=0)))
        if answers[-1]['status'] != 'completed':
            break
    equal((answers[-1]['status'], answers[-1].get('code')), ('denied', 'audit'))


@case('with a full disk panic works, and its records follow when there is room')
def panic(world):
    agent = world.agent()
    # More records than the block that the log already has can take.
    calls = [agent.ask('demo', f'reason {i}') for i in range(40)]
    for call in calls:
        agent.held(call)
    world.fill()
    world.human().call('panic')
    for call in calls:
        equal(agent.answer(call)['status'], 'denied')
    status = world.status()
    equal(status['state'], 'panicked')
    assert status['audit']['owed'] > 0, status
    assert re.search('full|space', status['audit'].get('trouble', '')), status
    world.empty()
    world.unlock()
    world.cli('audit', 'verify', passphrase=True)
    events = [record.get('event') for record in world.records()]
    equal(events.count('request_denied'), len(calls), 'denials on record')
    contains(str(events), 'panic')


class SmallTokens(SmallWorld, tokenworld.TokenWorld):
    """The same with an issuer."""


def within(make):
    """The case's world stays as it is for the others: this one has another beside it."""
    def decorate(function):
        def run(world):
            world.stop()
            inner = make()
            try:
                function(inner)
                inner.check()
            finally:
                inner.close()
        return run
    return decorate


@case('with a full disk panic voids tokens, and they stay void')
@within(SmallTokens)
def tokens_void(world):
    token = world.mint(world.agent())['value']
    equal(world.introspect(token)['active'], True)
    world.fill()
    world.human().call('panic')
    world.empty()
    world.unlock()
    equal(world.introspect(token), {'active': False})


@case('with a full disk a token is revoked at once, and whoever did it is told that it may not last')
@within(SmallTokens)
def tokens_revoked(world):
    agent = world.agent()
    result = world.mint(agent)
    world.fill()
    try:
        agent.call('revoke_token', {'token_id': result['token']['tokenId']})
    except Refused as error:
        equal(error.code, 6)
    equal(world.introspect(result['value']), {'active': False})
    world.empty()
    world.cli('lock')
    world.unlock()
    equal(world.introspect(result['value']), {'active': False})


@case('with a full disk no token comes out')
@within(SmallTokens)
def tokens_minted(world):
    agent = world.agent()
    world.mint(agent)
    world.fill()
    answers = []
    for _ in range(200):
        answers.append(agent.answer(tokenworld.ask(agent, hold_seconds=0)))
        if answers[-1]['status'] != 'completed':
            break
    assert answers[-1]['status'] in ('denied', 'failed') and answers[-1]['code'] == 'audit', answers[-1]


@case('with a full disk a secret is set whole or not at all')
def secret(world):
    world.fill()
    result = world.cli('secret', 'set', 'demo', stdin='x' * 3000, pin=True, status=None)
    if result.status != 0:
        world.empty()
        world.stop()
        world.unlock()
    human = world.human(pin=True)
    value = human.call('secret_show', {'name': 'demo', 'reveal': True, 'pin': countersign.PIN})['value']
    equal(value, 'value-of-demo' if result.status else 'x' * 3000)


@case('after a full disk the store opens and the trail verifies')
def afterwards(world):
    agent = world.agent()
    request_id = agent.held(agent.ask('demo'))['request_id']
    world.fill()
    try:
        world.grant(request_id)
    except Refused:
        pass
    world.kill_broker()
    world.empty()
    world.unlock()
    world.cli('audit', 'verify', passphrase=True)
    world.human(pin=True).call('secret_show', {'name': 'demo'})


@case('when the log has been unlinked nothing is released')
def unlinked(world):
    agent = world.agent()
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    for name in os.listdir(world.audit):
        if not name.endswith('key'):
            os.unlink(os.path.join(world.audit, name))
    try:
        world.grant(request_id)
    except Refused:
        pass
    equal(agent.answer(call)['status'], 'denied')


class SmallCloud(SmallWorld, cloudworld.CloudWorld):
    """The same with providers."""


@case('with a full disk a token that GitHub issues is not released, and goes back')
@within(SmallCloud)
def credential(world):
    agent = world.agent()
    world.github.go.clear()
    call = world.token(agent)
    world.grant(agent.held(call)['request_id'], duration=600)
    world.github.wait_seen(1)
    world.fill()
    world.github.go.set()
    answer = agent.answer(call)
    assert answer['status'] != 'completed' and 'result' not in answer, answer
    world.empty()
    world.cli('panic')
    world.github.wait_seen(2)
    equal(world.github.live(), [])


sys.exit(countersign.tap.run(SmallWorld))
