"""A map seen by another camera: the same scene, the nearest on top, holes where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from calibrations import calibrations
from depth.maps import camera, depth_maps, normals_towards, plane
from nearfar.depth import BrownConrady, Calibration, DepthKind, DepthMap, Pose, reproject

SIZE = (40, 30)
STILL = Pose.identity()
SMALL = st.floats(-0.1, 0.1)
MOVES = st.builds(
    lambda x, y, z, a, b, c: Pose.from_quaternion((a / 4, b / 4, c, 1), (x, y, z)), *([SMALL] * 6)
)


@given(depth_maps(), calibrations(pose=False))
@settings(max_examples=60)
def test_to_the_same_camera_is_the_same_map(depth: DepthMap, calibration: Calibration) -> None:
    seen = np.isfinite(calibration.rays(depth.size)).all(axis=-1)
    same = reproject(
        depth.replace(calibration=calibration), calibration, depth.size, target_from_source=STILL
    )
    values = depth.to(dtype=np.float32).values
    kept = seen & (values >= 0) & ((values > 0) if depth.kind is DepthKind.DEPTH else np.isfinite(values))
    expected = np.where(kept, values, np.nan)
    np.testing.assert_allclose(same.to(dtype=np.float32).values, expected, rtol=2e-3, atol=1e-6)
    assert (same.kind, same.dtype, same.metric) == (depth.kind, depth.dtype, depth.metric)
    assert same.calibration is calibration
    assert same.confidence is None


@given(normals_towards(50), MOVES, st.sampled_from(DepthKind), st.floats(0.5, 2.5))
@settings(max_examples=40, deadline=None)
def test_a_plane_stays_that_plane(
    normal: NDArray[np.float64], move: Pose, kind: DepthKind, magnified: float
) -> None:
    source = camera(SIZE, 0.6)
    target = camera(SIZE, 0.5).replace(distortion=BrownConrady(-0.05))
    size = (round(SIZE[0] * magnified), round(SIZE[1] * magnified))
    depth = plane(source, SIZE, normal, 2.0)
    moved = reproject(depth.to(kind), target, size, target_from_source=move).to("depth")
    there = move.rotation @ normal
    expected = plane(target, size, there, 2.0 - float(there @ move.translation)).values
    both = moved.valid & ~np.isnan(expected)
    # At the border a pixel may hold a point that falls on it, up to half a pixel off its centre.
    error = np.abs(moved.values[both] / expected[both] - 1)
    assert error.max() < 0.03
    assert np.median(error) < 1e-4
    assert_covered(moved, source, target, move)


def assert_covered(moved: DepthMap, source: Calibration, target: Calibration, move: Pose) -> None:
    """Each pixel whose point the source camera saw, well inside its picture, has a value: no pinholes."""
    values = np.where(moved.valid, moved.values, np.nanmedian(moved.values))
    points = target.rays(moved.size) * values[..., None]
    back = source.project(move.inverse().apply(points)) / source.reference_size
    inside = ((back > 0.03) & (back < 0.97)).all(axis=-1)
    assert (moved.valid | ~inside).mean() > 0.995


@given(normals_towards(30))
@settings(max_examples=10, deadline=None)
def test_what_is_enlarged_has_no_pinholes(normal: NDArray[np.float64]) -> None:
    depth = plane(camera(SIZE), SIZE, normal, 1.0)
    large = reproject(depth, camera(SIZE), (SIZE[0] * 9, SIZE[1] * 9), target_from_source=STILL)
    assert large.holes == 0
    reduced = reproject(large, camera(SIZE), SIZE, target_from_source=STILL)
    np.testing.assert_allclose(reduced.values, depth.values, rtol=1e-4)


@pytest.mark.parametrize("magnified", [2, 3, 5, 7])
def test_pixel_centres_on_the_seams_of_triangles_are_drawn(magnified: int) -> None:
    size = (24, 20)
    for field_of_view in np.linspace(0.3, 1.4, 12):
        source = Calibration.from_field_of_view(field_of_view, size)
        depth = DepthMap(np.full((20, 24), 1.7, np.float32), calibration=source)
        large = (size[0] * magnified, size[1] * magnified)
        assert reproject(depth, source, large, target_from_source=STILL).holes == 0


@pytest.mark.parametrize("turns", range(4))
def test_a_slope_does_not_go_on_past_infinity(turns: int) -> None:
    disparity = np.rot90(np.tile(np.linspace(0.13, 0.01, 5, dtype=np.float32), (5, 1)), turns)
    source = Calibration.from_field_of_view(1.0, (5, 5))
    depth = DepthMap(disparity, DepthKind.DISPARITY, calibration=source)
    large = reproject(depth, source, (40, 40), target_from_source=STILL, edge=10)
    assert large.holes == 0
    assert large.range == pytest.approx((0.01, 0.145), rel=0.02)


@pytest.mark.parametrize(("x", "y"), [(-0.7, 0.0), (0.0, -0.7), (0.7, 0.0), (0.0, 0.7)])
def test_a_pixel_that_leaves_the_picture_is_gone(x: float, y: float) -> None:
    source = Calibration.from_field_of_view(1.0, SIZE)
    for row, column in ((0, 0), (29, 39)):
        values = np.full((30, 40), np.nan, np.float32)
        values[row, column] = 2
        move = Pose(np.eye(3), np.array([x, y, 0]) * 2 / source.fx)
        moved = reproject(DepthMap(values, calibration=source), source, SIZE, target_from_source=move)
        stays = (0 <= column + 0.5 + x < 40) and (0 <= row + 0.5 + y < 30)
        assert moved.valid.sum() == stays


def test_the_nearest_wins_and_uncovers_a_hole() -> None:
    values = np.full((30, 40), 4.0, np.float32)
    values[10:20, 15:25] = 1.0
    source = Calibration.from_field_of_view(1.0, SIZE)
    depth = DepthMap(values, calibration=source)
    pixel = 1 / source.fx
    moved = reproject(depth, source, SIZE, target_from_source=Pose(np.eye(3), np.array([8 * pixel, 0, 0])))
    # The near square moves by 8 pixels, the far wall by 2; between them the wall was never seen.
    assert (moved.values[11:19, 24:32] == 1).all()
    assert np.isnan(moved.values[11:19, 18:22]).all()
    assert (moved.values[11:19, 3:16] == 4).all()
    assert np.isnan(moved.values[:, 0]).all()
    assert set(np.unique(moved.values[moved.valid])) == {1, 4}


def test_infinity_turns_but_does_not_come_nearer() -> None:
    depth = DepthMap(np.full((30, 40), np.inf, np.float32), calibration=camera(SIZE))
    forward = Pose(np.eye(3), np.array([0.0, 0, -5]))
    moved = reproject(depth, camera(SIZE), SIZE, target_from_source=forward)
    assert np.isposinf(moved.values).all()
    about = Pose(np.diag([-1.0, 1, -1]), np.zeros(3))
    assert reproject(depth, camera(SIZE), SIZE, target_from_source=about).holes == 1


def test_a_pixel_alone_is_one_pixel() -> None:
    values = np.full((30, 40), np.nan, np.float32)
    values[3, 5] = 2
    depth = DepthMap(values, calibration=camera(SIZE))
    same = reproject(depth, camera(SIZE), SIZE, target_from_source=STILL)
    np.testing.assert_array_equal(same.values, values)


def test_what_is_needed() -> None:
    depth = DepthMap(np.ones((2, 2)))
    with pytest.raises(ValueError, match="calibration="):
        reproject(depth, camera((2, 2)), (2, 2), target_from_source=STILL)
    for size in ((0, 2), (2.5, 3), (2,), 2, "ab"):
        with pytest.raises(ValueError, match="size"):
            reproject(depth, camera((2, 2)), size, target_from_source=STILL, calibration=camera((2, 2)))  # type: ignore[arg-type]
