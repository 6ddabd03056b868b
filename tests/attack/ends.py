# SPDX-License-Identifier: MIT
"""What ends while it is under way: workers that are killed at any moment, descriptors that run out, answers that nobody fetches."""

import contextlib
import os
import resource
import signal

import httpservice
import tap
from lines import Refused
from tap import case, contains, equal

THINGS = {'method': 'POST', 'path': '/things'}


def workers(broker):
    """Pids of this broker's workers."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        with contextlib.suppress(OSError), open(f'/proc/{name}/stat', encoding='utf-8') as file:
            words = file.read().rpartition(')')
            if words[0].partition('(')[2].startswith('countersign-wor') and int(words[2].split()[1]) == broker:
                found.append(int(name))
    return found


def kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@case('a broker that has no descriptor left says so, and goes on')
def descriptors(world):
    agent = world.agent()
    world.granted(agent, **THINGS, body='[1]')
    pid = world.learn()
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (4, hard))
    answer = agent.answer(world.ask(agent, **THINGS, body='[2]'))
    equal((answer['status'], answer['code']), ('failed', 'busy'))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    equal(agent.answer(world.ask(agent, **THINGS, body='[3]'))['status'], 'completed')
    equal(len(world.site.seen), 2)


@case('a worker that is killed at any moment takes its own call with it, and nothing else')
def killed(world):
    agent = world.agent()
    world.granted(agent, person={'duration': 600})
    broker = world.learn()
    statuses = set()
    for number in range(tap.count(12, 1000)):
        calls = [world.ask(agent, path=f'/echo/{number}/{part}') for part in range(4)]
        for call in calls[:number % 5]:
            agent.answer(call)
        for _ in range(100 * (number % 2)):  # a call that was lost with the last one starts none
            if workers(broker):
                break
        kill(workers(broker))
        statuses |= {(answer['status'], answer.get('code')) for answer in map(agent.answer, calls)}
    assert statuses <= {('completed', None), ('failed', 'worker')}, statuses
    # One that comes before the broker has heard of the last end is lost with it, and starts the next.
    answers = [agent.answer(world.ask(agent, path=f'/after/{number}')) for number in range(2)]
    equal(answers[1]['status'], 'completed', answers)


@case('what is cancelled before its worker is ready is not sent afterwards')
def cancelled(world):
    agent, other = world.agent(), world.agent()
    world.granted(agent, **THINGS, body='[1]')
    broker = world.learn()
    while old := workers(broker):
        kill(old)
    call = world.ask(agent, **THINGS, body='[2]')
    while not (new := workers(broker)):
        pass
    os.kill(new[0], signal.SIGSTOP)
    agent.notify('cancel', {'id': call})
    agent.call('broker_status')
    later = world.ask(agent, **THINGS, body='[3]')
    other.call('broker_status')
    os.kill(new[0], signal.SIGCONT)
    equal(agent.answer(later)['status'], 'completed')
    equal([request.body for request in world.site.seen], [b'[1]', b'[3]'])


@case('answers that nobody fetches are kept while there is room, and take no room of another program')
def unfetched(world):
    agent, other = world.agent(), world.agent()
    for each in (agent, other):
        world.granted(each, person={'duration': 600})
    pending = [who.answer(world.ask(who, path=f'/big/{number}', query={'mib': '2'}, hold_seconds=0, max_bytes=1 << 20))['request_id']
               for number, who in enumerate([other] + [agent] * 40)]
    fetched = other.call('approval_wait', {'request_id': pending[0]})
    equal((fetched['status'], len(fetched['result']['body'])), ('completed', 1 << 20))
    equal(agent.call('approval_wait', {'request_id': pending[-1]})['status'], 'completed')
    try:
        raise AssertionError(agent.call('approval_wait', {'request_id': pending[1]})['status'])
    except Refused as refusal:
        contains(refusal.message, 'there is no such request')


def main():
    raise SystemExit(tap.run(httpservice.ServiceWorld))


main()
