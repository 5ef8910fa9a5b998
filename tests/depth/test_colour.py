"""False colours: lightness tells near from far, for every eye, and every map of a scene looks the same."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from depth.maps import depth_maps
from nearfar.depth import Accuracy, DepthKind, DepthMap, false_colour
from nearfar.depth.colour import HOLE, palette

# What an eye without one kind of cone sees, in linear sRGB (Machado, Oliveira and Fernandes, 2009).
EYES = {
    "all cones": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
RAMP = DepthMap(np.geomspace(0.5, 20, 600, dtype=np.float32).reshape(20, 30))


def lightness(colors: NDArray[np.uint8], eye: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB's L* of sRGB colours (N, 3) as an eye sees them."""
    srgb = colors / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    luminance = np.clip(linear @ np.transpose(eye), 0, 1) @ [0.2126, 0.7152, 0.0722]
    return 116 * np.cbrt(np.maximum(luminance, 0.008856)) - 16


@pytest.mark.parametrize("eye", EYES)
def test_lightness_grows_from_far_to_near(eye: str) -> None:
    steps = lightness(palette(), np.asarray(EYES[eye]))
    assert steps[-1] - steps[0] > 70
    # One colour may round down by a code, sixteen may not.
    assert np.diff(steps).min() > -0.7
    assert np.diff(steps[::16]).min() > 0


def test_the_palette_is_dark_and_cool_afar_bright_and_warm_nearby() -> None:
    colors = palette()
    assert colors.shape == (256, 3)
    assert colors[0, 2] > colors[0, 0]
    assert colors[-1, 0] > colors[-1, 2]
    assert len(np.unique(colors, axis=0)) > 250
    assert (np.ptp(colors.astype(int), axis=1) > 40).all(), "a colour could be mistaken for a hole"
    assert np.ptp(HOLE) == 0


@given(depth_maps(odd=False))
def test_depth_and_disparity_look_the_same(depth: DepthMap) -> None:
    there = false_colour(depth.to("depth", dtype=np.float32), near=0.5, far=50)
    back = false_colour(depth.to("disparity", dtype=np.float32), near=0.5, far=50)
    assert np.abs(there.astype(int) - back).max() <= 8


@given(depth_maps(), st.booleans())
def test_holes_are_grey_and_nothing_else_is(depth: DepthMap, scale: bool) -> None:
    picture = false_colour(depth)
    with np.errstate(invalid="ignore"):
        holes = ~depth.valid | (depth.values < 0)
    assert picture.shape == (*depth.shape, 3)
    np.testing.assert_array_equal((picture == HOLE).all(axis=-1), holes)
    assert false_colour(depth, scale=scale).dtype == np.uint8


def test_near_is_bright() -> None:
    for kind in DepthKind:
        bright = lightness(false_colour(RAMP.to(kind)).reshape(-1, 3), np.eye(3))
        assert np.diff(bright).max() < 0.7
        assert bright[0] > 85
        assert bright[-1] < 20


def test_the_ends_of_the_range() -> None:
    values = np.array([[0.0, 1, 2, 4, np.inf]], np.float32)
    picture = false_colour(DepthMap(values), near=1, far=4)[0]
    for index, code in ((0, 255), (1, 255), (3, 0), (4, 0)):
        np.testing.assert_array_equal(picture[index], palette()[code])
    np.testing.assert_array_equal(picture[2], palette()[round(255 / 3)])
    np.testing.assert_array_equal(false_colour(DepthMap(values), near=1, far=np.inf)[0, 4], palette()[0])


def test_a_speck_does_not_dim_the_picture() -> None:
    values = RAMP.to("disparity").values.copy()
    values[0, 0] = 1e6
    speck = false_colour(DepthMap(values, DepthKind.DISPARITY))
    assert np.abs(speck.astype(int) - false_colour(RAMP))[1:].max() < 16


def test_nonsense_ranges_are_refused() -> None:
    for near, far in ((4, 1), (0, 1), (-1, 1), (1, 1), (None, -1.0), (0.0, None), (100.0, None)):
        with pytest.raises(ValueError, match=r"near|far"):
            false_colour(RAMP, near=near, far=far)


@pytest.mark.parametrize("accuracy", Accuracy)
@pytest.mark.parametrize("metric", [True, False])
@pytest.mark.parametrize("shape", [(20, 30), (1, 1), (700, 40)])
def test_the_scale_stands_beside_the_picture(
    accuracy: Accuracy, metric: bool, shape: tuple[int, int]
) -> None:
    values = np.resize(RAMP.values, shape)
    depth = DepthMap(values, accuracy=accuracy, metric=metric)
    picture, scaled = false_colour(depth), false_colour(depth, scale=True)
    height = max(shape[0], 160)
    assert scaled.shape[0] == height
    top = (height - shape[0]) // 2
    np.testing.assert_array_equal(scaled[top : top + shape[0], : shape[1]], picture)
    bar = scaled[:, shape[1] :].reshape(-1, 3)
    assert (bar == palette()[-1]).all(axis=1).any()
    assert (bar == palette()[0]).all(axis=1).any()


def test_notebooks_show_the_picture_with_its_scale() -> None:
    shown = Image.open(io.BytesIO(RAMP._repr_png_()))
    np.testing.assert_array_equal(np.asarray(shown), false_colour(RAMP, scale=True))
