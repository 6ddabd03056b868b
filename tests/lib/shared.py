# SPDX-License-Identifier: MIT
"""One World for all cases of a file: for those that leave nothing behind that another case would see.

A case that failed is not trusted to have left nothing: the next one has a World of its own.
"""

import contextlib
import sys

import tap
from countersign import SANITIZER, World


class Shared:
    def __init__(self, make):
        self.make, self.world, self.sound = make, None, False

    def enter(self, **options):
        """What a case gets: with options a World of its own."""
        if options:
            return self.make(**options)
        if self.world is None:
            self.world = self.make()
            self.world.check, self.world.close = self.between, self.leave
        self.sound = False
        return self.world

    def between(self):
        for name, text in self.world.logs():
            found = SANITIZER.search(text)
            if found:
                raise AssertionError(f'{name}: {text[found.start():][:6000]}')
        self.sound = True

    def leave(self):
        """After a case: whoever took part has gone, and with them what they asked for."""
        while self.world.parties:
            with contextlib.suppress(OSError):
                self.world.parties.pop().close()
        if not self.sound:
            self.end()

    def end(self):
        world, self.world = self.world, None
        if world is not None:
            type(world).close(world)

    def last(self, _):
        """What is leaked is told as the broker ends."""
        if self.world is not None:
            type(self.world).check(self.world)


def main(make=World):
    """Runs the cases of the calling script."""
    shared = Shared(make)
    tap.case('what served all of this ends without a complaint')(shared.last)
    status = tap.run(shared.enter)
    shared.end()
    sys.exit(status)
