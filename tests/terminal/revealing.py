# SPDX-License-Identifier: MIT
"""countersign read and inject: who is asked, and what is written where."""

import json
import os
import stat

import scripted_broker
from scripted_broker import PIN, Refusal, exit_status, sealed
from tap import case, contains, equal, lacks


def holds(world, **secrets):
    """What the broker has, by name with _ for /; each needs the PIN."""
    values = {name.replace('__', '/'): value for name, value in secrets.items()}

    def show(params):
        world.broker.prove(params)
        if params['name'] not in values:
            raise Refusal(5, 'there is no such secret')
        value = values[params['name']]
        if isinstance(value, str):
            return {'name': params['name'], 'value': value}
        world.broker.passed = sealed(value)
        return {'name': params['name'], 'value_fd': True}
    world.broker.on_secret_show = show


def with_pin(world, *arguments, pin=PIN, text='', **options):
    """By descriptor 0: the PIN's line, and what follows it is standard input."""
    return world.run(*arguments, '--pin-fd', '0', text=f'{pin}\n'.encode() + (text if isinstance(text, bytes) else text.encode()),
                     **options)


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def template(world, text, name='template'):
    path = os.path.join(world.base, name)
    with open(path, 'wb') as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


# --- read ---


@case('read prints one value as it is, and several with a newline after each')
def reads(world):
    holds(world, a='one', app__dev__b=b'\0\xfftwo\n')
    for references, out in ((['secret://a'], b'one'), (['secret://app/dev/b'], b'\0\xfftwo\n'),
                            (['secret://a', 'secret://app/dev/b', 'secret://a'], b'one\n\0\xfftwo\n\none\n')):
        result = with_pin(world, 'read', *references)
        equal((result.returncode, result.stdout, result.stderr), (0, out, b''))
    equal(json.loads(with_pin(world, 'read', '--json', 'secret://a').stdout), [{'id': 'secret://a', 'name': 'a', 'value': 'one'}])
    result = with_pin(world, 'read', '--json', 'secret://a', 'secret://app/dev/b')
    equal((result.returncode, result.stdout), (1, b''))
    contains(result.stderr.decode(), 'app/dev/b is no text')


@case('at a terminal read asks the PIN there, and shows no value that could act on it')
def terminal(world):
    holds(world, a='one', b='\x1b]0;x\x07')
    child = world.terminal('read', 'secret://a')
    child.expect_exact('PIN: ')
    assert child.waitnoecho()
    child.sendline(PIN)
    child.expect_exact('one\r\n')
    equal(exit_status(child), 0)
    child = world.terminal('read', 'secret://b')
    child.expect_exact('PIN: ')
    child.sendline(PIN)
    child.expect_exact('terminal may act on')
    equal(exit_status(child), 1)


@case('a wrong PIN, a secret that is not there and a word that is no reference print nothing')
def refused(world):
    holds(world, a='one')
    for arguments, pin, status, word in ((['secret://a'], '111111', 1, 'not the PIN'), (['secret://a', 'secret://b'], PIN, 1, 'b: there is no'),
                                         (['a'], PIN, 2, 'write secret://NAME'), (['secret://a/b'], PIN, 2, 'app/environment/NAME'),
                                         ([], PIN, 2, 'expects REFERENCE')):
        result = with_pin(world, 'read', *arguments, pin=pin)
        equal((result.returncode, result.stdout), (status, b''), arguments)
        contains(result.stderr.decode(), word)


@case('without a terminal and without --pin-fd the broker is asked as an agent asks it')
def asks(world):
    world.broker.hand_out('read_secrets', b'one', b'two')
    result = world.run('read', 'secret://a', 'secret://b')
    equal((result.returncode, result.stdout), (0, b'one\ntwo\n'))
    equal(world.broker.called('read_secrets'), [{'names': ['a', 'b']}])
    equal(world.broker.called('secret_show'), [])


@case('and when that is denied it says what to use instead')
def denied(world):
    world.broker.results['read_secrets'] = {'status': 'denied', 'request_id': 'r', 'code': 'policy', 'message': 'The policy denies it'}
    for arguments in (('read', 'secret://a'), ('inject',)):
        result = world.run(*arguments, text='{{ secret://a }}')
        equal((result.returncode, result.stdout), (1, b''))
        for part in ('denied: The policy denies it', 'countersign run', '--pin-fd'):
            contains(result.stderr.decode(), part)


# --- inject ---


@case('inject puts values in place of references, and leaves all else as it is')
def injects(world):
    holds(world, a='A', b=b'\xff\0', app__dev__c='C')
    for text, out in (('x {{ secret://a }} y', b'x A y'), ('{{secret://a}}{{\tsecret://a\t}}', b'AA'), ('k=secret://a\n', b'k=A\n'),
                      ('"secret://app/dev/c"', b'"C"'), ('secret://a,secret://a', b'A,A'), ('{{ .Values }} {{', b'{{ .Values }} {{'),
                      (b'\xfe{{secret://b}}\xfe', b'\xfe\xff\0\xfe'), ('', b''), ('{{{secret://a}}}', b'{A}'),
                      ('mysecret://a x-secret://a', b'mysecret://a x-secret://a'), ('{{ secret:/a }}', b'{{ secret:/a }}')):
        result = with_pin(world, 'inject', text=text)
        equal((result.returncode, result.stdout), (0, out), text)


@case('each value is asked for once, and without a reference nothing is asked')
def once(world):
    holds(world, a='A')
    with_pin(world, 'inject', text='secret://a {{ secret://a }} secret://a')
    equal(len(world.broker.called('secret_show')), 1)
    world.broker.close()
    result = world.run('inject', text='nothing to see')
    equal((result.returncode, result.stdout), (0, b'nothing to see'))


@case('a reference that is none is an error with its place, and nothing is written')
def places(world):
    for text, place, word in (('x\n {{ secret://a/b }}', '2:5', 'app/environment/NAME'), ('{{ secret://a', '1:14', '}} must follow'),
                              ('{{ secret://a | upper }}', '1:15', '}} must follow'), ('\n\nsecret://', '3:1', 'NAME'),
                              ('k: secret:///x', '1:4', 'NAME'), ('secret://a//b', '1:1', 'app/environment/NAME')):
        path = template(world, text)
        result = with_pin(world, 'inject', '-i', path, '-o', os.path.join(world.base, 'out'))
        equal((result.returncode, result.stdout), (1, b''), text)
        contains(result.stderr.decode(), f'{path}:{place}: ')
        contains(result.stderr.decode(), word)
        assert not os.path.exists(os.path.join(world.base, 'out'))
    equal(world.broker.called('secret_show'), [])


@case('the file that inject writes is for its owner alone, also where one with another mode was')
def mode(world):
    holds(world, a='A')
    out = os.path.join(world.base, 'out')
    old = os.umask(0)
    try:
        for before in (None, 'much longer than what comes'):
            if before is not None:
                template(world, before, 'out')
                os.chmod(out, 0o666)
            result = with_pin(world, 'inject', '-i', template(world, 'v={{ secret://a }}\n'), '-o', out, '--json')
            equal((result.returncode, content(out)), (0, b'v=A\n'))
            equal(stat.S_IMODE(os.stat(out).st_mode), 0o600)
            equal(json.loads(result.stdout), {'id': out, 'output': out, 'secrets': 1, 'bytes': 4})
    finally:
        os.umask(old)
    equal([name for name in os.listdir(world.base) if name.startswith('.')], [])


@case('inject writes over no symbolic link and into no device, pipe or folder')
def no_link(world):
    holds(world, a='A')
    victim = template(world, 'untouched', 'victim')
    os.symlink(victim, os.path.join(world.base, 'link'))
    os.symlink(os.path.join(world.base, 'gone'), os.path.join(world.base, 'dangling'))
    os.mkfifo(os.path.join(world.base, 'pipe'))
    for name, word in (('link', 'symbolic link'), ('dangling', 'symbolic link'), ('pipe', 'no file'), ('run', 'no file'), ('no/way', 'No such')):
        result = with_pin(world, 'inject', '-o', os.path.join(world.base, name), text='secret://a')
        equal((result.returncode, result.stdout), (1, b''), name)
        contains(result.stderr.decode(), word)
    equal(content(victim), b'untouched')
    assert os.path.islink(os.path.join(world.base, 'link')) and not os.path.exists(os.path.join(world.base, 'gone'))


@case('a template that is too large, or not there, is an error')
def sizes(world):
    holds(world, a='x' * 3000)
    result = with_pin(world, 'inject', text=b'x' * (1024 * 1024 + 1))
    equal((result.returncode, result.stdout), (1, b''))
    contains(result.stderr.decode(), 'larger')
    result = with_pin(world, 'inject', text='secret://a,' * 400)
    equal((result.returncode, result.stdout), (1, b''))
    contains(result.stderr.decode(), 'larger')
    result = with_pin(world, 'inject', '-i', '/no/template')
    equal((result.returncode, result.stdout), (1, b''))
    contains(result.stderr.decode(), '/no/template')
    equal(world.run('inject', '--json').returncode, 2)


@case('no value shows in the arguments of any process')
def no_arguments(world):
    holds(world, a='a-value-that-nobody-else-has')
    seen = []

    def show(params):
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                seen.append(content(f'/proc/{pid}/cmdline'))
            except OSError:
                pass
        return {'name': 'a', 'value': 'a-value-that-nobody-else-has'}
    world.broker.on_secret_show = show
    equal(with_pin(world, 'inject', '-o', os.path.join(world.base, 'out'), text='secret://a').returncode, 0)
    assert any(b'inject' in line for line in seen)
    for line in seen:
        lacks(line, b'a-value-that-nobody-else-has')


if __name__ == '__main__':
    scripted_broker.main()
