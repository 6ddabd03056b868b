# SPDX-License-Identifier: MIT
"""countersign run --sandbox with what is opened in it: paths to write, and the one service to reach."""

import json
import os
import shutil
import socket

import httpservice
import tap
from httpservice import VALUE
from httpsite import reply
from started import FAKE_GITHUB, MODULES, Server, Started, approve, asked, confined, facts
from tap import Skip, case, contains, equal, lacks

SERVICE = ('--secret', 'demo', '--service', 'local')


def certificate(world, folder=None):
    """The file with the authority of the world's sites, where the program can read it."""
    path = os.path.join(folder or world.base, 'ca.pem')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(world.authority.pem)
    return path


def curl(world, path='/api/me', port=None):
    """A command of sh that prints what the site answers; its status is curl's."""
    return f'curl -sS -N --cacert {certificate(world)} https://localhost:{port or world.site.port}{path}'


def revoke(world):
    equal(world.human().call('revoke', {'all': True})['revoked'], 1)


@case('a program reaches its service and nothing else, and writes its folder and nothing else')
def opened(world):
    folder, other = os.path.join(world.base, 'mine'), world.make_site()
    os.mkdir(folder)
    plain = socket.create_server(('127.0.0.1', 0))
    script = (f'{curl(world)}; echo " $?"; {curl(world, port=other.port)} 2>/dev/null; echo "other $?"; '
              f'curl -sS http://127.0.0.1:{plain.getsockname()[1]}/ 2>/dev/null; echo "plain $?"; '
              'curl -sS http://192.0.2.1/ 2>/dev/null; echo "outside $?"; wc -l < /proc/net/route; '
              'echo mine > mine/file; touch beside 2>/dev/null || echo refused; touch "$HOME/x" 2>/dev/null || echo refused')
    run = confined(world, 'sh', '-c', script, options=(*SERVICE, '--write', 'mine'))
    card = approve(world)
    equal(facts(card, 'May write'), [folder])
    equal(facts(card, 'May reach'), [f'localhost:{world.site.port}'])
    equal(facts(card, 'Confined'), ['by countersign run --sandbox'])
    status, out, error = run.end()
    equal((status, error), (0, ''))
    equal(out.decode().splitlines(), ['{"ok":true} 0', 'other 7', 'plain 7', 'outside 7', '1', 'refused', 'refused'])
    with open(os.path.join(folder, 'file'), encoding='utf-8') as file:
        equal(file.read(), 'mine\n')
    equal((other.greeted, os.path.exists(os.path.join(world.base, 'beside'))), (0, False))
    # What the program sends is its own: nobody put a credential in.
    equal(world.site.seen[0].header('Authorization'), [])
    plain.close()


@case('a service alone, without any secret, is asked about too')
def no_secret(world):
    run = confined(world, 'sh', '-c', curl(world), options=('--service', 'local'))
    card = approve(world)
    equal((facts(card, 'Gives'), facts(card, 'May reach')), ([], [f'localhost:{world.site.port}']))
    equal(run.end()[:2], (0, b'{"ok":true}'))


@case('paths alone need nobody: they open nothing that the caller has not')
def paths_alone(world):
    os.mkdir(os.path.join(world.base, 'mine'))
    run = Started(world, '--sandbox', '--write', 'mine', '--', 'sh', '-c', 'touch mine/file; touch file || echo refused')
    status, out, error = run.end()
    if 'not all of the sandbox' in error:
        raise Skip(error.strip())
    equal((status, out), (0, b'refused\n'))
    assert os.path.exists(os.path.join(world.base, 'mine', 'file'))


@case('the card has the real path, and a link is not followed anew')
def real_path(world):
    os.mkdir(os.path.join(world.base, 'real'))
    os.symlink('real', os.path.join(world.base, 'link'))
    run = confined(world, 'touch', 'real/file', options=('--secret', 'demo', '--write', 'link', '--write', './real'))
    equal(facts(approve(world), 'May write'), [os.path.join(world.base, 'real')])
    equal(run.end()[0], 0)


@case('the same again is not asked and has a way of its own; another service, path or none is asked')
def again(world):
    os.mkdir(os.path.join(world.base, 'mine'))
    world.write('services.d/other.pem', world.authority.pem)
    world.write('services.d/other.conf', httpservice.SERVICE.format(name='other', port=world.make_site().port, place='bearer'))
    world.apply()
    command = ('sh', '-c', curl(world))
    run = confined(world, *command, options=SERVICE)
    approve(world)
    equal(run.end()[:2], (0, b'{"ok":true}'))
    run = Started(world, *SERVICE, '--sandbox', '--', *command)
    equal(run.end(), (0, b'{"ok":true}', ''))
    equal(len(world.site.seen), 2)
    for options in (('--service', 'other'), ('--service', 'local', '--write', 'mine'), ('--write', 'mine'), ()):
        confined(world, *command, options=('--secret', 'demo', *options)).close()


@case('a revoked approval ends what is being carried, and the way itself')
def revoked(world):
    run = confined(world, 'sh', '-c', f'{curl(world, "/api/drip")} >/dev/null 2>&1; echo "$?"; {curl(world)} 2>/dev/null; echo "$?"',
                   options=SERVICE)
    approve(world)
    world.site.wait_seen(1)
    revoke(world)
    status, out, _ = run.end()
    first, second = out.split()
    assert first != b'0', out
    equal((status, second, len(world.site.seen)), (0, b'7', 1))


def drip(world, number):
    """A program that reads what never ends, once the site has heard of it; each number is another command line."""
    count = len(world.site.seen)
    run = confined(world, 'sh', '-c', f'{curl(world, "/api/drip")} >/dev/null 2>&1; echo "{number} $?"', options=SERVICE)
    approve(world)
    world.site.wait_seen(count + 1)
    return run


@case('so do the lock and panic, and a service that is not accepted any more')
def ended(world):
    for number, words in enumerate((('service', 'rm', 'local'), ('lock',), ('panic',))):
        run = drip(world, number)
        world.cli(*words, pin=True if words[0] == 'service' else None)
        status, out, _ = run.end()
        equal((status, out.split()[0]), (0, str(number).encode()))
        assert out.split()[1] != b'0', out
        if words[0] == 'service':
            world.write('services.d/local.conf', world.text)
            world.apply()
        else:
            world.unlock()


@case('an approval for one start carries on until that program ends, and then it is over')
def one_use(world):
    run = confined(world, 'sh', '-c', f'{curl(world)}; read line; {curl(world)}', options=SERVICE)
    approve(world, uses=1)
    world.site.wait_seen(1)
    grant, = world.human(pin=True).pages('grants')
    equal(grant['uses_left'], 0)
    equal(run.end(b'go on\n')[:2], (0, b'{"ok":true}' * 2))
    watcher = world.human(pin=True)
    while watcher.pages('grants'):  # it ends when the broker has seen the program's end
        pass
    confined(world, 'sh', '-c', f'{curl(world)}; read line; {curl(world)}', options=SERVICE).close()


@case('a service that does not exist is said at once, and nobody is asked')
def unknown(world):
    status, out, error = Started(world, '--sandbox', '--service', 'nowhere', '--', 'true').end()
    if 'not all of the sandbox' in error:
        raise Skip(error.strip())
    equal((status, out), (125, b''))
    contains(error, 'there is no service named nowhere')
    lacks(error, 'waiting')
    status, _, error = Started(world, '--sandbox', '--service', 'no name', '--', 'true').end()
    equal(status, 125)
    contains(error, 'service: ')


@case('a host that is not found is said, and nothing is started')
def no_host(world):
    world.write('services.d/local.conf', world.text.replace('https://localhost:', 'https://nowhere.invalid:'))
    world.apply()
    run = confined(world, 'touch', 'started', options=(*SERVICE, '--write', '.'))
    approve(world)
    status, _, error = run.end()
    equal(status, 125)
    contains(error, 'nowhere.invalid')
    assert not os.path.exists(os.path.join(world.base, 'started'))


@case('a path that is not there, or that nobody may be given, is an error before anybody is asked')
def bad_paths(world):
    for path, words in (('nothing', '--write nothing: No such file'), ('/proc', 'cannot be made writable'), (world.config, 'hidden')):
        status, _, error = Started(world, '--secret', 'demo', '--sandbox', '--write', path, '--', 'true').end()
        equal(status, 125)
        if 'not all of the sandbox' in error:
            raise Skip(error.strip())
        contains(error, words)
        lacks(error, 'waiting')


@case('the GitHub server of an MCP client\'s configuration runs confined, and reaches GitHub alone')
def github(world):
    if not os.path.isdir(os.path.join(MODULES, '@modelcontextprotocol', 'server-github')) or shutil.which('npx') is None:
        raise Skip('no npx, or the npm packages of tests/package.json are not installed; tests/run installs them')

    def search(site, connection, request):
        reply(connection, json.dumps({'total_count': 0, 'incomplete_results': False, 'items': []}).encode(),
              headers=[('Content-Type', 'application/json')])
    world.site.modes['api'] = search
    cache = os.path.join(world.base, 'npm')
    fake = os.path.join(cache, 'fake-github.cjs')
    os.mkdir(cache)
    with open(fake, 'w', encoding='utf-8') as file:
        file.write(FAKE_GITHUB)
    server = confined(world, 'npx', '-y', '@modelcontextprotocol/server-github', kind=Server,
                      options=('--service', 'local', '--write', cache), directory=os.path.dirname(MODULES),
                      env={'GITHUB_PERSONAL_ACCESS_TOKEN': 'secret://demo', 'NODE_OPTIONS': f'--require {fake}',
                           'FAKE_GITHUB': f'https://localhost:{world.site.port}/api', 'NODE_EXTRA_CA_CERTS': certificate(world, cache),
                           'npm_config_offline': 'true', 'npm_config_cache': cache})
    first = server.start('initialize', {'protocolVersion': '2024-11-05', 'capabilities': {},
                                        'clientInfo': {'name': 'by-hand', 'version': '1'}})
    card = approve(world)
    equal((facts(card, 'May write'), facts(card, 'May reach')), ([cache], [f'localhost:{world.site.port}']))
    equal(server.answer(first)['serverInfo']['name'], 'github-mcp-server')
    server.notify('notifications/initialized', {})
    found = server.call('tools/call', {'name': 'search_repositories', 'arguments': {'query': 'countersign'}})
    contains(found['content'][0]['text'], 'total_count')
    request = world.site.wait_seen(1)
    equal((request.path, request.header('Authorization')), ('/api/search/repositories', [f'Bearer {VALUE}']))


raise SystemExit(tap.run(httpservice.ServiceWorld))
