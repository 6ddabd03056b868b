# SPDX-License-Identifier: MIT
"""The approver's dialog beside a picture of it."""

import ctypes

from played import show, timestamp
from tap import Skip

PREVIOUS = {'approved_at': timestamp(-3 * 3600), 'changed': []}


def gtk():
    """Another GTK has another theme."""
    library = ctypes.CDLL('libgtk-4.so.1')
    return library.gtk_get_major_version(), library.gtk_get_minor_version()


def seen(world, name, *cards, ready=None, armed=True, **options):
    """Shows the cards, and compares the dialog with its picture. Without armed, it cannot be."""
    if gtk() != (4, 8):
        raise Skip(f'the pictures are of GTK 4.8, and this is {gtk()}')
    _, dialog = show(world, *cards, **options)
    dialog.window.wait_focused()
    if armed:
        dialog.wait_armed()
    if ready is not None:
        ready(dialog)
    dialog.compare(name)
