# SPDX-License-Identifier: MIT
"""Files of policy are proposals: what an agent writes there changes nothing until the person accepts it."""

import os
import shutil

import countersign
from tap import case, contains, equal

OPEN = 'allow any\nask reveal\n'


def unmoved(world, *names):
    """A request is still held, reveal still refused, and status names what differs."""
    agent = world.agent()
    equal(agent.held(agent.ask('demo'))['state'], 'held')
    agent.kill()
    differs = world.status()['policy']['differs']
    for name in names:
        contains(str(differs), name)
    result = world.cli('status', status=None)
    for name in names:
        contains(result.out, name)


@case('an edited policy file changes nothing, and status says so')
def edited(world):
    path = os.path.join(world.config, 'policy.conf')
    equal(world.status()['policy']['differs'], [])
    with open(path, 'a', encoding='utf-8') as file:
        file.write(OPEN)
    unmoved(world, 'policy.conf')


@case('a pipe in place of a policy file, which nobody opens, does not stop the broker')
def pipe(world):
    path = os.path.join(world.config, 'policy.conf')
    os.unlink(path)
    os.mkfifo(path, 0o600)
    contains(str(world.status()['policy']['differs']), 'policy.conf')
    world.cli('panic')
    equal(world.status()['state'], 'panicked')


@case('an added policy file changes nothing, and status says so')
def added(world):
    folder = os.path.join(world.config, 'policy.d')
    os.makedirs(folder, 0o700, exist_ok=True)
    with open(os.path.join(folder, '00-mine.conf'), 'w', encoding='utf-8') as file:
        file.write(OPEN)
    unmoved(world, '00-mine.conf')


@case('a deleted policy file changes nothing, and status says so')
def deleted(world):
    os.unlink(os.path.join(world.config, 'policy.conf'))
    unmoved(world, 'policy.conf')


@case('an edited file changes nothing after the broker is replaced either')
def replaced(world):
    with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
        file.write(OPEN)
    world.unlock()
    unmoved(world, 'policy.conf')


@case('a config folder that is gone altogether changes nothing')
def gone(world):
    shutil.rmtree(world.config)
    unmoved(world)


@case('policy apply without the PIN is refused, with it the files rule')
def applied(world):
    path = os.path.join(world.config, 'policy.conf')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('deny get_secret\n')
    result = world.cli('policy', 'apply', stdin='yes\n' * 100, status=None, start_new_session=True)
    assert result.status != 0, result
    unmoved(world, 'policy.conf')
    world.cli('policy', 'apply', pin=True)
    equal(world.status()['policy']['differs'], [])
    answer = world.agent().call('get_secret', {'name': 'demo', 'purpose': 'x'})
    equal((answer['status'], answer['code']), ('denied', 'policy'))


countersign.main()
