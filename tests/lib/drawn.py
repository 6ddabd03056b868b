# SPDX-License-Identifier: MIT
"""What a person sees on a terminal that a program draws on: its bytes, played by a terminal emulator."""

import re
import time

import pexpect
import pyte

from lines import PATIENCE


class Drawn:
    """The screen of a command at a terminal (pexpect)."""

    def __init__(self, child, rows, columns):
        self.child = child
        self.raw = ''
        self.mark = 0
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)

    def rows(self):
        # A wide character leaves its second cell empty.
        cells = (self.screen.buffer[y] for y in range(self.screen.lines))
        return [''.join(row[x].data for x in range(self.screen.columns)).replace('\u00a0', ' ').rstrip() for row in cells]

    def text(self):
        return '\n'.join(self.rows())

    def play(self, data):
        self.raw += data
        # pyte does not know ncurses' repeat of a character as xterm has it (ECMA-48 REP).
        self.stream.feed(re.sub(r'(.)\033\[(\d+)b', lambda m: m[1] * (int(m[2]) + 1), data))

    def until(self, holds, what):
        """Plays what comes until holds(self) does."""
        end = time.monotonic() + PATIENCE
        # What an expect() before has read and not used.
        self.play(self.child.buffer)
        self.child.buffer = ''
        while not holds(self):
            if time.monotonic() > end:
                raise AssertionError(f'never came: {what}\n{self.text()}')
            try:
                self.play(self.child.read_nonblocking(1 << 16, timeout=1))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                raise AssertionError(f'it ended before: {what}\n{self.text()}') from None
        return self

    def shows(self, *parts):
        return self.until(lambda drawn: all(part in drawn.text() for part in parts), parts)

    def lacks(self, *parts):
        return self.until(lambda drawn: not any(part in drawn.text() for part in parts), f'without {parts}')

    def settled(self, deny='[ Deny ]', new='just appeared…'):
        """A card came up, since the last keys were pressed, and takes keys now."""
        return self.until(lambda drawn: deny in drawn.text() and new in drawn.raw[drawn.mark:] and new not in drawn.text(),
                          'a card that takes keys')

    def press(self, keys, *parts):
        """Keys, and what then shows."""
        self.mark = len(self.raw)
        self.child.send(keys)
        return self.shows(*parts)

    def resize(self, rows, columns, *parts):
        self.mark = len(self.raw)
        self.screen.resize(rows, columns)
        self.screen.reset()
        self.child.setwinsize(rows, columns)
        return self.shows(*parts)

    def attributes(self, part):
        """Of the first character of a text that stands on one row."""
        for y, row in enumerate(self.rows()):
            if part in row:
                return self.screen.buffer[y][row.index(part)]
        raise AssertionError(f'{part!r} is not on\n{self.text()}')
