# SPDX-License-Identifier: MIT
"""What the fakes of vendors' services share: a site on this machine that routes, refuses in the vendor's words, and can be told to be bad."""

import datetime
import email.utils
import json
import time
import urllib.parse

import httpsite


class Refusal(Exception):
    """An answer of the vendor's that is no."""

    def __init__(self, status, *words):
        super().__init__(status, *words)
        self.status, self.words = status, words


class Fake(httpsite.Site):
    """Subclasses have route(method, path, request) → (status, headers, body), and refusal(error) → the same.

    `forced`: (status, headers, body) in place of what is right, until it is taken away; or the name of one of httpsite.MODES.
    `ahead`: seconds that its clock is ahead of ours."""

    def __init__(self, folder, authority=None):
        self.forced, self.ahead = None, 0
        super().__init__(folder, authority)
        self.modes = self
        self.url = f'{"https" if authority else "http"}://{"localhost" if authority else "127.0.0.1"}:{self.port}'

    def get(self, _mode, _otherwise=None):
        """In place of the table of modes."""
        return self._answer

    def now(self):
        return time.time() + self.ahead

    def time(self, seconds=0):
        """RFC 3339, some seconds from now."""
        return datetime.datetime.utcfromtimestamp(self.now() + seconds).strftime('%Y-%m-%dT%H:%M:%SZ')

    def _answer(self, site, connection, request):
        if isinstance(self.forced, str):
            name, _, query = self.forced.partition('?')
            request.query = dict(urllib.parse.parse_qsl(query))
            httpsite.MODES[name](site, connection, request)
            return
        try:
            status, headers, body = self.forced or self.route(request.method, request.path, request)
        except Refusal as error:
            status, headers, body = self.refusal(error)
        httpsite.reply(connection, body if isinstance(body, bytes) else body.encode(), f'{status} Said',
                       [('Date', email.utils.formatdate(self.now(), usegmt=True)), *headers])

    def asked(self, path):
        """What arrived there."""
        return [request for request in self.seen if request.path == path]


def as_json(value, status=200):
    return status, [('Content-Type', 'application/json; charset=utf-8')], json.dumps(value)
