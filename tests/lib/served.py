# SPDX-License-Identifier: MIT
"""A site on this machine as a service: accepted by the person, asked for by agents."""

import json

import countersign
import httpsite

SERVICE = '''service demo
base https://localhost:{port}
credential demo
place bearer
network loopback
ca demo.pem
scope read {{ GET HEAD }} /**
scope write {{ POST DELETE }} /things/**
scope admin DELETE /things/**
test GET /ok
'''


def accept(world, **files):
    """The person accepts these files besides what is accepted: services_d_demo='…' is services.d/demo.conf; None
    takes one away. Keys have / and . as __ and _."""
    human = world.human(pin=True)
    accepted = {file['name']: file['text'] for file in human.call('policy_show')['files']}
    for key, text in files.items():
        name = key.replace('__', '/')
        name = name[::-1].replace('_', '.', 1)[::-1]
        if text is None:
            accepted.pop(name)
        else:
            accepted[name] = text
    return human.call('policy_apply', {'files': [{'name': name, 'text': text} for name, text in accepted.items()],
                                       'pin': countersign.PIN})


class Served:
    """The service `demo` for a site of its own, whose credential is the secret `demo`."""

    def __init__(self, world, text=SERVICE, policy=None, **options):
        self.world = world
        authority = httpsite.Authority()
        self.site = httpsite.Site(authority=authority, **options)
        self.text = text.format(port=self.site.port)
        world.parties.append(self)
        more = {} if policy is None else {'policy_conf': policy}
        accept(world, **{'services.d__demo_conf': self.text, 'services.d__demo_pem': authority.pem}, **more)

    def close(self):
        self.site.close()

    @property
    def seen(self):
        return self.site.seen


def ask(agent, path='/echo', method='GET', **more):
    """Begins an http_request to demo; returns the call's id."""
    service = {} if 'reference_id' in more else {'service': 'demo'}
    return agent.start('http_request', {**service, 'method': method, 'path': path, 'purpose': 'a test', **more})


def card(world, held):
    request = next(r for r in world.human(pin=True).pending() if r['request_id'] == held['request_id'])
    return json.loads(request['card'])


def fact(found, label):
    return [fact['value'] for fact in found['facts'] if fact['label'] == label]


def granted(world, agent, call, **more):
    """The person grants this held call; its answer."""
    world.grant(agent.held(call)['request_id'], **more)
    return agent.answer(call)
