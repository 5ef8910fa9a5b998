"""Smoothing over planes: the kernel and its twin, and laws."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import stereo_planes as twin
from reference.settings import everywhere
from reference.stereo_scenes import UNIT, scenes

few = settings(max_examples=40, deadline=None)


def smooth(scene, state, margin, shift):
    return everywhere(
        lambda: _native.stereo_smooth_planes(
            scene.samples, scene.channels, state, margin, shift, int(shift.max())
        )
    )


# Within 1/64 px, for the C library's exponential may round another way than NumPy's.
@few
@given(scenes())
def test_smoothing_is_its_twin(scene) -> None:
    found = smooth(scene, scene.state, scene.margin, scene.shift)
    expected = twin.smooth(scene.colours, scene.state, scene.margin, scene.shift, int(scene.shift.max()))
    assert np.abs(found.astype(int) - expected).max() <= 1


@few
@given(scenes())
def test_what_matched_well_stays(scene) -> None:
    found = smooth(scene, scene.state, scene.margin, scene.shift)
    strong = (scene.state == 0) & (scene.margin >= 140)
    assert np.array_equal(found[strong], scene.shift[strong])
    assert np.array_equal(smooth(scene, np.ones_like(scene.state), scene.margin, scene.shift), scene.shift)


@few
@given(scenes())
def test_nothing_moves_by_more_than_six_pixels(scene) -> None:
    found = smooth(scene, scene.state, scene.margin, scene.shift)
    assert np.abs(found.astype(int) - scene.shift).max() <= 6 * UNIT


@few
@given(scenes(), st.integers(0, 500))
def test_a_wall_stays_a_wall(scene, shift) -> None:
    wall = np.full_like(scene.shift, shift * UNIT)
    assert np.abs(smooth(scene, scene.state, scene.margin, wall).astype(int) - wall).max() <= 1


def test_a_plane_does_not_lead_out_of_the_range() -> None:
    most = 510 * UNIT
    shift = np.tile(most - 16 * np.arange(50, -46, -1).clip(0), (16, 1)).astype(np.int16)
    weak = np.arange(96) >= 50  # where the plane of the others would rise above the largest word
    state = np.tile(weak * np.uint8(2), (16, 1))
    margin = np.tile(np.where(weak, np.uint8(4), np.uint8(200)), (16, 1))
    grey = np.full(shift.shape, 90, np.uint8)
    found = everywhere(lambda: _native.stereo_smooth_planes(grey, 1, state, margin, shift, most))
    assert found.min() == shift.min()
    assert found.max() == most
