# SPDX-License-Identifier: MIT
"""OpaqueVault's tools: what each asks of the broker, which the case plays, and what its caller gets."""

import os
import sys

import double
import tap
from called import begin, flat
from tap import case, contains, equal

VAULT = ['--tools', 'opaquevault']
NAMES = ['vault_status', 'vault_run', 'vault_list_secrets', 'vault_secret_exists', 'vault_create_secret',
         'vault_update_secret', 'vault_delete_secret']
SHORT = {'vault_list': 'vault_list_secrets', 'vault_exists': 'vault_secret_exists', 'vault_create': 'vault_create_secret',
         'vault_update': 'vault_update_secret', 'vault_delete': 'vault_delete_secret'}


class Vault:
    """countersign-mcp with these tools in a project of its own, whose .ov.yaml has this text."""

    def __init__(self, world, project=None):
        self.dir = os.path.join(world.base, 'home', 'project') if os.path.isdir(os.path.join(world.base, 'home')) \
            else os.path.join(world.base, 'project')
        self.inner = os.path.join(self.dir, 'src')
        os.makedirs(self.inner)
        if project is not None:
            with open(os.path.join(self.dir, '.ov.yaml'), 'w', encoding='utf-8') as file:
                file.write(project)
        self.mcp = world.mcp(arguments=VAULT, cwd=self.inner)
        self.broker = world.broker()
        self.link = None

    def begin(self, tool, arguments=None, **options):
        call = begin(self.mcp, tool, arguments, **options)
        self.link = self.link or self.broker.accept()
        return call

    def take(self, method):
        """What the broker is asked."""
        asked = self.link.take(method)
        equal(asked['params'].pop('hold_seconds'), 45)
        return asked

    def asks(self, tool, arguments, method, params, result):
        """The call asks just this, and is answered with `result`; what its caller gets."""
        call = self.begin(tool, arguments)
        asked = self.take(method)
        equal(asked['params'], params, (tool, arguments))
        self.link.complete(asked, result)
        return self.got(call)

    def got(self, call):
        answer = self.mcp.answer(call)
        flat(answer)
        return answer['structuredContent']['result']

    def fails(self, tool, arguments):
        said = flat(self.mcp.answer(begin(self.mcp, tool, arguments)))
        equal((said['status'], said['code']), ('failed', 'invalid_arguments'), (tool, arguments))
        return said['error']


def secrets(*names):
    return {'secrets': [{'name': name, 'tags': {}, 'version': 1} for name in names], 'count': len(names)}


def run(*names, **more):
    return {'secrets': [{'name': name, 'env': name.split('/')[-1]} for name in names], **more}


DONE = {'exit_code': 0, 'stdout': 'migrations: 3 applied', 'stderr': '', 'secrets_injected': ['x'], 'timed_out': False,
        'truncated': False, 'redacted': {'DATABASE_URL': 2}}


@case('there are exactly seven tools, each described in full')
def seven(world):
    for arguments in (VAULT, ['--tools=opaquevault']):
        mcp = world.mcp(arguments=arguments)
        tools = mcp.call('tools/list')['tools']
        equal([tool['name'] for tool in tools], NAMES)
        for tool in tools:
            equal(len(tool['annotations']), 4)
            equal(tool['inputSchema']['additionalProperties'], False)
        schema = tools[1]['inputSchema']
        equal(schema['required'], ['command'])
        assert {'secrets', 'secret_names', 'app', 'environment', 'env', 'work_dir', 'timeout_seconds'} \
            <= set(schema['properties'])
        for name in ('get_secret', 'resolve_secret', 'approval_wait', 'run_command', 'http_request'):
            mcp.lines.send({'jsonrpc': '2.0', 'id': name, 'method': 'tools/call', 'params': {'name': name}})
            equal(mcp.lines.receive()['error']['code'], -32602)


@case('our own tools are the ones without the option, and another set is refused')
def sets(world):
    equal(world.mcp(arguments=['--tools', 'countersign']).call('tools/list')['tools'],
          world.mcp().call('tools/list')['tools'])
    for words in (['--tools', 'other'], ['--tools', ''], ['--tools']):
        equal(world.mcp(arguments=words, initialize=False).process.wait(), 2)


@case('a command gets each secret as the variable of its name')
def command(world):
    vault = Vault(world, 'app: my-saas\nenvironment: staging\n')
    for key in ('secrets', 'secret_names'):
        got = vault.asks('vault_run', {'command': ['node', 'migrate.js', ''], key: ['DATABASE_URL', 'other/prod/KEY']},
                         'run_command', run('my-saas/staging/DATABASE_URL', 'other/prod/KEY',
                                            command=['node', 'migrate.js', ''], work_dir=vault.inner), DONE)
        equal(got, {**DONE, 'secrets_injected': ['DATABASE_URL', 'KEY']})


CONTEXTS = (
    (None, {}, 'K'),
    (None, {'app': 'a', 'environment': 'e'}, 'a/e/K'),
    (None, {'app': 'a', 'env': 'e'}, 'a/e/K'),
    (None, {'app': 'a'}, 'a/production/K'),
    (None, {'environment': 'e'}, 'default/e/K'),
    ('app: f\nenv: g\n', {}, 'f/g/K'),
    ('app: f\nenvironment: g\n', {}, 'f/g/K'),
    ('app: f\n', {}, 'f/production/K'),
    ('app: f\nenv: g\n', {'app': 'a'}, 'a/g/K'),
    ('app: f\nenv: g\n', {'environment': 'e'}, 'f/e/K'),
    ('app: f\nenv: g\n', {'app': 'a', 'env': 'e'}, 'a/e/K'),
)


@case('an argument wins over the project, the project over what is usual')
def context(world):
    for n, (project, arguments, name) in enumerate(CONTEXTS):
        vault = Vault(world, project)
        vault.asks('vault_run', {'command': ['x'], 'secrets': ['K'], **arguments}, 'run_command',
                   run(name, command=['x'], work_dir=vault.inner), DONE)
        vault.asks('vault_delete_secret', {'name': 'K', **arguments}, 'delete_secret', {'name': name}, {'message': 'm'})
        vault.mcp.kill()
        vault.broker.stop()
        os.rename(vault.dir, f'{vault.dir}-{n}')


@case('without names those of the project are given, else all of its app and environment')
def unnamed(world):
    vault = Vault(world, 'app: a\nenv: e\nsecrets:\n  - ONE\n  - TWO\n')
    vault.asks('vault_run', {'command': ['x']}, 'run_command',
               run('a/e/ONE', 'a/e/TWO', command=['x'], work_dir=vault.inner), DONE)
    vault.asks('vault_run', {'command': ['x'], 'secrets': []}, 'run_command',
               run(command=['x'], work_dir=vault.inner), DONE)
    os.unlink(os.path.join(vault.dir, '.ov.yaml'))
    contains(vault.fails('vault_run', {'command': ['x']}), 'secrets:')
    call = vault.begin('vault_run', {'command': ['x'], 'app': 'a'})
    listed = vault.take('list_secrets')
    equal(listed['params'], {'app': 'a', 'environment': 'production'})
    vault.link.complete(listed, secrets('a/production/ONE', 'a/production/TWO'))
    asked = vault.take('run_command')
    equal(asked['params'], run('a/production/ONE', 'a/production/TWO', command=['x'], work_dir=vault.inner))
    vault.link.complete(asked, DONE)
    equal(vault.got(call)['secrets_injected'], ['ONE', 'TWO'])


@case('a denial of the list is the answer, and nothing is run')
def list_denied(world):
    vault = Vault(world)
    call = vault.begin('vault_run', {'command': ['x'], 'app': 'a'})
    vault.link.answer(vault.take('list_secrets'), {'status': 'denied', 'code': 'person', 'message': 'm'})
    equal(flat(vault.mcp.answer(call))['status'], 'denied')
    vault.asks('vault_status', {}, 'broker_status', {}, {'state': 'unlocked'})


@case('a directory is taken from where the server runs, and all else is passed on')
def directory(world):
    vault = Vault(world)
    more = {'timeout_seconds': 7, 'service': 'github', 'write_paths': ['/tmp/x'], 'purpose': 'why'}
    for given, meant in (('..', vault.dir), ('.', vault.inner), ('/etc', '/etc'), ('sub/dir', f'{vault.inner}/sub/dir')):
        vault.asks('vault_run', {'command': ['x'], 'secrets': ['K'], 'work_dir': given, **more}, 'run_command',
                   run('K', command=['x'], work_dir=meant, **more), DONE)


@case('a directory whose name is no text is not passed on')
def nameless(world):
    where = os.path.join(os.fsencode(world.base), b'no\xfftext')
    os.mkdir(where)
    mcp = world.mcp(arguments=VAULT, cwd=where)
    arguments = {'command': ['x'], 'secrets': ['K']}
    contains(flat(mcp.answer(begin(mcp, 'vault_run', arguments)))['error'], 'work_dir:')
    broker = world.broker()
    # Relative to no text is no text either; a whole path needs nothing of it.
    contains(flat(mcp.answer(begin(mcp, 'vault_run', {**arguments, 'work_dir': '.'})))['error'], 'work_dir:')
    call = begin(mcp, 'vault_run', {**arguments, 'work_dir': '/'})
    link = broker.accept()
    link.complete(link.take('run_command'), DONE)
    equal(flat(mcp.answer(call))['status'], 'completed')


@case('names are listed without their place, with it when no place is meant')
def listed(world):
    vault = Vault(world)
    got = vault.asks('vault_list_secrets', {'app': 'a', 'env': 'e'}, 'list_secrets', {'app': 'a', 'environment': 'e'},
                     secrets('a/e/ONE', 'a/e/TWO'))
    equal(got, {'secrets': ['ONE', 'TWO'], 'total': 2, 'app': 'a', 'environment': 'e'})
    got = vault.asks('vault_list_secrets', None, 'list_secrets', {}, secrets('a/e/ONE', 'PLAIN'))
    equal(got, {'secrets': ['a/e/ONE', 'PLAIN'], 'total': 2})


@case('whether a secret is there is told by its whole name')
def exists(world):
    vault = Vault(world)
    there = secrets('a/e/ONE', 'PLAIN')
    for arguments, params, found in (({'name': 'ONE', 'app': 'a', 'env': 'e'}, {'app': 'a', 'environment': 'e'}, True),
                                     ({'name': 'TWO', 'app': 'a', 'env': 'e'}, {'app': 'a', 'environment': 'e'}, False),
                                     ({'name': 'a/e/ONE'}, {'app': 'a', 'environment': 'e'}, True),
                                     ({'name': 'ONE'}, {}, False), ({'name': 'PLAIN'}, {}, True)):
        got = vault.asks('vault_secret_exists', arguments, 'list_secrets', params, there)
        equal((got['exists'], got['name']), (found, arguments['name']), arguments)


@case('a value is stored, replaced and deleted under its whole name, and never comes back')
def written(world):
    vault = Vault(world, 'app: a\nenv: e\n')
    for tool, method, done, value in (('vault_create_secret', 'store_secret', 'created', {'value': 'v'}),
                                      ('vault_update_secret', 'update_secret', 'updated', {'value': 'w'}),
                                      ('vault_delete_secret', 'delete_secret', 'deleted', {})):
        got = vault.asks(tool, {'name': 'K', **value}, method, {'name': 'a/e/K', **value}, {'message': 'm'})
        equal(got, {'name': 'K', done: True, 'message': 'm', 'app': 'a', 'environment': 'e'})
    long = 'v' * 5000
    call = vault.begin('vault_create_secret', {'name': 'K', 'value': long})
    asked = vault.take('store_secret')
    equal(asked['params'], {'name': 'a/e/K', 'value_fd': True})
    equal(os.pread(vault.link.lines.descriptors.pop(), 10000, 0), long.encode())
    vault.link.complete(asked, {})
    vault.got(call)


@case('without a value the person is told how to type it')
def untyped(world):
    vault = Vault(world)
    for tool in ('vault_create_secret', 'vault_update_secret'):
        contains(vault.fails(tool, {'name': 'K'}), '`countersign secret set NAME`')


@case('the status says whether it is unlocked, and how often a value was taken out')
def status(world):
    vault = Vault(world, 'app: a\nenv: e\n')
    got = vault.asks('vault_status', None, 'broker_status', {}, {'state': 'locked', 'message': 'do this'})
    assert got.pop('session_age_seconds') >= 0
    equal(got, {'unlocked': False, 'intercept_mode': 'redact', 'intercepted_count': 0, 'message': 'do this', 'app': 'a',
                'environment': 'e'})
    for _ in range(2):
        vault.asks('vault_run', {'command': ['x'], 'secrets': ['K']}, 'run_command',
                   run('a/e/K', command=['x'], work_dir=vault.inner), DONE)
    got = vault.asks('vault_status', {}, 'broker_status', {}, {'state': 'unlocked'})
    equal((got['unlocked'], got['intercepted_count']), (True, 4))


@case('the short names are the same tools')
def short(world):
    vault = Vault(world)
    vault.asks('vault_list', {}, 'list_secrets', {}, secrets())
    vault.asks('vault_exists', {'name': 'K'}, 'list_secrets', {}, secrets('K'))
    vault.asks('vault_create', {'name': 'K', 'value': 'v'}, 'store_secret', {'name': 'K', 'value': 'v'}, {})
    vault.asks('vault_update', {'name': 'K', 'value': 'v'}, 'update_secret', {'name': 'K', 'value': 'v'}, {})
    vault.asks('vault_delete', {'name': 'K'}, 'delete_secret', {'name': 'K'}, {})


@case('pending says to call the same tool again')
def pending(world):
    vault = Vault(world)
    for message in ('Waiting. Call approval_wait with this request_id to go on waiting.',
                    'It is allowed and runs. Call approval_wait with this request_id for its result.', 'Waiting.'):
        call = vault.begin('vault_run', {'command': ['x', message], 'secrets': ['K']})
        vault.link.answer(vault.take('run_command'), {
            'status': 'pending', 'request_id': 'r1', 'expires_at': '2030-01-01T00:00:00.000Z', 'poll_after_ms': 2000,
            'message': message})
        said = flat(vault.mcp.answer(call))
        contains(said['message'].lower(), 'call this tool with the same arguments')
        assert 'approval_wait' not in said['message']


def pend(vault, method):
    """The broker answers the call that it is asked next with pending."""
    asked = vault.take(method)
    vault.link.answer(asked, {'status': 'pending', 'request_id': f'r-{method}', 'expires_at': '2030-01-01T00:00:00.000Z',
                              'poll_after_ms': 2000, 'message': 'm'})
    return asked


@case('the same call after pending goes on with that request, and asks no second time')
def goes_on(world):
    vault = Vault(world)
    arguments = {'command': ['x'], 'app': 'a'}
    pending_call = vault.begin('vault_run', arguments)
    pend(vault, 'list_secrets')
    equal(flat(vault.mcp.answer(pending_call))['status'], 'pending')
    call = vault.begin('vault_run', arguments)
    asked = vault.take('approval_wait')
    equal(asked['params'], {'request_id': 'r-list_secrets'})
    vault.link.complete(asked, secrets('a/production/K'))
    pend(vault, 'run_command')
    equal(flat(vault.mcp.answer(call))['status'], 'pending')
    # The list is answered by a grant now; the command still waits.
    for answer in ({'status': 'pending', 'request_id': 'r-run_command', 'expires_at': '2030-01-01T00:00:00.000Z',
                    'poll_after_ms': 2000, 'message': 'm'}, {'status': 'completed', 'result': DONE}):
        call = vault.begin('vault_run', arguments)
        vault.link.complete(vault.take('list_secrets'), secrets('a/production/K'))
        asked = vault.take('approval_wait')
        equal(asked['params'], {'request_id': 'r-run_command'})
        vault.link.answer(asked, answer)
        equal(flat(vault.mcp.answer(call))['status'], answer['status'])
    equal(vault.mcp.answers[call][0]['result']['structuredContent']['result']['secrets_injected'], ['K'])
    call = vault.begin('vault_run', arguments)
    vault.link.complete(vault.take('list_secrets'), secrets('a/production/K'))
    vault.link.complete(vault.take('run_command'), DONE)
    vault.got(call)


@case('another call after pending is a request of its own')
def another(world):
    vault = Vault(world)
    call = vault.begin('vault_run', {'command': ['x'], 'secrets': ['K']})
    pend(vault, 'run_command')
    vault.mcp.answer(call)
    vault.asks('vault_run', {'command': ['y'], 'secrets': ['K']}, 'run_command',
               run('K', command=['y'], work_dir=vault.inner), DONE)


@case('a request that is gone is told of once, and then asked anew')
def gone(world):
    vault = Vault(world)
    arguments = {'command': ['x'], 'secrets': ['K']}
    call = vault.begin('vault_run', arguments)
    pend(vault, 'run_command')
    vault.mcp.answer(call)
    call = vault.begin('vault_run', arguments)
    vault.link.refuse(vault.take('approval_wait'), 5, 'no such request')
    equal(flat(vault.mcp.answer(call))['code'], 'not_found')
    vault.asks('vault_run', arguments, 'run_command', run('K', command=['x'], work_dir=vault.inner), DONE)


@case('who asked for progress hears what the command says')
def progress(world):
    vault = Vault(world)
    call = vault.begin('vault_run', {'command': ['x'], 'secrets': ['K']}, token='t')
    asked = vault.take('run_command')
    equal(asked['params']['progress'], True)
    vault.link.lines.send({'jsonrpc': '2.0', 'method': 'progress',
                           'params': {'id': asked['id'], 'stream': 'stdout', 'text': 'one'}})
    vault.link.complete(asked, DONE)
    vault.got(call)
    equal([message['params']['message'] for message in vault.mcp.heard], ['one'])


BAD = (
    ('vault_run', {}, 'command'), ('vault_run', {'command': 'x'}, 'command'), ('vault_run', {'command': []}, 'command'),
    ('vault_run', {'command': [''], 'secrets': []}, 'command'), ('vault_run', {'command': ['x'], 'secrets': 'K'}, 'secrets'),
    ('vault_run', {'command': ['x'], 'secrets': ['K'], 'secret_names': ['K']}, 'secret_names'),
    ('vault_run', {'command': ['x'], 'secrets': ['K', 'K']}, 'secrets'),
    ('vault_run', {'command': ['x'], 'secrets': ['a/e/LD_PRELOAD']}, 'secrets'),
    ('vault_run', {'command': ['x'], 'secrets': ['not-a-variable']}, 'secrets'),
    ('vault_run', {'command': ['x'], 'secrets': ['../K']}, 'secrets'),
    ('vault_run', {'command': ['x'], 'secrets': ['K'], 'timeout_seconds': 0}, 'timeout_seconds'),
    ('vault_run', {'command': ['x'], 'secrets': ['K'], 'timeout_seconds': 1.5}, 'timeout_seconds'),
    ('vault_run', {'command': ['x'], 'secrets': ['K'], 'stdin': 'x'}, 'stdin'),
    ('vault_run', {'command': ['x'], 'environment': 'e', 'env': 'e'}, 'env'),
    ('vault_list_secrets', {'app': ''}, 'app'), ('vault_list_secrets', {'app': 'a/b'}, 'app'),
    ('vault_list_secrets', {'name': 'K'}, 'name'), ('vault_secret_exists', {}, 'name'),
    ('vault_create_secret', {'name': 'K', 'value': ''}, 'value'),
    ('vault_create_secret', {'name': 'a/b', 'value': 'v'}, 'name'),
    ('vault_status', {'app': 'a'}, 'app'), ('vault_status', [], 'arguments'),
)


@case('arguments that cannot be right are told of by name, and reach nobody')
def bad(world):
    mcp = world.mcp(arguments=VAULT)
    for tool, arguments, field in BAD:
        said = flat(mcp.answer(begin(mcp, tool, arguments)))
        equal((said['status'], said['code']), ('failed', 'invalid_arguments'), (tool, arguments))
        assert said['error'].startswith(f'{field}:'), (tool, arguments, said)
    assert world.nothing_started(0.3)


@case('a project\'s file that is misspelt is refused with its line')
def misspelt(world):
    vault = Vault(world, 'app: a\nenviroment: staging\n')
    contains(vault.fails('vault_run', {'command': ['x'], 'secrets': ['K']}), '/project/.ov.yaml:2:')


@case('a project\'s file is not looked for above the home')
def home(world):
    where = world.env['HOME']
    with open(os.path.join(os.path.dirname(where), '.ov.yaml'), 'w', encoding='utf-8') as file:
        file.write('app: above\n')
    inner = os.path.join(where, 'project')
    os.makedirs(inner)
    mcp = world.mcp(arguments=VAULT, cwd=inner)
    broker = world.broker()
    call = begin(mcp, 'vault_delete_secret', {'name': 'K'})
    link = broker.accept()
    asked = link.take('delete_secret')
    equal(asked['params']['name'], 'K')
    link.complete(asked, {})
    mcp.answer(call)


sys.exit(tap.run(double.World))
