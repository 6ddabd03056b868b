# SPDX-License-Identifier: MIT
"""boot.py SHARE SCRIPT: systemd itself, on a machine of its own, for a test of what it does with our unit.

Run by launch.py as root, as the first process of new mount, pid, network and other namespaces. The machine's files are seen
through an overlay in memory, so that whatever is changed is gone afterwards; what is staged is installed there. systemd
then starts SCRIPT as its only service, as root; what it prints goes to SHARE/out. A machine on which this cannot be
done is told of in SHARE/skip.
"""

import os
import subprocess
import sys

SYSTEMD = '/lib/systemd/systemd'
UNITS = ('countersign@.service', 'countersign-audit-export@.service', *(f'countersign-worker-{kind}@.{part}' for kind in ('http', 'exec')
                                   for part in ('socket', 'service')))
DEVICES = ('null', 'zero', 'full', 'random', 'urandom', 'tty')

SERVICE = '''[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
Environment={environment}
ExecStart=/usr/bin/python3 {script}
ExecStopPost=/bin/sh -c 'exec systemctl --force --force poweroff >/dev/null 2>&1'
StandardOutput=append:/mnt/out
StandardError=inherit
'''


def mount(*arguments):
    subprocess.run(['mount', *arguments], check=True, capture_output=True, text=True)


def make_devices(new):
    mount('-t', 'tmpfs', '-o', 'mode=755', 'dev', f'{new}/dev')
    for name in DEVICES:
        with open(f'{new}/dev/{name}', 'w'):
            pass
        mount('--bind', f'/dev/{name}', f'{new}/dev/{name}')
    for name, kind, options in (('shm', 'tmpfs', 'mode=1777'), ('pts', 'devpts', 'newinstance,ptmxmode=0666')):
        os.mkdir(f'{new}/dev/{name}')
        mount('-t', kind, '-o', options, name, f'{new}/dev/{name}')
    os.symlink('pts/ptmx', f'{new}/dev/ptmx')
    os.symlink('/proc/self/fd', f'{new}/dev/fd')


def make_root(share):
    """The files of this machine under a layer in memory. Returns where they are."""
    layers = os.path.join(share, 'layers')
    new = os.path.join(layers, 'root')
    mount('--make-rprivate', '/')
    os.mkdir(layers)
    mount('-t', 'tmpfs', '-o', 'mode=755', 'layers', layers)
    for name in ('upper', 'work', 'root'):
        os.mkdir(os.path.join(layers, name))
    mount('-t', 'overlay', '-o', f'lowerdir=/,upperdir={layers}/upper,workdir={layers}/work', 'root', new)
    mount('-t', 'proc', 'proc', f'{new}/proc')
    mount('-t', 'sysfs', 'sysfs', f'{new}/sys')
    mount('-t', 'cgroup2', 'cgroup2', f'{new}/sys/fs/cgroup')
    for name in ('run', 'tmp'):
        mount('-t', 'tmpfs', '-o', 'mode=1777' if name == 'tmp' else 'mode=755', name, f'{new}/{name}')
    make_devices(new)
    mount('--bind', share, f'{new}/mnt')
    return new


def install(new, script):
    stage = os.environ['COUNTERSIGN_STAGE']
    subprocess.run(['cp', '-r', f'{stage}/root/.', new], check=True)
    # The person's and the broker's both have to reach them.
    units = f'{new}/run/systemd/system'
    # There is no machine to be brought up, and nothing of this one's is to be started.
    for unit in UNITS:
        os.makedirs(f'{units}/{unit}.d')
        with open(f'{units}/{unit}.d/test.conf', 'w') as file:
            file.write('[Unit]\nDefaultDependencies=no\n')
    with open(f'{units}/test.target', 'w') as file:
        file.write('[Unit]\nDefaultDependencies=no\nWants=test.service\n')
    kept = ('PATH', 'LANG', 'COUNTERSIGN_STAGE', 'PYTHONPATH', 'PYTHONDONTWRITEBYTECODE')
    environment = ' '.join(f'{name}={os.environ[name]}' for name in kept if name in os.environ)
    with open(f'{units}/test.service', 'w') as file:
        file.write(SERVICE.format(environment=environment, script=script))


def main():
    share, script = sys.argv[1:]
    try:
        new = make_root(share)
    except (OSError, subprocess.CalledProcessError) as error:
        with open(os.path.join(share, 'skip'), 'w') as file:
            file.write(f'no machine can be made here: {getattr(error, "stderr", None) or error}'.strip())
        return
    install(new, script)
    os.mkdir(f'{new}/old')
    os.chdir(new)
    subprocess.run(['pivot_root', '.', 'old'], check=True)
    subprocess.run(['umount', '-l', '/old'], check=True)
    os.execve(SYSTEMD, [SYSTEMD, '--system', '--unit=test.target', '--log-target=null'],
              {'container': 'countersign-test', 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})


main()
