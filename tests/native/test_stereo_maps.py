"""What follows semi-global matching: the kernels and their twins, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import stereo as pictures
from reference import stereo_maps as twin
from reference.settings import bits, everywhere

HEIGHTS = st.integers(1, 36)
WIDTHS = st.one_of(st.integers(1, 34), st.sampled_from([63, 64, 65, 127, 128, 129]))
UNIT = pictures.UNIT


class Scene:
    """A picture of patches and a map of slopes and steps, here and there wrong, with what was found of it."""

    def __init__(self, seed: int, height: int, width: int, channels: int) -> None:
        generator = np.random.default_rng(seed)
        size = height, width
        patch = generator.choice([2, 5, 9])

        def patched(low, high, depth):
            small = generator.integers(low, high, (height // patch + 1, width // patch + 1, depth))
            return np.kron(small, np.ones((patch, patch, 1), np.int64))[:height, :width]

        levels = patched(0, 256, channels) // generator.choice([1, 6]) + generator.integers(
            -9, 10, (*size, channels)
        )
        self.samples = np.clip(levels, 0, 255).astype(np.uint8).reshape(height, -1)
        self.channels = channels
        slope = np.arange(width) * generator.integers(-20, 21) + np.arange(height)[
            :, None
        ] * generator.integers(-9, 9)
        shift = (
            slope
            + patched(0, 30, 1)[..., 0] * generator.choice([0, 20, 64, 90])
            + generator.integers(-6, 7, size)
        )
        wrong = generator.random(size) < generator.choice([0, 0.05, 0.5])
        self.shift = np.clip(np.where(wrong, generator.integers(0, 40 * UNIT, size), shift), 0, 511 * UNIT)
        self.shift = self.shift.astype(np.int16)
        self.margin = np.where(wrong, 0, generator.integers(0, 256, size)).astype(np.uint8)
        self.state = generator.choice([0, 2, 4, 6, 8], size, p=[0.6, 0.1, 0.1, 0.1, 0.1]).astype(np.uint8)
        self.state[patched(0, generator.choice([1, 3]), 1)[..., 0] > 0] = 2
        # The right view: what the left shift says, where it says it, and errors.
        near = np.clip(twin.whole(self.shift.astype(np.int64)) + generator.integers(-2, 3, size), 0, 511)
        columns = np.clip(np.arange(width) + generator.integers(0, 4, size), 0, width - 1)
        self.right = np.take_along_axis(near, columns, axis=1).astype(np.int16)

    @property
    def colours(self):
        return pictures.picture(self.samples, self.channels)[1]


@st.composite
def scenes(draw, heights=HEIGHTS, widths=WIDTHS):
    return Scene(draw(st.integers(0, 2**32)), draw(heights), draw(widths), draw(st.sampled_from([1, 3])))


few = settings(max_examples=40, deadline=None)


@few
@given(scenes(), st.integers(0, 256), st.integers(0, 3), st.sampled_from([0, 1, 2, 10, 40, 10000]))
def test_checking_is_its_twin(scene, ambiguity, disagreement, speckle) -> None:
    arguments = scene.shift, scene.margin, scene.right, ambiguity, disagreement, speckle
    assert bits(everywhere(lambda: _native.stereo_check(*arguments))) == bits(twin.check(*arguments))


@few
@given(scenes(), st.integers(1, 100))
def test_patches_that_are_dropped_were_kept_without_a_limit(scene, speckle) -> None:
    maps = scene.shift, scene.margin, scene.right
    every, large = (_native.stereo_check(*maps, 5, 1, limit) for limit in (0, speckle))
    assert not (every & twin.SPECKLE).any()
    assert np.array_equal(np.where(every == 0, large, every), large)
    assert np.array_equal(np.where(large == twin.SPECKLE, 0, large), every)


@few
@given(scenes())
def test_marking_is_its_twin(scene) -> None:
    arguments = scene.shift, scene.right, scene.state
    assert bits(everywhere(lambda: _native.stereo_mark_occluded(*arguments))) == bits(
        twin.mark_occluded(*arguments)
    )


@few
@given(scenes())
def test_filling_is_its_twin(scene) -> None:
    found = everywhere(
        lambda: _native.stereo_fill(scene.samples, scene.channels, scene.right, scene.state, scene.shift)
    )
    assert bits(found) == bits(twin.fill(scene.colours, scene.right, scene.state, scene.shift))
    if (scene.state == 0).any():
        assert np.isin(found, scene.shift[scene.state == 0]).all()
    assert np.array_equal(found[scene.state == 0], scene.shift[scene.state == 0])


def test_one_kept_pixel_fills_the_map() -> None:
    state = np.full((60, 40), 2, np.uint8)
    state[30, 20] = 0
    shift = np.arange(2400, dtype=np.int16).reshape(60, 40)
    found = everywhere(lambda: _native.stereo_fill(np.zeros((60, 40), np.uint8), 1, shift, state, shift))
    assert (found == shift[30, 20]).all()


def test_nothing_kept_stays_as_it_was() -> None:
    state, shift = np.full((9, 9), 4, np.uint8), np.arange(81, dtype=np.int16).reshape(9, 9)
    assert np.array_equal(_native.stereo_fill(state, 1, shift, state, shift), shift)


# Rounds after the first skip what has not changed: the twin looks everywhere again.
@few
@given(scenes(st.integers(1, 20), st.one_of(st.integers(1, 34), st.just(65))), st.integers(0, 3))
def test_aligning_edges_is_its_twin(scene, rounds) -> None:
    found = everywhere(lambda: _native.stereo_align_edges(scene.samples, scene.channels, scene.shift, rounds))
    assert bits(found) == bits(twin.align_edges(scene.colours, scene.shift, rounds))


@few
@given(scenes())
def test_the_median_is_its_twin(scene) -> None:
    assert bits(everywhere(lambda: _native.stereo_median(scene.shift))) == bits(twin.median(scene.shift))


@few
@given(scenes())
def test_medians_of_a_turned_map_are_turned(scene) -> None:
    median = _native.stereo_median(scene.shift)
    for turn in (np.s_[::-1], np.s_[:, ::-1]):
        assert np.array_equal(_native.stereo_median(np.ascontiguousarray(scene.shift[turn])), median[turn])
    turned = _native.stereo_median(np.ascontiguousarray(scene.shift.T))
    assert np.array_equal(turned, median.T)


@few
@given(scenes())
def test_the_confidence_is_its_twin(scene) -> None:
    arguments = scene.shift, scene.margin, scene.state
    assert bits(everywhere(lambda: _native.stereo_rate(*arguments))) == bits(twin.rate(*arguments))


@few
@given(scenes())
def test_confidence_needs_kept_pixels_and_falls_where_shifts_differ(scene) -> None:
    level = np.full_like(scene.shift, 640)
    rated, even = (_native.stereo_rate(shift, scene.margin, scene.state) for shift in (scene.shift, level))
    assert (rated <= even).all()
    assert not _native.stereo_rate(level, scene.margin, np.ones_like(scene.state)).any()


@few
@given(scenes(), st.sampled_from([2, 4]), st.integers(0, 7), st.integers(0, 7))
def test_the_prior_is_its_twin(scene, factor, more_rows, more_columns) -> None:
    height, width = (
        factor * n + more % factor
        for n, more in zip(scene.shift.shape, (more_rows, more_columns), strict=True)
    )
    shift = scene.shift // 4
    found = everywhere(
        lambda: np.stack(
            _native.stereo_coarse_prior(
                scene.samples, scene.channels, shift, scene.state, height, width, factor
            )
        )
    )
    assert bits(found) == bits(
        np.stack(twin.coarse_prior(scene.colours, shift, scene.state, height, width, factor))
    )


@pytest.mark.parametrize("factor", [2, 4])
def test_a_slope_stays_a_slope_at_full_size(factor) -> None:
    """A fine pixel's shift is the factor times that of the coarse plane at its centre."""
    slope = np.broadcast_to(np.arange(20, dtype=np.int16) * 32 + 320, (9, 20)).copy()
    flat = np.zeros(slope.shape, np.uint8)
    expected, most = _native.stereo_coarse_prior(flat, 1, slope, flat, 9 * factor, 20 * factor, factor)
    inside = np.s_[:, factor:-factor]
    centres = (np.arange(20 * factor) + 0.5) / factor - 0.5
    assert np.array_equal(
        expected[inside],
        np.broadcast_to(np.floor((centres * 0.5 + 5) * factor + 0.5), expected.shape)[inside],
    )
    assert (most == 0).all()
    assert (_native.stereo_coarse_prior(flat, 1, flat.astype(np.int16), flat, 18, 40, 2)[1] == 12).all()
