# SPDX-License-Identifier: MIT
"""An approval that goes on in the person's browser: at the terminal approver in both forms, and by ID."""

import scripted_broker
from browsers import browser, opened
from scripted_broker import PATIENCE, PIN, exit_status, timestamp
from screens import approver
from tap import case, contains, equal, lacks

URL = 'https://github.com/login/oauth/authorize?client_id=abc&scope=repo%20read%3Auser&state=' + 's' * 120 + '&code_challenge=c'
LOGIN = {'operation': 'oauth_login', 'resource': 'github', 'risk': 'write', 'scopes': ['repo', 'read:user'], 'max_duration': 0,
         'asked_duration': 0, 'default_duration': 0, 'confirm': 'click',
         'facts': [{'label': 'Signs in at', 'value': 'https://github.com/login/oauth/authorize'}]}


def browse(world, url=URL, request_id='req1', **more):
    world.broker.notify('browse', {'request_id': request_id, 'provider': 'github', 'url': url, 'expires_at': timestamp(300), **more})


def over(world, ok=True, message='', request_id='req1'):
    world.broker.notify('browse_over', {'request_id': request_id, 'ok': ok, 'message': message})


def grant(child):
    child.expect_exact('grant or deny> ')
    child.sendline('grant')


def whole(text):
    return ''.join(text.split())


@case('in plain lines: the whole address is said, the browser opened, and how it ended')
def plain(world):
    env, pipe = browser(world)
    world.broker.pin_each_time = False
    world.broker.hold(**LOGIN)
    child = world.approver(env=env)
    grant(child)
    equal(world.broker.decision()['scopes'], ['repo', 'read:user'])
    browse(world)
    child.expect_exact('Log in to github.')
    child.expect_exact(URL)
    child.expect_exact('Your browser is asked to open it.')
    equal(opened(pipe), [URL])
    over(world, message='the token is kept as github-token')
    child.expect_exact('github: the token is kept as github-token')
    child.sendcontrol('c')
    equal(exit_status(child), 0)


@case('in plain lines: a code that comes while another card is there is said, and the card asked again')
def plain_between(world):
    world.broker.pin_each_time = False
    world.broker.hold(**LOGIN)
    world.broker.hold('req2', resource='npm-token', requester={'pid': 9})
    child = world.approver()
    grant(child)
    child.expect_exact('npm-token')
    child.expect_exact('grant or deny> ')
    browse(world, 'https://github.com/login/device', user_code='WDJB-MJHT')
    child.expect_exact('WDJB-MJHT')
    child.expect_exact('Not opened here: there is no display here')
    child.expect_exact('npm-token')
    grant(child)
    equal([world.broker.decision()['request_id'] for _ in range(2)], ['req1', 'req2'])


@case('--once waits for the end of the login that it granted, in both forms')
def once(world):
    world.broker.pin_each_time = False
    for arguments in (['--plain'], []):
        world.broker.hold(**LOGIN)
        if arguments:
            child = world.terminal('approve', '--once', *arguments)
            child.expect_exact('PIN: ')
            assert child.waitnoecho(PATIENCE)
            child.sendline(PIN)
            grant(child)
        else:
            drawn = approver(world, arguments=('approve', '--once')).settled()
            drawn.press('g')
            child = drawn.child
        equal(world.broker.decision()['request_id'], 'req1')
        browse(world)
        if arguments:
            child.expect_exact(URL)
        else:
            drawn.shows('Log in to github')
        over(world, False, 'the person refused')
        child.expect_exact('github: not logged in: the person refused')
        equal(exit_status(child), 0)


@case('on the whole screen: address and code stand by themselves, and any key goes back to the card')
def full(world):
    world.broker.pin_each_time = False
    world.broker.hold(**LOGIN)
    world.broker.hold('req2', resource='npm-token', requester={'pid': 9})
    drawn = approver(world).settled()
    drawn.press('g', 'npm-token')
    browse(world, user_code='WDJB-MJHT')
    drawn.shows('Log in to github', 'WDJB-MJHT', 'Not opened here')
    contains(whole(drawn.text()), URL)
    lacks(drawn.text(), '[ Deny ]')
    drawn.press('d').settled()
    drawn.press('b', 'WDJB-MJHT').press('x').settled()
    over(world, message='')
    drawn.shows('github: logged in.')
    equal(world.broker.decision()['request_id'], 'req1')
    world.broker.undecided()


@case('on the whole screen: it waits until the PIN of another card is typed, and goes when it is over')
def full_typing(world):
    world.broker.hold(**LOGIN)
    world.broker.hold('req2', resource='npm-token', requester={'pid': 9})
    drawn = approver(world).settled()
    drawn.press('g', 'PIN').press(PIN + '\r', 'npm-token').settled()
    drawn.press('g', 'PIN (does not show)').press('80')
    browse(world)
    # What is typed goes on.
    drawn.press('2461\r', 'Log in to github')
    equal([world.broker.decision()['request_id'] for _ in range(2)], ['req1', 'req2'])
    over(world)
    drawn.shows('Nothing is waiting')
    lacks(drawn.text(), 'Log in to')


@case('on a small screen all of the address can be scrolled to')
def full_small(world):
    world.broker.pin_each_time = False
    world.broker.hold(**LOGIN)
    drawn = approver(world, 12, 40).settled()
    drawn.press('g')
    world.broker.decision()
    browse(world, user_code='WDJB-MJHT')
    drawn.shows('Log in to github')
    drawn.press('\033[6~', 'code_challenge=c').press('\033[6~', 'WDJB-MJHT')


@case('by ID: it follows the queue before it grants, opens the browser, and stays until the end')
def by_id(world):
    env, pipe = browser(world)
    for ok, message, status in ((True, 'kept as github-token', 0), (False, 'the provider says no', 1)):
        world.broker.hold(**LOGIN)
        child = world.terminal('approve', 'req1', '--scope', 'repo', env=env, columns=400)
        child.expect_exact('PIN: ')
        assert child.waitnoecho(PATIENCE)
        child.sendline(PIN)
        equal(world.broker.decision()['scopes'], ['repo'])
        browse(world)
        child.expect_exact(URL)
        child.expect_exact('Ctrl-C stops waiting here.')
        equal(opened(pipe), [URL])
        over(world, ok, message)
        child.expect_exact(message)
        equal(exit_status(child), status)
    methods = [method for method, _ in world.broker.calls]
    assert methods.index('subscribe') < methods.index('decide'), methods


@case('what another approver granted is shown too, and one that is not to be opened is not')
def elsewhere(world):
    env, pipe = browser(world)
    child = world.approver(env=env)
    child.expect_exact('Nothing is waiting')
    browse(world, 'http://evil.example/', request_id='req8')
    child.expect_exact('the address is not opened: it is not https')
    browse(world, request_id='req9')
    child.expect_exact(URL)
    equal(opened(pipe), [URL])
    over(world, request_id='req9')
    child.expect_exact('github: logged in.')
    lacks(world.screen(child), 'evil.example')


if __name__ == '__main__':
    scripted_broker.main()
