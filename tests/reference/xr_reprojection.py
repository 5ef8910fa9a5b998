"""Twin of native/xr/reproject: patches of all samples at once, one place of their boxes after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REACH = 16.0
SLACK = 1.0 / 64.0
Point = NDArray[np.float64]
"""(3, H, W): x, y, i; i is 0 where a point is unseen."""


def reproject(metres: NDArray[np.float64], motion: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = metres.shape
    counts = (metres >= 1e-9) & (metres <= 1e9)
    d = np.where(counts, metres, 1.0)
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    here = move(motion, u, v, d)
    here[:, ~counts] = 0.0
    e = np.where(counts, 1.0 / d, 0.0)
    along_row = _steps(here, e, [move(motion, u + 1.0, v, d), move(motion, u - 1.0, v, d)])
    turned = [np.swapaxes(move(motion, u, v + by, d), 1, 2) for by in (1.0, -1.0)]
    along_column = [
        np.swapaxes(step, 1, 2) for step in _steps(np.swapaxes(here, 1, 2), np.ascontiguousarray(e.T), turned)
    ]
    return _drawn(here, along_row, along_column)


def move(motion: NDArray[np.float64], u: Point, v: Point, d: Point) -> Point:
    (a, b) = motion[:, :3], motion[:, 3]
    x, y, depth = (((a[k, 0] * u + a[k, 1] * v) + a[k, 2]) * d + b[k] for k in range(3))
    seen = depth >= 0.001
    i = 1.0 / np.where(seen, depth, 1.0)
    x, y = x * i, y * i
    seen &= (np.abs(x) <= 1e6) & (np.abs(y) <= 1e6)
    return np.where(seen, np.stack([x, y, i]), 0.0)


def _linked(e: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(H, W+1): whether the samples of a row on both sides of a border hang together; False at the ends."""
    padded = np.pad(e, ((0, 0), (2, 2)))
    before, a, b, after = (padded[:, k : k + e.shape[1] + 1] for k in range(4))
    jump, least = b - a, np.minimum(a, b)
    allowed = 0.05 * least
    straight = (before > 0.0) & (np.abs(jump - (a - before)) <= allowed)
    straight |= (after > 0.0) & (np.abs((after - b) - jump) <= allowed)
    return (least > 0.0) & ((np.abs(jump) <= allowed) | ((np.abs(jump) <= least) & straight))


def _half(here: Point, there: Point) -> Point:
    return np.where(there[2] > 0.0, (there - here) * 0.5, 0.0)


def _steps(here: Point, e: NDArray[np.float64], alone: list[Point]) -> list[Point]:
    joined = _linked(e)
    last, following = joined[:, :-1], joined[:, 1:]
    forth = _half(here, np.pad(here, ((0, 0), (0, 0), (0, 1)))[:, :, 1:])
    back = _half(here, np.pad(here, ((0, 0), (0, 0), (1, 0)))[:, :, :-1])
    far_forth, far_back = (_half(here, point) for point in alone)
    return [
        np.where(following, forth, np.where(last, -back, far_forth)),
        np.where(last, back, np.where(following, -forth, far_back)),
    ]


def _drawn(here: Point, along_row: list[Point], along_column: list[Point]) -> NDArray[np.float64]:
    height, width = here.shape[1:]
    low = sum(np.minimum(np.minimum(*steps), 0.0) for steps in (along_row, along_column))
    high = sum(np.maximum(np.maximum(*steps), 0.0) for steps in (along_row, along_column))
    first = np.ceil(here[:2] + np.maximum(low[:2], -REACH) - SLACK - 0.5)
    last = np.floor(here[:2] + np.minimum(high[:2], REACH) + SLACK - 0.5)
    limits = np.array([width - 1, height - 1]).reshape(2, 1, 1)
    drawn = (here[2] > 0.0) & ((first <= limits) & (last >= 0.0)).all(axis=0)
    first = np.maximum(first, 0.0)[:, drawn].astype(np.int64)
    last = np.minimum(last, limits)[:, drawn].astype(np.int64)

    (hx, hy, hi), (vx, vy, vi) = ((forth - back)[:, drawn] for forth, back in (along_row, along_column))
    area = hx * vy - hy * vx
    flat = ~(np.abs(area) >= 1e-6)
    area[flat] = 1.0
    gx = np.where(flat, 0.0, (hi * vy - vi * hy) / area)
    gy = np.where(flat, 0.0, (vi * hx - hi * vx) / area)
    px, py, pi = here[:, drawn]
    least = np.maximum(pi + low[2, drawn], pi * 0.5)
    most = pi + high[2, drawn]

    out = np.zeros(height * width)
    if not drawn.any():
        return out.reshape(height, width)
    across, down = (last - first).max(axis=1)
    for dy in range(down + 1):
        for dx in range(across + 1):
            column, row = first[0] + dx, first[1] + dy
            inside = (column <= last[0]) & (row <= last[1])
            i = (pi + gx * (column + 0.5 - px)) + gy * (row + 0.5 - py)
            kept = np.minimum(np.maximum(i, least), most)
            np.maximum.at(out, (row * width + column)[inside], kept[inside])
    return out.reshape(height, width)
