"""What makes a measured map fit for its picture: kernels, their twins, and what the bindings refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import rims, settling
from reference.settings import bits, everywhere

DISPARITIES = st.one_of(st.sampled_from([1.0, 1.03, 1.25, 3.0, 5.0]), st.floats(-4, 16, width=32))
CODES = st.one_of(st.sampled_from([10, 14, 60, 200]), st.integers(0, 255))


@st.composite
def maps(draw, side=40):
    """A map, at times of large blocks, which leave holes that see nothing."""
    shape, block = (
        (draw(st.integers(1, side)), draw(st.integers(1, side))),
        draw(st.sampled_from([1, 1, 3, 9])),
    )
    cells = tuple(-(-length // block) for length in shape)
    values = draw(hnp.arrays(np.float32, cells, elements=DISPARITIES))
    return np.ascontiguousarray(values.repeat(block, 0).repeat(block, 1)[: shape[0], : shape[1]])


def widened(aligned, *arguments):
    changed = aligned.copy()
    _native.widen_rims(changed, *arguments)
    return changed


@settings(max_examples=80, deadline=None)
@given(maps(), st.data())
def test_settling_is_its_twin(values, data) -> None:
    picture = data.draw(hnp.arrays(np.uint8, (*values.shape, 3), elements=CODES))
    found = everywhere(lambda: _native.settle_edges(values, picture))
    assert bits(found) == bits(settling.settle_edges(values, picture))


@settings(max_examples=80, deadline=None)
@given(maps(12), st.data())
def test_widening_is_its_twin(small, data) -> None:
    height, width = (n * data.draw(st.integers(1, 6)) + data.draw(st.integers(0, 3)) for n in small.shape)
    aligned = data.draw(hnp.arrays(np.float32, (height, width), elements=DISPARITIES))
    focus, jump = data.draw(st.sampled_from([-1.0, 1.0, 2.0])), data.draw(st.sampled_from([0.0, 0.05, 1.5]))
    found = everywhere(lambda: widened(aligned, small, focus, jump))
    assert bits(found) == bits(rims.widen_rims(aligned, small, focus, jump))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([np.uint8, np.uint16]), st.tuples(*[st.integers(1, 30)] * 2), st.data())
def test_shrinking_is_its_twin(dtype, size, data) -> None:
    codes = data.draw(hnp.arrays(dtype, (*size, 3), elements=st.integers(0, np.iinfo(dtype).max)))
    height, width = (data.draw(st.integers(1, length)) for length in size)
    found = everywhere(lambda: _native.shrink_picture(codes, height, width))
    assert bits(found) == bits(settling.shrink(codes, height, width))


def test_large_maps_are_the_same_in_every_setting() -> None:
    generator = np.random.default_rng(4)
    small = generator.choice(np.array([1, 1.01, 3], np.float32), (30, 40)).repeat(9, 0).repeat(9, 1)
    picture = generator.choice(np.array([10, 14, 120], np.uint8), (90, 120, 3)).repeat(3, 0).repeat(3, 1)
    settled = everywhere(lambda: _native.settle_edges(small, picture))
    assert bits(settled) == bits(settling.settle_edges(small, picture))
    assert (settled != small).any()
    large = settled.repeat(3, 0).repeat(3, 1)
    grown = everywhere(lambda: widened(large, settled, 1.0, 0.1))
    assert bits(grown) == bits(rims.widen_rims(large, settled, 1.0, 0.1))
    assert (grown != large).any()
    codes = generator.integers(0, 256, (700, 900, 3), dtype=np.uint8)
    assert bits(everywhere(lambda: _native.shrink_picture(codes, 270, 360))) == bits(
        settling.shrink(codes, 270, 360)
    )


def test_a_picture_shrinks_to_its_means() -> None:
    codes = np.array([[[0, 10, 255], [1, 10, 254]]], np.uint8)
    assert _native.shrink_picture(codes, 1, 1).tolist() == [[[1, 10, 255]]]
    np.testing.assert_array_equal(_native.shrink_picture(codes, 1, 2), codes)
    np.testing.assert_array_equal(_native.shrink_picture(codes.astype(np.uint16) * 256 + 255, 1, 2), codes)


MAP = np.ones((3, 4), np.float32)
PICTURE = np.zeros((3, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("kernel", "arguments", "word"),
    [
        ("settle_edges", (MAP, PICTURE[:2]), "size"),
        ("settle_edges", (MAP, PICTURE[:, :, :2].copy()), "size"),
        ("settle_edges", (MAP[:0], PICTURE[:0]), "empty"),
        ("settle_edges", (MAP * np.float32(np.nan), PICTURE), "finite"),
        ("widen_rims", (MAP, np.ones((4, 4), np.float32), 0.0, 0.1), "larger"),
        ("widen_rims", (MAP, np.ones((3, 5), np.float32), 0.0, 0.1), "larger"),
        ("widen_rims", (MAP, MAP[:, :0].copy(), 0.0, 0.1), "empty"),
        ("widen_rims", (MAP, MAP * np.float32(np.inf), 0.0, 0.1), "finite"),
        ("widen_rims", (MAP, MAP, np.nan, 0.1), "focus"),
        ("widen_rims", (MAP, MAP, 0.0, -0.1), "jump"),
        ("shrink_picture", (PICTURE, 0, 1), "size"),
        ("shrink_picture", (PICTURE, 4, 1), "size"),
        ("shrink_picture", (PICTURE, 1, 5), "size"),
        ("shrink_picture", (PICTURE[:0], 1, 1), "picture"),
        ("shrink_picture", (np.zeros((3, 4, 4), np.uint8), 1, 1), "picture"),
    ],
)
def test_nonsense_is_refused(kernel, arguments, word) -> None:
    with pytest.raises(ValueError, match=word):
        getattr(_native, kernel)(*arguments)
