# SPDX-License-Identifier: MIT
"""Who can write the trail changes it, in every way that there is, knowing how it is made; each is called by its name, by whoever
kept something that proves it, and nothing is called proven that is not."""

import hashlib
import hmac
import json
import os
import re
import shutil

import countersign
from elsewhere import files_of, lines_of, prove
from tap import case, equal

NEXT = b'countersign audit next'


class Trail:
    """A copy to be changed: lines of bytes by file."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {name: lines_of(folder, name) for name in files_of(folder)}

    def write(self):
        for name in files_of(self.folder):
            os.unlink(os.path.join(self.folder, name))
        for name, lines in self.files.items():
            with open(os.path.join(self.folder, name), 'wb') as file:
                file.write(b''.join(line + b'\n' for line in lines))

    def name(self, number):
        return f'{number:06}.jsonl'

    def edit(self, number, line, old, new):
        lines = self.files[self.name(number)]
        assert old in lines[line], lines[line]
        lines[line] = lines[line].replace(old, new, 1)

    def fit(self, key=None):
        """Links made to fit; with the first key also numbers and MACs."""
        before, seq = '0' * 64, 0
        for name in sorted(self.files):
            for i, line in enumerate(self.files[name]):
                seq += 1
                text = line.decode()
                text = re.sub(r'"prev":"[0-9a-f]{64}"', f'"prev":"{before}"', text)
                if key is not None:
                    text = re.sub(r'^\{"seq":\d+', f'{{"seq":{seq}', text)
                    signed = text[:text.rindex(',"mac":"')]
                    key = hmac.digest(key, NEXT, 'sha256')
                    text = f'{signed},"mac":"{hmac.new(key, signed.encode(), "sha256").hexdigest()}"}}'
                before = hashlib.sha256(text.encode()).hexdigest()
                self.files[name][i] = text.encode()


def edited(trail, kept):
    trail.edit(2, 1, b'"event":"request_held"', b'"event":"request_told"')


def edited_and_linked(trail, kept):
    edited(trail, kept)
    trail.fit()


def edited_with_key(trail, kept):
    edited(trail, kept)
    trail.fit(kept['k0'])


def closing_made_to_fit(trail, kept):
    edited_with_key(trail, kept)
    lines = trail.files[trail.name(2)]
    last = json.loads(lines[-1])
    lines[-1] = lines[-1].replace(f'"head":"{last["head"]}"'.encode(), f'"head":"{last["prev"]}"'.encode())
    trail.fit(kept['k0'])


def removed(trail, kept):
    del trail.files[trail.name(2)][1]


def reordered(trail, kept):
    lines = trail.files[trail.name(2)]
    lines[1], lines[2] = lines[2], lines[1]


def truncated(trail, kept):
    del trail.files[trail.name(4)][1:]


def older_log(trail, kept):
    del trail.files[trail.name(4)], trail.files[trail.name(3)]


def middle_file_gone(trail, kept):
    del trail.files[trail.name(2)]


def first_file_gone(trail, kept):
    del trail.files[trail.name(1)]


def files_swapped(trail, kept):
    two, three = trail.name(2), trail.name(3)
    trail.files[two], trail.files[three] = trail.files[three], trail.files[two]


def emptied(trail, kept):
    trail.files = {trail.name(1): []}


def fresh_log(trail, kept):
    trail.files = {name: lines_of(kept['other'], name) for name in files_of(kept['other'])}


def foreign_record(trail, kept):
    other, ours = lines_of(kept['other'], '000001.jsonl'), trail.files[trail.name(1)]
    ours[2] = other[2]


def foreign_file(trail, kept):
    trail.files[trail.name(2)] = lines_of(kept['other'], '000002.jsonl')


def signature_changed(trail, kept):
    last = json.loads(trail.files[trail.name(2)][-1])
    trail.edit(2, -1, f'"signature":"{last["signature"]}"'.encode(), f'"signature":"{last["signature"][::-1]}"'.encode())
    trail.fit(kept['k0'])


def closing_gone(trail, kept):
    del trail.files[trail.name(2)][-1]
    trail.fit(kept['k0'])


def clock(trail, kept):
    record = json.loads(trail.files[trail.name(4)][1])
    trail.edit(4, 1, f'"time":"{record["time"]}"'.encode(), b'"time":"2001-01-01T00:00:00.000Z"')
    trail.fit(kept['k0'])


def torn(trail, kept):
    trail.files[trail.name(4)].append(b'{"seq":')


# What it is called: with nothing, with the public key, with the first key, with a checkpoint of its end. The first key is also in
# the hands of who changed it where the words say so.
TAMPERED = [
    ('nothing at all', lambda trail, kept: None, 'none none none none'),
    ('a record is edited', edited, 'edited edited edited edited'),
    ('and all links are made to fit', edited_and_linked, 'signature signature edited signature'),
    ('and all MACs, with the first key', edited_with_key, 'signature signature signature signature'),
    ('and the closing record, with the first key', closing_made_to_fit, 'signature signature signature signature'),
    ('a record is removed', removed, 'removed removed removed removed'),
    ('two records change places', reordered, 'reordered reordered reordered reordered'),
    ('the last records are gone', truncated, 'none none none truncated'),
    ('an older log is put back', older_log, 'none none none truncated'),
    ('a file is gone', middle_file_gone, 'removed removed removed removed'),
    ('the first file is gone', first_file_gone, 'removed removed removed removed'),
    ('two files change names', files_swapped, 'reordered reordered reordered reordered'),
    ('nothing is left', emptied, 'truncated truncated truncated truncated'),
    ('it is a whole fresh log', fresh_log, 'none replaced replaced another-log'),
    ('a record is of another log', foreign_record, 'another-log another-log another-log another-log'),
    ('a file is of another log', foreign_file, 'another-log another-log another-log another-log'),
    ('a signature is forged, with the first key', signature_changed, 'signature signature signature signature'),
    ('a closing record is gone, with the first key', closing_gone, 'removed removed removed removed'),
    ('the clock goes back in what is not signed, with the first key', clock, 'clock clock clock replaced'),
    ('the end is torn', torn, 'torn torn torn torn'),
]
HARMLESS = ('none', 'clock', 'torn')


def made(world):
    """A trail of four files, the last one open, and where it is."""
    for i in range(4):
        agent = world.agent()
        call = agent.ask('demo', f'use {i}')
        world.grant(agent.held(call)['request_id'])
        agent.answer(call)
        if i < 3:
            world.human(pin=True).call('audit_close')
    world.stop()
    return world.audit


def what_is_kept(world):
    made(world)
    key = os.path.join(world.base, 'k0')
    world.cli('audit', 'export-key', '-o', key, passphrase=True)
    with open(key, encoding='ascii') as file:
        k0 = bytes.fromhex(file.read())
    first = json.loads(lines_of(world.audit, '000001.jsonl')[0])['key']
    copy = os.path.join(world.base, 'copy')
    world.cli('audit', 'export', copy)
    return {'k0': k0, 'key': key, 'public': first, 'checkpoint': os.path.join(copy, 'checkpoint')}


def look(world, folder, kept):
    """How each calls what was done."""
    told = []
    for options in ((), ('--public-key', kept['public']), ('--key', kept['key']), ('--checkpoint', kept['checkpoint'])):
        report = world.cli('audit', 'verify', '--json', *options, folder, status=None).json()
        equal(report['sound'], report['damage'] in HARMLESS)
        told.append(report['damage'])
        if '--public-key' in options and report['sound']:
            equal(report['proven_seq'], prove(folder, kept['public']), 'a program that shares nothing with ours')
    return told


@case('whatever is done to a trail is called by its name by who can prove it')
def tampered(world):
    other = countersign.World()
    try:
        kept = {**what_is_kept(world), 'other': shutil.copytree(made(other), os.path.join(world.base, 'other'))}
    finally:
        other.close()
    wrong = {}
    for sentence, tamper, names in TAMPERED:
        folder = shutil.copytree(world.audit, os.path.join(world.base, 'tampered'))
        trail = Trail(folder)
        tamper(trail, kept)
        trail.write()
        if tamper is torn:
            path = os.path.join(folder, trail.name(4))
            os.truncate(path, os.path.getsize(path) - 1)
        found = look(world, folder, kept)
        if found != names.split():
            wrong[sentence] = found
        shutil.rmtree(folder)
    equal(wrong, {})


countersign.main()
