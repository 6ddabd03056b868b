# SPDX-License-Identifier: MIT
"""A thousand connections to countersign-mcp-http at once, with a real broker behind it: who waits costs little, and keeps nobody out."""

import contextlib
import json
import resource
import select
import socket

import callerworld
import countersign
from callerworld import META, MODERN, Caller
from lines import PATIENCE
from tap import case, equal

CROWD = 1000
OF_ONE = 200  # that wait for one request


def memory(pid):
    """Resident, in MB."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(next(line for line in file if line.startswith('VmRSS')).split()[1]) >> 10


def connected(server):
    sock = socket.create_connection((server.address, server.port))
    sock.settimeout(PATIENCE)
    return sock


def call(server, token, number):
    """A get_secret, to the byte. Many ask the same: for the person it is one request."""
    ask = {'name': 'demo', 'purpose': f'crowd {number // OF_ONE}'}
    body = json.dumps({'jsonrpc': '2.0', 'id': number, 'method': 'tools/call', 'params': {
        'name': 'get_secret', 'arguments': ask, '_meta': {f'{META}protocolVersion': MODERN, f'{META}clientCapabilities': {}}}})
    lines = ['POST /mcp HTTP/1.1', f'Host: localhost:{server.port}', f'Authorization: Bearer {token}', 'Content-Type: application/json',
             f'Accept: {callerworld.ACCEPT}', f'MCP-Protocol-Version: {MODERN}', 'Mcp-Method: tools/call', 'Mcp-Name: get_secret',
             f'Content-Length: {len(body)}', 'Connection: close', '', body]
    return '\r\n'.join(lines).encode()


def answers(crowd):
    """What each is told, when it is all told."""
    told, waiting, poll = {}, {sock.fileno(): sock for sock in crowd}, select.poll()
    for fd in waiting:
        poll.register(fd, select.POLLIN)
    while waiting:
        ready = poll.poll(PATIENCE * 1000)
        assert ready, f'{len(waiting)} hear nothing'
        for fd, _ in ready:
            piece = waiting[fd].recv(65536)
            told[fd] = told.get(fd, b'') + piece
            if not piece:
                poll.unregister(fd)
                waiting.pop(fd).close()
    return list(told.values())


def one_crowd(world, server, token, human, verdict):
    """A thousand that wait for one person; half of them go away again."""
    crowd = [connected(server) for _ in range(CROWD)]
    for number, sock in enumerate(crowd):
        sock.sendall(call(server, token, number))
    requests = [human.hear('held') for _ in range(CROWD // OF_ONE)]
    equal(Caller(server, token).call('broker_status').tool()['status'], 'completed', 'another call meanwhile')
    most = memory(server.pid)
    for sock in crowd[1::2]:
        sock.close()
    if verdict == 'grant':
        human.decide(requests[0], pin=countersign.PIN, duration=1)  # which covers the others
    else:
        for request in requests:
            human.decide(request, verdict)
    said = answers(crowd[::2])
    wanted = b'"status":"completed"' if verdict == 'grant' else b'"status":"denied"'
    equal(sum(wanted in text and text.startswith(b'HTTP/1.1 200') for text in said), CROWD // 2, said[0])
    return most


@case('a thousand wait for one person, half of them go away, the others hear the answer; and it costs nothing the second time')
def crowded(world):
    token, human = world.local(), world.human(pin=True)
    human.call('subscribe')
    server = world.serve(env={**world.env, 'ASAN_OPTIONS': 'quarantine_size_mb=1'})
    first = one_crowd(world, server, token, human, 'deny')
    second = one_crowd(world, server, token, human, 'grant')
    if second > first + 16:
        raise AssertionError(f'{first} MB with the first crowd, {second} MB with the second')


@case('half a request, a handshake that is never made and an answer that nobody reads keep nobody out')
def lazy(world):
    token, human = world.local(), world.human(pin=True)
    human.call('subscribe')
    server = world.serve()
    with contextlib.ExitStack() as all_of_them:
        for number in range(OF_ONE):
            whole = call(server, token, number)
            for part in (b'', whole[:len(whole) // 2], whole):
                sock = all_of_them.enter_context(connected(server))
                sock.sendall(part)
        request = human.hear('held')
        asking = Caller(server, token)
        for _ in range(10):
            equal(asking.call('broker_status').tool()['status'], 'completed')
        human.decide(request, 'deny')
        for _ in range(10):
            equal(asking.call('broker_status').tool()['status'], 'completed')


resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
callerworld.main()
