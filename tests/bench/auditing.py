# SPDX-License-Identifier: MIT
"""What the audit trail costs, on this machine's disk: appending with and without sync, and proving it."""

import os
import subprocess
import tempfile

NAMES = {'append_uses_per_second': 'audit append, repeat uses', 'append_requests_per_second': 'audit append, requests with sealed texts',
         'append_synced_alone_per_second': 'audit append, each synced alone',
         'append_synced_together_per_second': 'audit append, synced by 64',
         'verify_chain_per_second': 'audit verify, links and signatures', 'verify_macs_per_second': 'audit verify, with the key'}
TARGETS = {'verify_chain_per_second': 1000000, 'verify_macs_per_second': 1000000}

# As in measure.py: figure, unit, target, and whether less is better.
FIGURES = [(name, '/s', TARGETS.get(key), False) for key, name in NAMES.items()]


def measure(samples, quick):
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bench-audit')
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory(prefix='countersign-bench-', dir='/var/tmp') as folder:
            command = [program, os.path.join(folder, 'trail'), '200000' if quick else '2000000']
            for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
                name, value = line.split()
                if name in NAMES:
                    samples[NAMES[name]].append(float(value))
