"""A depth buffer seen from the view is what the view would see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nearfar as nf
from nearfar.depth import Calibration, DepthKind, DepthMap, Pose
from nearfar.xr.projection import FieldOfView, Rotation
from nearfar.xr.reprojection import motion_between, reprojected
from nearfar.xr.rigid_transform import RigidTransform

SCALE = float(np.float32(0.001))
HALF = 0.7071067811865476
BUFFERS: dict[Rotation, RigidTransform] = {
    0: RigidTransform(),
    90: RigidTransform((1, 0, 0), (0, 0, HALF, HALF)),
    180: RigidTransform((1, 1, 0), (0, 0, 1, 0)),
    270: RigidTransform((0, 1, 0), (0, 0, -HALF, HALF)),
}
SENSOR = Calibration(np.array([[210.0, 0, 131], [0, 214.0, 90], [0, 0, 1]]), (256, 192))
VIEW = Calibration(np.array([[190.0, 0, 120], [0, 188.0, 99], [0, 0, 1]]), (256, 192))
VIEW_FROM_SENSOR = Pose.from_quaternion((0.02, -0.03, 0.015, 1.0), (0.06, -0.01, 0.02))


def turned_clockwise(picture: np.ndarray, rotation: Rotation) -> np.ndarray:
    """The buffer of a picture whose up is, at 90, to the right in the buffer."""
    return np.ascontiguousarray(np.rot90(picture, -rotation // 90))


def seen(
    metres: np.ndarray, sensor: Calibration, view: Calibration, view_from_sensor: Pose, rotation: Rotation = 0
) -> np.ndarray:
    """What the view sees of the sensor's picture, both upright, through a turned buffer; NaN holes."""
    raw = turned_clockwise(np.nan_to_num(metres, nan=0.0, posinf=0.0).astype(np.float32), rotation)
    sensor_field, view_field = (FieldOfView.from_calibration(camera) for camera in (sensor, view))
    motion = motion_between(
        raw.shape[::-1],
        BUFFERS[rotation].matrix,
        sensor_field.projection(0.1, np.inf),
        view_field.projection(0.1, np.inf),
        RigidTransform.from_matrix(_in_opengl(view_from_sensor)).matrix,
    )
    found = reprojected(raw, 1.0, motion)
    picture = np.rot90(found, rotation // 90)
    return np.where(picture > 0, picture, np.nan)


def _in_opengl(pose: Pose) -> np.ndarray:
    flip = np.diag([1.0, -1.0, -1.0, 1.0])
    return flip @ pose.to_matrix() @ flip


def plane_seen(camera: Calibration, normal: np.ndarray, distance: float) -> np.ndarray:
    """The metres at which the rays of a camera meet the plane normal · p = distance."""
    return distance / (camera.rays().astype(np.float64) @ normal)


@settings(deadline=None)
@given(
    st.one_of(
        arrays(np.uint16, (5, 7)),
        arrays(np.float32, (5, 7), elements=st.one_of(st.just(0.0), st.floats(1.5, 1e5, width=32))),
    ),
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from([0.001, 0.0005, 1.0]),
)
def test_a_sensor_that_is_the_view_keeps_every_value(
    raw: np.ndarray, rotation: Rotation, scale: float
) -> None:
    projection = FieldOfView(0.5, 0.7, 0.6, 0.4).projection(0.1, 100.0)
    place = RigidTransform((0.1, 0.2, 0.3)).matrix
    motion = motion_between((7, 5), BUFFERS[rotation].matrix, projection, projection, place, place)
    rounded = float(np.float32(scale))
    near = (raw > 0) & (raw.astype(np.float64) * rounded < 0.0011)  # a millimetre before the eye is nothing
    expected = np.where(near, 0, raw).astype(raw.dtype)
    assert np.array_equal(np.where(near, 0, reprojected(raw, rounded, motion)), expected)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_plane_stays_that_plane(rotation: Rotation) -> None:
    normal = np.array([0.35, -0.5, 1.0]) / np.linalg.norm([0.35, -0.5, 1.0])
    from_sensor = plane_seen(SENSOR, normal, 2.0)
    turned = VIEW_FROM_SENSOR.rotation @ normal
    distance = 2.0 + float(turned @ VIEW_FROM_SENSOR.translation)
    truth = plane_seen(VIEW, turned, distance)
    found = seen(from_sensor, SENSOR, VIEW, VIEW_FROM_SENSOR, rotation)
    known = ~np.isnan(found)
    assert known.mean() > 0.75
    assert (
        np.abs(found / truth - 1)[known].max() < 3e-4
    )  # less than a hundredth of the step to the next pixel
    # no cracks: between two seen pixels of a row all are seen
    for row in known:
        places = np.flatnonzero(row)
        assert places.size == 0 or row[places[0] : places[-1] + 1].all()


@pytest.mark.parametrize("degrees", [0.0, 20.0, 45.0, 70.0])
def test_a_rolled_plane_has_no_cracks(degrees: float) -> None:
    half = np.radians(degrees) / 2
    roll = Pose.from_quaternion((0.0, 0.0, np.sin(half), np.cos(half)))
    found = seen(np.full((192, 256), 1.5), SENSOR, VIEW, roll)
    assert np.abs(found / 1.5 - 1)[~np.isnan(found)].max() < 1e-6
    assert not np.isnan(found[60:130, 90:165]).any()


def test_what_is_seen_larger_has_no_cracks() -> None:
    tele = VIEW.replace(intrinsics=np.array([[1400.0, 0, 120], [0, 1400.0, 99], [0, 0, 1]]))
    upwards = np.array([0.0, 0.98, 0.2])
    floor = plane_seen(SENSOR, upwards, 1.2)
    floor[(floor < 0) | (floor > 40)] = np.nan
    half = np.radians(-15) / 2  # down, to where the sensor sees the floor at a slant
    view_from_sensor = Pose.from_quaternion((-np.sin(half), 0.0, 0.0, np.cos(half)))
    truth = plane_seen(tele, view_from_sensor.rotation @ upwards, 1.2)
    found = seen(floor, SENSOR, tele, view_from_sensor)
    assert not np.isnan(found).any()
    assert np.abs(found / truth - 1).max() < 3e-4


def test_silhouettes_keep_their_size_and_the_nearest_is_on_top() -> None:
    metres = np.full((192, 256), 3.0)
    metres[50:120, 80:160] = 1.0
    across = 0.1
    found = seen(metres, SENSOR, SENSOR, Pose(np.eye(3), np.array([across, 0.0, 0.0])))
    near = found < 2.0
    columns, rows = (np.flatnonzero(near.any(axis=axis)) for axis in (0, 1))
    shift = 210.0 * across
    assert (rows[0], rows[-1]) == (50, 119)
    assert abs(columns[0] - (80 + shift)) <= 0.5
    assert abs(columns[-1] + 1 - (160 + shift)) <= 0.5
    assert near[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert np.allclose(found[near], 1.0)
    # what the near one hid from the sensor is a hole: as wide as both have moved apart
    hidden = np.isnan(found[80]) & (np.arange(256) > 40)
    assert abs(hidden.sum() - shift * (1 - 1 / 3)) <= 1.0


def test_smooth_surfaces_agree_with_reproject() -> None:
    rays = SENSOR.rays().astype(np.float64)
    metres = (2.0 + 0.3 * np.sin(3 * rays[..., 0]) * np.cos(4 * rays[..., 1])).astype(np.float32)
    depth = DepthMap(metres, DepthKind.DEPTH, calibration=SENSOR)
    expected = nf.depth.reproject(depth, VIEW, (256, 192), target_from_source=VIEW_FROM_SENSOR).values
    found = seen(metres, SENSOR, VIEW, VIEW_FROM_SENSOR)
    both = ~np.isnan(found) & ~np.isnan(expected)
    assert (np.isnan(found) != np.isnan(expected)).mean() < 0.01
    assert np.abs(found / expected - 1)[both].max() < 2e-3


@pytest.mark.parametrize("name", ["desk", "room"])
def test_it_is_what_a_camera_there_sees(name: str) -> None:
    scene = nf.scene.load(name)
    there = nf.scene.render(scene, SENSOR).depth
    world_from_view = scene.pose @ VIEW_FROM_SENSOR.inverse()
    truth = nf.scene.render(scene, VIEW, world_from_view).depth
    found = seen(there, SENSOR, VIEW, VIEW_FROM_SENSOR)
    known = ~np.isnan(found) & np.isfinite(truth)
    assert known.mean() > 0.7
    wrong = np.abs(found / truth - 1)[known]
    assert np.median(wrong) < 1e-4
    assert (wrong > 0.01).mean() < 0.03  # edges, and what stands behind them


def test_what_is_behind_the_view_is_not_seen() -> None:
    about = Pose.from_quaternion((0.0, 1.0, 0.0, 0.0))
    assert np.isnan(seen(np.full((192, 256), 1.0), SENSOR, VIEW, about)).all()


def test_a_projection_without_width_shows_nothing() -> None:
    raw = np.ones((3, 4), np.uint16)
    eye = RigidTransform().matrix
    motion = motion_between((4, 3), eye, np.zeros(16, np.float32), eye)
    assert not reprojected(raw, SCALE, motion).any()
