# SPDX-License-Identifier: MIT
"""A worker, spoken to as the broker speaks to it: over a socketpair, with values in sealed memfds."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

import tap
from countersign import SANITIZER, World, wait_gone
from lines import PATIENCE, Closed, Lines, Rpc


def memfd(data):
    """A sealed memfd with these bytes; the caller closes it."""
    fd = os.memfd_create('test', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    left = data.encode() if isinstance(data, str) else data
    while left:
        left = left[os.write(fd, left):]
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL)
    return fd


class Worker(Rpc):
    """program: countersign-worker-http or -exec; env: all that it gets (nothing, as from the broker); before: a command
    that runs it."""

    def __init__(self, world, program, env=None, before=(), **options):
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.err = world.keep(program)
        self.sock = ours
        with open(self.err, 'wb') as log:
            self.process = subprocess.Popen([*before, World.program(program), '--fd', str(its.fileno())],
                                            pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=env or {}, cwd=world.base, **options)
        its.close()
        self.pidfd = os.pidfd_open(self.process.pid)
        super().__init__(Lines(ours.fileno(), ours.fileno(), ours))
        world.workers.append(self)

    def attach(self, as_, value=None, fd=None, **more):
        """Passes a value in a memfd, or a descriptor as it is (which stays the caller's)."""
        passed = memfd(value) if fd is None else fd
        self.lines.send({'jsonrpc': '2.0', 'method': 'attach', 'params': {'as': as_, **more}}, [passed])
        if fd is None:
            os.close(passed)

    def answer(self, call, patience=PATIENCE):
        """The result; one that came by memfd is read from there."""
        result = super().answer(call, patience)
        if result == {'result_fd': True}:
            fd = self.lines.descriptors.pop(0)
            with os.fdopen(fd, 'rb') as file:
                file.seek(0)
                result = json.load(file)
            self.answers[call][0]['result'] = result
        return result

    def end(self):
        """Closes the socket and waits for the worker to end; its exit status."""
        self.sock.close()
        if not wait_gone(self.pidfd):
            raise AssertionError('the worker has not ended with its socket')
        return self.process.wait()

    def close(self):
        self.sock.close()
        if not wait_gone(self.pidfd, 5):
            self.process.kill()
        self.process.wait()
        os.close(self.pidfd)


class WorkerWorld:
    """A folder of its own, and the workers that a case starts. Options of case() are those of a subclass."""

    def __init__(self):
        self.base = tempfile.mkdtemp(prefix='countersign-test-', dir='/var/tmp')
        self.workers, self.counts, self.closing = [], {}, []

    def keep(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1
        return os.path.join(self.base, f'{name}-{self.counts[name]}.err')

    def worker(self, program, **options):
        return Worker(self, program, **options)

    def logs(self):
        for worker in self.workers:
            with open(worker.err, encoding='utf-8', errors='replace') as file:
                yield os.path.basename(worker.err), file.read()

    def check(self):
        """Fails when a worker has been caught by a sanitizer, or by GLib, or has died by a signal."""
        for worker in self.workers:
            if worker.sock.fileno() >= 0:
                worker.end()
            if (worker.process.poll() or 0) < 0:
                raise AssertionError(f'the worker died by signal {-worker.process.returncode}')
        for name, text in self.logs():
            found = SANITIZER.search(text)
            if found:
                raise AssertionError(f'{name}: {text[found.start():][:6000]}')

    def story(self):
        return ''.join(f'--- {name}\n{log[-4000:]}\n' for name, log in self.logs() if log.strip())

    def close(self):
        for worker in self.workers:
            try:
                worker.close()
            except (OSError, Closed) as error:
                tap.note(f'while closing: {error}')
        for thing in reversed(self.closing):
            thing.close()
        shutil.rmtree(self.base, ignore_errors=True)


def main(world=WorkerWorld):
    """Runs the cases of the calling script."""
    sys.exit(tap.run(world))
