# SPDX-License-Identifier: MIT
"""The terminal approver: what grants, what denies, and what a hostile card can do."""

import json
import signal
import unicodedata

import pexpect

import scripted_broker
from hostile import ESCAPED, hostile_card, width
from scripted_broker import PATIENCE, PIN, Refusal, exit_status
from tap import case, contains, equal, lacks

PROMPT = 'grant or deny> '


def prompt(child):
    child.expect_exact(PROMPT)


def give_pin(child, pin=PIN):
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE), 'the PIN would be seen'
    child.sendline(pin)


@case('the word grant and the PIN grant what the card preselects')
def grant(world):
    card = world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    give_pin(child)
    child.expect_exact('Granted: get_secret github-token')
    decision = world.broker.decision()
    equal({key: decision[key] for key in ('verdict', 'scopes', 'duration', 'holder', 'pin')},
          {'verdict': 'grant', 'scopes': ['use'], 'duration': 300, 'holder': 'p4711', 'pin': PIN})
    assert 'uses' not in decision and card
    child.expect_exact('Nothing is waiting')
    child.sendcontrol('c')
    equal(exit_status(child), 0)


@case('scopes, time, uses and holder can only be made less than what was asked')
def narrowed(world):
    world.broker.hold(scopes=['read', 'write', 'admin'], max_uses=5, default_uses=5)
    child = world.approver()
    for line, answer in (('without write', 'read, admin'), ('without delete', 'no such scope'),
                         ('with delete', 'no such scope'), ('without admin', 'gives: read, for'),
                         ('without read', 'Nothing would be left'), ('with admin', 'read, admin'),
                         ('for 2h', 'longer than 1h'), ('for 0', 'is not a duration'), ('for 10m', 'for 10m'),
                         ('uses 6', 'from 1 to 5'), ('uses 0', 'from 1 to 5'), ('uses 2', '2 uses'),
                         ('holder 3', 'from 1 to 2'), ('holder 2', 'to make (pid 4600)')):
        prompt(child)
        child.sendline(line)
        child.expect_exact(answer)
    prompt(child)
    child.sendline('grant')
    give_pin(child)
    decision = world.broker.decision()
    equal({key: decision[key] for key in ('scopes', 'duration', 'uses', 'holder')},
          {'scopes': ['read', 'admin'], 'duration': 600, 'uses': 2, 'holder': 's4600'})


@case('once and all are words for one use and for all the time that was asked')
def words(world):
    world.broker.hold(asked_duration=7200, max_duration=5400)
    child = world.approver()
    for line in ('for once', 'for all', 'grant'):
        prompt(child)
        child.sendline(line)
    give_pin(child)
    decision = world.broker.decision()
    equal((decision['duration'], decision['uses']), (5400, 1))


@case('what is granted for one call has neither time nor uses to choose')
def one_call(world):
    world.broker.hold(operation='delete_secret', risk='write', scopes=['delete'], asked_duration=0, max_duration=0,
                      default_duration=0, max_uses=1, default_uses=1, purpose=None)
    child = world.approver()
    for line, answer in (('for 5m', 'for one call'), ('uses 1', 'for one call')):
        prompt(child)
        child.sendline(line)
        child.expect_exact(answer)
    prompt(child)
    child.sendline('grant')
    give_pin(child)
    decision = world.broker.decision()
    assert 'duration' not in decision, decision
    equal(decision['uses'], 1)


DENIALS = {'an empty line': '', 'y': 'y', 'yes': 'yes', 'Grant with a capital': 'Grant', 'grant and more': 'grant it',
           'the PIN typed too early': '', 'a change without its object': 'for', 'something that is no word': ';'}


def deny_by(sentence, line):
    @case(f'{sentence} denies')
    def denies(world):
        world.broker.hold()
        child = world.approver()
        prompt(child)
        child.sendline(line)
        child.expect_exact('Denied: ')
        equal(world.broker.decision(), {'request_id': 'req1', 'verdict': 'deny'})
        child.expect_exact('Nothing is waiting')


for name, typed in DENIALS.items():
    deny_by(name, typed)


@case('deny takes a reason, which the agent is told')
def reason(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('deny the wrong repository')
    equal(world.broker.decision()['reason'], 'the wrong repository')


def leave_by(sentence, act, status=0):
    @case(f'{sentence} denies the card on the screen, no other, and leaves')
    def leaves(world):
        world.broker.hold('req1')
        world.broker.hold('req2', resource='second-secret')
        child = world.approver()
        prompt(child)
        act(child)
        equal(exit_status(child), status)
        equal(world.broker.decision(), {'request_id': 'req1', 'verdict': 'deny'})
        world.broker.undecided()


leave_by('Ctrl-C', lambda child: child.sendcontrol('c'))
leave_by('Ctrl-D', lambda child: child.sendcontrol('d'))
leave_by('the word grant without its line end', lambda child: (child.send('grant'), child.sendcontrol('d'),
                                                              child.sendcontrol('d')))
leave_by('Ctrl-C after half a word', lambda child: (child.send('gra'), child.sendcontrol('c')))
leave_by('a signal to end', lambda child: child.kill(signal.SIGTERM))
leave_by('a terminal that hangs up', lambda child: child.kill(signal.SIGHUP))


@case('Ctrl-C at the PIN denies')
def interrupted_pin(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    child.expect_exact('PIN: ')
    child.waitnoecho(PATIENCE)
    child.sendcontrol('c')
    child.expect_exact('Denied: no PIN was given')
    equal(world.broker.decision()['verdict'], 'deny')
    equal(exit_status(child), 0)


@case('an empty PIN denies')
def empty_pin(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    give_pin(child, '')
    child.expect_exact('Denied: no PIN was given')
    equal(world.broker.decision()['verdict'], 'deny')


@case('a wrong PIN is asked again and grants nothing')
def wrong_pin(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    give_pin(child, '000000')
    child.expect_exact('that is not the PIN')
    give_pin(child, '')
    equal(world.broker.decision()['verdict'], 'deny')


@case('where the broker needs no PIN again none is asked')
def no_pin_again(world):
    world.broker.pin_each_time = False
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    child.expect_exact('Granted')
    assert 'pin' not in world.broker.decision()


@case('what was typed before the card was shown is no answer to it')
def type_ahead(world):
    child = world.approver()
    child.expect_exact('Nothing is waiting')
    # Without its line end it stays in the terminal's own buffer.
    child.send('grant')
    world.broker.hold()
    prompt(child)
    child.sendline('')
    child.expect_exact('Denied: an empty line')
    equal(world.broker.decision()['verdict'], 'deny')


@case('what was typed before the PIN was asked is no PIN')
def pin_ahead(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    # In one piece, so that the second line is there before the question.
    child.send('grant\n000000\n')
    give_pin(child)
    child.expect_exact('Granted')
    equal([params.get('pin') for method, params in world.broker.calls if method == 'decide'], [None, PIN])


@case('the deadline denies')
def deadline(world):
    world.broker.hold(seconds=2)
    child = world.approver()
    prompt(child)
    child.expect_exact('Denied: nobody answered in time')
    equal(world.broker.decision()['verdict'], 'deny')


@case('the deadline denies at the PIN too')
def deadline_at_pin(world):
    world.broker.hold(seconds=3)
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    child.expect_exact('PIN: ')
    child.expect_exact('Denied: no PIN was given')
    equal(world.broker.decision()['verdict'], 'deny')


@case('a card that is answered elsewhere goes at once, and says who answered')
def withdrawn(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.send('gran')
    world.broker.answered_elsewhere('req1', 'granted', 'gnome-approver (pid 9)\033[2J')
    child.expect_exact('Answered elsewhere: granted by gnome-approver (pid 9)\\u{1b}[2J')
    child.expect_exact('Nothing is waiting')
    world.broker.hold('req2', resource='second-secret')
    prompt(child)
    # Half of the word was meant for the card before.
    child.sendline('t')
    equal(world.broker.decision(), {'request_id': 'req2', 'verdict': 'deny'})


@case('a card that is answered elsewhere goes at once from the PIN prompt')
def withdrawn_at_pin(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    child.expect_exact('PIN: ')
    child.waitnoecho(PATIENCE)
    world.broker.answered_elsewhere('req1')
    child.expect_exact('Answered elsewhere: denied by gnome-approver')
    child.expect_exact('Nothing is waiting')
    assert not child.waitnoecho(0), 'the terminal still hides what is typed'
    world.broker.undecided()


@case('one that is answered elsewhere before its turn is never shown')
def withdrawn_before(world):
    world.broker.hold('req1')
    world.broker.hold('req2', resource='second-secret')
    child = world.approver()
    child.expect_exact('1 of 2 waiting')
    prompt(child)
    world.broker.answered_elsewhere('req2')
    child.sendline('')
    child.expect_exact('Nothing is waiting')
    lacks(world.screen(child), 'second-secret')


@case('requests are shown one at a time, oldest first')
def several(world):
    for number in (1, 2, 3):
        world.broker.hold(f'req{number}', resource=f'secret-{number}')
    child = world.approver()
    for number, count in ((1, '1 of 3 waiting'), (2, '1 of 2 waiting'), (3, '1 waiting')):
        child.expect_exact(count)
        child.expect_exact(f'reference to secret-{number}')
        prompt(child)
        child.sendline('')
        equal(world.broker.decision()['request_id'], f'req{number}')


@case('with --once it leaves after one answer')
def once(world):
    world.broker.hold('req1')
    world.broker.hold('req2', resource='second-secret')
    child = world.terminal('approve', '--plain', '--once')
    give_pin(child)
    prompt(child)
    child.sendline('')
    equal(exit_status(child), 0)
    equal(world.broker.decision()['request_id'], 'req1')
    world.broker.undecided()


@case('a broker that goes away ends it, and grants nothing')
def gone(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    world.broker.go_away()
    child.expect_exact('the broker went away')
    equal(exit_status(child), 3)
    world.broker.undecided()


@case('a card of another version is not shown, and not answered')
def unreadable(world):
    world.broker.hold('req1', version=2)
    world.broker.hold('req2', surprise=True)
    child = world.approver()
    child.expect_exact('Request req1 is left unanswered')
    child.expect_exact('Request req2 is left unanswered')
    child.expect_exact('Nothing is waiting')
    world.broker.undecided()


@case('a grant that the broker refuses is told, with its words escaped')
def refused(world):
    def on_decide(params):
        raise Refusal(6, 'the disk is full\033]8;;http://x')
    world.broker.on_decide = on_decide
    world.broker.hold()
    child = world.approver()
    prompt(child)
    child.sendline('grant')
    child.expect_exact('Not granted: the disk is full\\u{1b}]8;;http://x')


@case('a locked broker is told before a PIN is asked')
def locked(world):
    world.broker.state = 'locked'
    child = world.terminal('approve')
    child.expect_exact('countersign unlock')
    equal(exit_status(child), 4)
    lacks(world.screen(child), 'PIN')


def check_screen(text, columns):
    """Nothing acted on the terminal, and each line fits; ours are the only escapes."""
    for own in ('\033[0m', '\033[1m', '\033[3m'):
        text = text.replace(own, '')
    for line in text.split('\n'):
        for char in line:
            assert unicodedata.category(char) not in ('Cc', 'Cf', 'Co', 'Cs', 'Cn', 'Zl', 'Zp'), (char, line)
        # The prompt's own line is as long as it is; the person's typing follows it.
        assert width(line) <= columns or PROMPT in line or 'Granted: ' in line, (width(line), line)


def hostile_at(columns):
    @case(f'hostile text is shown escaped and whole, {columns} columns wide')
    def hostile(world):
        hostile_card(world)
        child = world.approver(columns=columns)
        # The last words before the prompt; "grant or deny> " itself is also in the card's text.
        child.expect('why\\.|\\swhy\\.')
        child.expect_exact('left] grant or deny> ')
        text = world.screen(child)
        check_screen(text, columns)
        flat = ''.join(text.split())
        for part in ESCAPED:
            contains(flat, part)
        lacks(text, 'x' + ' ' * 10)
        child.sendline('')
        equal(world.broker.decision()['verdict'], 'deny')


for columns in (80, 40, 20):
    hostile_at(columns)


@case('an ordinary card fits into 80 columns and 24 lines')
def fits(world):
    world.broker.hold()
    child = world.approver()
    prompt(child)
    text = world.screen(child)
    check_screen(text, 80)
    card = text[text.index('──'):]
    assert card.count('\n') < 24, card.count('\n')


@case('without colour the card says the same')
def colours(world):
    shown = []
    for env in ({}, {'NO_COLOR': '1'}, {'TERM': 'dumb'}):
        world.broker.hold(requester={'verified': False}, operation='reveal', risk='disclose')
        child = world.approver(env=env)
        prompt(child)
        shown.append(world.screen(child))
        child.sendcontrol('c')
        exit_status(child)
    contains(shown[0], '\033[1m')
    for text in shown[1:]:
        lacks(text, '\033')
        contains(text, '! Unverified')
        contains(text, '! Risk')


def left_by(sentence, command, act, said):
    @case(f'the terminal is left as it was found, {sentence}')
    def left(world):
        world.broker.hold()
        program = f'{scripted_broker.PROGRAM} --state-dir {world.base}'
        # The shell must outlive what its command is ended by.
        shell = world.spawn('/bin/sh', ['-c', f'trap : INT TERM HUP; stty -a; {program} {command}; echo; stty -a'])
        shell.expect_exact('PIN: ')
        before = shell.before
        assert shell.waitnoecho(PATIENCE)
        act(shell)
        shell.expect_exact(said)
        shell.expect(pexpect.EOF)
        equal(shell.before[shell.before.index('speed'):].strip(), before.strip(), 'stty')


def to_the_card(shell):
    shell.sendline(PIN)
    prompt(shell)


left_by('by Ctrl-D at the PIN', 'secret rm x', lambda shell: shell.sendcontrol('d'), 'cancelled')
left_by('by Ctrl-C at the PIN', 'secret rm x', lambda shell: shell.sendcontrol('c'), 'cancelled')
left_by('by Ctrl-D at a card', 'approve --plain', lambda shell: (to_the_card(shell), shell.sendcontrol('d')), 'end of input.')
left_by('by Ctrl-C at a card', 'approve --plain', lambda shell: (to_the_card(shell), shell.sendcontrol('c')), 'interrupted.')


def piped(world, *arguments, text):
    result = world.run(*arguments, text=text)
    result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
    return result


@case('words that are piped in grant nothing')
def pipes(world):
    world.broker.hold()
    for arguments in (['approve'], ['approve', 'req1']):
        for text in ('grant\n' * 100, f'{PIN}\ngrant\n{PIN}\n' * 100):
            result = piped(world, *arguments, text=text)
            equal(result.returncode, 1, result)
            contains(result.stderr, 'terminal')
    world.broker.undecided()


@case('at a terminal too, words that are piped in are no answer, nor is one that is piped out a question')
def pipes_at_terminal(world):
    world.broker.hold()
    for command in ('yes grant | {} approve', '{} approve | cat'):
        shell = world.spawn('/bin/sh', ['-c', command.format(f'{scripted_broker.PROGRAM} --state-dir {world.base}')])
        shell.expect_exact('this needs a terminal')
        shell.expect(pexpect.EOF)
        lacks(world.screen(shell), 'PIN')
    world.broker.undecided()


@case('approve ID takes all that was asked, or less, and says what was granted')
def by_id(world):
    for number in range(5):
        world.broker.hold(f'req{number}', scopes=['read', 'write'])
    result = piped(world, 'approve', '--pin-fd', '0', 'req4', text=f'{PIN}\n')
    equal(result.returncode, 0, result)
    contains(result.stdout, 'Granted: get_secret github-token: read, write, for 5m')
    equal(world.broker.decision()['scopes'], ['read', 'write'])
    result = piped(world, 'approve', 'req3', '--json', '--pin-fd=0', '--scope', 'read', '--for', '1m', '--uses', '2',
                   '--holder', 's4600', text=f'{PIN}\n')
    equal(json.loads(result.stdout), {'id': 'req3', 'request_id': 'req3', 'grant_id': 'g1', 'operation': 'get_secret',
                                      'resource': 'github-token', 'scopes': ['read'], 'holder': 's4600',
                                      'status': 'granted', 'duration': 60, 'uses': 2})
    decision = world.broker.decision()
    equal((decision['scopes'], decision['duration'], decision['uses'], decision['holder']), (['read'], 60, 2, 's4600'))


@case('approve ID at a terminal asks the PIN, and shows what it was for')
def by_id_at_terminal(world):
    world.broker.hold()
    child = world.terminal('approve', 'req1')
    give_pin(child)
    child.expect_exact('node wants a reference to github-token')
    child.expect_exact('Granted: get_secret github-token: use, for 5m')
    equal(exit_status(child), 0)
    equal(world.broker.decision()['pin'], PIN)


@case('a program that was stopped at the PIN gives the terminal back, and asks again when it goes on')
def stopped(world):
    # Not bash, which puts the terminal right itself.
    shell = world.spawn('dash', ['-i'], env={'PS1': 'shell> '})
    shell.expect_exact('shell> ')
    shell.sendline(f'{scripted_broker.PROGRAM} --state-dir {world.base} secret rm x')
    shell.expect_exact('PIN: ')
    assert shell.waitnoecho(PATIENCE)
    shell.send('8024')
    shell.sendcontrol('z')
    shell.expect_exact('Stopped')
    shell.expect_exact('shell> ')
    shell.sendline('stty -a; fg')
    shell.expect_exact('icanon iexten echo ')
    give_pin(shell)
    # The digits typed before the stop are gone: what was sent is the right PIN.
    shell.expect_exact('there is no such call')
    equal(world.broker.called('secret_rm'), [{'name': 'x', 'pin': PIN}])


@case('approve ID refuses more than was asked')
def by_id_more(world):
    world.broker.hold(max_uses=3, default_uses=3)
    for options in (['--scope', 'write'], ['--for', '2h'], ['--uses', '4'], ['--uses', '0'], ['--holder', 'p1'],
                    ['--for', '-5']):
        result = piped(world, 'approve', 'req1', '--pin-fd', '0', *options, text=f'{PIN}\n')
        equal(result.returncode, 2, result)
    result = piped(world, 'approve', 'other', '--pin-fd', '0', text=f'{PIN}\n')
    equal(result.returncode, 1, result)
    world.broker.undecided()


@case('approve ID --always shows the exact rule, asks the PIN below it, and is refused where there is none')
def by_id_always(world):
    rule = 'allow http_request of github-token by /usr/bin/node'
    world.broker.hold('req1', always=rule)
    world.broker.hold('req2')
    child = world.terminal('approve', 'req1', '--always')
    give_pin(child)
    child.expect_exact(f'Always: {rule}')
    give_pin(child)
    child.expect_exact('Granted: ')
    equal(exit_status(child), 0)
    equal(world.broker.decision()['always'], True)
    result = piped(world, 'approve', 'req2', '--always', '--pin-fd', '0', text=f'{PIN}\n')
    equal(result.returncode, 1)
    contains(result.stderr, '--always: this request offers no rule')
    equal(piped(world, 'approve', '--always', text='').returncode, 2)
    world.broker.hold('req3', always=rule)
    result = piped(world, 'approve', 'req3', '--always', '--pin-fd', '0', text=f'{PIN}\n')
    contains(result.stdout, f'Always: {rule}\nGranted: ')
    world.broker.decision()
    world.broker.undecided()


@case('approve ID of high risk asks the PIN once more, below what must be read')
def by_id_high_risk(world):
    world.broker.hold(operation='reveal', risk='disclose')
    child = world.terminal('approve', 'req1')
    give_pin(child)
    child.expect_exact('High risk. Not read yet: What, Who')
    child.expect_exact('PIN: ')
    child.sendcontrol('c')
    equal(exit_status(child), 1)
    world.broker.undecided()


@case('at high risk the word grant is not taken before each line was said to be read')
def read_lines(world):
    world.broker.hold(operation='reveal', risk='disclose')
    child = world.approver()
    for line, answer in (('grant', 'Not read yet: What, Who'), ('read what', 'read yet: Who'), ('grant', 'Who'),
                         ('read nothing', 'no such line'), ('read who', 'grant now gives')):
        prompt(child)
        child.sendline(line)
        child.expect_exact(answer)
    equal(world.broker.called('decide'), [])
    prompt(child)
    child.sendline('grant')
    give_pin(child)
    equal(world.broker.decision()['verdict'], 'grant')


@case('the word always grants and makes the rule, where the card offers one')
def always_word(world):
    rule = 'allow http_request of github-token by /usr/bin/node'
    world.broker.hold('req1', always=rule)
    world.broker.hold('req2', resource='second-secret')
    child = world.approver()
    prompt(child)
    child.sendline('always')
    child.expect_exact(f'Always: {rule}')
    give_pin(child)
    equal(world.broker.decision()['always'], True)
    prompt(child)
    child.sendline('always')
    child.expect_exact('offers no rule')
    prompt(child)
    child.sendline('grant')
    give_pin(child)
    assert 'always' not in world.broker.decision()


@case('deny for a time denies the same for so long; any other words are a reason')
def deny_words(world):
    for number, (line, sent) in enumerate((('deny for 10m', {'deny_seconds': 600}), ('deny for 2h', {'reason': 'for 2h'}),
                                           ('deny for a better reason', {'reason': 'for a better reason'}))):
        world.broker.hold(f'req{number}')
        child = world.approver()
        prompt(child)
        child.sendline(line)
        equal(world.broker.decision(), {'request_id': f'req{number}', 'verdict': 'deny', **sent})


@case('requests alike are shown once with each purpose, and denied together')
def alike(world):
    for number in (1, 2, 3):
        world.broker.hold(f'req{number}', purpose=f'purpose {number}')
    child = world.approver()
    child.expect_exact('3 requests alike')
    child.expect_exact('“purpose 2”')
    child.expect_exact('“purpose 3”')
    child.expect_exact('“purpose 1”')
    prompt(child)
    child.sendline('')
    equal({world.broker.decision()['request_id'] for _ in range(3)}, {'req1', 'req2', 'req3'})
    child.expect_exact('Nothing is waiting')


@case('deny ID needs no PIN')
def deny_id(world):
    world.broker.hold()
    result = piped(world, 'deny', 'req1', '--reason', 'not now', text='')
    equal((result.returncode, result.stdout), (0, 'Denied.\n'))
    equal(world.broker.decision(), {'request_id': 'req1', 'verdict': 'deny', 'reason': 'not now'})
    equal(piped(world, 'deny', 'req1', text='').returncode, 1)


@case('deny ID for a time says so, and takes no time that is none or too long')
def deny_for(world):
    world.broker.hold()
    for time in ('0', '2h', 'x', '-1'):
        equal(piped(world, 'deny', 'req1', '--for', time, text='').returncode, 2, time)
    world.broker.undecided()
    result = piped(world, 'deny', 'req1', '--for', '10m', text='')
    equal((result.returncode, result.stdout), (0, 'Denied; the same is denied unasked for 10m.\n'))
    equal(world.broker.decision(), {'request_id': 'req1', 'verdict': 'deny', 'deny_seconds': 600})


@case('pending lists each request once, page after page')
def pending(world):
    for number in range(5):
        world.broker.hold(f'req{number}', purpose='a\tb')
    result = piped(world, 'pending', '--json', '--pin-fd', '0', text=f'{PIN}\n')
    equal([request['id'] for request in json.loads(result.stdout)], [f'req{number}' for number in range(5)])
    equal(json.loads(result.stdout)[0]['purpose'], 'a\tb')
    table = piped(world, 'pending', '--pin-fd', '0', text=f'{PIN}\n').stdout
    equal(len(table.splitlines()), 8)
    contains(table, '5 waiting: countersign approve')
    contains(table, 'a\\u{9}b')
    shown = piped(world, 'pending', 'req3', '--pin-fd', '0', text=f'{PIN}\n').stdout
    contains(shown, 'Request       req3, denied in')
    lacks(shown, '\033')
    equal(json.loads(piped(world, 'pending', 'req3', '--json', '--pin-fd', '0', text=f'{PIN}\n').stdout)['id'], 'req3')
    equal(piped(world, 'pending', 'other', '--pin-fd', '0', text=f'{PIN}\n').returncode, 1)


scripted_broker.main()
