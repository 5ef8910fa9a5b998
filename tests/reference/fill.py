"""Twin of native/depth/fill: a hole takes the weighted median of what it sees in eight directions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

DIRECTIONS = [(0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]  # (dy, dx)


def fill_holes(values: NDArray[np.float32]) -> NDArray[np.float32]:
    once = _fill_once(values)
    left = int(np.isnan(once).sum())
    return once if left in {0, values.size} else _fill_once(once)


def _fill_once(values: NDArray[np.float32]) -> NDArray[np.float32]:
    filled = values.copy()
    for y, x in np.argwhere(np.isnan(values)):
        seen = [found for step in DIRECTIONS if (found := _look(values, int(y), int(x), step)) is not None]
        if seen:
            filled[y, x] = _weighted_median(seen)
    return filled


def _look(
    values: NDArray[np.float32], y: int, x: int, step: tuple[int, int]
) -> tuple[np.float32, float] | None:
    """The nearest value that way and its weight, 1/√distance."""
    height, width = values.shape
    steps = 1
    while 0 <= (row := y + steps * step[0]) < height and 0 <= (column := x + steps * step[1]) < width:
        if not np.isnan(values[row, column]):
            distance = float(steps) if 0 in step else steps * 1.4142135623730951
            return values[row, column], 1.0 / math.sqrt(distance)
        steps += 1
    return None


def _weighted_median(seen: list[tuple[np.float32, float]]) -> np.float32:
    total = 0.0
    for _, weight in seen:
        total += weight
    passed = 0.0
    for value, weight in sorted(seen, key=lambda pair: pair[0]):  # stable
        passed += weight
        if passed >= 0.5 * total:
            return value
    raise AssertionError("half of the weight is reached by the last value at the latest")
