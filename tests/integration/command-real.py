# SPDX-License-Identifier: MIT
"""run_command with programs that people use: psql to a PostgreSQL server, curl and git to a site, through the one way out
that a person has granted."""

import base64
import functools
import glob
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading

import tap
from httpservice import VALUE, ServiceWorld, facts
from tap import Skip, case, contains, equal, lacks

ROWS = 20000


def binary(name):
    """PostgreSQL's own programs are in no PATH."""
    found = sorted(glob.glob(f'/usr/lib/postgresql/*/bin/{name}'))
    if not found:
        raise Skip('PostgreSQL is not installed: apt-get install postgresql')
    return found[-1]


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


class Postgres:
    """A server of its own, on the loopback interface, whose user `app` has the password VALUE."""

    def __init__(self, world):
        self.data, self.port = os.path.join(world.base, 'postgres'), free_port()
        password = os.path.join(world.base, 'password')
        with open(password, 'w', encoding='ascii') as file:
            file.write(VALUE)
        env = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C'}
        self.call([binary('initdb'), '-D', self.data, '-U', 'app', f'--pwfile={password}', '-A', 'scram-sha-256', '--no-sync'], env)
        os.unlink(password)
        self.call([binary('pg_ctl'), '-D', self.data, '-w', '-l', os.path.join(world.base, 'postgres.log'), '-o',
                   f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off", 'start'], env)
        world.parties.append(self)

    @staticmethod
    def call(argv, env):
        ran = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False, cwd='/')
        if ran.returncode != 0:
            raise AssertionError(f'{argv[0]}: {ran.stdout}')

    def close(self):
        self.call([binary('pg_ctl'), '-D', self.data, '-m', 'immediate', 'stop'], {'PATH': '/usr/bin:/bin'})


class GitSite(http.server.SimpleHTTPRequestHandler):
    """A repository as files, for who knows the password."""

    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        if self.headers.get('Authorization') != 'Basic ' + base64.b64encode(f'agent:{VALUE}'.encode()).decode():
            self.send_response(401)
            self.send_header('WWW-Authenticate', 'Basic realm="git"')
            self.send_header('Content-Length', '0')
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, format, *args):
        pass


class Git:
    """A site with one repository, `project.git`."""

    def __init__(self, world):
        folder = os.path.join(world.base, 'repositories')
        work = os.path.join(folder, 'work')
        env = {'PATH': '/usr/bin:/bin', 'HOME': world.base, 'GIT_CONFIG_NOSYSTEM': '1'}
        for line in (['init', '-q', work], ['-C', work, '-c', 'user.name=T', '-c', 'user.email=t@example.test', 'commit', '-q',
                                            '--allow-empty', '-m', 'the first'],
                     ['clone', '-q', '--bare', work, os.path.join(folder, 'project.git')],
                     ['-C', os.path.join(folder, 'project.git'), 'update-server-info']):
            subprocess.run(['/usr/bin/git', *line], env=env, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(world.authority.site(world.base, ['localhost']))
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(GitSite, directory=folder))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        world.parties.append(self)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def needs(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Skip(f'there is no {program}')


def done(world, agent, command, place, **more):
    """The result of a command that may reach the service local, or tcp; a person is asked and says yes."""
    call = agent.start('run_command', {'command': command, 'secrets': [{'name': 'demo', 'env': 'TOKEN'}], 'purpose': 'a test',
                                       'service': place, **more})
    agent.held(call)
    request, = world.human(pin=True).pending()
    world.grant(request['request_id'], duration=60)
    answer = agent.answer(call)
    equal(answer['status'], 'completed', answer)
    return answer['result'], request


def tcp(world, port):
    world.write('services.d/tcp.conf', f'service tcp\nbase tcp://localhost:{port}\ncredential demo\nnetwork loopback\n')
    world.apply()


@case('psql asks a PostgreSQL server, with a password that only it and the server know')
def psql(world):
    needs('psql')
    server = Postgres(world)
    tcp(world, server.port)
    agent = world.agent()
    line = ['psql', '-h', 'localhost', '-p', str(server.port), '-U', 'app', '-d', 'postgres', '-At', '-v', 'ON_ERROR_STOP=1']
    secrets = [{'name': 'demo', 'env': 'PGPASSWORD'}]
    result, request = done(world, agent, [*line, '-c', 'select 6*7, current_user'], 'tcp', secrets=secrets)
    equal((result['stdout'], result['exit_code']), ('42|app\n', 0), result)
    equal(result['confinement'], {'files': 'bubblewrap', 'network': 'service', 'seccomp': True, 'full': True, 'missing': []})
    equal(facts(request, 'May reach'), [f'localhost:{server.port}'])
    # Much in one answer, and a script on standard input.
    result, _ = done(world, agent, line, 'tcp', secrets=secrets, stdin=f'select sum(i) from generate_series(1, {ROWS}) i;\n'
                     'select repeat(i::text, 10) from generate_series(1, 2000) i;\n')
    lines = result['stdout'].splitlines()
    equal((lines[0], len(lines), lines[-1]), (str(ROWS * (ROWS + 1) // 2), 2001, '2000' * 10))
    # A server that does not exist for it: the same line without its service.
    call = agent.start('run_command', {'command': [*line, '-c', 'select 1'], 'secrets': secrets, 'purpose': 'a test'})
    world.grant(agent.held(call)['request_id'], duration=60)
    result = agent.answer(call)['result']
    equal((result['exit_code'], result['confinement']['network']), (2, 'none'))
    # The password in what the server says is taken out.
    result, _ = done(world, agent, [*line, '-c', 'select current_setting($$app.x$$, true)', '-c', '\\getenv p PGPASSWORD', '-c',
                                    '\\echo :p'], 'tcp', secrets=secrets)
    contains(result['stdout'], '[redacted:demo]')
    lacks(result['stdout'], VALUE)


@case('curl reaches the service by its own TLS, and no other port of the machine')
def curl(world):
    needs('curl')
    agent = world.agent()
    authority = os.path.join(world.base, 'authority.pem')
    with open(authority, 'w', encoding='ascii') as file:
        file.write(world.authority.pem)
    other = world.make_site()
    script = f'curl -sS --cacert {authority} -H "Authorization: Bearer $TOKEN" https://localhost:$1/api/me'
    result, _ = done(world, agent, ['/bin/sh', '-c', script, 'sh', str(world.site.port)], 'local')
    equal((result['exit_code'], result['stdout']), (0, '{"ok":true}'), result)
    equal(world.site.seen[0].header('Authorization'), [f'Bearer {VALUE}'])
    result, _ = done(world, agent, ['/bin/sh', '-c', script, 'sh', str(other.port)], 'local')
    equal((result['exit_code'], other.greeted), (7, 0), result)
    # Written where it may, and nowhere else.
    target = os.path.join(world.base, 'target')
    os.mkdir(target)
    for folder, status in ((target, 0), (world.base, 23)):
        line = ['/bin/sh', '-c', f'{script} -o {folder}/answer', 'sh', str(world.site.port)]
        result, _ = done(world, agent, line, 'local', write_paths=[target])
        equal(result['exit_code'], status, result)
    with open(os.path.join(target, 'answer'), encoding='ascii') as file:
        equal(file.read(), '{"ok":true}')


@case('git clones a repository with a token that it gets for this one command')
def git(world):
    needs('git')
    site = Git(world)
    tcp(world, site.port)
    agent = world.agent()
    authority, target = os.path.join(world.base, 'authority.pem'), os.path.join(world.base, 'target')
    os.mkdir(target)
    with open(authority, 'w', encoding='ascii') as file:
        file.write(world.authority.pem)
    helper = '!f() { echo username=agent; echo "password=$TOKEN"; }; f'
    line = ['git', '-c', f'http.sslCAInfo={authority}', '-c', f'credential.helper={helper}', 'clone', '-q',
            f'https://localhost:{site.port}/project.git', os.path.join(target, 'project')]
    result, _ = done(world, agent, line, 'tcp', write_paths=[target])
    equal((result['exit_code'], result['stderr']), (0, ''), result)
    log = subprocess.run(['/usr/bin/git', '-C', os.path.join(target, 'project'), 'log', '--format=%s'], capture_output=True, text=True,
                         check=True, env={'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent'})
    equal(log.stdout, 'the first\n')
    for folder, _, names in os.walk(target):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as file:
                lacks(file.read(), VALUE.encode())


sys.exit(tap.run(ServiceWorld))
