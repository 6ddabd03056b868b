# SPDX-License-Identifier: MIT
"""What rules look at of a requester and of the moment: a real broker, real processes, a policy for each clause."""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys

import countersign
import parties
import tokenworld
from lines import Refused
from tap import Skip, case, contains, equal

PYTHON = os.path.realpath(sys.executable)


def apply(world, *lines):
    """Accepts a policy of these lines; returns the broker's answer."""
    return world.human(pin=True).call('policy_apply', {
        'files': [{'name': 'policy.conf', 'text': '\n'.join(lines) + '\n'}], 'pin': countersign.PIN})


def verdict(agent, name='demo', **arguments):
    """How the broker answers a get_secret: "held", or the code of its denial."""
    answer = agent.first(agent.ask(name, **arguments))
    return 'held' if answer is None else answer.get('code', answer['status'])


def sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def package(path):
    """Which package has it, by dpkg's own word."""
    try:
        told = subprocess.run(['dpkg', '-S', path], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Skip(f'dpkg does not know {path}: {error}') from error
    return told.partition(':')[0]


def refused(call, code):
    """Runs @call and expects an error answer of that code."""
    try:
        found = call()
    except Refused as error:
        equal(error.code, code)
        return
    raise AssertionError(f'answered {found!r}')


def around(minutes_before, minutes_after):
    """HH:MM-HH:MM around now, as the broker's clock has it."""
    now = datetime.datetime.now()
    first, last = (now + datetime.timedelta(minutes=m) for m in (-minutes_before, minutes_after))
    return f'{first:%H:%M}-{last:%H:%M}'


# Each row: a sentence, the rule's end, and whether `deny get_secret` with it refuses this requester.
ROWS = (
    ('the digest of the file that runs', lambda w: f'sha256 {sha256(PYTHON)}', True),
    ('the digest of another file', lambda w: f'sha256 {"0" * 64}', False),
    ('the package that owns the file', lambda w: f'package {package(PYTHON)}', True),
    ('another package', lambda w: 'package coreutils', False),
    ('a program above the requester', lambda w: f'below {PYTHON}', True),
    ('a program that is not above it', lambda w: 'below /usr/bin/claude', False),
    ('the folder that it is in', lambda w: f'in {w.base}', True),
    ('a folder above that one', lambda w: f'in {os.path.dirname(w.base)}', True),
    ('another folder', lambda w: 'in /srv', False),
    ('a unit that it does not run in', lambda w: 'unit countersign-test-none.service', False),
    ('hours that it is now', lambda w: f'during {around(60, 60)}', True),
    ('hours that it is not', lambda w: f'during {around(-120, 180)}', False),
    ('this day and its neighbours', lambda w: 'on { mon tue wed thu fri sat sun }', True),
)


@case('each fact of a requester matches what it is, and nothing else')
def each(world):
    for sentence, clause, refused in ROWS:
        apply(world, f'deny get_secret {clause(world)}')
        agent = world.agent()
        equal(verdict(agent), 'policy' if refused else 'held', sentence)


@case('a digest is looked for while the request waits: of a file that was made just now too')
def waits(world):
    copy = os.path.join(world.folder('bin'), 'own')
    shutil.copy(PYTHON, copy)
    with open(copy, 'ab') as file:
        file.write(b'mine')
    apply(world, f'deny get_secret sha256 {sha256(copy)}')
    agent = world.agent(program=copy)
    call = agent.ask('demo', hold_seconds=0)
    contains(agent.answer(call)['message'], 'being looked at')
    equal(verdict(agent), 'policy')
    equal(verdict(world.agent()), 'held', 'another program')


@case('what a person can write is no package, whatever its name')
def unpackaged(world):
    copy = os.path.join(world.folder('bin'), 'own')
    shutil.copy(PYTHON, copy)
    apply(world, f'deny get_secret package {package(PYTHON)}')
    equal(verdict(world.agent(program=copy)), 'held')


@case('a request that the new policy denies is refused, and its grant ends, and both are told')
def ends(world):
    world.secret('other', 'x')
    agent, human = world.agent(), world.human(pin=True)
    granted, kept = agent.ask('demo'), agent.ask('other')
    for call in (granted, kept):
        world.grant(agent.held(call)['request_id'], duration=60)
        equal(agent.answer(call)['status'], 'completed')
    waiting = world.agent()
    call = waiting.ask('demo')
    waiting.held(call)
    answer = apply(world, 'ask any', 'deny get_secret of demo')
    equal((answer['ended'], answer['refused']), (1, 1))
    refusal = waiting.answer(call)
    equal((refusal['status'], refusal['code']), ('denied', 'policy'))
    contains(refusal['rule'], 'deny get_secret of demo')
    grant, = human.pages('grants')
    equal(grant['resource'], 'other')
    why = [record['why'] for record in world.records() if record['event'] == 'grant_ended']
    equal(why, ['policy'])


@case('what a grant answered is known after a lock, so that a policy ends it then too')
def over_a_lock(world):
    agent = tokenworld.ThisProcess(world)
    call = agent.start('get_secret', {'name': 'demo', 'purpose': 'a test'})
    world.grant(agent.held(call)['request_id'], duration=600)
    equal(agent.answer(call)['status'], 'completed')
    world.human().call('lock')
    world.unlock()
    equal(world.status()['grants'], 1)
    equal(apply(world, 'deny get_secret of demo')['ended'], 1)


@case('a command that runs ends when the policy denies it')
def runs(world):
    agent = world.agent()
    call = agent.start('run_command', {'command': ['/usr/bin/cat'], 'purpose': 'a test', 'progress': True,
                                       'secrets': [{'name': 'demo', 'env': 'X'}], 'timeout_seconds': 300,
                                       'work_dir': '/'})
    world.grant(agent.held(call)['request_id'])
    agent.hear('held', id=call, state='running')
    answer = apply(world, 'ask any', 'deny run_command')
    assert answer['ended'] + answer['refused'] >= 1, answer
    told = agent.answer(call)
    assert told['status'] in ('denied', 'failed'), told


@case('what is held becomes tighter with the policy, and the card is shown again')
def tighter(world):
    apply(world, 'ask get_secret max 1h confirm click')
    agent, human = world.agent(), world.human(pin=True)
    human.call('subscribe')
    call = agent.ask('demo', ttl_seconds=3600)
    request_id = agent.held(call)['request_id']
    first = human.hear('held', request_id=request_id)
    apply(world, 'ask get_secret max 30s uses 2 confirm pin')
    second = human.hear('held', request_id=request_id)
    card = json.loads(second['card'])
    equal((card['max_duration'], card['max_uses'], card['confirm']), (30, 2, 'pin'))
    refused(lambda: human.decide(first, pin=countersign.PIN), -32602)
    human.decide(second, pin=countersign.PIN, duration=30)
    equal(agent.answer(call)['result']['reference']['expiresIn'], 30)


@case('a looser policy leaves what is held as it was shown')
def looser(world):
    apply(world, 'ask get_secret max 30s confirm pin')
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo', ttl_seconds=3600)
    agent.held(call)
    before, = human.pending()
    apply(world, 'ask get_secret max 1h confirm click')
    after, = human.pending()
    equal(after['card'], before['card'])


@case('when the hours of a rule begin, what it denies ends')
def hours(world):
    now = datetime.datetime.now()
    begins, ends_at = now + datetime.timedelta(minutes=1), now + datetime.timedelta(minutes=30)
    agent, human = world.agent(), world.human(pin=True)
    apply(world, f'deny get_secret during {begins:%H:%M}-{ends_at:%H:%M}', 'ask any')
    human.call('subscribe')
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    human.hear('closed', patience=90, request_id=request_id)
    equal(agent.answer(call)['code'], 'policy')


@case('a count that has been reached is denied with when there is room, for this program, however often it forks')
def rate(world):
    apply(world, 'ask get_secret rate 2/1h', 'allow list_secrets')
    for _ in range(2):
        equal(verdict(world.agent()), 'held')
    agent = world.agent()
    answer = agent.first(agent.ask('demo'))
    equal((answer['status'], answer['code']), ('denied', 'rate'))
    contains(answer['message'], 'there is room again in')
    contains(answer['rule'], 'rate 2/1h')
    program = parties.Program(world)
    program.begin('get_secret', name='demo')
    world.human(pin=True).call('subscribe')
    held = [json.loads(request['card'])['requester']['name'] for request in world.human(pin=True).pending()]
    assert 'flock' in held or wait_held(world, 'flock'), held


def wait_held(world, name):
    """Waits until a request of @name is put before the person."""
    human = world.human(pin=True)
    human.call('subscribe')
    while json.loads(human.hear('held')['card'])['requester']['name'] != name:
        pass
    return True


@case('answers under a live grant count, and are denied when the count is reached')
def covered(world):
    apply(world, 'ask get_secret rate 3/1h')
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'], duration=60)
    statuses = [agent.answer(call)['status']] + [agent.answer(agent.ask('demo')).get('code') for _ in range(4)]
    equal(statuses, ['completed', None, None, 'rate', 'rate'])


@case('"over" begins to hold when the count lies behind it')
def over(world):
    apply(world, 'ask get_secret', 'deny get_secret over 2/1h')
    equal([verdict(world.agent()) for _ in range(4)], ['held', 'held', 'policy', 'policy'])


@case('a rule with "notify" tells whoever may read cards, once for many')
def told(world):
    apply(world, 'deny get_secret of demo notify')
    human, stranger = world.human(pin=True), world.human()
    human.call('subscribe')
    stranger.call('subscribe')
    agent = world.agent()
    for _ in range(3):
        equal(verdict(agent), 'policy')
    heard = human.hear('told', what='denied')
    equal((heard['operation'], heard['resource'], heard['more']), ('get_secret', 'demo', 0))
    contains(heard['rule'], 'deny get_secret of demo notify')
    human.call('status')
    equal([m for m in human.heard if m['method'] == 'told'], [], 'told of the other two')
    stranger.call('status')
    equal([m for m in stranger.heard if m['method'] == 'told'], [], 'told to somebody who may not read')


@case('the trail has what was asked as the policy saw it, sealed')
def recorded(world):
    apply(world, f'ask get_secret sha256 {sha256(PYTHON)} package {package(PYTHON)} max 5m')
    agent = world.agent()
    request_id = agent.held(agent.ask('demo'))['request_id']
    record = next(r for r in world.records() if r['event'] == 'request_held')
    equal((record['request_id'], record['verdict'], record['verified'], record['uid']),
          (request_id, 'ask', 1, os.geteuid()))
    for word in ('rule', 'sha256', 'package', 'chain', 'scopes'):
        assert word not in record, f'{word} is in the open'
    opened, = world.human(pin=True).call('audit_open', {'sealed': [
        {'seq': record['seq'], 'text': record['sealed']}]})['opened']
    equal(opened['sha256'], sha256(PYTHON))
    equal(opened['package'], package(PYTHON))
    equal(json.loads(opened['scopes']), ['use'])
    contains(json.loads(opened['chain']), PYTHON)
    contains(opened['rule'], 'policy.conf:1: ask get_secret')


countersign.main()
