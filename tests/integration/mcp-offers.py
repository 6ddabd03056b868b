# SPDX-License-Identifier: MIT
"""What countersign-mcp offers beside its tools' work: lists, prompt, resources, completion, what is narrowed away, and what
each refusal tells an agent to do next. With a real broker, the official clients, and each version by hand."""

import json
import os
import re

import countersign
from called import TOOLS
from lines import Refused
from tap import case, contains, equal, lacks

VERSIONS = ('2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25')
RULES = os.path.join(countersign.PREFIX, 'share', 'countersign', 'agent-rules.md')
RESOURCES = ['countersign://policy', 'countersign://grants']


def use(client, method, **params):
    """A method of the official client's; its result."""
    message = client.answer(client.order(use=method, params=params))
    if 'error' in message:
        raise AssertionError(f'{method}: {message["error"]}')
    return message['result']


def read(client, uri):
    """A resource, as the object that it is."""
    content, = use(client, 'readResource', uri=uri)['contents']
    equal((content['uri'], content['mimeType']), (uri, 'application/json'))
    return json.loads(content['text'])


def fault(client, method, **params):
    return client.answer(client.order(use=method, params=params))['error']


def follow(world):
    """A person who follows the queue."""
    human = world.human(pin=True)
    human.call('subscribe')
    return human


# --- Lists ---

@case('the official clients of both eras find tools, prompt, resources and the template', sdk_env=True)
def lists(world):
    for sdk in ('v1', 'v2', 'auto'):
        client = world.official(sdk)
        for offer in ('tools', 'prompts', 'resources', 'completions'):
            contains(client.connected['capabilities'], offer)
        equal([tool['name'] for tool in client.answer(client.order(tools=True))['result']['tools']], TOOLS)
        prompt, = use(client, 'listPrompts')['prompts']
        equal(prompt['name'], 'credential-rules')
        equal([resource['uri'] for resource in use(client, 'listResources')['resources']], RESOURCES)
        template, = use(client, 'listResourceTemplates')['resourceTemplates']
        equal(template['uriTemplate'], 'countersign://approvals/{id}')
        client.close()


# From which version on a field is known.
FIELDS = {'annotations': 1, 'title': 2, 'outputSchema': 2, 'icons': 3}


@case('no version is sent a field that it does not have', init=False)
def fields(world):
    for number, version in enumerate(VERSIONS):
        mcp = world.mcp(version=version)
        self = mcp.initialized['serverInfo']
        equal(('title' in self, 'icons' in self, 'description' in self), (number >= 2, number >= 3, number >= 3), version)
        for method, key in (('tools/list', 'tools'), ('prompts/list', 'prompts'), ('resources/list', 'resources'),
                            ('resources/templates/list', 'resourceTemplates')):
            for item in mcp.call(method, {})[key]:
                for field, first in FIELDS.items():
                    if field in ('annotations', 'outputSchema') and key != 'tools':
                        continue
                    equal(field in item, number >= first, f'{version} {key} {field}')


@case('each tool says in full what it is, and all that it may do', init=False)
def whole(world):
    for tool in world.mcp().call('tools/list')['tools']:
        equal(sorted(tool['annotations']), ['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint'])
        assert len(tool['description']) < 600, tool['name']
        for name, schema in tool['inputSchema']['properties'].items():
            assert schema.get('description'), f'{tool["name"]} {name}'


# --- The prompt ---

@case('the prompt is the file, word for word, and names tools that there are', sdk_env=True)
def prompt(world):
    with open(RULES, encoding='utf-8') as file:
        rules = file.read()
    for sdk in ('v1', 'auto'):
        client = world.official(sdk)
        message, = use(client, 'getPrompt', name='credential-rules')['messages']
        equal((message['role'], message['content']), ('user', {'type': 'text', 'text': rules}))
        error = fault(client, 'getPrompt', name='other')
        equal(error['code'], -32602)
        contains(error['message'], 'credential-rules')
        client.close()
    named = set(re.findall(r'`([a-z]+_[a-z_]+)`', rules)) - {'request_id', 'reference_id', 'who_can_change'}
    equal(named - set(TOOLS), set())
    assert len(named) >= 8, named


# --- Resources ---

@case('a client reads the rules that concern it, its grants, and how its requests stand', sdk_env=True)
def resources(world):
    for sdk in ('v1', 'auto'):
        client = world.official(sdk)
        policy = read(client, 'countersign://policy')
        assert {'place': 'policy.conf:24', 'rule': 'deny reveal'} in policy['rules'], policy
        equal(read(client, 'countersign://grants'), {'grants': []})
        human = follow(world)
        call = client.start('get_secret', {'name': 'demo', 'purpose': 'a test'}, timeout=200000)
        request = human.hear('held')
        uri = f'countersign://approvals/{request["request_id"]}'
        equal((read(client, uri)['status'], read(client, uri)['purpose']), ('pending', 'a test'))
        found = use(client, 'complete', ref={'type': 'ref/resource', 'uri': 'countersign://approvals/{id}'},
                    argument={'name': 'id', 'value': request['request_id'][:3]})['completion']
        equal((found['values'], found['total'], found['hasMore']), ([request['request_id']], 1, False))
        world.grant(request['request_id'], duration=60)
        equal(client.answer(call)['result']['structuredContent']['status'], 'completed')
        grant, = read(client, 'countersign://grants')['grants']
        equal((grant['operation'], grant['resource']), ('get_secret', 'demo'))
        client.close()


@case('what is not there, or another\'s, is not found alike; a locked broker says what to do', sdk_env=True)
def not_read(world):
    agent = world.agent()
    held = agent.held(agent.ask('demo'))['request_id']
    for sdk, code in (('v1', -32002), ('auto', -32602)):
        client = world.official(sdk)
        for uri in ('countersign://secrets', 'countersign://approvals/', 'countersign://approvals/A B',
                    'countersign://approvals/0000', f'countersign://approvals/{held}'):
            error = fault(client, 'readResource', uri=uri)
            equal(error['code'], code, uri)
            lacks(error['message'], held)
        nothing = use(client, 'complete', ref={'type': 'ref/resource', 'uri': 'countersign://approvals/{id}'},
                      argument={'name': 'id', 'value': ''})
        equal(nothing['completion']['values'], [])
        client.close()
    world.human().call('lock')
    client = world.official('v2')
    error = fault(client, 'readResource', uri='countersign://policy')
    equal(error['code'], -32603)
    contains(error['message'], 'countersign unlock')


# --- Narrowing ---

@case('--capabilities takes away from the list and from the calls')
def narrowed(world):
    mcp = world.mcp(arguments=('--capabilities', 'read,get-ssh-certificate'))
    equal([tool['name'] for tool in mcp.call('tools/list')['tools']],
          ['broker_status', 'get_broker_stats', 'list_secrets', 'get_ssh_certificate', 'explain_access', 'approval_wait'])
    answer = mcp.tool('get_secret', {'name': 'demo', 'purpose': 'a test'})
    equal((answer['isError'], answer['structuredContent']['code']), (True, 'not_offered'))
    contains(answer['structuredContent']['next'], 'tools/list')
    equal(world.human().call('status')['held'], 0)
    equal(mcp.tool('broker_status')['structuredContent']['status'], 'completed')


@case('a tool that there is not is told with the one that was meant', init=False)
def unknown(world):
    mcp = world.mcp()
    for name, part in (('get_secrets', 'did you mean get_secret?'), ('vault_run', 'tools/list')):
        try:
            mcp.tool(name)
        except Refused as error:
            equal(error.code, -32602)
            contains(error.message, part)
        else:
            raise AssertionError(name)


@case('a word that is neither tool nor group is wrong usage, and the right ones are named', init=False)
def wrong(world):
    for arguments, part in ((['--capabilities', 'reads'], 'read use write reveal mint'),
                            (['--capabilities', 'get_secrets'], 'did you mean get_secret?'),
                            (['--capabilities', ''], 'read use write reveal mint'),
                            (['--tools', 'vaults'], 'countersign, opaquevault or vouch')):
        done = world.cli('mcp', *arguments, status=2)
        contains(done.err, part)
        equal(done.out, '')


# --- Vouch's names ---

@case('Vouch\'s names and spellings are taken, and listed where they are asked for')
def vouch(world):
    listed = world.mcp(arguments=('--tools', 'vouch'))
    equal([tool['name'] for tool in listed.call('tools/list')['tools']],
          ['broker_status', 'get-aws-credentials', 'get-github-token', 'get-ssh-certificate', 'approval_wait'])
    for mcp in (world.mcp(), listed):
        for name, arguments in (('get-aws-credentials', {'role_arn': 'arn:aws:iam::123456789012:role/deploy'}),
                                ('get-github-token', {'owner': '', 'repositories': None}),
                                ('get-ssh-certificate', {'public_key': 'ssh-ed25519 AAAA'})):
            answer = mcp.tool(name, arguments)['structuredContent']
            assert answer['code'] in ('not_configured', 'arguments', 'invalid_arguments'), answer
            lacks(answer['error'], 'owner')
            lacks(answer['error'], 'repositories')


# --- What a refusal tells ---

def refusal(answer):
    """The envelope of a refusal, which says the same in its text, and all that it must."""
    structured, said = answer['structuredContent'], json.loads(answer['content'][0]['text'])
    equal(answer['isError'], True)
    for field in ('error', 'code', 'rule', 'who_can_change', 'next'):
        assert structured.get(field), f'{field}: {structured}'
        equal(said[field], structured[field])
    return structured


def denied(world, mcp, tool, arguments):
    human = follow(world)
    call = mcp.start('tools/call', {'name': tool, 'arguments': arguments})
    human.decide(human.hear('held'), 'deny')
    return mcp.answer(call)


@case('each refusal has its code, what decided, who can change it and what to do next')
def refusals(world):
    mcp = world.mcp()
    found = refusal(mcp.tool('get_secret', {'name': 'dmeo', 'purpose': 'a test'}))
    equal(found['code'], 'not_found')
    contains(found['next'], 'list_secrets')
    found = refusal(mcp.tool('get_secret', {'name': 'demo'}))
    equal(found['code'], 'invalid_arguments')
    contains(found['error'], 'purpose')
    found = refusal(mcp.tool('http_request', {'service': 'x', 'method': 'GET', 'path': '/', 'purpose': 'a test'}))
    equal(found['code'], 'not_found')
    contains(found['error'], 'countersign service add')
    found = refusal(mcp.tool('resolve_secret', {'reference_id': 'ref-none'}))
    equal((found['code'], found['rule']), ('policy', 'policy.conf:24: deny reveal'))
    contains(found['next'], 'http_request')
    contains(found['who_can_change'], 'countersign policy apply')
    found = refusal(mcp.tool('mint_token', {'provider': 'nobody', 'scopes': ['a']}))
    assert found['code'] in ('invalid_arguments', 'not_configured', 'arguments'), found
    found = refusal(mcp.tool('approval_wait', {'request_id': 'none'}))
    equal(found['code'], 'not_found')
    contains(found['next'], 'original call')
    found = refusal(denied(world, mcp, 'get_secret', {'name': 'demo', 'purpose': 'a test'}))
    equal(found['code'], 'person')
    contains(found['next'], 'Do not ask again')


@case('where nothing is set up, or no broker is, a refusal names the command', init=False)
def not_set_up(world):
    found = refusal(world.mcp().tool('get_secret', {'name': 'demo', 'purpose': 'a test'}))
    equal(found['code'], 'not_initialised')
    contains(found['next'], 'countersign init')
    found = refusal(world.mcp(arguments=('--socket', os.path.join(world.base, 'none'))).tool('broker_status'))
    equal(found['code'], 'unreachable')
    contains(found['next'], 'countersign doctor')


countersign.main()
