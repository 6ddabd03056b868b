# SPDX-License-Identifier: MIT
"""How a login at a provider stays fresh, and what is made of providers that answer otherwise."""

import email.utils
import os
import time

import countersign
import oidcworld
import tap
from lines import Refused
from loginworld import LoginWorld, until
from tap import case, contains, equal, lacks


@case('a token that has ended is refreshed as it is used, and the refresh token rotates with it')
def refreshes(world):
    before = world.short_lived()
    rotated = world.reveal('oauth2-token_refresh')
    after = world.reveal('oauth2-token')
    equal((after != before, world.provider.introspect(after)['active']), (True, True))
    equal(world.reveal('oauth2-token_refresh') != rotated, True)
    equal(world.reveal('oauth2-token'), after, 'used once more')
    equal(world.renewals(), 1)
    equal(os.listdir(os.path.join(world.data, 'parcels')), [])


@case('a provider whose clock is ten minutes off gives tokens that last as long by ours')
def skewed(world):
    for seconds in (600, -600):
        world.provider.set(skew=seconds)
        before = world.short_lived()
        after = world.reveal('oauth2-token')
        equal((after != before, world.provider.introspect(after)['active'], world.renewals()), (True, True, 1))
        equal(world.reveal('oauth2-token'), after, 'used once more')


@case('many who use it at once have one refresh')
def single_flight(world):
    world.short_lived()
    humans = [world.human(pin=True) for _ in range(8)]
    calls = [human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN}) for human in humans]
    values = {human.answer(call)['value'] for human, call in zip(humans, calls)}
    equal((len(values), world.renewals()), (1, 1))


@case('a refresh token that somebody else used is refused, which is told with what to do')
def reuse(world):
    world.short_lived()
    stolen = world.reveal('oauth2-token_refresh')
    world.provider.refresh(stolen)  # rotated for somebody else: ours is worth nothing now
    error = world.refusal('secret_show', {'name': 'oauth2-token', 'reveal': True})
    for part in ('expired', 'countersign login oauth2'):
        contains(str(error), part)
    login, = world.logins()
    contains(login['trouble'], 'not valid any more')
    equal(login['refreshes'], False)
    equal(world.events('token_refreshed')[-1]['failed'], 'invalid_grant')
    equal(world.log_in()[0]['ok'], True)
    equal('trouble' in world.logins()[0], False)


def kill_in_the_middle(world):
    """A broker that is killed while the provider has rotated the token and not answered yet."""
    before = world.short_lived()
    world.provider.hold()
    human = world.human(pin=True)
    human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    world.provider.hear('held')
    world.kill_broker()
    return before


def whole(world, before):
    """The login is as good as any: the tokens are the rotated ones."""
    value = world.reveal('oauth2-token')
    equal((value != before, world.provider.introspect(value)['active']), (True, True))
    login, = world.logins()
    equal((login['refreshes'], 'trouble' in login), (True, False), login)
    equal(world.provider.refresh(world.reveal('oauth2-token_refresh')) is not None, True, 'the refresh token')
    equal(os.listdir(os.path.join(world.data, 'parcels')), [])


@case('a broker that is killed in the middle of a rotation loses nothing: the answer comes before the next one')
def killed_before(world):
    before = kill_in_the_middle(world)
    world.provider.release()
    world.provider.hear('asked', asked='/token', status=200)
    world.unlock()
    whole(world, before)


@case('a broker that is killed in the middle of a rotation loses nothing: the answer comes after the next one')
def killed_after(world):
    before = kill_in_the_middle(world)
    world.unlock()
    human = world.human(pin=True)
    call = human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    equal(world.human(pin=True).call('status')['state'], 'unlocked')  # which waits for nobody
    world.provider.release()
    human.answer(call)
    whole(world, before)


@case('a lock in the middle of a rotation loses nothing')
def locked_in_between(world):
    before = world.short_lived()
    world.provider.hold()
    human = world.human(pin=True)
    call = human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    world.provider.hear('held')
    world.human().call('lock')
    try:
        human.answer(call)
        raise AssertionError('it was answered')
    except Refused as error:
        contains(str(error), 'locked')
    world.provider.release()
    world.provider.hear('asked', asked='/token', status=200)
    world.unlock()
    whole(world, before)


@case('what was put into a parcel and then changed is not taken')
def changed_parcel(world):
    kill_in_the_middle(world)
    world.provider.release()
    world.provider.hear('asked', asked='/token', status=200)
    name, = os.listdir(os.path.join(world.data, 'parcels'))
    path = os.path.join(world.data, 'parcels', name)
    until(lambda: os.path.getsize(path) > 0)
    with open(path, 'r+b') as file:
        file.seek(40)
        file.write(b'\0\0\0\0')
    world.unlock()
    world.provider.told.clear()
    error = world.refusal('secret_show', {'name': 'oauth2-token', 'reveal': True})
    contains(str(error), 'countersign login oauth2')


@case('a refresh token is not sent where the file has meant another client or issuer since')
def set_up_otherwise(world):
    world.short_lived()
    world.set_up('oauth2', world.provider.issuer, client='another')
    world.provider.told.clear()
    error = world.refusal('secret_show', {'name': 'oauth2-token', 'reveal': True})
    contains(str(error), 'set up otherwise')
    equal([told for told in world.provider.told if told.get('asked') == '/token'], [])


# ---- providers that are none ----

TOKENS = {'access_token': 'first-access', 'refresh_token': 'first-refresh', 'token_type': 'Bearer', 'expires_in': 1}
FAULTS = {
    'a page': ({'status': 200, 'body': '<html><script>alert(1)</script>'}, 'answer', 'not JSON'),
    'another token type': ({'status': 200, 'body': {**TOKENS, 'token_type': 'mac'}}, 'unsupported', 'bearer'),
    'no token': ({'status': 200, 'body': {'token_type': 'Bearer'}}, 'answer', 'token'),
    'too often': ({'status': 429, 'body': {}, 'headers': {'Retry-After': '120'}}, 'rate_limited', '2m'),
    'down': ({'status': 503, 'body': {'error': 'leaked words'}}, 'unavailable', 'later'),
    'an error of its own': ({'status': 400, 'body': {'error': 'leaked words', 'error_description': 'leaked words'}}, 'refused', ''),
    'a client it does not know': ({'status': 401, 'body': {'error': 'invalid_client'}}, 'invalid_client', 'client'),
    'what is not valid any more': ({'status': 400, 'body': {'error': 'invalid_grant'}}, 'invalid_grant', 'log in again'),
    'a clock ten minutes ahead': ({'status': 400, 'body': {'error': 'leaked words'},
                                   'headers': {'Date': email.utils.formatdate(time.time() + 600, usegmt=True)}}, 'clock', 'clock'),
}


def forced_login(world, forced):
    """Logs in at the provider of errors; what login_done says."""
    human, login = world.begin('okta', scopes=['openid'])
    oidcworld.visit(oidcworld.Person().log_in(world.browse(human, login)['url']))
    return world.over(human, login)


@case('whatever is answered in place of tokens is told in our words, and nothing is stored')
def forced_errors(world):
    forced = oidcworld.Forced(world)
    world.set_up('okta', forced.issuer)
    for what, (answer, code, part) in FAULTS.items():
        forced.set(**answer)
        done = forced_login(world, forced)
        equal((done['ok'], done['code']), (False, code), what)
        contains(done['message'], part)
        lacks(str(done), 'leaked words')
    equal((world.logins(), world.human(pin=True).call('secret_list')['secrets']), ([], []))


@case('the same in place of a refreshed token: the login says what is wrong, and what was good until then is kept')
def forced_refresh(world):
    forced = oidcworld.Forced(world)
    world.set_up('okta', forced.issuer)
    for what, (answer, code, part) in FAULTS.items():
        forced.set(status=200, body=TOKENS)
        equal(forced_login(world, forced)['ok'], True, what)
        forced.set(**answer)
        until(lambda: 'trouble' in world.logins()[0] or not ask_quietly(world))
        login, = world.logins()
        contains(login['trouble'], part)
        equal((login['refreshes'], world.events('token_refreshed')[-1]['failed']), (code != 'invalid_grant', code), what)
        equal(world.reveal('okta-token_refresh'), 'first-refresh')
        lacks(str(login), 'leaked words')


def ask_quietly(world):
    try:
        return world.reveal('okta-token')
    except Refused as error:
        contains(str(error), 'countersign login okta')
        return None


@case('a refreshed token without a new refresh token keeps the one that was there')
def not_rotated(world):
    forced = oidcworld.Forced(world)
    world.set_up('okta', forced.issuer)
    forced.set(status=200, body=TOKENS)
    forced_login(world, forced)
    forced.set(status=200, body={'access_token': 'second-access', 'token_type': 'bearer', 'expires_in': 600})
    until(lambda: world.reveal('okta-token') == 'second-access')
    equal((world.reveal('okta-token_refresh'), world.logins()[0]['refreshes']), ('first-refresh', True))


@case('a token that the provider gives without an end is never refreshed')
def endless(world):
    forced = oidcworld.Forced(world)
    world.set_up('okta', forced.issuer)
    forced.set(status=200, body={'access_token': 'for-ever', 'token_type': 'bearer'})
    done = forced_login(world, forced)
    equal((done['ok'], 'expires_in' in done, done['refreshes'], 'expires_at' in world.logins()[0]), (True, False, False, False))
    equal(world.reveal('okta-token'), 'for-ever')


raise SystemExit(tap.run(LoginWorld))
