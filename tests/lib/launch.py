# SPDX-License-Identifier: MIT
"""launch.py SOURCE BUILD SCRIPT [ARGUMENT…]: runs a staged test as an ordinary user.

As root nothing would be proven: root may read every process and open every file. The program that
runs then is a new one (exec), since a process that has changed its user stays closed to its own.
"""

import os
import pwd
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


def main():
    source, build, script = (os.path.abspath(name) for name in sys.argv[1:4])
    staged = stage.update(source, build)
    relative = os.path.relpath(script, os.path.join(source, 'tests'))
    become_ordinary()
    os.umask(0o022)
    os.chdir('/')
    kept = {name: os.environ[name] for name in ('PATH', 'COUNTERSIGN_LONG') if name in os.environ}
    kept.update(LANG='C.UTF-8', COUNTERSIGN_STAGE=staged, PYTHONDONTWRITEBYTECODE='1',
                PYTHONPATH=os.path.join(staged, 'tests', 'lib'))
    os.execve(sys.executable, [sys.executable, os.path.join(staged, 'tests', relative), *sys.argv[4:]],
              kept)


main()
