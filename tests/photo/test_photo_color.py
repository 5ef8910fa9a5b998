"""`Photo.color` and `Photo.color_as` on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from nearfar.photo.color_space import srgb_encode

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
    for space in ("display-p3", "linear-srgb"):
        standard, bright = (photo.color_as(space, "float32", gain_map=wanted) for wanted in (False, True))
        np.testing.assert_array_equal(standard, bright)
    with pytest.raises(ValueError, match="uint8 ends"):
        photo.color_as("srgb", gain_map=True)


@pytest.mark.samples
@pytest.mark.parametrize("name", BRIGHT)
def test_every_space_holds_the_bright_picture(samples: Path, name: str) -> None:
    photo = nf.open(samples / "photos" / name)
    bright = photo.color_as(space="display-p3", dtype="float32", gain_map=True)
    assert bright.dtype == np.float32
    assert bright.max() > 1.02
    light = photo.color_as("linear-display-p3", "float32", gain_map=True)
    np.testing.assert_allclose(bright, srgb_encode(light), atol=1e-4)


def test_a_made_photo_refuses_what_an_opened_one_does() -> None:
    photo = nf.Photo(np.full((4, 6, 3), 200, np.uint8))
    with pytest.raises(ValueError, match="uint8 ends"):
        photo.color_as(gain_map=True)
    np.testing.assert_array_equal(
        photo.color_as("srgb", "float32", gain_map=True), photo.color_as("srgb", "float32")
    )


@pytest.mark.samples
def test_a_stereo_pair_has_the_colours_of_the_picture(samples: Path) -> None:
    photo = nf.open(samples / "photos/spatial/visionpro_spatial.heic")
    pair = photo.stereo
    assert pair is not None
    assert pair.left.dtype == pair.right.dtype == np.uint8
    assert any(np.array_equal(photo.color, eye) for eye in (pair.left, pair.right))


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


@pytest.mark.samples
@pytest.mark.parametrize("name", BRIGHT)
def test_the_gain_is_what_brightens_the_picture(samples: Path, name: str) -> None:
    photo = nf.open(samples / "photos" / name)
    gain = photo.gain()
    assert gain is not None
    standard = photo.color_as("linear-display-p3", "float32")
    bright = photo.color_as("linear-display-p3", "float32", gain_map=True)
    step = round(standard.shape[0] / gain.shape[0])
    lit = standard.min(axis=2) > 0.2
    ratio = (bright / np.maximum(standard, 1e-3)).max(axis=2)
    small = ratio[step // 2 :: step, step // 2 :: step][: gain.shape[0], : gain.shape[1]]
    where = lit[step // 2 :: step, step // 2 :: step][: gain.shape[0], : gain.shape[1]]
    assert np.abs(small - gain.reshape(*gain.shape[:2], -1).max(axis=2))[where].max() < 0.25


def test_a_made_photo_has_no_gain() -> None:
    assert nf.Photo(np.full((4, 6, 3), 200, np.uint8)).gain() is None
