# SPDX-License-Identifier: MIT
"""Logging in as a person does: the command at a terminal, a real browser, a real OpenID provider."""

import json
import os
import socket

import pexpect

import oidcworld
import tap
from bus import wait_until
from countersign import PIN
from loginworld import LoginWorld
from tap import Skip, case, contains, equal, lacks

ASK = {'provider': 'oauth2', 'scopes': ['openid', 'offline_access', 'read'], 'secret_name': 'agents-token', 'purpose': 'read the list'}


class World(LoginWorld):
    """A person whose $BROWSER is Chromium: it is handed the page by a pipe, since somebody has to press what it shows."""

    def browser(self):
        pipe, program = os.path.join(self.base, 'page'), os.path.join(self.base, 'browser')
        os.mkfifo(pipe)
        with open(program, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\nprintf "%s\\n" "$1" >{pipe}\n')
        os.chmod(program, 0o755)
        self.env.update(BROWSER=program, DISPLAY=':77')
        return oidcworld.Browser(self)

    def page(self):
        """What the browser was asked to open."""
        with open(os.path.join(self.base, 'page'), encoding='utf-8') as file:
            return file.read().strip()


def with_pin(child):
    child.expect_exact('PIN: ')
    assert child.waitnoecho()
    child.sendline(PIN)


def ended(child, status=0):
    child.expect(pexpect.EOF)
    child.wait()
    equal(child.exitstatus, status)


@case('login: Chromium presses login and consent, the token is stored, seen in the table, and gone after logout')
def whole(world):
    browser = world.browser()
    child = world.terminal('login', 'oauth2', '--scope', 'openid', '--scope', 'offline_access', '--scope', 'read')
    with_pin(child)
    child.expect_exact('Log in to oauth2.')
    url = world.page()
    equal(url.startswith(f'{world.provider.issuer}/auth?'), True, url)
    page = browser.log_in(url)
    equal(page['status'], 200, page)
    contains(page['text'], 'You can close')
    child.expect_exact('Logged in.')
    child.expect_exact('oauth2-token')
    child.expect_exact('the broker renews it')
    ended(child)
    equal(world.provider.introspect(world.reveal('oauth2-token'))['active'], True)
    contains(world.cli('login', '--status', pin=True).out, 'oauth2-token')
    token = world.reveal('oauth2-token')
    contains(world.cli('logout', 'oauth2', pin=True).out, 'takes its tokens back')
    equal(world.logins(), [])
    wait_until(lambda: not world.provider.introspect(token)['active'], 'the provider to take the token back')


@case('the person refuses at the provider: it says so, with exit status 1, and nothing is stored')
def refuses(world):
    browser = world.browser()
    child = world.terminal('login', 'oauth2', '--scope', 'openid')
    with_pin(child)
    child.expect_exact('Ctrl-C calls it off')
    browser.log_in(world.page(), consent=False)
    child.expect_exact('countersign login: oauth2:')
    ended(child, 1)
    equal(world.logins(), [])


def nobody_listens(port):
    try:
        socket.create_connection(('127.0.0.1', port)).close()
        return False
    except ConnectionRefusedError:
        return True


@case('Ctrl-C ends the flow in the broker too: nobody listens for the browser any more')
def called_off(world):
    child = world.terminal('login', 'oauth2', '--scope', 'openid', '--no-browser')
    with_pin(child)
    child.expect(r'redirect_uri=http%3A%2F%2Flocalhost%3A(\d+)%2F')
    port = int(child.match.group(1))
    child.expect_exact('Ctrl-C calls it off')
    socket.create_connection(('127.0.0.1', port)).close()
    child.sendintr()
    child.expect_exact('called off')
    ended(child, 1)
    record, = wait_until(lambda: world.human().call('status') and world.events('login_done'), 'the record of its end')
    equal('failed' in record, True, record)
    wait_until(lambda: nobody_listens(port), 'the end of who listened there')


@case('--device: the code is shown, entered elsewhere, and the token stored under the name that was said')
def device(world):
    world.provider.set(interval=1)
    child = world.terminal('login', 'oauth2', '--scope', 'openid', '--device', '--name', 'a/b/token')
    with_pin(child)
    child.expect(r'(http://\S+)\r\n\r\n +(?:\x1b\[1m)?([A-Z0-9-]+)')
    url, code = child.match.groups()
    oidcworld.Person().log_in(url, user_code=code)
    child.expect_exact('a/b/token')
    ended(child)
    equal(world.provider.introspect(world.reveal('a/b/token'))['active'], True)


@case('an agent\'s login: approved by ID with fewer scopes, it opens the browser of whoever approved it')
def agents(world):
    browser, agent = world.browser(), world.agent()
    call = agent.start('start_oauth_flow', ASK)
    request_id = agent.held(call)['request_id']
    child = world.terminal('approve', request_id, '--scope', 'openid')
    with_pin(child)
    child.expect_exact('Log in to oauth2.')
    url = world.page()
    contains(url, 'scope=openid&')
    browser.log_in(url)
    child.expect_exact('agents-token')
    ended(child)
    answer = agent.answer(call)
    equal(answer['status'], 'completed', answer)
    equal(answer['result']['scope'], 'openid')
    lacks(json.dumps(answer), world.reveal('agents-token'))


@case('an agent\'s login that fails before there is a page: whoever approved it is told, and does not wait')
def agents_fails(world):
    world.set_up('okta', 'http://127.0.0.1:9')  # nobody is there
    agent = world.agent()
    call = agent.start('start_oauth_flow', {**ASK, 'provider': 'okta'})
    request_id = agent.held(call)['request_id']
    child = world.terminal('approve', request_id)
    with_pin(child)
    child.expect_exact('okta: not logged in:')
    ended(child, 1)
    equal(agent.answer(call)['status'], 'failed')


@case('setup at a terminal, and then a login with what it wrote')
def setup(world):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', 9876))
        except OSError as taken:
            raise Skip(f'port 9876, which the file names by leaving it out: {taken}') from taken
    browser = world.browser()
    child = world.terminal('login', '--setup', 'oauth2')
    for prompt, answer in (('Client ID: ', 'countersign'), ('empty for none: ', ''), ('login.example.com: ', world.provider.issuer)):
        child.expect_exact(prompt)
        child.sendline(answer)
    with_pin(child)
    child.expect_exact('providers.d/oauth2.conf')
    child.expect_exact('type the PIN once more')
    with_pin(child)
    child.expect_exact('oauth2: accepted')
    ended(child)
    equal(json.loads(world.cli('provider', 'list', '--json', pin=True).out)[0]['name'], 'oauth2')
    child = world.terminal('login', 'oauth2', '--scope', 'openid')
    with_pin(child)
    url = world.page()
    contains(url, 'redirect_uri=http%3A%2F%2Flocalhost%3A9876%2Foauth%2Fcallback')
    browser.log_in(url)
    child.expect_exact('Logged in.')
    ended(child)


raise SystemExit(tap.run(World))
