# SPDX-License-Identifier: MIT
"""What the official clients make of each answer. The broker is played by the case."""

import json
import os
import subprocess
import sys
import time

import double
import parties
import tap
from called import TOOLS, begin
from lines import PATIENCE
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


@with_each('the handshake is agreed on', ('v2', 'v1'))
def handshake(world, client):
    equal(client.connected['connected']['name'], 'countersign')
    equal(client.answer(client.order(ping=True))['result'], {})


@with_each('whoever asks for the era without a handshake gets it', ('auto',))
def modern(world, client):
    equal(client.connected['connected']['name'], 'countersign')
    equal(client.connected['version'], '2026-07-28')


@with_each('every status fits the schema that was listed')
def schema(world, client):
    listed = client.answer(client.order(tools=True))['result']['tools']  # from here on results are checked
    equal([tool['name'] for tool in listed], TOOLS)
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
        if answer['status'] == 'pending' and client.connected.get('version') == '2026-07-28':
            asked = link.take('get_secret')  # it calls again by itself
            continue
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
    # The second progress comes after 12 s; without it the client would give up after 16.
    _, link, call, asked = up(world, client, timeout=16000, progress=True)
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


HTTP = {'service': 's', 'method': 'GET', 'path': '/', 'purpose': 'p'}
# Tool, arguments, and whether the tool takes them. A schema that takes more is fine, one that takes less is not: only with
# False it must refuse too.
TRIES = {
    (): (
        ('http_request', HTTP, True),
        ('http_request', {**HTTP, 'query': {'a': ''}, 'headers': {'A': 'b'}, 'body': '', 'timeout_seconds': 600,
                          'max_bytes': 1048576, 'ttl_seconds': 1}, True),
        ('http_request', {**{k: v for k, v in HTTP.items() if k != 'service'}, 'reference_id': 'r'}, True),
        ('http_request', {**HTTP, 'headers': {'A': 1}}, False), ('http_request', {**HTTP, 'body': {}}, False),
        ('http_request', {**HTTP, 'timeout_seconds': 601}, False), ('http_request', {**HTTP, 'output_fd': True}, False),
        ('http_request', {'service': 's'}, False),
        ('run_command', {'command': ['x', '']}, True),
        ('run_command', {'command': ['x'], 'secrets': [{'name': 'A', 'env': 'A'}, {'name': 'A', 'fd': 3},
                                                       {'name': 'A', 'stdin': True}]}, True),
        ('run_command', {'command': ['x'], 'secrets': [], 'env': {'A': ''}, 'work_dir': '/', 'stdin': '', 'purpose': 'p',
                         'write_paths': ['/x'], 'service': 's', 'timeout_seconds': 3600}, True),
        ('run_command', {'command': []}, False), ('run_command', {'command': 'x'}, False),
        ('run_command', {'command': [1]}, False), ('run_command', {'command': ['x'], 'secrets': ['A']}, False),
        ('run_command', {'command': ['x'], 'secrets': [{'env': 'A'}]}, False),
        ('run_command', {'command': ['x'], 'secrets': [{'name': 'A', 'fd': 2}]}, False),
        ('run_command', {'command': ['x'], 'secrets': [{'name': 'A', 'env': 'A', 'value': 'v'}]}, False),
        ('run_command', {'command': ['x'], 'progress': True}, False),
    ),
    ('--tools', 'opaquevault'): (
        ('vault_run', {'command': ['x', ''], 'secrets': ['A'], 'app': 'a', 'environment': 'e', 'work_dir': '.',
                       'timeout_seconds': 300}, True),
        ('vault_run', {'command': ['x'], 'secret_names': ['A'], 'env': 'e'}, True),
        ('vault_run', {'command': 'x'}, False), ('vault_run', {'secrets': ['A']}, False),
        ('vault_run', {'command': ['x'], 'secrets': [{'name': 'A'}]}, False),
        ('vault_list_secrets', {}, True), ('vault_list_secrets', {'env': 'e'}, True),
        ('vault_list_secrets', {'name': 'A'}, False), ('vault_secret_exists', {'name': 'A'}, True),
        ('vault_secret_exists', {}, False), ('vault_create_secret', {'name': 'A', 'value': 'v'}, True),
        ('vault_create_secret', {'name': 'A'}, False), ('vault_status', {}, True), ('vault_status', {'a': 1}, False),
    ),
}


@case('each schema is sound, and takes what the tool takes')
def schemas(world):
    node = parties.node()
    broker = world.broker()
    for arguments, tries in TRIES.items():
        mcp = world.mcp(arguments=arguments)
        tools = mcp.call('tools/list')['tools']
        judged = subprocess.run([node, os.path.join(parties.HERE, 'schemas.mjs')], capture_output=True, timeout=PATIENCE,
                                input=json.dumps({'tools': tools, 'tries': [one[:2] for one in tries]}), check=False,
                                text=True)
        equal((judged.returncode, judged.stderr), (0, ''))
        link = None
        for (tool, given, takes), fits in zip(tries, json.loads(judged.stdout), strict=True):
            equal(fits, takes, (tool, given))
            call = begin(mcp, tool, given)
            if takes:
                link = link or broker.accept()
                link.complete(link.take(), {})
            equal(mcp.answer(call)['structuredContent']['status'], 'completed' if takes else 'failed', (tool, given))


sys.exit(tap.run(double.World))
