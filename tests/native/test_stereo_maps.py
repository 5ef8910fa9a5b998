"""What follows semi-global matching: the kernels and their twins, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import stereo_maps as twin
from reference.settings import bits, everywhere
from reference.stereo_scenes import scenes

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


@few
@given(scenes(st.integers(1, 20), st.one_of(st.integers(1, 34), st.just(65))))
def test_aligning_edges_is_its_twin(scene) -> None:
    found = everywhere(lambda: _native.stereo_align_edges(scene.samples, scene.channels, scene.shift))
    assert bits(found) == bits(twin.align_edges(scene.colours, scene.shift))


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


SHIFT, LEVEL = np.zeros((2, 3), np.int16), np.zeros((2, 3), np.uint8)
STAGES = {
    "check": (SHIFT, LEVEL, SHIFT, 5, 1, 40),
    "mark_occluded": (SHIFT, SHIFT, LEVEL),
    "fill": (LEVEL, 1, SHIFT, LEVEL, SHIFT),
    "align_edges": (LEVEL, 1, SHIFT),
    "median": (SHIFT,),
    "smooth_planes": (LEVEL, 1, LEVEL, LEVEL, SHIFT, 640),
    "rate": (SHIFT, LEVEL, LEVEL),
    "coarse_prior": (LEVEL, 1, SHIFT, LEVEL, 4, 6, 2),
}
MAPS = [
    (name, place)
    for name, values in STAGES.items()
    for place, value in enumerate(values)
    if isinstance(value, np.ndarray)
]


@pytest.mark.parametrize(("name", "place"), MAPS)
def test_maps_of_another_size_or_type_are_refused(name, place) -> None:
    stage, values = getattr(_native, f"stereo_{name}"), list(STAGES[name])
    right = values[place]
    stage(*values)
    if name != "median":
        values[place] = np.zeros((3, 3), right.dtype)
        with pytest.raises(ValueError, match="size"):
            stage(*values)
    values[place] = right[:0]
    with pytest.raises(ValueError, match="size"):
        stage(*values)
    values[place] = right.astype(np.float32)
    with pytest.raises(TypeError):
        stage(*values)
    if right.dtype == np.int16:
        values[place] = right - np.int16(1)
        with pytest.raises(ValueError, match="shifts must be 0 or more"):
            stage(*values)


@pytest.mark.parametrize(
    ("place", "value"), [(1, 2), (4, 0), (5, 1 << 20), (6, 3), (2, SHIFT + np.int16(20000))]
)
def test_priors_of_nonsense_are_refused(place, value) -> None:
    values = [*STAGES["coarse_prior"]]
    values[place] = value
    with pytest.raises(ValueError, match=r"channels|size|factor|large"):
        _native.stereo_coarse_prior(*values)
