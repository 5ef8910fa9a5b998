"""Scenes for the structured-light tests: depth in metres, seen by a camera of 580 px focal length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import nearfar as nf

FOCAL = 580.0
BASELINE = 0.075


def camera(width: int = 320, height: int = 240) -> nf.Calibration:
    return nf.Calibration(
        np.array([[FOCAL, 0, width / 2], [0, FOCAL, height / 2], [0, 0, 1]]), (width, height)
    )


def scene(values: NDArray) -> nf.DepthMap:
    height, width = values.shape
    return nf.DepthMap(values.astype(np.float32), calibration=camera(width, height))


def plane(depth: float, width: int = 320, height: int = 240) -> nf.DepthMap:
    return scene(np.full((height, width), depth))


def slanted(depth: float = 1.0, width: int = 320, height: int = 240) -> nf.DepthMap:
    y, x = np.mgrid[:height, :width]
    return scene(depth * (1 + 0.35 * (x / width - 0.5) + 0.1 * (y / height - 0.5)))


def step(near: float = 0.7, far: float = 1.4, width: int = 320, height: int = 240) -> nf.DepthMap:
    """A board in front of a wall, in the middle third."""
    values = np.full((height, width), far)
    values[height // 4 : -height // 4, width // 3 : -width // 3] = near
    return scene(values)


def shift_error(found: nf.DepthMap, truth: nf.DepthMap, baseline: float = BASELINE) -> NDArray[np.float64]:
    """Pixels of shift by which each pixel is off; NaN in holes."""
    with np.errstate(divide="ignore"):
        return FOCAL * abs(baseline) * (1 / found.values.astype(float) - 1 / truth.values.astype(float))
