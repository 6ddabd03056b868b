# SPDX-License-Identifier: MIT
"""A touch of a security key as the proof of a person: enrolled by PIN, good for one card, once."""

import base64
import configparser
import os
import signal

import pexpect

import countersign
from drawn import Drawn
from lines import Refused
from softkey import TOUCHED, SoftKey
from tap import case, equal

PIN = countersign.PIN
NEEDED, WRONG = (4, 'key_needed'), (4, 'key_wrong')
# The command line, built with other keys than those of this machine.
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'countersign-softkey')
NONE_ENROLLED = 'this rule wants a touch of a security key, and none is enrolled: countersign key add'


def reason(human, method, params):
    """Code and reason of a refusal; None when it was done."""
    try:
        human.call(method, params)
    except Refused as error:
        return error.code, error.data.get('reason') or error.data.get('field')
    return None


def decided(human, request, **more):
    try:
        return human.decide(request, **more)['status']
    except Refused as error:
        return error.code, error.data.get('reason') or error.data.get('field')


def rules(world, text):
    world.human().call('policy_apply', {'files': [{'name': 'policy.conf', 'text': text}], 'pin': PIN})


class Scene:
    """An enrolled key, a policy that wants it, and requests that wait."""

    def __init__(self, world, text='ask any confirm key\n', key=None, enrol=True):
        rules(world, text)
        self.world, self.key = world, key or SoftKey()
        self.agent, self.human = world.agent(), world.human(pin=True)
        self.calls = []
        if enrol:
            self.id = self.human.call('key_add', {**self.key.enrolment(), 'pin': PIN})['id']

    def hold(self, method='get_secret', **arguments):
        call = self.agent.start(method, arguments or {'name': 'demo', 'purpose': f'number {len(self.calls)}'})
        request_id = self.agent.held(call)['request_id']
        self.calls.append(call)
        request, = [r for r in self.human.pending() if r['request_id'] == request_id]
        return request

    def challenge(self, request, human=None):
        return (human or self.human).call('key_challenge', {'request_id': request['request_id']})

    def touch(self, request, **how):
        return self.key.touch(self.challenge(request)['challenge'], request['card'], **how)

    def made(self):
        return [r for r in self.world.records() if r['event'] == 'grant_made']


@case('a touch grants what confirm key asks for, and the trail says which key it was')
def touch(world):
    scene = Scene(world)
    request = scene.hold()
    assert '"confirm":"key"' in request['card'], request
    challenge = scene.challenge(request)
    equal((challenge['rp_id'], challenge['credentials'], len(base64.b64decode(challenge['challenge']))),
          ('countersign', [scene.key.enrolment()['credential_id']], 32))
    equal(decided(scene.human, request, key=scene.key.touch(challenge['challenge'], request['card'])), 'granted')
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')
    equal([r.get('key_id') for r in scene.made()], [scene.id])
    equal([r['key_id'] for r in world.records() if r['event'] == 'key_added'], [scene.id])


@case('a touch is a proof on a connection that was not opened by the PIN')
def unauthenticated(world):
    scene = Scene(world)
    request, stranger = scene.hold(), world.human()
    key = scene.key.touch(scene.challenge(request, stranger)['challenge'], request['card'])
    equal(decided(stranger, request, key=key), 'granted')


@case('the PIN alone does not do for a rule that says confirm key')
def pin_only(world):
    scene = Scene(world)
    request = scene.hold()
    equal(decided(scene.human, request), NEEDED)
    equal(decided(scene.human, request, pin=PIN), NEEDED)
    equal(scene.made(), [])


@case('a touch for one holder leaves the next approval to another touch')
def each_time(world):
    scene = Scene(world)
    request = scene.hold()
    equal(decided(scene.human, request, pin=PIN, key=scene.touch(request)), 'granted')
    scene.agent.answer(scene.calls[0])
    world.secret('other', 'v')
    equal(decided(scene.human, scene.hold('get_secret', name='other', purpose='p')), NEEDED)


@case('a touch does where the PIN is asked for')
def for_pin(world):
    scene = Scene(world, 'ask any confirm pin\n')
    request = scene.hold()
    equal(decided(world.human(), request), (4, 'pin_needed'))
    equal(decided(scene.human, request, key=scene.touch(request)), 'granted')


@case('where a value leaves the broker, both the PIN and a touch are needed')
def disclose(world):
    scene = Scene(world, 'ask any confirm key\n')
    request = scene.hold()
    equal(decided(scene.human, request, key=scene.touch(request)), 'granted')
    reference = scene.agent.answer(scene.calls[0])['result']['reference']['id']
    request = scene.hold('resolve_secret', reference_id=reference)
    assert '"risk":"disclose"' in request['card'], request
    key = scene.touch(request)
    equal(decided(scene.human, request, pin=PIN), NEEDED)
    equal(decided(scene.human, request, key=key), (4, 'pin_needed'))
    # What was missing was the PIN: the touch is still good.
    equal(decided(scene.human, request, key=key, pin=PIN), 'granted')


@case('under confirm pin a touch does not stand for the PIN where a value leaves the broker')
def disclose_pin(world):
    scene = Scene(world, 'ask any confirm pin\n')
    request = scene.hold()
    decided(scene.human, request, pin=PIN)
    reference = scene.agent.answer(scene.calls[0])['result']['reference']['id']
    request = scene.hold('resolve_secret', reference_id=reference)
    equal(decided(scene.human, request, key=scene.touch(request)), (4, 'pin_needed'))


REFUSED = [
    ('untouched', {'flags': 0}),
    ('the key\'s own PIN without a touch', {'flags': 0x04}),
    ('for a site', {'rp_id': 'example.com'}),
    ('a count that was seen', {'counter': 5}),
    ('a count that goes back', {'counter': 4}),
    ('a count that is no longer kept', {'counter': 0}),
]


@case('what is not a fresh touch of that key for us grants nothing')
def refused(world):
    scene = Scene(world, key=SoftKey(4))
    request = scene.hold()
    equal(decided(scene.human, request, key=scene.touch(request)), 'granted')  # its count is 5 now
    scene.agent.answer(scene.calls[0])
    world.secret('other', 'v')
    request = scene.hold('get_secret', name='other', purpose='p')
    for what, how in REFUSED:
        equal((what, decided(scene.human, request, key=scene.touch(request, **how))), (what, WRONG))
    equal(len([r for r in world.records() if r['event'] == 'key_counter']), 3)
    equal(len(scene.made()), 1)
    equal(decided(scene.human, request, key=scene.touch(request, counter=6)), 'granted')


@case('the count outlives the broker')
def restart(world):
    scene = Scene(world, key=SoftKey(100))
    request = scene.hold()
    equal(decided(scene.human, request, key=scene.touch(request)), 'granted')
    scene.agent.answer(scene.calls[0])
    pid = world.learn()
    world.unlock()
    world.wait_gone(pid)
    scene.agent, scene.human = world.agent(), world.human(pin=True)
    equal([(k['id'], k['name']) for k in scene.human.pages('keys')], [(scene.id, 'soft')])
    request = scene.hold()
    equal(decided(scene.human, request, key=scene.touch(request, counter=101)), WRONG)
    equal(decided(scene.human, request, key=scene.touch(request, counter=102)), 'granted')


@case('a challenge is good once, for its request, on its connection')
def challenges(world):
    scene = Scene(world)
    request, other = scene.hold(), world.human(pin=True)
    first = scene.challenge(request)['challenge']
    equal(decided(other, request, key=scene.key.touch(first, request['card'])), WRONG)
    # Used up by a touch that was refused.
    equal(decided(scene.human, request, key=scene.key.touch(first, request['card'], flags=0)), WRONG)
    equal(decided(scene.human, request, key=scene.key.touch(first, request['card'])), WRONG)
    # Replaced by the next one.
    old, new = (scene.challenge(request)['challenge'] for _ in range(2))
    assert old != new
    equal(decided(scene.human, request, key=scene.key.touch(old, request['card'])), WRONG)
    # Given for another request.
    world.secret('other', 'v')
    second = scene.hold('get_secret', name='other', purpose='p')
    given = scene.challenge(request)['challenge']
    equal(decided(scene.human, second, key=scene.key.touch(given, second['card'])), WRONG)
    # None was ever given.
    equal(decided(world.human(), request, key=scene.key.touch(new, request['card'])), WRONG)
    # Replayed whole.
    key = scene.touch(request)
    equal(decided(scene.human, request, key=key), 'granted')
    equal(decided(scene.human, second, key=key), WRONG)


@case('a touch for one card is none for another')
def other_card(world):
    scene = Scene(world)
    request = scene.hold()
    world.secret('other', 'v')
    other = scene.hold('get_secret', name='other', purpose='p')
    challenge = scene.challenge(request)['challenge']
    equal(decided(scene.human, request, key=scene.key.touch(challenge, other['card'])), WRONG)
    equal(decided(scene.human, request, key=scene.key.touch(scene.challenge(request)['challenge'],
                                                            request['card'] + ' ')), WRONG)
    equal(scene.made(), [])


@case('another key\'s touch, and one that says it is ours, are refused')
def other_key(world):
    scene = Scene(world)
    request, stranger = scene.hold(), SoftKey()
    equal(decided(scene.human, request, key=stranger.touch(scene.challenge(request)['challenge'], request['card'])), WRONG)
    forged = stranger.touch(scene.challenge(request)['challenge'], request['card'])
    forged['credential_id'] = scene.key.enrolment()['credential_id']
    equal(decided(scene.human, request, key=forged), WRONG)


@case('without an enrolled key nothing is granted, and the answer names the command')
def none_enrolled(world):
    scene = Scene(world, enrol=False)
    request = scene.hold()
    for method, params, code in (('key_challenge', {}, 5), ('decide', {'verdict': 'grant', 'pin': PIN}, 4)):
        if method == 'decide':
            pending, = scene.human.pending()
            params = {**params, 'card_digest': pending['digest']}
        try:
            scene.human.call(method, {'request_id': request['request_id'], **params})
            raise AssertionError('done')
        except Refused as error:
            equal((error.code, error.message), (code, NONE_ENROLLED), method)


@case('a removed key is refused, and removing the last one leaves nobody who can grant')
def removed(world):
    scene = Scene(world)
    other = SoftKey()
    scene.human.call('key_add', {**other.enrolment('second'), 'pin': PIN})
    request = scene.hold()
    challenge = scene.challenge(request)['challenge']
    equal(scene.human.call('key_rm', {'key_id': scene.id, 'pin': PIN}), {'left': 1})
    equal(decided(scene.human, request, key=scene.key.touch(challenge, request['card'])), WRONG)
    left, = scene.human.pages('keys')
    equal(left['name'], 'second')
    equal(scene.human.call('key_rm', {'key_id': left['id'], 'pin': PIN}), {'left': 0})
    equal(reason(scene.human, 'key_challenge', {'request_id': request['request_id']}), (5, None))
    equal(decided(scene.human, request, pin=PIN), NEEDED)
    equal(len([r for r in world.records() if r['event'] == 'key_removed']), 2)


BAD = [
    ('a point beside the curve', {'public_key': base64.b64encode(b'\x04' + b'\x11' * 64).decode()}, 'public_key'),
    ('a compressed point', {'public_key': base64.b64encode(b'\x02' + b'\x11' * 32).decode()}, 'public_key'),
    ('no base64', {'public_key': '*'}, 'public_key'),
    ('an empty name', {'name': ''}, 'name'),
    ('a name that is too long', {'name': 'n' * 65}, 'name'),
    ('an id that is too long', {'credential_id': base64.b64encode(b'c' * 1024).decode()}, 'credential_id'),
]


@case('a key that is none is not enrolled, nor one twice, nor a seventeenth')
def bad_keys(world):
    human = world.human(pin=True)
    for what, change, field in BAD:
        equal((what, reason(human, 'key_add', {**SoftKey().enrolment(), **change, 'pin': PIN})), (what, (-32602, field)))
    equal(human.pages('keys'), [])
    key = SoftKey()
    for _ in range(15):
        human.call('key_add', {**SoftKey().enrolment(), 'pin': PIN})
    human.call('key_add', {**key.enrolment(), 'pin': PIN})
    equal(reason(human, 'key_add', {**key.enrolment(), 'pin': PIN}), (8, None))
    equal(reason(human, 'key_add', {**SoftKey().enrolment(), 'pin': PIN}), (8, None))
    equal(len(human.pages('keys')), 16)
    equal(reason(human, 'key_rm', {'key_id': 'none', 'pin': PIN}), (5, 'key_id'))


@case('a key goes with a grant only, and each of its parts is looked at')
def fields(world):
    scene = Scene(world)
    request = scene.hold()
    key = scene.touch(request)
    equal(decided(scene.human, request, verdict='deny', key=key), (-32602, 'key'))
    equal(decided(scene.human, request, key={**key, 'signature': 'AAA'}), (-32602, 'key.signature'))
    equal(decided(scene.human, request, key={**key, 'more': 1}), (-32602, 'key.more'))
    equal(decided(scene.human, request, key={}), (-32602, 'key.credential_id'))
    # None of that was a touch: the challenge is still there.
    equal(decided(scene.human, request, key=key), 'granted')
    assert key and TOUCHED


@case('while locked no key counts')
def locked(world):
    scene = Scene(world)
    request = scene.hold()
    key = scene.touch(request)
    scene.human.call('lock')
    equal(decided(scene.human, request, key=key), (3, None))
    equal(reason(scene.human, 'key_challenge', {'request_id': request['request_id']}), (3, None))
    equal(reason(scene.human, 'key_add', {**SoftKey().enrolment(), 'pin': PIN}), (3, None))



# --- the command line, with keys in software plugged in ---


class Plugged:
    """The folder whose files are the plugged-in keys, and the command line that finds them."""

    def __init__(self, world, *names):
        self.world, self.folder = world, world.folder('plugged')
        self.env = {**world.env, 'SOFT_KEYS': self.folder, 'TEST_PROGRAMS': os.path.dirname(world.program('countersignd'))}
        for name in names:
            self.plug(name)

    def plug(self, name, behaviour='touch'):
        path = os.path.join(self.folder, name)
        file = configparser.RawConfigParser(interpolation=None)
        file.optionxform = str
        file.read(path)
        file.read_dict({'key': {'behaviour': behaviour}})
        with open(path, 'w', encoding='utf-8') as out:
            file.write(out, space_around_delimiters=False)

    def cli(self, *arguments, **options):
        return self.world.cli(*arguments, program=PROGRAM, env=self.env, **options)


@case('a key is enrolled, listed and removed by the command line')
def command_line(world):
    plugged = Plugged(world, 'one')
    added = plugged.cli('key', 'add', '--name', 'work \u2069key', pin=True)
    assert 'work \\u{2069}key' in added.out, added
    again = plugged.cli('key', 'add', pin=True, status=1)
    assert 'enrolled already' in again.err, again
    os.rename(os.path.join(plugged.folder, 'one'), os.path.join(world.base, 'one'))
    plugged.plug('two')
    second = plugged.cli('key', 'add', '--json', pin=True).json()
    equal(second['name'], 'Soft Key two')
    table = plugged.cli('key', 'list', pin=True).out
    assert 'work \\u{2069}key' in table and second['id'] in table, table
    first, other = plugged.cli('key', 'list', '--json', pin=True).json()
    equal(other['id'], second['id'])
    plugged.cli('key', 'rm', second['id'], pin='000000', status=1)
    assert 'grants nothing' in plugged.cli('key', 'rm', second['id'], pin=True).out
    last = plugged.cli('key', 'rm', first['id'], pin=True)
    assert 'It was the last' in last.out, last
    gone = plugged.cli('key', 'rm', first['id'], pin=True, status=1)
    assert 'no such security key' in gone.err, gone


@case('enrolling says what is wrong with what is plugged in')
def not_enrolled(world):
    plugged = Plugged(world)
    for behaviour, words in ((None, 'no security key is plugged in'), ('pin', 'asks for a PIN of its own'),
                             ('refuses', 'the security key refused')):
        if behaviour is not None:
            plugged.plug('one', behaviour)
        result = plugged.cli('key', 'add', pin=True, status=1)
        assert words in result.err, result
    plugged.plug('one')
    plugged.plug('two')
    result = plugged.cli('key', 'add', pin=True, status=1)
    assert 'several security keys' in result.err, result
    plugged.cli('key', 'add', '--name', 'n' * 65, pin=True, status=2)
    equal(plugged.cli('key', 'list', '--json', pin=True).json(), [])


@case('approve asks for a touch where the card does')
def approve(world):
    plugged = Plugged(world, 'one')
    scene = Scene(world, enrol=False)
    request = scene.hold()
    none = plugged.cli('approve', request['request_id'], pin=True, status=1)
    assert NONE_ENROLLED in none.err, none
    plugged.cli('key', 'add', pin=True)
    os.rename(os.path.join(plugged.folder, 'one'), os.path.join(world.base, 'one'))
    plugged.plug('two')
    absent = plugged.cli('approve', request['request_id'], pin=True, status=1)
    assert 'no enrolled key is plugged in' in absent.err and 'Touch' not in absent.err, absent
    os.rename(os.path.join(world.base, 'one'), os.path.join(plugged.folder, 'one'))
    granted = plugged.cli('approve', request['request_id'], pin=True)
    assert 'Granted' in granted.out, granted
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')


@case('where nobody touches, an interrupt ends it and nothing is granted')
def interrupted(world):
    plugged = Plugged(world, 'one')
    scene = Scene(world, enrol=False)
    plugged.cli('key', 'add', pin=True)
    plugged.plug('one', 'untouched')
    request = scene.hold()
    terminal = world.terminal('approve', request['request_id'], env=plugged.env, program=PROGRAM)
    terminal.expect_exact('PIN: ')
    assert terminal.waitnoecho()
    terminal.sendline(PIN)
    terminal.expect_exact('Touch your security key.')
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.wait()
    equal(terminal.signalstatus, signal.SIGINT)
    equal(scene.made(), [])
    equal([r['request_id'] for r in scene.human.pending()], [request['request_id']])


def approver(world, plugged, *arguments, **options):
    terminal = world.terminal('approve', *arguments, env=plugged.env, program=PROGRAM, **options)
    terminal.expect_exact('PIN: ')
    assert terminal.waitnoecho()
    terminal.sendline(PIN)
    return terminal


def touchable(world):
    """An enrolled key that nobody touches, and a request that wants it."""
    plugged = Plugged(world, 'one')
    scene = Scene(world, enrol=False)
    plugged.cli('key', 'add', pin=True)
    plugged.plug('one', 'untouched')
    return plugged, scene, scene.hold()


@case('in plain lines a touch is asked for, can be called off, tried again, and grants')
def plain(world):
    plugged, scene, request = touchable(world)
    terminal = approver(world, plugged, '--plain', '--once')
    terminal.expect_exact('needs your security key')
    terminal.expect_exact('grant or deny> ')
    terminal.sendline('grant')
    terminal.expect_exact('Touch your security key. Enter calls it off.')
    terminal.sendline('')
    terminal.expect_exact('Not granted: the touch was called off')
    terminal.expect_exact('Enter tries again, anything else denies: ')
    equal(scene.made(), [])
    plugged.plug('one')
    terminal.sendline('')
    terminal.expect_exact('Granted: get_secret demo')
    terminal.expect(pexpect.EOF)
    equal(len(scene.made()), 1)
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')
    assert request


@case('in plain lines, who does not touch denies, and so does an interrupt')
def plain_denied(world):
    for keys in ('no\r', '\x03'):
        plugged, scene, _ = touchable(world)
        terminal = approver(world, plugged, '--plain', '--once')
        terminal.expect_exact('grant or deny> ')
        terminal.sendline('grant')
        terminal.expect_exact('Touch your security key.')
        terminal.send('\r' if keys[0] != '\x03' else keys)
        if keys[0] != '\x03':
            terminal.expect_exact('anything else denies: ')
            terminal.send(keys)
        terminal.expect_exact('Denied: the security key was not touched.')
        terminal.expect(pexpect.EOF)
        equal(scene.agent.answer(scene.calls[0])['status'], 'denied')
        world.human().call('key_rm', {'key_id': scene.human.pages('keys')[0]['id'], 'pin': PIN})
        os.unlink(os.path.join(plugged.folder, 'one'))
        os.rmdir(plugged.folder)


@case('on the whole screen a touch is asked for, any key calls it off, and it grants')
def whole_screen(world):
    plugged, scene, _ = touchable(world)
    terminal = approver(world, plugged, '--once', term='linux')
    terminal.setwinsize(24, 80)
    drawn = Drawn(terminal, 24, 80)
    drawn.settled().press('g', 'Touch your security key.', 'calls it off.')
    drawn.press('x', 'the touch was called off', '[ Deny ]')
    equal(scene.made(), [])
    plugged.plug('one')
    drawn.settled()
    terminal.send('g')
    terminal.expect_exact('Granted: get_secret demo')
    terminal.expect(pexpect.EOF)
    equal(scene.agent.answer(scene.calls[0])['status'], 'completed')


@case('a touch stays good until the PIN beside it has come')
def plain_disclose(world):
    plugged, scene, request = touchable(world)
    plugged.plug('one')
    plugged.cli('approve', request['request_id'], pin=True)
    reference = scene.agent.answer(scene.calls[0])['result']['reference']['id']
    scene.hold('resolve_secret', reference_id=reference)
    terminal = approver(world, plugged, '--plain', '--once')
    terminal.expect_exact('needs your PIN and your security key')
    terminal.expect_exact('grant or deny> ')
    for line in ('what', 'who', 'script'):
        terminal.sendline(f'read {line}')
        terminal.expect_exact('grant or deny> ')
    terminal.sendline('grant')
    terminal.expect_exact('PIN: ')
    assert terminal.waitnoecho()
    terminal.sendline(PIN)
    terminal.expect_exact('Granted')


@case('the installed command knows of no key in software')
def no_fake(world):
    plugged = Plugged(world, 'one')
    result = world.cli('key', 'add', pin=True, status=1, env=plugged.env)
    assert 'no security key is plugged in' in result.err, result


countersign.main()
