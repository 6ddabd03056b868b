# SPDX-License-Identifier: MIT
"""The system broker's workers: what uses a credential is carried out by other users than the broker, over sockets that systemd has."""

import json
import os
import select
import signal

import countersign
import machine
import tap
import useworld
from httpservice import VALUE
from systemworld import MACHINE
from tap import case, contains, equal, lacks
from useworld import wait_running

def failed(answer, *words):
    """That it went wrong because of a worker, in these words."""
    equal((answer['status'], answer.get('code')), ('failed', 'worker'), answer)
    for word in words:
        contains(answer['message'], word)


@case('a request is carried by a user that is neither the broker nor the person, with the credential in its place')
def request(world):
    agent = world.agent()
    answer = world.granted(agent)
    equal((answer['status'], answer['result']['status'], answer['result']['body']), ('completed', 200, '{"ok":true}'))
    equal(world.site.seen[0].header('Authorization'), [f'Bearer {VALUE}'])
    lacks(json.dumps(answer), VALUE)
    # The grant's worker goes on: one connection for both.
    equal(agent.answer(world.ask(agent, path='/other'))['result']['status'], 200)
    equal(world.site.greeted, 1)


@case('a command runs as the person, confined, with the secret in its environment, which does not come back')
def command(world):
    agent = world.agent()
    result = world.ran(agent, 'sh', '-c', 'id -u; echo "$TOKEN"; test -n "$TOKEN" && echo given',
                       secrets=[{'name': 'demo', 'env': 'TOKEN'}])
    lines = result['stdout'].splitlines()
    equal((lines[0], lines[-1], result['exit_code']), (str(machine.PEOPLE['alice']), 'given', 0))
    lacks(json.dumps(result), VALUE)
    contains(result['stdout'], '[redacted:demo]')


# Speaks TLS itself, as any program would, with what the confinement calls localhost.
REACH = '''
import ssl, socket, sys
context = ssl._create_unverified_context()
with context.wrap_socket(socket.create_connection(('localhost', int(sys.argv[1])))) as site:
    site.sendall(b'GET /api/me HTTP/1.0\\r\\n\\r\\n')
    print(site.recv(4096).decode())
'''


@case('a command reaches the service that it was given, through the worker that has the network')
def reach(world):
    result = world.ran(world.agent(), '/usr/bin/python3', '-c', REACH, str(world.site.port), service='local')
    contains(result['stdout'] + result['stderr'], '200 OK')
    equal(result['confinement']['network'], 'service')
    equal(world.site.greeted, 1)


BODY = json.dumps({'text': 'x' * 100000})


@case('what an answer is written into is the person\'s file, opened by the person\'s process')
def output(world):
    path = os.path.join(world.base, 'answer')
    mcp = world.mcp()
    call = mcp.start('tools/call', {'name': 'http_request', 'arguments': {
        'service': 'local', 'method': 'POST', 'path': '/things', 'body': BODY, 'purpose': 'keep it', 'output_file': path}})
    human = world.human(pin=True)
    human.call('subscribe')
    request, = human.pending() or [human.hear('held')]
    human.decide(request, pin=countersign.PIN)
    equal(mcp.answer(call)['structuredContent']['status'], 'completed')
    with open(path, encoding='ascii') as file:
        equal(file.read(), '{"ok":true}')
    equal(os.stat(path).st_uid, os.getuid())
    equal(world.site.seen[0].body, BODY.encode())


@case('service test goes the same way, and says what is missing')
def tested(world):
    contains(world.cli('service', 'test', 'local', pin=True).out, '200')
    MACHINE.run(argv=['rm', os.path.join(machine.WORKERS, 'alice', 'http.sock')])
    contains(world.cli('service', 'test', 'local', pin=True, status=1).err,
             'systemctl start countersign-worker-http@alice.socket')


@case('a lock ends the worker that has a credential')
def locked(world):
    agent = world.agent()
    equal(world.granted(agent)['result']['status'], 200)
    equal(len(world.site.open), 1)
    world.cli('lock')
    # Its connection to the site is closed with it.
    while world.site.open:
        select.select([], [], [], 0.02)
    world.unlock()
    equal(agent.answer(world.ask(agent))['result']['status'], 200)
    equal(world.site.greeted, 2)


@case('panic ends a command that runs, whose process is another user\'s')
def panic(world):
    agent = world.agent()
    call = world.command(agent, 'sleep', '86399.25')
    world.grant(agent.held(call)['request_id'])
    pids = [os.pidfd_open(pid) for pid in wait_running('sleep', '86399.25')]
    world.cli('panic')
    equal(agent.answer(call)['status'] in ('denied', 'failed'), True)
    for pidfd in pids:
        assert countersign.wait_gone(pidfd), 'it goes on'
        os.close(pidfd)


@case('what runs on through a lock is its grant\'s afterwards too: a revoke ends it')
def outlasted(world):
    for word, person in (('86399.75', {'duration': 600}), ('86399.125', {'uses': 1})):
        agent = world.agent()
        call = world.command(agent, 'sleep', word)
        world.grant(agent.held(call)['request_id'], **person)
        pids = [os.pidfd_open(pid) for pid in wait_running('sleep', word)]
        world.cli('lock')
        world.unlock()
        human = world.human(pin=True)
        grant, = human.pages('grants')
        human.call('revoke', {'grant_id': grant['id']})
        for pidfd in pids:
            assert countersign.wait_gone(pidfd), f'{person}: it goes on'
            os.close(pidfd)
        equal(agent.answer(call)['code'], 'ended')


@case('a broker that falls takes its commands with it')
def fallen(world):
    agent = world.agent()
    call = world.command(agent, 'sleep', '86399.5')
    world.grant(agent.held(call)['request_id'])
    pids = [os.pidfd_open(pid) for pid in wait_running('sleep', '86399.5')]
    MACHINE.end(pid=world.broker, number=signal.SIGKILL)
    for pidfd in pids:
        assert countersign.wait_gone(pidfd), 'it goes on'
        os.close(pidfd)


@case('without the socket of commands the error says what root starts, and requests go on', workers=('http',))
def no_exec(world):
    agent = world.agent()
    failed(agent.answer(world.command(agent, 'id')), 'systemctl start countersign-worker-exec@alice.socket')
    equal(world.granted(agent)['result']['status'], 200)
    found = {check['id']: check for check in world.cli('doctor', '--json', status=None).json()}
    equal((found['commands']['state'], found['requests']['state']), ('wrong', 'ok'))
    contains(found['commands']['mend'], 'systemctl start countersign-worker-exec@alice.socket')


@case('without the socket of requests the error says what root starts', workers=('exec',))
def no_http(world):
    agent = world.agent()
    failed(world.granted(agent), 'systemctl start countersign-worker-http@alice.socket')
    equal(world.ran(agent, 'true')['exit_code'], 0)


@case('who answers in a worker\'s place under another user is given nothing', workers=())
def impostors(world):
    world.listen(users={'http': 'alice', 'exec': 'bob'})
    agent = world.agent()
    failed(world.granted(agent), f'runs as user {machine.PEOPLE["alice"]}, not {machine.PEOPLE["countersign-http"]}')
    failed(agent.answer(world.command(agent, 'id')), f'runs as user {machine.PEOPLE["bob"]}, not {machine.PEOPLE["alice"]}')
    equal(world.site.greeted, 0)


@case('a socket behind which nobody listens any more is told of', workers=())
def dead(world):
    world.listen(kinds=('exec',))
    MACHINE.run(argv=['sh', '-c', 'kill -9 $(pidof systemd-socket-activate)'])
    agent = world.agent()
    failed(agent.answer(world.command(agent, 'id')), 'does not answer', 'systemctl restart countersign-worker-exec@alice.socket')


@case('a worker that never answers is not waited for for ever', workers=())
def silent(world):
    if not tap.LONG:
        raise tap.Skip('takes half a minute: tests/run --long')
    world.listen(kinds=('exec',))
    MACHINE.run(argv=['sh', '-c', 'kill -STOP $(pidof systemd-socket-activate)'])
    agent = world.agent()
    failed(agent.answer(world.command(agent, 'id'), 90), 'countersign-worker-exec@alice.socket does not answer')


@case('a socket that others could have put there, or can open, is not trusted')
def open_to_others(world):
    agent = world.agent()
    folder = os.path.join(machine.WORKERS, 'alice')
    for undo, script in (('chmod 755', f'chmod 777 {folder}'), ('chown root', f'chown countersign {folder}')):
        useworld.root_does(script)
        failed(agent.answer(world.command(agent, 'id')), f'{folder} is not trusted')
        useworld.root_does(f'{undo} {folder}')
    for undo, script in (('chmod 600', f'chmod 666 {folder}/exec.sock'), ('chown countersign', f'chown alice {folder}/exec.sock')):
        useworld.root_does(script)
        failed(agent.answer(world.command(agent, 'id')), f'{folder}/exec.sock is not trusted')
        useworld.root_does(f'{undo} {folder}/exec.sock')
    equal(world.ran(agent, 'true')['exit_code'], 0)


useworld.main()
