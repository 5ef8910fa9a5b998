"""False colours: lightness tells near from far and values from holes, for every eye, in maps of all kinds."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from depth.maps import depth_maps
from nearfar.depth import Accuracy, DepthKind, DepthMap, false_colour
from nearfar.depth.colour import HOLE, palette, ticks, unit_of

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
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


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


@pytest.mark.parametrize("eye", EYES)
def test_no_colour_is_like_a_hole(eye: str) -> None:
    here = np.asarray(EYES[eye])
    colors, holes = lightness(palette(), here), lightness(np.array(HOLE, np.uint8), here)
    assert len(np.unique(HOLE, axis=0)) == 2
    # A difference in CIELAB is at least that in lightness; 2.3 is just noticeable.
    assert np.abs(colors[:, None] - holes).min() > 8
    assert holes.min() < colors.min()
    assert holes.max() > colors.max()


@pytest.mark.parametrize("size", [(40, 30), (768, 576), (1200, 1600)])
def test_a_hole_of_some_size_shows_both_its_colours(size: tuple[int, int]) -> None:
    values = np.full(size[::-1], np.nan, np.float32)
    values[0] = 1
    picture = false_colour(DepthMap(values))[1:]
    dark = (picture == HOLE[0]).all(axis=-1)
    assert (dark | (picture == HOLE[1]).all(axis=-1)).all()
    assert 0.4 < dark.mean() < 0.6
    # Shown small, the stripes do not run together into a grey.
    small = np.asarray(Image.fromarray(picture).resize((200, 200), Image.Resampling.BOX))
    assert small.std() > 40


@given(depth_maps(odd=False))
def test_depth_and_disparity_look_the_same(depth: DepthMap) -> None:
    there = false_colour(depth.to("depth", dtype=np.float32), near=0.5, far=50)
    back = false_colour(depth.to("disparity", dtype=np.float32), near=0.5, far=50)
    assert np.abs(there.astype(int) - back).max() <= 8


@given(depth_maps(), st.booleans())
def test_holes_are_black_or_white_and_nothing_else_is(depth: DepthMap, scale: bool) -> None:
    picture = false_colour(depth)
    with np.errstate(invalid="ignore"):
        holes = ~depth.valid | (depth.values < 0)
    assert picture.shape == (*depth.shape, 3)
    np.testing.assert_array_equal((picture[..., None, :] == HOLE).all(axis=-1).any(axis=-1), holes)
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
    for near in (np.inf, np.nan, -np.inf):
        for far in (None, 10.0, np.inf):
            with pytest.raises(ValueError, match="near"):
                false_colour(RAMP, near=near, far=far)
    with pytest.raises(ValueError, match="far"):
        false_colour(RAMP, far=np.nan)


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


@given(st.floats(0, 100), st.floats(1e-6, 100), st.floats(0.02, 0.2))
def test_the_marks_of_a_scale_say_the_distances_they_stand_at(
    least: float, span: float, spacing: float
) -> None:
    marks = ticks(least, least + span, spacing)
    shares = [share for share, _ in marks]
    assert (shares[0], shares[-1]) == (0, 1)
    assert min(np.diff(shares)) >= spacing
    for share, label in marks:
        assert label.isascii(), "Pillow's own font has no more"
        disparity = least + share * span
        assert float(label) == pytest.approx(1 / disparity if disparity else np.inf, rel=5.1e-3)


def test_the_labels_of_a_scale() -> None:
    assert [label for _, label in ticks(0, 1, 0.15)] == ["inf", "5", "2", "1.5", "1"]
    labels = [label for _, label in ticks(1 / 1987, 1 / 12.34, 0.1)]
    assert labels[0] == "1990"
    assert labels[-1] == "12.3"
    assert ticks(1e-9, 1, 0.5)[0][1] == "1e+09"


def drawn(words: str) -> NDArray[np.bool_]:
    """Some words as the smallest scale draws them: where they have ink."""
    font = ImageFont.load_default(11)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(words, anchor="lm"))
    canvas = Image.new("L", (right - left, bottom - top), 24)
    ImageDraw.Draw(canvas).text((-left, -top), words, fill=235, font=font, anchor="lm")
    return np.asarray(canvas) > 160


def holds(picture: NDArray[np.uint8], words: str) -> bool:
    """Whether the words stand somewhere in the scale beside a picture."""
    ink = picture.min(axis=-1) > 160
    wanted = drawn(words)
    windows = np.lib.stride_tricks.sliding_window_view(ink, wanted.shape)
    return bool((windows == wanted).all(axis=(-1, -2)).any())


@pytest.mark.parametrize(
    ("fields", "unit"),
    [
        ({"accuracy": Accuracy.ABSOLUTE}, "m"),
        ({"accuracy": Accuracy.RELATIVE}, "m (nominal)"),
        ({"metric": False}, "no unit"),
        ({"metric": False, "accuracy": Accuracy.ABSOLUTE}, "no unit"),
    ],
)
def test_the_scale_names_its_unit_and_its_ends(fields: dict[str, Any], unit: str) -> None:
    depth = RAMP.replace(**fields)
    assert unit_of(depth) == unit
    scale = false_colour(depth, near=0.5, far=1500, scale=True)[:, depth.width :]
    for words in (unit, "0.5", "1500"):
        assert holds(scale, words)
    assert not holds(scale, "relative")
    assert not holds(scale, "1.5e+03")


def test_nothing_finite_has_no_scale() -> None:
    holes = DepthMap(np.full((20, 30), np.nan, np.float32))
    sky = DepthMap(np.full((20, 30), np.inf, np.float32))
    for depth in (holes, sky):
        np.testing.assert_array_equal(false_colour(depth, scale=True), false_colour(depth))
        assert false_colour(depth, near=1, far=4, scale=True).shape[1] > depth.width


def test_notebooks_show_the_picture_with_its_scale() -> None:
    shown = Image.open(io.BytesIO(RAMP._repr_png_()))
    np.testing.assert_array_equal(np.asarray(shown), false_colour(RAMP, scale=True))
