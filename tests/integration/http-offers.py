# SPDX-License-Identifier: MIT
"""What is offered to who calls over HTTP, by the address that a client's file has: the broker and the server are real."""

import json
import tomllib

import countersign
import shared
from callerworld import Caller, CallerWorld
from tap import case, equal

CLIENTS = {'claude-code': 'mcpServers', 'cursor': 'mcpServers', 'vscode': 'servers', 'codex': 'mcp_servers',
           'gemini': 'mcpServers', 'zed': 'context_servers'}


@case('the address in each client\'s file is one at which the official client is served')
def printed(world):
    token, url = world.local('printed'), f'{world.serve().url}/mcp'
    named = set()
    for client, key in CLIENTS.items():
        text = world.cli('mcp', '--print-config', client, '--http', url).out
        server = (tomllib if client == 'codex' else json).loads(text)[key]['countersign']
        named.add(server.get('url', server.get('httpUrl')))
    equal(named, {url})
    client = world.official('auto', argv=[named.pop()], env={**world.env, 'TOKEN': token})
    equal(client.connected['connected']['name'], 'countersign')


def read(caller, uri):
    content, = caller.post('resources/read', {'uri': uri}, Mcp_Name=uri).result()['contents']
    return json.loads(content['text'])


@case('a caller reads its own grants and requests, and the rules about it, and nothing of another caller\'s')
def own(world):
    world.files['policy.conf'] = 'ask any\ndeny get_secret of prod/** caller local/eve\nallow http_request from /usr/bin/other\n'
    world.accept()
    server = world.serve()
    ann, eve = (Caller(server, world.local(name)) for name in ('ann', 'eve'))
    human = world.human(pin=True)
    human.call('subscribe')
    call = ann.start('get_secret', {'name': 'demo', 'purpose': 'a test'})
    request = human.hear('held')
    uri = f'countersign://approvals/{request["request_id"]}'
    equal(read(ann, uri)['status'], 'pending')
    equal(eve.post('resources/read', {'uri': uri}, Mcp_Name=uri).messages[-1]['error']['code'], -32602)
    human.decide(request, pin=countersign.PIN, duration=60)
    call.getresponse().read()
    equal([grant['resource'] for grant in read(ann, 'countersign://grants')['grants']], ['demo'])
    equal(read(eve, 'countersign://grants'), {'grants': []})
    rules = [[rule['rule'] for rule in read(caller, 'countersign://policy')['rules']] for caller in (ann, eve)]
    equal(rules, [['ask any'], ['ask any', 'deny get_secret of prod/** caller local/eve']])


@case('--capabilities takes away from the list and from the calls over HTTP too')
def narrowed(world):
    caller = Caller(world.serve('--capabilities', 'read'), world.local('narrow'))
    tools = [tool['name'] for tool in caller.post('tools/list').result()['tools']]
    equal(tools, ['broker_status', 'get_broker_stats', 'list_secrets', 'explain_access', 'approval_wait'])
    equal(caller.call('get_secret', {'name': 'demo', 'purpose': 'a test'}).tool()['code'], 'not_offered')


shared.main(CallerWorld)
