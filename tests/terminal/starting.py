# SPDX-License-Identifier: MIT
"""What `countersign run` makes of an environment, asks for, and starts."""

import json
import os
import signal
import subprocess
import sys

import scripted_broker
from scripted_broker import PATIENCE, exit_status
from tap import case, contains, equal, lacks

SHOW = 'import json, os, sys; print(json.dumps({"env": dict(os.environ), "argv": sys.argv[1:], "pid": os.getpid()}))'


def write(world, name, text):
    path = os.path.join(world.base, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def start(world, *options, env=None, command=(sys.executable, '-c', SHOW)):
    return world.run('run', *options, '--', *command, env=env)


def environment(result):
    equal(result.returncode, 0, result.stderr.decode())
    return json.loads(result.stdout)['env']


def asked(world):
    """The one call that was made."""
    call, = world.broker.called('launch')
    return call


def fails(result, status, *words):
    equal((result.returncode, result.stdout), (status, b''), result.stderr.decode())
    for word in words:
        contains(result.stderr.decode(), word)
    lacks(result.stderr.decode(), 'Sanitizer')


# --- What is asked, and what the program gets ---


@case('a value that is a reference is asked for, and the program has the value and all else as it was')
def one(world):
    world.broker.hand_out('launch', b'ghp_1\n2')
    result = start(world, env={'GITHUB_TOKEN': 'secret://github-token', 'OTHER': 'as it is'})
    told = environment(result)
    equal(told['GITHUB_TOKEN'], 'ghp_1\n2')
    equal({**told, 'GITHUB_TOKEN': ''}, {**world.env, 'GITHUB_TOKEN': '', 'OTHER': 'as it is', 'LC_CTYPE': told.get('LC_CTYPE')}
          if 'LC_CTYPE' in told else {**world.env, 'GITHUB_TOKEN': '', 'OTHER': 'as it is'})
    real = os.path.realpath(sys.executable)
    equal(asked(world), {'program': real, 'argv': [sys.executable, '-c', SHOW], 'work_dir': world.base, 'sandbox': False,
                         'secrets': [{'name': 'github-token', 'env': 'GITHUB_TOKEN'}]})


@case('all references are one request')
def several(world):
    world.broker.hand_out('launch', b'1', b'2', b'3')
    result = start(world, '--secret', 'app/dev/db-password', '--secret', 'key=THE_KEY', '--purpose', 'to try it',
                   env={'TOKEN': 'secret://app/dev/token'})
    told = environment(result)
    equal([told[name] for name in ('TOKEN', 'DB_PASSWORD', 'THE_KEY')], ['1', '2', '3'])
    call = asked(world)
    equal(call['secrets'], [{'name': 'app/dev/token', 'env': 'TOKEN'}, {'name': 'app/dev/db-password', 'env': 'DB_PASSWORD'},
                            {'name': 'key', 'env': 'THE_KEY'}])
    equal(call['purpose'], 'to try it')


@case('without a reference nobody is asked, and no broker is needed')
def none(world):
    world.broker.close()
    told = environment(start(world, env={'A': 'plain', 'B': '${A}', 'C': 'not secret://x at the beginning', 'D': 'x${A}'}))
    equal([told[name] for name in 'ABCD'], ['plain', 'plain', 'not secret://x at the beginning', 'x${A}'])


@case('a variable may stand for another one that is a reference')
def variables(world):
    world.broker.hand_out('launch', b'1', b'1', b'1')
    told = environment(start(world, env={'A': '${B}', 'B': '${C}', 'C': 'secret://x'}))
    equal([told[name] for name in 'ABC'], ['1', '1', '1'])


@case('arguments are no references')
def arguments(world):
    world.broker.hand_out('launch', b'v')
    result = start(world, env={'A': 'secret://x'}, command=(sys.executable, '-c', SHOW, 'secret://x', '${A}', '', '--', '--json'))
    equal(json.loads(result.stdout)['argv'], ['secret://x', '${A}', '', '--', '--json'])
    equal(asked(world)['argv'][3:], ['secret://x', '${A}', '', '--', '--json'])


@case('options end at the command, with "--" or without')
def words(world):
    for command in (['--', 'printf', '%s,', '-y', '--', '--help'], ['printf', '%s,', '-y', '--', '--help']):
        result = world.run('run', *command)
        equal((result.returncode, result.stdout), (0, b'-y,--,--help,'))


@case('a file of variables is put over the environment, and --secret over both')
def files(world):
    first = write(world, 'first', '# comment\n\nexport A=from-file # said\nB="two\\nlines \\"x\\"" \nC=\'${A}\'\nD=secret://d\nE=${OWN}\r\n'
                  'F="1\n2"\nG=\'it is "so"\'\nH=\n')
    second = write(world, 'second', 'A=later')
    world.broker.hand_out('launch', b'd!', b'h!')
    told = environment(start(world, '--env-file', first, '--env-file', second, '--secret', 'h=H',
                             env={'A': 'own', 'OWN': 'mine'}))
    equal([told[name] for name in 'ABCDEFGH'],
          ['later', 'two\nlines "x"', '${A}', 'd!', 'mine', '1\n2', 'it is "so"', 'h!'])


@case('a file of variables that is not clear is an error with its line')
def bad_files(world):
    for text, line, word in (('A=1\nB\n', 2, 'no ='), ('A =1\n', 1, 'no ='), ('1A=1\n', 1, 'no name for a variable'),
                             ('A=x"y\n', 1, 'single quotes'), ('A="x" y\n', 1, 'after the value'), ('\n\nA="x\ny\n', 3, 'never ends'),
                             ('A="\\x"\n', 1, 'backslash'), ('A=x${B}\n', 1, 'whole value'), ('A=1\nB=2\nA=3\n', 3, 'in line 1'),
                             ('A=1\nB=\0\n', 2, 'NUL'), ('A="x\ny" z\n', 2, 'after the value'), ("A='x'B=1\n", 1, 'after the value'),
                             ('A=secret://no/way\n', 1, 'secret://app/environment/NAME'), ('A=${GONE}\n', 1, 'GONE is not set')):
        path = write(world, 'bad', text)
        fails(start(world, '--env-file', path), 125, f'{path}:{line}: ', word)
    fails(start(world, '--env-file', os.path.join(world.base, 'gone')), 125, 'gone')
    fails(start(world, '--env-file', '/dev/zero'), 125, '/dev/zero: is larger')
    fails(start(world, '--env-file', world.base), 125, world.base)


@case('a reference that is none is an error that names its variable')
def bad_references(world):
    for value, word in (('secret://', 'NAME'), ('secret://a/b', 'app/environment/NAME'), ('secret://a b', 'character'),
                        ('secret:///a', 'character'), ('${GONE}', 'GONE is not set'), ('${TOKEN}', 'itself')):
        fails(start(world, env={'TOKEN': value}), 125, 'TOKEN: ', word)
    fails(start(world, '--secret', 'a/b'), 125, 'a/b')
    fails(start(world, '--secret', '9'), 125, '--secret 9=VARIABLE')
    fails(start(world, '--secret', 'a=B C'), 125, 'no name for a variable')
    fails(start(world, '--secret', 'a=X', '--secret', 'b=X'), 125, 'twice')
    equal(world.broker.called('launch'), [])


# --- The program ---


@case('the program is the one that PATH means, by its real path')
def path(world):
    os.mkdir(os.path.join(world.base, 'bin'))
    os.mkdir(os.path.join(world.base, 'bin', 'tool'))  # a folder is no program
    os.mkdir(os.path.join(world.base, 'more'))
    os.symlink('/bin/echo', os.path.join(world.base, 'more', 'tool'))
    world.broker.hand_out('launch', b'1')
    result = start(world, env={'PATH': f'{world.base}/bin:{world.base}/more', 'A': 'secret://x'}, command=('tool', 'hello'))
    equal((result.returncode, result.stdout), (0, b'hello\n'))
    equal((asked(world)['program'], asked(world)['argv']), (os.path.realpath('/bin/echo'), ['tool', 'hello']))


@case('what cannot be run is 127 when it is not there and 126 when it is, and nobody is asked')
def status(world):
    plain = write(world, 'plain', 'echo\n')
    for command, code in (('nowhere-to-be-found', 127), ('/nowhere/to/be', 127), (plain, 126), (world.base, 126), ('', 127)):
        fails(start(world, env={'A': 'secret://x'}, command=(command,)), code)
    os.chmod(plain, 0o700)
    fails(start(world, command=(plain,)), 126, '#!')
    equal(world.broker.called('launch'), [])


@case('wrong usage is 125, so that it is not taken for the program\'s own')
def usage(world):
    for words in ((), ('--',), ('--nonsense', '--', 'true'), ('--json', '--', 'true'), ('--pin-fd', '0', '--', 'true')):
        fails(world.run('run', *words), 125, 'Try “countersign run --help”')


@case('exit status and signals are the program\'s own')
def ends(world):
    world.broker.hand_out('launch', b'1')
    equal(start(world, env={'A': 'secret://x'}, command=('sh', '-c', 'exit 37')).returncode, 37)
    equal(start(world, command=('sh', '-c', 'kill -TERM $$')).returncode, -signal.SIGTERM)


@case('standard streams and other descriptors pass through, and the signals\' meaning too')
def streams(world):
    world.broker.hand_out('launch', b'v')
    reader, writer = os.pipe()
    os.write(writer, b'from 7')
    os.close(writer)
    script = f'cat; cat /proc/self/fd/{reader}; echo error >&2; grep -E "Sig(Ign|Blk)" /proc/self/status; ulimit -c; ulimit -Hc'
    limits = subprocess.run(['sh', '-c', 'ulimit -c; ulimit -Hc'], capture_output=True, check=True).stdout
    signals = subprocess.run(['grep', '-E', 'Sig(Ign|Blk)', '/proc/self/status'], capture_output=True, check=True).stdout
    result = world.run('run', '--', 'sh', '-c', script, text='from 0,', env={'A': 'secret://x'}, pass_fds=[reader])
    equal(result.stdout, b'from 0,from 7' + signals + limits)
    equal(result.stderr, b'error\n')


@case('a terminal passes through, and Ctrl-C reaches the program')
def terminal(world):
    world.broker.hand_out('launch', b'v')
    child = world.terminal('run', '--', 'sh', '-c', 'tty; echo $A; exec sleep 60', env={'A': 'secret://x'})
    child.expect(r'/dev/pts/\d+\r\nv\r\n')
    child.sendintr()
    equal(exit_status(child), -signal.SIGINT)


# --- Waiting, and being refused ---


def waiting(world, state='held'):
    world.broker.held['launch'] = state
    child = subprocess.Popen([scripted_broker.PROGRAM, '--state-dir', world.base, 'run', '--', 'sh', '-c', 'echo $A'],
                             env={**world.env, 'A': 'secret://x'}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True, cwd=world.base)
    return child, child.stderr.readline().decode()


@case('while it waits it says so in one line, and needs no terminal')
def waits(world):
    child, line = waiting(world)
    contains(line, 'waiting for a person to approve A for /')
    contains(line, 'countersign approve req1')
    world.broker.hand_out('launch', b'v')
    world.broker.answer_held()
    equal(child.communicate(timeout=PATIENCE), (b'v\n', b''))


@case('while the store is locked it says what to do')
def locked(world):
    child, line = waiting(world, 'locked')
    contains(line, 'the store is locked; waiting for a person: countersign unlock')
    world.broker.hand_out('launch', b'v')
    world.broker.answer_held()
    equal(child.communicate(timeout=PATIENCE)[0], b'v\n')


@case('it asks again when nobody has answered yet, and when the broker is replaced')
def again(world):
    os.makedirs(os.path.join(world.base, 'data'), 0o700)
    write(world, 'data/store.db', '')
    child, _ = waiting(world)
    world.broker.results['launch'] = {'status': 'pending', 'request_id': 'req1', 'expires_at': scripted_broker.timestamp(300)}
    world.broker.held['approval_wait'] = 'held'
    world.broker.answer_held()
    world.broker.waiting.get(timeout=PATIENCE)
    equal(world.broker.called('approval_wait'), [{'request_id': 'req1'}])
    world.broker.hand_out('launch', b'v')
    world.broker.go_away()
    world.broker.answer_held()
    equal(child.communicate(timeout=PATIENCE)[0], b'v\n')
    equal(len(world.broker.called('launch')), 2)


@case('interrupted while it waits it ends by that signal, and nothing is started')
def interrupted(world):
    for number in (signal.SIGINT, signal.SIGTERM):
        child, _ = waiting(world)
        child.send_signal(number)
        equal(child.wait(PATIENCE), -number)
        equal(child.stdout.read(), b'')


@case('a no is 125 and says why')
def refused(world):
    for status, message, said in (('denied', 'by a person: not now', 'denied: by a person: not now'),
                                  ('denied', 'denied by policy: deny launch', 'denied by policy: deny launch'),
                                  ('expired', 'nobody answered', 'expired: nobody answered'),
                                  ('failed', 'there is no secret x', 'there is no secret x'), ('failed', None, 'gave no reason')):
        world.broker.results['launch'] = {'status': status, 'request_id': 'r', 'code': 'c', **({'message': message} if message else {})}
        fails(start(world, env={'A': 'secret://x'}), 125, f'countersign run: {said}' if message else said)
    world.broker.results['launch'] = scripted_broker.Refusal(1, 'Not set up. A person must run `countersign init`.')
    fails(start(world, env={'A': 'secret://x'}), 125, 'countersign init')
    world.broker.close()
    fails(start(world, env={'A': 'secret://x'}), 125, 'no broker', 'countersign init starts one')


@case('what no environment can hold is refused before the program is started')
def unfit(world):
    for value, word in ((b'a\0b', 'NUL'), (b'x' * 131072, '128 KiB')):
        world.broker.hand_out('launch', value)
        fails(start(world, env={'TOKEN': 'secret://x'}), 125, 'TOKEN: the value of x', word)
    for values in ((b'one', b'two'), ()):
        world.broker.hand_out('launch', *values)
        fails(start(world, env={'TOKEN': 'secret://x'}), 125, 'does not hold the values')
    fails(start(world, env={'TOKEN': 'secret://x'}, command=('sh', b'\xff')), 125, 'argument 1 is not UTF-8')


@case('a program that changes while a person is asked is not started')
def changed(world):
    tool = write(world, 'tool', '#!/bin/sh\necho before\n')
    os.chmod(tool, 0o700)
    world.broker.held['launch'] = 'held'
    child = subprocess.Popen([scripted_broker.PROGRAM, '--state-dir', world.base, 'run', tool], env={**world.env, 'A': 'secret://x'},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    child.stderr.readline()
    write(world, 'tool', '#!/bin/sh\necho after \n')
    world.broker.hand_out('launch', b'v')
    world.broker.answer_held()
    out, error = child.communicate(timeout=PATIENCE)
    equal((child.returncode, out), (125, b''))
    contains(error.decode(), 'was changed while a person was asked')


if __name__ == '__main__':
    scripted_broker.main()
