# SPDX-License-Identifier: MIT
"""The official TypeScript client asks; a person answers at a terminal. Only the six variables that SDKs pass."""

import json
import time

import countersign
from lines import PATIENCE
from tap import LONG, case, contains, equal

SDKS = ('v2', 'v1')
ASK = {'name': 'demo', 'purpose': 'deploy the site', 'ttl_seconds': 600}


def envelope(message):
    """structuredContent of a result, which its one text item must not contradict."""
    if 'error' in message:
        raise AssertionError(message)
    result = message['result']
    flat = json.loads(result['content'][0]['text'])
    structured = result['structuredContent']
    equal(flat['status'], structured['status'])
    equal(flat.get('request_id'), structured.get('request_id'))
    equal(bool(result.get('isError')), structured['status'] not in ('completed', 'pending'), 'isError')
    return structured, flat


class Approver:
    """`countersign approve` at a terminal, opened with the PIN."""

    def __init__(self, world):
        self.terminal = world.terminal('approve', '--plain')
        self.pin()

    def pin(self):
        self.terminal.expect_exact('PIN: ')
        assert self.terminal.waitnoecho(PATIENCE), 'the PIN would be echoed'
        self.terminal.sendline(countersign.PIN)

    def type(self, *lines):
        """One line at each prompt of a card."""
        for line in lines:
            self.terminal.expect_exact('grant or deny> ')
            self.terminal.sendline(line)

    def says(self, text):
        self.terminal.expect_exact(text)


def with_both(sentence):
    """Registers a case for each of the official clients."""
    def register(function):
        for sdk in SDKS:
            case(f'{sdk}: {sentence}', sdk_env=True)(lambda world, sdk=sdk: function(world, world.official(sdk)))
        return function
    return register


def with_newest(sentence):
    """Registers a case for the newer client; with --long for both."""
    return with_both(sentence) if LONG else \
        lambda function: case(f'v2: {sentence}', sdk_env=True)(lambda world: function(world, world.official()))


@with_both('tools are listed with what their schema promises')
def tools(_, client):
    found = client.answer(client.order(tools=True))['result']['tools']
    equal(found[0]['name'], 'broker_status')
    for tool in found:
        equal(tool['inputSchema']['type'], 'object', tool['name'])
        for hint in ('destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint'):
            assert hint in tool['annotations'], (tool['name'], hint)
    names = {tool['name'] for tool in found}
    for name in ('get_broker_stats', 'list_secrets', 'get_secret', 'http_request', 'run_command', 'resolve_secret',
                 'store_secret', 'update_secret', 'delete_secret', 'explain_access', 'approval_wait'):
        assert name in names, name


@with_both('the server is given six variables and finds the broker by them')
def environment(_, client):
    with open(f'/proc/{client.connected["pid"]}/environ', 'rb') as file:
        names = {line.split(b'=')[0].decode() for line in file.read().split(b'\0') if line}
    assert names <= {'HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'}, names
    _, flat = envelope(client.answer(client.start('broker_status')))
    equal(flat['state'], 'unlocked')


@with_both('a bad argument is a result that names it, and nobody is asked')
def argument(world, client):
    result = client.answer(client.start('get_secret', {'name': 'demo'}))['result']
    equal(result['isError'], True)
    contains(result['content'][0]['text'], 'purpose')
    equal(world.status()['held'], 0)


@with_both('a person grants at the terminal and the reference comes back')
def grant(world, client):
    approver = Approver(world)
    call = client.start('get_secret', ASK)
    approver.says('deploy the site')
    approver.type('grant')
    approver.says('Granted')
    structured, flat = envelope(client.answer(call))
    equal(structured['status'], 'completed')
    reference = flat['reference']
    equal((reference['name'], reference['purpose'], reference['expiresIn']), ('demo', 'deploy the site', 300))
    equal(structured['result']['reference'], reference)
    assert abs(reference['expiresAt'] / 1000 - time.time() - 300) < PATIENCE, reference


@with_both('a grant narrowed at the terminal is what comes back')
def narrowed(world, client):
    approver = Approver(world)
    call = client.start('get_secret', ASK)
    approver.type('for 30s', 'grant')
    _, flat = envelope(client.answer(call))
    equal(flat['reference']['expiresIn'], 30)


@with_both('a denial comes back with its reason')
def denied(world, client):
    approver = Approver(world)
    call = client.start('get_secret', ASK)
    approver.type('deny the wrong repository')
    structured, flat = envelope(client.answer(call))
    equal(structured['status'], 'denied')
    contains(flat['message'] if 'message' in flat else flat['error'], 'the wrong repository')


@with_newest('an empty line, an end of input and Ctrl-C deny')
def easy_no(world, client):
    for act in (lambda terminal: terminal.sendline(''), lambda terminal: terminal.sendcontrol('d'),
                lambda terminal: terminal.sendcontrol('c')):
        approver = Approver(world)
        call = client.start('get_secret', ASK)
        approver.says('grant or deny> ')
        act(approver.terminal)
        equal(envelope(client.answer(call))[0]['status'], 'denied')
        approver.terminal.close()


@with_both('ping and other calls are answered while one is held')
def meanwhile(world, client):
    call = client.start('get_secret', ASK)
    Approver(world).says('grant or deny> ')
    equal(client.answer(client.order(ping=True))['result'], {})
    _, flat = envelope(client.answer(client.start('broker_status')))
    equal(flat['held'], 1)
    assert call not in client.answers


@with_both('a call that its client cancels is withdrawn from the terminal')
def cancelled(world, client):
    approver = Approver(world)
    call = client.start('get_secret', ASK)
    approver.says('grant or deny> ')
    client.lines.send({'cancel': call})
    approver.says('Answered elsewhere')
    assert 'error' in client.answer(call)
    equal(world.status()['held'], 0)


@with_both('a requester killed while held is withdrawn from the terminal')
def killed(world, client):
    approver = Approver(world)
    client.start('get_secret', ASK)
    approver.says('grant or deny> ')
    client.kill()
    approver.says('Answered elsewhere')
    equal(world.status()['held'], 0)


@with_newest('a call that nobody answers is pending after 45 s, and approval_wait goes on waiting')
def pending(world, client):
    call = client.start('get_secret', ASK)
    structured, flat = envelope(client.answer(call, 59))
    equal((structured['status'], flat['success']), ('pending', False))
    wait = client.start('approval_wait', {'request_id': structured['request_id']})
    Approver(world).type('grant')
    waited, flat = envelope(client.answer(wait))
    equal((waited['status'], waited['request_id']), ('completed', structured['request_id']))
    equal(flat['reference']['name'], 'demo')


@with_newest('a call made while locked is answered after unlock')
def locked(world, client):
    world.human().call('lock')
    call = client.start('get_secret', ASK)
    equal(envelope(client.answer(client.start('broker_status')))[1]['state'], 'locked')
    world.unlock()
    Approver(world).type('grant')
    equal(envelope(client.answer(call))[0]['status'], 'completed')


@with_newest('a held call is asked again when the broker is replaced')
def replaced(world, client):
    first = Approver(world)
    call = client.start('get_secret', ASK)
    first.says('grant or deny> ')
    before = world.learn()
    world.unlock()
    world.wait_gone(before)
    Approver(world).type('grant')
    equal(envelope(client.answer(call))[0]['status'], 'completed')


@with_newest('a held call survives a broker that is killed and started again')
def restarted(world, client):
    first = Approver(world)
    call = client.start('get_secret', ASK)
    first.says('grant or deny> ')
    world.kill_broker()
    world.unlock()
    Approver(world).type('grant')
    equal(envelope(client.answer(call))[0]['status'], 'completed')


@with_newest('a grant goes on under the broker that replaces the one that gave it')
def resumed(world, client):
    approver = Approver(world)
    call = client.start('get_secret', ASK)
    approver.type('grant')
    first = envelope(client.answer(call))[1]['reference']
    world.unlock()
    again = envelope(client.answer(client.start('get_secret', ASK)))
    equal((again[0]['status'], again[1]['reference']['id']), ('completed', first['id']))


@with_newest('writing is asked too, and done once it is granted')
def writing(world, client):
    approver = Approver(world)
    call = client.start('store_secret', {'name': 'fresh', 'value': 'from the agent'})
    approver.type('grant')
    approver.pin()
    equal(envelope(client.answer(call))[0]['status'], 'completed')
    names = [secret['name'] for secret in world.human(pin=True).pages('secret_list')]
    equal(names, ['demo', 'fresh'])


if LONG:
    @case('a request that nobody answers within its deadline has expired')
    def deadline(world):
        agent = world.agent()
        equal(agent.answer(agent.ask('demo'), 400)['status'], 'expired')
        equal(world.status()['held'], 0)


countersign.main()
