# SPDX-License-Identifier: MIT
"""How requests, commands and programs that use a credential are shown: pictures/, and what no picture tells."""

import desktop
from bus import wait_until
from countersign import PIN
from desktop import Dialog
from pictures_of import PREVIOUS, seen
from played import Played, make_card, show
from tap import case, contains, equal, lacks
from usedcards import ACTS, HTTP, LAUNCH, RUN, fact, hostile_body

# One letter of it is Cyrillic.
LOOKALIKE = 'https://\u0430pi.github.com/repos/o/r/issues'
BODY = '{"title": "Tests fail", "body": "' + 'word ' * 400 + '"}'


def with_facts(card, *facts):
    return {**card, 'facts': [*card['facts'], *facts]}


@case('a request that changes something', init=False)
def request(world):
    seen(world, 'request', make_card(previous=PREVIOUS, **HTTP))


@case('the same in the dark and in German', init=False, dark=True)
def request_german(world):
    seen(world, 'request-dark-german', make_card(previous=PREVIOUS, **HTTP), language='de')


@case('a request to a host that only looks like one, with a body that is longer than is shown', init=False)
def lookalike(world):
    facts = [fact('Request', f'POST {LOOKALIKE}'), *HTTP['facts'][1:4], fact('Body', BODY)]
    seen(world, 'request-lookalike', make_card(previous=PREVIOUS, **{**HTTP, 'facts': facts}))


@case('a command', init=False)
def command(world):
    seen(world, 'command', make_card(**RUN), armed=False)


@case('a command that is different from the last one', init=False)
def command_changed(world):
    changed = [{'line': 'fact-4', 'before': 'Argument: --author'}, {'line': 'fact-5', 'before': 'Argument: @me'},
               {'line': 'fact-6', 'before': ''}]
    seen(world, 'command-changed', make_card(previous={**PREVIOUS, 'changed': changed}, **RUN), armed=False)


@case('hostile arguments are one line each', init=False)
def command_hostile(world):
    words = ('', 'a  b', 'x\nArgument 9  harmless', ACTS, '\u201c quoted \u201d', 'p\u0430ssword', '--flag=' + 'y' * 90)
    facts = [RUN['facts'][0], *(fact('Argument', word) for word in words), *RUN['facts'][6:]]
    seen(world, 'command-hostile', make_card(previous=PREVIOUS, **{**RUN, 'facts': facts}), armed=False)


@case('a program that is started without being confined', init=False)
def launch(world):
    seen(world, 'launch', make_card(previous=PREVIOUS, **LAUNCH), armed=False)


@case('the same in German', init=False)
def launch_german(world):
    seen(world, 'launch-german', make_card(**LAUNCH), language='de', armed=False)


# --- what no picture tells ---


class Whole:
    """The window with all of one line."""

    def __init__(self, world, title):
        self.window = world.screen.wait_window(title)
        self.root = world.a11y.wait(world.a11y.application('countersign-approve'), 'window', title)

    def text(self):
        # Each line is in an isolate of ours.
        return '\n'.join(self.root.texts()).translate({0x2066: None, 0x2069: None})


@case('a body of 256 KiB that acts on a screen is shown by its beginning, and all of it for a press', init=False)
def whole(world):
    body = hostile_body()
    _, dialog = show(world, make_card(**{**HTTP, 'facts': [HTTP['facts'][0], fact('Body', body)]}))
    dialog.wait_armed()
    texts = ' '.join(dialog.texts())
    contains(texts, '\\u{1b}\\u{202e}\\u{1}\\u{200b}')
    lacks(texts, 'the very end')
    dialog.button('… show all 262144 bytes').press()
    page = Whole(world, 'All of it: Body')
    wait_until(lambda: 'the very end' in page.text(), 'the end of it')
    text = page.text()
    equal(text.count('\\u{202e}'), body.count('\u202e'))
    for character in '\x1b\u202e\x01\u200b':
        assert character not in text, f'U+{ord(character):04X}'
    page.window.wait_focused()
    world.screen.key('Escape')
    page.window.wait_gone()
    # That was for the page: the card is there still.
    equal('sensitive' in dialog.button('Deny').states, True)


@case('the page goes with its card', init=False)
def page_goes(world):
    approver, dialog = show(world, make_card(**{**HTTP, 'facts': [HTTP['facts'][0], fact('Body', BODY)]}))
    dialog.wait_armed()
    dialog.button(f'… show all {len(BODY)} bytes').press()
    page = Whole(world, 'All of it: Body')
    approver.tell('closed', request_id='r1', status='denied', by='terminal')
    page.window.wait_gone()
    dialog.window.wait_gone()


@case('of sixty arguments and sixty-four variables none is missing, and what is open stands first', init=False)
def many(world):
    facts = [RUN['facts'][0], *(fact('Argument', f'word {number}') for number in range(1, 61)),
             *(fact('Environment', f'NAME_{number}=v') for number in range(64)), fact('Confined', 'not at all')]
    _, dialog = show(world, make_card(**{**RUN, 'facts': facts}))
    texts = dialog.texts()
    joined = '\n'.join(texts)
    for part in ('Argument 60', '“word 60”', 'NAME_63=v'):
        contains(joined, part)
    place = [number for number, text in enumerate(texts) if 'not at all' in text or 'word 1”' in text]
    assert 'not at all' in texts[place[0]], texts


@case('two requests to one service that do different things are two cards', init=False)
def two(world):
    other = [fact('Request', 'DELETE https://api.github.com/repos/o/r'), *HTTP['facts'][1:]]
    _, dialog = show(world, make_card(**HTTP), make_card('r2', **{**HTTP, 'facts': other}), make_card('r3', **HTTP))
    wait_until(lambda: '1 of 2' in dialog.texts(), 'the count')
    wait_until(lambda: any('2 requests' in text for text in dialog.texts()), 'the two that are the same')


# --- from an agent through a broker ---

# Nobody listens there.
SERVICE = '''service local
base http://localhost:9
credential demo
place bearer
network loopback
scope write POST /**
'''


def add_service(world):
    files = [{'name': 'services.d/local.conf', 'text': SERVICE}, {'name': 'policy.conf', 'text': 'ask any max 1h\n'}]
    world.human().call('policy_apply', {'files': files, 'pin': PIN})


@case('a body of 256 KiB comes from an agent to the dialog, and to the command line, whole')
def whole_through(world):
    add_service(world)
    body = hostile_body()
    world.mcp().start('tools/call', {'name': 'http_request', 'arguments': {
        'service': 'local', 'method': 'POST', 'path': '/things', 'query': {'a': 'b'}, 'purpose': 'a test',
        'headers': {'Content-Type': 'text/plain'}, 'body': body}})
    dialog = Dialog(world)
    wait_until(lambda: any('wants to send a request to local: POST /things?a=b' in text for text in dialog.texts()), 'the card')
    contains(' '.join(dialog.texts()), 'POST /**')
    dialog.button('… show all 262144 bytes').press()
    page = Whole(world, 'All of it: Body')
    wait_until(lambda: 'the very end' in page.text(), 'the end of it')
    request, = world.human(pin=True).pending()
    shown = ''.join(world.cli('pending', request['request_id'], pin=True).out.split())
    contains(shown, 'theveryend')
    equal(shown.count('\\u{202e}'), body.count('\u202e'))


def focused(dialog):
    """The path of what has the focus."""
    return next((node.path for _, node in dialog.root.walk() if 'focused' in node.states), None)


@case('a command that an agent wants to run is read, granted with the PIN, and runs')
def command_through(world):
    agent = world.agent()
    call = agent.start('run_command', {'command': ['/bin/echo', 'a b', ''], 'purpose': 'a test',
                                       'secrets': [{'name': 'demo', 'env': 'TOKEN'}]})
    agent.held(call)
    dialog = Dialog(world)
    texts = ' | '.join(wait_until(lambda: any('wants to run echo with demo' in text for text in dialog.texts())
                                  and dialog.texts(), 'the card'))
    for part in ('/bin/echo', '“a b”', '“”', 'demo as $TOKEN'):
        contains(texts, part)
    checks = dialog.root.find('checkbox', lambda told: told.startswith('I have read this'))
    equal([check.name.split(': ')[1] for check in checks], ['Program', 'Gets', 'Who', 'Runs'])
    # Back from the PIN, through all that can have the focus: each check comes into sight.
    for check in reversed(checks):
        while 'focused' not in check.states:
            before = focused(dialog)
            world.screen.key('Tab', 'Shift_L')
            wait_until(lambda before=before: focused(dialog) not in (None, before), 'the focus to move')
        world.screen.key('space')
        wait_until(lambda check=check: 'checked' in check.states, check.name)
    dialog.wait_armed()
    dialog.type_pin(PIN)
    world.screen.key('Return')
    equal(agent.answer(call)['result']['stdout'], 'a b \n')


desktop.main()
