"""Laws of grain: measured in a sharp picture, put back where a blur has removed it."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import numpy as np
import pytest

from nearfar import _native
from nearfar.effects import lens_blur
from nearfar.effects.grain import Grain, add_grain, measure_grain
from reference.settings import everywhere

SHAPE = (160, 240)
LIGHT = np.linspace(0.2, 0.8, SHAPE[1])[None, :, None] * np.array([1, 0.9, 0.8])
DEVIATION = 0.008 + 0.02 * LIGHT


def grainy(dtype=np.uint8, coarse=0.0, seed=1):
    """A smooth picture with grain that grows with its brightness."""
    noise = np.random.default_rng(seed).normal(0, 1, (*SHAPE, 3))
    for axis in (0, 1):
        noise = (np.roll(noise, 1, axis) + np.roll(noise, -1, axis)) * coarse + noise
    noise /= 1 + 2 * coarse**2
    values = np.clip(np.broadcast_to(LIGHT, noise.shape) + noise * DEVIATION, 0, 1)
    return (
        values.astype(dtype) if dtype == np.float32 else np.rint(values * np.iinfo(dtype).max).astype(dtype)
    )


def halves():
    """Disparity: the upper half is in focus at 1, the lower one at 0 is not."""
    disparity = np.zeros(SHAPE, np.float32)
    disparity[:80] = 1
    return disparity


def deviations(picture, columns):
    top = 1 if picture.dtype == np.float32 else np.iinfo(picture.dtype).max
    flat = picture[110:150, columns] / top - LIGHT[:, columns]
    return flat.std(axis=(0, 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("coarse", [0.0, 0.2])
@pytest.mark.parametrize("strength", [1.5, 4.0, 15.0])
def test_blurred_surfaces_are_as_grainy_as_sharp_ones(dtype, coarse, strength) -> None:
    image = grainy(dtype, coarse)
    found = lens_blur(image, halves(), focus_disparity=1.0, strength=strength, grain=True)
    for columns in (slice(40, 80), slice(160, 200)):
        assert np.allclose(deviations(found, columns), deviations(image, columns), rtol=0.15)


def test_in_focus_nothing_is_added() -> None:
    image = grainy()
    found = lens_blur(image, halves(), focus_disparity=1.0, strength=5.0, grain=True)
    assert np.array_equal(found[:70], image[:70])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_clean_picture_stays_clean(dtype) -> None:
    ramp = np.rint(np.broadcast_to(LIGHT, (*SHAPE, 3)) * np.iinfo(dtype).max).astype(dtype)
    assert measure_grain(ramp) is None


def test_texture_is_no_grain() -> None:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    waves = 0.5 + 0.2 * np.sin(x / 2.5) * np.sin(y / 3.1)
    image = np.rint(np.repeat(waves[..., None], 3, axis=2) * 255).astype(np.uint8)
    found = measure_grain(image)
    assert found is None or found.levels.max() < 0.01


def test_the_mean_stays() -> None:
    image, settings = grainy(), {"focus_disparity": 1.0, "strength": 6.0}
    clean, found = (lens_blur(image, halves(), grain=grain, **settings) for grain in (False, True))
    assert abs(found[90:].mean() - clean[90:].mean()) < 0.05


def test_the_same_bits_come_out_everywhere() -> None:
    image, grain = grainy(), measure_grain(grainy(coarse=0.2))
    assert grain is not None
    everywhere(lambda: add_grain(image, halves(), grain, focus_disparity=1.0, strength=6.0))


def test_grain_that_channels_share_is_grey() -> None:
    levels = np.full((3, 32), 0.02, np.float32)
    grey = np.full((*SHAPE, 3), 0.25, np.float32)
    found = add_grain(grey, halves(), Grain(levels, 0.3, 1.0), focus_disparity=1.0, strength=9.0)[90:]
    assert np.array_equal(found[..., 0], found[..., 2])
    assert 0.019 < found[..., 0].std() < 0.021
    assert np.corrcoef(found[:, 1:, 0].ravel(), found[:, :-1, 0].ravel())[0, 1] == pytest.approx(
        0.51, abs=0.03
    )


def test_small_pictures_have_no_grain_to_measure() -> None:
    assert measure_grain(np.zeros((1, 1, 3), np.uint8)) is None
    assert measure_grain(np.full((40, 3, 3), 7, np.uint16)) is None


def test_wrong_calls_are_refused() -> None:
    levels = np.zeros((3, 32), np.float32)
    with pytest.raises(ValueError, match="of its size"):
        _native.add_grain(grainy(), np.zeros((2, 2), np.float32), 1.0, 1.0, levels, 0.0, 0.0)
    with pytest.raises(ValueError, match="no grain"):
        _native.add_grain(grainy(), halves(), 1.0, 1.0, levels[:2], 0.0, 0.0)


def test_it_can_be_cancelled_once_the_blur_is_done() -> None:
    cancel = threading.Event()

    def told(done: float) -> None:
        if done == 1.0:
            cancel.set()

    words = {"focus_disparity": 1.0, "strength": 5.0, "cancel": cancel, "progress": told}
    blurred = lens_blur(grainy(), halves(), **words)
    cancel.clear()
    with pytest.raises(CancelledError):
        lens_blur(grainy(), halves(), **words, grain=True)
    grain = measure_grain(grainy())
    assert grain is not None
    with pytest.raises(CancelledError):
        add_grain(blurred, halves(), grain, focus_disparity=1.0, strength=5.0, cancel=cancel)
