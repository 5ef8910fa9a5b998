"""Orientations are the symmetries of a rectangle, and they mean what EXIF says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image, ImageOps

from nearfar.depth import Orientation, orient_array

PAIRS = list(itertools.product(Orientation, Orientation))
PICTURE = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)


@pytest.mark.parametrize("orientation", Orientation)
def test_agrees_with_pillow(orientation: Orientation) -> None:
    image = Image.fromarray(PICTURE)
    image.getexif()[0x0112] = int(orientation)
    upright = ImageOps.exif_transpose(image)
    turned = orient_array(PICTURE, orientation)
    np.testing.assert_array_equal(turned, np.asarray(upright))
    assert turned.flags.c_contiguous
    assert orientation.oriented_size((4, 2)) == (turned.shape[1], turned.shape[0])


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_then_is_one_after_the_other(first: Orientation, second: Orientation) -> None:
    both = orient_array(orient_array(PICTURE, first), second)
    np.testing.assert_array_equal(both, orient_array(PICTURE, first.then(second)))
    np.testing.assert_array_equal(
        second.camera_matrix() @ first.camera_matrix(), first.then(second).camera_matrix()
    )


@pytest.mark.parametrize("orientation", Orientation)
def test_the_inverse_undoes(orientation: Orientation) -> None:
    assert orientation.then(orientation.inverse) is Orientation.UP
    assert orientation.inverse.then(orientation) is Orientation.UP
    assert orientation.mirrors == (np.linalg.det(orientation.camera_matrix()) < 0)


@pytest.mark.parametrize("orientation", Orientation)
def test_the_camera_matrix_moves_points_as_pixels_move(orientation: Orientation) -> None:
    stored = np.zeros((3, 5), np.uint8)
    stored[0, 4] = 1
    upright = orient_array(stored, orientation)
    offset = np.array([4.5 - 2.5, 0.5 - 1.5, 7.0])
    y, x = np.argwhere(upright)[0] + 0.5
    moved = orientation.camera_matrix() @ offset
    np.testing.assert_allclose(moved, [x - upright.shape[1] / 2, y - upright.shape[0] / 2, 7.0])


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="9 is not a valid Orientation"):
        orient_array(PICTURE, 9)
    with pytest.raises(ValueError, match="two axes"):
        orient_array(np.zeros(3), 1)
