# SPDX-License-Identifier: MIT
"""What an agent says in a record must not end a line, act on a terminal, or be read by a parser as anything but a text."""

import csv
import io
import json
import os
import re
import shutil
import sys
import unicodedata

import countersign
import sinks
from lines import PATIENCE
from tap import case, contains, equal

# Without NUL, which no text of JSON's and no name of a file has.
HOSTILE = ('\x1b]52;c;ZXZpbA==\x07', '\x1b[2J\x1b[1;31m', '\x1bc', '\x9b31m', '\x9d0;title\x9c', '\r\n{"seq":1}', '\n\n', 'a\tb\x0b\x0c', '\x7f\x08\x08',
           '\u202egnp.exe', '\u2066\u2069', '\u200b\u200d\ufeff', '\u2028\u2029\x85', '\U000e0041\U000e0042', '\ufffe', 'e' + '\u0301' * 20,
           '"},{"event":"grant_made"', '\\u{1b}[31m', '"] [evil@1 seq="1"]', '=cmd|\' /C calc\'!A0', '+1', '-1', '@SUM(1)', '\uff1d1', ' =1', '\t=1',
           'a,b"c', '"', '\'', '%s%n', '<34>1 - - - - - -', '\nMESSAGE=all is well\nPRIORITY=7', '$(id)`id`', '<b>&amp;</b>', '\x1b[200~ls\n\x1b[201~')
ODD_BYTES = (b'\xff\xfe', b'\xed\xa0\x80', b'\xc0\x80', b'\xe2\x80', b'a\x80b')


# Several to a claim, and to a file's name, which is at most 255 bytes long.
TOGETHER = ['|'.join(HOSTILE[i:i + 6]).replace('/', '_') for i in range(0, len(HOSTILE), 6)]


def speak(world):
    """Each text as a purpose and in a command line, and as names of programs and of the folders where they stand. What the
    records have, in order."""
    human = world.human(pin=True)

    def decide(agent, call, verdict='deny', **more):
        request_id = agent.held(call)['request_id']
        result = human.decide(next(r for r in human.pending() if r['request_id'] == request_id), verdict, **more)
        agent.answer(call)
        return result
    agent = world.agent()
    for text in HOSTILE:
        # A purpose that nobody sees is refused.
        made = decide(agent, agent.ask('demo', f'{text}x'), 'grant', pin=countersign.PIN)
        human.call('revoke', {'grant_id': made['grant_id']})  # or the next one is not asked
    decide(agent, agent.start('run_command', {'command': ['/bin/echo', *HOSTILE], 'work_dir': '/', 'purpose': 'a test'}))
    for i, text in enumerate((*TOGETHER, *(bad.decode('utf-8', 'surrogateescape') for bad in ODD_BYTES))):
        folder = os.path.join(world.folder(f'place-{i}'), text)
        os.makedirs(folder)
        program = shutil.copy(sys.executable, os.path.join(folder, 'python'))
        agent = world.agent(claim={'name': text} if i < len(TOGETHER) else None, program=program, cwd=folder)
        decide(agent, agent.ask('demo', 'a test'))
    return world.records()


def check_screen(text, ends='\n'):
    """Nothing in it acts: no control, mark of direction, invisible or unassigned character."""
    for line in text.split(ends):
        for c in line:
            assert unicodedata.category(c) not in ('Cc', 'Cf', 'Co', 'Cn', 'Cs', 'Zl', 'Zp'), (c, line)
        # A stack of marks that climbs over other lines.
        assert not re.search('[\u0300-\u036f]{5}', line), line


def without_colour(text):
    """What a terminal of ours may be told, in front of and behind words of ours."""
    return re.sub(r'\x1b\[[0-9;]*m', '', text)


@case('list and show tell it on lines of their own, and nothing of it acts')
def screen(world):
    records = speak(world)
    told = world.cli('audit', 'list', pin=True).out
    check_screen(told)
    held = [r for r in records if r['event'] == 'request_held']
    assert len(held) > len(HOSTILE) + len(TOGETHER), records
    for record in held:
        lines = [line for line in told.splitlines() if record['request_id'] in line and 'held' in line]
        equal(len(lines), 1, record['request_id'])
    for record in held[-len(TOGETHER) - len(ODD_BYTES) - 3:]:
        check_screen(world.cli('audit', 'show', record['request_id'], pin=True).out)
    check_screen(world.cli('audit', 'stats', pin=True).out)
    check_screen(world.cli('audit', 'list', '--no-names').out)


@case('on a terminal, with colours, it is the same')
def terminal(world):
    speak(world)
    for arguments in (('list',), ('stats',)):
        shown = world.terminal('audit', *arguments, env={**world.env, 'COUNTERSIGN_PAGER': 'cat'})
        shown.expect('PIN')
        shown.waitnoecho()
        shown.sendline(countersign.PIN)
        shown.expect_exact('\r\n')
        rest = shown.read()
        contains(rest, 'get_secret')
        check_screen(without_colour(rest), '\r\n')


def followed(world, *options):
    """What a terminal shows of each record while it is spoken, line by line, and the records."""
    child = world.terminal('audit', 'follow', '-n', '0', *options)
    child.expect_exact('PIN: ')
    child.waitnoecho(PATIENCE)
    child.sendline(countersign.PIN)
    child.expect_exact('\r\n')
    # That it follows already shows by a record of its own.
    world.cli('secret', 'set', 'begun', stdin='x', pin=True)
    child.expect('secret_set|secret set')
    child.expect_exact('\r\n')
    records = speak(world)
    world.cli('secret', 'set', 'done', stdin='x', pin=True)
    child.expect('[^\n]*(secret_set|secret set)')
    return child.before.split('\r\n'), records[-len(TOGETHER):]


@case('while it is followed, each record is one line, and nothing of it acts')
def follow(world):
    lines, records = followed(world)
    check_screen(without_colour('\n'.join(lines)))
    for record in records:
        shows = [line for line in lines if record.get('request_id', '-') in line]
        assert 1 <= len(shows) <= 2, (record, shows)


@case('followed as JSON, each record is one line that is read as what was said')
def follow_json(world):
    lines, records = followed(world, '--json')
    told = [json.loads(line) for line in lines if line]
    seqs = [record['seq'] for record in told]
    equal(seqs, list(range(seqs[0], seqs[0] + len(seqs))))
    purposes = {record.get('purpose') for record in told}
    equal([text for text in HOSTILE if f'{text}x' not in purposes], [])
    assert records[-1]['seq'] in seqs, seqs


@case('JSON is read as what was said, to the character')
def as_json(world):
    records = speak(world)
    told = world.cli('audit', 'list', '--json', pin=True)
    # ASCII, so that it can be shown too.
    assert told.out.isascii() and '\x1b' not in told.out and told.out.count('\n') <= len(records) * 60, told.out[:300]
    check_screen(told.out)
    listed = told.json()
    equal([r['id'] for r in listed], [r['seq'] for r in records][:len(listed)])
    purposes = {r['purpose'] for r in listed if r['event'] in ('request_held', 'request_denied')}
    equal([text for text in HOSTILE if f'{text}x' not in purposes], [])
    claims = {r.get('claim') for r in listed}
    equal([text for text in TOGETHER if text not in claims], [])


@case('CSV has as many rows as records, and no cell that a spreadsheet would compute')
def as_csv(world):
    records = speak(world)
    told = world.cli('audit', 'list', '--csv', pin=True).out
    check_screen(told, '\r\n')
    rows = list(csv.reader(io.StringIO(told, newline=''), strict=True))
    equal([row[0] for row in rows[1:]], [str(r['seq']) for r in records])
    equal({len(row) for row in rows}, {len(rows[0])})
    purpose = rows[0].index('purpose')
    found = {row[purpose] for row in rows[1:]}
    for row in rows[1:]:
        for cell in row:
            assert re.fullmatch(r'-?\d*', cell) or not re.match('\\s*[=+\\-@\t\uff1d\uff0b\uff0d\uff20]', cell), row
    for text in ('=cmd|\' /C calc\'!A0', '+1', '@SUM(1)', ' =1'):
        assert f"'{text}x" in found or f"'{text.strip()}x" in found, found
    # What has no column of its own is JSON.
    claims = {json.loads(row[-1]).get('claim') for row in rows[1:] if row[-1]}
    equal([text for text in TOGETHER if text not in claims], [])
    for text in ('a,b"c', '"', '$(id)`id`'):
        assert f'{text}x' in found, found


def forge(world, texts):
    """Records that have them in the open, as if the broker had written them: the agent's never stand there."""
    with sinks.open_trail(world) as append:
        for text in texts:
            append(text)


def hostile_records(world):
    """What was spoken, and then the same in the open. The number of the last record, and the texts by number."""
    last = speak(world)[-1]['seq']
    world.stop()
    count = len(world.records())
    assert count >= last
    forge(world, HOSTILE)
    return {count + 1 + i: text for i, text in enumerate(HOSTILE)}


def shown(text):
    """As a sink is told: by the rule that holds for screens, undone."""
    def undo(match):
        return '\\' if match[0] == '\\\\' else chr(int(match[1], 16))
    return re.sub(r'\\u\{([0-9a-f]+)\}|\\\\', undo, text)


@case('rsyslog reads one message for each record, with the text as a value and nowhere else')
def syslog(world):
    for kind in ('unix', 'tcp'):
        server = sinks.Rsyslog(world, kind)
        texts = hostile_records(world) if kind == 'unix' else texts
        last = max(texts)
        world.cli('audit', 'export', '--to', server.to)
        told = server.lines(lambda t: t['ours']['seq'] == str(last))
        equal([int(t['ours']['seq']) for t in told], list(range(1, last + 1)))
        for t in told:
            # The mark that RFC 5424 wants in front of UTF-8 is our own; rsyslog hands it on.
            t['message'] = t['message'].removeprefix('\ufeff')
            check_screen(json.dumps(t, ensure_ascii=False))
            assert t['data'].startswith('[countersign@32473 log="'), t
            assert t['data'].endswith(f'"][meta sequenceId="{t["ours"]["seq"]}"]'), t
            equal((t['app'], t['version'], t['pri'][:1]), ('countersign', '1', '8'))
        for seq, text in texts.items():
            equal(shown(told[seq - 1]['ours']['code']), text)


@case('the journal has one entry for each record, with the text in its field and nowhere else')
def journal(world):
    server = sinks.Journal(world)
    texts = hostile_records(world)
    world.cli('audit', 'export', '--to', server.to)
    entries = server.follow(lambda e: e['COUNTERSIGN_SEQ'] == str(max(texts)))
    equal([int(e['COUNTERSIGN_SEQ']) for e in entries], list(range(1, max(texts) + 1)))
    for entry in entries:
        check_screen(json.dumps(entry, ensure_ascii=False))
        contains(entry['MESSAGE'], f'record {entry["COUNTERSIGN_SEQ"]}')
        assert entry['PRIORITY'] in '23456', entry
    for seq, text in texts.items():
        equal(shown(entries[seq - 1]['COUNTERSIGN_CODE']), text)


@case('nothing that an agent wrote stands in the open of a record')
def sealed(world):
    speak(world)
    world.stop()
    with open(os.path.join(world.audit, '000001.jsonl'), 'rb') as file:
        trail = file.read()
    for text in HOSTILE:
        if len(text) > 5:
            assert text.encode() not in trail and json.dumps(text)[1:-1].encode() not in trail, text
    for part in (b'place-', b'/bin/echo', b'a purpose'):
        assert part not in trail, part


countersign.main()
