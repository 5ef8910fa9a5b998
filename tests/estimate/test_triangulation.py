"""Shifts become depth by the one formula, at every size, and the map says what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from nearfar.estimate import stereo_depth

SIZE = (64, 48)
BASELINE = 0.12


def rig(doffs: float = 0.0, size: tuple[int, int] = SIZE, baseline: float = BASELINE) -> nf.StereoRig:
    left = nf.Calibration.from_field_of_view(1.0, size)
    intrinsics = left.intrinsics.copy()
    intrinsics[0, 2] += doffs
    place = nf.Pose(np.eye(3), np.array([baseline, 0.0, 0.0]))
    return nf.StereoRig(left, left.replace(intrinsics=intrinsics, pose=place))


@dataclass(frozen=True)
class Match:
    """What a matcher gives: the attributes that `stereo_depth` reads."""

    shift: np.ndarray
    valid: np.ndarray
    confidence: np.ndarray
    occluded: np.ndarray


def match(shift: np.ndarray, occluded: np.ndarray | None = None) -> Match:
    valid = np.isfinite(shift)
    confidence = np.full(shift.shape, 0.75, np.float32)
    return Match(shift, valid, confidence, np.zeros_like(valid) if occluded is None else occluded)


@given(doffs=st.floats(-3.0, 12.0), scale=st.sampled_from([0.5, 1.0, 2.0]), z=st.floats(0.3, 20.0))
def test_points_come_back_at_their_distance(doffs: float, scale: float, z: float):
    """A plane at z is projected by both cameras; the shift between the two is read back as z."""
    cameras = rig(doffs)
    width, height = (round(side * scale) for side in SIZE)
    point = np.array([0.02, -0.01, z])
    seen_left = cameras.left.project(point)
    seen_right = cameras.right.project(cameras.right_from_left.apply(point))
    shift = np.full((height, width), (seen_left - seen_right)[0] * scale)
    depth = stereo_depth(shift, cameras)
    assert depth.kind is nf.DepthKind.DISPARITY
    assert depth.accuracy is nf.Accuracy.ABSOLUTE
    assert depth.metric
    assert depth.calibration is not None
    assert depth.calibration.reference_size == (width, height)
    # The float32 of the result is all that is rounded.
    assert np.allclose(depth.values, 1.0 / z, rtol=1e-6, atol=1e-7 / BASELINE)


def test_holes_stay_holes_and_nothing_lies_behind_infinity():
    shift = np.full(SIZE[::-1], 5.0, np.float32)
    shift[0, 0] = np.nan
    shift[1, 1] = -4.0  # on infinity
    shift[2, 2] = -4.5  # behind it
    depth = stereo_depth(match(shift), rig(4.0))
    assert np.isnan(depth.values[0, 0])
    assert depth.values[1, 1] == 0.0
    assert np.isnan(depth.values[2, 2])
    assert np.isposinf(depth.to(nf.DepthKind.DEPTH).values[1, 1])
    assert depth.confidence is not None
    assert (depth.confidence[[0, 2], [0, 2]] == 0.0).all()
    assert depth.confidence[5, 5] == 0.75


def test_without_a_rig_the_map_is_relative_and_the_same_at_every_size():
    shift = np.linspace(1.0, 9.0, 48 * 64).reshape(48, 64)
    depth = stereo_depth(shift)
    assert depth.accuracy is nf.Accuracy.RELATIVE
    assert not depth.metric
    assert depth.calibration is None
    assert depth.confidence is None
    twice = stereo_depth(np.kron(shift * 2.0, np.ones((2, 2))))
    assert np.array_equal(twice.values[::2, ::2], depth.values)


def test_filled_and_thin_maps_say_so():
    shift = np.full(SIZE[::-1], 5.0, np.float32)
    hidden = np.zeros(shift.shape, bool)
    hidden[:, :8] = True
    assert not stereo_depth(match(np.where(hidden, np.nan, shift), hidden), rig()).filtered
    assert stereo_depth(match(shift, hidden), rig()).filtered
    assert not stereo_depth(shift, rig()).filtered
    thin = np.where(np.arange(64) < 20, shift, np.nan)
    assert stereo_depth(thin, rig()).quality is nf.Quality.LOW
    assert stereo_depth(shift, rig()).quality is nf.Quality.HIGH


def test_the_points_of_the_map_are_where_the_surface_is():
    """A tilted plane, its shifts computed pixel by pixel: the map's points lie in it."""
    cameras = rig(3.0)
    normal, offset = np.array([0.2, -0.3, 1.0]), 2.0
    z = offset / (cameras.left.rays() @ normal)
    shift = cameras.left.fx * BASELINE / z - cameras.doffs
    points = stereo_depth(shift, cameras).points().positions
    assert np.allclose(points @ normal, offset, rtol=1e-5)


@pytest.mark.parametrize(
    ("shift", "error", "message"),
    [
        (np.ones((4, 4), np.int32), TypeError, "floats in px"),
        (np.ones(4), ValueError, r"\(H, W\)"),
        (np.ones((0, 4)), ValueError, "at least one pixel"),
        (np.full((4, 4), np.inf), ValueError, "finite"),
    ],
)
def test_what_is_no_map_of_shifts_is_refused(shift: np.ndarray, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        stereo_depth(shift)


def test_rigs_that_do_not_fit_are_refused():
    shift = np.ones(SIZE[::-1], np.float32)
    good = rig()
    turned = nf.Pose.from_quaternion((0.0, 0.02, 0.0, 1.0), (BASELINE, 0.0, 0.0))
    with pytest.raises(nf.EstimationError, match=r"do not share rows.*rectify_pair"):
        stereo_depth(shift, nf.StereoRig(good.left, good.right.replace(pose=turned)))
    bent = good.left.replace(distortion=nf.BrownConrady(0.1))
    with pytest.raises(nf.EstimationError, match="a lens bends"):
        stereo_depth(shift, nf.StereoRig(bent, good.right))
    with pytest.raises(nf.EstimationError, match=r"64×64.*64×48"):
        stereo_depth(np.ones((64, 64)), good)
    with pytest.raises(nf.EstimationError, match="without a baseline"):
        stereo_depth(shift, nf.StereoRig(good.left, good.left))
    with pytest.raises(nf.EstimationError, match="swapped"):
        stereo_depth(shift, nf.StereoRig(good.right, good.left))
    with pytest.raises(TypeError, match="StereoRig"):
        stereo_depth(shift, good.left)


@pytest.mark.samples
def test_motorcycle_is_in_its_room(samples):
    """Middlebury's published numbers give the metres of the scene: a motorcycle 2 to 5 m away."""
    shift = np.load(samples / "stereo" / "motorcycle" / "motorcycle_disp.npz")["arr_0"].astype(np.float32)
    shift[~np.isfinite(shift)] = np.nan
    height, width = shift.shape
    left = nf.Calibration(
        np.array([[994.978, 0, width / 2], [0, 994.978, height / 2], [0, 0, 1]]), (width, height)
    )
    shifted = left.intrinsics + np.array([[0, 0, 31.086], [0, 0, 0], [0, 0, 0]])
    place = nf.Pose(np.eye(3), np.array([0.193001, 0.0, 0.0]))
    depth = stereo_depth(shift, nf.StereoRig(left, left.replace(intrinsics=shifted, pose=place)))
    metres = depth.to(nf.DepthKind.DEPTH).values
    expected = 0.193001 * 994.978 / (shift + 31.086)
    assert np.allclose(metres, expected, rtol=1e-6, equal_nan=True)
    assert depth.holes == pytest.approx(0.073, abs=0.001)
