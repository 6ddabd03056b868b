# SPDX-License-Identifier: MIT
"""What it costs to have a request made with a credential, beside making it: the same site, over TLS, one connection kept.

Direct is Python's own client, with the value in its hands. Ours is an agent at agent.sock under a live grant: agent, broker,
worker, site and back, every use recorded.
"""

import contextlib
import http.client
import ssl
import statistics
import time

import httpservice
import httpworker
import parties

FIGURES = [
    ('HTTP with a credential, over direct', 'ms', 0.5, True),
    ('the same, after all of these calls', 'ms', 0.5, True),
    ('HTTP with a credential, pipelined', '/s', None, False),
    ('HTTP worker, start to open', 'ms', None, True),
    ('HTTP worker, memory after all', 'MB', None, True),
]
WINDOW = 16


def _direct(world):
    """A function that makes one request."""
    context = ssl.create_default_context(cadata=world.authority.pem)
    connection = http.client.HTTPSConnection('localhost', world.site.port, context=context)

    def once():
        connection.request('GET', '/api/me', headers={'Authorization': f'Bearer {httpservice.VALUE}'})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    return once


def _agent(world):
    agent = parties.Socket(world, world.agent_socket)
    agent.call('hello', {'version': 1, 'role': 'agent'})
    call = world.ask(agent)
    world.grant(agent.hear('held', id=call)['request_id'], duration=3600)
    agent.answer(call)
    return agent


def _once(world, agent):
    call = world.ask(agent)
    assert agent.answer(call)['result']['status'] == 200
    agent.answers.clear()


def _timed(function, rounds):
    times = []
    for _ in range(rounds):
        before = time.perf_counter()
        function()
        times.append((time.perf_counter() - before) * 1000)
    return statistics.median(times)


def _over(world, agent, direct, rounds):
    """Milliseconds that ours takes longer; both take turns."""
    found = []
    for _ in range(10):
        ours = _timed(lambda: _once(world, agent), rounds // 10)
        found.append(ours - _timed(direct, rounds // 10))
    return statistics.median(found)


def _pipelined(world, agent, count):
    def begin(number):
        return world.ask(agent, query={'n': str(number)})  # what is the same as one under way waits for that one's answer
    before = time.perf_counter()
    begun = [begin(number) for number in range(WINDOW)]
    for number in range(count):
        call = begun.pop(0)
        assert agent.answer(call)['result']['status'] == 200
        del agent.answers[call]
        if number + WINDOW < count:
            begun.append(begin(number + WINDOW))
        world.site.seen.clear()
    return count / (time.perf_counter() - before)


def _starts(samples, count):
    with contextlib.closing(httpworker.HttpWorld()) as world:
        for _ in range(count):
            before = time.perf_counter()
            world.opened()
            samples['HTTP worker, start to open'].append((time.perf_counter() - before) * 1000)


def _workers_memory(broker):
    """Of the one worker that the broker has for requests, in MB."""
    with open(f'/proc/{broker}/task/{broker}/children', encoding='ascii') as file:
        for pid in file.read().split():
            with open(f'/proc/{pid}/status', encoding='ascii') as status:
                lines = dict(line.rstrip('\n').split(':\t', 1) for line in status if ':\t' in line)
            if lines['Name'].startswith('countersign-wor'):
                return int(lines['VmRSS'].split()[0]) / 1024
    raise AssertionError('there is no worker')


def measure(samples, rounds, calls, starts):
    _starts(samples, starts)
    with contextlib.closing(httpservice.ServiceWorld()) as world:
        agent, direct = _agent(world), _direct(world)
        _over(world, agent, direct, 100)
        samples['HTTP with a credential, over direct'].append(_over(world, agent, direct, rounds))
        samples['HTTP with a credential, pipelined'].append(_pipelined(world, agent, calls))
        samples['the same, after all of these calls'].append(_over(world, agent, direct, rounds))
        samples['HTTP worker, memory after all'].append(_workers_memory(world.learn()))

