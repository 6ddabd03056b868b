# SPDX-License-Identifier: MIT
"""launch.py [--machine] SOURCE BUILD SCRIPT [ARGUMENT…]: runs a staged test as an ordinary user.

--machine: on a machine of its own (machine.py), where several users take part; this needs root.

As root nothing would be proven: root may read every process and open every file. The program that
runs then is a new one (exec), since a process that has changed its user stays closed to its own.
"""

import os
import pwd
import shutil
import subprocess
import sys

import stage

NOBODY = 65534


def skip(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)


def become_ordinary():
    if os.geteuid() != 0:
        return
    try:
        pwd.getpwuid(NOBODY)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except (OSError, KeyError) as error:
        skip(f'cannot become an ordinary user: {error}')


def machine():
    """What to put before the script's command line so that it runs on a machine of its own."""
    if os.geteuid() != 0:
        skip('needs root: the broker, the person and others are different users')
    namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
    missing = [name for name in ('unshare', 'setpriv') if shutil.which(name) is None]
    if missing:
        skip(f'there is no {missing[0]}')
    tried = subprocess.run([*namespaces, 'mount', '-t', 'tmpfs', 'try', '/run'], capture_output=True, text=True,
                           check=False)
    if tried.returncode != 0:
        skip(f'no namespaces to mount in: {tried.stderr.strip()}')
    return namespaces


def main():
    with_machine = sys.argv[1] == '--machine'
    names = sys.argv[2:] if with_machine else sys.argv[1:]
    source, build, script = (os.path.abspath(name) for name in names[:3])
    staged = stage.update(source, build)
    relative = os.path.relpath(script, os.path.join(source, 'tests'))
    command = [sys.executable]
    if with_machine:
        command = [*machine(), *command, os.path.join(staged, 'tests', 'lib', 'machine.py')]
    else:
        become_ordinary()
    os.umask(0o022)
    os.chdir('/')
    kept = {name: os.environ[name] for name in ('PATH', 'COUNTERSIGN_LONG') if name in os.environ}
    kept.update(LANG='C.UTF-8', COUNTERSIGN_STAGE=staged, PYTHONDONTWRITEBYTECODE='1',
                PYTHONPATH=os.path.join(staged, 'tests', 'lib'))
    os.execvpe(command[0], [*command, os.path.join(staged, 'tests', relative), *names[3:]], kept)


main()
