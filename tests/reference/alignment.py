"""Twin of native/effects/align*: both sides of an edge from 3×3 cells, and a vote on each pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LANES, PASSES, SAMPLES = 16, 3, 8
PULL, FLATNESS, ALIKE = np.float32(2), np.float32(0.5), np.float32(3)
TINT_NOISE, RIDGE, PURITY, REACH, MIXED, LEAST_ERROR = 0.003, 0.05, 0.02, 1.5, 0.1, 0.002
Floats = NDArray[np.float32]
F = np.float32


@dataclass
class Sides:
    low: Any
    steepness: Any
    at: tuple[int, int]
    tint: Any = None
    offset: Any = None
    near: Any = None
    far: Any = None
    trust: Any = None


@dataclass
class Axis:
    begin: list[int]
    place: Floats
    index: NDArray[np.intp]
    share: Floats

    def start(self, cell: int) -> int:
        return self.begin[min(max(cell, 0), len(self.begin) - 1)]


def axis(pixels: int, cells: int) -> Axis:
    middle = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    held = np.clip(middle, 0.0, float(cells - 1))
    first = np.minimum(held.astype(np.intp), max(cells - 2, 0))
    begin = [i * pixels // cells for i in range(cells + 1)]
    return Axis(begin, middle.astype(F), first, (held - first).astype(F))


def tints(image: NDArray[Any]) -> Floats:
    if image.dtype == np.uint8:
        return image.astype(F) * (F(1) / F(255))
    if image.dtype == np.uint16:
        return image.astype(F) * (F(1) / F(65535))
    return np.sqrt(np.where(image > 0, np.minimum(image, F(1)), F(0)))


def interpolated(low: Floats, rows: Axis, columns: Axis) -> Floats:
    below = np.minimum(rows.index + 1, low.shape[0] - 1)
    upper, lower = low[rows.index], low[below]
    tall = upper + (lower - upper) * rows.share[:, None]
    right = np.minimum(columns.index + 1, low.shape[1] - 1)
    return tall[:, columns.index] + (tall[:, right] - tall[:, columns.index]) * columns.share


def on_edge(held: Floats, continued: Floats, threshold: Any) -> bool:
    if not held.max() - held.min() >= threshold:
        return False
    flat = continued.ravel()
    mean, across, down, off = F(0), F(0), F(0), F(0)
    for i, cell in enumerate(flat):
        mean += cell / F(9)
        across += F(i % 3 - 1) * cell / F(6)
        down += F(i // 3 - 1) * cell / F(6)
    for i, cell in enumerate(flat):
        off = max(off, abs(cell - (mean + F(i % 3 - 1) * across + F(i // 3 - 1) * down)))
    return bool(off >= FLATNESS * threshold)


def total(values: Floats) -> float:
    """The sum in 16 lanes, which are added up in order."""
    padded = np.zeros((-(-len(values) // LANES), LANES), F)
    padded.ravel()[: len(values)] = values
    lanes = np.zeros(LANES, F)
    for row in padded:
        lanes = lanes + row
    return float(sum(float(lane) for lane in lanes))


def is_near(colour: Floats, base: Floats, sides: Sides) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore", over="ignore"):
        t = (base - sides.low) * sides.steepness
    t = np.where(t > 0, t, F(0))
    t = np.where(t < 1, t, F(1))
    tint = colour[:, 0] * sides.tint[0] + colour[:, 1] * sides.tint[1] + colour[:, 2] * sides.tint[2]
    return tint + sides.offset + PULL * (t - F(0.5)) > 0


def solve(m: list[float], d: list[float]) -> list[float]:
    a, b, c = m[3] * m[5] - m[4] * m[4], m[2] * m[4] - m[1] * m[5], m[1] * m[4] - m[2] * m[3]
    e, f, g = m[0] * m[5] - m[2] * m[2], m[1] * m[2] - m[0] * m[4], m[0] * m[3] - m[1] * m[1]
    over = 1.0 / (m[0] * a + m[1] * b + m[2] * c)
    return [
        (a * d[0] + b * d[1] + c * d[2]) * over,
        (b * d[0] + e * d[1] + f * d[2]) * over,
        (c * d[0] + f * d[1] + g * d[2]) * over,
    ]


def products(v: list[float]) -> list[float]:
    return [v[0] * v[0], v[0] * v[1], v[0] * v[2], v[1] * v[1], v[1] * v[2], v[2] * v[2]]


def discriminate(near: list[float], far: list[float], variance: list[float], sides: Sides) -> None:
    noisy = [v + TINT_NOISE if i in (0, 3, 5) else v for i, v in enumerate(variance)]
    tint = solve(noisy, [n - f for n, f in zip(near, far, strict=True)])
    offset = 0.0
    for c in range(3):
        offset -= tint[c] * (near[c] + far[c]) * 0.5
    sides.tint, sides.offset = [F(t) for t in tint], F(offset)


def weigh(colour: Floats, weights: Floats) -> list[float]:
    return [total(weights), *(total(weights * colour[:, c]) for c in range(3))]


def mean(sums: list[float]) -> list[float]:
    return [sums[c] / sums[0] for c in (1, 2, 3)]


def part(colour: Floats, base: Floats, sides: Sides, spread: list[float]) -> bool:
    near = weigh(colour, is_near(colour, base, sides).astype(F))
    pixels = float(len(base))
    far = [pixels - near[0], *(spread[c] - near[c + 1] for c in range(3))]
    if near[0] < 1.0 or far[0] < 1.0:
        return False
    near_mean, far_mean = mean(near), mean(far)
    of_near, of_far = products(near_mean), products(far_mean)
    within = [(spread[3 + i] - near[0] * of_near[i] - far[0] * of_far[i]) / pixels for i in range(6)]
    discriminate(near_mean, far_mean, within, sides)
    return True


def clamp(value: float, low: float, high: float) -> float:
    return low if value < low else min(high, value)


def unmix(
    near_pixels: list[float], pixels: list[float], cells: list[float], floor: float, sides: Sides, ends: Any
) -> None:
    low, high = ends
    span = high - low
    nn, ff, nf, near, far = RIDGE, RIDGE, 0.0, RIDGE * high, RIDGE * low
    away = known = 0.0
    for i in range(9):
        if not pixels[i] > 0:
            continue
        share, value = near_pixels[i] / pixels[i], cells[i]
        weight = (1.0 if i == 4 else 0.5) * (PURITY + 0.25) / (PURITY + share * (1.0 - share))
        nn += weight * share * share
        ff += weight * (1.0 - share) * (1.0 - share)
        nf += weight * share * (1.0 - share)
        near += weight * share * value
        far += weight * (1.0 - share) * value
        away += min(value - low, high - value) / span
        known += 1.0
    slack, over = REACH * span * min(away / known / MIXED, 1.0), 1.0 / (nn * ff - nf * nf)
    near_side = clamp((near * ff - far * nf) * over, low, high + slack)
    far_side = clamp((nn * far - nf * near) * over, min(max(floor, low - slack), low), high)
    error = 0.0
    for i in range(9):
        if pixels[i] > 0:
            share = near_pixels[i] / pixels[i]
            off = (share * near_side + (1.0 - share) * far_side - cells[i]) / span
            error += off * off
    sides.near, sides.far, sides.trust = F(near_side), F(far_side), F(1.0 / (LEAST_ERROR + error / known))


def fit(
    colour: Floats, base: Floats, cell: NDArray[Any], cells: Floats, floor: Any, at: tuple[int, int]
) -> Sides:
    low, high = np.nanmin(cells), np.nanmax(cells)
    with np.errstate(over="ignore"):
        sides = Sides(low=low, steepness=F(1) / (high - low), at=at)
    red, green, blue = colour.T
    spread = [
        total(v)
        for v in (
            red,
            green,
            blue,
            red * red,
            red * green,
            red * blue,
            green * green,
            green * blue,
            blue * blue,
        )
    ]
    with np.errstate(invalid="ignore", over="ignore"):
        t = np.clip((base - low) * sides.steepness, F(0), F(1)) - F(0.5)
    near = weigh(colour, np.where(t > 0, t * t, F(0)) + F(1e-4))
    far = weigh(colour, np.where(t < 0, t * t, F(0)) + F(1e-4))
    pixels = float(len(base))
    of_all = products([s / pixels for s in spread[:3]])
    discriminate(mean(near), mean(far), [spread[3 + i] / pixels - of_all[i] for i in range(6)], sides)
    for _ in range(1, PASSES):
        if not part(colour, base, sides, spread):
            break
    labels = is_near(colour, base, sides)
    near_pixels = [float(labels[cell == i].sum()) for i in range(9)]
    counts = [float((cell == i).sum()) for i in range(9)]
    values = [float(v) for v in cells.ravel()]
    unmix(near_pixels, counts, values, float(floor), sides, (float(low), float(high)))
    return sides


def vote(
    colour: Floats, base: Floats, down: Floats, across: Floats, models: list[Sides], alike: Any
) -> Floats:
    said, weight = [], []
    half = np.zeros(len(base), F)
    for sides in models:
        y, x = down - F(sides.at[0]), across - F(sides.at[1])
        falloff = F(1) / (F(1) + F(0.25) * (y * y + x * x))
        said.append(np.where(is_near(colour, base, sides), sides.near, sides.far))
        weight.append(falloff * falloff * sides.trust)
        half = half + F(0.5) * weight[-1]
    median = np.full(len(base), np.inf, F)
    for candidate in said:
        below = np.zeros(len(base), F)
        for value, counts in zip(said, weight, strict=True):
            below = below + np.where(value <= candidate, counts, F(0))
        median = np.minimum(median, np.where(below >= half, candidate, F(np.inf)))
    sums, share = np.zeros(len(base), F), np.zeros(len(base), F)
    for value, counts in zip(said, weight, strict=True):
        away = value - median
        counted = np.where(np.abs(away) <= alike, counts, F(0))
        sums, share = sums + counted * away, share + counted
    return median + sums / share


def align(image: NDArray[Any], low: Floats, threshold: float) -> Floats:
    (height, width), least = low.shape, F(threshold)
    rows, columns = axis(image.shape[0], height), axis(image.shape[1], width)
    colour, base = tints(image), interpolated(low, rows, columns)
    held, continued = np.pad(low, 1, mode="edge"), np.pad(low, 1, mode="reflect", reflect_type="odd")
    inside = np.pad(low, 1, constant_values=np.nan)
    steps = (max(1, image.shape[0] // height // SAMPLES), max(1, image.shape[1] // width // SAMPLES))
    models = {}
    for y, x in np.ndindex(height, width):
        if on_edge(held[y : y + 3, x : x + 3], continued[y : y + 3, x : x + 3], least):
            ys = np.arange(rows.start(y - 1), rows.start(y + 2), steps[0])
            xs = np.arange(columns.start(x - 1), columns.start(x + 2), steps[1])
            row = (ys >= rows.start(y)).astype(int) + (ys >= rows.start(y + 1))
            column = (xs >= columns.start(x)).astype(int) + (xs >= columns.start(x + 1))
            grid = np.ix_(ys, xs)
            cell = (3 * row[:, None] + column).ravel()
            models[y, x] = fit(
                colour[grid].reshape(-1, 3),
                base[grid].ravel(),
                cell,
                inside[y : y + 3, x : x + 3],
                low.min(),
                (y, x),
            )
    out = base.copy()
    for y, x in models:
        heard = [models[j, i] for j in (y - 1, y, y + 1) for i in (x - 1, x, x + 1) if (j, i) in models]
        own = np.s_[rows.start(y) : rows.start(y + 1), columns.start(x) : columns.start(x + 1)]
        down, across = np.meshgrid(rows.place[own[0]], columns.place[own[1]], indexing="ij")
        found = vote(
            colour[own].reshape(-1, 3), base[own].ravel(), down.ravel(), across.ravel(), heard, ALIKE * least
        )
        out[own] = found.reshape(down.shape)
    assert not math.isnan(float(out.sum()))
    return out
