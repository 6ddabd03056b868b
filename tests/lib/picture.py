# SPDX-License-Identifier: MIT
"""Pictures of windows, compared with those that somebody has looked at."""

import os

from tap import Skip

try:
    from PIL import Image, ImageChops
except ImportError as missing:
    Image, WHY_NOT = None, missing

# Where a picture that differs is kept, beside a map of where; for each build folder its own.
KEPT = f'/var/tmp/countersign-pictures-{os.geteuid()}-{os.environ["COUNTERSIGN_STAGE"].rsplit("-", 1)[-1]}'


def differing(found, wanted, by=32):
    """The share of pixels that differ by more than that (of 255) in some colour, and a map of them."""
    channels = ImageChops.difference(found.convert('RGB'), wanted.convert('RGB')).split()
    largest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    far = largest.point(lambda value: 255 if value > by else 0)
    return far.histogram()[255] / (found.width * found.height), far


def compare(found, folder, name, tolerance=0.0005):
    """Fails when @found is not the picture @name in @folder, but for a share of its pixels."""
    if Image is None:
        raise Skip(f'python3-pil: {WHY_NOT}')
    path = os.path.join(folder, f'{name}.png')
    if not os.path.exists(path):
        raise AssertionError(f'there is no {name}.png to compare with; found: {keep(found, name)}')
    wanted = Image.open(path)
    if found.size != wanted.size:
        raise AssertionError(f'{name} is {found.size}, not {wanted.size}: {keep(found, name)}')
    share, far = differing(found, wanted)
    if share > tolerance:
        raise AssertionError(f'{name}: {share:.2%} of it differ: {keep(found, name)}, {keep(far, name + "-differs")}')


def keep(image, name):
    """Writes it for people; returns where."""
    os.makedirs(KEPT, 0o755, exist_ok=True)
    path = os.path.join(KEPT, f'{name}.png')
    image.convert('RGB').quantize(256).save(path, optimize=True)
    return path
