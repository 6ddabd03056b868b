# SPDX-License-Identifier: MIT
"""Whose credentials they will be: what the card says of a login at Vouch, once its signature was verified."""

import sys
import threading

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


ASK = {'provider': 'vouch', 'repositories': ['site'], 'purpose': 'a test'}


def becomes(world, name):
    """Who logs in from now on."""
    sign = type(world.vouch).sign
    world.vouch.sign = lambda claims, typ='JWT': sign(world.vouch, {**claims, 'sub': name}, typ)
    assert world.log_in()['ok']


@case('whoever logs in while a request waits is not who the person allowed it for')
def meanwhile(world):
    becomes(world, 'ann')
    agent = world.agent()
    call = agent.start('get_github_token', ASK)
    request_id = agent.held(call)['request_id']
    becomes(world, 'bob')
    world.grant(request_id, duration=60)
    answer = agent.answer(call)
    equal((answer['status'], answer.get('code')), ('failed', 'changed'))
    equal(world.vouch.asked('/v1/credentials/github/token'), [])


@case('a grant for the login of one is none for the login of another')
def another(world):
    becomes(world, 'ann')
    agent = world.agent()
    equal(world.granted(agent, agent.start('get_github_token', ASK))['status'], 'completed')
    equal(agent.answer(agent.start('get_github_token', ASK))['status'], 'completed')
    becomes(world, 'bob')
    agent.held(agent.start('get_github_token', ASK))
    becomes(world, 'ann')
    equal(agent.answer(agent.start('get_github_token', {**ASK, 'purpose': 'another'}))['status'], 'completed')


@case('another Vouch that is accepted while a request waits is not asked instead')
def another_vouch(world):
    becomes(world, 'ann')
    agent = world.agent()
    call = agent.start('get_aws_credentials', {'role_arn': READER})
    request_id = agent.held(call)['request_id']
    world.provide('vouch', f'kind vouch\nclient other\nissuer {world.vouch.url}\ncallback-port any\n')
    world.apply()
    world.grant(request_id, duration=900)
    answer = agent.answer(call)
    equal((answer['status'], answer.get('code')), ('failed', 'changed'))


@case('the issuer is asked once for all who ask, and not again at once when that was in vain')
def flood(world):
    assert world.log_in()['ok']
    gate, right = threading.Event(), world.vouch.jwks
    world.vouch.jwks = lambda: {'keys': []} if gate.wait(60) else right()
    agents = [world.agent() for _ in range(8)]
    calls = [agent.start('get_github_token', {**ASK, 'purpose': f'test {i}'}) for i, agent in enumerate(agents)]
    for agent in agents:
        agent.call('broker_status', {})
    gate.set()
    for agent, call in zip(agents, calls):
        equal(agent.answer(call)['status'], 'failed')
    for _ in range(8):
        equal(agents[0].answer(agents[0].start('get_github_token', ASK))['status'], 'failed')
    equal(len(world.vouch.asked(KEYS)), 1)


sys.exit(tap.run(CloudWorld))
