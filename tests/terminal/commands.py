# SPDX-License-Identifier: MIT
"""What the other commands ask, send and print, and how they start a broker."""

import fcntl
import hashlib
import json
import os
import stat

import scripted_broker
from scripted_broker import PATIENCE, PIN, exit_status
from tap import case, contains, equal, lacks

PASSPHRASE = 'correct horse battery'
BROKER = '''#!/usr/bin/python3
# Tells how it was started, then answers one call as the file "answer" says.
import json, os, sys
base = os.path.dirname(os.path.abspath(sys.argv[0]))
told = {'argv': sys.argv[1:], 'environment': dict(os.environ), 'folder': os.getcwd(),
        'descriptors': sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)),
        'stdin': os.readlink('/proc/self/fd/0'), 'stdout': os.readlink('/proc/self/fd/1'),
        'stderr': os.readlink('/proc/self/fd/2'), 'session': os.getsid(0) == os.getpid()}
with open(base + '/answer') as file:
    answer = json.load(file)
if 'say' in answer:
    sys.exit(answer['say'])
line = b''
while not line.endswith(b'\\n'):
    line += os.read(3, 4096)
told['call'] = json.loads(line)
with open(base + '/told', 'w') as file:
    json.dump(told, file)
os.write(3, json.dumps({'jsonrpc': '2.0', 'id': told['call']['id'], **answer}).encode() + b'\\n')
'''
UNLOCKED = {'result': {'state': 'unlocked', 'pid': 77, 'instance': 'x', 'resumed_grants': 2}}
POLICY = '# shipped\ndeny reveal\nask any max 1h\n'


def write(world, name, text, mode=0o600):
    path = os.path.join(world.base, name)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    os.chmod(path, mode)


def startable(world, answer=None):
    """countersignd of ours where the command looks for it, and the shipped policy."""
    write(world, 'countersignd', BROKER, 0o700)
    write(world, 'answer', json.dumps(answer or UNLOCKED))
    write(world, 'policy/policy.conf', POLICY)


def told(world):
    with open(os.path.join(world.base, 'told'), encoding='utf-8') as file:
        return json.load(file)


def started(world):
    return os.path.exists(os.path.join(world.base, 'told'))


def hidden(child, question, text):
    child.expect_exact(question)
    assert child.waitnoecho(PATIENCE), f'{question}: would be seen'
    child.sendline(text)


# --- init, unlock, passwd, pin ---


@case('init asks passphrase and PIN twice each, and again after a slip')
def init(world):
    startable(world)
    child = world.terminal('init')
    for first, second in (('short', None), (PASSPHRASE, 'another one'), (PASSPHRASE, PASSPHRASE)):
        hidden(child, 'New passphrase (8 characters or more): ', first)
        if second is not None:
            hidden(child, 'New passphrase again: ', second)
    for first, second in (('12345', None), (PIN, PIN)):
        hidden(child, 'New PIN (6 characters or more): ', first)
        if second is not None:
            hidden(child, 'New PIN again: ', second)
    child.expect_exact('the broker runs (pid 77)')
    equal(exit_status(child), 0)
    call = told(world)['call']
    equal(call['method'], 'init')
    equal(call['params'], {'passphrase': PASSPHRASE, 'pin': PIN, 'policy': [{'name': 'policy.conf', 'text': POLICY}]})
    lacks(world.screen(child), PASSPHRASE)
    with open(os.path.join(world.base, 'config', 'policy.conf'), encoding='utf-8') as file:
        equal(file.read(), POLICY)


@case('init says that a lost passphrase is lost, and what comes next')
def init_words(world):
    startable(world)
    child = world.terminal('init')
    child.expect_exact('restore a backup')
    hidden(child, 'New passphrase', PASSPHRASE)
    hidden(child, 'again: ', PASSPHRASE)
    hidden(child, 'New PIN', PIN)
    hidden(child, 'again: ', PIN)
    child.expect_exact('A lost passphrase means restoring a backup')
    child.expect_exact('countersign secret set NAME')
    child.expect_exact('claude mcp add countersign')
    equal(exit_status(child), 0)


@case('a PIN that is the passphrase is refused')
def same(world):
    startable(world)
    result = world.run('init', '--passphrase-fd', '0', '--pin-fd', '0', text=f'{PASSPHRASE}\n{PASSPHRASE}\n')
    equal(result.returncode, 1)
    contains(result.stderr.decode(), 'must not be the same')
    assert not started(world)


@case('by descriptor too a passphrase needs 8 characters, a PIN 6, both UTF-8')
def lengths(world):
    startable(world)
    for text in (f'1234567\n{PIN}\n', f'{PASSPHRASE}\n12345\n', '\n\n', '', f'{"x" * 5000}\n{PIN}\n'):
        equal(world.run('init', '--passphrase-fd=0', '--pin-fd=0', text=text).returncode, 1, text)
    equal(world.run('init', '--passphrase-fd=0', '--pin-fd=0', text=b'\xff' * 9 + b'\n123456\n').returncode, 1)
    # Characters are counted, not bytes.
    equal(world.run('init', '--passphrase-fd=0', '--pin-fd=0', text='üüüü\n123456\n').returncode, 1)
    assert not started(world)


@case('a broker is started with an environment made from nothing and one descriptor')
def environment(world):
    startable(world)
    reader, writer = os.pipe()
    result = world.run('init', '--passphrase-fd=0', '--pin-fd=0', '--json', text=f'{PASSPHRASE}\n{PIN}\n',
                       env={'LD_PRELOAD': '', 'LD_LIBRARY_PATH': '/tmp', 'OPENSSL_CONF': '/tmp/x', 'XDG_DATA_HOME': 'relative',
                            'XDG_CONFIG_HOME': '/somewhere', 'DISPLAY': ':7', 'LC_TIME': 'C', 'COUNTERSIGN': '1',
                            'PATH': '/tmp'}, pass_fds=[writer])
    os.close(reader)
    os.close(writer)
    equal(result.returncode, 0, result)
    how = told(world)
    how['environment'].pop('LC_CTYPE', None)  # Python's own
    equal(how['environment'], {'HOME': world.base, 'XDG_CONFIG_HOME': '/somewhere', 'LANG': 'C.UTF-8', 'LC_TIME': 'C',
                               'DISPLAY': ':7', 'PATH': '/usr/bin:/bin'})
    equal(how['argv'], ['--control-fd', '3', '--state-dir', world.base])
    equal(how['descriptors'], [0, 1, 2, 3])
    log = os.path.join(world.base, 'state', 'broker.log')
    equal((how['stdin'], how['stdout'], how['stderr'], how['folder'], how['session']), ('/dev/null', log, log, '/', True))
    equal(stat.S_IMODE(os.stat(log).st_mode), 0o600)
    equal(json.loads(result.stdout), UNLOCKED['result'])


@case('a broker that does not start is quoted')
def fallen(world):
    for say, words in (('the limit is 64 KiB\nraise it\033[2J', 'raise it\\u{1b}[2J'), ('', 'without a word')):
        startable(world, {'say': say})
        result = world.run('unlock', '--passphrase-fd=0', text=f'{PASSPHRASE}\n')
        equal(result.returncode, 1, result)
        contains(result.stderr.decode(), words)


@case('what the broker refuses is told, and its code chooses the exit status')
def refused(world):
    for code, status in ((7, 1), (2, 1), (3, 4)):
        startable(world, {'error': {'code': code, 'message': 'no such luck'}})
        result = world.run('unlock', '--passphrase-fd=0', text=f'{PASSPHRASE}\n')
        equal((result.returncode, result.stderr), (status, b'countersign unlock: no such luck\n'))


@case('init refuses where a store is, before it asks for anything')
def there_already(world):
    startable(world)
    write(world, 'data/store.db', '')
    result = world.run('init')
    equal(result.returncode, 1)
    contains(result.stderr.decode(), 'countersign unlock')


@case('init accepts another policy than the shipped one only when it was shown and accepted')
def existing_policy(world):
    startable(world)
    write(world, 'config/policy.conf', 'ask reveal max 5m\nallow\033[2J\n')
    err = world.run('init', '--passphrase-fd=0', '--pin-fd=0', text=f'{PASSPHRASE}\n{PIN}\n').stderr.decode()
    contains(err, 'policy.conf:2:6: U+001B does not show; remove it, or write \\u{1b}')
    write(world, 'config/policy.conf', '# mine\\n\nask reveal max 5m\n')
    result = world.run('init', '--passphrase-fd=0', '--pin-fd=0', text=f'{PASSPHRASE}\n{PIN}\n')
    equal(result.returncode, 1)
    contains(result.stderr.decode(), '--accept-policy')
    for word in ('yes', ''):
        child = world.terminal('init')
        child.expect_exact('# mine\\\\n')
        child.expect_exact('loosening')
        child.expect_exact('Type accept')
        child.sendline(word)
        equal(exit_status(child), 1)
    assert not started(world)
    child = world.terminal('init')
    child.expect_exact('Type accept')
    child.sendline('accept')
    child.expect_exact('New passphrase')
    child.sendcontrol('c')
    equal(exit_status(child), 1)
    assert not started(world)
    result = world.run('init', '--accept-policy', '--passphrase-fd=0', '--pin-fd=0', text=f'{PASSPHRASE}\n{PIN}\n')
    equal(result.returncode, 0, result)
    contains(result.stderr.decode(), 'ask reveal max 5m')
    equal(told(world)['call']['params']['policy'][0]['text'], '# mine\\n\nask reveal max 5m\n')


@case('unlock, passwd and pin send what they were given and nothing else')
def keys(world):
    startable(world)
    for arguments, text, call in (
            (['unlock', '--for', '8h'], f'{PASSPHRASE}\n', {'passphrase': PASSPHRASE, 'for_seconds': 28800}),
            (['unlock'], f'{PASSPHRASE}', {'passphrase': PASSPHRASE}),
            (['unlock', '--new-trail'], f'{PASSPHRASE}\n', {'passphrase': PASSPHRASE, 'new_trail': True}),
            (['passwd'], f'{PASSPHRASE}\nanother passphrase\n',
             {'passphrase': PASSPHRASE, 'new_passphrase': 'another passphrase'}),
            (['pin', '--pin-fd=0'], f'{PASSPHRASE}\n246802\n', {'passphrase': PASSPHRASE, 'new_pin': '246802'})):
        result = world.run(*arguments, '--passphrase-fd=0', text=text)
        equal(result.returncode, 0, result)
        equal(told(world)['call']['method'], arguments[0])
        equal(told(world)['call']['params'], call)
        lacks(' '.join(told(world)['argv']), PASSPHRASE)


@case('a passphrase goes to no socket that somebody names')
def no_socket(world):
    startable(world)
    for command in ('init', 'unlock', 'passwd', 'pin'):
        result = world.run(command, '--socket', world.broker.path, '--passphrase-fd=0', text=f'{PASSPHRASE}\n')
        equal(result.returncode, 2, result)
    assert not started(world)
    equal(world.broker.calls, [])


@case('unlock says what goes on and what was put aside')
def unlock_words(world):
    startable(world, {'result': {**UNLOCKED['result'], 'trail_aside': '/x\n', 'repaired': {'torn_bytes': 3}}})
    out = world.run('unlock', '--passphrase-fd=0', text=f'{PASSPHRASE}\n').stdout.decode()
    for words in ('Grants that go on: 2', 'Put aside   /x\\u{a}', 'mended'):
        contains(out, words)


# --- secrets ---


def with_pin(world, *arguments, text=b''):
    """PIN and then the value on standard input."""
    data = text if isinstance(text, bytes) else text.encode()
    return world.run(*arguments, '--pin-fd=0', text=f'{PIN}\n'.encode() + data)


VALUES = (
    ('one newline at the end is dropped', 'value\n', [], 'value'),
    ('a second newline stays', 'value\n\n', [], 'value\n'),
    ('with --raw each newline stays', 'value\n', ['--raw'], 'value\n'),
    ('a value of 4096 bytes goes in the message', 'v' * 4096, [], 'v' * 4096),
)


@case('a value comes from standard input, after the PIN on the same descriptor')
def values(world):
    world.broker.results['secret_set'] = {'name': 'token', 'version': 3}
    for sentence, text, options, sent in VALUES:
        result = with_pin(world, 'secret', 'set', 'token', *options, text=text)
        equal((result.returncode, result.stdout), (0, b'token: version 3\n'), sentence)
        equal(world.broker.called('secret_set')[-1], {'name': 'token', 'mode': 'any', 'value': sent, 'pin': PIN}, sentence)


@case('a value over 4 KiB, or no text, goes as a sealed descriptor')
def large_values(world):
    world.broker.results['secret_set'] = {'name': 'token', 'version': 1}
    for value in (b'v' * 4097, b'\xff\x00\n\n', os.urandom(1 << 20)):
        result = with_pin(world, 'secret', 'set', 'token', '--raw', '--new', '--tag', 'a=b', '--tag', 'c==', text=value)
        equal(result.returncode, 0, result)
        equal(world.broker.called('secret_set')[-1], {'name': 'token', 'mode': 'new', 'value_fd': True, 'pin': PIN,
                                                      'tags': {'a': 'b', 'c': '='}})
        passed = world.broker.descriptors.pop()
        equal(os.pread(passed, 2 << 20, 0), value)
        try:
            os.write(passed, b'x')
            raise AssertionError('the descriptor is not sealed')
        except PermissionError:
            pass
        os.close(passed)


@case('a value that is empty or larger than 1 MiB is refused')
def unfit_values(world):
    for value in (b'', b'\n', b'v' * ((1 << 20) + 1)):
        equal(with_pin(world, 'secret', 'set', 'token', text=value).returncode, 1)
    equal(world.broker.called('secret_set'), [])


@case('a value comes from a file, or from a prompt that does not show it')
def other_values(world):
    world.broker.results['secret_set'] = {'name': 'token', 'version': 1}
    write(world, 'value', 'from a file\n')
    child = world.terminal('secret', 'set', 'token', '--file', os.path.join(world.base, 'value'))
    hidden(child, 'PIN: ', PIN)
    child.expect_exact('token: version 1')
    equal(exit_status(child), 0)
    child = world.terminal('secret', 'set', 'token')
    hidden(child, 'Value: ', 'from a prompt')
    hidden(child, 'PIN: ', PIN)
    child.expect_exact('token: version 1')
    equal(exit_status(child), 0)
    equal([params['value'] for params in world.broker.called('secret_set')], ['from a file', 'from a prompt'])
    lacks(world.screen(child), 'from a prompt')


@case('a value is never an argument, and a name is checked before anything is asked')
def bad_usage(world):
    for arguments in (['secret', 'set', 'token', 'value'], ['secret', 'set'], ['secret', 'set', 'a/b'],
                      ['secret', 'set', '../x'], ['secret', 'set', ''], ['secret', 'set', 'token', '--tag', 'novalue'],
                      ['secret', 'generate', 'x', '--length', '7'], ['secret', 'generate', 'x', '--characters', 'emoji'],
                      ['secret', 'mv', 'a'], ['secret', 'show', 'a', 'b'], ['revoke'], ['revoke', 'x', '--all'],
                      ['deny'], ['rules', 'rm'], ['rules', 'x'], ['rules', 'rm', 'a', 'b'], ['serve', 'x'],
                      ['serve', '--tty', '--json'], ['unlock', '--for', '0'], ['nonsense'], ['secret'], ['secret', 'nonsense'], [],
                      ['approve', '--scope', 'x'], ['approve', '--once', 'x'], ['approve', '--plain', 'x'], ['serve', '--plain'], ['approve', '--json'], ['status', '--pin-fd', '99'],
                      ['status', '--pin-fd', 'x'], ['lock', 'now'], ['--json'], ['--json', 'mcp'],
                      ['--socket', '/x', 'mcp']):
        result = world.run(*arguments)
        equal(result.returncode, 2, arguments)
        assert result.stderr and not result.stdout, result
    equal(world.broker.calls, [])


@case('a wrong PIN is asked again at a terminal, three times at most')
def pin_again(world):
    world.broker.results['secret_generate'] = {'name': 'x', 'version': 1}
    child = world.terminal('secret', 'generate', 'x')
    hidden(child, 'PIN: ', '000000')
    child.expect_exact('that is not the PIN')
    hidden(child, 'PIN: ', PIN)
    child.expect_exact('x: version 1')
    equal(exit_status(child), 0)
    child = world.terminal('secret', 'rm', 'x')
    for _ in range(3):
        hidden(child, 'PIN: ', '000000')
    equal(exit_status(child), 1)


@case('Ctrl-C at the PIN changes nothing')
def cancelled(world):
    child = world.terminal('secret', 'rm', 'x')
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    child.sendcontrol('c')
    child.expect_exact('cancelled')
    equal(exit_status(child), 1)
    equal(world.broker.called('secret_rm'), [])


@case('a descriptor that is a terminal is refused: it would show the PIN')
def terminal_fd(world):
    child = world.terminal('secret', 'list', '--pin-fd', '0')
    child.expect_exact('would show it')
    equal(exit_status(child), 1)


SHOWN = {'name': 'token', 'tags': {'team': 'a\tb'}, 'created': '2026-11-21T01:39:21.000Z',
         'updated': '2026-11-21T01:39:21.000Z', 'version': 2, 'size': 5}


@case('show prints no value; --reveal prints it and nothing else')
def show(world):
    world.broker.results['secret_show'] = SHOWN
    out = with_pin(world, 'secret', 'show', 'token').stdout.decode()
    contains(out, 'team=a\\u{9}b')
    assert 'pin' not in world.broker.called('secret_show')[-1]
    world.broker.results['secret_show'] = {**SHOWN, 'value': 'a\033[2Jb'}
    equal(with_pin(world, 'secret', 'show', 'token', '--reveal').stdout, b'a\033[2Jb')
    equal(world.broker.called('secret_show')[-1], {'name': 'token', 'reveal': True, 'pin': PIN})
    equal(json.loads(with_pin(world, 'secret', 'show', 'token', '--reveal', '--json').stdout)['value'], 'a\033[2Jb')


@case('a value that came by descriptor is printed whole')
def show_large(world):
    value = os.urandom(100000)
    fd = os.memfd_create('value', os.MFD_ALLOW_SEALING)
    os.write(fd, value)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    world.broker.results['secret_show'] = {**SHOWN, 'value_fd': True}
    def secret_show(params):
        world.broker.passed = fd
        return world.broker.results['secret_show']
    world.broker.on_secret_show = secret_show
    equal(with_pin(world, 'secret', 'show', 'token', '--reveal').stdout, value)
    os.close(fd)


@case('a value that could act on a terminal is not printed on one')
def show_terminal(world):
    for value, shown in (('plain', True), ('a\033[2Jb', False), ('a\x9bb', False), ('a\rb', False), ('\u202e', False)):
        world.broker.results['secret_show'] = {**SHOWN, 'value': value}
        child = world.terminal('secret', 'show', 'token', '--reveal')
        hidden(child, 'PIN: ', PIN)
        child.expect_exact('plain' if shown else 'may act on')
        equal(exit_status(child), 0 if shown else 1)
        lacks(world.screen(child), '\033')


@case('lists are tables for people and arrays with ids for programs')
def lists(world):
    world.broker.results['secret_list'] = {'secrets': [SHOWN, {**SHOWN, 'name': 'app/prod/x', 'tags': {}}]}
    world.broker.results['grants'] = {'grants': [
        {'id': 'g1', 'request_id': 'r1', 'operation': 'get_secret', 'resource': 'token', 'scopes': ['use'],
         'holder': 'node\u202e (pid 1)', 'granted_at': 'x', 'expires_at': 'y', 'expires_in': 299, 'uses_left': 2}]}
    table = with_pin(world, 'secret', 'list').stdout.decode().splitlines()
    equal(len(table), 3)
    equal(table[0].split(), ['NAME', 'VERSION', 'BYTES', 'UPDATED', 'TAGS'])
    equal([entry['id'] for entry in json.loads(with_pin(world, 'secret', 'list', '--json').stdout)], ['token', 'app/prod/x'])
    contains(with_pin(world, 'grants').stdout.decode(), 'node\\u{202e} (pid 1)')
    contains(with_pin(world, 'grants').stdout.decode(), '4m59s')
    out = with_pin(world, 'grants', '--json').stdout
    assert out.isascii(), out
    equal(json.loads(out)[0]['holder'], 'node\u202e (pid 1)')
    world.broker.results['rules'] = {'rules': [
        {'id': 's1', 'rule': 'allow http_request of x\033[2J', 'scopes': ['read'], 'made_at': 't'}]}
    contains(with_pin(world, 'rules').stdout.decode(), 'allow http_request of x\\u{1b}[2J')
    equal(json.loads(with_pin(world, '--json', 'rules').stdout)[0]['id'], 's1')


@case('what narrows asks for nothing')
def narrows(world):
    for method in ('lock', 'panic'):
        world.broker.results[method] = {}
        equal(world.run(method).returncode, 0)
    world.broker.results['revoke'] = {'revoked': 3}
    equal(world.run('revoke', '--all').stdout, b'Revoked: 3\n')
    equal(world.run('revoke', 'g1').stdout, b'Revoked: 3\n')
    equal(world.broker.called('revoke'), [{'all': True}, {'grant_id': 'g1'}])
    world.broker.results['rule_rm'] = {}
    for arguments in (['rules', 'rm', 'r1'], ['rules', '--json', 'rm', 'r1'], ['--json', 'rules', 'rm', 'r1']):
        equal(world.run(*arguments).returncode, 0, arguments)
    equal(world.broker.called('rule_rm'), [{'rule_id': 'r1'}] * 3)
    equal(world.broker.called('authenticate'), [])


@case('ui asks for the window, needs no PIN and says nothing; where there is none it says why')
def window(world):
    world.broker.results['show_window'] = {}
    shown = world.run('ui')
    equal((shown.returncode, shown.stdout, shown.stderr), (0, b'', b''))
    equal(world.broker.called('show_window'), [{}])
    world.broker.results['show_window'] = scripted_broker.Refusal(6, 'there is no display to show a window on')
    refused = world.run('ui')
    equal(refused.returncode, 1)
    contains(refused.stderr, b'no display')
    equal(world.broker.called('authenticate'), [])


# --- status, doctor ---

STATUS = {'state': 'unlocked', 'version': '0.1.0', 'pid': 7, 'instance': 'i', 'started_at': 't', 'held': 2, 'grants': 1,
          'references': 1, 'secrets': 9, 'panicked': False, 'audit': {'seq': 5, 'hash': 'abc', 'owed': 0},
          'policy': {'rules': 4, 'differs': ['policy.conf\n']}}


@case('status says what waits and which file is no policy')
def status(world):
    world.broker.results['status'] = STATUS
    out = world.run('status').stdout.decode()
    for words in ('unlocked, pid 7', '2 waiting for you', 'policy.conf\\u{a} differs', '5 records'):
        contains(out, words)
    equal(json.loads(world.run('status', '--json').stdout), {**STATUS, 'id': 'i'})
    world.broker.results['status'] = {**STATUS, 'state': 'locked',
                                      'audit': {'seq': 5, 'hash': 'abc', 'owed': 2, 'trouble': 'No space left'}}
    out = world.run('status').stdout.decode()
    for words in ('countersign unlock', 'No space left', '2 records wait'):
        contains(out, words)


@case('without a broker the exit status is 3, and what starts one is named')
def unreachable(world):
    world.broker.close()
    os.unlink(world.broker.path)
    for command in (['status'], ['lock'], ['grants'], ['deny', 'x'], ['approve', 'x']):
        result = with_pin(world, *command)
        equal(result.returncode, 3, command)
        contains(result.stderr.decode(), 'countersign init')
    write(world, 'data/store.db', '')
    contains(world.run('status').stderr.decode(), 'countersign unlock')


@case('a locked broker is exit status 4, one that is not set up names init')
def locked(world):
    for state, number, words in (('locked', 4, 'countersign unlock'), ('panicked', 4, 'countersign unlock'),
                                 ('uninitialised', 1, 'countersign init')):
        world.broker.state = state
        for command in (['grants'], ['pending'], ['approve', 'x'], ['secret', 'rm', 'x'], ['policy', 'show']):
            result = with_pin(world, *command)
            equal(result.returncode, number, (state, command))
            contains(result.stderr.decode(), words)
    equal(world.broker.called('authenticate'), [])


@case('doctor names what is wrong and the command that mends it')
def doctor(world):
    startable(world)
    write(world, 'countersign-mcp', '', 0o700)
    world.broker.results['status'] = STATUS
    result = world.run('doctor', '--json')
    found = {entry['id']: entry for entry in json.loads(result.stdout)}
    equal((found['broker']['state'], found['audit']['state'], found['proposal']['state']), ('ok', 'ok', 'note'))
    equal(found['proposal']['mend'], 'countersign policy apply')
    contains(found['confinement']['text'], 'confined')
    equal(result.returncode, 1 if found['memlock']['state'] == 'wrong' else 0, result)
    world.broker.results['status'] = {**STATUS, 'state': 'locked', 'audit': {'seq': 1, 'hash': 'a', 'owed': 1, 'trouble': 'full'}}
    os.mkdir(os.path.join(world.base, 'data'), 0o700)
    os.chmod(os.path.join(world.base, 'data'), 0o755)
    write(world, 'config/policy.conf', 'nonsense\n')
    os.unlink(os.path.join(world.base, 'countersign-mcp'))
    result = world.run('doctor')
    equal(result.returncode, 1)
    out = result.stdout.decode()
    for words in ('wrong broker', 'mend: countersign unlock', 'wrong audit', 'wrong store', 'chmod 700', 'wrong policy',
                  'mend: countersign policy check'):
        contains(out, words)


# --- policy ---


@case('policy check reads the folder in order, and tells errors by place')
def policy_check(world):
    write(world, 'config/policy.conf', POLICY)
    write(world, 'config/policy.d/20-b.conf', 'ask get_secret max 5m confirm click\n')
    write(world, 'config/policy.d/10-a.conf', 'deny any of x/**\n')
    write(world, 'config/policy.d/ignored', 'nonsense\n')
    result = world.run('policy', 'check')
    equal(result.returncode, 0, result)
    contains(result.stdout.decode(), 'policy.d/20-b.conf:1:23: loosening')
    contains(result.stdout.decode(), 'Rules: 4, in files: 3')
    equal([note['kind'] for note in json.loads(world.run('policy', 'check', '--json').stdout)], ['loosening'])
    path = os.path.join(world.base, 'config', 'policy.d', 'ignored')
    result = world.run('policy', 'check', path)
    equal(result.returncode, 1)
    contains(result.stderr.decode(), f'{path}:1:1')
    write(world, 'config/policy.d/30-c.conf', 'allow get_secret of x\n')
    equal(world.run('policy', 'check').returncode, 1)
    equal(world.broker.calls, [])


@case('policy check points at the words that it is about, and says what would be right')
def policy_points(world):
    write(world, 'config/policy.conf', 'deny reveal\nask\thttp_request of { jira githb } \\\n  from /bin/sh\n')
    write(world, 'config/services.d/github.conf',
          'service github\nbase https://api.github.com\nplace none\nscope read GET /user\n')
    result = world.run('policy', 'check')
    equal(result.returncode, 0, result)
    equal(result.stderr, b'')
    contains(result.stdout.decode(), '''policy.conf:2:28: warning: no service, and no scope of one, is called "githb"
    2 | ask http_request of { jira githb } \\
      |                            ^~~~~
    = did you mean "github"?
''')
    [note] = [note for note in json.loads(world.run('policy', 'check', '--json').stdout) if 'githb' in note['text']]
    equal({name: note[name] for name in ('kind', 'place', 'file', 'line', 'column', 'length', 'suggestion')},
          {'kind': 'warning', 'place': 'policy.conf:2:28', 'file': 'policy.conf', 'line': 2, 'column': 28, 'length': 5,
           'suggestion': 'did you mean "github"?'})
    write(world, 'config/policy.conf', 'deny reveal\n\n  alow any\n')
    result = world.run('policy', 'check')
    equal((result.returncode, result.stdout), (1, b''))
    contains(result.stderr.decode(), '''policy.conf:3:3: error: "alow" is no verdict, and a rule begins with one; did you mean "allow"?
    3 |   alow any
      |   ^~~~
''')
    equal(world.broker.calls, [])


@case('policy check has colours and lines of a terminal on terminals only')
def policy_colours(world):
    write(world, 'config/policy.conf', 'deny reveal\nask mint_token from /bin/sh confirm click ' + '# long ' * 20 + '\n')
    child = world.terminal('policy', 'check')
    for words in ('policy.conf:2:29:', '\033[1;33mloosening:\033[0m confirm click', '^~~~~~~~~~~~~', 'Rules: 2'):
        child.expect_exact(words)
    equal(exit_status(child), 0)
    assert b'\033' not in world.run('policy', 'check').stdout
    child = world.terminal('policy', 'check', env={'NO_COLOR': '1'})
    child.expect_exact('Rules: 2')
    assert '\033' not in child.before and max(len(line) for line in child.before.splitlines()) <= 80, child.before
    equal(exit_status(child), 0)


@case('policy check looks for the names of secrets with the PIN')
def policy_names(world):
    world.broker.results['secret_list'] = {'secrets': [{'name': 'prod/db/KEY'}, {'name': 'token'}]}
    write(world, 'config/policy.conf', 'deny reveal\nask get_secret of { token prod/db/KYE }\n')
    assert 'KYE' not in world.run('policy', 'check').stdout.decode()
    result = with_pin(world, 'policy', 'check', '--names')
    equal(result.returncode, 0, result)
    contains(result.stdout.decode(), 'no secret is called "prod/db/KYE"')
    contains(result.stdout.decode(), 'did you mean "prod/db/KEY"?')


@case('policy apply shows the difference, then asks, and sends exactly what was shown')
def policy_apply(world):
    accepted = POLICY.replace('deny reveal', 'ask reveal max 5m # \033[2J')
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': accepted},
                                                     {'name': 'policy.d/old.conf', 'text': 'ask any of x confirm key\n'}],
                                           'accepted_at': 't'}
    world.broker.results['policy_apply'] = {'rules': 2}
    write(world, 'config/policy.conf', POLICY + '# more\n')
    child = world.terminal('policy', 'apply')
    hidden(child, 'PIN: ', PIN)
    for words in ('cannot be read', '-ask reveal max 5m # \\u{1b}[2J', '+deny reveal', '+# more', 'policy.d/old.conf (no longer there)',
                  '-ask any of x confirm key', 'type the PIN once more'):
        child.expect_exact(words)
    equal(world.broker.called('policy_apply'), [])
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    write(world, 'config/policy.conf', 'ask reveal\n')
    child.sendline(PIN)
    child.expect_exact('Accepted: 2 rules')
    equal(exit_status(child), 0)
    shown = hashlib.sha256(b''.join(f'{file["name"]}\0{file["text"]}\0'.encode()
                                    for file in world.broker.results['policy_show']['files'])).hexdigest()
    equal(world.broker.called('policy_apply'), [{'files_fd': True, 'over': shown, 'pin': PIN}])
    sent = os.pread(world.broker.descriptors.pop(), 1 << 20, 0)
    equal(json.loads(sent), [{'name': 'policy.conf', 'text': POLICY + '# more\n'}])


@case('policy apply says what opens and what narrows before the PIN that accepts it is asked')
def policy_words(world):
    accepted = 'deny reveal\nask any confirm key max 1h\nallow http_request of git from /opt/x\n'
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': accepted}], 'accepted_at': 't'}
    world.broker.results['policy_apply'] = {'rules': 3, 'services': 0, 'ended': 2, 'refused': 1}
    write(world, 'config/policy.conf', 'ask any max 1h\ndeny any of prod/**\nallow mint_token of aws\n')
    child = world.terminal('policy', 'apply', env={'NO_COLOR': '1'})
    hidden(child, 'PIN: ', PIN)
    for words in ('This opens:', '  newly asked: reveal (it was denied; ', 'accepted policy.conf:1)',
                  '  looser: any (confirm pin; it was: confirm key; accepted policy.conf:2)',
                  'This narrows:', '  newly denied: any but reveal, of prod/** (it was asked; policy.conf:2)',
                  '-deny reveal', '+deny any of prod/**',
                  'policy.conf:1:5: loosening: reveal can be granted', '^~~', 'type the PIN once more'):
        child.expect_exact(words)
    equal(world.broker.called('policy_apply'), [])
    hidden(child, 'PIN: ', PIN)
    for words in ('Accepted: 3 rules', 'Grants that it denies, and that ended: 2', 'refused: 1'):
        child.expect_exact(words)
    equal(exit_status(child), 0)
    told = json.loads(with_pin(world, 'policy', 'apply', '--json').stdout)
    equal((told['changed'], told['ended'], told['refused']), (True, 2, 1))
    equal([(change['kind'], change['widens']) for change in told['changes']],
          [('newly asked', True), ('looser', True), ('newly denied', False)])
    equal(told['changes'][1]['about'], 'any')


@case('policy apply counts a long difference that words have told, and shows it when asked')
def policy_long(world):
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': POLICY},
                                                     {'name': 'services.d/x.conf', 'text': 'old\n'}], 'accepted_at': 't'}
    world.broker.results['policy_apply'] = {'rules': 2}
    write(world, 'config/policy.conf', POLICY + ''.join(f'# line {i}\n' for i in range(40)))
    text = with_pin(world, 'policy', 'apply').stdout.decode()
    contains(text, 'No request is decided otherwise than before.')
    contains(text, 'policy.conf: lines that are new: 40, no longer there: 0; --diff shows them')
    contains(text, 'services.d/x.conf (no longer there)\n@@ line 1, now 1 @@\n-old')
    assert '# line 7' not in text
    contains(with_pin(world, 'policy', 'apply', '--diff').stdout.decode(), '+# line 7\n')


@case('policy apply says of rules that were accepted before only that there is something to say')
def policy_old_notes(world):
    old = 'deny reveal\nask mint_token from /bin/sh\n'
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': old}], 'accepted_at': 't'}
    world.broker.results['policy_apply'] = {'rules': 3}
    write(world, 'config/policy.conf', old + 'ask launch confirm click\n')
    text = with_pin(world, 'policy', 'apply').stdout.decode()
    contains(text, 'policy.conf:3:12: loosening: confirm click')
    contains(text, '  looser: launch (confirm click; it was: confirm pin; policy.conf:3)')
    contains(text, 'accepted before: 2; see countersign policy check')
    assert 'interpreter' not in text, text


@case('policy apply asks nothing more when nothing differs, and sends no policy with an error')
def policy_same(world):
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': POLICY}], 'accepted_at': 't'}
    write(world, 'config/policy.conf', POLICY)
    result = with_pin(world, 'policy', 'apply')
    equal(result.returncode, 0, result)
    contains(result.stdout.decode(), 'nothing to apply')
    equal(json.loads(with_pin(world, 'policy', 'apply', '--json').stdout)['changed'], False)
    for text in ('nonsense\n', 'allow get_secret of x\n'):
        write(world, 'config/policy.conf', text)
        equal(with_pin(world, 'policy', 'apply').returncode, 1)
    equal(world.broker.called('policy_apply'), [])


@case('policy show escapes what was accepted')
def policy_show(world):
    world.broker.results['policy_show'] = {'files': [{'name': 'policy.conf', 'text': '# \033[2J\n'}], 'accepted_at': 't'}
    contains(with_pin(world, 'policy', 'show').stdout.decode(), '  # \\u{1b}[2J\n')


# --- mcp ---


@case('mcp becomes countersign-mcp in the same process, with its arguments untouched')
def mcp(world):
    write(world, 'countersign-mcp', '#!/bin/sh\necho "$$" "$@"\n', 0o700)
    child = world.terminal('mcp', '--hold', '5', '--help')
    pid = child.pid
    child.expect_exact(f'{pid} --state-dir {world.base} --hold 5 --help')
    equal(exit_status(child), 0)


scripted_broker.main()
