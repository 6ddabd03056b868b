# SPDX-License-Identifier: MIT
"""The three classes of human.sock: what needs nothing, what a connection opened by PIN, what the PIN."""

import hashlib

import countersign
from lines import Closed, Refused
from softkey import SoftKey
from tap import case, equal

NEEDS_PIN, WRONG, WAIT, CLOSED = 'pin_needed', 'pin_wrong', 'pin_wait', 'not_authenticated'
READING = [('pending', None), ('grants', None), ('history', None), ('keys', None), ('secret_list', None),
           ('secret_show', {'name': 'demo'}), ('policy_show', None), ('audit_open', {'sealed': [{'seq': 1, 'text': 'AA=='}]}),
           ('audit_files', None), ('audit_file', {'name': 'key'}), ('audit_close', None)]
WIDENING = [('secret_set', {'name': 'new', 'value': 'v', 'mode': 'any'}), ('secret_rm', {'name': 'demo'}),
            ('secret_mv', {'name': 'demo', 'to': 'gone'}),
            ('secret_generate', {'name': 'new', 'length': 32, 'characters': 'hex', 'mode': 'any'}),
            ('secret_show', {'name': 'demo', 'reveal': True}), ('key_add', SoftKey().enrolment()), ('key_rm', {'key_id': 'x'}),
            ('audit_retain', {'days': 30}),
            ('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask get_secret\n'}]})]


def reason(human, method, params):
    try:
        found = human.call(method, params)
    except Refused as error:
        return error.code, error.data.get('reason')
    raise AssertionError(f'{method}: answered {found!r}')


@case('reading needs a connection opened by the PIN')
def reading(world):
    human = world.human()
    for method, params in READING:
        equal(reason(human, method, params), (4, CLOSED), method)
    human.call('authenticate', {'pin': countersign.PIN})
    for method, params in READING:
        human.call(method, params)


def digest(files):
    """What policy_apply takes as "over"."""
    return hashlib.sha256(b''.join(f'{file["name"]}\0{file["text"]}\0'.encode() for file in files)).hexdigest()


@case('a policy is accepted only in the place of the one that it was shown against')
def over(world):
    first, second = world.human(pin=True), world.human(pin=True)
    shown = digest(first.call('policy_show')['files'])

    def files(text):
        return {'files': [{'name': 'policy.conf', 'text': text}], 'pin': countersign.PIN, 'over': shown}

    second.call('policy_apply', files('ask get_secret max 1m\n'))
    equal(reason(first, 'policy_apply', files('ask any\n')), (4, 'changed'))
    accepted = first.call('policy_show')['files']
    equal(accepted, [{'name': 'policy.conf', 'text': 'ask get_secret max 1m\n'}])
    first.call('policy_apply', {**files('ask any\n'), 'over': digest(accepted)})
    equal(first.call('policy_show')['files'][0]['text'], 'ask any\n')


@case('who may not read cards learns only how many wait')
def counts(world):
    human, agent = world.human(), world.agent()
    equal(human.call('subscribe'), {'held': 0})
    human.hear('waiting', held=0)
    call = agent.ask('demo')
    agent.held(call)
    human.hear('waiting', held=1)
    equal([told for told in human.heard if told['method'] == 'held'], [])
    human.call('authenticate', {'pin': countersign.PIN})
    equal(human.call('subscribe'), {'held': 1})
    request = human.hear('held')
    human.decide(request, 'deny')
    equal(human.hear('closed', request_id=request['request_id'])['status'], 'denied')


@case('what ended lately is told, the newest first')
def history(world):
    human, agent = world.human(pin=True), world.agent()
    for purpose in ('first', 'second'):
        call = agent.ask('demo', purpose)
        agent.held(call)
        request, = human.pending()
        human.decide(request, 'deny', reason='not now')
        agent.answer(call)
    first, second = human.pages('history')
    equal((first['status'], first['code'], first['operation'], first['resource']),
          ('denied', 'person', 'get_secret', 'demo'))
    equal(second['request_id'] != first['request_id'] and second['time'] <= first['time'], True)


@case('a window is shown only where there is a display')
def window(world):
    try:
        world.human().call('show_window')
        raise AssertionError('shown')
    except Refused as error:
        equal(error.code, 6)
        assert 'no display' in error.message, error.message


@case('authentication is the connection\'s own')
def not_shared(world):
    world.human(pin=True)
    equal(reason(world.human(), 'pending', None), (4, CLOSED))


@case('widening needs the PIN in the call, also on an authenticated connection')
def widening(world):
    for human, reasons in ((world.human(), (NEEDS_PIN, CLOSED)), (world.human(pin=True), (NEEDS_PIN,))):
        for method, params in WIDENING:
            code, why = reason(human, method, params)
            equal(code, 4, method)
            assert why in reasons, (method, why)
    names = [s['name'] for s in world.human(pin=True).pages('secret_list')]
    equal(names, ['demo'])


@case('a wrong PIN widens nothing')
def wrong(world):
    human = world.human()
    equal(reason(human, 'secret_rm', {'name': 'demo', 'pin': '000000'}), (4, WRONG))
    equal(human.call('secret_rm', {'name': 'demo', 'pin': countersign.PIN}), {})


@case('a grant without a PIN is refused')
def grant(world):
    agent = world.agent()
    agent.held(agent.ask('demo'))
    human = world.human()
    reader = world.human(pin=True)
    request, = reader.pending()
    try:
        human.decide(request)
        raise AssertionError('granted')
    except Refused as error:
        equal((error.code, error.data.get('reason')), (4, NEEDS_PIN))


@case('after three wrong guesses the next one waits, and the passphrase still gets in')
def delays(world):
    human = world.human()
    for _ in range(3):
        equal(reason(human, 'authenticate', {'pin': '000000'}), (4, WRONG))
    equal(reason(human, 'authenticate', {'pin': '000001'}), (4, WAIT))
    # A new connection of the same process tree gains nothing.
    equal(reason(world.human(), 'authenticate', {'pin': '000002'}), (4, WAIT))
    world.cli('unlock', passphrase=True)
    world.learn()
    world.human(pin=True)


@case('status, lock and panic need nothing')
def narrowing(world):
    human = world.human()
    status = human.call('status')
    equal((status['state'], status['secrets'], status['held']), ('unlocked', 1, 0))
    human.call('lock')
    equal(human.call('status')['state'], 'locked')
    human.call('panic')
    equal(human.call('status')['state'], 'panicked')


@case('a locked broker says so to what needs keys')
def locked(world):
    human = world.human()
    human.call('lock')
    for method, params in WIDENING:
        code, _ = reason(human, method, {**params, 'pin': countersign.PIN})
        equal(code, 3, method)


@case('agent calls are unknown on the person\'s socket')
def not_here(world):
    human = world.human(pin=True)
    for method in ('get_secret', 'approval_wait', 'unlock', 'init', 'passwd'):
        code, _ = reason(human, method, {'name': 'demo', 'purpose': 'x'})
        equal(code, -32601, method)


@case('secrets are set, shown, moved, generated and removed')
def secrets(world):
    human = world.human(pin=True)
    pin = {'pin': countersign.PIN}
    equal(human.call('secret_set', {'name': 'app/dev/KEY', 'value': 'one', 'mode': 'new', **pin})['version'], 1)
    try:
        human.call('secret_set', {'name': 'app/dev/KEY', 'value': 'two', 'mode': 'new', **pin})
        raise AssertionError('set twice')
    except Refused as error:
        equal(error.code, 8)
    equal(human.call('secret_set', {'name': 'app/dev/KEY', 'value': 'two', 'mode': 'any', **pin})['version'], 2)
    equal(human.call('secret_show', {'name': 'app/dev/KEY', 'reveal': True, **pin})['value'], 'two')
    assert 'value' not in human.call('secret_show', {'name': 'app/dev/KEY'})
    human.call('secret_mv', {'name': 'app/dev/KEY', 'to': 'app/prod/KEY', **pin})
    human.call('secret_generate', {'name': 'gen', 'length': 64, 'characters': 'hex', 'mode': 'new', **pin})
    value = human.call('secret_show', {'name': 'gen', 'reveal': True, **pin})['value']
    equal(len(value), 64)
    int(value, 16)
    human.call('secret_rm', {'name': 'app/prod/KEY', **pin})
    equal([s['name'] for s in human.pages('secret_list')], ['demo', 'gen'])


@case('shutdown ends the connection and the broker')
def shutdown(world):
    pid = world.learn()
    human = world.human()
    human.call('shutdown', {'reason': 'stop'})
    try:
        human.lines.receive()
        raise AssertionError('still open')
    except Closed:
        world.wait_gone(pid)


countersign.main()
