"""Laws of `DepthMap`: conversion, orientation, what is kept and what is dropped."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrations import calibrations
from depth.maps import depth_maps
from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, Orientation, Quality


@given(depth_maps())
def test_the_values_that_have_no_reciprocal_change_places(depth: DepthMap) -> None:
    there = depth.to(DepthKind.DEPTH if depth.kind is DepthKind.DISPARITY else DepthKind.DISPARITY)
    before, after = depth.values, there.values
    assert there.dtype == depth.dtype
    np.testing.assert_array_equal(np.isposinf(after), before == 0)
    np.testing.assert_array_equal(after == 0, np.isposinf(before))
    np.testing.assert_array_equal(np.isnan(after), np.isnan(before) | (before < 0))
    assert not np.signbit(after[~np.isnan(after)]).any()


@given(depth_maps(odd=False))
def test_conversion_there_and_back(depth: DepthMap) -> None:
    back = depth.to("depth").to("disparity").to(depth.kind)
    near = np.finfo(depth.dtype).eps * 2
    np.testing.assert_allclose(back.values, depth.values, rtol=near)
    assert depth.to(depth.kind) is depth
    assert depth.to(dtype=np.float32).to(dtype=depth.dtype).equals(depth)


@given(depth_maps())
def test_conversion_keeps_the_rest(depth: DepthMap) -> None:
    there = depth.to("disparity", dtype=np.float16)
    kept = ("accuracy", "quality", "filtered", "metric", "confidence")
    assert all(getattr(there, name) is getattr(depth, name) for name in kept)
    assert there.kind is DepthKind.DISPARITY
    assert there.dtype == np.float16


def test_the_reciprocal_is_computed_in_float32() -> None:
    half = DepthMap(np.array([[3.0, 1e-5]], np.float16), DepthKind.DISPARITY)
    single = half.to("depth", dtype=np.float32)
    np.testing.assert_array_equal(single.values, 1 / half.values.astype(np.float32))
    assert np.isposinf(half.to("depth").values[0, 1])


@given(depth_maps(), st.sampled_from(Orientation), calibrations(pose=False))
def test_orientation_then_its_inverse_is_nothing(
    depth: DepthMap, orientation: Orientation, calibration: Calibration
) -> None:
    depth = depth.replace(calibration=calibration)
    turned = depth.oriented(orientation)
    assert turned.size == orientation.oriented_size(depth.size)
    back = turned.oriented(orientation.inverse)
    assert back.replace(calibration=None).equals(depth.replace(calibration=None))
    assert back.calibration is not None
    np.testing.assert_allclose(back.calibration.intrinsics, calibration.intrinsics, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(back.calibration.pose.to_matrix(), calibration.pose.to_matrix(), atol=1e-12)


@given(st.sampled_from(Orientation), calibrations(lens=False))
def test_a_pixel_keeps_its_place_in_the_world(orientation: Orientation, calibration: Calibration) -> None:
    values = 1 + np.arange(12, dtype=np.float32).reshape(3, 4)
    depth = DepthMap(values, calibration=calibration)

    def world(depth: DepthMap) -> np.ndarray:
        assert depth.calibration is not None
        cloud = depth.points(world_from_camera=depth.calibration.pose)
        return cloud.positions[np.argsort(depth.values.ravel())]

    np.testing.assert_allclose(world(depth.oriented(orientation)), world(depth), atol=1e-3)


@given(depth_maps(), calibrations())
def test_new_values_drop_what_tied_the_old_ones_to_a_camera(
    depth: DepthMap, calibration: Calibration
) -> None:
    depth = depth.replace(calibration=calibration)
    fresh = depth.with_values(np.ones((2, 5), np.float32))
    assert fresh.calibration is None
    assert fresh.confidence is None
    assert fresh.size == (5, 2)
    kept = ("kind", "accuracy", "quality", "filtered", "metric")
    assert all(getattr(fresh, name) is getattr(depth, name) for name in kept)
    assert depth.replace(filtered=True).calibration is calibration


@given(depth_maps())
def test_holes(depth: DepthMap) -> None:
    assert depth.holes == pytest.approx(1 - depth.valid.mean())
    filled = depth.filled(0.25)
    assert filled.flags.writeable
    assert not np.isnan(filled).any()
    np.testing.assert_array_equal(filled[depth.valid], depth.values[depth.valid])
    assert (filled[~depth.valid] == 0.25).all()


@given(depth_maps())
def test_equals(depth: DepthMap) -> None:
    assert depth.equals(depth.replace())
    assert not depth.equals(depth.replace(filtered=not depth.filtered))
    assert not depth.equals(depth.with_values(np.full((1, 10), 3.0, depth.dtype)))
    assert not depth.equals(np.asarray(depth))


@given(depth_maps(), calibrations())
def test_equals_looks_at_calibration_and_confidence(depth: DepthMap, calibration: Calibration) -> None:
    depth = depth.replace(calibration=calibration, confidence=np.zeros(depth.shape, np.float32))
    other = calibration.replace(pixel_size=2e-4)
    assert depth.equals(copy.deepcopy(depth))
    assert not depth.equals(depth.replace(calibration=other))
    for name in ("calibration", "confidence"):
        without = depth.replace(**{name: None})
        assert not depth.equals(without)
        assert not without.equals(depth)
        assert without.equals(copy.deepcopy(without))
    assert not depth.equals(depth.replace(confidence=np.ones(depth.shape, np.float32)))


def test_what_a_map_cannot_be() -> None:
    good = np.ones((2, 3), np.float32)
    for values in (np.ones((2, 3), np.uint16), np.ones((2, 3), bool)):
        with pytest.raises(TypeError, match="unit is unknown"):
            DepthMap(values)
    with pytest.raises(TypeError, match="complex"):
        DepthMap(np.ones((2, 3), complex))
    for shape in ((3,), (2, 3, 1), (0, 3)):
        with pytest.raises(ValueError, match="shape"):
            DepthMap(np.ones(shape, np.float32))
    for dtype in (np.float16, np.float32, np.float64):
        with pytest.raises(ValueError, match="negative depth"):
            DepthMap(np.array([[1, -1e-3]], dtype))
        with pytest.raises(ValueError, match="negative depth"):
            DepthMap(np.array([[1, -np.inf]], dtype))
        with pytest.raises(ValueError, match="-inf"):
            DepthMap(np.array([[1, -np.inf]], dtype), DepthKind.DISPARITY)
    with pytest.raises(ValueError, match="not a valid DepthKind"):
        DepthMap(good, "shift")
    with pytest.raises(ValueError, match="map's shape"):
        DepthMap(good, confidence=np.ones((3, 2), np.float32))
    with pytest.raises(ValueError, match=r"0\.\.1"):
        DepthMap(good, confidence=np.full((2, 3), np.nan, np.float32))
    with pytest.raises(TypeError, match="calibration"):
        DepthMap(good, calibration=np.eye(3))
    with pytest.raises(TypeError, match="confidence"):
        DepthMap(good, confidence=np.ones((2, 3), np.uint8))
    with pytest.raises(TypeError, match="float16 or float32"):
        DepthMap(good).to(dtype=np.float64)
    with pytest.raises(ValueError, match="Orientation"):
        DepthMap(good).oriented(0)


def test_float64_is_rounded_and_names_are_taken() -> None:
    depth = DepthMap(np.full((1, 1), 1e300), "depth", "absolute", "low")
    assert depth.dtype == np.float32
    assert np.isposinf(depth.values).all()
    assert (depth.accuracy, depth.quality) == (Accuracy.ABSOLUTE, Quality.LOW)


@given(depth_maps(), st.integers(0, 2**32 - 1))
def test_what_is_masked_is_a_hole(depth: DepthMap, seed: int) -> None:
    mask = np.random.default_rng(seed).random(depth.shape) < 0.5
    expected = np.where(mask, np.nan, depth.values)
    masked = np.ma.MaskedArray(depth.values, mask)
    for made in (depth.replace(values=masked), depth.with_values(masked)):
        np.testing.assert_array_equal(made.values, expected)
        assert made.dtype == depth.dtype
        assert type(made.values) is np.ndarray
    sure = depth.replace(confidence=np.ma.MaskedArray(np.ones(depth.shape, np.float32), mask))
    np.testing.assert_array_equal(sure.confidence, ~mask)
    with pytest.raises(TypeError, match="unit is unknown"):
        DepthMap(np.ma.MaskedArray(np.ones((1, 2), np.uint16), [[True, False]]))


def test_repr_says_what_it_is() -> None:
    values = np.linspace(1.498047, 4.382812, 768 * 576, dtype=np.float16).reshape(576, 768)
    calibration = Calibration.from_field_of_view(1, (4032, 3024))
    depth = DepthMap(values, DepthKind.DISPARITY, filtered=True, calibration=calibration)
    assert repr(depth) == (
        "DepthMap(768×576 float16 disparity 1.498..4.383 1/m, relative, high, filtered, calibrated)"
    )
    assert "no finite value" in repr(DepthMap(np.full((1, 1), np.nan)))
    assert "25.0% holes" in repr(DepthMap(np.array([[1, 1], [1, np.nan]]), metric=False))
