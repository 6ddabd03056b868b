# SPDX-License-Identifier: MIT
"""countersign-worker-http exchanges with a real OpenID provider, and with answers that no provider should give."""

import email.utils
import gzip
import hashlib
import json
import os
import signal
import time
import urllib.parse

import exchanges
import httpsite
import oidcworld
import worker
from cryptography.exceptions import InvalidTag
from exchanges import open_parcel, values_of
from lines import Closed, Refused
from tap import case, contains, equal, lacks

TOKEN = {'access_token': 'at-0f9Kx2QmLw4Zr81vBn36', 'token_type': 'Bearer', 'expires_in': 3600}
JSON = ('Content-Type', 'application/json')


# ---- a real provider ----

@case('a code is exchanged once, for tokens that the provider itself knows')
def code(world):
    request, secrets = world.code_request()
    result = world.exchange(request, secrets=secrets)
    equal(result['fields']['token_type'], 'Bearer')
    equal(result['fields']['expires_in'], 600)
    equal(sorted(result['values']), ['access_token', 'id_token', 'refresh_token'])
    equal(world.provider.introspect(result['values']['access_token'])['sub'], 'ann')
    again = world.exchange(request, secrets=secrets)
    equal((again['ok'], again['code'], again['http_status']), (False, 'invalid_grant', 400))


@case('a code without its verifier is refused')
def verifier(world):
    request, secrets = world.code_request()
    result = world.exchange(request, secrets={**secrets, 'verifier': 'x' * 43})
    equal((result['ok'], result['code']), (False, 'invalid_grant'))


@case('a refresh token is used up, and its use again ends what it was good for')
def rotation(world):
    first = world.tokens()
    second = world.exchange(world.refresh_request(), secrets={'refresh': first['refresh_token']})['values']
    assert second['refresh_token'] != first['refresh_token'], 'it was not rotated'
    equal(world.provider.introspect(second['access_token'])['active'], True)
    again = world.exchange(world.refresh_request(), secrets={'refresh': first['refresh_token']})
    equal(again['code'], 'invalid_grant')
    equal(world.provider.introspect(second['access_token'])['active'], False)


@case('a client whose name and secret have what Basic cannot carry as it is, is known')
def basic(world):
    request, secrets = world.code_request(client='countersign basic')
    request['form'] = [pair for pair in request['form'] if pair[0] != 'client_id']
    request['headers'] = [['Authorization', {'basic': ['countersign basic', 'client-secret']}]]
    result = world.exchange(request, secrets={**secrets, 'client-secret': oidcworld.CLIENT_SECRET})
    equal(result['ok'], True, result)
    wrong = world.exchange(request, secrets={**secrets, 'client-secret': oidcworld.CLIENT_SECRET[:-1]})
    equal((wrong['ok'], wrong['code']), (False, 'invalid_client'))


@case('a client may send its secret in the form')
def post(world):
    request, secrets = world.code_request(client='countersign-post')
    request['form'] = [['client_id', 'countersign-post'], ['client_secret', {'secret': 'client-secret'}],
                       *[pair for pair in request['form'] if pair[0] != 'client_id']]
    equal(world.exchange(request, secrets={**secrets, 'client-secret': oidcworld.CLIENT_SECRET})['ok'], True)


@case('the device flow waits until the person has decided on another device')
def device(world):
    asked = world.exchange({'url': f'{world.provider.issuer}/device/auth',
                            'form': [['client_id', 'countersign'], ['scope', 'openid read']]}, 'oauth-device')
    equal(asked['fields']['verification_uri'], f'{world.provider.issuer}/device')
    poll = world.token(grant_type='urn:ietf:params:oauth:grant-type:device_code', device_code={'secret': 'device'})
    secrets = {'device': asked['values']['device_code']}
    equal(world.exchange(poll, secrets=secrets)['code'], 'authorization_pending')
    oidcworld.Person('eve').log_in(asked['fields']['verification_uri'], user_code=asked['fields']['user_code'])
    tokens = world.exchange(poll, secrets=secrets)['values']
    equal(world.provider.introspect(tokens['access_token'])['sub'], 'eve')


@case('its metadata are read where its issuer is the one that was expected')
def metadata(world):
    request = {'url': f'{world.provider.issuer}/.well-known/openid-configuration', 'method': 'GET'}
    result = world.exchange(request, 'oauth-metadata', expect={'issuer': world.provider.issuer})
    equal(result['fields']['issuer'], world.provider.issuer)
    other = world.exchange(request, 'oauth-metadata', expect={'issuer': 'http://127.0.0.1:1'})
    equal((other['ok'], other['code']), (False, 'answer'))


@case('a token that is revoked is not good any more')
def revoked(world):
    tokens = world.tokens()
    result = world.exchange({'url': f'{world.provider.issuer}/token/revocation',
                             'form': [['client_id', 'countersign'], ['token', {'secret': 'token'}]]}, 'oauth-revoked',
                            {'token': tokens['access_token']})
    equal(result['ok'], True, result)
    equal(world.provider.introspect(tokens['access_token'])['active'], False)


# ---- answers that no provider should give ----

def forced(world, respond):
    """A fake: a site that answers its token endpoint so."""
    return world.make_site(authority=None, modes={'token': lambda site, connection, request: respond(connection)})


def ask(world, respond, **more):
    site = forced(world, respond)
    return world.exchange({'url': f'http://localhost:{site.port}/token', 'form': [['grant_type', 'x']]}, **more)


def body(text, *headers, status='200 OK'):
    return lambda connection: httpsite.reply(connection, text.encode() if isinstance(text, str) else text, status=status,
                                             headers=headers or [JSON])


FORCED = [
    ('a page of HTML with status 200', body('<html>s3cr3t-in-the-body</html>', ('Content-Type', 'text/html')), 'answer'),
    ('a page of HTML with status 502', body('<html>s3cr3t-in-the-body</html>', ('Content-Type', 'text/html'), status='502 Bad'),
     'unavailable'),
    ('JSON that is cut', body(json.dumps(TOKEN)[:-9]), 'answer'),
    ('nothing at all', body(''), 'answer'),
    ('ten megabytes', body(b'{"access_token":"' + b'a' * (10 << 20) + b'"}'), 'answer'),
    ('a kilobyte that is ten megabytes once unpacked',
     body(gzip.compress(b' ' * (10 << 20)), JSON, ('Content-Encoding', 'gzip')), 'answer'),
    ('a megabyte of headers', lambda connection: httpsite.reply(
        connection, json.dumps(TOKEN).encode(), headers=[(f'X-{i}', 'h' * 1000) for i in range(1000)]), 'answer'),
    ('an unknown error with words of its own', body('{"error":"s3cr3t-in-the-body"}', JSON, status='400 Bad'), 'refused'),
    ('a token that would end a header', body(json.dumps({**TOKEN, 'access_token': 'a\r\nX-Evil: 1'})), 'answer'),
    ('a redirect', body('', JSON, ('Location', 'http://127.0.0.1:1/'), status='302 Found'), 'answer'),
]


@case('whatever a provider answers, there is a word for it, and none of its own words')
def forced_errors(world):
    for what, respond, wanted in FORCED:
        result = ask(world, respond)
        equal((result['ok'], result['code']), (False, wanted), what)
        lacks(result['message'], 's3cr3t-in-the-body')


@case('a provider that asks for patience is given it: the seconds are told')
def rate_limited(world):
    fake = oidcworld.Forced(world)
    fake.set(status=429, body={'error': 'slow down'}, headers={'Retry-After': '17'})
    result = world.exchange({'url': f'{fake.issuer}/token', 'form': [['grant_type', 'client_credentials'], ['scope', 'x']]})
    equal((result['code'], result['retry_after'], result['http_status']), ('rate_limited', 17, 429))


@case('a refusal by a provider whose clock is ten minutes off names the clock, and which way')
def skew(world):
    for seconds, words_ in ((600, 'behind that of'), (-600, 'ahead of that of')):
        date = email.utils.formatdate(time.time() + seconds, usegmt=True)
        result = ask(world, body('{}', JSON, ('Date', date), status='400 Bad'))
        equal((result['ok'], result['code']), (False, 'clock'), words_)
        contains(result['message'], words_)
    world.provider.set(skew=600)
    request, secrets = world.code_request()
    equal(world.exchange(request, secrets=secrets)['ok'], True, 'a token is a token')


@case('errors that a provider forces are told by its words, in ours')
def words(world):
    fake = oidcworld.Forced(world)
    for word, code in (('invalid_grant', 'invalid_grant'), ('invalid_client', 'invalid_client'),
                       ('invalid_scope', 'invalid_scope'), ('slow_down', 'slow_down')):
        fake.set(status=400, body={'error': word, 'error_description': 's3cr3t-in-the-body'})
        result = world.exchange({'url': f'{fake.issuer}/token', 'form': [['grant_type', 'client_credentials']]})
        equal(result['code'], code)
        lacks(json.dumps(result), 's3cr3t-in-the-body')


@case('a provider that drips is given up when its time is over')
def slow(world):
    site = world.make_site(authority=None)
    for mode in ('drip', 'silent'):
        why, message = world.refused({'url': f'http://localhost:{site.port}/{mode}', 'form': []}, timeout=1500)
        equal(why, 'timeout', mode)
        contains(message, 'localhost')


@case('an answer that breaks off, and a site that hangs up, are no answers')
def broken(world):
    site = world.make_site(authority=None)
    for mode in ('half', 'hang-up', 'reset', 'garbage'):
        why, _ = world.refused({'url': f'http://localhost:{site.port}/{mode}', 'form': []})
        equal(why, 'protocol', mode)


@case('a redirect is not followed')
def redirect(world):
    other, site = world.make_site(authority=None), world.make_site(authority=None)
    result = world.exchange({'url': f'http://localhost:{site.port}/redirect?status=307&to=http://localhost:{other.port}/',
                             'form': [['code', {'secret': 'code'}]]}, secrets={'code': 'the code'})
    equal(result['ok'], False)
    equal(other.greeted, 0, 'connections to where it leads')


@case('a provider is proven by its certificate, and by the authority that its file names')
def certificate(world):
    request = {'url': f'https://localhost:{world.site.port}/', 'form': []}
    equal(world.refused(request)[0], 'tls')
    result = world.exchange({**request, 'ca': world.authority.pem})
    equal((result['ok'], result['code']), (False, 'answer'), 'the site answers')


@case('an address that is not on the network of the file is connected to by nobody')
def network(world):
    site = world.make_site(authority=None)
    for url, net in ((f'https://localhost:{site.port}/', 'public'), ('https://169.254.169.254/', 'public'),
                     ('https://169.254.169.254/', 'loopback')):
        equal(world.refused({'url': url, 'network': net, 'form': []})[0], 'refused_address', url)
    equal(world.refused({'url': f'http://localhost:{site.port}/', 'network': 'public', 'form': []})[0], 'protocol')
    equal(site.greeted, 0)


# ---- what is sent ----

@case('each value goes where it belongs, encoded as forms are, and nowhere else')
def placed(world):
    site = world.make_site(authority=None)
    secret = 'a b&c=d%+\u00e4/*~'
    world.exchange({'url': f'http://localhost:{site.port}/x?y=1', 'headers': [['Accept', 'application/json'],
                                                                             ['X-Key', {'secret': 'key', 'prefix': 'Key '}]],
                    'form': [['plain', 'ü & co'], ['value', {'secret': 'value'}], ['pre', {'secret': 'key', 'prefix': 'p '}]]},
                   secrets={'value': secret, 'key': 'k3y'})
    request = site.wait_seen(1)
    equal(request.method, 'POST')
    equal(request.target, '/x?y=1')
    equal(request.header('X-Key'), ['Key k3y'])
    equal(request.header('Content-Type'), ['application/x-www-form-urlencoded'])
    equal(urllib.parse.parse_qsl(request.body.decode()), [('plain', 'ü & co'), ('value', secret), ('pre', 'p k3y')])
    contains(request.body, b'%7E')
    equal(request.count('k3y'), 2)


@case('JSON is sent as JSON')
def sent_json(world):
    site = world.make_site(authority=None)
    world.exchange({'url': f'http://localhost:{site.port}', 'headers': [['Authorization', {'secret': 'jwt', 'prefix': 'Bearer '}]],
                    'json': {'repositories': ['one'], 'permissions': {'contents': 'read'}}}, secrets={'jwt': 'a.b.c'})
    request = site.wait_seen(1)
    equal((request.target, request.header('Authorization')), ('/', ['Bearer a.b.c']))
    equal(json.loads(request.body), {'repositories': ['one'], 'permissions': {'contents': 'read'}})


@case('a secret may be a member of JSON that is sent')
def sent_json_secret(world):
    site = world.make_site(authority=None)
    world.exchange({'url': f'http://localhost:{site.port}', 'method': 'DELETE',
                    'json': {'access_token': {'secret': 'token'}, 'other': {'secret': 'a', 'more': 1}, 'deep': {'a': {'secret': 'token'}}}},
                   secrets={'token': 'quote " and \u00e9'})
    request = site.wait_seen(1)
    equal(json.loads(request.body), {'access_token': 'quote " and \u00e9', 'other': {'secret': 'a', 'more': 1},
                                     'deep': {'a': {'secret': 'token'}}})


@case('a request to AWS is signed with its body')
def sigv4(world):
    site = world.make_site(authority=None)
    world.exchange({'url': f'http://localhost:{site.port}/', 'form': [['Action', 'AssumeRole'], ['Version', '2011-06-15']],
                    'sigv4': {'region': 'eu-central-1', 'service': 'sts', 'key': 'aws'}},
                   secrets={'aws': 'AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY:session/token'})
    request = site.wait_seen(1)
    signed, = request.header('Authorization')
    contains(signed, 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/')
    contains(signed, '/eu-central-1/sts/aws4_request')
    contains(signed, 'content-type;host;x-amz-content-sha256;x-amz-date')
    equal(request.header('X-Amz-Security-Token'), ['session/token'])
    equal(request.header('X-Amz-Content-Sha256'), [hashlib.sha256(request.body).hexdigest()])
    equal(request.count('wJalrXUtn'), 0)


WRONG = [
    ('a secret that is not attached', {'form': [['a', {'secret': 'other'}]]}, 'other is not attached'),
    ('a secret of JSON that is not attached', {'json': {'a': {'secret': 'other'}}}, 'other is not attached'),
    ('a secret of JSON that is not text', {'json': {'a': {'secret': 'bytes'}}}, 'not text'),
    ('a field that is not known', {'form': [], 'follow': True}, 'follow'),
    ('form and json', {'form': [], 'json': {}}, 'form or json'),
    ('Basic in a form', {'form': [['a', {'basic': ['me', 'key']}]]}, 'basic'),
    ('a value of both kinds', {'headers': [['A', {'secret': 'key', 'basic': ['me', 'key']}]]}, 'secret or basic'),
    ('a pair of three', {'form': [['a', 'b', 'c']]}, 'pairs'),
    ('a header that is ours to set', {'headers': [['Host', 'other']]}, 'Host'),
    ('a header with a line break', {'headers': [['A', {'secret': 'lines'}]]}, 'A: the value'),
    ('a name that ends its line', {'headers': [['A: b\r\nC', {'secret': 'key'}]]}, 'name'),
    ('somebody in the URL', {'url': 'http://me:pw@localhost/', 'form': []}, 'url'),
    ('a fragment', {'url': 'http://localhost/#a', 'form': []}, 'url'),
    ('a file', {'url': 'file:///etc/passwd', 'form': []}, 'host'),
]


@case('what cannot be sent as it is said is not sent')
def wrong(world):
    site = world.make_site(authority=None)
    for what, request, words_ in WRONG:
        why, message = world.refused({'url': f'http://localhost:{site.port}/', **request},
                                     secrets={'key': 'k3y', 'lines': 'a\r\nB: c', 'bytes': b'\xff\xfe'})
        equal(why, 'protocol', what)
        contains(message, words_)
        lacks(message, 'k3y')
    equal(site.greeted, 0)


@case('a reader that is not known is refused before anything is sent')
def reader(world):
    site = world.make_site(authority=None)
    why, message = world.refused({'url': f'http://localhost:{site.port}/', 'form': []}, 'oauth-tokens')
    equal(why, 'protocol')
    contains(message, 'oauth-tokens')
    equal(site.greeted, 0)


@case('a worker does one exchange, and nothing before or after it')
def once(world):
    request, secrets = world.code_request()
    started, call = world.begin(request, 'oauth-token', secrets)
    values_of(started, started.answer(call))
    for method, params in (('exchange', {'request': request, 'answer': 'oauth-token', 'timeout_ms': 1000}),
                           ('listen', {'port': 0, 'path': '/', 'state': 's' * 16, 'title': 'x'})):
        try:
            started.call(method, params)
        except Refused as refusal:
            equal(refusal.data['reason'], 'protocol', method)
        else:
            raise AssertionError(f'{method}: was not refused')


# ---- what must not get lost ----

def parcel_file(world):
    path = os.path.join(world.base, 'parcel')
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600), path


@case('an answer is in its parcel before it is told')
def parcel(world):
    fd, path = parcel_file(world)
    key = os.urandom(32)
    tokens = world.tokens()
    started, call = world.begin(world.refresh_request(), 'oauth-token', {'refresh': tokens['refresh_token']}, (fd, key))
    result = started.answer(call)
    equal(result['parcel'], True)
    told = values_of(started, result)
    with open(path, 'rb') as file:
        data = file.read()
    for value in told.values():
        lacks(data, value.encode())
    fields, kept = open_parcel(key, data)
    equal((fields, kept), (result['fields'], told))
    for length in (0, 1, 12, 13, len(data) // 2, len(data) - 1):
        try:
            open_parcel(key, data[:length])
        except (InvalidTag, AssertionError, ValueError):
            continue
        raise AssertionError(f'{length} bytes of it were taken for the whole')
    os.close(fd)


@case('when the broker is gone in the middle of a refresh, its answer is in the parcel all the same')
def nobody_listens(world):
    fd, path = parcel_file(world)
    key = os.urandom(32)
    tokens = world.tokens()
    world.provider.hold('/token')
    started, _ = world.begin(world.refresh_request(), 'oauth-token', {'refresh': tokens['refresh_token']}, (fd, key))
    world.provider.hear('held')
    started.process.send_signal(signal.SIGTERM)  # as systemd does when the broker's unit stops
    started.sock.close()
    world.provider.release('/token')
    equal(started.end(), 0)
    with open(path, 'rb') as file:
        _, kept = open_parcel(key, file.read())
    equal(world.provider.introspect(kept['access_token'])['active'], True)
    fresh = world.exchange(world.refresh_request(), secrets={'refresh': kept['refresh_token']})
    equal(fresh['ok'], True, 'the refresh token that was kept')
    os.close(fd)


@case('without a parcel a worker ends with its broker')
def ends(world):
    tokens = world.tokens()
    world.provider.hold('/token')
    started, _ = world.begin(world.refresh_request(), 'oauth-token', {'refresh': tokens['refresh_token']})
    world.provider.hear('held')
    equal(started.end(), 0)


@case('what a worker that was killed has left in the parcel is not taken for an answer')
def killed(world):
    fd, path = parcel_file(world)
    tokens = world.tokens()
    world.provider.hold('/token')
    started, call = world.begin(world.refresh_request(), 'oauth-token', {'refresh': tokens['refresh_token']},
                                (fd, os.urandom(32)))
    world.provider.hear('held')
    started.process.kill()
    try:
        started.answer(call)
    except Closed:
        pass
    equal(os.path.getsize(path), 0)
    started.process.wait()
    started.process.returncode = 0  # by our hand
    os.close(fd)


@case('a refusal leaves the parcel empty, and what cannot be written says so and is told')
def not_kept(world):
    fd, path = parcel_file(world)
    started, call = world.begin(world.refresh_request(), 'oauth-token', {'refresh': 'x' * 43}, (fd, os.urandom(32)))
    equal(started.answer(call)['ok'], False)
    equal(os.path.getsize(path), 0)
    os.close(fd)
    with open('/dev/full', 'wb') as full:
        tokens = world.tokens()
        started, call = world.begin(world.refresh_request(), 'oauth-token', {'refresh': tokens['refresh_token']},
                                    (full.fileno(), os.urandom(32)))
        result = started.answer(call)
    equal((result['ok'], result['parcel']), (True, False))
    equal(world.provider.introspect(values_of(started, result)['access_token'])['active'], True)


@case('a parcel without its key, and a key of another length, are refused')
def bad_parcel(world):
    for attached in ([('parcel', None)], [('parcel_key', os.urandom(32))], [('parcel', None), ('parcel_key', os.urandom(64))]):
        started = world.fresh()
        for as_, value in attached:
            with open(os.path.join(world.base, 'x'), 'wb') as file:
                started.attach(as_, value, **({'fd': file.fileno()} if value is None else {}))
        try:
            world.begin({'url': 'http://localhost:1/', 'form': []}, 'oauth-token', worker=started)[0].answer(started.last)
        except Refused as refusal:
            equal(refusal.data['reason'], 'protocol')
        else:
            raise AssertionError('was not refused')


worker.main(exchanges.World)
