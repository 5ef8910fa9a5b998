"""A depth map at another size, and a depth map without holes: both keep holes and values apart.

resample   . 2 2        a target pixel is the mean of the *values* it covers;
           . 2 4  ──▶   it is a hole where holes cover more than half of it
fill       1 1 ? 5  ──▶ 1 1 1 5      a hole takes a value from its rim, never one in between
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth.arrays import picture_size
from nearfar.depth.depth_map import DepthMap

_METHODS = {"linear": 0, "nearest": 1}


def resample(
    depth_map: DepthMap, size: tuple[int, int], *, method: Literal["linear", "nearest"] = "linear"
) -> DepthMap:
    """The map at another size (width, height), of the same kind, dtype and field of view.

    ``"linear"`` averages over the covered area along an axis that shrinks and interpolates between pixel
    centres along one that grows. Holes carry no weight; where less than half of a pixel's weight has a value
    it is a hole. What is infinitely far can't be averaged: where +inf has more weight than the finite values
    the result is +inf, else it is their mean. The mean is of the numbers as they stand: depth averages depth,
    disparity averages disparity. ``"nearest"`` takes the pixel under the centre and so invents no value.

    The calibration stays, since it speaks of its own reference size; confidence is resampled the same way,
    with 0 in holes. A map that has the size already is returned as it is. Raises ValueError on another method
    and on a size that is not two whole numbers of at least 1.
    """
    if method not in _METHODS:
        raise ValueError(f"method must be 'linear' or 'nearest', not {method!r}")
    width, height = picture_size("size", size)
    if (width, height) == depth_map.size:
        return depth_map

    def resized(array: NDArray[np.float32]) -> NDArray[np.float32]:
        return _native.resample(np.ascontiguousarray(array), height, width, _METHODS[method])

    values = resized(depth_map.values.astype(np.float32, copy=False))
    confidence = None
    if depth_map.confidence is not None:
        known = np.where(depth_map.valid, depth_map.confidence, np.float32("nan"))
        confidence = np.nan_to_num(resized(known), nan=0.0)
    return depth_map.replace(values=values.astype(depth_map.dtype, copy=False), confidence=confidence)


def fill(depth_map: DepthMap) -> DepthMap:
    """The map with every hole filled, marked as filtered; confidence is 0 in what was a hole.

    A hole takes the weighted median of the nearest values along its row, its column and its diagonals,
    weighted by 1/√distance. One that sees no value in any of the eight takes its own in a second pass, from
    what the first has filled. So it always takes a value that stands in the map: edges stay edges, nothing
    lies between foreground and background, and values are never changed. +inf takes part like any other
    value. A map of holes alone has nothing to take from and is returned as it is.
    """
    valid = depth_map.valid
    if not valid.any():
        return depth_map
    if valid.all():
        return depth_map if depth_map.filtered else depth_map.replace(filtered=True)
    values = _native.fill_holes(depth_map.values.astype(np.float32, copy=False))
    confidence = depth_map.confidence
    if confidence is not None:
        confidence = np.where(valid, confidence, np.float32(0))
    return depth_map.replace(
        values=values.astype(depth_map.dtype, copy=False), confidence=confidence, filtered=True
    )
