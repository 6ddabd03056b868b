# SPDX-License-Identifier: MIT
"""What the official Inspector makes of countersign-mcp, on stdio and over HTTP, in each era, up to its exit status."""

import json
import os
import signal
import subprocess

import callerworld
import countersign
import parties
from lines import PATIENCE
from tap import case, equal

ERAS = ('legacy', 'auto', 'modern')
INSPECTOR = os.path.join(parties.HERE, '..', 'node_modules', '.bin', 'mcp-inspector')
REFUSED = 5  # its exit status for a result that is an error


class Inspector:
    """It on its way: a Node each, so what can go on at once does."""

    def __init__(self, world, era, *arguments, server=None):
        where = server or ['--', world.program('countersign-mcp')]
        self.errors = open(world.keep('inspector'), 'w+', encoding='utf-8')
        self.process = subprocess.Popen([parties.node(), INSPECTOR, '--cli', '--protocol-era', era, '--format', 'json', *arguments, *where],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=world.env,
                                        cwd=world.base)
        world.parties.append(self)

    def ended(self, status=0):
        """What it printed: the result."""
        out = self.process.communicate(timeout=PATIENCE * 2)[0]
        self.errors.seek(0)
        equal(self.process.returncode, status, out + self.errors.read())
        return json.loads(out)['result']

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.errors.close()


def tool(world, era, name, arguments=None, **options):
    return Inspector(world, era, '--method', 'tools/call', '--tool-name', name, '--tool-args-json', json.dumps(arguments or {}), **options)


def held(world, *eras, **options):
    """A get_secret in each of these eras, that waits for a person: each with its request."""
    human = world.human(pin=True)
    human.call('subscribe')
    asked = {f'by {era}': tool(world, era, 'get_secret', {'name': 'demo', 'purpose': f'by {era}'}, **options) for era in eras}
    for _ in eras:
        request = human.hear('held')
        yield asked[json.loads(request['card'])['purpose']], human, request


@case('all is listed alike, and no schema is beyond any client', sdk_env=True)
def lists(world):
    ways = [Inspector(world, era, '--method', 'tools/list', '--strict') for era in ('legacy', 'modern')]
    legacy, modern = ([tool['name'] for tool in way.ended()['tools']] for way in ways)
    equal(legacy[0], 'broker_status')
    equal(modern, legacy)


@case('in each era a call waits for a person, whose yes it returns', sdk_env=True)
def approved(world):
    for inspector, human, request in held(world, *ERAS):
        human.decide(request, pin=countersign.PIN, duration=60)
        equal(inspector.ended()['structuredContent']['status'], 'completed')


@case('a no is an error of the call, and of the Inspector', sdk_env=True)
def denied(world):
    for inspector, human, request in held(world, 'legacy', 'modern'):
        human.decide(request, 'deny')
        equal(inspector.ended(REFUSED)['structuredContent']['status'], 'denied')


@case('an Inspector that goes away takes its request with it', sdk_env=True)
def cancelled(world):
    for inspector, human, request in held(world, 'legacy', 'modern'):
        inspector.process.send_signal(signal.SIGINT)
        human.hear('closed', request_id=request['request_id'])
    equal(human.pending(), [])


@case('what nobody answers in time is pending, and no error', sdk_env=True)
def pending(world):
    call = tool(world, 'legacy', 'get_secret', {'name': 'demo', 'purpose': 'p'}, server=['--', world.program('countersign-mcp'), '--hold', '1'])
    equal(call.ended()['structuredContent']['status'], 'pending')


@case('over HTTP it is let in by its header alone: all is listed, and a yes, a no and an end come through', sdk_env=True)
def over_http(world):
    token = world.local()
    url = f'{world.serve().url}/mcp'
    ours = [url, '--transport', 'http', '--header', f'Authorization: Bearer {token}']
    listing = Inspector(world, 'modern', '--method', 'tools/list', '--strict', server=ours)
    for inspector, human, request in held(world, 'legacy', 'modern', server=ours):
        human.decide(request, 'deny')
        equal(inspector.ended(REFUSED)['structuredContent']['status'], 'denied')
    inspector, human, request = next(held(world, 'auto', server=ours))
    human.decide(request, pin=countersign.PIN, duration=60)
    equal(inspector.ended()['structuredContent']['status'], 'completed')
    equal(listing.ended()['tools'][0]['name'], 'broker_status')


callerworld.main()
