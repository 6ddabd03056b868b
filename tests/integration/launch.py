# SPDX-License-Identifier: MIT
"""countersign run, read and inject through the real broker, with real approvals."""

import json
import os
import shutil
import signal
import subprocess
import sys

import countersign
from httpsite import Site, reply
from lines import PATIENCE
from started import FAKE_GITHUB, MODULES, Server, Started, approve, asked, confined, facts
from tap import Skip, case, contains, equal, lacks


def environment(out):
    return dict(entry.split('=', 1) for entry in out.decode().split('\0')[:-1])


@case('two references are one approval, and the program has just what was declared', secrets=('one', 'app/dev/two'))
def two(world):
    declared = {'ONE': 'secret://one', 'TWO': 'secret://app/dev/two', 'PLAIN': 'x'}
    run = Started(world, '--purpose', 'to try it', '--', 'env', '-0', env=declared)
    contains(run.line(), 'waiting for a person to approve ONE and TWO for /')
    card = approve(world)
    status, out, error = run.end()
    equal((status, error), (0, ''))
    equal(environment(out), {**world.env, **declared, 'ONE': 'value-of-one', 'TWO': 'value-of-app/dev/two'})
    equal((card['operation'], card['risk'], card['purpose']), ('launch', 'disclose', 'to try it'))
    equal(facts(card, 'Runs'), [os.path.realpath(shutil.which('env'))])
    equal(facts(card, 'Argument'), ['-0'])
    equal(sorted(facts(card, 'Gives')), ['app/dev/two as $TWO', 'one as $ONE'])
    equal(facts(card, 'Directory'), [world.base])


@case('who asks is the process that started it')
def requester(world):
    run = Started(world, '--secret', 'demo', '--', 'true')
    run.line()
    card = approve(world)
    run.end()
    equal((card['requester']['pid'], card['requester']['via']), (os.getpid(), 'countersign'))
    equal(card['requester']['exe'], os.path.realpath(sys.executable))


@case('the same again is not asked while the grant lives, and other arguments are')
def again(world):
    for words, waits in ((('true', 'a'), True), (('true', 'a'), False), (('true', 'b'), True)):
        run = Started(world, '--secret', 'demo', '--', *words)
        if waits:
            run.line()
            approve(world)
        equal(run.end()[0], 0, words)
    for changed in ({'env': {'DEMO': 'x', 'OTHER': 'secret://demo'}}, {}):
        run = Started(world, '--secret', 'demo', '--', 'true', 'a', **changed)
        if changed:
            contains(run.line(), 'waiting for a person')
            run.close()
        else:
            equal(run.end()[0], 0)


@case('a denial is 125 with the reason, and nothing is started')
def denied(world):
    run = Started(world, '--secret', 'demo', '--', 'touch', 'started')
    run.line()
    request_id, _ = asked(world)
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny', 'reason': 'not on a Friday'})
    status, out, error = run.end()
    equal((status, out), (125, b''))
    contains(error, 'countersign run: denied')
    contains(error, 'not on a Friday')
    assert not os.path.exists(os.path.join(world.base, 'started'))


@case('what the policy denies is denied at once')
def policy(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'deny launch\nask any\n'}],
                                        'pin': countersign.PIN})
    status, _, error = Started(world, '--secret', 'demo', '--', 'true').end()
    equal(status, 125)
    contains(error, 'countersign run: denied by policy: policy.conf:1: deny launch')


@case('a secret that does not exist is said at once')
def missing(world):
    status, _, error = Started(world, '--secret', 'nothing', '--', 'true').end()
    equal(status, 125)
    contains(error, 'nothing')
    lacks(error, 'waiting')


@case('before init it says what to run', init=False)
def uninitialised(world):
    status, _, error = Started(world, '--secret', 'demo', '--', 'true').end()
    equal(status, 125)
    contains(error, 'countersign init')


@case('while the store is locked it waits, and is asked of the person after unlock')
def locked(world):
    world.cli('lock')
    run = Started(world, '--secret', 'demo', '--', 'printenv', 'DEMO')
    contains(run.line(), 'locked')
    world.unlock()
    contains(run.line(), 'waiting for a person to approve DEMO')
    approve(world)
    equal(run.end()[:2], (0, b'value-of-demo\n'))


@case('without a broker it waits for one')
def no_broker(world):
    world.kill_broker()
    run = Started(world, '--secret', 'demo', '--', 'printenv', 'DEMO')
    contains(run.line(), 'countersign unlock')
    world.unlock()
    contains(run.line(), 'waiting for a person to approve DEMO')
    approve(world)
    equal(run.end()[:2], (0, b'value-of-demo\n'))


@case('the six variables that MCP SDKs pass on are enough', sdk_env=True)
def sdk(world):
    run = Started(world, '--', 'printenv', 'DEMO', env={'DEMO': 'secret://demo'})
    contains(run.line(), 'waiting for a person')
    approve(world)
    equal(run.end()[:2], (0, b'value-of-demo\n'))


@case('where no memory can be locked nobody is asked, and it is said how to raise the limit')
def memory(world):
    argv = ['prlimit', '--memlock=65536:65536', world.program('countersign'), 'run', '--secret', 'demo', '--', 'true']
    result = subprocess.run(argv, env=world.env, capture_output=True, timeout=PATIENCE, check=False)
    equal(result.returncode, 125)
    contains(result.stderr.decode(), 'ulimit -l')
    equal(world.human(pin=True).pending(), [])


@case('interrupted while it waits, its request is withdrawn')
def interrupted(world):
    watcher = world.human(pin=True)
    watcher.call('subscribe')
    for number in (signal.SIGINT, signal.SIGTERM):
        run = Started(world, '--secret', 'demo', '--', 'true')
        run.line()
        request_id = watcher.hear('held')['request_id']
        run.process.send_signal(number)
        equal(run.end()[0], -number)
        watcher.hear('closed', request_id=request_id)
    equal(watcher.pending(), [])


@case('exit status, streams and signals are the program\'s own')
def streams(world):
    run = Started(world, '--secret', 'demo', '--', 'sh', '-c', 'cat; echo "$DEMO" >&2; exit 41')
    run.line()
    approve(world)
    equal(run.end(b'through'), (41, b'through', 'value-of-demo\n'))
    run = Started(world, '--secret', 'demo', '--', 'sh', '-c', 'trap "echo caught; exit 7" TERM; echo ready; read x')
    run.line()
    approve(world)
    equal(run.process.stdout.readline(), b'ready\n')
    run.process.send_signal(signal.SIGTERM)
    equal(run.process.stdout.readline(), b'caught\n')
    run.process.stdin.close()
    equal(run.process.wait(PATIENCE), 7)


@case('a terminal passes through')
def terminal(world):
    child = world.terminal('run', '--secret', 'demo', '--', 'sh', '-c', 'tty; stty size; echo $DEMO; exec sleep 60')
    child.expect_exact('waiting for a person')
    approve(world)
    child.expect(r'/dev/pts/\d+\r\n50 132\r\nvalue-of-demo\r\n')
    child.sendintr()
    child.wait()
    equal(child.signalstatus, signal.SIGINT)


@case('a large value, and one that is no text, arrive whole')
def values(world):
    large, odd = b'x' * 100000, bytes(range(1, 256))
    for name, value in (('large', large), ('odd', odd)):
        world.secret(name, value)
    run = Started(world, '--secret', 'large', '--secret', 'odd', '--', 'sh', '-c', 'printf %s "$LARGE$ODD"')
    run.line()
    approve(world)
    equal(run.end()[:2], (0, large + odd))


@case('the trail has the launch, and no value')
def trail(world):
    run = Started(world, '--secret', 'demo', '--', 'true')
    run.line()
    approve(world)
    run.end()
    assert any(record.get('operation') == 'launch' for record in world.records()), world.records()
    lacks(json.dumps(world.records()), 'value-of-demo')


@case('read and inject without a PIN are refused by the shipped policy, with what to use instead')
def revealing(world):
    for words, text in ((('read', 'secret://demo'), ''), (('inject',), '{{ secret://demo }}')):
        result = world.cli(*words, stdin=text, status=1, start_new_session=True)
        equal(result.out, '')
        contains(result.err, 'countersign run')
        contains(result.err, '--pin-fd')
    equal(world.cli('read', 'secret://demo', pin=True).out, 'value-of-demo')
    equal(world.cli('inject', stdin='x={{ secret://demo }}\n', pin=True).out, 'x=value-of-demo\n')


@case('under a policy that asks, a person may let an agent read', secrets=('one', 'two'))
def read_asked(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask reveal\n'}], 'pin': countersign.PIN})
    process = subprocess.Popen([world.program('countersign'), 'read', 'secret://one', 'secret://two'], env=world.env,
                               cwd=world.base, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    contains(process.stderr.readline().decode(), 'waiting for a person to approve the values of 2 secrets')
    card = approve(world)
    equal((card['operation'], card['risk']), ('reveal', 'disclose'))
    equal(process.communicate(timeout=PATIENCE)[0], b'value-of-one\nvalue-of-two\n')


@case('a service is added from its preset, shown, and removed')
def services(world):
    equal([preset['name'] for preset in world.cli('service', 'list', '--presets', '--json').json()][:1], ['anthropic'])
    world.cli('service', 'add', 'github', '--credential', 'demo', pin=True)
    listed, = world.cli('service', 'list', '--json', pin=True).json()
    equal((listed['id'], listed['base'], listed['credential']), ('github', 'https://api.github.com', 'demo'))
    contains(world.cli('service', 'show', 'github', pin=True).out, 'https://api.github.com')
    contains(world.cli('policy', 'show', pin=True).out, 'services.d/github.conf:')
    equal(world.status()['policy']['differs'], [])
    with open(os.path.join(world.config, 'services.d', 'github.conf'), 'a', encoding='utf-8') as file:
        file.write('\n# changed\n')
    equal(world.status()['policy']['differs'], ['services.d/github.conf'])
    contains(world.cli('service', 'add', 'gitlab', pin=True).out, 'services.d/github.conf differs too')
    equal(world.status()['policy']['differs'], ['services.d/github.conf'])
    contains(world.cli('policy', 'apply', pin=True).out, '+# changed')
    contains(world.cli('policy', 'apply', pin=True).out, 'nothing to apply')
    world.cli('service', 'rm', 'github', pin=True)
    contains(world.cli('policy', 'apply', pin=True).out, 'nothing to apply')
    equal([service['id'] for service in world.cli('service', 'list', '--json', pin=True).json()], ['gitlab'])
    equal(world.status()['policy']['differs'], [])


@case('service test sends the credential to the service, and tells whether it was taken', secrets=('token',))
def service_test(world):
    def user(site, connection, request):
        good = request.header('Authorization') == ['Bearer value-of-token']
        reply(connection, b'{}', status='200 OK' if good else '401 Unauthorized')
    site = Site(modes={'user': user})
    try:
        os.mkdir(os.path.join(world.config, 'services.d'))
        with open(os.path.join(world.config, 'services.d', 'here.conf'), 'w', encoding='utf-8') as file:
            file.write(f'service here\nbase http://127.0.0.1:{site.port}\nnetwork loopback\ncredential token\nplace bearer\n'
                       'scope read { GET HEAD } /user\ntest GET /user\n')
        world.cli('service', 'add', 'here', pin=True)
        contains(world.cli('service', 'test', 'here', pin=True).out, 'here: 200 in ')
        world.secret('token', 'another')
        contains(world.cli('service', 'test', 'here', pin=True, status=1).out, 'does not take the credential')
        equal([request.path for request in site.seen], ['/user', '/user'])
    finally:
        site.close()


@case('in the sandbox a program has its secret and streams, no network and no file of ours, and what it writes is thrown away')
def sandbox(world):
    script = ('echo "$DEMO"; cat; pwd; find "$HOME/.config/countersign" "$XDG_RUNTIME_DIR/countersign" -mindepth 1 2>/dev/null | wc -l; touch here; '
              'touch /tmp/there && echo written; wc -l < /proc/net/route; readlink /proc/self/fd/1; exit 23')
    run = confined(world, 'sh', '-c', script)
    card = approve(world)
    equal((facts(card, 'May reach'), facts(card, 'Confined')), (['nothing: no network'], ['by countersign run --sandbox']))
    status, out, error = run.end(b'input\n')
    lines = out.decode().splitlines()
    equal((status, lines[:4]), (23, ['value-of-demo', 'input', world.base, '0']), error)
    equal(lines[4:6], ['written', '1'])
    assert lines[6].startswith('pipe:'), lines
    assert not os.path.exists(os.path.join(world.base, 'here')) and not os.path.exists('/tmp/there')


@case('signals reach the program in the sandbox, and a terminal passes through')
def sandbox_signals(world):
    run = confined(world, 'sh', '-c', 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.1; done')
    approve(world)
    equal(run.process.stdout.readline(), b'ready\n')
    run.process.send_signal(signal.SIGTERM)
    equal(run.end()[:2], (7, b'caught\n'))
    child = world.terminal('run', '--secret', 'demo', '--sandbox', '--', 'sh', '-c', 'test -t 0 && stty size; echo $DEMO; exec sleep 60')
    child.expect_exact('waiting for a person')
    approve(world)
    child.expect(r'50 132\r\nvalue-of-demo\r\n')
    child.sendintr()
    child.wait()
    equal(child.exitstatus, 128 + signal.SIGINT)


@case('where not all of the sandbox can be had nobody is asked and nothing is started')
def no_sandbox(world):
    # In a sandbox there is no other: no namespaces. (Leaks cannot be looked for there either.)
    run = confined(world, world.program('countersign'), 'run', '--sandbox', '--', 'echo', 'started',
                   env={'ASAN_OPTIONS': 'detect_leaks=0'})
    approve(world)
    status, out, error = run.end()
    equal((status, out), (125, b''))
    contains(error, 'not all of the sandbox')


@case('a policy that demands the sandbox refuses a start without it, and says what to use')
def demanded(world):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': 'ask launch sandbox\n'}], 'pin': countersign.PIN})
    status, _, error = Started(world, '--secret', 'demo', '--', 'true').end()
    equal(status, 125)
    contains(error, 'countersign run --sandbox')
    run = confined(world, 'true')
    approve(world)
    equal(run.end()[0], 0)


@case('the GitHub server of an MCP client\'s configuration gets its token, before a fake GitHub', secrets=('github-token',))
def github(world):
    if not os.path.isdir(os.path.join(MODULES, '@modelcontextprotocol', 'server-github')) or shutil.which('npx') is None:
        raise Skip('no npx, or the npm packages of tests/package.json are not installed; tests/run installs them')

    def search(site, connection, request):
        reply(connection, json.dumps({'total_count': 0, 'incomplete_results': False, 'items': []}).encode(),
              headers=[('Content-Type', 'application/json')])
    site = Site(modes={'search': search})
    fake = os.path.join(world.base, 'fake-github.cjs')
    with open(fake, 'w', encoding='utf-8') as file:
        file.write(FAKE_GITHUB)
    try:
        server = Server(world, '--', 'npx', '-y', '@modelcontextprotocol/server-github',
                        env={'GITHUB_PERSONAL_ACCESS_TOKEN': 'secret://github-token', 'NODE_OPTIONS': f'--require {fake}',
                             'FAKE_GITHUB': f'http://127.0.0.1:{site.port}', 'npm_config_offline': 'true'},
                        directory=os.path.dirname(MODULES))
        contains(server.line(), 'waiting for a person to approve GITHUB_PERSONAL_ACCESS_TOKEN for /')
        # The client's first message waits in the pipe meanwhile.
        first = server.start('initialize', {'protocolVersion': '2024-11-05', 'capabilities': {},
                                            'clientInfo': {'name': 'by-hand', 'version': '1'}})
        card = approve(world)
        equal(facts(card, 'Argument'), ['-y', '@modelcontextprotocol/server-github'])
        equal(server.answer(first)['serverInfo']['name'], 'github-mcp-server')
        server.notify('notifications/initialized', {})
        found = server.call('tools/call', {'name': 'search_repositories', 'arguments': {'query': 'countersign'}})
        contains(found['content'][0]['text'], 'total_count')
        request = site.wait_seen(1)
        equal((request.path, request.header('Authorization')), ('/search/repositories', ['Bearer value-of-github-token']))
    finally:
        site.close()


countersign.main()
