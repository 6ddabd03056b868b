# SPDX-License-Identifier: MIT
"""What it costs to run a command confined: /bin/true, beside starting it."""

import os
import statistics
import subprocess
import time

import commands
import worker
from countersign import World

FIGURES = [
    ('/bin/true, bare', 'ms', None, True),
    ('/bin/true, run --sandbox', 'ms', None, True),
    ('/bin/true, run_command: worker to answer', 'ms', None, True),
    ('the same, Landlock and seccomp alone', 'ms', None, True),
    ('exec worker, start to answer of resolve', 'ms', None, True),
    ('output of a command, redacted', 'MB/s', None, False),
]
TRUE = os.path.realpath('/bin/true')
OUTPUT = 200  # MB


def _spawned(line):
    subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, env={})


def _closed(started):
    started.end()
    os.close(started.pidfd)


def _run(world, preexec=None):
    started, call = commands.start(world, [TRUE], preexec=preexec)
    started.answer(call)
    _closed(started)


def _resolve(world):
    started = world.worker(commands.PROGRAM)
    started.call('resolve', {'command': [TRUE], 'work_dir': '/', 'write': []})
    _closed(started)


def _timed(function, rounds):
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        function()
        times.append((time.perf_counter() - before) * 1000)
    return statistics.median(times)


def _output(world):
    """Megabytes a second from a command's pipe to nowhere, with two values to look for."""
    started, call = commands.start(
        world, ['/bin/sh', '-c', f'head -c {OUTPUT * 1000000} /dev/zero | tr "\\0" "y"'], env={'PATH': '/usr/bin:/bin'},
        secrets={name: (name * 8, None) for name in ('first-value', 'second-value')}, max_bytes=1024)
    before = time.perf_counter()
    started.answer(call)
    return OUTPUT / (time.perf_counter() - before)


def measure(samples, starts):
    world = worker.WorkerWorld()
    sandbox = [World.program('countersign-worker-exec'), '--confine', '--', TRUE]
    try:
        for (name, *_), found in zip(FIGURES, (
                lambda: _timed(lambda: _spawned([TRUE]), starts), lambda: _timed(lambda: _spawned(sandbox), starts),
                lambda: _timed(lambda: _run(world), starts), lambda: _timed(lambda: _run(world, commands.deny_namespaces), starts),
                lambda: _timed(lambda: _resolve(world), starts), lambda: _output(world))):
            samples[name].append(found())
    finally:
        world.workers = [started for started in world.workers if started.sock.fileno() >= 0]
        world.close()
