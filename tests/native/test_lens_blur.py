"""The renderer and its twin: a whole picture in NumPy, without tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import lens_blur as twin
from reference.settings import everywhere


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 90), st.integers(0, 2))
def test_a_hole_is_found_wherever_it_is(seed, height, width, holes) -> None:
    random = np.random.default_rng(seed)
    values = random.choice(np.array([-np.inf, -1, 0, 3, np.inf], np.float32), (height, width))
    values[random.integers(height, size=holes), random.integers(width, size=holes)] = np.nan
    assert everywhere(lambda: _native.any_hole(values)) == bool(np.isnan(values).any())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 300), st.integers(0, 2))
def test_tiles_in_focus_among_others_are_sharp_at_every_level(seed, height, width, effort) -> None:
    """Cards of a tile or two: those in focus keep their codes where no blur reaches them."""
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (height, width, 3), np.uint8)
    cards = random.choice(np.array([0.5, 1, 1, 1, 1.5], np.float32), (height // 70 + 1, width // 90 + 1))
    disparity = np.kron(cards, np.ones((70, 90), np.float32))[:height, :width].copy()
    found = everywhere(lambda: _native.lens_blur(image, disparity, 1.0, 9.0, effort))
    sharp = np.pad(disparity == 1, 24, mode="edge")
    rows = np.lib.stride_tricks.sliding_window_view(sharp, 49, axis=0).all(-1)
    lonely = np.lib.stride_tricks.sliding_window_view(rows, 49, axis=1).all(-1)
    assert np.array_equal(found[lonely], image[lonely])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 150), st.integers(1, 150), st.floats(0.1, 7.5))
def test_blur_behind_the_focus_is_its_twin(seed, height, width, largest) -> None:
    random = np.random.default_rng(seed)
    image = random.random((height, width, 3), np.float32)
    near_by = random.random((height // 24 + 1, width // 24 + 1), np.float32)  # cards of one disparity each
    disparity = np.kron(near_by, np.ones((24, 24), np.float32))[:height, :width].copy()
    found = _native.lens_blur(image, disparity, 1.0, largest, 0)
    assert found == pytest.approx(twin.blur_far(image, disparity, 1.0, largest), abs=2e-3)


@pytest.mark.parametrize("radius", [0.4, 0.8, 1.5, 2.0, 2.6, 5.5, 7.9])
def test_a_point_is_the_twins_disc(radius) -> None:
    image, disparity = np.zeros((65, 65, 3), np.float32), np.zeros((65, 65), np.float32)
    image[32, 32] = 1
    found = _native.lens_blur(image, disparity, 1.0, radius, 0)[..., 0]
    weights = twin.disc(radius if radius >= 0.5 else 0.0)
    reach = len(weights) // 2
    middle = slice(32 - reach, 33 + reach)
    assert found[middle, middle] == pytest.approx(weights, abs=3e-5)
    assert found.sum() == pytest.approx(1, abs=1e-5)
