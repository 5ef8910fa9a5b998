"""Where a matte of the subject is given, its edge is the subject's edge in depth.

cells      B B B ? ? ? S S S     around the matte's edge a small map holds neither side's disparity;
extended   B B B B B B            both sides are carried on from where they are sure,
                 S S S S S S      and each pixel takes that of its side: as the matte says where it is
pixels     b b b b b│s s s s s    decided, and as the colours say where it is not
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nearfar import _native

_SURE = 0.95
"""The least coverage of a subject's cell and of those around it; 1 less it is the most of any other."""
_CARRIED = 6
"""Cells that a side is carried on."""
_DECIDED = 0.25
"""A pixel covered less than this is not the subject's, one covered more than 1 less it is."""

_Floats = NDArray[np.float32]
_Places = tuple[NDArray[np.intp], NDArray[np.intp]]
_AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]


def with_subject(aligned: _Floats, small: _Floats, coverage: _Floats) -> _Floats:
    """Give the map at photo scale with the edge of the subject, of `coverage` 0..1 at any size.

    `aligned` is what the colours made of `small`; both maps have no holes. Beyond the cells on the matte's
    edge, and where one side is too far away to be carried on, nothing changes.
    """
    height, width = small.shape
    cells = _native.resample(coverage, height, width, 0)
    subject = around(cells, np.minimum) > _SURE
    other = around(cells, np.maximum) < 1 - _SURE
    band = ~(subject | other)
    if not subject.any() or not other.any():
        return aligned
    rows, columns = pixels_of(band, aligned.shape)
    inside = _at(_carried(small, subject, band), (rows, columns), aligned.shape)
    outside = _at(_carried(small, other, band), (rows, columns), aligned.shape)
    share = _at(coverage, (rows, columns), aligned.shape)
    own = aligned[rows, columns]
    alike = np.abs(own - inside) < np.abs(own - outside)
    chosen = (share > 1 - _DECIDED) | (alike & (share >= _DECIDED))
    sided = np.where(chosen, inside, outside)
    result = aligned.copy()
    result[rows, columns] = np.where(np.isnan(inside + outside), own, sided)
    return result


def around(cells: _Floats, pick: Callable[[_Floats, _Floats], _Floats]) -> _Floats:
    """The least or the largest of each cell and its eight neighbours."""
    padded = np.pad(cells, 1, mode="edge")
    down = pick(pick(padded[:-2], padded[1:-1]), padded[2:])
    return pick(pick(down[:, :-2], down[:, 1:-1]), down[:, 2:])


def _carried(small: _Floats, sure: NDArray[np.bool_], band: NDArray[np.bool_]) -> _Floats:
    """The map where one side is sure; in the band, ring by ring, the mean of what is around; else NaN."""
    padded = np.full((small.shape[0] + 2, small.shape[1] + 2), np.nan, np.float32)
    padded[1:-1, 1:-1][sure] = small[sure]
    rows, columns = np.nonzero(band)
    for _ in range(_CARRIED):
        near = np.stack([padded[rows + 1 + y, columns + 1 + x] for y, x in _AROUND])
        known = ~np.isnan(near)
        count = known.sum(0)
        reached = count > 0
        total = np.where(known, near, np.float32(0)).sum(0)
        padded[rows[reached] + 1, columns[reached] + 1] = total[reached] / count[reached]
        rows, columns = rows[~reached], columns[~reached]
    return padded[1:-1, 1:-1]


def pixels_of(band: NDArray[np.bool_], shape: tuple[int, ...]) -> _Places:
    """The pixels of the cells in the band."""
    (rows, columns), (height, width) = np.nonzero(band), band.shape
    top, left = rows * shape[0] // height, columns * shape[1] // width
    down = top[:, None, None] + np.arange(-(-shape[0] // height))[:, None]
    across = left[:, None, None] + np.arange(-(-shape[1] // width))
    own = (down < ((rows + 1) * shape[0] // height)[:, None, None]) & (
        across < ((columns + 1) * shape[1] // width)[:, None, None]
    )
    return np.broadcast_to(down, own.shape)[own], np.broadcast_to(across, own.shape)[own]


def _at(values: _Floats, places: _Places, shape: tuple[int, ...]) -> _Floats:
    """The values at pixels of a picture of this shape, interpolated; where NaN is near, the nearest."""
    low, high, share, nearest = [], [], [], []
    for place, count, pixels in zip(places, values.shape, shape[:2], strict=True):
        exact = np.clip((np.arange(pixels) + 0.5) * count / pixels - 0.5, 0, count - 1)
        first = exact.astype(np.intp)
        low.append(first[place])
        high.append(np.minimum(first + 1, count - 1)[place])
        share.append((exact - first).astype(np.float32)[place])
        nearest.append(np.rint(exact).astype(np.intp)[place])
    upper, lower = (
        values[y, low[1]] + (values[y, high[1]] - values[y, low[1]]) * share[1] for y in (low[0], high[0])
    )
    mixed = upper + (lower - upper) * share[0]
    found: _Floats = np.where(np.isnan(mixed), values[nearest[0], nearest[1]], mixed)
    return found
