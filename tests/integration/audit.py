# SPDX-License-Identifier: MIT
"""The audit trail at the command line: told, opened with the PIN, proven with the passphrase, and not to be fooled."""

import os
import re
import shutil

import countersign
from tap import case, contains, equal, lacks

PURPOSE = 'to see whether the trail tells'


def one_life(world):
    """A request from asking to reference; its id and the grant's."""
    agent = world.agent()
    call = agent.ask('demo', PURPOSE)
    request_id = agent.held(call)['request_id']
    grant_id = world.grant(request_id)['grant_id']
    agent.answer(call)
    return request_id, grant_id


def listing(world, *arguments, **options):
    return world.cli('audit', 'list', '--json', *arguments, **options).json()


def segment(world):
    return os.path.join(world.audit, '000001.jsonl')


def rewrite(world, change):
    """The trail after the broker has ended, with its lines changed."""
    world.stop()
    with open(segment(world), encoding='utf-8') as file:
        lines = file.read().splitlines(keepends=True)
    with open(segment(world), 'w', encoding='utf-8') as file:
        file.writelines(change(lines))


@case('list tells each record; names and texts only with the PIN')
def list_names(world):
    request_id, _ = one_life(world)
    sealed = world.cli('audit', 'list', '--json')
    lacks(sealed.out, 'demo')
    lacks(sealed.out, PURPOSE)
    contains(sealed.err, '--pin-fd')
    records = listing(world, pin=True)
    equal([r['id'] for r in records], list(range(1, len(records) + 1)))
    held = next(r for r in records if r['event'] == 'request_held')
    equal((held['request_id'], held['resource'], held['purpose']), (request_id, 'demo', PURPOSE))
    assert re.fullmatch('[0-9a-f]{32}', held['resource_token']), held


@case('list chooses by event, request, time and number')
def list_chooses(world):
    request_id, grant_id = one_life(world)
    equal({r['event'] for r in listing(world, '--event', 'grant_made')}, {'grant_made'})
    equal([r['event'] for r in listing(world, '--request', request_id)], ['request_held', 'grant_made'])
    equal([r['event'] for r in listing(world, '--request', grant_id)], ['grant_made'])
    equal(listing(world, '-n', '2'), listing(world)[-2:])
    equal(listing(world, '-n', '1', '--event', 'grant_made'), listing(world, '--event', 'grant_made')[-1:])
    equal(listing(world, '--since', '2100-01-01'), [])
    equal(listing(world, '--until', '2000-01-01T00:00:00Z'), [])
    assert listing(world, '--since', '2000-01-01', '--until', '2100-01-01')
    contains(world.cli('audit', 'list', '--since', 'yesteryear', status=2).err, 'yesteryear')


@case('show tells the whole life of a request, by its id, its grant or a record')
def show(world):
    request_id, grant_id = one_life(world)
    whole = world.cli('audit', 'show', request_id, pin=True).out
    for part in ('request_held', 'grant_made', 'demo', PURPOSE, grant_id):
        contains(whole, part)
    seq = str(listing(world, '--event', 'request_held')[0]['id'])
    equal(world.cli('audit', 'show', seq, pin=True).out, whole)
    contains(world.cli('audit', 'show', 'nosuchthing', '--no-names', status=1).err, 'nosuchthing')


@case('a wrong PIN is an error, not a listing')
def wrong_pin(world):
    equal(world.cli('audit', 'list', pin='000000', status=1).out, '')


@case('what an agent said cannot act on the terminal')
def hostile(world):
    agent = world.agent()
    call = agent.ask('demo', 'nice\x1b]52;c;ZXZpbA==\x07\u202e\nrow')
    agent.held(call)
    told = world.cli('audit', 'list', pin=True).out
    for part in ('\x1b', '\x07', '\u202e', '\nrow'):
        lacks(told, part)
    contains(told, '\\u{1b}')


@case('verify without a key says what it did not check')
def verify_plain(world):
    one_life(world)
    result = world.cli('audit', 'verify')
    contains(result.out, 'MACs not checked')
    contains(result.out, 'the trail holds')


@case('verify with the passphrase, or with the exported key, checks the MACs')
def verify_keys(world):
    one_life(world)
    key = os.path.join(world.base, 'k0')
    world.cli('audit', 'export-key', '--output', key, passphrase=True)
    equal(os.stat(key).st_mode & 0o777, 0o600)
    for options, passphrase in (((), True), (('--key', key), None)):
        report = world.cli('audit', 'verify', '--json', *options, passphrase=passphrase).json()
        equal((report['sound'], report['macs_checked'], report['head_checked']), (True, True, True))
    world.cli('audit', 'export-key', '--output', key, passphrase=True, status=1)
    world.cli('audit', 'verify', passphrase='not the passphrase', status=1)


@case('verify works on a copy elsewhere, without a broker')
def verify_copy(world):
    one_life(world)
    copy = os.path.join(world.base, 'copy')
    shutil.copytree(world.audit, copy)
    world.stop()
    report = world.cli('audit', 'verify', '--json', copy, passphrase=True).json()
    equal((report['sound'], report['macs_checked'], report['head_checked']), (True, True, False))


@case('what was changed is found and named')
def tampered(world):
    one_life(world)
    world.stop()
    with open(segment(world), encoding='utf-8') as file:
        honest = file.read()
    lines = honest.splitlines(keepends=True)
    changes = [('edited', lambda: lines[:3] + [lines[3].replace('"pid":', '"pid":1', 1)] + lines[4:]),
               ('removed', lambda: lines[:3] + lines[4:]),
               ('reordered', lambda: lines[:3] + [lines[4], lines[3]] + lines[5:])]
    for damage, change in changes:
        with open(segment(world), 'w', encoding='utf-8') as file:
            file.writelines(change())
        report = world.cli('audit', 'verify', '--json', passphrase=True, status=1).json()
        equal((report['damage'], report['sound']), (damage, False))
        assert report['place']['line'] in (4, 5), report


@case('a trail that was cut off shows against a checkpoint, and the broker does not go on with it')
def cut_off(world):
    one_life(world)
    world.stop()
    report = world.cli('audit', 'verify', '--json').json()
    checkpoint = f'{report["last_seq"]}:{report["last_hash"]}'
    world.cli('audit', 'verify', '--checkpoint', checkpoint)
    rewrite(world, lambda lines: lines[:-2])
    world.cli('audit', 'verify', passphrase=True)
    contains(world.cli('audit', 'verify', '--checkpoint', checkpoint, status=1).out, 'truncated')
    contains(world.cli('unlock', passphrase=True, status=1).err, '--new-trail')


@case('a damaged trail is put aside by its owner\'s word, and the new one says so')
def new_trail(world):
    one_life(world)
    rewrite(world, lambda lines: lines[:-2])
    world.cli('unlock', '--new-trail', passphrase=True)
    world.learn()
    world.cli('audit', 'verify', passphrase=True)
    restarted = listing(world, '--event', 'trail_restarted', pin=True)
    equal(len(restarted), 1)
    assert os.path.isdir(restarted[0]['aside']), restarted


@case('a last record that a crash cut is mended and told')
def torn(world):
    one_life(world)
    world.kill_broker()
    with open(segment(world), 'a', encoding='utf-8') as file:
        file.write('{"seq":99,"time":"2026')
    contains(world.cli('audit', 'verify', passphrase=True).out, 'torn')
    world.unlock()
    equal(world.status()['audit']['repaired']['torn_bytes'], 22)
    world.cli('audit', 'verify', passphrase=True)


countersign.main()
