# SPDX-License-Identifier: MIT
"""What another process of the same user, a page in a browser, and an agent try while somebody logs in."""

import glob
import json
import os
import socket
import sys

sys.path.pop(0)  # http.py beside this is not the library's

import urllib.error
import urllib.parse
import urllib.request

import httpsite
import oidcworld
import tap
from intrusion import closed
from lines import Refused
from loginworld import LoginWorld
from tap import case, contains, equal, lacks

SCOPES = ['openid', 'offline_access', 'read']


class World(LoginWorld):
    def begun(self, person='ann', consent=True, **more):
        """A login up to the moment before the browser comes back: who follows it, its id, and where the browser goes."""
        human, login = self.begin(scopes=SCOPES, **more)
        url = self.browse(human, login)['url']
        return human, login, oidcworld.Person(person).log_in(url, consent=consent)

    def workers(self):
        """Pids of the broker's workers that speak HTTP."""
        found = []
        for path in glob.glob('/proc/[0-9]*/cmdline'):
            try:
                with open(path, 'rb') as file:
                    argv = file.read().split(b'\0')
                with open(os.path.join(os.path.dirname(path), 'stat'), encoding='utf-8') as file:
                    parent = int(file.read().rsplit(')', 1)[1].split()[1])
            except OSError:
                continue
            if argv[0] == self.program('countersign-worker-http').encode() and parent == self.broker_pid():
                found.append(int(path.split('/')[2]))
        return found

    def broker_pid(self):
        return json.loads(self.cli('status', '--json').out)['pid']


def changed(back, **values):
    """The callback's URL with other parameters; None: without."""
    parts = urllib.parse.urlsplit(back)
    query = {**dict(urllib.parse.parse_qsl(parts.query)), **values}
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})))


def port_of(back):
    return urllib.parse.urlsplit(back).port


@case('who knows where the browser comes back, but not the state, can neither end a login nor bring an answer of their own')
def without_state(world):
    human, login, back = world.begun()
    thief = urllib.parse.parse_qs(urllib.parse.urlsplit(world.begun('eve')[2]).query)['code'][0]
    for what, values in (('no state', {'state': None, 'code': thief}), ('a guess', {'state': 'x' * 43, 'code': thief}),
                         ('an empty one', {'state': '', 'code': thief}), ('no code either', {'state': None, 'code': None}),
                         ('an error without state', {'state': None, 'code': None, 'error': 'access_denied'}),
                         ('an error with a guess', {'state': 'x' * 43, 'code': None, 'error': 'access_denied'})):
        equal(oidcworld.visit(changed(back, **values))[0], 400, what)
    equal(oidcworld.visit(back)[0], 200)
    equal(world.over(human, login)['ok'], True)
    equal(world.provider.introspect(world.reveal('oauth2-token'))['sub'], 'ann')


@case('an answer that names another issuer, or none, is not taken: the provider announces that it names itself')
def mix_up(world):
    human, login, back = world.begun()
    for issuer in ('https://evil.example', world.provider.issuer + '/', world.provider.issuer.replace('127.0.0.1', 'localhost'), '', None):
        equal(oidcworld.visit(changed(back, iss=issuer))[0], 400, issuer)
    equal(oidcworld.visit(back)[0], 200)
    equal(world.over(human, login)['ok'], True)


@case('what is too long, of another method or for another site is not taken')
def odd(world):
    human, login, back = world.begun()
    parts = urllib.parse.urlsplit(back)
    target, host = f'{parts.path}?{parts.query}', parts.netloc
    for what, request, status in (
            ('oversized', f'GET {target}&pad={"p" * 9000} HTTP/1.1\r\nHost: {host}\r\n\r\n', b'431'),
            ('a form', f'POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n', b'400'),
            ('another name for this machine', f'GET {target} HTTP/1.1\r\nHost: evil.example:{parts.port}\r\n\r\n', b'421')):
        with socket.create_connection(('127.0.0.1', parts.port), timeout=60) as connection:
            connection.sendall(request.encode())
            equal(connection.recv(12)[9:], status, what)
    equal(oidcworld.visit(back)[0], 200)
    equal(world.over(human, login)['ok'], True)


def token_request(world, **form):
    """What who is no broker of ours hears at the token endpoint."""
    data = urllib.parse.urlencode({'client_id': 'countersign', 'grant_type': 'authorization_code', **form}).encode()
    try:
        with urllib.request.urlopen(f'{world.provider.issuer}/token', data=data, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code


@case('who sees the code on its way has nothing: it wants the verifier, which never leaves the broker but to the provider')
def seen_code(world):
    human, login, back = world.begun()
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)['code'][0]
    redirect = back.split('?')[0]
    equal(token_request(world, code=code, redirect_uri=redirect), 400)
    equal(token_request(world, code=code, redirect_uri=redirect, code_verifier='v' * 43), 400)
    equal(oidcworld.visit(back)[0], 200)
    equal(world.over(human, login)['ok'], True)
    equal(token_request(world, code=code, redirect_uri=redirect, code_verifier='v' * 43), 400, 'afterwards')
    with socket.socket() as late:
        equal(late.connect_ex(('127.0.0.1', port_of(back))) != 0, True, 'and nobody listens for it any more')


@case('of two logins at once neither takes the answer of the other')
def two(world):
    one, first, ann = world.begun('ann', secret='one')
    other, second, bob = world.begun('bob', secret='two')
    for back, port in ((ann, port_of(bob)), (bob, port_of(ann))):
        equal(oidcworld.visit(back.replace(f':{port_of(back)}/', f':{port}/'))[0], 400)
    equal((oidcworld.visit(bob)[0], oidcworld.visit(ann)[0]), (200, 200))
    equal((world.over(one, first)['ok'], world.over(other, second)['ok']), (True, True))
    equal([world.provider.introspect(world.reveal(name))['sub'] for name in ('one', 'two')], ['ann', 'bob'])


@case('where somebody waits at the port of the callback, under either kind of address, no browser is opened')
def squatted(world):
    for host, family in (('127.0.0.1', socket.AF_INET), ('::1', socket.AF_INET6)):
        try:
            squatter = socket.create_server((host, 0), family=family)
        except OSError as error:
            tap.note(f'{host}: {error}')
            continue
        with squatter:
            port = squatter.getsockname()[1]
            world.set_up('oauth2', world.provider.issuer, port=port)
            human, login = world.begin(scopes=SCOPES)
            done = world.over(human, login)
            equal((done['ok'], done['code']), (False, 'port'), host)
            contains(done['message'], f'port {port} ')
            equal([heard for heard in human.heard if heard['method'] == 'browse'], [], 'what was to be opened')


@case('an agent does not choose where a login goes, and nothing of ours is ever sent there')
def chosen(world):
    evil = httpsite.Site()
    world.closing.append(evil)
    agent = world.agent()
    for name in ('authorization_endpoint', 'token_endpoint'):
        for url in (f'http://127.0.0.1:{evil.port}/token', f'{world.provider.issuer}/token@evil', f'{world.provider.issuer}.evil/token'):
            try:
                result = agent.call('start_oauth_flow', {'provider': 'oauth2', 'scopes': ['read'], 'secret_name': 'mine', name: url})
            except Refused as refusal:
                result = {'message': refusal.message}
            contains(json.dumps(result), 'which is at 127.0.0.1')
            lacks(json.dumps(result), 'completed')
    equal(world.human(pin=True).pending(), [], 'what waits for a person')
    equal(evil.greeted, 0)


@case('the workers that listen and that have the tokens are closed to other processes of the user')
def memory(world):
    human, login, back = world.begun()
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)['code'][0]
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)['state'][0]
    listening = world.workers()
    equal(bool(listening), True, 'the worker that listens')
    for pid in listening:
        closed(pid, [state.encode()])
    world.provider.hold('/token')
    equal(oidcworld.visit(back)[0], 200)
    world.provider.hear('held')
    exchanging = world.workers()
    equal(bool(exchanging), True, 'the worker that exchanges')
    for pid in exchanging:
        closed(pid, [code.encode(), state.encode()])
    world.provider.release('/token')
    equal(world.over(human, login)['ok'], True)


@case('nothing of a login is in a file, an argument or the trail that others could read')
def traces(world):
    done, _ = world.log_in()
    equal(done['ok'], True)
    values = [world.reveal(name).encode() for name in ('oauth2-token', 'oauth2-token_refresh')]
    for folder, _, names in os.walk(world.base):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, 'rb') as file:
                    data = file.read()
                for value in values:
                    equal(value in data, False, path)


sys.exit(tap.run(World))
