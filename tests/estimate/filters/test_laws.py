"""Laws that the filters keep on arrays and on depth maps, and what they say to nonsense."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from depth.maps import depth_maps
from nearfar.depth import Calibration, DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate import filters

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)
DEPTHS = hnp.arrays(np.uint16, SHAPES, elements=st.integers(0, 40) | st.integers(0, 65535))
FLOATS = hnp.arrays(np.float32, SHAPES, elements=st.floats(0, 90, width=32) | st.just(float("nan")))
FRAMES = DEPTHS | FLOATS


def gray(frame: Any) -> np.ndarray:
    """A picture of the frame's size: a grey checkerboard."""
    y, x = np.indices(np.shape(frame)[:2] if np.ndim(frame) >= 2 else (1, 1))
    return ((y // 3 + x // 3) % 2 * 90 + 80).astype(np.uint8)


EACH = {
    "spatial": filters.spatial,
    "temporal": lambda frame: filters.TemporalFilter().process(frame),
    "fill_holes": filters.fill_holes,
    "threshold": filters.threshold,
    "decimate": lambda frame: filters.decimate(frame, 2),
    "median": filters.median,
    "guided": lambda frame: filters.guided(frame, gray(frame)),
    "joint_bilateral": lambda frame: filters.joint_bilateral(frame, gray(frame)),
    "remove_speckles": lambda frame: filters.remove_speckles(frame, 3, 1.0),
}
SMOOTHING = ("spatial", "temporal", "fill_holes", "median", "guided", "joint_bilateral")
every = pytest.mark.parametrize("name", EACH)
smoothing = pytest.mark.parametrize("name", SMOOTHING)


def known(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values) & (values != 0)]


@smoothing
@given(frame=FRAMES)
def test_shape_and_dtype_stay_and_no_value_leaves_the_range(name: str, frame: np.ndarray) -> None:
    before = frame.copy()
    out = EACH[name](frame)
    assert out.shape == frame.shape
    assert out.dtype == frame.dtype
    assert not out.flags.writeable
    assert np.array_equal(frame, before, equal_nan=True)
    if len(known(frame)):
        assert known(out).max(initial=0) <= known(frame).max() * 1.000001
    if len(known(frame)) and name != "spatial":  # which takes 16-bit holes for zeros, downwards
        assert known(out).astype(float).min(initial=1e9) >= known(frame).min() * 0.999999


@smoothing
@given(value=st.integers(1, 65535), shape=SHAPES, dtype=st.sampled_from([np.uint16, np.float32]))
def test_a_constant_stays_what_it_is(name: str, value: int, shape: tuple[int, int], dtype: Any) -> None:
    frame = np.full(shape, value, dtype)
    assert np.allclose(EACH[name](frame), frame, rtol=1e-6, atol=0)


@smoothing
@given(frame=FRAMES)
def test_values_in_the_array_of_holes_alone_stay_holes(name: str, frame: np.ndarray) -> None:
    empty = np.zeros_like(frame) if frame.dtype == np.uint16 else np.full_like(frame, np.nan)
    assert np.array_equal(EACH[name](empty), empty, equal_nan=True)


@given(FLOATS)
def test_spatial_keeps_holes_and_fills_only_when_asked(frame: np.ndarray) -> None:
    hole = np.isnan(frame) | (frame == 0)
    assert np.array_equal(filters.spatial(frame)[hole], frame[hole], equal_nan=True)
    filled = filters.spatial(frame, holes=5)
    assert not np.isnan(filled[~hole[:, 1:].all(axis=1), 1:]).any()  # the first column stays


@given(FLOATS, st.integers(1, 50))
def test_spatial_never_crosses_an_edge(frame: np.ndarray, delta: int) -> None:
    low = np.nan_to_num(frame) % 10 + 1
    high = low + 10 + delta
    wall = np.concatenate([low, high], axis=1)
    out = filters.spatial(wall, delta=delta)
    width = low.shape[1]
    assert out[:, :width].max() <= low.max()
    assert out[:, width:].min() >= high.min() - 1e-4


@given(FLOATS)
def test_spatial_looks_the_same_in_a_mirror_when_there_is_one_row(frame: np.ndarray) -> None:
    turned = filters.spatial(np.ascontiguousarray(frame.T))
    assert turned.shape == frame.T.shape
    column = np.ascontiguousarray(frame[:, :1])
    row = np.ascontiguousarray(column.T)
    assert np.array_equal(filters.spatial(column).T, filters.spatial(row), equal_nan=True)


@given(FRAMES, st.floats(0.0, 30.0), st.floats(0.1, 30.0))
def test_threshold_twice_is_threshold_once(frame: np.ndarray, low: float, span: float) -> None:
    once = filters.threshold(frame, low, low + span)
    assert np.array_equal(filters.threshold(once, low, low + span), once, equal_nan=True)
    metres = known(once) * (0.001 if frame.dtype == np.uint16 else 1)
    assert ((metres >= low - 1e-5) & (metres <= low + span + 1e-5)).all()


@given(FRAMES)
def test_filling_changes_no_value(frame: np.ndarray) -> None:
    hole = np.isnan(frame) | (frame == 0)
    for mode in range(3):
        out = filters.fill_holes(frame, mode)
        assert np.array_equal(out[~hole], frame[~hole])
        assert np.isin(known(out), known(frame)).all()


@given(DEPTHS)
def test_filled_from_the_left_only_a_first_run_is_left(frame: np.ndarray) -> None:
    out = filters.fill_holes(frame, 0)
    for row, filled in zip(frame, out, strict=True):
        first = int(np.argmax(row != 0)) if row.any() else len(row)
        assert (filled[:first] == 0).all()
        assert (filled[first:] != 0).all()


@given(DEPTHS.filter(lambda frame: min(frame.shape) >= 2))
def test_blocks_of_one_value_decimate_to_it(frame: np.ndarray) -> None:
    for scale in (2, 3, 4, 5):
        blocks = np.kron(frame, np.ones((scale, scale), np.uint16))
        out = filters.decimate(blocks, scale)
        height, width = frame.shape
        assert np.array_equal(out[:height, :width], frame)
        assert out.shape == ((height + 3) // 4 * 4, (width + 3) // 4 * 4)
        assert not out[height:].any()
        assert not out[:, width:].any()


@given(FRAMES)
def test_a_steady_stream_stays_itself(frame: np.ndarray) -> None:
    steady = filters.TemporalFilter()
    for _ in range(10):
        out = steady(frame)
    assert np.allclose(out, frame, rtol=1e-5, atol=1, equal_nan=True)


def test_a_new_size_a_new_kind_and_a_reset_start_anew() -> None:
    first, second = np.full((2, 3), 1000, np.uint16), np.full((2, 3), 1010, np.uint16)
    steady = filters.TemporalFilter()
    steady(first)
    steady(np.full((4, 4), 7, np.uint16))
    assert np.array_equal(steady(second), second)
    steady(second.astype(np.float32))
    assert np.array_equal(steady(first), first)
    steady.reset()
    assert np.array_equal(steady(second), second)
    assert (steady.alpha, steady.delta, steady.persistence) == (0.4, 20, 3)
    assert repr(steady) == "TemporalFilter(alpha=0.4, delta=20, persistence=3)"


# Depth maps


@every
@given(depth_map=depth_maps())
def test_a_depth_map_stays_a_depth_map(name: str, depth_map: DepthMap) -> None:
    if name == "decimate" and min(depth_map.shape) < 2:
        return
    out = EACH[name](depth_map)
    assert isinstance(out, DepthMap)
    assert (out.kind, out.dtype, out.accuracy, out.metric) == (
        depth_map.kind,
        depth_map.dtype,
        depth_map.accuracy,
        depth_map.metric,
    )
    assert out.filtered == (depth_map.filtered or name in SMOOTHING)
    if depth_map.confidence is None:
        assert out.confidence is None
    else:
        assert out.confidence is not None
        assert not out.confidence[~out.valid].any()


@given(depth_map=depth_maps())
def test_disparity_zero_is_a_value_in_a_depth_map(depth_map: DepthMap) -> None:
    at_infinity = depth_map.to(DepthKind.DISPARITY).values == 0
    for name in ("spatial", "temporal", "fill_holes"):
        out = EACH[name](depth_map).to(DepthKind.DISPARITY).values
        assert np.array_equal(out[at_infinity], np.zeros(at_infinity.sum()))


def test_infinity_stays_infinity() -> None:
    values = np.full((9, 9), 2.0, np.float32)
    values[:4] = np.inf
    for name in SMOOTHING:
        if name != "median":
            assert np.array_equal(EACH[name](DepthMap(values)).values, values), name


def test_farthest_is_farthest_in_depth_and_in_disparity() -> None:
    values = np.array([[1, 2, 1], [4, np.nan, 1], [1, 1, 1]], np.float32)
    depth_map = DepthMap(values)
    for mode, expected in ((1, 4.0), (2, 1.0)):
        assert filters.fill_holes(depth_map, mode).values[1, 1] == expected
        disparity = filters.fill_holes(depth_map.to(DepthKind.DISPARITY), mode)
        assert disparity.to(DepthKind.DEPTH).values[1, 1] == expected


def test_delta_counts_millimetres_in_a_depth_map() -> None:
    noise, edge = (DepthMap(np.array([[1.0, step]], np.float32)) for step in (1.019, 1.021))
    smooth = filters.spatial(noise, delta=20).values[0]
    assert 1.0 < smooth[0] < smooth[1] < 1.019
    assert np.array_equal(filters.spatial(edge, delta=20).values, edge.values)


def test_decimation_takes_the_calibration_along() -> None:
    camera = Calibration.from_field_of_view(1.0, (100, 80))
    depth_map = DepthMap(np.full((40, 50), 2.0, np.float32), calibration=camera)
    small = filters.decimate(depth_map, 3)
    assert small.size == (16, 16)
    assert small.calibration is not None
    point = small.points().positions[0]
    sought = depth_map.points().positions.reshape(40, 50, 3)[1, 1]
    assert np.allclose(point, sought, atol=1e-6)
    assert np.isnan(small.values[13:]).all()


def reaching_beyond() -> tuple[np.ndarray, np.ndarray]:
    """A step from 1 to 60000 with the guide's, and a spot of the guide that continues it far beyond."""
    step = np.where(np.arange(40) < 20, 1, 60000).astype(np.uint16) * np.ones((40, 1), np.uint16)
    guide = np.where(step > 1, 110, 100).astype(np.uint8)
    guide[5, 5], guide[30, 30] = 0, 255
    return step, guide


@pytest.mark.parametrize("turn", [1, -1])
def test_what_a_guide_says_stays_among_the_values_of_any_type_and_kind(turn: int) -> None:
    step, guide = reaching_beyond()
    step = step[:, ::turn]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for frame in (step, DepthMap(step.astype(np.float32)), DepthMap(step.astype(np.float16))):
            out = np.array(filters.guided(frame, guide, 8, 1e-6))
            assert out.min() >= 1
            assert out.max() <= 60000


@every
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_arrays_come_back_fresh_and_read_only(name: str, dtype: Any) -> None:
    frame = np.full((6, 8), 3, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for out in (EACH[name](frame), filters.median(frame, 1)):
            assert not out.flags.writeable
            assert not np.shares_memory(out, frame)
    assert frame.flags.writeable


# Options


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f: filters.spatial(f, magnitude=0), r"magnitude must be a whole number 1\.\.5"),
        (lambda f: filters.spatial(f, magnitude=6), r"1\.\.5"),
        (lambda f: filters.spatial(f, alpha=0.2), r"alpha must be a number 0\.25\.\.1"),
        (lambda f: filters.spatial(f, alpha=float("nan")), r"0\.25\.\.1"),
        (lambda f: filters.spatial(f, delta=51), r"delta must be a whole number 1\.\.50"),
        (lambda f: filters.spatial(f, holes=6), r"holes must be a whole number 0\.\.5"),
        (lambda _: filters.TemporalFilter(alpha=-0.1), r"alpha must be a number 0\.\.1"),
        (lambda _: filters.TemporalFilter(delta=101), r"delta must be a whole number 1\.\.100"),
        (lambda _: filters.TemporalFilter(persistence=9), r"persistence must be a whole number 0\.\.8"),
        (lambda f: filters.fill_holes(f, 3), r"mode must be a whole number 0\.\.2"),
        (lambda f: filters.decimate(f, 9), r"magnitude must be a whole number 1\.\.8"),
        (lambda f: filters.decimate(f, 5), r"larger than the map, which is 5×4"),
        (lambda f: filters.threshold(f, 2.0, 1.0), r"min=2 and max=1"),
        (lambda f: filters.threshold(f, -1.0, 1.0), r"min must be a number 0\.\.inf"),
        (lambda f: filters.threshold(f, depth_units=0.0), r"depth_units"),
        (lambda f: filters.depth_to_disparity(f, 0.0, 0.05), r"fx must be positive"),
        (lambda f: filters.median(f, 4), r"size must be odd, 3 or 5"),
        (lambda f: filters.median(f, 7), r"3 or 5 px"),
        (lambda f: filters.remove_speckles(f, -1, 1.0), r"max_size must be a whole number 0\.\."),
        (lambda f: filters.remove_speckles(f, 5, -1.0), r"max_step must be a number 0\.\."),
        (lambda f: filters.guided(f, gray(f), 0), r"radius must be a whole number 1\.\.1000"),
        (lambda f: filters.guided(f, gray(f), eps=0.0), r"eps must be a number 1e-06\.\.1"),
        (lambda f: filters.guided(f, np.zeros((3, 5), np.uint8)), r"got 5×3 and 5×4"),
        (lambda f: filters.guided(f, np.zeros((4, 5, 4), np.uint8)), r"\(H, W, 3\)"),
        (lambda f: filters.joint_bilateral(f, gray(f), 51), r"radius must be a whole number 1\.\.50"),
        (lambda f: filters.joint_bilateral(f, gray(f), sigma_color=0), r"sigma_color must be"),
        (lambda f: filters.joint_bilateral(f, np.zeros((4, 6), np.uint8)), r"got 6×4 and 5×4"),
        (lambda f: filters.depth_to_disparity(f, 400.0, float("nan")), r"baseline must be positive"),
        (lambda f: filters.depth_to_disparity(f, 1e30, 1e30), r"float32.*fx=1e\+30, baseline=1e\+30"),
        (lambda f: filters.depth_to_disparity(f, 1e-60, 0.05), r"float32.*fx=1e-60"),
        (lambda f: filters.depth_to_disparity(f, 400.0, 0.05, depth_units=1e-60), r"float32.*_units=1e-60"),
    ],
)
def test_an_option_out_of_range_is_refused_with_the_range(call: Callable[[Any], object], says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        call(np.ones((4, 5), np.uint16))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f: filters.spatial(f, alpha=1), "nothing is smoothed, the filter does nothing"),
        (lambda f: filters.spatial(f, alpha=1, holes=2), "only holes are filled"),
        (lambda f: filters.TemporalFilter(alpha=1).process(f), "only holes are filled"),
        (lambda f: filters.TemporalFilter(alpha=1, persistence=0).process(f), "persistence=0 fills no hole"),
        (lambda f: filters.decimate(f, 1), "a block of its own"),
        (lambda f: filters.threshold(f, 0, 100), "every distance"),
        (lambda f: filters.median(f, 1), "each pixel alone"),
        (lambda f: filters.remove_speckles(f, 0, 1.0), "no island"),
        (lambda f: filters.threshold(f.astype(np.float32), 0, np.inf), "every distance"),
    ],
)
def test_an_option_that_does_nothing_warns_and_says_why(call: Callable[[Any], object], says: str) -> None:
    with pytest.warns(UserWarning, match=says) as caught:
        call(np.full((4, 5), 700, np.uint16))
    assert caught[0].filename == __file__


def test_defaults_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for call in EACH.values():
            call(np.full((4, 5), 700, np.uint16))


@every
@pytest.mark.parametrize("dtype", [np.int32, np.uint8, np.int16, np.bool_, np.complex64])
def test_another_dtype_is_refused_by_name(name: str, dtype: Any) -> None:
    with pytest.raises(TypeError, match=np.dtype(dtype).name):
        EACH[name](np.ones((4, 4), dtype))


@every
@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (4,), (2, 2, 2)])
def test_another_shape_is_refused_by_name(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(EstimationError, match=r"shape \(H, W\)"):
        EACH[name](np.ones(shape, np.uint16))


@every
def test_a_list_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="NumPy array"):
        EACH[name]([[1, 2], [3, 4]])


@smoothing
def test_one_pixel_and_one_line(name: str) -> None:
    for shape in ((1, 1), (1, 9), (9, 1)):
        frame = np.full(shape, 500, np.uint16)
        assert np.array_equal(EACH[name](frame), frame)


def test_a_guide_of_floats_is_refused() -> None:
    for guide in (np.full((4, 5), np.nan), np.zeros((4, 5, 3), np.float32)):
        for call in (filters.guided, filters.joint_bilateral):
            with pytest.raises(TypeError, match="uint8"):
                call(np.ones((4, 5), np.uint16), guide)  # type: ignore[arg-type]


@given(FRAMES)
def test_holes_stay_what_they_are_unless_filling_is_asked_for(frame: np.ndarray) -> None:
    hole = np.isnan(frame) | (frame == 0)
    for call in (filters.guided, filters.joint_bilateral):
        assert np.array_equal(call(frame, gray(frame))[hole], frame[hole], equal_nan=True)
        filled = call(frame, np.full(frame.shape, 90, np.uint8), radius=20, fill=True)
        assert np.isnan(filled).any() <= hole.all()
    assert np.array_equal(filters.median(frame)[hole], frame[hole], equal_nan=True)


def test_a_guide_keeps_the_edge_that_it_shows() -> None:
    generator = np.random.default_rng(0)
    truth = np.where(np.arange(64) < 32, 1.0, 2.0).astype(np.float32) * np.ones((64, 1), np.float32)
    noisy = truth + generator.normal(0, 0.05, truth.shape).astype(np.float32)
    guide = np.where(truth > 1.5, 200, 60).astype(np.uint8)
    for call in (filters.guided, filters.joint_bilateral):
        assert np.abs(call(noisy, guide) - truth).mean() < 0.35 * np.abs(noisy - truth).mean()
        assert np.abs(call(noisy, guide) - truth).max() < 0.3


@given(FLOATS, st.integers(1, 20), st.floats(0.0, 10.0))
def test_without_speckles_there_are_none(frame: np.ndarray, size: int, step: float) -> None:
    once = filters.remove_speckles(frame, size, step)
    assert np.array_equal(filters.remove_speckles(once, size, step), once, equal_nan=True)
    kept = ~np.isnan(once)
    assert np.array_equal(once[kept], frame[kept])


def test_options_are_numbers_of_any_type_but_no_text() -> None:
    frame = np.full((4, 5), 700, np.uint16)
    filters.spatial(frame, magnitude=np.float32(2), alpha=np.float16(0.5))
    for text in ("0.5", b"0.5"):
        with pytest.raises(TypeError, match="alpha must be a number"):
            filters.spatial(frame, alpha=text)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="magnitude must be a whole number"):
        filters.spatial(frame, magnitude=np.float32(2.5))  # type: ignore[arg-type]


def test_float64_and_float16_give_float32() -> None:
    for dtype in (np.float16, np.float64):
        assert filters.spatial(np.ones((3, 3), dtype)).dtype == np.float32


def test_a_depth_map_has_its_own_way_to_disparity() -> None:
    with pytest.raises(TypeError, match=r"to\(\)"):
        filters.depth_to_disparity(DepthMap(np.ones((2, 2), np.float32)), 400.0, 0.05)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="uint16"):
        filters.depth_to_disparity(np.ones((2, 2), np.float32), 400.0, 0.05)  # type: ignore[arg-type]


def test_views_and_foreign_byte_orders_are_taken() -> None:
    depth = (np.arange(48, dtype=np.uint16) * 5 + 800).reshape(6, 8)
    assert np.array_equal(filters.spatial(depth[:, ::2]), filters.spatial(depth[:, ::2].copy()))
    assert np.array_equal(filters.spatial(depth.astype(">u2")), filters.spatial(depth))
