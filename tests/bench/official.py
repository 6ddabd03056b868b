# SPDX-License-Identifier: MIT
"""What a call costs over stdio and HTTP, beside get_secret written on the official TypeScript SDK (peer.mjs), whose HTTP server checks
no token. With a handshake the peer is version 1 of the SDK, without one version 2."""

import contextlib
import http.client
import json
import os
import re
import subprocess

import callerworld
import countersign
import parties

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(parties.HERE, '..', 'node_modules')
ENV = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent'}
AT_ONCE = 100
ARGUMENTS = {'name': 'demo', 'purpose': 'bench', 'ttl_seconds': 3600}
SDKS = {'v1': (callerworld.LEGACY, 'SDK 1'), 'v2': (callerworld.MODERN, 'SDK 2')}
STDIO = [('start to initialize answered', 'ms', 3, True), ('memory at rest', 'MB', 6, True), ('one call at a time', 'µs', None, True),
         ('p99 of that', 'µs', None, True), ('calls pipelined', '/s', None, False)]
HTTP = [('one call at a time', 'µs', None, True), ('p99 of that', 'µs', None, True), (f'calls on {AT_ONCE} connections', '/s', None, False),
        ('memory after all', 'MB', None, True)]
FIGURES = [(f'{transport} {sdk[1]}: {name}', *rest) for transport, rows in (('stdio', STDIO), ('HTTP', HTTP)) for sdk in SDKS.values()
           for name, *rest in rows]


def peer(sdk, transport):
    return [parties.node(), os.path.join(HERE, 'peer.mjs'), sdk, transport]


def memory(pid):
    """Resident, in MB."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read()).group(1)) / 1024


def told(text):
    return {name: float(value) for name, value in (line.split() for line in text.splitlines() if ' ' in line)}


def stdio(samples, sdk, command, env, sizes, approve=None):
    """One turn of a server on stdio."""
    bench, name = os.path.join(HERE, 'bench-mcp'), f'stdio {SDKS[sdk][1]}: '.__add__
    starts, rounds, pipelined = sizes
    for _ in range(starts):
        started = subprocess.run([bench, '0', '0', '--', *command], env=env, check=True, capture_output=True, text=True)
        samples[name('start to initialize answered')].append(told(started.stdout)['start_us'] / 1000)
    process = subprocess.Popen([bench, str(rounds), str(pipelined), '--', *command], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    pid = int(process.stdout.readline().split()[1])
    if approve:
        approve()
    assert process.stdout.readline() == 'ready\n'
    samples[name('memory at rest')].append(memory(pid))
    found = told(process.communicate('go\n')[0])
    for figure, key in (('one call at a time', 'serial_us'), ('p99 of that', 'serial_p99_us'), ('calls pipelined', 'pipelined_per_second')):
        samples[name(figure)].append(found[key])


def head(era, token, session):
    """What a client of this era sends with each call; its connection is kept."""
    given = {'Host': 'localhost', 'Content-Type': 'application/json', 'Accept': callerworld.ACCEPT, 'MCP-Protocol-Version': era}
    if era == callerworld.MODERN:
        given.update({'Mcp-Method': 'tools/call', 'Mcp-Name': 'get_secret'})
    if token:
        given['Authorization'] = f'Bearer {token}'
    if session:
        given['Mcp-Session-Id'] = session
    return given


def body(era, number):
    params = {'name': 'get_secret', 'arguments': ARGUMENTS}
    if era == callerworld.MODERN:
        params['_meta'] = {f'{callerworld.META}protocolVersion': era, f'{callerworld.META}clientCapabilities': {}}
    return json.dumps({'jsonrpc': '2.0', 'id': number, 'method': 'tools/call', 'params': params})


def session(port, token):
    """The handshake; the id that calls carry from then on."""
    connection = http.client.HTTPConnection('localhost', port)
    given = {name: value for name, value in head(callerworld.LEGACY, token, None).items() if name not in ('Host', 'MCP-Protocol-Version')}
    connection.request('POST', '/mcp', json.dumps({'jsonrpc': '2.0', 'id': 0, 'method': 'initialize', 'params': {
        'protocolVersion': callerworld.LEGACY, 'capabilities': {}, 'clientInfo': {'name': 'bench', 'version': '1'}}}), given)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers['Mcp-Session-Id']


def over_http(samples, sdk, port, pid, sizes, token=None, approve=None):
    """One turn of a server over HTTP."""
    era, name = SDKS[sdk][0], f'HTTP {SDKS[sdk][1]}: '.__add__
    given = head(era, token, session(port, token) if era == callerworld.LEGACY else None)
    given['Host'] = f'localhost:{port}'
    if approve:
        connection = http.client.HTTPConnection('localhost', port)
        connection.request('POST', '/mcp', body(era, 1), {key: value for key, value in given.items() if key != 'Host'})
        approve()
        connection.getresponse().read()
        connection.close()
    text = body(era, '@').replace('"@"', '@00000000')
    request = '\r\n'.join(['POST /mcp HTTP/1.1', *(f'{key}: {value}' for key, value in given.items()), f'Content-Length: {len(text)}', '', text])
    rounds, total = sizes
    found = told(subprocess.run([os.path.join(HERE, 'bench-http'), str(port), str(rounds), str(AT_ONCE), str(total), 'expiresIn'],
                                input=request, check=True, capture_output=True, text=True).stdout)
    for figure, key in (('one call at a time', 'serial_us'), ('p99 of that', 'serial_p99_us'),
                        (f'calls on {AT_ONCE} connections', 'at_once_per_second')):
        samples[name(figure)].append(found[key])
    samples[name('memory after all')].append(memory(pid))


def peer_over_http(samples, sdk, sizes):
    with subprocess.Popen(peer(sdk, 'http'), env=ENV, stdout=subprocess.PIPE, text=True) as process:
        try:
            over_http(samples, sdk, int(process.stdout.readline()), process.pid, sizes)
        finally:
            process.kill()


def measure(us, them, turns, starts, rounds, pipelined, approve_next):
    for sdk in SDKS:
        with contextlib.closing(countersign.World()) as world:
            for _ in range(turns):
                stdio(them, sdk, peer(sdk, 'stdio'), ENV, (starts, rounds, pipelined // 5))
                stdio(us, sdk, [world.program('countersign-mcp')], world.env, (starts, rounds, pipelined), lambda: approve_next(world))
        with contextlib.closing(callerworld.CallerWorld()) as world:
            token = world.local('bench')
            server = world.serve()
            for _ in range(turns):
                peer_over_http(them, sdk, (rounds, pipelined // 10))
                over_http(us, sdk, server.port, server.pid, (rounds, pipelined // 10), token, None if us[f'HTTP {SDKS[sdk][1]}: p99 of that'] else lambda: approve_next(world))
