"""The kernels that look around each pixel are their twins, at every SIMD level and thread count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import filters_windows as twin
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
VALUES = st.floats(0, 8, width=32) | st.just(float("nan"))
MAPS = hnp.arrays(np.float32, SHAPES, elements=VALUES | st.just(float("inf")))
STEPS = hnp.arrays(np.uint16, SHAPES, elements=st.integers(0, 6)) | hnp.arrays(
    np.float32, SHAPES, elements=st.sampled_from([0.0, 1.0, 2.0, 4.0, float("nan"), float("inf")])
)


def colors_for(values: np.ndarray, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    base = generator.integers(0, 256, 3)
    noise = generator.integers(-40, 41, (*values.shape, 3)) * (seed % 3)
    return np.clip(base + noise, 0, 255).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(0, 30), st.sampled_from([0.0, 1.0, 2.5]), st.booleans())
def test_speckles_are_their_twin(values, size, step, zero) -> None:
    found = everywhere(lambda: _native.filter_speckles(values, size, step, zero))
    assert bits(found) == bits(twin.remove_speckles(values, size, step, zero))


def test_speckles_that_cross_many_bands() -> None:
    spiral = np.zeros((300, 1024), np.uint16)
    for k in range(0, 140, 4):
        spiral[k : 300 - k, k : 1024 - k] = 500
        spiral[k + 2 : 298 - k, k + 2 : 1022 - k] = 0
        spiral[k + 2 : k + 4, k + 4] = 500  # rings hang together by one column
    whole = int((spiral > 0).sum())
    assert np.array_equal(everywhere(lambda: _native.filter_speckles(spiral, whole - 1, 0, True)), spiral)
    assert not everywhere(lambda: _native.filter_speckles(spiral, whole, 0, True)).any()


@settings(max_examples=60, deadline=None)
@given(MAPS, st.sampled_from([3, 5]))
def test_median_is_its_twin(values, size) -> None:
    assert bits(everywhere(lambda: _native.filter_median(values, size))) == bits(twin.median(values, size))


@settings(max_examples=40, deadline=None)
@given(MAPS, st.integers(0, 99), st.integers(1, 4), st.sampled_from([2.0, 15.0]), st.sampled_from([1.0, 3.0]))
def test_joint_bilateral_is_its_twin(values, seed, radius, by_color, by_place) -> None:
    colors = colors_for(values, seed)
    found = everywhere(lambda: _native.filter_joint_bilateral(values, colors, radius, by_color, by_place))
    assert bits(found) == bits(twin.joint_bilateral(values, colors, radius, by_color, by_place))


@settings(max_examples=60, deadline=None)
@given(MAPS, st.integers(0, 99))
def test_fill_behind_is_its_twin(values, seed) -> None:
    colors = colors_for(values, seed)
    found = everywhere(lambda: _native.filter_behind(values, colors))
    assert bits(found) == bits(twin.fill_behind(values, colors))
    assert np.isnan(found).any() == np.isnan(values).all()


@settings(max_examples=25, deadline=None)
@given(MAPS, st.integers(0, 99), st.integers(1, 9), st.sampled_from([6.5, 65.0, 6500.0]))
def test_guided_comes_close_to_its_twin(values, seed, radius, smoothness) -> None:
    colors = colors_for(values, seed)
    found = everywhere(lambda: _native.filter_guided(values, colors, radius, smoothness))
    np.testing.assert_allclose(found, twin.guided(values, colors, radius, smoothness), rtol=1e-4, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(MAPS, st.integers(0, 2**32 - 1), st.sampled_from([0.5, 3.0]))
def test_between_is_its_twin(now, seed, delta) -> None:
    generator = np.random.default_rng(seed)
    before, after = (generator.permuted(now, axis=axis) for axis in (0, 1))
    found = everywhere(lambda: _native.filter_between(before, now, after, delta))
    assert bits(found) == bits(twin.between(before, now, after, delta))


@pytest.mark.parametrize(
    ("kernel", "arguments"),
    [
        ("filter_speckles", (5, -1.0, True)),
        ("filter_speckles", (5, float("nan"), True)),
        ("filter_median", (4,)),
        ("filter_median", (7,)),
        ("filter_guided", (np.zeros((3, 5, 3), np.uint8), 2, 65.0)),
        ("filter_guided", (np.zeros((3, 4, 3), np.uint8), 0, 65.0)),
        ("filter_guided", (np.zeros((3, 4, 3), np.uint8), 2, 0.0)),
        ("filter_behind", (np.zeros((2, 4, 3), np.uint8),)),
        ("filter_joint_bilateral", (np.zeros((2, 4, 3), np.uint8), 2, 9.0, 3.0)),
        ("filter_joint_bilateral", (np.zeros((3, 4, 3), np.uint8), 51, 9.0, 3.0)),
        ("filter_joint_bilateral", (np.zeros((3, 4, 3), np.uint8), 2, 0.0, 3.0)),
        ("filter_between", (np.zeros((3, 4), np.float32), np.zeros((3, 5), np.float32), 1.0)),
    ],
)
def test_nonsense_is_refused(kernel, arguments) -> None:
    with pytest.raises(ValueError, match=r"must"):
        getattr(_native, kernel)(np.zeros((3, 4), np.float32), *arguments)
