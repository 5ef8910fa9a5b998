"""Twin of native/estimate/completion: colours around samples, surfaces, and samples picked for each pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 4
COLOUR, VOTE, FIT = 1.0 / (2 * 25 * 25), 1.0 / (2 * 0.6 * 0.6), 1.0 / (2 * 0.4 * 0.4)
RIDGE = 0.02
Line = tuple[float, float]


def falloff(x: float) -> float:
    once = 1.0 / (1.0 + 0.25 * x)
    twice = once * once
    return twice * twice


def tent(place: float, radius: float, count: int) -> list[tuple[int, float]]:
    begin = min(max(math.ceil(place - radius - 0.5), 0), count - 1)
    end = min(max(math.floor(place + radius - 0.5), 0), count - 1)
    weights = [max(radius - abs(at + 0.5 - place), 0.0) for at in range(begin, end + 1)]
    total = 0.0
    for weight in weights:
        total += weight
    if not total > 0:
        return [(begin, 1.0)]
    return [(begin + i, weight / total) for i, weight in enumerate(weights)]


def sample_guide(
    guide: NDArray[np.uint8], height: int, width: int, down: Line, across: Line, radius: float
) -> NDArray[np.float32]:
    colours = np.zeros((height, width, 3))
    for y in range(height):
        rows = tent(down[0] + y * down[1], max(radius * down[1], 1.0), guide.shape[0])
        for x in range(width):
            columns = tent(across[0] + x * across[1], max(radius * across[1], 1.0), guide.shape[1])
            for row, weight in rows:
                for column, share in columns:
                    colours[y, x] += (weight * share) * guide[row, column].astype(np.float64)
    return colours.astype(np.float32)


def joined(before: float, here: float, after: float, beyond: float, threshold: float) -> bool:
    if here == after:
        return True
    step = after - here
    if not math.isfinite(step):
        return False
    return (
        abs(step) <= threshold
        or abs(step - (here - before)) <= threshold
        or abs(step - (beyond - after)) <= threshold
    )


def links(linear: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """(H, W): whether each sample is on one surface with its right neighbour."""
    height, width = linear.shape
    padded = np.pad(linear, ((0, 0), (1, 2)), constant_values=np.nan)
    return np.array(
        [[joined(*map(float, padded[y, x : x + 4]), threshold) for x in range(width)] for y in range(height)]
    ).reshape(height, width)


class Between:
    """Where a pixel lies between the samples of an axis."""

    def __init__(self, count: int, line: Line, pixel: int) -> None:
        self.place = (pixel + 0.5 - line[0]) / line[1]
        if abs(self.place - round(self.place)) < 1e-9:
            self.place = float(round(self.place))
        below, above = math.floor(self.place), math.ceil(self.place)
        self.share = self.place - below

        def index(place: int) -> int:
            return min(max(place, 0), count - 1)

        self.low, self.high = index(below), index(above)
        self.window = range(index(below - 1), index(above + 1) + 1)


def upsample(
    guide: NDArray[np.uint8],
    values: NDArray[np.float32],
    confidence: NDArray[np.float32] | None,
    colours: NDArray[np.float32],
    down: Line,
    across: Line,
    depth: bool,
    threshold: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    linear = values.astype(np.float64)
    if depth:
        with np.errstate(divide="ignore"):
            linear = 1.0 / linear
    trust = None if confidence is None else confidence.astype(np.float64)
    right, below = links(linear, threshold), links(linear.T, threshold).T
    height, width = guide.shape[:2]
    found = np.full((height, width), np.nan)
    carried = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            v, u = Between(values.shape[0], down, y), Between(values.shape[1], across, x)
            near = [linear[j, i] for j in (v.low, v.high) for i in (u.low, u.high)]
            if np.isnan(near).all():
                continue
            groups, whole = surfaces(right, below, linear, v, u)
            if whole:
                found[y, x] = mix(linear, v, u)
                carried[y, x] = 0.0 if trust is None else mix(trust, v, u)
            else:
                chosen = vote(groups, linear, colours, guide[y, x], v, u)
                found[y, x], carried[y, x] = fit(chosen, linear, trust, v, u)
    if depth:
        with np.errstate(divide="ignore"):
            found = 1.0 / found
    return found.astype(np.float32), None if trust is None else carried.astype(np.float32)


def surfaces(right: Any, below: Any, linear: Any, v: Between, u: Between) -> tuple[list[set[Any]], bool]:
    """The samples of a window by surface, in the order of their first samples; whether it is but one."""
    groups = [{(j, i)} for j in v.window for i in u.window]
    whole = not any(math.isnan(linear[j, i]) for j in v.window for i in u.window)
    for j in v.window:
        for i in u.window:
            for there, linked in (((j, i + 1), right[j, i]), ((j + 1, i), below[j, i])):
                if there[0] not in v.window or there[1] not in u.window:
                    continue
                if not linked:
                    whole = False
                    continue
                first = next(group for group in groups if (j, i) in group)
                second = next(group for group in groups if there in group)
                if first is not second:
                    first |= second
                    groups.remove(second)
    return sorted(groups, key=min), whole


def mix(array: NDArray[np.float64], v: Between, u: Between) -> float:
    def blend(low: float, high: float, share: float) -> float:
        return low if low == high else low * (1.0 - share) + high * share

    above = blend(float(array[v.low, u.low]), float(array[v.low, u.high]), u.share)
    lower = blend(float(array[v.high, u.low]), float(array[v.high, u.high]), u.share)
    return blend(above, lower, v.share)


def off(v: Between, u: Between, j: int, i: int) -> float:
    return (i - u.place) * (i - u.place) + (j - v.place) * (j - v.place)


def vote(groups: list[set[Any]], linear: Any, colours: Any, own: Any, v: Between, u: Between) -> set[Any]:
    best, winner = -1.0, groups[0]
    for group in groups:
        votes = 0.0
        for j, i in sorted(group):
            if math.isnan(linear[j, i]):
                continue
            red, green, blue = (float(a) - float(b) for a, b in zip(own, colours[j, i], strict=True))
            unlike = red * red + green * green + blue * blue
            votes += falloff(unlike * COLOUR + off(v, u, j, i) * VOTE)
        if votes > best:
            best, winner = votes, group
    return winner


def fit(group: set[Any], linear: Any, trust: Any, v: Between, u: Between) -> tuple[float, float]:
    sums = [0.0] * 9  # weight, x, y, value, xx, xy, yy, xv, yv
    carried = 0.0
    members = sorted(group)
    for j, i in members:
        x, y, value = i - u.place, j - v.place, float(linear[j, i])
        weight = falloff(off(v, u, j, i) * FIT)
        parts = (1.0, x, y, value)
        for k, part in enumerate(parts):
            sums[k] += weight * part
        for k, (one, two) in enumerate(((x, x), (x, y), (y, y), (x, value), (y, value))):
            sums[4 + k] += weight * one * two
        if trust is not None:
            carried += weight * float(trust[j, i])
    values = [float(linear[at]) for at in members]
    return plane(sums, min(values), max(values), RIDGE), carried / sums[0]


def plane(sums: list[float], least: float, most: float, ridge: float) -> float:
    if not most - least > 0:
        return most
    weight = sums[0]
    x, y, value = (part / weight for part in sums[1:4])
    xx, yy = sums[4] / weight - x * x + ridge, sums[6] / weight - y * y + ridge
    xy, xv, yv = sums[5] / weight - x * y, sums[7] / weight - x * value, sums[8] / weight - y * value
    area = xx * yy - xy * xy
    across, along = (xv * yy - yv * xy) / area, (yv * xx - xv * xy) / area
    slack = 0.5 * (most - least)
    low = max(least - slack, 0.5 * least) if least >= 0 else least - slack
    return min(max(value - across * x - along * y, low), most + slack)
