"""Values that don't belong: single ones go in a median, small islands are taken out.

2 2 9 2      ── median ──▶ 2 2 2 2
2 2 2 . 7 7  ── remove_speckles(max_size=2) ──▶ 2 2 2 . . .
"""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np

from nearfar import _native
from nearfar.errors import EstimationError
from nearfar.estimate.filters.opening import Frame, opened, real, warn_idle, whole


def remove_speckles(frame: Frame, max_size: SupportsIndex, max_step: float) -> Frame:
    """Take out small islands: pieces of up to `max_size` pixels become holes.

    Neighbours in a row or column hang together where both have values that are equal or differ by at most
    `max_step`. As OpenCV's filterSpeckles, for any dtype and with holes.

    Args:
        frame: (H, W) uint16 or float array, or a DepthMap.
        max_size: pixels of the largest island that goes, 0 or more.
        max_step: the largest step within a piece, in the frame's own unit (of a DepthMap: metres or
            1/metres).

    Returns the same type, shape and dtype (float arrays give float32): 0 in holes of integers, else NaN.

    Raises:
        TypeError: an array that is neither uint16 nor float, an option that is no number.
        EstimationError: an array that is not (H, W), a negative option.

    Warns (UserWarning) when max_size is 0.
    """
    source = opened(frame)
    size = whole("max_size", max_size, 0, 2**31 - 1, " px")
    step = real("max_step", max_step, 0.0, np.inf)
    if size == 0:
        warn_idle("max_size=0 takes out no island: the filter does nothing")
    return source.closed(_native.filter_speckles(source.values, size, step, source.zero), filtered=False)


def median(frame: Frame, size: SupportsIndex = 3) -> Frame:
    """The median of the values in a square around each pixel; of two middles the smaller. Holes stay holes.

    Args:
        frame: (H, W) uint16 or float array, or a DepthMap.
        size: side of the square, px, 3 or 5.

    Returns the same type, shape and dtype (float arrays give float32); a DepthMap is marked as filtered.

    Raises:
        TypeError: an array that is neither uint16 nor float, a size that is no whole number.
        EstimationError: an array that is not (H, W), another size.

    Warns (UserWarning) when size is 1.
    """
    source = opened(frame)
    side = whole("size", size, 1, 5, " (3 or 5 px)")
    if side == 1:
        warn_idle("size=1 looks at each pixel alone: the filter does nothing")
        return source.closed(source.values.copy(), filtered=False)
    if side % 2 == 0:
        raise EstimationError(f"size must be odd, 3 or 5 px; got {side}")
    return source.settled(_native.filter_median(source.floats, side), fill=False)
