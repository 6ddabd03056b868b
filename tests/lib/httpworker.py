# SPDX-License-Identifier: MIT
"""countersign-worker-http with sites to talk to."""

import os

import httpsite
import worker
from lines import Refused

SECRET = 'tok-9fK2xQ7mLw4Zr81vBn36'


class HttpWorld(worker.WorkerWorld):
    """`site` is a site with a certificate of `authority`'s."""

    def __init__(self):
        super().__init__()
        self.authority = httpsite.Authority()
        self.site = self.make_site()

    def make_site(self, authority=True, **options):
        site = httpsite.Site(self.base, self.authority if authority is True else authority, **options)
        self.closing.append(site)
        return site

    def service(self, site=None, place=None, **more):
        site = site or self.site
        return {'name': 'local', 'scheme': 'https' if site.context else 'http', 'host': 'localhost', 'port': site.port,
                'network': 'loopback', 'place': place or {'kind': 'bearer'},
                **({'ca': self.authority.pem} if site.context else {}), **more}

    def opened(self, place=None, secret=SECRET, site=None, env=None, **more):
        """A worker that is open for a service."""
        started = self.worker('countersign-worker-http', env=env)
        service = self.service(site, place, **more)
        if service['place']['kind'] != 'none':
            started.attach('credential', secret)
        started.call('open', {'service': service,
                              **({} if service['place']['kind'] == 'none' else {'credential': 'demo'})})
        return started


def send(started, target, method='GET', body=None, attached=None, output=None, **more):
    """Begins a request; its id."""
    if attached is not None:
        started.attach('body', attached)
    if output is not None:
        started.attach('output', fd=output)
    return started.start('request', {'method': method, 'target': target, 'timeout_ms': 20000, 'max_bytes': 100 * 1024,
                                     **({} if body is None else {'body': body}), **more})


def ask(started, target, method='GET', **more):
    return started.answer(send(started, target, method, **more))


def reason(started, target, method='GET', **more):
    """Why it was refused, and in what words."""
    try:
        result = ask(started, target, method, **more)
    except Refused as refusal:
        return refusal.data['reason'], refusal.message
    raise AssertionError(f'not refused: {str(result)[:300]}')


def output_file(world, name='output'):
    """A new file's descriptor, and its path."""
    path = os.path.join(world.base, name)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), path
