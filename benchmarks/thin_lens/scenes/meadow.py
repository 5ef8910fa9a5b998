"""A wire mesh that recedes from 0.6 to 2.4 m, a meadow with blades of grass and daisies, a barn at 16 m."""

from __future__ import annotations

import math

from numba import njit

from benchmarks.thin_lens.scenery import MISSED, hash2, nearer, value_noise

SETTINGS = {"meadow behind a slanted mesh": (50.0, 1.4, 2.2)}
"""What is photographed: focal length in mm, f-number, focus in metres."""

_EYE = 0.55  # height of the lens over the ground


@njit(fastmath=True)
def scene(ox, oy, dx, dy, dz):
    hit = nearer(_mesh(ox, oy, dx, dy), _far(ox, oy, dx, dy))
    for k in range(14):
        z = 1.2 * 1.17**k
        if z > hit[0]:
            break
        plant = _plants(ox + dx * z, _EYE - oy - dy * z, z, k)
        if plant[0] < hit[0]:
            return plant
    return hit


@njit(fastmath=True)
def _mesh(ox, oy, dx, dy):
    """Wires of 3 mm in the plane x = 0.13 + 0.32 (z − 1.1)."""
    lean = dx - 0.32
    if abs(lean) < 1e-6:
        return MISSED
    z = (0.13 - 0.352 - ox) / lean
    if z < 0.6 or z > 2.4:
        return MISSED
    y = oy + dy * z
    u, v = z * 21, y * 20
    if min(abs(u - math.floor(u) - 0.5), abs(v - math.floor(v) - 0.5)) > 0.03:
        return MISSED
    grey = 0.28 + 0.33 * value_noise(z * 150, y * 150, 10)
    return z, grey * 1.07, grey, grey * 0.93


@njit(fastmath=True)
def _far(ox, oy, dx, dy):
    """The ground, the barn and the sky."""
    z = (_EYE - oy) / max(dy, 1e-9)
    x = ox + dx * z
    if 0.3 < z < 16.0:
        soil = value_noise(x * 14, z * 5, 3)
        return z, 0.08 + 0.15 * soil, 0.11 + 0.17 * soil, 0.03 + 0.05 * soil
    x, y = ox + dx * 16 + 1.5, oy + dy * 16
    if abs(x) < 2.2 and -1.6 + 0.55 * abs(x) < y < 0.9:
        if abs(x) < 0.5 and y > -0.4:
            grey = 0.9 if abs(x) > 0.42 else 0.02
            return 16.0, grey, grey, grey
        board = value_noise(x * 22, y * 5, 2) * 0.1 + 0.15 * (math.floor(x * 4) % 2)
        return 16.0, 0.35 + board, 0.08 + 0.4 * board, 0.06 + 0.2 * board
    if z > 0.3 and z < 70.0:
        soil = value_noise(dx * 400, dy * 400, 4)
        return z, 0.1 + 0.1 * soil, 0.15 + 0.12 * soil, 0.05
    cloud = value_noise(dx * 5, dy * 8, 1)
    return 70.0, 0.35 + 0.5 * cloud, 0.5 + 0.4 * cloud, 0.85 + 0.15 * cloud


@njit(fastmath=True)
def _plants(x, height, z, k):
    """One row of bent blades, and daisies among them."""
    if height < 0 or height > 0.3:
        return MISSED
    cell = 0.02 + 0.004 * k
    first = math.floor(x / cell) - 1
    for i in range(first, first + 3):
        tall = 0.07 + 0.16 * hash2(i, k, 4)
        bend = 2.4 * (hash2(i, k, 5) - 0.5) * height * height / tall
        if abs(x - (i + 0.5) * cell - bend) < 0.0045 * (1 - height / tall):
            light = 0.4 + 0.6 * height / tall
            kind = hash2(i, k, 6)
            return z, (0.12 + 0.25 * kind) * light, (0.3 + 0.25 * kind) * light, 0.05 * light
    i = math.floor(x / 0.3)
    away = (x - (i + 0.3 + 0.4 * hash2(i, k, 7)) * 0.3) ** 2 + (height - 0.14 - 0.12 * hash2(i, k, 8)) ** 2
    if hash2(i, k, 9) > 0.6 and away < 0.02**2:
        return (z, 0.9, 0.6, 0.05) if away < 0.007**2 else (z, 0.95, 0.95, 0.9)
    return MISSED
