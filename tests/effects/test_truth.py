"""Lens blur against what a lens would take of scenes so simple that NumPy can tell it point by point.

Each scene is a card before a wall, both facing the lens. A point of the lens sees the card moved by its own
blur radius and the wall by its own; the photograph is the mean over the lens and over each pixel's area.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from nearfar.effects import lens_blur

HEIGHT, WIDTH = 72, 96
CARD, WALL = 1.0, 0.25  # disparity


def checks(x, y):
    return np.where((np.floor(x / 7) + np.floor(y / 5)) % 2, 0.7, 0.12)[..., None] * (1.0, 0.8, 0.5)


def slope(x, y):
    return np.stack([0.1 + x / 200, 0.5 - y / 220, 0.3 + 0.1 * np.sin(x / 9)], -1)


def lamps(x, y):
    near = np.hypot(x % 32 - 11, y % 24 - 12) < 2
    return np.where(near[..., None], (9.0, 6.0, 3.0), (0.02, 0.03, 0.06))


def disc(x, y):
    return np.hypot(x - 45, y - 38) < 20


def bars(x, y):
    return x % 16 < 5


def nothing(x, y):
    return np.zeros(x.shape, bool)


@dataclass(frozen=True)
class Scene:
    outline: object
    card: object
    wall: object
    focus: float
    strength: float
    least: float
    """dB that are asked for: about one less than there are."""

    def seen(self, x, y, lens_x, lens_y):
        """Colour at picture points, as some points of the unit disc see them."""
        card, wall = (self.strength * (self.focus - there) for there in (CARD, WALL))
        own = x + card * lens_x, y + card * lens_y
        far = x + wall * lens_x, y + wall * lens_y
        return np.where(self.outline(*own)[..., None], self.card(*own), self.wall(*far))


SCENES = {
    "sharp card, blurred checks": Scene(disc, slope, checks, CARD, 8, 38.5),
    "blurred card, sharp checks": Scene(disc, slope, checks, WALL, 8, 31.8),
    "both blurred, checks on both": Scene(disc, checks, checks, 0.6, 9, 34.5),
    "lamps behind sharp bars": Scene(bars, slope, lamps, CARD, 8, 36.5),
    "sharp lamps behind blurred bars": Scene(bars, slope, lamps, WALL, 5, 44.5),
    "a wall alone": Scene(nothing, slope, checks, CARD, 6, 46.5),
}


def lattice(count):
    """So many points of the unit square."""
    index = np.arange(count)
    return (index + 0.5) / count, index * (np.sqrt(5) / 2 - 0.5) % 1


@cache
def photographs(scene):
    """The sharp picture, its disparity, and the photograph."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    sharp = np.zeros((HEIGHT, WIDTH, 3))
    photograph = np.zeros_like(sharp)
    count = 900
    across, angle = lattice(count)
    reach = np.sqrt(across)
    lens_x, lens_y = reach * np.cos(2 * np.pi * angle), reach * np.sin(2 * np.pi * angle)
    steps = np.arange(count)
    in_x, in_y = steps * np.sqrt(2) % 1, steps * np.sqrt(3) % 1
    for k in range(count):
        sharp += scene.seen(x + in_x[k], y + in_y[k], 0.0, 0.0)
        photograph += scene.seen(x + in_x[k], y + in_y[k], lens_x[k], lens_y[k])
    disparity = np.where(scene.outline(x + 0.5, y + 0.5), CARD, WALL)
    return (sharp / count).astype(np.float32), disparity.astype(np.float32), photograph / count


def coded(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("effort", ["standard", "best"])
def test_it_is_near_what_the_lens_takes(name, effort) -> None:
    scene = SCENES[name]
    sharp, disparity, photograph = photographs(scene)
    found = lens_blur(sharp, disparity, focus_disparity=scene.focus, strength=scene.strength, effort=effort)
    inside = np.s_[8:-8, 8:-8]  # what is beyond the border no renderer can know
    error = (coded(found) - coded(photograph))[inside]
    assert -10 * np.log10(np.mean(error**2)) >= scene.least
