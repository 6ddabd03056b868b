# SPDX-License-Identifier: MIT
"""The trail sent away: real servers parse it, and nothing is lost when they or we go down."""

import os
import random
import socket
import struct

import countersign
import sinks
from lines import PATIENCE
from sinks import cursors, export, something
from tap import case, contains, count, equal, note


def until(seq):
    return lambda told: told['ours']['seq'] == str(seq)


def check(world, told):
    """Each record, once, in order, and with what it has in the open."""
    records = world.records()[:len(told)]
    equal([int(t['ours']['seq']) for t in told], [r['seq'] for r in records])
    for line, record in zip(told, records):
        equal((line['version'], line['app'], line['procid'], line['msgid']), ('1', 'countersign', '-', record['event'][:32]))
        equal(line['time'].replace('+00:00', 'Z'), record['time'])
        for name, value in record.items():
            if name in ('sealed', 'prev', 'mac', 'time') or isinstance(value, list):
                continue
            equal(line['ours'][name], str(value), name)
        assert 'sealed' not in line['ours'], line
    # The hash of a record is what the next one has for its link: with its number, a checkpoint.
    for line, after in zip(told, records[1:]):
        equal(line['ours']['hash'], after['prev'])


def sent_to(world, server, *options):
    last = something(world)
    export(world, server.to, *options)
    check(world, server.lines(until(last)))
    # Nothing is sent twice.
    last = something(world)
    export(world, server.to, *options)
    told = server.lines(until(last))
    equal(int(told[0]['ours']['seq']) + len(told) - 1, last)


@case('rsyslog reads each record over a socket of the machine')
def unix(world):
    sent_to(world, sinks.Rsyslog(world, 'unix'))


@case('rsyslog reads each record over UDP')
def udp(world):
    sent_to(world, sinks.Rsyslog(world, 'udp'))


@case('rsyslog reads each record over TCP')
def tcp(world):
    sent_to(world, sinks.Rsyslog(world, 'tcp'))


@case('rsyslog reads each record over TLS, with GnuTLS')
def gnutls(world):
    server = sinks.Rsyslog(world, 'tls')
    sent_to(world, server, '--tls-ca', server.ca)


@case('rsyslog reads each record over TLS, with OpenSSL')
def openssl(world):
    server = sinks.Rsyslog(world, 'tls', driver='ossl')
    sent_to(world, server, '--tls-ca', server.ca)


@case('a TLS server is not given anything when its certificate is another\'s, or nobody\'s')
def strangers(world):
    server = sinks.Rsyslog(world, 'tls', driver='ossl', names=('logs.test',))
    contains(export(world, server.to, '--tls-ca', server.ca, status=1).err, 'certificate')
    contains(export(world, server.to, status=1).err, 'certificate')
    contains(export(world, f'syslog:tls:localhost:{server.port}', '--tls-ca', server.ca, status=1).err, 'certificate')
    equal(cursors(world), {})


@case('a TLS server that knows its clients takes our certificate, and nothing without it')
def clients(world):
    server = sinks.Rsyslog(world, 'tls', clients=True)
    last = something(world)
    export(world, server.to, '--tls-ca', server.ca, status=1)
    equal(cursors(world), {})
    own = server.authority.site(server.folder, ['client.test'])
    export(world, server.to, '--tls-ca', server.ca, '--tls-certificate', own, '--tls-key', own)
    check(world, server.lines(until(last)))


@case('what is sealed stays, unless it is asked for, and then goes sealed')
def sealed(world):
    server = sinks.Rsyslog(world, 'tcp')
    last = something(world)
    export(world, server.to, '--sealed')
    told = server.lines(until(last))
    wanted = [record.get('sealed') for record in world.records()]
    equal([t['ours'].get('sealed') for t in told], wanted[:len(told)])
    assert any(wanted), wanted


@case('while it follows, a record goes out as soon as it is written')
def follow(world):
    server = sinks.Rsyslog(world, 'unix')
    sinks.Exporter(world, server.to)
    server.lines(until(something(world)))
    server.lines(until(something(world)))


@case('a server that is down is waited for, and then gets everything')
def down(world):
    server = sinks.Rsyslog(world, 'tcp')
    server.stop()
    exporter = sinks.Exporter(world, server.to)
    exporter.says('cannot be reached')
    last = something(world, 3)
    server.start()
    check(world, server.lines(until(last)))
    exporter.says('goes on')


@case('without being told to follow, a server that is down is an error that names it')
def down_at_once(world):
    to = f'syslog:tcp:127.0.0.1:{sinks.free_port(socket.SOCK_STREAM)}'
    contains(export(world, to, status=1).err, to)
    contains(export(world, f'syslog:{world.base}/nothing', status=1).err, 'cannot be reached')
    udp = f'syslog:udp:127.0.0.1:{sinks.free_port(socket.SOCK_DGRAM)}'
    contains(export(world, udp, status=1).err, 'refused')
    equal(cursors(world), {})


def each_way(world):
    yield sinks.Rsyslog(world, 'unix'), ()
    yield sinks.Rsyslog(world, 'udp'), ()
    yield sinks.Rsyslog(world, 'tcp'), ()
    server = sinks.Rsyslog(world, 'tls')
    yield server, ('--tls-ca', server.ca)


@case('a server that restarts under the exporter gets all the same, in every way')
def restart(world):
    for server, options in each_way(world):
        sinks.Exporter(world, server.to, *options)
        told = server.lines(until(something(world)))
        server.stop()
        last = something(world)
        server.start()
        told += server.lines(until(last))
        # What it had read, and not said so when it went, may come again: as it was, and in its order.
        came = {}
        for line in told:
            equal(came.setdefault(int(line['ours']['seq']), line), line)
        equal(list(came), [r['seq'] for r in world.records()][:last])


# --- receivers that do what the case says ---

@case('what a server had not read when it went is sent again')
def unread(world):
    last = something(world)
    server = sinks.Receiver(world)
    exporter = sinks.Exporter(world, server.to)
    for how in ('at once', 'in the middle', 'all but the end'):
        connection = server.accept()
        if how == 'in the middle':
            connection.recv(100)
        if how == 'all but the end':
            # Read, and then gone as a machine is that loses power: nothing says that it was read.
            connection.recv(1 << 20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        connection.close()
        exporter.says('closed')
        equal(cursors(world)['syslog-tcp-127-0-0-1-' + str(server.port)]['seq'], 0)
    connection = server.accept()
    frames = sinks.frames(sinks.read_all(connection))
    connection.close()
    equal(len(frames), last)
    again = something(world)
    connection = server.accept()
    frames = sinks.frames(sinks.read_all(connection))
    contains(frames[0].decode(), f' seq="{last + 1}" ')
    connection.close()
    assert again > last


@case('a server that takes everything and reads nothing has got nothing')
def hung(world):
    last = something(world)
    server = sinks.Receiver(world)
    exporter = sinks.Exporter(world, server.to, follow=False)
    connection = server.accept()
    # The kernel has all of it: the broker goes on, and the exporter waits.
    connection.recv(1 << 20, socket.MSG_PEEK)
    something(world)
    equal((exporter.process.poll(), cursors(world)), (None, {}))
    first = sinks.frames(sinks.read_all(connection))
    connection.close()
    connection = server.accept()
    rest = sinks.frames(sinks.read_all(connection))
    connection.close()
    equal(exporter.process.wait(PATIENCE), 0)
    equal(len(first) + len(rest), world.records()[-1]['seq'])
    assert len(first) >= last
    equal(list(cursors(world).values())[0]['seq'], world.records()[-1]['seq'])


@case('a server that closes halfway through a TLS handshake, or says something else, gets nothing')
def no_tls(world):
    server = sinks.Receiver(world)
    to = server.to.replace('tcp', 'tls')
    for answer in (b'', b'HTTP/1.1 400 Bad Request\r\n\r\n'):
        exporter = sinks.Exporter(world, to, follow=False)
        connection = server.accept()
        connection.recv(1 << 16)
        connection.sendall(answer)
        connection.close()
        equal(exporter.process.wait(PATIENCE), 1)
    equal(cursors(world), {})


# --- killed ---

@case('kill -9 of the exporter at any moment loses nothing, and what comes twice is the same')
def killed(world):
    seed = random.randrange(1 << 30)
    note(f'seed {seed}')
    chance = random.Random(seed)
    server = sinks.Receiver(world)
    came = {}
    twice = 0
    for turn in range(count(6, 200)):
        last = something(world)
        exporter = sinks.Exporter(world, server.to)
        connection = server.accept()
        moment = chance.choice(('before', 'during', 'after', 'closed'))
        data = b''
        if moment == 'before':
            exporter.kill()
        elif moment == 'during':
            data = connection.recv(chance.randrange(1, 2000))
            exporter.kill()
        elif moment == 'after':
            data = sinks.read_all(connection)
            exporter.kill()
        else:
            data = sinks.read_all(connection)
            connection.close()
            exporter.kill()
        if moment in ('before', 'during'):
            data += sinks.read_all(connection)
        connection.close()
        twice += keep(came, data)
    note(f'{twice} of {last} came twice')
    exporter = sinks.Exporter(world, server.to, follow=False)
    server.server.settimeout(1)
    try:
        connection = server.accept()
        keep(came, sinks.read_all(connection))
        connection.close()
    except TimeoutError:
        pass  # everything was taken already
    equal(exporter.process.wait(PATIENCE), 0)
    equal(sorted(came), [r['seq'] for r in world.records()])


def keep(came, data):
    """Whole messages; how many of them had come before."""
    again = 0
    while b' ' in data:
        length, rest = data.split(b' ', 1)
        if len(rest) < int(length):
            break
        message, data = rest[:int(length)], rest[int(length):]
        seq = int(message.split(b' seq="', 1)[1].split(b'"', 1)[0])
        again += seq in came
        equal(came.setdefault(seq, message), message)
    return again


# --- the files ---

@case('each sink has a cursor of its own, and one sender')
def several(world):
    one, two = sinks.Rsyslog(world, 'unix'), sinks.Rsyslog(world, 'unix')
    last = something(world)
    export(world, one.to, '--name', 'one')
    export(world, two.to, '--name', 'two')
    check(world, one.lines(until(last)))
    check(world, two.lines(until(last)))
    equal({name: (c['to'], c['seq']) for name, c in cursors(world).items()}, {'one': (one.to, last), 'two': (two.to, last)})
    contains(export(world, two.to, '--name', 'one', status=1).err, 'name of its own')
    sinks.Exporter(world, one.to, '--name', 'one')
    one.lines(until(something(world)))
    contains(export(world, one.to, '--name', 'one', status=1).err, 'another process')
    for name in os.listdir(world.audit):
        equal(os.stat(os.path.join(world.audit, name)).st_mode & 0o777, 0o600, name)


@case('where the cursor cannot be written, records go out all the same, each once')
def no_room(world):
    server = sinks.Rsyslog(world, 'unix')
    exporter = sinks.Exporter(world, server.to, '--name', 'one')
    told = server.lines(until(something(world)))
    wait = os.path.join(world.audit, 'sink-one.new')
    os.mkdir(wait)
    last = something(world)
    told += server.lines(until(last))
    exporter.says('sink-one')
    os.rmdir(wait)
    last = something(world)
    told += server.lines(until(last))
    exporter.says('goes on')
    check(world, told)
    equal(cursors(world)['one']['seq'], last)


@case('a trail that was put aside is told of, and the new one is sent from its beginning')
def aside(world):
    server = sinks.Rsyslog(world, 'tcp')
    exporter = sinks.Exporter(world, server.to)
    last = something(world, 2)
    server.lines(until(last))
    world.stop()
    path = os.path.join(world.audit, '000001.jsonl')
    with open(path, encoding='utf-8') as file:
        lines = file.readlines()
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(lines[:-2])
    world.cli('unlock', '--new-trail', passphrase=True)
    world.learn()
    exporter.says('does not go on')
    told = server.lines(lambda t: t['ours']['event'] == 'trail_restarted')
    alarm = next(t for t in told if t['ours']['event'] == 'trail_differs')
    equal((alarm['pri'], int(alarm['ours']['seq']) > last), (str(10 * 8 + 2), True))
    equal(told[told.index(alarm) + 1]['ours']['seq'], '1')


@case('what is wrong with the command line is said')
def usage(world):
    for options, part in ((('--to', 'journal'), 'neither'), (('--to', 'syslog', '--name', 'A'), 'name'),
                          (('--to', 'syslog', '--tls-ca', 'x'), 'tls'), (('--to', 'syslog:tls:h', '--tls-key', 'x'), 'together'),
                          (('--follow',), '--to')):
        contains(world.cli('audit', 'export', *options, status=2).err, part)
    contains(export(world, 'syslog:tls:h', '--tls-ca', '/nonexistent', status=1).err, '/nonexistent')


countersign.main()
