"""Semi-global matching: the kernel and its twin, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import stereo as twin
from reference.settings import bits, everywhere

FEW, HEIGHTS = st.integers(1, 40), st.integers(1, 11)
WIDTHS = st.sampled_from([1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 127, 128, 129])


def pictures(generator, height, width, channels, dtype, kind):
    """Two views: noise alone, patches that moved by several shifts, or next to nothing."""
    largest = np.iinfo(dtype).max
    if kind == "noise":
        left, right = generator.integers(0, largest + 1, (2, height, width, channels))
    elif kind == "flat":
        left, right = generator.integers(largest // 2, largest // 2 + 2, (2, height, width, channels))
    else:
        left = generator.integers(0, largest + 1, (height // 3 + 1, width // 4 + 1, channels))
        left = np.kron(left, np.ones((3, 4, 1), np.int64))[:height, :width]
        left = np.clip(left + generator.integers(-largest // 40, largest // 40 + 1, left.shape), 0, largest)
        columns = np.minimum(
            np.arange(width) + generator.integers(0, 9, (height // 4 + 1, 1)).repeat(4, 0), width - 1
        )
        right = np.take_along_axis(left, columns[:height, :, None], axis=1)
    return [np.ascontiguousarray(view.reshape(height, -1).astype(dtype)) for view in (left, right)]


def prior_for(generator, height, width, shifts, free, slope):
    shift = generator.integers(0, shifts + 4, (height, width)).astype(np.int16)
    most = generator.choice([0, 0, 6, 12, 40], (height, width)).astype(np.uint8)
    return twin.Prior(shift, most, free, slope)


def kernel(left, right, channels, shifts, both_ways, strip, prior):
    """Shift, margin and right view stacked."""
    shift, most = (None, None) if prior is None else (prior.shift, prior.most)
    charge = (0, 1) if prior is None else (prior.free, prior.slope)
    return np.stack(
        _native.stereo_aggregate(left, right, channels, shifts, both_ways, strip, shift, most, charge)
    )


def same(job) -> None:
    left, right, channels, *rest = job
    expected = twin.aggregate(twin.picture(left, channels), twin.picture(right, channels), *rest)
    assert bits(everywhere(lambda: kernel(*job))) == bits(np.stack(expected))


@st.composite
def jobs(draw, shifts=FEW, heights=HEIGHTS, widths=WIDTHS):
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width, count = draw(heights), draw(widths), draw(shifts)
    channels, dtype = draw(st.sampled_from([1, 3])), draw(st.sampled_from([np.uint8, np.uint16]))
    left, right = pictures(
        generator, height, width, channels, dtype, draw(st.sampled_from(["noise", "flat", "moved"]))
    )
    strip = draw(st.integers(1, 6)), draw(st.integers(0, 4))
    prior = None
    if draw(st.booleans()):
        prior = prior_for(
            generator, height, width, count, draw(st.integers(0, 2)), draw(st.sampled_from([1, 2]))
        )
    return left, right, channels, count, draw(st.booleans()), strip, prior


@settings(max_examples=120, deadline=None)
@given(jobs())
def test_matching_is_its_twin(job) -> None:
    same(job)


# Up to 64 shifts the paths along a row hold a pixel in registers, and up to 256 five paths add up in bytes.
@settings(max_examples=25, deadline=None)
@given(
    jobs(
        st.sampled_from([63, 64, 65, 128, 129, 130, 192, 255, 256, 257, 300, 511]),
        st.integers(1, 4),
        st.sampled_from([1, 30, 127, 128, 129, 290, 530]),
    )
)
def test_many_shifts_are_matched_as_the_twin_does(job) -> None:
    same(job)


SHIFTS, STRIP = 12, (5, 2)


@pytest.fixture
def noise():
    generator = np.random.default_rng(7)
    return generator.integers(40, 200, (17, 70), dtype=np.uint8)


@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("shift", [0, 1, 7, 11])
def test_what_moved_as_one_is_found(noise, shift, both_ways) -> None:
    moved = np.roll(noise, -shift, axis=1)
    found, margin, right = kernel(noise, moved, 1, SHIFTS, both_ways, STRIP, None)
    inside = np.s_[:, shift + 4 : -4]
    # Noise on one side of the best shift may fit a little better than on the other.
    assert (np.abs(found[inside] - shift * twin.UNIT) <= twin.UNIT // 2).all()
    assert (margin[inside] > 100).all()
    assert (right[:, 4 : -shift - 4] == shift).all()


@pytest.mark.parametrize("both_ways", [False, True])
def test_brightness_of_both_views_changes_nothing(noise, both_ways) -> None:
    other = np.roll(noise, -3, axis=1)
    dark, bright = (
        kernel(noise + by, other + by, 1, SHIFTS, both_ways, STRIP, None) for by in (0, np.uint8(55))
    )
    assert bits(dark) == bits(bright)


@pytest.mark.parametrize("both_ways", [False, True])
def test_a_prior_without_weight_changes_nothing(noise, both_ways) -> None:
    other = np.roll(noise, -3, axis=1)
    prior = twin.Prior(np.full(noise.shape, 9, np.int16), np.zeros(noise.shape, np.uint8), 0, 2)
    free = twin.Prior(np.full(noise.shape, 9, np.int16), np.full(noise.shape, 50, np.uint8), SHIFTS, 2)
    bare, guided, unbound = (
        kernel(noise, other, 1, SHIFTS, both_ways, STRIP, p) for p in (None, prior, free)
    )
    assert bits(bare) == bits(guided) == bits(unbound)


def test_a_prior_decides_where_pictures_say_nothing() -> None:
    flat = np.full((20, 60), 90, np.uint8)
    prior = twin.Prior(np.full(flat.shape, 6, np.int16), np.full(flat.shape, 12, np.uint8), 0, 1)
    found, _, _ = kernel(flat, flat, 1, SHIFTS, True, STRIP, prior)
    assert (found == 6 * twin.UNIT).all()


@pytest.mark.parametrize("both_ways", [False, True])
def test_one_strip_needs_no_overlap(noise, both_ways) -> None:
    other = np.roll(noise, -3, axis=1)
    bare, ahead = (kernel(noise, other, 1, SHIFTS, both_ways, (17, overlap), None) for overlap in (0, 9))
    assert bits(bare) == bits(ahead)


def test_overlap_as_high_as_the_picture_makes_strips_one(noise) -> None:
    other = np.roll(noise, -3, axis=1)
    whole, cut = (kernel(noise, other, 1, SHIFTS, True, strip, None) for strip in ((17, 0), (4, 17)))
    assert bits(whole) == bits(cut)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 9), WIDTHS, st.integers(0, 2), st.booleans())
def test_pictures_are_their_twins(seed, height, width, halvings, colour) -> None:
    generator = np.random.default_rng(seed)
    height, width, channels = height << halvings, width << halvings, 3 if colour else 1
    for dtype in (np.uint8, np.uint16):
        samples = generator.integers(0, np.iinfo(dtype).max + 1, (height + 1, (width + 1) * channels)).astype(
            dtype
        )
        luminance, colours = _native.stereo_picture(samples, channels, halvings)
        expected = twin.picture(samples, channels, halvings)
        assert np.array_equal(luminance, expected[0])
        assert np.array_equal(colours.reshape(expected[1].shape), expected[1])


MAP = np.zeros((2, 3), np.int16)
CHARGES = np.zeros((2, 3), np.uint8)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({0: CHARGES[:0]}, "size"),
        ({1: np.zeros((3, 3), np.uint8)}, "size"),
        ({2: 2}, "channels"),
        ({3: 0}, "shifts"),
        ({3: 512}, "shifts"),
        ({5: (0, 1)}, "strip"),
        ({5: (1, 5000)}, "strip"),
        ({6: None}, "prior"),
        ({7: CHARGES[:1]}, "size"),
        ({8: (-1, 1)}, "prior"),
        ({8: (0, 3)}, "prior"),
    ],
)
def test_nonsense_is_refused(change, word) -> None:
    arguments = [CHARGES, CHARGES, 1, 4, True, (2, 1), MAP, CHARGES, (0, 1)]
    for place, value in change.items():
        arguments[place] = value
    with pytest.raises(ValueError, match=word):
        _native.stereo_aggregate(*arguments)
