"""A cat among dry leaves before a wall of its own colours, a fence that leans towards the lens, whiskers."""

from __future__ import annotations

import math

from numba import njit

from benchmarks.thin_lens.scenery import MISSED, hash2, nearer, value_noise

SETTINGS = {"cat of the wall's colours": (100.0, 2.0, 1.6)}
"""What is photographed: focal length in mm, f-number, focus in metres."""


@njit(fastmath=True)
def scene(ox, oy, dx, dy, dz):
    hit = nearer(_fence(ox, oy, dx, dy), _ground(ox, oy, dx, dy))
    if hit[0] > 1.6:
        hit = nearer(hit, _cat(ox + dx * 1.6, oy + dy * 1.6))
    if hit[0] < 5.0:
        return hit
    grey = _coat((ox + dx * 5) * 0.35, (oy + dy * 5) * 0.35, 3)
    return 5.0, grey, grey * 0.78, grey * 0.56


@njit(fastmath=True)
def _coat(x, y, seed):
    """The one pattern of the scene: tabby stripes and fine noise."""
    noise = value_noise(x * 40, y * 40, seed) + value_noise(x * 130, y * 130, seed + 1)
    return 0.17 + 0.125 * noise + 0.05 * math.sin(x * 95 + 4 * math.sin(y * 30) + seed)


@njit(fastmath=True)
def _fence(ox, oy, dx, dy):
    """Boards from 0.55 to 1.25 m in the plane x = −0.12 + 0.06 (z − 0.6)."""
    lean = dx - 0.06
    if abs(lean) < 1e-6:
        return MISSED
    z = (-0.156 - ox) / lean
    y = oy + dy * z
    board = z / 0.14 - math.floor(z / 0.14)
    if z < 0.55 or z > 1.25 or board > 0.75 or y < -0.03 - 0.02 * abs(board - 0.37):
        return MISSED
    grey = _coat(y * 0.3, z, 12)
    return z, grey * 1.1, grey * 0.85, grey * 0.6


@njit(fastmath=True)
def _ground(ox, oy, dx, dy):
    z = (0.2 - oy) / max(dy, 1e-9)
    if z < 0.3 or z > 5.0:
        return MISSED
    x = ox + dx * z
    leaf = hash2(math.floor(x / 0.03), math.floor(z / 0.06), 5)
    grey = _coat(x + leaf, z, 7) * (0.7 + 0.5 * leaf)
    return z, grey * 1.05, grey * 0.75, grey * 0.5


@njit(fastmath=True)
def _cat(x, y):
    head = (x / 0.06) ** 2 + ((y + 0.03) / 0.05) ** 2
    fur = 1 + 0.12 * hash2(math.floor(math.atan2(y + 0.03, x) * 40), 1, 8)
    ear = -0.11 < y < -0.05 and abs(abs(x) - 0.04) < 0.022 * (y + 0.11) / 0.06
    body = (x - 0.05) ** 2 / 0.012 + (y - 0.11) ** 2 / 0.009 < fur
    tail = abs(math.sqrt((x - 0.14) ** 2 + (y - 0.06) ** 2) - 0.06) < 0.012 and x > 0.13
    if head < fur or ear or body or tail:
        if head < 1 and (abs(x) - 0.025) ** 2 + (y + 0.035) ** 2 < 0.0001:
            return (1.6, 0.01, 0.01, 0.01) if abs(abs(x) - 0.025) < 0.002 else (1.6, 0.5, 0.55, 0.1)
        grey = _coat(x, y, 3)
        return 1.6, grey * 1.02, grey * 0.79, grey * 0.58
    for k in range(5):
        whisker = y + 0.012 - 0.004 * k - (0.1 * k - 0.2) * abs(x) - 1.2 * x * x
        if abs(whisker) < 0.0004 and 0.03 < abs(x) < 0.13:
            return 1.6, 0.85, 0.83, 0.8
    return MISSED
