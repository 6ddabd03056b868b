# SPDX-License-Identifier: MIT
"""Streams of JSON lines: a socket of the broker's, or the pipes of a child."""

import json
import os
import select
import socket
import time

PATIENCE = 60  # seconds before a wait that should have ended is a failure; never a measurement


class Closed(Exception):
    """The other end went away."""


class Refused(Exception):
    """An error answer."""

    def __init__(self, error):
        super().__init__(json.dumps(error, ensure_ascii=False))
        self.code = error.get('code')
        self.data = error.get('data') or {}
        self.message = error.get('message', '')


class Lines:
    """Reads and writes whole lines on descriptors; receives descriptors when it is a socket."""

    def __init__(self, reader, writer, sock=None):
        self.reader, self.writer, self.sock = reader, writer, sock
        self.buffer = b''
        self.descriptors = []

    def send(self, message, descriptors=()):
        self.send_bytes(json.dumps(message).encode() + b'\n', descriptors)

    def send_bytes(self, data, descriptors=()):
        try:
            if descriptors:
                socket.send_fds(self.sock, [data[:1]], descriptors)
                data = data[1:]
            while data:
                data = data[os.write(self.writer, data):]
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed('while sending') from error

    def _fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.reader], [], [], left)[0]:
            raise TimeoutError('nothing came')
        try:
            if self.sock is not None:
                data, descriptors, _, _ = socket.recv_fds(self.sock, 1 << 16, 8)
                self.descriptors += descriptors
            else:
                data = os.read(self.reader, 1 << 16)
        except ConnectionResetError:
            data = b''
        if not data:
            raise Closed(f'end of stream, with {self.buffer!r} unfinished')
        self.buffer += data

    def receive(self, patience=PATIENCE):
        """The next message. Closed at the end of the stream, TimeoutError when none comes."""
        deadline = time.monotonic() + patience
        while b'\n' not in self.buffer:
            self._fill(deadline)
        line, self.buffer = self.buffer.split(b'\n', 1)
        return json.loads(line)

    def silent(self, patience):
        """True when nothing comes for so long. For what must not happen; keep it short."""
        try:
            self.buffer = json.dumps(self.receive(patience)).encode() + b'\n' + self.buffer
        except TimeoutError:
            return True
        return False


class Rpc:
    """JSON-RPC over Lines: answers by id, and what came unasked, in `heard`."""

    def __init__(self, lines):
        self.lines = lines
        self.answers, self.heard = {}, []
        self.last = 0

    def start(self, method, params=None, descriptors=()):
        """Sends a request and returns its id."""
        self.last += 1
        self.lines.send({'jsonrpc': '2.0', 'id': self.last, 'method': method,
                         **({} if params is None else {'params': params})}, descriptors)
        return self.last

    def notify(self, method, params):
        self.lines.send({'jsonrpc': '2.0', 'method': method, 'params': params})

    def pump(self, patience=PATIENCE):
        """Receives one message and files it."""
        message = self.lines.receive(patience)
        if 'method' in message:
            self.heard.append(message)
        else:
            self.answers.setdefault(message.get('id'), []).append(message)
        return message

    def answer(self, call, patience=PATIENCE):
        """Waits for the answer to a request; its result, or Refused."""
        while call not in self.answers:
            self.pump(patience)
        message = self.answers[call][0]
        if 'error' in message:
            raise Refused(message['error'])
        return message['result']

    def call(self, method, params=None, patience=PATIENCE, descriptors=()):
        return self.answer(self.start(method, params, descriptors), patience)

    def hear(self, method, patience=PATIENCE, **fields):
        """Waits for a notification whose params have these fields, and takes it."""
        while True:
            for message in self.heard:
                params = message.get('params', {})
                if message['method'] == method and all(params.get(k) == v for k, v in fields.items()):
                    self.heard.remove(message)
                    return params
            self.pump(patience)
