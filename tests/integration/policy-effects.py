# SPDX-License-Identifier: MIT
"""What a policy does to requests for services, commands and tokens, and what an agent may learn of it beforehand."""

import json

import countersign
import httpservice
import tokenworld
from lines import Refused
from tap import case, contains, equal


def first(agent, call):
    """How a call is answered: "held", or the code of its denial."""
    answer = agent.first(call)
    return 'held' if answer is None else answer.get('code', answer['status'])


def explained(agent, **arguments):
    answer = agent.call('explain_access', arguments)
    equal(answer['status'], 'completed')
    return answer['result']


class Service(httpservice.ServiceWorld):
    """With the policy that a case gives, beside the service."""

    def rule(self, *lines):
        self.write('policy.conf', '\n'.join(lines) + '\n')
        self.apply()


def services(function):
    """A case in a world with a service."""
    def run(_):
        world = Service()
        try:
            function(world)
            world.check()
        finally:
            world.close()
    return run


# Each row: a sentence, the end of `deny http_request of local`, the request, and whether it is refused.
REQUESTS = (
    ('its method', 'method POST', ('POST', '/things'), True),
    ('another method', 'method POST', ('GET', '/things'), False),
    ('a path of its pattern', 'path /things/*', ('GET', '/things/7'), True),
    ('another path', 'path /things/*', ('GET', '/me'), False),
    ('the same path, written with escapes that mean the same', 'path /things/a&b', ('GET', '/things/a%26b'), True),
    ('both', 'method GET path /me', ('GET', '/me'), True),
    ('one of both', 'method GET path /me', ('GET', '/other'), False),
)


@case('rules about methods and paths hold for what is sent', init=False)
@services
def requests(world):
    for sentence, clause, (method, path), refused in REQUESTS:
        world.rule('ask any', f'deny http_request of local {clause}')
        agent = world.agent()
        equal(first(agent, world.ask(agent, method, path)), 'policy' if refused else 'held', sentence)


@case('explain_access answers for the request that is described, as the request would be', init=False)
@services
def explains(world):
    world.rule('ask any', 'deny http_request of local method POST path /things/*',
               'deny run_command of demo command { /usr/bin/env ** }')
    agent = world.agent()
    told = explained(agent, operation='http_request', name='local', method='POST', path='/things/7')
    equal((told['verdict'], told['place']), ('deny', 'policy.conf:2'))
    contains(told['message'], 'would be refused')
    equal(explained(agent, operation='http_request', name='local', method='GET', path='/things/7')['verdict'], 'ask')
    told = explained(agent, operation='http_request', name='local')
    equal(told['verdict'], 'deny')
    contains(told['message'], 'others may be asked')
    try:
        explained(agent, operation='http_request', name='local', method='GET', path='/a/../b')
        raise AssertionError('a path that is never sent was explained')
    except Refused as error:
        equal((error.code, error.data.get('field')), (-32602, 'path'))
    equal(explained(agent, operation='run_command', name='demo', command=['/usr/bin/env', 'x'])['verdict'], 'deny')
    equal(explained(agent, operation='run_command', name='demo', command=['/usr/bin/psql'])['verdict'], 'ask')
    equal(world.human().call('status')['held'], 0)


@case('rules about where a command would start hold for that place, and not for the requester\'s')
def places(world):
    inside, outside = world.folder('inside'), world.folder('outside')
    world.human(pin=True).call('policy_apply', {'files': [
        {'name': 'policy.conf', 'text': f'ask any\ndeny run_command in {inside}\n'}], 'pin': countersign.PIN})
    agent = world.agent(cwd=inside)
    for folder, wanted in ((inside, 'policy'), (outside, 'held')):
        call = agent.start('run_command', {'command': ['/usr/bin/true'], 'work_dir': folder, 'purpose': 'a test',
                                           'secrets': [{'name': 'demo', 'env': 'X'}]})
        equal(first(agent, call), wanted, folder)


class Tokens(tokenworld.TokenWorld):
    """With an issuer, and a policy that cuts scopes."""


def tokens(policy):
    def decorate(function):
        def run(_):
            world = Tokens(policy=policy)
            try:
                function(world)
                world.check()
            finally:
                world.close()
        return run
    return decorate


@case('scopes that a rule leaves out are shown, not granted, and told to the agent', init=False)
@tokens('ask mint_token scopes { read list }\n')
def cut(world):
    agent, human = world.agent(), world.human(pin=True)
    call = tokenworld.ask(agent, 'github', ('read', 'write', 'admin'))
    held = agent.held(call)
    request, = human.pending()
    card = json.loads(request['card'])
    equal((card['scopes'], card['cut']), (['read'], ['write', 'admin']))
    try:
        human.decide(request, pin=countersign.PIN, scopes=['read', 'write'])
        raise AssertionError('what was cut was granted')
    except Refused as error:
        equal(error.code, -32602)
    human.decide(request, pin=countersign.PIN, duration=60)
    answer = agent.answer(call)
    equal(answer['cut'], ['write', 'admin'])
    equal(answer['result']['token']['scopes'], ['read'])
    equal(answer['request_id'], held['request_id'])
    # The grant covers the same again, cut in the same way.
    again = agent.answer(tokenworld.ask(agent, 'github', ('read', 'write', 'admin')))
    equal((again['status'], again['result']['token']['scopes'], again['cut']), ('completed', ['read'], ['write', 'admin']))
    told = explained(agent, operation='mint_token', name='github', scopes=['read', 'write'])
    equal((told['verdict'], told['cut']), ('ask', ['write']))


@case('a live grant ends, with its token, when the policy begins to cut one of its scopes', init=False)
@tokens('ask mint_token\n')
def cut_later(world):
    agent, human = world.agent(), world.human(pin=True)
    call = tokenworld.ask(agent, 'github', ('read', 'write'))
    agent.held(call)
    request, = human.pending()
    human.decide(request, pin=countersign.PIN, duration=60)
    result = agent.answer(call)['result']
    equal(result['token']['scopes'], ['read', 'write'])
    files = human.call('policy_show')['files']
    for text, ended in (('ask mint_token scopes { read write }\n', 0), ('ask mint_token scopes read\n', 1)):
        changed = [{**file, 'text': text} if file['name'] == 'policy.conf' else file for file in files]
        answer = human.call('policy_apply', {'files': changed, 'pin': countersign.PIN})
        equal((answer['ended'], world.introspect(result['value'])['active']), (ended, ended == 0), text)


@case('a request all of whose scopes are left out is denied, and nobody is asked', init=False)
@tokens('ask mint_token scopes read\n')
def none_left(world):
    agent = world.agent()
    answer = agent.answer(tokenworld.ask(agent, 'github', ('write',)))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    contains(answer['message'], 'none of the scopes')
    told = explained(agent, operation='mint_token', name='github', scopes=['write'])
    equal((told['verdict'], told['code']), ('deny', 'scopes'))


@case('an "allow" with "notify" grants and tells, under a live grant too', init=False)
@tokens('allow mint_token notify\n')
def allowed(world):
    human = world.human(pin=True)
    human.call('subscribe')
    agent = world.agent()
    answer = agent.answer(tokenworld.ask(agent, 'github', ('read',)))
    equal(answer['status'], 'completed')
    heard = human.hear('told', what='allowed')
    equal((heard['operation'], heard['resource']), ('mint_token', 'github'))
    made = next(r for r in world.records() if r['event'] == 'grant_made')
    equal((made['verdict'], made['verified']), ('allow', 1))
    opened, = human.call('audit_open', {'sealed': [{'seq': made['seq'], 'text': made['sealed']}]})['opened']
    equal(json.loads(opened['asked_scopes']), ['read'])
    contains(opened['rule'], 'allow mint_token notify')


@case('what was cut is read on the card at a terminal', init=False)
@tokens('ask mint_token scopes read\n')
def terminal(world):
    agent = world.agent()
    agent.held(tokenworld.ask(agent, 'github', ('read', 'write')))
    person = world.terminal('approve', term='dumb')
    person.waitnoecho()
    person.sendline(countersign.PIN)
    person.expect(r'Scopes +read')
    person.expect(r'Cut +write: asked for, cut by the policy')


@case('a rule with "notify" is told to who approves at a terminal')
def at_terminal(world):
    world.human(pin=True).call('policy_apply', {'files': [
        {'name': 'policy.conf', 'text': 'deny get_secret of demo notify\n'}], 'pin': countersign.PIN})
    person = world.terminal('approve', term='dumb')
    person.waitnoecho()
    person.sendline(countersign.PIN)
    person.expect('waiting|wait')
    agent = world.agent()
    equal(first(agent, agent.ask('demo')), 'policy')
    person.expect('Denied by your policy')
    person.expect('get_secret demo')
    person.expect('deny get_secret of demo notify')


countersign.main()
