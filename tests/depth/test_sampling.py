"""Samples between pixels: planes are kept exactly, centres are the pixels, outside there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nearfar.depth import sample_picture

POSITIONS = st.lists(st.tuples(st.floats(0.5, 11.5), st.floats(0.5, 7.5)), min_size=1, max_size=20)


@given(POSITIONS)
def test_a_plane_is_sampled_exactly(positions: list[tuple[float, float]]):
    y, x = np.mgrid[:8, :12] + 0.5
    plane = (2.0 * x - 3.0 * y + 30.0).astype(np.float32)
    points = np.array(positions)
    expected = 2.0 * points[:, 0] - 3.0 * points[:, 1] + 30.0
    assert np.allclose(sample_picture(plane, points), expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(8, 12), (8, 12, 3), (1, 1), (1, 5, 2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32])
def test_pixel_centres_give_the_pixels(shape: tuple[int, ...], dtype: type):
    picture = np.random.default_rng(1).integers(0, 250, shape).astype(dtype)
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    found = sample_picture(picture, np.stack([x, y], axis=-1))
    assert found.dtype == dtype
    assert np.array_equal(found, picture)


def test_the_outermost_pixels_reach_half_a_pixel_out_and_no_further():
    picture = np.full((4, 6, 3), 9, np.uint8)
    assert (sample_picture(picture, [(0.0, 0.0), (6.0, 4.0)]) == 9).all()
    outside = [(-0.01, 1.0), (6.01, 1.0), (1.0, 4.01), (np.nan, 1.0), (np.inf, 1.0)]
    assert (sample_picture(picture, outside) == 0).all()


@pytest.mark.parametrize(
    ("picture", "points", "message"),
    [
        (np.zeros(4, np.uint8), [(0.0, 0.0)], r"\(H, W\)"),
        (np.zeros((0, 4), np.uint8), [(0.0, 0.0)], r"\(H, W\)"),
        (np.zeros((4, 4), np.int64), [(0.0, 0.0)], "int64"),
        (np.zeros((4, 4), np.uint8), [0.0, 0.0, 0.0], r"\(\.\.\., 2\)"),
    ],
)
def test_what_cannot_be_sampled_is_refused(picture: np.ndarray, points: list, message: str):
    with pytest.raises(ValueError, match=message):
        sample_picture(picture, points)
