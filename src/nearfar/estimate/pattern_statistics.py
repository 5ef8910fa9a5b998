"""What a structured-light camera makes of a scene, without its picture: shadow, dots, noise, steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.estimate.pattern_light import FINE, finer, project, shadows
from nearfar.estimate.pattern_projector import PatternProjector

_STEP = np.float32(0.125)
"""Pixels: PrimeSense's decoder gives eighths."""
_REACH = 4
"""Pixels to the farthest dot that a pixel is measured by: a window of 9 × 9."""
_SURFACE = 1.0
"""Pixels of shift within which a pixel and its dot lie on one surface."""


def measured(
    shift: NDArray[np.float32], projector: PatternProjector, noise: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    """The shifts in pixels from infinity, 0 or more, that would be measured; NaN in holes."""
    fine, slope = finer(shift)
    light = project(projector, fine, slope)
    light[shadows(fine, slope)] = 0.0
    height, width = shift.shape
    light = light.reshape(height, FINE, width, FINE).mean(axis=(1, 3))
    true = np.abs(shift)
    found = _by_nearest_dot(true, light > 0.5 * projector.pattern.max())
    found += _correlated(shift.shape, generator) * np.float32(noise)
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
