"""What a structured-light camera makes of a scene, without its picture: shadow, dots, noise, steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.estimate.pattern_light import FARTHEST, Illumination, project
from nearfar.estimate.pattern_projector import PatternProjector

_STEP = np.float32(0.125)
"""Pixels: PrimeSense's decoder gives eighths."""
_REACH = 4
"""Pixels to the farthest dot that a pixel is measured by: a window of 9 × 9."""
_SURFACE = 1.0
"""Pixels of shift within which a pixel and its dot lie on one surface."""


def measured(
    inverse: NDArray[np.float32],
    pull: float,
    projector: PatternProjector,
    noise: float,
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """The shifts in pixels from infinity, 0 or more, measured of a map in 1/metre; NaN in holes."""
    light, _ = project(projector, inverse, pull, Illumination())
    with np.errstate(over="ignore", invalid="ignore"):
        true = inverse * np.float32(abs(pull))
    true[~((true >= 0) & (true <= FARTHEST))] = np.nan
    found = _by_nearest_dot(true, light > 0.5 * projector.pattern.max())
    found += _correlated(inverse.shape, generator) * np.float32(noise)
    steps: NDArray[np.float32] = np.maximum(np.rint(found / _STEP), np.float32(0))
    return steps * _STEP


def _by_nearest_dot(shift: NDArray[np.float32], dots: NDArray[np.bool_]) -> NDArray[np.float32]:
    """A pixel's own shift where its nearest dot lies on the same surface, else the dot's; NaN without one."""
    found = np.full(shift.shape, np.nan, np.float32)
    at_dots = np.where(dots, shift, np.float32("nan"))
    padded = np.pad(at_dots, _REACH, constant_values=np.nan)
    offsets = [(y, x) for y in range(-_REACH, _REACH + 1) for x in range(-_REACH, _REACH + 1)]
    height, width = shift.shape
    for y, x in sorted(offsets, key=lambda offset: (offset[0] ** 2 + offset[1] ** 2, offset)):
        there = padded[_REACH + y : _REACH + y + height, _REACH + x : _REACH + x + width]
        np.copyto(found, there, where=np.isnan(found))
    same = np.abs(found - shift) <= _SURFACE
    return np.where(same, shift, found)


def _correlated(shape: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float32]:
    """Gaussian noise of deviation 1 that neighbours share, as they share most of their windows (5 × 5)."""
    height, width = shape
    white = generator.standard_normal((height + 4, width + 4), dtype=np.float32)
    rows = np.zeros((height, width + 4), np.float32)
    total = np.zeros(shape, np.float32)
    for k in range(5):
        rows += white[k : k + height]
    for k in range(5):
        total += rows[:, k : k + width]
    return total / np.float32(5)
