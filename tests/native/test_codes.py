"""Laws of the code kernels, and their twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import codes as twin
from reference.settings import bits, everywhere

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=70)
LIMITS = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(st.sampled_from([np.uint8, np.uint16]), SHAPES),
    st.integers(0, 200),
    st.integers(1, 60000),
    LIMITS,
    LIMITS,
)
def test_decoding_is_its_twin(codes, code_min, span, low, high) -> None:
    found = everywhere(lambda: _native.decode_codes(codes, code_min, code_min + span, low, high))
    assert bits(found) == bits(twin.decode_codes(codes, code_min, code_min + span, low, high))


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float32, SHAPES, elements=st.floats(width=32)), LIMITS, st.floats(0, 1e6, width=32))
def test_encoding_is_its_twin(values, low, span) -> None:
    found = everywhere(lambda: _native.encode_codes(values, low, low + span))
    assert bits(found) == bits(twin.encode_codes(values, low, low + span))


@given(st.floats(-100, 100, width=32), st.floats(0.015625, 100, width=32))
def test_codes_survive_the_way_through_floats(low, span) -> None:
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16)
    values = _native.decode_codes(codes, 0, 255, low, low + span)
    assert values[0, 0] == np.float32(low)
    assert values[-1, -1] == np.float32(low + span)
    assert np.array_equal(_native.encode_codes(values, low, low + span), codes)


@given(hnp.arrays(np.float32, SHAPES, elements=st.floats(0.25, 8, width=32)))
def test_encoding_errs_by_half_a_step_at_most(values) -> None:
    decoded = _native.decode_codes(_native.encode_codes(values, 0.25, 8), 0, 255, 0.25, 8)
    assert np.abs(decoded - values).max() <= 7.75 / 255 / 2 + 1e-6


def test_codes_outside_their_range_count_as_its_ends() -> None:
    codes = np.array([[0, 9, 10, 20, 21, 255]], np.uint8)
    assert _native.decode_codes(codes, 10, 20, 1.0, 2.0).tolist() == [[1, 1, 1, 2, 2, 2]]


def test_what_has_no_code_becomes_an_end() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 1e38, -1e38]], np.float32)
    assert _native.encode_codes(values, 1.0, 2.0).tolist() == [[0, 255, 0, 255, 0]]
    assert _native.encode_codes(values, 1.0, 1.0).tolist() == [[0, 0, 0, 0, 0]]


def test_more_than_one_chunk_is_the_same() -> None:
    codes = np.random.default_rng(1).integers(0, 65536, (1500, 1600), dtype=np.uint16)
    found = everywhere(lambda: _native.decode_codes(codes, 3, 65000, 0.5, 4.25))
    assert bits(found) == bits(twin.decode_codes(codes, 3, 65000, 0.5, 4.25))


def test_an_empty_map_stays_empty() -> None:
    assert _native.decode_codes(np.zeros((0, 7), np.uint8), 0, 255, 0, 1).shape == (0, 7)


@pytest.mark.parametrize(
    "limits", [(5, 5, 0, 1), (6, 5, 0, 1), (0, 255, np.nan, 1), (0, 255, 0, np.inf), (np.nan, 1, 0, 1)]
)
def test_nonsense_scales_are_refused(limits) -> None:
    with pytest.raises(ValueError, match="must"):
        _native.decode_codes(np.zeros((2, 2), np.uint8), *limits)


@pytest.mark.parametrize("limits", [(2, 1), (np.nan, 1), (0, np.inf), (-1.7e308, 1.7e308)])
def test_nonsense_ranges_are_refused(limits) -> None:
    with pytest.raises(ValueError, match="must"):
        _native.encode_codes(np.zeros((2, 2), np.float32), *limits)


def test_other_types_are_refused_and_not_cast() -> None:
    with pytest.raises(TypeError):
        _native.decode_codes(np.zeros((2, 2), np.float32), 0, 255, 0, 1)
    with pytest.raises(TypeError):
        _native.encode_codes(np.zeros((2, 2), np.float64), 0, 1)
    with pytest.raises(TypeError):
        _native.encode_codes(np.zeros((4, 4), np.float32)[:, ::2], 0, 1)


def test_read_only_arrays_are_taken() -> None:
    codes = np.zeros((2, 2), np.uint8)
    codes.flags.writeable = False
    assert _native.decode_codes(codes, 0, 255, 0.5, 1).tolist() == [[0.5, 0.5], [0.5, 0.5]]
