"""The filter kernels are their twins, at every SIMD level and with any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import filters as twin
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
ODD = st.sampled_from([0.0, float("nan"), float("inf"), -3.0, 2.0**-140])
FLOATS = hnp.arrays(np.float32, SHAPES, elements=st.floats(0, 64, width=32) | ODD)
DEPTHS = hnp.arrays(np.uint16, SHAPES, elements=st.integers(0, 40) | st.integers(0, 65535))
FRAMES = FLOATS | DEPTHS
ALPHAS = st.sampled_from([0.25, 0.5, 0.37, 1.0])
DELTAS = st.sampled_from([1, 7, 20, 50])


@settings(max_examples=80, deadline=None)
@given(FRAMES, st.integers(1, 3), ALPHAS, DELTAS, st.sampled_from([0, 2, 4, 255]), st.booleans())
def test_spatial_is_its_twin(values, passes, alpha, delta, radius, zero) -> None:
    found = everywhere(lambda: _native.filter_spatial(values, passes, alpha, delta, radius, zero))
    assert bits(found) == bits(twin.spatial(values, passes, alpha, delta, radius, zero))


@settings(max_examples=60, deadline=None)
@given(FRAMES, st.integers(0, 2), st.booleans())
@example(np.array([[1, 0], [0, 0], [0, 0]], np.uint16), 2, False)
@example(np.array([[-3, 0], [0, 0], [0, 0]], np.float32), 2, True)
def test_filling_is_its_twin(values, mode, zero) -> None:
    found = everywhere(lambda: _native.filter_fill(values, mode, zero))
    assert bits(found) == bits(twin.fill_holes(values, mode, zero))


@pytest.mark.parametrize("mode", range(3))
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("most", [np.uint16(65535), np.float32("inf")])
def test_the_largest_number_fills_like_any_other(most, mode, zero) -> None:
    values = np.full((5, 6), most)
    values[2, 1:4] = 0 if most == 65535 else np.nan
    assert (everywhere(lambda: _native.filter_fill(values, mode, zero)) == most).all()


@settings(max_examples=60, deadline=None)
@given(FRAMES, st.integers(1, 8), st.booleans())
def test_decimation_is_its_twin(values, scale, zero) -> None:
    expected = twin.decimate(values, scale, zero)
    found = everywhere(lambda: _native.filter_decimate(values, scale, *expected.shape, zero, float("nan")))
    assert bits(found) == bits(expected)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from([0.0, 0.4, 1.0]), DELTAS, st.integers(0, 8), st.booleans())
def test_temporal_is_its_twin(data, alpha, delta, persistence, zero) -> None:
    first = data.draw(FRAMES)
    shuffled = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    frames = [shuffled.permuted(first, axis=1) for _ in range(20)]
    expected = twin.Temporal(alpha, delta, persistence, zero)
    start = np.nan if first.dtype == np.float32 else 0

    def stream() -> np.ndarray:
        last, history = np.full_like(first, start), np.zeros(first.shape, np.uint8)
        return np.stack(
            [
                _native.filter_temporal(frame, last, history, alpha, delta, persistence, zero)
                for frame in frames
            ]
        )

    assert bits(everywhere(stream)) == bits(np.stack([expected.process(frame) for frame in frames]))


@settings(max_examples=60, deadline=None)
@given(DEPTHS, FLOATS, st.floats(1, 1e7, width=32))
def test_disparity_is_its_twin(depth, disparity, factor) -> None:
    assert bits(everywhere(lambda: _native.filter_to_disparity(depth, factor))) == bits(
        twin.to_disparity(depth, factor)
    )
    assert bits(everywhere(lambda: _native.filter_to_depth(disparity, factor))) == bits(
        twin.to_depth(disparity, factor)
    )


def test_large_frames_are_the_same_in_any_setting() -> None:
    generator = np.random.default_rng(5)
    depth = (1000 + generator.normal(0, 8, (203, 331))).astype(np.uint16)
    depth[generator.random(depth.shape) < 0.1] = 0
    for values in (depth, depth.astype(np.float32)):
        everywhere(lambda values=values: _native.filter_spatial(values, 2, 0.5, 20, 4, True))
        everywhere(lambda values=values: _native.filter_fill(values, 1, True))
        everywhere(lambda values=values: _native.filter_decimate(values, 2, 104, 168, True, 0.0))


@pytest.mark.parametrize(
    ("kernel", "arguments"),
    [
        ("filter_spatial", (0, 0.5, 20, 0, True)),
        ("filter_spatial", (2, 1.5, 20, 0, True)),
        ("filter_spatial", (2, 0.5, -1, 0, True)),
        ("filter_spatial", (2, 0.5, 20, -1, True)),
        ("filter_fill", (3, True)),
        ("filter_fill", (-1, True)),
        ("filter_decimate", (9, 1, 1, True, 0.0)),
        ("filter_decimate", (0, 1, 1, True, 0.0)),
        ("filter_decimate", (1, 2, 4, True, 0.0)),
        ("filter_decimate", (1, 3, 2**40, True, 0.0)),
    ],
)
def test_nonsense_is_refused(kernel, arguments) -> None:
    with pytest.raises(ValueError, match=r"must"):
        getattr(_native, kernel)(np.zeros((3, 4), np.float32), *arguments)


def test_a_state_of_another_shape_is_refused() -> None:
    values = np.zeros((3, 4), np.float32)
    with pytest.raises(ValueError, match="shape"):
        _native.filter_temporal(values, values[:2].copy(), np.zeros((3, 4), np.uint8), 0.4, 20, 3, True)
    with pytest.raises(ValueError, match="shape"):
        _native.filter_temporal(values, values.copy(), np.zeros((3, 5), np.uint8), 0.4, 20, 3, True)
    with pytest.raises(ValueError, match="persistence"):
        _native.filter_temporal(values, values.copy(), np.zeros((3, 4), np.uint8), 0.4, 20, 9, True)


def test_empty_maps_stay_empty() -> None:
    empty = np.zeros((0, 5), np.float32)
    assert _native.filter_spatial(empty, 2, 0.5, 20, 4, True).shape == (0, 5)
    assert _native.filter_fill(empty, 1, True).shape == (0, 5)
    assert _native.filter_decimate(empty, 2, 0, 4, True, 0.0).shape == (0, 4)
