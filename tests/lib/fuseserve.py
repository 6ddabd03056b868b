# SPDX-License-Identifier: MIT
"""fuseserve.py DIRECTORY FILE: serves FILE there as "program", and says "mounted". What is known of it ends at once, so that
the kernel has to ask again each time."""

import errno
import os
import stat
import sys

import fusepy as fuse


class Served(fuse.Operations):
    """One file, which anybody may run."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self.file).st_size

    def init(self, path):
        print('mounted', flush=True)

    def getattr(self, path, fh=None):
        if path == '/':
            return {'st_mode': stat.S_IFDIR | 0o755, 'st_nlink': 2, 'st_uid': os.geteuid()}
        if path == '/program':
            return {'st_mode': stat.S_IFREG | 0o755, 'st_nlink': 1, 'st_size': self.size, 'st_uid': os.geteuid()}
        raise fuse.FuseOSError(errno.ENOENT)

    def read(self, path, size, offset, fh):
        return os.pread(self.file, size, offset)


fuse.FUSE(Served(sys.argv[2]), sys.argv[1], foreground=True, nothreads=True, attr_timeout=0, entry_timeout=0)
