# SPDX-License-Identifier: MIT
"""Many processes of one user, each a requester of its own, that ask without end: the trail grows by a bounded number of
records, and not one request is missing from the counts."""

import datetime
import os

import countersign
import parties
from tap import case, count, equal, note

EACH = 60     # requests of each process: fewer than one may have recorded at once
BURST = 1024  # records of one user at once, and so many a second after that
A_SECOND = 16


def child(world):
    """A process that asks, hears that it may not, and goes; refused without a person."""
    asking = parties.Socket(world, world.agent_socket)
    asking.call('hello', {'version': 1, 'role': 'agent'})
    calls = [asking.start('get_secret', {'name': 'demo', 'purpose': f'flood {i}'}) for i in range(EACH)]
    answers = [asking.answer(call) for call in calls]
    return all((a['status'], a['code']) == ('denied', 'policy') for a in answers)


def flood(world, processes, at_once):
    """So many processes, a few of them at the same time; each has to succeed."""
    running = []
    for _ in range(processes):
        if len(running) == at_once:
            equal(os.waitpid(running.pop(0), 0)[1], 0, 'a process of the flood')
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = 0 if child(world) else 2
            finally:
                os._exit(status)
        running.append(pid)
    for pid in running:
        equal(os.waitpid(pid, 0)[1], 0, 'a process of the flood')


def seconds(record):
    return datetime.datetime.fromisoformat(record['time'].replace('Z', '+00:00')).timestamp()


def deny(world):
    with open(os.path.join(world.config, 'policy.conf'), 'a', encoding='utf-8') as file:
        file.write('deny get_secret of demo\n')
    world.cli('policy', 'apply', pin=True)


@case('ever new processes fill the trail no faster than one user may, and every request is counted')
def processes(world):
    deny(world)
    before = len(world.records())
    total = count(50, 600) * EACH
    flood(world, total // EACH, 4)
    world.cli('lock')  # what is still a count in memory is recorded
    written = world.records()[before:]
    one_by_one = [r for r in written if r['event'] == 'request_denied']
    numbers = [r for r in written if r['event'] == 'requests_refused']
    equal(len(one_by_one) + sum(r['count'] for r in numbers), total)
    room = BURST + A_SECOND * (seconds(written[-1]) - seconds(written[0]) + 1)
    # One number for the user is written beyond that, at most each ten seconds.
    together = [r for r in numbers if 'uid' in r]
    assert len(one_by_one) + len(numbers) - len(together) <= room, (len(one_by_one), len(numbers), room)
    assert together, 'the user had room for all of it: the flood was too small to show anything'
    equal({r['uid'] for r in together}, {os.geteuid()})
    assert all(r['requesters'] >= 1 and 'pid' not in r for r in together), together
    note(f'{total} requests are {len(written)} records')
    world.unlock()
    world.cli('audit', 'verify', passphrase=True)


@case('who is not of the flood is asked about while it lasts', secrets=('demo', 'other'))
def others(world):
    deny(world)
    flood(world, 24, 4)
    agent = world.agent()
    call = agent.ask('other')
    request_id = agent.held(call)['request_id']
    assert [r for r in world.records() if r.get('request_id') == request_id], 'what is held is recorded one by one'
    world.grant(request_id)
    equal(agent.answer(call)['status'], 'completed')
    assert [r for r in world.records() if r['event'] == 'grant_made' and r['request_id'] == request_id]


countersign.main()
