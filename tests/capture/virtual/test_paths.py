"""Paths: where the camera is at which time, and that what it sees is seen from there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.virtual.cameras import opened
from nearfar.capture.virtual.paths import PATHS, path
from nearfar.depth import reproject

seconds = st.floats(0.0, 1e5)


@given(name=st.sampled_from(PATHS), distance=st.floats(0.3, 10.0), seed=st.integers(0, 10**9))
def test_a_path_begins_where_it_was_framed(name: str, distance: float, seed: int) -> None:
    begin = path(name, distance, seed)(0.0)
    assert np.allclose(begin.to_matrix(), np.eye(4), atol=1e-12)


@given(name=st.sampled_from(PATHS), distance=st.floats(0.3, 10.0), time=seconds)
def test_a_path_stays_near_and_moves_without_jumps(name: str, distance: float, time: float) -> None:
    walk = path(name, distance, 1)
    here, next_frame = walk(time), walk(time + 1 / 30)
    assert np.linalg.norm(here.translation) < max(0.05, 0.35 * distance + 0.05)
    assert np.linalg.norm(next_frame.translation - here.translation) < 0.04 + 0.02 * distance
    assert np.abs(next_frame.rotation - here.rotation).max() < 0.02


@given(distance=st.floats(0.3, 10.0), time=seconds)
def test_an_orbit_keeps_its_distance_and_looks_at_the_middle(distance: float, time: float) -> None:
    middle = np.array((0.0, 0.0, distance))
    seen = path("orbit", distance, 0)(time).inverse().apply(middle)
    assert np.allclose(seen, middle, atol=1e-9 * distance)


def test_other_seeds_have_another_hand() -> None:
    one, other = path("sway", 1.0, 1)(0.5), path("sway", 1.0, 2)(0.5)
    assert not one.equals(other)


@pytest.mark.parametrize("name", PATHS)
def test_every_frame_carries_the_pose_it_was_seen_from(name: str) -> None:
    """What one frame shows, moved by both poses and the true depth, is what the other one shows."""
    source = opened(f"wide?path={name}&noise=0&scene=desk")
    chosen = source.formats[0]
    first, later = source.frame(chosen, 0, 0.0), source.frame(chosen, 24, 0.8)
    assert first.pose is not None
    assert later.pose is not None
    truth = source.truth(0.8)
    assert np.array_equal(truth.pose.to_matrix(), later.pose.to_matrix())
    warped = reproject(
        source.truth(0.0).depth_map,
        truth.calibration,
        truth.depth_map.size,
        target_from_source=later.pose.inverse() @ first.pose,
    )
    there = warped.valid & np.isfinite(truth.depth)
    error = np.abs(warped.values - truth.depth)[there] / truth.depth[there]
    assert np.median(error) < 0.005
