"""A desk: a ball chain at 0.5 m, an open book that leans away, marbles in a row, shelves at 2.2 m."""

from __future__ import annotations

import math

from numba import njit

from benchmarks.thin_lens.scenery import MISSED, hash2, nearer, value_noise

SETTINGS = {"book before shelves": (60.0, 1.4, 0.8), "shelves behind a book": (60.0, 1.8, 2.2)}
"""What is photographed: focal length in mm, f-number, focus in metres."""


@njit(fastmath=True)
def scene(ox, oy, dx, dy, dz):
    hit = _chain(ox + dx * 0.5 + 0.09, oy + dy * 0.5)
    if hit[0] < MISSED[0]:
        return hit
    hit = nearer(_page(ox, oy, dx, dy, 0.12), _page(ox, oy, dx, dy, -0.12))
    for k in range(6):
        hit = nearer(hit, _marble(ox, oy, dx, dy, k))
    hit = nearer(hit, _table(ox, oy, dx, dy))
    return hit if hit[0] < 2.2 else _shelves(ox + dx * 2.2, oy + dy * 2.2)


@njit(fastmath=True)
def _chain(x, y):
    """Beads on a thread that is half a pixel wide, a weight at its end."""
    bead = (y / 0.007 - math.floor(y / 0.007) - 0.5) * 0.007
    round_ = 1 - (x * x + bead * bead) / 0.0026**2
    if y < 0.002 and (round_ > 0 or abs(x) < 0.0005):
        shine = max(round_, 0.0)
        return 0.5, 0.2 + 0.6 * shine, 0.18 + 0.55 * shine, 0.1 + 0.3 * shine
    if x * x + (y - 0.009) ** 2 < 0.011**2:
        return 0.5, 0.7, 0.55, 0.15
    return MISSED


@njit(fastmath=True)
def _page(ox, oy, dx, dy, slope):
    """One page of the book, its plane y = 0.55 − 0.5 z + slope (x + 0.05), text on it."""
    z = (0.55 + slope * (ox + 0.05) - oy) / (dy + 0.5 - slope * dx)
    if z < 0.62 or z > 0.92:
        return MISSED
    x = ox + dx * z + 0.05
    if x * slope < 0 or abs(x) > 0.16:
        return MISSED
    down = (z - 0.62) * 1.118
    ink = 0.012 < abs(x) < 0.148 and 0.02 < down < 0.315 and _letters(x / 0.0055, down / 0.011)
    paper = 0.05 if ink else 0.86 - 0.25 * math.exp(-abs(x) * 60)
    return z, paper, paper * 0.96, paper * 0.86


@njit(fastmath=True)
def _letters(u, v):
    """Whether there is ink: lines of made-up letters of 3 by 4 dots."""
    i, j = math.floor(u), math.floor(v)
    u, v = (u - i) / 0.85, (v - j) / 0.62
    if u >= 1 or v >= 1 or hash2(i, j, 1) < 0.18:
        return False
    return (int(hash2(i, j, 2) * 4095) >> (int(u * 3) + 3 * int(v * 4))) & 1 == 1


@njit(fastmath=True)
def _marble(ox, oy, dx, dy, k):
    """A glass ball with a highlight 14 times white."""
    cx, cy, cz = 0.19 - 0.05 * k - ox, 0.205 - oy, 0.85 + 0.16 * k
    square = dx * dx + dy * dy + 1
    along = cx * dx + cy * dy + cz
    root = along * along - square * (cx * cx + cy * cy + cz * cz - 0.035**2)
    if root < 0:
        return MISSED
    z = (along - math.sqrt(root)) / square
    nx, ny, nz = (dx * z - cx) / 0.035, (dy * z - cy) / 0.035, (z - cz) / 0.035
    if 0.45 * nx - 0.65 * ny - 0.6 * nz > 0.98:
        return z, 14.0, 14.0, 13.0
    light = 0.05 + 0.5 * max(0.0, 0.5 * nx - 0.7 * ny - 0.5 * nz)
    swirl = value_noise(nx * 3 + k, ny * 3 + nz, 10)
    red = light * (0.2 + 0.8 * hash2(k, 0, 11)) + 0.1 * swirl
    green = light * (0.2 + 0.8 * hash2(k, 1, 11))
    return z, red, green, light * (0.2 + 0.8 * hash2(k, 2, 11)) + 0.2 * swirl


@njit(fastmath=True)
def _table(ox, oy, dx, dy):
    z = (0.24 - oy) / max(dy, 1e-9)
    if z < 0.3 or z > 1.5:
        return MISSED
    x = ox + dx * z
    grain = value_noise(x * 90, z * 9, 8) * 0.6 + value_noise(x * 20, z * 3, 9) * 0.4
    return z, 0.22 + 0.25 * grain, 0.12 + 0.15 * grain, 0.06 + 0.07 * grain


@njit(fastmath=True)
def _shelves(x, y):
    """Books of many colours, labels on their backs."""
    shelf = math.floor((y + 0.06) / 0.34)
    down = y + 0.06 - shelf * 0.34
    if down > 0.315:
        wood = value_noise(x * 8, y * 60, 3)
        return 2.2, 0.3 + 0.15 * wood, 0.18 + 0.1 * wood, 0.08 + 0.05 * wood
    i, j = math.floor(x / 0.045), int(shelf)
    across = x / 0.045 - i
    if 0.315 - down > 0.21 + 0.1 * hash2(i, j, 4):
        return 2.2, 0.02, 0.02, 0.02
    row = math.floor(down / 0.012)
    if 0.25 < across < 0.75 and 6 < row < 22 and hash2(i, row, 7 + j) > 0.4:
        return 2.2, 0.85, 0.8, 0.6
    hue = hash2(i, j, 5)
    back = 1.3 * across * (1 - across) + 0.55
    green = (0.1 + 0.45 * hash2(i, j, 6)) * back
    return 2.2, (0.1 + 0.6 * hue) * back, green, (0.08 + 0.4 * (1 - hue)) * back
