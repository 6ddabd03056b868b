# SPDX-License-Identifier: MIT
"""The unit as systemd runs it: what the manual says root has to do, what the person does then, what the broker may do."""

import glob
import json
import os
import select
import shutil
import threading
import subprocess
import sys

import exchanges
import httpsite
import oidcworld
import tap
from tap import case, contains, equal

RUNUSER = shutil.which('runuser')
PASSPHRASE, PIN = 'correct horse battery staple', '802461'
REQUESTS = [{'jsonrpc': '2.0', 'id': 0, 'method': 'initialize',
             'params': {'protocolVersion': '2025-11-25', 'capabilities': {}, 'clientInfo': {'name': 'unit', 'version': '1'}}},
            {'jsonrpc': '2.0', 'method': 'notifications/initialized'},
            {'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call',
             'params': {'name': 'get_secret', 'arguments': {'name': 'demo', 'purpose': 'a test'}}}]


def root(*argv, status=0):
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    if status is not None and done.returncode != status:
        raise AssertionError(f'{" ".join(argv)}: status {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout + done.stderr


class World:
    """Whatever systemd runs stays from case to case: they are told in the order in which a person does them."""

    def __init__(self):
        self.said = ''

    def person(self, *arguments, status=0, secrets=(), stdin='', name='alice'):
        """One of the people's countersign. secrets: (option, text) each, passed by descriptor."""
        argv, passed = [RUNUSER, '-u', name, '--', 'countersign', *arguments], []
        for option, text in secrets:
            reader, writer = os.pipe()
            os.write(writer, text.encode() + b'\n')
            os.close(writer)
            argv += [option, str(reader)]
            passed.append(reader)
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, pass_fds=passed, check=False, timeout=120,
                              cwd='/', env={'PATH': '/usr/local/bin:/usr/bin:/bin', 'HOME': f'/home/{name}'})
        for fd in passed:
            os.close(fd)
        self.said += f'$ countersign {" ".join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}'
        if done.returncode != status:
            raise AssertionError(self.said)
        return done.stdout + done.stderr

    def check(self):
        pass

    def story(self):
        return self.said + root('systemctl', 'status', '--no-pager', 'countersign@*', status=None)

    def close(self):
        pass


def setting(name, person='alice'):
    return root('systemctl', 'show', '--value', '-p', name, f'countersign@{person}').strip()


class Agent:
    """A program of alice's that asks by way of countersign-mcp."""

    def __init__(self, world):
        self.world = world
        self.process = subprocess.Popen([RUNUSER, '-u', 'alice', '--', 'flock', '/tmp/lock', 'countersign-mcp'], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd='/',
                                        env={'PATH': '/usr/local/bin:/usr/bin:/bin', 'HOME': '/home/alice'})
        for request in REQUESTS[:2]:
            self.send(request)
        self.process.stdout.readline()

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + '\n')
        self.process.stdin.flush()

    def tool(self, name, **arguments):
        """The result of a tool for which alice is asked, and says yes."""
        self.send({'jsonrpc': '2.0', 'id': 2, 'method': 'tools/call', 'params': {'name': name, 'arguments': arguments}})
        held = []
        while not held and not select.select([self.process.stdout], [], [], 0)[0]:
            held = json.loads(self.world.person('pending', '--json', secrets=(('--pin-fd', PIN),)))
        if held:
            self.world.person('approve', held[0]['request_id'], secrets=(('--pin-fd', PIN),))
        return json.loads(self.process.stdout.readline())['result']['structuredContent']

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


@case('what the manual tells root to do makes the user, the folders, and a broker for each person')
def set_up(world):
    for name in ('alice', 'bob'):
        root('useradd', '-m', '-s', '/bin/sh', name)
    world.person('status', status=3)
    root('systemd-sysusers', *glob.glob('/usr/local/lib/sysusers.d/countersign.conf'))
    root('systemd-tmpfiles', '--create', *glob.glob('/usr/local/lib/tmpfiles.d/countersign.conf'))
    root('systemctl', 'daemon-reload')
    for name in ('alice', 'bob'):
        root('systemctl', 'start', f'countersign@{name}')
        equal(setting('ActiveState', name), 'active')
    for folder, owner, mode in (('/run/countersign', 'root', '755'), ('/var/lib/countersign', 'root', '755'),
                                ('/run/countersign/alice', 'countersign', '710'),
                                ('/var/lib/countersign/alice', 'countersign', '700')):
        equal(root('stat', '-c', '%U %a', folder).split(), [owner, mode], folder)


@case('the person sets it up and stores a secret; a program asks, is seen and verified, and is granted')
def grant(world):
    world.person('init', secrets=(('--passphrase-fd', PASSPHRASE), ('--pin-fd', PIN)))
    world.person('secret', 'set', 'demo', secrets=(('--pin-fd', PIN),), stdin='the value')
    agent = Agent(world)
    agent.send(REQUESTS[2])
    held = []
    while not held:
        held = json.loads(world.person('pending', '--json', secrets=(('--pin-fd', PIN),)))
    equal([held[0]['requester'][key] for key in ('exe', 'verified')], ['/usr/bin/flock', True])
    world.person('approve', held[0]['request_id'], secrets=(('--pin-fd', PIN),))
    contains(agent.process.stdout.readline(), '"completed"')
    world.person('lock')
    contains(world.person('unlock', secrets=(('--passphrase-fd', PASSPHRASE),)), 'Grants that go on: 1')
    contains(world.person('audit', 'verify', secrets=(('--pin-fd', PIN), ('--passphrase-fd', PASSPHRASE))), 'the trail holds')
    agent.close()


@case('the trail goes to the journal by a unit of its own, which sees nothing else of the broker\'s')
def export(world):
    contains(world.person('audit', 'export', '--to', 'journald', status=1), 'countersign-audit-export@')
    os.makedirs('/run/systemd/system/systemd-journald.service.d')
    with open('/run/systemd/system/systemd-journald.service.d/test.conf', 'w', encoding='utf-8') as file:
        file.write('[Unit]\nDefaultDependencies=no\n')
    root('systemctl', 'daemon-reload')
    root('systemctl', 'start', 'systemd-journald')
    root('systemctl', 'start', 'countersign-audit-export@alice')
    reader = subprocess.Popen(['journalctl', '-f', '-n', 'all', '-o', 'json', '-t', 'countersign'], stdout=subprocess.PIPE, bufsize=0)
    events = []
    while 'grant_made' not in events:
        assert select.select([reader.stdout], [], [], 60)[0], (events, world.story())
        events.append(json.loads(reader.stdout.readline())['COUNTERSIGN_EVENT'])
    equal(events[:2], ['segment', 'broker_initialised'])
    # What is written from then on follows.
    world.person('lock')
    while events.count('broker_locked') < 2:
        assert select.select([reader.stdout], [], [], 60)[0], (events, world.story())
        events.append(json.loads(reader.stdout.readline())['COUNTERSIGN_EVENT'])
    reader.kill()
    reader.wait()
    world.person('unlock', secrets=(('--passphrase-fd', PASSPHRASE),))
    pid = root('systemctl', 'show', '--value', '-p', 'MainPID', 'countersign-audit-export@alice').strip()
    seen = f'/proc/{pid}/root'
    equal(os.listdir(f'{seen}/var/lib/countersign/alice'), ['audit'])
    assert not os.path.exists(f'{seen}/run/countersign/alice'), os.listdir(f'{seen}/run/countersign')
    equal(root('ps', '-o', 'user:32=', '-p', pid).strip(), 'countersign')
    root('systemctl', 'stop', 'countersign-audit-export@alice')
    equal(root('systemctl', 'show', '--value', '-p', 'Result', 'countersign-audit-export@alice').strip(), 'success')


SERVICE = '''service local
base http://127.0.0.1:{port}
credential demo
place bearer
network loopback
scope read GET /**
'''


def propose(name, text):
    path = f'/home/alice/.config/countersign/{name}'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    root('chown', '-R', 'alice:', '/home/alice/.config')
    root('chmod', '-R', 'go=', '/home/alice/.config')


@case('a request goes out by a user that owns nothing, and a command runs as the person: the broker does neither')
def use(world):
    site = httpsite.Site()
    propose('services.d/local.conf', SERVICE.format(port=site.port))
    world.person('policy', 'apply', secrets=(('--pin-fd', PIN),))
    contains(world.person('doctor'), 'ok    commands')
    agent = Agent(world)
    answer = agent.tool('http_request', service='local', method='GET', path='/me', purpose='a test')
    equal((answer['status'], answer.get('result', {}).get('status')), ('completed', 200), answer)
    equal(site.seen[0].header('Authorization'), ['Bearer the value'])
    equal(worker_owner('http'), 'countersign-http')
    answer = agent.tool('run_command', command=['sh', '-c', 'id -un; cat /proc/net/dev; echo "$T"'], work_dir='/', purpose='a test',
                        secrets=[{'name': 'demo', 'env': 'T'}])
    equal(answer['status'], 'completed', answer)
    result = answer['result']
    equal(result['stdout'].splitlines()[0], 'alice', result)
    contains(result['stdout'], '[redacted:demo]')
    equal((result['confinement']['full'], result['confinement']['missing']), (True, []))
    equal(worker_owner('exec'), 'alice')
    # Out of a network without a way out, through the worker that has one.
    answer = agent.tool('run_command', command=['/usr/bin/python3', '-c', FETCH, f'http://127.0.0.1:{site.port}/me'], service='local',
                        work_dir='/', purpose='a test')
    equal((answer['status'], answer.get('result', {}).get('stdout')), ('completed', '200\n'), answer)
    agent.close()
    site.close()


FETCH = 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).status)'


def worker_owner(kind):
    pid = root('systemctl', 'show', '--value', '-p', 'MainPID', f'countersign-worker-{kind}@alice').strip()
    return root('ps', '-o', 'user:32=', '-p', pid).strip()


# What a broker that was taken over would try.
KNOCK = '''
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
try:
    sock.sendall(b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{}}\\n')
    print('answered' if sock.recv(100) else 'closed')
except (BrokenPipeError, ConnectionResetError):
    print('closed')
'''


OTHER = '''[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
User=countersign
ExecStart=/usr/bin/python3 /run/knock.py {path}
StandardOutput=file:/run/knocked
StandardError=inherit
'''


def knock_as(unit, path):
    """What a process of the broker's user hears there that is of another unit."""
    with open('/run/knock.py', 'w', encoding='utf-8') as file:
        file.write(KNOCK)
    with open(f'/run/systemd/system/{unit}', 'w', encoding='utf-8') as file:
        file.write(OTHER.format(path=path))
    root('systemctl', 'daemon-reload')
    root('systemctl', 'start', unit, status=None)
    with open('/run/knocked', encoding='utf-8') as file:
        return file.read().strip()


@case('commands are run for the unit of the person\'s own broker: another of the same user, and other users, are not answered')
def others_broker(world):
    path = '/run/countersign-worker/alice/exec.sock'
    equal(knock_as('countersign@carol.service', path), 'closed')
    # That it is not for want of the right user:
    equal(knock_as('countersign@carol.service', '/run/countersign-worker/alice/http.sock'), 'answered')
    for user in ('bob', 'alice', 'countersign-http'):
        contains(root(RUNUSER, '-u', user, '--', '/usr/bin/python3', '-c', KNOCK, path, status=1), 'PermissionError')


# What a broker of alice's does: it listens for a browser, or has a token refreshed.
ERRAND = """
import os, socket, sys
from lines import Lines, Rpc
from worker import memfd
sock = socket.socket(socket.AF_UNIX)
sock.connect('/run/countersign-worker/alice/http.sock')
rpc = Rpc(Lines(sock.fileno(), sock.fileno(), sock))
rpc.call('hello', {})

def attach(as_, fd, **more):
    rpc.lines.send({'jsonrpc': '2.0', 'method': 'attach', 'params': {'as': as_, **more}}, [fd])

if sys.argv[1] == 'listen':
    print(rpc.call('listen', {'port': 0, 'path': '/back', 'state': 's' * 20, 'title': 'x'})['port'], flush=True)
    print(rpc.call('callback', {'timeout_ms': 60000})['outcome'])
else:
    attach('secret', memfd('the refresh token'), name='refresh')
    attach('parcel', os.open(sys.argv[2], os.O_RDWR | os.O_CREAT, 0o600))
    attach('parcel_key', memfd(bytes(32)))
    rpc.start('exchange', {'request': {'url': sys.argv[1], 'network': 'loopback', 'method': 'POST',
                                       'form': [['refresh_token', {'secret': 'refresh'}]]},
                           'answer': 'oauth-token', 'timeout_ms': 30000})
    sys.stdin.read()
"""


def errand(*arguments):
    environment = [f'{name}={os.environ[name]}' for name in ('PYTHONPATH', 'COUNTERSIGN_STAGE')]
    return subprocess.Popen([RUNUSER, '-u', 'countersign', '--', 'env', *environment, '/usr/bin/python3', '-c', ERRAND, *arguments],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd='/')


@case('a browser reaches the callback that a worker listens for')
def callback(world):
    with errand('listen') as process:
        port = int(process.stdout.readline())
        status, _, page = oidcworld.visit(f'http://localhost:{port}/back?code=c&state={"s" * 20}')
        equal(status, 200)
        contains(page, 'You can close this window')
        equal(process.stdout.readline(), 'code\n')


@case('a refresh that is under way when root stops the broker is put down before its worker ends')
def stopped_refresh(world):
    asked, go = threading.Event(), threading.Event()

    def token(site, connection, request):
        asked.set()
        go.wait(60)
        httpsite.reply(connection, b'{"access_token":"fresh","token_type":"Bearer"}', headers=[('Content-Type', 'application/json')])

    site = httpsite.Site(modes={'token': token})
    parcel = '/var/lib/countersign/alice/parcel'
    with errand(f'http://127.0.0.1:{site.port}/token', parcel) as process:
        assert asked.wait(60), 'nothing was asked'
        root('systemctl', 'stop', '--no-block', 'countersign@alice')
        while root('systemctl', 'show', '--value', '-p', 'ActiveState', 'countersign-worker-http@alice').strip() == 'active':
            select.select([], [], [], 0.02)
        process.stdin.close()
        go.set()
        process.wait(60)
    while root('systemctl', 'show', '--value', '-p', 'ActiveState', 'countersign-worker-http@alice').strip() == 'deactivating':
        select.select([], [], [], 0.02)
    with open(parcel, 'rb') as file:
        equal(exchanges.open_parcel(bytes(32), file.read())[1], {'access_token': 'fresh'})
    os.unlink(parcel)
    root('systemctl', 'start', 'countersign@alice')
    world.person('unlock', secrets=(('--passphrase-fd', PASSPHRASE),))
    site.close()


@case('each person has a broker and a store of their own')
def people(world):
    contains(world.person('status', '--json', name='bob'), '"uninitialised"')
    contains(world.person('status', '--json'), '"unlocked"')
    contains(world.person('--socket', '/run/countersign/alice/human.sock', 'status', name='bob', status=3), 'Permission denied')


@case('the broker has the one capability, and no network')
def confined(world):
    with open(f'/proc/{setting("MainPID")}/status', encoding='ascii') as file:
        found = dict(line.rstrip('\n').split(':\t', 1) for line in file)
    equal([found[name] for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp')],
          ['0' * 16, *[f'{1 << 19:016x}'] * 3, '0' * 16, '1', '2'])
    namespace = os.readlink(f'/proc/{setting("MainPID")}/ns/net')
    assert namespace != os.readlink('/proc/self/ns/net'), namespace
    assert os.readlink(f'/proc/{setting("MainPID")}/ns/mnt') != os.readlink('/proc/self/ns/mnt')


@case('restarted, it is locked and set up as before; stopped, the person is told what root has to do')
def restart(world):
    root('systemctl', 'restart', 'countersign@alice')
    contains(world.person('status', '--json'), '"locked"')
    world.person('unlock', secrets=(('--passphrase-fd', PASSPHRASE),))
    contains(world.person('secret', 'list', secrets=(('--pin-fd', PIN),)), 'demo')
    root('systemctl', 'stop', 'countersign@alice')
    equal(os.path.exists('/run/countersign/alice'), False)
    # The sockets go with it, a moment later.
    while glob.glob('/run/countersign-worker/alice/*'):
        select.select([], [], [], 0.02)
    contains(world.person('unlock', secrets=(('--passphrase-fd', PASSPHRASE),), status=3), 'systemctl start countersign@alice')


sys.exit(tap.run(World))
