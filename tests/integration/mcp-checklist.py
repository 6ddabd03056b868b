# SPDX-License-Identifier: MIT
"""What any MCP server owes its client on stdio, in both eras, line by line: countersign-mcp with a real broker."""

import contextlib
import json
import re

import shared
from lines import Closed
from mcpwire import LEGACY, META, MODERN, Wire, claim, initialize, modern, request
from tap import case, contains, equal, lacks

CANARY = 'value-of-canary'  # and the value of a secret, where there is one
DEPTH = 200
ANNOTATIONS = ('readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint')
SINCE = {'2024-11-05': 0, '2025-03-26': 1, '2025-06-18': 2, '2025-11-25': 3, MODERN: 4}
PING = request(7, 'ping')
LIST = request(8, 'tools/list')


def refused(message, code, number=None):
    """An error with this code; returns it."""
    equal((message.get('id'), message.get('error', {}).get('code')), (number, code), message)
    lacks(json.dumps(message), CANARY)
    return message['error']


def opened(world, version='2025-11-25', *arguments):
    """A process that serves this version, whichever era it is of."""
    wire = Wire(world, *arguments)
    if version == MODERN:
        wire.reply(modern(0, 'server/discover'))
    else:
        wire.open(version)
    return wire


def ask(wire, version, method, params=None):
    """The whole answer."""
    number = wire.ask_modern(method, params) if version == MODERN else wire.ask(method, params)
    return wire.told(number)


# --- framing ---

@case('a message is a line, whose end may be CRLF, and blank lines are nothing')
def lines(world):
    wire = Wire(world)
    wire.say(b'\n', b'\r\n', json.dumps(initialize()).encode() + b'\r\n', b'\r\n', PING)
    equal(wire.next()['id'], 0)
    equal(wire.next(), {'jsonrpc': '2.0', 'id': 7, 'result': {}})


@case('two messages in one write are two, and one in many writes is one')
def pieces(world):
    wire = Wire(world)
    wire.say(json.dumps(initialize()).encode() + b'\n' + json.dumps(PING).encode() + b'\n')
    equal([wire.next()['id'] for _ in range(2)], [0, 7])
    for byte in json.dumps(LIST).encode():
        wire.say(bytes([byte]))
    equal(wire.reply(b'\n')['id'], 8)


@case('what is no JSON, has a key twice, is no UTF-8 or too deep is a parse error, and the next line is served')
def unreadable(world):
    wire = opened(world)
    for line in (b'{', b'nonsense', b'{"jsonrpc":"2.0","id":1,"method":"ping"}}', b'{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}',
                 b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}',
                 b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', b'{"jsonrpc":"2.0","id":1,"method":"\xed\xa0\x80"}',
                 b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b'{"a":' * DEPTH + b'1' + b'}' * DEPTH + b'}',
                 b'[' * 100000, b'{"jsonrpc":"2.0","id":1,"method":"ping"}\x00'):
        refused(wire.reply(line + b'\n'), -32700)
        equal(wire.reply(PING)['result'], {}, line[:60])


@case('a line over the cap is refused, and read no further')
def capped(world):
    wire = opened(world)
    with contextlib.suppress(Closed):  # it need not read all of it
        for _ in range(9):
            wire.say(b'x' * (1 << 20))
    refused(wire.next(), -32700)
    equal(wire.ended(), 1)


@case('what has the shape of no message is an invalid request')
def shapes(world):
    wire = opened(world)
    for message in (b'{}', b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
                    b'{"id":1,"method":"ping"}', b'{"jsonrpc":"2.0","id":null,"method":"ping"}', b'{"jsonrpc":"2.0","id":{},"method":"ping"}',
                    b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
                    b'{"jsonrpc":"2.0","id":1,"method":5}', b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}'):
        equal(wire.reply(message + b'\n').get('error', {}).get('code'), -32600, message)
    equal(wire.reply(PING)['result'], {})


@case('an answer that nobody asked for is ignored')
def unasked(world):
    wire = opened(world)
    equal(wire.reply({'jsonrpc': '2.0', 'id': 99, 'result': {}}, {'jsonrpc': '2.0', 'id': 98, 'error': {'code': 1, 'message': CANARY}},
                     PING)['id'], 7)


@case('standard output carries nothing but messages, whatever comes in')
def pure(world):
    wire = opened(world, '2025-11-25', '--verbose')
    wire.say(b'{\n', b'garbage\n', request(1, 'nothing'), request(2, 'tools/call', {'name': 'nothing'}), {'jsonrpc': '2.0', 'method': 'x'},
             request(3, 'tools/call', {'name': 'get_secret', 'arguments': {'name': 5}}), PING)
    while wire.next().get('id') != 7:
        pass
    equal(wire.finish(), 0)
    equal(wire.ended(), 0)


@case('the end of its input ends it at once, whatever is under way')
def ends(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        held(world, wire, version)
        equal(wire.finish(), 0)
        equal(wire.ended(), 0)


# --- requests and their ids ---

def held(world, wire, version='2025-11-25', purpose='a test', **options):
    """A get_secret that waits for a person: its id, and the request as the person sees it."""
    human = world.human(pin=True)
    human.call('subscribe')
    arguments = {'name': 'demo', 'purpose': purpose}
    number = wire.call_modern('get_secret', arguments, **options) if version == MODERN else wire.call('get_secret', arguments, **options)
    while True:
        found = human.hear('held')
        if json.loads(found['card'])['purpose'] == purpose:
            return number, human, found


@case('an id comes back as it went, and 1 is not "1"')
def ids(world):
    wire = opened(world)
    for number in (0, 1, -1, 9007199254740991, '', '1', 'ä"\\\n', 'x' * 1000):
        equal(wire.reply(request(number, 'ping'))['id'], number)
    human = world.human(pin=True)
    human.call('subscribe')
    wire.say(*(request(number, 'tools/call', {'name': 'get_secret', 'arguments': {'name': 'demo', 'purpose': f'{number!r}'}})
               for number in (1, '1')))
    by_purpose = {json.loads(found['card'])['purpose']: found for found in (human.hear('held') for _ in range(2))}
    human.decide(by_purpose["'1'"], 'deny')
    equal(wire.next()['id'], '1')
    human.decide(by_purpose['1'], 'deny')
    equal(wire.next()['id'], 1)


@case('an id that is under way is refused for another request, which ends nothing')
def twice(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        number, human, found = held(world, wire, version)
        message = modern(number, 'tools/list') if version == MODERN else request(number, 'ping')
        refused(wire.reply(message), -32600, number)
        human.decide(found, 'deny')
        equal(wire.next()['result']['structuredContent']['status'], 'denied')


@case('while a call is held, others are answered, a ping and a list, and answers overtake')
def concurrent(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        first, human, found = held(world, wire, version, 'the first')
        second, _, other = held(world, wire, version, 'the second')
        if version != MODERN:
            equal(ask(wire, version, 'ping')['result'], {})
        assert ask(wire, version, 'tools/list')['result']['tools']
        equal(ask(wire, version, 'tools/call', {'name': 'broker_status'})['result'].get('isError', False), False)
        human.decide(other, 'deny')
        equal(wire.next()['id'], second)
        human.decide(found, 'deny')
        equal(wire.next()['id'], first)


@case('a notification is never answered, known or not, well made or not')
def notifications(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        for method, params in (('notifications/initialized', {}), ('notifications/nothing', {}), ('tools/list', {}), ('tools/call', {}),
                               ('notifications/cancelled', {}), ('notifications/cancelled', {'requestId': 12345}),
                               ('notifications/cancelled', {'requestId': {}}), ('notifications/progress', {}),
                               ('notifications/roots/list_changed', {})):
            wire.say({'jsonrpc': '2.0', 'method': method, 'params': {**params, **({'_meta': claim()} if version == MODERN else {})}})
        equal(ask(wire, version, 'tools/list').get('error'), None)
        equal(wire.heard, [])
        equal(wire.answers, {})


@case('after a cancellation nothing is sent for the call, and its request is withdrawn')
def cancelled(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        number, human, found = held(world, wire, version, f'cancelled in {version}', meta={'progressToken': 'p'}) \
            if version == MODERN else held(world, wire, version, 'cancelled', _meta={'progressToken': 'p'})
        wire.hear('notifications/progress')  # on its way already when the cancellation is
        wire.say({'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': number, 'reason': CANARY}})
        human.hear('closed', request_id=found['request_id'])
        equal(ask(wire, version, 'tools/list').get('error'), None)
        equal((wire.heard, wire.answers), ([], {}))


@case('a cancellation of another id, or of the id in another type, cancels nothing')
def cancelled_other(world):
    wire = opened(world)
    number, human, found = held(world, wire, purpose='stays')
    for wrong in (str(number), number + 1, None, [number], float(number) + 0.5):
        wire.say({'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': wrong}})
    equal(ask(wire, '2025-11-25', 'ping')['result'], {})
    human.decide(found, 'deny')
    equal(wire.told(number)['result']['structuredContent']['status'], 'denied')


@case('batches are taken in 2025-03-26 alone, and never an empty one')
def batches(world):
    for version in LEGACY:
        wire = opened(world, version)
        refused(wire.reply(b'[]\n'), -32600)
        answer = wire.reply([PING, {'jsonrpc': '2.0', 'method': 'notifications/x'}, LIST])
        if version == '2025-03-26':
            equal(sorted(one['id'] for one in (answer if isinstance(answer, list) else [answer, wire.next()])), [7, 8])
            wire.say([{'jsonrpc': '2.0', 'method': 'notifications/x'}])
            equal(wire.reply(request(9, 'ping'))['id'], 9)
        else:
            refused(answer, -32600)
    wire = opened(world, MODERN)
    refused(wire.reply([modern(1, 'tools/list')]), -32600)
    refused(opened(world, '2025-03-26').reply([PING, modern(1, 'tools/list')]), -32600)


# --- the two eras ---

@case('each version with a handshake is agreed on as asked, and another becomes the latest of them')
def versions(world):
    for asked, agreed in (*((one, one) for one in LEGACY), (MODERN, '2025-11-25'), ('2030-01-01', '2025-11-25'), ('', '2025-11-25')):
        result = Wire(world).reply(initialize(0, asked))['result']
        equal(result['protocolVersion'], agreed, asked)
        equal(result['serverInfo']['name'], 'countersign')
        assert result['instructions']


@case('server/discover tells the later version alone, and what goes with it')
def discover(world):
    result = Wire(world).reply(modern(1, 'server/discover'))['result']
    equal((result['resultType'], result['supportedVersions'], result['cacheScope']), ('complete', [MODERN], 'private'))
    assert isinstance(result['ttlMs'], int) and result['ttlMs'] >= 0
    equal(result['_meta'][META + 'serverInfo']['name'], 'countersign')
    assert isinstance(result['capabilities']['tools'], dict) and result['instructions']
    lacks(json.dumps(result), 'sessionId')


# What opens a process, and the error that it is answered with; None: a result.
OPENINGS = [
    ('a claim that is whole', modern(1, 'tools/list'), None),
    ('a claim without who it is', request(1, 'tools/list', {'_meta': claim()}), None),
    ('a claim without capabilities', request(1, 'tools/list', {'_meta': {META + 'protocolVersion': MODERN}}), -32602),
    ('capabilities that are no object', request(1, 'tools/list', {'_meta': {**claim(), META + 'clientCapabilities': []}}), -32602),
    ('a version that is no text', request(1, 'tools/list', {'_meta': {**claim(), META + 'protocolVersion': 5}}), -32602),
    ('a version that nobody has', modern(1, 'tools/list', version='2030-01-01'), -32022),
    ('a version of the other era', modern(1, 'tools/list', version='2025-11-25'), -32022),
    ('an incomplete claim of a version that nobody has', request(1, 'tools/list', {'_meta': {META + 'protocolVersion': '2030-01-01'}}), -32602),
    ('a version that nobody has, for a method that nobody has', modern(1, 'nothing', version='2030-01-01'), -32022),
    *((f'{method}, which the later era lacks', modern(1, method, params), -32601) for method, params in (
        ('initialize', {'protocolVersion': MODERN, 'capabilities': {}, 'clientInfo': {'name': 'x', 'version': '1'}}), ('ping', {}),
        ('logging/setLevel', {'level': 'debug'}), ('resources/subscribe', {'uri': 'countersign://policy'}),
        ('resources/unsubscribe', {'uri': 'countersign://policy'}), ('tasks/result', {'taskId': 'x'}), ('tasks/list', {}), ('nothing', {}))),
]


@case('what comes first decides on the era, each fault by its own code and in its order')
def openings(world):
    for sentence, message, code in OPENINGS:
        answer = Wire(world).reply(message)
        equal(answer.get('error', {}).get('code'), code, f'{sentence}: {answer}')
        if code == -32022:
            equal(answer['error']['data'], {'supported': [MODERN], 'requested': message['params']['_meta'][META + 'protocolVersion']})


@case('a process that was opened in one era stays in it')
def pinned(world):
    wire = opened(world, MODERN)
    ask(wire, MODERN, 'tools/list')  # a look at what is there decides on nothing yet
    for method in ('ping', 'tools/list'):
        assert 'error' in wire.reply(request(1, method)), method
    assert 'error' in wire.reply(initialize(2))
    equal(ask(wire, MODERN, 'tools/list')['result']['resultType'], 'complete')
    wire = opened(world)
    lacks(json.dumps(ask(wire, '2025-11-25', 'tools/list')), 'resultType')
    assert 'error' in wire.reply(initialize(3)), 'a second handshake'


@case('before a handshake is made nothing is served but a ping')
def early(world):
    wire = Wire(world)
    for method, params in (('tools/list', {}), ('tools/call', {'name': 'broker_status'})):
        assert 'error' in wire.reply(request(1, method, params)), method


@case('each result of the later era says that it is complete, and who answers')
def complete(world):
    wire = opened(world, MODERN)
    for method, params in (('tools/list', {}), ('tools/call', {'name': 'broker_status'}), ('tools/call', {'name': 'get_secret'})):
        result = ask(wire, MODERN, method, params)['result']
        equal((result['resultType'], result['_meta'][META + 'serverInfo']['name']), ('complete', 'countersign'), method)


@case('lists say for how long they hold, and for whom, in the later era alone')
def cached(world):
    for version in (*LEGACY, MODERN):
        wire = opened(world, version)
        offers = wire.reply(modern(1, 'server/discover'))['result']['capabilities'] if version == MODERN else {'tools': {}}
        for method in ['tools/list'] + ['prompts/list'] * ('prompts' in offers) + \
                ['resources/list', 'resources/templates/list'] * ('resources' in offers):
            result = ask(wire, version, method)['result']
            equal({'ttlMs', 'cacheScope', 'resultType'} & set(result), {'ttlMs', 'cacheScope', 'resultType'} if version == MODERN else set())
            if version == MODERN:
                assert isinstance(result['ttlMs'], int) and result['ttlMs'] >= 0 and result['cacheScope'] in ('private', 'public')


# --- what is offered ---

@case('fields come with the version that has them')
def fields(world):
    for version, age in SINCE.items():
        wire = opened(world, version)
        tools = ask(wire, version, 'tools/list')['result']['tools']
        told = set().union(*tools)
        equal({'annotations'} & told, {'annotations'} if age >= 1 else set(), version)
        equal({'title', 'outputSchema'} & told, {'title', 'outputSchema'} if age >= 2 else set(), version)
        if age < 3:
            lacks(json.dumps(tools), '"icons"')
            lacks(json.dumps(tools), '"execution"')
        result = ask(wire, version, 'tools/call', {'name': 'broker_status'})['result']
        equal('structuredContent' in result, age >= 2, version)
        equal(json.loads(result['content'][0]['text'])['state'], 'unlocked')


@case('every tool has a name that fits, a title, a description and all four annotations, in an order that stays')
def tools(world):
    for arguments in ((), ('--tools', 'opaquevault')):
        lists = [ask(opened(world, version, *arguments), version, 'tools/list')['result']['tools'] for version in ('2025-11-25', MODERN)]
        equal([[tool['name'] for tool in one] for one in lists][0], [tool['name'] for tool in lists[1]])
        for tool in lists[0] + lists[1]:
            assert re.fullmatch(r'[A-Za-z0-9_.-]{1,64}', tool['name']), tool['name']
            assert tool['title'] and tool['description'], tool['name']
            equal({name: type(tool['annotations'][name]) for name in ANNOTATIONS}, dict.fromkeys(ANNOTATIONS, bool), tool['name'])
            for name in ('inputSchema', 'outputSchema'):
                equal(tool[name]['type'], 'object', tool['name'])
                assert not re.search(r'"\$ref": "(?!#)', json.dumps(tool[name])), tool['name']


@case('the first tool takes nothing, is never held and only reads')
def first(world):
    wire = opened(world)
    tool = ask(wire, '2025-11-25', 'tools/list')['result']['tools'][0]
    equal((tool['annotations']['readOnlyHint'], tool['inputSchema'].get('required', [])), (True, []))
    equal(wire.told(wire.call(tool['name']))['result'].get('isError', False), False)


@case('arguments may be absent, and another kind of them is the call\'s fault')
def absent(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        equal(ask(wire, version, 'tools/call', {'name': 'broker_status'})['result'].get('isError', False), False)
        for wrong in ([], 'text', 5):
            answer = ask(wire, version, 'tools/call', {'name': 'broker_status', 'arguments': wrong})
            assert answer.get('error', {}).get('code') == -32602 or answer['result']['isError'], answer


@case('an unknown tool, a call without a name and a cursor that we did not give are invalid parameters')
def parameters(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        for method, params in (('tools/call', {'name': f'no-{CANARY}'}), ('tools/call', {}), ('tools/call', {'name': 5}),
                               ('tools/list', {'cursor': 'made up'}), ('tools/list', {'cursor': 5}), ('tools/list', {'cursor': ''})):
            answer = ask(wire, version, method, params)
            equal(answer.get('error', {}).get('code'), -32602, (version, method, params))


@case('a method that is not there, or not offered, is not found')
def methods(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        for method in ('nothing', '', 'tools', 'tools/list/', 'sampling/createMessage', 'elicitation/create', 'roots/list'):
            equal(ask(wire, version, method).get('error', {}).get('code'), -32601, (version, method))


@case('what is advertised is served, and nothing is advertised that is not')
def advertised(world):
    methods_of = {'tools': ['tools/list'], 'prompts': ['prompts/list'], 'resources': ['resources/list', 'resources/templates/list']}
    for version in ('2025-11-25', MODERN):
        wire = Wire(world)
        offers = wire.reply(modern(1, 'server/discover'))['result']['capabilities'] if version == MODERN \
            else wire.open(version)['capabilities']
        for name, listed in methods_of.items():
            for method in listed:
                equal('result' in ask(wire, version, method), name in offers, (version, method))
        for offered in offers.values():
            assert isinstance(offered, dict), offers


# --- calls that a person answers, and what they must not say ---

@case('a bad argument is a result that says so, before a person is asked')
def bad(world):
    for version in ('2025-11-25', MODERN):
        wire = opened(world, version)
        before = world.human(pin=True).pending()
        for arguments in ({}, {'name': 'demo'}, {'name': CANARY + '/..', 'purpose': 'p'}, {'name': 'demo', 'purpose': 'p', CANARY: 1}):
            result = ask(wire, version, 'tools/call', {'name': 'get_secret', 'arguments': arguments})['result']
            equal((result['isError'], result['structuredContent']['code']), (True, 'invalid_arguments'), arguments)
        equal(world.human(pin=True).pending(), before)


@case('a result has one envelope that its schema describes, and the same as text')
def envelope(world):
    wire = opened(world)
    number, human, found = held(world, wire, purpose='an envelope')
    human.decide(found, 'deny')
    result = wire.told(number)['result']
    equal((result['isError'], result['structuredContent']['status'], result['structuredContent']['request_id']),
          (True, 'denied', found['request_id']))
    equal(json.loads(result['content'][0]['text'])['status'], 'denied')
    for key in ('code', 'rule', 'who_can_change', 'next'):
        assert result['structuredContent'].get(key), (key, result)


@case('no secret is in a result, in progress, in an error or on standard error', secrets=('canary',))
def silent(world):
    wire = opened(world, '2025-11-25', '--verbose')
    human = world.human(pin=True)
    human.call('subscribe')
    numbers = [wire.call('get_secret', {'name': 'canary', 'purpose': 'p'}, _meta={'progressToken': 1}),
               wire.call('update_secret', {'name': 'nothing', 'value': CANARY}), wire.call('store_secret', {'name': 5, 'value': CANARY}),
               # A resource that there is not is named in data.uri, as the protocol has it.
               wire.ask(CANARY), wire.ask('tools/call', {'name': CANARY}), wire.ask('resources/read', {'uri': 'countersign://none'}),
               wire.ask('prompts/get', {'name': CANARY})]
    human.decide(human.hear('held'), 'deny')
    text = json.dumps([wire.told(number) for number in numbers] + wire.heard)
    lacks(text, CANARY)
    with open(wire.errors, encoding='utf-8') as file:
        lacks(file.read(), CANARY)


shared.main()
