# SPDX-License-Identifier: MIT
"""A disk that fails, a trail that is taken away, closed or changed while the broker runs: nothing is released that is not
recorded, and what narrows works."""

import glob
import os
import shutil
import sys

import baddisk
import countersign
import tap
from lines import Refused
from tap import case, contains, equal


def trail(world):
    return sorted(glob.glob(os.path.join(world.audit, '*.jsonl')))[-1]


# --- what happens to it; each returns what undoes it, where that can be done ---

def unlinked(world):
    path, kept = trail(world), os.path.join(world.base, 'kept')
    os.link(path, kept)
    os.unlink(path)
    return lambda: os.rename(kept, path)


def folder_gone(world):
    aside = f'{world.audit}.aside'
    os.rename(world.audit, aside)
    return lambda: os.rename(aside, world.audit)


def linked_elsewhere(world):
    path, kept = trail(world), os.path.join(world.base, 'kept')
    os.rename(path, kept)
    os.symlink(kept, path)
    return lambda: os.rename(kept, path)


def cut(world):
    path = trail(world)
    with open(path, 'rb') as file:
        whole = file.read()
    os.truncate(path, len(whole) - 10)

    def undo():
        with open(path, 'r+b') as file:
            file.write(whole)
    return undo


def read_only(world):
    """The next record needs a new file, and there can be none."""
    world.human(pin=True).call('audit_close')
    os.chmod(world.audit, 0o500)
    return lambda: os.chmod(world.audit, 0o700)


def failing(world):
    """Input/output errors."""
    world.failing.set()
    return world.failing.clear


WAYS = {'whose file has been unlinked': unlinked, 'whose folder has been moved away': folder_gone,
        'with a symbolic link in its place': linked_elsewhere,
        'that somebody has cut': cut, 'in a folder that is read-only': read_only,
        'on a disk with input/output errors': failing}


def denied(agent, call):
    answer = agent.answer(call)
    equal((answer['status'], answer.get('code')), ('denied', 'audit'), answer)
    assert 'result' not in answer, answer


def decide(world, request_id, **more):
    try:
        result = world.grant(request_id, **more)
        assert result['status'] != 'completed', result
    except Refused as error:
        equal(error.code, 6)


def last_answer(world, agent):
    """A live grant is used until it is refused: what the kernel had taken before it failed is no failure."""
    for _ in range(200):
        call = agent.ask('demo', hold_seconds=0)
        answer = agent.answer(call)
        if answer['status'] != 'completed':
            return answer
    raise AssertionError('it goes on for ever')


def nothing_is_released(world, way):
    holder, other = world.agent(), world.agent()
    call = holder.ask('demo')
    world.grant(holder.held(call)['request_id'], duration=300)
    equal(holder.answer(call)['status'], 'completed')
    held = other.ask('demo', 'another reason')
    request_id = other.held(held)['request_id']
    undo = way(world)
    decide(world, request_id)
    denied(other, held)
    answer = last_answer(world, holder)
    equal((answer['status'], answer.get('code')), ('denied', 'audit'), answer)
    # Neither by hand: what widens is recorded first.
    result = world.cli('secret', 'set', 'new', stdin='x', pin=True, status=None)
    equal(result.status, 1, result)
    contains(world.status()['audit'].get('trouble', ''), '/')
    undo()
    return request_id


def panic_works(world, way):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'], duration=300)
    equal(agent.answer(call)['status'], 'completed')
    calls = [agent.ask('demo', f'reason {i}') for i in range(3)]
    fresh = world.agent()
    held = fresh.ask('demo')
    fresh.held(held)
    undo = way(world)
    world.cli('panic')
    equal(fresh.answer(held)['status'], 'denied')
    for one in calls:
        agent.answer(one)
    status = world.status()
    equal((status['state'], status['grants']), ('panicked', 0))
    undo()
    return held


def mended(world):
    """Either it goes on, and all that happened is there, or it says why it does not; never as if nothing had been."""
    result = world.cli('unlock', passphrase=True, status=None)
    if result.status != 0:
        contains(result.err, 'audit')
        return False
    world.learn()
    world.cli('audit', 'verify', passphrase=True)
    return True


def register(words, way):
    @case(f'with a trail {words} nothing is released')
    def released(world):
        nothing_is_released(world, way)
        world.stop()
        assert mended(world), 'the trail was put back as it was'
        records = world.records()
        named = [range(r['first'], r['last'] + 1) for r in records if r['event'] == 'unreleased']
        equal(len([r for r in records if r['event'] == 'grant_made' and not any(r['seq'] in run for run in named)]), 1)

    @case(f'with a trail {words} panic works')
    def panicked(world):
        panic_works(world, way)
        assert mended(world), 'the trail was put back as it was'
        events = [record['event'] for record in world.records()]
        assert 'panic' in str(events), events
        assert events.count('request_denied') >= 1, events


for told, made in WAYS.items():
    register(told, made)


def copied(world):
    """A copy in the place of the file, so that what is written to the one that is open is read by nobody."""
    path = trail(world)
    os.rename(path, os.path.join(world.base, 'kept'))
    shutil.copy(os.path.join(world.base, 'kept'), path)


def added_to(world):
    with open(trail(world), 'ab') as file:
        file.write(b'{"seq":1}\n')


@case('a file that is another with the same records, or that somebody has added to, is mended before anything is released')
def mends(world):
    for n, way in enumerate((copied, added_to), 1):
        agent = world.agent()
        call = agent.ask('demo', f'reason {n}')
        request_id = agent.held(call)['request_id']
        way(world)
        decide(world, request_id)
        denied(agent, call)
        agent = world.agent()
        call = agent.ask('demo', f'another reason {n}')
        world.grant(agent.held(call)['request_id'])
        equal(agent.answer(call)['status'], 'completed')
        records = world.records()
        equal(len([r for r in records if r['event'] == 'mended']), n)
        equal(len([r for r in records if r['event'] == 'grant_made']), n)
        world.cli('audit', 'verify', passphrase=True)


@case('a use that counts is not released before it is on the disk')
def single_use(world):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'], uses=2, duration=300)
    reference = agent.answer(call)['result']['reference']['id']
    world.failing.set()
    call = agent.ask('demo', hold_seconds=0)
    answer = agent.answer(call)
    equal((answer['status'], answer.get('code')), ('denied', 'audit'), answer)
    assert reference not in str(answer), answer


@case('what was written and could not be synced is named, and released nobody')
def unreleased(world):
    agent = world.agent()
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    world.failing.set()
    decide(world, request_id)
    denied(agent, call)
    world.failing.clear()
    other = world.agent()
    call = other.ask('demo', 'again')
    world.grant(other.held(call)['request_id'])
    equal(other.answer(call)['status'], 'completed')
    records = world.records()
    named = [r for r in records if r['event'] == 'unreleased']
    assert named, [r['event'] for r in records]
    made = [r['seq'] for r in records if r['event'] == 'grant_made' and r['request_id'] == request_id]
    for seq in made:
        assert any(r['first'] <= seq <= r['last'] for r in named), (made, named)
    world.cli('audit', 'verify', passphrase=True)


sys.exit(tap.run(baddisk.BadDisk))
