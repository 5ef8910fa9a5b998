"""The same numbers as librealsense: every filter beside its own, driven through a software device.

16-bit depth must be equal bit by bit, disparity to 1e-3 of a 1/32 px.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nearfar.estimate import filters

pytest.importorskip(
    "benchmarks.realsense", reason="pyrealsense2 has wheels for Linux on x86-64 alone", exc_type=ImportError
)
from benchmarks.realsense import (
    BASELINE_MM,
    FX,
    Source,
    array_of,
    configured,
    rs,
    run,
)

BASELINE = BASELINE_MM / 1000
CASES = range(24)


@pytest.fixture(autouse=True)
def _idle_options_are_fine() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(alpha|magnitude)=1")
        yield


def frames(case: int, count: int = 1, shape: tuple[int, int] | None = None) -> list[NDArray[np.uint16]]:
    """Frames of noise, of nearly flat surfaces, of tiny numbers, extremes, a slope; few holes or many."""
    generator = np.random.default_rng(case)
    shape = shape or (int(generator.integers(2, 40)), int(generator.integers(2, 40)))
    size = (count, *shape)
    makers = (
        lambda: generator.integers(0, 65536, size),
        lambda: 1000 + generator.integers(-15, 16, size) + 300 * (generator.random(size) < 0.1),
        lambda: generator.integers(0, 30, size),
        lambda: generator.choice([0, 1, 2, 19, 20, 21, 1000, 1010, 65534, 65535], size),
        lambda: np.broadcast_to(700 + np.add.outer(3 * np.arange(shape[0]), np.arange(shape[1])), size),
    )
    values = makers[case % len(makers)]().astype(np.uint16)
    values[generator.random(size) < (0.0, 0.1, 0.5, 0.95)[case % 4]] = 0
    return list(values)


def disparity_of(depth: NDArray[np.uint16]) -> NDArray[np.float32]:
    return filters.depth_to_disparity(depth, FX, BASELINE)


def assert_close(ours: NDArray[Any], theirs: NDArray[Any]) -> None:
    assert ours.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_spatial(case: int) -> None:
    generator = np.random.default_rng(case)
    alpha = float(generator.choice([0.25, 0.5, 0.37, 1.0]))
    magnitude, delta, holes = (int(generator.integers(1, top)) for top in (6, 51, 7))
    block = configured(
        rs.spatial_filter(),
        filter_magnitude=magnitude,
        filter_smooth_alpha=alpha,
        filter_smooth_delta=delta,
        holes_fill=holes - 1,
    )
    (depth,) = frames(case)
    assert np.array_equal(filters.spatial(depth, magnitude, alpha, delta, holes - 1), run([depth], block)[0])


@pytest.mark.parametrize("case", CASES)
def test_spatial_on_disparity(case: int) -> None:
    generator = np.random.default_rng(case)
    alpha = float(generator.choice([0.25, 0.5, 0.37, 1.0]))
    magnitude, delta, holes = (int(generator.integers(1, top)) for top in (6, 51, 7))
    options = {"filter_magnitude": magnitude, "filter_smooth_alpha": alpha, "filter_smooth_delta": delta}
    block = configured(rs.spatial_filter(), **options, holes_fill=holes - 1)
    (depth,) = frames(case)
    depth[-1, 0] = 500  # of a last row without any value librealsense fills the end from beyond the frame
    depth[-1, -1] = 510
    (theirs,) = run([depth], rs.disparity_transform(True), block)
    assert_close(filters.spatial(disparity_of(depth), magnitude, alpha, delta, holes - 1), theirs)


@pytest.mark.parametrize("persistence", range(9))
@pytest.mark.parametrize("case", range(5))
def test_temporal(case: int, persistence: int) -> None:
    generator = np.random.default_rng([case, persistence])
    alpha = float(generator.choice([0.0, 0.4, 0.5, 0.37, 1.0]))
    delta = int(generator.integers(1, 101))
    options = {"filter_smooth_alpha": alpha, "filter_smooth_delta": delta, "holes_fill": persistence}
    stream = frames(case, 24, (6, 7))
    ours = filters.TemporalFilter(alpha, delta, persistence)
    for depth, theirs in zip(stream, run(stream, configured(rs.temporal_filter(), **options)), strict=True):
        assert np.array_equal(ours(depth), theirs)
    transform = rs.disparity_transform(True)
    ours.reset()
    for depth, theirs in zip(
        stream, run(stream, transform, configured(rs.temporal_filter(), **options)), strict=True
    ):
        assert_close(ours(disparity_of(depth)), theirs)


def test_the_example_of_the_manual() -> None:
    seen = (1000, 1010, 0, 0, 0, 0, 1100, 1105)
    steady = filters.TemporalFilter()
    out = [int(steady(np.full((1, 1), value, np.uint16))[0, 0]) for value in seen]
    assert out == [1000, 1004, 1004, 1004, 1004, 0, 1100, 1102]


@pytest.mark.parametrize("mode", range(3))
@pytest.mark.parametrize("case", CASES)
def test_hole_filling(case: int, mode: int) -> None:
    (depth,) = frames(case)
    block = configured(rs.hole_filling_filter(), holes_fill=mode)
    assert np.array_equal(filters.fill_holes(depth, mode), run([depth], block)[0])
    (theirs,) = run(
        [depth], rs.disparity_transform(True), configured(rs.hole_filling_filter(), holes_fill=mode)
    )
    assert_close(filters.fill_holes(disparity_of(depth), mode), theirs)


@pytest.mark.parametrize("magnitude", range(1, 9))
@pytest.mark.parametrize("case", range(5))
def test_decimation(case: int, magnitude: int) -> None:
    generator = np.random.default_rng([case, magnitude])
    (depth,) = frames(case, shape=(int(generator.integers(8, 50)), int(generator.integers(8, 50))))
    block = configured(rs.decimation_filter(), filter_magnitude=magnitude)
    assert np.array_equal(filters.decimate(depth, magnitude), run([depth], block)[0])


@pytest.mark.parametrize("case", CASES)
def test_threshold(case: int) -> None:
    generator = np.random.default_rng(case)
    low, high = sorted(generator.choice([0, 0.1, 0.5, 1, 1.005, 2, 4, 10, 16], 2, replace=False))
    block = rs.threshold_filter()
    block.set_option(rs.option.max_distance, float(high))
    block.set_option(rs.option.min_distance, float(low))
    (depth,) = frames(case)
    assert np.array_equal(filters.threshold(depth, low, high), run([depth], block)[0])


@pytest.mark.parametrize("case", CASES)
def test_disparity_and_back(case: int) -> None:
    generator = np.random.default_rng(case)
    (depth,) = frames(case)
    height, width = depth.shape
    fx, baseline = float(generator.uniform(100, 1500)), float(generator.uniform(10, 120))
    units = float(generator.choice([0.001, 0.0001, 0.0005]))
    source = Source((width, height), fx=fx, baseline_mm=baseline, units=units)
    there = rs.disparity_transform(True).process(source.frame(depth))
    ours = filters.depth_to_disparity(depth, fx, baseline / 1000, depth_units=units)
    np.testing.assert_allclose(ours, array_of(there), rtol=3e-7, atol=1e-3)
    back = rs.disparity_transform(False).process(there)
    again = filters.disparity_to_depth(ours, fx, baseline / 1000, depth_units=units)
    assert np.array_equal(again, array_of(back))


def test_the_disparity_of_a_known_camera() -> None:
    assert filters.depth_to_disparity(np.array([[800, 0]], np.uint16), 384.0, 0.05).tolist() == [[768.0, 0.0]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 2), (17, 3), (480, 640)])
def test_the_whole_chain(shape: tuple[int, int]) -> None:
    stream = frames(1, 5, shape)
    blocks = (
        rs.disparity_transform(True),
        rs.spatial_filter(),
        rs.temporal_filter(),
        rs.disparity_transform(False),
        rs.hole_filling_filter(),
    )
    steady = filters.TemporalFilter()
    if min(shape) == 1:  # librealsense's spatial filter reads beyond a single row or column
        blocks = (blocks[0], *blocks[2:])
    for depth, theirs in zip(stream, run(stream, *blocks), strict=True):
        disparity = disparity_of(depth)
        if min(shape) > 1:
            disparity = filters.spatial(disparity)
        ours = filters.fill_holes(filters.disparity_to_depth(steady(disparity), FX, BASELINE))
        assert np.array_equal(ours, theirs)
