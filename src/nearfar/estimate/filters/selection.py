"""What of a map can be relied on: a range of distances; the rest becomes holes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import DepthKind
from nearfar.errors import EstimationError
from nearfar.estimate.filters.opening import Frame, Opened, opened, real, warn_idle


def threshold(
    frame: Frame,
    min: float = 0.1,  # noqa: A002 - librealsense's name
    max: float = 4.0,  # noqa: A002
    *,
    depth_units: float = 0.001,
) -> Frame:
    """Keep what lies between two distances, ends included; the rest becomes holes. librealsense's
    threshold.

    Args:
        frame: (H, W) uint16 depth in `depth_units`, float depth in metres, or a DepthMap of either kind.
        min: the least distance that is kept, metres, 0..inf.
        max: the largest, metres, min..inf.
        depth_units: metres of one unit of uint16 depth.

    Returns the same type, shape and dtype (float arrays give float32).

    Raises:
        TypeError: an array that is neither uint16 nor float, a distance that is no number.
        EstimationError: an array that is not (H, W), a distance outside its range.

    Warns (UserWarning) when the range keeps whatever the frame can hold.

    Source: librealsense 2.59, src/proc/threshold.
    """
    source = opened(frame)
    low = real("min", min, 0.0, np.inf, " metres")
    high = real("max", max, 0.0, np.inf, " metres")
    units = _checked_units(depth_units)
    if low > high:
        raise EstimationError(f"min must not be above max; got min={low:g} and max={high:g} metres")
    is_integer = source.values.dtype == np.uint16
    if (low <= units and high >= 65535 * units) if is_integer else (low == 0.0 and high == np.inf):
        warn_idle(f"{low:g}..{high:g} m holds every distance: the filter does nothing")
    with np.errstate(invalid="ignore"):
        distance = _distance(source, units)
        kept = (distance >= np.float32(low)) & (distance <= np.float32(high))
    hole = np.uint16(0) if is_integer else np.float32(np.nan)
    return source.closed(np.where(kept, source.values, hole), filtered=False)


def _checked_units(depth_units: float) -> float:
    units = real("depth_units", depth_units, 0.0, 1.0, " metres")
    if units == 0.0:
        raise EstimationError("depth_units must be above 0 metres")
    return units


def _distance(source: Opened[Any], units: float) -> NDArray[Any]:
    if source.values.dtype == np.uint16:
        return np.float32(units) * source.values.astype(np.float32)
    if source.depth_map is not None and source.depth_map.kind is DepthKind.DISPARITY:
        return source.depth_map.to(DepthKind.DEPTH, dtype=np.float32).values
    return source.values
