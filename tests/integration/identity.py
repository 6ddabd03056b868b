# SPDX-License-Identifier: MIT
"""Whose credentials they will be: what the card says of a login at Vouch, once its signature was verified."""

import sys

import tap
from cloudworld import READER, CloudWorld
from cryptography.hazmat.primitives.asymmetric import ec
from httpservice import facts
from tap import case, contains, equal

KEYS = '/oauth/jwks'


def shown(world, agent, tool='get_github_token', **arguments):
    """The card's words for as whom; the request is denied."""
    call = agent.start(tool, {'provider': 'vouch', 'repositories': ['site'], **arguments})
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    equal(agent.answer(call)['status'], 'denied')
    identity, = facts(request, 'Identity')
    return identity


@case('the card says as whom, and whether hardware vouches for it')
def on_the_card(world):
    assert world.log_in()['ok']
    equal(shown(world, world.agent()), 'ann, hardware-verified')


@case('it is found out without the login, and once for each token')
def once(world):
    assert world.log_in()['ok']
    for _ in range(2):
        shown(world, world.agent())
    asked = world.vouch.asked(KEYS)
    equal((len(asked), asked[0].header('Authorization')), (1, []))
    assert world.log_in()['ok']
    shown(world, world.agent())
    equal(len(world.vouch.asked(KEYS)), 2)


@case('credentials of AWS by way of Vouch say so too, and the trail keeps it')
def by_way_of(world):
    assert world.log_in()['ok']
    agent = world.agent()
    call = agent.start('get_aws_credentials', {'role_arn': READER})
    request_id = agent.held(call)['request_id']
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == request_id)
    equal(facts(request, 'Identity'), ['ann, hardware-verified'])
    world.grant(request_id, duration=900)
    equal(agent.answer(call)['status'], 'completed')
    contains(world.cli('audit', 'show', request_id, pin=True).out, 'ann, hardware-verified')


@case('a token that another key signed is nobody, and nobody is asked')
def forged(world):
    right, world.vouch.key = world.vouch.key, ec.generate_private_key(ec.SECP256R1())
    assert world.log_in()['ok']
    world.vouch.key = right
    agent = world.agent()
    answer = agent.answer(agent.start('get_github_token', {'provider': 'vouch', 'repositories': ['site']}))
    equal((answer['status'], answer['code']), ('failed', 'login'))
    contains(answer['message'], 'cannot be verified')
    contains(answer['message'], 'countersign login vouch')
    equal(world.vouch.asked('/v1/credentials/github/token'), [])


@case('keys that cannot be had are told, and nobody is asked')
def no_keys(world):
    assert world.log_in()['ok']
    world.vouch.jwks = lambda: {'keys': []}
    agent = world.agent()
    answer = agent.answer(agent.start('get_github_token', {'provider': 'vouch', 'repositories': ['site']}))
    equal((answer['status'], answer['code']), ('failed', 'answer'))


sys.exit(tap.run(CloudWorld))
