# SPDX-License-Identifier: MIT
"""Policies as they are installed and as the manual has them, taken as they are: checked, accepted, and asked of a real broker
by a real process."""

import os
import re
import sys

import countersign
from tap import case, contains, equal

PYTHON = os.path.realpath(sys.executable)
PREFIX = countersign.PREFIX
POLICIES = os.path.join(PREFIX, 'share', 'countersign', 'policies')
MANUAL = os.path.join(PREFIX, 'share', 'man', 'man5', 'countersign-policy.5')
SERVICE = '''reading = { GET HEAD }
mine    = { /user /emails }
service site
base https://localhost:1
place none
network loopback
scope read $reading { $mine /keys }
scope write POST /**
'''


def installed(name):
    with open(os.path.join(POLICIES, name), encoding='utf-8') as file:
        return file.read()


def write(world, name, text):
    path = os.path.join(world.config, name)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def accept(world, **files):
    """Accepts these texts, each under its name with dots for what stands between."""
    world.human(pin=True).call('policy_apply', {
        'files': [{'name': name, 'text': text} for name, text in files.items()], 'pin': countersign.PIN})


def recipes():
    """Title, policy and expectations of each, out of the manual's page."""
    with open(MANUAL, encoding='utf-8') as file:
        page = file.read().partition('.Sh RECIPES\n')[2].partition('.Sh ')[0]
    for part in page.split('.Ss ')[1:]:
        blocks = re.findall(r'\.Bd -literal -offset indent\n(.*?)\.Ed\n', part, re.DOTALL)
        yield part.partition('\n')[0], *(block.replace('\\e\n', '\\\n').replace('\\(dq', '"') for block in blocks)


@case('each recipe of the manual does what is printed beside it, by the command that people use')
def each_recipe(world):
    found = list(recipes())
    equal(len(found), 12)
    for number, (title, policy, expected) in enumerate(found):
        file = write(world, f'recipes/{number}.conf', policy)
        expectations = write(world, f'recipes/{number}.expect', expected)
        told = world.cli('policy', 'test', expectations, '--policy', file)
        contains(f'{title}: {told.out}{told.err}', str(len(expected.splitlines())))
        # And not because it says so of everything.
        world.cli('policy', 'test', expectations, '--policy', write(world, 'recipes/none.conf', ''), status=1)


@case('the policy for one developer is accepted, and holds an agent to it')
def solo(world):
    text = installed('solo.conf')
    mine = text.replace('{ /usr/bin/claude /usr/bin/codex }', f'{{ {PYTHON} /usr/bin/codex }}')
    world.secret('prod/db/URL', 'postgres://')
    world.secret('dev/db/URL', 'postgres://')
    accept(world, **{'policy.conf': text})
    agent = world.agent()
    agent.held(agent.ask('dev/db/URL'))
    agent.held(agent.ask('prod/db/URL'))
    # The same program, now that the macro names it: in each rule that has it.
    accept(world, **{'policy.conf': mine})
    agent = world.agent()
    answer = agent.first(agent.ask('prod/db/URL'))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    agent.held(agent.ask('dev/db/URL'))


@case('a macro of one file holds in the next, and a mistake in it is told with both places')
def files(world):
    write(world, 'policy.conf', f'agents = {{ {PYTHON} }}\nask any max 1h\n')
    write(world, 'policy.d/prod.conf', 'deny get_secret of demo from $agents\n')
    world.cli('policy', 'apply', pin=True)
    agent = world.agent()
    equal(agent.first(agent.ask('demo'))['code'], 'policy')
    write(world, 'policy.conf', 'agents = { claude }\n')
    told = world.cli('policy', 'check', status=1)
    contains(told.err + told.out, 'policy.d/prod.conf:1:30: error: "claude" after "from"')
    contains(told.err + told.out, '(from $agents, policy.conf:1)')


@case('a macro in the file of a service stands for its values')
def service(world):
    accept(world, **{'policy.conf': 'ask any max 1h\n', 'services.d/site.conf': SERVICE})
    told = world.cli('service', 'show', 'site', pin=True).out
    for path in ('/user', '/emails', '/keys'):
        contains(told, path)


countersign.main()
