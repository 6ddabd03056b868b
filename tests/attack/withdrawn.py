# SPDX-License-Identifier: MIT
"""Tokens that a person or a holder took back while the broker was not looking: locked, restored from a copy, set up otherwise."""

import os
import shutil
import sys

import tap
from lines import Refused
from tap import case, contains, equal
from tokenworld import ISSUER, TokenWorld

UNKNOWN_MOST = 1000
LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'


def store_files(world):
    return [os.path.join(world.data, name) for name in os.listdir(world.data) if name.startswith('store.db')]


@case('a grant that is ended while the broker is locked ends its tokens, and no others')
def while_locked(world):
    agent = world.agent()
    token, other = world.mint(agent)['value'], world.mint(agent, provider='aws')['value']
    grant, = (grant for grant in world.human(pin=True).pages('grants') if grant['resource'] == 'github')
    world.cli('lock')
    world.cli('revoke', grant['id'])
    world.unlock()
    equal(world.introspect(token), {'active': False})
    equal(world.introspect(other)['active'], True)
    world.cli('lock')  # what was on its way to the disk has come there
    world.kill_broker()
    world.unlock()
    equal(world.introspect(token), {'active': False})
    equal(world.introspect(other)['active'], True)


@case('what is minted after a panic of a locked broker is good, also when the broker has ended')
def panic_while_locked(world):
    before = world.mint(world.agent())['value']
    world.cli('lock')
    world.cli('panic')
    world.unlock()
    kids = {key['kid'] for key in world.published()['jwks']['keys']}
    token = world.mint(world.agent())['value']
    world.kill_broker()
    world.unlock()
    equal(world.introspect(before), {'active': False})
    equal(world.introspect(token)['active'], True)
    equal({key['kid'] for key in world.published()['jwks']['keys']}, kids)


@case('a copy of the store from before a panic makes nothing good that the panic ended')
def copied(world):
    token, before = world.mint(world.agent())['value'], world.published()
    world.kill_broker()
    copy = world.folder('copy')
    for path in store_files(world):
        shutil.copy2(path, copy)
    world.unlock()
    world.cli('panic')
    world.kill_broker()
    for path in store_files(world):
        os.unlink(path)
    for name in os.listdir(copy):
        shutil.copy2(os.path.join(copy, name), world.data)
    world.unlock()
    world.cli('token', 'list', pin=True)  # answers when the trail was looked through
    equal(world.introspect(token), {'active': False})
    kids = [{key['kid'] for key in published['jwks']['keys']} for published in (before, world.published())]
    assert not kids[0] & kids[1], kids
    equal(world.introspect(world.mint(world.agent())['value'])['active'], True)
    world.kill_broker()
    world.unlock()
    equal({key['kid'] for key in world.published()['jwks']['keys']} & kids[0], set())


@case('who has a token ends it for good, whatever the issuer is called meanwhile')
def renamed(world):
    token = world.mint(world.agent())['value']
    world.configure(issuer='https://other.example')
    equal(world.introspect(token), {'active': False})
    equal(world.agent().call('token_end', {'token': token})['result'], {})
    world.configure(issuer=ISSUER)
    equal(world.introspect(token), {'active': False})


@case('ids that nobody minted fill no table, and keep no person from ending a token')
def flooded(world):
    known = world.mint(world.agent())
    human = world.human()
    calls = [human.start('token_revoke', {'token_id': 'tok-' + '0' * 23 + ''.join(LETTERS[i >> shift & 31] for shift in (10, 5, 0))})
             for i in range(UNKNOWN_MOST + 1)]
    for call in calls[:-1]:
        equal(human.answer(call), {})
    try:
        human.answer(calls[-1])
        raise AssertionError('one more was taken')
    except Refused as error:
        contains(str(error), 'no token that is known here')
    equal(human.call('token_revoke', {'token_id': known['token']['tokenId']}), {})
    equal(world.introspect(known['value']), {'active': False})
    revoked = [record for record in world.records() if record['event'] == 'token_revoked']
    equal(len(revoked), UNKNOWN_MOST + 1)


sys.exit(tap.run(TokenWorld))
