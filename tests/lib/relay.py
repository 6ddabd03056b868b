# SPDX-License-Identifier: MIT
"""relay.py SOCKET: an agent of its own. Connects, and copies stdin to the socket and the socket to stdout.

A requester is a process: tests that need two need two processes.
"""

import os
import select
import socket
import sys


def main():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(sys.argv[1])
    ways = {0: sock.fileno(), sock.fileno(): 1}
    while True:
        for source in select.select(list(ways), [], [])[0]:
            data = os.read(source, 1 << 16)
            if not data:
                return
            while data:
                data = data[os.write(ways[source], data):]


try:
    main()
except (ConnectionResetError, BrokenPipeError):
    pass
