"""Twin of native/estimate/stereo, after matching: checks, filling, edges, medians, confidence, priors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from reference.stereo import UNIT, Ints, moved

Shifts = NDArray[np.int16]
Levels = NDArray[np.uint8]
OCCLUDED, MISMATCHED, AMBIGUOUS, SPECKLE = 1, 2, 4, 8
Site = tuple[int, int]  # row, column


def whole(shift: Ints) -> Ints:
    return (shift + UNIT // 2) // UNIT


def seen_right(shift: Ints, right_shift: Shifts) -> tuple[NDArray[np.bool_], Ints]:
    """Whether each left pixel lands in the right picture, and the shift that is seen where it lands."""
    there = np.arange(shift.shape[1]) - shift
    return there >= 0, np.take_along_axis(right_shift.astype(np.int64), np.maximum(there, 0), axis=1)


def check(
    shift: Shifts, margin: Levels, right_shift: Shifts, ambiguity: int, disagreement: int, speckle: int
) -> Levels:
    near = whole(shift.astype(np.int64))
    inside, seen = seen_right(near, right_shift)
    agree = inside & (np.abs(seen - near) <= disagreement)
    state = np.where(margin < ambiguity, AMBIGUOUS, 0) | np.where(agree, 0, MISMATCHED)
    for patch in patches(shift.astype(np.int64), state == 0):
        if len(patch) <= speckle:
            for site in patch:
                state[site] = SPECKLE
    return state.astype(np.uint8)


def patches(shift: Ints, free: NDArray[np.bool_]) -> Iterator[list[Site]]:
    """The pixels of each patch: neighbours that are no more than one pixel of shift apart."""
    free = free.copy()
    for start in zip(*np.nonzero(free), strict=True):
        if not free[start]:
            continue
        free[start] = False
        patch = [start]
        for y, x in patch:
            for there in ((y - 1, x), (y, x - 1), (y, x + 1), (y + 1, x)):
                if min(there) < 0 or there[0] >= shift.shape[0] or there[1] >= shift.shape[1]:
                    continue
                if free[there] and abs(shift[there] - shift[y, x]) <= UNIT:
                    free[there] = False
                    patch.append(there)
        yield patch


def mark_occluded(shift: Shifts, right_shift: Shifts, state: Levels) -> Levels:
    near = whole(shift.astype(np.int64))
    inside, seen = seen_right(near, right_shift)
    hidden = (state != 0) & (~inside | (seen > near + 1))
    return np.where(hidden, state | OCCLUDED, state).astype(np.uint8)


REACH = 12  # rows


def fill(colours: Ints, right_shift: Shifts, state: Levels, shift: Shifts) -> Shifts:
    if not (state == 0).any():
        return shift
    filled = shift.astype(np.int64)
    for y, x in zip(*np.nonzero(state), strict=True):
        filled[y, x] = best_of(
            [candidate(colours, right_shift, shift, (y, x), *at) for at in near_kept(state, y, x)]
        )
    height = len(shift)
    for y, beside in [
        *((y, y - 1) for y in range(1, height)),
        *((y, y + 1) for y in range(height - 1)[::-1]),
    ]:
        filled[y] = np.where(filled[y] < 0, filled[beside], filled[y])
    return filled.astype(np.int16)


def near_kept(state: Levels, y: int, x: int) -> Iterator[tuple[Site, int]]:
    """The nearest kept pixels to the left, to the right, above and below, and what their place is charged."""
    kept = np.nonzero(state[y] == 0)[0]
    for there in (*kept[kept < x][-1:], *kept[kept > x][:1]):
        yield (y, int(there)), 0
    kept = np.nonzero(state[:, x] == 0)[0]
    for there in (*kept[kept < y][-1:], *kept[kept > y][:1]):
        if abs(there - y) <= REACH:
            yield (int(there), x), 100 + 2 * abs(int(there) - y)


def candidate(
    colours: Ints, right_shift: Shifts, shift: Shifts, site: Site, there: Site, charge: int
) -> tuple[int, int]:
    """A shift, and what speaks against it: its place, its colour, lying before what the right sees."""
    y, x = site
    value = int(shift[there])
    charge += 4 * min(int(np.abs(colours[:, y, x] - colours[:, there[0], there[1]]).sum()), 120)
    near = (value + UNIT // 2) // UNIT
    if near <= x and right_shift[y, x - near] < near - 1:
        charge += 150
    return value, charge


def best_of(found: list[tuple[int, int]]) -> int:
    """The one charged least, the first of equal ones; −1: none."""
    if not found:
        return -1
    farthest = min(value for value, _ in found)
    charges = [charge + 3 * min((value - farthest) // UNIT, 40) for value, charge in found]
    return found[charges.index(min(charges))][0]


ROWS, COLUMNS = np.arange(-4, 5, 2)[:, None], np.arange(-5, 6)
NEAR = np.round(64 * np.exp(-(ROWS**2 + COLUMNS**2) / 18)).astype(np.int64)


def align_edges(colours: Ints, shift: Shifts) -> Shifts:
    """Near steps of the shift: the median of the pixels around, each weighted by how alike and near it is."""
    shift = shift.astype(np.int64)
    edge = (np.abs(shift - moved(shift, 1, 0)) > UNIT) | (np.abs(shift - moved(shift, 0, 1)) > UNIT)
    y, x = np.nonzero(windows(edge, 2).any(axis=0))
    rows = np.clip(y[:, None, None] + ROWS, 0, shift.shape[0] - 1)
    columns = np.clip(x[:, None, None] + np.arange(-5, 11), 0, shift.shape[1] - 1)  # five more, see `search`
    away = np.abs(colours[:, rows, columns[..., :11]] - colours[:, y, x, None, None]).sum(axis=0)
    alike = np.maximum(96 - away, 0)
    weight = (((alike * alike >> 6) * alike >> 5) * NEAR) >> 6
    result = shift.copy()
    result[y, x] = search(shift[rows, columns], weight, shift[y, x])
    return result.astype(np.int16)


def search(around: Ints, weight: Ints, present: Ints) -> Ints:
    """The medians to within 12/64 px, then the mean of what is near; the present shift if that is near.

    The search starts from the range of what was loaded, which is five columns more than the window.
    """
    shift, whole_window = around[..., :11], (1, 2)

    def half_below(limit: Ints) -> NDArray[np.bool_]:
        below = np.where(shift <= limit[:, None, None], weight, 0)
        return 2 * below.sum(axis=whole_window) >= weight.sum(axis=whole_window)

    farther, nearer = half_below(present - UNIT), ~half_below(present + UNIT - 1)
    low = np.where(nearer, present + UNIT, around.min(axis=whole_window))
    high = np.where(farther, present - UNIT, around.max(axis=whole_window))
    while (wide := high - low > 12).any():
        middle = (low + high) // 2
        half = half_below(middle)
        low, high = np.where(wide & ~half, middle + 1, low), np.where(wide & half, middle, high)
    away = shift - high[:, None, None]
    agreeing = np.where(np.abs(away) <= 48, weight, 0)
    mean = (agreeing * away).sum(axis=whole_window) / np.maximum(agreeing.sum(axis=whole_window), 1)
    return np.where(farther | nearer, high + np.trunc(mean).astype(np.int64), present)


def windows(values: Ints, reach: int) -> Ints:
    """(window · window, H, W): what lies around each pixel."""
    steps = range(-reach, reach + 1)
    return np.stack([moved(values, x, y) for y in steps for x in steps])


def median(shift: Shifts) -> Shifts:
    return np.median(windows(shift, 2), axis=0).astype(np.int16)


def rate(shift: Shifts, margin: Levels, state: Levels) -> Levels:
    kept = np.where(state == 0, margin, 0).astype(np.int64)
    columns = np.stack([moved(kept, 0, y) for y in range(-4, 5)]).sum(axis=0) >> 2
    sums = np.stack([moved(columns, x, 0) for x in range(-4, 5)]).sum(axis=0)
    around = windows(shift.astype(np.int64), 2)
    spread = (around.max(axis=0) - around.min(axis=0)).astype(np.float32) * np.float32(1 / UNIT)
    mean = sums.astype(np.float32) * (np.float32(4) / np.float32(81))
    return (mean / (1 + np.float32(0.5) * spread)).astype(np.uint8)


def coarse_prior(
    colours: Ints, shift: Shifts, state: Levels, height: int, width: int, factor: int
) -> tuple[Shifts, Levels]:
    """Shifts in whole fine pixels between the centres of coarse ones; charges where those are flat."""
    coarse = shift.astype(np.int64)
    spread = windows(coarse, 2).reshape(5, 5, *coarse.shape)[::2, ::2]
    texture = np.abs(windows(colours, 2) - colours).max(axis=(0, 1))
    level = spread.max(axis=(0, 1)) - spread.min(axis=(0, 1)) <= (48 if factor == 4 else 32)
    charge = np.where((state == 0) & level & (texture <= 24), 12, 0)
    rows, columns = (
        np.minimum(np.arange(n) // factor, m - 1) for n, m in zip((height, width), coarse.shape, strict=True)
    )
    unit = 2 * factor
    (above, below, down), (left, right, across) = (
        between(n, m, factor) for n, m in zip((height, width), coarse.shape, strict=True)
    )
    lines = coarse[above] * (unit - down)[:, None] + coarse[below] * down[:, None]
    sums = (lines[:, left] * (unit - across) + lines[:, right] * across) * factor
    expected = (sums + UNIT * unit * unit // 2) // (UNIT * unit * unit)
    return expected.astype(np.int16), charge[rows[:, None], columns].astype(np.uint8)


def between(count: int, coarse: int, factor: int) -> tuple[Ints, Ints, Ints]:
    """Of each fine pixel: the coarse ones around its centre, and the weight of the second in 1/(2·factor)."""
    place = np.maximum(2 * np.arange(count) + 1 - factor, 0)
    first = place // (2 * factor)
    return np.minimum(first, coarse - 1), np.minimum(first + 1, coarse - 1), place % (2 * factor)
