# SPDX-License-Identifier: MIT
"""What the official clients make of each answer. The broker is played by the case."""

import sys
import time

import double
import tap
from tap import case, contains, equal

GET = {'name': 'demo', 'purpose': 'a test'}
REFERENCE = {'id': 'x', 'name': 'demo', 'purpose': 'a test', 'expiresAt': 1, 'expiresIn': 60}


def with_each(sentence, sdks=('v2', 'v1', 'auto')):
    """Registers a case for each official client."""
    def register(function):
        for sdk in sdks:
            case(f'{sdk}: {sentence}', sdk_env=True)(lambda world, sdk=sdk: function(world, world.official(sdk)))
        return function
    return register


def up(world, client, **more):
    """A call of the client's, as the broker got it: broker, link, the call's id, what was asked."""
    broker = world.broker()
    call = client.start('get_secret', GET, **more)
    link = broker.accept()
    return broker, link, call, link.take('get_secret')


@with_each('the handshake is agreed on')
def handshake(world, client):
    equal(client.connected['connected']['name'], 'countersign')
    equal(client.answer(client.order(ping=True))['result'], {})


@with_each('every status fits the schema that was listed')
def schema(world, client):
    equal(len(client.answer(client.order(tools=True))['result']['tools']), 12)  # from here on results are checked
    broker, link, call, asked = up(world, client)
    answers = ({'status': 'completed', 'request_id': 'r', 'result': {'reference': REFERENCE, 'message': 'm'}},
               {'status': 'completed', 'result': {}},
               {'status': 'pending', 'request_id': 'r', 'expires_at': '2030-01-01T00:00:00.000Z',
                'poll_after_ms': 2000, 'message': 'm'},
               {'status': 'denied', 'request_id': 'r', 'code': 'person', 'message': 'm'},
               {'status': 'expired', 'request_id': 'r', 'message': 'm'},
               {'status': 'failed', 'code': 'not_found', 'message': 'm'})
    for answer in answers:
        link.answer(asked, answer)
        result = client.answer(call)['result']
        equal(result['structuredContent']['status'], answer['status'])
        equal(bool(result.get('isError')), answer['status'] not in ('completed', 'pending'))
        call = client.start('get_secret', GET)
        asked = link.take('get_secret')


@with_each('a timeout of the client is passed on as a cancellation', ('v2', 'v1'))
def timeout(world, client):
    _, link, call, asked = up(world, client, timeout=500)
    link.hold(asked)
    assert 'error' in client.answer(call)
    equal(link.take('cancel')['params'], {'id': asked['id']})
    link.complete(asked, {})
    equal(client.answer(client.order(ping=True))['result'], {})


@with_each('who listens for progress waits longer than its timeout', ('v2', 'v1') if tap.LONG else ('v2',))
def progress(world, client):
    # The second progress comes after 15 s; without it the client would give up after 20.
    _, link, call, asked = up(world, client, timeout=20000, progress=True)
    link.hold(asked, message='run `countersign approve`')
    while len(client.progress) < 2:
        message = client.lines.receive()
        equal((message['id'], message['progress']['progress']), (call, len(client.progress) + 1))
        contains(message['progress']['message'], '`countersign approve`')
        client.progress.append(message)
    time.sleep(7)
    link.complete(asked, {'reference': REFERENCE})
    equal(client.answer(call)['result']['structuredContent']['status'], 'completed')


@with_each('a value over four kilobytes goes there and back', ('v2', 'v1'))
def value(world, client):
    text = 'ü"\\\n' + 'v' * 100000
    broker = world.broker()
    call = client.start('store_secret', {'name': 'demo', 'value': text})
    link = broker.accept()
    asked = link.take('store_secret')
    with open(link.lines.descriptors.pop(), encoding='utf-8', newline='') as file:
        equal(file.read(), text)
    link.complete(asked, {'message': 'stored'})
    equal(client.answer(call)['result']['structuredContent']['status'], 'completed')


@with_each('an unknown tool is an error of the protocol', ('v2', 'v1'))
def unknown(world, client):
    equal(client.answer(client.start('no_such_tool'))['error']['code'], -32602)


sys.exit(tap.run(double.World))
