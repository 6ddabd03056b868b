# SPDX-License-Identifier: MIT
"""The life of a request, spoken by hand at both sockets."""

import json

import countersign
from lines import Closed, Refused
from tap import case, contains, equal


def refused(call, code, reason=None):
    """Runs @call and expects an error answer of that code."""
    try:
        found = call()
    except Refused as error:
        equal(error.code, code, 'code')
        if reason:
            equal(error.data.get('reason'), reason, 'reason')
        return error
    raise AssertionError(f'answered {found!r}')


@case('a request is held until a person grants it')
def granted(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo', 'deploy the site', ttl_seconds=600)
    held = agent.held(call)
    equal(held['state'], 'held')
    request, = human.pending()
    equal(request['request_id'], held['request_id'])
    card = json.loads(request['card'])
    equal((card['operation'], card['resource'], card['purpose']), ('get_secret', 'demo', 'deploy the site'))
    equal(card['requester']['pid'], agent.pid)
    equal(card['asked_duration'], 600)
    human.decide(request, pin=countersign.PIN)
    answer = agent.answer(call)
    equal(answer['status'], 'completed')
    equal(answer['request_id'], held['request_id'])
    reference = answer['result']['reference']
    equal((reference['name'], reference['purpose']), ('demo', 'deploy the site'))
    equal(reference['expiresIn'], card['default_duration'])


@case('a grant is narrowed to what the person chose, and told so')
def narrowed(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo', ttl_seconds=3600)
    agent.held(call)
    request, = human.pending()
    human.decide(request, pin=countersign.PIN, duration=7, uses=1)
    equal(agent.answer(call)['result']['reference']['expiresIn'], 7)
    grant, = human.pages('grants')
    equal(grant['resource'], 'demo')
    assert grant['expires_in'] <= 7, grant


@case('nothing that was not asked for can be granted')
def widened(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo', ttl_seconds=60)
    agent.held(call)
    request, = human.pending()
    for more in ({'duration': 61}, {'duration': 0}, {'duration': -1}, {'uses': 0}, {'uses': -1},
                 {'scopes': ['use', 'admin']}, {'holder': 'p1'}):
        refused(lambda more=more: human.decide(request, pin=countersign.PIN, **more), -32602)
    human.decide(request, 'deny')
    equal(agent.answer(call)['status'], 'denied')


@case('a decision on another card than the one shown is refused')
def digest(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo')
    held = agent.held(call)
    refused(lambda: human.call('decide', {
        'request_id': held['request_id'], 'verdict': 'grant', 'card_digest': '0' * 64,
        'pin': countersign.PIN}), -32602)
    refused(lambda: human.call('decide', {
        'request_id': held['request_id'], 'verdict': 'grant', 'pin': countersign.PIN}), -32602)
    equal(len(human.pending()), 1, 'still held')


@case('a denial needs no PIN and its reason reaches the agent')
def denied(world):
    agent, reader = world.agent(), world.human(pin=True)
    call = agent.ask('demo')
    agent.held(call)
    request, = reader.pending()
    world.human().decide(request, 'deny', reason='not on a Friday')
    answer = agent.answer(call)
    equal((answer['status'], answer['code']), ('denied', 'person'))
    contains(answer['message'], 'not on a Friday')


@case('the first decision wins and the second is told who answered')
def first_wins(world):
    agent, one, two = world.agent(), world.human(pin=True), world.human(pin=True)
    call = agent.ask('demo')
    agent.held(call)
    request, = one.pending()
    one.decide(request, pin=countersign.PIN)
    refused(lambda: two.decide(request, 'deny'), 5)
    equal(agent.answer(call)['status'], 'completed')


@case('a subscriber is told of what is held and of what was answered')
def subscribed(world):
    agent, human = world.agent(), world.human(pin=True)
    equal(human.call('subscribe')['held'], 0)
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    human.hear('held', request_id=request_id)
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    human.hear('closed', request_id=request_id)


@case('a call that waited its time is pending, and approval_wait gives what it would have given')
def pending(world):
    agent = world.agent()
    call = agent.ask('demo', hold_seconds=0)
    answer = agent.answer(call)
    equal(answer['status'], 'pending')
    wait = agent.start('approval_wait', {'request_id': answer['request_id']})
    world.grant(answer['request_id'])
    waited = agent.answer(wait)
    equal(waited['status'], 'completed')
    equal(waited['request_id'], answer['request_id'])
    equal(waited['result']['reference']['name'], 'demo')


@case('what was approved while nobody waited is fetched by approval_wait')
def fetched_later(world):
    agent = world.agent()
    answer = agent.answer(agent.ask('demo', hold_seconds=0))
    world.grant(answer['request_id'])
    waited = agent.call('approval_wait', {'request_id': answer['request_id']})
    equal(waited['status'], 'completed')


@case('an identical call attaches to the request that is held')
def attached(world):
    agent, human = world.agent(), world.human(pin=True)
    one, two = agent.ask('demo'), agent.ask('demo')
    equal(agent.held(one)['request_id'], agent.held(two)['request_id'])
    request, = human.pending()
    human.decide(request, pin=countersign.PIN)
    equal(agent.answer(one)['result'], agent.answer(two)['result'])


@case('a live grant answers the next call unasked, with the same reference')
def live(world):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    first = agent.answer(call)['result']['reference']
    again = agent.answer(agent.ask('demo'))
    equal(again['status'], 'completed')
    equal(again['result']['reference']['id'], first['id'])


@case('a grant that was revoked is asked for again')
def revoked(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    grant, = human.pages('grants')
    equal(world.human().call('revoke', {'grant_id': grant['id']}), {'revoked': 1})
    agent.held(agent.ask('demo'))


@case('a cancelled call is withdrawn and never answered')
def cancelled(world):
    agent, human = world.agent(), world.human(pin=True)
    human.call('subscribe')
    call = agent.ask('demo')
    request_id = agent.held(call)['request_id']
    agent.notify('cancel', {'id': call})
    human.hear('closed', request_id=request_id)
    agent.call('broker_status')
    assert call not in agent.answers, agent.answers[call]
    equal(human.pending(), [])


@case('other calls are answered while one is held')
def meanwhile(world):
    agent = world.agent()
    call = agent.ask('demo')
    agent.held(call)
    equal(agent.call('broker_status')['result']['held'], 1)
    assert call not in agent.answers


@case('a requester killed while held ends the request')
def gone(world):
    agent, human = world.agent(), world.human(pin=True)
    human.call('subscribe')
    request_id = agent.held(agent.ask('demo'))['request_id']
    request, = human.pending()
    agent.kill()
    human.hear('closed', request_id=request_id)
    refused(lambda: human.decide(request, pin=countersign.PIN), 5)
    equal(human.pending(), [])


@case('a grant ends with the process that holds it')
def holder_gone(world):
    agent, human = world.agent(), world.human(pin=True)
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    equal(len(human.pages('grants')), 1)
    agent.kill()
    human.call('status')  # within one turn of the broker this may be read before the end of a process
    equal(human.pages('grants'), [])


@case('a missing secret is answered at once, unheld')
def missing(world):
    answer = world.agent().call('get_secret', {'name': 'absent', 'purpose': 'x'})
    equal((answer['status'], answer['code']), ('failed', 'not_found'))


@case('lock keeps what is held, and unlock lets it be answered')
def locked(world):
    agent, human = world.agent(), world.human()
    before = world.learn()
    call = agent.ask('demo')
    agent.held(call)
    human.call('lock')
    equal(human.call('status')['state'], 'locked')
    other = world.agent()
    equal(other.held(other.ask('demo'))['state'], 'locked')
    world.unlock()
    world.wait_gone(before)
    try:
        agent.answer(call)
        raise AssertionError('the old broker answered')
    except Closed:
        pass


@case('panic denies what is held and revokes what is granted')
def panic(world):
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    other = world.agent()
    held = other.ask('demo')
    other.held(held)
    world.human().call('panic')
    answer = other.answer(held)
    equal((answer['status'], answer['code']), ('denied', 'panic'))
    status = world.status()
    equal((status['state'], status['held'], status['grants']), ('panicked', 0, 0))


@case('before init MCP answers, and each call says what to run', init=False)
def uninitialised(world):
    mcp = world.mcp()
    equal(mcp.call('tools/list')['tools'][0]['name'], 'broker_status')
    result = mcp.tool('get_secret', {'name': 'demo', 'purpose': 'x'})
    equal(result['isError'], True)
    contains(result['content'][0]['text'], 'countersign init')
    result = world.cli('secret', 'list', pin=True, status=None)
    assert result.status in (1, 3), result
    contains(result.err, 'countersign init')


@case('a grant that was revoked while locked does not come back with the keys')
def revoked_while_locked(world):
    for how in ('revoke', 'panic'):
        agent = world.agent()
        call = agent.ask('demo', how)
        world.grant(agent.held(call)['request_id'])
        agent.answer(call)
        world.cli('lock')
        world.cli(*(('revoke', '--all') if how == 'revoke' else ('panic',)))
        world.unlock()
        equal(world.status()['grants'], 0, how)


@case('a call without params, where none is needed, is held like any other')
def no_params(world):
    agent = world.agent()
    equal(agent.held(agent.start('list_secrets'))['state'], 'held')


EXPLAINED = (
    ('a deny is told', 'deny run_command of demo', 'deny', 'It would be refused'),
    ('a deny of some commands is told as one of some', 'deny run_command command { /bin/x }', 'deny', 'Commands that the rule names'),
    ('a sandbox is told', 'ask run_command max 5m sandbox', 'ask', 'A person would be asked'),
)


@case('what would become of a call is told without asking anybody')
def explained(world):
    human, agent = world.human(pin=True), world.agent()
    for sentence, rule, verdict, message in EXPLAINED:
        human.call('policy_apply', {'files': [{'name': 'policy.conf', 'text': f'{rule}\n'}], 'pin': countersign.PIN})
        told = agent.call('explain_access', {'operation': 'run_command', 'name': 'demo'})['result']
        equal((told['verdict'], told['rule'], told.get('sandbox', False)), (verdict, rule, 'sandbox' in rule), sentence)
        assert message in told['message'], (sentence, told)
    equal(human.pending(), [])


countersign.main()
