# SPDX-License-Identifier: MIT
"""Logins under attack: who tries to get the tokens, the client's secret, or the person's browser."""

import glob
import os
import stat
import sys

del sys.path[0]  # this folder, whose http.py is not Python's
# pylint: disable=wrong-import-position
import countersign
import oidcworld
import tap
from lines import Refused
from loginworld import LoginWorld, until
from tap import case, contains, equal, lacks

ASKED = {'provider': 'oauth2', 'scopes': ['openid'], 'secret_name': 'oauth2-token', 'purpose': 'a test'}


def refused(party, method, params, part):
    try:
        answer = party.call(method, params)
    except Refused as error:
        contains(str(error), part)
        return
    raise AssertionError(f'{method} was answered: {answer}')


@case('a login needs the PIN in that very call, and so does its end')
def needs_the_pin(world):
    world.log_in()
    for human in (world.human(), world.human(pin=True)):
        refused(human, 'login_start', {'provider': 'oauth2'}, 'PIN')
        refused(human, 'logout', {'secret': 'oauth2-token'}, 'PIN')
        refused(human, 'login_start', {'provider': 'oauth2', 'pin': '000000'}, 'pin_')
    refused(world.human(), 'login_list', None, 'not_authenticated')
    equal(len(world.logins()), 1)


@case('whoever follows the queue without the PIN learns of no page that is to be opened')
def no_page(world):
    spy = world.human()
    spy.call('subscribe')
    agent, human = world.agent(), world.human(pin=True)
    human.call('subscribe')
    call = agent.start('start_oauth_flow', {**ASKED, 'secret_name': 'other'})
    request = human.hear('held', request_id=agent.held(call)['request_id'])
    human.decide(request, pin=countersign.PIN)
    human.hear('browse')
    spy.call('status')
    equal({message['method'] for message in spy.heard} - {'waiting'}, set())


@case('endpoints that an agent names get nothing, whatever they look like')
def endpoints(world):
    issuer = world.provider.issuer
    world.files['providers.d/oauth2.conf'] = (f'provider oauth2\nkind oauth2\nclient countersign\nauthorize {issuer}/auth\n'
                                              f'token {issuer}/token\nnetwork loopback\n')
    world.apply()
    agent = world.agent()
    for url in (f'{issuer}/token/', f'{issuer}/token?', f'{issuer}/TOKEN', f'{issuer}@evil.example/token', f'{issuer}/auth',
                'https://evil.example/token', f' {issuer}/token', f'{issuer}/%74oken'):
        answer = agent.answer(agent.start('start_oauth_flow', {**ASKED, 'token_endpoint': url}))
        equal((answer['status'], answer['code']), ('failed', 'arguments'), url)
        lacks(answer['message'], 'evil')
    equal(world.provider.told, [])


@case('the tokens are secrets as any: an agent gets neither without a person')
def tokens(world):
    world.log_in()
    agent = world.agent()
    for name in ('oauth2-token', 'oauth2-token_refresh'):
        agent.held(agent.start('get_secret', {'name': name, 'purpose': 'a test'}))
        agent.held(agent.start('run_command', {'command': ['/bin/cat'], 'secrets': [{'name': name, 'stdin': True}], 'purpose': 'a test'}))


@case('a login does not write over what is there, whoever asks')
def no_overwriting(world):
    world.secret('precious', 'value')
    world.secret('token_refresh', 'value')
    agent = world.agent()
    for name in ('precious', 'token'):
        answer = agent.answer(agent.start('start_oauth_flow', {**ASKED, 'secret_name': name}))
        equal((answer['status'], answer['code']), ('failed', 'exists'))
    world.set_up('okta', world.provider.issuer)
    world.log_in()
    answer = agent.answer(agent.start('start_oauth_flow', {**ASKED, 'provider': 'okta'}))
    equal((answer['status'], answer['code']), ('failed', 'exists'), 'the login of another provider')
    human, login = world.begin(secret='later', scopes=['openid'])
    url = world.browse(human, login)['url']
    world.secret('later', 'mine')  # while the person logs in
    oidcworld.visit(oidcworld.Person().log_in(url))
    done = world.over(human, login)
    equal((done['ok'], done['code'], world.reveal('later')), (False, 'exists', 'mine'))


@case('an agent that writes over a token is held first, and then it is no login any more')
def silently(world):
    world.log_in()
    agent = world.agent()
    call = agent.start('update_secret', {'name': 'oauth2-token_refresh', 'value': 'of-the-agent'})
    request_id = agent.held(call)['request_id']
    equal(len(world.logins()), 1)
    world.grant(request_id)
    equal((agent.answer(call)['status'], world.logins()), ('completed', []))
    equal([told for told in world.provider.told if told.get('grant') == 'refresh_token'], [], 'what it wrote was not sent')


@case('rows that the broker keeps for itself are nobody else\'s')
def own_rows(world):
    world.log_in()
    agent = world.agent()
    for name in ('key:parcel/x', 'logins:x'):
        refused(agent, 'get_secret', {'name': name, 'purpose': 'a test'}, 'name')
        refused(agent, 'start_oauth_flow', {**ASKED, 'secret_name': name}, 'secret_name')
        refused(world.human(pin=True), 'login_start', {'provider': 'oauth2', 'secret': name, 'pin': countersign.PIN}, 'secret')


@case('nothing of a token is on the disk, in the trail or in a log that could be read')
def nowhere(world):
    before = world.short_lived()
    world.provider.hold()
    human = world.human(pin=True)
    human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    world.provider.hear('held')
    world.kill_broker()
    world.provider.release()
    world.provider.hear('asked', asked='/token', status=200)
    folder = os.path.join(world.data, 'parcels')
    equal(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
    found = [stat.S_IMODE(os.stat(path).st_mode) for path in glob.glob(os.path.join(folder, '*'))]
    equal(found, [0o600])
    world.unlock()
    values = [before, world.reveal('oauth2-token'), world.reveal('oauth2-token_refresh')]
    for place, _, names in os.walk(world.base):
        for name in names:
            if not os.path.isfile(os.path.join(place, name)):
                continue
            with open(os.path.join(place, name), 'rb') as file:
                data = file.read()
            for value in values:
                equal(value.encode() in data, False, os.path.join(place, name))


@case('a parcel that says it came at another time keeps nothing from being opened, then or later')
def parcel_of_another_time(world):
    for seconds in (-10 ** 9, 2 ** 40):
        before = world.short_lived()
        world.provider.hold()
        human = world.human(pin=True)
        human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
        world.provider.hear('held')
        path, = glob.glob(os.path.join(world.data, 'parcels', '*'))
        world.kill_broker()
        world.provider.release()
        until(lambda: os.path.getsize(path) > 0)  # pylint: disable=cell-var-from-loop
        os.utime(path, (seconds, seconds))
        world.unlock()
        until(lambda: not os.listdir(os.path.dirname(path)))  # pylint: disable=cell-var-from-loop
        world.cli('lock')
        world.unlock()
        equal(len(world.logins()), 1)
        value = world.reveal('oauth2-token')
        equal((value != before, world.provider.introspect(value)['active']), (True, True))


@case('a parcel that another process puts there is not taken for one')
def foreign_parcel(world):
    world.short_lived()
    world.provider.hold()
    human = world.human(pin=True)
    human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    world.provider.hear('held')
    path, = glob.glob(os.path.join(world.data, 'parcels', '*'))
    world.kill_broker()
    os.unlink(path)
    os.mkfifo(path)  # a broker that opened it as a file would wait for ever
    world.provider.release()
    world.unlock()
    refused(world.human(pin=True), 'secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN}, 'countersign login')
    equal(world.human().call('status')['state'], 'unlocked')


raise SystemExit(tap.run(LoginWorld))
