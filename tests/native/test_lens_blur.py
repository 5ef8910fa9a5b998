"""The renderer and its twin: a whole picture in NumPy, without tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import lens_blur as twin


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
