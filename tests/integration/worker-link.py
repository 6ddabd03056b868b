# SPDX-License-Identifier: MIT
"""What both workers have in common: the socket to the broker, and how they end."""

import subprocess

import worker
from countersign import World
from lines import Closed, Refused
from tap import case, contains, equal

PROGRAMS = ('countersign-worker-http', 'countersign-worker-exec')


@case('a worker ends when the broker does')
def ends(world):
    for program in PROGRAMS:
        equal(world.worker(program).end(), 0, program)


@case('a method that is not there is refused, and the next call is answered all the same')
def unknown(world):
    for program in PROGRAMS:
        started = world.worker(program)
        for _ in range(2):
            try:
                started.call('sing')
                raise AssertionError('it answered')
            except Refused as refusal:
                equal(refusal.code, -32601)


ENDS = {
    'a line that is not JSON': b'{"jsonrpc":"2.0",\n',
    'a line that is no call': b'[]\n',
    'a key twice': b'{"jsonrpc":"2.0","id":1,"id":2,"method":"sing"}\n',
    'another protocol': b'{"jsonrpc":"1.0","id":1,"method":"sing"}\n',
    'a line of more than 64 KiB': b' ' * 70000 + b'\n',
    'something attached without a descriptor': b'{"jsonrpc":"2.0","method":"attach","params":{"as":"body"}}\n',
}


@case('a worker ends at what the broker never sends')
def framing(world):
    for program in PROGRAMS:
        for sentence, sent in ENDS.items():
            started = world.worker(program)
            try:
                started.lines.send_bytes(sent)
                started.pump()
                raise AssertionError(f'{sentence}: answered')
            except Closed:
                pass


@case('a descriptor that no message announces ends the worker')
def stray(world):
    for program in PROGRAMS:
        started = world.worker(program)
        with open('/dev/null', 'rb') as null:
            started.lines.send({'jsonrpc': '2.0', 'id': 1, 'method': 'sing'}, [null.fileno()])
        try:
            while True:
                started.pump()
        except Closed:
            pass


@case('a worker that a person starts says what it is and ends')
def by_hand(_):
    for program in PROGRAMS:
        path = World.program(program)
        run = subprocess.run([path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        equal(run.returncode, 2)
        contains(run.stderr, 'started by the broker')
        contains(subprocess.run([path, '--version'], capture_output=True, text=True, check=True).stdout, program)
        contains(subprocess.run([path, '--help'], capture_output=True, text=True, check=True).stdout, '--fd=N')
        equal(subprocess.run([path, 'x'], capture_output=True, check=False).returncode, 2)


@case('not one byte of a worker can be read by a process of the same user')
def closed(world):
    for program in PROGRAMS:
        started = world.worker(program)
        try:
            started.call('sing')
        except Refused:
            pass
        for name in ('mem', 'environ', 'maps'):
            try:
                with open(f'/proc/{started.process.pid}/{name}', 'rb') as file:
                    file.read(1)
                raise AssertionError(f'{program}: {name} can be read')
            except PermissionError:
                pass


worker.main()
