# SPDX-License-Identifier: MIT
"""Why real requests were ruled as they were, and what another policy would have made of them: a real broker, and its trail."""

import json
import os
import re
import sys

import countersign
import parties
from tap import case, contains, equal, lacks

PYTHON = os.path.realpath(sys.executable)
SERVICE = '''service site
base https://localhost:1
place none
network loopback
scope read GET /**
scope write POST /things
'''


def accept(world, *rules, service=False):
    """Accepts a policy of these rules."""
    files = [{'name': 'policy.conf', 'text': '\n'.join(rules) + '\n'}]
    if service:
        files.append({'name': 'services.d/site.conf', 'text': SERVICE})
    world.human(pin=True).call('policy_apply', {'files': files, 'pin': countersign.PIN})


def propose(world, *rules, service=False):
    """Writes the files of the configuration folder."""
    os.makedirs(os.path.join(world.config, 'services.d'), 0o700, exist_ok=True)
    with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
        file.write('\n'.join(rules) + '\n')
    if service:
        with open(os.path.join(world.config, 'services.d', 'site.conf'), 'w', encoding='utf-8') as file:
            file.write(SERVICE)


def explain(world, *words, **options):
    return world.cli('policy', 'explain', *words, pin=True, **options).out


def deny(world, request_id):
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})


def held(world, agent, operation='get_secret', **arguments):
    """Begins a request that is held, has a person deny it, and returns its id."""
    call = agent.start(operation, {'purpose': 'a test', **arguments})
    request_id = agent.held(call)['request_id']
    deny(world, request_id)
    agent.answer(call)
    return request_id


@case('a request that is held is explained by its id')
def of_held(world):
    accept(world, 'ask any max 10m', 'ask get_secret of demo max 5m uses 1', f'allow get_secret from {PYTHON}', 'deny get_secret of prod/** uid 4000000')
    agent = world.agent()
    request_id = agent.held(agent.ask('demo'))['request_id']
    text = explain(world, request_id)
    assert text.startswith('ASKED  with the PIN, for at most 5m, once\n'), text
    contains(text, f'The request\n    {request_id}, ')
    contains(text, f'get_secret demo from {PYTHON} ')
    contains(text, 'Decided by\n  policy.conf:1\n    ask any max 10m\n  policy.conf:2\n    ask get_secret of demo max 5m uses 1\n')
    contains(text, f'Matched too, but a stricter verdict goes first\n  policy.conf:3\n    allow get_secret from {PYTHON}\n')
    lacks(text, 'NOT SURE')
    answer = json.loads(explain(world, request_id, '--json'))
    equal((answer['verdict'], answer['request_id'], answer['max_uses']), ('ask', request_id, 1))
    equal([rule['part'] for rule in answer['rules']], ['decided', 'decided', 'beaten', 'other'])


@case('a request that the policy denied is explained by its id, and by another policy too')
def of_denied(world):
    accept(world, 'ask any', f'deny get_secret of demo from {PYTHON}')
    agent = world.agent()
    answer = agent.answer(agent.ask('demo'))
    equal(answer['code'], 'policy')
    text = explain(world, answer['request_id'])
    assert text.startswith('DENIED\n'), text
    contains(text, f'Decided by\n  policy.conf:2\n    deny get_secret of demo from {PYTHON}\n')
    propose(world, 'deny get_secret of other', 'ask get_secret confirm key')
    text = explain(world, answer['request_id'], '--proposed')
    assert text.startswith('ASKED  by a touch of the security key\n'), text
    contains(text, 'policy.conf:2\n    ask get_secret confirm key\n')
    accept(world, 'ask any')
    text = explain(world, answer['request_id'])
    assert text.startswith('ASKED  with the PIN\n'), text
    contains(re.sub(r'\s+', ' ', text), f'When it was made the policy said deny, by policy.conf:2: deny get_secret of demo from {PYTHON}')


@case('a request that is over is explained as long as the trail has it')
def of_ended(world):
    accept(world, 'ask get_secret max 1h confirm click')
    agent = world.agent()
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    world.grant(request_id, duration=60)
    equal(agent.answer(call)['status'], 'completed')
    world.stop()
    world.unlock()
    text = explain(world, request_id)
    assert text.startswith('ASKED  by a click, for at most 1h\n'), text


@case('a command is explained with all that would be run')
def of_command(world):
    accept(world, 'ask any', 'deny launch command { /usr/bin/env ** }')
    request_id = held(world, world.agent(), 'launch', program='/usr/bin/true', argv=['true', '--all', 'a b'], secrets=[{'name': 'demo', 'env': 'X'}],
                      work_dir='/', sandbox=False)
    text = explain(world, request_id)
    contains(re.sub(r'\s+', ' ', text), 'launch demo command { /usr/bin/true --all "a b" }')
    contains(re.sub(r'\s+', ' ', text), '↳ command: it would run /usr/bin/true --all "a b"')


@case('what an agent put into a command reaches no terminal as it is')
def hostile(world):
    accept(world, 'ask any')
    request_id = held(world, world.agent(), 'launch', program='/usr/bin/true', argv=['true', '\033[2Jx', 'a\nb', '\u202egnp'], secrets=[{'name': 'demo', 'env': 'X'}],
                      work_dir='/', sandbox=False)
    for words in ([request_id], [request_id, '--json']):
        text = explain(world, *words)
        for raw in ('\033', 'a\nb', '\u202e'):
            lacks(text, raw)
    contains(re.sub(r'\s+', ' ', explain(world, request_id)), 'command { /usr/bin/true "\\u{1b}[2Jx" "a\\u{a}b" "\\u{202e}gnp" }')


@case('what no record has is an error that says what to do, and a wrong PIN shows nothing')
def missing(world):
    result = world.cli('policy', 'explain', 'zzzzzzzzzz', pin=True, status=1)
    contains(result.err, 'the trail has no request “zzzzzzzzzz”')
    request_id = held(world, world.agent(), name='demo')
    result = world.cli('policy', 'explain', request_id, pin='000000', status=1)
    equal(result.out, '')


@case('numbers of a replay are those that were counted by hand')
def replay(world):
    world.secret('other', 'x')
    accept(world, 'ask any', 'deny get_secret of other', service=True)
    agents = [world.agent() for _ in range(3)]
    for agent in agents:                                                    # 3 prompts, denied by the new policy
        held(world, agent, name='demo')
    for agent in agents[:2]:                                                # 2 denials, asked by the new one
        equal(agent.answer(agent.ask('other'))['code'], 'policy')
    for agent in agents:                                                    # 3 prompts, allowed by the new one
        held(world, agent, 'http_request', service='site', method='GET', path='/a')
    held(world, agents[0], 'http_request', service='site', method='POST', path='/things')   # 1 prompt that stays
    propose(world, 'deny get_secret of demo', f'allow http_request of site/read from {PYTHON}', 'ask any of other', 'ask http_request of site/write', service=True)
    answer = json.loads(world.cli('policy', 'replay', '--json', pin=True).out)
    equal(answer['requests'], 9)
    equal(answer['accepted'], {'denied': 2, 'asked': 7, 'allowed': 0})
    equal(answer['proposed'], {'denied': 3, 'asked': 3, 'allowed': 3})
    equal(answer['prompts_fewer'], 4)
    equal(answer['not_counted'], {'open': 0, 'missing': '', 'unreadable': 0, 'unrecorded': 0})
    equal([(change['request'], change['count'], change['was'], change['place']) for change in answer['newly_allowed']],
          [(f'http_request site scopes read method GET path /a from {PYTHON}', 3, 'ask', 'policy.conf:2')])
    equal([(change['request'], change['count'], change['was']) for change in answer['newly_asked']],
          [(f'get_secret other from {PYTHON}', 2, 'deny')])
    equal([(change['request'], change['count'], change['rule']) for change in answer['newly_denied']],
          [(f'get_secret demo from {PYTHON}', 3, 'deny get_secret of demo')])
    text = world.cli('policy', 'replay', pin=True).out
    assert text.startswith('4 prompts fewer, 3 newly allowed, 2 newly asked, 3 newly denied\n'), text
    contains(text, '''Of 9 requests:  accepted  proposed
  denied                   2         3
  asked                    7         3
  allowed                  0         3
''')
    contains(re.sub(r'\s+', ' ', text), f'3× http_request site scopes read method GET path /a from {PYTHON} was asked; policy.conf:2 allow')


@case('a policy that is the accepted one changes nothing')
def same(world):
    accept(world, 'ask any')
    propose(world, 'ask any')
    held(world, world.agent(), name='demo')
    contains(world.cli('policy', 'replay', pin=True).out, 'Nothing changes')
    contains(world.cli('policy', 'replay', '--since', 'now', pin=True).out, 'The trail has no request of that time')


@case('what was not recorded is not counted as allowed, nor as denied')
def unrecorded(world):
    accept(world, 'ask any', service=True)
    request_id = held(world, world.agent(), 'http_request', service='site', method='GET', path='/a')
    propose(world, 'allow http_request of site/read sha256 ' + '0' * 64, 'deny http_request package x', service=True)
    answer = json.loads(world.cli('policy', 'replay', '--json', pin=True).out)
    equal((answer['requests'], answer['not_counted']['open']), (0, 1))
    equal(answer['not_counted']['missing'], 'sha256, package')
    equal(answer['newly_allowed'] + answer['newly_denied'], [])
    text = world.cli('policy', 'replay', pin=True).out
    contains(text, 'Nothing is known')
    assert explain(world, request_id, '--proposed').startswith('NOT SURE  it may be denied or allowed\n  This is not known, and decides: sha256, package\n')
    contains(re.sub(r'\s+', ' ', text), 'Not counted: 1 request was recorded without what would decide (sha256, package).')


@case('what nobody was asked about is replayed too')
def unasked(world):
    accept(world, f'allow http_request of site/read from {PYTHON}', 'ask any', service=True)
    accept(world, f'allow http_request of site/read from {PYTHON}', service=True)
    agent = world.agent()
    agent.answer(agent.start('http_request', {'service': 'site', 'method': 'GET', 'path': '/a', 'purpose': 'a test'}))
    propose(world, 'ask any', service=True)
    answer = json.loads(world.cli('policy', 'replay', '--json', pin=True).out)
    equal((answer['accepted']['allowed'], answer['proposed']['asked'], answer['prompts_fewer']), (1, 1, -1))
    assert world.cli('policy', 'replay', pin=True).out.startswith('1 prompt more, 1 newly asked\n')


@case('what a standing rule answers is explained, and replayed, as allowed')
def standing(world):
    accept(world, 'ask any', service=True)
    human = world.human(pin=True)
    human.call('subscribe')
    program = parties.Program(world)
    call = program.begin('http_request', service='site', method='GET', path='/a')
    request = human.hear('held')
    human.decide(request, always=True, pin=countersign.PIN)
    program.answer(call)
    text = explain(world, request['request_id'])
    assert text.startswith('ALLOWED  by a standing rule, nobody is asked\n'), text
    contains(text, 'Decided by\n  policy.conf:1\n    ask any\n')
    propose(world, 'ask any confirm key', service=True)
    answer = json.loads(world.cli('policy', 'replay', '--json', pin=True).out)
    equal((answer['accepted']['allowed'], answer['proposed']['asked']), (1, 1))
    answer = json.loads(explain(world, request['request_id'], '--json'))
    equal((answer['verdict'], answer['standing_rule']), ('ask', human.call('rules')['rules'][0]['id']))


@case('a trail of several files is replayed whole, or from a time on')
def files(world):
    accept(world, 'ask any')
    first = held(world, world.agent(), name='demo')
    world.human(pin=True).call('audit_close')
    held(world, world.agent(), name='demo')
    assert len({record['seq'] for record in world.records() if record['event'] == 'segment'}) == 2, world.records()
    propose(world, 'deny any')
    equal(json.loads(world.cli('policy', 'replay', '--json', pin=True).out)['proposed']['denied'], 2)
    assert explain(world, first).startswith('ASKED')
    times = [record['time'] for record in world.records() if record['event'] == 'request_held']
    equal(json.loads(world.cli('policy', 'replay', '--since', times[1], '--json', pin=True).out)['proposed']['denied'], 1 + (times[0] == times[1]))
    contains(world.cli('policy', 'replay', '--since', 'whenever', pin=True, status=2).err, '--since')


@case('rules that count are replayed with as many requests as there were')
def rates(world):
    accept(world, 'ask any')
    for _ in range(5):
        held(world, world.agent(), name='demo')
    propose(world, 'ask get_secret rate 3/1h')
    answer = json.loads(world.cli('policy', 'replay', '--json', pin=True).out)
    equal(answer['proposed'], {'denied': 2, 'asked': 3, 'allowed': 0})
    propose(world, 'ask any', 'deny get_secret over 4/1h')
    equal(json.loads(world.cli('policy', 'replay', '--json', pin=True).out)['proposed'], {'denied': 1, 'asked': 4, 'allowed': 0})


countersign.main()
