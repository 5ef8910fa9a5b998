"""A map of depth as 16-bit whole numbers, as depth is kept in PNG files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.depth_map import DepthMap

__all__ = ["millimetres"]

_MOST = 65535


def millimetres(depth: DepthMap) -> tuple[NDArray[np.uint16], int]:
    """Give a map of depth in metres as 16-bit millimetres, and how many values lay beyond them.

    What has no value, and what lies beyond 65.535 m, is 0; a depth under half a millimetre is 1.
    """
    scaled = np.rint(depth.values.astype(np.float64) * 1000)
    valid = depth.valid
    beyond = valid & (scaled > _MOST)
    there = valid & ~beyond
    codes = np.zeros(depth.shape, np.uint16)
    codes[there] = np.maximum(scaled[there], 1)
    return codes, int(np.count_nonzero(beyond))
