"""Apple's "filtered": one frame late, whole, and nearer to the truth than what came in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depth.maps import depth_maps
from nearfar.depth import DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.filters import SmoothedStream


def still(count: int, kind: DepthKind = DepthKind.DEPTH) -> tuple[np.ndarray, list[DepthMap]]:
    """A step of depth seen `count` times, with noise and holes that change: its truth and its frames."""
    generator = np.random.default_rng(1)
    truth = np.where(np.arange(48) < 24, 1.0, 2.0).astype(np.float32) * np.ones((40, 1), np.float32)
    frames = []
    for _ in range(count):
        disparity = 1 / truth + generator.normal(0, 0.004, truth.shape).astype(np.float32)
        disparity[generator.random(truth.shape) < 0.2] = np.nan
        frames.append(DepthMap(disparity, DepthKind.DISPARITY).to(kind))
    return truth, frames


def error(depth_map: DepthMap, truth: np.ndarray) -> float:
    return float(np.nanmean(np.abs(depth_map.to(DepthKind.DEPTH).values - truth)))


@given(st.lists(depth_maps(), max_size=5), st.booleans())
def test_each_map_comes_back_once_filtered_and_in_order(maps: list[DepthMap], causal: bool) -> None:
    stream = SmoothedStream(causal=causal)
    out = [stream(depth_map) for depth_map in maps]
    out.append(stream.flush())
    assert out[-1 if causal else 0] is None
    results = out[:-1] if causal else out[1:]
    assert len(results) == len(maps)
    for depth_map, result in zip(maps, results, strict=True):
        assert result is not None
        assert result.filtered
        assert (result.kind, result.dtype, result.shape) == (depth_map.kind, depth_map.dtype, depth_map.shape)
        assert result.holes == 0 or result.holes == 1 or depth_map.kind is DepthKind.DEPTH
        if depth_map.confidence is not None:
            assert result.confidence is not None
            assert not result.confidence[~depth_map.valid].any()
    assert stream.flush() is None


@pytest.mark.parametrize("kind", DepthKind)
@pytest.mark.parametrize("causal", [False, True])
def test_a_still_scene_becomes_whole_and_calmer(kind: DepthKind, causal: bool) -> None:
    truth, frames = still(6, kind)
    stream = SmoothedStream(causal=causal)
    results = [result for frame in frames if (result := stream(frame))]
    if not causal:
        last = stream.flush()
        assert last is not None
        results.append(last)
    for frame, result in zip(frames, results, strict=True):
        assert result.holes == 0
        assert error(result, truth) < 0.6 * error(frame, truth)
    edge = results[-1].to(DepthKind.DEPTH).values[:, 22:26]
    assert np.abs(edge - truth[:, 22:26]).max() < 0.2


def test_looking_ahead_finds_what_was_not_there_before() -> None:
    far, near = np.full((8, 8), 3.0, np.float32), np.full((8, 8), 3.0, np.float32)
    far[:, 4:] = np.nan
    near[:, 4:] = 1.0
    ahead = SmoothedStream()
    ahead(DepthMap(far))
    seen = ahead(DepthMap(near))
    assert seen is not None
    assert np.allclose(seen.values, near, atol=1e-3)
    behind = SmoothedStream(causal=True)(DepthMap(far))
    assert behind is not None
    assert np.allclose(behind.values, 3.0)


def test_what_moves_is_followed_at_once() -> None:
    stream = SmoothedStream(causal=True)
    for distance in (1.0, 2.0, 0.5):
        result = stream(DepthMap(np.full((6, 7), distance, np.float32)))
        assert result is not None
        assert np.allclose(result.values, distance, rtol=1e-6)


def test_another_size_flushes_and_a_reset_forgets() -> None:
    first, second = DepthMap(np.full((4, 5), 1.0, np.float32)), DepthMap(np.full((6, 7), 2.0, np.float32))
    stream = SmoothedStream()
    assert stream(first) is None
    out = stream(second)
    assert out is not None
    assert out.shape == (4, 5)
    stream.reset()
    assert stream.flush() is None
    assert stream(first) is None


def test_nothing_stays_nothing() -> None:
    nothing = DepthMap(np.full((4, 5), np.nan, np.float32))
    result = SmoothedStream(causal=True)(nothing)
    assert result is not None
    assert result.holes == 1


def test_nonsense_is_refused() -> None:
    with pytest.raises(TypeError, match="DepthMap"):
        SmoothedStream()(np.ones((2, 2), np.float32))  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match=r"1\.\.50"):
        SmoothedStream(0)
    assert SmoothedStream(causal=True).causal
