# SPDX-License-Identifier: MIT
"""A broker that does what a test tells it, on human.sock and agent.sock; and the command at a terminal before it."""

import fcntl
import hashlib
import json
import os
import queue
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import pexpect

import tap

PATIENCE = 30  # seconds until a wait that should have ended is a failure; never a measurement
PIN = '802461'
PROGRAM = None  # countersign, linked so that it talks to us


def timestamp(seconds):
    """RFC 3339, that many seconds from now."""
    now = time.time() + seconds
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now)) + f'.{int(now % 1 * 1000):03d}Z'


def make_card(request_id='req1', seconds=300, **changes):
    """The text of a card; members given as None are left out."""
    requester = {'name': 'node', 'pid': 4711, 'exe': '/usr/bin/node', 'verified': True,
                 'argv': ['node', 'agent.js'], 'cwd': '/home/ann/project', 'unit': 'run-u3.scope',
                 'via': 'countersign-mcp', 'claim': {'name': 'claude-code', 'version': '2.1'},
                 'chain': [{'pid': 4711, 'name': 'node'}, {'pid': 4000, 'name': 'zsh'}, {'pid': 3000, 'name': 'tmux'}]}
    requester.update(changes.pop('requester', {}))
    card = {'version': 1, 'request_id': request_id, 'operation': 'get_secret', 'resource': 'github-token',
            'purpose': 'open a pull request', 'risk': 'read', 'facts': [], 'scopes': ['use'],
            'asked_duration': 3600, 'max_duration': 3600, 'default_duration': 300, 'confirm': 'pin',
            'rule': 'ask get_secret max 1h', 'received_at': timestamp(0), 'deadline': timestamp(seconds),
            'requester': requester,
            'holders': [{'id': 'p4711', 'label': 'node (pid 4711) alone'},
                        {'id': 's4600', 'label': 'make (pid 4600) and what it starts'}]}
    card.update(changes)
    return json.dumps({key: value for key, value in card.items() if value is not None}, ensure_ascii=False)


def sealed(content):
    """A memfd that nobody can change any more."""
    fd = os.memfd_create('value', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, content)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    return fd


class Refusal(Exception):
    def __init__(self, code, message, **data):
        super().__init__(message)
        self.answer = {'code': code, 'message': message, 'data': data}


class Broker:
    """Answers each call by the method on_NAME, or from results; records calls and decisions."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'human.sock')
        self.state = 'unlocked'
        self.cards = {}            # request_id: text, in order
        self.pin_each_time = True
        self.calls = []            # (method, params), as they came
        self.results = {}          # method: what is answered; an exception is raised
        self.descriptors = []      # what was passed to us, in order
        self.passed = None         # a descriptor to pass with the next answer
        self.decisions = queue.Queue()
        self.subscribed = threading.Event()
        self.lock = threading.RLock()
        self.peers = []
        self.held = {}             # method: the state in which its calls are held, until answer_held()
        self.waiting = queue.Queue()  # those that are
        self.sockets = [self._listen(os.path.join(folder, name)) for name in ('human.sock', 'agent.sock')]

    def _listen(self, path):
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen()
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _accept(self, listening):
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            with self.lock:
                self.peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _send(self, peer, message):
        data = json.dumps({'jsonrpc': '2.0', **message}, ensure_ascii=False).encode() + b'\n'
        with self.lock:
            try:
                if self.passed is not None and 'result' in message:
                    socket.send_fds(peer, [data[:1]], [self.passed])
                    data, self.passed = data[1:], None
                peer.sendall(data)
            except OSError:
                pass

    def _serve(self, peer):
        buffer = b''
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(peer, 1 << 16, 4)
            except OSError:
                data, fds = b'', []
            if not data:
                return
            self.descriptors += fds
            buffer += data
            while b'\n' in buffer:
                line, buffer = buffer.split(b'\n', 1)
                self._take(peer, json.loads(line))

    def _take(self, peer, message):
        method = message['method']
        with self.lock:
            self.calls.append((method, message.get('params') or {}))
            if method not in self.held:
                self._answer(peer, message)
                return
            self._send(peer, {'method': 'held', 'params': {'id': message['id'], 'request_id': 'req1', 'state': self.held[method],
                                                           'expires_at': timestamp(300), 'message': 'x'}})
            self.waiting.put((peer, message))

    def answer_held(self):
        """Answers the call that has been held longest, when there is one."""
        self._answer(*self.waiting.get(timeout=PATIENCE))

    def _answer(self, peer, message):
        method, params = message['method'], message.get('params') or {}
        with self.lock:
            try:
                answer = getattr(self, 'on_' + method, None)
                result = answer(params) if answer is not None else self.answer_from_results(method, params)
                self._send(peer, {'id': message['id'], 'result': result})
            except Refusal as refusal:
                self._send(peer, {'id': message['id'], 'error': refusal.answer})
            if method == 'subscribe':
                for request_id, card in self.cards.items():
                    self._send(peer, {'method': 'held', 'params': {'request_id': request_id, 'card': card}})
                self.subscribed.set()

    # --- what is answered ---

    def answer_from_results(self, method, params):
        self.prove({'pin': params['pin']} if 'pin' in params else {'pin': PIN})
        result = self.results.get(method, Refusal(-32601, 'method: there is no such call'))
        if isinstance(result, Refusal):
            raise result
        return result

    def prove(self, params):
        if 'pin' in params and params['pin'] != PIN:
            raise Refusal(4, 'that is not the PIN', reason='pin_wrong')
        if 'pin' not in params and self.pin_each_time:
            raise Refusal(4, 'the PIN is needed', reason='pin_needed')

    def on_hello(self, params):
        return {'version': 1, 'broker': '0.1.0', 'state': self.state, 'instance': 'scripted'}

    def on_authenticate(self, params):
        if params['pin'] != PIN:
            raise Refusal(4, 'that is not the PIN', reason='pin_wrong')
        return {}

    def on_subscribe(self, params):
        return {'held': len(self.cards)}

    def on_pending(self, params):
        skip = params.get('skip', 0)
        found = [{'request_id': i, 'card': c, 'digest': hashlib.sha256(c.encode()).hexdigest()}
                 for i, c in self.cards.items()]
        page = {'requests': found[skip:skip + 2]}
        if skip + 2 < len(found):
            page['next'] = skip + 2
        return page

    def on_decide(self, params):
        card = self.cards.get(params['request_id'])
        if card is None:
            raise Refusal(5, 'it was answered by somebody else')
        if params['verdict'] == 'grant':
            self.prove(params)
            if params['card_digest'] != hashlib.sha256(card.encode()).hexdigest():
                raise Refusal(-32602, 'card_digest: is not that of the card of this request')
        del self.cards[params['request_id']]
        self.decisions.put(params)
        self.notify('closed', {'request_id': params['request_id'], 'status': params['verdict'], 'by': 'this one'})
        return {'status': 'granted', 'grant_id': 'g1'} if params['verdict'] == 'grant' else {'status': 'denied'}

    # --- what a test does ---

    def notify(self, method, params):
        with self.lock:
            for peer in self.peers:
                self._send(peer, {'method': method, 'params': params})

    def hold(self, request_id='req1', **changes):
        text = make_card(request_id, **changes)
        with self.lock:
            self.cards[request_id] = text
            if self.subscribed.is_set():
                self.notify('held', {'request_id': request_id, 'card': text})
        return text

    def answered_elsewhere(self, request_id, status='denied', by='gnome-approver (pid 9)'):
        with self.lock:
            self.cards.pop(request_id, None)
            self.notify('closed', {'request_id': request_id, 'status': status, 'by': by})

    def called(self, method):
        """The parameters of each call of that method."""
        with self.lock:
            return [params for name, params in self.calls if name == method]

    def decision(self):
        """The next decision that came."""
        return self.decisions.get(timeout=PATIENCE)

    def undecided(self):
        """Nothing was decided. For the end of a case, when the command has ended or answered since."""
        tap.equal(self.decisions.qsize(), 0, 'decisions')

    def hand_out(self, method, *values):
        """These values are the answer to that call."""
        self.results[method] = {'status': 'completed', 'request_id': 'req1',
                                'result': {'values': len(values), 'value_fd': True}}
        self.passed = sealed(b''.join(struct.pack('>I', len(value)) + value for value in values))

    def go_away(self):
        with self.lock:
            for peer in self.peers:
                peer.shutdown(socket.SHUT_RDWR)
                peer.close()
            self.peers.clear()

    def close(self):
        while self.sockets:
            listening = self.sockets.pop()
            # Ends the accept() of the thread, which close() alone does not.
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        self.go_away()


class World:
    """One broker, and commands before it."""

    def __init__(self, **options):
        self.base = tempfile.mkdtemp(prefix='countersign-terminal-', dir='/var/tmp')
        os.mkdir(os.path.join(self.base, 'run'), 0o700)
        self.broker = Broker(os.path.join(self.base, 'run'))
        self.env = {'HOME': self.base, 'PATH': os.environ['PATH'], 'TERM': 'xterm', 'LANG': 'C.UTF-8',
                    'TEST_PROGRAMS': self.base, 'TEST_DATA': self.base}
        self.terminals = []
        self.options = options

    def spawn(self, program, arguments, columns=80, env=None):
        child = pexpect.spawn(program, arguments, env={**self.env, **(env or {})}, timeout=PATIENCE, encoding='utf-8',
                              dimensions=(24, columns), cwd=self.base)
        child.delaybeforesend = None
        child.logfile_read = open(os.path.join(self.base, f'screen-{len(self.terminals)}'), 'w+', encoding='utf-8')
        self.terminals.append(child)
        return child

    def terminal(self, *arguments, **options):
        """The command at a terminal of its own."""
        return self.spawn(PROGRAM, ['--state-dir', self.base, *arguments], **options)

    def approver(self, pin=PIN, **options):
        """The terminal approver in plain lines, past its first PIN."""
        child = self.terminal('approve', '--plain', **options)
        child.expect_exact('PIN: ')
        assert child.waitnoecho(PATIENCE)
        child.sendline(pin)
        return child

    def run(self, *arguments, text=b'', env=None, **options):
        """The command without a terminal."""
        return subprocess.run([PROGRAM, '--state-dir', self.base, *arguments], capture_output=True, timeout=PATIENCE,
                              input=text.encode() if isinstance(text, str) else text, check=False,
                              env={**self.env, **(env or {})}, start_new_session=True, cwd=self.base, **options)

    def screen(self, child):
        """All that it has written."""
        child.logfile_read.flush()
        child.logfile_read.seek(0)
        text = child.logfile_read.read()
        return text.replace('\r\n', '\n')

    def check(self):
        for child in self.terminals:
            text = self.screen(child)
            tap.lacks(text, 'Sanitizer')
            tap.lacks(text, PIN)

    def story(self):
        return '\n'.join(self.screen(child) for child in self.terminals) + f'\n{self.broker.calls[-5:]}'

    def close(self):
        for child in self.terminals:
            # close(force=True) gives it a tenth of a second to end, which a busy machine may not have.
            if child.isalive():
                child.kill(signal.SIGKILL)
                child.wait()
            child.close()
            child.logfile_read.close()
        self.broker.close()
        shutil.rmtree(self.base, ignore_errors=True)


def exit_status(child):
    """Waits for the end of the command."""
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus if child.signalstatus is None else -child.signalstatus


def main():
    """Runs the cases of the calling script; the first argument is the program, others select."""
    global PROGRAM
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    sys.exit(tap.run(World))
