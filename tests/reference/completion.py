"""Twin of native/estimate/completion/complete: planes of points, and the votes of the nearest ones."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reference.upsampling import falloff

VOTERS = 12
COLOUR, WAY, DISTANCE = 1.0 / (2 * 28 * 28), 1.0 / (2 * 25 * 25), 1.0 / (2 * 0.6 * 0.6)
LONGEST, LEVEL, NARROWEST, RIDGE, DOUBT = 32.0, 1.5, 0.3, 0.02, 0.25
Column = NDArray[np.float64]
Near = list[tuple[float, int]]


def complete(
    colours: NDArray[np.float32], x: Column, y: Column, values: Column, threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    height, width = colours.shape[:2]
    points = list(zip(x.tolist(), y.tolist(), values.tolist(), strict=True))
    slopes = [slope(colours, points, i, threshold) for i in range(len(points))]
    found, confidence = np.empty((height, width)), np.empty((height, width), np.float32)
    for row in range(height):
        for column in range(width):
            found[row, column], confidence[row, column] = vote(
                colours, points, slopes, column + 0.5, row + 0.5, threshold
            )
    return found, confidence


def nearest(points: list, x: float, y: float, count: int) -> Near:
    near = [((px - x) * (px - x) + (py - y) * (py - y), i) for i, (px, py, _) in enumerate(points)]
    return sorted(near)[:count]


def spacing(near: Near) -> float:
    return max(math.pi * near[-1][0] / len(near), 1.0)


def colour(colours: NDArray[np.float32], x: float, y: float) -> list[float]:
    row = int(min(max(y, 0.0), colours.shape[0] - 0.5))
    column = int(min(max(x, 0.0), colours.shape[1] - 0.5))
    return colours[row, column].tolist()


def unlike(one: list[float], two: list[float]) -> float:
    red, green, blue = (a - b for a, b in zip(one, two, strict=True))
    return red * red + green * green + blue * blue


def slope(colours: NDArray[np.float32], points: list, i: int, threshold: float) -> tuple[float, float]:
    x, y, value = points[i]
    near = nearest(points, x, y, VOTERS + 1)
    square = spacing(near)
    own = colour(colours, x, y)
    around = []
    for distance, j in near:
        if j != i:
            px, py, pv = points[j]
            odd = unlike(own, colour(colours, px, py)) * COLOUR
            around.append((px - x, py - y, pv - value, falloff(odd + distance / square * DISTANCE)))

    def agreement(dx: float, dy: float, dv: float, a: float, b: float) -> float:
        off = (dv - a * dx - b * dy) / (0.5 * threshold)
        return 1.0 / (1.0 + off * off)

    def support(a: float, b: float) -> float:
        total = 0.0
        for dx, dy, dv, weight in around:
            total += weight * agreement(dx, dy, dv, a, b)
        return total

    best, most = (0.0, 0.0), LEVEL * support(0.0, 0.0)
    for j, (jx, jy, jv, _) in enumerate(around):
        for kx, ky, kv, _ in around[j + 1 :]:
            area = jx * ky - kx * jy
            if abs(area) < NARROWEST * square:
                continue
            tried = ((jv * ky - kv * jy) / area, (jx * kv - kx * jv) / area)
            if (seen := support(*tried)) > most:
                best, most = tried, seen
    for _ in range(2):
        xx, xy, yy, xv, yv = RIDGE * square, 0.0, RIDGE * square, 0.0, 0.0
        for dx, dy, dv, weight in around:
            agrees = agreement(dx, dy, dv, *best)
            share = weight * agrees * agrees
            xx, xy, yy = xx + share * dx * dx, xy + share * dx * dy, yy + share * dy * dy
            xv, yv = xv + share * dx * dv, yv + share * dy * dv
        area = xx * yy - xy * xy
        best = (xv * yy - yv * xy) / area, (yv * xx - xv * xy) / area
    return best


def vote(
    colours: NDArray[np.float32], points: list, slopes: list, x: float, y: float, threshold: float
) -> tuple[float, float]:
    near = nearest(points, x, y, VOTERS)
    square = spacing(near)
    own = colour(colours, x, y)
    says, weights, total = [], [], 0.0
    for distance, i in near:
        px, py, value = points[i]
        dx, dy = px - x, py - y
        steps = min(math.ceil(max(abs(dx), abs(dy))), LONGEST)
        worst = 0.0
        for step in range(1, int(steps) + 1):
            share = step / steps
            worst = max(worst, unlike(own, colour(colours, x + dx * share, y + dy * share)))
        odd = unlike(own, colour(colours, px, py)) * COLOUR + worst * WAY
        weights.append(falloff(odd + distance / square * DISTANCE))
        says.append(value - slopes[i][0] * dx - slopes[i][1] * dy)
        total += weights[-1]
    winner, votes = 0, -1.0
    for k, said in enumerate(says):
        found = 0.0
        for other, weight in zip(says, weights, strict=True):
            found += weight if abs(other - said) <= threshold else 0.0
        if found > votes:
            winner, votes = k, found
    moved = 0.0
    for other, weight in zip(says, weights, strict=True):
        if abs(other - says[winner]) <= threshold:
            moved += weight * (other - says[winner])
    values = [points[i][2] for _, i in near]
    least, most = min(values), max(values)
    slack = 0.5 * (most - least)
    low = max(least - slack, 0.5 * least) if least >= 0 else least - slack
    return min(max(says[winner] + moved / votes, low), most + slack), votes / total * (
        votes / (votes + DOUBT)
    )
