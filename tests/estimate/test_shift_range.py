"""The range that is found holds what is there, and not much more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.estimate import match_stereo
from nearfar.estimate.shift_range import find_max_shift


def made_pair(
    wall: int, box: int, size: tuple[int, int] = (480, 320), seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Both views of a textured box, a third of the picture wide, before a textured wall."""
    width, height = size
    generator = np.random.default_rng(seed)
    # Texture of several pixels, so that it lives on in a small picture.
    behind, front = (
        np.kron(generator.integers(0, 256, (height // 8 + 1, width // 4)), np.ones((8, 8))) for _ in range(2)
    )
    left, right = behind[:height, :width].copy(), behind[:height, wall : wall + width].copy()
    rows, columns = slice(height // 3, 2 * height // 3), slice(width // 3, 2 * width // 3)
    left[rows, columns] = front[rows, columns]
    right[rows, columns.start - box : columns.stop - box] = front[rows, columns]
    return left.astype(np.uint8), right.astype(np.uint8)


@given(wall=st.integers(0, 40), more=st.integers(4, 90), seed=st.integers(0, 3))
@settings(max_examples=25)
def test_a_box_before_a_wall_is_within_the_range(wall: int, more: int, seed: int):
    found = find_max_shift(*made_pair(wall, wall + more, seed=seed))
    assert found % 16 == 0
    assert wall + more <= found <= 1.2 * (wall + more) + 20


def test_the_range_grows_with_the_pictures():
    left, right = made_pair(10, 50)
    small = find_max_shift(left, right)
    large = find_max_shift(*(np.kron(picture, np.ones((3, 3), np.uint8)) for picture in (left, right)))
    assert 150 <= large <= 3 * small


def test_gray_colour_and_sixteen_bits_give_the_same():
    left, right = made_pair(10, 50)
    gray = find_max_shift(left, right)
    colour = [np.repeat(picture[..., None], 3, axis=2) for picture in (left, right)]
    assert find_max_shift(*colour) == gray
    deep = [picture.astype(np.uint16) * np.uint16(257) for picture in (left, right)]
    assert find_max_shift(*deep) == gray


def test_auto_takes_the_range_that_is_found():
    left, right = made_pair(10, 50)
    found = match_stereo(left, right, max_shift="auto")
    assert found.max_shift == find_max_shift(left, right)
    assert np.array_equal(
        found.shift, match_stereo(left, right, max_shift=found.max_shift).shift, equal_nan=True
    )


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (40, 30), (300, 2)])
def test_small_and_constant_pictures_have_a_range(size: tuple[int, int]):
    flat = np.full(size[::-1], 90, np.uint8)
    found = find_max_shift(flat, flat)
    assert 1 <= found <= size[0]


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "largest"),
    [("tsukuba", 14.0), ("teddy", 52.75), ("cones", 55.0), ("motorcycle", 59.91), ("aloe", 211.0)],
)
def test_real_scenes_are_within_the_range(samples, name: str, largest: float):
    """The largest shifts are those of the ground truths."""
    cv2 = pytest.importorskip("cv2")
    folder = samples / "stereo" / name
    left, right = (
        cv2.imread(str(next(path for path in folder.glob(f"*{side}.*") if "gt" not in path.name)))
        for side in ("left", "right")
    )
    assert largest <= find_max_shift(left, right) <= max(1.7 * largest, 16)
