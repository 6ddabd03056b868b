# SPDX-License-Identifier: MIT
"""Calls of countersign-mcp's tools, as a client makes them and a broker that the case plays gets them."""

import fcntl
import json
import os

from tap import equal

GET = {'name': 'demo', 'purpose': 'a test'}
TOOLS = ['broker_status', 'get_broker_stats', 'list_secrets', 'get_secret', 'http_request', 'run_command', 'resolve_secret',
         'store_secret', 'update_secret', 'delete_secret', 'mint_token', 'revoke_token', 'start_oauth_flow', 'get_aws_credentials', 'get_github_token', 'get_ssh_certificate',
         'explain_access', 'approval_wait']
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def begin(mcp, tool, arguments=None, token=None):
    """Starts a call; returns its id."""
    return mcp.start('tools/call', {'name': tool, **({} if arguments is None else {'arguments': arguments}),
                                    **({} if token is None else {'_meta': {'progressToken': token}})})


def flat(result):
    """The object in a result's text, which must say what structuredContent does."""
    item, = result['content']
    said = json.loads(item['text'])
    structured = {**result['structuredContent']}
    if 'result' in structured:  # an HTTP status has another name where both stand together
        structured['result'] = {'http_status' if k == 'status' else k: v for k, v in structured['result'].items()}
    for key, value in structured.items():
        if key == 'result':
            equal({k: said[k] for k in value}, value, 'text and structuredContent')
        else:
            equal(said[key], value, 'text and structuredContent')
    equal(set(said) - set(structured.get('result', {})), (set(structured) - {'result'}) | {'success'})
    equal(said['success'], structured['status'] == 'completed')
    equal(result['isError'], structured['status'] not in ('completed', 'pending'))
    return said


def up(world, mcp, tool='get_secret', arguments=None, **options):
    """Starts a broker, begins a call; the broker, its link, the call's id, and the call as the broker got it."""
    broker = world.broker()
    call = begin(mcp, tool, GET if arguments is None else arguments)
    link = broker.accept(**options)
    return broker, link, call, link.take(tool)


def sealed(data, seals=SEALS):
    fd = os.memfd_create('value', os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd
