# SPDX-License-Identifier: MIT
"""launch.py [--machine|--boot] SOURCE BUILD SCRIPT [ARGUMENT…]: runs a staged test as an ordinary user.

--machine: on a machine of its own (machine.py), where several users take part; --boot: on one that systemd has brought up
(boot.py), as root. Both need root.

As root nothing would be proven: root may read every process and open every file. The program that
runs then is a new one (exec), since a process that has changed its user stays closed to its own.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile

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


def check_needs(*needed):
    if os.geteuid() != 0:
        skip('needs root: the broker, the person and others are different users')
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        skip(f'there is no {missing[0]}')


def check_namespaces():
    """What to put before a command so that it mounts for itself alone; where that cannot be, all is skipped."""
    namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child']
    tried = subprocess.run([*namespaces, '--mount-proc', 'mount', '-t', 'tmpfs', 'try', '/run'], capture_output=True,
                           text=True, check=False)
    if tried.returncode != 0:
        skip(f'no namespaces to mount in: {tried.stderr.strip()}')
    return namespaces


def machine():
    """What to put before the script's command line so that it runs on a machine of its own."""
    check_needs('unshare', 'setpriv')
    return [*check_namespaces(), '--mount-proc']


def boot(staged, script, environment):
    """Runs the script on a machine that systemd brings up, and tells what it said."""
    check_needs('unshare', 'pivot_root', 'systemctl', 'systemd-sysusers', 'runuser')
    if not os.path.exists('/lib/systemd/systemd'):
        skip('there is no /lib/systemd/systemd')
    namespaces = check_namespaces()
    share = tempfile.mkdtemp(prefix='countersign-boot-', dir='/var/tmp')
    os.chmod(share, 0o755)
    try:
        done = subprocess.run([*namespaces, '--uts', '--ipc', '--cgroup', '--net', sys.executable,
                               os.path.join(staged, 'tests', 'lib', 'boot.py'), share, script],
                              env=environment, cwd='/', capture_output=True, text=True, check=False)
        for name, make in (('skip', skip), ('out', print)):
            path = os.path.join(share, name)
            if os.path.exists(path):
                with open(path, encoding='utf-8') as file:
                    make(file.read())
                return
        print(f'Bail out! systemd did not run the test: {done.returncode} {done.stdout} {done.stderr}')
        sys.exit(1)
    finally:
        shutil.rmtree(share, ignore_errors=True)


def main():
    option = sys.argv[1] if sys.argv[1].startswith('--') else ''
    names = sys.argv[2:] if option else sys.argv[1:]
    source, build, script = (os.path.abspath(name) for name in names[:3])
    if option:
        check_needs()
    staged = stage.update(source, build)
    relative = os.path.relpath(script, os.path.join(source, 'tests'))
    command = [sys.executable]
    if option == '--machine':
        command = [*machine(), *command, os.path.join(staged, 'tests', 'lib', 'machine.py')]
    elif option == '':
        become_ordinary()
    os.umask(0o022)
    os.chdir('/')
    kept = {name: os.environ[name] for name in ('PATH', 'COUNTERSIGN_LONG') if name in os.environ}
    kept.update(LANG='C.UTF-8', COUNTERSIGN_STAGE=staged, PYTHONDONTWRITEBYTECODE='1',
                PYTHONPATH=os.path.join(staged, 'tests', 'lib'))
    if option == '--boot':
        boot(staged, os.path.join(staged, 'tests', relative), kept)
        return
    os.execvpe(command[0], [*command, os.path.join(staged, 'tests', relative), *names[3:]], kept)


main()
