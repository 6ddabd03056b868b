# SPDX-License-Identifier: MIT
"""countersign-worker-http with a site that speaks HTTP/2 (Node's)."""

import json
import os
import shutil
import subprocess

import httpworker
import worker
from httpworker import SECRET, ask, reason, send
from lines import Lines, Refused
from tap import Skip, case, contains, equal, lacks

HERE = os.path.dirname(os.path.abspath(__file__))


class Site2:
    """What a Site is, in as far as these cases need it."""

    def __init__(self, world):
        node = shutil.which('node')
        if node is None:
            raise Skip('there is no node')
        self.context = True
        self.process = subprocess.Popen([node, os.path.join(HERE, '..', 'lib', 'h2site.mjs'),
                                         world.authority.site(world.base, ('localhost',))],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.lines = Lines(self.process.stdout.fileno(), self.process.stdin.fileno())
        world.closing.append(self)
        self.port = self.lines.receive()['port']

    def seen(self):
        """The next request: its headers, in order, and its body."""
        while True:
            told = self.lines.receive()
            if 'headers' in told:
                return told['headers'], told['body']

    def closed(self, path):
        while self.lines.receive() != {'closed': path}:
            pass

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


TARGETS = ('/', '/a/./b', '/a/../b', '/a/%2e%2E/b', '//a//b', '/a%2Fb', '/?', '/a?b?c', '/%zz', "/!$&'()*+,;=:@-._~", '/a{b}|c')


@case('a request arrives over HTTP/2 as it was asked for, with the credential once')
def once(world):
    site = Site2(world)
    started = world.opened(site=site)
    for target in TARGETS:
        result = ask(started, target, 'POST', body='b', headers=[['X-Own', 'Mine'], ['Content-Type', 'text/plain']])
        equal(result['status'], 200)
        headers, body = site.seen()
        found = dict(headers)
        equal((found[':path'], found[':method'], found[':authority'], found[':scheme']),
              (target, 'POST', f'localhost:{site.port}', 'https'))
        equal((found['authorization'], found['x-own'], found['content-type'], body), (f'Bearer {SECRET}', 'Mine', 'text/plain', 'b'))
        equal(json.dumps(headers).count(SECRET), 1)


@case('what an HTTP/2 site echoes is taken out')
def echoed(world):
    site = Site2(world)
    result = ask(world.opened(site=site), '/cookie')
    equal(result['redacted'], {'demo': 2})
    lacks(json.dumps(result), SECRET)
    lacks(json.dumps(result).lower(), 'set-cookie')


@case('an HTTP/2 answer without end, or with headers without end, ends')
def ends(world):
    site = Site2(world)
    started = world.opened(site=site)
    result = ask(started, '/forever', max_bytes=70000)
    equal((result['truncated'], len(result['body'])), (True, 70000))
    contains(('too_large', 'protocol'), reason(started, '/headers')[0])
    equal(reason(started, '/silent', timeout_ms=500)[0], 'timeout')
    equal(ask(started, '/x')['status'], 200)


@case('a request that is cancelled ends at the site')
def cancelled(world):
    site = Site2(world)
    started = world.opened(site=site)
    ask(started, '/x')
    call = send(started, '/silent')
    while dict(site.seen()[0])[':path'] != '/silent':
        pass
    started.start('cancel', {'id': call})
    site.closed('/silent')
    equal(ask(started, '/y')['status'], 200)


@case('several at once share the connection, and one that is cancelled leaves the others')
def several(world):
    site = Site2(world)
    started = world.opened(site=site)
    ask(started, '/x')
    silent = send(started, '/silent')
    calls = {number: send(started, f'/{number}') for number in range(20)}
    for number, call in calls.items():
        equal(json.loads(started.answer(call)['body'])[':path'], f'/{number}')
    started.call('cancel', {'id': silent})
    try:
        started.answer(silent)
        raise AssertionError('it answered')
    except Refused as refusal:
        equal(refusal.data['reason'], 'cancelled')
    equal(ask(started, '/y')['status'], 200)
    site.closed('/silent')


worker.main(httpworker.HttpWorld)
