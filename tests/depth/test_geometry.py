"""Points, normals and meshes of scenes whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calibrations import calibrations, poses
from depth.maps import camera, normals_towards, plane
from nearfar.depth import BrownConrady, Calibration, DepthKind, DepthMap, LensTable, Pose
from nearfar.depth.geometry import sample_color

SIZE = (16, 12)


def step(near: float = 1.0, far: float = 2.0) -> DepthMap:
    """A near half on the left, a far half on the right."""
    values = np.full((SIZE[1], SIZE[0]), near, np.float32)
    values[:, SIZE[0] // 2 :] = far
    return DepthMap(values, calibration=camera(SIZE))


@given(calibrations(pose=False), st.floats(0.1, 100))
def test_points_project_back_to_their_pixels(calibration: Calibration, distance: float) -> None:
    depth = DepthMap(np.full((SIZE[1], SIZE[0]), distance), calibration=calibration)
    cloud = depth.points()
    np.testing.assert_allclose(cloud.positions[:, 2], distance, rtol=1e-6)
    scale = np.array(SIZE) / calibration.reference_size
    seen = np.isfinite(calibration.rays(SIZE)).all(axis=-1)
    y, x = np.nonzero(seen)
    np.testing.assert_allclose(
        calibration.project(cloud.positions) * scale, np.stack([x, y], axis=1) + 0.5, atol=2e-2
    )


def test_points_leave_out_what_is_nowhere() -> None:
    values = np.ones((3, 4), np.float32)
    values[0, :3] = np.nan, np.inf, 0
    depth = DepthMap(values, calibration=camera((4, 3)))
    color = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    cloud = depth.points(color)
    assert len(cloud) == 9
    assert cloud.colors is not None
    np.testing.assert_array_equal(cloud.colors, color.reshape(-1, 3)[3:])
    disparity = depth.to("disparity").points(color)
    assert disparity.equals(cloud)
    assert len(DepthMap(np.full((2, 2), -1.0), "disparity").points(field_of_view=1.0)) == 0


@given(poses())
def test_a_pose_places_points_and_meshes(pose: Pose) -> None:
    depth = step()
    np.testing.assert_allclose(
        depth.points(world_from_camera=pose).positions, pose.apply(depth.points().positions), atol=1e-5
    )
    assert depth.points(world_from_camera=pose).axes == "world"
    here, there = depth.mesh(), depth.mesh(world_from_camera=pose)
    np.testing.assert_allclose(there.vertices, pose.apply(here.vertices), atol=1e-5)
    np.testing.assert_allclose(there.face_normals(), here.face_normals() @ pose.rotation.T, atol=1e-3)


def test_a_camera_is_needed() -> None:
    depth = DepthMap(np.ones((2, 2)))
    for call in (depth.points, depth.mesh, depth.normals):
        with pytest.raises(ValueError, match="field_of_view="):
            call()
    with pytest.raises(ValueError, match="not both"):
        depth.points(calibration=camera((2, 2)), field_of_view=1.0)
    wide = depth.points(field_of_view=np.pi / 2)
    np.testing.assert_allclose(np.abs(wide.positions[:, :2]), 0.5, rtol=1e-6)


def test_coefficients_alone_bend_nothing() -> None:
    straight = step()
    assert straight.calibration is not None
    lens = LensTable(None, None, (32.0, 24.0), (0.0, -1.0), (0.0, 1.0))
    bent = straight.replace(calibration=straight.calibration.replace(distortion=lens))
    assert bent.points().equals(straight.points())
    assert bent.mesh().equals(straight.mesh())


@given(normals_towards(75), st.floats(0.2, 20), st.sampled_from(DepthKind), st.integers(1, 3))
@settings(max_examples=40)
def test_normals_of_a_plane(
    normal: NDArray[np.float64], distance: float, kind: DepthKind, radius: int
) -> None:
    depth = plane(camera(SIZE, 0.4), SIZE, normal, distance).to(kind)
    np.testing.assert_allclose(depth.normals(radius=radius), np.broadcast_to(normal, (12, 16, 3)), atol=2e-3)


def test_normals_of_a_sphere_seen_through_a_lens() -> None:
    lens = BrownConrady(-0.1, 0.02, 0.001, 0.001)
    calibration = camera((128, 96), 0.8).replace(distortion=lens)
    rays = calibration.rays((128, 96)).astype(np.float64)
    center, radius = np.array([0.0, 0.0, 3.0]), 1.0
    a, b, c = (rays**2).sum(-1), rays @ center, center @ center - radius**2
    with np.errstate(invalid="ignore"):
        depth = (b - np.sqrt(b * b - a * c)) / a
    expected = (rays * depth[..., None] - center) / radius
    measured = DepthMap(depth, calibration=calibration).normals()
    facing = np.nan_to_num(-expected[..., 2])
    assert (facing > 0.8).sum() > 1000
    with np.errstate(invalid="ignore"):
        off = np.degrees(np.arccos(np.minimum((measured * expected).sum(-1), 1)))
    assert off[facing > 0.8].max() < 1
    assert off[facing > 0.6].max() < 3
    assert np.isnan(measured[np.isnan(depth)]).all()


def test_normals_stop_at_edges_and_holes() -> None:
    np.testing.assert_allclose(step().normals(), np.broadcast_to([0, 0, -1.0], (12, 16, 3)), atol=1e-5)
    values = step().values.copy()
    values[4:7, 4:7] = np.nan
    values[5, 5] = 1
    values[0] = np.inf
    normals = step().replace(values=values).normals()
    assert np.isnan(normals[4:7, 4:7]).all()
    assert np.isnan(normals[0]).all()
    np.testing.assert_allclose(normals[1:4], np.broadcast_to([0, 0, -1.0], (3, 16, 3)), atol=1e-5)
    assert np.isnan(DepthMap(np.ones((1, 9))).normals(field_of_view=1.0)).all()


@given(normals_towards(80), st.floats(0.2, 20), st.sampled_from(DepthKind))
@settings(max_examples=40)
def test_the_mesh_of_a_plane_is_whole(normal: NDArray[np.float64], distance: float, kind: DepthKind) -> None:
    width, height = SIZE
    depth = plane(camera(SIZE, 0.15), SIZE, normal, distance).to(kind)
    mesh = depth.mesh()
    assert len(mesh.vertices) == width * height
    assert len(mesh.faces) == 2 * (width - 1) * (height - 1)
    assert len(np.unique(np.sort(mesh.faces, axis=1), axis=0)) == len(mesh.faces)
    normals = mesh.face_normals()
    assert (np.einsum("ij,ij->i", normals, mesh.vertices[mesh.faces[:, 0]]) < 0).all()
    np.testing.assert_allclose(normals @ normal, 1, atol=1e-2)


def test_the_mesh_is_cut_at_edges() -> None:
    width, height = SIZE
    halves = 2 * 2 * (width // 2 - 1) * (height - 1)
    assert len(step().mesh().faces) == halves
    assert len(step(1.0, 1.03).mesh().faces) == 2 * (width - 1) * (height - 1)
    assert len(step(1.0, 1.03).mesh(edge=0.01).faces) == halves
    with pytest.raises(ValueError, match="edge"):
        step().mesh(edge=0.0)


def test_a_hole_takes_one_corner_off_its_squares() -> None:
    values = np.ones((5, 5), np.float32)
    values[2, 2] = np.nan
    mesh = DepthMap(values).mesh(field_of_view=1.0)
    assert len(mesh.vertices) == 24
    assert len(mesh.faces) == 2 * 16 - 4
    assert len(DepthMap(np.full((4, 4), np.inf)).mesh(field_of_view=1.0).faces) == 0
    assert len(DepthMap(np.ones((1, 4))).mesh(field_of_view=1.0).faces) == 0


@pytest.mark.parametrize("odd", range(4))
def test_a_square_is_split_where_the_jump_is_smaller(odd: int) -> None:
    values = np.ones(4, np.float32)
    values[odd] = 1.04
    mesh = DepthMap(values.reshape(2, 2)).mesh(field_of_view=1.0)
    shared = set(mesh.faces[0].tolist()) & set(mesh.faces[1].tolist())
    # Corners count by rows: 0–3 is one diagonal, 1–2 the other. The odd corner stands out of a flat triangle.
    assert shared == ({1, 2} if odd in (0, 3) else {0, 3})


def test_color_of_any_size_lies_under_its_pixel() -> None:
    small = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
    large = np.repeat(np.repeat(small, 4, axis=0), 4, axis=1)
    np.testing.assert_array_equal(sample_color(large, (3, 2)), small)
    np.testing.assert_array_equal(sample_color(small, (12, 8)), large)
    assert sample_color(small, (3, 2)) is small
    depth = DepthMap(np.ones((2, 3)))
    np.testing.assert_array_equal(depth.points(large, field_of_view=1.0).colors, small.reshape(-1, 3))
    np.testing.assert_array_equal(depth.mesh(large, field_of_view=1.0).colors, small.reshape(-1, 3))
    with pytest.raises(TypeError, match="uint8"):
        depth.points(large / 255, field_of_view=1.0)
    with pytest.raises(ValueError, match="shape"):
        depth.points(large[..., 0], field_of_view=1.0)
