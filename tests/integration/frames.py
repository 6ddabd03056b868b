# SPDX-License-Identifier: MIT
"""Bad input: an error that names the field, nothing asked of the person, the connection kept."""

import json
import os
import signal
import time

import countersign
from lines import PATIENCE, Closed, Refused
from tap import case, contains, equal

PARSE, SHAPE, METHOD, FIELD = -32700, -32600, -32601, -32602


def request(**more):
    return json.dumps({'jsonrpc': '2.0', 'id': 77, **more}).encode()


# What is wrong, the line, the codes that say so.
LINES = [
    ('words', b'hello there', {PARSE}),
    ('half an object', b'{"jsonrpc":"2.0"', {PARSE}),
    ('a number', b'42', {PARSE, SHAPE}),
    ('an array', b'[]', {PARSE, SHAPE}),
    ('a batch', b'[' + request(method='broker_status') + b']', {PARSE, SHAPE}),
    ('a key twice', b'{"jsonrpc":"2.0","id":77,"id":78,"method":"broker_status"}', {PARSE}),
    ('a key twice, deeper', b'{"jsonrpc":"2.0","id":77,"method":"get_secret","params":'
     b'{"name":"demo","name":"other","purpose":"x"}}', {PARSE}),
    ('bytes that are not UTF-8', b'{"jsonrpc":"2.0","id":77,"method":"\xff\xfe"}', {PARSE}),
    ('an overlong encoding', b'{"jsonrpc":"2.0","id":77,"method":"\xc0\xaf"}', {PARSE}),
    ('half a surrogate pair', b'{"jsonrpc":"2.0","id":77,"method":"\\ud800"}', {PARSE}),
    ('a NUL in a string', b'{"jsonrpc":"2.0","id":77,"method":"get_secret","params":{"name":"de\\u0000mo"}}', {PARSE}),
    ('nested 40 deep', b'{"jsonrpc":"2.0","id":77,"method":"get_secret","params":' + b'{"a":' * 40 + b'1' + b'}' * 41,
     {PARSE}),
    ('NaN', b'{"jsonrpc":"2.0","id":77,"method":"get_secret","params":{"ttl_seconds":NaN}}', {PARSE}),
    ('something behind the object', request(method='broker_status') + b' {}', {PARSE}),
    ('no version', b'{"id":77,"method":"broker_status"}', {SHAPE}),
    ('another version', b'{"jsonrpc":"1.0","id":77,"method":"broker_status"}', {SHAPE}),
    ('no method', request(), {SHAPE}),
    ('a method that is a number', request(method=5), {SHAPE}),
    ('an id that is null', b'{"jsonrpc":"2.0","id":null,"method":"broker_status"}', {SHAPE}),
    ('an id that is half', b'{"jsonrpc":"2.0","id":1.5,"method":"broker_status"}', {SHAPE}),
    ('an id that is an object', b'{"jsonrpc":"2.0","id":{},"method":"broker_status"}', {SHAPE}),
    ('an id of 65 bytes', b'{"jsonrpc":"2.0","id":"' + b'x' * 65 + b'","method":"broker_status"}', {SHAPE}),
    ('a field beside the known', request(method='broker_status', extra=1), {SHAPE, FIELD}),
    ('params that are an array', request(method='broker_status', params=[]), {SHAPE, FIELD}),
    ('an unknown method', request(method='open_sesame'), {METHOD}),
    ('an empty method', request(method=''), {METHOD, SHAPE}),
    ('a call of the person\'s', request(method='decide', params={}), {METHOD}),
    ('another call of the person\'s', request(method='secret_set', params={}), {METHOD}),
    ('a call of the control socket', request(method='unlock', params={}), {METHOD}),
    ('a second hello', request(method='hello', params={'version': 1, 'role': 'agent'}), {METHOD, SHAPE, FIELD}),
]

GOOD = {'name': 'demo', 'purpose': 'x'}
# What is wrong, the arguments of get_secret, the field that the error names.
ARGUMENTS = [
    *((f'ttl_seconds {value!r}', {**GOOD, 'ttl_seconds': value}, 'ttl_seconds')
      for value in (0, -1, 1.5, 60.0, 86401, 2**31, 2**63 - 1, -2**63, '60', '', True, None, [], {})),
    ('no purpose', {'name': 'demo'}, 'purpose'),
    ('an empty purpose', {'name': 'demo', 'purpose': ''}, 'purpose'),
    ('a purpose that is a number', {'name': 'demo', 'purpose': 1}, 'purpose'),
    ('a purpose of 60 000 bytes', {'name': 'demo', 'purpose': 'x' * 60000}, 'purpose'),
    ('no name', {'purpose': 'x'}, 'name'),
    ('an empty name', {'name': '', 'purpose': 'x'}, 'name'),
    ('a name with dots', {'name': '../demo', 'purpose': 'x'}, 'name'),
    ('a name with two parts', {'name': 'app/demo', 'purpose': 'x'}, 'name'),
    ('a name with a newline', {'name': 'demo\n', 'purpose': 'x'}, 'name'),
    ('a name of 64', {'name': 'a' * 64, 'purpose': 'x'}, 'name'),
    ('scopes that are a string', {**GOOD, 'scopes': 'use'}, 'scopes'),
    ('scopes with a number', {**GOOD, 'scopes': [1]}, 'scopes'),
    ('a scope twice', {**GOOD, 'scopes': ['use', 'use']}, 'scopes'),
    ('an unknown field', {**GOOD, 'force': True}, 'force'),
    ('hold_seconds over the limit', {**GOOD, 'hold_seconds': 301}, 'hold_seconds'),
    ('hold_seconds below zero', {**GOOD, 'hold_seconds': -1}, 'hold_seconds'),
]


def nothing_asked(world):
    equal(world.human(pin=True).pending(), [], 'pending')


@case('each malformed line is answered and the connection goes on')
def lines(world):
    agent = world.agent()
    for what, line, codes in LINES:
        agent.lines.send_bytes(line + b'\n')
        message = agent.lines.receive()
        code = message.get('error', {}).get('code')
        assert code in codes, f'{what}: {message}'
        assert message['error']['message'], what
        equal(agent.call('broker_status')['status'], 'completed', f'after {what}')
    nothing_asked(world)


@case('each bad argument is an error that names its field')
def arguments(world):
    agent = world.agent()
    for what, given, field in ARGUMENTS:
        try:
            found = agent.call('get_secret', given)
        except Refused as error:
            equal((error.code, error.data.get('field')), (FIELD, field), what)
            contains(error.message, field)
        else:
            raise AssertionError(f'{what}: {found}')
    nothing_asked(world)


@case('a number that no integer can hold is refused')
def huge_number(world):
    agent = world.agent()
    for text in (b'9223372036854775808', b'1e400', b'-0.5', b'1E2'):
        agent.lines.send_bytes(b'{"jsonrpc":"2.0","id":5,"method":"get_secret","params":'
                               b'{"name":"demo","purpose":"x","ttl_seconds":' + text + b'}}\n')
        code = agent.lines.receive().get('error', {}).get('code')
        assert code in (PARSE, FIELD), (text, code)
    nothing_asked(world)


@case('the same faults come through MCP as results that name the field')
def through_mcp(world):
    mcp = world.mcp()
    for what, given, field in ARGUMENTS:
        if field in ('hold_seconds',):
            continue
        result = mcp.tool('get_secret', given)
        equal(result.get('isError'), True, what)
        contains(result['content'][0]['text'], field)
    equal(mcp.call('ping'), {})
    nothing_asked(world)


@case('a line over the limit ends its connection and no other')
def long_line(world):
    agent, other = world.agent(), world.agent()
    try:
        agent.lines.send_bytes(b'{"jsonrpc":"2.0","id":1,"method":"' + b'x' * (70 * 1024))
        while True:
            agent.lines.receive()
    except Closed:
        pass
    equal(other.call('broker_status')['status'], 'completed')


@case('a line of exactly the limit is read')
def longest_line(world):
    agent = world.agent()
    line = b'{"jsonrpc":"2.0","id":1,"method":"broker_status"' + b' ' * 70000
    agent.lines.send_bytes(line[:64 * 1024 - 1] + b'}\n')
    equal(agent.lines.receive()['id'], 1)


@case('blank lines and CR before LF are no fault')
def blank_lines(world):
    agent = world.agent()
    agent.lines.send_bytes(b'\n\r\n' + request(method='broker_status') + b'\r\n')
    equal(agent.lines.receive()['result']['status'], 'completed')


@case('a call before hello is refused, and so is a hello of another version or role')
def hello(world):
    for first in ({'method': 'broker_status'},
                  {'method': 'hello', 'params': {'version': 2, 'role': 'agent'}},
                  {'method': 'hello', 'params': {'version': 1, 'role': 'human'}},
                  {'method': 'hello', 'params': {'version': 1, 'role': 'agent', 'uid': 0}},
                  {'method': 'hello', 'params': {'version': '1', 'role': 'agent'}},
                  {'method': 'hello'}):
        agent = world.agent(hello=False)
        agent.lines.send_bytes(request(**first) + b'\n')
        assert 'error' in agent.lines.receive(), first


@case('a client that stops in the middle of a line blocks nobody')
def half_line(world):
    slow, other = world.agent(), world.agent()
    slow.lines.send_bytes(b'{"jsonrpc":"2.0"')
    equal(other.call('broker_status')['status'], 'completed')
    slow.lines.send_bytes(b',"id":9,"method":"broker_status"}\n')
    equal(slow.lines.receive()['id'], 9)


@case('one byte at a time is a line as any other')
def byte_by_byte(world):
    agent = world.agent()
    for byte in request(method='broker_status') + b'\n':
        agent.lines.send_bytes(bytes([byte]))
    equal(agent.lines.receive()['id'], 77)


@case('a client that reads nothing is not waited for')
def reads_nothing(world):
    deaf, other = countersign.parties.Socket(world, world.agent_socket), world.agent()
    deaf.call('hello', {'version': 1, 'role': 'agent'})
    deaf.sock.setblocking(False)
    deadline = time.monotonic() + PATIENCE
    sent = 0
    try:
        while sent < 8 << 20 and time.monotonic() < deadline:
            sent += deaf.sock.send(request(method='broker_status') + b'\n')
    except (BlockingIOError, BrokenPipeError, ConnectionResetError):
        pass
    equal(other.call('broker_status')['status'], 'completed')


@case('a descriptor that no message announced ends the connection, and is not for the next message')
def stray(world):
    human = world.human()
    reader, writer = os.pipe()
    human.start('status', {}, descriptors=[reader])
    os.close(reader)
    try:
        while True:
            human.pump()
    except Closed:
        pass
    # Whoever was sent it holds it no more: the pipe has no reader left.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        os.write(writer, b'x')
        raise AssertionError('the descriptor is still open somewhere')
    except BrokenPipeError:
        os.close(writer)


countersign.main()
