# SPDX-License-Identifier: MIT
"""Cards of what uses a credential, at a terminal: on the whole screen, in plain lines, and by `pending ID`."""

import re

import scripted_broker
from hostile import width
from scripted_broker import PIN, exit_status
from screens import approver, pages
from tap import case, contains, equal, lacks
from usedcards import ACTS, HTTP, LAUNCH, RUN, fact, hostile_body

END, ESCAPE = '\033[F', '\033'
PROMPT = 'grant or deny> '


def words(text):
    """Without what a screen's width decides."""
    return ''.join(text.split())


def long_body():
    return {**HTTP, 'facts': [HTTP['facts'][0], fact('Body', hostile_body())]}


@case('a request is shown with its host, its credential, its headers and its body, line by line')
def request(world):
    world.broker.hold(**HTTP)
    drawn = approver(world, 40, 100).settled()
    rows = [row.strip() for row in drawn.rows()]
    for row in ('node wants to send a request to github: POST /repos/o/r/issues', 'Host          api.github.com',
                'Sends         POST https://api.github.com/repos/o/r/issues', 'Credential    github-token, as a bearer token',
                'Header        Content-Type: application/json', '"labels": ["ci"]', '}\\u{a}'):
        assert row in rows, (row, drawn.text())


@case('a host that only looks like another is warned of')
def lookalike(world):
    world.broker.hold(**{**HTTP, 'facts': [fact('Request', 'GET https://\u0430pi.github.com/user')]})
    drawn = approver(world, 40, 100).settled()
    assert any(row.startswith(' ! Host') for row in drawn.rows()), drawn.text()
    contains(words(drawn.text()), words('the network knows it as xn--pi-6kc.github.com'))


@case('each argument is a line of its own, whatever is in it')
def arguments(world):
    hostile = ('', 'a  b', 'x\nArgument 9  harmless', ACTS, 'p\u0430ss', 'w' * 300)
    world.broker.hold(**{**RUN, 'facts': [RUN['facts'][0], *(fact('Argument', word) for word in hostile)]})
    drawn = approver(world, 40, 80).settled()
    rows = pages(drawn)
    labels = [row.split()[:2] for row in rows if re.match(r' +Argument +\d', row)]
    equal(labels, [['Argument', str(number)] for number in range(1, len(hostile) + 1)])
    whole = words(''.join(rows))
    for part in ('“”', '“ab”', '“x\\u{a}Argument9harmless”', '\\u{1b}[2J', '\\u{202e}', '“p\u0430ss”', 'w' * 300):
        contains(whole, part)


@case('of the first run of a program, program and gifts have to be read before it is granted')
def read_first(world):
    world.broker.hold(**RUN)
    child = world.approver()
    child.expect_exact(PROMPT)
    shown = world.screen(child)
    for line in ('read fact-1: you have read “Program”', 'read fact-7: you have read “Gets”', 'read who: you have read “Who”'):
        contains(shown, line)
    lacks(shown, 'read what')
    child.sendline('grant')
    child.expect_exact(PROMPT)
    world.broker.undecided()


@case('a program that is started says how long it has what it gets, and what of it is open')
def launch(world):
    world.broker.hold(**LAUNCH)
    shown = words(world.run('pending', 'req1', '--pin-fd', '0', text=f'{PIN}\n').stdout.decode())
    contains(shown, words('node wants to start npx with github-token, npm-token'))
    contains(shown, words('discloses to this program: it has the value until it exits'))
    contains(shown, words('! May reach everything: not confined'))
    contains(shown, words('For until it exits; started again without asking: 5m'))


# --- 256 KiB ---


@case('a body of 256 KiB shows by its beginning on the whole screen, and all of it for a key')
def long_full(world):
    world.broker.hold(**long_body())
    drawn = approver(world, 30, 80).settled()
    lacks(drawn.text(), 'the very end')
    contains(''.join(pages(drawn)), 'v: show all 262144 bytes')
    drawn.press('v', 'any other key goes back')
    lacks(drawn.text(), '[ Grant ]')
    drawn.press(END, 'the very end')
    drawn.resize(12, 40, 'any other key')
    drawn.press(END, 'end')
    drawn.press('x', '[ Deny ]')
    # Those keys were for the page: nothing was decided, and g is one again.
    world.broker.undecided()
    drawn.press('g', 'PIN')


@case('the page goes with its card')
def page_goes(world):
    world.broker.hold(**long_body())
    drawn = approver(world, 30, 80).settled()
    drawn.press('v', 'any other key goes back')
    world.broker.answered_elsewhere('req1')
    drawn.shows('Nothing is waiting')


@case('where nothing is longer than the card, the key says so')
def nothing_long(world):
    world.broker.hold(**HTTP)
    drawn = approver(world, 30, 80).settled()
    drawn.press('v', 'The card shows all there is.', '[ Deny ]')


@case('in plain lines the word show prints all of it, and decides nothing')
def long_plain(world):
    world.broker.hold(**long_body())
    child = world.approver()
    child.expect_exact('… show: show all 262144 bytes')
    child.expect_exact(PROMPT)
    lacks(world.screen(child), 'the very end')
    child.sendline('show')
    child.expect_exact('the very end')
    child.expect_exact(PROMPT)
    world.broker.undecided()
    shown = words(world.screen(child))
    equal(shown.count('\\u{200b}') >= hostile_body().count('\u200b'), True)
    child.sendline('deny')
    child.expect_exact('Denied: ')
    child.expect_exact('Nothing is waiting')
    child.sendcontrol('c')
    exit_status(child)


@case('pending ID prints all of it, and nothing of it acts on the screen')
def long_pending(world):
    world.broker.hold(**long_body())
    result = world.run('pending', 'req1', '--pin-fd', '0', text=f'{PIN}\n')
    shown = result.stdout.decode()
    contains(words(shown), words('the very end'))
    equal(words(shown).count('\\u{202e}'), hostile_body().count('\u202e'))
    for character in '\x1b\u202e\x01\u200b':
        assert character not in shown, f'U+{ord(character):04X}'
    assert all(width(line) <= 80 for line in shown.split('\n')), 'a line is wider than the screen'


scripted_broker.main()
