# SPDX-License-Identifier: MIT
"""A touch of a security key as the proof of a person: enrolled by PIN, good for one card, once."""

import base64

import countersign
from lines import Refused
from softkey import NONE_ENROLLED, PIN, Scene, SoftKey, decided, reason
from tap import case, equal

NEEDED, WRONG = (4, 'key_needed'), (4, 'key_wrong')


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


@case('while locked no key counts')
def locked(world):
    scene = Scene(world)
    request = scene.hold()
    key = scene.touch(request)
    scene.human.call('lock')
    equal(decided(scene.human, request, key=key), (3, None))
    equal(reason(scene.human, 'key_challenge', {'request_id': request['request_id']}), (3, None))
    equal(reason(scene.human, 'key_add', {**SoftKey().enrolment(), 'pin': PIN}), (3, None))


countersign.main()
