# SPDX-License-Identifier: MIT
"""Why a policy says what it says, and whether it says what is expected of it."""

import json
import os
import re

import scripted_broker
from scripted_broker import PIN, exit_status
from tap import case, contains, equal, lacks

POLICY = '''agents = { /usr/bin/claude /usr/bin/codex }
deny reveal
ask any of prod/** confirm key max 10m
ask get_secret of prod/db/** uses 1 max 5m confirm pin
deny get_secret of prod/** from { /usr/bin/python3 /usr/bin/node }
allow http_request of github/read from $agents
allow get_secret of prod/db/URL from /usr/bin/claude
deny run_command command { /usr/bin/gh auth token ** }
ask run_command of prod/** command { /usr/bin/psql ** } sandbox
'''
GITHUB = '''service github
base https://api.github.com
credential github-token
place bearer
scope read { GET HEAD } { /user /repos/** }
scope write { POST PATCH } /repos/**
'''
MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'data', 'man', 'countersign-expect.5')


def write(world, name, text):
    path = os.path.join(world.base, name)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def explain(world, *words, status=0):
    """About POLICY as a file, with no broker in it."""
    path = write(world, 'config/policy.conf', POLICY)
    result = world.run('policy', 'explain', '--proposed', *words)
    equal(result.returncode, status, (path, result))
    return (result.stdout + result.stderr).decode()


@case('the verdict stands first, then the rules that decided, then those that were beaten, then what nearly matched')
def order(world):
    text = explain(world, 'get_secret', 'prod/db/URL', 'from', '/usr/bin/claude', 'uid', '7')
    equal(text, '''ASKED  by a touch of the security key, for at most 5m, once

The request
    get_secret prod/db/URL from /usr/bin/claude uid 7

Decided by
  policy.conf:3
    ask any of prod/** max 10m confirm key
  policy.conf:4
    ask get_secret of prod/db/** max 5m uses 1 confirm pin

Matched too, but a stricter verdict goes first
  policy.conf:7
    allow get_secret of prod/db/URL from /usr/bin/claude

Nearly matched
  policy.conf:5
    deny get_secret of prod/** from { /usr/bin/python3 /usr/bin/node }
    ↳ from: who asks is /usr/bin/claude

4 more rules do not match: --all
''')
    equal(world.broker.calls, [])


@case('each rule is shown with --all, and why it does not match')
def everything(world):
    text = explain(world, '--all', 'get_secret', 'prod/db/URL', 'from', '/usr/bin/claude')
    for line in range(2, 10):
        contains(text, f'policy.conf:{line}\n')
    contains(text, 'Not about this\n  policy.conf:2\n    deny reveal\n    ↳ it is not about get_secret\n')
    lacks(text, '--all')


@case('what is not said of who asks makes the rules count that could mean them')
def unsaid(world):
    text = explain(world, 'get_secret', 'prod/db/URL')
    assert text.startswith('DENIED\n'), text
    contains(re.sub(r'\s+', ' ', text), '↳ from: it is not said who asks, so it could be any program, so that the rule counts')


@case('what no rule matches is asked, and said to be')
def unmatched(world):
    text = explain(world, 'get_secret', 'staging/x', 'from', '/usr/bin/claude')
    contains(text, 'ASKED  with the PIN\n  No rule matches, and what no rule matches is asked.\n')


@case('an allow that does not count here asks, and why is said')
def not_counting(world):
    write(world, 'p.conf', 'allow get_secret\nallow http_request\n')
    result = world.run('policy', 'explain', '--policy', 'p.conf', 'get_secret', 'a', 'from', '/usr/bin/claude')
    contains(result.stdout.decode(), 'ASKED  with the PIN\n  The policy allows it, and it is asked nonetheless:')
    result = world.run('policy', 'explain', '--policy', 'p.conf', 'http_request', 'a', 'scopes', 'b', 'from', '/usr/bin/claude')
    contains(result.stdout.decode(), 'ALLOWED  nobody is asked\n')


@case('arguments of a command that look like options are none of ours')
def options(world):
    text = explain(world, 'run_command', '{', 'prod/db', 'staging/x', '}', 'command', '{', '/usr/bin/psql', '-c', 'select 1', '--json', '}',
                   'from', '/usr/bin/claude', '--all')
    contains(text, 'ASKED  by a touch of the security key, for at most 10m, in the sandbox\n')
    contains(text, 'run_command { prod/db staging/x } command { /usr/bin/psql -c "select 1"\n    --json }')
    contains(text, 'Not about this')
    same = explain(world, '--all', 'run_command { prod/db staging/x } command { /usr/bin/psql -c "select 1" --json } from /usr/bin/claude')
    equal(same, text)


@case('a service among the files says which scopes cover a request')
def services(world):
    write(world, 'config/services.d/github.conf', GITHUB)
    asked = ('http_request', 'github', 'from', '/usr/bin/codex', 'method')
    text = explain(world, *asked, 'GET', 'path', '/user')
    assert text.startswith('ALLOWED'), text
    contains(text, 'http_request github scopes read method GET path /user from')
    contains(text, 'allow http_request of github/read from { /usr/bin/claude /usr/bin/codex }')
    for path in ('/repos/a b/100%', '/repos/\u00e9'):  # decoded, as rules have it
        text = explain(world, *asked, 'GET', 'path', path)
        assert text.startswith('ALLOWED'), text
    text = explain(world, *asked, 'POST', 'path', '/repos/a/b/issues')
    assert text.startswith('ASKED'), text
    text = explain(world, *asked, 'DELETE', 'path', '/user')
    assert text.startswith('REFUSED  before the policy is asked\n  no scope of github covers DELETE /user'), text


@case('where the scopes are not known, what hangs on them is not called allowed')
def doubt(world):
    text = explain(world, 'http_request', 'github', 'from', '/usr/bin/claude')
    assert text.startswith('NOT SURE  it may be asked or allowed\n  This is not known, and decides: scopes\n'), text
    contains(text, 'There is no service github beside this policy')
    answer = json.loads(explain(world, '--json', 'http_request', 'github', 'from', '/usr/bin/claude'))
    equal((answer['not_known'], answer['possible']), ('scopes', ['ask', 'allow']))


@case('a mistake in the description is told by its place, as wrong usage')
def mistakes(world):
    text = explain(world, 'get_secret', 'a', 'form', '/usr/bin/node', status=2)
    contains(text, 'request:1:14: "form" is no word of a request; did you mean "from"?')
    contains(explain(world, 'get_secrte', 'a', status=2), 'did you mean "get_secret"?')
    contains(explain(world, status=2), 'expects REQUEST|OPERATION')
    contains(explain(world, '--policy', 'x', 'reveal', status=2), 'give one of them')


@case('what others wrote reaches the terminal escaped')
def escaped(world):
    text = explain(world, 'get_secret "a\\u{1b}[2J" from /usr/bin/node')
    lacks(text, '\033')
    contains(text, 'get_secret "a\\u{1b}[2J"')
    text = explain(world, 'get_secret', 'a\033[2J')
    lacks(text, '\033')
    contains(text, 'get_secret "a\\u{1b}[2J"')
    lacks(explain(world, 'get_secret \033[2J', status=2), '\033')


@case('JSON has the verdict, its bounds, and each rule with its part')
def as_json(world):
    answer = json.loads(explain(world, '--json', 'get_secret', 'prod/db/URL', 'from', '/usr/bin/claude', 'uid', '7'))
    equal({name: answer[name] for name in ('verdict', 'confirm', 'max_duration', 'max_uses', 'place', 'request')},
          {'verdict': 'ask', 'confirm': 'key', 'max_duration': 300, 'max_uses': 1, 'place': 'policy.conf:3',
           'request': 'get_secret prod/db/URL from /usr/bin/claude uid 7'})
    equal([rule['part'] for rule in answer['rules']], ['other', 'decided', 'decided', 'near', 'other', 'beaten', 'other', 'other'])
    equal(answer['rules'][3], {'id': 4, 'place': 'policy.conf:5', 'part': 'near', 'clause': 'from', 'why': 'who asks is /usr/bin/claude',
                               'rule': 'deny get_secret of prod/** from { /usr/bin/python3 /usr/bin/node }'})


def rule_now(world, text, standing=()):
    """What the broker says is accepted."""
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': text}], 'accepted_at': '2026-11-21T09:30:00.000Z'}
    world.broker.results['rules'] = {'rules': [{'id': name, 'rule': rule, 'scopes': scopes, 'made_at': '2026-11-21T09:30:00.000Z'}
                                               for name, rule, scopes in standing]}


@case('the accepted policy is asked for with the PIN')
def accepted(world):
    rule_now(world, 'deny get_secret\n')
    result = world.run('policy', 'explain', 'get_secret', 'a', '--pin-fd', '0', text=f'{PIN}\n')
    equal(result.returncode, 0, result)
    contains(result.stdout.decode(), 'DENIED\n')
    result = world.run('policy', 'explain', 'get_secret', 'a', '--pin-fd', '0', text='000000\n')
    equal(result.returncode, 1)
    equal(result.stdout, b'')


@case('a standing rule answers where the policy asks, and is named')
def standing(world):
    def asked(*words):
        return world.run('policy', 'explain', *words, '--pin-fd', '0', text=f'{PIN}\n').stdout.decode()
    rules = [('r1', 'allow http_request of site/read from /usr/bin/flock max 5m', ['read']), ('r2', 'a rule of another version', [])]
    rule_now(world, 'ask any\n', rules)
    text = asked('http_request', 'site', 'scopes', 'read', 'from', '/usr/bin/flock')
    assert text.startswith('ALLOWED  by a standing rule, nobody is asked\n'), text
    contains(text, 'The policy asks, and standing rule r1 answers')
    assert asked('http_request', 'site', 'scopes', 'read', 'from', '/usr/bin/other').startswith('ASKED')
    assert asked('http_request', 'site', 'scopes', 'write', 'from', '/usr/bin/flock').startswith('ASKED')
    rule_now(world, 'ask any confirm key\n', rules)
    assert asked('http_request', 'site', 'scopes', 'read', 'from', '/usr/bin/flock').startswith('ASKED'), 'it was made without a key'
    rule_now(world, 'deny any\n', rules)
    assert asked('http_request', 'site', 'scopes', 'read', 'from', '/usr/bin/flock').startswith('DENIED')


@case('at a terminal of 80 columns no line is longer, and the verdict is in colour')
def terminal(world):
    write(world, 'config/policy.conf', POLICY + 'deny get_secret of ' + '{ ' + ' '.join(f'prod/db/SECRET{n}' for n in range(9)) + ' } from /usr/bin/claude\n')
    child = world.terminal('policy', 'explain', '--proposed', '--all', 'get_secret prod/db/SECRET4 from /usr/bin/claude below { /usr/bin/zsh /usr/bin/tmux-of-a-long-name ** } at sat 12:00')
    equal(exit_status(child), 0)
    screen = world.screen(child)
    assert screen.startswith('\033[1;31mDENIED\033[0m\n'), screen
    plain = re.sub(r'\033\[[0-9;]*m', '', screen)
    assert max(len(line) for line in plain.splitlines()) <= 80, plain
    child = world.terminal('policy', 'explain', '--proposed', 'reveal x', columns=44)
    equal(exit_status(child), 0)
    assert max(len(line) for line in re.sub(r'\033\[[0-9;]*m', '', world.screen(child)).splitlines()) <= 44


@case('of many that nearly match those about the very thing come first, and no more than five are shown')
def nearest(world):
    lines = [f'deny get_secret of other{n} from /usr/bin/claude' for n in range(6)] + ['deny get_secret of a from /usr/bin/node']
    text = world.run('policy', 'explain', '--policy', write(world, 'p.conf', '\n'.join(lines) + '\n'), 'get_secret a from /usr/bin/claude').stdout.decode()
    near = re.findall(r'p.conf:(\d+)', text[text.index('Nearly matched'):])
    equal(near, ['7', '1', '2', '3', '4'])
    contains(text, '\n2 more rules do not match: --all\n')


@case('scopes that are cut, and that a person is told, are said')
def effects(world):
    path = write(world, 'p.conf', 'ask mint_token of p scopes r*\ndeny reveal notify\n')
    text = world.run('policy', 'explain', '--policy', path, 'mint_token p scopes { read write } from /usr/bin/x').stdout.decode()
    assert text.startswith('ASKED  with the PIN\n  Left out of what is granted: write\n'), text
    assert world.run('policy', 'explain', '--policy', path, 'reveal a').stdout.decode().startswith('DENIED  and you are told\n')


# --- what is expected ---


def test(world, expected, *arguments, status=0, policy=POLICY):
    write(world, 'config/policy.conf', policy)
    write(world, 'expected', expected)
    result = world.run('policy', 'test', 'expected', *arguments)
    equal(result.returncode, status, result)
    return (result.stdout + result.stderr).decode()


@case('a policy that says what is expected passes, without a broker')
def holds(world):
    expected = '''# all of them
deny get_secret prod/db/URL from /usr/bin/node
ask get_secret prod/db/URL from /usr/bin/claude max 5m uses 1 confirm key
allow http_request github scopes read from /usr/bin/codex
ask run_command prod/db command { /usr/bin/psql -c "select 1" } from /usr/bin/claude sandbox
'''
    equal(test(world, expected), 'All 4 expectations hold.\n')
    equal(world.broker.calls, [])


@case('each line that is missed is named, with the rule that decided')
def misses(world):
    text = test(world, 'deny reveal x\nask get_secret prod/db/URL from /usr/bin/node\nask get_secret prod/db/x from /usr/bin/claude max 1h\n', status=1)
    equal(text, '''expected:2: ask get_secret prod/db/URL from /usr/bin/node
    it is denied:
      policy.conf:5  deny get_secret of prod/** from { /usr/bin/python3
      /usr/bin/node }
expected:3: ask get_secret prod/db/x from /usr/bin/claude max 1h
    it has max 5m, not max 1h:
      policy.conf:3  ask any of prod/** max 10m confirm key
      policy.conf:4  ask get_secret of prod/db/** max 5m uses 1 confirm pin

2 of 3 expectations missed.
''')


@case('a line that leaves open what decides is missed, whatever it expects')
def open_lines(world):
    policy = 'deny get_secret uid 7\nallow http_request of github/read\n'
    for verdict in ('deny', 'ask', 'allow'):
        text = test(world, f'{verdict} get_secret a from /usr/bin/x\n', status=1, policy=policy)
        contains(text, 'it may be denied or asked: the line does not say uid')
        text = test(world, f'{verdict} http_request github from /usr/bin/x\n', status=1, policy=policy)
        contains(text, 'it may be asked or allowed: the line does not say scopes')
    test(world, 'deny get_secret a from /usr/bin/x uid 7\nask get_secret a from /usr/bin/x uid 8\n', policy=policy)


@case('an allow counts for more where the broker has a user of its own')
def system(world):
    policy, expected = 'allow get_secret of a\n', 'allow get_secret a from /usr/bin/x\n'
    contains(re.sub(r'\s+', ' ', test(world, expected, status=1, policy=policy)), 'it is asked, as an allow counts here for http_request and mint_token alone (--system): policy.conf:1')
    test(world, expected, '--system', policy=policy)


@case('what no scope covers is as good as denied')
def uncovered(world):
    write(world, 'config/services.d/github.conf', GITHUB)
    test(world, 'deny http_request github method DELETE path /user from /usr/bin/claude\n')
    contains(test(world, 'ask http_request github method DELETE path /user from /usr/bin/claude\n', status=1), 'it is denied:\n      no scope of github covers')


@case('a file without expectations, one that is not there and one that cannot be read are failures')
def nothing(world):
    contains(test(world, '# none\n', status=1), 'Nothing is expected there')
    contains(test(world, 'deny reveal x\ndenny reveal y\n', status=1), 'expected:2:1: "denny" is no verdict; did you mean "deny"?')
    equal(world.run('policy', 'test', 'missing').returncode, 1)
    equal(world.run('policy', 'test').returncode, 2)


@case('other files are tested, in place of those in the configuration folder')
def files(world):
    write(world, 'one.conf', 'deny reveal\n')
    write(world, 'two.conf', 'deny launch\n')
    test(world, 'deny reveal x\ndeny launch x command { /bin/x }\nask get_secret prod/a from /usr/bin/node\n', '--policy', 'one.conf', '--policy', 'two.conf')


@case('a folder that is laid out as the configuration folder is tested whole')
def folder(world):
    write(world, 'there/policy.conf', 'deny reveal\n')
    write(world, 'there/policy.d/x.conf', 'deny launch\n')
    write(world, 'there/services.d/github.conf', GITHUB)
    test(world, 'deny reveal x\ndeny launch x command { /bin/x }\ndeny http_request github method DELETE path /user\n', '--policy', 'there')


@case('JSON has each line and whether it held')
def test_json(world):
    answer = json.loads(test(world, 'deny reveal x\nask reveal x\n', '--json', status=1))
    equal([(line['place'], line['held'], line.get('missed')) for line in answer],
          [('expected:1', True, None), ('expected:2', False, 'it is denied')])
    equal(answer[1]['decision'], {'verdict': 'deny', 'place': 'policy.conf:2', 'rule': 'deny reveal'})


@case('the manual page shows what can be read')
def manual(world):
    with open(MANUAL, encoding='utf-8') as file:
        blocks = re.findall(r'^\.Bd -literal -offset indent\n(.*?)^\.Ed', file.read(), re.MULTILINE | re.DOTALL)
    [lines] = [block for block in blocks if block.startswith('#')]
    equal(test(world, lines, policy=POLICY + 'deny run_command command { /usr/bin/env ** }\n'), 'All 4 expectations hold.\n')


if __name__ == '__main__':
    scripted_broker.main()
