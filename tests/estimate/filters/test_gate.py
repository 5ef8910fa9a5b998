"""Confidence as a gate and as ARKit's levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depth.maps import depth_maps
from nearfar.depth import DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate import filters

SURE = np.array([[0.0, 0.3, 0.34, 0.66, 0.67, 1.0]], np.float32)


@given(depth_maps(), st.floats(0.01, 1.0))
def test_a_gate_makes_holes_of_what_is_unsure_and_nothing_else(depth_map: DepthMap, least: float) -> None:
    if depth_map.confidence is None:
        return
    out = filters.gate(depth_map, least)
    kept = (depth_map.confidence >= np.float32(least)) & depth_map.valid
    assert np.array_equal(out.valid, kept)
    assert np.array_equal(out.values[kept], depth_map.values[kept])
    assert out.confidence is not None
    assert not out.confidence[~kept].any()
    assert out.filtered == depth_map.filtered
    assert filters.gate(out, least).equals(out)


def test_levels_are_arkits() -> None:
    levels = filters.confidence_levels(DepthMap(np.ones((1, 6), np.float32), confidence=SURE))
    assert levels.tolist() == [[0, 0, 1, 1, 2, 2]]
    assert levels.dtype == np.uint8
    assert not levels.flags.writeable


def test_without_confidence_there_is_nothing_to_go_by() -> None:
    unsure = DepthMap(np.ones((2, 2), np.float32))
    for call in (filters.gate, filters.confidence_levels):
        with pytest.raises(EstimationError, match="confidence"):
            call(unsure)
        with pytest.raises(TypeError, match="DepthMap"):
            call(np.ones((2, 2), np.float32))  # type: ignore[arg-type]


def test_options_of_the_gate() -> None:
    depth_map = DepthMap(np.ones((1, 6), np.float32), confidence=SURE)
    with pytest.raises(EstimationError, match=r"0\.\.1"):
        filters.gate(depth_map, 1.5)
    with pytest.warns(UserWarning, match="keeps every value"):
        filters.gate(depth_map, 0.0)
