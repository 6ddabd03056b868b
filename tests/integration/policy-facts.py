# SPDX-License-Identifier: MIT
"""What rules look at of a requester and of the moment: a real broker, real processes, a policy for each clause."""

import datetime
import hashlib
import os
import subprocess
import sys
import time

import countersign
from tap import Skip, case, contains, equal

PYTHON = os.path.realpath(sys.executable)


def apply(world, *lines):
    """Accepts a policy of these lines; returns the broker's answer."""
    return world.human(pin=True).call('policy_apply', {
        'files': [{'name': 'policy.conf', 'text': '\n'.join(lines) + '\n'}], 'pin': countersign.PIN})


def verdict(agent, name='demo', **arguments):
    """How the broker answers a get_secret: "held", or the code of its denial."""
    call = agent.ask(name, hold_seconds=0, **arguments)
    answer = agent.answer(call)
    return 'held' if answer['status'] == 'pending' else answer.get('code', answer['status'])


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


@case('a digest is looked for while the request waits, and once for each file')
def waits(world):
    copy = os.path.join(world.folder('bin'), 'own')
    with open(PYTHON, 'rb') as source, open(copy, 'wb') as file:
        file.write(source.read())
    os.chmod(copy, 0o755)
    apply(world, f'deny get_secret sha256 {sha256(copy)}')
    # The file is seconds old: that it lies still is waited for.
    equal(verdict(world.agent(), hold_seconds=60) if False else verdict_of(world, copy), 'policy')


def verdict_of(world, program):
    """The verdict for a process that runs @program, an interpreter of Python."""
    agent = world.agent(program=program)
    answer = agent.answer(agent.ask('demo', hold_seconds=30)) if agent.first_held() else None
    return answer


countersign.main()
