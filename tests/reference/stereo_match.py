"""Twin of native/estimate/stereo/match: the stages in turn, at the standard and the best effort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reference import stereo_maps as maps
from reference import stereo_planes as planes
from reference.stereo import UNIT, Picture, Prior, aggregate, half

Level = tuple[maps.Shifts, maps.Levels, maps.Shifts, maps.Levels]  # shift, margin, right view, state


def match(
    left: Picture, right: Picture, shifts: int, best: bool
) -> tuple[NDArray[np.float32], maps.Levels, maps.Levels]:
    """Shift in px, state, confidence."""
    strip = (64, 16 if best else 8)
    factor = 2 if best or shifts < 32 else 4
    prior = coarse_prior(left, right, shifts, factor, 0)
    shift, margin, _, state = finish(
        left, shifts, aggregate_and_fill(left, right, shifts, best, strip, 40, prior)
    )
    if best:
        near, most = (shift + UNIT // 2) // UNIT, np.where(state == 0, 9, 6).astype(np.uint8)
        level = aggregate_and_fill(left, right, shifts, best, strip, 40, Prior(near, most, 1, 1))
        shift, margin, _, state = finish(left, shifts, level)
    return shift.astype(np.float32) / UNIT, state, maps.rate(shift, margin, state)


def aggregate_and_fill(
    left: Picture,
    right: Picture,
    shifts: int,
    both_ways: bool,
    strip: tuple[int, int],
    speckle: int,
    prior: Prior | None,
) -> Level:
    shift, margin, right_shift = aggregate(left, right, shifts, both_ways, strip, prior)
    state = maps.check(shift, margin, right_shift, 5, 1, speckle)
    return maps.fill(left[1], right_shift, state, shift), margin, right_shift, state


def coarse_prior(left: Picture, right: Picture, shifts: int, factor: int, depth: int) -> Prior | None:
    """What a smaller pair says, which may learn from a smaller one itself."""
    height, width = left[0].shape
    if depth >= 3 or height < 96 or width < 128 or shifts < 16:
        return None
    for _ in range(factor // 2):
        left, right = ((half(grey), half(colours)) for grey, colours in (left, right))
    fewer = (shifts + factor - 1) // factor
    strip = max(16, (len(left[0]) + 3) // 4), 16
    prior = coarse_prior(left, right, fewer, 2, depth + 1)
    shift, _, _, state = aggregate_and_fill(left, right, fewer, True, strip, 5 if factor == 4 else 13, prior)
    expected, most = maps.coarse_prior(left[1], maps.median(shift), state, height, width, factor)
    return Prior(expected, most, factor // 2, 1)


def finish(left: Picture, shifts: int, level: Level) -> Level:
    shift, margin, right_shift, state = level
    state = maps.mark_occluded(shift, right_shift, state)
    shift = maps.median(maps.align_edges(left[1], shift))
    return planes.smooth(left[1], state, margin, shift, (shifts - 1) * UNIT), margin, right_shift, state
