"""The depth representation SEI: Apple's bytes, and every half float, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nearfar.photo.auxiliary import DepthRange
from nearfar.photo.heic.depth_sei import build_depth_subtype, parse_depth_range

APPLE = {
    "351f79840103ca5020": (1.189453125, 2.322265625),
    "351f7bfc010bc62020": (1.498046875, 4.3828125),
    "351e7dfa0103d00020": (0.87353515625, 2.5),
}
halves = st.floats(width=16, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("payload", "values"), APPLE.items(), ids=["iphone-xs", "iphone-13-pro", "iphone-7-plus"]
)
def test_apples_bytes(payload: str, values: tuple[float, float]) -> None:
    subtype = bytes.fromhex("000000110000000d4e01b109" + payload)
    assert parse_depth_range(subtype) == DepthRange(*values, 1)
    assert build_depth_subtype(DepthRange(*values)) == subtype


@given(halves, halves, st.sampled_from([1, 2]))
@example(-1.0, 0.0, 1)
@example(0.0, 0.0, 1)
@example(2.0**-24, 65504.0, 2)
def test_half_floats_come_back_exactly(one: float, other: float, representation: int) -> None:
    value = DepthRange(min(one, other), max(one, other), representation)
    assert parse_depth_range(build_depth_subtype(value)) == value


@given(st.floats(min_value=2.0**-29, max_value=2.0**90, allow_nan=False))
def test_other_numbers_come_back_within_their_last_bit(value: float) -> None:
    found = parse_depth_range(build_depth_subtype(DepthRange(value, value)))
    assert found is not None
    assert found.minimum == pytest.approx(value, rel=2.0**-17)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e30])
def test_what_has_no_place_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="depth range"):
        build_depth_subtype(DepthRange(0.0, value))


@given(st.binary(max_size=40))
def test_any_bytes_give_a_finite_range_or_none(data: bytes) -> None:
    found = parse_depth_range(data)
    assert found is None or np.isfinite([found.minimum, found.maximum]).all()


@given(st.integers(0, 20))
def test_a_cut_subtype_gives_none(length: int) -> None:
    assert parse_depth_range(build_depth_subtype(DepthRange(1.0, 2.0))[:length]) is None
