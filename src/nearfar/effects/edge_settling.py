"""Edges of a measured map, moved to where its picture has them: matching leaves them off by a few samples.

map       near near near│far            the near side spills over the far one by two samples
picture   blue blue│green green         each sample asks those around it of its own colour which side they
settled   near near│far  far            are on, and takes that side's nearest value

What is coded in a sample's own place, that is edges within it, is left to `align_disparity`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar import estimate
from nearfar.depth import DepthMap, fill

__all__ = ["settled_edges"]

REACH = 6
"""Samples by which an edge may be off."""
SIGMA_COLOR, SIGMA_SPACE = 12.0, 4.0
"""How alike, in steps of 8 bits, and how near those are that are asked."""
EDGE = 0.04
"""The share of a map's range by which neighbours differ at an edge; slopes are less steep."""
ROUNDS = 2

Values = NDArray[np.float32]


def settled_edges(disparity: DepthMap, picture: NDArray[np.uint8]) -> DepthMap:
    """Give the map with its edges where the picture has them.

    Args:
        disparity: without holes.
        picture: (H, W, 3) uint8 at the size of the map.

    Returns:
        A map of values that stood in it. What is near no edge stays as it is.
    """
    values = np.asarray(disparity.values, dtype=np.float32)
    step = np.float32(EDGE * float(np.ptp(values)))
    for _ in range(ROUNDS):
        jumps = _spread(values, 1) + _spread(-values, 1) > step
        if not jumps.any():
            break
        edge = _spread(jumps.astype(np.float32), REACH) > 0
        low, high = -_spread(-values, REACH), _spread(values, REACH)
        near = values > (low + high) / 2
        sides = np.where(near, np.float32(2), np.float32(1))  # 0 would be a hole
        votes = estimate.filters.joint_bilateral(sides, picture, REACH, SIGMA_COLOR, SIGMA_SPACE)
        for side, moved in ((near, edge & ~near & (votes > 1.5)), (~near, edge & near & (votes < 1.5))):
            values = np.where(moved, _filled(disparity, np.where(side, values, np.float32(np.nan))), values)
    return disparity.replace(values=values)


def _filled(disparity: DepthMap, holed: Values) -> Values:
    return np.asarray(fill(disparity.with_values(holed)).values, dtype=np.float32)


def _spread(values: Values, reach: int) -> Values:
    """Give the largest value within reach of each, by windows that double."""
    window = 2 * reach + 1
    for _ in (0, 1):  # down the columns, then, turned, along the rows
        padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
        width = 1
        while width < window:
            step = min(width, window - width)
            padded = np.maximum(padded[:-step], padded[step:])
            width += step
        values = np.ascontiguousarray(padded.T)
    return values
