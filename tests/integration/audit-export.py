# SPDX-License-Identifier: MIT
"""A trail that is carried elsewhere: proven there with what was kept, and with nothing else; and what a checkpoint shows."""

import hashlib
import json
import os
import pty
import shutil
import signal
import subprocess
import termios
import time

import countersign
from countersign import PASSPHRASE, PATIENCE
from elsewhere import Machine, files_of, lines_of, prove
from tap import case, contains, equal, lacks


def carried(world):
    """A folder to export into, below one of its own."""
    return os.path.join(world.folder(f'carried-{len(os.listdir(world.base))}'), 'trail')


def use(world):
    agent = world.agent()
    call = agent.ask('demo', 'to have something recorded')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)


def export(world, *arguments):
    """A file that is closed, with a use in it; where the copy is, and what was said of it."""
    use(world)
    folder = carried(world)
    return folder, world.cli('audit', 'export', '--json', *arguments, folder, pin=True).json()


def checkpoint_of(folder):
    with open(os.path.join(folder, 'checkpoint'), encoding='utf-8') as file:
        return json.load(file)


def change(folder, name, old, new):
    path = os.path.join(folder, name)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    assert old in text, (old, text)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace(old, new, 1))


@case('an export is whole files of its owner alone, without the first key, and a checkpoint')
def what_it_is(world):
    folder, told = export(world)
    equal(sorted(os.listdir(folder)), ['000001.jsonl', 'checkpoint'])
    equal([os.stat(os.path.join(folder, name)).st_mode & 0o777 for name in os.listdir(folder)], [0o600] * 2)
    equal(os.stat(folder).st_mode & 0o777, 0o700)
    equal(lines_of(folder, '000001.jsonl'), lines_of(world.audit, '000001.jsonl'))
    last = json.loads(lines_of(folder, '000001.jsonl')[-1])
    equal((last['event'], told['files'], told['last_seq']), ('closed', 1, last['seq']))
    checkpoint = checkpoint_of(folder)
    equal((checkpoint['seq'], checkpoint['segment'], checkpoint['key']), (last['seq'], 1, last['next']))
    lacks(open(os.path.join(folder, '000001.jsonl'), encoding='utf-8').read(), 'demo')


@case('two machines say the same of one export, whatever it is held against')
def two_machines(world):
    folder, _ = export(world)
    machine, carrier = Machine(os.path.dirname(folder)), os.path.dirname(folder)
    world.cli('audit', 'export-key', '-o', os.path.join(carrier, 'first-key'), passphrase=True)
    first_key = checkpoint_of(folder)['first_key']
    equal(first_key, world.status()['audit']['first_key'])
    world.stop()
    for options in (('--checkpoint', 'trail/checkpoint'), ('--public-key', first_key), ('--key', 'first-key'), ()):
        there = machine.verify(*[f'/carried/{o}' if os.path.exists(os.path.join(carrier, o)) else o for o in options])
        here = world.cli('audit', 'verify', '--json', *[os.path.join(carrier, o) if os.path.exists(os.path.join(carrier, o)) else o
                                                        for o in options], folder).json()
        del there['id'], here['id']
        equal(there, here)
        equal(there['sound'], True)
        equal(there['proven_seq'], there['last_seq'] if 'trail/checkpoint' in options or first_key in options else 0)
        equal(there['macs_checked'], '--key' in options)


@case('what was changed on the way is named there')
def changed_on_the_way(world):
    folder, _ = export(world)
    first_key, machine = checkpoint_of(folder)['first_key'], Machine(os.path.dirname(folder))
    change(folder, '000001.jsonl', '"event":"request_held"', '"event":"request_told"')
    told = machine.verify('--public-key', first_key, status=1)
    equal((told['sound'], told['damage']), (False, 'edited'))
    equal(json.loads(lines_of(folder, '000001.jsonl')[told['place']['line'] - 1])['event'], 'request_told')


@case('a program that shares nothing with ours proves the signatures by the description')
def another_program(world):
    export(world)
    folder, told = export(world)
    key = checkpoint_of(folder)['first_key']
    equal(len(files_of(folder)), 2)
    equal(prove(folder, key), told['last_seq'])
    change(folder, '000002.jsonl', '"signature":"', '"signature":"00')
    path = os.path.join(folder, '000002.jsonl')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    with open(path, 'w', encoding='utf-8') as file:
        at = text.index('"signature":"') + len('"signature":"')
        file.write(text[:at + 128] + text[at + 130:])
    first_file = json.loads(lines_of(folder, '000001.jsonl')[-1])['seq']
    equal(prove(folder, key), first_file)
    told = world.cli('audit', 'verify', '--json', '--public-key', key, folder, status=1).json()
    equal((told['damage'], told['proven_seq']), ('signature', first_file))


@case('an export of a time begins with a later file, which its checkpoint accounts for')
def of_a_time(world):
    export(world)
    export(world)
    export(world)
    third = json.loads(lines_of(world.audit, '000003.jsonl')[-1])
    folder, told = export(world, '--since', third['time'], '--until', third['time'])
    equal((files_of(folder), told['files']), (['000003.jsonl'], 1))
    checkpoint, machine = checkpoint_of(folder), Machine(os.path.dirname(folder))
    equal(checkpoint['begins']['segment'], 3)
    equal(machine.verify('--checkpoint', '/carried/trail/checkpoint')['proven_seq'], told['last_seq'])
    equal(machine.verify('--public-key', checkpoint['begins']['key'])['proven_seq'], told['last_seq'])
    equal(machine.verify(status=1)['damage'], 'removed')
    world.cli('audit', 'verify', '--checkpoint', os.path.join(folder, 'checkpoint'))
    world.cli('audit', 'export', '--until', '2001-01-01', carried(world), pin=True, status=1)
    world.cli('audit', 'export', '--since', 'some day', carried(world), pin=True, status=2)


@case('the passphrase proves an export elsewhere when the key was asked for')
def with_key(world):
    folder, _ = export(world, '--with-key')
    machine = Machine(os.path.dirname(folder))
    equal(machine.verify(passphrase=PASSPHRASE)['macs_checked'], True)
    equal(machine.verify(passphrase='not the passphrase', status=1), None)


@case('an export needs a new folder, and vouches for no trail that does not hold')
def refused(world):
    folder, _ = export(world)
    contains(world.cli('audit', 'export', folder, pin=True, status=1).err, folder)
    for wrong in ((), ('--checkpoint', folder), ('--since', 'today'), ('--output', 'x', folder), ('--to', 'journald', folder)):
        world.cli('audit', 'export', *wrong, pin=True, status=2)
    world.cli('audit', 'export', carried(world), pin='000000', status=1)
    world.stop()
    change(world.audit, '000001.jsonl', '"event":"request_held"', '"event":"request_told"')
    bad = carried(world)
    contains(world.cli('audit', 'export', bad, status=1).err, 'edited')
    equal(sorted(os.listdir(bad)), sorted(files_of(world.audit)))


@case('without a broker the trail is copied as it is, and how much of it is signed is told')
def without_broker(world):
    export(world)
    use(world)
    world.stop()
    folder = carried(world)
    contains(world.cli('audit', 'export', folder).err, 'not signed')
    told = world.cli('audit', 'verify', '--public-key', checkpoint_of(folder)['first_key'], folder).out
    contains(told, 'are not signed yet')


@case('a checkpoint needs no PIN, and shows that store and trail were put back together')
def put_back(world):
    use(world)
    world.stop()
    shutil.copytree(os.path.dirname(world.data), os.path.join(world.base, 'old-data'))
    shutil.copytree(world.audit, os.path.join(world.base, 'old-audit'))
    world.unlock()
    use(world)
    kept = os.path.join(world.base, 'kept')
    world.cli('audit', 'export', '--checkpoint', '-o', kept)
    equal(os.stat(kept).st_mode & 0o777, 0o600)
    equal(json.loads(world.cli('audit', 'export', '--checkpoint').out)['seq'], world.status()['audit']['seq'])
    world.cli('audit', 'export', '--checkpoint', '-o', kept, status=1)
    use(world)
    contains(world.cli('audit', 'verify', '--checkpoint', kept, passphrase=True).out, 'are not signed yet')
    world.stop()
    shutil.rmtree(os.path.dirname(world.data))
    shutil.rmtree(world.audit)
    shutil.move(os.path.join(world.base, 'old-data'), os.path.dirname(world.data))
    shutil.move(os.path.join(world.base, 'old-audit'), world.audit)
    world.unlock()
    world.cli('audit', 'verify', passphrase=True)
    told = world.cli('audit', 'verify', '--json', '--checkpoint', kept, status=1).json()
    assert told['damage'] in ('truncated', 'replaced'), told


@case('what is no checkpoint and no key is refused with what it should be')
def wrong_files(world):
    for option, text, why in (('--checkpoint', '{"format":1}', 'log'), ('--checkpoint', 'SEQ:HASH', 'checkpoint'),
                              ('--checkpoint', '{"format":2,"x":1}', 'is not a field'), ('--public-key', 'abc', 'public key'),
                              ('--public-key', 'A' * 64, 'public key')):
        path = os.path.join(world.base, 'wrong')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        contains(world.cli('audit', 'verify', option, path, status=1).err, why)
    told = world.cli('audit', 'verify', '--json', '--public-key', 'ab' * 32, status=1).json()
    equal(told['damage'], 'replaced')


def long_trail(world):
    """Of format 1, without a key that anybody has: long enough to wait for."""
    folder, before = world.folder('long'), '0' * 64
    with open(os.path.join(folder, '000001.jsonl'), 'wb') as file:
        for seq in range(1, 16001):
            what = '"segment","log":"abc","format":1,"segment":1' if seq == 1 else f'"use","padding":"{"x" * 200}"'
            line = (f'{{"seq":{seq},"time":"2026-11-21T09:30:00.000Z","event":{what},"prev":"{before}",'
                    f'"mac":"{"0" * 64}"}}').encode()
            before = hashlib.sha256(line).hexdigest()
            file.write(line + b'\n')
    return folder


def catches_interrupts(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        caught = next(line for line in file if line.startswith('SigCgt'))
    return int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1


def on_terminal(world, *arguments, interrupt=False):
    """What verify shows on a terminal that is its standard error, and its exit status. With interrupt the terminal takes nothing
    until the signal has been sent."""
    master, slave = pty.openpty()
    if interrupt:
        termios.tcflow(slave, termios.TCOOFF)
    process = subprocess.Popen([world.program('countersign'), 'audit', 'verify', *arguments], env=world.env, cwd=world.base,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave)
    if interrupt:
        patient_until = time.monotonic() + PATIENCE
        while not catches_interrupts(process.pid):
            assert process.poll() is None and time.monotonic() < patient_until
        process.send_signal(signal.SIGINT)
        termios.tcflow(slave, termios.TCOON)
    os.close(slave)
    shown = b''
    try:
        while part := os.read(master, 4096):
            shown += part
    except OSError:
        pass
    os.close(master)
    return process.wait(PATIENCE), shown.decode()


@case('how far a long verifying is shows on a terminal, and nowhere else; Ctrl-C ends it without a verdict', init=False)
def progress(world):
    folder = long_trail(world)
    status, shown = on_terminal(world, folder)
    equal(status, 0)
    contains(shown, '%')
    contains(shown, 'records')
    assert shown.endswith('\r\x1b[K'), shown
    equal(on_terminal(world, '--json', folder), (0, ''))
    equal(world.cli('audit', 'verify', folder).err, '')
    status, shown = on_terminal(world, folder, interrupt=True)
    equal(status, 1)
    contains(shown, 'nothing is proven')


countersign.main()
