# SPDX-License-Identifier: MIT
"""The same call again, going on with the request that it once made; and requests that their requester takes back."""

import countersign
from called import sealed
from lines import Refused
from parties import Socket
from tap import case, contains, equal

ASK = {'name': 'demo', 'purpose': 'a test'}
LARGE = 'v' * 9000


def hello(rpc):
    rpc.call('hello', {'version': 1, 'role': 'agent'})
    return rpc


def handed_out(agent, method='get_secret', arguments=None, descriptors=()):
    """A request that was answered "pending": its id."""
    answer = agent.call(method, {**(arguments or ASK), 'hold_seconds': 0}, descriptors=descriptors)
    equal(answer['status'], 'pending')
    return answer['request_id']


def resume(agent, request_id, method='get_secret', arguments=None, descriptors=(), **more):
    return agent.start(method, {**(arguments or ASK), 'resume': request_id, **more}, descriptors)


def refused(agent, call, code):
    try:
        found = agent.answer(call)
    except Refused as error:
        equal(error.code, code)
        return error
    raise AssertionError(f'answered {found!r}')


def reveal_is_asked(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask reveal\n'}], 'pin': countersign.PIN})


@case('a call that goes on with its request is answered as the first would have been')
def goes_on(world):
    agent, human = world.agent(), world.human(pin=True)
    request_id = handed_out(agent)
    calls = [resume(agent, request_id), resume(agent, request_id, hold_seconds=0)]
    equal(agent.held(calls[0])['request_id'], request_id)
    equal(agent.answer(calls[1])['status'], 'pending')
    equal(len(human.pending()), 1, 'asked of the person')
    world.grant(request_id)
    answer = agent.answer(calls[0])
    equal((answer['status'], answer['request_id']), ('completed', request_id))
    reference = answer['result']['reference']
    # And once more: the same outcome, not another.
    again = agent.answer(resume(agent, request_id))
    equal((again['request_id'], again['result']['reference']['id']), (request_id, reference['id']))


@case('to go on with what was denied, or given once and for all, asks nobody anew')
def over(world):
    reveal_is_asked(world)
    agent, human = world.agent(), world.human(pin=True)
    request_id = handed_out(agent)
    request, = human.pending()
    human.decide(request, 'deny')
    equal(agent.answer(resume(agent, request_id))['code'], 'person')
    reference = {'reference_id': 'ref_' + '0' * 25}
    equal(agent.call('resolve_secret', reference)['status'], 'failed')
    given = agent.start('get_secret', {**ASK, 'purpose': 'another'})
    world.grant(agent.held(given)['request_id'])
    reference['reference_id'] = agent.answer(given)['result']['reference']['id']
    request_id = handed_out(agent, 'resolve_secret', reference)
    world.grant(request_id)
    assert agent.answer(resume(agent, request_id, 'resolve_secret', reference))['result']['value']
    gone = refused(agent, resume(agent, request_id, 'resolve_secret', reference), 5)
    equal(gone.data['reason'], 'resume')
    equal(human.pending(), [])


@case('a value that comes by descriptor belongs to what is asked')
def by_descriptor(world):
    agent = hello(Socket(world, world.agent_socket))
    large = {'name': 'large', 'value_fd': True}
    request_id = handed_out(agent, 'store_secret', large, [sealed(LARGE.encode())])
    for other in (LARGE + 'v', LARGE[:-1] + 'w'):
        call = resume(agent, request_id, 'store_secret', large, [sealed(other.encode())])
        equal(refused(agent, call, 5).data, {'field': 'resume', 'reason': 'resume'})
    equal(handed_out(agent, 'store_secret', large, [sealed(LARGE.encode())]), request_id, 'the same once more')
    call = resume(agent, request_id, 'store_secret', large, [sealed(LARGE.encode())])
    world.grant(request_id)
    equal(agent.answer(call)['status'], 'completed')
    again = agent.answer(resume(agent, request_id, 'store_secret', large, [sealed(LARGE.encode())]))
    equal((again['status'], again['request_id']), ('completed', request_id))
    version, = (s['version'] for s in world.human(pin=True).pages('secret_list') if s['name'] == 'large')
    equal(version, 1, 'stored once')


@case('a call that is never held goes on with nothing')
def never_held(world):
    agent = world.agent()
    for method, arguments in (('broker_status', {}), ('explain_access', {'operation': 'reveal'}),
                              ('approval_wait', {'request_id': 'r'}), ('withdraw', {'request_id': 'r'})):
        call = agent.start(method, {**arguments, 'resume': 'r'})
        contains(refused(agent, call, -32602).data['field'], 'resume')


@case('what its requester withdraws is over for all who wait, and can be granted no more')
def withdrawn(world):
    agent, human = world.agent(), world.human(pin=True)
    calls = [agent.ask('demo'), agent.ask('demo')]
    request_id = agent.held(calls[0])['request_id']
    request, = human.pending()
    equal(agent.call('withdraw', {'request_id': request_id}), {})
    for call in calls:
        answer = agent.answer(call)
        equal((answer['status'], answer['code']), ('denied', 'cancelled'))
    equal(human.pending(), [])
    try:
        raise AssertionError(human.decide(request, pin=countersign.PIN))
    except Refused as error:
        equal(error.code, 5)
    equal(agent.call('withdraw', {'request_id': request_id}), {}, 'once more')
    equal(agent.answer(resume(agent, request_id))['code'], 'cancelled')
    assert agent.held(agent.ask('demo'))['request_id'] != request_id


@case('what was approved and not fetched yet can still be withdrawn')
def granted(world):
    agent = world.agent()
    store = {'name': 'fresh', 'value': 'v'}
    request_id = handed_out(agent, 'store_secret', store)
    world.grant(request_id)
    equal(agent.call('withdraw', {'request_id': request_id}), {})
    equal(agent.answer(resume(agent, request_id, 'store_secret', store))['code'], 'cancelled')
    equal([s['name'] for s in world.human(pin=True).pages('secret_list')], ['demo'])


@case('the last call that is cancelled for good takes with it what was handed out')
def for_good(world):
    agent, human = world.agent(), world.human(pin=True)
    human.call('subscribe')
    request_id = handed_out(agent)
    calls = [resume(agent, request_id) for _ in range(2)]
    for call in calls:
        agent.held(call)
    agent.notify('cancel', {'id': calls[0], 'withdraw': True})
    agent.call('broker_status')
    equal(len(human.pending()), 1, 'another waits')
    agent.notify('cancel', {'id': calls[1]})
    agent.call('broker_status')
    equal(len(human.pending()), 1, 'its id is known')
    call = resume(agent, request_id)
    agent.held(call)
    agent.notify('cancel', {'id': call, 'withdraw': True})
    human.hear('closed', request_id=request_id)
    equal(human.pending(), [])


countersign.main()
