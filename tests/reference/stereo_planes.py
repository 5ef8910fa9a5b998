"""Twin of native/estimate/stereo/plane_smoothing: weak shifts drawn to the plane of the surface around them.

All in float32 and in the kernel's order; but the exponential is that of NumPy, not of the C library.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reference.stereo import UNIT, Ints, moved

Floats = NDArray[np.float32]
SIDE = 4  # px of a cell
S, X, Y, XX, XY, YY, D, DX, DY, DD = range(10)  # moments: of weight 1, x, y, shift and of their products
f32 = np.float32


@dataclass(frozen=True)
class Cells:
    colour: Ints  # (3, H, W)
    mean: Floats  # px; −1: nothing was kept
    moments: Floats  # (10, H, W), x and y in cells from the centre
    from_left: Floats  # weight that passes
    from_above: Floats
    flatness: Floats


@dataclass(frozen=True)
class Planes:
    known: NDArray[np.bool_]
    across: Floats
    down: Floats
    shift: Floats
    variance: Floats


def smooth(
    colours: Ints, state: NDArray[np.uint8], margin: NDArray[np.uint8], shift: NDArray[np.int16], most: int
) -> NDArray[np.int16]:
    weak = f32(96) / np.maximum(margin, 4).astype(np.float32)
    cells = gather(colours, state == 0, margin, shift, np.minimum(1 / (weak * weak * weak), f32(8)))
    weight = np.ones(cells.mean.shape, np.float32)
    for _ in range(2):
        planes = fit(spread(cells, weight))
        error = cells.mean - planes.shift
        weight = np.where((cells.mean >= 0) & planes.known, 1 / (1 + error * error), weight)
    own = np.where(state == 0, f32(0.02) + f32(0.4) * weak * weak * weak, f32(2))
    return blend(cells, planes, colours, shift, own, (state == 0) & (margin >= 140), most)


def by_cell(values: Ints, fill: int) -> Ints:
    """(..., H, W) as (..., cells down, cells across, row, column)."""
    rows, columns = (-side % SIDE for side in values.shape[-2:])
    padded = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(0, rows), (0, columns)], constant_values=fill)
    shape = (*values.shape[:-2], padded.shape[-2] // SIDE, SIDE, padded.shape[-1] // SIDE, SIDE)
    return padded.reshape(shape).swapaxes(-3, -2)


def gather(
    colours: Ints,
    kept: NDArray[np.bool_],
    margin: NDArray[np.uint8],
    shift: NDArray[np.int16],
    weight: Floats,
) -> Cells:
    count = by_cell(np.ones(shift.shape, np.int64), 0).sum(axis=(-2, -1))
    colour = (by_cell(colours, 0).sum(axis=(-2, -1)) + count // 2) // count
    # Those count that lie near the surest of the cell, the first of equal ones.
    sure = by_cell(np.where(kept, margin.astype(np.int64), -1), -1)
    surest = sure.reshape(*count.shape, -1).argmax(axis=-1)[..., None]
    values = by_cell(shift.astype(np.int64), 0)
    reference = np.take_along_axis(values.reshape(*count.shape, -1), surest, axis=-1)[..., None]
    near = (sure >= 0) & (np.abs(values - reference) <= 2 * UNIT)
    moments = moments_of(
        np.where(near, by_cell(weight, 0), f32(0)), values.astype(np.float32) * f32(1 / UNIT)
    )
    known = moments[S] > 0
    mean = np.where(known, moments[D] / np.where(known, moments[S], f32(1)), f32(-1))
    share = moments[S] / f32(SIDE * SIDE)
    ways = [(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    most = np.max([np.abs(colour - moved(colour, x, y)).sum(axis=0) for x, y in ways], axis=0)
    flatness = np.clip((80 - most).astype(np.float32) / f32(40), f32(0), f32(1))
    left, above = (passage(colour, mean, share, x, y) for x, y in ((-1, 0), (0, -1)))
    left[:, 0], above[0] = 0, 0
    return Cells(colour, mean, moments, left, above, flatness)


def moments_of(weight: Floats, value: Floats) -> Floats:
    """(10, H, W) from (H, W, row, column): summed down each column, then across."""
    place = (np.arange(SIDE, dtype=np.float32) - f32(1.5)) * f32(0.25)
    down, across = place[:, None], place
    weighted = weight * value
    columns = [weight, weight * down, weight * (down * down), weighted, weighted * down, weighted * value]
    s, y, yy, d, dy, dd = (in_order(column, -2) for column in columns)
    fields = [s, s * across, y, s * (across * across), y * across, yy, d, d * across, dy, dd]
    return np.stack([in_order(field, -1) for field in fields])


def in_order(values: Floats, axis: int) -> Floats:
    total = np.zeros_like(values.take(0, axis))
    for i in range(values.shape[axis]):
        total = total + values.take(i, axis)
    return total


def passage(colour: Ints, mean: Floats, share: Floats, x: int, y: int) -> Floats:
    """The weight left after the step from a neighbour: less over edges of colour or of shift."""
    levels = np.maximum(np.abs(colour - moved(colour, x, y)).sum(axis=0) - 4, 0).astype(np.float32)
    passed = exp(-f32(1 / 12) - levels * f32(1 / 10))
    other, less = moved(mean, x, y), np.minimum(share, moved(share, x, y))
    step = np.abs(mean - other) - 1
    stepped = (mean >= 0) & (other >= 0) & (step > 0)
    return np.where(stepped, passed * exp(-np.maximum(step, f32(0)) * less), passed)


def exp(values: Floats) -> Floats:
    return np.exp(values.astype(np.float64)).astype(np.float32)


def spread(cells: Cells, weight: Floats) -> Floats:
    """Moments summed over what lies to the left and right, then above and below."""
    along = run(cells.moments * weight, cells.from_left, X)
    return run(along.swapaxes(1, 2), cells.from_above.T, Y).swapaxes(1, 2)


def run(moments: Floats, passed: Floats, axis: int) -> Floats:
    """Along rows, forth and back; `passed` is the weight that passes from the place before."""
    result = np.empty_like(moments)
    width = moments.shape[2]
    total = np.zeros_like(moments[:, :, 0])
    for x in range(width):
        total = seen_from(total, axis, 1) * passed[:, x] + moments[:, :, x]
        result[:, :, x] = total
    total = np.zeros_like(total)
    for x in range(width)[::-1]:
        if x + 1 < width:
            total = seen_from(total, axis, -1) * passed[:, x + 1]
        result[:, :, x] += total
        total = total + moments[:, :, x]
    return result


def seen_from(moments: Floats, axis: int, step: int) -> Floats:
    """Moments with the origin moved to the next place along an axis."""
    square, product = (XX, DX) if axis == X else (YY, DY)
    other = Y if axis == X else X
    result = moments.copy()
    result[square] += -2 * step * moments[axis] + moments[S]
    result[XY] -= step * moments[other]
    result[product] -= step * moments[D]
    result[axis] -= step * moments[S]
    return result


def fit(m: Floats) -> Planes:
    known = m[S] >= f32(1e-3)
    scale = 1 / np.where(known, m[S], f32(1))
    x, y, d = m[X] * scale, m[Y] * scale, m[D] * scale
    xx, yy, xy = m[XX] * scale - x * x + 2, m[YY] * scale - y * y + 2, m[XY] * scale - x * y
    xd, yd, dd = m[DX] * scale - x * d, m[DY] * scale - y * d, m[DD] * scale - d * d
    determinant = xx * yy - xy * xy
    across, down = (xd * yy - yd * xy) / determinant, (yd * xx - xd * xy) / determinant
    shift = d - across * x - down * y
    variance = np.maximum(dd - across * xd - down * yd, f32(0))
    return Planes(known & (shift >= 0), across, down, shift, variance)


def blend(
    cells: Cells,
    planes: Planes,
    colours: Ints,
    shift: NDArray[np.int16],
    own: Floats,
    strong: NDArray[np.bool_],
    most: int,
) -> NDArray[np.int16]:
    """Weak pixels between their own shift and that of the planes of four cells, each by its variance."""
    (top, down), (left, across) = (before(count) for count in shift.shape)
    total, expected, variance, flatness = (np.zeros(shift.shape, np.float32) for _ in range(4))
    height, width = cells.mean.shape
    for j in (0, 1):
        for i in (0, 1):
            rows, columns = top[:, None] + j, left + i
            inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
            at = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
            dx, dy = across - i, down[:, None] - j
            away = np.abs(colours - cells.colour[:, at[0], at[1]]).sum(axis=0)
            alike = np.maximum(30 - away, 0).astype(np.float32)
            share = (1 - np.abs(dy)) * (1 - np.abs(dx)) * alike
            share = np.where(inside & planes.known[at], share, f32(0))
            total += share
            expected += share * (planes.shift[at] + planes.across[at] * dx + planes.down[at] * dy)
            variance += share * planes.variance[at]
            flatness += share * cells.flatness[at]
    heard = total > 0
    scale = 1 / np.where(heard, total, f32(1))
    present = shift.astype(np.float32) * f32(1 / UNIT)
    move = expected * scale - present
    of_plane = f32(0.1) + f32(1.5) * variance * scale
    part = own / (own + of_plane) * flatness * scale
    result = np.clip(UNIT * (present + move * part) + f32(0.5), f32(0), f32(most)).astype(np.int16)
    return np.where(strong | ~heard | (np.abs(move) > 6), shift, result)


def before(count: int) -> tuple[Ints, Floats]:
    """Of each pixel along an axis: the cell whose centre lies before it, and how many cells on it is."""
    pixel = np.arange(count)
    cell = (pixel + SIDE // 2) // SIDE - 1
    return cell, ((pixel + f32(0.5)) / f32(SIDE) - f32(0.5) - cell).astype(np.float32)
