# SPDX-License-Identifier: MIT
"""Logging in and out at providers, setting one up, and credentials for AWS, as a person and their tools have them."""

import json
import os
import signal
import stat

import scripted_broker
from browsers import browser, opened
from scripted_broker import PIN, Refusal, exit_status, timestamp
from tap import case, contains, equal, lacks

URL = 'https://github.com/login/oauth/authorize?client_id=abc&scope=repo%20read%3Auser&state=s&code_challenge=c'
POLICY = {'name': 'policy.conf', 'text': 'deny reveal\n'}
ROLE = 'arn:aws:iam::123456789012:role/deploy'
KEYS = {'AccessKeyId': 'ASIA1', 'SecretAccessKey': 'shhh', 'SessionToken': 'session', 'Expiration': '2026-11-21T15:00:00Z'}
GITHUB = '''provider github
kind oauth2
client Iv1.abc
client-secret github-client-secret
'''


def begins(world):
    """The broker begins a flow, and tells nothing yet."""
    world.broker.results['login_start'] = {'login_id': 'l1'}


def with_pin(child):
    child.expect_exact('PIN: ')
    assert child.waitnoecho()
    child.sendline(PIN)


def browse(world, url=URL, **more):
    world.broker.notify('browse', {'login_id': 'l1', 'provider': 'github', 'url': url, 'expires_at': timestamp(300), **more})


def done(world, **result):
    world.broker.notify('login_done', {'login_id': 'l1', **result})


def logged_in(world):
    done(world, ok=True, secret='github-token', scope='repo read:user', expires_in=28800, refreshes=True, message='')


def started(world, *arguments, env=None, **options):
    begins(world)
    child = world.terminal('login', *arguments, env=env, **options)
    with_pin(child)
    while not world.broker.called('login_start'):
        child.expect('.|$')
    return child


# --- login ---


@case('login opens the person\'s browser, shows the whole address, and says what became of it')
def logs_in(world):
    env, pipe = browser(world)
    child = started(world, 'github', '--scope', 'repo', '--scope', 'read:user', env=env, columns=200)
    browse(world)
    child.expect_exact('Log in to github.')
    child.expect_exact(URL)
    child.expect_exact('Your browser is asked to open it.')
    child.expect('Waiting until [0-9][0-9]:[0-9][0-9]; Ctrl-C calls it off.')
    equal(opened(pipe), [URL])
    logged_in(world)
    child.expect_exact('github-token')
    child.expect_exact('repo read:user')
    child.expect_exact('It is good for 8h, and the broker renews it before that.')
    equal(exit_status(child), 0)
    equal(world.broker.called('login_start'), [{'provider': 'github', 'scopes': ['repo', 'read:user'], 'pin': PIN}])


@case('the page is told by words of $BROWSER, where it stands in them, and by the next one when the first is not there')
def browser_words(world):
    env, pipe = browser(world)
    env['BROWSER'] = f'/nonexistent/b:{env["BROWSER"]} --new-window=%s "a b"'
    child = started(world, 'github', env=env)
    browse(world)
    equal(opened(pipe), [f'--new-window={URL}', 'a b'])
    logged_in(world)
    equal(exit_status(child), 0)


@case('without a display no browser is opened, and the address is there to be opened')
def no_display(world):
    env, _ = browser(world)
    del env['DISPLAY']
    child = started(world, 'github', env=env, columns=200)
    browse(world)
    child.expect_exact(URL)
    child.expect_exact('Not opened: there is no display here')
    child.expect_exact('--device')
    logged_in(world)
    equal(exit_status(child), 0)


@case('--no-browser prints the address alone')
def no_browser(world):
    env, _ = browser(world)
    child = started(world, 'github', '--no-browser', env=env, columns=200)
    browse(world)
    child.expect_exact(URL)
    logged_in(world)
    equal(exit_status(child), 0)
    lacks(world.screen(child), 'browser is asked')


@case('the device flow shows the code on a line of its own, and opens nothing here')
def device(world):
    env, _ = browser(world)
    child = started(world, 'github', '--device', '--name', 'a/b/token', env=env)
    browse(world, 'https://github.com/login/device', user_code='WDJB-MJHT')
    child.expect_exact('on this machine or another')
    child.expect_exact('https://github.com/login/device')
    child.expect('\n    (\x1b\\[1m)?WDJB-MJHT(\x1b\\[0m)?\r\n')
    done(world, ok=True, secret='a/b/token', message='')
    equal(exit_status(child), 0)
    lacks(world.screen(child), 'asked to open')
    equal(world.broker.called('login_start'), [{'provider': 'github', 'secret': 'a/b/token', 'method': 'device', 'pin': PIN}])


@case('an address that is not to be opened is neither opened nor shown')
def bad_address(world):
    env, pipe = browser(world)
    child = started(world, 'github', env=env, columns=200)
    for url, why in (('http://github.com/login', 'it is not https'), ('javascript:alert(1)', 'it names no host'),
                     ('https://github.com@evil.example/', 'it names a user'),
                     ('https://github.com%40evil.example/', 'its host is written in an encoding'), ('file:///etc/passwd', 'it names no host'),
                     ('https://evil.example/\x1b[2J', 'characters that an address does not have'),
                     ('https://evil.example/"', 'characters that an address does not have'),
                     ('http://127.0.0.1.evil.example/', 'it is not https'), ('--new-window', 'it names no host')):
        browse(world, url)
        child.expect_exact(why)
    browse(world, 'http://[::1]:8080/authorize')
    equal(opened(pipe), ['http://[::1]:8080/authorize'])
    logged_in(world)
    equal(exit_status(child), 0)
    lacks(world.screen(child), 'evil.example')


@case('what a provider puts into its code does not act on the terminal')
def hostile_code(world):
    child = started(world, 'github', '--device', columns=200)
    browse(world, 'https://github.com/login/device', user_code='A\x1b[2J\u202eB')
    child.expect_exact('A\\u{1b}[2J\\u{202e}B')
    logged_in(world)
    equal(exit_status(child), 0)


@case('a login that fails says why, with exit status 1')
def fails(world):
    child = started(world, 'github', '--no-browser', columns=200)
    done(world, ok=False, code='access_denied', message='the person refused at the provider')
    child.expect_exact('countersign login: github: the person refused at the provider')
    equal(exit_status(child), 1)


@case('Ctrl-C calls the login off: the connection closes, nothing is stored')
def called_off(world):
    child = started(world, 'github', '--no-browser', columns=200)
    browse(world)
    child.expect_exact('Ctrl-C calls it off.')
    child.sendintr()
    child.expect_exact('countersign login: called off; nothing was stored')
    equal(exit_status(child), 1)


@case('a broker that goes away in the middle ends it')
def broker_gone(world):
    child = started(world, 'github', '--no-browser', columns=200)
    browse(world)
    child.expect_exact('Ctrl-C calls it off.')
    world.broker.go_away()
    assert exit_status(child) not in (0, -signal.SIGINT)


@case('news of somebody else\'s login is not taken for one\'s own')
def others(world):
    child = started(world, 'github', '--no-browser', columns=200)
    world.broker.notify('login_done', {'login_id': 'l2', 'ok': True, 'secret': 'other', 'message': ''})
    world.broker.notify('browse', {'request_id': 'l1', 'provider': 'evil', 'url': 'https://evil.example', 'expires_at': timestamp(300)})
    browse(world)
    child.expect_exact(URL)
    logged_in(world)
    equal(exit_status(child), 0)
    lacks(world.screen(child), 'evil')


@case('without a terminal --json prints one object, and what is said goes elsewhere')
def as_json(world):
    begins(world)
    broker = world.broker

    def start(params):
        broker.prove(params)
        return {'login_id': 'l1'}
    broker.on_login_start = start
    send = broker._send

    def with_news(peer, message):
        send(peer, message)
        if (message.get('result') or {}).get('login_id'):
            browse(world)
            logged_in(world)
    broker._send = with_news
    result = world.run('login', 'github', '--json', '--pin-fd', '0', text=PIN + '\n')
    equal(result.returncode, 0)
    equal(json.loads(result.stdout), {'id': 'github-token', 'provider': 'github', 'secret': 'github-token', 'scope': 'repo read:user',
                                      'expires_in': 28800, 'refreshes': True, 'ok': True, 'message': ''})
    contains(result.stderr.decode(), URL)


@case('what goes together is checked before anything is asked')
def usage(world):
    for arguments in ([], ['github', 'google'], ['--setup', '--status', 'github'], ['--status', 'github'], ['--setup'],
                      ['--setup', 'github', '--scope', 'a'], ['--status', '--device'], ['github', '--name', '../x'],
                      ['--setup', 'example']):
        result = world.run('login', *arguments)
        equal(result.returncode, 2, (arguments, result.stderr))
    equal(world.broker.calls, [])


# --- status and logout ---

LOGINS = [{'provider': 'github', 'secret': 'github-token', 'scopes': ['repo', 'read:user'], 'obtained_at': timestamp(-60),
           'expires_at': timestamp(7 * 3600 + 90), 'refreshes': True},
          {'provider': 'okta', 'secret': 'okta-token', 'scopes': [], 'obtained_at': timestamp(-60), 'refreshes': False},
          {'provider': 'google', 'secret': 'a/b/google', 'scopes': ['openid'], 'obtained_at': timestamp(-9000),
           'expires_at': timestamp(-60), 'refreshes': True, 'trouble': 'the provider does not renew it: log in again'}]


def with_fd(world, *arguments, status=0, **options):
    result = world.run(*arguments, '--pin-fd', '0', text=PIN + '\n', **options)
    equal(result.returncode, status, (result.stdout + result.stderr).decode())
    return result


@case('login --status is a table of what is logged in, and until when')
def status(world):
    world.broker.results['login_list'] = {'logins': LOGINS}
    lines = [line.split('  ') for line in with_fd(world, 'login', '--status').stdout.decode().splitlines()]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    equal(rows, [['PROVIDER', 'SECRET', 'EXPIRES', 'RENEWED', 'SCOPES', 'TROUBLE'],
                 ['github', 'github-token', 'in 7h1m', 'yes', 'repo read:user', '-'],
                 ['okta', 'okta-token', 'never', 'no', '-', '-'],
                 ['google', 'a/b/google', 'has expired', 'yes', 'openid', 'the provider does not renew it: log in again']])
    equal([login['id'] for login in json.loads(with_fd(world, 'login', '--status', '--json').stdout)],
          ['github-token', 'okta-token', 'a/b/google'])
    world.broker.results['login_list'] = {'logins': []}
    contains(with_fd(world, 'login', '--status').stdout.decode(), 'Nothing is logged in')


@case('logout takes a provider or a secret, and says what the broker says')
def logs_out(world):
    world.broker.results['login_list'] = {'logins': LOGINS}
    world.broker.results['logout'] = {'revoked': True, 'message': 'github: the token is revoked there and removed here'}
    for word in ('github', 'github-token'):
        equal(with_fd(world, 'logout', word).stdout.decode(), 'github: the token is revoked there and removed here\n')
        equal(world.broker.called('logout')[-1], {'secret': 'github-token', 'pin': PIN})
    equal(json.loads(with_fd(world, 'logout', 'github', '--json').stdout)['revoked'], True)


@case('logout says which is meant when there are several, and what there is when there is none')
def logout_which(world):
    world.broker.results['login_list'] = {'logins': [*LOGINS, {**LOGINS[0], 'secret': 'work-token'}]}
    contains(with_fd(world, 'logout', 'github', status=1).stderr.decode(), '2 logins at github: name the secret')
    contains(with_fd(world, 'logout', 'azure', status=1).stderr.decode(), 'nothing is logged in as azure')
    equal(world.broker.called('logout'), [])


# --- setup ---


def prepared(world):
    """What is accepted, and what was: sets of files."""
    world.broker.results['policy_show'] = {'files': [POLICY], 'accepted_at': timestamp(0)}
    applied = []

    def apply(params):
        world.broker.prove(params)
        fd = world.broker.descriptors.pop()
        os.lseek(fd, 0, os.SEEK_SET)
        applied.append({file['name']: file['text'] for file in json.loads(os.read(fd, 1 << 20))})
        return {'rules': 1}
    world.broker.on_policy_apply = apply
    world.broker.results['secret_set'] = {'name': 'x', 'version': 1}
    return applied


def provider_file(world, name):
    return os.path.join(world.base, 'config/providers.d', f'{name}.conf')


@case('login --setup shows each step and the callback, stores the secret, and has its file accepted alone')
def setup(world):
    applied = prepared(world)
    os.makedirs(os.path.join(world.base, 'config'), 0o700)
    with open(os.path.join(world.base, 'config/policy.conf'), 'w', encoding='utf-8') as file:
        file.write('allow any\n')
    child = world.terminal('login', '--setup', 'github', columns=100)
    child.expect_exact('1. Open https://github.com/settings/developers')
    child.expect_exact('Authorization callback URL: http://localhost:9876/oauth/callback')
    child.expect_exact('Client ID: ')
    child.sendline(' Iv1.abc ')
    child.expect_exact('Client secret: ')
    assert child.waitnoecho()
    child.sendline('top-secret-value')
    with_pin(child)
    child.expect_exact('providers.d/github.conf (new)')
    child.expect_exact('policy.conf differs too, and is not accepted by this')
    child.expect_exact('type the PIN once more')
    equal(applied, [])
    with_pin(child)
    child.expect_exact('github: accepted')
    child.expect_exact('Kept in the store: github-client-secret')
    child.expect_exact('Next: countersign login github --scope read:user')
    equal(exit_status(child), 0)
    equal(applied, [{'policy.conf': POLICY['text'], 'providers.d/github.conf': GITHUB}])
    with open(provider_file(world, 'github'), encoding='utf-8') as file:
        equal(file.read(), GITHUB)
    equal(stat.S_IMODE(os.stat(provider_file(world, 'github')).st_mode), 0o600)
    equal(world.broker.called('secret_set'),
          [{'name': 'github-client-secret', 'mode': 'any', 'value': 'top-secret-value', 'pin': PIN}])
    lacks(world.screen(child), 'top-secret-value')


@case('login --setup takes the variables of the environment, and says so')
def setup_environment(world):
    for provider, prefix, more, line in (
            ('github', 'GITHUB', {}, 'client abc'), ('gcp', 'GCP', {}, 'client-secret google-client-secret'),
            ('okta', 'OKTA', {'OKTA_DOMAIN': 'org.okta.com'}, 'domain org.okta.com')):
        applied = prepared(world)
        env = {f'{prefix}_CLIENT_ID': 'abc', f'{prefix}_CLIENT_SECRET': 'shhh', **more}
        out = with_fd(world, 'login', '--setup', provider, env=env).stdout.decode()
        for variable in env:
            contains(out, f'taken from {variable} in the environment')
        lacks(out, 'shhh')
        name = 'google' if provider == 'gcp' else provider
        contains(applied[0][f'providers.d/{name}.conf'].splitlines(), line)
        equal(world.broker.called('secret_set')[-1]['name'], f'{name}-client-secret')


@case('without a terminal and without the variable setup says which it is')
def setup_nowhere(world):
    prepared(world)
    result = with_fd(world, 'login', '--setup', 'azure', env={'AZURE_CLIENT_ID': 'abc'}, status=1)
    contains(result.stderr.decode(), 'use AZURE_CLIENT_SECRET')
    equal((world.broker.called('secret_set'), os.path.exists(provider_file(world, 'azure'))), ([], False))


@case('an answer that would be more than one word of a line is refused, and nothing is left behind')
def setup_hostile(world):
    applied = prepared(world)
    for answer in ('abc\nclient evil', 'a b', 'a"', 'a#b', 'a\\b', ''):
        env = {'OKTA_CLIENT_ID': answer, 'OKTA_CLIENT_SECRET': 'x', 'OKTA_DOMAIN': 'org.okta.com'}
        with_fd(world, 'login', '--setup', 'okta', env=env, status=1)
    equal((applied, world.broker.called('secret_set'), os.path.exists(provider_file(world, 'okta'))), ([], [], False))


@case('setup writes over no file that is there')
def setup_there(world):
    prepared(world)
    os.makedirs(os.path.join(world.base, 'config/providers.d'), 0o700)
    with open(provider_file(world, 'github'), 'w', encoding='utf-8') as file:
        file.write('provider github\n')
    result = with_fd(world, 'login', '--setup', 'github', env={'GITHUB_CLIENT_ID': 'a', 'GITHUB_CLIENT_SECRET': 'b'}, status=1)
    contains(result.stderr.decode(), 'is there already')


@case('when the PIN is refused the file that was made is gone again')
def setup_refused(world):
    prepared(world)
    world.broker.on_policy_apply = lambda params: (_ for _ in ()).throw(Refusal(4, 'not so', reason='pin_wrong'))
    with_fd(world, 'login', '--setup', 'github', env={'GITHUB_CLIENT_ID': 'a', 'GITHUB_CLIENT_SECRET': 'b'}, status=1)
    equal((os.path.exists(provider_file(world, 'github')), world.broker.called('secret_set')), (False, []))


@case('what setup writes for each provider is a file that is taken')
def setup_each(world):
    """With the shortest answers; an empty one where that is allowed."""
    key = os.path.join(world.base, 'key.pem')
    with open(key, 'w', encoding='utf-8') as file:
        file.write('-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n')
    applied = prepared(world)
    for provider, answers, lines in (
            ('github', ['id', 'secret'], ['client id', 'client-secret github-client-secret']),
            ('google', ['id', 'secret'], ['client id', 'client-secret google-client-secret']),
            ('azure', ['id', 'secret', ''], ['tenant common']),
            ('azure', ['id', 'secret', 'my.example'], ['tenant my.example']),
            ('okta', ['id', 'secret', 'org.okta.com'], ['domain org.okta.com']),
            ('oauth2', ['id', '', 'http://localhost:8080'], ['issuer http://localhost:8080', 'network loopback']),
            ('aws', ['AKIA1:shhh', ROLE, '', ''], [f'role {ROLE}', 'from keys aws-keys']),
            ('aws', ['AKIA1:shhh', ROLE, 'eu-central-1', 'https://sts.example'], ['region eu-central-1', 'endpoint https://sts.example']),
            ('github-app', ['Iv1.abc', '12345', key, ''], ['app Iv1.abc', 'installation 12345', 'key github-app-key']),
            ('vouch', ['', 'id', ''], ['issuer https://us.vouch.sh', 'client id']),
            ('ssh-ca', ['ann deploy', ''], ['principal ann deploy', 'max 1h']),
            ('issuer', ['https://tokens.example.com'], ['issuer https://tokens.example.com'])):
        child = world.terminal('login', '--setup', provider, '--json', columns=300)
        for answer in answers:
            child.expect(r'(?<!PIN): $')
            child.sendline(answer)
        with_pin(child)
        child.expect_exact('once more')
        with_pin(child)
        equal(exit_status(child), 0, world.screen(child))
        text = applied.pop()[f'providers.d/{provider}.conf'].splitlines()
        for line in lines:
            contains(text, line)
        equal([line for line in text if '{' in line or line.split()[-1:] == ['']], [])
        os.unlink(provider_file(world, provider))
    contains([(call['name'], call['value']) for call in world.broker.called('secret_set')], ('aws-keys', 'AKIA1:shhh'))
    equal([call['value'].count('\n') for call in world.broker.called('secret_set') if call['name'] == 'github-app-key'], [3])


@case('policy check reads providers too, and says in which line one is wrong')
def check_files(world):
    os.makedirs(os.path.join(world.base, 'config/providers.d'), 0o700)
    with open(provider_file(world, 'github'), 'w', encoding='utf-8') as file:
        file.write(GITHUB)
    result = world.run('policy', 'check')
    equal(result.returncode, 0, result.stderr)
    contains(result.stdout.decode(), 'Rules: 0, providers: 1, in files: 1; no errors, 1 loosening.')
    with open(provider_file(world, 'github'), 'w', encoding='utf-8') as file:
        file.write(GITHUB.replace('client-secret g', 'client-secrets g'))
    for arguments in ([], [provider_file(world, 'github')]):
        result = world.run('policy', 'check', *arguments)
        equal(result.returncode, 1)
        contains(result.stderr.decode(), 'providers.d/github.conf:4:')


# --- providers ---

DESCRIBED = {'name': 'github', 'kind': 'oauth2', 'operations': ['oauth_login'], 'network': 'public',
             'settings': [{'name': 'client', 'value': 'Iv1.abc'}, {'name': 'client-secret', 'value': 'github-client-secret'}],
             'endpoints': {'token': 'https://github.com/login/oauth/access_token'}}


@case('the accepted providers are listed and shown, with the names of secrets and no value')
def providers(world):
    world.broker.results['provider_list'] = {'providers': [DESCRIBED]}
    equal(with_fd(world, 'provider', 'list').stdout.decode().split(), ['NAME', 'KIND', 'FOR', 'github', 'oauth2', 'oauth_login'])
    out = with_fd(world, 'provider', 'show', 'github').stdout.decode()
    for part in ('Iv1.abc', 'client-secret   github-client-secret\n', 'https://github.com/login/oauth/access_token'):
        contains(out, part)
    equal(json.loads(with_fd(world, 'provider', 'list', '--json').stdout), [{'id': 'github', **DESCRIBED}])
    contains(with_fd(world, 'provider', 'show', 'other', status=1).stderr.decode(), 'no accepted provider “other”')


# --- AWS ---


def gives(world, value):
    world.broker.results['get_aws_credentials'] = {'status': 'completed', 'request_id': 'req1', 'result': {'value': value, 'expires_in': 900}}


@case('aws-credentials prints what AWS tools take from a program, and nothing else')
def aws(world):
    gives(world, json.dumps({**KEYS, 'Region': 'eu-central-1'}))
    result = world.run('aws-credentials', '--role', ROLE, '--scope', 's3:GetObject arn:aws:s3:::b/*', '--duration', '15m',
                       '--provider', 'work', '--purpose', 'look at the bucket')
    equal((result.returncode, result.stderr), (0, b''))
    equal(json.loads(result.stdout), {'Version': 1, **KEYS})
    equal(world.broker.called('get_aws_credentials'),
          [{'role_arn': ROLE, 'scopes': ['s3:GetObject arn:aws:s3:::b/*'], 'ttl_seconds': 900, 'provider': 'work',
            'purpose': 'look at the bucket'}])


@case('while a person is asked it says so on standard error')
def aws_held(world):
    gives(world, json.dumps(KEYS))
    world.broker.held['get_aws_credentials'] = 'held'
    child = world.terminal('aws-credentials', '--role', ROLE, columns=200)
    child.expect_exact(f'waiting for a person to approve AWS credentials for {ROLE}: countersign approve req1')
    world.broker.answer_held()
    child.expect_exact('"Version": 1')
    equal(exit_status(child), 0)


@case('a denial, and an answer that holds no credentials, are exit status 1 and no output')
def aws_denied(world):
    world.broker.results['get_aws_credentials'] = {'status': 'denied', 'request_id': 'req1', 'message': 'denied by a person'}
    result = world.run('aws-credentials', '--role', ROLE)
    equal((result.returncode, result.stdout), (1, b''))
    contains(result.stderr.decode(), 'denied by a person')
    for value in ('{}', 'no JSON', json.dumps({**KEYS, 'SessionToken': 7})):
        gives(world, value)
        result = world.run('aws-credentials', '--role', ROLE)
        equal((result.returncode, result.stdout), (1, b''))
        contains(result.stderr.decode(), 'does not hold AWS credentials')
    equal(world.run('aws-credentials').returncode, 2)
    equal(world.run('aws-credentials', '--role', ROLE, '--duration', '13h').returncode, 2)


if __name__ == '__main__':
    scripted_broker.main()
