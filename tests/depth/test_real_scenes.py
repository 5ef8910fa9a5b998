"""Geometry on real files: a phone's depth map, and two frames of one room that must agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, Mesh, PointCloud, Pose, reproject

pytestmark = pytest.mark.samples


@pytest.fixture(scope="module")
def phone(samples: Path) -> tuple[DepthMap, np.ndarray]:
    """The disparity of an iPhone 13 Pro photo as an 8-bit codec gives it, and the picture."""
    file = pillow_heif.open_heif(samples / "photos/apple/iphone13pro_dualwide.heic")
    codes = np.asarray(file.info["depth_images"][0].to_pillow().convert("L"))
    intrinsics = [[3032.594, 0, 1988.451], [0, 3032.594, 1512.307], [0, 0, 1]]
    disparity = 1.498047 + codes / 255 * (4.382812 - 1.498047)
    calibration = Calibration(intrinsics, (4032, 3024))
    return DepthMap(disparity, DepthKind.DISPARITY, filtered=True, calibration=calibration), np.asarray(file)


def test_a_phone_photo_as_points_and_surface(phone: tuple[DepthMap, np.ndarray], tmp_path: Path) -> None:
    depth, color = phone
    cloud, mesh = depth.points(color), depth.mesh(color)
    assert len(cloud) == 768 * 576
    # The dog stands out from the wall: some squares are cut there, and few elsewhere.
    assert 0.98 < len(mesh.faces) / (2 * 767 * 575) < 1
    sides = mesh.vertices[mesh.faces]
    longest = np.linalg.norm(sides - np.roll(sides, 1, axis=1), axis=2).max(axis=1) / sides[:, 0, 2]
    assert longest.max() < 0.15
    for shape in (cloud, mesh):
        shape.save(tmp_path / "shape.ply")
        assert type(shape).load(tmp_path / "shape.ply").equals(shape)
        shape.save(tmp_path / "shape.glb")
    assert len(PointCloud.load(tmp_path / "shape.glb")) == len(Mesh.load(tmp_path / "shape.glb").vertices)
    assert np.isnan(depth.normals()).mean() < 0.002, "only pixels alone between two edges have none"


def test_a_phone_photo_from_its_own_camera_is_itself(phone: tuple[DepthMap, np.ndarray]) -> None:
    depth, _ = phone
    assert depth.calibration is not None
    same = reproject(depth, depth.calibration, depth.size, target_from_source=Pose.identity())
    np.testing.assert_allclose(same.values, depth.values, rtol=1e-6)


def test_two_frames_of_a_room_agree(samples: Path) -> None:
    folder = samples / "rgbd/livingroom"
    numbers = np.array((folder / "trajectory.log").read_text().split(), np.float64).reshape(-1, 19)
    camera = Calibration([[525, 0, 320], [0, 525, 240], [0, 0, 1]], (640, 480))

    def frame(index: int) -> tuple[DepthMap, Pose]:
        millimetres = np.asarray(Image.open(sorted((folder / "depth").glob("*.png"))[index]))
        metres = np.where(millimetres == 0, np.nan, millimetres / 1000)
        depth = DepthMap(metres, accuracy=Accuracy.ABSOLUTE, calibration=camera)
        return depth, Pose.from_matrix(numbers[index, 3:].reshape(4, 4))

    (first, world_from_first), (second, world_from_second) = frame(0), frame(20)
    moved = reproject(
        first, camera, first.size, target_from_source=world_from_second.inverse() @ world_from_first
    )
    both = moved.valid & second.valid
    assert both.mean() > 0.6
    error = np.abs(moved.values[both] / second.values[both] - 1)
    still = np.abs(first.values[both] / second.values[both] - 1)
    assert np.median(error) < 0.01
    assert np.median(error) < np.nanmedian(still) / 2
