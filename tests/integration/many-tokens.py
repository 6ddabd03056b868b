# SPDX-License-Identifier: MIT
"""What an agent makes of one grant for tokens that others issue."""

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


raise SystemExit(tap.run(CloudWorld))
