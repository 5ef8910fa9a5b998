"""Twin of native/estimate/filters: what looks around each pixel, at islands, and at neighbouring frames.

A hole is NaN; where `zero` says so, and in uint16, it is 0 as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference.filters import is_hole

Map = NDArray[Any]
F = np.float32


def remove_speckles(values: Map, max_size: int, max_step: float, zero: bool = True) -> Map:
    """By flooding from each pixel."""
    out = values.copy()
    seen = np.zeros(values.shape, bool)
    hole = 0 if values.dtype == np.uint16 else np.nan
    for start in np.ndindex(values.shape):
        if seen[start] or is_hole(values[start], zero):
            continue
        seen[start] = True
        piece = [start]
        for y, x in piece:
            for at in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                inside = 0 <= at[0] < values.shape[0] and 0 <= at[1] < values.shape[1]
                if not inside or seen[at] or is_hole(values[at], zero):
                    continue
                if _joined(values[y, x], values[at], max_step):
                    seen[at] = True
                    piece.append(at)
        if len(piece) <= max_size:
            for at in piece:
                out[at] = hole
    return out


def _joined(a: Any, b: Any, max_step: float) -> bool:
    with np.errstate(invalid="ignore", over="ignore"):
        return bool(a == b or abs(F(a) - F(b)) <= F(max_step))


def median(values: Map, size: int) -> Map:
    radius = size // 2
    padded = np.pad(values, radius, constant_values=np.nan)
    out = np.full_like(values, np.nan)
    for y, x in np.ndindex(values.shape):
        block = padded[y : y + size, x : x + size]
        known = np.sort(block[~np.isnan(block)])
        if len(known):
            out[y, x] = known[(len(known) - 1) // 2]
    return out


def joint_bilateral(values: Map, colors: Map, radius: int, sigma_color: float, sigma_space: float) -> Map:
    """Neighbour after neighbour, in float32, row by row of the window."""
    height, width = values.shape
    padded = np.pad(values, radius, constant_values=np.nan)
    guide = np.pad(colors.astype(F), ((radius, radius), (radius, radius), (0, 0)))
    scale = F(1.0 / (128.0 * sigma_color * sigma_color))
    sums, weights = np.zeros_like(values), np.zeros_like(values)
    for dy in range(2 * radius + 1):
        for dx in range(2 * radius + 1):
            value = padded[dy : dy + height, dx : dx + width]
            delta = guide[dy : dy + height, dx : dx + width] - colors.astype(F)
            red, green, blue = np.moveaxis(delta, 2, 0)
            weight = F(1) - (red * red + green * green + blue * blue) * scale
            weight = np.where(weight > F(0.5), weight, F(0))
            for _ in range(6):
                weight = weight * weight
            away = float((dx - radius) ** 2 + (dy - radius) ** 2)
            weight = weight * F(np.exp(away / (-2.0 * sigma_space * sigma_space)))
            known = np.isfinite(value)
            weight = np.where(known, weight, F(0))
            sums += weight * np.where(known, value, F(0))
            weights += weight
    with np.errstate(invalid="ignore"):
        return np.where(weights > 0, sums / weights, F(np.nan))


def guided(values: Map, colors: Map, radius: int, smoothness: float) -> NDArray[np.float64]:
    """Window by window in float64: what the kernel's sums, which slide, come close to."""
    height, width = values.shape
    color = colors.astype(np.float64)
    fitted = np.full((height, width, 4), np.nan)
    for y, x in np.ndindex(values.shape):
        around = _window(y, x, radius, values.shape)
        known = np.isfinite(values[around])
        if not known.any():
            continue
        value, near = values[around][known].astype(np.float64), color[around][known]
        centred = near - near.mean(0)
        covariance = centred.T @ centred / len(value) + smoothness * np.eye(3)
        slopes = np.linalg.solve(covariance, centred.T @ (value - value.mean()) / len(value))
        fitted[y, x] = *slopes, value.mean() - slopes @ near.mean(0)
    out = np.full(values.shape, np.nan)
    for y, x in np.ndindex(values.shape):
        around = fitted[_window(y, x, radius, values.shape)].reshape(-1, 4)
        around = around[~np.isnan(around[:, 3])]
        if len(around):
            model = around.mean(0)
            out[y, x] = model[:3] @ color[y, x] + model[3]
    return out


def _window(y: int, x: int, radius: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    return (
        slice(max(0, y - radius), min(shape[0], y + radius + 1)),
        slice(max(0, x - radius), min(shape[1], x + radius + 1)),
    )


def between(before: Map, now: Map, after: Map, delta: float) -> Map:
    out = now.copy()
    for at in np.ndindex(now.shape):
        b, n, a = before[at], now[at], after[at]
        with np.errstate(invalid="ignore", over="ignore"):
            if np.isnan(n):
                if abs(b - a) < F(delta):
                    out[at] = F(0.5) * (b + a)
                elif np.isnan(a) != np.isnan(b):
                    out[at] = a if np.isnan(b) else b
                continue
            agreeing = [value for value in (b, a) if abs(value - n) < F(delta)]
            if agreeing:
                out[at] = (F(2) * n + sum(agreeing, F(0))) / F(2 + len(agreeing))
    return out


# What lies behind


def fill_behind(disparity: NDArray[np.float32], colors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Holes filled from a pyramid of the farther sides."""
    if np.isnan(disparity).all():
        return disparity.copy()
    weights = (~np.isnan(disparity)).astype(F)
    levels = [(disparity, colors.astype(F), weights)]
    while np.isnan(levels[-1][0]).any():
        levels.append(_coarser(*levels[-1], _step(len(levels) - 1)))
    values, coarse_colors, _ = levels.pop()
    while levels:
        fine, fine_colors, _ = levels.pop()
        values = _behind(fine, fine_colors, values, coarse_colors, _step(len(levels)))
        coarse_colors = fine_colors
    return values


def _step(level: int) -> np.float32:
    return F(0.02) + min(F(0.3), F(0.01) * F(2**level))


def _limit(farthest: NDArray[np.float32], step: np.float32) -> NDArray[np.float32]:
    return (farthest + F(0.2) * farthest) + step


def _coarser(
    values: NDArray[np.float32], colors: NDArray[np.float32], weights: NDArray[np.float32], step: np.float32
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    odd = tuple((0, size % 2) for size in values.shape)
    values = np.pad(values, odd, constant_values=np.nan)
    weights, there = np.pad(weights, odd), np.pad(np.ones(weights.shape, F), odd)
    colors = np.pad(colors, (*odd, (0, 0)))
    kids = [(slice(i, None, 2), slice(j, None, 2)) for i in (0, 1) for j in (0, 1)]
    farthest = np.fmin.reduce([values[kid] for kid in kids])
    hole, limit = np.isnan(farthest), _limit(farthest, step)
    total, counted, summed = np.zeros_like(farthest), np.zeros_like(farthest), np.zeros_like(farthest)
    color = np.zeros((*farthest.shape, 3), F)
    for kid in kids:
        taken = values[kid] <= limit
        weight = np.where(hole, there[kid], np.where(taken, weights[kid], F(0)))
        counted += weight
        color += colors[kid] * weight[..., None]
        total += np.where(hole, F(0), weight)
        summed += np.where(taken, values[kid], F(0)) * weight
    with np.errstate(invalid="ignore"):
        return np.where(hole, F(np.nan), summed / total), color / counted[..., None], total


def _behind(
    fine: NDArray[np.float32],
    fine_colors: NDArray[np.float32],
    coarse: NDArray[np.float32],
    coarse_colors: NDArray[np.float32],
    step: np.float32,
) -> NDArray[np.float32]:
    y, x = np.nonzero(np.isnan(fine))
    aside = [
        np.clip(at // 2 + np.where(at % 2, 1, -1), 0, size - 1)
        for at, size in zip((y, x), coarse.shape, strict=True)
    ]
    cells = [(row, column) for row in (y // 2, aside[0]) for column in (x // 2, aside[1])]
    weights = []
    for cell, place in zip(cells, (9, 3, 3, 1), strict=True):
        d = coarse_colors[cell] - fine_colors[y, x]
        apart = (d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1]) + d[:, 2] * d[:, 2]
        likeness = F(1) / (F(1) + apart / F(625))
        weights.append(F(place) * (likeness * likeness + F(0.02)))
    limit = _limit(np.min([coarse[cell] for cell in cells], axis=0), step)
    sums = np.zeros((2, 2, len(y)), F)  # of the farther and of the nearer ones: weights, and weighted values
    for cell, weight in zip(cells, weights, strict=True):
        near = (coarse[cell] > limit).astype(int)
        for side in (0, 1):
            sums[side, 0] += np.where(near == side, weight, F(0))
            sums[side, 1] += np.where(near == side, weight * coarse[cell], F(0))
    side = (sums[1, 0] > F(8) * sums[0, 0]).astype(int)
    pick = np.arange(len(y))
    filled = fine.copy()
    filled[y, x] = sums[side, 1, pick] / sums[side, 0, pick]
    return filled
