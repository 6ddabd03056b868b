# SPDX-License-Identifier: MIT
"""Logins at a real OpenID provider: how they come to be, how they stay fresh, how they end."""

import os
import select
import socket
import urllib.parse

import countersign
import oidcworld
import tap
from loginworld import LoginWorld, until
from tap import Skip, case, contains, equal, lacks

SCOPES = ['openid', 'offline_access', 'read']


def refused(code, *parts, during):
    """What login_done says of a login that did not come to be."""
    equal((during['ok'], during['code']), (False, code), during)
    for part in parts:
        contains(during['message'], part)


# ---- how one comes to be ----

@case('a person logs in with a browser, and the tokens are secrets')
def logs_in(world):
    done, (status, headers, page) = world.log_in()
    equal((done['ok'], done['secret'], done['refreshes'], done['expires_in']), (True, 'oauth2-token', True, 600))
    equal(done['scope'].split(), ['openid', 'read'], 'what the provider grants')
    equal((status, headers['Content-Security-Policy'].split(';')[0]), (200, "default-src 'none'"))
    contains(page, 'You can close')
    login, = world.logins()
    equal((login['provider'], login['secret'], login['refreshes'], 'trouble' in login), ('oauth2', 'oauth2-token', True, False))
    equal(world.provider.introspect(world.reveal('oauth2-token'))['active'], True)
    equal(world.provider.introspect(world.reveal('oauth2-token_refresh'))['active'], True)
    equal([record['provider'] for record in world.events('login_started') + world.events('login_done')], ['oauth2', 'oauth2'])


@case('the authorization request has PKCE, a state and the scopes, and nothing else is asked for')
def what_is_asked(world):
    human, login = world.begin(scopes=SCOPES)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(world.browse(human, login)['url']).query)
    equal((query['code_challenge_method'], query['response_type'], query['scope']), (['S256'], ['code'], [' '.join(SCOPES)]))
    equal((len(query['code_challenge'][0]), len(query['state'][0]) >= 32), (43, True))
    equal(query['redirect_uri'][0].startswith('http://localhost:'), True)


@case('a real browser: login and consent are pressed, and the callback says how it went')
def real_browser(world):
    browser = oidcworld.Browser(world)
    human, login = world.begin(scopes=SCOPES)
    page = browser.log_in(world.browse(human, login)['url'])
    equal((page['status'], world.over(human, login)['ok']), (200, True))
    contains(page['text'], 'You can close')
    lacks(page['text'], 'code=')


@case('a login on another device: the code is shown, and the answer is waited for')
def device(world):
    world.provider.set(interval=1)
    human, login = world.begin(scopes=SCOPES, method='device')
    browse = world.browse(human, login)
    equal(browse['url'].startswith(world.provider.issuer), True, browse)
    contains(browse['url'], browse['user_code'])
    world.provider.hear('asked', asked='/token', status=400)  # it is pending
    oidcworld.Person().log_in(browse['url'], user_code=browse['user_code'])
    done = world.over(human, login)
    equal((done['ok'], done['refreshes']), (True, True), done)
    equal(world.provider.introspect(world.reveal('oauth2-token'))['active'], True)


@case('whoever refuses at the provider is told, here and there')
def person_refuses(world):
    for method in ('browser', 'device'):
        world.provider.set(interval=1)
        human, login = world.begin(scopes=SCOPES, method=method)
        browse = world.browse(human, login)
        back = oidcworld.Person().log_in(browse['url'], consent=False, user_code=browse.get('user_code'))
        if method == 'browser':
            oidcworld.visit(back)
        refused('access_denied', during=world.over(human, login))
    equal(world.logins(), [])
    equal([record.get('failed') for record in world.events('login_done')], ['access_denied'] * 2)


@case('what is not a right callback changes nothing, and the right one still counts')
def wrong_callbacks(world):
    human, login = world.begin(scopes=SCOPES)
    url = world.browse(human, login)['url']
    back = oidcworld.Person().log_in(url)
    place, query = back.split('?')
    asked = urllib.parse.parse_qs(query)
    equal(asked['iss'], [world.provider.issuer])

    def with_(**changed):
        left = {name: values[0] for name, values in asked.items()} | changed
        return f'{place}?{urllib.parse.urlencode({name: value for name, value in left.items() if value is not None})}'

    for what, wrong in {'another state': with_(state='x' * 32), 'no state': with_(state=None),
                        'an error without state': f'{place}?error=access_denied', 'another issuer': with_(iss='https://evil.example'),
                        'no issuer': with_(iss=None), 'another path': back.replace('/oauth/callback', '/other')}.items():
        status, _, page = oidcworld.visit(wrong)
        equal(400 <= status < 500, True, what)
        lacks(page, 'evil.example')
    equal(oidcworld.visit(back)[0], 200)
    equal(world.over(human, login)['ok'], True)


@case('two flows at once, each with its own port')
def two_at_once(world):
    world.set_up('okta', world.provider.issuer)
    first, one = world.begin(scopes=SCOPES)
    second, two = world.begin('okta', scopes=SCOPES)
    urls = world.browse(first, one)['url'], world.browse(second, two)['url']
    backs = [oidcworld.Person().log_in(url) for url in urls]
    oidcworld.visit(backs[1])
    equal(world.over(second, two)['secret'], 'okta-token')
    oidcworld.visit(backs[0])
    equal(world.over(first, one)['secret'], 'oauth2-token')


def take_port():
    """The fixed port, held by somebody; None: somebody else has it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(('127.0.0.1', 9876))
    except OSError:
        return None
    listener.listen()
    return listener


@case('a port that another program has is named, with what to do', port='9876')
def squatted(world):
    listener = take_port()
    human, login = world.begin(scopes=SCOPES)
    refused('port', '9876', 'callback-port any', '--device', during=world.over(human, login))
    if listener is not None:
        listener.close()


@case('two flows that need the same port come one after the other', port='9876')
def one_after_the_other(world):
    listener = take_port()
    if listener is None:
        raise Skip('port 9876 is in use')
    listener.close()
    world.set_up('okta', world.provider.issuer, port='9876')
    human, one = world.begin(scopes=SCOPES)
    url = world.browse(human, one)['url']
    _, two = world.begin('okta', human=human, scopes=SCOPES)
    oidcworld.visit(oidcworld.Person().log_in(url))
    equal(world.over(human, one)['ok'], True)
    oidcworld.visit(oidcworld.Person().log_in(world.browse(human, two)['url']))
    equal(world.over(human, two)['ok'], True)


# ---- what is refused ----

@case('a provider that is not set up, and what to do about it')
def not_configured(world):
    for name, prefix in (('github', 'GITHUB'), ('google', 'GCP'), ('gcp', 'GCP'), ('azure', 'AZURE'), ('okta', 'OKTA')):
        error = world.refusal('login_start', {'provider': name})
        for part in ('not configured', f'{prefix}_CLIENT_ID', f'{prefix}_CLIENT_SECRET', f'--setup {name}'):
            contains(str(error), part)
    contains(str(world.refusal('login_start', {'provider': 'elsewhere'})), 'not configured')


@case('variables that would count at --setup get one line at a login, which holds no value')
def variables(world):
    for names in ((), ('GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET')):
        env = {**world.env, **dict.fromkeys(names, 'canary')}
        lines = world.cli('login', 'github', pin=True, status=1, env=env).err.splitlines()
        told = [line for line in lines if 'in the environment' in line]
        equal(len(told), 1 if names else 0, lines)
        for part in (*names, 'login --setup') if names else ():
            contains(told[0], part)
        lacks(str(lines), 'canary')


@case('a name that is taken, or that no secret can have, is refused before anything is opened')
def names(world):
    world.secret('taken', 'value')
    world.secret('other_refresh', 'value')
    for name, part in (('taken', 'exists already'), ('other', 'other_refresh exists already'), ('a b', 'secret:')):
        contains(str(world.refusal('login_start', {'provider': 'oauth2', 'secret': name})), part)
    equal(world.events('login_started'), [])


@case('a scope that the file does not allow is refused, and without any those of the file are asked for')
def scopes(world):
    world.set_up('oauth2', world.provider.issuer, more='scope openid read\n')
    contains(str(world.refusal('login_start', {'provider': 'oauth2', 'scopes': ['write']})), 'write')
    human, login = world.begin()
    contains(world.browse(human, login)['url'], 'scope=openid%20read')


@case('logging in once more takes the place of the login that was there')
def again(world):
    world.log_in()
    before = world.reveal('oauth2-token')
    done, _ = world.log_in(scopes=['openid', 'read'])
    equal((done['ok'], done['refreshes']), (True, True), done)
    equal(len(world.logins()), 1)
    equal(world.reveal('oauth2-token') != before, True)


# ---- what ends a flow ----

def is_closed(url):
    """Nobody listens there any more."""
    place = urllib.parse.urlsplit(urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)['redirect_uri'][0])
    try:
        socket.create_connection(('127.0.0.1', place.port), 5).close()
    except OSError:
        return True
    return False


def wait_closed(url):
    """Waits until nobody listens there."""
    for _ in range(500):
        if is_closed(url):
            return
        select.select([], [], [], 0.02)
    raise AssertionError('somebody still listens')


@case('a flow ends with the lock, with a panic, and with whoever waits for it')
def ends(world):
    for how in ('lock', 'panic', 'connection'):
        human, login = world.begin(scopes=SCOPES)
        url = world.browse(human, login)['url']
        if how == 'connection':
            human.close()
        else:
            world.human().call(how)
            refused('locked', 'unlock', during=world.over(human, login))
        wait_closed(url)
        if how != 'connection':
            world.unlock()
    equal([record.get('failed') for record in world.events('login_done')], ['locked', 'locked', 'cancelled'])


@case('what was issued for a login that ended meanwhile goes back to who issued it')
def gives_back(world):
    for number, method in enumerate(('browser', 'device'), 1):
        world.provider.set(interval=1)
        human, login = world.begin(scopes=SCOPES, method=method)
        browse = world.browse(human, login)
        if method == 'device':
            oidcworld.Person().log_in(browse['url'], user_code=browse['user_code'])
        world.provider.hold()
        if method == 'browser':
            oidcworld.visit(oidcworld.Person().log_in(browse['url']))
        world.provider.hear('held')
        human.close()
        until(lambda: len(world.events('login_done')) == number)  # pylint: disable=cell-var-from-loop
        world.provider.release()
        for _ in range(2):  # both tokens
            world.provider.hear('asked', asked='/token/revocation', status=200)
    equal((world.logins(), world.human(pin=True).call('secret_list')['secrets']), ([], []))


@case('what cannot be stored, because the name was taken meanwhile, goes back as well')
def gives_back_unstored(world):
    human, login = world.begin(scopes=SCOPES)
    url = world.browse(human, login)['url']
    world.secret('oauth2-token', 'mine')
    oidcworld.visit(oidcworld.Person().log_in(url))
    refused('exists', during=world.over(human, login))
    for _ in range(2):
        world.provider.hear('asked', asked='/token/revocation', status=200)
    equal(world.reveal('oauth2-token'), 'mine')


# ---- what others do to its secrets ----

@case('who writes over one of its secrets makes it an ordinary one')
def overwritten(world):
    for name in ('oauth2-token', 'oauth2-token_refresh'):
        world.log_in()
        world.human(pin=True).call('secret_set', {'name': name, 'value': 'mine', 'mode': 'any', 'pin': countersign.PIN})
        equal((world.logins(), world.reveal(name)), ([], 'mine'))
        for one in ('oauth2-token', 'oauth2-token_refresh'):
            world.human(pin=True).call('secret_rm', {'name': one, 'pin': countersign.PIN})


# ---- how it ends ----

@case('logging out while a token is renewed takes back what comes of that, and leaves nothing of it')
def logs_out_meanwhile(world):
    world.short_lived()
    world.provider.hold()
    human = world.human(pin=True)
    human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    world.provider.hear('held')
    world.human(pin=True).call('logout', {'secret': 'oauth2-token', 'pin': countersign.PIN})
    world.provider.release()
    for _ in range(4):  # both tokens that it had, and both that came
        world.provider.hear('asked', asked='/token/revocation', status=200)
    equal(os.listdir(os.path.join(world.data, 'parcels')), [])


@case('logging out takes the tokens back at the provider, and removes them here')
def logs_out(world):
    world.log_in()
    values = [world.reveal(name) for name in ('oauth2-token', 'oauth2-token_refresh')]
    answer = world.human(pin=True).call('logout', {'secret': 'oauth2-token', 'pin': countersign.PIN})
    equal(answer['revoked'], True, answer)
    equal([world.provider.introspect(value)['active'] for value in values], [False, False])
    equal((world.logins(), world.human(pin=True).call('secret_list')['secrets']), ([], []))
    equal(len(world.events('logout')), 1)
    contains(str(world.refusal('logout', {'secret': 'oauth2-token'})), 'no login')


@case('logging out removes them here also when the provider cannot be reached, and says so')
def logs_out_alone(world):
    world.log_in()
    world.provider.close()
    answer = world.human(pin=True).call('logout', {'secret': 'oauth2-token', 'pin': countersign.PIN})
    equal(answer['revoked'], False, answer)
    contains(answer['message'], 'removed here')
    equal((world.logins(), world.human(pin=True).call('secret_list')['secrets']), ([], []))


raise SystemExit(tap.run(LoginWorld))
