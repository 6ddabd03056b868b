# SPDX-License-Identifier: MIT
"""Logins where the broker is the system's: another user listens for the browser, and another carries what is exchanged."""

import signal
import urllib.parse

import countersign
import loginworld
import machine
import oidcworld
import systemworld
import tap
from lines import Closed
from systemworld import MACHINE
from tap import case, contains, equal

SCOPES = ['openid', 'offline_access', 'read']


class World(loginworld.LoginWorld, systemworld.World):
    def __init__(self, **options):
        super().__init__(workers=('http',), **options)


def listener(port):
    """As whom somebody listens at this port of 127.0.0.1: the kernel's word."""
    with open('/proc/net/tcp', encoding='ascii') as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return [int(row[7]) for row in rows if row[1] == f'0100007F:{port:04X}' and row[3] == '0A']


@case('the browser comes back to a user that owns nothing, and the tokens are the person\'s secrets')
def logs_in(world):
    human, login = world.begin(scopes=SCOPES)
    url = world.browse(human, login)['url']
    port = urllib.parse.urlsplit(urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)['redirect_uri'][0]).port
    equal(listener(port), [machine.PEOPLE['countersign-http']])
    status, _, page = oidcworld.visit(oidcworld.Person().log_in(url))
    equal(status, 200)
    contains(page, 'You can close')
    equal(world.over(human, login)['ok'], True)
    equal(listener(port), [])
    equal(world.provider.introspect(world.reveal('oauth2-token'))['sub'], 'ann')


def refresh(world):
    """A refresh that the provider has made, and holds back."""
    world.short_lived()
    world.provider.hold()
    human = world.human(pin=True)
    call = human.start('secret_show', {'name': 'oauth2-token', 'reveal': True, 'pin': countersign.PIN})
    world.provider.hear('held')
    return human, call


@case('a token that has ended is refreshed, through a file that another user writes')
def refreshed(world):
    human, call = refresh(world)
    world.provider.release()
    value = human.answer(call)['value']
    equal(world.provider.introspect(value)['active'], True)


@case('a system broker that is killed in the middle of a rotation loses nothing')
def killed(world):
    human, call = refresh(world)
    MACHINE.end(pid=world.broker, number=signal.SIGKILL)
    try:
        human.answer(call)
    except Closed:
        pass
    world.provider.release()
    world.provider.hear('asked', asked='/token', status=200)
    world.start()
    world.unlock()
    equal(world.provider.introspect(world.reveal('oauth2-token'))['active'], True)
    equal(MACHINE.run(argv=['sh', '-c', f'ls {world.state}/parcels'])[1], '')


raise SystemExit(tap.run(World))
