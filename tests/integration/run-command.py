# SPDX-License-Identifier: MIT
"""run_command: asked by an agent, answered by a person, run by a worker, with a value that the agent never sees."""

import contextlib
import hashlib
import json
import os

import countersign
from commands import deny_namespaces, marks
from countersign import wait_gone
from httpservice import facts
from tap import case, contains, equal, lacks

VALUE = 'value-of-demo'
PYTHON = os.path.realpath('/usr/bin/python3')
DIGEST = 'import hashlib, os; print(hashlib.sha256(os.environb[b"TOKEN"]).hexdigest())'
GIVEN = [{'name': 'demo', 'env': 'TOKEN'}]
# Not in any argument, so that it can only come from the output.
OUTPUT = 'import base64; print(base64.b64decode("b3V0cHV0LWNhbmFyeQ==").decode())'
OUTPUT_CANARY = 'output-canary'


def begin(agent, command, **more):
    return agent.start('run_command', {'command': command, 'secrets': GIVEN, 'purpose': 'a test', **more})


def done(world, agent, command, person=None, **more):
    """The result of a command that a person was asked about and granted."""
    call = begin(agent, command, **more)
    world.grant(agent.held(call)['request_id'], **(person or {'duration': 60}))
    answer = agent.answer(call)
    equal(answer['status'], 'completed', answer)
    return answer['result']


def endless(token):
    """A command that runs until it is ended, and says when it has begun."""
    return {'command': ['/bin/sh', '-c', 'trap "" HUP; printf begun%02000d 0; while :; do sleep 0.1; done'], 'env': {'MARK': token},
            'progress': True, 'timeout_seconds': 600}


def pidfds(token):
    found = []
    for pid in marks(token):
        with contextlib.suppress(ProcessLookupError):  # its sleep comes and goes
            found.append(os.pidfd_open(pid))
    assert found, 'the command does not run'
    return found


def gone(fds):
    for fd in fds:
        assert wait_gone(fd), 'it runs on'
        os.close(fd)


@case('a client has a command run with a value that it never sees, after a person has seen the command', sdk_env=True)
def whole(world):
    client = world.official('v2')
    call = client.start('run_command', {'command': [PYTHON, '-c', DIGEST + '; print(os.environ["TOKEN"])', 'last one'],
                                        'secrets': GIVEN, 'env': {'A': 'b c'}, 'stdin': 'some text', 'purpose': 'a test'})
    human = world.human(pin=True)
    human.call('subscribe')
    request, = human.pending() or [human.hear('held')]
    lacks(request['card'], VALUE)
    for label, wanted in [('Runs', [PYTHON]), ('Argument', ['-c', DIGEST + '; print(os.environ["TOKEN"])', 'last one']),
                          ('Gives', ['demo as $TOKEN']), ('Environment', ['A=b c']), ('Input', ['some text']),
                          ('Directory', [world.base]), ('May write', []), ('May reach', ['nothing: no network']),
                          ('Confined', ['bubblewrap, Landlock, seccomp']), ('Time limit', ['300 s'])]:
        equal(facts(request, label), wanted, label)
    human.decide(request, pin=countersign.PIN, duration=60)
    result = client.answer(call)['result']['structuredContent']
    equal(result['status'], 'completed', result)
    equal(result['result']['stdout'].split(), [hashlib.sha256(VALUE.encode()).hexdigest(), '[redacted:demo]'])
    equal((result['result']['exit_code'], result['result']['secrets_injected'], result['result']['timed_out']), (0, ['demo'], False))
    equal(result['result']['confinement']['full'], True)
    lacks(json.dumps(client.answers), VALUE)


CHANGES = [
    # sentence, what is different
    ('another argument', {'command': ['/bin/sh', '-c', 'true', 'x']}),
    ('an argument more', {'command': ['/bin/sh', '-c', 'true', '', '']}),
    ('another way to call it', {'command': ['sh', '-c', 'true', '']}),
    ('another variable', {'env': {'A': '1'}}),
    ('the value in another place', {'secrets': [{'name': 'demo', 'fd': 3}]}),
    ('another secret', {'secrets': [{'name': 'other', 'env': 'TOKEN'}]}),
    ('no secret', {'secrets': []}),
    ('some input', {'stdin': 'x'}),
    ('another directory', {'work_dir': '/usr'}),
    ('a place to write', {'write_paths': ['/var/tmp']}),
]


@case('a grant runs the very same command again, and asks for anything else', secrets=('demo', 'other'))
def same(world):
    agent = world.agent()
    command = ['/bin/sh', '-c', 'true', '']
    equal(done(world, agent, command)['exit_code'], 0)
    again = begin(agent, command, purpose='another', ttl_seconds=5)
    equal(agent.answer(again)['result']['exit_code'], 0)
    for sentence, change in CHANGES:
        call = begin(agent, **{'command': command, **change})
        assert agent.first(call) is None, f'{sentence}: not asked'
        human = world.human()
        human.call('decide', {'request_id': agent.held(call)['request_id'], 'verdict': 'deny'})
        equal(agent.answer(call)['status'], 'denied', sentence)
        agent.close()
        agent = world.agent()
        equal(done(world, agent, command)['exit_code'], 0)


def tool(world, text):
    path = os.path.join(world.base, 'tool')
    with open(path + '.new', 'w', encoding='ascii') as file:
        file.write(f'#!/bin/sh\n{text}\n')
    os.chmod(path + '.new', 0o755)
    os.rename(path + '.new', path)
    return path


@case('another program in the place of the one that was approved is not run, before or after')
def swapped(world):
    agent = world.agent()
    path = tool(world, 'echo first')
    equal(done(world, agent, [path])['stdout'], 'first\n')
    tool(world, 'echo second')
    call = begin(agent, [path])
    assert agent.first(call) is None, 'not asked again'
    tool(world, 'echo third')
    world.grant(agent.held(call)['request_id'], duration=60)
    answer = agent.answer(call)
    equal(answer['status'], 'failed', answer)
    contains(answer['message'], 'no longer the file that was approved')


@case('the audit trail has the program, what was approved and the exit status, and no file has the output')
def audit(world):
    agent = world.agent()
    result = done(world, agent, [PYTHON, '-c', OUTPUT + '; raise SystemExit(7)'])
    equal((result['stdout'], result['exit_code']), (OUTPUT_CANARY + '\n', 7))
    record = next(r for r in world.records() if r['event'] == 'command_done')
    equal(record['exit_status'], 7)
    equal(len(record['binding']), 64)
    contains(world.cli('audit', 'show', str(record['seq']), pin=True).out, PYTHON)
    agent.close()
    world.stop()
    for folder, _, names in os.walk(world.base):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as file:
                text = file.read()
            assert OUTPUT_CANARY.encode() not in text, os.path.join(folder, name)
            assert VALUE.encode() not in text, os.path.join(folder, name)


ENDINGS = [
    ('revoke', lambda world, agent: world.cli('revoke', '--all'), 'failed'),
    ('panic', lambda world, agent: world.cli('panic'), None),
    ('the agent is gone', lambda world, agent: agent.kill(), None),
    ('the caller cancels', None, None),
    ('the broker is killed', lambda world, agent: world.kill_broker(), None),
]


@case('a running command ends with its grant, with panic, with its caller and with the broker')
def endings(world):
    for number, (sentence, end, status) in enumerate(ENDINGS):
        token = f'{os.getpid()}-{number}'
        agent = world.agent()
        call = begin(agent, **endless(token))
        world.grant(agent.held(call)['request_id'], duration=600)
        contains(agent.hear('progress')['text'], 'begun')
        running = pidfds(token)
        if end is not None:
            end(world, agent)
        else:
            agent.notify('cancel', {'id': call})
        gone(running)
        if status is not None:
            equal(agent.answer(call)['status'], status, sentence)
        if sentence == 'panic':
            world.unlock()
        if sentence == 'the broker is killed':
            world.unlock()


@case('what a command writes is told while it runs, to the one call that asked for it')
def progress(world):
    agent = world.agent()
    call = begin(agent, ['/bin/sh', '-c', f'printf one%02000d 0; printf two%02000d 0 >&2; read x < {world.base}/fifo; exit 3'], progress=True,
                 write_paths=[world.base])
    os.mkfifo(os.path.join(world.base, 'fifo'))
    world.grant(agent.held(call)['request_id'], duration=60)
    contains(agent.hear('progress', stream='stdout')['text'], 'one000')
    contains(agent.hear('progress', stream='stderr')['text'], 'two000')
    with open(os.path.join(world.base, 'fifo'), 'w', encoding='ascii') as file:
        file.write('go\n')
    equal(agent.answer(call)['result']['exit_code'], 3)


REFUSED = [
    ('no such program', {'command': ['no-such-program']}, 'not_found', 'no such program'),
    ('not to be executed', {'command': ['/etc/passwd']}, 'not_executable', 'may run'),
    ('no such directory', {'command': ['true'], 'work_dir': '/nowhere'}, 'directory', '/nowhere'),
    ('a place that cannot be made writable', {'command': ['true'], 'write_paths': ['/proc']}, 'path', '/proc'),
    ('no such secret', {'command': ['true'], 'secrets': [{'name': 'missing', 'env': 'A'}]}, 'not_found', 'missing'),
]


@case('what cannot be run is answered at once, and nobody is asked')
def refused(world):
    agent = world.agent()
    for sentence, params, code, words in REFUSED:
        answer = agent.answer(begin(agent, **params))
        equal((answer['status'], answer.get('code')), ('failed', code), sentence)
        contains(answer['message'], words)
    equal(world.human(pin=True).pending(), [])


def accept(world, policy):
    with open(os.path.join(world.config, 'policy.conf'), 'w', encoding='utf-8') as file:
        file.write(policy)
    world.cli('policy', 'apply', pin=True)


POLICY = '''ask run_command of demo sandbox
deny run_command of demo command {{ {sh} -c false ** }}
'''


@case('a command that the policy forbids is denied, whatever it is called by, and another is asked about')
def policy(world):
    agent = world.agent()
    accept(world, POLICY.format(sh=os.path.realpath('/bin/sh')))
    for command in (['/bin/sh', '-c', 'false'], ['sh', '-c', 'false', 'x'], ['../../bin/sh', '-c', 'false']):
        answer = agent.answer(begin(agent, command, work_dir='/usr/bin'))
        equal((answer['status'], answer['code']), ('denied', 'policy'), command)
    equal(done(world, agent, ['/bin/sh', '-c', 'true'])['exit_code'], 0)


@case('a policy that wants commands confined has none run where there are no user namespaces')
def unconfined(world):
    accept(world, POLICY.format(sh=os.path.realpath('/bin/sh')))
    world.stop()
    world.cli('unlock', passphrase=True, preexec_fn=deny_namespaces)
    world.learn()
    agent = world.agent()
    found = {check['id']: check for check in world.cli('doctor', '--json', status=None, preexec_fn=deny_namespaces).json()}
    equal(found['confinement']['state'], 'note')
    contains(found['confinement']['mend'], 'let /usr/bin/bwrap make user namespaces')
    answer = agent.answer(begin(agent, ['/bin/true']))
    equal((answer['status'], answer['code']), ('denied', 'policy'))
    contains(answer['message'], 'user namespaces: bubblewrap cannot make one here')
    accept(world, 'ask run_command\n')
    call = begin(agent, ['/bin/true'])
    agent.held(call)
    request, = world.human(pin=True).pending()
    contains(facts(request, 'Confined')[0], 'not wholly: user namespaces')


@case('at its timeout a command is ended, and what it wrote comes back')
def timeout(world):
    result = done(world, world.agent(), ['/bin/sh', '-c', 'trap "" TERM; echo before; sleep 100; sleep 100'], timeout_seconds=1)
    equal((result['timed_out'], result['exit_code'], result['stdout']), (True, None, 'before\n'))


countersign.main()
