"""What of a map can be relied on: a range of distances, a least confidence; the rest becomes holes.

confidence   0 ──── 1/3 ──── 2/3 ──── 1
level          low   medium    high         (ARKit's ARConfidenceLevel)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.filters.opening import Frame, Opened, opened, real, warn_idle


def threshold(
    frame: Frame,
    min: float = 0.1,
    max: float = 4.0,
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


def gate(depth_map: DepthMap, min_confidence: float = 0.5) -> DepthMap:
    """Keep what the map itself is sure of; what it is less sure of becomes holes.

    Args:
        depth_map: a DepthMap with confidence.
        min_confidence: the least confidence that is kept, 0..1.

    Returns the map with more holes, its confidence 0 in them.

    Raises:
        TypeError: no DepthMap.
        EstimationError: a map without confidence, `min_confidence` outside 0..1.

    Warns (UserWarning) when `min_confidence` is 0.
    """
    given: object = depth_map
    if not isinstance(given, DepthMap):
        raise TypeError(f"gate takes a DepthMap, which knows its confidence; got {type(given).__name__}")
    least = real("min_confidence", min_confidence, 0.0, 1.0)
    if depth_map.confidence is None:
        raise EstimationError(
            "the map has no confidence to go by; give it one: depth_map.replace(confidence=...)"
        )
    if least == 0.0:
        warn_idle("min_confidence=0 keeps every value: the filter does nothing")
    source = opened(depth_map)
    kept = depth_map.confidence >= np.float32(least)
    return source.closed(np.where(kept, source.values, np.float32(np.nan)), filtered=False)


def confidence_levels(depth_map: DepthMap) -> NDArray[np.uint8]:
    """The map's confidence in ARKit's three levels: 0 low (below 1/3), 1 medium, 2 high (from 2/3 on).

    Returns (H, W) uint8, read-only. Raises TypeError on no DepthMap, EstimationError on one without
    confidence.

    Source: Apple, ARConfidenceLevel.
    """
    given: object = depth_map
    if not isinstance(given, DepthMap):
        raise TypeError(f"confidence_levels takes a DepthMap; got {type(given).__name__}")
    if depth_map.confidence is None:
        raise EstimationError("the map has no confidence; give it one: depth_map.replace(confidence=...)")
    levels = np.digitize(depth_map.confidence, np.array([1 / 3, 2 / 3], np.float32)).astype(np.uint8)
    levels.flags.writeable = False
    return levels


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
