"""Laws of `resample` and `fill` on depth maps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.kinds import Accuracy, DepthKind, Quality
from nearfar.depth.resampling import fill, resample

NAN = float("nan")
VALUES = st.one_of(st.just(NAN), st.just(float("inf")), st.floats(0.25, 16, width=16))
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)


@st.composite
def depth_maps(draw: st.DrawFn) -> DepthMap:
    values = draw(hnp.arrays(draw(st.sampled_from([np.float16, np.float32])), SHAPES, elements=VALUES))
    confidence = None
    if draw(st.booleans()):
        confidence = draw(hnp.arrays(np.float32, values.shape, elements=st.floats(0, 1, width=32)))
    return DepthMap(
        values,
        kind=draw(st.sampled_from(DepthKind)),
        accuracy=draw(st.sampled_from(Accuracy)),
        quality=draw(st.sampled_from(Quality)),
        metric=draw(st.booleans()),
        confidence=confidence,
    )


def told(depth_map: DepthMap) -> tuple[object, ...]:
    """What a map says of itself beyond its numbers and whether it was filtered."""
    return (
        depth_map.kind,
        depth_map.accuracy,
        depth_map.quality,
        depth_map.metric,
        depth_map.calibration,
        depth_map.dtype,
        depth_map.confidence is None,
    )


@given(depth_maps(), st.integers(1, 20), st.integers(1, 20), st.sampled_from(["linear", "nearest"]))
def test_a_resampled_map_is_the_same_but_for_its_size(depth_map, width, height, method) -> None:
    resized = resample(depth_map, (width, height), method=method)
    assert resized.size == (width, height)
    assert told(resized) == told(depth_map)
    assert resized.filtered == depth_map.filtered
    if depth_map.size == (width, height):
        assert resized is depth_map
    elif resized.confidence is not None:
        assert not resized.confidence[~resized.valid].any()


@given(depth_maps(), st.integers(1, 20), st.integers(1, 20))
def test_nearest_invents_no_value(depth_map, width, height) -> None:
    resized = resample(depth_map, (width, height), method="nearest")
    assert np.isin(resized.values[resized.valid], depth_map.values[depth_map.valid]).all()


@given(depth_maps(), st.integers(1, 20), st.integers(1, 20))
def test_linear_stays_between_the_finite_values(depth_map, width, height) -> None:
    resized = resample(depth_map, (width, height))
    if resized.range is not None:
        assert depth_map.range[0] <= resized.range[0] <= resized.range[1] <= depth_map.range[1]


def test_the_calibration_speaks_of_its_own_size_and_stays() -> None:
    calibration = Calibration(np.array([[80.0, 0, 40], [0, 80, 30], [0, 0, 1]]), (80, 60))
    depth_map = DepthMap(np.ones((6, 8), np.float32), calibration=calibration)
    assert resample(depth_map, (4, 3)).calibration is calibration


def test_confidence_in_a_hole_counts_for_nothing() -> None:
    depth_map = DepthMap(
        np.array([[1, NAN], [2, NAN]], np.float32), confidence=np.array([[0.5, 1], [0.75, 1]], np.float32)
    )
    resized = resample(depth_map, (2, 1))
    assert resized.confidence is not None
    assert resized.confidence.tolist() == [[0.625, 0.0]]


@pytest.mark.parametrize("size", [(0, 4), (4, -1), (4,), (4, 4, 4), (2.5, 4), 7, "ab"])
def test_a_nonsense_size_is_refused(size) -> None:
    with pytest.raises(ValueError, match="size"):
        resample(DepthMap(np.ones((2, 2), np.float32)), size)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="cubic"):
        resample(DepthMap(np.ones((2, 2), np.float32)), (4, 4), method="cubic")


@given(depth_maps())
def test_a_filled_map_has_no_holes_and_its_values_are_untouched(depth_map) -> None:
    filled = fill(depth_map)
    valid = depth_map.valid
    if not valid.any():
        assert filled is depth_map
        return
    assert filled.holes == 0
    assert filled.filtered
    assert told(filled) == told(depth_map)
    assert filled.values[valid].tobytes() == depth_map.values[valid].tobytes()
    assert np.isin(filled.values, depth_map.values[valid]).all()
    if filled.confidence is not None:
        assert not filled.confidence[~valid].any()
        assert np.array_equal(filled.confidence[valid], depth_map.confidence[valid])


def test_a_whole_map_is_only_marked() -> None:
    depth_map = DepthMap(np.ones((2, 2), np.float32))
    assert fill(depth_map).values is depth_map.values
    assert fill(depth_map).filtered
    assert fill(fill(depth_map)).filtered


def test_fill_puts_nothing_between_foreground_and_background() -> None:
    values = np.full((40, 40), 1.0, np.float16)
    values[:, 20:] = 5.0
    values[10:30, 15:26] = NAN
    assert set(np.unique(fill(DepthMap(values)).values)) == {1.0, 5.0}
