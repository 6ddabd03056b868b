# SPDX-License-Identifier: MIT
"""What the policy costs: a decision against the number of rules, and by each clause that tells them apart."""

import os
import subprocess

CLAUSES = ('of', 'method', 'path', 'from', 'sha256', 'package', 'unit', 'below', 'uid', 'caller', 'in', 'during', 'over')
SIZES = (10, 100, 1000, 10000)
NAMES = {**{f'decision_{size}_ns': f'policy decision, {size} rules' for size in SIZES},
         'decision_command_ns': 'policy decision, 1000 rules about commands',
         'decision_names_ns': 'policy decision of a thing with two names', 'decision_each_ns': 'policy decision of three things',
         'decision_unknown_ns': 'policy decision, 1000 rules that all may be meant',
         **{f'decision_by_{clause}_ns': f'policy decision, 1000 rules told apart by {clause}' for clause in CLAUSES}}

# As in measure.py: figure, unit, target, and whether less is better.
# Where each of a thousand rules may be meant, each has a say.
FIGURES = [(name, 'µs', None if key in ('decision_10000_ns', 'decision_unknown_ns') else 1, True) for key, name in NAMES.items()]


def measure(samples):
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bench-policy')
    for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines():
        name, value = line.split()
        samples[NAMES[name]].append(float(value) / 1000)
