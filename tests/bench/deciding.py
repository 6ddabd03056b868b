# SPDX-License-Identifier: MIT
"""What the policy costs: a decision under a thousand rules."""

import os
import subprocess

NAMES = {'decision_ns': 'policy decision, 1000 rules', 'decision_command_ns': 'policy decision, 1000 rules about commands',
         'decision_names_ns': 'policy decision of a thing with two names', 'decision_each_ns': 'policy decision of three things'}

# As in measure.py: figure, unit, target, and whether less is better.
FIGURES = [(name, 'µs', 1, True) for name in NAMES.values()]


def measure(samples):
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bench-policy')
    for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines():
        name, value = line.split()
        samples[NAMES[name]].append(float(value) / 1000)
