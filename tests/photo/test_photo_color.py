"""`Photo.color` and `Photo.color_as` on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nearfar as nf

BRIGHT = {
    "apple/iphone13pro_dualwide.heic": 2**1.8,
    "apple/iphone12mini_depth_gainmap.jpg": 2**1.8,
    "no-depth/samsung_gainmap.heic": 2**2.3,
}


@pytest.mark.samples
@pytest.mark.parametrize("name", BRIGHT)
def test_a_gain_map_brightens_up_to_its_headroom(samples: Path, name: str) -> None:
    photo = nf.open(samples / "photos" / name)
    standard = photo.color_as("linear-display-p3", "float32")
    bright = photo.color_as("linear-display-p3", "float32", gain_map=True)
    lit = standard > 0.01
    ratio = bright[lit] / standard[lit]
    assert 1 - 1e-5 <= ratio.min() < ratio.max() <= BRIGHT[name] * (1 + 1e-5)
    assert bright.max() > 1.05


@pytest.mark.samples
def test_a_photo_without_gain_map_stays_as_it_is(samples: Path) -> None:
    photo = nf.open(samples / "photos/apple/iphonex_depth.jpg")
    standard, bright = (photo.color_as("linear-srgb", "float32", gain_map=wanted) for wanted in (False, True))
    np.testing.assert_array_equal(standard, bright)
    with pytest.raises(ValueError, match="linear space"):
        photo.color_as("srgb", gain_map=True)


@pytest.mark.samples
def test_color_is_srgb_and_the_same_light_as_display_p3(samples: Path) -> None:
    photo = nf.open(samples / "photos/apple/iphone12mini_depth_gainmap.jpg")
    exact = photo.color_as("srgb", "float32")
    assert (
        np.abs(photo.color - np.clip(exact, 0, 1) * 255).max() < 0.526
    )  # half a code, and half of a 65,535th of light at black
    assert not photo.color.flags.writeable
    assert photo.color is photo.color
    assert (photo.color != photo.color_as("display-p3")).any()
