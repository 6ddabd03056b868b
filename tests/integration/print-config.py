# SPDX-License-Identifier: MIT
"""countersign mcp --print-config: what is printed is read as the client would read it, and what it names is started."""

import json
import os
import shlex
import tomllib

import countersign
import parties
from tap import case, contains, equal, lacks

URL = 'http://127.0.0.1:8643/mcp'

# Where each client looks for its servers, and where the file is, below the home.
CLIENTS = {
    'claude-code': ('mcpServers', '.claude/settings.json'),
    'claude-desktop': ('mcpServers', '.config/Claude/claude_desktop_config.json'),
    'cursor': ('mcpServers', '.cursor/mcp.json'),
    'vscode': ('servers', '.config/Code/User/mcp.json'),
    'codex': ('mcp_servers', '.codex/config.toml'),
    'gemini': ('mcpServers', '.gemini/settings.json'),
    'zed': ('context_servers', '.config/zed/settings.json'),
}


def said(world, client, *more, status=0):
    """What the command prints on both."""
    done = world.cli('mcp', '--print-config', client, *more, status=status)
    return done.out, done.err


def read(client, text):
    return tomllib.loads(text) if client == 'codex' else json.loads(text)


def server(world, client, *more):
    """The client's file, and the one server in it."""
    whole = read(client, said(world, client, *more)[0])
    servers = whole[CLIENTS[client][0]]
    equal(list(servers), ['countersign'])
    return whole, servers['countersign']


@case('each client\'s text names the installed program, which serves the official client', sdk_env=True)
def starts(world):
    for client, (_, file) in CLIENTS.items():
        _, named = server(world, client, '--hold', '7')
        equal((named['command'], named['args']), (world.program('countersign-mcp'), ['--hold', '7']), client)
        contains(said(world, client)[1], os.path.join(world.env['HOME'], file))
    official = parties.Official(world, 'v2', argv=[named['command'], *named['args']])
    equal(official.connected['connected']['name'], 'countersign')
    contains(json.dumps(official.answer(official.order(tools=True))['result']['tools']), 'broker_status')


@case('what would make a name or a path into something else is quoted in each language', init=False)
def quoted(world):
    odd = os.path.join(world.base, 'a "b" \\c $d \'e\' ü')
    os.mkdir(odd, 0o700)
    for client in CLIENTS:
        _, named = server(world, client, '--socket', os.path.join(odd, 's'))
        equal(named['args'], ['--socket', os.path.join(odd, 's')], client)
    advice = said(world, 'claude-code', '--socket', os.path.join(odd, 's'))[1]
    line = next(line for line in advice.splitlines() if line.startswith('  claude mcp add'))
    words = shlex.split(line)
    equal(words[-2:], ['--socket', os.path.join(odd, 's')])


@case('a path that is relative here is whole in the file', init=False)
def relative(world):
    _, named = server(world, 'cursor', '--state-dir', 'x')
    equal(named['args'], ['--state-dir', os.path.join(world.base, 'x')])


@case('nobody is asked twice: each text or what is said beside it allows our tools', init=False)
def permissions(world):
    advice = said(world, 'claude-code')[1]
    allowed = next(json.loads(line) for line in advice.splitlines() if line.startswith('  {'))
    equal(allowed, {'permissions': {'allow': ['mcp__countersign']}})
    advice = said(world, 'cursor')[1]
    equal(next(json.loads(line) for line in advice.splitlines() if line.startswith('  {')),
          {'mcpAllowlist': ['countersign:*']})
    equal(server(world, 'gemini')[1]['trust'], True)
    equal(server(world, 'codex')[1]['default_tools_approval_mode'], 'approve')
    tools = server(world, 'zed')[0]['agent']['tool_permissions']['tools']
    equal(tools['mcp:countersign:get_secret'], {'default': 'allow'})
    tools = server(world, 'zed', '--tools', 'opaquevault')[0]['agent']['tool_permissions']['tools']
    equal('mcp:countersign:vault_run' in tools and 'mcp:countersign:get_secret' not in tools, True)


@case('for an address no program is named, and a token by its variable alone', init=False)
def address(world):
    field = {'gemini': 'httpUrl'}
    for client in CLIENTS:
        if client == 'claude-desktop':
            out, error = said(world, client, '--http', URL, status=2)
            equal(out, '')
            contains(error, 'leave out --http')
            continue
        _, named = server(world, client, '--http', URL)
        equal((named[field.get(client, 'url')], 'command' in named), (URL, False), client)
        lacks(json.dumps(named), 'cs_')
    equal(server(world, 'codex', '--http', URL)[1]['bearer_token_env_var'], 'COUNTERSIGN_TOKEN')
    equal(server(world, 'vscode', '--http', URL)[0]['inputs'][0]['password'], True)
    equal(server(world, 'claude-code', '--http', URL)[1]['headers'], {'Authorization': 'Bearer ${COUNTERSIGN_TOKEN}'})


WRONG = {
    'a client that is not known': (['emacs'], 'claude-code, claude-desktop, cursor, vscode, codex, gemini, zed'),
    'an address without its scheme': (['cursor', '--http', '127.0.0.1:8643'], 'http://127.0.0.1:8643/mcp'),
    'an address with a password in it': (['cursor', '--http', 'http://a:b@h/mcp'], 'http://127.0.0.1:8643/mcp'),
    'a part that no server sees': (['cursor', '--http', f'{URL}#x'], 'http://127.0.0.1:8643/mcp'),
    'no host': (['cursor', '--http', 'http:///mcp'], 'http://127.0.0.1:8643/mcp'),
    'another scheme': (['cursor', '--http', 'file:///mcp'], 'http://127.0.0.1:8643/mcp'),
    'an option that a server has not': (['cursor', '--nothing'], 'usage:'),
}


@case('what cannot be right is refused, with what would be, and nothing is printed', init=False)
def wrong(world):
    for sentence, (arguments, part) in WRONG.items():
        out, error = said(world, *arguments, status=2)
        equal(out, '', sentence)
        contains(error, part)


countersign.main()
