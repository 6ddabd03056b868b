# SPDX-License-Identifier: MIT
"""What a person sees, as somebody looked at it: pictures/, one for each case."""

import desktop
from bus import wait_until
from desktop import Pictured
from pictures_of import PREVIOUS, seen
from played import CALLER, Played, Refusal, make_card, show, timestamp
from tap import case, equal

DISCLOSES = {'operation': 'reveal', 'risk': 'disclose', 'scopes': ['disclose'], 'max_duration': 0, 'asked_duration': 0,
             'default_duration': 0}
CHANGED = [{'line': 'script', 'before': '/home/ann/project/build.js'}, {'line': 'directory', 'before': '/home/ann'}]
BIDI = 'list issues\u202e txt.exe \u200b<b>bold</b> & \x1b]52;c;aGVsbG8=\x07 \ue000 end'


@case('a request for a reference', init=False)
def plain(world):
    seen(world, 'reference', make_card(previous=PREVIOUS))


@case('the same in the dark', init=False, dark=True)
def dark(world):
    seen(world, 'reference-dark', make_card(previous=PREVIOUS))


@case('the same at twice the scale', init=False, scale=2, size='1600x1500')
def large(world):
    seen(world, 'reference-2x', make_card(previous=PREVIOUS))


@case('the same in German', init=False)
def german(world):
    seen(world, 'reference-german', make_card(previous=PREVIOUS), language='de')


@case('a click is enough: no PIN is asked', init=False)
def click(world):
    seen(world, 'click', make_card(confirm='click', previous=PREVIOUS))


@case('a value leaves the broker, and what is new must be touched', init=False)
def disclose(world):
    seen(world, 'disclose', make_card(previous={**PREVIOUS, 'changed': CHANGED}, **DISCLOSES), armed=False)


@case('the same in the dark and in German', init=False, dark=True)
def disclose_german(world):
    seen(world, 'disclose-dark-german', make_card(**DISCLOSES), language='de', armed=False)


@case('several wait, and one of them three times', init=False)
def several(world):
    seen(world, 'several', *(make_card(f'r{number}', purpose=f'for the {number}. time') for number in range(1, 4)),
         make_card('r4', resource='npm-token'), ready=lambda dialog: wait_until(
             lambda: '1 of 2' in dialog.texts(), 'the count'))


@case('what cannot be verified is said', init=False)
def unverified(world):
    seen(world, 'unverified', make_card(requester={'verified': False, 'exe': None, 'interpreter': None, 'script': None},
                                        purpose=None))


@case('who calls over HTTP is named as their issuer has it', init=False)
def caller(world):
    seen(world, 'caller', make_card(caller=CALLER, previous=PREVIOUS))


@case('the same in the dark and in German, of one with a local token, who is new', init=False, dark=True)
def caller_german(world):
    seen(world, 'caller-dark-german', make_card(caller={**CALLER, 'name': 'ci', 'caller': 'local', 'issuer': 'local', 'subject': 'k2m9',
                                                        'label': 'ci (local token)'}),
         language='de')


@case('what the policy cut stands under the scopes that are left', init=False)
def cut(world):
    seen(world, 'cut', make_card(operation='mint_token', resource='github', risk='write', scopes=['read', 'list'],
                                 cut=['write', 'admin'], rule='ask mint_token scopes { read list }', previous=PREVIOUS))


@case('the same in the dark and in German, of many', init=False, dark=True)
def cut_german(world):
    seen(world, 'cut-dark-german', make_card(
        operation='mint_token', resource='github', risk='write', scopes=['read'], previous=PREVIOUS,
        cut=[f'repository:{name}:administration' for name in ('website', 'backend', 'infrastructure', 'documentation')]),
         language='de')


@case('hostile text is shown escaped, in its place, and whole', init=False)
def hostile(world):
    seen(world, 'hostile', make_card(
        purpose=BIDI, resource='github-token\u202e', requester={
            'name': 'node\u200b', 'argv': ['node', '-e', BIDI], 'cwd': '/home/ann/' + 'very-long-name/' * 40,
            'claim': {'name': '<span size="99999">Bank</span>', 'version': '\x1b[2J'}}))


@case('a purpose of 10 KB and 500 scopes leave the answer where it is', init=False)
def much(world):
    seen(world, 'much', make_card(purpose='all of it ' * 1000, scopes=[f'repo:{number}' for number in range(500)]))


@case('many scopes, limited uses, a rule for always', init=False)
def always(world):
    seen(world, 'always', make_card(confirm='click', previous=PREVIOUS, scopes=[f'repo:part-{i}' for i in range(12)],
                                    max_uses=20, default_uses=20, default_duration=420,
                                    always='allow get_secret of github-token from /opt/agents/bin/deploy max 1h'))


@case('a wrong PIN is said, and asked again', init=False)
def wrong_pin(world):
    def wrong(dialog):
        dialog.type_pin('135790')
        world.screen.key('Return')
        wait_until(lambda: 'that is not the PIN' in ' '.join(dialog.texts()), 'the refusal')
        dialog.wait_armed()

    seen(world, 'wrong-pin', make_card(previous=PREVIOUS), ready=wrong,
         results={'decide': Refusal(4, 'that is not the PIN', reason='pin_wrong')})


# --- the main window ---

STATUS = {'state': 'unlocked', 'version': '0.1.0', 'pid': 7, 'instance': 'i', 'started_at': timestamp(-7200), 'held': 1,
          'grants': 2, 'references': 1, 'secrets': 9, 'panicked': False,
          'audit': {'seq': 5, 'hash': 'abc', 'owed': 0}, 'policy': {'rules': 4, 'differs': []}}
GRANTS = [{'id': f'g{number}', 'request_id': 'r1', 'operation': operation, 'resource': resource, 'scopes': ['use'],
           'holder': holder, 'granted_at': timestamp(-60), 'expires_at': timestamp(seconds), 'expires_in': seconds}
          for number, (operation, resource, holder, seconds) in enumerate((
              ('get_secret', 'github-token', 'node (pid 4711) alone', 7 * 86400 - 60),
              ('http_request', 'api.example.org', 'make (pid 4600)', 7 * 86400 - 60)))]
EVENTS = [{'request_id': f'r{number}', 'time': f'2026-01-02T{hour:02}:04:05.000Z', 'who': 'node', 'pid': 4711,
           'operation': 'get_secret', 'resource': resource, 'status': status, **more}
          for number, (hour, resource, status, more) in enumerate((
              (13, 'github-token', 'granted', {'by': 'dialog'}),
              (12, 'npm-token', 'denied', {'code': 'person', 'by': 'dialog'}),
              (3, 'aws/prod/\u202ekey', 'expired', {})))]
RULES = [{'id': 'rule1', 'rule': 'allow http_request of github from /usr/local/bin/deploy max 1h', 'scopes': ['read'],
          'made_at': '2026-01-02T03:04:05.000Z'},
         {'id': 'rule2', 'rule': 'allow get_secret of npm-token from "/opt/my app/run" max 15m', 'scopes': ['use'],
          'made_at': '2026-01-01T03:04:05.000Z'}]
ANSWERS = {'status': STATUS, 'grants': {'grants': GRANTS}, 'rules': {'rules': []}, 'history': {'events': EVENTS},
           'authenticate': {}}


class Main(Pictured):
    """The main window; with the PIN, opened."""

    def __init__(self, world, language='en', pin=None, rules=()):
        self.world = world
        self.played = Played(world, arguments=('--window',), results={**ANSWERS, 'rules': {'rules': list(rules)}},
                             language=language)
        self.window = world.screen.wait_window('Countersign')
        self.root = world.a11y.wait(world.a11y.application('countersign-approve'), 'window', 'Countersign')
        self.window.wait_focused()
        wait_until(lambda: any('unlocked' in text or 'entsperrt' in text for text in self.texts()), 'the state')
        if pin is not None:
            world.screen.type(pin)
            world.screen.key('Return')
            wait_until(lambda: 'api.example.org' in ' '.join(self.texts()), 'the lists')


@case('the main window before the PIN', init=False)
def window(world):
    Main(world).compare('window')


@case('the main window after the PIN', init=False)
def window_opened(world):
    Main(world, pin='802461').compare('window-opened')


@case('the same in the dark and in German', init=False, dark=True)
def window_german(world):
    Main(world, 'de', pin='802461').compare('window-opened-dark-german')


@case('the main window with what is always allowed', init=False)
def window_rules(world):
    main = Main(world, pin='802461', rules=RULES)
    wait_until(lambda: 'Always allowed' in main.texts(), 'the rules')
    main.compare('window-rules')


# --- what no picture tells ---


@case('of hostile and of long text, all is there to be read', init=False)
def whole(world):
    path = '/home/ann/' + 'very-long-name/' * 270
    purpose = 'all of it ' * 1000 + 'to its end'
    _, dialog = show(world, make_card(purpose=purpose, scopes=[f'repo:{number}' for number in range(500)],
                                      requester={'cwd': path, 'argv': ['node', '-e', BIDI]}))
    texts = ' '.join(dialog.texts())
    for part in (purpose, path, 'txt.exe \\u{200b}<b>bold</b> & \\u{1b}]52;c;aGVsbG8=\\u{7} \\u{e000} end', 'repo:499'):
        assert part in texts, part
    for character in '\u202e\u200b\x1b\x07\ue000':
        assert character not in texts, f'U+{ord(character):04X}'


@case('on a small screen the answer is on it, however much is asked', init=False, size='1024x640')
def much_small(world):
    _, dialog = show(world, make_card(purpose='all of it ' * 1000, scopes=[f'repo:{number}' for number in range(500)]))
    dialog.wait_armed()
    for place in dialog.places().values():
        _, top, _, height = place
        assert dialog.window.place[1] + top + height <= 640, (place, dialog.window.place)
    dialog.compare('much-small')


@case('nothing of a card moves while another comes', init=False)
def still(world):
    approver, dialog = show(world, make_card(previous=PREVIOUS))
    dialog.window.wait_focused()
    dialog.picture()
    places = dialog.places()
    approver.tell('held', request_id='r2', card=make_card('r2', resource='npm-token'))
    wait_until(lambda: '1 of 2' in dialog.texts(), 'the count')
    equal(dialog.places(), places)


desktop.main()
