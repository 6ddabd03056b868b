# SPDX-License-Identifier: MIT
"""What an agent makes of one grant for tokens that others issue."""

import os

import fakegithub
import tap
from cloudworld import CloudWorld
from tap import case, contains, equal

MOST = 64


@case('one grant does not give tokens without end, and those that it gave end with it')
def without_end(world):
    agent = world.agent()
    equal(world.granted(agent, world.token(agent), duration=600)['status'], 'completed')
    for number in range(1, MOST):
        equal(agent.answer(world.token(agent, purpose=f'{number}'))['status'], 'completed', f'token {number}')
    answer = agent.answer(world.token(agent, purpose='one more'))
    equal((answer['status'], answer['code']), ('failed', 'too_many'))
    contains(answer['message'], 'use one that it gave')
    equal(len(world.github.live()), MOST)
    agent.kill()
    for _ in range(5000):
        if not world.github.live():
            return
        world.human().call('status')
    raise AssertionError(f'{len(world.github.live())} tokens are not taken back')


@case('a token is not sent to another server that takes the provider\'s place')
def another_server(world):
    other = fakegithub.FakeGithub(world.folder('other'), world.authority)
    agent = world.agent()
    equal(world.granted(agent, world.token(agent), duration=600)['status'], 'completed')
    path = os.path.join(world.config, 'providers.d/app.conf')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    world.write('providers.d/app.conf', text.replace(world.github.url, other.url))
    world.apply()
    agent.kill()
    world.recorded('credential_not_revoked')
    equal([(record['failed'], other.seen) for record in world.events('credential_not_revoked')][:1], [('changed', [])])
    world.write('providers.d/app.conf', text)
    other.close()


raise SystemExit(tap.run(CloudWorld))
