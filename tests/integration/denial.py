# SPDX-License-Identifier: MIT
"""What a requester learns of a no, and what it may ask about itself without a person."""

import json
import os

import countersign
from lines import Refused
from tap import case, contains, equal, lacks


def apply(world, text):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': text}], 'pin': countersign.PIN})


def asked(agent, method, params=None):
    """The answer to what is never held."""
    answer = agent.call(method, params or {})
    equal(answer['status'], 'completed', answer)
    return answer['result']


def refused(agent, method, params=None):
    try:
        answer = agent.call(method, params or {})
    except Refused as error:
        return error
    raise AssertionError(answer)


@case('a no of the policy names the file, the line and the rule, and so does the explanation')
def rule(world):
    apply(world, '# mine\n\nask any\ndeny get_secret of demo\n')
    agent = world.agent()
    answer = agent.answer(agent.ask('demo'))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    equal(answer['rule'], 'policy.conf:4: deny get_secret of demo')
    contains(answer['message'], answer['rule'])
    explained = asked(agent, 'explain_access', {'operation': 'get_secret', 'name': 'demo'})
    equal((explained['place'], explained['rule']), ('policy.conf:4', 'deny get_secret of demo'))
    equal(asked(agent, 'explain_access', {'operation': 'get_secret', 'name': 'x'})['place'], 'policy.conf:3')


@case('under the shipped policy a value is refused with what to use instead, and nobody is asked')
def value(world):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    reference = agent.answer(call)['result']['reference']['id']
    answer = agent.answer(agent.start('resolve_secret', {'reference_id': reference}))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    contains(answer['rule'], 'deny reveal')
    for tool in ('http_request', 'run_command'):
        contains(answer['message'], tool)
    equal(world.human().call('status')['held'], 0)


@case('a person\'s no names no rule')
def person(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo')
    agent.held(call)
    human.decide(human.pending()[0], 'deny')
    lacks(json.dumps(agent.answer(call)), '"rule"')


def missing(agent, name):
    answer = agent.answer(agent.ask(name))
    equal((answer['status'], answer['code']), ('failed', 'not_found'))
    return answer['message']


@case('a name that is not there is like those that this requester was shown, and like no others',
      secrets=('github-token', 'shop/prod/DATABASE_URL', 'bank/prod/DATABASE_URL'))
def near(world):
    agent, other = world.agent(), world.agent()
    lacks(missing(agent, 'github-tokn'), 'github-token')
    call = agent.start('list_secrets', {'app': 'shop'})
    world.grant(agent.held(call)['request_id'], duration=300)
    equal(agent.answer(call)['status'], 'completed')
    said = missing(agent, 'DATABASE_ULR')
    contains(said, 'did you mean shop/prod/DATABASE_URL? Otherwise a person can add it with `countersign secret set')
    lacks(said, 'bank')
    lacks(missing(agent, 'github-tokn'), 'github-token')
    lacks(missing(other, 'DATABASE_ULR'), 'shop')
    call = agent.ask('github-token')
    world.grant(agent.held(call)['request_id'], duration=300)
    equal(agent.answer(call)['status'], 'completed')
    contains(missing(agent, 'github-tokn'), 'did you mean github-token?')


@case('the rules that concern a requester are told to it, and those for others are not')
def policy(world):
    me = os.path.realpath('/proc/self/exe')
    apply(world, f'ask any max 1h\ndeny get_secret of prod/** from {me}\nallow http_request from /usr/bin/other\n'
                 'deny reveal\n')
    told = asked(world.agent(), 'policy_summary')
    equal([rule['rule'] for rule in told['rules']],
          ['ask any max 1h', f'deny get_secret of prod/** from {me}', 'deny reveal'])
    equal(told['rules'][2]['place'], 'policy.conf:4')
    by_name = {operation['operation']: operation for operation in told['operations']}
    equal((by_name['reveal']['verdict'], by_name['reveal']['rule']), ('deny', 'policy.conf:4: deny reveal'))
    equal((by_name['get_secret']['verdict'], by_name['get_secret']['max_duration']), ('ask', 3600))


@case('a requester is told its own grants and no others\'')
def grants(world):
    agent, other = world.agent(), world.agent()
    equal(asked(agent, 'own_grants'), {'grants': []})
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'], duration=60)
    agent.answer(call)
    grant, = asked(agent, 'own_grants')['grants']
    equal((grant['operation'], grant['resource'], grant['expires_in'] <= 60), ('get_secret', 'demo', True))
    equal(asked(other, 'own_grants'), {'grants': []})


@case('how a request stands is told to who made it, and looking does nothing')
def state(world):
    agent, other, human = world.agent(), world.agent(), world.human(pin=True)
    answer = agent.call('get_secret', {'name': 'demo', 'purpose': 'a test', 'hold_seconds': 0})
    request_id = answer['request_id']
    held = asked(agent, 'approval_state', {'request_id': request_id})
    equal((held['status'], held['operation'], held['resource'], held['purpose']),
          ('pending', 'get_secret', 'demo', 'a test'))
    equal(refused(other, 'approval_state', {'request_id': request_id}).code, 5)
    human.decide(human.pending()[0], pin=countersign.PIN)
    contains(asked(agent, 'approval_state', {'request_id': request_id})['message'], 'approval_wait')
    equal([record for record in world.records() if record['event'] == 'grant_used'], [])
    equal(agent.call('approval_wait', {'request_id': request_id})['status'], 'completed')


@case('a locked broker tells nothing of rules and grants')
def locked(world):
    agent = world.agent()
    world.human().call('lock')
    agent = world.agent()
    for method in ('policy_summary', 'own_grants'):
        error = refused(agent, method)
        equal(error.code, 3)
        contains(str(error), 'countersign unlock')


countersign.main()
