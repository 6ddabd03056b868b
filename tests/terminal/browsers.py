# SPDX-License-Identifier: MIT
"""A browser that only tells which page it was given."""

import os


def browser(world, name='browser'):
    """A browser that tells which page it was given: what to put into the environment, and the pipe to read from."""
    pipe, program = os.path.join(world.base, f'{name}.pipe'), os.path.join(world.base, name)
    os.mkfifo(pipe)
    with open(program, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\nprintf "%s\\n" "$@" >{pipe}\n')
    os.chmod(program, 0o755)
    return {'BROWSER': program, 'DISPLAY': ':77'}, pipe


def opened(pipe):
    with open(pipe, encoding='utf-8') as file:
        return file.read().splitlines()
