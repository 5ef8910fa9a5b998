"""What scenes are made of: a hit or a miss, and noise that needs no state."""

from __future__ import annotations

import math

from numba import njit

MISSED = (1e9, 0.0, 0.0, 0.0)
"""The hit of a ray that meets nothing: (depth, red, green, blue), the depth beyond everything."""


@njit(fastmath=True)
def nearer(one, other):
    """The hit of two that hides the other."""
    return one if one[0] <= other[0] else other


@njit(fastmath=True)
def hash2(i, j, seed):
    """A number in 0..1 that two integers and a seed decide, as if by chance."""
    bits = (i * 0x9E3779B1 + j * 0x85EBCA77 + seed * 0xC2B2AE3D) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 16)) * 0x21F0AAAD) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 15)) * 0x735A2D97) & 0xFFFFFFFF
    return (bits ^ (bits >> 15)) / 4294967295.0


@njit(fastmath=True)
def value_noise(x, y, seed):
    """Smooth noise in 0..1 between random values at whole numbers."""
    i, j = math.floor(x), math.floor(y)
    u, v = x - i, y - j
    u *= u * (3.0 - 2.0 * u)
    v *= v * (3.0 - 2.0 * v)
    top = hash2(i, j, seed) + u * (hash2(i + 1, j, seed) - hash2(i, j, seed))
    bottom = hash2(i, j + 1, seed) + u * (hash2(i + 1, j + 1, seed) - hash2(i, j + 1, seed))
    return top + v * (bottom - top)
