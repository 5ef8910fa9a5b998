"""Depth is computed: never the truth, and near it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capture.virtual.cameras import WITH_DEPTH, opened
from nearfar.capture import open_source, shoot
from nearfar.capture.virtual import VirtualCamera
from nearfar.depth import DepthKind, DepthMap, Mesh, Quality
from nearfar.estimate.filters import remove_speckles

LIMITS = {"dual": 0.03, "dualwide": 0.06, "truedepth": 0.008, "lidar": 0.015}
"""The median of what depth errs by, as a share of it: well above what the guide's table says."""


def both(camera: str, sequence: int = 5) -> tuple[DepthMap, DepthMap]:
    """What it measures, and the truth, both in metres."""
    source = opened(camera)
    chosen = source.formats[0]
    measured = source.frame(chosen, sequence, 0.0).depth
    assert measured is not None
    return measured.to(DepthKind.DEPTH, dtype=np.float32), source.truth(sequence / chosen.rate).depth_map


@pytest.mark.parametrize("camera", WITH_DEPTH)
def test_depth_is_near_the_truth_and_not_the_truth(camera: str) -> None:
    measured, true = both(camera)
    there = measured.valid & np.isfinite(measured.values) & np.isfinite(true.values)
    assert there.mean() > (0.3 if camera == "truedepth" else 0.6)
    error = np.abs(measured.values - true.values)[there] / true.values[there]
    assert 0.0 < np.median(error) < LIMITS[camera]
    assert (error == 0.0).mean() < 0.01


@pytest.mark.parametrize("camera", ["dual", "dualwide"])
def test_what_one_camera_alone_sees_is_a_hole(camera: str) -> None:
    measured, _ = both(camera)
    assert not measured.filtered
    assert np.isnan(measured.values).any()
    # The left border of the left view lies outside of the right one.
    assert np.isnan(measured.values[:, 0]).mean() > 0.9


@pytest.mark.parametrize("camera", WITH_DEPTH[:-1])
def test_what_was_found_by_chance_alone_is_a_hole(camera: str) -> None:
    """Hardly an island of a few pixels stands before what is around it."""
    source = opened(f"{camera}?scene=portrait")
    depth = source.frame(source.formats[0], 5, 0.0).depth
    assert depth is not None
    islands = depth.valid & ~remove_speckles(depth, 60, 0.15).valid
    assert islands.mean() < 1e-4


def test_bent_lenses_bend_the_map_with_the_picture() -> None:
    source = opened("dual?distortion=1&path=still")
    chosen = source.formats[0]
    depth = source.frame(chosen, 0, 0.0).depth
    assert depth is not None
    assert depth.calibration is not None
    assert depth.calibration.bends
    true = source.truth(0.0).depth_map.to(DepthKind.DISPARITY)
    error = np.abs(depth.values.astype(np.float32) - true.values) / true.values
    assert np.nanmedian(error) < LIMITS["dual"]


def test_where_no_dots_are_seen_is_a_hole() -> None:
    """In the shadow that a head throws onto the wall behind it, and where light is too weak."""
    measured, true = both("truedepth")
    assert not measured.filtered
    far = true.values > 2.0
    assert measured.valid[far].mean() < 0.98
    assert measured.valid[true.values < 0.7].mean() > 0.9


def test_confidence_of_the_lidar_has_three_levels_that_tell_the_error() -> None:
    measured, true = both("lidar")
    assert measured.filtered
    assert measured.confidence is not None
    assert set(np.unique(measured.confidence)) == {np.float32(0.0), np.float32(0.5), np.float32(1.0)}
    known = np.isfinite(true.values)
    error = np.abs(measured.values - true.values) / true.values
    means = [error[known & (measured.confidence == level)].mean() for level in (0.0, 0.5, 1.0)]
    assert means[0] > means[1] > means[2]
    assert means[2] < 0.02


def test_what_lies_between_the_points_of_the_lidar_is_filled_in_whatever_is_asked() -> None:
    for filtered in (False, True):
        depth = shoot(opened("lidar"), filtered=filtered).depth
        assert depth is not None
        assert (depth.filtered, depth.holes) == (True, 0.0)


def test_where_no_light_comes_back_the_lidar_has_holes(tmp_path: Path) -> None:
    corners = np.array([[-100, -100, 0], [100, -100, 0], [100, 100, 0], [-100, 100, 0]], np.float32)
    wall = Mesh(corners, np.array([[0, 1, 2], [0, 2, 3], [0, 2, 1], [0, 3, 2]], np.int32))
    wall.save(tmp_path / "wall.glb")
    source = open_source(f"virtual:lidar?path=still&scene={tmp_path / 'wall.glb'}")
    assert isinstance(source, VirtualCamera)
    assert np.nanmin(source.truth(0.0).depth) > 10.0
    depth = source.frame(source.formats[0], 0, 0.0).depth
    assert depth is not None
    assert depth.holes == 1.0
    assert depth.quality is Quality.LOW
