# SPDX-License-Identifier: MIT
"""The official TypeScript clients get work done with credentials that they never see: a real broker, its workers, a
site of this machine, and a person who answers by hand."""

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile

import countersign
import httpservice
import tap
from countersign import wait_gone
from httpservice import VALUE
from lines import PATIENCE
from tap import case, contains, equal, lacks

HTTP = {'service': 'local', 'method': 'GET', 'path': '/echo', 'purpose': 'look at it'}
VAULT = ['--tools', 'opaquevault']


class Person:
    """Answers what is held, in the order in which it comes."""

    def __init__(self, world):
        self.human = world.human(pin=True)
        self.human.call('subscribe')

    def card(self):
        """The next card, unanswered."""
        self.request = self.human.hear('held')
        return json.loads(self.request['card'])

    def grant(self, **more):
        card = self.card()
        self.human.decide(self.request, pin=countersign.PIN, **more)
        return card

    def deny(self):
        self.card()
        self.human.decide(self.request, 'deny', reason='not now')


def told(client, text):
    """Waits until progress has told this."""
    while text not in ''.join(one['progress']['message'] for one in client.progress):
        message = client.lines.receive()
        assert 'progress' in message, message
        client.progress.append(message)


def outside(world):
    """A folder that a command can be given: a world may lie in /dev/shm, of which each command has its own."""
    folder = tempfile.mkdtemp(prefix='countersign-outside-', dir='/var/tmp')
    world.parties.append(contextlib.ExitStack())
    world.parties[-1].callback(shutil.rmtree, folder)
    return folder


def gate(world):
    """A folder that a command may write to, and the fifo in it, at which it can be made to wait."""
    folder = outside(world)
    os.mkfifo(os.path.join(folder, 'fifo'))
    return folder, os.path.join(folder, 'fifo')


def say(fifo, line):
    with open(fifo, 'w', encoding='utf-8') as file:
        file.write(f'{line}\n')


def facts(card, label):
    return [fact['value'] for fact in card['facts'] if fact['label'] == label]


def done(client, call):
    """The whole message and the result of a call that completed; the value stands nowhere in it."""
    message = client.answer(call)
    lacks(json.dumps([message, client.progress]), VALUE)
    assert 'result' in message, message
    structured = message['result']['structuredContent']
    equal(structured['status'], 'completed', message)
    return message['result'], structured['result']


def shell(script, **more):
    return {'command': ['/bin/sh', '-c', script], 'secrets': [{'name': 'demo', 'env': 'TOKEN'}], 'purpose': 'try it',
            **more}


def with_both(sentence, *arguments):
    """Registers a case for each of the official clients, with countersign-mcp's arguments."""
    def register(function):
        for sdk in ('v2', 'v1'):
            def run(world, sdk=sdk):
                client = world.official(sdk, arguments=list(arguments))
                client.answer(client.order(tools=True))  # from here on the client checks results by their schema
                function(world, client, Person(world))
            case(f'{sdk}: {sentence}', sdk_env=True)(run)
        return function
    return register


# --- http_request ---

@with_both('a request is sent with the credential, and its answer comes back without it')
def http(world, client, person):
    call = client.start('http_request', HTTP)
    card = person.grant()
    equal(facts(card, 'Request'), [f'GET https://localhost:{world.site.port}/api/echo'])
    result, answer = done(client, call)
    request, = world.site.seen
    equal(request.header('Authorization'), [f'Bearer {VALUE}'])
    equal(answer['status'], 200)
    contains(json.dumps(answer), '[redacted:demo]')
    assert answer['redacted']['demo'] > 0, answer
    flat = json.loads(result['content'][0]['text'])
    equal((flat['status'], flat['http_status'], flat.get('body')), ('completed', 200, answer.get('body')))


@with_both('a long body arrives as it was given, and a denied one does not')
def body(world, client, person):
    text = 'ü"\\\n' + 'b' * 200000
    post = {**HTTP, 'method': 'POST', 'path': '/things/1', 'body': text, 'headers': {'Content-Type': 'text/plain'}}
    call = client.start('http_request', post)
    person.deny()
    result = client.answer(call)['result']
    equal((result['isError'], result['structuredContent']['status']), (True, 'denied'))
    equal(world.site.seen, [])
    call = client.start('http_request', post)
    equal(facts(person.grant(), 'Body'), [text])
    done(client, call)
    equal([request.body for request in world.site.seen], [text.encode()])


@with_both('an answer is written to a new file, redacted as well')
def output(world, client, person):
    path = os.path.join(world.base, 'answer')
    call = client.start('http_request', {**HTTP, 'output_file': path})
    equal(facts(person.grant(uses=1), 'Writes the answer to'), [path])
    _, answer = done(client, call)
    assert 'body' not in answer, answer
    with open(path, encoding='utf-8', newline='') as file:
        text = file.read()
    equal(answer['written'], len(text.encode()))
    contains(text, '[redacted:demo]')
    lacks(text, VALUE)
    call = client.start('http_request', {**HTTP, 'path': '/denied', 'output_file': f'{path}-2'})
    person.deny()
    client.answer(call)
    equal([name for name in os.listdir(world.base) if name.startswith('answer')], ['answer'])


@with_both('a request that no scope covers is refused, and nobody is asked')
def scope(world, client, _):
    result = client.tool('http_request', {**HTTP, 'method': 'DELETE'})
    equal((result['isError'], result['structuredContent']['status']), (True, 'failed'))
    equal((world.site.seen, world.status()['held']), ([], 0))


@with_both('services are listed with their scopes')
def services(world, client, person):
    call = client.start('list_secrets')
    person.grant()
    _, answer = done(client, call)
    equal([(service['name'], [scope['name'] for scope in service['scopes']]) for service in answer['services']],
          [('local', ['read', 'write'])])


# --- run_command ---

@with_both('a command gets the secret, and what it prints comes back without it')
def command(world, client, person):
    call = client.start('run_command', shell('echo "got $TOKEN"; echo "bad $TOKEN" >&2; exit 3'))
    equal(facts(person.grant(), 'Gives'), ['demo as $TOKEN'])
    result, answer = done(client, call)
    equal((answer['exit_code'], answer['stdout'], answer['stderr'], answer['timed_out']),
          (3, 'got [redacted:demo]\n', 'bad [redacted:demo]\n', False))
    equal(answer['redacted'], {'demo': 2})
    assert not result.get('isError'), result


@with_both('its output is told as progress while it runs, redacted, and not after its end')
def progress(world, client, person):
    folder, fifo = gate(world)
    # What may be the beginning of a value is held back until more comes: so that more comes.
    script = 'echo "one $TOKEN"; seq 1000; read line < "$1"; echo "$line"'
    given = {**shell(''), 'command': ['/bin/sh', '-c', script, 'sh', fifo], 'write_paths': [folder]}
    call = client.start('run_command', given, progress=True, timeout=int(PATIENCE * 1000))
    person.grant()
    told(client, 'one ')
    assert call not in client.answers
    say(fifo, 'two')  # it goes on only now
    _, answer = done(client, call)
    equal((answer['stdout'].split('\n')[0], answer['stdout'].split('\n')[-2]), ('one [redacted:demo]', 'two'))
    equal(client.answer(client.order(ping=True))['result'], {})
    equal([one['progress']['message'] for one in client.progress[:2]],
          ['waiting for a person: `countersign approve`', 'it is allowed, and under way'])
    numbers = [one['progress']['progress'] for one in client.progress]
    equal(numbers, sorted(set(numbers)))
    contains(''.join(one['progress']['message'] for one in client.progress), 'one [redacted:demo]')


def process_of(word):
    """The pid of a process that has this word in its command line."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as file:
                if word.encode() in file.read().split(b'\0'):
                    return int(pid)
        except OSError:
            pass
    return None


def running(world, client, person, word):
    """A command that runs for long, as soon as it has said so: the call, a pidfd of it."""
    call = client.start('run_command', {**shell(''), 'command': ['/bin/sh', '-c', 'echo up; seq 1000; exec sleep "$1"', 'sh', word]},
                        progress=True)
    person.grant()
    told(client, 'up')
    while (pid := process_of(word)) is None:
        pass  # the shell has not yet become what it was told to
    return call, os.pidfd_open(pid)


@with_both('a command whose call is cancelled is ended')
def cancelled(world, client, person):
    call, pidfd = running(world, client, person, f'{3600 + os.getpid()}.5')
    client.lines.send({'cancel': call})
    assert 'error' in client.answer(call)
    assert wait_gone(pidfd), 'it still runs'
    os.close(pidfd)


@with_both('a command whose client has ended is ended')
def orphaned(world, client, person):
    _, pidfd = running(world, client, person, f'{3600 + os.getpid()}.25')
    client.kill()
    assert wait_gone(pidfd), 'it still runs'
    os.close(pidfd)


@with_both('a command that outlasts the hold is pending, and approval_wait has its result', '--hold', '1')
def long(world, client, person):
    folder, fifo = gate(world)
    call = client.start('run_command', {**shell(''), 'write_paths': [folder],
                                        'command': ['/bin/sh', '-c', 'read line < "$1"; echo "$line"', 'sh', fifo]})
    person.grant()
    pending = client.answer(call)['result']['structuredContent']
    equal(pending['status'], 'pending')
    contains(pending['message'], 'approval_wait')
    say(fifo, 'late')
    answer = {'status': 'pending'}
    while answer['status'] == 'pending':
        call = client.start('approval_wait', {'request_id': pending['request_id']})
        answer = client.answer(call)['result']['structuredContent']
    equal((answer['status'], answer['result']['stdout']), ('completed', 'late\n'))


@with_both('who goes on waiting for a command hears what it says from then on', '--hold', '1')
def later(world, client, person):
    folder, fifo = gate(world)
    # Held open: what is written between two openings would be lost.
    script = 'exec 3<>"$1"; while read line <&3 && [ "$line" = on ]; do echo "two $TOKEN"; seq 1000; done; echo "$line"'
    call = client.start('run_command', {**shell(''), 'write_paths': [folder],
                                        'command': ['/bin/sh', '-c', script, 'sh', fifo]})
    person.grant()
    answer = client.answer(call)['result']['structuredContent']
    wait = {'request_id': answer['request_id']}
    while not client.progress:
        call = client.start('approval_wait', wait, progress=True)
        say(fifo, 'on')
        # What it says while nobody waits is told to nobody; then it is asked to say it again.
        answer = client.answer(call)['result']['structuredContent']
        client.progress = [one for one in client.progress if 'two ' in one['progress']['message']]
    say(fifo, 'off')
    while answer['status'] == 'pending':
        answer = client.answer(client.start('approval_wait', wait))['result']['structuredContent']
    lacks(json.dumps([answer, client.progress]), VALUE)
    contains(answer['result']['stdout'], 'two [redacted:demo]\n')
    contains(answer['result']['stdout'], 'off\n')


@with_both('an input of 200 kB is read by the command as it was given')
def big_input(world, client, person):
    text = 'ü"\\\n' + 'b' * 200000
    call = client.start('run_command', {'command': ['/usr/bin/wc', '-c'], 'stdin': text})
    person.grant()
    _, answer = done(client, call)
    equal(answer['stdout'].split(), [str(len(text.encode()))])


# --- OpaqueVault's tools ---

@with_both('a secret is stored, listed, used, replaced and deleted by OpaqueVault\'s tools', *VAULT)
def vault(world, client, person):
    context = {'app': 'my-saas', 'env': 'staging'}

    def ask(tool, arguments, **more):
        call = client.start(tool, {**arguments, **more})
        person.grant()
        return done(client, call)[1]
    equal(ask('vault_create_secret', {'name': 'API_KEY', 'value': VALUE}, **context)['created'], True)
    equal(ask('vault_list_secrets', context)['secrets'], ['API_KEY'])
    equal(client.tool('vault_secret_exists', {'name': 'my-saas/staging/API_KEY'})['structuredContent']['result']['exists'],
          True)
    run = {'command': ['/bin/sh', '-c', 'echo "key: $API_KEY"'], 'secrets': ['API_KEY'], **context}
    answer = ask('vault_run', run)
    equal((answer['exit_code'], answer['stdout'], answer['secrets_injected'], answer['timed_out']),
          (0, 'key: [redacted:my-saas/staging/API_KEY]\n', ['API_KEY'], False))
    status = done(client, client.start('vault_status'))[1]
    equal((status['unlocked'], status['intercepted_count']), (True, 1))
    equal(ask('vault_update_secret', {'name': 'API_KEY', 'value': f'{VALUE}-2'}, **context)['updated'], True)
    equal(ask('vault_delete_secret', {'name': 'API_KEY'}, **context)['deleted'], True)


@case('a project\'s file says which secrets a command gets, through the command line too')
def project(world):
    where = outside(world)
    with open(os.path.join(where, '.ov.yaml'), 'w', encoding='utf-8') as file:
        file.write('app: my-saas\nenvironment: staging\nsecrets:\n  - API_KEY\n')
    world.secret('my-saas/staging/API_KEY', VALUE)
    mcp = world.mcp(argv=[world.program('countersign'), 'mcp', *VAULT], cwd=where)
    equal(len(mcp.call('tools/list')['tools']), 7)
    person = Person(world)
    call = mcp.start('tools/call', {'name': 'vault_run', 'arguments': {'command': ['/bin/sh', '-c',
                                                                                  'pwd; echo "$API_KEY" | wc -c']}})
    card = person.grant()
    equal(facts(card, 'Gives'), ['my-saas/staging/API_KEY as $API_KEY'])
    equal(facts(card, 'Directory'), [where])
    answer = mcp.answer(call)['structuredContent']
    equal(answer['status'], 'completed', answer)
    equal(answer['result']['stdout'].split(), [where, str(len(VALUE) + 1)])


@case('the card of a tool under another name says what is really done')
def card_name(world):
    mcp = world.mcp(arguments=VAULT)
    person = Person(world)
    mcp.start('tools/call', {'name': 'vault_run', 'arguments': {'command': ['id', '-u'], 'secrets': []}})
    card = person.card()
    equal(card['operation'], 'run_command')
    assert re.fullmatch('/(usr/)?bin/id', facts(card, 'Runs')[0]), card


sys.exit(tap.run(httpservice.ServiceWorld))
