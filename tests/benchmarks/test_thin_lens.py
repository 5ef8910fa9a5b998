"""The ray caster that the benchmark of lens blur takes for true: against what can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.thin_lens.renderer import Camera, Studio
from numba import njit

EDGE, LAMP = -0.02, 0.04  # metres
CAMERA = Camera((48, 36), 50.0, 0.1, 1.2)


@njit
def scene(ox, oy, dx, dy, dz):
    """A white card left of a vertical edge at 1 m, before a black wall at 3 m with a lamp on it."""
    if ox + dx < EDGE:
        return 1.0, 1.0, 0.5, 0.25
    x, y = ox + 3 * dx - 0.6, oy + 3 * dy
    light = 100.0 if x * x + y * y < LAMP * LAMP else 0.0
    return 3.0, light, light, light


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio(scene)


def share_of_disc(offset, radius):
    """How much of a disc lies left of a line that is `offset` right of its middle."""
    there = np.clip(offset / radius, -1, 1)
    return 0.5 + (there * np.sqrt(1 - there**2) + np.arcsin(there)) / np.pi


def test_an_edge_is_blurred_as_the_area_of_a_disc_tells(studio) -> None:
    photograph = studio.photograph(CAMERA, 900)
    edge = CAMERA.size[0] / 2 + CAMERA.focal * EDGE
    radius = CAMERA.strength * (1 / 1.0 - 1 / CAMERA.focus_m)
    inside = np.arange(48)[:, None] + (np.arange(64) + 0.5) / 64
    expected = share_of_disc(edge - inside, radius).mean(1)
    assert radius > 1
    np.testing.assert_allclose(photograph[:, :28, 0], np.tile(expected[:28], (36, 1)), atol=0.02)


def test_a_lamp_becomes_an_even_disc_and_keeps_its_light(studio) -> None:
    camera = Camera((96, 72), 50.0, 0.1, 1.2)
    radius = camera.strength * abs(1 / 3.0 - 1 / camera.focus_m)
    blue = studio.photograph(camera, 2500)[..., 2].astype(np.float64)
    lamp = np.pi * (LAMP * camera.focal / 3) ** 2
    y, x = np.mgrid[:72, :96] + 0.5
    away = np.hypot(x - 48 - camera.focal * 0.2, y - 36)
    around = away < radius + 3
    np.testing.assert_allclose(blue[around].sum(), 100 * lamp, rtol=0.02)
    np.testing.assert_allclose(blue[away < radius - 3].mean(), 100 * lamp / (np.pi * radius**2), rtol=0.05)
    assert not blue[(away > radius + 3) & (x > 52)].any()


def test_depth_is_that_of_the_pixels_middle(studio) -> None:
    depth = studio.depth(CAMERA)
    columns = np.arange(48) + 0.5
    left = columns < CAMERA.size[0] / 2 + CAMERA.focal * EDGE
    np.testing.assert_array_equal(depth, np.tile(np.where(left, 1.0, 3.0), (36, 1)))


def test_a_pinhole_sees_everything_sharp(studio) -> None:
    picture = studio.all_in_focus(CAMERA, 100)[..., 0]
    assert np.isin(picture[:, :20], (0, 1)).mean() > 0.9
    np.testing.assert_array_equal(picture[:, 0], 1)
