"""The kernels of the pattern decoder, and their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import pattern as twin
from reference.settings import bits, everywhere

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 140))


@st.composite
def pairs(draw):
    """A picture, a reference that shows it moved here and there, and where to look for it."""
    height, width = draw(SIZES)
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    offset, more = draw(st.integers(0, 20)), draw(st.integers(0, 20))
    reference = (generator.random((height, offset + width + more)) < 0.2) * 200 + generator.integers(
        0, 30, (height, offset + width + more)
    )
    image = np.zeros((height, width), np.int64)
    for left in range(0, width, 45):
        moved = np.roll(reference, draw(st.integers(-6, 12)) - offset, axis=1)
        image[:, left : left + 45] = moved[:, left : min(left + 45, width)]
    image = np.clip(image + generator.normal(0, draw(st.sampled_from([0, 10, 60])), image.shape), 0, 255)
    least = draw(st.integers(-8, 3))
    return (
        image.astype(np.uint16),
        reference.astype(np.uint16),
        offset,
        least,
        least + draw(st.integers(0, 16)),
    )


def known(image, reference, offset: int, least: int, most: int) -> _native.KnownPattern:
    return _native.KnownPattern(reference, image.shape[1], offset, least, most)


@settings(max_examples=50)
@given(SIZES, st.sampled_from([2, 256, 65536]), st.integers(0, 2**32))
def test_normalisation_is_its_twin(size, levels, seed) -> None:
    image = np.random.default_rng(seed).integers(0, levels, size, dtype=np.uint16)
    assert bits(everywhere(lambda: _native.pattern_normalise(image))) == bits(twin.normalise(image))


@settings(max_examples=40)
@given(pairs())
def test_search_is_its_twin(case) -> None:
    image, reference, *where = case
    image, reference = _native.pattern_normalise(image), _native.pattern_normalise(reference)
    found = everywhere(lambda: _native.pattern_search(image, known(image, reference, *where)))
    assert bits(found) == bits(twin.search(image, reference, *where))


@settings(max_examples=40)
@given(pairs())
def test_refinement_is_its_twin(case) -> None:
    image, reference, *where = case
    image, reference = _native.pattern_normalise(image), _native.pattern_normalise(reference)
    found = _native.pattern_search(image, known(image, reference, *where))
    expected = np.stack(twin.refine(image, reference, found, *where))
    assert bits(
        everywhere(lambda: np.stack(_native.pattern_refine(image, known(image, reference, *where), found)))
    ) == bits(expected)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 3000))
def test_normalisation_takes_gain_and_brightness_away(seed, gain, brightness) -> None:
    image = np.random.default_rng(seed).integers(0, 1000, (20, 30), dtype=np.uint16)
    once = _native.pattern_normalise(image).astype(int)
    brighter = _native.pattern_normalise((image * gain + brightness).astype(np.uint16)).astype(int)
    assert np.abs(once - brighter).max() <= 3  # the floor of half a grey level is all that does not scale


def test_what_is_constant_has_no_contrast() -> None:
    for level in (0, 1, 65535):
        assert not _native.pattern_normalise(np.full((30, 40), level, np.uint16)).any()


@given(st.integers(0, 2**32), st.sampled_from([43.5, -43.5]), st.sampled_from([0.0, 0.8]))
def test_depth_is_what_shifts_say(seed, pull, inverse) -> None:
    generator = np.random.default_rng(seed)
    shifts = generator.uniform(-60, 60, (37, 50)).astype(np.float32)
    shifts[generator.random(shifts.shape) < 0.1] = np.nan
    peaks = generator.random(shifts.shape).astype(np.float32)
    low, high, least = -50.0, 40.0, 0.3
    found = everywhere(
        lambda: np.stack(_native.pattern_measure(shifts, peaks, low, high, least, pull, inverse))
    )
    certain = (peaks >= np.float32(least)) & (shifts >= low - 0.5) & (shifts <= high + 0.5)
    with np.errstate(divide="ignore"):
        closeness = np.clip(shifts, low, high) / np.float32(pull) + np.float32(inverse)
        depth = np.float32(1) / np.maximum(closeness, np.float32(0))
    assert bits(found) == bits(
        np.stack([np.where(certain, depth, np.nan), np.where(certain, peaks, 0)]).astype(np.float32)
    )


def test_sizes_that_do_not_belong_together_are_refused() -> None:
    image, reference = np.zeros((8, 9), np.int16), np.zeros((8, 20), np.int16)
    found = np.zeros((1, 9), np.uint16)
    fitting = _native.KnownPattern(reference, 9, 0, 0, 3)
    for size in ((7, 9), (8, 10)):
        other = np.zeros(size, np.int16)
        with pytest.raises(ValueError, match="size"):
            _native.pattern_search(other, fitting)
        with pytest.raises(ValueError, match="size"):
            _native.pattern_refine(other, fitting, found)
    for wrong, words in (
        ((reference, 0, 0, 0, 3), "empty"),
        ((reference[:0], 9, 0, 0, 3), "empty"),
        ((reference[:, :0].copy(), 9, 0, 0, 3), "empty"),
        ((reference, 9, 0, 3, 2), "range"),
        ((reference, 9, 1 << 20, 0, 3), "offset"),
    ):
        with pytest.raises(ValueError, match=words):
            _native.KnownPattern(*wrong)
    with pytest.raises(ValueError, match="found"):
        _native.pattern_refine(image, fitting, np.zeros((2, 9), np.uint16))
    with pytest.raises(ValueError, match="found"):
        _native.pattern_refine(image, fitting, found + 4)
    for level in (-1025, 1025):
        high = np.full((8, 20), level, np.int16)
        with pytest.raises(ValueError, match="1024"):
            _native.KnownPattern(high, 9, 0, 0, 3)
        with pytest.raises(ValueError, match="1024"):
            _native.pattern_refine(high[:, :9].copy(), fitting, found)
    with pytest.raises(ValueError, match="differ"):
        _native.pattern_measure(np.zeros((2, 3), np.float32), np.zeros((3, 2), np.float32), 0, 1, 0, 1, 0)
