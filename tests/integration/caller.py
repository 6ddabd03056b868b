# SPDX-License-Identifier: MIT
"""Who calls over HTTP: local tokens and issuers' tokens, shown by what stands for countersign-mcp-http."""

import sqlite3
import sys

import tap
from subjectworld import RESOURCE, CallerWorld, Issuer, Key, digest
from lines import Closed, Refused
from tap import case, contains, equal, lacks


def refused(call, code=4, **data):
    """The call is refused with this code and these data; what it said."""
    try:
        answer = call()
    except Refused as error:
        equal(error.code, code, error)
        for name, value in data.items():
            equal(error.data.get(name), value, error)
        return error.message
    raise AssertionError(f'it was not refused: {answer}')


def invalid(call):
    return refused(call, reason='bearer', error='invalid_token')


def ended(carrier):
    """Waits until the broker has closed the connection."""
    try:
        while True:
            carrier.pump()
    except Closed:
        return


# --- before a token ---

@case('our HTTP program asks for nobody until a token was shown, and then for that one only')
def early(world):
    token = world.local()
    carrier = world.carrier()
    for call in ('list_secrets', 'get_secret', 'explain_access', 'broker_status', 'approval_wait'):
        arguments = {'get_secret': {'name': 'demo', 'purpose': 'x'}, 'explain_access': {'operation': 'get_secret'},
                     'approval_wait': {'request_id': 'x'}}.get(call, {})
        contains(invalid(lambda call=call, arguments=arguments: carrier.call(call, arguments)), 'no token was shown')
    equal(carrier.call('resource')['result'], {'issuers': [], 'local': 1})
    equal(carrier.show(token)['subject'], 'ci')
    refused(lambda: carrier.show(token), code=-32600)
    equal(carrier.call('broker_status')['result']['state'], 'unlocked')


@case('no other program may show a token, nor ask what may be shown')
def others(world):
    token, agent = world.local(), world.agent()
    for call, arguments in (('bearer', {'token': token, 'resource': RESOURCE}), ('resource', None)):
        contains(refused(lambda call=call, arguments=arguments: agent.call(call, arguments), reason='program'),
                 'only countersign-mcp-http')


@case('locked, a token is neither good nor bad')
def locked(world):
    token = world.local()
    world.cli('lock')
    carrier = world.carrier()
    refused(lambda: carrier.show(token), code=3)
    refused(lambda: carrier.call('resource'), code=3)


# --- local tokens ---

@case('a local token is shown once, kept as a digest, and names its holder on card, grant and trail')
def local(world):
    token = world.local('ci', '--for', '1h')
    equal((token[:3], len(token)), ('cs_', 46))
    who = world.carrier().show(token)
    equal({name: who[name] for name in ('subject', 'issuer', 'label', 'scopes', 'local')},
          {'subject': 'ci', 'issuer': 'local', 'label': 'ci (local token)', 'scopes': [], 'local': True})
    carrier = world.carrier(token)
    call = carrier.ask()
    request_id = carrier.held(call)['request_id']
    contains(world.cli('pending', request_id, pin=True).out, 'ci (local token)')
    world.grant(request_id)
    reference = carrier.answer(call)['result']['reference']['id']
    contains(world.cli('grants', pin=True).out, 'ci (local token)')
    records = world.cli('audit', 'show', request_id, pin=True).out
    contains(records, 'local/ci')
    listed = world.cli('caller', 'list', '--json', pin=True).json()
    equal([(one['name'], one['kind']) for one in listed], [('ci', 'local')])
    for name in (world.store, f'{world.store}-wal'):
        with open(name, 'rb') as file:
            data = file.read()
            lacks(data, token.encode())
            lacks(data, digest(token).encode())
    lacks('\n'.join(map(str, world.records())), token)
    assert reference


@case('a local token that was removed is good for nobody, and what its holder had has ended')
def removed(world):
    token, other = world.local('ci'), world.local('cd')
    carrier, bystander = world.carrier(token), world.carrier(other)
    call = carrier.ask()
    world.grant(carrier.held(call)['request_id'])
    reference = carrier.answer(call)['result']['reference']['id']
    held = carrier.start('delete_secret', {'name': 'demo'})
    request_id = carrier.held(held)['request_id']
    equal(len(world.cli('grants', '--json', pin=True).json()), 1)
    world.cli('caller', 'rm', 'ci')
    equal(carrier.answer(held)['status'], 'denied')
    ended(carrier)
    equal(world.cli('grants', '--json', pin=True).json(), [])
    contains(invalid(lambda: world.carrier().show(token)), 'no local token')
    again = world.carrier(world.local('ci'))
    refused(lambda: again.call('approval_wait', {'request_id': request_id}), code=5)
    equal(again.call('resolve_secret', {'reference_id': reference})['status'], 'denied')
    equal(bystander.call('broker_status')['result']['state'], 'unlocked')


@case('names of local tokens are checked, and one that is taken is not given again')
def names(world):
    world.local('ci')
    for name, part in (('ci', 'there is a local token ci'), ('no/slash', 'name'), ('', 'name')):
        result = world.cli('caller', 'add', name, pin=True, status=None)
        assert result.status != 0, name
        contains(result.err, part)
    world.cli('caller', 'add', 'long', '--for', '400d', pin=True, status=2)
    world.cli('caller', 'add', 'none', status=1, stdin=b'')
    world.cli('caller', 'rm', 'nobody', status=1)


# --- one subject, whichever connection ---

@case('what one connection of a subject asked, another of the same may fetch, and no other subject')
def fetched(world):
    token, other = world.local('ci'), world.local('cd')
    first, second, stranger = world.carrier(token), world.carrier(token), world.carrier(other)
    call = first.start('get_secret', {'name': 'demo', 'purpose': 'x', 'hold_seconds': 0})
    request_id = first.answer(call)['request_id']
    first.close()
    refused(lambda: stranger.call('approval_wait', {'request_id': request_id}), code=5)
    refused(lambda: world.agent().call('approval_wait', {'request_id': request_id}), code=5)
    wait = second.start('approval_wait', {'request_id': request_id})
    second.held(wait)
    world.grant(request_id)
    reference = second.answer(wait)['result']['reference']['id']
    equal(world.carrier(token).call('get_secret', {'name': 'demo', 'purpose': 'x'})['result']['reference']['id'], reference)
    for who in (stranger, world.agent()):
        answer = who.start('get_secret', {'name': 'demo', 'purpose': 'x'})
        who.hear('held', id=answer)  # nobody else is covered


@case('nothing is written to a file here, and no program is launched, for who calls over HTTP')
def files(world):
    carrier = world.carrier(world.local())
    refused(lambda: carrier.call('read_secrets', {'names': ['demo']}), reason='remote')
    refused(lambda: carrier.call('launch', {'program': '/bin/true', 'argv': ['true'],
                                            'secrets': [{'name': 'demo', 'env': 'X'}], 'work_dir': '/'}), reason='remote')


if __name__ == '__main__':
    sys.exit(tap.run(CallerWorld))
