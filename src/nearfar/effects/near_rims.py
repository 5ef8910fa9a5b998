"""Rims of what is blurred in front of the focus: with a measured map, better too wide than too narrow.

picture    near near rim  far far      of the rim, hair and soft edges, the map knows nothing
map        near near far  far far      counted as far it stays behind: a sharp line within the near blur
widened    near near near near far     counted as near it goes along, and some of the far side unseen
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.effects.matte_edges import around, pixels_of

__all__ = ["widened_rims"]

WIDTH = 1.5
"""Cells of the map by which the near side grows."""
JUMP = 2.0
"""Pixels of blur by which a rim must differ from what it grows over."""

_Floats = NDArray[np.float32]
_CIRCLE = (
    (0.0, 1.0),
    (0.7, 0.7),
    (1.0, 0.0),
    (0.7, -0.7),
    (0.0, -1.0),
    (-0.7, -0.7),
    (-1.0, 0.0),
    (-0.7, 0.7),
)


def widened_rims(aligned: _Floats, small: _Floats, focus: float, strength: float) -> _Floats:
    """Give the map with wider rims of what is nearer than the focus and blurred more than what it borders on.

    Args:
        aligned: the map at photo scale, with the picture's edges.
        small: the measured map that it was made of. Neither has holes.
        focus: disparity of what is sharp.
        strength: pixels of blur for each unit of disparity.

    Returns:
        `aligned` with values of what is beside, nearer ones only. What is thinner than three cells does not
        grow: hair and wires would become ropes.
    """
    if strength <= 0:
        return aligned
    jump = JUMP / strength
    reached = around(around(small, np.minimum), np.maximum)  # thick things,
    for _ in range(2):  # and around them
        reached = around(reached, np.maximum)
    least = around(around(small, np.minimum), np.minimum)
    cells = (reached - focus > np.abs(least - focus)) & (reached > least + jump)
    if not cells.any():
        return aligned
    (height, width), (down, across) = small.shape, aligned.shape
    rows, columns = pixels_of(cells, aligned.shape)
    own, most = aligned[rows, columns], reached[rows * height // down, columns * width // across]
    may = (most > own + jump) & (most - focus > np.abs(own - focus))
    rows, columns, own, most = rows[may], columns[may], own[may], most[may]
    rim = own
    for share in (0.5, 1.0):
        for y, x in _CIRCLE:
            beside_rows = np.clip(rows + round(WIDTH * share * y * down / height), 0, down - 1)
            beside_columns = np.clip(columns + round(WIDTH * share * x * across / width), 0, across - 1)
            rim = np.maximum(rim, aligned[beside_rows, beside_columns])
    rim = np.minimum(rim, most)
    grows = (rim > own + jump) & (rim - focus > np.abs(own - focus))
    result = aligned.copy()
    result[rows[grows], columns[grows]] = rim[grows]
    return result
