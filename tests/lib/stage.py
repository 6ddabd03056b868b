# SPDX-License-Identifier: MIT
"""An installed tree, and the tests beside it, where an ordinary user can reach them.

The source and build folders may lie below a home that nobody else may enter, and what is installed is
what is tested: the programs find each other by where they are.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess

# Parts of tests/ that run as the ordinary user.
PARTS = ('lib', 'integration', 'attack', 'bench', 'conformance', 'desktop')


def place(build):
    """The stage that belongs to a build folder."""
    digest = hashlib.sha256(os.path.realpath(build).encode()).hexdigest()[:12]
    return f'/var/tmp/countersign-stage-{os.geteuid()}-{digest}'


def _make(stage):
    """/var/tmp is everybody's: what somebody else put there under our name is not used."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(stage, 0o755)
    info = os.lstat(stage)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid() or info.st_mode & 0o022:
        raise SystemExit(f'{stage} is not a folder of ours alone; remove it')
    os.chmod(stage, 0o755)


@contextlib.contextmanager
def locked(stage):
    _make(stage)
    with open(os.path.join(stage, 'lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _programs(build):
    """What is built for the tests alone and never installed, as (part, path)."""
    for part in PARTS:
        folder = os.path.join(build, 'tests', part)
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                yield part, path


def _sources(source, build):
    with open(os.path.join(build, 'meson-info', 'intro-installed.json')) as listing:
        yield from json.load(listing)
    for _, path in _programs(build):
        yield path
    for part in PARTS:
        for folder, _, names in os.walk(os.path.join(source, 'tests', part)):
            yield folder
            for name in names:
                yield os.path.join(folder, name)


def _newest(source, build):
    return max((os.stat(name).st_mtime_ns for name in _sources(source, build) if os.path.exists(name)),
               default=0)


def update(source, build):
    """Brings the stage up to date with the build folder; returns its path."""
    stage = place(build)
    stamp = os.path.join(stage, 'stamp')
    with locked(stage):
        newest = str(_newest(source, build))
        with contextlib.suppress(FileNotFoundError), open(stamp) as file:
            if file.read() == newest:
                return stage
        old = os.umask(0o022)
        subprocess.run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet',
                        '--destdir', os.path.join(stage, 'root')],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for part in PARTS:
            target = os.path.join(stage, 'tests', part)
            shutil.rmtree(target, ignore_errors=True)
            if os.path.isdir(os.path.join(source, 'tests', part)):
                shutil.copytree(os.path.join(source, 'tests', part), target,
                                ignore=shutil.ignore_patterns('__pycache__'))
        for part, program in _programs(build):
            shutil.copy(program, os.path.join(stage, 'tests', part))
        os.umask(old)
        with open(stamp, 'w') as file:
            file.write(newest)
    return stage


def npm(source, stage):
    """Installs tests/package-lock.json where the staged tests find it. Needs the network once."""
    target = os.path.join(stage, 'tests')
    with locked(stage):
        os.makedirs(target, exist_ok=True)
        wanted = ''
        for name in ('package.json', 'package-lock.json', '.npmrc'):
            with open(os.path.join(source, 'tests', name)) as file:
                wanted += file.read()
        stamp = os.path.join(stage, 'npm-stamp')
        with contextlib.suppress(FileNotFoundError), open(stamp) as file:
            if file.read() == wanted:
                return
        for name in ('package.json', 'package-lock.json', '.npmrc'):
            shutil.copyfile(os.path.join(source, 'tests', name), os.path.join(target, name))
        print('npm packages for the tests: tests/package.json', flush=True)
        old = os.umask(0o022)
        status = subprocess.run(['npm', 'ci', '--no-progress', '--loglevel=error'], cwd=target,
                                check=False, stdin=subprocess.DEVNULL).returncode
        os.umask(old)
        if status != 0:
            print('npm packages could not be installed: what needs them is skipped', flush=True)
            return
        with open(stamp, 'w') as file:
            file.write(wanted)
