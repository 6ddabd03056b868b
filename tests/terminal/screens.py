# SPDX-License-Identifier: MIT
"""The approver on the whole screen, and what it shows by and by."""

import re

from drawn import Drawn
from scripted_broker import PATIENCE, PIN

PAGE_DOWN, HOME = '\033[6~', '\033[H'


def approver(world, rows=24, columns=80, arguments=('approve',), **options):
    """Past its first PIN, before what it draws."""
    # What the emulator of the tests is.
    env = {'TERM': 'linux', **options.pop('env', {})}
    child = world.terminal(*arguments, columns=columns, env=env, **options)
    child.setwinsize(rows, columns)
    child.expect_exact('PIN: ')
    assert child.waitnoecho(PATIENCE)
    child.sendline(PIN)
    return Drawn(child, rows, columns)


def pages(drawn):
    """All rows of the card, by scrolling to its end."""
    def place():
        found = re.search(r'line (\d+)–(\d+) of (\d+)', drawn.text())
        return tuple(map(int, found.groups())) if found else None

    def body():
        return drawn.rows()[1:next(i for i, row in enumerate(drawn.rows()) if row.startswith('──'))]

    drawn.press(HOME)
    rows, end = body(), place()
    while end is not None and end[1] < end[2]:
        before = end
        drawn.child.send(PAGE_DOWN)
        drawn.until(lambda d: place() is not None and place() != before, f'a page after {before}')
        end = place()
        shown = body()
        rows += shown[len(shown) - (end[1] - before[1]):]
    return rows
