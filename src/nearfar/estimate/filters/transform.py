"""16-bit depth as disparity and back, in the units that librealsense filters in.

depth (uint16, depth units) ── depth_to_disparity ──▶ disparity (float32, 1/32 px) ── disparity_to_depth ──▶
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.filters.opening import opened

_FRACTIONS = 32
"""Steps of a pixel that one unit of disparity is."""


def depth_to_disparity(
    depth: NDArray[np.uint16], fx: float, baseline: float, *, depth_units: float = 0.001
) -> NDArray[np.float32]:
    """16-bit depth as float disparity in 1/32 px, ``fx·baseline·32 / (depth·depth_units)``; holes stay 0.

    Args:
        depth: (H, W) uint16, 0 is a hole.
        fx: focal length, px of this map.
        baseline: distance of the two cameras, metres.
        depth_units: metres of one unit of depth.

    Returns (H, W) float32, read-only, 0 in holes: what librealsense calls disparity32.

    Raises:
        TypeError: a DepthMap (its ``to(DepthKind.DISPARITY)`` does this in 1/metres), another dtype.
        EstimationError: an array that is not (H, W), lengths that are not positive and
            finite.

    Source: librealsense 2.59, src/proc/disparity-transform.
    """
    return _native.filter_to_disparity(_array(depth, np.uint16), _factor(fx, baseline, depth_units))


def disparity_to_depth(
    disparity: NDArray[np.float32], fx: float, baseline: float, *, depth_units: float = 0.001
) -> NDArray[np.uint16]:
    """Disparity in 1/32 px as 16-bit depth, ``fx·baseline·32 / disparity / depth_units`` rounded half up.

    Args:
        disparity: (H, W) float32; 0 and NaN are holes.
        fx: focal length, px of this map.
        baseline: distance of the two cameras, metres.
        depth_units: metres of one unit of depth.

    Returns (H, W) uint16, read-only, 0 in holes. Depth beyond 65535 units keeps its low 16 bits, as in
    librealsense.

    Raises:
        TypeError: a DepthMap (its ``to(DepthKind.DEPTH)`` does this in metres), another dtype.
        EstimationError: an array that is not (H, W), lengths that are not positive and
            finite.

    Source: librealsense 2.59, src/proc/disparity-transform.
    """
    return _native.filter_to_depth(_array(disparity, np.float32), _factor(fx, baseline, depth_units))


def _array(frame: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    given: object = frame
    if isinstance(given, DepthMap):
        raise TypeError("a DepthMap knows its kind: use its to(); this is for librealsense's arrays")
    values = opened(frame).values
    if values.dtype != dtype:
        raise TypeError(f"expected {np.dtype(dtype)} here; got {frame.dtype}")
    return values


def _factor(fx: float, baseline: float, depth_units: float) -> float:
    """fx·baseline·32/units, in librealsense's order and precision."""
    lengths = {"fx": fx, "baseline": baseline, "depth_units": depth_units}
    for name, value in lengths.items():
        if not 0.0 < value < np.inf:
            raise EstimationError(f"{name} must be positive and finite; got {value!r}")
    single = np.float32
    with np.errstate(all="ignore"):
        factor = float(single(baseline) * single(fx) * single(_FRACTIONS) / single(depth_units))
    if not 0.0 < factor < np.inf:
        told = ", ".join(f"{name}={value:g}" for name, value in lengths.items())
        raise EstimationError(f"fx·baseline·32/depth_units must be a float32, not {factor:g}; got {told}")
    return factor
