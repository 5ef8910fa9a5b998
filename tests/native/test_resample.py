"""Laws of the resampling kernel, and its twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import resampling as twin
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=20)
SIDES = st.integers(1, 40)
VALUES = st.one_of(st.sampled_from([float("nan"), float("inf")]), st.floats(-8, 16, width=32))
MAPS = hnp.arrays(np.float32, SHAPES, elements=VALUES)
FINITE = hnp.arrays(np.float32, SHAPES, elements=st.floats(-(2.0**100), 2.0**100, width=32))


@settings(max_examples=100, deadline=None)
@given(MAPS, SIDES, SIDES, st.sampled_from([0, 1]))
def test_resampling_is_its_twin(values, height, width, method) -> None:
    found = everywhere(lambda: _native.resample(values, height, width, method))
    assert bits(found) == bits(twin.resample(values, height, width, method))


@settings(max_examples=60, deadline=None)
@given(FINITE, SIDES, SIDES)
def test_means_stay_between_the_values(values, height, width) -> None:
    resized = _native.resample(values, height, width, 0)
    assert values.min() <= resized.min()
    assert resized.max() <= values.max()


@given(MAPS, st.sampled_from([0, 1]))
def test_the_same_size_is_the_same_map(values, method) -> None:
    assert np.array_equal(_native.resample(values, *values.shape, method), values, equal_nan=True)


@given(MAPS, SIDES, SIDES)
def test_mirroring_commutes(values, height, width) -> None:
    turned = _native.resample(np.ascontiguousarray(values[::-1, ::-1]), height, width, 0)[::-1, ::-1]
    straight = _native.resample(values, height, width, 0)
    finite = np.isfinite(values)
    if finite.all():  # else a weight of exactly one half may round to either side
        assert np.allclose(turned, straight, rtol=1e-5, atol=1e-5)


@given(FINITE, st.integers(1, 5), st.integers(1, 5))
def test_halves_and_thirds_keep_the_mean(values, down, across) -> None:
    blocks = np.kron(values, np.ones((down, across), np.float32))
    assert np.array_equal(_native.resample(blocks, *values.shape, 0), values)


def test_a_hole_is_where_less_than_half_is_known() -> None:
    nan = np.nan
    values = np.array([[nan, 2, nan, nan], [nan, 4, nan, 8]], np.float32)
    assert np.array_equal(_native.resample(values, 1, 2, 0), np.array([[3, nan]], np.float32), equal_nan=True)


def test_infinity_wins_by_weight_and_is_never_averaged() -> None:
    inf = np.inf
    values = np.array([[inf, 2, inf, inf], [4, 6, inf, 8]], np.float32)
    assert _native.resample(values, 1, 2, 0).tolist() == [[4.0, inf]]


def test_a_ramp_stays_a_ramp() -> None:
    ramp = np.broadcast_to(np.arange(64, dtype=np.float32) + 0.5, (8, 64)).copy()
    for width in (16, 32, 128, 100):
        found = _native.resample(ramp, 8, width, 0)[0]
        centres = (np.arange(width) + 0.5) * 64 / width
        inside = (centres >= 1) & (centres <= 63)
        assert np.allclose(found[inside], centres[inside], atol=1e-4)


@pytest.mark.parametrize("arguments", [(0, 5, 0), (5, 0, 0), (5, 5, 2), (5, 5, -1), (2**40, 5, 0)])
def test_nonsense_is_refused(arguments) -> None:
    with pytest.raises(ValueError, match=r"size|method"):
        _native.resample(np.zeros((2, 2), np.float32), *arguments)


def test_an_empty_map_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        _native.resample(np.zeros((0, 2), np.float32), 2, 2, 0)
