# SPDX-License-Identifier: MIT
"""The main window."""

import desktop
from bus import wait_until
from countersign import PIN
from desktop import Dialog
from parties import STEADY, Program
from tap import case, equal

# Nobody listens there.
SERVICE = 'service local\nbase http://localhost:9\ncredential demo\nplace bearer\nnetwork loopback\nscope read GET /**\n'


class Main:
    """The main window, opened by the command line."""

    def __init__(self, world):
        self.world = world
        world.cli('ui')
        self.window = wait_until(lambda: next((w for w in world.screen.windows() if w.title == 'Countersign'), None),
                                 'the main window')
        self.root = world.a11y.wait(world.a11y.application('countersign-approve'), 'window', 'Countersign')

    def open(self):
        self.window.activate()
        self.window.wait_focused()
        self.world.screen.type(PIN)
        self.world.screen.key('Return')
        self.world.a11y.wait(self.root, 'label', 'Granted now')
        return self

    def button(self, name):
        return self.world.a11y.wait(self.root, 'button', name)

    def says(self, part):
        wait_until(lambda: any(part in text for text in self.root.texts()), part)


def granted(world):
    agent = world.agent()
    call = agent.ask('demo', 'a test')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    return agent


@case('names of what is granted and was decided show only after the PIN')
def after_pin(world):
    agent = granted(world)
    main = Main(world)
    assert 'demo' not in ' '.join(main.root.texts()), main.root.texts()
    main.open()
    main.says('get_secret demo: granted')
    main.says('left; use, held by ')
    main.window.close()
    main.window.wait_gone()
    again = Main(world)
    assert 'demo' not in ' '.join(again.root.texts()), again.root.texts()
    agent.close()


@case('a wrong PIN opens nothing')
def wrong(world):
    agent = granted(world)
    main = Main(world)
    main.window.activate()
    main.window.wait_focused()
    world.screen.type('135790')
    world.screen.key('Return')
    main.says('wrong PIN')
    assert 'demo' not in ' '.join(main.root.texts()), main.root.texts()
    agent.close()


@case('a grant is revoked with its button')
def revoked(world):
    agent = granted(world)
    main = Main(world).open()
    main.button('Revoke: get_secret demo').press()
    main.says('Nothing is granted now.')
    equal(world.status()['grants'], 0)
    agent.close()


@case('a standing rule is shown after the PIN, and taken back with its button')
def rule_removed(world):
    human = world.human(pin=True)
    files = [{'name': 'services.d/local.conf', 'text': SERVICE}, {'name': 'policy.conf', 'text': 'ask any max 1h\n'}]
    human.call('policy_apply', {'files': files, 'pin': PIN})
    human.call('subscribe')
    Program(world).begin('http_request', service='local', method='GET', path='/me')
    human.decide(human.hear('held'), always=True, pin=PIN)
    main = Main(world)
    assert 'allow http_request' not in ' '.join(main.root.texts()), main.root.texts()
    main.open()
    main.says('Always allowed')
    rule = f'allow http_request of local/read from {STEADY} max 1h'
    main.says(rule)
    main.button(f'Remove: {rule}').press()
    wait_until(lambda: 'Always allowed' not in main.root.texts(), 'the rule to go')
    equal(human.call('rules')['rules'], [])


@case('Review shows the card')
def reviewed(world):
    agent = world.agent()
    agent.held(agent.ask('demo', 'a test'))
    Dialog(world)
    main = Main(world)
    main.window.wait_focused()
    wait_until(lambda: main.root.find('button', lambda told: told.startswith('Review: ')), 'Review')
    main.root.find('button', lambda told: told.startswith('Review: '))[0].press()
    Dialog(world).window.wait_focused()


@case('Lock locks')
def locked(world):
    main = Main(world)
    main.button('Lock').press()
    main.says('The broker is locked')
    equal(world.status()['state'], 'locked')


@case('what waits when the broker is locked leaves the screen, and the window says until when')
def locked_meanwhile(world):
    agent = world.agent()
    agent.held(agent.ask('demo', 'a test'))
    dialog = Dialog(world)
    main = Main(world)
    world.cli('lock')
    dialog.window.wait_gone()
    main.says('1 request waits until the broker is unlocked.')


@case('Panic revokes, denies and locks, after a second press')
def panicked(world):
    agent = granted(world)
    call = agent.ask('demo', 'more', ttl_seconds=3600, scopes=['use'])
    agent.first(call)
    main = Main(world)
    main.window.click(main.button('Panic…'))
    button = main.button('Revoke, deny and lock')
    wait_until(lambda: button.place[2] > 0, 'the second button')
    equal(world.status()['state'], 'unlocked')
    button.press()
    wait_until(lambda: world.status()['state'] == 'panicked', 'panic')


@case('where there is no display it says so')
def nowhere(world):
    for name in ('DISPLAY', 'DBUS_SESSION_BUS_ADDRESS'):
        world.env.pop(name)
    world.cli('lock')
    world.unlock()
    result = world.cli('ui', status=1)
    assert 'there is no display' in result.err, result.err


desktop.main()
