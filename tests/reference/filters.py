"""Twin of native/estimate/filters: what librealsense's post-processing does, pixel by pixel.

Holes are 0 in uint16; in float32 they are NaN, and 0 too where `zero` says so.
Source: librealsense 2.59, src/proc (Apache-2.0), as its black box answers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Map = NDArray[Any]
F = np.float32


def is_hole(value: Any, zero: bool = True) -> bool:
    return bool(np.isnan(value) or (value == 0 and (zero or not isinstance(value, np.floating))))


# Spatial


def spatial(values: Map, magnitude: int, alpha: float, delta: float, radius: int, zero: bool = True) -> Map:
    out = values.copy()
    if values.dtype == np.uint16:
        for _ in range(magnitude):
            _integer_rows(out, F(alpha), int(delta), radius)
            _integer_columns(out, F(alpha), int(delta))
        return out
    for _ in range(magnitude):
        for line in (*out, *out.T):
            _float_line(line, F(alpha), F(delta))
            _float_line(line[::-1], F(alpha), F(delta))
    if radius:
        _fill_rows(out, radius, zero)
    return out


def _float_line(line: Map, alpha: Any, delta: Any) -> None:
    """An average that starts anew at a hole and at a step; the step is one of the line as it came."""
    came = line.copy()
    with np.errstate(invalid="ignore", over="ignore"):
        for i in range(1, len(line)):
            step = came[i - 1] - came[i]
            if came[i - 1] > 0 and came[i] > 0 and -delta < step < delta:
                line[i] = came[i] * alpha + line[i - 1] * (F(1) - alpha)


def _fill_rows(image: Map, radius: int, zero: bool) -> None:
    height, width = image.shape
    for y in range(height):
        run = 0
        for x in range(1, width):
            run = run + 1 if is_hole(image[y, x], zero) else 0
            if 0 < run < radius:
                image[y, x] = image[y, x - 1]
        run = 0
        for x in range(width - 1, 0, -1):
            run = run + 1 if is_hole(image[y, x], zero) else 0
            if 0 < run < radius:
                # librealsense steps over the end of the row, to the next one's first pixel
                beyond = image[y + 1, 0] if zero and y + 1 < height else image[y, x]
                image[y, x] = image[y, x + 1] if x + 1 < width else beyond


def _integer_rows(image: Map, alpha: Any, delta: int, radius: int) -> None:
    for row in image:
        run = 0
        before = int(row[0])
        for x in range(1, len(row) - 1):
            now = int(row[x])
            if before and now:
                run = 0
                if 1 <= abs(now - before) <= delta:
                    now = _blend(now, before, alpha)
            elif before and radius:
                run += 1
                if run < radius:
                    now = before
            row[x] = before = now
        run = 0
        before = int(row[-1])
        for x in range(len(row) - 2, -1, -1):
            now = int(row[x])
            if before and now > 1:
                run = 0
                if abs(now - before) <= delta:
                    now = _blend(now, before, alpha)
            elif before and radius:
                run += 1
                if run < radius:
                    now = before
            row[x] = before = now


def _integer_columns(image: Map, alpha: Any, delta: int) -> None:
    height, width = image.shape
    for y in range(1, height):
        for x in range(width):
            before, now = int(image[y - 1, x]), int(image[y, x])
            if abs(before - now) < delta:
                image[y, x] = _blend(now, before, alpha)
    for y in range(height - 2, -1, -1):
        for x in range(width):
            before, now = int(image[y + 1, x]), int(image[y, x])
            if before and now and abs(before - now) < delta:
                image[y, x] = _blend(now, before, alpha)


def _blend(now: int, before: int, alpha: Any) -> int:
    return int(F(now) * alpha + F(before) * (F(1) - alpha) + F(0.5))


# Temporal


def credible(persistence: int, history: int, phase: int) -> bool:
    """Whether a pixel seen in the frames of `history` (bit i: frame i of 8) is still believed at `phase`."""
    ago = [bool(history >> ((phase - back) % 8) & 1) for back in range(1, 9)]
    last, least = {
        0: (8, 9),
        1: (8, 8),
        2: (3, 2),
        3: (4, 2),
        4: (8, 2),
        5: (2, 1),
        6: (5, 1),
        7: (8, 1),
    }.get(persistence, (8, 0))
    return sum(ago[:last]) >= least


class Temporal:
    def __init__(self, alpha: float, delta: float, persistence: int, zero: bool = True) -> None:
        self.alpha, self.delta, self.persistence, self.zero = F(alpha), delta, persistence, zero
        self.last: Map | None = None
        self.phase = 0

    def process(self, values: Map) -> Map:
        if self.last is None:
            empty = np.nan if values.dtype == np.float32 else 0
            self.last = np.full_like(values, empty)
            self.history = np.zeros(values.shape, np.uint8)
        out = values.copy()
        mask = 1 << self.phase
        for at in np.ndindex(values.shape):
            now, last = values[at], self.last[at]
            if is_hole(now, self.zero):
                if not is_hole(last, self.zero) and credible(
                    self.persistence, int(self.history[at]), self.phase
                ):
                    out[at] = last
                self.history[at] &= 255 - mask
                continue
            with np.errstate(invalid="ignore", over="ignore"):
                near = not is_hole(last, self.zero) and abs(float(now) - float(last)) < self.delta
                if values.dtype == np.float32:
                    near = near and abs(now - last) < F(self.delta)
            if near:
                self.history[at] |= mask
                out[at] = values.dtype.type(self.alpha * F(now) + (F(1) - self.alpha) * F(last))
            else:
                self.history[at] = mask
            self.last[at] = out[at]
        self.phase = (self.phase + 1) % 8
        return out


# Holes, size, range, disparity


def fill_holes(values: Map, mode: int, zero: bool = True) -> Map:
    zero = zero or values.dtype == np.uint16  # 0 is a hole in every array of integers
    out = values.copy()
    height, width = out.shape
    if mode == 0:
        for y, x in np.ndindex(height, width):
            if x and is_hole(out[y, x], zero):
                out[y, x] = out[y, x - 1]
        return out
    for y in range(1, height - 1):
        for x in range(1, width):
            if not is_hole(out[y, x], zero):
                continue
            around = [out[y - 1, x], out[y - 1, x - 1], out[y, x - 1], out[y + 1, x - 1], out[y + 1, x]]
            found = around[0]
            for value in around[1:]:
                if is_hole(value, zero):
                    continue
                takes_any = mode == 1 or not zero  # librealsense's mode 2 fills only below a value
                if (takes_any and is_hole(found, zero)) or (value > found if mode == 1 else value < found):
                    found = value
            if not is_hole(found, zero):
                out[y, x] = found
    return out


def decimate(values: Map, scale: int, zero: bool = True) -> Map:
    """Blocks to pixels, both sides brought to a multiple of 4."""
    height, width = (side // scale for side in values.shape)
    whole = values.dtype == np.uint16
    padded = [(side + 3) // 4 * 4 for side in (height, width)]
    out = np.full(padded, 0 if whole else np.nan, values.dtype)
    for y, x in np.ndindex(height, width):
        block = values[y * scale : (y + 1) * scale, x * scale : (x + 1) * scale]
        known = [value for value in block.ravel() if not is_hole(value, zero)]
        if known and scale <= 3:
            out[y, x] = sorted(known)[(len(known) - 1) // 2]
        elif known:
            with np.errstate(invalid="ignore"):
                total = sum(int(value) if whole else float(value) for value in known)
                out[y, x] = total // len(known) if whole else total / len(known)
    return out


def threshold(values: Map, low: float, high: float, units: float) -> Map:
    distance = F(units) * values.astype(np.float32)
    return np.where((distance >= F(low)) & (distance <= F(high)), values, 0).astype(np.uint16)


def to_disparity(values: Map, factor: float) -> Map:
    with np.errstate(all="ignore"):
        return np.where(values > 0, F(factor) / values.astype(np.float32), 0).astype(np.float32)


def to_depth(disparity: Map, factor: float) -> Map:
    """The low 16 bits of factor / disparity + 1/2; nothing beyond 31 bits and of what is no normal number."""
    with np.errstate(all="ignore"):
        depth = F(factor) / disparity + F(0.5)
        normal = (disparity >= np.finfo(np.float32).tiny) & (disparity < np.inf) & (depth < 2.0**31)
    return np.where(normal, depth, 0).astype(np.int64).astype(np.uint16)
