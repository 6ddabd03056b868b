# SPDX-License-Identifier: MIT
"""Cards of calls that use a credential, as the broker makes them."""


def fact(label, value):
    return {'label': label, 'value': value}


HTTP = {'operation': 'http_request', 'resource': 'github', 'risk': 'write', 'scopes': ['write'],
        'rule': 'ask { http_request mint_token } max 1h', 'purpose': 'report the failing test',
        'facts': [fact('Request', 'POST https://api.github.com/repos/o/r/issues'),
                  fact('Credential', 'github-token, as a bearer token'),
                  fact('Header', 'Accept: application/vnd.github+json'),
                  fact('Header', 'Content-Type: application/json'),
                  fact('Body', '{\n  "title": "Tests fail on main",\n  "labels": ["ci"]\n}\n')]}

RUN = {'operation': 'run_command', 'resource': 'github-token', 'risk': 'disclose', 'scopes': ['use'],
       'rule': 'ask { list_secrets get_secret run_command launch } max 1h', 'purpose': 'see which pull requests wait',
       'facts': [fact('Runs', '/usr/bin/gh'),
                 *(fact('Argument', word) for word in ('pr', 'list', '--search', 'is:open review:required', '--json=title,url')),
                 fact('Gives', 'github-token as $GITHUB_TOKEN'), fact('Environment', 'GH_PAGER=cat'),
                 fact('Directory', '/home/ann/project'), fact('May reach', 'api.github.com:443'),
                 fact('Confined', 'bubblewrap, Landlock, seccomp'), fact('Time limit', '5m')]}

LAUNCH = {'operation': 'launch', 'resource': 'github-token, npm-token', 'risk': 'disclose', 'scopes': ['use'],
          'rule': 'ask { list_secrets get_secret run_command launch } max 1h', 'purpose': None,
          'facts': [fact('Runs', '/usr/bin/npx'),
                    *(fact('Argument', word) for word in ('-y', '@modelcontextprotocol/server-github')),
                    fact('Gives', 'github-token as $GITHUB_PERSONAL_ACCESS_TOKEN'), fact('Gives', 'npm-token as $NPM_TOKEN'),
                    fact('Directory', '/home/ann/project'), fact('May reach', 'everything: not confined'),
                    fact('Confined', 'not at all')]}

# Whatever acts on a screen, and what looks like words of ours.
ACTS = '\x1b[2J\x1b]52;c;aGVsbG8=\x07\u202e\u200b\ue000<b>&amp;</b>'


def hostile_body(size=256 * 1024):
    """So many bytes, all of which have to be escaped, and an end to look for."""
    end = 'the very end'
    unit = '\x1b\u202e\x01\u200b'
    room = size - len(end)
    count = room // len(unit.encode())
    return unit * count + '.' * (room - count * len(unit.encode())) + end
