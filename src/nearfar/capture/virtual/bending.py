"""Between pictures that a lens bent and straight ones, for cameras that stream: tables are kept.

`nearfar.depth.rectify` does the first for one picture; the way back, from a straight depth map to one that
lies on the bent picture, is what phones do before they hand a map out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Calibration, DepthMap, sample_picture

__all__ = ["bent", "straightened"]


def straightened(picture: NDArray[np.uint8], camera: Calibration) -> NDArray[Any]:
    """The picture as a camera without the lens would have it."""
    if not camera.bends:
        return picture
    return sample_picture(picture, _straight_points(camera, (picture.shape[1], picture.shape[0])))


@lru_cache(maxsize=4)
def _straight_points(camera: Calibration, size: tuple[int, int]) -> NDArray[np.float64]:
    """Where the pixels of the straightened picture lie in the bent one, px of its size."""
    scale = np.array(camera.reference_size) / size
    return camera.distort_points(_centres(size) * scale) / scale


def bent(depth: DepthMap, camera: Calibration) -> DepthMap:
    """The map bent as the camera's picture is."""
    if not camera.bends:
        return depth.replace(calibration=camera)
    found = _bent_indices(camera, depth.size)
    values = np.append(depth.values, np.float32("nan"))[found]
    confidence = depth.confidence
    if confidence is not None:
        confidence = np.append(confidence, np.float32(0))[found]
    return depth.replace(values=values, confidence=confidence, calibration=camera)


@lru_cache(maxsize=4)
def _bent_indices(camera: Calibration, size: tuple[int, int]) -> NDArray[np.intp]:
    """For each pixel of the bent map the flat index of the straight one's that it shows; one beyond: none."""
    width, height = size
    scale = np.array(camera.reference_size) / size
    there = np.floor(np.nan_to_num(camera.undistort_points(_centres(size) * scale) / scale, nan=-1.0))
    x, y = there[..., 0].astype(np.intp), there[..., 1].astype(np.intp)
    outside = (x < 0) | (x >= width) | (y < 0) | (y >= height)
    return np.where(outside, width * height, y * width + x)


def _centres(size: tuple[int, int]) -> NDArray[np.float64]:
    """(H, W, 2) px: the pixels' middles."""
    grid = np.empty((size[1], size[0], 2))
    grid[..., 0] = np.arange(size[0]) + 0.5
    grid[..., 1] = (np.arange(size[1]) + 0.5)[:, np.newaxis]
    return grid
