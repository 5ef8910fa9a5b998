"""Twin of native/effects/settle*: edges of a measured map, moved to where its picture has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar import depth, estimate
from nearfar.depth import DepthKind, DepthMap

REACH = 6
SIGMA_COLOR, SIGMA_SPACE = 12.0, 4.0
EDGE = 0.04
ROUNDS = 2

Values = NDArray[np.float32]


def settle_edges(values: Values, picture: NDArray[np.uint8]) -> Values:
    step = np.float32(EDGE * float(np.ptp(values)))
    for _ in range(ROUNDS):
        jumps = spread(values, 1) + spread(-values, 1) > step
        if not jumps.any():
            break
        edge = spread(jumps.astype(np.float32), REACH) > 0
        low, high = -spread(-values, REACH), spread(values, REACH)
        near = values > (low + high) / 2
        sides = np.where(near, np.float32(2), np.float32(1))  # 0 would be a hole
        votes = estimate.filters.joint_bilateral(sides, picture, REACH, SIGMA_COLOR, SIGMA_SPACE)
        for side, moved in ((near, edge & ~near & (votes > 1.5)), (~near, edge & near & (votes < 1.5))):
            values = np.where(moved, filled(np.where(side, values, np.float32(np.nan))), values)
    return values


def filled(holed: Values) -> Values:
    return np.asarray(depth.fill(DepthMap(holed, DepthKind.DISPARITY)).values, dtype=np.float32)


def spread(values: Values, reach: int) -> Values:
    """The largest value within reach of each, by windows that double."""
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


def shrink(codes: NDArray[np.uint8] | NDArray[np.uint16], height: int, width: int) -> NDArray[np.uint8]:
    """A smaller picture: means of whole pixels, halves rounded upwards."""
    if codes.dtype == np.uint16:
        codes = (codes >> 8).astype(np.uint8)
    rows, columns = (
        [(2 * i * from_ + to) // (2 * to) for i in range(to + 1)]
        for from_, to in zip(codes.shape[:2], (height, width), strict=True)
    )
    sums = np.add.reduceat(codes.astype(np.int64), rows[:-1], axis=0)
    sums = np.add.reduceat(sums, columns[:-1], axis=1)
    counts = np.multiply.outer(np.diff(rows), np.diff(columns))[..., None]
    means: NDArray[np.uint8] = ((2 * sums + counts) // (2 * counts)).astype(np.uint8)
    return means
