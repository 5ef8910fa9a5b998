"""Filtered depth: no holes, less noise, the same edges; and what is filtered already stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import nearfar as nf
from nearfar.capture.depth_filtering import DepthFilter

HEIGHT, WIDTH = 60, 80


def scene() -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A box of its own colour before a slanted wall, as disparity."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    box = (abs(x - 40) < 15) & (abs(y - 30) < 12)
    truth = np.where(box, 1.5, 0.5 + 0.002 * x).astype(np.float32)
    color = np.where(box[..., None], [200, 60, 40], [90, 110, 130]).astype(np.uint8)
    return truth, color


def noisy(truth: NDArray[np.float32], random: np.random.Generator) -> nf.DepthMap:
    values = truth + random.normal(0, 0.01, truth.shape)
    values[random.random(truth.shape) < 0.05] = np.nan
    return nf.DepthMap(values.astype(np.float16), "disparity", confidence=np.ones(truth.shape, np.float32))


def error(depth: nf.DepthMap, truth: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.nanmean((depth.values.astype(np.float32) - truth) ** 2)))


@pytest.mark.parametrize("scale", [None, 1, 2, 3])
def test_filtering_takes_noise_and_holes_and_keeps_edges(scale: int | None) -> None:
    (truth, color), random, depth_filter = scene(), np.random.default_rng(0), DepthFilter()
    guide = None if scale is None else color.repeat(scale, axis=0).repeat(scale, axis=1)
    for _ in range(4):
        raw = noisy(truth, random)
        filtered = depth_filter.filtered(raw, guide)
        assert (filtered.filtered, filtered.holes) == (True, 0.0)
        assert (filtered.kind, filtered.dtype, filtered.shape) == (raw.kind, raw.dtype, raw.shape)
        assert filtered.confidence is not None
        assert (filtered.confidence[~raw.valid] == 0.0).all()
        assert error(filtered, truth) < error(raw, truth)
    assert error(filtered, truth) < 0.4 * error(raw, truth)


def test_colour_helps() -> None:
    (truth, color), random = scene(), np.random.default_rng(1)
    with_color, without = DepthFilter(), DepthFilter()
    maps = [noisy(truth, random) for _ in range(6)]
    errors = [
        (error(with_color.filtered(raw, color), truth), error(without.filtered(raw), truth)) for raw in maps
    ]
    assert all(colored < plain for colored, plain in errors)


def test_what_is_filtered_passes_untouched() -> None:
    truth, color = scene()
    raw = noisy(truth, np.random.default_rng(2)).replace(filtered=True)
    assert DepthFilter().filtered(raw, color) is raw


def test_after_a_reset_nothing_is_left_of_before() -> None:
    (truth, color), random, depth_filter = scene(), np.random.default_rng(3), DepthFilter()
    depth_filter.filtered(noisy(truth + 0.01, random), color)
    depth_filter.reset()
    raw = noisy(truth, random)
    assert np.array_equal(depth_filter.filtered(raw, color).values, DepthFilter().filtered(raw, color).values)


def test_a_map_of_holes_stays_one() -> None:
    holes = nf.DepthMap(np.full((HEIGHT, WIDTH), np.nan, np.float16), "disparity")
    assert DepthFilter().filtered(holes, scene()[1]).holes == 1.0


def test_holes_beside_a_near_thing_take_what_lies_behind_it() -> None:
    """A shadow that one camera cannot see, beside a box; where the colours say so, the box is made whole."""
    truth, color = scene()
    values = truth.copy()
    shadow, window = np.s_[18:43, 16:26], np.s_[27:33, 37:43]
    values[shadow] = values[window] = np.nan
    filtered = DepthFilter().filtered(nf.DepthMap(values, "disparity"), color)
    assert np.abs(filtered.values - truth)[shadow].max() < 0.05
    assert np.abs(filtered.values - truth)[window].max() < 0.01


def test_specks_that_float_before_a_wall_are_gone() -> None:
    values = np.full((480, 640), 0.5, np.float32)
    values[100:106, 200:206] = 4.0
    color = np.full((480, 640, 3), 120, np.uint8)
    filtered = DepthFilter().filtered(nf.DepthMap(values, "disparity"), color)
    assert filtered.values.max() == pytest.approx(0.5)


def test_a_small_thing_before_a_wall_stays_and_a_pit_in_the_wall_goes() -> None:
    values = np.full((480, 640), 0.5, np.float32)
    values[100:115, 200:215], values[300:315, 5:20] = 1.5, 0.1
    values[:, :5] = np.nan
    color = np.full((480, 640, 3), 120, np.uint8)
    color[100:115, 200:215] = 240
    filtered = DepthFilter().filtered(nf.DepthMap(values, "disparity"), color).values
    assert filtered[107, 207] == pytest.approx(1.5)
    assert np.allclose(filtered[280:340], 0.5)
