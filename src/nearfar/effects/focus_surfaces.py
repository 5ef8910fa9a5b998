"""Where a surface is among disparities: at a point, in a rectangle, or standing out of a whole picture.

    disparities ──▶ weighted histogram ──▶ the level of the nearest surface of weight, and its place

The answer is a level that many pixels have, so it never lies between two surfaces, and noise, holes and the
soft edges of small maps hardly move it. Maps are (H, W) float32 of any unit, nearer is more, NaN in holes.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "surface_at", "surface_inside", "surface_of", "surface_standing_out"]

Box: TypeAlias = tuple[float, float, float, float]
"""(x, y, width, height) in 0..1 from the top left."""

Values: TypeAlias = NDArray[np.float32]

_GRID = 192
"""Longer side, in samples, of the grid on which large surfaces are looked for."""

_BINS = 64
_SHARE = 0.02
"""Disparities closer than this share of the map's range are one surface's."""


def surface_inside(values: Values, box: Box) -> float:
    """The disparity of the nearest large surface in a rectangle; holes alone: that of the surface nearby."""
    x, y, width, height = box
    rows, columns = values.shape
    left, top = min(int(x * columns), columns - 1), min(int(y * rows), rows - 1)
    right = max(math.ceil((x + width) * columns), left + 1)
    bottom = max(math.ceil((y + height) * rows), top + 1)
    inside = _thinned(values[top:bottom, left:right])
    found = _prominent(inside, _centred(inside.shape))
    return surface_at(values, x + width / 2, y + height / 2) if found is None else found[0]


def surface_of(values: Values, covered: NDArray[np.bool_]) -> tuple[float, Box] | None:
    """The nearest large surface of a subject and its place; None where it has no values."""
    values, covered = _thinned(values), _thinned(covered)
    return _prominent(values, np.where(covered, _centred(values.shape), 0))


def surface_standing_out(values: Values) -> tuple[float, Box]:
    """The nearest large surface near the centre, and its place.

    Not the floor, not a thin or small thing before everything, and not what is all around.
    """
    thin = _thinned(values)
    values = values if np.isnan(thin).all() else thin
    found = _prominent(values, _centred(values.shape) * _upright(values), surrounded=True)
    assert found is not None, "a map with values has a surface"
    return found


def _thinned(array: NDArray[Any]) -> NDArray[Any]:
    """Every so-manieth row and column of a map that is larger than the grid."""
    step = -(-max(array.shape) // _GRID)
    return array[step // 2 :: step, step // 2 :: step]


def _extent(values: Values) -> tuple[float, float]:
    """The range without the outermost hundredth at either end."""
    known = _thinned(values)
    known = known[~np.isnan(known)]
    known = known if known.size else values[~np.isnan(values)]
    low, high = np.percentile(known, (1, 99))
    return float(low), float(high)


def _slack(values: Values) -> float:
    """How far two disparities of one surface may be apart."""
    low, high = _extent(values)
    return _SHARE * (high - low) + 1e-6 * max(abs(low), abs(high))


def surface_at(values: Values, x: float, y: float) -> float:
    """The disparity of the surface at a point: the median of what near it belongs to the same surface.

    In a hole it is the surface of the nearest value. On the slope that a coarse map makes of an edge no
    surface is; there it is the side that begins nearer to the point.
    """
    rows, columns = values.shape
    column, row = min(x * columns, columns - 0.5), min(y * rows, rows - 0.5)
    reach = max(2, round(0.01 * max(rows, columns)))
    while True:
        top, left = max(int(row) - reach, 0), max(int(column) - reach, 0)
        window = values[top : int(row) + reach + 1, left : int(column) + reach + 1]
        if not np.isnan(window).all():
            break
        reach *= 2
    v, u = np.nonzero(~np.isnan(window))
    near = window[v, u]
    away = np.hypot(u + left + 0.5 - column, v + top + 0.5 - row)
    slack = _slack(values)
    level = _settled(near, float(near[np.argmin(away)]), slack)
    sides = [side for side in (near > level + slack, near < level - slack) if side.sum() > near.size / 8]
    if len(sides) < 2 or np.count_nonzero(np.abs(near - level) <= slack) > 0.4 * near.size:
        return level  # a surface, or a wire: nearer than all around it
    side = min(sides, key=lambda side: float(away[side].min()))
    return _settled(near[side], float(np.median(near[side])), slack)


def _settled(values: NDArray[Any], level: float, slack: float) -> float:
    """Move a level to the median of the values around it until it stays (mean shift, with medians)."""
    for _ in range(16):
        moved = float(np.median(values[np.abs(values - level) <= slack]))
        if moved == level:
            break
        level = moved
    return level


# A surface that stands out


def _prominent(
    values: Values, weights: NDArray[Any], *, surrounded: bool = False
) -> tuple[float, Box] | None:
    """The disparity of the nearest surface of weight, and where it is; None where nothing has weight.

    Each level of a weighted histogram is rated by the weight of the values about it, times how near it is
    within their range. A thin near thing has no weight; a wall behind all has, and is far. With `surrounded`
    what takes much of the border counts less.
    """
    if not (~np.isnan(values) & (weights > 0)).any():
        return None
    weights = weights * _solid(values)
    counts = ~np.isnan(values) & (weights > 0)
    level, weight = values[counts].astype(np.float64), weights[counts].astype(np.float64)
    order = np.argsort(level, kind="stable")
    level, weight, places = level[order], weight[order], np.argwhere(counts)[order]
    summed = np.cumsum(weight) / weight.sum()
    low, high = (float(level[np.searchsorted(summed, share)]) for share in (0.01, 0.99))
    if high > low:
        histogram = np.histogram(level, _BINS, (low, high), weights=weight)[0]
        share = _smoothed(histogram) / weight.sum()
        rating = share**2 / (share + 0.02) * (0.08 + (np.arange(_BINS) + 0.5) / _BINS)
        if surrounded:
            rating *= _enclosed(values, low, high)
        best = low + (high - low) * (int(np.argmax(rating)) + 0.5) / _BINS
        chosen = np.abs(level - best) <= 4 * (high - low) / _BINS
        chosen = chosen if chosen.any() else np.abs(level - best) <= (high - low)
        level, weight, places = level[chosen], weight[chosen], places[chosen]
    middle = np.searchsorted(np.cumsum(weight), 0.5 * weight.sum())
    size = np.array(values.shape)
    top, left = np.percentile(places, 5, axis=0) / size
    bottom, right = (np.percentile(places, 95, axis=0) + 1) / size
    return float(level[middle]), (float(left), float(top), float(right - left), float(bottom - top))


def _solid(values: Values) -> NDArray[np.float64]:
    """Share of a pixel's neighbourhood that is of its surface, squared: little for wires, bars and edges."""
    reach = max(2, max(values.shape) // 24)
    slack = 2 * _slack(values)
    padded = np.pad(values, reach, mode="reflect" if min(values.shape) > reach else "edge")
    same = np.zeros(values.shape)
    rows, columns = values.shape
    steps = (-reach, -reach // 2, 0, reach // 2 + 1, reach)
    for down in steps:
        for right in steps:
            other = padded[reach + down : reach + down + rows, reach + right : reach + right + columns]
            same += np.abs(other - values) <= slack
    return np.asarray((same / len(steps) ** 2) ** 2)


def _smoothed(histogram: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.convolve(histogram, np.array((1, 2, 3, 4, 3, 2, 1)) / 4, "same")


def _enclosed(values: Values, low: float, high: float) -> NDArray[np.float64]:
    """How little of the picture's border each level takes, 0..1: what is all around is no subject."""
    border = np.concatenate((values[0], values[-1], values[1:-1, 0], values[1:-1, -1]))
    share = _smoothed(np.histogram(border, _BINS, (low, high))[0].astype(np.float64)) / border.size
    return 0.06 + 0.94 * np.exp(-4 * share)


def _centred(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """How near to the centre each pixel is: a Gaussian of a quarter of each side."""
    rows, columns = ((np.arange(count) + 0.5) / count - 0.5 for count in shape)
    return np.asarray(np.exp(-8 * (rows[:, np.newaxis] ** 2 + columns**2)))


def _upright(values: Values) -> NDArray[np.float64]:
    """How little each pixel looks like a floor, 0..1: a floor's disparity rises downwards, row by row.

    On level ground disparity is proportional to the distance from the horizon, so that over the height of
    the picture it changes by at least about itself; of what stands it hardly changes.
    """
    rows = values.shape[0]
    reach = max(1, rows // 48)
    low, high = _extent(values)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    with np.errstate(over="ignore"):
        rise = (padded[2 * reach :] - padded[: -2 * reach]) * (rows / (2 * reach))
    share = np.nan_to_num(rise / max(high - low, 1e-12))
    return np.asarray(1 / (1 + np.where((share > 0) & (share < 8), share, 0) ** 2))
