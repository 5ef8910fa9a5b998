"""Laws of completion: from any number of points, planes stay planes and surfaces end where colours do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nearfar as nf
from estimate.stereo_truth import pair

CALIBRATION = nf.Calibration.from_field_of_view(1.0, (64, 48))


def grid(size: tuple[int, int], across: int, down: int) -> np.ndarray:
    """(N, 2): x and y of across·down places spread evenly over (height, width)."""
    y, x = np.meshgrid(
        (np.arange(down) + 0.5) * size[0] / down, (np.arange(across) + 0.5) * size[1] / across, indexing="ij"
    )
    return np.stack([x.ravel(), y.ravel()], axis=1)


def with_depth(places: np.ndarray, depth: np.ndarray) -> np.ndarray:
    return np.column_stack([places, np.broadcast_to(depth, len(places))])


@st.composite
def clouds(draw) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    count = draw(st.integers(1, 60))
    points = generator.uniform((0, 0, 0.5), (width, height, 4), (count, 3))
    shades = generator.choice(np.array([0, 60, 200], np.uint8), (height, width, 3))
    return points, shades


@settings(max_examples=60, deadline=None)
@given(clouds())
def test_the_map_is_whole_and_near_the_points_range(cloud) -> None:
    points, guide = cloud
    dense = nf.estimate.complete(points, guide)
    assert dense.shape == guide.shape[:2]
    assert dense.valid.all()
    assert dense.filtered
    assert (dense.kind, dense.accuracy) == (nf.DepthKind.DEPTH, nf.Accuracy.ABSOLUTE)
    low, high = 1 / points[:, 2].max(), 1 / points[:, 2].min()
    linear = 1 / dense.values.astype(np.float64)
    # Half of the range for the planes, and the same again for those of enlarging.
    assert linear.min() >= low / 4 - 1e-6
    assert linear.max() <= high + 1.5 * (high - low) + 1e-6
    assert dense.confidence.min() > 0
    assert dense.confidence.max() <= 1


@settings(max_examples=60, deadline=None)
@given(clouds())
def test_a_points_own_pixel_keeps_its_value(cloud) -> None:
    points, guide = cloud
    dense = nf.estimate.complete(points, guide)
    for x, y, depth in points:
        there = (points[:, :2].astype(int) == (int(x), int(y))).all(axis=1)
        nearest = points[there, 2].min()
        assert dense.values[int(y), int(x)] == np.float32(1 / (1 / nearest))
        assert dense.confidence[int(y), int(x)] == 1
        assert nearest <= depth


@settings(max_examples=40, deadline=None)
@given(clouds(), st.sampled_from([0.3, 1.7, 40.0]))
def test_a_constant_stays_constant(cloud, depth) -> None:
    points, guide = cloud
    points[:, 2] = depth
    assert np.allclose(nf.estimate.complete(points, guide).values, depth, rtol=1e-6)


@settings(max_examples=30, deadline=None)
@given(clouds())
def test_mirroring_commutes(cloud) -> None:
    points, guide = cloud
    noise = np.random.default_rng(0).integers(0, 9, guide.shape, dtype=np.uint8)
    guide = guide + noise
    straight = nf.estimate.complete(points, guide)
    turned = points.copy()
    turned[:, :2] = guide.shape[1::-1] - points[:, :2]
    mirrored = nf.estimate.complete(turned, guide[::-1, ::-1])
    same = np.isclose(straight.values, mirrored.values[::-1, ::-1], rtol=1e-4)
    assert same.mean() > 0.97  # ties of what is equally far may fall to either side


@pytest.mark.parametrize("size", [(48, 64), (200, 270), (480, 640)], ids=str)
def test_a_slanted_plane_is_met(size) -> None:
    height, width = size
    places = grid(size, 12, 9)

    def disparity(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 0.5 + 0.8 * x / width + 0.6 * y / height

    points = with_depth(places, 1 / disparity(*places.T))
    guide = np.random.default_rng(0).integers(90, 130, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:height, :width] + 0.5
    error = np.abs(1 / nf.estimate.complete(points, guide).values - disparity(x, y))
    assert error.mean() < 0.004
    assert np.quantile(error, 0.99) < 0.03


@pytest.mark.parametrize("edge", [140, 147, 153, 160])
def test_an_edge_goes_where_the_colours_change(edge) -> None:
    height, width = 240, 320
    left = np.arange(width) + 0.5 < edge
    row = np.where(left[:, None], (200, 40, 30), (30, 60, 180)).astype(np.uint8)
    guide = np.broadcast_to(row, (height, width, 3))
    places = grid((height, width), 16, 12)
    points = with_depth(places, np.where(places[:, 0] < edge, 1.0, 3.0))
    dense = nf.estimate.complete(points, guide).values
    assert np.allclose(np.where(dense < 2, 1, 3), dense, rtol=1e-5)
    assert np.abs((dense < 2).sum(axis=1) - edge).max() <= 1


def test_a_map_of_any_size_stands_for_its_values() -> None:
    values = np.full((6, 8), np.nan, np.float16)
    values[1, 2], values[4, 6] = 2.0, 0.5
    sparse = nf.DepthMap(values, "disparity", metric=False, calibration=CALIBRATION)
    guide = np.zeros((48, 64, 3), np.uint8)
    guide[:, 36:] = 255
    dense = nf.estimate.complete(sparse, guide)
    assert dense.replace(values=values, confidence=None, filtered=False).equals(sparse)
    assert dense.size == (64, 48)
    assert dense.values[12, 20] == 2
    assert dense.values[36, 52] == 0.5
    assert set(np.unique(dense.values)) == {2.0, 0.5}


def test_a_cloud_falls_where_the_camera_sees_it() -> None:
    places = grid((48, 64), 8, 6)
    rays = CALIBRATION.unproject(places)
    depth = np.where(places[:, 0] < 32, 1.0, 2.0)
    behind = [[0.0, 0.0, -1.0], [50.0, 0.0, 1.0]]
    cloud = nf.PointCloud(np.concatenate([rays * depth[:, None], behind]).astype(np.float32))
    guide = np.zeros((96, 128), np.uint8)
    guide[:, 64:] = 200
    dense = nf.estimate.complete(cloud, guide, calibration=CALIBRATION)
    assert dense.calibration is not None
    assert dense.calibration.equals(CALIBRATION)
    assert np.allclose(dense.values[:, :63], 1, rtol=1e-4)
    assert np.allclose(dense.values[:, 65:], 2, rtol=1e-4)


def test_a_cloud_falls_where_a_lens_puts_it() -> None:
    bent = CALIBRATION.replace(distortion=nf.depth.BrownConrady(k1=-0.2))
    ray = np.array([[0.4, 0.3, 1.0]], np.float32)
    (x, y), (straight, _) = bent.project(ray)[0].astype(int), CALIBRATION.project(ray)[0].astype(int)
    assert x < straight
    wall = np.column_stack([grid((48, 64), 8, 6), np.full(48, 9.0)])
    wall = CALIBRATION.unproject(wall[:, :2]) * 9
    cloud = nf.PointCloud(np.concatenate([wall, ray]).astype(np.float32))
    dense = nf.estimate.complete(cloud, np.zeros((48, 64), np.uint8), calibration=bent)
    assert (dense.values[y, x], dense.confidence[y, x]) == (1, 1)


def test_infinitely_far_counts_as_a_point() -> None:
    values = np.full((4, 8), np.nan)
    values[1, 1:3], values[1, 5:7] = 1.0, np.inf
    guide = np.zeros((16, 32), np.uint8)
    guide[:, 16:] = 255
    dense = nf.estimate.complete(nf.DepthMap(values), guide).values
    assert np.allclose(dense[:, :15], 1)
    assert dense[:, 17:].min() > 1e5


def test_near_and_alike_is_surer_than_far_and_unlike() -> None:
    guide = np.full((40, 80), 60, np.uint8)
    guide[:, 60:] = 250
    points = with_depth(grid((40, 50), 5, 4), np.array(2.0))
    confidence = nf.estimate.complete(points, guide).confidence
    assert confidence[:, :50].mean() > 2 * confidence[:, 62:].mean()


@pytest.mark.parametrize("count", [1, 2, 3, 2000])
def test_any_number_of_points_will_do(count) -> None:
    generator = np.random.default_rng(count)
    points = with_depth(generator.uniform(0, (300, 200), (count, 2)), np.array(1.5))
    dense = nf.estimate.complete(points, generator.integers(0, 256, (200, 300), dtype=np.uint8))
    assert np.allclose(dense.values, 1.5, rtol=1e-6)


def test_points_that_hide_one_another_count_once() -> None:
    """Many frames of one sensor, laid over each other, say no more than one of them, and take no longer."""
    places = grid((48, 64), 8, 6)
    points = with_depth(places, np.where(places[:, 0] < 32, 1.0, 2.0))
    guide = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    behind = points * (1, 1, 1.5)
    often = np.concatenate([points, *[behind] * 200])
    assert nf.estimate.complete(often, guide).equals(nf.estimate.complete(points, guide))


def test_disparity_has_no_upper_end() -> None:
    values = np.full((4, 8), np.nan, np.float32)
    values[1, 1:3] = 3e38, 1e38
    dense = nf.estimate.complete(nf.DepthMap(values, "disparity", metric=False), np.zeros((16, 32), np.uint8))
    assert dense.values[6, 6] == np.float32(3e38)
    assert dense.valid.all()


def test_what_is_too_far_for_the_type_is_infinitely_far() -> None:
    values = np.full((32, 32), np.nan, np.float16)
    values[::3, ::3] = np.where(np.arange(11) < 5, 0.5, np.inf)
    guide = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    dense = nf.estimate.complete(nf.DepthMap(values), guide)
    assert dense.dtype == np.float16
    assert np.isposinf(dense.values).any()
    beyond = np.array([[5.0, 5, 1e300], [50, 50, 1e300]])
    assert np.isposinf(nf.estimate.complete(beyond, guide).values).all()


def test_a_whole_map_stays_as_it_is() -> None:
    values = np.random.default_rng(0).uniform(1, 2, (30, 40)).astype(np.float32)
    dense = nf.estimate.complete(nf.DepthMap(values, "disparity"), np.zeros((30, 40), np.uint8))
    assert np.array_equal(dense.values, values)


GUIDE = np.zeros((8, 8), np.uint8)
CLOUD = nf.PointCloud(np.ones((1, 3), np.float32))
Failure = nf.errors.EstimationError


@pytest.mark.parametrize(
    ("sparse", "calibration", "error", "word"),
    [
        (nf.DepthMap(np.full((2, 2), np.nan)), None, Failure, "no value"),
        (np.zeros((0, 3)), None, Failure, "none of 0"),
        (np.array([[9.0, 1, 1]]), None, Failure, "8×8"),
        (np.array([[1.0, 1, np.nan]]), None, Failure, "finite"),
        (np.array([[1.0, 1, 0]]), None, Failure, "above 0"),
        (np.array([[1.0, 1, 1], [1.0, 2, 1e-320]]), None, Failure, "y 2, depth"),
        (CLOUD, CALIBRATION.scaled_to((48, 64)), Failure, "8×8.*48×64"),
        (np.ones((3, 2)), None, Failure, r"\(3, 2\)"),
        (np.array(["a"]), None, TypeError, "numbers"),
        (np.ma.masked_array(np.ones((1, 3)), mask=True), None, TypeError, "masked"),
        (nf.PointCloud(np.zeros((0, 3), np.float32)), CALIBRATION, Failure, "none of 0"),
        (nf.PointCloud(np.float32([[0, 0, -1]])), CALIBRATION, Failure, "none of 0"),
        (CLOUD, None, ValueError, "calibration"),
        (nf.PointCloud(np.ones((1, 3), np.float32), axes="world"), CALIBRATION, Failure, "camera axes"),
        (nf.DepthMap(np.ones((2, 2))), CALIBRATION, ValueError, "of its own"),
    ],
    ids=str,
)
def test_what_cannot_be_completed_is_refused(sparse, calibration, error, word) -> None:
    with pytest.raises(error, match=word):
        nf.estimate.complete(sparse, GUIDE, calibration=calibration)


def test_a_guide_with_nan_is_refused() -> None:
    with pytest.raises(Failure, match="NaN"):
        nf.estimate.complete(np.ones((1, 3)), np.full((4, 4), np.nan))


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "most"),
    [("motorcycle", 1.95), ("aloe", 3.8), ("teddy", 0.61), ("cones", 0.56), ("tsukuba", 0.28)],
)
def test_576_points_of_real_scenes(samples, name, most) -> None:
    """Mean errors, px; the nearest point gives 2.29, 5.52, 0.89, 0.97 and 0.39."""
    color, truth = pair(samples, name)
    rows, columns = (((np.arange(24) + 0.5) * side / 24).astype(int) for side in truth.shape)
    sparse = np.full(truth.shape, np.nan, np.float32)
    sparse[np.ix_(rows, columns)] = truth[np.ix_(rows, columns)]
    dense = nf.estimate.complete(nf.DepthMap(sparse, "disparity"), color)
    known = ~np.isnan(truth)
    error = np.abs(dense.values - truth)[known]
    assert error.mean() <= most
    sure = dense.confidence[known] >= np.quantile(dense.confidence[known], 0.2)
    assert (error[sure] > 2).mean() < 0.75 * (error > 2).mean()
