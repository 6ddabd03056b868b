# SPDX-License-Identifier: MIT
"""What somebody on the network, and a process of the same user, try at countersign mcp --http to be somebody."""

import os
import shutil
import subprocess

import callerworld
from callerworld import Caller
from lines import PATIENCE
from tap import case, count, equal, lacks


@case('a copy of our program is not ours: it is told nothing, and does not begin')
def copied(world):
    world.local()
    libexec = os.path.join(world.folder('tree'), 'libexec')
    os.makedirs(libexec)
    copy = shutil.copy(world.program('countersign-mcp-http'), libexec)
    done = subprocess.run([copy, '--http', '127.0.0.1:0', '--socket', world.agent_socket], capture_output=True, env=world.env, text=True, timeout=PATIENCE, check=False)
    equal((done.returncode, done.stdout), (1, ''), done.stderr)


@case('our own program asks for nothing for who shows no token: not even who started it is anybody to it')
def nobody(world):
    token = world.local()
    server = world.serve()
    for wrong in (None, 'cs_' + 'a' * 43, token[:-1], token + 'a', token.swapcase()):
        for method in ('tools/list', 'tools/call', 'server/discover', 'initialize', 'ping'):
            equal(Caller(server, wrong).post(method, {'name': 'broker_status'}).status, 401)
    equal(Caller(server, token).call('broker_status').status, 200)


@case('one wrong token after another keeps nobody out, and leaves nothing behind')
def flood(world):
    issuer = world.issuer()
    server = world.serve()
    audience = f'{server.url}/mcp'
    good = Caller(server, issuer.token(audience))
    equal(good.call('broker_status').status, 200)
    asked = len(issuer.asked)
    for round in range(count(5, 50)):
        wrong = [Caller(server, issuer.token(audience, header={'kid': f'k{round}-{n}'})).begin('tools/list') for n in range(20)]
        equal(good.call('broker_status').status, 200)
        for connection in wrong:
            assert connection.getresponse().status in (401, 503)
    assert len(issuer.asked) - asked <= 2, 'each unknown key has the issuer asked again'
    equal(Caller(server, issuer.token(audience)).call('broker_status').status, 200)
    links = [fd for fd in os.listdir(f'/proc/{server.pid}/fd') if os.readlink(f'/proc/{server.pid}/fd/{fd}').startswith('socket:')]
    assert len(links) < 20, links


@case('a token that names somebody by signs that act on a screen lets nobody in, and acts on none')
def hostile(world):
    issuer = world.issuer(more='subject email\n')
    server = world.serve('--verbose')
    for name in ('\x1b]52;c;aGk=\x07ann', 'ann\u202egro.evil', 'a\nb', 'ann\u200b', ''):
        equal(Caller(server, issuer.token(f'{server.url}/mcp', email=name)).post('tools/list').status, 401, repr(name))
    for _, text in world.logs():
        for sign in ('\x1b', '\x07', '\u202e', '\u200b'):
            lacks(text, sign)


callerworld.main()
