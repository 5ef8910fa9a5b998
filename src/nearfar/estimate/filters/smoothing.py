"""A map smoothed between its edges, its holes filled from around: librealsense's spatial and hole filters.

· · 9 1 1     an edge is a step of `delta` or more: averages never run across one
2 3 9 1 2     a hole ends an average too, and is filled only when asked
"""

from __future__ import annotations

from typing import SupportsIndex

from nearfar import _native
from nearfar.depth import DepthKind
from nearfar.estimate.filters.opening import Frame, opened, real, warn_idle, whole

_RADII = (0, 2, 4, 8, 16, 255)
"""The hole radius of each mode of `spatial`, px; a run of one pixel less is filled."""


def spatial(
    frame: Frame,
    magnitude: SupportsIndex = 2,
    alpha: float = 0.5,
    delta: SupportsIndex = 20,
    holes: SupportsIndex = 0,
) -> Frame:
    """Smooth a map along rows and columns without crossing its edges; librealsense's spatial filter.

    A recursive average runs along each row there and back, then down and up each column:
    ``result = alpha·value + (1 − alpha)·result before``. It starts anew behind a hole and at a step of
    `delta`.

    Args:
        frame: (H, W) uint16 depth, float disparity as `depth_to_disparity` gives it, or a DepthMap. Best on
            disparity, where noise is the same near and far.
        magnitude: how many times, 1..5.
        alpha: weight of the pixel itself, 0.25..1; 1 smooths nothing.
        delta: the step that is an edge, 1..50. In an array it counts in the array's own unit (depth units,
            1/32 px), in a DepthMap in thousandths of its unit (mm, or 0.001/m).
        holes: fill holes along rows, after the smoothing of floats and during that of integers: 0 none,
            1..4 from 1, 3, 7, 15 pixels away, 5 from 254.

    Returns the same type, shape and dtype (float arrays give float32); a DepthMap is marked as filtered.

    Raises:
        TypeError: an array that is neither uint16 nor float, an option that is no number.
        EstimationError: an array that is not (H, W), an option outside its range.

    Warns (UserWarning) when alpha is 1.

    Source: librealsense 2.59, src/proc/spatial-filter; after Gastal and Oliveira, "Domain Transform for
    Edge-Aware Image and Video Processing", SIGGRAPH 2011.
    """
    source = opened(frame)
    passes = whole("magnitude", magnitude, 1, 5, " (how many times)")
    weight = real("alpha", alpha, 0.25, 1.0, " (weight of the pixel itself)")
    edge = whole("delta", delta, 1, 50, " (the step that is an edge)") * source.step
    radius = _RADII[whole("holes", holes, 0, 5)]
    if weight == 1.0:
        left = "only holes are filled" if radius else "the filter does nothing"
        warn_idle(f"alpha=1 takes each pixel as it is: nothing is smoothed, {left}")
    values = _native.filter_spatial(source.values, passes, weight, edge, radius, source.zero)
    return source.closed(values, filtered=True)


def fill_holes(frame: Frame, mode: SupportsIndex = 1) -> Frame:
    """Fill holes from their neighbours; librealsense's hole filling.

    Pixels are filled one after another from the top left, so what was filled fills the next:

    - mode 0: the value to the left.
    - mode 1: the farthest of the values above, above left, left, below left and below.
    - mode 2: the nearest of them; in arrays only where there is a value above, as in librealsense.

    Modes 1 and 2 leave the first and last rows and the first column as they are. "Farthest" is the largest
    number of an array, which is right for depth alone; in a DepthMap of disparity it is the smallest.
    `nearfar.depth.fill` fills every hole, from all around.

    Args:
        frame: (H, W) uint16 or float array, or a DepthMap.
        mode: 0..2.

    Returns the same type, shape and dtype (float arrays give float32); a DepthMap is marked as filtered.

    Raises:
        TypeError: an array that is neither uint16 nor float, a mode that is no whole number.
        EstimationError: an array that is not (H, W), a mode outside 0..2.

    Source: librealsense 2.59, src/proc/hole-filling-filter.
    """
    source = opened(frame)
    way = whole("mode", mode, 0, 2, " (0 left, 1 farthest, 2 nearest)")
    if source.kind is DepthKind.DISPARITY and way:
        way = 3 - way
    return source.closed(_native.filter_fill(source.values, way, source.zero), filtered=True)
