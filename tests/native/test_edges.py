"""Mixed pixels of lens blur against their twin, and what must hold of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar import _native
from reference import edges
from reference.settings import everywhere


def cards(seed, height=90, width=140, strength=12.0):
    """Light, disparity and circles of slanted cards with wires before a wall; focus at 1."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    disparity = np.full((height, width), 0.3, np.float32)
    light = (random.random((height, width, 3)) ** 2).astype(np.float32)
    for nearness in (0.7, 1.0, 1.6):
        turn = random.uniform(0, np.pi)
        across = (x - random.uniform(0, width)) * np.cos(turn) + (y - random.uniform(0, height)) * np.sin(
            turn
        )
        there = abs(across) < random.choice([0.8, 2.0, 20.0])
        disparity[there] = nearness + 0.001 * x[there]
        light[there] = random.random(3) + 0.2 * random.random((there.sum(), 3))
    circles = (np.float32(1) - disparity) * np.float32(strength)
    return light, disparity, circles


def split(light, disparity, refinements, strength=12.0):
    return _native.mixed_pixels(light, disparity, 1.0, strength, refinements)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), refinements=st.integers(0, 2))
def test_it_is_its_twin(seed, refinements) -> None:
    light, disparity, circles = cards(seed)
    borders = edges.first_guess(light, circles, _native.expected_coverage, lambda circle: abs(circle) >= 0.5)
    for _ in range(refinements):
        borders = edges.refined(light, circles, borders)
    hiding, certainty, _, behind = edges.hidden(light, circles, borders)
    rows = everywhere(lambda: split(light, disparity, refinements))
    x, y = rows[:, 0].astype(int), rows[:, 1].astype(int)
    mixed = borders.mixed[y, x]
    assert (mixed | hiding[y, x]).all()
    assert len(rows) >= 0.95 * np.count_nonzero(
        borders.mixed | hiding
    )  # but for those whose sides share a layer
    assert np.allclose(rows[mixed, 2], borders.share[y, x][mixed], atol=2e-3)
    assert np.all(rows[mixed, 3] == 1)
    assert np.allclose(rows[mixed, 4:7], borders.near_light[y, x][mixed], atol=5e-3)
    assert np.allclose(rows[mixed, 7:], borders.far_light[y, x][mixed], atol=5e-3)
    assert np.all(rows[~mixed, 2] == 1)
    assert np.allclose(rows[~mixed, 3], certainty[y, x][~mixed], atol=5e-3)
    assert np.array_equal(rows[~mixed, 4:7], light[y, x][~mixed])
    assert np.allclose(rows[~mixed, 7:], behind[y, x][~mixed], atol=5e-3)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_mix_of_both_sides_is_the_pixel(seed) -> None:
    light, disparity, _ = cards(seed)
    rows = split(light, disparity, 2)
    rows = rows[(rows[:, 3] == 1) & (rows[:, 4:] > 1e-6).all(1)]
    own = light[rows[:, 1].astype(int), rows[:, 0].astype(int)]
    share = rows[:, 2:3]
    mix = share * rows[:, 4:7] + (1 - share) * rows[:, 7:]
    held = (rows[:, 4:] > 0.99 * 2 * np.tile(own, 2)).any(1)  # brighter than that it is not made
    held |= (own > 1).any(1)  # nor a nearer side than the pixels around, by a lamp
    assert np.allclose(mix[~held], own[~held], atol=2e-3)


@pytest.mark.parametrize("seed", range(6))
def test_no_light_of_a_lamp_is_taken_for_the_nearer_side(seed) -> None:
    light, disparity, _ = cards(seed)
    random = np.random.default_rng(seed)
    light = np.minimum(light, 0.4)
    lamps = (random.random(disparity.shape) < 0.2) & (disparity == np.float32(0.3))
    light[lamps] = random.uniform(5, 40, (lamps.sum(), 1)).astype(np.float32)
    rows = split(light, disparity, 2)
    assert len(rows) > 100
    assert rows[:, 4:7].max() < 2


def test_what_two_flat_colours_are_mixed_of_is_found() -> None:
    height, width, inside = 80, 100, 16
    y, x = np.mgrid[: height * inside, : width * inside] / inside
    covered = (x - 50) * 0.8 + (y - 40) * 0.6 < 0.2
    share = covered.reshape(height, inside, width, inside).mean((1, 3))[..., None].astype(np.float32)
    near, far = np.array([0.7, 0.4, 0.1], np.float32), np.array([0.1, 0.2, 0.6], np.float32)
    light = share * near + (1 - share) * far
    disparity = np.where(covered[inside // 2 :: inside, inside // 2 :: inside], 1.0, 0.4).astype(np.float32)
    rows = split(light, disparity, 2)
    rows = rows[rows[:, 3] == 1]
    assert len(rows) > 200
    found = share[rows[:, 1].astype(int), rows[:, 0].astype(int), 0]
    assert np.abs(rows[:, 2] - found).max() < 0.05
    assert np.abs(rows[:, 7:] - far).max() < 0.03


def test_a_slope_is_not_split() -> None:
    y, x = np.mgrid[:100, :150].astype(np.float32)
    light = np.random.default_rng(1).random((100, 150, 3), np.float32)
    rows = split(light, 0.5 + 0.05 * x - 0.02 * y, 2)  # beyond its border a picture is flat
    inside = (rows[:, :2] >= 3).all(1) & (rows[:, 0] < 147) & (rows[:, 1] < 97)
    assert not inside.any()


def test_coverage_is_that_of_random_shapes() -> None:
    show, covers = edges.drawn_shapes(np.random.default_rng(2), 200_000)
    patterns = show @ (1 << np.arange(9))
    count = np.bincount(patterns, minlength=512)
    mean = np.bincount(patterns, covers, 512) / np.maximum(count, 1)
    table = np.array([_native.expected_coverage(bits) for bits in range(512)])
    frequent = count > 400
    assert np.count_nonzero(frequent) > 60
    # One table serves near and far alike; of the shapes drawn here strips are always near.
    assert np.sqrt(np.average((table - mean)[frequent] ** 2, weights=count[frequent])) < 0.06
    assert np.allclose(table + table[::-1], 1, atol=1e-6)
    for turned in (lambda square: square.T, np.rot90):
        order = turned(np.arange(9).reshape(3, 3)).ravel()
        bits = np.arange(512)[:, None] >> np.arange(9) & 1
        assert np.allclose(table, table[bits[:, order] @ (1 << np.arange(9))], atol=0.011)
