# SPDX-License-Identifier: MIT
"""countersign-worker-http: the credential in its place, answers looked through, an end to everything."""

import base64
import contextlib
import hashlib
import hmac
import os
import select
import socket
import ssl
import threading

import httpworker
import worker
from httpworker import SECRET, ask, output_file, reason, send
from lines import Refused
from tap import case, contains, equal, lacks


@case('a request arrives as it was asked for, with the credential once')
def once(world):
    started = world.opened()
    result = ask(started, '/things?a=1&b=%2F', headers=[['Accept', 'application/json'], ['X-Own', 'mine']])
    equal(result['status'], 200)
    equal(result['body'], '{"ok":true}')
    equal(result['bytes'], 11)
    equal(result['truncated'], False)
    equal(result['redacted'], {})
    seen = world.site.seen[0]
    equal(seen.target, '/things?a=1&b=%2F')
    equal(seen.header('Authorization'), [f'Bearer {SECRET}'])
    equal(seen.header('Accept'), ['application/json'])
    equal(seen.header('X-Own'), ['mine'])
    equal(seen.header('Host'), [f'localhost:{world.site.port}'])
    equal(seen.count(SECRET), 1)
    equal(len(seen.header('User-Agent')), 1)


PLACES = {
    'bearer': ({'kind': 'bearer'}, SECRET, lambda r: r.header('Authorization') == [f'Bearer {SECRET}']),
    'basic with a user': ({'kind': 'basic', 'user': 'me'}, SECRET, lambda r: r.header('Authorization') == [
        'Basic ' + base64.b64encode(f'me:{SECRET}'.encode()).decode()]),
    'basic with the user in the value': ({'kind': 'basic'}, f'me:{SECRET}', lambda r: r.header('Authorization') == [
        'Basic ' + base64.b64encode(f'me:{SECRET}'.encode()).decode()]),
    'a header': ({'kind': 'header', 'name': 'X-Api-Key'}, SECRET, lambda r: r.header('X-Api-Key') == [SECRET]),
    'a header with a prefix': ({'kind': 'header', 'name': 'Authorization', 'prefix': 'token '}, SECRET,
                               lambda r: r.header('Authorization') == [f'token {SECRET}']),
    'the query': ({'kind': 'query', 'name': 'key'}, SECRET, lambda r: r.target == f'/x?a=1&key={SECRET}'),
    'the query, encoded': ({'kind': 'query', 'name': 'key'}, 'a&b=c d+e%/\u00e4', lambda r: r.query['key'] == 'a&b=c d+e%/\u00e4'),
    'a form': ({'kind': 'form', 'name': 'token'}, SECRET, lambda r: r.body == b'c=d&token=' + SECRET.encode()),
}


@case('each place gets the credential, and nothing else does')
def places(world):
    for sentence, (place, secret, right) in PLACES.items():
        form = place['kind'] == 'form'
        started = world.opened(place=place, secret=secret)
        ask(started, '/x?a=1', 'POST' if form else 'GET', **({'body': 'c=d'} if form else {}))
        seen = world.site.seen[-1]
        if not right(seen):
            raise AssertionError(f'{sentence}: {seen.raw!r}')
        if secret == SECRET and place['kind'] != 'basic':
            equal(seen.count(SECRET), 1, sentence)
        equal(len(seen.header('Authorization')), 1 if b'Authorization' in seen.raw else 0, sentence)


@case('a form that has no other field has this one')
def form_alone(world):
    started = world.opened(place={'kind': 'form', 'name': 'token'})
    for more in ({}, {'body': ''}):
        ask(started, '/x', 'POST', **more)
        equal(world.site.seen[-1].body, b'token=' + SECRET.encode())
        equal(world.site.seen[-1].header('Content-Type'), ['application/x-www-form-urlencoded'])


@case('in the path the credential stands where the target says')
def in_path(world):
    started = world.opened(place={'kind': 'path'}, secret='123:ab/c')
    ask(started, '/bot{credential}/getMe?x=1')
    equal(world.site.seen[0].target, '/bot123:ab%2Fc/getMe?x=1')
    for target in ('/none', '/{credential}/{credential}', '/x?y={credential}'):
        equal(reason(started, target)[0], 'protocol', target)
    equal(len(world.site.seen), 1)


@case('a service without a credential sends none')
def none(world):
    started = world.opened(place={'kind': 'none'})
    ask(started, '/x')
    equal(world.site.seen[0].header('Authorization'), [])


TARGETS = ('/', '/a/./b', '/a/../b', '/a/%2e%2E/b', '//a//b', '/a%2Fb', '/a;b=c', '/?', '/??', '/?a', '/a?b?c', '/a%00b',
           '/%zz', "/!$&'()*+,;=:@-._~", '/a|b', '/a{b}', '/a?q=<x>', '/a?b=c%23d', '/' + 'a' * 8000)


@case('the target is sent byte for byte')
def byte_for_byte(world):
    started = world.opened()
    for target in TARGETS:
        ask(started, target)
        equal(world.site.seen[-1].target, target)


@case('a target that cannot be sent as it is, is not sent')
def bad_targets(world):
    started = world.opened()
    for target in ('x', 'https://evil.example/', '/a b', '/a\tb', '/a\r\nX: y', '/a#b', '/a\\b', '/\u00e4', '/\x7f', '*'):
        equal(reason(started, target)[0], 'protocol', repr(target))
    equal(world.site.seen, [])


@case('headers that are not the caller\'s are refused, and those that would make two')
def bad_headers(world):
    started = world.opened(place={'kind': 'header', 'name': 'X-Api-Key'})
    for name, value in (('Host', 'x'), ('host', 'x'), ('Authorization', 'x'), ('Cookie', 'a=b'), ('Connection', 'close'),
                        ('Transfer-Encoding', 'chunked'), ('Content-Length', '3'), ('TE', 'trailers'), ('Upgrade', 'h2c'),
                        ('Proxy-Authorization', 'x'), ('Expect', '100-continue'), ('Accept-Encoding', 'br'),
                        ('x-api-key', 'mine'), ('X-A', 'b\r\nX-C: d'), ('X-A', 'b\nX-C: d'), ('X-A\r\nX-B', 'c'),
                        ('X A', 'b'), ('', 'b'), ('X-A', ''), ('X-A:', 'b')):
        equal(reason(started, '/', headers=[[name, value]])[0], 'protocol', f'{name!r}: {value!r}')
    equal(world.site.seen, [])


@case('methods, and their bodies')
def methods(world):
    started = world.opened()
    for method in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE'):
        equal(ask(started, '/x', method)['status'], 200, method)
        equal(world.site.seen[-1].method, method)
        equal(world.site.seen[-1].header('Content-Length'), ['0'] if method in ('POST', 'PUT', 'PATCH') else [], method)
    for method in ('POST', 'PUT', 'PATCH', 'DELETE', 'GET'):
        ask(started, '/x', method, body='{"a":1}', headers=[['Content-Type', 'application/json']])
        equal(world.site.seen[-1].body, b'{"a":1}', method)
        equal(world.site.seen[-1].header('Content-Type'), ['application/json'], method)
    ask(started, '/x', 'POST', body='x')
    equal(world.site.seen[-1].header('Content-Type'), [])
    ask(started, '/x', 'POST', attached=b'\x00\xff' * 100000)
    equal(world.site.seen[-1].body, b'\x00\xff' * 100000)
    equal(world.site.seen[-1].header('Expect'), [])
    for method in ('get', 'CONNECT', 'TRACE', 'G T'):
        equal(reason(started, '/x', method)[0], 'protocol', method)


@case('the answer has its status, useful headers and body')
def answer(world):
    started = world.opened()
    for code in (200, 201, 404, 429, 500):
        result = ask(started, f'/status?code={code}')
        equal(result['status'], code)
        equal(result['body'], '{"message":"so"}')
        headers = dict(result['headers'])
        equal(headers['X-Request-Id'], 'abc')
        equal(headers['Retry-After'], '7')
        equal([name for name in headers if name.lower() in ('set-cookie', 'connection')], [])


@case('cookies of one answer are not sent with the next request')
def cookies(world):
    started = world.opened()
    for _ in range(2):
        ask(started, '/status?code=200')
    equal(world.site.seen[1].header('Cookie'), [])


@case('bytes that are no text are told in base64')
def binary(world):
    result = ask(world.opened(), '/binary')
    equal(base64.b64decode(result['body_base64']), bytes(range(256)))


@case('headers of an interim answer are not the answer\'s')
def interim(world):
    headers = dict(ask(world.opened(), '/interim')['headers'])
    equal(headers.get('X-Final'), 'yes')
    equal(headers.get('X-Interim'), None)


@case('a redirect is told, not followed')
def redirect(world):
    started = world.opened()
    for code in (301, 302, 303, 307, 308):
        result = ask(started, f'/redirect?status={code}&to=/elsewhere')
        equal(result['status'], code)
        equal(dict(result['headers'])['Location'], '/elsewhere')
    equal(len(world.site.seen), 5)


@case('a long answer is cut where asked, and its rest is not waited for')
def cut(world):
    started = world.opened()
    for target in ('/big?mib=1024', '/forever', '/bomb?mib=64'):
        result = ask(started, target, max_bytes=70000)
        equal(result['truncated'], True, target)
        equal(len(result.get('body') or base64.b64decode(result['body_base64'])), 70000, target)
    equal(ask(started, '/big?mib=1', max_bytes=1 << 20)['truncated'], False)
    equal(ask(started, '/big?mib=1', max_bytes=(1 << 20) - 1)['truncated'], True)
    equal(ask(started, '/x', max_bytes=0)['body'], '')


@case('a body goes into a file when one is attached, looked through as well')
def to_file(world):
    started = world.opened()
    fd, path = output_file(world)
    result = ask(started, '/big?mib=8', output=fd)
    os.close(fd)
    equal(result['written'], 8 << 20)
    equal('body' in result, False)
    equal(os.path.getsize(path), 8 << 20)
    fd, path = output_file(world, 'echo')
    result = ask(started, '/echo', output=fd)
    os.close(fd)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    lacks(text, SECRET)
    contains(text, '[redacted:demo]')
    equal(result['redacted'], {'demo': 1})
    reader, writer = os.pipe()
    equal(reason(started, '/x', output=writer)[0], 'protocol')
    full = os.open('/dev/full', os.O_WRONLY)
    equal(reason(started, '/x', output=full)[0], 'protocol')
    for fd in (reader, writer, full):
        os.close(fd)


@case('a file that takes no more is an error that says so')
def full(world):
    started = world.opened()
    path = os.path.join(world.base, 'read-only')
    with open(path, 'wb'):
        pass
    fd = os.open(path, os.O_RDONLY)
    equal(reason(started, '/x', output=fd)[0], 'output')
    os.close(fd)


@case('what does not come in time, or not at all, is an error of its kind')
def slow(world):
    started = world.opened()
    for target in ('/drip', '/silent'):
        equal(reason(started, target, timeout_ms=700)[0], 'timeout', target)
    for target in ('/garbage', '/half', '/unknown?encoding=br', '/unknown?encoding=gzip'):
        equal(reason(started, target)[0], 'protocol', target)
    equal(reason(started, '/headers?kib=80')[0], 'too_large')
    equal(ask(started, '/headers?kib=40')['status'], 200)
    equal(ask(started, '/x')['status'], 200)


@case('nobody there is an error of its kind')
def nobody(world):
    started = world.opened()
    world.site.close()
    equal(reason(started, '/x')[0], 'connect')


@case('several requests run at once, and each gets its own answer')
def several(world):
    started = world.opened()
    calls = {number: send(started, f'/echo?n={number}') for number in range(20)}
    for number, call in reversed(calls.items()):
        result = started.answer(call)
        contains(result['body'], f'/echo?n={number} ')
        equal(result['redacted'], {'demo': 1})


@case('more at once than there is room for is told as that, and the rest is served')
def too_many(world):
    started = world.opened()
    calls = [send(started, '/silent', timeout_ms=600000) for _ in range(1500)]
    refused = 0
    for call in calls:
        started.notify('cancel', {'id': call})
    for call in calls:
        try:
            started.answer(call)
            raise AssertionError('it answered')
        except Refused as refusal:
            refused += refusal.data['reason'] == 'busy'
            contains(('busy', 'cancelled'), refusal.data['reason'])
    equal(0 < refused < len(calls), True)
    equal(ask(started, '/x')['status'], 200)


@case('a request that is cancelled answers so, and the next is served')
def cancelled(world):
    started = world.opened()
    call = send(started, '/silent')
    world.site.wait_seen(1)
    equal(started.call('cancel', {'id': call}), {})
    try:
        started.answer(call)
        raise AssertionError('it answered')
    except Refused as refusal:
        equal(refusal.data['reason'], 'cancelled')
    equal(ask(started, '/x')['status'], 200)


@case('when the broker goes, the connection to the site ends with the worker')
def gone(world):
    over = threading.Event()

    def watched(site, connection, request):
        try:
            connection.recv(1)
        finally:
            over.set()
    site = world.make_site(modes={'watched': watched})
    started = world.opened(site=site)
    send(started, '/watched')
    site.wait_seen(1)
    equal(started.end(), 0)
    equal(over.wait(60), True)


@case('one connection serves many requests')
def reuse(world):
    started = world.opened()
    for _ in range(20):
        ask(started, '/x')
    equal(world.site.greeted, 1)


@case('what is not safe to repeat is sent once, whatever happens to the connection')
def at_most_once(world):
    started = world.opened()
    for mode in ('hang-up', 'reset'):
        for method in ('POST', 'PATCH', 'GET', 'PUT'):
            before = len(world.site.seen)
            ask(started, '/x')  # leaves a connection to be used again
            why, _ = reason(started, f'/{mode}', method, **({} if method == 'GET' else {'body': 'b'}))
            equal(why, 'protocol', method)
            sent = [seen.path for seen in world.site.seen[before:]]
            if method in ('POST', 'PATCH'):
                equal(sent, ['/x', f'/{mode}'], method)
    equal(ask(started, '/x')['status'], 200)


@case('a site that goes while it is written to does not take the worker along')
def gone_while_written(world):
    def leave(listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.recv(1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\x01\0\0\0\0\0\0\0')
                connection.close()
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=leave, args=(listener,), daemon=True).start()
        started = world.opened(scheme='http', port=listener.getsockname()[1])
        for _ in range(5):
            equal(reason(started, '/x', 'POST', attached=bytes(256 * 1024))[0], 'protocol')
        listener.shutdown(socket.SHUT_RDWR)
    equal(started.end(), 0)


@case('a large answer comes by memfd')
def large(world):
    result = ask(world.opened(), '/big?mib=1', max_bytes=300000)
    equal(len(result['body']), 300000)


@case('the value of a credential must fit its place, and no error tells it')
def unfit(world):
    rows = [({'kind': 'bearer'}, f'{SECRET}\n', 'line break'), ({'kind': 'bearer'}, f'{SECRET}\r\nX: y', 'line break'),
            ({'kind': 'bearer'}, f'{SECRET}\x00', 'control'), ({'kind': 'bearer'}, f' {SECRET}', 'space'),
            ({'kind': 'bearer'}, '', 'empty'), ({'kind': 'basic'}, SECRET, 'USER:PASSWORD'),
            ({'kind': 'aws-sigv4', 'region': 'r', 'service': 's'}, SECRET, 'KEYID:SECRET')]
    for place, value, words in rows:
        try:
            world.opened(place=place, secret=value)
            raise AssertionError(f'{place} took {value!r}')
        except Refused as refusal:
            contains(refusal.message, words)
            contains(refusal.message, 'demo')
            lacks(refusal.message, SECRET)


SERVICES = {
    'http to the public': {'scheme': 'http', 'network': 'public'},
    'another scheme': {'scheme': 'ftp'},
    'a network that is none': {'network': 'everything'},
    'a host with a path': {'host': 'localhost/x'},
    'a host with a user': {'host': 'a@localhost'},
    'a word that is unknown': {'proxy': 'http://x'},
    'a place that is unknown': {'place': {'kind': 'cookie'}},
    'a place with too much': {'place': {'kind': 'bearer', 'name': 'x'}},
    'a template with an unknown word': {'place': {'kind': 'hmac', 'hash': 'sha256', 'header': 'X', 'encoding': 'hex',
                                                  'over': '{secret}'}},
    'a hash that is none': {'place': {'kind': 'hmac', 'hash': 'md5', 'header': 'X', 'encoding': 'hex', 'over': '{body}'}},
    'a header that is ours': {'headers': [['Host', 'x']]},
    'a header with a line break': {'headers': [['X-A', 'b\nc']]},
}


@case('a service that is not understood is refused whole')
def services(world):
    for sentence, more in SERVICES.items():
        try:
            world.opened(**more)
            raise AssertionError(f'{sentence}: opened')
        except Refused as refusal:
            equal(refusal.data['reason'], 'protocol', sentence)


@case('a service\'s own headers are sent, and the request\'s come before them')
def own_headers(world):
    started = world.opened(headers=[['Accept', 'text/plain'], ['X-Version', '2']])
    ask(started, '/x', headers=[['accept', 'text/html']])
    equal(world.site.seen[0].header('Accept'), ['text/html'])
    equal(world.site.seen[0].header('X-Version'), ['2'])


@case('before it is open nothing is sent, and it opens once')
def order(world):
    started = world.worker('countersign-worker-http')
    equal(reason(started, '/x')[0], 'protocol')
    started = world.opened()
    started.attach('credential', 'other')
    try:
        started.call('open', {'service': world.service(), 'credential': 'demo'})
        raise AssertionError('opened twice')
    except Refused:
        pass
    ask(started, '/x')
    equal(world.site.seen[0].header('Authorization'), [f'Bearer {SECRET}'])


@case('an HMAC is over what was sent')
def hmac_place(world):
    place = {'kind': 'hmac', 'hash': 'sha256', 'header': 'X-Signature', 'prefix': 'v1=', 'encoding': 'hex',
             'over': '{timestamp}:{method}:{target}:{body}', 'timestamp_header': 'X-Time'}
    started = world.opened(place=place)
    ask(started, '/x?y=%20', 'POST', body='{"a":1}')
    seen = world.site.seen[0]
    over = f'{seen.header("X-Time")[0]}:POST:/x?y=%20:{{"a":1}}'
    equal(seen.header('X-Signature'), ['v1=' + hmac.new(SECRET.encode(), over.encode(), hashlib.sha256).hexdigest()])
    equal(seen.count(SECRET), 0)


@case('a relay carries a connection to its host, and ends with the worker')
def relay(world):
    started = world.worker('countersign-worker-http')
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
        started.attach('listener', fd=listener.fileno())
        equal(started.call('relay', {'host': 'localhost', 'port': world.site.port, 'network': 'loopback'}), {})
    context = ssl.create_default_context(cadata=world.authority.pem)
    for number in range(3):
        with context.wrap_socket(socket.create_connection(('127.0.0.1', port)), server_hostname='localhost') as talk:
            talk.sendall(b'GET /big?mib=4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
            got = 0
            while got < 4 << 20:
                data = talk.recv(1 << 16)
                if not data:
                    raise AssertionError(f'connection {number} ended after {got} bytes')
                got += len(data)
    idle = socket.create_connection(('127.0.0.1', port))
    equal(started.end(), 0)
    equal(select.select([idle], [], [], 60)[0], [idle])
    idle.close()


@case('a relay goes nowhere but where its network is')
def relay_refused(world):
    for host, network, wanted in (('localhost', 'public', 'refused_address'), ('127.0.0.1', 'private', 'refused_address'),
                                  ('169.254.169.254', 'public', 'refused_address'),
                                  ('no-such-host.invalid', 'public', 'dns')):
        started = world.worker('countersign-worker-http')
        with socket.create_server(('127.0.0.1', 0)) as listener:
            started.attach('listener', fd=listener.fileno())
            try:
                started.call('relay', {'host': host, 'port': 80, 'network': network})
                raise AssertionError(f'{host}: relayed')
            except Refused as refusal:
                equal(refusal.data['reason'], wanted, host)


@case('confinement is told')
def told(world):
    started = world.worker('countersign-worker-http')
    started.attach('credential', SECRET)
    told_of = started.call('open', {'service': world.service(), 'credential': 'demo'})['confinement']
    equal(sorted(told_of), ['landlock'])


worker.main(httpworker.HttpWorld)
