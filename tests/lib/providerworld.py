# SPDX-License-Identifier: MIT
"""A World with a provider of AWS roles that a person has accepted; who answers is a site on this machine."""

import os

import countersign
import httpsite

ACCOUNT = 'arn:aws:iam::123456789012:role/'
KEYS = 'AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

FILE = '''provider work
kind aws
role {account}deploy
from keys aws-keys
endpoint http://localhost:{port}/
network loopback
'''


class ProviderWorld(countersign.World):
    """site: where the provider is; it answers as site.respond does."""

    def __init__(self, **options):
        super().__init__(secrets=(), **options)
        self.sites = []
        self.site = self.make_site()
        self.secret('aws-keys', KEYS)
        self.write('providers.d/work.conf', self.file())
        self.apply()

    def make_site(self, respond=None):
        """A fake: whatever it is asked, it answers as @respond(connection) does; unless told, with a page."""
        site = httpsite.Site(self.base, modes={'': lambda site, connection, request: site.respond(connection)})
        site.respond = respond or page
        self.sites.append(site)
        return site

    def file(self, site=None):
        return FILE.format(account=ACCOUNT, port=(site or self.site).port)

    def write(self, name, text):
        path = os.path.join(self.config, name)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)

    def apply(self):
        self.cli('policy', 'apply', pin=True)

    def close(self):
        super().close()
        for site in self.sites:
            site.close()


def page(connection):
    httpsite.reply(connection, b'<!DOCTYPE html><title>a portal</title>', headers=[('Content-Type', 'text/html')])
