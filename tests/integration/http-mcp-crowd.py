# SPDX-License-Identifier: MIT
"""Many at once over HTTP, and those who do not read: everybody else is served, and no memory is lost to them."""

import contextlib
import os
import random
import resource
import sys

import countersign
import tap
from mcpserve import Served, Session, said
from tap import Skip, case, equal

MIB = 1 << 20


def world_of(**options):
    """With room for thousands of connections on both sides."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 4096:
        raise Skip(f'no more than {most} files may be open here')
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, most))
    return countersign.World(init=False, **options)


def serve(world, *arguments):
    # A sanitizer keeps what was freed for a while; not here, where it would count.
    spare = ':'.join(filter(None, (world.env.get('ASAN_OPTIONS'), 'quarantine_size_mb=1')))
    return Served(world, *arguments, env={**world.env, 'ASAN_OPTIONS': spare})


def resident(served):
    with open(f'/proc/{served.pid}/statm') as statm:
        return int(statm.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def held(served, count):
    """So many calls that wait, each on a connection of its own."""
    lines = [served.line().call('wait', key=str(n), token=n) for n in range(count)]
    for line in lines:
        line.begun()
    return lines


@case('a thousand calls wait at once, each is answered on its own stream, and others are answered meanwhile')
def thousand(world):
    served = serve(world)
    before, count = resident(served), 1000
    lines = held(served, count)
    each = (resident(served) - before) / count
    tap.note(f'{each / 1024:.1f} KiB each')
    # Everything of a call that waits, and what a sanitizer adds.
    assert each < 96 * 1024, f'{each} bytes for each'
    other = {'Authorization': 'Bearer other'}
    line = served.line()
    for n in range(50):
        equal(said(line.call('echo', n, key=str(n), headers=other).answer().json()), str(n))
    for n in reversed(range(0, count, 2)):
        served.say('answer', n, n)
    for n in range(0, count, 2):
        equal(said(lines[n].told()), str(n))
        equal(lines[n].event(), None)
    for n in range(1, count, 2):
        lines[n].close()
    for n in range(1, count, 2):
        served.next(f'cancelled {n}')
    equal(said(line.call('echo', 1, key='x').answer().json()), 'x')


@case('thousands that come and go leave nothing behind')
def again(world):
    served = serve(world)

    def round_of(count):
        one = Session(served)
        lines = held(served, count) + [one.call('echo', n, key='x' * 1000) for n in range(count)]
        for line in lines:
            line.close()
        for n in range(count):
            served.next(f'cancelled {n}')
        equal(one.delete().answer().status, 204)

    round_of(500)
    before = resident(served)
    for _ in range(tap.count(2, 20)):
        round_of(500)
    grown = resident(served) - before
    assert grown < 8 * MIB, f'{grown >> 10} KiB more'


@case('who reads nothing is dropped, and others are told what they asked for meanwhile')
def never_read(world):
    served = serve(world)
    reader = served.line().call('wait', key='reader', token='t')
    reader.begun()
    lines = held(served, 40)
    before = resident(served)
    dropped = set()
    # What waits for all of them together is bounded as well.
    for _ in range(12):
        for n in set(range(len(lines))) - dropped:
            served.say('flood', n, MIB)
        served.say('progress', 'reader', 'on')
        equal(reader.told()['params']['message'], 'on')
        dropped |= {int(line.split()[1]) for line in served.heard if line.startswith('cancelled ')}
        grown = resident(served) - before
        assert grown < 160 * MIB, f'{grown >> 20} MiB more'
    for n in set(range(len(lines))) - dropped:
        served.say('flood', n, MIB)
    for n in range(len(lines)):
        served.next(f'cancelled {n}')
    served.say('answer', 'reader', 'done')
    equal(said(reader.told()), 'done')


@case('who reads nothing is dropped although there is room for what waits')
def alone(world):
    served = serve(world)
    line, reader = (served.line().call('wait', key=key, token=key) for key in ('k', 'reader'))
    line.begun()
    reader.begun()
    for _ in range(24):  # the kernel takes some of it
        served.say('flood', 'k', MIB)
        served.say('progress', 'reader', 'on')
        reader.told()
    served.say('answer', 'k', 'to nobody')
    served.next('unknown k')
    served.next('cancelled k')


@case('who reads slowly gets all of it')
def slow_reader(world):
    served = serve(world)
    line = served.line().call('wait', key='k', token='t')
    line.begun()
    served.next('called k')
    for size in (1, MIB, 3 * MIB):
        served.say('flood', 'k', size)
    served.say('large', 'k', 3 * MIB)
    for size in (1, MIB, 3 * MIB):
        equal(len(line.told()['params']['message']), size)
    equal(len(said(line.told())), 3 * MIB)
    equal(line.event(), None)


@case('what is kept for clients of the handshake era that went is bounded, and the last of it is there')
def kept(world):
    served = serve(world)
    one = Session(served)
    lines = [one.call('wait', n, key=str(n), token=n) for n in range(4)]
    firsts = []
    for line in lines:
        line.begun()
        firsts.append(line.event()['id'])
        line.close()
    before = resident(served)
    for _ in range(16):
        for n in range(4):
            served.say('flood', n, MIB // 2)
    for n in range(4):
        served.say('answer', n, f'last {n}')
    for n, first in enumerate(firsts):
        line = one.get(first)
        while line.head()[0] != 200:
            line = one.get(first)
        told = []
        while (message := line.told()) is not None:
            told.append(message)
        equal((said(told[-1]), len(told) <= 3), (f'last {n}', True))
    grown = resident(served) - before
    assert grown < 64 * MIB, f'{grown >> 20} MiB more'


class Muddle:
    """Clients of both eras that do anything in any order, and read now and then."""

    def __init__(self, served, seed):
        self.served, self.random = served, random.Random(seed)
        self.lines, self.sessions = [], []

    def key(self):
        return str(self.random.randrange(40))

    def line(self):
        if len(self.lines) < 100 and self.random.random() < 0.5:
            self.lines.append(self.served.line())
            self.lines[-1].sock.setblocking(False)
        return self.random.choice(self.lines or [self.line()])

    def leave(self, line, how):
        with contextlib.suppress(OSError):
            how(line)
        self.lines.remove(line)

    def session(self):
        if len(self.sessions) < 20 and self.random.random() < 0.3:
            self.sessions.append(Session(self.served, self.random.choice(('2025-03-26', '2025-06-18', '2025-11-25')),
                                         self.random.choice(('ann', 'bob'))))
        return self.random.choice(self.sessions or [Session(self.served)])

    def step(self):
        """One more; a client whose own pipe is full says it later."""
        number, tool_ = self.random.randrange(100), self.random.choice(('wait', 'wait', 'echo'))
        steps = (
            *[lambda: self.line().call(tool_, number, key=self.key(), token=number)] * 4,
            *[lambda: self.session().call(tool_, number, key=self.key(), token=number, line=self.line())] * 4,
            *[lambda: self.session().get(self.random.choice((None, '1.0', '2.0', '2.1', '3.0', '4.2')), line=self.line())] * 2,
            lambda: self.session().post({'jsonrpc': '2.0', 'method': 'notifications/cancelled', 'params': {'requestId': number}},
                                        line=self.line()),
            lambda: self.sessions and self.sessions.pop().delete(),
            *[lambda: self.leave(self.line(), lambda line: line.close())] * 2,
            lambda: self.leave(self.line(), lambda line: line.half_close()),
            lambda: self.line().send('POST /mcp HTTP/1.1\r\nHost: '),
            *[lambda: self.line().sock.recv(self.random.choice((1, 1 << 16)))] * 4,
            *[lambda: self.served.say(self.random.choice(('answer', 'progress', 'hangup')), self.key(), 100)] * 4,
            lambda: self.served.say('flood', self.key(), self.random.choice((1, 100000, 2 * MIB))),
            lambda: self.served.say('changed'),
            lambda: self.random.random() < 0.1 and self.served.say('forget', 'nobody'))
        with contextlib.suppress(OSError):
            self.random.choice(steps)()
        self.served.drain()


@case('whatever clients do in whatever order, it goes on serving, and ends without a trace')
def muddle(world):
    served = serve(world, 5)
    mess = Muddle(served, 6)
    for _ in range(tap.count(2000, 100000)):
        mess.step()
    equal(said(served.line().call('echo', key='x', headers={'Authorization': 'Bearer other'}).answer().json()), 'x')
    served.end()


sys.exit(tap.run(world_of))
