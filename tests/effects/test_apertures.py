"""Laws of the shapes of blur: what a point of light becomes through blades and cat's eyes."""

from __future__ import annotations

import numpy as np
import pytest

from nearfar.effects import Aperture, lens_blur
from reference.settings import everywhere

SIDE = 129


def light_of_a_point(
    shape, radius, *, near=False, at=(SIDE // 2, SIDE // 2), size=(SIDE, SIDE), effort="best"
):
    """The light of one point, its sum 1."""
    image = np.zeros((*size, 3), np.float32)
    image[at] = 1000
    disparity = np.zeros(size, np.float32)
    focus = -1 if near else 1
    found = lens_blur(image, disparity, focus_disparity=focus, strength=radius, shape=shape, effort="best")
    light = found[..., 0].astype(np.float64)
    varies = isinstance(shape, Aperture) and shape.cats_eye > 0
    assert light.sum() == pytest.approx(1000, rel=0.1 if varies else 1e-3)
    return light / light.sum()


def moments(light):
    """Mean place (x, y) and covariance."""
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    mean = np.array([(light * x).sum(), (light * y).sum()])
    dx, dy = x - mean[0], y - mean[1]
    return mean, np.array([[(light * dx * dx).sum(), (light * dx * dy).sum()], [0, (light * dy * dy).sum()]])


@pytest.mark.parametrize("blades", [3, 4, 5, 6, 9, 16])
@pytest.mark.parametrize("rotation", [0.0, 0.4, -2.0])
@pytest.mark.parametrize("radius", [2.0, 7.0, 13.0])
def test_blades_make_polygons_on_the_disc(blades, rotation, radius) -> None:
    light = light_of_a_point(Aperture(blades, rotation=rotation), radius)
    mean, covariance = moments(light)
    assert mean == pytest.approx([SIDE // 2, SIDE // 2], abs=0.05)
    per_axis = radius**2 / 12 * (2 + np.cos(2 * np.pi / blades))  # of a regular polygon
    assert (covariance[0, 0] + covariance[1, 1]) / 2 == pytest.approx(per_axis, rel=0.04, abs=0.06)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    assert light[np.hypot(x, y) > radius + 1].sum() < 1e-6


def test_a_corner_is_on_top_and_turns_clockwise() -> None:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    for turn in (0.0, 0.5, 2.0):
        light = light_of_a_point(Aperture(3, rotation=turn), 14)
        beyond = np.hypot(x, y) > 9
        for angle in turn + np.arange(3) * 2 * np.pi / 3:
            toward = x * np.sin(angle) - y * np.cos(angle) > 9
            assert light[beyond & toward].sum() > 0.02
            away = x * np.sin(angle) - y * np.cos(angle) < -9
            assert light[beyond & away].sum() < 1e-6


def test_blur_in_front_of_the_focus_stands_on_its_head() -> None:
    shape = Aperture(5, rotation=0.3)
    far, near = light_of_a_point(shape, 12), light_of_a_point(shape, 12, near=True)
    assert np.allclose(near, far[::-1, ::-1], atol=1e-6)
    assert not np.allclose(near, far, atol=1e-4)


def test_full_curvature_is_the_disc() -> None:
    disc = light_of_a_point(Aperture(), 12)
    assert np.allclose(light_of_a_point("disc", 12), disc)
    assert np.allclose(light_of_a_point(Aperture(6, curvature=1), 12), disc, atol=2e-5)
    spread = [moments(light_of_a_point(Aperture(6, curvature=c), 12))[1][0, 0] for c in (0, 0.3, 0.6, 1)]
    assert sorted(spread) == spread


@pytest.mark.parametrize("near", [True, False])
def test_cats_eyes_close_towards_the_corners(near) -> None:
    shape, size = Aperture(cats_eye=1), (241, 401)
    centre, covariance = moments(light_of_a_point(shape, 10, near=near, at=(120, 200), size=size))
    assert centre == pytest.approx([200, 120], abs=0.1)
    assert np.diag(covariance) == pytest.approx([25, 25], rel=0.12)
    right, covariance = moments(light_of_a_point(shape, 10, near=near, at=(120, 370), size=size))
    assert covariance[0, 0] < 0.6 * covariance[1, 1]  # an upright eye
    assert right[1] == pytest.approx(120, abs=0.1)
    assert (
        (right[0] > 371) if near else (right[0] < 369)
    )  # its outer side is cut off; in front, the inner one


def test_a_flat_picture_shows_no_seams_of_tiles() -> None:
    ramp = np.repeat(np.linspace(0, 1, 400, dtype=np.float32)[None, :, None], 300, axis=0) * np.ones(
        3, np.float32
    )
    shape = Aperture(5, cats_eye=1)
    found = lens_blur(
        ramp, np.zeros((300, 400), np.float32), focus_disparity=1, strength=25, shape=shape, effort="standard"
    )
    second = np.diff(found[40:-40, 40:-40, 0], n=2, axis=1)
    assert np.abs(second).max() < 0.1 / 400


def test_shapes_give_the_same_bits_everywhere() -> None:
    image = np.random.default_rng(2).random((130, 150, 3), np.float32)
    disparity = np.random.default_rng(3).random((130, 150), np.float32)
    shape = Aperture(7, rotation=1, curvature=0.4, cats_eye=0.8)
    everywhere(lambda: lens_blur(image, disparity, focus_disparity=0.5, strength=40, shape=shape))
