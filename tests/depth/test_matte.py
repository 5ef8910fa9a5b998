"""Laws of `Matte`."""

from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from depth.maps import SHAPES
from nearfar.depth import Matte, MatteKind, Orientation

MATTES = st.builds(Matte, hnp.arrays(np.uint8, SHAPES), st.sampled_from(MatteKind))


@given(MATTES, st.sampled_from(Orientation))
def test_orientation_then_its_inverse_is_nothing(matte: Matte, orientation: Orientation) -> None:
    turned = matte.oriented(orientation)
    assert turned.size == orientation.oriented_size(matte.size)
    assert turned.oriented(orientation.inverse).equals(matte)


@given(MATTES)
def test_copies_are_equal(matte: Matte) -> None:
    assert pickle.loads(pickle.dumps(matte)).equals(matte)
    assert copy.deepcopy(matte).equals(matte)
    assert matte.resized(matte.size).equals(matte)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(matte._repr_png_()))), matte.values)
    assert not matte.equals(matte.with_values(np.zeros((10, 10), np.uint8)))


@given(st.integers(0, 255), SHAPES, SHAPES)
def test_an_even_matte_stays_even_in_any_size(
    value: int, shape: tuple[int, ...], other: tuple[int, ...]
) -> None:
    resized = Matte(np.full(shape, value, np.uint8), "hair").resized((other[1], other[0]))
    assert resized.shape == other
    assert (resized.values == value).all()
    assert resized.kind is MatteKind.HAIR


def test_what_a_matte_cannot_be() -> None:
    with pytest.raises(TypeError, match="uint8"):
        Matte(np.ones((2, 2), np.float32))
    with pytest.raises(ValueError, match="shape"):
        Matte(np.ones((2, 2, 1), np.uint8))
    for size in ((0, 2), (2.5, 2), (2, 2, 2), 2, "ab"):
        with pytest.raises(ValueError, match="size"):
            Matte(np.ones((2, 2), np.uint8)).resized(size)  # type: ignore[arg-type]
    assert repr(Matte(np.full((2, 3), 51, np.uint8), MatteKind.SKY)) == "Matte(3×2 sky, covers 20.0%)"
