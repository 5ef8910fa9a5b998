"""Straighten what a lens bent: a picture or a depth map becomes what a camera without distortion sees.

      output pixel ── distort_points ──▶ where it lies in the bent picture ── sample ──▶ its value

Depth maps of phones are bent like their photos; rectify them before any use in space that does not undo the
lens itself (`Calibration.rays` and `DepthMap.points` do).  Where pixels lie is kept for the next picture of
the same lens and size: cameras that stream pay for it once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.arrays import frozen
from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.sampling import corners, neighbours, sampled

__all__ = ["rectify"]

_Scalar = TypeVar("_Scalar", bound=np.generic)

_LARGEST_KEPT = 1 << 21
"""Pixels of a picture, so that Full HD is among them: larger ones are photos, which come once. 16 MB each."""
_MOST_KEPT = 4
"""Colour and depth of two cameras."""


@overload
def rectify(image: DepthMap, calibration: Calibration | None = None) -> DepthMap: ...
@overload
def rectify(image: NDArray[_Scalar], calibration: Calibration | None = None) -> NDArray[_Scalar]: ...
def rectify(
    image: DepthMap | NDArray[Any], calibration: Calibration | None = None
) -> DepthMap | NDArray[Any]:
    """Undo the lens distortion of a picture or a depth map of any size with the calibration's field of view.

    Args:
        image: a `DepthMap`, or a picture (H, W) or (H, W, C) of uint8, uint16, float16 or float32.
        calibration: the camera; a map's own when None.

    Returns:
        The same kind of thing in the same size. A map carries ``calibration.rectified()``; its holes stay
        holes: a value is mixed from measured neighbours only, and is a hole where the nearest neighbour is so
        or where the lens did not see. A picture is bilinear, its edge pixels reach half a pixel out, and what
        the lens did not see is 0. Where no lens is known, values and calibration stay as they are: so does an
        iPhone photo's map, whose file holds coefficients alone (see `LensTable`), bent or not.

    Raises:
        ValueError: no calibration, or an array that is no picture.
    """
    if isinstance(image, DepthMap):
        camera = calibration if calibration is not None else image.calibration
        if camera is None:
            raise ValueError("this map has no calibration; pass calibration=")
        if not camera.bends:
            # What is known of an iPhone photo's lens stays known: the map may well be bent.
            return image.replace(calibration=camera)
        x, y = _sources(camera, (image.width, image.height))
        confidence = image.confidence
        if confidence is not None:
            confidence = frozen(np.nan_to_num(_sample_with_holes(confidence, x, y), nan=0.0))
        values = frozen(_sample_with_holes(image.values, x, y))
        return image.replace(values=values, calibration=camera.rectified(), confidence=confidence)
    if calibration is None:
        raise ValueError("a picture has no calibration of its own; pass calibration=")
    picture = np.asarray(image)
    if picture.ndim not in (2, 3) or picture.size == 0:
        raise ValueError(f"a picture must have the shape (H, W) or (H, W, C), not {picture.shape}")
    if picture.dtype not in (np.uint8, np.uint16, np.float16, np.float32):
        raise ValueError(f"a picture must be uint8, uint16, float16 or float32, not {picture.dtype}")
    if not calibration.bends:
        return frozen(picture.copy())
    return frozen(sampled(picture, *_sources(calibration, (picture.shape[1], picture.shape[0]))))


class _Lens:
    """What a table is made of: equal where the numbers of two cameras are, wherever they stand."""

    def __init__(self, camera: Calibration) -> None:
        self.camera = camera
        self._numbers = (camera.intrinsics.tobytes(), camera.reference_size)

    def __hash__(self) -> int:
        return hash(self._numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Lens) or self._numbers != other._numbers:
            return False
        lens = self.camera.distortion
        return lens is other.camera.distortion or (lens is not None and lens.equals(other.camera.distortion))


def _sources(camera: Calibration, size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the pixels of a rectified (W, H) picture lie in the bent one, (H, W) each, read-only.

    In px of that picture, counted from the centre of pixel 0; NaN where the lens saw nothing.
    """
    make = _kept_table if size[0] * size[1] <= _LARGEST_KEPT else _table
    return make(_Lens(camera), size)


def _table(lens: _Lens, size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    camera, (width, height) = lens.camera, size
    scale_x, scale_y = camera.reference_size[0] / width, camera.reference_size[1] / height
    grid = np.empty((height, width, 2))
    grid[..., 0] = (np.arange(width) + 0.5) * scale_x
    grid[..., 1] = ((np.arange(height) + 0.5) * scale_y)[:, np.newaxis]
    found = camera.distort_points(grid)
    x = (found[..., 0] / scale_x - 0.5).astype(np.float32)
    y = (found[..., 1] / scale_y - 0.5).astype(np.float32)
    outside = ~((x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5))
    x[outside] = np.nan
    y[outside] = np.nan
    return frozen(x), frozen(y)


_kept_table = lru_cache(_MOST_KEPT)(_table)


def _sample_with_holes(values: NDArray[Any], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[Any]:
    """Bilinear samples (H, W) that mix measured (finite) neighbours only; NaN where the nearest is a hole."""
    size = (values.shape[1], values.shape[0])
    start, right, lower = corners(x, y, size)
    flat = values.ravel().astype(np.float32)
    around = neighbours(flat, start, size)
    weights = ((1 - right) * (1 - lower), right * (1 - lower), (1 - right) * lower, right * lower)
    total = np.zeros(x.shape, np.float32)
    weight = np.zeros(x.shape, np.float32)
    for corner, share in zip(around, weights, strict=True):
        finite = np.isfinite(corner)
        share = np.where(finite, share, np.float32(0.0))
        total += np.where(finite, corner, np.float32(0.0)) * share
        weight += share
    # The nearest neighbour says whether there is a value at all; +inf (disparity 0) is one, and is not mixed.
    nearest = start + np.where(right > 0.5, min(size[0] - 1, 1), 0)
    nearest += np.where(lower > 0.5, size[0] if size[1] > 1 else 0, 0)
    there = flat[nearest]
    with np.errstate(invalid="ignore", divide="ignore"):
        mixed = np.where(np.isfinite(there), total / weight, there)
    mixed[np.isnan(x)] = np.nan
    return mixed.astype(values.dtype)
