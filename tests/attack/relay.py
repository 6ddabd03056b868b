# SPDX-License-Identifier: MIT
"""The way that `countersign run --service` opens, in the hands of an agent: it asks by hand, and sends what it likes."""

import os
import socket
import subprocess
import sys

import httpservice
import parties
import tap
from lines import PATIENCE, Refused
from started import approve
from tap import Skip, case, contains, equal

# In a network of its own it listens, hands the socket over, and tells what a connection to it brings.
INSIDE = '''
import socket, subprocess, sys
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
pair = socket.socket(fileno=int(sys.argv[1]))
listener = socket.create_server(('127.0.0.1', 0))
socket.send_fds(pair, [b'L'], [listener.fileno()] * int(sys.argv[2]))
place = listener.getsockname()
listener.close()  # whoever was given it has it, or nobody
try:
    connection = socket.create_connection(place)
    connection.sendall(b'GET /api/me HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
    print(connection.recv(15).decode(), flush=True)
except OSError:
    print('', flush=True)
'''


class Asker(parties.Socket):
    """This process on agent.sock."""

    def __init__(self, world):
        parties.Socket.__init__(self, world, world.agent_socket)
        self.call('hello', {'version': 1, 'role': 'agent'})

    def launch(self, descriptors, **more):
        return self.start('launch', {'program': '/usr/bin/true', 'argv': ['true'], 'secrets': [], 'work_dir': '/', 'sandbox': True,
                                     'service': 'local', 'relay_fd': True, **more}, descriptors)


class World(httpservice.ServiceWorld):
    """Its site speaks without TLS, so that bytes by hand are an answer."""

    def __init__(self, **options):
        super().__init__(**options)
        self.plain = httpservice.httpsite.Site(self.base, None, modes=httpservice.MODES)
        self.sites.append(self.plain)
        self.starts = 0
        self.write('services.d/local.conf', f'service local\nbase http://127.0.0.1:{self.plain.port}\nnetwork loopback\n'
                                            'credential demo\nplace bearer\nscope read { GET } /**\n')
        os.unlink(os.path.join(self.config, 'services.d', 'local.pem'))
        self.apply()

    def opened(self):
        """The end of a pair over which a worker awaits a socket, after a person has said yes."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        agent = Asker(self)
        self.starts += 1  # another argument each time: a person is asked again
        call = agent.launch([theirs.fileno()], argv=['true', str(self.starts)])
        agent.hear('held', id=call)
        approve(self)
        answer = agent.answer(call)
        equal((answer['status'], answer['result']['reach']), ('completed', {'host': '127.0.0.1', 'port': self.plain.port}))
        theirs.close()
        ours.settimeout(PATIENCE)
        return ours


def inside(end, copies=1):
    """What a process in a network namespace of its own gets through a socket that it hands over."""
    result = subprocess.run(['unshare', '--user', '--map-root-user', '--net', sys.executable, '-c', INSIDE, str(end.fileno()),
                             str(copies)], pass_fds=[end.fileno()], capture_output=True, timeout=PATIENCE, check=False)
    if result.returncode != 0:
        raise Skip(f'no network namespace to be had: {result.stderr.decode()[-200:]}')
    return result.stdout.decode().strip()


def over(end):
    """The other end is closed: no worker is there any more."""
    try:
        return end.recv(1) == b''
    except ConnectionResetError:
        return True


@case('a socket in a network of its own leads to the service, and to nothing else')
def good(world):
    end = world.opened()
    equal(inside(end), 'HTTP/1.1 200 OK')
    equal((world.plain.seen[0].path, world.plain.seen[0].header('Authorization')), ('/api/me', []))


@case('a listening socket of the machine\'s own network is refused, so that no other process comes along')
def own_network(world):
    end, listener = world.opened(), socket.create_server(('127.0.0.1', 0))
    socket.send_fds(end, [b'L'], [listener.fileno()])
    assert over(end)
    equal(world.plain.greeted, 0)


@case('so is all else that can be sent: bytes, files, sockets that do not listen, two at once')
def others(world):
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unix.bind(os.path.join(world.base, 'unix'))
    unix.listen()
    with open('/etc/passwd', 'rb') as file, socket.socket() as idle:
        for descriptors in ([], [file.fileno()], [idle.fileno()], [unix.fileno()], [0] * 5):
            end = world.opened()
            if descriptors:
                socket.send_fds(end, [b'L'], descriptors)
            else:
                end.sendall(b'{"host":"evil.example","port":1}')
            assert over(end), descriptors
    end = world.opened()
    equal(inside(end, copies=2), '')
    assert over(end)
    equal(world.plain.greeted, 0)


@case('a second socket ends the way that the first had')
def second(world):
    end = world.opened()
    equal(inside(end), 'HTTP/1.1 200 OK')
    end.sendall(b'L')
    assert over(end)


@case('where it leads cannot be said by the caller, and what comes with the call must be a pair\'s end')
def elsewhere(world):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for more in ({'host': 'evil.example'}, {'reach': {'host': 'evil.example', 'port': 1}}, {'network': 'public'}, {'sandbox': False}):
        try:
            agent = Asker(world)
            agent.answer(agent.launch([theirs.fileno()], **more))
            raise AssertionError(more)
        except Refused as error:
            contains(error.message, next(iter(more)) if 'sandbox' not in more else 'service: comes with sandbox')
    stream, _other = socket.socketpair()
    with open('/dev/null', 'rb') as file:
        for descriptor in (file.fileno(), stream.fileno()):
            try:
                agent = Asker(world)
                agent.answer(agent.launch([descriptor]))
                raise AssertionError(descriptor)
            except Refused as error:
                contains(error.message, 'relay_fd: must be an end of a socketpair')
    equal(world.human(pin=True).pending(), [])


raise SystemExit(tap.run(World))
