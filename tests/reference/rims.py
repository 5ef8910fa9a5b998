"""Twin of native/effects/rims*: wider rims of what is blurred in front of the focus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.effects.matte_edges import around, pixels_of

WIDTH = 1.5
CIRCLE = (
    (0.0, 1.0),
    (0.7, 0.7),
    (1.0, 0.0),
    (0.7, -0.7),
    (0.0, -1.0),
    (-0.7, -0.7),
    (-1.0, 0.0),
    (-0.7, 0.7),
)

Floats = NDArray[np.float32]


def widen_rims(aligned: Floats, small: Floats, focus: float, jump: float) -> Floats:
    reached = around(around(small, np.minimum), np.maximum)  # thick things,
    for _ in range(2):  # and around them
        reached = around(reached, np.maximum)
    least = around(around(small, np.minimum), np.minimum)
    cells = (reached - focus > np.abs(least - focus)) & (reached > least + jump)
    (height, width), (down, across) = small.shape, aligned.shape
    rows, columns = pixels_of(cells, aligned.shape)
    own, most = aligned[rows, columns], reached[rows * height // down, columns * width // across]
    may = (most > own + jump) & (most - focus > np.abs(own - focus))
    rows, columns, own, most = rows[may], columns[may], own[may], most[may]
    rim = own
    for share in (0.5, 1.0):
        for y, x in CIRCLE:
            beside_rows = np.clip(rows + round(WIDTH * share * y * down / height), 0, down - 1)
            beside_columns = np.clip(columns + round(WIDTH * share * x * across / width), 0, across - 1)
            rim = np.maximum(rim, aligned[beside_rows, beside_columns])
    rim = np.minimum(rim, most)
    grows = (rim > own + jump) & (rim - focus > np.abs(own - focus))
    result = aligned.copy()
    result[rows[grows], columns[grows]] = rim[grows]
    return result
