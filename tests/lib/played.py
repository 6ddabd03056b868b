# SPDX-License-Identifier: MIT
"""countersign-approve with a broker that the case plays: the cards are the same each time, and any can be had."""

import json
import os
import socket
import threading
import time

from countersign import PREFIX
from desktop import Dialog
from parties import Child


def timestamp(seconds):
    """RFC 3339, that many seconds from now."""
    now = time.time() + seconds
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now)) + '.000Z'


# Who calls over HTTP, as the broker says it.
CALLER = {'name': 'ann@example.com', 'caller': 'work', 'issuer': 'https://login.example.com/tenant', 'subject': 'usr_01HZX4',
          'label': 'ann@example.com, hardware-verified', 'via': 'countersign-mcp-http', 'claim': {'name': 'claude-ai', 'version': '0.1.0'}}


def make_card(request_id='r1', seconds=600, **changes):
    """The text of a card; members given as None are left out."""
    requester = {'name': 'node', 'pid': 4711, 'exe': '/opt/agents/bin/node', 'verified': True, 'interpreter': True,
                 'script': {'kind': 'file', 'text': '/home/ann/project/agent.js'}, 'argv': ['node', 'agent.js'],
                 'cwd': '/home/ann/project', 'unit': 'run-u3.scope', 'via': 'countersign-mcp',
                 'claim': {'name': 'claude-code', 'version': '2.1'},
                 'chain': [{'pid': 4711, 'name': 'node', 'script': 'agent.js'}, {'pid': 4000, 'name': 'zsh'},
                           {'pid': 3000, 'name': 'tmux'}]}
    if 'caller' in changes:
        requester = {**changes.pop('caller')}
        changes.setdefault('holders', [{'id': f'subject:{requester["caller"]}/{requester["name"]}',
                                        'label': f'{requester["label"]}{"" if requester["caller"] == "local" else " (work)"}'}])
    requester.update(changes.pop('requester', {}))
    card = {'version': 1, 'request_id': request_id, 'operation': 'get_secret', 'resource': 'github-token',
            'purpose': 'open a pull request', 'risk': 'read', 'facts': [], 'scopes': ['use'],
            'asked_duration': 3600, 'max_duration': 3600, 'default_duration': 300, 'confirm': 'pin',
            'rule': 'ask get_secret max 1h', 'received_at': timestamp(0), 'deadline': timestamp(seconds),
            'requester': {key: value for key, value in requester.items() if value is not None},
            'holders': [{'id': 'p4711', 'label': 'node (pid 4711) alone'},
                        {'id': 's4600', 'label': 'make (pid 4600) and what it starts'}]}
    card.update(changes)
    return json.dumps({key: value for key, value in card.items() if value is not None}, ensure_ascii=False)


class Refusal(Exception):
    def __init__(self, code, message, **data):
        super().__init__(message)
        self.answer = {'code': code, 'message': message, 'data': data}


class Played(Child):
    """The approver. Its calls are answered from `results` (an exception is an error answer) and kept in `calls`."""

    def __init__(self, world, *cards, language='en', results=None, arguments=()):
        self.calls, self.cards = [], cards
        self.results = {'hello': {'version': 1, 'broker': '0.1.0', 'state': 'unlocked', 'instance': 'played'},
                        'subscribe': {'held': len(cards)}, **(results or {})}
        self.ours, theirs = socket.socketpair()
        prefix = os.path.join(PREFIX, 'libexec', 'countersign', 'countersign-approve')
        env = {'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent', 'XDG_RUNTIME_DIR': '/nonexistent/run',
               'XDG_CONFIG_HOME': '/nonexistent/config', 'XDG_CACHE_HOME': '/nonexistent/cache',
               'XDG_DATA_DIRS': f'{PREFIX}/share:/usr/local/share:/usr/share', 'GSETTINGS_BACKEND': 'memory',
               'GTK_IM_MODULE': 'gtk-im-context-simple', 'GTK_USE_PORTAL': '0', 'GSK_RENDERER': 'cairo',
               'LANG': 'C.UTF-8', 'LANGUAGE': language, 'TZ': 'UTC'}
        for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS'):
            if name in world.env:
                env[name] = world.env[name]
        Child.__init__(self, world, [prefix, '--broker-fd', str(theirs.fileno()), *arguments], 'approve', env=env,
                       pass_fds=[theirs.fileno()])
        theirs.close()
        self.lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def tell(self, method, **params):
        self._send({'method': method, 'params': params})

    def _send(self, message):
        with self.lock:
            self.ours.sendall(json.dumps({'jsonrpc': '2.0', **message}, ensure_ascii=False).encode() + b'\n')

    def _serve(self):
        with self.ours.makefile('rb') as stream:
            for line in stream:
                try:
                    self._answer(json.loads(line))
                except OSError:
                    return

    def _answer(self, message):
        method = message['method']
        self.calls.append((method, message.get('params') or {}))
        result = self.results.get(method, Refusal(-32601, f'{method}: there is no such call'))
        if isinstance(result, Refusal):
            self._send({'id': message['id'], 'error': result.answer})
            return
        self._send({'id': message['id'], 'result': result})
        if method == 'subscribe':
            for card in self.cards:
                self.tell('held', request_id=json.loads(card)['request_id'], card=card)

    def close(self):
        self.ours.close()
        Child.close(self)


def show(world, *cards, **options):
    """The approver with these cards, and its dialog once it is drawn and armed."""
    approver = Played(world, *cards, **options)
    words = ('Ablehnen', 'Genehmigen') if options.get('language') == 'de' else ('Deny', 'Grant')
    return approver, Dialog(world, *words)
