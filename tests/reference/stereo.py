"""Twin of native/estimate/stereo: pictures, costs, paths and winners, in integers that saturate at 255."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Picture = tuple[Ints, Ints]  # (H, W) luminance in 16 bits, (3, H, W) colours in 8
UNIT = 64  # shifts are in 1/64 px
SMALL, LARGE, LEAST, BLUR_LIMIT = 11, 75, 9, 24
AROUND = [(x, y) for y in range(-2, 3) for x in range(-2, 3) if (x, y) != (0, 0)]
AROUND += [(-3, 0), (3, 0), (0, -3), (0, 3), (-4, 0), (4, 0), (-3, -1), (3, 1)]


@dataclass(frozen=True)
class Prior:
    shift: NDArray[np.int16]  # px
    most: NDArray[np.uint8]  # ≤ 60 − free: farther than that the kernel does not look
    free: int
    slope: int


def picture(samples: NDArray[np.unsignedinteger], channels: int, halvings: int = 0) -> Picture:
    values = np.moveaxis(samples.reshape(samples.shape[0], -1, channels), 2, 0).astype(np.int64)
    if samples.dtype == np.uint8:
        grey = values[0] << 8 if channels == 1 else weigh(values)
        colours = values
    else:
        grey = values[0] if channels == 1 else weigh(values) >> 8
        colours = values >> 8
    colours = np.broadcast_to(colours, (3, *grey.shape))
    for _ in range(halvings):
        grey, colours = half(grey), half(colours)
    return grey, colours


def weigh(values: Ints) -> Ints:
    return 77 * values[0] + 150 * values[1] + 29 * values[2]


def half(values: Ints) -> Ints:
    even = values[..., : values.shape[-2] // 2 * 2, : values.shape[-1] // 2 * 2]
    return (
        even[..., ::2, ::2] + even[..., ::2, 1::2] + even[..., 1::2, ::2] + even[..., 1::2, 1::2] + 2
    ) >> 2


def moved(values: Ints, x: int, y: int) -> Ints:
    """values[..., row + y, column + x], repeating the outermost rows and columns."""
    rows = np.clip(np.arange(values.shape[-2]) + y, 0, values.shape[-2] - 1)
    columns = np.clip(np.arange(values.shape[-1]) + x, 0, values.shape[-1] - 1)
    return values[..., rows[:, None], columns]


def colour_steps(colours: Ints, x: int, y: int) -> Ints:
    """How far each pixel is from its neighbour: the largest difference of a channel."""
    return np.abs(colours - moved(colours, x, y)).max(axis=0)


def raw_costs(left: Ints, right: Ints, shifts: int) -> Ints:
    """(shifts, H, W)"""
    here, there = (np.stack([moved(grey, x, y) < grey for x, y in AROUND]) for grey in (left, right))
    costs = []
    for shift in range(shifts):
        hamming = (here != moved(there, -shift, 0)).sum(axis=0)
        away = np.abs((left >> 8) - (moved(right, -shift, 0) >> 8))
        costs.append(np.minimum(hamming, 20) + np.minimum(away, 30) // 2)
    return np.stack(costs)


def average(a: Ints, b: Ints) -> Ints:
    return (a + b + 1) >> 1


def blurred(costs: Ints, colours: Ints) -> Ints:
    """Weighted 1 2 1 down and then across, without neighbours of another colour."""
    for x, y in ((0, 1), (1, 0)):
        before, after = (
            np.where(colour_steps(colours, i, j) <= BLUR_LIMIT, moved(costs, i, j), costs)
            for i, j in ((-x, -y), (x, y))
        )
        costs = average(average(before, after), costs)
    return costs


def expected(costs: Ints, prior: Prior) -> Ints:
    away = np.abs(np.arange(len(costs))[:, None, None] - prior.shift.astype(np.int64))
    charge = np.maximum(away - prior.free, 0) * prior.slope
    return np.minimum(costs + np.minimum(charge, prior.most), 255)


def large_step(steps: Ints) -> Ints:
    return np.maximum(LARGE - 3 * steps, LEAST)


def step(before: Ints, costs: Ints, large: Ints) -> Ints:
    """One pixel further along each of n paths: (shifts, n), (shifts, n), (n,)."""
    least = before.min(axis=0)
    fence = np.full((1, before.shape[1]), 255)
    near = np.minimum(np.vstack([fence, before[:-1]]), np.vstack([before[1:], fence])) + SMALL
    best = np.minimum(np.minimum(before, near), least + large)
    return np.minimum(costs + best - least, 255)


def three_paths(costs: Ints, colours: Ints, rows: range, back: int) -> dict[int, Ints]:
    """By row: the sum of the paths from the row before (`back` away), straight and diagonal."""
    shifts, _, width = costs.shape
    states = [np.zeros((shifts, width), np.int64) for _ in range(3)]
    large = [large_step(colour_steps(colours, x, back)) for x in (0, -1, 1)]
    sums = {}
    for y in rows:
        nothing = np.zeros((shifts, 1), np.int64)
        before = [
            states[0],
            np.hstack([nothing, states[1][:, :-1]]),
            np.hstack([states[2][:, 1:], nothing]),
        ]
        states = [step(state, costs[:, y], charge[y]) for state, charge in zip(before, large, strict=True)]
        sums[y] = np.minimum(sum(states), 255)
    return sums


def row_paths(costs: Ints, colours: Ints) -> Ints:
    """The sum of the paths from left and right."""
    shifts, height, width = costs.shape
    ways = []
    for back in (-1, 1):
        large = large_step(colour_steps(colours, back, 0))
        reached = np.zeros_like(costs)
        state = np.zeros((shifts, height), np.int64)
        for x in range(width)[::-back]:
            state = step(state, costs[:, :, x], large[:, x])
            reached[:, :, x] = state
        ways.append(reached)
    return np.minimum(ways[0] + ways[1], 255)


def totals(costs: Ints, colours: Ints, both_ways: bool, strip: int, overlap: int) -> Ints:
    """(shifts, H, W): the sum of all paths. Those from other rows begin `overlap` rows before a strip."""
    along = row_paths(costs, colours)
    result = np.zeros_like(costs)
    height = costs.shape[1]
    for first in range(0, height, strip):
        end = min(first + strip, height)
        down = three_paths(costs, colours, range(max(first - overlap, 0), end), -1)
        rows = range(first, min(end + overlap, height))
        up = three_paths(costs, colours, rows[::-1], 1) if both_ways else None
        for y in range(first, end):
            result[:, y] = along[:, y] + down[y] + (0 if up is None else up[y])
    return result


def winners(total: Ints, largest: int) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """The shift of the least total, by a parabola through its neighbours; how far behind it the second is.

    The second is more than one shift away, and `largest` where there is none.
    """
    shifts, height, width = total.shape
    best = total.argmin(axis=0)
    rows, columns = np.indices((height, width))
    inner = (best > 0) & (best < shifts - 1)
    least = total[best, rows, columns].astype(np.float32)
    below, above = (total[best + inner * by, rows, columns].astype(np.float32) for by in (-1, 1))
    bend = 2 * (below + above - 2 * least)
    part = 64 * (below - above) / np.where(bend > 0, bend, np.float32(1))
    near = np.abs(np.arange(shifts)[:, None, None] - best) <= 1
    second = np.where(near, largest, total).min(axis=0).astype(np.float32)
    margin = np.minimum(256 * (second - least) / (second + 1), 255)
    return (UNIT * best + np.trunc(part).astype(np.int64)).astype(np.int16), margin.astype(np.uint8)


def right_view(total: Ints) -> NDArray[np.int16]:
    """For each right column the shift of its least total, the least of equal ones."""
    shifts, height, width = total.shape
    best, result = np.full((height, width), 1 << 15), np.zeros((height, width), np.int16)
    for shift in range(min(shifts, width)):
        seen = total[shift, :, shift:]
        better = seen < best[:, : width - shift]
        best[:, : width - shift][better] = seen[better]
        result[:, : width - shift][better] = shift
    return result


def aggregate(
    left: Picture,
    right: Picture,
    shifts: int,
    both_ways: bool,
    strip: tuple[int, int],
    prior: Prior | None,
) -> tuple[NDArray[np.int16], NDArray[np.uint8], NDArray[np.int16]]:
    grey, colours = left
    costs = blurred(raw_costs(grey, right[0], shifts), colours)
    if prior is not None:
        costs = expected(costs, prior)
    total = totals(costs, colours, both_ways, *strip)
    largest = 32767
    if not both_ways and shifts <= 256:  # in bytes
        total, largest = np.minimum(total, 255), 255
    return *winners(total, largest), right_view(total)
