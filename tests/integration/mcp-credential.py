# SPDX-License-Identifier: MIT
"""Tools that issue credentials, between a client and a broker that the case plays: what is asked, and where in the result
stands what is secret."""

import json
import os
import sys

import double
import tap
from called import begin, flat, sealed, up
from lines import PATIENCE
from tap import case, contains, equal, lacks

CANARY = 'canary-0123456789'
KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkXBfSgvsIKVjwIAmiUMVPGvHFCe0HmMPRZDa3BEmsJ me'
AWS = {'AccessKeyId': 'ASIAEXAMPLE', 'SecretAccessKey': CANARY, 'SessionToken': CANARY * 200, 'Expiration': '2030-01-01T00:00:00Z'}
GITHUB = {'token': f'ghs_{CANARY}', 'expires_at': '2030-01-01T00:00:00Z', 'expires_in': 3600, 'permissions': {'contents': 'read'},
          'repositories': ['a'], 'provider': 'github-app'}
SSH = {'certificate': 'ssh-ed25519-cert-v01@openssh.com AAAA', 'valid_for_seconds': 300, 'principals': ['deploy'],
       'serial': '18446744073709551615', 'provider': 'ca'}
# Tool, arguments, the part of the result that is open, what came as its value, and what the client is to see.
ISSUED = (
    ('get_aws_credentials', {'role_arn': 'arn:aws:iam::123456789012:role/deploy', 'purpose': 'p'},
     {'provider': 'aws', 'expires_in': 900}, AWS, {'provider': 'aws', 'expires_in': 900, **AWS}),
    ('get_github_token', {'repositories': ['a'], 'permissions': {'contents': 'read'}, 'purpose': 'p'},
     {name: GITHUB[name] for name in GITHUB if name != 'token'}, {'token': GITHUB['token']}, GITHUB),
    ('get_ssh_certificate', {'public_key': KEY, 'purpose': 'p'}, SSH, None, SSH),
)


def give(link, asked, open_part, value, by_fd):
    """Answers as the broker does: the secret part is JSON text of its own, in the message or beside it."""
    if value is None:
        link.complete(asked, open_part, request_id='r1')
        return
    text = value if isinstance(value, str) else json.dumps(value)
    if by_fd:
        fd = sealed(text.encode())
        link.answer(asked, {'status': 'completed', 'request_id': 'r1', 'result': {**open_part, 'value_fd': True}}, [fd])
        os.close(fd)
    else:
        link.complete(asked, {**open_part, 'value': text}, request_id='r1')


def shapes(by_fd):
    def tried(world):
        for tool, arguments, open_part, value, seen in ISSUED:
            mcp = world.mcp()
            broker, link, call, asked = up(world, mcp, tool, arguments)
            equal(asked['params'], {**arguments, 'hold_seconds': 45})
            give(link, asked, open_part, value, by_fd)
            answer = mcp.answer(call)
            equal(answer['structuredContent'], {'status': 'completed', 'request_id': 'r1', 'result': seen}, tool)
            equal(flat(answer)['success'], True)
            broker.stop()
    return tried


case('what is secret of a credential stands in the result under the names that its programs know')(shapes(False))
case('the same when it is so long that it comes beside the message')(shapes(True))


@case('approval_wait brings a credential in the same shape, also to a server that did not ask for it')
def waited(world):
    for tool, arguments, open_part, value, seen in ISSUED:
        mcp = world.mcp()
        broker, link, call, asked = up(world, mcp, tool, arguments)
        link.answer(asked, {'status': 'pending', 'request_id': 'r1', 'expires_at': '2030-01-01T00:00:00.000Z',
                            'poll_after_ms': 2000, 'message': 'waiting'})
        equal(flat(mcp.answer(call))['status'], 'pending')
        for server in (mcp, world.mcp()):
            call = begin(server, 'approval_wait', {'request_id': 'r1'})
            waiting = link if server is mcp else broker.accept()
            give(waiting, waiting.take('approval_wait'), open_part, value, False)
            equal(server.answer(call)['structuredContent']['result'], seen, tool)
        broker.stop()


@case('a revealed value that looks like a credential stays what it is')
def revealed(world):
    mcp = world.mcp()
    text = json.dumps(AWS)
    _, link, call, asked = up(world, mcp, 'resolve_secret', {'reference_id': 'x'})
    link.complete(asked, {'value': text})
    equal(mcp.answer(call)['structuredContent']['result'], {'value': text})


@case('a credential that cannot be read is an error that says nothing of it')
def broken(world):
    mcp = world.mcp()
    tool, arguments, open_part, _, _ = ISSUED[0]
    _, link, call, asked = up(world, mcp, tool, arguments)
    link.complete(asked, {**open_part, 'value': f'{{"SecretAccessKey":"{CANARY}"'})
    answer = mcp.answer(call)
    equal((answer['isError'], answer['structuredContent']['code']), (True, 'value'))
    lacks(json.dumps(answer), CANARY)


@case('a member of the secret part never takes the place of what the broker says itself')
def overlapping(world):
    mcp = world.mcp()
    tool, arguments, open_part, _, _ = ISSUED[0]
    _, link, call, asked = up(world, mcp, tool, arguments)
    link.complete(asked, {**open_part, 'value': '{"provider":"other","AccessKeyId":"x"}'})
    equal(mcp.answer(call)['structuredContent']['result'], {**open_part, 'AccessKeyId': 'x'})


@case('Vouch\'s names of the tools, and what stands for "left out" there, are understood')
def vouch(world):
    for theirs, ours, given, passed in (
            ('get-github-token', 'get_github_token', {'owner': '', 'repositories': None}, {}),
            ('get_github_token', 'get_github_token', {'owner': 'acme', 'repositories': ['a']}, {'owner': 'acme', 'repositories': ['a']}),
            ('get-aws-credentials', 'get_aws_credentials', ISSUED[0][1], ISSUED[0][1]),
            ('get-ssh-certificate', 'get_ssh_certificate', {**ISSUED[2][1], 'principals': None}, ISSUED[2][1])):
        mcp = world.mcp()
        broker = world.broker()
        call = begin(mcp, theirs, given)
        link = broker.accept()
        asked = link.take(ours)
        equal(asked['params'], {**passed, 'hold_seconds': 45}, theirs)
        link.complete(asked, SSH)
        mcp.answer(call)
        broker.stop()


@case('only what may be left out may be null')
def null(world):
    mcp = world.mcp()
    for tool, arguments, field in (('get_aws_credentials', {'role_arn': None}, 'role_arn'), ('get_ssh_certificate', {'public_key': ''}, 'public_key'),
                                   ('get_secret', {'name': 'demo', 'purpose': 'p', 'scopes': None}, 'scopes'),
                                   ('get_github_token', {'repositories': 'a'}, 'repositories'), ('get-secret', {}, None)):
        answer = mcp.answer(begin(mcp, tool, arguments)) if field else None
        if field:
            equal(answer['structuredContent']['code'], 'invalid_arguments')
            contains(answer['structuredContent']['error'], field)
    assert world.nothing_started(0.3)


@case('variables that configure another broker get one line, which names them and holds no value')
def variables(world):
    note = 'countersign login --setup PROVIDER'
    for names in ((), ('GITHUB_CLIENT_ID', 'OKTA_CLIENT_SECRET')):
        mcp = world.mcp(env={**world.env, **dict.fromkeys(names, CANARY)})
        mcp.process.stdin.close()
        mcp.process.wait(PATIENCE)
        with open(mcp.errors, encoding='utf-8') as errors:
            told = errors.read()
        equal(told.count('\n'), 1 if names else 0)
        for part in (*names, note) if names else ():
            contains(told, part)
        lacks(told, CANARY)


sys.exit(tap.run(double.World))
