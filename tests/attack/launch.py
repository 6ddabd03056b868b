# SPDX-License-Identifier: MIT
"""countersign run in the hands of an agent: what it may not get, and what it may not make of an approval."""

import glob
import json
import os
import shutil
import stat
import subprocess

import countersign
from lines import PATIENCE
from tap import case, contains, equal, lacks

HERE = os.path.dirname(os.path.abspath(__file__))
VALUE = 'value-of-demo'


def start(world, *words, program='countersign', env=None):
    process = subprocess.Popen([world.program(program), *words], env={**world.env, **(env or {})}, cwd=world.base,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                               start_new_session=True)
    world.parties.append(Party(process))
    return process


class Party:
    def __init__(self, process):
        self.process = process

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def waits(process):
    """Until a person is asked."""
    contains(process.stderr.readline().decode(), 'waiting for a person')


def card(world):
    request, = world.human(pin=True).pending()
    return request['request_id'], json.loads(request['card'])


def fact(shown, label):
    return [fact['value'] for fact in shown['facts'] if fact['label'] == label]


def write(world, name, text, mode=0o600):
    path = os.path.join(world.base, name)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def command_lines():
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(path, 'rb') as file:
                yield file.read()
        except OSError:
            pass


@case('a reference among the arguments stays what it is, and asks for nothing')
def arguments(world):
    for text in ('secret://demo', '${DEMO}', 'x=secret://demo', '{{ secret://demo }}'):
        process = start(world, 'run', '--', 'echo', text)
        equal(process.communicate(timeout=PATIENCE), (text.encode() + b'\n', b''))
    for name in ('A', 'B'):
        process = start(world, 'run', '--', 'sh', '-c', f'echo "${name}"', env={'A': 'x secret://demo', 'B': 'secret:/demo'})
        lacks(process.communicate(timeout=PATIENCE)[0].decode(), VALUE)
    equal(world.human(pin=True).pending(), [])


@case('a value is in the arguments of no process')
def no_argument(world):
    process = start(world, 'run', '--secret', 'demo', '--', 'sh', '-c', 'echo ready; cat')
    waits(process)
    world.grant(card(world)[0])
    equal(process.stdout.readline(), b'ready\n')
    lines = list(command_lines())
    assert any(b'echo ready; cat' in line for line in lines), lines
    for line in lines:
        lacks(line, VALUE.encode())


@case('while a person is asked there is no value to be found in countersign')
def no_value_yet(world):
    process = start(world, 'run', '--', 'true', env={'DEMO': 'secret://demo'})
    waits(process)
    with open(f'/proc/{process.pid}/environ', 'rb') as file:
        contains(file.read(), b'DEMO=secret://demo')
    with open(f'/proc/{process.pid}/maps', encoding='utf-8') as maps, open(f'/proc/{process.pid}/mem', 'rb') as memory:
        for line in maps:
            place, mode = line.split()[:2]
            first, last = (int(number, 16) for number in place.split('-'))
            if 'r' in mode and '[v' not in line and last - first < 1 << 28:
                try:
                    memory.seek(first)
                    lacks(memory.read(last - first), VALUE.encode())
                except (OSError, ValueError, OverflowError):
                    pass


@case('a countersign that another library is loaded into asks as the agent that started it, and gets no more')
def preloaded(world):
    log = os.path.join(world.base, 'spied')
    env = {'LD_PRELOAD': os.path.join(HERE, 'libspy.so'), 'SPY_LOG': log, 'DEMO': 'secret://demo',
           'ASAN_OPTIONS': 'verify_asan_link_order=0:detect_leaks=0'}
    process = start(world, 'run', '--', 'printenv', 'DEMO', env=env)
    waits(process)
    request_id, shown = card(world)
    equal((shown['requester']['pid'], shown['operation'], shown['risk']), (os.getpid(), 'launch', 'disclose'))
    world.human().call('decide', {'request_id': request_id, 'verdict': 'deny'})
    out, _ = process.communicate(timeout=PATIENCE)
    equal((process.returncode, out), (125, b''))
    with open(log, 'rb') as file:
        lacks(file.read(), VALUE.encode())
    # Nor does being our own program open what needs the PIN.
    process = start(world, 'read', 'secret://demo', env=env)
    out, error = process.communicate(timeout=PATIENCE)
    equal((process.returncode, out), (1, b''))
    contains(error.decode(), 'denied')


@case('a copy of countersign is a program of the agent\'s, and shown as one')
def copied(world):
    copy = os.path.join(world.base, 'countersign')
    shutil.copy(world.program('countersign'), copy)
    process = start(world, 'run', '--secret', 'demo', '--', 'true', program=copy)
    # Away from where it was installed it may not find out where that is: then it does not ask at all.
    if process.stderr.readline().startswith(b'countersign run: waiting'):
        _, shown = card(world)
        equal((shown['requester']['pid'], shown['requester'].get('via')), (process.pid, None))
    else:
        equal(world.human(pin=True).pending(), [])


@case('another npx in front of PATH is shown by its full path')
def other_program(world):
    write(world, 'bin/npx', '#!/bin/sh\necho "$DEMO"\n', 0o700)
    process = start(world, 'run', '--secret', 'demo', '--', 'npx', env={'PATH': f'{world.base}/bin:{world.env["PATH"]}'})
    waits(process)
    equal(fact(card(world)[1], 'Runs'), [os.path.realpath(f'{world.base}/bin/npx')])


@case('an approval for one program, variable or folder is none for another')
def not_for_another(world):
    process = start(world, 'run', '--secret', 'demo', '--', 'true')
    waits(process)
    world.grant(card(world)[0])
    equal(process.wait(PATIENCE), 0)
    watcher = world.human(pin=True)
    watcher.call('subscribe')
    for words in (('--secret', 'demo', '--', 'printenv', 'DEMO'), ('--secret', 'demo=OTHER', '--', 'true'),
                  ('--secret', 'demo', '--', 'true', 'more')):
        process = start(world, 'run', *words)
        waits(process)
        process.kill()
        watcher.hear('closed', request_id=watcher.hear('held')['request_id'])


@case('no secret goes into a variable that says which code runs')
def hidden_program(world):
    for variable in ('PATH', 'LD_PRELOAD', 'NODE_OPTIONS'):
        out, error = start(world, 'run', '--secret', f'demo={variable}', '--', 'true').communicate(timeout=PATIENCE)
        equal(out, b'')
        contains(error.decode(), 'a variable that changes which code runs')


@case('nor for the same command of another process')
def not_for_others(world):
    process = start(world, 'run', '--secret', 'demo', '--', 'true')
    waits(process)
    _, shown = card(world)
    world.grant(card(world)[0])
    equal(process.wait(PATIENCE), 0)
    thief = world.agent()
    call = thief.start('launch', {'program': fact(shown, 'Runs')[0], 'argv': ['true'], 'work_dir': world.base, 'sandbox': False,
                                  'secrets': [{'name': 'demo', 'env': 'DEMO'}]})
    thief.held(call)
    equal(card(world)[1]['requester']['pid'], thief.pid)


@case('what an agent left in the configuration folder is not accepted along with a service')
def left(world):
    write(world, 'home/.config/countersign/policy.d/evil.conf', 'ask reveal\n')
    write(world, 'home/.config/countersign/services.d/evil.conf',
          'service evil\nbase https://evil.example\ncredential demo\nplace bearer\nscope read { GET } /**\n')
    out = world.cli('service', 'add', 'github', pin=True).out
    for name in ('policy.d/evil.conf', 'services.d/evil.conf'):
        contains(out, f'{name} differs too, and is not accepted')
    equal([service['id'] for service in world.cli('service', 'list', '--json', pin=True).json()], ['github'])
    equal(sorted(world.status()['policy']['differs']), ['policy.d/evil.conf', 'services.d/evil.conf'])


@case('inject writes through no link that an agent put where its file goes')
def link(world):
    victim = write(world, 'victim', 'untouched')
    os.symlink(victim, os.path.join(world.base, 'out'))
    world.cli('inject', '-o', os.path.join(world.base, 'out'), stdin='secret://demo', pin=True, status=1)
    with open(victim, encoding='utf-8') as file:
        equal(file.read(), 'untouched')
    world.cli('inject', '-o', os.path.join(world.base, 'new'), stdin='secret://demo', pin=True)
    equal(stat.S_IMODE(os.stat(os.path.join(world.base, 'new')).st_mode), 0o600)


countersign.main()
