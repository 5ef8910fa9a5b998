"""Laws of blurring with an HDR gain map: lamps blur with their own light, the look of the picture stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nearfar as nf
from nearfar.effects import lens_blur
from nearfar.errors import EstimationError

SETTINGS = {"focus_disparity": 1.0, "strength": 9.0}
FAR, SHARP = np.zeros((96, 128), np.float32), np.ones((96, 128), np.float32)


def lamp():
    """A lamp on grey, six times brighter than white."""
    y, x = np.mgrid[:96, :128]
    light = (x - 64) ** 2 + (y - 48) ** 2 < 5**2
    image = np.full((96, 128, 3), 70, np.uint8)
    image[light] = 250
    return image, np.where(light, 6.0, 1.0).astype(np.float32)


def noise(dtype):
    random = np.random.default_rng(1)
    if dtype == np.float32:
        return random.random((96, 128, 3), np.float32)
    return random.integers(0, np.iinfo(dtype).max + 1, (96, 128, 3)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(96, 128), (24, 32, 3), (7, 5)])
def test_what_is_in_focus_keeps_its_look(dtype, shape) -> None:
    image = noise(dtype)
    gain = np.random.default_rng(2).uniform(1, 8, shape)
    found = lens_blur(image, SHARP, gain=gain, **SETTINGS)
    if dtype == np.float32:
        assert np.allclose(found, image, rtol=1e-5)
    else:
        assert np.array_equal(found, image)


@pytest.mark.parametrize("value", [0.5, 1.0, 7.0])
def test_one_gain_for_all_changes_nothing(value) -> None:
    image = noise(np.uint8)
    assert np.array_equal(
        lens_blur(image, FAR, gain=np.full((9, 9), value), **SETTINGS), lens_blur(image, FAR, **SETTINGS)
    )


@pytest.mark.parametrize("channels", [(), (3,)])
def test_of_a_huge_map_means_are_used(channels) -> None:
    """As of one for each pixel of a large picture, which would not fit into memory thrice."""
    gain = np.random.default_rng(4).integers(1, 9, (5, 4097, *channels)).astype(np.float32)
    rows = np.stack([each.mean(axis=0) for each in np.split(gain, [3], axis=0)])
    means = np.stack([each.mean(axis=1) for each in np.split(rows, range(3, 4097, 3), axis=1)], axis=1)
    found, wanted = (
        lens_blur(noise(np.uint8), FAR, gain=way, **SETTINGS).astype(int) for way in (gain, means)
    )
    assert np.abs(found - wanted).max() <= 1


def test_lamps_become_bright_discs() -> None:
    image, gain = lamp()
    dull, bright = (lens_blur(image, FAR, gain=way, **SETTINGS).astype(int) for way in (None, gain))
    assert (bright[48, 64] > dull[48, 64] + 40).all()
    assert np.abs(bright[10, 10] - dull[10, 10]).max() <= 1
    assert (bright >= dull - 1).all()


def test_only_ratios_of_gains_matter() -> None:
    image, gain = lamp()
    one, twice = (lens_blur(image, FAR, gain=k * gain, **SETTINGS).astype(int) for k in (1, 2))
    assert np.abs(one - twice).max() <= 1


def test_a_lamp_in_focus_is_as_it_was_before_a_blurred_wall() -> None:
    image, gain = lamp()
    disparity = np.where(gain > 1, 1, 0).astype(np.float32)
    found = lens_blur(image, disparity, gain=gain, **SETTINGS)
    assert np.array_equal(found[46:50, 62:66], image[46:50, 62:66])


def test_with_a_gain_nothing_else_is_recovered() -> None:
    image, gain = lamp()
    image[image == 250] = 255
    assert np.array_equal(
        lens_blur(image, FAR, gain=gain, highlights="recover", **SETTINGS),
        lens_blur(image, FAR, gain=gain, **SETTINGS),
    )


@pytest.mark.parametrize("name", ["apple/iphone13pro_dualwide.heic", "apple/iphone12mini_depth_gainmap.jpg"])
def test_gain_maps_of_phones_keep_the_look_of_their_photos(samples: Path, name) -> None:
    photo = nf.open(samples / "photos" / name)
    gain = photo.gain()
    assert gain is not None
    image = photo.color
    sharp = np.ones(image.shape[:2], np.float32)
    assert np.array_equal(lens_blur(image, sharp, gain=gain, **SETTINGS), image)


@pytest.mark.parametrize(
    "gain", [np.ones(4), np.ones((2, 2, 2)), np.zeros((2, 2)), np.array([[1.0, np.nan]]), np.ones((0, 2))]
)
def test_wrong_gains_are_refused(gain) -> None:
    with pytest.raises(EstimationError, match="gain must be"):
        lens_blur(noise(np.uint8), FAR, gain=gain, **SETTINGS)


@pytest.mark.parametrize("strength", [0.0, 4.0])
@pytest.mark.parametrize("wrong", [[[np.nan]], [[1.0, 1e7]]])
def test_gains_that_are_none_are_refused(strength, wrong) -> None:
    with pytest.raises(EstimationError, match="gain"):
        lens_blur(noise(np.uint8), FAR, focus_disparity=1, strength=strength, gain=wrong)


def test_infinite_disparities_are_values_with_gains_too() -> None:
    disparity = np.random.default_rng(4).choice(np.float32([-np.inf, 0.2, np.inf]), (96, 128))
    gain = np.random.default_rng(2).uniform(1, 8, (31, 40))
    assert np.isfinite(lens_blur(noise(np.float32), disparity, gain=gain, **SETTINGS)).all()
