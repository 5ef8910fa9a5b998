"""Raw values keep what they mean from format to format."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nearfar.xr.formats import MILLIMETRE, converted, to_metres
from nearfar.xr.negotiation import DepthDataFormat
from reference.settings import everywhere

shorts = arrays(np.uint16, (3, 5))
metres = arrays(np.float32, (3, 5), elements=st.floats(0, 70, width=32))


@given(shorts, st.sampled_from([0.001, 0.0005, 0.01]))
def test_sixteen_bits_become_their_metres(raw: np.ndarray, scale: float) -> None:
    values, unit = converted(raw, DepthDataFormat.UNSIGNED_SHORT, DepthDataFormat.FLOAT32, scale)
    assert unit == 1.0
    assert np.array_equal(values, raw.astype(np.float32) * np.float32(scale))
    assert np.array_equal(values == 0, raw == 0)


@given(metres)
def test_metres_become_the_nearest_millimetre(raw: np.ndarray) -> None:
    values, unit = converted(raw, DepthDataFormat.FLOAT32, DepthDataFormat.LUMINANCE_ALPHA, 1.0)
    found = to_metres(values, unit)
    far = raw > 65.535
    assert np.abs(found - raw)[~far].max(initial=0.0) <= 0.000505
    assert (values[far & (raw > 65.536)] == 0).all()


@given(
    arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 70)), elements=st.floats(width=32)),
    st.sampled_from([1.0, 0.001, 0.3, 1e30]),
)
def test_millimetres_are_rounded_up_at_halves_at_every_level(raw: np.ndarray, scale: float) -> None:
    values = everywhere(
        lambda: converted(raw, DepthDataFormat.FLOAT32, DepthDataFormat.UNSIGNED_SHORT, scale)[0]
    )
    with np.errstate(all="ignore"):
        rounded = np.floor(to_metres(raw, scale).astype(np.float64) * 1000 + 0.5)
    kept = (rounded >= 1) & (rounded <= 65535)
    assert np.array_equal(values, np.where(kept, rounded, 0))
    assert not values.flags.writeable


def test_rows_that_do_not_lie_in_order_become_the_same_millimetres() -> None:
    raw = np.arange(12, dtype=np.float32).reshape(3, 4)
    values, unit = converted(raw.T, DepthDataFormat.FLOAT32, DepthDataFormat.UNSIGNED_SHORT, 1.0)
    assert np.array_equal(values, raw.T * 1000)
    assert unit == MILLIMETRE


@given(shorts)
def test_the_same_samples_are_left_alone(raw: np.ndarray) -> None:
    values, unit = converted(raw, DepthDataFormat.LUMINANCE_ALPHA, DepthDataFormat.UNSIGNED_SHORT, 0.25)
    assert values is raw
    assert unit == 0.25


def test_what_is_no_distance_is_a_hole() -> None:
    raw = np.array([[np.nan, np.inf, -1.0, 0.0, 0.0004, 65.6]], np.float32)
    values, _ = converted(raw, DepthDataFormat.FLOAT32, DepthDataFormat.UNSIGNED_SHORT, 1.0)
    assert not values.any()
