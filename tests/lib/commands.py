# SPDX-License-Identifier: MIT
"""Commands given to countersign-worker-exec as the broker gives them."""

import os

PROGRAM = 'countersign-worker-exec'


def params(argv, program=None, **more):
    """What `run` takes for this command line; its program is looked at now, as when it is approved."""
    program = os.path.realpath(program or argv[0])
    info = os.stat(program)
    return {'program': program, 'device': str(info.st_dev), 'inode': str(info.st_ino), 'argv': list(argv),
            'timeout_ms': 60000, **more}


def start(world, argv, secrets=None, stdin=None, **more):
    """A worker with the call under way: (worker, call). secrets: {name: (value, where)}."""
    started = world.worker(PROGRAM)
    for name, (value, _) in (secrets or {}).items():
        started.attach('secret', value, name=name)
    if stdin is not None:
        started.attach('stdin', stdin)
    if secrets:
        more['secrets'] = [{'name': name, **where} for name, (_, where) in secrets.items() if where]
    return started, started.start('run', params(argv, **more))


def run(world, argv, **more):
    """The answer of a command that was run to its end."""
    started, call = start(world, argv, **more)
    return started.answer(call)
