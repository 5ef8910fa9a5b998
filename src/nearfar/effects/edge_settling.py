"""Edges of a measured map, moved to where its picture has them: matching leaves them off by a few samples.

map       near near near│far            the near side spills over the far one by two samples
picture   blue blue│green green         each sample asks those around it of its own colour which side they
settled   near near│far  far            are on, and takes that side's nearest value

What is coded in a sample's own place, that is edges within it, is left to `align_disparity`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import DepthMap

__all__ = ["settled_edges"]


def settled_edges(disparity: DepthMap, picture: NDArray[np.uint8]) -> DepthMap:
    """Give the map with its edges where the picture has them, by at most six samples off.

    Args:
        disparity: finite, without holes.
        picture: (H, W, 3) uint8 at the size of the map.

    Returns:
        A map of values that stood in it. What is near no edge stays as it is.
    """
    values = np.ascontiguousarray(disparity.values, dtype=np.float32)
    return disparity.replace(values=_native.settle_edges(values, np.ascontiguousarray(picture)))
