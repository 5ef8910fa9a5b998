"""A smaller map of the same picture: each block of pixels becomes one, made of the block's values alone."""

from __future__ import annotations

from typing import SupportsIndex, cast

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import Calibration
from nearfar.errors import EstimationError
from nearfar.estimate.filters.opening import Frame, opened, warn_idle, whole


def decimate(frame: Frame, magnitude: SupportsIndex = 2) -> Frame:
    """A map of 1/magnitude of the size without holes smeared in; librealsense's decimation.

    Each block of magnitude × magnitude pixels becomes one: for 2 and 3 the median of the block's values
    (of two middles the smaller), from 4 on their mean, cut to a whole number in integers. A block without
    a value is a hole, pixels beyond the last whole block are dropped. As in librealsense both sides are
    then brought to a multiple of 4 with holes, at the right and at the bottom. A DepthMap's calibration
    follows; its confidence becomes the mean over the block's values.

    Args:
        frame: (H, W) uint16 or float array, or a DepthMap; at least `magnitude` pixels on each side.
        magnitude: 1..8.

    Returns the same type and dtype (float arrays give float32).

    Raises:
        TypeError: an array that is neither uint16 nor float, a magnitude that is no whole number.
        EstimationError: an array that is not (H, W) or too small, a magnitude outside 1..8.

    Warns (UserWarning) when magnitude is 1.

    Source: librealsense 2.59, src/proc/decimation-filter.
    """
    source = opened(frame)
    scale = whole("magnitude", magnitude, 1, 8, " (the side of a block, px)")
    height, width = source.values.shape
    if scale > min(height, width):
        raise EstimationError(f"magnitude={scale} is larger than the map, which is {width}×{height}")
    if scale == 1:
        warn_idle("magnitude=1 makes each pixel a block of its own: the filter does nothing but pad the map")
    to_height, to_width = ((side // scale + 3) // 4 * 4 for side in (height, width))
    values = _native.filter_decimate(source.values, scale, to_height, to_width, source.zero, float("nan"))
    depth_map = source.depth_map
    if depth_map is None:
        return cast("Frame", values)
    confidence = depth_map.confidence
    if confidence is not None:
        known = np.where(depth_map.valid, confidence, np.float32(np.nan))
        means = _block_means(known[: height // scale * scale, : width // scale * scale], scale)
        confidence = np.zeros(values.shape, np.float32)
        confidence[: means.shape[0], : means.shape[1]] = means
    calibration = depth_map.calibration
    if calibration is not None:
        calibration = _decimated(calibration, (width, height), (to_width, to_height), scale)
    smaller = depth_map.replace(
        values=values.astype(depth_map.dtype, copy=False), confidence=confidence, calibration=calibration
    )
    return cast("Frame", smaller)


def _block_means(values: NDArray[np.float32], scale: int) -> NDArray[np.float64]:
    height, width = values.shape
    blocks = values.reshape(height // scale, scale, width // scale, scale)
    known = np.isfinite(blocks).sum(axis=(1, 3))
    sums: NDArray[np.float64] = np.nansum(blocks, axis=(1, 3), dtype=np.float64)
    means: NDArray[np.float64] = sums / np.maximum(known, 1)
    return means


def _decimated(
    calibration: Calibration, size: tuple[int, int], new_size: tuple[int, int], scale: int
) -> Calibration:
    """The calibration after decimation: the top-left corner stays, a pixel becomes `scale` times larger."""
    covered = (new_size[0] * scale, new_size[1] * scale)
    return calibration.scaled_to(size).cropped(0, 0, *covered).scaled_to(new_size)
