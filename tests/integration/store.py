# SPDX-License-Identifier: MIT
"""Stores that must not be opened, and what is said about them."""

import os
import sqlite3

import countersign
from tap import case, contains, equal


def refused(world, *words, env=None):
    """unlock fails and says these words; nothing runs afterwards."""
    result = world.cli('unlock', passphrase=True, status=None, env=env)
    assert result.status in (1, 3, 4), result
    for word in words:
        contains((result.out + result.err).lower(), word.lower())
    return result


def stopped(world):
    """A world whose broker has ended; its store stays."""
    world.stop()
    return world.store


@case('a store that others may read is refused')
def mode(world):
    store = stopped(world)
    for wrong in (0o644, 0o640, 0o660, 0o606):
        os.chmod(store, wrong)
        refused(world, 'store.db')
    os.chmod(store, 0o600)
    world.unlock()


@case('a store that is a symbolic link is refused')
def link(world):
    store = stopped(world)
    os.rename(store, store + '.real')
    os.symlink(store + '.real', store)
    refused(world, 'store.db')


@case('a store that is no file is refused')
def folder(world):
    store = stopped(world)
    os.unlink(store)
    os.mkdir(store, 0o700)
    refused(world, 'store.db')


@case('a truncated store is refused, however much is left')
def truncated(world):
    store = stopped(world)
    with open(store, 'rb') as file:
        whole = file.read()
    for left in (1, 15, 100, 512, 4096, len(whole) // 2, len(whole) - 4096):
        for extra in ('-wal', '-shm'):
            if os.path.exists(store + extra):
                os.unlink(store + extra)
        with open(store, 'wb') as file:
            file.write(whole[:left])
        refused(world, 'damaged')
    with open(store, 'wb') as file:
        file.write(whole)
    world.unlock()
    equal(world.human(pin=True).call('secret_show', {'name': 'demo', 'reveal': True, 'pin': countersign.PIN})['value'],
          'value-of-demo')


@case('an empty store file is not taken for a new one')
def empty(world):
    store = stopped(world)
    with open(store, 'wb'):
        pass
    refused(world)


@case('a store of other bytes is refused')
def noise(world):
    store = stopped(world)
    with open(store, 'wb') as file:
        file.write(os.urandom(65536))
    refused(world, 'damaged')


@case('a store of a newer version is refused and left as it is')
def newer(world):
    store = stopped(world)
    with sqlite3.connect(store) as database:
        version, = database.execute('PRAGMA user_version').fetchone()
        assert version >= 1, 'the format version is not kept in user_version'
        database.execute(f'PRAGMA user_version = {version + 1}')
    database.close()
    refused(world, 'newer')
    with sqlite3.connect(store) as database:
        equal(database.execute('PRAGMA user_version').fetchone(), (version + 1,))
    database.close()


@case('flipped bits in what is sealed are noticed, and no other value comes back')
def flipped(world):
    store = stopped(world)
    with sqlite3.connect(store) as database:
        tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        changed = 0
        for table in tables:
            columns = [row[1] for row in database.execute(f'PRAGMA table_info({table})')]
            for column in columns:
                for value, in database.execute(f'SELECT {column} FROM {table}').fetchall():
                    if isinstance(value, bytes) and len(value) > 40:
                        middle = len(value) // 2
                        other = value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1:]
                        database.execute(f'UPDATE {table} SET {column} = ? WHERE {column} = ?', (other, value))
                        changed += 1
        assert changed > 0, tables
    database.close()
    refused(world)


@case('names and values cannot be read in the store')
def unreadable(world):
    world.secret('very-special-name', 'very-special-value')
    for folder, _, names in os.walk(world.data):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as file:
                text = file.read()
            assert b'very-special' not in text, name
    for folder, _, names in os.walk(world.audit):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as file:
                assert b'very-special' not in file.read(), name


@case('a second broker on the same store is refused')
def second(world):
    other = {**world.env, 'XDG_RUNTIME_DIR': world.folder('other-run')}
    refused(world, env=other)
    equal(world.status()['state'], 'unlocked')


@case('a wrong passphrase changes nothing and leaves the running broker')
def passphrase(world):
    before = world.status()['instance']
    result = world.cli('unlock', passphrase='wrong', status=1)
    contains(result.err.lower(), 'passphrase')
    equal(world.status()['instance'], before)


@case('init on an initialised store is refused')
def again(world):
    world.cli('init', passphrase='another passphrase', pin='135791', status=1)
    world.human(pin=True).call('secret_show', {'name': 'demo'})


@case('a store kept in memory leaves no file', init=False)
def memory(world):
    world.init('--memory')
    world.secret('demo', 'x')
    assert not os.path.exists(world.store), os.listdir(world.data)


countersign.main()
