# SPDX-License-Identifier: MIT
"""What a token costs: minted under a live grant, each one recorded, beside the peer, which signs with HMAC and records nothing; and
what signing and judging one takes by themselves."""

import contextlib
import os
import subprocess

import countersign
import parties

HERE = os.path.dirname(os.path.abspath(__file__))
FIGURES = [
    ('mint_token one at a time, agent.sock', 'µs', 100, True),
    ('mint_token one at a time, MCP stdio', 'µs', 100, True),
    ('token signed, ES256', 'µs', None, True),
    ('token judged, ES256', 'µs', None, True),
]
TURNS = 3
MOST = 1900  # tokens of one program that are good at one time

MODULES = os.path.join(parties.HERE, '..', 'node_modules')
PEER = [parties.node(), os.path.join(MODULES, 'mcp-credentials-broker', 'dist', 'index.js')]
PEER_ENV = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent'}
ARGUMENTS = '{"provider":"github","scopes":["read"],"ttl_seconds":3600}'


def _told(text):
    return {name: float(value) for name, value in (line.split() for line in text.splitlines()[-5:]) if name.endswith('_us')}


def _through_mcp(samples, command, env, rounds, approve=None):
    process = subprocess.Popen([os.path.join(HERE, 'bench-mcp'), str(rounds), '0', 'mint_token', ARGUMENTS, '--', *command], env=env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    process.stdout.readline()
    if approve:
        approve()
    assert process.stdout.readline() == 'ready\n'
    out = process.communicate('go\n')[0]
    samples['mint_token one at a time, MCP stdio'].append(_told(out)['serial_us'])


def _at_socket(samples, world, rounds, approve):
    process = subprocess.Popen([os.path.join(HERE, 'bench-agent'), world.agent_socket, str(rounds), '0', 'mint_token', ARGUMENTS],
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    approve()
    samples['mint_token one at a time, agent.sock'].append(_told(process.communicate()[0])['serial_us'])


def measure(us, them, rounds, approve_next):
    rounds = min(rounds, MOST // TURNS)
    out = subprocess.run([os.path.join(HERE, 'bench-token')], check=True, capture_output=True, text=True).stdout
    found = _told(out)
    us['token signed, ES256'].append(found['sign_us'])
    us['token judged, ES256'].append(found['verify_us'])
    with contextlib.closing(countersign.World()) as world:
        for _ in range(TURNS):
            _through_mcp(them, PEER, PEER_ENV, rounds)
            _through_mcp(us, [world.program('countersign-mcp')], world.env, rounds, lambda: approve_next(world))
            _at_socket(us, world, rounds, lambda: approve_next(world))
