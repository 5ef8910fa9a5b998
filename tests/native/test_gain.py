"""What dims a picture before and after its blur, and its twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference.gain import stretched
from reference.settings import bits, everywhere

SIDES = st.integers(1, 150)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), SIDES, SIDES, SIDES, st.integers(1, 700), st.sampled_from([1, 3]))
def test_in_focus_it_is_its_twin(seed, height, width, rows, columns, channels) -> None:
    random = np.random.default_rng(seed)
    image = random.random((height, width, 3), np.float32)
    sharp = np.ones((height, width), np.float32)
    before, after = (random.uniform(0.2, 1, (rows, columns, channels)).astype(np.float32) for _ in range(2))
    found = everywhere(lambda: _native.lens_blur(image, sharp, 1.0, 5.0, 1, dimmed=(before, after)))
    wanted = image / stretched(before, height, width) * stretched(after, height, width)
    assert found == pytest.approx(wanted, rel=1e-4, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), SIDES, SIDES, SIDES, st.integers(1, 700))
def test_one_channel_is_three_of_the_same(seed, height, width, rows, columns) -> None:
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
    disparity = random.random((height, width), np.float32)
    one = [random.uniform(0.2, 1, (rows, columns, 1)).astype(np.float32) for _ in range(2)]
    three = [np.ascontiguousarray(np.repeat(each, 3, axis=2)) for each in one]
    found, wanted = (
        everywhere(lambda: _native.lens_blur(image, disparity, 1.0, 5.0, 1, dimmed=tuple(pair)))  # noqa: B023
        for pair in (one, three)
    )
    assert bits(found) == bits(wanted)


@pytest.mark.parametrize("wrong", [(4, 4, 2), (4, 4, 0), (0, 4, 1), (4, 3, 1)])
def test_other_shapes_are_refused(wrong) -> None:
    image, sharp = np.zeros((9, 9, 3), np.float32), np.ones((9, 9), np.float32)
    pair = np.ones((4, 4, 1), np.float32), np.ones(wrong, np.float32)
    with pytest.raises(ValueError, match="one size"):
        _native.lens_blur(image, sharp, 1.0, 5.0, 1, dimmed=pair)
    with pytest.raises(ValueError, match="one size"):
        _native.lens_blur(image, sharp, 1.0, 5.0, 1, dimmed=pair[::-1])
