"""Depth maps made better: filters as pure functions and small stateful objects on arrays.

    noisy, torn map ── spatial · TemporalFilter · fill_holes · median ──▶ smooth, whole
    and its picture ── guided · joint_bilateral ──▶ smooth, with the picture's edges
    its holes       ── fill_behind ──▶ whole: what was not seen lies behind what was
    too much of it  ── threshold · gate · remove_speckles · decimate ──▶ what can be relied on
    a stream        ── SmoothedStream ──▶ what a phone calls "filtered"

`spatial`, `TemporalFilter`, `fill_holes`, `decimate`, `threshold` and the disparity transform are
librealsense's post-processing with its semantics and defaults, on NumPy arrays instead of frames of a
device.

One rule for holes: in integer arrays (16-bit depth) a hole is 0, in floats it is NaN. librealsense marks
holes in its float disparities with 0: in a plain float array that counts as a hole too, and stays 0 where
nothing fills it. In a `DepthMap` it is NaN alone, since disparity 0 is a value there (infinitely far). A
DepthMap goes in, a DepthMap comes out, of the same kind, dtype and calibration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.estimate.filters.guides import fill_behind as fill_behind
    from nearfar.estimate.filters.guides import guided as guided
    from nearfar.estimate.filters.guides import joint_bilateral as joint_bilateral
    from nearfar.estimate.filters.outliers import median as median
    from nearfar.estimate.filters.outliers import remove_speckles as remove_speckles
    from nearfar.estimate.filters.phone_stream import SmoothedStream as SmoothedStream
    from nearfar.estimate.filters.reduction import decimate as decimate
    from nearfar.estimate.filters.running_average import TemporalFilter as TemporalFilter
    from nearfar.estimate.filters.selection import confidence_levels as confidence_levels
    from nearfar.estimate.filters.selection import gate as gate
    from nearfar.estimate.filters.selection import threshold as threshold
    from nearfar.estimate.filters.smoothing import fill_holes as fill_holes
    from nearfar.estimate.filters.smoothing import spatial as spatial
    from nearfar.estimate.filters.transform import depth_to_disparity as depth_to_disparity
    from nearfar.estimate.filters.transform import disparity_to_depth as disparity_to_depth

_HOMES = {
    "guides": "fill_behind guided joint_bilateral",
    "outliers": "median remove_speckles",
    "phone_stream": "SmoothedStream",
    "reduction": "decimate",
    "running_average": "TemporalFilter",
    "selection": "confidence_levels gate threshold",
    "smoothing": "fill_holes spatial",
    "transform": "depth_to_disparity disparity_to_depth",
}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
