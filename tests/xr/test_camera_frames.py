"""A camera's depth is true in space however the device is held, whatever its lens, wherever its sensor."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

import nearfar as nf
from nearfar.errors import NotSupportedError
from nearfar.xr import (
    CameraDevice,
    DepthDataFormat,
    DepthStateInit,
    DepthType,
    RigidTransform,
    XRFrame,
    XRSession,
    XRView,
    request_session,
)
from nearfar.xr.camera_frames import CameraFrames
from nearfar.xr.projection import Rotation
from xr_sessions import FixedCamera

ROTATIONS = get_args(Rotation)
NORMAL, DISTANCE = np.array([0.3, -0.2, -1.0]), -2.0
"""A wall in camera axes: NORMAL · p = DISTANCE."""


def camera(size: tuple[int, int], **changes: Any) -> nf.Calibration:
    """Off its axis, with pixels that are not square."""
    width, height = size
    matrix = [[width * 0.9, 0.0, width * 0.45], [0.0, width * 0.8, height * 0.55], [0.0, 0.0, 1.0]]
    return nf.Calibration(np.array(matrix), size, **changes)


def wall(calibration: nf.Calibration, pose: nf.Pose | None = None) -> nf.DepthMap:
    """The wall's depth as a camera at ``pose`` sees it, through its lens."""
    pose = pose or nf.Pose.identity()
    normal, distance = NORMAL @ pose.rotation, DISTANCE - NORMAL @ pose.translation
    rays = calibration.rays(calibration.reference_size).astype(np.float64)
    values = (distance / (rays @ normal)).astype(np.float32)
    return nf.DepthMap(values, calibration=calibration, accuracy=nf.Accuracy.ABSOLUTE, filtered=True)


def picture(size: tuple[int, int]) -> Any:
    """Every pixel tells its place: column in red, row in green."""
    rows, columns = np.mgrid[: size[1], : size[0]]
    return np.stack([columns, rows, 0 * rows], axis=-1).astype(np.uint8)


def session_of(device: Any, *, match: bool = True, data_format: str = "float32", **options: Any) -> XRSession:
    return request_session(
        "immersive-ar",
        device=device,
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit(
            ["cpu-optimized"], [data_format], options.pop("types", []), match_depth_view=match
        ),
        **options,
    )


def first(session: XRSession) -> tuple[XRFrame, XRView]:
    frame = next(session.frames(timeout=10))
    pose = frame.get_viewer_pose(session.request_reference_space("local"))
    assert pose is not None
    return frame, pose.views[0]


def places(count: int, seed: int = 0) -> Any:
    """Points of a view, (n, 2) in 0..1."""
    return np.random.default_rng(seed).uniform(0.02, 0.98, (count, 2))


def in_space(points: Any, metres: Any, projection: Any, transform: RigidTransform) -> Any:
    """Where in the reference space lies what is seen at ``points`` of a picture, as a page works it out."""
    matrix = np.asarray(projection, np.float64).reshape(4, 4).T
    x = (2.0 * points[:, 0] - 1.0 + matrix[0, 2]) / matrix[0, 0] * metres
    y = (1.0 - 2.0 * points[:, 1] + matrix[1, 2]) / matrix[1, 1] * metres
    seen = np.stack([x, y, -metres, np.ones_like(x)], axis=-1)
    return (seen @ transform.matrix.astype(np.float64).reshape(4, 4))[:, :3]


def centres(points: Any, info: Any) -> Any:
    """The points of the view in the middles of the entries that are read at ``points``."""
    there = info.norm_depth_buffer_from_norm_view
    size = np.array([info.width, info.height])
    moved = np.c_[points, np.zeros(len(points)), np.ones(len(points))] @ there.matrix.reshape(4, 4)
    middles = (np.floor(moved[:, :2] * size) + 0.5) / size
    back = np.c_[middles, np.zeros(len(points)), np.ones(len(points))] @ there.inverse.matrix.reshape(4, 4)
    return back[:, :2]


def seen(view: XRView, points: Any) -> Any:
    """What a page finds at points of the view, in "local"."""
    info = view.frame.get_depth_information(view)
    assert info is not None
    points = centres(points, info)
    metres = info.depths_in_meters(points).astype(np.float64)
    return in_space(points, metres, view.projection_matrix, view.transform)


def on_wall(points: Any, world_from_local: RigidTransform, world_from_camera: nf.Pose) -> Any:
    """How far points in "local" are from the wall, metres."""
    world = np.c_[points, np.ones(len(points))] @ world_from_local.matrix.reshape(4, 4)
    wall = world_from_camera.inverse().apply(world[:, :3])
    return (wall @ NORMAL - DISTANCE) / np.linalg.norm(NORMAL)


POSE = nf.Pose.from_quaternion((0.9, 0.2, -0.1, 0.05), (1.0, 1.5, -2.0))
SIZE = (48, 36)


@pytest.mark.parametrize("orientation", ROTATIONS)
@pytest.mark.parametrize("data_format", ["float32", "luminance-alpha", "unsigned-short"])
def test_what_a_page_finds_lies_on_the_wall(orientation: Rotation, data_format: str) -> None:
    frame = nf.Frame(0.0, 0, picture(SIZE), wall(camera(SIZE)), POSE)
    device = CameraDevice(FixedCamera(frame), orientation=orientation)
    with session_of(device, data_format=data_format) as session:
        _, view = first(session)
        world_from_local = device.world_from_local
        assert world_from_local is not None
        off = on_wall(seen(view, places(200)), world_from_local, POSE)
        assert np.abs(off).max() < (1e-4 if data_format == "float32" else 1e-3)


@pytest.mark.parametrize("orientation", ROTATIONS)
def test_a_turned_view_shows_what_the_sensors_view_shows(orientation: Rotation) -> None:
    frame = nf.Frame(0.0, 0, picture(SIZE), wall(camera(SIZE)), POSE)
    with (
        session_of(FixedCamera(frame)) as straight,
        session_of(FixedCamera(frame), orientation=orientation) as turned,
    ):
        here, view = first(straight)
        there, turned_view = first(turned)
        info, other = here.get_depth_information(view), there.get_depth_information(turned_view)
        assert info is not None
        assert other is not None
        assert np.array_equal(info.array, other.array)  # the buffer keeps the sensor's way up
        matrix = other.norm_depth_buffer_from_norm_view
        assert np.array_equal(matrix.matrix, np.eye(4, dtype=np.float32).ravel()) == (orientation == 0)
        points = (np.floor(places(300, seed=1) * SIZE) + 0.5) / SIZE
        back = np.c_[points, np.zeros(300), np.ones(300)] @ matrix.inverse.matrix.reshape(4, 4)
        assert np.array_equal(info.depths_in_meters(points), other.depths_in_meters(back[:, :2]))
        # and so does the picture
        assert here.color is not None
        assert there.color is not None
        height, width = there.color.shape[:2]
        assert (width, height) == (SIZE if orientation in (0, 180) else SIZE[::-1])
        column, row = (back[:, :2] * (width, height)).astype(int).T
        sensor_column, sensor_row = (points * SIZE).astype(int).T
        assert np.array_equal(there.color[row, column], here.color[sensor_row, sensor_column])


@pytest.mark.parametrize("orientation", [90, 270])
def test_a_picture_that_was_turned_upright_is_the_view(orientation: Rotation) -> None:
    size = SIZE[::-1]
    frame = nf.Frame(0.0, 0, picture(size), wall(camera(size)), POSE)
    device = CameraDevice(FixedCamera(frame), profile="arcore", orientation=orientation)
    with session_of(device, data_format="luminance-alpha") as session:
        moment, view = first(session)
        assert np.array_equal(moment.color, picture(size))
        info = moment.get_depth_information(view)
        assert info is not None
        assert (info.width, info.height) == SIZE  # as its sensor had it
        assert device.world_from_local is not None
        off = on_wall(seen(view, places(200)), device.world_from_local, POSE)
        assert np.abs(off).max() < 1e-3


@pytest.mark.parametrize("orientation", [0, 90])
def test_a_lens_is_undone(orientation: Rotation) -> None:
    lens = nf.depth.BrownConrady(-0.25, 0.06, 0.002, -0.001)
    bent = camera((96, 72), distortion=lens)
    frame = nf.Frame(0.0, 0, picture((96, 72)), wall(bent), POSE)
    device = CameraDevice(FixedCamera(frame), orientation=orientation)
    with session_of(device) as session:
        moment, view = first(session)
        assert device.world_from_local is not None
        found = seen(view, places(300))
        info = moment.get_depth_information(view)
        assert info is not None
        there = info.depths_in_meters(centres(places(300), info)) > 0.0
        assert there.mean() > 0.8
        assert np.abs(on_wall(found, device.world_from_local, POSE))[there].max() < 5e-3
        assert not np.array_equal(moment.color, np.rot90(picture((96, 72)), orientation // 90))


@pytest.mark.parametrize("orientation", ROTATIONS)
@pytest.mark.parametrize("match", [True, False])
def test_a_sensor_beside_the_colour_camera(orientation: Rotation, match: bool) -> None:
    color = camera((64, 48))
    place = nf.Pose.from_quaternion((0.01, -0.03, 0.02, 1.0), (0.06, -0.02, 0.01))
    sensor = camera((80, 60), pose=place)
    wider = np.array([[60.0, 0.0, 44.0], [0.0, 55.0, 31.0], [0.0, 0.0, 1.0]])
    sensor = sensor.replace(intrinsics=wider)
    frame = nf.Frame(0.0, 0, picture((64, 48)), wall(sensor, place), POSE)
    device = CameraDevice(FixedCamera(frame), orientation=orientation, color_calibration=color)
    with session_of(device, match=match) as session:
        moment, view = first(session)
        info = moment.get_depth_information(view)
        assert info is not None
        assert device.world_from_local is not None
        equal = np.array_equal(info.projection_matrix, view.projection_matrix)
        equal = equal and np.array_equal(info.transform.matrix, view.transform.matrix)
        assert equal == match
        points = centres(places(300), info)
        metres = info.depths_in_meters(points).astype(np.float64)
        found = in_space(points, metres, info.projection_matrix, info.transform)[metres > 0.0]
        assert len(found) > 200
        off = on_wall(found, device.world_from_local, POSE)
        assert np.abs(off).max() < (5e-3 if match else 1e-4)


def depth_of(depth: nf.DepthMap, **options: Any) -> Any:
    """The values that a session has of a map."""
    color = np.zeros((depth.height, depth.width, 3), np.uint8)
    with session_of(FixedCamera(nf.Frame(0.0, 0, color, depth)), **options) as session:
        moment, view = first(session)
        info = moment.get_depth_information(view)
        assert info is not None
        return info.array * np.float32(info.raw_value_to_meters)


@pytest.mark.parametrize("orientation", ROTATIONS)
def test_a_picture_that_nobody_looks_at_is_turned_without_a_copy(orientation: Rotation) -> None:
    given = nf.Frame(0.0, 0, picture((6, 4)))
    found = CameraFrames(DepthDataFormat.FLOAT32, orientation).device_frame(given).color
    assert found is not None
    assert np.shares_memory(found, given.color)
    assert not found.flags.writeable


def test_a_camera_that_begins_anew_is_counted_on() -> None:
    frames = CameraFrames(DepthDataFormat.FLOAT32, 0)
    color = np.zeros((4, 6, 3), np.uint8)
    given = [5, 6, 9, 0, 1, 3, 0]
    found = [
        frames.device_frame(nf.Frame(float(time), number, color)).sequence
        for time, number in enumerate(given)
    ]
    assert found == [5, 6, 9, 10, 11, 13, 14]


def test_what_is_no_distance_is_a_hole() -> None:
    metres = np.array([[1.0, np.nan, np.inf], [0.0, 100.0, 0.0625]], np.float32)
    expected = np.array([[1.0, 0.0, 0.0], [0.0, 100.0, 0.0625]], np.float32)
    assert np.array_equal(depth_of(nf.DepthMap(metres, filtered=True)), expected)
    disparity = np.array([[1.0, np.nan, 0.0], [np.inf, 0.01, 16.0]], np.float32)
    given = nf.DepthMap(disparity, nf.DepthKind.DISPARITY, filtered=True)
    assert np.allclose(depth_of(given), expected)
    expected[1, 1] = 0.0  # beyond 65.535 m
    assert np.allclose(depth_of(given, data_format="unsigned-short"), expected, atol=5e-4)


def test_raw_depth_leaves_out_what_is_uncertain() -> None:
    values = np.full((4, 6), 2.0, np.float32)
    values[2, 3] = np.nan
    confidence = np.full((4, 6), 1.0, np.float32)
    confidence[0, :3] = (0.0, 0.3, 0.5)
    given = nf.DepthMap(values, confidence=confidence)
    raw = depth_of(given, types=["raw"])
    assert np.array_equal(raw[0], [0, 0, 2, 2, 2, 2])
    assert raw[2, 3] == 0.0
    for types in (["smooth"], []):
        smooth = depth_of(given, types=types)
        assert np.allclose(smooth, 2.0, atol=1e-3)  # without holes


def test_relative_depth_has_nominal_metres_and_depth_without_unit_none() -> None:
    values = np.full((4, 6), 2.0, np.float32)
    assert (depth_of(nf.DepthMap(values, accuracy=nf.Accuracy.RELATIVE, filtered=True)) == 2.0).all()
    with pytest.raises(NotSupportedError, match="unit"):
        depth_of(nf.DepthMap(values, metric=False, filtered=True))


@pytest.mark.parametrize("orientation", ROTATIONS)
def test_confidence_lies_on_its_depth(orientation: Rotation) -> None:
    size = SIZE[::-1] if orientation in (90, 270) else SIZE  # a picture that was turned upright already
    lens = nf.depth.BrownConrady(-0.25, 0.06, 0.002, -0.001)
    bent = camera(size, distortion=lens)
    rows, columns = np.mgrid[: size[1], : size[0]]
    values = (2.0 + (3 * rows + columns) / 400).astype(np.float32)  # no two alike, and it bends as one
    sure = values / 4.0
    depth = nf.DepthMap(values, accuracy=nf.Accuracy.RELATIVE, calibration=bent, confidence=sure)
    device = CameraDevice(FixedCamera(nf.Frame(0.0, 0, picture(size), depth)), orientation=orientation)
    device.start(DepthType.RAW)
    frame = device.next_frame(20)
    device.stop()
    assert frame is not None
    assert frame.depth is not None
    assert frame.depth.accuracy is nf.Accuracy.RELATIVE
    found = frame.depth.confidence
    assert found is not None
    assert found.shape == frame.depth.raw.shape
    there = frame.depth.raw > 0.0
    assert there.mean() > 0.8
    assert np.allclose(found[there], frame.depth.raw[there] / 4.0, atol=1e-3)


@pytest.mark.parametrize(
    ("quaternion", "heading"),
    [
        ((1.0, 0.0, 0.0, 0.0), (0.0, -1.0)),  # along -z of a world with y up
        ((0.97, 0.0, 0.0, -0.24), (0.0, -1.0)),  # the same, tilted
        ((0.7071, 0.0, 0.7071, 0.0), None),
        ((0.7071, 0.0, 0.0, 0.7071), (0.0, -1.0)),  # straight up or down
        ((-0.7071, 0.0, 0.0, 0.7071), None),
    ],
)
def test_local_begins_where_the_viewer_was_level(
    quaternion: tuple[float, ...], heading: tuple[float, float] | None
) -> None:
    pose = nf.Pose.from_quaternion(quaternion, (3.0, 1.6, -4.0))
    color = np.zeros((4, 6, 3), np.uint8)
    device = CameraDevice(FixedCamera(nf.Frame(0.0, 0, color, nf.DepthMap(np.ones((4, 6))), pose)))
    with session_of(device) as session:
        _, view = first(session)
        origin = device.world_from_local
        assert origin is not None
        assert np.allclose(view.transform.position, 0.0, atol=1e-6)
        assert np.allclose(origin.position, (3.0, 1.6, -4.0))
        assert np.allclose(origin.matrix[4:7], (0.0, 1.0, 0.0), atol=1e-6)  # gravity is as it was
        ahead = -view.transform.matrix[8:11]
        assert abs(ahead[0]) < 1e-4  # neither to the left nor to the right
        assert ahead[2] < 0.0 or abs(ahead[1]) > 0.99
        if heading is not None:
            assert np.allclose(-origin.matrix[8:11:2], heading, atol=1e-3)


def test_a_camera_without_pose_and_calibration_stands_still() -> None:
    color = np.zeros((30, 40, 3), np.uint8)
    given = nf.Frame(0.0, 0, color, nf.DepthMap(np.ones((30, 40), np.float32)))
    with session_of(FixedCamera(given)) as session:
        _, view = first(session)
        assert np.array_equal(view.transform.matrix, np.eye(4, dtype=np.float32).ravel())
        field = view.field_of_view
        assert np.degrees(np.arctan(field.right)) == pytest.approx(30.0)
        assert (field.left, field.up) == pytest.approx((field.right, field.right * 0.75))


def test_lost_tracking_is_no_pose() -> None:
    color, depth = np.zeros((4, 6, 3), np.uint8), nf.DepthMap(np.ones((4, 6)))
    with_pose = nf.Frame(0.0, 0, color, depth, POSE)
    device = CameraDevice(FixedCamera(with_pose, with_pose.replace(pose=None)))
    with session_of(device) as session:
        local = session.request_reference_space("local")
        for frame in session.frames(timeout=10):
            if frame.device_frame.sequence > 0:
                break
            assert frame.get_viewer_pose(local) is not None
        assert frame.device_frame.viewer_pose is None or device.world_from_local is None


@pytest.mark.parametrize("orientation", [45, -90, 360])
def test_no_other_orientations(orientation: Any) -> None:
    with pytest.raises(ValueError, match="90"):
        CameraDevice("virtual:dual", orientation=orientation)
