"""Keys and a hand at 0.32 to 0.4 m before a timetable at 1.7 m, in a hall with lamps."""

from __future__ import annotations

import math

from numba import njit

from benchmarks.thin_lens.scenery import MISSED, hash2, value_noise

SETTINGS = {"timetable behind a hand": (40.0, 1.4, 1.7)}
"""What is photographed: focal length in mm, f-number, focus in metres."""


@njit(fastmath=True)
def scene(ox, oy, dx, dy, dz):
    hit = _keys(ox + dx * 0.32 - 0.07, oy + dy * 0.32 + 0.05)
    if hit[0] < MISSED[0]:
        return hit
    hit = _hand(ox + dx * 0.4, oy + dy * 0.4)
    if hit[0] < MISSED[0]:
        return hit
    hit = _timetable(ox + dx * 1.7 - 0.05, oy + dy * 1.7)
    return hit if hit[0] < MISSED[0] else _hall(ox, oy, dx, dy)


@njit(fastmath=True)
def _keys(x, y):
    """A ring of thin wire with three keys."""
    if abs(math.sqrt(x * x + y * y) - 0.017) < 0.0008:
        return 0.32, 0.6, 0.6, 0.62
    for k in range(3):
        turn = 0.6 + 0.5 * k
        along = x * math.cos(turn) + y * math.sin(turn) - 0.017
        across = y * math.cos(turn) - x * math.sin(turn)
        half = 0.007 if along < 0.013 else 0.0022 + 0.0015 * (math.floor(along * 900) % 2)
        if 0 < along < 0.045 and abs(across) < half and (along - 0.004) ** 2 + across**2 > 0.002**2:
            return 0.32, 0.5 + 0.1 * k, 0.42, 0.2 + 0.1 * k
    return MISSED


@njit(fastmath=True)
def _limb(x, y, x0, y0, x1, y1, half):
    """Distance from the middle of a tapering limb, 1 at its outline."""
    u, v = x1 - x0, y1 - y0
    along = min(1.0, max(0.0, ((x - x0) * u + (y - y0) * v) / (u * u + v * v)))
    return math.sqrt((x - x0 - along * u) ** 2 + (y - y0 - along * v) ** 2) / (half * (1 - 0.2 * along))


@njit(fastmath=True)
def _hand(x, y):
    out = min(
        _limb(x, y, -0.13, 0.16, -0.07, 0.05, 0.04),
        _limb(x, y, -0.06, 0.09, 0.0, 0.045, 0.0095),
    )
    for k in range(4):
        tip_x, tip_y = -0.13 + 0.04 * k, -0.07 + 0.012 * k * (k - 1.5)
        out = min(out, _limb(x, y, -0.1 + 0.018 * k, 0.06 + 0.004 * k, tip_x, tip_y, 0.0085))
    if out > 1:
        return MISSED
    light = 0.1 + 0.24 * (1 - out * out) + 0.03 * value_noise(x * 250, y * 250, 1)
    return 0.4, light * 1.8, light * 1.15, light * 0.85


@njit(fastmath=True)
def _timetable(x, y):
    """A board full of dark signs of 3 by 4 dots, on two legs."""
    if abs(x) < 0.62 and abs(y + 0.04) < 0.42:
        if y < -0.36:
            return 1.7, 0.8, 0.55, 0.02
        i, j = math.floor(x / 0.028), math.floor(y / 0.05)
        u, v = (x / 0.028 - i) / 0.82, (y / 0.05 - j - 0.2) / 0.6
        dot = int(u * 3) + 3 * int(v * 4)
        if u < 1 and 0 < v < 1 and hash2(i, j, 2) > 0.3 and (int(hash2(i, j, 3) * 4095) >> dot) & 1:
            return 1.7, 0.02, 0.03, 0.12
        paper = 0.5 + 0.3 * (j & 1)
        return 1.7, paper, paper, paper * 0.92
    if abs(abs(x) - 0.55) < 0.02 and y > 0:
        return 1.7, 0.1, 0.1, 0.1
    return MISSED


@njit(fastmath=True)
def _hall(ox, oy, dx, dy):
    """A checkered floor, lamps on poles at 6 m, arches before the day at 10 m."""
    z = (1.3 - oy) / max(dy, 1e-9)
    if z < 10.0:
        tile = (math.floor((ox + dx * z) * 2) + math.floor(z * 2)) & 1
        grey = 0.12 + 0.26 * tile
        return z, grey * 1.2, grey * 1.05, grey
    x, y = ox + dx * 6, oy + dy * 6
    off = (x / 1.1 - math.floor(x / 1.1) - 0.5) * 1.1
    if off * off + (y + 1.1) ** 2 < 0.006:
        return 6.0, 18.0, 16.0, 12.0
    if abs(off) < 0.008 and y < -1.1:
        return 6.0, 0.05, 0.05, 0.05
    x, y = ox + dx * 10, oy + dy * 10
    off = x - math.floor(x / 2.4) * 2.4 - 1.2
    if off * off + min(y, 0.0) ** 2 < 0.95**2 and y < 1:
        day = 0.6 * (math.floor(y * 3) % 2)
        return 10.0, 0.5 + day, 0.6 + day, 0.8 + day
    stone = value_noise(x * 3, y * 3, 4)
    return 10.0, 0.3 + 0.1 * stone, 0.24 + 0.08 * stone, 0.18 + 0.06 * stone
