# SPDX-License-Identifier: MIT
"""The trail's files: closed on demand, kept for as long as a person says, and gone on with when an older version began them."""

import json
import os
import stat

import countersign
from lines import Refused
from oldtrail import begin_with, files
from tap import case, contains, equal, lacks


def lines(world, name):
    with open(os.path.join(world.audit, name), encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def refused(human, method, **params):
    try:
        human.call(method, params)
    except Refused as error:
        return error.data.get('reason') or error.code
    raise AssertionError(f'{method} was not refused')


# --- closing ---


@case('a file is closed on demand, by whom the PIN let read, and what comes then begins another')
def close(world):
    equal(refused(world.human(), 'audit_close'), 'not_authenticated')
    human = world.human(pin=True)
    equal(human.call('audit_close'), {'segment': 1})
    before = lines(world, '000001.jsonl')
    equal(before[-1]['event'], 'closed')
    equal(before[-1]['records'], len(before) - 1)
    equal(human.call('audit_close'), {'segment': 1})
    equal(lines(world, '000001.jsonl'), before)
    equal(files(world), ['000001.jsonl'])
    world.secret('another', 'value')
    equal(files(world), ['000001.jsonl', '000002.jsonl'])
    after = lines(world, '000002.jsonl')
    equal((after[0]['event'], after[0]['key']), ('segment', before[-1]['next']))
    status = world.status()['audit']
    equal((status['segment'], status['first_key']), (2, before[0]['key']))
    world.cli('audit', 'verify', passphrase=True)
    world.stop()
    world.unlock()
    equal(lines(world, '000001.jsonl'), before)
    equal(lines(world, '000002.jsonl')[:len(after)], after)
    world.cli('audit', 'verify', passphrase=True)


@case('with the file its seed is gone: no older head is left in the store')
def seed(world):
    human = world.human(pin=True)
    log = world.store + '-wal'
    assert os.path.getsize(log) > 0, 'nothing was there to be erased'
    human.call('audit_close')
    equal(os.path.getsize(log), 0)


# --- keeping ---


@case('a trail is kept for ever, unless a person says otherwise')
def for_ever(world):
    contains(world.cli('audit', 'retention').out, 'for ever')
    equal(world.cli('audit', 'retention', '--json').json(), {'days': None})
    lacks(world.status()['audit'], 'retention_days')
    equal(refused(world.human(), 'audit_retain', days=30), 'pin_needed')
    equal(refused(world.human(), 'audit_retain', days=30, pin='000000'), 'pin_wrong')
    contains(world.cli('audit', 'retention').out, 'for ever')


@case('shortening asks the PIN, lengthening does not, and both are recorded')
def set_days(world):
    contains(world.cli('audit', 'retention', '30', status=1).err, '--pin-fd')
    contains(world.cli('audit', 'retention', '30', pin=True).out, '30 days')
    equal(world.status()['audit']['retention_days'], 30)
    contains(world.cli('status').out, 'kept for 30 days')
    equal(refused(world.human(), 'audit_retain', days=29), 'pin_needed')
    equal(world.cli('audit', 'retention', '30', '--json').json(), {'days': 30})
    contains(world.cli('audit', 'retention', '31').out, '31 days')
    contains(world.cli('audit', 'retention', '1', pin=True).out, '1 day;')
    contains(world.cli('audit', 'retention', 'forever').out, 'for ever')
    equal([r['days'] for r in world.records() if r['event'] == 'retention_set'], [30, 30, 31, 1, 0])
    world.cli('audit', 'retention', '7', pin=True)
    world.stop()
    world.unlock()
    equal(world.status()['audit']['retention_days'], 7)


@case('what is no number of days is refused')
def no_days(world):
    for word in ('0', '-1', '36501', '1.5', '30d', 'always', '', ' 1', '99999999999999999999'):
        world.cli('audit', 'retention', '--', word, pin=True, status=2)
    for days in (0, -1, 36501, '30', 1.5, True, None):
        human = world.human()
        try:
            human.call('audit_retain', {'days': days, 'pin': countersign.PIN})
        except Refused as error:
            equal(error.data.get('field', 'days'), 'days')
            continue
        raise AssertionError(f'{days!r} days were taken')
    equal(world.cli('audit', 'retention', '--json').json(), {'days': None})


@case('a locked broker keeps the trail as it did', secrets=())
def locked(world):
    world.cli('audit', 'retention', '30', pin=True)
    world.cli('lock')
    contains(world.cli('audit', 'retention').out, '30 days')
    world.cli('audit', 'retention', '7', pin=True, status=4)
    world.cli('audit', 'retention', 'forever', status=4)
    equal(world.status()['audit']['retention_days'], 30)


@case('old files go when a person says so, recorded first; the last one stays', init=False)
def go(world):
    begin_with(world, 'old-trail')
    world.unlock()
    last, fourth = lines(world, '000003.jsonl')[-1], lines(world, '000004.jsonl')[0]
    world.cli('audit', 'retention', '9', pin=True)
    world.cli('audit', 'verify', passphrase=True)
    world.stop()
    equal(files(world), ['000004.jsonl', '000005.jsonl'])  # the fourth has today's unlocking in it
    removed = [r for r in world.records() if r['event'] == 'segments_removed']
    equal([(r['first'], r['last'], r['last_seq'], r['next']) for r in removed], [(1, 3, last['seq'], fourth['key'])])
    world.unlock()
    world.cli('audit', 'verify', passphrase=True)
    equal(world.status()['audit']['first_key'], fourth['key'])


@case('old files go at the next start too', init=False)
def at_start(world):
    begin_with(world, 'old-trail')
    world.unlock()
    with open(os.path.join(world.audit, 'sink-elsewhere.json'), 'w', encoding='utf-8') as file:
        json.dump({'file': 1, 'offset': 0, 'seq': 0, 'hash': '0' * 64}, file)
    contains(world.cli('audit', 'retention', '9', pin=True).out, '9 days')
    world.secret('more', 'value')  # behind the looking for old files
    contains(world.cli('audit', 'retention').out, 'sink-elsewhere.json')
    contains(world.cli('status').out, 'sink-elsewhere.json')
    contains(world.cli('doctor', status=None).out, 'sink-elsewhere.json')
    equal(len(files(world)), 5)
    world.stop()
    os.unlink(os.path.join(world.audit, 'sink-elsewhere.json'))
    world.unlock()
    world.secret('again', 'value')
    world.stop()
    equal(files(world), ['000004.jsonl', '000005.jsonl'])


# --- an older version's ---


@case('a store and a trail of format 1 are gone on with', init=False)
def format_1(world):
    begin_with(world, 'format-1')
    with open(os.path.join(world.audit, '000001.jsonl'), 'rb') as file:
        old = file.read()
    world.unlock()
    agent = world.agent()
    call = agent.ask('demo')
    world.grant(agent.held(call)['request_id'])
    equal(agent.answer(call)['status'], 'completed')
    equal(files(world), ['000001.jsonl', '000002.jsonl'])
    first = lines(world, '000002.jsonl')[0]
    equal((first['format'], first['segment'], world.status()['audit']['first_key']), (2, 2, first['key']))
    world.cli('audit', 'verify', passphrase=True)
    names = {r.get('resource') for r in world.cli('audit', 'list', '--json', pin=True).json()}
    assert {'demo', 'other'} <= names, names
    world.stop()
    with open(os.path.join(world.audit, '000001.jsonl'), 'rb') as file:
        equal(file.read(), old)
    world.unlock()
    world.human(pin=True).call('audit_close')
    world.cli('audit', 'verify', passphrase=True)
    equal(stat.S_IMODE(os.stat(os.path.join(world.audit, '000002.jsonl')).st_mode), 0o600)


countersign.main()
