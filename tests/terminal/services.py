# SPDX-License-Identifier: MIT
"""Services as a person adds, lists and removes them, and what is accepted with them."""

import json
import os

import scripted_broker
from scripted_broker import PIN, Refusal, exit_status
from tap import case, contains, equal, lacks

GITHUB = '''# A preset.
service github
base https://api.github.com
credential github-token
place bearer
scope read { GET HEAD } { /user /repos/** }
scope write { POST \\
  PATCH } /repos/**
test GET /user
'''
PASSPHRASE = 'correct horse battery'
POLICY = {'name': 'policy.conf', 'text': 'deny reveal\n'}
DESCRIBED = {'name': 'github', 'base': 'https://api.github.com', 'credential': 'github-token', 'place': {'kind': 'bearer'},
             'network': 'public', 'test': {'method': 'GET', 'path': '/user'},
             'scopes': [{'name': 'read', 'rules': [{'methods': ['GET', 'HEAD'], 'paths': ['/user', '/repos/**']}]},
                        {'name': 'write', 'rules': [{'methods': ['POST'], 'paths': ['/graphql'], 'graphql': 'query'},
                                                 {'methods': ['PUT'], 'paths': ['/**'], 'only-query': ['a', 'b'],
                                                  'header': {'X-To': ['c', 'd*']}}]}]}


def write(world, name, text):
    path = os.path.join(world.base, name)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def read(world, name):
    with open(os.path.join(world.base, name), encoding='utf-8') as file:
        return file.read()


def there(world, name):
    return os.path.exists(os.path.join(world.base, name))


def prepared(world, *accepted, secrets=('github-token',)):
    """A preset, the policy as it is accepted, and what else is."""
    write(world, 'services/github.conf', GITHUB)
    write(world, 'config/policy.conf', POLICY['text'])
    world.broker.results['policy_show'] = {'files': [POLICY, *accepted], 'accepted_at': scripted_broker.timestamp(0)}
    applied = []

    def apply(params):
        world.broker.prove(params)
        fd = world.broker.descriptors.pop()
        os.lseek(fd, 0, os.SEEK_SET)
        applied.append({file['name']: file['text'] for file in json.loads(os.read(fd, 1 << 20))})
        return {'rules': 1}

    def show(params):
        if params['name'] not in secrets:
            raise Refusal(5, 'there is no such secret')
        return {'name': params['name']}
    world.broker.on_policy_apply, world.broker.on_secret_show = apply, show
    return applied


def service(world, *arguments, pin=PIN, status=0):
    result = world.run('service', *arguments, '--pin-fd', '0', text=f'{pin}\n')
    equal(result.returncode, status, (result.stdout + result.stderr).decode())
    return result


@case('add writes the preset\'s file, shows it, and has it accepted with what was accepted and nothing else')
def add(world):
    applied = prepared(world)
    out = service(world, 'add', 'github').stdout.decode()
    for part in ('services.d/github.conf (new)', '+base https://api.github.com', 'github: accepted'):
        contains(out, part)
    equal(applied, [{'policy.conf': POLICY['text'], 'services.d/github.conf': GITHUB}])
    equal(read(world, 'config/services.d/github.conf'), GITHUB)
    equal(os.stat(os.path.join(world.base, 'config/services.d/github.conf')).st_mode & 0o777, 0o600)


@case('at a terminal the PIN is asked once more below what is shown')
def at_terminal(world):
    applied = prepared(world)
    child = world.terminal('service', 'add', 'github')
    child.expect_exact('PIN: ')
    assert child.waitnoecho()
    child.sendline(PIN)
    child.expect_exact('+credential github-token')
    child.expect_exact('To accept this, type the PIN once more.')
    child.expect_exact('PIN: ')
    assert child.waitnoecho()
    equal(applied, [])
    child.sendline(PIN)
    child.expect_exact('github: accepted')
    equal(exit_status(child), 0)
    equal(len(applied), 1)


@case('options change the name, the base and the credential, each in its line')
def options(world):
    applied = prepared(world, secrets=('a/b/token',))
    service(world, 'add', 'github', '--as', 'work', '--base', 'https://github.example/api/v3', '--credential', 'a/b/token')
    equal(applied[0]['services.d/work.conf'], GITHUB.replace('service github', 'service work')
          .replace('https://api.github.com', 'https://github.example/api/v3').replace('github-token', 'a/b/token'))
    assert there(world, 'config/services.d/work.conf') and not there(world, 'config/services.d/github.conf')


@case('a preset of a service that everybody has elsewhere needs its base')
def own_host(world):
    applied = prepared(world)
    write(world, 'services/jira.conf', GITHUB.replace('service github', 'service jira').replace('api.github.com', 'your-site.example'))
    contains(service(world, 'add', 'jira', status=1).stderr.decode(), '--base, in place of https://your-site.example')
    equal((applied, there(world, 'config/services.d/jira.conf')), ([], False))
    service(world, 'add', 'jira', '--base', 'https://mine.atlassian.net')
    contains(applied[0]['services.d/jira.conf'], 'base https://mine.atlassian.net\n')


@case('a service in a network of one\'s own is reached there, and a kind that there is not is refused')
def network(world):
    applied = prepared(world)
    service(world, 'add', 'github', '--base', 'http://localhost:8080', '--network', 'loopback')
    contains(applied[0]['services.d/github.conf'], 'base http://localhost:8080\nnetwork loopback\n')
    service(world, 'add', 'github', '--as', 'other', '--network', 'intranet', status=2)


@case('what else is proposed is named and not accepted')
def others(world):
    old = {'name': 'services.d/old.conf', 'text': GITHUB.replace('service github', 'service old')}
    gone = {'name': 'policy.d/gone.conf', 'text': 'deny launch\n'}
    applied = prepared(world, old, gone)
    write(world, 'config/policy.conf', 'allow any\n')
    write(world, 'config/policy.d/evil.conf', 'ask reveal\n')
    write(world, 'config/services.d/evil.conf', GITHUB.replace('service github', 'service evil'))
    write(world, 'config/services.d/old.conf', old['text'].replace('https://api.github.com', 'https://evil.example'))
    out = service(world, 'add', 'github').stdout.decode()
    for name in ('policy.conf', 'policy.d/evil.conf', 'services.d/evil.conf', 'services.d/old.conf'):
        contains(out, f'{name} differs too, and is not accepted by this')
    contains(out, 'policy.d/gone.conf is no longer there, and stays accepted')
    lacks(out, 'https://evil.example')
    equal(applied, [{'policy.conf': POLICY['text'], gone['name']: gone['text'], old['name']: old['text'],
                     'services.d/github.conf': GITHUB}])


@case('a file that is there is what is accepted, and options do not write over it')
def own(world):
    applied = prepared(world)
    mine = GITHUB.replace('service github', 'service mine').replace('/repos/**', '/gists/**')
    write(world, 'config/services.d/mine.conf', mine)
    contains(service(world, 'add', 'mine', '--credential', 'x', status=1).stderr.decode(), 'is there already')
    contains(service(world, 'add', 'github', '--as', 'mine', status=1).stderr.decode(), 'is there already')
    equal((applied, read(world, 'config/services.d/mine.conf')), ([], mine))
    service(world, 'add', 'mine')
    equal(applied[0]['services.d/mine.conf'], mine)


@case('a file that somebody left under the name of a preset does not pass for it')
def not_the_preset(world):
    applied = prepared(world)
    write(world, 'config/services.d/github.conf', GITHUB.replace('api.github.com', 'api.githib.com'))
    out = service(world, 'add', 'github').stdout.decode()
    told = out[:out.index('services.d/github.conf (new)')]
    for part in ('was there already, and is not the preset', '-base https://api.github.com', '+base https://api.githib.com'):
        contains(told, part)
    equal(len(applied), 1)
    write(world, 'config/services.d/github.conf', GITHUB)
    lacks(service(world, 'add', 'github').stdout.decode(), 'was there already')


@case('its certificates are accepted with it, and others are not')
def certificates(world):
    applied = prepared(world)
    write(world, 'config/services.d/mine.conf', GITHUB.replace('service github', 'service mine') + 'ca mine.pem\n')
    contains(service(world, 'add', 'mine', status=1).stderr.decode(), 'services.d/mine.pem')
    equal(applied, [])
    write(world, 'config/services.d/other.pem', 'x')
    write(world, 'config/services.d/mine.pem', 'no certificate')
    contains(service(world, 'add', 'mine', status=1).stderr.decode(), 'services.d/mine.pem')
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'example.pem'), encoding='utf-8') as file:
        write(world, 'config/services.d/mine.pem', file.read())
    out = service(world, 'add', 'mine').stdout.decode()
    contains(out, 'services.d/mine.pem (new)')
    contains(out, 'services.d/other.pem differs too')
    equal(sorted(applied[0]), ['policy.conf', 'services.d/mine.conf', 'services.d/mine.pem'])
    write(world, 'config/services.d/mine.conf',
          'authority = mine.pem\n' + GITHUB.replace('service github', 'service mine') + 'ca $authority\n')
    service(world, 'add', 'mine')
    equal(sorted(applied[-1]), ['policy.conf', 'services.d/mine.conf', 'services.d/mine.pem'])


@case('nothing stays behind when it is refused')
def refused(world):
    applied = prepared(world)
    for text in ('111111\n', ''):
        result = world.run('service', 'add', 'github', '--pin-fd', '0', text=text)
        equal(result.returncode, 1, text)
    service(world, 'add', 'github', '--base', 'http://api.github.com', status=1)
    assert not there(world, 'config/services.d/github.conf')
    for word in ('nothing', '../policy', '.hidden', 'a/b'):
        service(world, 'add', word, status=1 if word == 'nothing' else 2)
    for arguments in (('github', '--as', 'a b'), ('github', '--credential', 'a/b'), ('github', '--base', 'a b'), (), ('a', 'b')):
        service(world, 'add', *arguments, status=2)
    equal(applied, [])


@case('a service that is accepted just as it is needs no second PIN')
def same(world):
    applied = prepared(world, {'name': 'services.d/github.conf', 'text': GITHUB})
    write(world, 'config/services.d/github.conf', GITHUB)
    result = world.run('service', 'add', 'github', '--pin-fd', '0', text=f'{PIN}\n')
    equal(result.returncode, 0)
    contains(result.stdout.decode(), 'accepted already')
    equal(applied, [])


@case('a credential that is not stored yet is said')
def missing(world):
    prepared(world, secrets=())
    contains(service(world, 'add', 'github').stderr.decode(), 'countersign secret set github-token')


@case('rm removes the service, its file, and certificates that no other one names')
def rm(world):
    one = {'name': 'services.d/one.conf', 'text': GITHUB + 'ca both.pem\n'}
    two = {'name': 'services.d/two.conf', 'text': GITHUB + 'ca both.pem\n'}
    three = {'name': 'services.d/three.conf', 'text': GITHUB + 'ca three.pem\n'}
    both, third = ({'name': f'services.d/{name}.pem', 'text': 'x'} for name in ('both', 'three'))
    applied = prepared(world, {'name': 'services.d/github.conf', 'text': GITHUB})
    write(world, 'config/services.d/github.conf', GITHUB)
    out = service(world, 'rm', 'github').stdout.decode()
    contains(out, 'services.d/github.conf (no longer there)')
    equal(applied, [{'policy.conf': POLICY['text']}])
    assert not there(world, 'config/services.d/github.conf')
    contains(service(world, 'rm', 'nothing', status=1).stderr.decode(), 'no accepted services.d/nothing.conf')
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'example.pem'), encoding='utf-8') as file:
        both['text'] = third['text'] = file.read()
    for text in (one, two, three):
        text['text'] = text['text'].replace('service github', 'service ' + text['name'][11:-5])
    world.broker.results['policy_show']['files'] = [POLICY, both, one, third, three, two]
    service(world, 'rm', 'three')
    equal(sorted(applied[-1]), ['policy.conf', 'services.d/both.pem', 'services.d/one.conf', 'services.d/two.conf'])
    world.broker.results['policy_show']['files'] = [POLICY, both, one, two]
    service(world, 'rm', 'one')
    equal(sorted(applied[-1]), ['policy.conf', 'services.d/both.pem', 'services.d/two.conf'])


@case('list shows the accepted services, and with --presets those that can be added')
def lists(world):
    prepared(world)
    world.broker.results['service_list'] = {'services': [DESCRIBED]}
    out = service(world, 'list').stdout.decode().splitlines()
    equal(out[0].split(), ['NAME', 'BASE', 'CREDENTIAL', 'PLACE', 'SCOPES'])
    equal(out[1].split(), ['github', 'https://api.github.com', 'github-token', 'bearer', 'read', 'write'])
    equal(json.loads(service(world, 'list', '--json').stdout), [{**DESCRIBED, 'id': 'github'}])
    presets = world.run('service', 'list', '--presets')
    equal((presets.returncode, presets.stdout.decode().splitlines()[1].split()), (0, out[1].split()))
    equal(json.loads(world.run('service', 'list', '--presets', '--json').stdout)[0]['id'], 'github')


@case('show tells one service whole')
def show(world):
    world.broker.results['service_list'] = {'services': [DESCRIBED]}
    out = service(world, 'show', 'github').stdout.decode()
    for part in ('Base        https://api.github.com', 'Credential  github-token', 'Scope       read { GET HEAD } { /user /repos/** }',
                 'Scope       write POST /graphql graphql query', 'write PUT /** only-query { a b } header X-To { c d* }',
                 'Test        GET /user'):
        contains(out, part)
    equal(json.loads(service(world, 'show', 'github', '--json').stdout), {**DESCRIBED, 'id': 'github'})
    contains(service(world, 'show', 'gitlab', status=1).stderr.decode(), 'countersign service add')


@case('test sends the test call with the PIN, and a refused credential is a failure')
def tests(world):
    for status, code, words in ((200, 0, 'the credential works'), (401, 1, 'does not take the credential'), (500, 1, 'no success')):
        world.broker.results['service_test'] = {'status': status, 'elapsed_ms': 12, 'redacted': {}}
        contains(service(world, 'test', 'github', status=code).stdout.decode(), f'github: {status} in 12 ms; ')
        contains(service(world, 'test', 'github', status=code).stdout.decode(), words)
    equal(json.loads(service(world, 'test', 'github', '--json', status=1).stdout)['id'], 'github')
    equal(world.broker.called('service_test')[0], {'service': 'github', 'pin': PIN})


@case('init with services that are there already begins with the shipped policy, and shows them before they are accepted')
def init(world):
    os.mkdir(os.path.join(world.base, 'config'), 0o700)
    write(world, 'policy/policy.conf', '# shipped\ndeny reveal\n')
    write(world, 'config/services.d/github.conf', GITHUB)
    text = f'{PASSPHRASE}\n{PIN}\n'
    result = world.run('init', '--passphrase-fd', '0', '--pin-fd', '0', text=text)
    equal(result.returncode, 1)
    for part in ('services.d/github.conf:', 'base https://api.github.com', '--accept-policy'):
        contains(result.stderr.decode(), part)
    equal(read(world, 'config/policy.conf'), '# shipped\ndeny reveal\n')
    write(world, 'config/services.d/github.conf', GITHUB.replace('place', 'plaice'))
    result = world.run('init', '--accept-policy', '--passphrase-fd', '0', '--pin-fd', '0', text=text)
    equal(result.returncode, 1)
    contains(result.stderr.decode(), 'services.d/github.conf:5:1: ')


@case('policy check, apply and show take services and certificates too')
def policy(world):
    applied = prepared(world)
    write(world, 'config/services.d/github.conf', GITHUB)
    write(world, 'config/services.d/readme.txt', 'not read')
    result = world.run('policy', 'check')
    contains(result.stdout.decode(), 'Rules: 1, services: 1, in files: 2; no errors.')
    result = world.run('policy', 'apply', '--pin-fd', '0', text=f'{PIN}\n{PIN}\n')
    equal(result.returncode, 0, result.stderr.decode())
    contains(result.stdout.decode(), 'services.d/github.conf (new)')
    equal(applied, [{'policy.conf': POLICY['text'], 'services.d/github.conf': GITHUB}])
    bad = write(world, 'config/services.d/bad.conf', GITHUB.replace('service github', 'service bad').replace('credential', 'credentail'))
    for arguments in (('check',), ('apply',), ('check', bad)):
        result = world.run('policy', *arguments)
        equal(result.returncode, 1)
        contains(result.stderr.decode(), 'services.d/bad.conf:4:1: ')
    equal(json.loads(world.run('policy', 'check', '--json').stdout)[0]['kind'], 'error')


if __name__ == '__main__':
    scripted_broker.main()
