# SPDX-License-Identifier: MIT
"""Reading the trail: choosing records, following them, one life, counting, an index, and what a terminal shows of it."""

import csv
import io
import json
import os
import re
import stat

import countersign
import pexpect
import pyte
from followed import Follower
from lines import PATIENCE
from tap import case, contains, equal, lacks

PURPOSE = 'to see whether the trail tells'


def listing(world, *arguments, pin=True):
    return world.cli('audit', 'list', '--json', *arguments, pin=pin).json()


def asked(world, agent, name='demo', purpose=PURPOSE):
    """A request that waits for a person: call and id."""
    call = agent.ask(name, purpose)
    return call, agent.held(call)['request_id']


def granted(world, agent, name='demo', **more):
    call, request_id = asked(world, agent, name)
    grant = world.grant(request_id, **more)['grant_id']
    agent.answer(call)
    return request_id, grant


def denied(world, agent, name='demo'):
    call, request_id = asked(world, agent, name)
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    agent.answer(call)
    return request_id


def close_file(world):
    """The broker begins a new file, with the record of a denial."""
    world.human(pin=True).call('audit_close')
    denied(world, world.agent(), 'other')


def events(records):
    return [record['event'] for record in records]


def indexes(world):
    found = []
    for folder, _, names in os.walk(os.path.join(world.env['HOME'], '.cache', 'countersign')):
        found += [os.path.join(folder, name) for name in names]
    return sorted(found)


# --- choosing ---


@case('records are chosen by requester, operation, name and decision, and uses go with their grant')
def chooses(world):
    world.secret('prod/db/URL', 'x')
    agent = world.agent()
    granted(world, agent, 'prod/db/URL')
    agent.answer(agent.ask('prod/db/URL'))
    denied(world, agent)
    whole = ['request_held', 'grant_made', 'grant_used', 'grant_used']
    for options in (('--resource', 'prod/db/URL', '--operation', 'get_secret'), ('--resource', 'prod/*'),
                    ('--resource', '*/URL', '--requester', 'python*')):
        found = [event for event in events(listing(world, *options)) if event != 'secret_set']
        equal(found[:2], whole[:2], options)
        equal(set(found), set(whole), options)
    pid = next(r['pid'] for r in listing(world, '--event', 'request_held'))
    equal(set(events(listing(world, '--requester', str(pid)))), {*whole, 'request_denied'})
    equal(listing(world, '--requester', 'claude'), [])
    equal(listing(world, '--resource', 'prod/db/url'), [])
    equal(events(listing(world, '--decision', 'granted')), ['grant_made'])
    equal(events(listing(world, '--decision', 'person')), ['request_denied'])
    equal(listing(world, '--decision', 'expired'), [])


@case('what cannot be looked for is refused with what can')
def refuses(world):
    for options, words in ((('--decision', 'yes'), 'granted, denied'), (('--operation', 'get'), 'get'),
                           (('--event', 'Grant!'), 'Grant!'), (('--since', 'yesteryear'), 'yesterday'),
                           (('--csv', '--json'), 'choose one'), (('--no-names', '--resource', 'x'), 'sealed'),
                           (('--no-names', '--requester', 'node'), 'sealed'), (('-n', '-1'), 'negative')):
        contains(world.cli('audit', 'list', *options, status=2).err, words)
    # Nothing is found, and that is no answer, where nobody can open what is sealed.
    contains(world.cli('audit', 'list', '--resource', 'demo', status=3).err, 'sealed')
    world.cli('audit', 'list', '--no-names', '--requester', '12')


@case('the newest come first when that is asked, and the same ones')
def reverse(world):
    agent = world.agent()
    denied(world, agent)
    granted(world, agent)
    everything = listing(world)
    equal(listing(world, '--reverse'), everything[::-1])
    equal(listing(world, '--reverse', '-n', '3'), everything[:-4:-1])
    equal(listing(world, '-n', '3'), everything[-3:])
    by_name = listing(world, '--resource', 'd*')
    equal(listing(world, '--resource', 'd*', '-n', '2'), by_name[-2:])
    equal(listing(world, '--resource', 'd*', '-n', '2', '--reverse'), by_name[:-3:-1])


@case('a spreadsheet gets each record as one line, and no formula of an agent\'s')
def table(world):
    agent = world.agent()
    call, request_id = asked(world, agent, purpose='=HYPERLINK("http://evil","x")\n,y')
    text = world.cli('audit', 'list', '--csv', pin=True).out
    rows = list(csv.DictReader(io.StringIO(text, newline='')))
    equal([int(row['seq']) for row in rows], [record['seq'] for record in listing(world)])
    held = next(row for row in rows if row['request_id'] == request_id)
    equal(held['purpose'], '\'=HYPERLINK("http://evil","x")\\u{a},y')
    equal(text.count('\n'), text.count('\r\n'))


# --- one life, and counting ---


@case('the life of a request is told in a sentence, with the times between, and nothing twice')
def life(world):
    agent = world.agent()
    request_id, grant_id = granted(world, agent, duration=900)
    for _ in range(3):
        agent.answer(agent.ask('demo'))
    world.human().call('revoke', {'grant_id': grant_id})
    told = world.cli('audit', 'show', grant_id, pin=True).out
    first = told.splitlines()[0]
    equal(first, f'Request {request_id}  get_secret demo')
    contains(told, 'Granted for 15m after ')
    contains(told, '; ended at ')
    assert re.search(r'used \d times, last at', told), told
    assert re.search(r'\+[0-9.]+m?s +grant_made', told), told
    equal(told.count(PURPOSE), 1)
    equal(world.cli('audit', 'show', request_id, pin=True).out, told)
    uses = [r for r in world.records() if r['event'] == 'grant_used']
    rows = [line for line in world.cli('audit', 'list', pin=True).out.splitlines() if '  used ' in line]
    equal(len(rows), 1)
    contains(rows[0], f', {len(uses)} times, to ')
    equal(len(listing(world, '--event', 'grant_used')), len(uses))
    whole = world.cli('audit', 'show', request_id, '--json', pin=True).json()
    assert {r['request_id'] for r in whole} == {request_id}, whole
    denial = denied(world, agent)
    assert re.search('Denied after .*, by ', world.cli('audit', 'show', denial, pin=True).out)
    call, waiting = asked(world, agent)
    contains(world.cli('audit', 'show', waiting, pin=True).out, 'no answer is recorded')


@case('counting says what the records say')
def stats(world):
    for name in ('a', 'b'):
        world.secret(name, 'x')
    agent = world.agent()
    denied(world, agent, 'a')
    granted(world, agent, 'a')
    granted(world, agent, 'b')
    asked(world, world.agent(), 'b')
    counted = world.cli('audit', 'stats', '--json', pin=True).json()
    equal({key: counted[key] for key in ('asked', 'granted', 'denied', 'expired', 'granted_unasked')},
          {'asked': 4, 'granted': 2, 'denied': 1, 'expired': 0, 'granted_unasked': 0})
    waited = sorted(r['waited'] for r in world.records() if r['event'] in ('grant_made', 'request_denied'))
    equal(len(waited), 3)
    equal((counted['median_seconds'], counted['p90_seconds']), (waited[1] / 1000, waited[2] / 1000))
    equal([(thing['id'], thing['asked'], thing['granted'], thing['denied']) for thing in counted['most_asked']],
          [('get_secret a', 2, 1, 1), ('get_secret b', 2, 1, 0)])
    equal([(who['asked'], who['id'].startswith('/')) for who in counted['requesters']], [(4, True)])
    equal(counted['denials'], [{'id': 'person', 'count': 1}])
    equal(sum(day['prompts'] for day in counted['days']), 4)
    told = world.cli('audit', 'stats', pin=True).out
    for part in ('4 times, on 1 day', '2 granted, 1 denied, 0 expired', 'get_secret a', 'median'):
        contains(told, part)
    equal(world.cli('audit', 'stats', '--json', '--until', '2000-01-01', '--since', '1999-01-01', pin=True).json()['asked'], 0)
    lacks(world.cli('audit', 'stats', '--no-names').out, 'get_secret a ')


# --- the index ---


@case('an index is made of finished files, and what is listed does not depend on it', secrets=('demo', 'other'))
def index(world):
    lives = []
    for _ in range(3):
        lives.append(granted(world, world.agent())[0])
        close_file(world)
    equal(len(world.records()), len(listing(world, '--no-names', pin=None)))
    equal(indexes(world), [])
    first = [listing(world, '--request', request_id) for request_id in lives]
    made = indexes(world)
    equal([os.path.basename(path) for path in made], [f'{n:06d}.index' for n in (1, 2, 3)])
    for path in made:
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        lacks(open(path, 'rb').read().decode('latin-1'), 'demo')
    marks = [os.stat(path).st_mtime_ns for path in made]
    equal([listing(world, '--request', request_id) for request_id in lives], first)
    equal([os.stat(path).st_mtime_ns for path in made], marks)
    for path in made:
        with open(path, 'wb') as file:
            file.write(os.urandom(5000))
    equal([listing(world, '--request', request_id) for request_id in lives], first)
    equal([events(life) for life in first][0][:2], ['request_held', 'grant_made'])


@case('where no index can be kept, the trail is read without', secrets=('demo', 'other'))
def no_cache(world):
    agent = world.agent()
    request_id = granted(world, agent)[0]
    close_file(world)
    with open(os.path.join(world.env['HOME'], '.cache'), 'w', encoding='ascii'):
        pass
    assert len(listing(world, '--request', request_id)) >= 2


@case('a record cannot be hidden by who writes the index', secrets=('demo', 'other'))
def forged(world):
    agent = world.agent()
    request_id = granted(world, agent, uses=1)[0]
    close_file(world)
    close_file(world)
    honest = listing(world, '--request', request_id)
    # Where there is nothing of that request; as good as any index, and of another file.
    first, second = indexes(world)
    with open(second, 'rb') as file:
        other = file.read()
    with open(first, 'wb') as file:
        file.write(other)
    equal(listing(world, '--request', request_id), honest)


# --- following ---


@case('records are followed as they are written, opened, from file to file', secrets=('demo', 'other'))
def follow(world):
    agent = world.agent()
    # It has begun when it shows what was written before.
    follower = Follower(world, '-n', '1')
    follower.until(world.records()[-1]['event'])
    request_id, _ = granted(world, agent, uses=1)
    records = follower.until('grant_made')
    equal((records[0]['event'], records[0]['request_id'], records[0]['purpose']), ('request_held', request_id, PURPOSE))
    close_file(world)
    records += follower.until('request_denied')
    close_file(world)
    records += follower.until('request_denied')
    seqs = [record['seq'] for record in records]
    equal(seqs, list(range(seqs[0], seqs[-1] + 1)))
    assert events(records).count('segment') == 2, records


@case('what is followed is chosen like what is listed')
def follow_chosen(world):
    agent = world.agent()
    world.secret('other', 'x')
    follower = Follower(world, '-n', '1', '--resource', 'demo')
    follower.until('secret_set')
    denied(world, agent, 'other')
    denied(world, agent, 'demo')
    equal([record['resource'] for record in follower.until('request_denied')], ['demo', 'demo'])


@case('a broker that is replaced is followed on, and opens what is sealed again')
def follow_restart(world):
    follower = Follower(world, '-n', '1')
    follower.until('secret_set')
    world.stop()
    world.unlock()
    agent = world.agent()
    denied(world, agent)
    records = follower.until('request_denied')
    equal((records[-2]['purpose'], records[-1]['resource']), (PURPOSE, 'demo'))
    seqs = [record['seq'] for record in records]
    equal(seqs, list(range(seqs[0], seqs[-1] + 1)))


@case('without a broker, records are followed with what is sealed in them')
def follow_sealed(world):
    follower = Follower(world, '-n', '1', '--no-names', pin=False)
    follower.until('secret_set')
    denied(world, world.agent())
    lacks(json.dumps(follower.until('request_denied')), PURPOSE)


@case('a line, or a file, with a number far ahead hides nothing that comes after it')
def follow_number_ahead(world):
    follower = Follower(world, '-n', '1', '--no-names', pin=False)
    follower.until('secret_set')
    path = os.path.join(world.audit, '000001.jsonl')
    with open(path, encoding='utf-8') as file:
        line = file.read().splitlines(keepends=True)[-1]
    forged = re.sub(r'"seq":\d+', '"seq":9000000000000000000', re.sub(r'"event":"\w+"', '"event":"forged"', line))
    with open(path, 'a', encoding='utf-8') as file:
        file.write(forged)
    equal(follower.until('forged')[-1]['seq'], 9000000000000000000)
    with open(path, 'r+', encoding='utf-8') as file:
        file.truncate(os.path.getsize(path) - len(forged.encode()))
    with open(os.path.join(world.audit, '999998.jsonl'), 'w', encoding='utf-8'):
        pass
    denied(world, world.agent())
    assert follower.until('request_denied')[-1]['seq'] < 9000000000000000000


@case('a trail that was put aside for a new one is followed into that')
def follow_new_trail(world):
    follower = Follower(world, '-n', '1', '--no-names', pin=False)
    follower.until('secret_set')
    world.stop()
    path = os.path.join(world.audit, '000001.jsonl')
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines(keepends=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(lines[:-2])
    world.cli('unlock', '--new-trail', passphrase=True)
    world.learn()
    records = follower.until('trail_restarted')
    equal(records[-1]['seq'], world.records()[-1]['seq'] if world.records()[-1]['event'] == 'trail_restarted'
          else next(r['seq'] for r in world.records() if r['event'] == 'trail_restarted'))


# --- on a terminal ---


def screen(world, *arguments, columns=80, rows=200, env=None):
    """What a person sees of a command that ends, and the bytes."""
    child = world.terminal('audit', *arguments, env={**world.env, 'LANG': 'C.UTF-8', 'PAGER': 'cat', **(env or {})})
    child.setwinsize(rows, columns)
    child.expect_exact('PIN: ')
    child.waitnoecho(PATIENCE)
    child.sendline(countersign.PIN)
    child.expect(pexpect.EOF)
    raw = child.before
    seen = pyte.Screen(columns, rows)
    pyte.Stream(seen).feed(raw)
    return [row.rstrip() for row in seen.display if row.strip()], raw


HOSTILE = 'nice\x1b]52;c;ZXZpbA==\x07\u202e\nrow\x1b[2J\x9b2J' + 'w' * 300


@case('a listing fits the terminal, at any width, whatever an agent said')
def widths(world):
    asked(world, world.agent(), purpose=HOSTILE)
    granted(world, world.agent())
    for columns in (40, 80, 120, 200):
        rows, raw = screen(world, 'list', columns=columns)
        for part in ('\x07', '\u202e', '\x9b', '\x1b]', '\x1b[2J'):
            lacks(raw, part)
        # Each row begins where rows do: what an agent said is never at the left edge.
        for row in rows[1:]:
            assert re.match(r' *\d+  \d\d:\d\d:\d\d  |[A-Z][a-z]{2} \d{4}-\d\d-\d\d$|  ', row), (columns, row)
        contains(''.join(''.join(rows).split()), 'w' * 300)
        contains(''.join(rows), 'granted')


@case('colour is on terminals only, not with NO_COLOR, and words say the same')
def colours(world):
    granted(world, world.agent())
    rows, raw = screen(world, 'list')
    contains(raw, '\x1b[32mgranted')
    plain, raw = screen(world, 'list', env={'NO_COLOR': '1'})
    lacks(raw, '\x1b[3')
    lacks(raw, '\x1b[1m')
    equal(plain, rows)
    lacks(world.cli('audit', 'list', pin=True).out, '\x1b')


@case('what is not on a terminal has a record on each line, with its day')
def piped(world):
    asked(world, world.agent(), purpose=HOSTILE)
    lines = world.cli('audit', 'list', pin=True).out.splitlines()
    for line in lines[1:]:
        assert re.match(r' *\d+  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ', line), line
    equal(len(lines), 1 + len(world.records()))


@case('a pager gets what is listed, in colours, and is waited for; an empty one is none')
def pager(world):
    granted(world, world.agent())
    kept = os.path.join(world.base, 'kept')
    script = f'cat > {kept}; echo paged'
    rows, _ = screen(world, 'list', env={'COUNTERSIGN_PAGER': script, 'PAGER': 'false'})
    equal(rows[-1], 'paged')
    with open(kept, encoding='utf-8') as file:
        contains(file.read(), '\x1b[32mgranted')
    rows, _ = screen(world, 'show', '1', env={'PAGER': script})
    equal(rows[-1], 'paged')
    rows, _ = screen(world, 'list', env={'COUNTERSIGN_PAGER': '', 'PAGER': script})
    contains(''.join(rows), 'granted')
    # A person who leaves it before the end ends the command.
    rows, raw = screen(world, 'list', env={'COUNTERSIGN_PAGER': 'head -1'})
    equal([row for row in rows if 'SEQ' in row], [rows[-1]])


countersign.main()
