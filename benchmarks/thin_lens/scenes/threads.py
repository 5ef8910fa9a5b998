"""A curtain of beaded threads at 1.1 m, a head with loose hair at 1.5 m, candles behind at 2.5 to 5.7 m."""

from __future__ import annotations

import math

from numba import njit

from benchmarks.thin_lens.scenery import MISSED, hash2, value_noise

SETTINGS = {"candles behind hair": (75.0, 1.4, 1.5), "candles behind threads": (75.0, 2.0, 1.1)}
"""What is photographed: focal length in mm, f-number, focus in metres."""


@njit(fastmath=True)
def scene(ox, oy, dx, dy, dz):
    hit = _thread(ox + dx * 1.1, oy + dy * 1.1)
    if hit[0] < MISSED[0]:
        return hit
    hit = _profile(ox + dx * 1.5 - 0.03, oy + dy * 1.5)
    if hit[0] < MISSED[0]:
        return hit
    for k in range(3):
        z = 2.5 + 1.6 * k
        hit = _candle(ox + dx * z, oy + dy * z - 0.1 - 0.1 * k, z, k)
        if hit[0] < MISSED[0]:
            return hit
    return _wall(ox + dx * 7.0, oy + dy * 7.0)


@njit(fastmath=True)
def _thread(x, y):
    """Threads of 1.2 mm with glass beads; an opening before the face."""
    i = math.floor(x / 0.03)
    if 0.0 < x < 0.19:
        return MISSED
    off = x - (i + 0.3 + 0.4 * hash2(i, 0, 1) + 0.08 * math.sin(12 * y + 2 * i)) * 0.03
    apart = 0.012 + 0.012 * hash2(i, 1, 1)
    j = math.floor(y / apart)
    along = (y / apart - j - 0.5) * apart
    round_ = 1 - (off * off + along * along) / 0.0035**2
    if round_ < 0 and abs(off) > 0.0006:
        return MISSED
    kind = hash2(i, j, 2)
    shine = max(round_, 0.0) * (1.6 if round_ > 0.9 and kind > 0.6 else 1.0)
    return 1.1, 0.05 + 0.6 * kind * shine, 0.04 + 0.3 * shine, 0.1 + 0.5 * (1 - kind) * shine


@njit(fastmath=True)
def _profile(x, y):
    """A head seen from the side, shoulders, and fourteen strands of hair that hang loose."""
    face = 0.075 * math.sqrt(max(0.0, 1 - (y / 0.11) ** 2))
    nose = 0.018 * math.exp(-(((y - 0.01) / 0.02) ** 2)) + 0.007 * math.exp(-(((y - 0.05) / 0.008) ** 2))
    if -face < x < face + nose and abs(y) < 0.11:
        if x < -0.01 + 0.4 * y or y < -0.075:
            strand = math.floor((x + 0.3 * y + 0.01 * math.sin(40 * y)) * 700) % 3
            return 1.5, 0.05 + 0.05 * strand, 0.025 + 0.025 * strand, 0.015 + 0.01 * strand
        skin = 0.04 * value_noise(x * 150, y * 150, 3)
        return 1.5, 0.5 + skin + 2 * x, 0.32 + skin + 1.4 * x, 0.22 + skin + x
    if (-0.06 < x < 0.04 and 0.08 < y < 0.17) or (y > 0.15 and abs(x + 0.02) < 0.05 + 2 * (y - 0.15)):
        wool = value_noise(x * 120, y * 120, 4)
        return 1.5, 0.02 + 0.03 * wool, 0.1 + 0.1 * wool, 0.12 + 0.1 * wool
    for k in range(14):
        curl = 0.02 * math.sin(y * (20 + 30 * hash2(k, 1, 5)) + k * 0.33 - 0.5)
        off = x + 0.06 + 0.045 * hash2(k, 0, 5) + curl + 0.12 * hash2(k, 2, 5) * (y + 0.05)
        if abs(off) < 0.0007 and -0.09 < y < 0.03 + 0.14 * hash2(k, 3, 5):
            return 1.5, 0.12, 0.06, 0.03
    return MISSED


@njit(fastmath=True)
def _candle(x, y, z, k):
    """Candles in a row on a ledge, their flames 8 to 38 times white."""
    cell = 0.2 + 0.08 * k
    i = math.floor(x / cell)
    off = x - (i + 0.3 + 0.4 * hash2(i, k, 6)) * cell
    top = 0.05 - 0.2 * hash2(i, k, 7)
    if y > top and abs(off) < 0.02:
        glow = 0.5 + 0.5 * math.exp(-(y - top) * 14)
        return z, 1.1 * glow, 0.75 * glow, 0.4 * glow
    up = (top - 0.022 - y) / 0.022
    if abs(up) < 1 and abs(off) < 0.009 * (1 - 0.3 * up) * math.sqrt(1 - up * up):
        light = 8 + 30 * hash2(i, k, 8)
        return z, light, light * 0.7, light * 0.25
    if y > 0.16:
        wood = value_noise(x * 12, k, 9)
        return z, 0.2 + 0.1 * wood, 0.1 + 0.05 * wood, 0.05
    return MISSED


@njit(fastmath=True)
def _wall(x, y):
    row = math.floor(y * 4)
    paint = (math.floor(x * 3 + 0.5 * (row & 1)) + row) & 1
    stain = value_noise(x * 6, y * 6, 10)
    return 7.0, 0.05 + 0.1 * paint + 0.05 * stain, 0.02 + 0.03 * stain, 0.03 + 0.05 * (1 - paint)
