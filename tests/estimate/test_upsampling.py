"""Laws of upsampling: edges where the picture has them, slopes that stay slopes, holes that never grow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nearfar as nf
from estimate.stereo_truth import bad, pair

GUIDES = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(8, 24), st.integers(8, 24), st.just(3)),
    elements=st.sampled_from([0, 40, 200, 255]),
)
SIDES = st.integers(1, 8)
VALUES = st.one_of(st.just(float("nan")), st.sampled_from([0.5, 1.0, 2.0]), st.floats(0.25, 4, width=32))


@st.composite
def maps(draw, elements=VALUES) -> nf.DepthMap:
    kind = draw(st.sampled_from(nf.DepthKind))
    return nf.DepthMap(draw(hnp.arrays(np.float32, st.tuples(SIDES, SIDES), elements=elements)), kind)


def two_sides(size: tuple[int, int], edge: float) -> np.ndarray:
    """A picture (H, W, 3) whose left of `edge` is red and whose right is blue."""
    height, width = size
    left = np.arange(width) + 0.5 < edge
    row = np.where(left[:, None], (200, 40, 30), (30, 60, 180)).astype(np.uint8)
    return np.broadcast_to(row, (height, width, 3)).copy()


@settings(max_examples=60, deadline=None)
@given(maps(), GUIDES)
def test_values_stay_near_their_range_and_holes_never_grow(depth_map, guide) -> None:
    large = nf.estimate.upsample(depth_map, guide, sampling="centre")
    assert large.shape == guide.shape[:2]
    if not depth_map.valid.any():
        assert not large.valid.any()
        return
    linear = [m.to(nf.DepthKind.DISPARITY).values for m in (depth_map, large)]
    low, high = np.nanmin(linear[0]), np.nanmax(linear[0])
    assert np.nanmin(linear[1]) >= max(low - (high - low) / 2, low / 2) - 1e-5
    assert np.nanmax(linear[1]) <= high + (high - low) / 2 + 1e-5
    rows, columns = (
        ((np.arange(large.shape[axis]) + 0.5) * depth_map.shape[axis] // large.shape[axis]).astype(int)
        for axis in (0, 1)
    )
    assert large.valid[depth_map.valid[np.ix_(rows, columns)]].all()


@given(st.sampled_from([0.3, 1.7, 55.0]), SIDES, SIDES, GUIDES, st.sampled_from(nf.DepthKind))
def test_a_constant_stays_constant_bit_by_bit(value, height, width, guide, kind) -> None:
    flat = nf.DepthMap(np.full((height, width), value, np.float32), kind)
    assert (nf.estimate.upsample(flat, guide).values == np.float32(value)).all()


@settings(max_examples=40, deadline=None)
@given(maps(), GUIDES)
def test_mirroring_commutes(depth_map, guide) -> None:
    # Without ties: a jump that is just one, or two surfaces with one vote, may fall to either side.
    generator = np.random.default_rng(0)
    noise = generator.uniform(0.9, 1.1, depth_map.shape).astype(np.float32)
    depth_map = depth_map.replace(values=depth_map.values * noise)
    guide = (guide // 2 + generator.integers(0, 9, guide.shape, dtype=np.uint8)).astype(np.uint8)
    straight = nf.estimate.upsample(depth_map, guide, sampling="centre").values
    turned_map = depth_map.replace(values=np.ascontiguousarray(depth_map.values[::-1, ::-1]))
    turned = nf.estimate.upsample(turned_map, guide[::-1, ::-1], sampling="centre").values[::-1, ::-1]
    assert np.allclose(straight, turned, rtol=1e-4, equal_nan=True)


@given(maps(), GUIDES)
def test_a_grey_picture_guides_as_its_colour_copy(depth_map, guide) -> None:
    grey = guide[..., 0]
    straight = nf.estimate.upsample(depth_map, grey)
    assert straight.equals(nf.estimate.upsample(depth_map, np.dstack([grey] * 3)))
    assert straight.equals(nf.estimate.upsample(depth_map, grey.astype(np.uint16) * np.uint16(257)))
    assert straight.equals(nf.estimate.upsample(depth_map, grey / np.float32(255)))
    assert straight.equals(nf.estimate.upsample(depth_map, grey[..., None]))


@pytest.mark.parametrize("size", [(48, 64), (50, 61), (23, 100), (12, 160), (12, 17)], ids=str)
def test_a_slope_stays_a_slope(size) -> None:
    y, x = np.mgrid[:12, :16] + 0.5
    height, width = size
    low = nf.DepthMap(1 + x / 16 * 0.8 + y / 12 * 0.5, "disparity")
    generator = np.random.default_rng(0)
    guide = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = nf.estimate.upsample(low, guide, sampling="centre").values
    y, x = np.mgrid[:height, :width] + 0.5
    truth = 1 + x / width * 0.8 + y / height * 0.5
    margin = -(-height // 12), -(-width // 16)
    inside = np.s_[margin[0] : -margin[0], margin[1] : -margin[1]]
    assert np.abs(found - truth)[inside].max() < 1e-5
    assert np.abs(found - truth).max() < 0.06


@pytest.mark.parametrize("edge", range(26, 40))
@pytest.mark.parametrize("kind", nf.DepthKind, ids=lambda kind: kind.value)
def test_an_edge_goes_where_the_colours_change(edge, kind) -> None:
    guide = two_sides((40, 64), edge)
    values = np.where(np.arange(16) * 4 + 2 < edge, 1.0, 3.0) * np.ones((10, 1))
    found = nf.estimate.upsample(nf.DepthMap(values, kind), guide).values
    assert np.isin(found, [1, 3]).all()
    moved = np.abs((found == 1).sum(axis=1) - edge)
    assert moved.max() <= 1


def test_both_sides_of_an_edge_keep_their_slopes() -> None:
    x = (np.arange(16) + 0.5) * 4
    truth = np.where(np.arange(64) + 0.5 < 33, 1 + np.arange(64) * 0.01, 3 - np.arange(64) * 0.02)
    low = np.where(x < 33, 1 + (x - 0.5) * 0.01, 3 - (x - 0.5) * 0.02) * np.ones((10, 1))
    found = nf.estimate.upsample(nf.DepthMap(low, "disparity"), two_sides((40, 64), 33)).values
    assert np.abs(found - truth)[:, 3:-3].max() < 0.012


def test_the_value_of_a_hole_is_never_made_up() -> None:
    values = np.ones((12, 12), np.float32)
    values[3:9, 3:9] = np.nan
    found = nf.estimate.upsample(nf.DepthMap(values), np.zeros((48, 48), np.uint8)).values
    assert np.isnan(found[14:34, 14:34]).all()
    assert (found[:10] == 1).all()


def test_infinity_is_a_surface_of_its_own() -> None:
    values = np.where(np.arange(16) < 8, 2.0, np.inf) * np.ones((10, 1))
    found = nf.estimate.upsample(nf.DepthMap(values), two_sides((40, 64), 33)).values
    assert (found[:, :32] == 2).all()
    assert np.isposinf(found[:, 34:]).all()


def test_half_floats_end_at_infinity() -> None:
    low = nf.DepthMap(np.array([[65504, 60000, 1], [65504, 30000, 1]], np.float16))
    found = nf.estimate.upsample(low, np.random.default_rng(0).integers(0, 256, (24, 36), dtype=np.uint8))
    assert found.dtype == np.float16
    assert found.valid.all()


def test_all_that_belongs_to_the_map_stays() -> None:
    values = np.linspace(1, 2, 12, dtype=np.float16).reshape(3, 4)
    confidence = np.full((3, 4), 0.25, np.float32)
    calibration = nf.Calibration.from_field_of_view(1.0, (640, 480))
    low = nf.DepthMap(
        values,
        nf.DepthKind.DISPARITY,
        nf.Accuracy.ABSOLUTE,
        nf.Quality.LOW,
        filtered=True,
        metric=False,
        calibration=calibration,
        confidence=confidence,
    )
    found = nf.estimate.upsample(low, np.zeros((12, 16, 3), np.uint8))
    assert found.dtype == np.float16
    assert (found.confidence == 0.25).all()
    assert found.replace(values=values, confidence=confidence).equals(low)


def test_confidence_comes_from_the_side_that_was_picked() -> None:
    near = np.arange(16) < 8
    values = np.where(near, 1.0, 3.0) * np.ones((10, 1))
    confidence = np.where(near, 0.25, 0.75) * np.ones((10, 1), np.float32)
    confidence = confidence.astype(np.float32)
    found = nf.estimate.upsample(nf.DepthMap(values, confidence=confidence), two_sides((40, 64), 31))
    assert np.array_equal(found.confidence, np.where(found.values == 1, 0.25, 0.75))


def test_every_nth_pixel_is_noticed_and_the_middle_is_the_rule() -> None:
    generator = np.random.default_rng(1)
    y, x = np.mgrid[:200, :270]
    near = sum((np.hypot(x - a, y - b) < 18) for a, b in generator.integers(0, 270, (30, 2))) > 0
    truth = np.where(near, 3.0, 1.0)
    guide = np.where(near, 200, 60).astype(np.uint8)
    first = nf.DepthMap(truth[::4, ::4])
    corner = nf.estimate.upsample(first, guide, sampling="corner")
    assert nf.estimate.upsample(first, guide).equals(corner)
    assert np.count_nonzero(corner.values != truth) < 0.005 * truth.size
    means = nf.DepthMap(np.where(truth[:, :268].reshape(50, 4, 67, 4).mean((1, 3)) > 2, 3.0, 1.0))
    centre = nf.estimate.upsample(means, guide[:, :268], sampling="centre")
    assert nf.estimate.upsample(means, guide[:, :268]).equals(centre)
    assert np.count_nonzero(centre.values != truth[:, :268]) < 0.005 * truth.size


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (3, 5)])
def test_one_value_is_enough(height, width) -> None:
    found = nf.estimate.upsample(nf.DepthMap([[2.5]]), np.zeros((height, width), np.uint8))
    assert (found.values == 2.5).all()


def test_the_same_size_is_the_same_map() -> None:
    depth_map = nf.DepthMap(np.arange(6.0).reshape(2, 3))
    assert nf.estimate.upsample(depth_map, np.zeros((2, 3), np.uint8)) is depth_map


@pytest.mark.parametrize("shape", [(3, 8), (8, 3), (1, 1)], ids=str)
def test_a_smaller_guide_is_refused_and_both_sizes_are_named(shape) -> None:
    with pytest.raises(nf.errors.EstimationError, match=rf"{shape[1]}×{shape[0]}.*6×5"):
        nf.estimate.upsample(nf.DepthMap(np.ones((5, 6))), np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("guide", "error", "word"),
    [
        (np.full((8, 8), np.nan), nf.errors.EstimationError, "NaN"),
        (np.full((8, 8, 3), 255.0), nf.errors.EstimationError, r"0\.\.1"),
        (np.zeros((8, 8, 4), np.uint8), nf.errors.EstimationError, "shape"),
        (np.zeros(8, np.uint8), nf.errors.EstimationError, "shape"),
        (np.zeros((0, 8), np.uint8), nf.errors.EstimationError, "empty"),
        (np.zeros((8, 8), np.int64), TypeError, "int64"),
    ],
)
def test_a_guide_that_is_none_is_refused(guide, error, word) -> None:
    with pytest.raises(error, match=word):
        nf.estimate.upsample(nf.DepthMap(np.ones((2, 2))), guide)


def test_wrong_words_are_refused() -> None:
    with pytest.raises(TypeError, match="DepthMap"):
        nf.estimate.upsample(np.ones((2, 2)), np.zeros((4, 4), np.uint8))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="sampling"):
        nf.estimate.upsample(nf.DepthMap(np.ones((2, 2))), np.zeros((4, 4), np.uint8), sampling="middle")  # type: ignore[arg-type]


@pytest.mark.samples
@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize(
    ("name", "most"), [("motorcycle", 2.5), ("aloe", 1.6), ("teddy", 2.5), ("cones", 2.4), ("tsukuba", 1.4)]
)
def test_four_times_upsampling_of_real_scenes(samples, name, most, start) -> None:
    color, truth = pair(samples, name)
    low = nf.DepthMap(truth[start::4, start::4], "disparity")
    found = nf.estimate.upsample(low, color).values
    assert bad(found, truth, 1) <= most
    lost = np.isnan(found) & ~np.isnan(truth)
    assert lost.mean() < 0.006
