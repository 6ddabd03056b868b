# SPDX-License-Identifier: MIT
"""A card on which everything that an agent may write tries to act on the screen."""

import unicodedata

HOSTILE = ('\033[2J\033[1;1H', '\033]0;title\007', '\033]52;c;Z3JhbnQ=\007', '\r', '\n', '\t', '\x9b2J', '\x7f',
           '\u202e', '\u2066', '\u200b', '\ufeff', '\U000e0041', '\ue000', 'a' + '\u0301' * 40, '\\u{1b}',
           'x' + ' ' * 300 + 'y', 'grant or deny> ', '\u65e5\u672c' * 60, 'w' * 500)


def hostile_card(world):
    text = ' '.join(HOSTILE)
    world.broker.hold(operation='reveal', risk='disclose', resource=text, purpose=text, rule=text, scopes=[text, 'use'],
                      facts=[{'label': text, 'value': text}],
                      holders=[{'id': 'p1', 'label': text}, {'id': 'p2', 'label': text}],
                      requester={'name': text, 'exe': text, 'argv': [text, ''], 'cwd': text, 'unit': text, 'via': text,
                                 'verified': False, 'claim': {'name': text, 'version': text},
                                 'chain': [{'pid': 1, 'name': text}]})


# What has to be read of it, blanks aside.
ESCAPED = ('\\u{1b}[2J', '\\u{1b}]52;c;Z3JhbnQ=\\u{7}', '\\u{d}', '\\u{a}', '\\u{9}', '\\u{9b}2J', '\\u{7f}', '\\u{202e}',
           '\\u{2066}', '\\u{200b}', '\\u{feff}', '\\u{e0041}', '\\u{e000}', '\\\\u{1b}', '\\u{20}' * 299, 'w' * 500)


def width(text):
    """In columns."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)
