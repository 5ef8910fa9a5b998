"""Bare branches at 1 to 2.8 m, their twigs finer than a pixel, before dusk and the lamps of a far shore."""

from __future__ import annotations

import math

from numba import njit

from benchmarks.thin_lens.scenery import MISSED, hash2, value_noise

SETTINGS = {
    "lamps behind branches": (70.0, 1.6, 1.4),
    "branches before a far shore": (70.0, 2.8, 40.0),
}
"""What is photographed: focal length in mm, f-number, focus in metres."""


@njit(fastmath=True)
def scene(ox, oy, dx, dy, dz):
    for k in range(5):
        z = 1.0 + 0.1 * k * (k + 0.5)
        hit = _branch(ox + dx * z, oy + dy * z, z, k)
        if hit[0] < MISSED[0]:
            return hit
    return _shore(ox + dx * 40.0, oy + dy * 40.0)


@njit(fastmath=True)
def _branch(x, y, z, k):
    """One branch across the picture, twigs to both sides, leaves at their ends; a bird on the third."""
    slope = 0.9 * (hash2(k, 1, 1) - 0.5)
    middle = (hash2(k, 2, 1) - 0.45) * 0.36 * z + slope * x + 0.02 * math.sin(9 * x + k)
    middle += 0.006 * math.sin(31 * x + 2 * k)
    off = y - middle
    half = 0.002 + 0.006 * hash2(k, 3, 1) * (1 - 0.6 * x)
    if abs(off) < half:
        bark = 0.03 + 0.16 * value_noise(x * 160, off * 400, 2) * (0.8 - 0.6 * off / half)
        return z, bark, bark * 0.8, bark * 0.65
    if k == 2:
        u, v = (x - 0.13) / 0.045, (off + 0.03) / 0.03
        if u * u + v * v + 0.5 * u * v < 1 or (u + 0.95) ** 2 + (v + 0.75) ** 2 < 0.2:
            plume = value_noise(x * 190, y * 110, 8)
            return z, 0.25 + 0.3 * plume, 0.12 + 0.12 * plume, 0.39 if v < -0.2 else 0.09
    cell = 0.035 + 0.01 * k
    first = math.floor(x / cell) - 2
    for i in range(first, first + 5):
        length = 0.03 + 0.1 * hash2(i, k, 6) ** 2
        along = -off if hash2(i, k, 4) > 0.5 else off
        if 0 < along < length:
            lean = 1.4 * (hash2(i, k, 5) - 0.5)
            across = x - (i + 0.5) * cell - lean * along - 0.006 * math.sin(along * 90 + i)
            if abs(across) < 0.0012 * (1.1 - along / length):
                return z, 0.05, 0.035, 0.03
            if across**2 + (along - length * 0.87) ** 2 < 0.006 * length**2:
                return z, 0.35 + 0.2 * hash2(i, k, 7), 0.12, 0.03
    return MISSED


@njit(fastmath=True)
def _shore(x, y):
    """Sky over a hill full of lamps, 5 to 45 times white."""
    hill = 2.2 - 1.4 * value_noise(x * 0.12, 0.0, 9) - 0.3 * value_noise(x * 0.9, 0.0, 10)
    if y < hill:
        low = min(1.0, max(0.0, (y + 8) / 11))
        cloud = value_noise(x * 0.3, y * 1.2, 17)
        red = 0.15 + (0.75 + 0.15 * cloud) * low
        return 40.0, red, 0.2 + 0.3 * low + 0.1 * cloud, 0.42 - 0.15 * low + 0.05 * cloud
    i, j = math.floor(x / 0.8), math.floor(y / 0.8)
    u = x - (i + 0.2 + 0.6 * hash2(i, j, 11)) * 0.8
    v = y - (j + 0.2 + 0.6 * hash2(i, j, 12)) * 0.8
    if hash2(i, j, 13) > 0.4 and u * u + v * v < 0.07**2:
        light = 5 + 40 * hash2(i, j, 14) ** 2
        return 40.0, light, light * (0.4 + 0.5 * hash2(i, j, 15)), light * 0.3
    dark = value_noise(x * 2.5, y * 2.5, 16)
    return 40.0, 0.02 + 0.04 * dark, 0.03 + 0.05 * dark, 0.05 + 0.05 * dark
