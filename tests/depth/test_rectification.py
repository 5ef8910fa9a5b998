"""Rectified pictures and maps: what the lens did is undone, holes stay holes, and OpenCV agrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.distortion import BrownConrady, Distortion, Fisheye, LensTable
from nearfar.depth.kinds import DepthKind
from nearfar.depth.pose import Pose
from nearfar.depth.rectification import rectify
from nearfar.depth.sampling import sample_picture

SIZE = (128, 96)
LENSES: list[Distortion] = [
    BrownConrady(-0.25, 0.05, 0.002, -0.003, 0.01),
    BrownConrady(0.1, 0.02, -0.001, 0.001),
    Fisheye(0.02, -0.004),
    LensTable(-0.05 * np.linspace(0.0, 1.0, 42) ** 2, None, (66.0, 47.0)),
    LensTable(None, -0.05 * np.linspace(0.0, 1.0, 42) ** 2, (66.0, 47.0)),
]
NAMES = ["barrel", "pincushion", "fisheye", "forward-table", "inverse-table"]


def camera(lens: Distortion | None) -> Calibration:
    return Calibration.from_field_of_view(1.0, SIZE).replace(distortion=lens)


def smooth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 2.0 + np.sin(x / 17.0) * 0.5 + np.cos(y / 13.0) * 0.5


@pytest.mark.parametrize("lens", LENSES, ids=NAMES)
@pytest.mark.parametrize("size", [SIZE, (64, 48), (256, 192)])
def test_a_bent_scene_comes_out_straight(lens: Distortion, size: tuple[int, int]) -> None:
    """A smooth scene is drawn bent, with `undistort_points` as the pen, and must come back straight."""
    width, height = size
    scale = SIZE[0] / width
    x, y = np.meshgrid((np.arange(width) + 0.5) * scale, (np.arange(height) + 0.5) * scale)
    flat = camera(lens).undistort_points(np.stack([x, y], axis=-1))
    bent = smooth(flat[..., 0], flat[..., 1]).astype(np.float32)
    depth_map = DepthMap(bent, kind=DepthKind.DEPTH, calibration=camera(lens))
    straight = rectify(depth_map)
    assert straight.calibration is not None
    assert straight.calibration.distortion is None
    source = camera(lens).distort_points(np.stack([x, y], axis=-1))
    inside = ((source > scale) & (source < np.array(SIZE) - scale)).all(axis=-1)
    assert inside.mean() > 0.8
    assert np.abs(straight.values - smooth(x, y))[inside].max() < 0.01 * scale


def test_points_are_the_same_whether_rays_or_the_map_undo_the_lens() -> None:
    """A tilted plane, seen bent: its rectified map lies in the same plane as the points of the bent one."""
    lens = LENSES[0]
    normal, offset = np.array([0.1, -0.2, 1.0]), 3.0
    rays = camera(lens).rays()
    depth_map = DepthMap((offset / (rays @ normal)).astype(np.float32), calibration=camera(lens))
    straight = rectify(depth_map)
    assert straight.calibration is not None
    points = straight.calibration.rays() * straight.values[..., np.newaxis]
    seen = np.isfinite(straight.values[1:-1, 1:-1])
    assert np.allclose((points @ normal)[1:-1, 1:-1][seen], offset, atol=2e-3)


@pytest.mark.parametrize("lens", LENSES[:2], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_opencv_rectifies_pictures_the_same_way(lens: BrownConrady, channels: int) -> None:
    cv2 = pytest.importorskip("cv2")
    noise = np.random.default_rng(5).uniform(0, 255, (96, 128, channels)).astype(np.float32)
    picture = cv2.GaussianBlur(noise, (0, 0), 2.0).reshape(noise.shape)
    calibration = camera(lens)
    # OpenCV counts from the centre of pixel 0.
    matrix = calibration.intrinsics - np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]])
    map_x, map_y = cv2.initUndistortRectifyMap(
        matrix, np.array(lens.coefficients), np.eye(3), matrix, SIZE, cv2.CV_32FC1
    )
    theirs = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR).reshape(picture.shape)
    inside = (map_x >= 0) & (map_x <= SIZE[0] - 1) & (map_y >= 0) & (map_y <= SIZE[1] - 1)
    # cv2.remap rounds positions to 1/32 px.
    assert np.abs(rectify(picture, calibration) - theirs)[inside].max() < 1.0
    eight = picture.astype(np.uint8)
    theirs = cv2.remap(eight, map_x, map_y, cv2.INTER_LINEAR).reshape(eight.shape)
    ours = rectify(eight, calibration).astype(int)
    assert (
        np.abs(ours - cv2.remap(eight, map_x, map_y, cv2.INTER_LINEAR).reshape(eight.shape))[inside].max()
        <= 2
    )


@settings(max_examples=25)
@given(st.sampled_from(LENSES), st.floats(0.0, 0.6), st.integers(0, 2**32 - 1))
def test_holes_neither_spread_nor_leak(lens: Distortion, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(1.0, 2.0, (96, 128)).astype(np.float32)
    values[rng.uniform(size=values.shape) < share] = np.nan
    straight = rectify(DepthMap(values, calibration=camera(lens)))
    found = straight.values[np.isfinite(straight.values)]
    assert not found.size or (found.min() >= 1.0 - 1e-6 and found.max() <= 2.0 + 1e-6)
    # The nearest stored value decides, so holes neither grow nor shrink.
    full = rectify(DepthMap(np.nan_to_num(values, nan=1.5), calibration=camera(lens)))
    lost = np.isnan(straight.values) & np.isfinite(full.values)
    assert lost.mean() == pytest.approx(np.isnan(values).mean(), abs=0.12)


def test_infinite_depth_stays_infinite_and_spoils_no_neighbour() -> None:
    values = np.full((96, 128), 2.0, np.float32)
    values[:, :64] = np.inf
    straight = rectify(DepthMap(values, calibration=camera(LENSES[0])))
    seen = straight.values[~np.isnan(straight.values)]
    assert set(np.unique(seen)) == {2.0, np.inf}


def test_a_map_keeps_what_it_is() -> None:
    confidence = np.full((96, 128), 0.5, np.float32)
    values = np.ones((96, 128), np.float16)
    depth_map = DepthMap(
        values, kind=DepthKind.DISPARITY, filtered=True, calibration=camera(LENSES[3]), confidence=confidence
    )
    straight = rectify(depth_map)
    assert (straight.kind, straight.filtered, straight.values.dtype) == (
        DepthKind.DISPARITY,
        True,
        np.float16,
    )
    assert straight.confidence is not None
    assert set(np.unique(straight.confidence)) <= {0.0, 0.5}


@pytest.mark.parametrize(
    "lens", [None, LensTable(None, None, (60.0, 40.0), (0.0, 1.0), (0.0, -1.0))], ids=str
)
def test_without_a_known_lens_nothing_moves(lens: Distortion | None) -> None:
    values = np.random.default_rng(0).uniform(1.0, 2.0, (96, 128)).astype(np.float32)
    assert np.array_equal(rectify(DepthMap(values, calibration=camera(lens))).values, values)
    assert np.array_equal(rectify(values, camera(lens)), values)


def test_what_is_known_of_a_phones_lens_is_not_thrown_away() -> None:
    """A map that may be bent is not declared straight."""
    lens = LensTable(None, None, (60.0, 40.0), (0.0, 1.0), (0.0, -1.0))
    bent = DepthMap(np.ones((96, 128), np.float32), calibration=camera(lens))
    assert rectify(bent).equals(bent)
    other = camera(lens).replace(pixel_size=1e-6)
    assert rectify(bent, other).equals(bent.replace(calibration=other))


def test_what_the_lens_did_not_see_is_a_hole_or_black() -> None:
    """A pincushion's corners come from outside the bent picture, its middle does not."""
    lens = LENSES[1]
    x, y = np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5)
    source = camera(lens).distort_points(np.stack([x, y], axis=-1))
    unseen = ~((source >= 0) & (source <= np.array(SIZE))).all(axis=-1)
    assert 0 < unseen.mean() < 0.2
    straight = rectify(DepthMap(np.ones((96, 128), np.float32), calibration=camera(lens)))
    assert np.array_equal(np.isnan(straight.values), unseen)
    picture = rectify(np.full((96, 128, 3), 200, np.uint8), camera(lens))
    assert (picture[unseen] == 0).all()
    assert (picture[~unseen] == 200).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2, 4)])
def test_pictures_of_any_shape(shape: tuple[int, ...]) -> None:
    calibration = Calibration.from_field_of_view(1.0, (shape[1], shape[0])).replace(
        distortion=BrownConrady(k1=0.01)
    )
    picture = np.full(shape, 77, np.uint8)
    assert set(np.unique(rectify(picture, calibration))) <= {0, 77}


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="no calibration"):
        rectify(DepthMap(np.ones((2, 2), np.float32)))
    with pytest.raises(ValueError, match="calibration="):
        rectify(np.ones((2, 2), np.float32))
    with pytest.raises(ValueError, match="shape"):
        rectify(np.ones(2, np.float32), camera(None))
    with pytest.raises(ValueError, match="uint8"):
        rectify(np.ones((2, 2), np.int64), camera(None))


def test_a_table_is_made_once_for_the_pictures_of_a_lens() -> None:
    """Equal numbers are one lens, whoever holds them; another lens, intrinsics or size has its own table."""
    made = []

    class Watched(BrownConrady):
        def distort(self, points: ArrayLike) -> NDArray[np.float64]:
            made.append(self.coefficients)
            return super().distort(points)

    noise = np.random.default_rng(3).integers(0, 255, (96, 128, 3), dtype=np.uint8)

    def seen(k1: float, picture: np.ndarray = noise, **changes: Any) -> np.ndarray:
        calibration = camera(Watched(k1, 0.03)).replace(**changes)
        found = rectify(picture, calibration)
        scale = SIZE[0] / picture.shape[1]
        y, x = np.indices(picture.shape[:2]) + 0.5
        there = camera(BrownConrady(k1, 0.03)).replace(**changes).distort_points(np.dstack([x, y]) * scale)
        assert found.tobytes() == sample_picture(picture, there / scale).tobytes()
        return found

    first = seen(-0.21)
    away = Pose(np.eye(3), np.array([0.0, 1.0, 2.0]))
    for _ in range(3):
        assert seen(-0.21, pose=away).tobytes() == first.tobytes()
    assert len(made) == 1
    assert seen(-0.22).tobytes() != first.tobytes()
    assert (
        seen(-0.21, intrinsics=camera(None).intrinsics * [[1.1], [1.1], [1.0]]).tobytes() != first.tobytes()
    )
    assert seen(-0.21, noise[:48, :64]).shape == (48, 64, 3)
    assert len(made) == 4


def test_a_stream_makes_its_tables_once() -> None:
    made = []

    class Watched(BrownConrady):
        def distort(self, points: ArrayLike) -> NDArray[np.float64]:
            made.append(np.shape(points))
            return super().distort(points)

    values = np.random.default_rng(4).uniform(1.0, 2.0, (48, 64)).astype(np.float32)
    bent = DepthMap(values, calibration=camera(Watched(-0.23, 0.04)))
    picture = np.zeros((96, 128, 3), np.uint8)
    for _ in range(3):
        rectify(bent)
        rectify(picture, bent.calibration)
    assert made == [(48, 64, 2), (96, 128, 2)]
