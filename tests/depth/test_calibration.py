"""Laws of cameras: projection, orientation, crops and scales agree with one another."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrations import calibrations
from nearfar.depth.apple_tags import calibration_tags
from nearfar.depth.calibration import Calibration, StereoPair, StereoRig
from nearfar.depth.distortion import BrownConrady, LensTable
from nearfar.depth.kinds import Orientation, orient_array
from nearfar.depth.pose import Pose

ORIENTATIONS = st.sampled_from(Orientation)


def scene(calibration: Calibration, seed: int = 0) -> np.ndarray:
    """Camera points (N, 3) in metres that fall into the picture's middle."""
    rng = np.random.default_rng(seed)
    width, height = calibration.reference_size
    pixels = rng.uniform((0.25 * width, 0.25 * height), (0.75 * width, 0.75 * height), (50, 2))
    rays = calibration.unproject(pixels)
    rays = rays[np.isfinite(rays).all(axis=1)]
    return rays * rng.uniform(0.3, 8.0, (len(rays), 1))


def turned_pixels(pixels: np.ndarray, orientation: Orientation, size: tuple[int, int]) -> np.ndarray:
    """Where positions on a stored picture lie on the upright one, from EXIF's table of rows and columns."""
    x, y = pixels[..., 0], pixels[..., 1]
    width, height = size
    table = {
        1: (x, y),
        2: (width - x, y),
        3: (width - x, height - y),
        4: (x, height - y),
        5: (y, x),
        6: (height - y, x),
        7: (height - y, width - x),
        8: (y, width - x),
    }
    return np.stack(table[orientation], axis=-1)


@given(calibrations(), ORIENTATIONS)
def test_an_upright_camera_sees_each_point_on_the_turned_pixel(
    calibration: Calibration, orientation: Orientation
) -> None:
    points = scene(calibration)
    upright = calibration.oriented(orientation)
    seen = upright.project(points @ orientation.camera_matrix().T)
    expected = turned_pixels(calibration.project(points), orientation, calibration.reference_size)
    assert np.allclose(seen, expected, atol=1e-6)


@given(calibrations(), ORIENTATIONS)
def test_turning_the_picture_leaves_the_world_alone(
    calibration: Calibration, orientation: Orientation
) -> None:
    points = scene(calibration)
    upright = calibration.oriented(orientation)
    assert np.allclose(
        upright.pose.apply(points @ orientation.camera_matrix().T), calibration.pose.apply(points), atol=1e-10
    )
    assert upright.pose.is_mirrored == (calibration.pose.is_mirrored ^ orientation.mirrors)


@given(calibrations(), ORIENTATIONS, ORIENTATIONS)
def test_turns_compose(calibration: Calibration, first: Orientation, second: Orientation) -> None:
    at_once = calibration.oriented(first.then(second))
    in_turn = calibration.oriented(first).oriented(second)
    assert np.allclose(at_once.intrinsics, in_turn.intrinsics, atol=1e-9)
    assert at_once.reference_size == in_turn.reference_size
    points = scene(at_once)
    assert np.allclose(at_once.project(points), in_turn.project(points), atol=1e-6)
    assert np.allclose(at_once.pose.to_matrix(), in_turn.pose.to_matrix(), atol=1e-12)
    assert np.allclose(
        calibration.oriented(first).oriented(first.inverse).intrinsics, calibration.intrinsics, atol=1e-9
    )


def test_a_portrait_photo_has_the_extrinsics_that_phones_write() -> None:
    upright = Calibration.from_field_of_view(1.0, (4032, 3024)).oriented(Orientation.RIGHT)
    assert upright.pose.rotation.T.tolist() == [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert upright.reference_size == (3024, 4032)


@settings(max_examples=30)
@given(calibrations(), ORIENTATIONS)
def test_rays_turn_with_the_map(calibration: Calibration, orientation: Orientation) -> None:
    size = (12, 7)
    stored = calibration.rays(size)
    upright = calibration.oriented(orientation).rays(orientation.oriented_size(size))
    turn = orientation.camera_matrix()[:2, :2].T.astype(np.float32)
    expected = orient_array(stored, orientation)[..., :2] @ turn
    assert np.allclose(upright[..., :2], expected, atol=1e-5, equal_nan=True)


@given(calibrations())
def test_projection_undoes_unprojection(calibration: Calibration) -> None:
    width, height = calibration.reference_size
    pixels = np.random.default_rng(1).uniform((0.0, 0.0), (width, height), (50, 2))
    rays = calibration.unproject(pixels)
    there = np.isfinite(rays).all(axis=1)
    assert there.any()
    off = np.abs(calibration.project(rays[there] * 2.5) - pixels[there]).max()
    assert off < 1e-6 * max(width, height)


@given(calibrations())
def test_rays_are_the_unprojected_pixel_centres(calibration: Calibration) -> None:
    width, height = calibration.reference_size
    rays = calibration.rays((5, 4))
    assert rays.shape == (4, 5, 3)
    assert rays.dtype == np.float32
    pixel = ((3 + 0.5) * width / 5, (1 + 0.5) * height / 4)
    assert np.allclose(rays[1, 3], calibration.unproject(pixel), atol=1e-6, equal_nan=True)


@given(calibrations(), st.integers(1, 8))
def test_scaling_scales_pixels_and_nothing_else(calibration: Calibration, factor: int) -> None:
    width, height = calibration.reference_size
    scaled = calibration.scaled_to((width * factor, height * factor))
    points = scene(calibration)
    assert np.allclose(scaled.project(points), calibration.project(points) * factor, atol=1e-5)
    assert np.allclose(scaled.rays((6, 5)), calibration.rays((6, 5)), atol=1e-6, equal_nan=True)
    if calibration.focal_length is not None:
        assert scaled.focal_length == pytest.approx(calibration.focal_length)


@given(calibrations(), st.integers(-5, 200), st.integers(-5, 200), st.integers(1, 100))
def test_cropping_moves_pixels_and_nothing_else(calibration: Calibration, x: int, y: int, side: int) -> None:
    points = scene(calibration)
    cropped = calibration.cropped(x, y, side, side + 1)
    assert cropped.reference_size == (side, side + 1)
    assert np.allclose(cropped.project(points), calibration.project(points) - (x, y), atol=1e-6)


@given(calibrations())
def test_json_round_trips_bit_for_bit(calibration: Calibration) -> None:
    again = Calibration.from_dict(json.loads(json.dumps(calibration.to_dict())))
    assert again.equals(calibration)
    assert again.to_dict() == calibration.to_dict()


def test_points_behind_a_camera_fall_on_no_pixel() -> None:
    camera = Calibration.from_field_of_view(1.0, (40, 30))
    assert np.isnan(camera.project([[0.0, 0.0, -1.0], [0.1, 0.1, 0.0]])).all()
    assert camera.project((0.0, 0.0, 2.0)).tolist() == [20.0, 15.0]


@given(st.floats(0.01, 3.1), st.integers(1, 5000), st.integers(1, 5000))
def test_the_field_of_view_is_the_one_asked_for(angle: float, width: int, height: int) -> None:
    assert Calibration.from_field_of_view(angle, (width, height)).field_of_view == pytest.approx(angle)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"intrinsics": np.eye(4)}, "shape"),
        ({"intrinsics": -np.eye(3)}, "last row"),
        ({"intrinsics": np.diag([-1.0, 1.0, 1.0])}, "focal"),
        ({"intrinsics": np.full((3, 3), np.nan)}, "finite"),
        ({"reference_size": (0, 3)}, "positive"),
        ({"reference_size": (1.5, 3)}, "whole pixels"),
        ({"reference_size": 7}, "whole pixels"),
        ({"reference_size": (1, 2, 3)}, "whole pixels"),
        ({"intrinsics": [[1e300, 0, 0], [0, 1e300, 0], [0, 0, 1]]}, "finite"),
        ({"intrinsics": [[1, 2, 0], [2, 1, 0], [0, 0, 1]]}, "focal"),
        ({"pixel_size": 0.0}, "pixel_size"),
        ({"pixel_size": float("nan")}, "pixel_size"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Calibration.from_field_of_view(1.0, (40, 30)).replace(**changes)


@pytest.mark.parametrize("number", [np.float64(1.4e-6), np.float32(1.4e-6), np.float16(1e-3), 1])
def test_numbers_of_any_kind_become_floats(number: float) -> None:
    """A NumPy scalar that stays one breaks files of calibrations and JSON later on."""
    lens = LensTable([0.0, 0.1], None, (20, 15), radius=number)
    camera = Calibration.from_field_of_view(1.0, (40, 30)).replace(pixel_size=number, distortion=lens)
    assert type(camera.pixel_size) is float
    assert type(lens.radius) is float
    assert Calibration.from_dict(json.loads(json.dumps(camera.to_dict()))).equals(camera)
    assert calibration_tags(camera.replace(distortion=None))["depthData:PixelSize"]


def test_the_focal_length_is_that_of_the_lens_in_metres() -> None:
    camera = Calibration.from_field_of_view(2 * np.arctan(0.5), (4000, 3000))
    assert camera.focal_length is None
    camera = camera.replace(pixel_size=1.5e-6)
    # 4000 px of 1.5 um are 6 mm, seen under a half angle whose tangent is 1/2.
    assert camera.focal_length == pytest.approx(6e-3)
    assert camera.scaled_to((400, 300)).focal_length == pytest.approx(6e-3)
    wide = camera.replace(intrinsics=np.diag([2.0, 1.0, 1.0]) @ camera.intrinsics)
    assert wide.focal_length == pytest.approx(12e-3)


@pytest.mark.parametrize("field", ["pose", "distortion"])
def test_fields_of_another_type_are_refused(field: str) -> None:
    with pytest.raises(TypeError, match=field):
        Calibration.from_field_of_view(1.0, (40, 30)).replace(**{field: "flat"})


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"intrinsics": [[1]], "reference_size": [1, 1]},
        {"intrinsics": np.eye(3).tolist(), "reference_size": 3},
    ],
)
def test_a_dictionary_that_is_no_calibration_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"calibration|shape"):
        Calibration.from_dict(data)


def rig(baseline: float = 0.1, shift: float = 4.0) -> StereoRig:
    left = Calibration.from_field_of_view(1.0, (640, 480))
    matrix = left.intrinsics.copy()
    matrix[0, 2] += shift
    return StereoRig(left, left.replace(intrinsics=matrix, pose=Pose(np.eye(3), np.array([baseline, 0, 0]))))


def test_a_rig_triangulates() -> None:
    stereo = rig()
    points = np.array([[0.1, 0.2, 3.0], [-0.4, 0.1, 1.5]])
    left = stereo.left.project(points)
    right = stereo.right.project(stereo.right_from_left.apply(points))
    shift = left[:, 0] - right[:, 0]
    assert np.allclose(stereo.baseline * stereo.left.fx / (shift + stereo.doffs), points[:, 2])
    half = stereo.scaled_to((320, 240))
    assert half.doffs == pytest.approx(stereo.doffs / 2)
    assert half.baseline == stereo.baseline


@given(calibrations(pose=True), calibrations(pose=True))
def test_the_baseline_does_not_depend_on_the_world(a: Calibration, b: Calibration) -> None:
    moved = Pose.from_quaternion((0.1, -0.2, 0.3, 0.9), (1.0, 2.0, 3.0))
    stereo = StereoRig(a, b)
    elsewhere = StereoRig(a.replace(pose=moved @ a.pose), b.replace(pose=moved @ b.pose))
    assert elsewhere.baseline == pytest.approx(stereo.baseline)
    assert np.allclose(elsewhere.right_from_left.to_matrix(), stereo.right_from_left.to_matrix(), atol=1e-9)


@given(calibrations(), calibrations())
def test_a_rig_round_trips_through_json(a: Calibration, b: Calibration) -> None:
    pair = StereoRig(a, b)
    assert StereoRig.from_dict(json.loads(json.dumps(pair.to_dict()))).equals(pair)
    for data in ({}, {"left": pair.left.to_dict()}, {"left": 1, "right": 2}, [], 3):
        with pytest.raises(ValueError, match="not a"):
            StereoRig.from_dict(data)  # type: ignore[arg-type]


def test_a_pair_owns_its_pictures() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    pair = StereoPair(picture, picture, rig())
    picture[:] = 9
    assert not pair.left.any()
    assert not pair.left.flags.writeable
    with pytest.raises(ValueError, match="right must be a picture"):
        StereoPair(picture, picture[0, 0], rig())
    with pytest.raises(TypeError, match="rig"):
        StereoPair(picture, picture, rig().left)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="StereoRig"):
        StereoRig(rig().left, 3)  # type: ignore[arg-type]


def test_the_tangential_part_turns_with_the_picture() -> None:
    lens = BrownConrady(p1=0.01, p2=-0.02)
    camera = Calibration.from_field_of_view(1.2, (640, 480)).replace(distortion=lens)
    assert camera.oriented(Orientation.DOWN).distortion == BrownConrady(p1=-0.01, p2=0.02)
    assert camera.oriented(Orientation.UP_MIRRORED).distortion == BrownConrady(p1=0.01, p2=0.02)


def test_the_distortion_centre_turns_with_the_picture() -> None:
    lens = LensTable(None, None, (1990.5, 1515.25))
    camera = Calibration.from_field_of_view(1.2, (4032, 3024)).replace(distortion=lens)
    turned = camera.oriented(Orientation.RIGHT).distortion
    assert isinstance(turned, LensTable)
    assert turned.center == (3024 - 1515.25, 1990.5)
