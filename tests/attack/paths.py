# SPDX-License-Identifier: MIT
"""A rule allows one folder of a site. What else there is cannot be reached by another way of writing it, and what is
sent is what was matched, byte for byte."""

import httpservice
import tap
from httpservice import VALUE
from lines import Refused
from tap import case, equal

SERVICE = '''service local
base "https://localhost:{port}/api{mark}"
credential demo
place {place}
network loopback
ca local.pem
scope read {{ GET HEAD }} /open/**
scope write {{ POST PUT }} {{ /open/** /graph }}
scope query POST /graph graphql query
'''
ALLOW = 'allow http_request of { local/read local/query }\ndeny http_request of local/write\n'

ELSEWHERE = [  # all of them lead to /api/shut, or to another host, for one server or another
    ('dot segments', '/open/../shut'),
    ('dot segments at the end', '/open/..'),
    ('one dot', '/open/./../shut'),
    ('encoded dots', '/open/%2e%2e/shut'),
    ('encoded dots in capitals', '/open/%2E%2E/shut'),
    ('one dot encoded', '/open/.%2e/shut'),
    ('dots encoded twice', '/open/%252e%252e/shut'),
    ('dots encoded thrice', '/open/%25252e%25252e/shut'),
    ('dots in overlong UTF-8', '/open/%c0%ae%c0%ae/shut'),
    ('dots in overlong UTF-8 in capitals', '/open/%C0%AE%C0%AE/shut'),
    ('dots of another width', '/open/%EF%BC%8E%EF%BC%8E/shut'),
    ('dots in another notation', '/open/%u002e%u002e/shut'),
    ('dots before a path parameter', '/open/..;/shut'),
    ('dots before an encoded path parameter', '/open/..%3B/shut'),
    ('dots and a blank', '/open/..%20/shut'),
    ('dots and a tab', '/open/.%09./shut'),
    ('an encoded slash', '/open/..%2fshut'),
    ('an encoded slash in capitals', '/open/..%2Fshut'),
    ('a slash encoded twice', '/open/..%252Fshut'),
    ('a slash of another width', '/open/..%EF%BC%8Fshut'),
    ('backslashes', '/open\\..\\shut'),
    ('an encoded backslash', '/open/..%5Cshut'),
    ('two slashes', '//shut'),
    ('two slashes within', '/open//../shut'),
    ('three slashes', '///shut'),
    ('a tab', '/open/\t../shut'),
    ('a NUL', '/open/%00/../shut'),
    ('an encoded line end', '/open/%0d%0aHost:%20evil.example'),
    ('a line end', '/open/ HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /shut'),
    ('a fragment', '/shut#/open/a'),
    ('a query in the path', '/shut?/open/a'),
    ('a whole URL', 'https://evil.example/open/a'),
    ('a whole URL of the same site', 'https://localhost/open/a'),
    ('a host without a scheme', '//evil.example/open/a'),
    ('a host behind a backslash', '/\\evil.example/open/a'),
    ('a host behind an at sign', '@evil.example/open/a'),
    ('another port', ':1/open/a'),
    ('nothing', ''),
    ('no slash', 'open/a'),
    ('capitals', '/OPEN/a'),
    ('an escaped letter', '/%6fpen/a'),
    ('a path parameter', '/open;/../shut'),
    ('what begins like it', '/opened'),
    ('the folder itself', '/open'),
    ('the folder and a slash', '/open/'),
    ('above the base', '/../open/a'),
    ('the base again', '/api/open/a'),
    ('where the credential goes', '/open/{credential}'),
]

OTHERWISE = [  # the path is right, and something else is not
    ('a method that no scope has', {'method': 'DELETE'}),
    ('a method in small letters', {'method': 'get'}),
    ('a method that tunnels', {'method': 'CONNECT'}),
    ('a method with a line end', {'method': 'GET /shut HTTP/1.1\r\nX:'}),
    ('a method that a rule denies', {'method': 'POST', 'body': '{}'}),
    ('another method in the query', {'query': {'_method': 'DELETE'}}),
    ('another method in a header', {'headers': {'X-HTTP-Method-Override': 'DELETE'}}),
    ('another method with underscores', {'headers': {'X_HTTP_METHOD_OVERRIDE': 'DELETE'}}),
    ('another path in a header', {'headers': {'X-Original-URL': '/shut'}}),
    ('another host', {'headers': {'Host': 'evil.example'}}),
    ('another host by a proxy', {'headers': {'X-Forwarded-Host': 'evil.example'}}),
    ('another credential', {'headers': {'Authorization': 'Bearer x'}}),
    ('a cookie', {'headers': {'Cookie': 'a=b'}}),
    ('a second request in a header', {'headers': {'X-A': 'b\r\n\r\nGET /api/shut HTTP/1.1\r\nHost: localhost'}}),
    ('a second request in a name', {'headers': {'X-A: b\r\nHost': 'c'}}),
    ('another length', {'headers': {'Content-Length': '0'}}),
    ('chunks', {'headers': {'Transfer-Encoding': 'chunked'}}),
    ('an upgrade', {'headers': {'Connection': 'Upgrade', 'Upgrade': 'h2c'}}),
    ('a part of the answer', {'headers': {'Range': 'bytes=0-3'}}),
    ('an answer in another encoding', {'headers': {'Accept-Encoding': 'br'}}),
]

SENT = [  # as asked, and as it arrives
    ({'path': '/open/a'}, 'GET /api/open/a HTTP/1.1'),
    ({'path': '/open/a/b/'}, 'GET /api/open/a/b/ HTTP/1.1'),
    ({'path': "/open/!$&'()*+,=:@-._~"}, "GET /api/open/!$&'()*+,=:@-._~ HTTP/1.1"),
    ({'path': '/open/caf%C3%A9/100%25/a%20b%3F%23'}, 'GET /api/open/caf%C3%A9/100%25/a%20b%3F%23 HTTP/1.1'),
    ({'path': '/open/a..b/...c'}, 'GET /api/open/a..b/...c HTTP/1.1'),
    ({'path': '/open/a', 'query': {'q': 'a b&c=d#/../é', 'n': 1, 'l': ['x', True]}},
     'GET /api/open/a?q=a%20b%26c%3Dd%23%2F..%2F%C3%A9&n=1&l=x&l=true HTTP/1.1'),
    ({'path': '/open/a', 'query': {'x\r\nHost: y': '\r\n'}}, 'GET /api/open/a?x%0D%0AHost%3A%20y=%0D%0A HTTP/1.1'),
    ({'path': '/open/a', 'method': 'HEAD'}, 'HEAD /api/open/a HTTP/1.1'),
]


def allow(world, place='bearer', policy=ALLOW, mark=''):
    """The person accepts the service above, and rules that ask nobody. What has arrived so far is forgotten."""
    world.write('services.d/local.conf', SERVICE.format(port=world.site.port, place=place, mark=mark))
    world.write('policy.conf', policy)
    world.apply()
    world.site.seen.clear()
    return world.agent()


SOUND = ('arguments', 'scope', 'policy')  # and not because there were too many, or the site was away


def outcome(world, agent, **call):
    """'completed', 'held', or 'refused' for what it is."""
    try:
        answer = agent.first(world.ask(agent, **call))
    except Refused:
        return 'refused'
    if answer is None:
        return 'held'
    if answer['status'] == 'completed':
        return 'completed'
    return 'refused' if answer['code'] in SOUND else answer['code']


@case('no way of writing a path leads out of the folder that is allowed')
def elsewhere(world):
    agent = allow(world)
    for sentence, path in ELSEWHERE:
        equal(outcome(world, agent, path=path), 'refused', sentence)
        equal([request.line for request in world.site.seen], [], sentence)
    equal(outcome(world, agent, path='/open/a'), 'completed')
    equal(len(world.site.seen), 1)


@case('no method, query or header makes another request of one that is allowed')
def otherwise(world):
    agent = allow(world)
    for sentence, more in OTHERWISE:
        equal(outcome(world, agent, **{'path': '/open/a', **more}), 'refused', sentence)
        equal([request.line for request in world.site.seen], [], sentence)


@case('what arrives is what was matched, byte for byte')
def sent(world):
    agent = allow(world)
    for call, line in SENT:
        equal(outcome(world, agent, **call), 'completed', line)
        request = world.site.seen[-1]
        equal(request.line.decode(), line)
        equal((request.header('Host'), request.count(VALUE)), ([f'localhost:{world.site.port}'], 1), line)
    equal(len(world.site.seen), len(SENT))


PLACES = [  # where the credential goes, the target with it, and what a caller must not send
    ('query key', f'/api/open/a%20b?q=1&key={VALUE}', [{'query': {'key': 'x'}}, {'query': {'KEY[]': 'x'}}]),
    ('header X-Key', '/api/open/a%20b?q=1', [{'headers': {'x-key': 'x'}}, {'headers': {'X_Key': 'x'}}]),
    ('path', f'/api/bot{VALUE}/open/a%20b?q=1', [{'path': '/open/{credential}'}, {'path': '/open/%7Bcredential%7D/..'}]),
]


@case('the credential goes to its place once, and the rest of the path stays')
def places(world):
    for place, target, others in PLACES:
        agent = allow(world, place, mark='/bot{credential}' if place == 'path' else '')
        equal(outcome(world, agent, path='/open/a%20b', query={'q': 1}), 'completed', place)
        request, = world.site.seen
        equal((request.target, request.count(VALUE)), (target, 1), place)
        for other in others:
            equal(outcome(world, agent, **{'path': '/open/a', **other}), 'refused', f'{place}: {other}')
        equal(len(world.site.seen), 1, place)


@case('what only looks like the place of the credential is not it')
def mark(world):
    agent = allow(world)
    equal(outcome(world, agent, path='/open/%7Bcredential%7D', query={'a': '{credential}'}), 'completed')
    request, = world.site.seen
    equal((request.target, request.count(VALUE)), ('/api/open/%7Bcredential%7D?a=%7Bcredential%7D', 1))


GRAPH = [
    ('a query', '{"query":"query { a }"}', 'completed'),
    ('a mutation', '{"query":"mutation { a }"}', 'held'),
    ('a query and a mutation', '{"query":"query A { a } mutation B { b }","operationName":"B"}', 'held'),
    ('a mutation behind a comment', '{"query":"{ a } # \\r mutation { b }"}', 'held'),
    ('a mutation under the same name', '{"query":"{ a }","query":"mutation { b }"}', 'held'),
    ('a batch', '[{"query":"{ a }"},{"query":"mutation { b }"}]', 'held'),
    ('a document that the server keeps', '{"query":"{ a }","extensions":{"persistedQuery":{"sha256Hash":"a"}}}', 'held'),
]


@case('a rule for GraphQL queries lets no mutation through, nor does what was granted for a query')
def graph(world):
    agent = allow(world, policy='allow http_request of local/query\n')
    for sentence, body, what in GRAPH:
        before = len(world.site.seen)
        equal(outcome(world, agent, method='POST', path='/graph', body=body, headers={'Content-Type': 'application/json'}), what, sentence)
        equal(len(world.site.seen) - before, 1 if what == 'completed' else 0, sentence)


raise SystemExit(tap.run(httpservice.ServiceWorld))
