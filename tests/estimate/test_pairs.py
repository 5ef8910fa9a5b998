"""A rectified pair shares rows, shows the same world, and is what OpenCV makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nearfar as nf
from nearfar.estimate import rectify_pair
from nearfar.estimate.rig_geometry import aligned_rotations, row_error

SIZE = (160, 120)


def turned(x: float, y: float, z: float, place: tuple[float, float, float]) -> nf.Pose:
    """A camera turned about its axes by degrees, small ones."""
    half = np.radians([x, y, z]) / 2.0
    return nf.Pose.from_quaternion((*half, 1.0), place)


def camera(pose: nf.Pose, lens: nf.BrownConrady | nf.Fisheye | None = None, focal: float = 150.0):
    intrinsics = np.array([[focal, 0, 83.0], [0, focal * 1.01, 58.0], [0, 0, 1]])
    return nf.Calibration(intrinsics, SIZE, 2e-6, pose, lens)


def a_rig() -> nf.StereoRig:
    left = camera(turned(1.0, 3.0, -2.0, (0.3, -0.1, 0.2)), nf.BrownConrady(-0.15, 0.02, 0.001, -0.002))
    right = camera(turned(-2.0, -1.0, 1.5, (0.5, -0.11, 0.19)), nf.BrownConrady(0.05, 0.01), focal=158.0)
    return nf.StereoRig(left, right)


def pictures(dtype: type, channels: int | None, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    y, x = np.mgrid[: size[1], : size[0]]
    top = np.iinfo(dtype).max
    gray = [(0.5 + 0.4 * np.sin(x / 9.0 + side) * np.cos(y / 7.0)) * top for side in (0.0, 0.3)]
    if channels is None:
        return [one.astype(dtype) for one in gray]
    return [np.stack([one * (1.0 - 0.2 * k) for k in range(channels)], axis=-1).astype(dtype) for one in gray]


ANGLES = st.floats(-6.0, 6.0)
LENSES = st.sampled_from([None, nf.BrownConrady(-0.2, 0.03), nf.Fisheye(0.01, -0.002)])


@st.composite
def rigs(draw: st.DrawFn) -> nf.StereoRig:
    """Rigs as people build them: some centimetres apart, some degrees off, any lens."""
    world = draw(st.tuples(ANGLES, ANGLES, ANGLES))
    left = camera(turned(*world, (1.0, 2.0, -3.0)), draw(LENSES), draw(st.floats(120.0, 200.0)))
    offset = np.array(
        [draw(st.floats(0.03, 0.5)), draw(st.floats(-0.01, 0.01)), draw(st.floats(-0.01, 0.01))]
    )
    place = left.pose.apply(offset)
    turn = left.pose @ turned(draw(ANGLES), draw(ANGLES), draw(ANGLES), (0.0, 0.0, 0.0))
    right = camera(nf.Pose(turn.rotation, place), draw(LENSES), draw(st.floats(120.0, 200.0)))
    return nf.StereoRig(left, right)


@given(rigs())
@settings(max_examples=60)
def test_points_fall_on_the_same_row_of_both_and_stay_where_they_were(rig: nf.StereoRig):
    """The epipolar law, and that the new cameras stand where the old ones stood."""
    flat = np.zeros(SIZE[::-1], np.uint8)
    new = rectify_pair(nf.StereoPair(flat, flat, rig)).rig
    generator = np.random.default_rng(3)
    points = generator.uniform((-2.0, -2.0, 2.0), (2.0, 2.0, 30.0), (200, 3))
    world = new.left.pose.apply(points)
    left = new.left.project(points)
    right = new.right.project(new.right.pose.inverse().apply(world))
    assert np.abs(left[:, 1] - right[:, 1]).max() < 1e-6
    shift = left[:, 0] - right[:, 0]
    assert np.abs(shift + new.doffs - new.left.fx * new.baseline / points[:, 2]).max() < 1e-6
    assert new.doffs == 0.0
    assert new.baseline == pytest.approx(rig.baseline, rel=1e-12)
    for old, made in ((rig.left, new.left), (rig.right, new.right)):
        assert np.array_equal(old.pose.translation, made.pose.translation)
        assert made.focal_length == pytest.approx(old.focal_length)
    assert row_error(new, SIZE) < 1e-6


@given(rigs())
@settings(max_examples=30)
def test_no_edge_of_the_new_pictures_is_empty(rig: nf.StereoRig):
    """A white picture stays white to its corners: both cameras saw all that is shown."""
    white = np.full(SIZE[::-1], 255, np.uint8)
    new = rectify_pair(nf.StereoPair(white, white, rig))
    assert (new.left == 255).all()
    assert (new.right == 255).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [None, 1, 3, 4])
def test_opencv_makes_the_same_pictures(dtype: type, channels: int | None):
    cv2 = pytest.importorskip("cv2")
    pair = nf.StereoPair(*pictures(dtype, channels), a_rig())
    new = rectify_pair(pair)
    between = pair.rig.right_from_left
    matrices = [from_pixel_zero(side.intrinsics) for side in (pair.rig.left, pair.rig.right)]
    lenses = [np.array(side.distortion.coefficients) for side in (pair.rig.left, pair.rig.right)]
    rotations = cv2.stereoRectify(
        matrices[0], lenses[0], matrices[1], lenses[1], SIZE, between.rotation, between.translation[:, None]
    )[:2]
    for ours, theirs in zip(aligned_rotations(pair.rig), rotations, strict=True):
        assert np.allclose(ours, theirs, atol=1e-9)
    goal = from_pixel_zero(new.rig.left.intrinsics)
    for side, matrix, lens, rotation in zip(("left", "right"), matrices, lenses, rotations, strict=True):
        maps = cv2.initUndistortRectifyMap(matrix, lens, rotation, goal, SIZE, cv2.CV_32FC1)
        theirs = cv2.remap(
            getattr(pair, side), *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).reshape(getattr(new, side).shape)
        # OpenCV rounds positions to 1/32 px.
        step = 0.04 * np.iinfo(dtype).max / 9.0
        assert np.abs(theirs.astype(int) - getattr(new, side).astype(int)).max() <= step + 1
        assert getattr(new, side).dtype == dtype


def from_pixel_zero(intrinsics: np.ndarray) -> np.ndarray:
    """OpenCV counts from the centre of pixel 0."""
    return intrinsics - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])


def test_a_rectified_pair_is_given_back_untouched():
    pair = nf.StereoPair(*pictures(np.uint8, 3), side_by_side())
    assert rectify_pair(pair) is pair
    # Reference sizes need not be the pictures' sizes.
    small = nf.StereoPair(*pictures(np.uint8, 3, (80, 60)), side_by_side())
    assert rectify_pair(small) is small
    again = rectify_pair(nf.StereoPair(*pictures(np.uint8, 3), a_rig()))
    assert rectify_pair(again) is again


def side_by_side() -> nf.StereoRig:
    left = camera(nf.Pose.identity())
    return nf.StereoRig(left, camera(nf.Pose(np.eye(3), np.array([0.1, 0.0, 0.0]))))


def test_pictures_of_two_sizes_become_one():
    """A camera of twice the pixels: the pair has the left one's size, and a white wall is white in both."""
    rig = a_rig()
    small, large = np.full((120, 160), 200, np.uint8), np.full((240, 320), 200, np.uint8)
    new = rectify_pair(nf.StereoPair(small, large, rig))
    assert new.left.shape == new.right.shape == (120, 160)
    assert (new.right == 200).all()


def test_reference_sizes_do_not_matter():
    """A rig told at twice the pictures' size is the same rig."""
    rig = a_rig()
    once = rectify_pair(nf.StereoPair(*pictures(np.uint16, None), rig))
    twice = rectify_pair(nf.StereoPair(*pictures(np.uint16, None), rig.scaled_to((320, 240))))
    assert np.allclose(once.rig.left.intrinsics, twice.rig.left.intrinsics, atol=1e-9)
    assert np.abs(once.left.astype(int) - twice.left.astype(int)).max() <= 1


WORLD = nf.Pose.from_quaternion((0.1, -0.2, 0.3, 0.9), (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((0.0, 0.0, 0.0), "without a baseline"),
        ((0.0, 0.1, 0.0), "above the other.*90 degrees"),
        ((0.0, 0.0, 0.1), "behind the other"),
        ((-0.1, 0.0, 0.0), "swapped"),
    ],
)
def test_rigs_that_see_nothing_in_stereo_are_refused(place: tuple[float, float, float], message: str):
    flat = np.zeros(SIZE[::-1], np.uint8)
    rig = nf.StereoRig(camera(WORLD), camera(WORLD @ nf.Pose(np.eye(3), np.array(place))))
    with pytest.raises(nf.EstimationError, match=message):
        rectify_pair(nf.StereoPair(flat, flat, rig))


def test_views_that_do_not_meet_are_refused():
    flat = np.zeros(SIZE[::-1], np.uint8)
    away = nf.Pose.from_quaternion((0.0, 1.0, 0.0, 1.2), (0.1, 0.0, 0.0))
    with pytest.raises(nf.EstimationError, match=r"in common|behind the other|swapped"):
        rectify_pair(nf.StereoPair(flat, flat, nf.StereoRig(camera(nf.Pose.identity()), camera(away))))
    back = nf.Pose.from_quaternion((0.0, 1.0, 0.0, 0.0), (0.1, 0.0, 0.0))
    with pytest.raises(nf.EstimationError, match="180 degrees apart"):
        rectify_pair(nf.StereoPair(flat, flat, nf.StereoRig(camera(nf.Pose.identity()), camera(back))))


def test_one_mirrored_picture_is_refused():
    flat = np.zeros(SIZE[::-1], np.uint8)
    rig = side_by_side()
    mirrored = rig.right.oriented(nf.Orientation.UP_MIRRORED)
    with pytest.raises(nf.EstimationError, match="mirrored"):
        rectify_pair(nf.StereoPair(flat, flat, nf.StereoRig(rig.left, mirrored)))


def test_a_picture_of_another_shape_than_its_calibration_is_refused():
    flat, tall = np.zeros((120, 160), np.uint8), np.zeros((160, 120), np.uint8)
    with pytest.raises(nf.EstimationError, match=r"right picture is 120×160.*160×120"):
        rectify_pair(nf.StereoPair(flat, tall, a_rig()))
    with pytest.raises(TypeError, match="StereoPair"):
        rectify_pair(flat)


def test_the_input_is_not_changed_and_the_result_is_read_only():
    left, right = pictures(np.uint8, 3)
    before = left.copy()
    new = rectify_pair(nf.StereoPair(left, right, a_rig()))
    assert np.array_equal(left, before)
    assert not new.left.flags.writeable
    assert not new.right.flags.writeable
