# SPDX-License-Identifier: MIT
"""The trail sent away: real servers parse it, and nothing is lost when they or we go down."""

import json
import os

import countersign
import sinks
from tap import case, contains, equal, lacks


def something(world, n=1):
    """Requests, granted; the number of the trail's last record."""
    agent = world.agent()
    for _ in range(n):
        call = agent.ask('demo', 'to have something to tell')
        world.grant(agent.held(call)['request_id'])
        agent.answer(call)
    return world.records()[-1]['seq']


def export(world, to, *options, **more):
    return world.cli('audit', 'export', '--to', to, *options, **more)


def until(seq):
    return lambda told: told['ours']['seq'] == str(seq)


def check(world, told):
    """Each record, once, in order, and with what it has in the open."""
    records = world.records()[:len(told)]
    equal([int(t['ours']['seq']) for t in told], [r['seq'] for r in records])
    for line, record in zip(told, records):
        equal((line['version'], line['app'], line['procid'], line['msgid']), ('1', 'countersign', '-', record['event'][:32]))
        equal(line['time'].replace('+00:00', 'Z'), record['time'])
        for name, value in record.items():
            if name in ('sealed', 'prev', 'mac', 'time') or isinstance(value, list):
                continue
            equal(line['ours'][name], str(value), name)
        assert 'sealed' not in line['ours'], line
    # The hash of a record is what the next one has for its link: with its number, a checkpoint.
    for line, after in zip(told, records[1:]):
        equal(line['ours']['hash'], after['prev'])


def sent_to(world, server, *options):
    last = something(world)
    export(world, server.to, *options)
    check(world, server.lines(until(last)))
    # Nothing is sent twice.
    last = something(world)
    export(world, server.to, *options)
    told = server.lines(until(last))
    equal(int(told[0]['ours']['seq']) + len(told) - 1, last)


@case('rsyslog reads each record over a socket of the machine')
def unix(world):
    sent_to(world, sinks.Rsyslog(world, 'unix'))


@case('rsyslog reads each record over UDP')
def udp(world):
    sent_to(world, sinks.Rsyslog(world, 'udp'))


@case('rsyslog reads each record over TCP')
def tcp(world):
    sent_to(world, sinks.Rsyslog(world, 'tcp'))


@case('rsyslog reads each record over TLS, with GnuTLS')
def gnutls(world):
    server = sinks.Rsyslog(world, 'tls')
    sent_to(world, server, '--tls-ca', server.ca)


@case('rsyslog reads each record over TLS, with OpenSSL')
def openssl(world):
    server = sinks.Rsyslog(world, 'tls', driver='ossl')
    sent_to(world, server, '--tls-ca', server.ca)


countersign.main()
