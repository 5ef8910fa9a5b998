"""Laws of `widen_rims`: what is blurred in front of the focus grows a little, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nearfar.effects.near_rims import widen_rims

CELL = 5
SHAPE = (40, 48)
FAR, NEAR = 0.25, 1.0
STRENGTH = 60.0


def square(size: int) -> NDArray[np.float32]:
    """A small map of a near square, of so many cells, before a wall."""
    values = np.full(SHAPE, FAR, np.float32)
    values[10 : 10 + size, 12 : 12 + size] = NEAR
    return values


def enlarged(small: NDArray[np.float32]) -> NDArray[np.float32]:
    return small.repeat(CELL, axis=0).repeat(CELL, axis=1)


def widened_rims(
    aligned: NDArray[np.float32], small: NDArray[np.float32], focus: float, strength: float
) -> NDArray[np.float32]:
    changed = aligned.copy()
    widen_rims(changed, small, focus, strength)
    return changed


def test_a_near_thing_grows_by_one_and_a_half_cells_when_what_is_behind_is_sharp() -> None:
    small = square(12)
    before = enlarged(small)
    after = widened_rims(before, small, FAR, STRENGTH)
    assert set(np.unique(after)) == {np.float32(FAR), np.float32(NEAR)}
    assert np.all(after >= before)
    middle = after[(10 + 6) * CELL]
    assert np.flatnonzero(middle == NEAR)[[0, -1]].tolist() == [12 * CELL - 8, 24 * CELL + 8 - 1]


@pytest.mark.parametrize("focus", [NEAR, 0.7, 2.0])
def test_nothing_grows_over_what_is_blurred_more(focus: float) -> None:
    small = square(12)
    np.testing.assert_array_equal(widened_rims(enlarged(small), small, focus, STRENGTH), enlarged(small))


def test_a_step_without_a_visible_blur_stays() -> None:
    small = square(12)
    for strength in (0.0, 1.9 / (NEAR - FAR)):
        np.testing.assert_array_equal(widened_rims(enlarged(small), small, FAR, strength), enlarged(small))


@pytest.mark.parametrize("size", [1, 2])
def test_thin_things_do_not_grow(size: int) -> None:
    small = square(size)
    np.testing.assert_array_equal(widened_rims(enlarged(small), small, FAR, STRENGTH), enlarged(small))


def test_sizes_need_no_whole_ratio_and_edges_of_the_picture_no_margin() -> None:
    small = square(12)
    small[30:] = NEAR
    aligned = np.full((133, 171), FAR, np.float32)
    aligned[105:] = NEAR
    after = widened_rims(aligned, small, FAR, STRENGTH)
    assert np.all(after[105:] == NEAR)
    assert np.all(after[100:105, 10:60] == NEAR)
    assert np.all(after[:20] == FAR)
