# SPDX-License-Identifier: MIT
"""Stores and trails that somebody left, in integration/."""

import os
import shutil

THERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration')


def files(world):
    return sorted(name for name in os.listdir(world.audit) if name.endswith('.jsonl'))


def begin_with(world, name):
    """A world in which somebody left a store and a trail: old-trail (format 2, four files, all of them written in
    November 2026) or format-1."""
    there = os.path.join(THERE, name)
    os.makedirs(world.data, 0o700)
    os.makedirs(world.audit, 0o700)
    for source, target in ((os.path.join(there, 'store.db'), world.store),
                           *((os.path.join(there, 'audit', file), os.path.join(world.audit, file))
                             for file in os.listdir(os.path.join(there, 'audit')))):
        shutil.copyfile(source, target)
        os.chmod(target, 0o600)
    for folder in (world.data, world.audit, os.path.dirname(world.audit)):
        os.chmod(folder, 0o700)
