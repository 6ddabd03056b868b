# SPDX-License-Identifier: MIT
"""measure.py [--json|--quick]: the figures, beside those of the peer in the same run.

The peer keeps secrets in memory, asks nobody and records nothing; its figures are the fastest that it can be.
"""

import collections
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time

import auditing
import countersign
import deciding
import desktop
import minting
import official
import parties
import reading
import redaction
import requests
import running

HERE = os.path.dirname(os.path.abspath(__file__))
QUICK = '--quick' in sys.argv
# Both take turns, so that what else the machine does falls on both.
TURNS = 1 if QUICK else 5
STARTS = 5 if QUICK else 11
ROUNDS = 500 if QUICK else 5000
PIPELINED = 5000 if QUICK else 100000
PEER_PIPELINED = 1000 if QUICK else 20000
DESKTOPS, DIALOGS = (1, 3) if QUICK else (5, 10)
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
    ('request to dialog on screen, first', 'ms', 500, True),
    ('request to dialog on screen, resident', 'ms', 100, True),
    *auditing.FIGURES,
    *official.FIGURES,
    *minting.FIGURES,
    *requests.FIGURES,
    *running.FIGURES,
    *redaction.FIGURES,
    *deciding.FIGURES,
    *reading.figures(QUICK),
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


def one_start(command, env):
    """Milliseconds from exec to the answer to initialize."""
    process = subprocess.run([program('bench-mcp'), '0', '0', '--', *command], env=env, check=True,
                             capture_output=True, text=True)
    return told(process.stdout)['start_us'] / 1000


def through_mcp(samples, command, env, pipelined, approve=None):
    """One turn of an MCP server: start, memory at rest, get_secret."""
    for _ in range(STARTS):
        samples['start to initialize answered'].append(one_start(command, env))
    process = subprocess.Popen([program('bench-mcp'), str(ROUNDS), str(pipelined), '--', *command], env=env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    pid = int(process.stdout.readline().split()[1])
    if approve:
        approve()
    assert process.stdout.readline() == 'ready\n'
    samples['memory at rest, MCP server'].append(rss(pid))
    found = told(process.communicate('go\n')[0])
    samples['get_secret one at a time, MCP stdio'].append(found['serial_us'])
    samples['get_secret p99, MCP stdio'].append(found['serial_p99_us'])
    samples['get_secret pipelined, MCP stdio'].append(found['pipelined_per_second'])


def peer(samples):
    through_mcp(samples, minting.PEER, {**minting.PEER_ENV, 'BENCH_STORE': '1'}, PEER_PIPELINED)


def approve_next(world):
    """The person grants what comes next, for as long as was asked."""
    human = world.human(pin=True)
    human.call('subscribe')
    request = human.hear('held')
    human.decide(request, pin=countersign.PIN, duration=json.loads(request['card'])['max_duration'])


def at_socket(samples, world):
    """An agent without MCP between."""
    process = subprocess.Popen([program('bench-agent'), world.agent_socket, str(ROUNDS), str(PIPELINED)],
                               stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    approve_next(world)
    found = told(process.communicate()[0])
    samples['get_secret one at a time, agent.sock'].append(found['serial_us'])
    samples['get_secret pipelined, agent.sock'].append(found['pipelined_per_second'])


def take_turns(us, them):
    with contextlib.closing(countersign.World()) as world:
        us['memory at rest, broker'].append(rss(world.learn()))
        for _ in range(TURNS):
            peer(them)
            through_mcp(us, [world.program('countersign-mcp')], world.env, PIPELINED, lambda: approve_next(world))
            at_socket(us, world)


def on_screen(samples, world, agent, figure):
    """From the agent's line until the window manager has the dialog on the screen; then it is denied."""
    before = time.monotonic()
    call = agent.ask('demo', 'a measurement')
    window = world.screen.wait_window(desktop.TITLE)
    samples[figure].append((time.monotonic() - before) * 1000)
    request_id = agent.held(call)['request_id']
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    agent.answer(call)
    window.wait_gone()
    agent.close()


def dialogs(samples):
    for _ in range(DESKTOPS):
        with contextlib.closing(desktop.World()) as world:
            on_screen(samples, world, world.agent(), 'request to dialog on screen, first')
            for _ in range(DIALOGS):
                on_screen(samples, world, world.agent(), 'request to dialog on screen, resident')


def many_held(samples, held):
    with contextlib.closing(countersign.World(secrets=())) as world:
        decide_many(samples, held, world)


def decide_many(samples, held, world):
    human = world.human(pin=True)
    for i in range(held):
        human.call('secret_set', {'name': f's{i}', 'value': 'v', 'mode': 'new', 'pin': countersign.PIN})
    out = subprocess.run([program('bench-held'), world.agent_socket, world.human_socket, countersign.PIN, str(held),
                          str(min(held, 2000))], check=True, capture_output=True, text=True).stdout
    for name, value in told(out).items():
        verdict, part, _ = name.split('_')
        samples[f'{verdict} to answer {part}, {held} held'].append(value / 1000)


def show(us, them):
    print(f'{"median of one run":44} {"unit":>10} {"countersign":>12} {"peer":>10} {"ratio":>8} {"target":>10}')
    for name, unit, target, less in FIGURES:
        value, other = us[name], them.get(name)
        ratio = f'{other / value if less else value / other:.1f}×' if other else '–'
        met = '' if target is None else 'met' if (value <= target if less else value >= target) else 'MISSED'
        sign = '' if target is None else ('≤ ' if less else '≥ ') + f'{target:g}'
        print(f'{name:44} {unit:>10} {value:12.4g} {f"{other:.4g}" if other else "–":>10} {ratio:>8} {sign:>10} {met}')
    print('peer: npm mcp-credentials-broker 1.0.4, which keeps no audit trail; ratio: times better than it. For "SDK": get_secret on the'
          ' official TypeScript SDK, which checks no token. For redaction: Vectorscan,'
          ' which only finds the forms that are encoded, not what is quoted or on two lines')


def main():
    busy = os.getloadavg()[0]
    samples = collections.defaultdict(list), collections.defaultdict(list)
    take_turns(*samples)
    for held in HELD:
        many_held(samples[0], held)
    dialogs(samples[0])
    official.measure(*samples, 1 if QUICK else 3, STARTS, ROUNDS, PIPELINED, approve_next)
    minting.measure(*samples, ROUNDS // 5, approve_next)
    requests.measure(samples[0], ROUNDS // 5, PIPELINED, STARTS)
    running.measure(samples[0], STARTS)
    redaction.measure(*samples)
    deciding.measure(samples[0])
    auditing.measure(samples[0], QUICK)
    reading.measure(samples[0], QUICK)
    us, them = ({name: statistics.median(values) for name, values in side.items()} for side in samples)
    if '--json' in sys.argv:
        print(json.dumps([{'id': name, 'unit': unit, 'countersign': us[name], 'peer': them.get(name), 'target': target,
                           'less_is_better': less} for name, unit, target, less in FIGURES], ensure_ascii=False, indent=1))
    else:
        show(us, them)
        print(f'{os.cpu_count()} processors, load {busy:.1f} at the beginning')


main()
