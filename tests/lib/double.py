# SPDX-License-Identifier: MIT
"""A world whose broker is played by the test.

countersign-mcp is real, in a tree of its own in which countersignd is integration/double-broker.c: started
by the test or by countersign-mcp, it passes every connection here, and the case says what a broker says.
"""

import os
import shutil
import socket
import struct
import subprocess
import tempfile

import countersign
from lines import PATIENCE, Closed, Lines

DOUBLE = os.path.join(countersign.STAGE, 'tests', 'integration', 'double-broker')


class Link:
    """One connection of countersign-mcp's, seen from the broker."""

    def __init__(self, sock, instance, state):
        self.sock = sock
        self.lines = Lines(sock.fileno(), sock.fileno(), sock)
        self.hello = self.take('hello')
        self.answer(self.hello, {'version': 1, 'broker': 'double', 'state': state, 'instance': instance})

    def take(self, method=None):
        """The next message; its method must be this one."""
        message = self.lines.receive()
        if method is not None and message.get('method') != method:
            raise AssertionError(f'{message}, not {method}')
        return message

    def answer(self, call, result, descriptors=()):
        self.lines.send({'jsonrpc': '2.0', 'id': call['id'], 'result': result}, descriptors)

    def complete(self, call, result, **more):
        self.answer(call, {'status': 'completed', 'result': result, **more})

    def refuse(self, call, code, message):
        self.lines.send({'jsonrpc': '2.0', 'id': call['id'], 'error': {'code': code, 'message': message}})

    def hold(self, call, request_id='r1', state='held', message='waiting: `countersign approve`'):
        self.lines.send({'jsonrpc': '2.0', 'method': 'held', 'params': {
            'id': call['id'], 'request_id': request_id, 'state': state,
            'expires_at': '2030-01-01T00:00:00.000Z', 'message': message}})

    def ended(self):
        """Waits for the end of the connection."""
        try:
            while True:
                self.lines.receive()
        except Closed:
            return

    def close(self):
        self.sock.close()


class Broker:
    """A double that has started."""

    def __init__(self, sock):
        self.sock = sock
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize('3i'))
        self.pid = struct.unpack('3i', credentials)[0]
        self.links = []
        self.child = None
        self._expect(b's')

    def _expect(self, what):
        self.sock.settimeout(PATIENCE)
        got, descriptors, _, _ = socket.recv_fds(self.sock, 1, 1)
        if got != what:
            raise AssertionError(f'the double said {got!r}, not {what!r}')
        return descriptors

    def listen(self):
        self.sock.send(b'l')
        self._expect(b'l')
        return self

    def accept(self, instance='first', state='unlocked'):
        """The next connection, greeted."""
        link = Link(socket.socket(fileno=self._expect(b'c')[0]), instance, state)
        self.links.append(link)
        return link

    def stop(self):
        """Ends as a broker does that is replaced: nobody listens, all connections close."""
        self.sock.shutdown(socket.SHUT_WR)
        while self.sock.recv(1):
            pass  # until it has ended
        self.close()

    def close(self):
        for link in self.links:
            link.close()
        self.sock.close()
        if self.child is not None:
            self.child.wait(PATIENCE)


class World(countersign.World):
    """Options as there; nothing is initialised, and there is no broker until one is started."""

    def __init__(self, **options):
        super().__init__(init=False, **options)
        # Not in base: that may be where nothing may be executed.
        self.tree = tempfile.mkdtemp(prefix='countersign-double-', dir='/var/tmp')
        libexec = os.path.join(self.tree, 'libexec', 'countersign')
        os.makedirs(libexec)
        os.mkdir(os.path.join(self.tree, 'bin'))
        shutil.copy(countersign.World.program('countersign-mcp'), os.path.join(self.tree, 'bin'))
        shutil.copy(countersign.World.program('countersign-mcp-http'), libexec)
        shutil.copy(DOUBLE, os.path.join(libexec, 'countersignd'))
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.control.bind(os.path.join(self.base, 'control'))
        self.control.listen()
        with open(os.path.join(libexec, 'control'), 'w', encoding='utf-8') as file:
            file.write(os.path.join(self.base, 'control'))

    def program(self, name):
        return os.path.join(self.tree, 'bin' if name == 'countersign-mcp' else 'libexec/countersign', name)

    def started(self):
        """The next double that starts, whoever starts it."""
        self.control.settimeout(PATIENCE)
        broker = Broker(self.control.accept()[0])
        self.parties.append(broker)
        return broker

    def nothing_started(self, patience):
        self.control.settimeout(patience)
        try:
            self.control.accept()
        except TimeoutError:
            return True
        return False

    def broker(self):
        """Starts one that listens."""
        with open(self.keep('double'), 'wb') as errors:
            child = subprocess.Popen([self.program('countersignd')], stdin=subprocess.DEVNULL, stderr=errors,
                                     env=self.env, cwd=self.base)
        broker = self.started().listen()
        broker.child = child
        return broker

    def close(self):
        super().close()
        self.control.close()
        shutil.rmtree(self.tree, ignore_errors=True)
