"""Twin of native/estimate/pattern: the decoder's three steps, on whole pictures and without haste."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Shorts = NDArray[np.int16]
Floats = NDArray[np.float32]

USUAL, WIDE = 13, 25
TILE = (32, 64)
ENDS = 2
FAR = 40  # zeros around a picture, more than any window asks for


def normalise(image: NDArray[np.uint16]) -> Shorts:
    values = image.astype(np.float64)
    counts = box(np.ones_like(values), 11)
    sums, squares = box(values, 11), box(values * values, 11)
    spread = np.sqrt(counts * squares - sums * sums)
    level = 512.0 * (counts * values - sums) / (spread + 0.5 * counts)
    return np.rint(np.clip(level, -1024, 1024)).astype(np.int16)


def box(values: NDArray, window: int) -> NDArray:
    """Sums over square windows; nothing lies beyond the edges."""
    reach = window // 2
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (reach + 1, reach)
        running = np.cumsum(np.pad(values, pad), axis=axis)
        size = values.shape[axis]
        values = running.take(range(window, window + size), axis) - running.take(range(size), axis)
    return values


def laid(reference: NDArray, width: int, offset: int, shift: int, outside: int) -> NDArray:
    """What lies under each of `width` picture columns at a whole shift."""
    columns = np.arange(width) + offset - shift
    there = (columns >= 0) & (columns < reference.shape[1])
    return np.where(there, reference[:, np.clip(columns, 0, reference.shape[1] - 1)], outside)


def search(image: Shorts, reference: Shorts, offset: int, least: int, most: int) -> NDArray[np.uint16]:
    height, width = image.shape
    groups = -(-height // 4)
    shown, known = (np.minimum((part.astype(np.int64) + 1024) >> 3, 255) for part in (image, reference))
    costs = []
    for shift in range(least, most + 1):
        apart = np.abs(shown - laid(known, width, offset, shift, 128))
        apart = np.pad(apart, ((0, groups * 4 - height), (0, 0))).reshape(groups, 4, width).sum(axis=1)
        blocks = apart[:-1] + apart[1:] if groups > 1 else apart
        padded = np.pad(blocks, ((0, 0), (4, 4)))
        costs.append(sum(padded[:, k : k + width] for k in range(9)))
    return np.argmin(np.stack(costs), axis=0).astype(np.uint16)


def refine(
    image: Shorts, reference: Shorts, found: NDArray[np.uint16], offset: int, least: int, most: int
) -> tuple[Floats, Floats]:
    least, most = least - ENDS, most + ENDS
    shifts = np.full(image.shape, np.nan, np.float32)
    peaks = np.zeros(image.shape, np.float32)
    for top, left in tiles(image.shape):
        part = np.s_[top : top + TILE[0], left : left + TILE[1]]
        steps = spoken_for(found, image.shape, top, left, most - least + 1)
        shift, peak, step = climb(image, reference, offset, least, most, steps, USUAL, part)
        at_end = np.isnan(shift) & (peak >= np.float32(0.4))
        if at_end.any():
            steps |= {near for at in step[at_end] for near in around(at, most - least)}
            shift, peak, step = climb(image, reference, offset, least, most, steps, USUAL, part)
        shift, peak = only_in_reach(shift, peak, reference, offset, left)
        with np.errstate(invalid="ignore"):
            weak = ~np.isnan(shift) & (peak < np.float32(0.85))
        if weak.any():
            steps = {near for at in step[weak] for near in around(at, most - least)}
            wide, wide_peak, _ = climb(image, reference, offset, least, most, steps, WIDE, part)
            reached, _ = only_in_reach(wide, wide_peak, reference, offset, left)
            with np.errstate(invalid="ignore"):
                better = weak & (np.abs(reached - shift) <= 1) & (wide_peak >= np.float32(0.9) * peak)
            doubtful = weak & ~better & (peak < np.float32(0.6))
            shift = np.where(better, wide, shift)
            peak = np.where(better, wide_peak, peak)
            peak = np.where(doubtful, np.clip(wide_peak, 0, peak), peak)
        shifts[part], peaks[part] = shift, peak
    return shifts, peaks


def around(step: int, span: int) -> range:
    return range(max(step - 2, 0), min(step + 2, 2 * span) + 1)


def tiles(shape: tuple[int, int]) -> Iterator[tuple[int, int]]:
    for top in range(0, shape[0], TILE[0]):
        for left in range(0, shape[1], TILE[1]):
            yield top, left


def spoken_for(
    found: NDArray[np.uint16], shape: tuple[int, int], top: int, left: int, shifts: int
) -> set[int]:
    """The half-pixel steps that the blocks near a tile vote for."""
    height, width = min(TILE[0], shape[0] - top), min(TILE[1], shape[1] - left)
    middles = 4 * (np.arange(len(found)) + 1)
    rows = (middles + 8 >= top) & (middles <= top + height + 8)
    near = found[rows, max(left - 8, 0) : min(left + width + 8, shape[1])]
    votes = np.bincount(near.ravel().astype(np.int64) + ENDS, minlength=shifts)
    support = {s: int(votes[s - 1 : s + 2].sum()) for s in range(1, shifts - 1)}
    strong = [
        s for s, count in support.items() if count > 0 and votes[s] * 4 >= count and count * 40 >= near.size
    ]
    strong = sorted(strong, key=lambda s: (-support[s], s))[:24]
    return {step for s in strong for step in around(2 * s, shifts - 1)}


def halves(reference: NDArray[np.int64]) -> NDArray[np.int64]:
    """The reference half a pixel to the left, as far out as its taps allow."""
    padded = np.pad(reference, ((0, 0), (4, 3)))
    width = reference.shape[1]

    def at(k: int) -> NDArray[np.int64]:
        return padded[:, 4 + k : 4 + k + width]

    taps = {0: 625, 1: -150, 2: 40, 3: -3}
    total = sum(tap * (at(-1 - k) + at(k)) for k, tap in taps.items())
    return (total + 512) >> 10


def climb(
    image: Shorts,
    reference: Shorts,
    offset: int,
    least: int,
    most: int,
    steps: set[int],
    window: int,
    part: tuple[slice, slice],
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The shift at the best step, the score there, the step; NaN where a neighbour of it was not tried."""
    width = image.shape[1]
    area = np.float32(window * window)
    shown = image.astype(np.int64)
    counts = box(np.ones_like(shown), window).astype(np.float32)
    means, scales = weigh(shown, counts, area, area, window)
    # The reference as far as any step and any window sees it, and what lies beyond its edges.
    long = laid(reference.astype(np.int64), width + most - least + 2 * FAR, offset - FAR, most, 0)
    planes = [long, halves(long)]
    known = [weigh(plane, np.full(plane.shape, area), np.float32(1), area, window) for plane in planes]
    scores = {}
    for step in sorted(steps):
        from_column = FAR + most - least - step // 2
        under = np.s_[:, from_column : from_column + width]
        across = np.s_[:, from_column - FAR : from_column + width + FAR]
        product = np.pad(shown, ((0, 0), (FAR, FAR))) * planes[step % 2][across]
        sums = box(product, window)[:, FAR:-FAR].astype(np.float32)
        reference_sums, reference_scales = (values[under] for values in known[step % 2])
        score = (sums - means * reference_sums) * scales * reference_scales
        scores[step] = score[part]
    shape = image[part].shape
    best = np.full(shape, -2, np.float32)
    shift = np.full(shape, np.nan, np.float32)
    absent = np.full(shape, -2, np.float32)
    at = np.full(shape, -2, np.int64)
    for step in sorted(steps):
        score = scores[step]
        left, right = scores.get(step - 1, absent), scores.get(step + 1, absent)
        whole = (left > absent) & (right > absent) & (score > 0)
        bend = left + right - np.float32(2) * score
        with np.errstate(divide="ignore", invalid="ignore"):
            aside = np.where(bend < 0, (left - right) / (np.float32(2) * bend), np.float32(0))
        place = np.float32(step) + aside
        value = np.float32(least) + np.float32(0.5) * place
        better = score > best
        shift = np.where(better, np.where(whole, value, np.float32("nan")), shift)
        at = np.where(better, step, at)
        best = np.where(better, score, best)
    return shift.astype(np.float32), np.minimum(best, np.float32(1)), at


def weigh(
    plane: NDArray[np.int64], counts: Floats, divisor: np.float32, area: np.float32, window: int
) -> tuple[Floats, Floats]:
    sums, squares = (box(part, window).astype(np.float32) for part in (plane, plane * plane))
    power = (squares - sums * sums / counts) * (counts / area)
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = np.where(power > 1, np.float32(1) / np.sqrt(power), np.float32(0))
    return sums / divisor, scales.astype(np.float32)


def only_in_reach(
    shift: Floats, peak: Floats, reference: Shorts, offset: int, left: int
) -> tuple[Floats, Floats]:
    column = (left + np.arange(shift.shape[1]) + offset).astype(np.float32) - shift
    with np.errstate(invalid="ignore"):
        known = (column >= -0.5) & (column <= np.float32(reference.shape[1]) - np.float32(0.5))
    return np.where(known, shift, np.float32("nan")), np.where(known, peak, np.float32(0))
