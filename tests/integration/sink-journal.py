# SPDX-License-Identifier: MIT
"""The trail sent to a real journal."""

import countersign
import sinks
from sinks import export, something
from tap import case, contains, equal, lacks


@case('the journal has each record, in fields')
def journal(world):
    server = sinks.Journal(world)
    last = something(world)
    export(world, server.to)
    records = world.records()
    entries = server.follow(lambda entry: entry['COUNTERSIGN_SEQ'] == str(last))
    equal(len(entries), last)
    for entry, record in zip(entries, records):
        equal((entry['COUNTERSIGN_SEQ'], entry['COUNTERSIGN_EVENT'], entry['COUNTERSIGN_TIME']),
              (str(record['seq']), record['event'], record['time']))
        for name, value in record.items():
            if name not in ('sealed', 'prev', 'mac') and not isinstance(value, list):
                equal(entry[f'COUNTERSIGN_{name.upper()}'], str(value), name)
        contains(entry['MESSAGE'], f'record {record["seq"]}: ')
        equal((entry['SYSLOG_FACILITY'], entry['_TRANSPORT']), ('10', 'journal'))
        lacks(entry, 'COUNTERSIGN_SEALED')
    for entry, after in zip(entries, records[1:]):
        equal(entry['COUNTERSIGN_HASH'], after['prev'])


@case('the journal restarts, and nothing is missing')
def journal_restarts(world):
    server = sinks.Journal(world)
    sinks.Exporter(world, server.to, '--sealed')
    server.follow(until_entry(something(world)))
    server.stop()
    last = something(world)
    server.start()
    entries = server.follow(until_entry(last))
    equal([int(e['COUNTERSIGN_SEQ']) for e in entries], [r['seq'] for r in world.records()][:last])


@case('a record that no datagram holds goes to the journal all the same, and syslog is told what was left out')
def large(world):
    something(world)
    world.stop()
    with sinks.open_trail(world) as append:
        seq = append('x' * 900000)
    server, syslog = sinks.Journal(world), sinks.Rsyslog(world, 'unix')
    export(world, server.to)
    entry = server.follow(until_entry(seq))[-1]
    equal(len(entry['COUNTERSIGN_CODE']), 900000)
    export(world, syslog.to)
    told = syslog.lines(lambda told: told['ours']['seq'] == str(seq))[-1]
    equal((told['ours']['left_out'], told['message'].strip()), ('code', f'record {seq}'))
    lacks(told['ours'], 'code')


def until_entry(seq):
    return lambda entry: entry['COUNTERSIGN_SEQ'] == str(seq)


countersign.main()
