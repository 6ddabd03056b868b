# SPDX-License-Identifier: MIT
"""Files of providers are proposals: what an agent writes there sends nothing anywhere, and opens nothing."""

import os

import providerworld
import tap
from providerworld import ACCOUNT, KEYS
from tap import case, contains, equal, lacks

ASK = {'role_arn': f'{ACCOUNT}deploy', 'purpose': 'a test'}


def ask(world, **more):
    """What an agent is answered, by somebody who grants whatever is held."""
    agent = world.agent()
    call = agent.start('get_aws_credentials', {**ASK, **more})
    if agent.first(call) is None:
        world.grant(agent.held(call)['request_id'])
    return agent.answer(call)


def differs(world, name):
    contains(str(world.status()['policy']['differs']), name)
    contains(world.cli('status', status=None).out, name)


@case('an accepted file is gone by (or else the cases below prove nothing)')
def accepted(world):
    equal(ask(world)['status'], 'failed')
    request = world.site.wait_seen(1)
    contains(request.body.decode(), 'Action=AssumeRole')
    lacks(request.body.decode(), KEYS.split(':')[1])


@case('an endpoint that an agent writes into the file is not gone to')
def endpoint(world):
    evil = world.make_site()
    world.write('providers.d/work.conf', world.file(evil))
    ask(world)
    world.site.wait_seen(1)
    equal(evil.greeted, 0)
    differs(world, 'providers.d/work.conf')


@case('an endpoint that an agent writes is not gone to after the broker is replaced either')
def replaced(world):
    evil = world.make_site()
    world.write('providers.d/work.conf', world.file(evil))
    world.unlock()
    ask(world)
    world.site.wait_seen(1)
    equal(evil.greeted, 0)


@case('a role that an agent writes into the file is refused before anybody is asked')
def role(world):
    world.write('providers.d/work.conf', f'{world.file()}role {ACCOUNT}admin\n')
    answer = ask(world, role_arn=f'{ACCOUNT}admin')
    equal(answer['status'], 'failed')
    contains(answer['message'], 'role_arn')
    equal(world.site.greeted, 0)
    differs(world, 'providers.d/work.conf')


@case('a provider that an agent adds is none')
def added(world):
    evil = world.make_site()
    text = world.file(evil).replace('provider work', 'provider mine').replace('deploy', 'admin')
    world.write('providers.d/mine.conf', text)
    equal(ask(world, role_arn=f'{ACCOUNT}admin', provider='mine')['status'], 'failed')
    equal(evil.greeted, 0)
    differs(world, 'providers.d/mine.conf')


@case('a file that is taken away is gone by until a person accepts that')
def gone(world):
    os.unlink(os.path.join(world.config, 'providers.d/work.conf'))
    ask(world)
    world.site.wait_seen(1)
    differs(world, 'providers.d/work.conf')


@case('certificates that an agent changes are trusted no more than before')
def certificates(world):
    world.write('providers.d/evil.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')
    world.write('providers.d/work.conf', f'{world.file()}ca evil.pem\n')
    ask(world)
    world.site.wait_seen(1)
    differs(world, 'providers.d/evil.pem')


@case('one misspelt line refuses the whole set, with its place and what would be right')
def misspelt(world):
    world.write('providers.d/work.conf', world.file().replace('network', 'netwrok'))
    result = world.cli('policy', 'apply', pin=True, status=1)
    contains(result.err, 'providers.d/work.conf:6:1: error: "netwrok" is no line of kind aws; did you mean "network"?')
    ask(world)
    world.site.wait_seen(1)


raise SystemExit(tap.run(providerworld.ProviderWorld))
