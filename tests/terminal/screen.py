# SPDX-License-Identifier: MIT
"""The terminal approver on the whole screen: what shows, what the keys do, and what never grants."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import unicodedata

import pexpect

import scripted_broker
from drawn import Drawn
from hostile import ESCAPED, hostile_card, width
from scripted_broker import PATIENCE, PIN, Refusal, exit_status
from screens import HOME, PAGE_DOWN, approver, pages
from tap import Skip, case, contains, equal, lacks

DOWN, UP, RIGHT, LEFT = '\033[B', '\033[A', '\033[C', '\033[D'
SIZES = ((24, 80), (40, 120), (12, 40))


def shows_at(rows, columns):
    @case(f'{columns} by {rows}: card, choices and every key show, and what does not fit is told')
    def shows(world):
        world.broker.hold(scopes=['read', 'write', 'admin'], requester={'exe': '/opt/no/such/node'})
        drawn = approver(world, rows, columns).settled()
        text = drawn.text()
        contains(text, 'Countersign · 1 of 1')
        contains(text, 'left')
        contains(text, '[x] read')
        assert '▸[ Deny ]' in text, text
        bar = '\n'.join(drawn.rows()[-3:])
        for key in ('g', 'd', 'D', '0', 'a', 'n/p', 's', 't', 'u', 'h', 'Tab', '↑↓←→', 'Space', 'PgDn', '?', 'q'):
            assert re.search(rf'(^| ){re.escape(key)}( |$)', bar, re.MULTILINE), (key, bar)
        whole = ''.join(''.join(pages(drawn)).split())
        for part in ('“openapullrequest”', '/opt/no/such/node', 'node←zsh←tmux', '/home/ann/project', 'askget_secretmax1h'):
            contains(whole, part)
        world.broker.undecided()


@case('the package of the program is told as soon as it is known')
def package(world):
    world.broker.hold(requester={'exe': '/usr/bin/dash'})
    approver(world).shows('Package       dash')


for size in SIZES:
    shows_at(*size)


@case('another size keeps the card, what was chosen, and what is typed')
def resized(world):
    world.broker.hold(scopes=['read', 'write'])
    drawn = approver(world).settled()
    drawn.press('s').press(DOWN).press(' ', '[ ] write')
    drawn.press('Dnot to', 'Why not: not to')
    for rows, columns in ((12, 40), (40, 120), (9, 25), (24, 80)):
        if rows == 9:
            drawn.resize(rows, columns, 'Too small')
        else:
            drawn.resize(rows, columns, 'Why not: not to', '[ Deny ]')
            # Nothing is left of the picture before.
            drawn.until(lambda d: d.rows()[0].startswith(' Countersign · 1 of 1 · for')
                        and d.rows()[1].startswith(' node wants a reference') and 'Too small' not in d.text(), 'a clean picture')
    drawn.settled().press('day\r', 'Nothing is waiting')
    equal(world.broker.decision()['reason'], 'not today')


@case('in tmux it is the same picture, through other sizes too')
def in_tmux(world):
    if shutil.which('tmux') is None:
        raise Skip('no tmux')
    world.broker.hold(scopes=['read', 'write'])
    settings, tmux = os.path.join(world.base, 'tmux.conf'), os.path.join(world.base, 'tmux')
    with open(settings, 'w', encoding='ascii') as file:
        file.write('set -g status off\nset -g default-terminal tmux-256color\n')
    child = world.spawn('tmux', ['-u', '-S', tmux, '-f', settings, 'new-session',
                                 f'{scripted_broker.PROGRAM} --state-dir {world.base} approve'], env={'TERM': 'linux'})
    try:
        drawn = Drawn(child, 24, 80).shows('PIN:')
        drawn.press(PIN + '\r').settled().press('s').press(DOWN).press(' ', '[ ] write')
        for rows, columns in ((12, 40), (40, 120), (24, 80)):
            drawn.resize(rows, columns, '[ ] write', '[ Deny ]')
            drawn.until(lambda d, columns=columns: d.rows()[0].startswith(' Countersign · 1 of 1 · fo') and d.rows()[0].endswith(' left')
                        and len(d.rows()[0]) == columns - 1 and d.rows()[1].startswith(' node wants a reference')
                        and sum('[ Grant ]' in row for row in d.rows()) == 1, 'a clean picture')
        drawn.press('g', 'PIN (does not show):').press(PIN + '\r', 'Nothing is waiting')
        equal(world.broker.decision()['scopes'], ['read'])
        drawn.press('q')
        equal(exit_status(child), 0)
    finally:
        subprocess.run(['tmux', '-S', tmux, 'kill-server'], capture_output=True, check=False)


@case('on a screen that is too small nothing can be decided')
def small(world):
    world.broker.hold()
    drawn = approver(world).settled()
    drawn.resize(8, 30, 'Too small')
    drawn.child.send('d0\r')
    drawn.resize(24, 80, '[ Deny ]').settled().press('q')
    equal(exit_status(drawn.child), 0)
    world.broker.undecided()


# --- deciding ---


@case('g and the PIN grant what the choices show, and the PIN never shows')
def grant(world):
    world.broker.hold(scopes=['read', 'write', 'admin'], max_uses=5, default_uses=5)
    drawn = approver(world).settled()
    drawn.press('s').press(DOWN).press(' ', '[ ] write')
    drawn.press('t', 'For how long').press('10m\r', '(•) 10m')
    drawn.press('u', 'How many uses').press('2\r', '2, 5 at most')
    drawn.press('h', '(•) make (pid 4600)')
    drawn.press('g', 'Grants: read, admin, for 10m, 2 uses, to make (pid 4600)', 'PIN (does not show):')
    drawn.child.send(PIN[:3])
    # What was typed shows nothing by itself; these pictures are drawn after it was taken.
    for rows in (25, 24):
        drawn.resize(rows, 80, 'Grants: read, admin', 'PIN (does not show):')
    equal([row for row in drawn.rows() if 'PIN (' in row], [' PIN (does not show):'])
    drawn.child.send(PIN[3:] + '\r')
    drawn.shows('Granted: get_secret github-token', 'Nothing is waiting')
    decision = world.broker.decision()
    equal({key: decision[key] for key in ('verdict', 'scopes', 'duration', 'uses', 'holder', 'pin')},
          {'verdict': 'grant', 'scopes': ['read', 'admin'], 'duration': 600, 'uses': 2, 'holder': 's4600', 'pin': PIN})
    drawn.press('q')
    equal(exit_status(drawn.child), 0)


@case('choices never give more than was asked')
def no_more(world):
    world.broker.hold(max_uses=3, default_uses=3)
    drawn = approver(world).settled()
    drawn.press('t').press('2h\r', 'longer than 1h')
    drawn.press('u').press('4\r', 'from 1 to 3')
    drawn.press(RIGHT * 5, '3, 3 at most').press(LEFT * 9, '1, 3 at most')
    drawn.press('s').press(' ', '[ ] use')
    drawn.press('g', 'No scope is left')
    world.broker.undecided()


@case('time is chosen by arrows too, from once to as long as it runs')
def times(world):
    world.broker.hold(asked_duration=7200, max_duration=5400)
    drawn = approver(world).settled()
    drawn.press('s').press(DOWN).press(RIGHT * 9, '(•) until it exits, 1h30m at most', '(asked: 2h)')
    drawn.press(LEFT * 9, '(•) once').press('g', 'Grants: use')
    drawn.press(PIN + '\r', 'Nothing is waiting')
    decision = world.broker.decision()
    equal((decision['duration'], decision['uses']), (300, 1))


@case('where the broker needs no PIN again none is asked')
def no_pin(world):
    world.broker.pin_each_time = False
    world.broker.hold()
    approver(world).settled().press('g', 'Granted: get_secret', 'Nothing is waiting')
    assert 'pin' not in world.broker.decision()


@case('a wrong PIN is asked again; Escape goes back and decides nothing')
def wrong_pin(world):
    world.broker.hold()
    drawn = approver(world).settled()
    drawn.press('g', 'PIN (does not show)').press('000000\r', 'that is not the PIN', 'PIN (does not show)')
    drawn.press('80\033', 'Nothing was decided', '[ Deny ]')
    drawn.press('g', 'PIN (does not show)').press('\r', 'no PIN was given')
    world.broker.undecided()
    drawn.press('g', 'PIN').press('x\x15' + PIN[:-1] + 'é\x7f' + PIN[-1] + '\r', 'Granted')
    equal(world.broker.decision()['pin'], PIN)


@case('Enter on a card that has just come denies, never grants')
def enter(world):
    world.broker.hold()
    approver(world).settled().press('\r', 'Denied: get_secret github-token', 'Nothing is waiting')
    equal(world.broker.decision(), {'request_id': 'req1', 'verdict': 'deny'})


@case('only g and the Grant button grant: no other key does')
def only_g(world):
    world.broker.pin_each_time = False
    world.broker.hold('keep')
    drawn = approver(world).settled()
    for key in 'Gyj1iorx':
        drawn.press(key, 'No such key')
    for key in ('\033OP', '\033[15~', '\033g', '\x07', '\033[1;5C', '\xff'):
        drawn.child.send(key)
    drawn.press('?', 'Moves there').press('g').lacks('Moves there')
    world.broker.undecided()
    drawn.press('\t', '▸[ Grant ]').press('\r', 'Granted')
    equal(world.broker.decision()['verdict'], 'grant')


@case('D denies with a reason, 0 for ten minutes, d at once')
def denials(world):
    for number in (1, 2, 3):
        world.broker.hold(f'req{number}', resource=f'secret-{number}')
    drawn = approver(world).settled()
    drawn.press('D', 'Why not:').press('not \033[Bthis\t\x7fs one\r', 'Denied: get_secret secret-1').settled()
    equal(world.broker.decision(), {'request_id': 'req1', 'verdict': 'deny', 'reason': 'not this one'})
    drawn.press('0', 'denied unasked for 10m').settled()
    equal(world.broker.decision(), {'request_id': 'req2', 'verdict': 'deny', 'deny_seconds': 600})
    drawn.press('d', 'Nothing is waiting')
    equal(world.broker.decision(), {'request_id': 'req3', 'verdict': 'deny'})


@case('at high risk each line with a box must be marked before it is granted')
def touched(world):
    world.broker.hold(operation='reveal', risk='disclose')
    drawn = approver(world).settled()
    contains(drawn.text(), '! read first: [ ]')
    drawn.press('g', 'Not read yet: What, Who', '▸  What')
    equal(world.broker.called('decide'), [])
    drawn.press(' ', '[x] reveal').press('g', 'Not read yet: Who').press(' ', '[x] node')
    drawn.lacks('read first').press('g', 'PIN (does not show)').press(PIN + '\r', 'Granted')
    equal(world.broker.decision()['verdict'], 'grant')


@case('a shows the exact rule, asks the PIN, and is refused where the card offers none')
def always(world):
    rule = 'allow http_request of github-token by /usr/bin/node'
    world.broker.pin_each_time = False
    world.broker.hold('req1', always=rule)
    world.broker.hold('req2', resource='other')
    drawn = approver(world, 40, 120).settled()
    contains(drawn.text(), f'this rule: {rule}')
    drawn.press('a', f'Always: {rule}', 'PIN (does not show)').press(PIN + '\r', 'Granted').settled()
    decision = world.broker.decision()
    equal((decision['always'], decision['pin']), (True, PIN))
    drawn.press('a', 'offers no rule')
    world.broker.undecided()


# --- when keys count ---


@case('keys that come as the card does are not taken, and that is told')
def too_soon(world):
    drawn = approver(world).shows('Nothing is waiting')
    for number in range(20):
        world.broker.hold(f'req{number}')
        drawn.shows('just appeared').child.send('d')
        # A machine that was away for half a second has let the key count; the next card tells.
        drawn.until(lambda d: 'Too soon' in d.text() or 'Nothing is waiting' in d.text(), 'an effect of the key')
        if 'Too soon' in drawn.text():
            break
        world.broker.decision()
    contains(drawn.text(), 'Too soon: this has just appeared. Nothing was done.')
    world.broker.undecided()
    drawn.settled().press('d', 'Nothing is waiting')
    world.broker.decision()


@case('what was typed before a card came up is no answer to it')
def type_ahead(world):
    drawn = approver(world).shows('Nothing is waiting')
    os.kill(drawn.child.pid, signal.SIGSTOP)
    drawn.child.send('d\r0g')
    world.broker.hold()
    os.kill(drawn.child.pid, signal.SIGCONT)
    drawn.settled()
    lacks(drawn.text(), 'Too soon')
    drawn.press('q')
    equal(exit_status(drawn.child), 0)
    world.broker.undecided()


@case('a card that is answered elsewhere goes at once with the PIN half typed, and says who answered')
def withdrawn(world):
    world.broker.hold('req1')
    world.broker.hold('req2', resource='second-secret')
    drawn = approver(world).settled()
    drawn.press('\t', '▸[ Grant ]').press('g', 'PIN (does not show)').child.send(PIN[:3])
    world.broker.answered_elsewhere('req1', 'granted', 'gnome-approver (pid 9)\033[2J')
    drawn.shows('Answered elsewhere: granted by gnome-approver (pid 9)\\u{1b}[2J.', 'second-secret', '▸[ Deny ]')
    drawn.lacks('PIN (does')
    # The rest of the PIN has a 0 in it, which would deny.
    drawn.settled().press('g', 'PIN (does not show)').press(PIN + '\r', 'Granted')
    equal((world.broker.decision()['request_id']), 'req2')


@case('one that is answered elsewhere before its turn goes without a word')
def withdrawn_behind(world):
    world.broker.hold('req1')
    world.broker.hold('req2', resource='second-secret')
    drawn = approver(world).shows('1 of 2').settled()
    world.broker.answered_elsewhere('req2')
    drawn.shows('1 of 1')
    lacks(drawn.text(), 'elsewhere')


# --- the queue ---


@case('n and p look at others without deciding; what was chosen is not carried over')
def queue(world):
    for number in (1, 2, 3):
        world.broker.hold(f'req{number}', resource=f'secret-{number}')
    drawn = approver(world).shows('1 of 3', 'secret-1').settled()
    drawn.press('p', 'the first one').press('n', '2 of 3', 'secret-2').settled()
    drawn.press('n', '3 of 3', 'secret-3').settled().press('n', 'the last one').press('p', '2 of 3').settled()
    drawn.press('d', 'Denied: get_secret secret-2')
    equal(world.broker.decision()['request_id'], 'req2')
    drawn.shows('of 2')
    world.broker.undecided()


@case('requests alike are one card that tells each purpose; denying denies all, granting grants the first')
def alike(world):
    for number in (1, 2, 3):
        world.broker.hold(f'req{number}', purpose=f'purpose {number}')
    world.broker.hold('other', resource='second-secret')
    drawn = approver(world).shows('1 of 2', '3 alike', '“purpose 1”', '“purpose 2”', '“purpose 3”').settled()
    drawn.press('g', 'PIN').press(PIN + '\r', 'Granted')
    equal(world.broker.decision()['request_id'], 'req1')
    # The broker answers the others by the same grant; that is no news.
    for number in (2, 3):
        world.broker.answered_elsewhere(f'req{number}', 'granted')
    drawn.shows('1 of 1', 'second-secret')
    lacks(drawn.text(), 'elsewhere')
    for number in (4, 5):
        world.broker.hold(f'req{number}', purpose=f'purpose {number}')
    drawn.shows('1 of 2').settled().press('n', '2 alike').settled().press('d', '(2 requests)')
    equal({world.broker.decision()['request_id'] for _ in range(2)}, {'req4', 'req5'})


@case('a card of another version is told, and left unanswered')
def unreadable(world):
    world.broker.hold('req1', version=2)
    approver(world).shows('Request req1 is left unanswered', 'Nothing is waiting')
    world.broker.undecided()


@case('a grant that the broker refuses is told, with its words escaped')
def refused(world):
    def on_decide(params):
        raise Refusal(6, 'the disk is full\033]8;;http://x')
    world.broker.on_decide = on_decide
    world.broker.hold()
    approver(world).settled().press('g', 'Not granted: the disk is full\\u{1b}]8;;http://x')


# --- leaving ---


def repeat(shell, act, words):
    """Typed right after other keys, Ctrl-C and Ctrl-Z are lost now and then in the kernel's pty."""
    for _ in range(PATIENCE):
        with contextlib.suppress(ProcessLookupError, IndexError):
            act(shell)
        if shell.expect_exact([words, pexpect.TIMEOUT], timeout=1) == 0:
            return
    raise AssertionError(f'never came: {words}')


def leaves_by(sentence, act, typing=False):
    @case(f'{sentence} decides nothing, and gives the terminal back')
    def leaves(world):
        world.broker.hold()
        program = f'{scripted_broker.PROGRAM} --state-dir {world.base} approve'
        # The shell must outlive what its command is ended by.
        shell = world.spawn('/bin/sh', ['-c', f'trap : INT TERM HUP; stty -a; {program}; echo "left $?"; stty -a'])
        shell.expect_exact('PIN: ')
        before = shell.before
        assert shell.waitnoecho(PATIENCE)
        shell.sendline(PIN)
        drawn = Drawn(shell, 24, 80).settled()
        if typing:
            drawn.press('g', 'PIN (does not show)').child.send('80')
        repeat(shell, act, '1 request still waits')
        shell.expect_exact('left 0')
        shell.expect(pexpect.EOF)
        equal(shell.before[shell.before.index('speed'):].strip(), before.strip(), 'stty')
        contains(world.screen(shell), '\033[?1049l')
        world.broker.undecided()


def to_the_program(number):
    def act(shell):
        children = f'/proc/{shell.pid}/task/{shell.pid}/children'
        with open(children, encoding='ascii') as file:
            os.kill(int(file.read().split()[0]), number)
    return act


leaves_by('q', lambda shell: shell.send('q'))
leaves_by('Ctrl-C', lambda shell: shell.sendcontrol('c'))
leaves_by('Ctrl-C at the PIN', lambda shell: shell.sendcontrol('c'), typing=True)
leaves_by('Ctrl-D', lambda shell: shell.sendcontrol('d'))
leaves_by('a signal to end', to_the_program(signal.SIGTERM))
leaves_by('a signal that the terminal hangs up', to_the_program(signal.SIGHUP))


@case('a terminal that is closed decides nothing')
def closed(world):
    world.broker.hold()
    drawn = approver(world).settled()
    drawn.press('g', 'PIN (does not show)')
    pidfd = os.pidfd_open(drawn.child.pid)
    drawn.child.close(force=False)
    os.close(pidfd)
    assert not drawn.child.isalive()
    world.broker.undecided()


@case('a broker that goes away, or is locked, ends it')
def gone(world):
    for act, words, status in ((world.broker.go_away, 'the broker went away', 3),
                               (lambda: world.broker.notify('state', {'state': 'locked'}), 'the broker is locked now', 4)):
        world.broker.hold()
        drawn = approver(world).settled()
        act()
        drawn.child.expect_exact(words)
        equal(exit_status(drawn.child), status)
    world.broker.undecided()


@case('stopped by Ctrl-Z it gives the terminal back; afterwards the card is new and the PIN gone')
def stopped(world):
    world.broker.hold()
    shell = world.spawn('dash', ['-i'], env={'PS1': 'shell> '})
    shell.expect_exact('shell> ')
    shell.sendline(f'{scripted_broker.PROGRAM} --state-dir {world.base} approve')
    shell.expect_exact('PIN: ')
    assert shell.waitnoecho(PATIENCE)
    shell.sendline(PIN)
    drawn = Drawn(shell, 24, 80).settled()
    drawn.press('g', 'PIN (does not show)').child.send(PIN[:2])
    repeat(shell, lambda shell: shell.sendcontrol('z'), 'Stopped')
    shell.sendline('stty -a; fg')
    shell.expect_exact('icanon iexten echo ')
    drawn.screen.reset()
    drawn.settled()
    lacks(drawn.text(), 'PIN (does')
    world.broker.undecided()
    drawn.press('g', 'PIN (does not show)').press(PIN + '\r', 'Granted')
    equal(world.broker.decision()['pin'], PIN)
    drawn.press('q')
    shell.expect_exact('shell> ')


@case('with --once it leaves after one answer, and says what was done and what waits')
def once(world):
    world.broker.hold('req1')
    world.broker.hold('req2', resource='second-secret')
    drawn = approver(world, arguments=('approve', '--once')).settled()
    drawn.child.send('d')
    drawn.child.expect_exact('Denied: get_secret github-token')
    drawn.child.expect_exact('1 request still waits: countersign approve')
    equal(exit_status(drawn.child), 0)
    equal(world.broker.decision()['request_id'], 'req1')
    world.broker.undecided()


# --- what may be seen ---


def plain_by(sentence, arguments=('approve',), **env):
    @case(f'{sentence} asks in plain lines')
    def plain(world):
        world.broker.hold()
        child = world.terminal(*arguments, env=env)
        child.expect_exact('PIN: ')
        assert child.waitnoecho(PATIENCE)
        child.sendline(PIN)
        child.expect_exact('grant or deny> ')
        lacks(world.screen(child), '\033[?1049h')


plain_by('--plain', ('approve', '--plain'))
plain_by('TERM=dumb', TERM='dumb')
plain_by('a terminal without a name', TERM='')


@case('a terminal that nobody knows is told, and asked in plain lines')
def unknown(world):
    world.broker.hold()
    # ncurses leaves a structure behind for a terminal that it does not know.
    child = world.terminal('approve', env={'TERM': 'no-such-terminal', 'ASAN_OPTIONS': 'detect_leaks=0'})
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    child.sendline(PIN)
    child.expect_exact('its TERM is not known here; in plain lines, then')
    child.expect_exact('grant or deny> ')


@case('a description of the terminal in the person\'s own folders is not read')
def own_terminfo(world):
    for folder in ('e', 'l', '65', '6c'):
        os.makedirs(os.path.join(world.base, '.terminfo', folder))
    source = os.path.join(world.base, 'evil.ti')
    with open(source, 'w', encoding='ascii') as file:
        file.write('linux|an evil one,\n\tam, cols#80, lines#24, clear=EVIL, cup=EVIL, smcup=EVIL, el=EVIL,\n')
    compiled = os.path.join(world.base, '.terminfo')
    equal(os.system(f'tic -o {compiled} {source}'), 0)
    world.broker.hold()
    drawn = approver(world, env={'TERMINFO': compiled, 'TERMINFO_DIRS': compiled}).settled()
    lacks(drawn.raw, 'EVIL')


@case('colour is never the only sign, and NO_COLOR leaves it out')
def colours(world):
    texts = []
    for env in ({'TERM': 'linux'}, {'TERM': 'linux', 'NO_COLOR': '1'}):
        world.broker.hold(operation='reveal', risk='disclose', requester={'verified': False})
        drawn = approver(world, 40, 120, env=env).settled()
        texts.append(re.sub(r'\d+m?\d*s', '', drawn.text()))
        coloured = re.search(r'\033\[(?:[0-9;]*;)?3[0-7](?:;[0-9;]*)?m', drawn.raw) is not None
        equal(coloured, 'NO_COLOR' not in env)
        contains(drawn.text(), '! Unverified')
        contains(drawn.text(), '! Risk')
        assert drawn.attributes('Countersign').reverse
        drawn.press('q')
        exit_status(drawn.child)
    equal(*texts)


def hostile_at(rows, columns):
    @case(f'hostile text is shown escaped and whole, {columns} by {rows}')
    def hostile(world):
        hostile_card(world)
        drawn = approver(world, rows, columns).settled()
        whole = ''.join(''.join(pages(drawn)).split())
        for part in ESCAPED:
            contains(whole, part)
        # Nothing but what ncurses has for this terminal: no title, no clipboard, no link, no 8-bit control.
        for sequence in ('\033]', '\033P', '\033_', '\033^', '\033X', '\x9b', '\x07'):
            lacks(drawn.raw, sequence)
        for char in drawn.text().replace('\n', ''):
            assert unicodedata.category(char) not in ('Cc', 'Cf', 'Co', 'Cs', 'Cn', 'Zl', 'Zp'), char
        for row in drawn.rows():
            assert width(row) <= columns, row
        equal(drawn.rows()[0][:12], ' Countersign')
        assert '[ Deny ]' in drawn.text()


for size in SIZES:
    hostile_at(*size)


@case('ten thousand bytes of purpose, five hundred scopes and a path of 4 KiB are all there, by scrolling')
def large(world):
    purpose = ' '.join(f'word{number}' for number in range(1200))
    path = '/' + '/'.join(f'folder-{number:04}' for number in range(340))
    world.broker.hold(purpose=purpose, scopes=[f'scope-{number:03}' for number in range(500)],
                      requester={'exe': path, 'cwd': path})
    drawn = approver(world).settled()
    whole = ''.join(''.join(pages(drawn)).split())
    for part in (''.join(purpose.split()), path):
        contains(whole, part)
    drawn.press('s', 'line 1–6 of 50')
    for _ in range(499):
        drawn.child.send(DOWN)
    drawn.shows('[x] scope-499').press(' ', '[ ] scope-499')
    drawn.press('g', 'Grants: scope-000', '…')
    drawn.press(PIN + '\r', 'Nothing is waiting')
    equal(world.broker.decision()['scopes'], [f'scope-{number:03}' for number in range(499)])


scripted_broker.main()
