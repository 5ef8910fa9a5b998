"""Where a projector's light falls: the texture seen through the geometry, and the shadows.

    camera column x sees pattern column u = x − f·b/z;  of all that share a u, the nearest is lit

All arrays here are finer than the camera's picture by `FINE` along both axes, so that the lens blurs dots and
edges alike before pixels gather them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.estimate.pattern_projector import PatternProjector

FINE = 2
_STRIP = 64
"""Rows that are projected at once: bounds the memory at some hundred bytes for each of their pixels."""
_EDGE = 1.0  # pixels of shift from one column to the next that a surface does not have


def slopes(shift: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How shift changes along y and x, pixels per pixel; 0 at holes and edges."""
    found = []
    for axis in (0, 1):
        steps = np.diff(shift, axis=axis)
        steps[~(np.abs(steps) < _EDGE)] = 0.0  # NaN as well
        pad = [(0, 0), (0, 0)]
        pad[axis] = (1, 1)
        padded = np.pad(steps, pad)
        before = padded.take(range(shift.shape[axis]), axis=axis)
        after = padded.take(range(1, shift.shape[axis] + 1), axis=axis)
        both = (before != 0) & (after != 0)
        found.append(np.where(both, (before + after) / 2, before + after))
    return found[0], found[1]


def finer(shift: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The shifts of (H, W) at `FINE` times the size, planes kept plane, and their slope along x."""
    down, across = slopes(shift)
    height, width = shift.shape
    places = (np.arange(FINE, dtype=np.float32) + 0.5) / FINE - 0.5
    fine = (
        shift[:, None, :, None]
        + down[:, None, :, None] * places[:, None, None]
        + across[:, None, :, None] * places
    )
    slope = np.broadcast_to(across[:, None, :, None], fine.shape)
    size = (height * FINE, width * FINE)
    return fine.reshape(size), slope.reshape(size)


def project(
    projector: PatternProjector, shift: NDArray[np.float32], slope: NDArray[np.float32], first: float = 0.0
) -> NDArray[np.float32]:
    """The pattern at x − shift, averaged over what each sample covers; 0 where shift is NaN.

    `first` is the camera column at the left edge of the arrays.
    """
    height, width = shift.shape
    x = first + (np.arange(width) + 0.5) / FINE
    light = np.empty(shift.shape, np.float32)
    rows = _pattern_rows(projector, height)
    for top in range(0, height, _STRIP):
        part = slice(top, top + _STRIP)
        light[part] = _project_rows(rows[part], projector.texels, x, shift[part], slope[part])
    return light


def _project_rows(
    rows: NDArray[np.float64],
    texels: int,
    x: NDArray[np.float64],
    shift: NDArray[np.float32],
    slope: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The same, of a strip: the pattern in each of its rows, and the camera column of each of its columns."""
    sums = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1, dtype=np.float64)], axis=1)
    middle = texels * (x - np.nan_to_num(shift))
    half = texels / (2 * FINE) * np.clip(1.0 - slope, 0.25, 4.0)
    line = np.arange(len(rows))[:, None]
    light = (_sum_up_to(sums, line, middle + half) - _sum_up_to(sums, line, middle - half)) / (2 * half)
    return np.where(np.isnan(shift), np.float32(0), light.astype(np.float32))


def _pattern_rows(projector: PatternProjector, height: int) -> NDArray[np.float64]:
    """The pattern's rows, averaged over each of the fine rows of a picture; it repeats below its end."""
    pattern = projector.pattern.astype(np.float64)
    sums = np.concatenate([np.zeros((1, pattern.shape[1])), np.cumsum(pattern, axis=0)])
    edges = np.arange(height + 1) * (projector.texels / FINE)
    turns, rest = np.divmod(edges, len(pattern))
    whole = rest.astype(np.int64)
    part = (rest - whole)[:, None]
    below = np.minimum(whole + 1, len(pattern))
    up_to = turns[:, None] * sums[-1] + sums[whole] * (1 - part) + sums[below] * part
    means: NDArray[np.float64] = np.diff(up_to, axis=0) / (projector.texels / FINE)
    return means


def _sum_up_to(
    sums: NDArray[np.float64], line: NDArray[np.int64], place: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The integral of a repeating row from 0 to `place`, from the running sums of its samples."""
    count = sums.shape[1] - 1
    turns = np.floor(place / count)
    rest = place - turns * count
    whole = np.clip(rest.astype(np.int64), 0, count - 1)
    before = sums[line, whole]
    part = (rest - whole) * (sums[line, whole + 1] - before)
    total: NDArray[np.float64] = turns * sums[line, -1] + before + part
    return total


def shadows(shift: NDArray[np.float32], slope: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where something nearer stands in the projector's light: a z-buffer in columns of the projector."""
    height, width = shift.shape
    known = ~np.isnan(shift)
    near = np.abs(np.where(known, shift, np.float32(0)))
    column = np.floor((np.arange(width) + 0.5) / FINE - np.nan_to_num(shift)).astype(np.int64)
    column -= column.min()
    buffer = np.zeros((height, int(column.max()) + 1), np.float32)
    line = np.broadcast_to(np.arange(height)[:, None], shift.shape)
    np.maximum.at(buffer, (line, column), near)
    nearest = buffer[line, column]
    shadow: NDArray[np.bool_] = known & (near + 1.0 + 2.0 * np.abs(slope) < nearest)
    return shadow
