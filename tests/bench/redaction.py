# SPDX-License-Identifier: MIT
"""Redaction: what a worker waits for its redactor, and how fast texts pass through one with 100 secrets.

Beside Vectorscan, which only finds the forms that are encoded: not what is quoted, or on two lines.
"""

import os
import subprocess

TEXTS = {'clean': 'text', 'hits': 'text with values', 'binary': 'binary data', 'base64': 'base64',
         'escapes': '\\u escapes alone'}
STARTS = {'start_1_us': 'redactor for 1 secret made', 'start_100_us': 'redactor for 100 secrets made'}

# As in measure.py: figure, unit, target, and whether less is better.
FIGURES = [
    *((name, 'ms', 5, True) for name in STARTS.values()),
    *((f'redaction of {name}', 'GB/s', 1 if name == 'text' else None, False) for name in TEXTS.values()),
]


def measure(us, them):
    """Of one processor's time, not of the clock's: what else the machine does is not in it."""
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bench-redact')
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    for name, value in (line.split() for line in lines):
        side = them if name.startswith('vectorscan_') else us
        name = name.removeprefix('vectorscan_')
        if name in STARTS:
            side[STARTS[name]].append(float(value) / 1000)
        elif name.endswith('_gb_per_second'):
            side[f'redaction of {TEXTS[name.removesuffix("_gb_per_second")]}'].append(float(value))
