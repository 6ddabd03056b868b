# SPDX-License-Identifier: MIT
"""Test cases named by sentences, told as TAP."""

import os
import sys
import traceback

LONG = bool(os.environ.get('COUNTERSIGN_LONG'))


class Skip(Exception):
    """Raised with the reason why a case cannot be tried on this machine."""


_cases = []


def case(sentence, **options):
    """Registers a case. Options are those of countersign.World."""
    def register(function):
        _cases.append((sentence, function, options))
        return function
    return register


def count(usual, long):
    """How often: the usual count, or with --long the full one."""
    return long if LONG else usual


def note(text):
    for line in str(text).splitlines():
        print(f'#   {line}', flush=True)


def equal(found, wanted, what=''):
    if found != wanted:
        raise AssertionError(f'{what or "found"}: {found!r}, not {wanted!r}')


def contains(text, part):
    if part not in text:
        raise AssertionError(f'{part!r} is not in {text!r}')


def lacks(text, part):
    if part in text:
        raise AssertionError(f'{part!r} is in {text!r}')


def what_happened(error):
    """The way to where it failed, below the harness, and what was wrong."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    words = str(error)
    return ''.join(f'{os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}\n' for frame in frames) + \
        f'{type(error).__name__}: {words[:3000]}'


def run(make_world):
    """Runs each case in a world of its own; arguments select cases by a part of their sentence."""
    chosen = [c for c in _cases if not sys.argv[1:] or any(part in c[0] for part in sys.argv[1:])]
    print(f'1..{len(chosen)}', flush=True)
    failed = 0
    for number, (sentence, function, options) in enumerate(chosen, 1):
        world = None
        try:
            world = make_world(**options)
            function(world)
            world.check()
            print(f'ok {number} {sentence}', flush=True)
        except Skip as reason:
            print(f'ok {number} {sentence} # SKIP {reason}', flush=True)
        except BaseException as error:
            failed += 1
            print(f'not ok {number} {sentence}', flush=True)
            note(what_happened(error))
            if world is not None:
                note(world.story())
            if isinstance(error, KeyboardInterrupt):
                raise
        finally:
            if world is not None:
                world.close()
    return 1 if failed else 0
