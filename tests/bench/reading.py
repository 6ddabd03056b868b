# SPDX-License-Identifier: MIT
"""What reading a long trail costs: a day of it and one request, with the index and without, and making that."""

import contextlib
import os
import subprocess
import time

import countersign

HERE = os.path.dirname(os.path.abspath(__file__))
DAYS = 100
RECORDS, QUICK_RECORDS = 10_000_000, 100_000  # gigabytes: under /var/tmp, and removed


def names(records):
    size = f'{records // 1_000_000} million' if records >= 1_000_000 else f'{records // 1000} thousand'
    return {'made': f'index of {size} records made', 'first': f'first line of a day of {DAYS}, {size} records',
            'day': f'a day of {DAYS}, {size} records', 'sealed': f'a day of {DAYS} without the PIN, {size} records',
            'show': f'one request of {size} records', 'show_sealed': f'one request without the PIN, {size} records',
            'size': f'index of {size} records'}


def figures(quick):
    known = names(QUICK_RECORDS if quick else RECORDS)
    return [(known['made'], 's', None, True), (known['size'], 'MB', None, True), (known['first'], 's', 1, True),
            (known['day'], 's', None, True), (known['show'], 's', 1, True), (known['sealed'], 's', None, True),
            (known['show_sealed'], 's', None, True)]


class World(countersign.World):
    @staticmethod
    def _room():
        return '/var/tmp'


def make(world, records):
    """A trail whose last DAYS days lie ahead; the id of a request in it."""
    world.stop()
    done = subprocess.run([os.path.join(HERE, 'bench-trail'), world.store, world.audit, str(records), str(DAYS)],
                          input=countersign.PASSPHRASE.encode(), check=True, capture_output=True)
    world.unlock()
    return done.stdout.decode().strip()


def timed(world, *arguments, pin=True):
    """Seconds until the first byte, and until all is said."""
    reader, writer = os.pipe()
    os.write(writer, countersign.PIN.encode() + b'\n')
    os.close(writer)
    options = ['--pin-fd', str(reader)] if pin else ['--no-names']
    with open(os.devnull, 'wb') as nowhere, \
            subprocess.Popen([world.program('countersign'), 'audit', *arguments, *options], env=world.env,
                             stdout=subprocess.PIPE, stderr=nowhere, pass_fds=[reader]) as process:
        before = time.monotonic()
        assert process.stdout.read(1), arguments
        first = time.monotonic() - before
        while process.stdout.read(1 << 20):
            pass
    os.close(reader)
    assert process.returncode == 0, arguments
    return first, time.monotonic() - before


def index_size(world):
    total = 0
    for folder, _, files in os.walk(os.path.join(world.env['HOME'], '.cache')):
        total += sum(os.path.getsize(os.path.join(folder, name)) for name in files)
    return total / 1e6


def measure(samples, quick):
    records = QUICK_RECORDS if quick else RECORDS
    known = names(records)
    day = time.strftime('%Y-%m-%d', time.localtime(time.time() + DAYS // 2 * 86400))
    with contextlib.closing(World()) as world:
        request = make(world, records)
        samples[known['made']].append(timed(world, 'show', request)[1])
        samples[known['size']].append(index_size(world))
        for _ in range(1 if quick else 3):
            first, whole = timed(world, 'list', '--since', day, '--until', day)
            samples[known['first']].append(first)
            samples[known['day']].append(whole)
            samples[known['show']].append(timed(world, 'show', request)[1])
        samples[known['sealed']].append(timed(world, 'list', '--since', day, '--until', day, pin=False)[1])
        samples[known['show_sealed']].append(timed(world, 'show', request, pin=False)[1])


if __name__ == '__main__':
    import collections
    import sys
    FOUND = collections.defaultdict(list)
    measure(FOUND, '--quick' in sys.argv)
    for name, values in FOUND.items():
        print(name, ' '.join(f'{value:.3f}' for value in values))
