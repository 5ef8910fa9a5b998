"""Where a projector's light falls: the texture seen through the geometry, the shadows, the lens.

    camera column x sees pattern column u = x − f·b/z;  of all that share a u, the nearest is lit

A pixel is looked at in `FINE` × `FINE` samples, so that the lens blurs dots and edges alike before pixels
gather them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.estimate.pattern_arrays import sealed
from nearfar.estimate.pattern_memory import Memory
from nearfar.estimate.pattern_projector import PatternProjector

FINE = 2
FARTHEST = 1 << 13
"""Pixels that light is shifted by at most; what is nearer than that is out of any projector's reach."""
_WHOLE = 1 << 20
"""Full brightness in the running sums of a pattern."""


_SUMS: Memory[PatternProjector, NDArray[np.uint32]] = Memory(room=1)


@dataclass(frozen=True, slots=True)
class Illumination:
    """How bright a white surface is, as parts of full scale.

    ``exposure`` is the brightest dot, at 1 m if it `falls_off` with the square of the distance; ``ambient``
    the room's light, ±30 % across the picture; ``blur`` the deviation of the lens's blur, pixels.
    """

    exposure: float = 1.0
    ambient: float = 0.0
    falls_off: bool = False
    blur: float = 0.0


def project(
    projector: PatternProjector,
    values: NDArray[np.float32],
    pull: float,
    light: Illumination,
    *,
    is_depth: bool = False,
    surface: NDArray[np.float32] | None = None,
    first: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The light that comes back from a map in 1/metre (or metres, `is_depth`), and where shadow lies.

    Args:
        projector: its pattern; `pull` stands for its baseline.
        values: (H, W), NaN in holes. What would be shifted by more than `FARTHEST` pixels is one as well.
        pull: focal length times baseline: pixels of shift of what is 1 m away.
        light: how bright things are.
        is_depth: whether values are metres.
        surface: (H, W) in 0..1, how much of the light comes back; all when None.
        first: the camera column at the left edge of the map.

    Returns:
        (H, W) float32 as parts of full scale, and (H, W) bool, True where shadow lies on more than half of a
        pixel.
    """
    height, width = values.shape
    weights, before = _weights(light.blur)
    sums = _SUMS.get(projector, height, lambda: _running_sums(projector, FINE * height))
    down, across = _slow_variation(height, width)
    return _native.pattern_light(
        values,
        is_depth,
        surface,
        sums,
        projector.texels,
        pull,
        first,
        light.falls_off,
        light.exposure,
        light.ambient,
        down,
        across,
        weights,
        before,
    )


def expose(
    light: NDArray[np.float32], bits: int, read_noise: float = 0.0, full_well: float = math.inf, seed: int = 0
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The counts, 8 or 16 bits, that a sensor gives: noise is a hash of the seed (64 bits) and the pixel."""
    if bits == 8:
        return sealed(_native.pattern_expose_8(light, read_noise, full_well, seed))
    return sealed(_native.pattern_expose_16(light, read_noise, full_well, seed))


def _running_sums(projector: PatternProjector, height: int) -> NDArray[np.uint32]:
    """The pattern averaged over each of the fine rows of a picture, from 0 up to each of its columns.

    The pattern repeats below its end. Sums may wrap: differences of near places are all that counts.
    """
    pattern = projector.pattern.astype(np.float64)
    above = np.concatenate([np.zeros((1, pattern.shape[1])), np.cumsum(pattern, axis=0)])
    edges = np.arange(height + 1) * (projector.texels / FINE)
    turns, rest = np.divmod(edges, len(pattern))
    whole = rest.astype(np.int64)
    part = (rest - whole)[:, None]
    below = np.minimum(whole + 1, len(pattern))
    up_to = turns[:, None] * above[-1] + above[whole] * (1 - part) + above[below] * part
    means = np.diff(up_to, axis=0) / (projector.texels / FINE)
    sums = np.zeros((height, pattern.shape[1] + 1), np.uint32)
    np.cumsum(np.rint(means * _WHOLE).astype(np.uint32), axis=1, out=sums[:, 1:])
    return sealed(sums)


@lru_cache(maxsize=8)
def _weights(blur: float) -> tuple[NDArray[np.float32], int]:
    """What samples at the left of a pixel's middle count in it, and the pixels from the first of them to it.

    A Gaussian over samples, then their mean over the pixel. What lies at the right counts mirrored.
    """
    sigma = blur * FINE
    reach = math.ceil(3.5 * sigma)
    places = np.arange(-reach - 1, reach + 2)
    taps = np.exp(-0.5 * (places / sigma) ** 2) if reach > 0 else (places == 0).astype(np.float64)
    taps[[0, -1]] = 0.0
    taps /= taps.sum()
    pixel = (taps[1:] + taps[:-1]) / FINE  # from sample −reach to sample reach + 1
    return sealed(pixel[reach % FINE :: FINE].astype(np.float32)), reach // FINE


@lru_cache(maxsize=8)
def _slow_variation(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The room's light is not even: ±30 % across the picture, in fixed waves along y and x."""
    down = 0.3 * np.sin(np.linspace(0.3, 6.0, height))
    return sealed(down.astype(np.float32)), sealed(np.cos(np.linspace(0.0, 7.0, width)).astype(np.float32))
