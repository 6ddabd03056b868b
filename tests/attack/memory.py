# SPDX-License-Identifier: MIT
"""A process of the same user tries to look into the broker, and into the person's command at its prompt."""

import glob
import os
import resource
import signal

import countersign
from intrusion import CANARY, closed
from tap import case, equal

SECRETS = (CANARY, countersign.PIN.encode(), countersign.PASSPHRASE.encode())


@case('no way into the broker is open to its own user', secrets=())
def broker(world):
    world.secret('canary', CANARY)
    closed(world.learn(), SECRETS)


@case('no way is open into the person\'s command while it asks for the PIN')
def prompt(world):
    terminal = world.terminal('secret', 'set', 'other')
    # It asks for value and PIN in some order; at the first prompt without echo it is as it will be.
    assert terminal.waitnoecho(30), 'no prompt'
    closed(terminal.pid, SECRETS)
    terminal.sendintr()


@case('a broker that crashes leaves no core file', secrets=())
def core(world):
    world.stop()
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    allowed = unlimited if hard == resource.RLIM_INFINITY else (hard, hard)
    world.cli('unlock', passphrase=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, allowed))
    world.learn()
    world.secret('canary', CANARY)
    pid = world.learn()
    with open(f'/proc/{pid}/limits', encoding='ascii') as file:
        line = next(line for line in file if line.startswith('Max core file size'))
    equal(line.split()[4:6], ['0', '0'], 'core limits')
    world.kill_broker(signal.SIGABRT)
    cores = [name for folder in (world.base, world.runtime, world.env['HOME'], '/', '/tmp', '/var/tmp')
             for name in glob.glob(os.path.join(folder, '*core*')) if str(pid) in name or name.endswith('/core')]
    equal(cores, [])


@case('nothing of a secret is in any file the broker writes', secrets=())
def files(world):
    world.secret('canary', CANARY)
    agent = world.agent()
    call = agent.ask('canary')
    world.grant(agent.held(call)['request_id'])
    agent.answer(call)
    for folder, _, names in os.walk(world.base):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, 'rb') as file:
                text = file.read()
            for secret in SECRETS:
                assert secret not in text, path


countersign.main()
