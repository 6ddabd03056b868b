# SPDX-License-Identifier: MIT
"""A real OpenID provider (npm oidc-provider) for a test, and the person who logs in there, without a browser or with one."""

import base64
import hashlib
import html.parser
import http.cookiejar
import json
import os
import secrets
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import parties
from lines import PATIENCE, Closed, Lines
from tap import Skip

HERE = os.path.dirname(os.path.abspath(__file__))
# What oidc.mjs has given its confidential clients, "countersign basic" and "countersign-post".
CLIENT_SECRET = 'cl1ent:secret %+/& with all of it, thirty-two bytes'
CHROMIUM = '/usr/bin/chromium'


class Node:
    """A program of tests/lib in Node that speaks JSON lines; `told` is what it said and nobody has waited for."""

    def __init__(self, world, script, *arguments):
        self.err = world.keep(script.split('.')[0])
        with open(self.err, 'wb') as log:
            self.process = subprocess.Popen([parties.node(), os.path.join(HERE, script), *arguments], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, cwd=world.base,
                                            env={'PATH': '/usr/bin:/bin', 'HOME': world.base, 'NODE_NO_WARNINGS': '1'})
        self.lines = Lines(self.process.stdout.fileno(), self.process.stdin.fileno())
        self.told = []
        (world.closing if hasattr(world, 'closing') else world.parties).append(self)

    def order(self, **order):
        self.lines.send(order)
        self.hear('done')

    def hear(self, key, patience=PATIENCE, **fields):
        """The next message that has @key and these fields; it is taken, what came before it stays."""
        while True:
            for message in self.told:
                if key in message and all(message.get(name) == value for name, value in fields.items()):
                    self.told.remove(message)
                    return message
            try:
                self.told.append(self.lines.receive(patience))
            except Closed:
                with open(self.err, encoding='utf-8', errors='replace') as log:
                    raise AssertionError(f'it has ended: {log.read()[-2000:]}') from None

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()


class Provider(Node):
    """oidc-provider: `issuer`. Options and knobs are told in oidc.mjs."""

    def __init__(self, world, **options):
        super().__init__(world, 'oidc.mjs', json.dumps(options))
        self.issuer = self.hear('issuer')['issuer']

    def set(self, **knobs):
        self.order(set=knobs)

    def hold(self, path='/token'):
        """The next answers there are made, and held back: hear('held'), then release()."""
        self.order(hold=path)

    def release(self, path='/token'):
        self.order(release=path)

    def authorize(self, redirect, client='countersign', scope='openid read', **more):
        """An authorization request of one's own: its URL, its state and its PKCE verifier."""
        verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip('=')
        query = {'client_id': client, 'response_type': 'code', 'scope': scope, 'redirect_uri': redirect, 'state': state,
                 'code_challenge': challenge, 'code_challenge_method': 'S256', **more}
        return f'{self.issuer}/auth?{urllib.parse.urlencode(query)}', state, verifier

    def token(self, resource, person='ann', client='countersign', scope='read'):
        """An access token for @resource (RFC 8707), as somebody gets it who logs in with no browser."""
        redirect = 'http://127.0.0.1:9876/oauth/callback'
        url, _, verifier = self.authorize(redirect, client, scope, resource=resource)
        back = urllib.parse.parse_qs(urllib.parse.urlsplit(Person(person).log_in(url)).query)
        form = {'grant_type': 'authorization_code', 'code': back['code'][0], 'redirect_uri': redirect, 'client_id': client,
                'code_verifier': verifier, 'resource': resource}
        request = urllib.request.Request(f'{self.issuer}/token', data=urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)['access_token']

    def refresh(self, token, client='countersign'):
        """Somebody else uses a refresh token; what they get."""
        form = {'grant_type': 'refresh_token', 'refresh_token': token, 'client_id': client}
        request = urllib.request.Request(f'{self.issuer}/token', data=urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def introspect(self, token):
        """What the provider itself says of a token (RFC 7662)."""
        basic = base64.b64encode(f'resource:{urllib.parse.quote_plus(CLIENT_SECRET)}'.encode()).decode()
        request = urllib.request.Request(f'{self.issuer}/token/introspection', headers={'Authorization': f'Basic {basic}'},
                                         data=urllib.parse.urlencode({'token': token}).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


class Forced(Node):
    """oauth2-mock-server, made to answer its token endpoint as set() says: for errors that no good provider makes."""

    def __init__(self, world):
        super().__init__(world, 'forced.mjs')
        self.issuer = self.hear('issuer')['issuer']

    def set(self, **answer):
        """status=, body= (JSON), headers= of the next answers of the token endpoint."""
        self.order(set=answer)


# ---- a person without a browser ----

class _Form(html.parser.HTMLParser):
    """The first form of a page: where it goes, and its fields; and what the page says."""

    def __init__(self):
        super().__init__()
        self.action, self.fields, self.text, self.inside, self.silent = None, {}, [], False, False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.silent = tag in ('style', 'script', 'title')
        if tag == 'form' and self.action is None:
            self.action, self.inside = attributes.get('action', ''), True
        if tag == 'input' and self.inside:
            self.fields[attributes.get('name')] = attributes.get('value') or ''

    def handle_endtag(self, tag):
        self.silent = False
        if tag == 'form':
            self.inside = False

    def handle_data(self, data):
        if not self.silent:
            self.text.append(data)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at before they are followed."""

    def redirect_request(self, *_):
        return None


class Person:
    """Somebody with a cookie jar who presses what the provider's pages offer."""

    def __init__(self, name='ann'):
        self.name = name
        self.opener = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
                                                  urllib.request.ProxyHandler({}))

    def _get(self, url, form=None):
        """One request: its final address, where it redirects to (or None), and its text."""
        request = urllib.request.Request(url, data=None if form is None else urllib.parse.urlencode(form).encode())
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return None, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                if 300 <= answer.code < 400:
                    return urllib.parse.urljoin(url, answer.headers['Location']), ''
                raise AssertionError(f'{url}: {answer.code} {answer.read().decode()[:500]}') from None

    def log_in(self, url, consent=True, user_code=None):
        """Presses login and consent. Returns the callback's URL, which is not asked for; or, when the provider's own pages
        are the end of it (device flow), the last page's text."""
        issuer = urllib.parse.urlsplit(url).netloc
        form, aborted = None, False
        for _ in range(20):
            to, text = self._get(url, form)
            form = None
            if to is not None:
                if urllib.parse.urlsplit(to).netloc != issuer:
                    return to
                url = to
                continue
            page = _Form()
            page.feed(text)
            if page.action is None or aborted and 'user_code' in page.fields:
                return ' '.join(''.join(page.text).split())
            if page.fields.get('prompt') == 'consent' and not consent:
                url, aborted = url + '/abort', True
                continue
            form = {**page.fields, **({'login': self.name, 'password': 'any'} if 'login' in page.fields else {})}
            if 'user_code' in form and not form['user_code']:
                form['user_code'] = user_code
            url = urllib.parse.urljoin(url, page.action)
        raise AssertionError(f'the provider asks on and on: {url}')


def visit(url):
    """As a browser asks for a page: the status, the headers and the text."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read().decode()


# ---- a person with a browser ----

class Browser(Node):
    """Chromium, pressed by puppeteer: log_in(URL) ends on the page that the callback has answered with."""

    def __init__(self, world, dark=False):
        if not os.access(CHROMIUM, os.X_OK):
            raise Skip('there is no /usr/bin/chromium')
        profile = tempfile.mkdtemp(prefix='browser-', dir=world.base)
        super().__init__(world, 'browser.mjs', json.dumps({'executable': CHROMIUM, 'profile': profile, 'dark': dark,
                                                           'root': os.geteuid() == 0}))
        self.hear('ready')

    def log_in(self, url, name='ann', consent=True):
        """Until no form is left; {"url","status","title","text"} of the last page."""
        self.lines.send({'login': url, 'name': name, 'consent': consent})
        return self.hear('page')['page']

    def picture(self, path):
        self.order(picture=path)

