# SPDX-License-Identifier: MIT
"""countersign-worker-http listens for the answer of a login: from a real provider and a real browser, and from everybody else."""

import os
import socket
import urllib.parse

import exchanges
import oidcworld
import worker
from exchanges import values_of
from lines import Closed, Refused
from tap import case, contains, equal, lacks, note

STATE = 'st4te-0f9Kx2QmLw4Zr81vBn36'
PATH = '/oauth/callback'
CODE = 'c0de-7f9Kx2QmLw4Zr81vBn36'


class World(exchanges.World):
    def listen(self, state=STATE, port=0, title='example', **more):
        """A worker that listens, and its port."""
        started = self.fresh()
        return started, started.call('listen', {'port': port, 'path': PATH, 'state': state, 'title': title, **more})['port']

    @staticmethod
    def wait(started, timeout=60000):
        return started.start('callback', {'timeout_ms': timeout})

    @staticmethod
    def outcome(started, call):
        """The code, or the word of the error."""
        result = dict(started.answer(call))
        if result['outcome'] == 'error':
            return result['code']
        equal(result['outcome'], 'code')
        return values_of(started, result)


def raw(port, data, host='127.0.0.1', half=False):
    """What comes back when these bytes are sent; half: and the connection is left open."""
    connection = socket.create_connection((host, port), timeout=60)
    connection.sendall(data if isinstance(data, bytes) else data.encode())
    if half:
        return connection
    with connection:
        answer = b''
        while True:
            piece = connection.recv(65536)
            if not piece:
                return answer.decode()
            answer += piece


def get(port, target, host=None, method='GET', extra=''):
    return raw(port, f'{method} {target} HTTP/1.1\r\nHost: {host or f"localhost:{port}"}\r\n{extra}\r\n')


def right(state=STATE, code=CODE, **more):
    return f'{PATH}?{urllib.parse.urlencode({"code": code, "state": state, **more})}'


def closed(port, host='127.0.0.1'):
    try:
        socket.create_connection((host, port), timeout=60).close()
    except ConnectionRefusedError:
        return True
    return False


def has_ipv6():
    try:
        with socket.create_server(('::1', 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


# ---- a provider ----

@case('somebody logs in at a real provider, in a real browser, and the code that comes is good')
def browser(world):
    started, port = world.listen(issuer=world.provider.issuer, issuer_required=True, title='ann’s provider')
    started.end()
    redirect = f'http://localhost:{port}{PATH}'
    url, state, verifier = world.provider.authorize(redirect)
    started, _ = world.listen(state=state, port=port, issuer=world.provider.issuer, issuer_required=True)
    call = world.wait(started)
    page = oidcworld.Browser(world).log_in(url)
    equal(page['status'], 200)
    contains(page['text'], 'You can close this window')
    code = world.outcome(started, call)['code']
    tokens = world.exchange(world.token(grant_type='authorization_code', redirect_uri=redirect, code={'secret': 'c'},
                                        code_verifier={'secret': 'v'}), secrets={'c': code, 'v': verifier})
    equal(tokens['ok'], True, tokens)
    equal(closed(port), True, 'the listener')


@case('who refuses the consent is told so, and so is the broker')
def refused_consent(world):
    started, port = world.listen()
    started.end()
    url, state, _ = world.provider.authorize(f'http://localhost:{port}{PATH}')
    started, _ = world.listen(state=state, port=port, issuer=world.provider.issuer)
    call = world.wait(started)
    status, _, text = oidcworld.visit(oidcworld.Person('bob').log_in(url, consent=False))
    equal(status, 200)
    contains(text, 'There was no login')
    equal(world.outcome(started, call), 'access_denied')


@case('the page loads nothing, runs nothing, is kept nowhere and repeats nothing')
def page(world):
    started, port = world.listen(title='<b>&amp;')
    call = world.wait(started)
    status, headers, text = oidcworld.visit(f'http://localhost:{port}{right(scope="r3peated")}')
    equal(status, 200)
    policy = headers['Content-Security-Policy']
    contains(policy, "default-src 'none'")
    lacks(policy, 'unsafe')
    equal((headers['Cache-Control'], headers['Referrer-Policy'], headers['X-Content-Type-Options']),
          ('no-store', 'no-referrer', 'nosniff'))
    for part in (CODE, STATE, 'r3peated', '<script', '<b>', 'http:', 'https:'):
        lacks(text, part)
    contains(text, '&lt;b&gt;&amp;amp;')
    equal(world.outcome(started, call), {'code': CODE})


# ---- everybody else ----

WRONG = [
    ('no state', f'{PATH}?code=x', 400),
    ('another state', right(state=STATE[:-1] + 'x'), 400),
    ('a state that is only the beginning', right(state=STATE[:-1]), 400),
    ('a longer state', right(state=STATE + 'x'), 400),
    ('an empty state', right(state=''), 400),
    ('an error without state', f'{PATH}?error=access_denied', 400),
    ('an error with another state', f'{PATH}?error=access_denied&state=x', 400),
    ('another issuer', right(iss='https://evil.example'), 400),
    ('the issuer with a slash more', right(iss='https://id.example/'), 400),
    ('no issuer', right(), 400),
    ('state twice', right(iss='https://id.example') + f'&state={STATE}', 400),
    ('two codes', right(iss='https://id.example') + '&code=other', 400),
    ('two issuers', right(iss='https://id.example') + '&iss=https://evil.example', 400),
    ('code and error', right(iss='https://id.example') + '&error=access_denied', 400),
    ('neither code nor error', f'{PATH}?state={STATE}&iss=https://id.example', 400),
    ('an empty code', right(code='', iss='https://id.example'), 400),
    ('a code with a line break', right(code='a\nb', iss='https://id.example'), 400),
    ('a percent sign that nothing follows', right(iss='https://id.example') + '%', 400),
    ('a NUL', right(iss='https://id.example') + '&x=%00', 400),
    ('another path', '/' + right(iss='https://id.example').lstrip('/').replace('oauth', 'Oauth'), 404),
    ('a path with a slash more', right(iss='https://id.example').replace('?', '/?'), 404),
    ('the whole URL as target', f'http://localhost{right(iss="https://id.example")}', 400),
    ('the icon of a site', '/favicon.ico', 404),
]


@case('what is not the answer of this flow is told so, and the flow goes on')
def wrong(world):
    started, port = world.listen(issuer='https://id.example', issuer_required=True)
    call = world.wait(started)
    for what, target, status in WRONG:
        answer = get(port, target)
        contains(answer[:40], f'HTTP/1.1 {status} ')
        lacks(answer, 'You can close')
        lacks(answer, 'evil')
        note(f'{what}: {answer.split()[1]}')
    contains(get(port, right(iss='https://id.example')), 'You can close')
    equal(world.outcome(started, call), {'code': CODE})


@case('an issuer that does not announce that it names itself may leave it out, and may not name another')
def silent_issuer(world):
    for issuer, target, taken in (('https://id.example', right(), True), (None, right(iss='https://any.example'), True),
                                  ('https://id.example', right(iss='https://evil.example'), False)):
        started, port = world.listen(**({} if issuer is None else {'issuer': issuer}))
        call = world.wait(started)
        equal('You can close' in get(port, target), taken, f'{issuer} {target}')
        if not taken:
            get(port, right())
        equal(world.outcome(started, call), {'code': CODE})


REQUESTS = [
    ('another method', lambda p: f'POST {right()} HTTP/1.1\r\nHost: localhost:{p}\r\n\r\n', 405),
    ('HEAD', lambda p: f'HEAD {right()} HTTP/1.1\r\nHost: localhost:{p}\r\n\r\n', 405),
    ('a foreign Host', lambda p: f'GET {right()} HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421),
    ('a foreign Host with our port', lambda p: f'GET {right()} HTTP/1.1\r\nHost: evil.example:{p}\r\n\r\n', 421),
    ('our name with another port', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p ^ 1}\r\n\r\n', 421),
    ('a name that only begins as ours', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p}.evil.example\r\n\r\n', 421),
    ('no Host', lambda p: f'GET {right()} HTTP/1.1\r\nA: b\r\n\r\n', 400),
    ('two Hosts', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p}\r\nHost: localhost:{p}\r\n\r\n', 400),
    ('a body', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p}\r\nContent-Length: 3\r\n\r\nabc', 400),
    ('chunks', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400),
    ('a header that is folded', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p}\r\n and more\r\n\r\n', 400),
    ('a space before the colon', lambda p: f'GET {right()} HTTP/1.1\r\nHost : localhost:{p}\r\n\r\n', 400),
    ('bare line feeds in between', lambda p: f'GET {right()} HTTP/1.1\nHost: localhost:{p}\n\r\n\r\n', 400),
    ('HTTP/2 by surprise', lambda p: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400),
    ('HTTP/0.9', lambda p: f'GET {right()}\r\n\r\n', 400),
    ('two spaces', lambda p: f'GET  {right()} HTTP/1.1\r\nHost: localhost:{p}\r\n\r\n', 400),
    ('something else than HTTP', lambda p: '\x16\x03\x01\x02\x00' + 'x' * 100 + '\r\n\r\n', 400),
    ('a target of nine kilobytes', lambda p: f'GET {right(pad="p" * 9000)} HTTP/1.1\r\nHost: localhost:{p}\r\n\r\n', 431),
    ('nine kilobytes without an end', lambda p: 'GET /' + 'p' * 9000, 431),
    ('headers of nine kilobytes', lambda p: f'GET {right()} HTTP/1.1\r\nHost: localhost:{p}\r\nCookie: {"c" * 9000}\r\n\r\n', 431),
]


@case('what is no request for this page is refused, and the flow goes on')
def requests(world):
    started, port = world.listen()
    call = world.wait(started)
    for what, make, status in REQUESTS:
        answer = raw(port, make(port))
        equal(answer[9:12], str(status), what)
        lacks(answer, CODE)
    for host in (f'localhost:{port}', f'127.0.0.1:{port}', f'[::1]:{port}', f'LOCALHOST:{port}'):
        contains(get(port, '/elsewhere', host), '404')
    get(port, right())
    equal(world.outcome(started, call), {'code': CODE})


@case('a code is taken once: the next who comes finds nobody')
def twice(world):
    started, port = world.listen()
    contains(get(port, right()), 'You can close')
    equal(closed(port), True)
    call = world.wait(started)  # who came before it was waited for is not lost
    equal(world.outcome(started, call), {'code': CODE})


@case('of two right answers at the same time one is taken, and the other is told that it was not')
def race(world):
    started, port = world.listen()
    first, second = (raw(port, f'GET {right(code=code)} HTTP/1.1\r\nHost: localhost:{port}\r\n', half=True)
                     for code in ('one', 'other'))
    for connection in (first, second):
        connection.sendall(b'\r\n')
    pages = []
    for connection in (first, second):
        with connection:
            text = b''
            while piece := connection.recv(65536):
                text += piece
            pages.append('You can close' in text.decode())
    equal(sorted(pages), [False, True])
    taken = world.outcome(started, world.wait(started))['code']
    equal(taken, ('one', 'other')[pages.index(True)])


@case('two flows at once do not take each other’s answers')
def two_flows(world):
    one, port = world.listen(state='a' * 20)
    two, other = world.listen(state='b' * 20)
    contains(get(other, right(state='a' * 20)), 'another login')
    get(port, right(state='a' * 20, code='one'))
    get(other, right(state='b' * 20, code='two'))
    equal(world.outcome(one, world.wait(one)), {'code': 'one'})
    equal(world.outcome(two, world.wait(two)), {'code': 'two'})


@case('a port that somebody has is named, also when they have it under IPv6 alone')
def squatted(world):
    for host, family in (('127.0.0.1', socket.AF_INET), ('0.0.0.0', socket.AF_INET), ('::1', socket.AF_INET6)):
        if family == socket.AF_INET6 and not has_ipv6():
            note('there is no IPv6 here')
            continue
        with socket.create_server((host, 0), family=family) as squatter:
            port = squatter.getsockname()[1]
            try:
                world.listen(port=port)
            except Refused as refusal:
                equal(refusal.data['reason'], 'port')
                contains(refusal.message, f'port {port} ')
                contains(refusal.message, 'callback-port any')
            else:
                raise AssertionError(f'{host}: it listens beside them')


@case('nobody can take the port beside it, under either kind of address')
def shared(world):
    _, port = world.listen()
    for host, family in (('127.0.0.1', socket.AF_INET), ('0.0.0.0', socket.AF_INET), ('::1', socket.AF_INET6), ('::', socket.AF_INET6)):
        if family == socket.AF_INET6 and not has_ipv6():
            continue
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            with socket.socket(family) as other:
                other.setsockopt(socket.SOL_SOCKET, option, 1)
                if family == socket.AF_INET6:
                    other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                try:
                    other.bind((host, port))
                    other.listen()
                except OSError:
                    continue
                raise AssertionError(f'{host} with {option} was given')


@case('it is reached under both kinds of address of this machine, and under no other')
def addresses(world):
    started, port = world.listen()
    hosts = ['127.0.0.1', *(['::1'] if has_ipv6() else [])]
    for host in hosts:
        contains(raw(port, f'GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n', host), '404')
    equal(closed(port, '127.0.0.2'), True, 'another address of this machine')
    own = {entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)} - {'127.0.0.1', '::1'}
    for host in own:
        if not host.startswith(('127.', 'fe80')):
            equal(closed(port, host), True, host)
    contains(raw(port, f'GET {right()} HTTP/1.1\r\nHost: [::1]:{port}\r\n\r\n', hosts[-1]), 'You can close')
    equal(world.outcome(started, world.wait(started)), {'code': CODE})


@case('a hundred who connect and say nothing, or half of it, keep nobody out')
def half_open(world):
    started, port = world.listen()
    call = world.wait(started)
    half = f'GET {right(code="stolen")} HTTP/1.1\r\nHost: localhost:{port}\r\n'
    idle = [raw(port, '' if i % 2 else half, half=True) for i in range(100)]
    contains(get(port, '/elsewhere'), '404')
    equal(idle[0].recv(1, socket.MSG_DONTWAIT), b'', 'the oldest has given way')
    idle[98].sendall(b'Host: twice\r\n\r\n')
    equal(idle[98].recv(12), b'HTTP/1.1 400', 'the newest has not')
    contains(get(port, right()), 'You can close')
    equal(world.outcome(started, call), {'code': CODE})
    for connection in idle:
        connection.close()


@case('a hundred who come at once are all answered')
def many(world):
    started, port = world.listen()
    call = world.wait(started)
    for _ in range(2):
        open_ = [raw(port, f'GET {right(state="x" * 20)} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n', half=True) for _ in range(50)]
        for connection in open_:
            with connection:
                equal(connection.recv(12), b'HTTP/1.1 400')
    get(port, right())
    equal(world.outcome(started, call), {'code': CODE})


@case('who goes in the middle, before or after asking, changes nothing')
def goes(world):
    started, port = world.listen()
    call = world.wait(started)
    for data in ('', 'GE', f'GET {right(state="x" * 20)} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n'):
        connection = raw(port, data, half=True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
        connection.close()
    get(port, right())
    equal(world.outcome(started, call), {'code': CODE})


@case('an answer counts although whoever brought it does not wait for the page')
def no_page(world):
    started, port = world.listen()
    call = world.wait(started)
    connection = raw(port, f'GET {right()} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n', half=True)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
    connection.close()
    equal(world.outcome(started, call), {'code': CODE})


ERRORS = [('access_denied', 'access_denied'), ('temporarily_unavailable', 'unavailable'), ('server_error', 'unavailable'), ('login_required', 'refused'),
          ('unsupported_response_type', 'unsupported'), ('unauthorized_client', 'invalid_client'),
          ('r3peated<script>', 'refused'), ('', 'refused')]


@case('an error becomes a word of ours, and its description goes nowhere')
def errors(world):
    for word, told in ERRORS:
        started, port = world.listen()
        text = get(port, f'{PATH}?{urllib.parse.urlencode({"error": word, "state": STATE, "error_description": "r3peated"})}')
        contains(text, 'There was no login')
        lacks(text, 'r3peated')
        equal(world.outcome(started, world.wait(started)), told)


@case('when nobody comes in time it ends, and the port with it')
def timeout(world):
    started, port = world.listen()
    try:
        started.answer(world.wait(started, 300))
    except Refused as refusal:
        equal(refusal.data['reason'], 'timeout')
    else:
        raise AssertionError('it was not refused')
    equal(closed(port), True)


@case('the listener ends with the broker')
def broker_gone(world):
    started, port = world.listen()
    world.wait(started)
    equal(started.end(), 0)
    equal(closed(port), True)


@case('what listens can do nothing else, and does it once')
def nothing_else(world):
    started, port = world.listen()
    calls = [('listen', {'port': 0, 'path': PATH, 'state': STATE, 'title': 'x'}),
             ('exchange', {'request': {'url': f'http://localhost:{port}/', 'network': 'loopback', 'method': 'GET'}, 'answer': 'jwks',
                           'timeout_ms': 1000}),
             ('open', {'service': world.service(place={'kind': 'none'})})]
    for method, params in calls:
        try:
            started.call(method, params)
        except Refused:
            continue
        raise AssertionError(f'{method}: was not refused')
    world.wait(started)
    try:
        started.answer(world.wait(started))
    except Refused as refusal:
        equal(refusal.data['reason'], 'protocol')
    started.end()


@case('no listener is begun for a state that could be guessed, or without a path')
def bad_params(world):
    for params in ({'state': 'short'}, {'path': ''}, {'port': 65536}, {'title': ''}, {'host': '0.0.0.0'}):
        try:
            world.fresh().call('listen', {'port': 0, 'path': PATH, 'state': STATE, 'title': 'x', **params})
        except (Refused, Closed) as refusal:
            equal(refusal.data['reason'], 'params', params)
        else:
            raise AssertionError(f'{params}: was not refused')


assert os.geteuid() != 0, 'a test of an ordinary user'
worker.main(World)
