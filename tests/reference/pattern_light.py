"""Twin of native/estimate/pattern/light: dots on whole maps, in float32 and in the order of the kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FARTHEST = np.float32(8192)
NAN = np.float32("nan")
BRIGHTEST = np.float32(1e30)
WHOLE = np.float32(1 << 20)
PLACES = (np.float32(-0.25), np.float32(0.25))


def light(
    values: Floats,
    is_depth: bool,
    surface: Floats | None,
    sums: NDArray[np.uint32],
    texels: float,
    pull: float,
    first: float,
    falls_off: bool,
    exposure: float,
    ambient: float,
    down: Floats,
    across: Floats,
    weights: Floats,
    before: int,
) -> tuple[Floats, NDArray[np.bool_]]:
    height, width = values.shape
    exposure, ambient = np.float32(exposure), np.float32(ambient)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inverse = np.float32(1) / values if is_depth else values
        shift = inverse * np.float32(pull)
        shift = np.where((inverse >= 0) & (np.abs(shift) <= FARTHEST), shift, NAN)
        fall = inverse * inverse if falls_off else np.float32(1)
        white = np.ones_like(values) if surface is None else surface
        seen = ~np.isnan(shift) & ((inverse > 0) | (not falls_off))
        waves = np.float32(1) + down[:, None] * across
        gain = np.where(seen, np.fmin((exposure * fall) * white, BRIGHTEST), np.float32(0))
        room = np.where(seen, np.fmin(ambient * white * waves, BRIGHTEST), np.float32(0))
    slopes = [slope(shift, axis) for axis in (0, 1)]
    shape = (height, 2, width, 2)
    fine = np.stack(
        [np.stack([(shift + slopes[0] * y) + slopes[1] * x for x in PLACES], axis=-1) for y in PLACES], axis=1
    )
    steep, gain, room = (
        np.broadcast_to(part[:, None, :, None], shape).reshape(2 * height, 2 * width)
        for part in (slopes[1], gain, room)
    )
    fine = fine.reshape(2 * height, 2 * width)
    dark = shadows(fine, steep)
    lit = dots(fine, steep, sums, np.float32(texels), np.float32(first))
    lit = np.where(dark, np.float32(0), lit * gain) + room
    blurred = gathered(gathered(lit, weights, before).T, weights, before).T
    return blurred, dark.reshape(shape).sum(axis=(1, 3)) > 2


def slope(shift: Floats, axis: int) -> Floats:
    """The mean of the steps to both neighbours; of one where the other is none, 0 at holes and edges."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (1, 1)
    steps = np.diff(np.pad(shift, pad, constant_values=np.nan), axis=axis)
    steps = np.where(np.abs(steps) < 1, steps, np.float32(0))
    size = shift.shape[axis]
    before, after = steps.take(range(size), axis), steps.take(range(1, size + 1), axis)
    half = np.where((before != 0) & (after != 0), np.float32(0.5), np.float32(1))
    return (before + after) * half


def middles(first: np.float32, width: int) -> Floats:
    """The camera columns of a row of samples."""
    pixels = np.arange(width // 2, dtype=np.float32)
    return np.stack([(first + np.float32(0.5) + place) + pixels for place in PLACES], axis=-1).ravel()


def shadows(fine: Floats, steep: Floats) -> NDArray[np.bool_]:
    known = np.nan_to_num(fine)
    column = np.floor(middles(np.float32(0), fine.shape[1]) - known).astype(np.int64)
    dark = np.zeros(fine.shape, bool)
    for y in range(len(fine)):
        there = column[y] - column[y].min()
        buffer = np.zeros(there.max() + 1, np.float32)
        np.maximum.at(buffer, there, np.abs(known[y]))
        reached = (np.abs(fine[y]) + np.float32(1)) + np.float32(2) * np.abs(steep[y])
        dark[y] = reached < buffer[there]  # never where fine is NaN
    return dark


def dots(
    fine: Floats, steep: Floats, sums: NDArray[np.uint32], texels: np.float32, first: np.float32
) -> Floats:
    """The mean of the pattern over what each sample covers."""
    width = np.float32(0.5) * texels * np.clip(np.float32(1) - steep, np.float32(0.25), np.float32(4))
    middle = texels * (middles(first, fine.shape[1]) - np.nan_to_num(fine))
    line = np.arange(len(fine))[:, None]
    total = (sums[:, -1] - sums[:, 0])[:, None]
    ends = []
    for side in (np.float32(-0.5), np.float32(0.5)):
        place = middle + side * width
        turn = np.floor(place * (np.float32(1) / np.float32(sums.shape[1] - 1))).astype(np.int64)
        rest = place - turn.astype(np.float32) * np.float32(sums.shape[1] - 1)
        whole = np.clip(rest.astype(np.int64), 0, sums.shape[1] - 2)
        here, next_ = sums[line, whole], sums[line, whole + 1]
        part = (rest - whole.astype(np.float32)) * (next_ - here).view(np.int32).astype(np.float32)
        ends.append((here + turn.astype(np.uint32) * total, part))
    (before, lost), (after, won) = ends
    between = (after - before).view(np.int32).astype(np.float32)
    return ((between + won) - lost) * (np.float32(1) / (width * WHOLE))


def gathered(lit: Floats, weights: Floats, before: int) -> Floats:
    """Samples along x to pixels; those at the ends go on beyond them."""
    size = lit.shape[1] // 2
    reach = 2 * len(weights) + 2
    padded = np.pad(lit, ((0, 0), (reach, reach)), mode="edge")
    total = None
    for k, weight in enumerate(weights):
        at = 2 * (k - before)
        left = padded[:, reach + at : reach + at + 2 * size : 2]
        right = padded[:, reach + 1 - at : reach + 1 - at + 2 * size : 2]
        part = weight * (left + right)
        total = part if total is None else total + part
    return np.ascontiguousarray(total)


def expose(light: Floats, full: int, read_noise: float, full_well: float, seed: int) -> NDArray[np.int64]:
    index = np.arange(light.size, dtype=np.uint64).reshape(light.shape) + np.uint64(seed)
    drawn = sum(parts(splitmix(np.uint64(2) * index + np.uint64(k))) for k in (0, 1))
    normal = (drawn.astype(np.float32) - np.float32(262140)) / np.float32(53509.8)
    variance = np.float32(read_noise) * np.float32(read_noise) + light / np.float32(full_well)
    level = (light + normal * np.sqrt(variance)) * np.float32(full)
    return np.rint(np.clip(level, np.float32(0), np.float32(full))).astype(np.int64)


def splitmix(key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        key = key + np.uint64(0x9E3779B97F4A7C15)
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def parts(bits: NDArray[np.uint64]) -> NDArray[np.int64]:
    return sum(((bits >> np.uint64(16 * k)) & np.uint64(0xFFFF)).astype(np.int64) for k in range(4))
