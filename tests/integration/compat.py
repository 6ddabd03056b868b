# SPDX-License-Identifier: MIT
"""The agent rules of mcp-credentials-broker, followed to the letter: whole under data/policies/compat.conf, with at most
two questions to the person; under the shipped policy up to where a value would be handed out."""

import os

import countersign
import oidcworld
import tap
from called import flat
from loginworld import LoginWorld
from tap import case, contains, equal

POLICIES = os.path.join(countersign.PREFIX, 'share', 'countersign')
NAME = 'oauth2-token'  # rule 6: <service>-token


class Person:
    """Who says yes to whatever is asked, and counts it."""

    def __init__(self, world):
        self.human, self.asked = world.human(pin=True), []
        self.human.call('subscribe')

    def approve(self):
        request = self.human.hear('held')
        self.asked.append(request['request_id'])
        self.human.decide(request, pin=countersign.PIN)
        return request

    def log_in(self, request):
        page = self.human.hear('browse', request_id=request['request_id'])
        oidcworld.visit(oidcworld.Person().log_in(page['url']))


class Agent:
    """Follows the rules, and looks at nothing but the texts of what its tools return."""

    def __init__(self, world, person):
        self.mcp, self.person = world.mcp(), person

    def tool(self, tool, **arguments):
        """Of a tool that asks nobody."""
        return flat(self.mcp.tool(tool, arguments))

    def asking(self, tool, log_in=False, **arguments):
        """Of one that asks the person."""
        call = self.mcp.start('tools/call', {'name': tool, 'arguments': arguments})
        request = self.person.approve()
        if log_in:
            self.person.log_in(request)
        return flat(self.mcp.answer(call))


def apply(world, file):
    """The person accepts a policy that is shipped."""
    with open(os.path.join(POLICIES, file), encoding='utf-8') as policy:
        world.files['policy.conf'] = policy.read()
    world.apply()


@case('rules 2, 3 and 4: what is missing is logged in to, referred to and resolved, by two questions')
def missing(world):
    apply(world, 'policies/compat.conf')
    person = Person(world)
    agent = Agent(world, person)
    # Rule 2: whether it is stored already.
    answer = agent.tool('get_secret', name=NAME, purpose='check')
    equal((answer['success'], answer['code']), (False, 'not_found'))
    contains(answer['next'], 'start_oauth_flow')
    # Rule 3: provider, scopes and secret_name alone.
    answer = agent.asking('start_oauth_flow', log_in=True, provider='oauth2', scopes=['openid', 'read'], secret_name=NAME)
    equal(answer['success'], True, answer)
    # Rule 4, step 1.
    answer = agent.tool('get_secret', name=NAME, purpose='listing repositories', ttl_seconds=3600)
    equal(answer['success'], True, answer)
    # Step 2.
    answer = agent.asking('resolve_secret', reference_id=answer['reference']['id'])
    # Step 3: the value is what the provider issued.
    equal(world.provider.introspect(answer['value'])['active'], True)
    equal(len(person.asked), 2)


@case('rules 2 and 4: what is stored is referred to and resolved, by two questions')
def stored(world):
    apply(world, 'policies/compat.conf')
    world.secret('github-token', 'gho_value')
    person = Person(world)
    agent = Agent(world, person)
    reference = agent.asking('get_secret', name='github-token', purpose='check')['reference']['id']
    answer = agent.tool('get_secret', name='github-token', purpose='create issue', ttl_seconds=3600)
    equal(answer['reference']['id'], reference)
    equal(agent.asking('resolve_secret', reference_id=reference)['value'], 'gho_value')
    equal(len(person.asked), 2)


@case('rule 7: what is not set up is refused with the words that the rules look for')
def not_set_up(world):
    apply(world, 'policies/compat.conf')
    answer = Agent(world, Person(world)).tool('start_oauth_flow', provider='github', scopes=['repo', 'read:user'],
                                              secret_name='github-token')
    equal((answer['success'], answer['code']), (False, 'not_configured'))
    for part in ('not configured', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'):
        contains(answer['error'], part)


@case('under the shipped policy step 2 is refused, with what to use instead, and nobody is asked')
def shipped(world):
    apply(world, 'policy/policy.conf')
    world.secret('github-token', 'gho_value')
    person = Person(world)
    agent = Agent(world, person)
    reference = agent.asking('get_secret', name='github-token', purpose='check')['reference']['id']
    answer = agent.tool('resolve_secret', reference_id=reference)
    equal((answer['success'], answer['code']), (False, 'policy'))
    contains(answer['rule'], 'deny reveal')
    for tool in ('http_request', 'run_command'):
        contains(answer['next'], tool)
    equal((len(person.asked), 'gho_value' in str(answer)), (1, False))


raise SystemExit(tap.run(LoginWorld))
