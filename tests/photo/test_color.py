"""Laws of colour conversion: round trips, grays, agreement with littlecms, and no work where none is due."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageCms

from nearfar.errors import CorruptFile
from nearfar.photo import color, icc
from nearfar.photo.color_space import (
    D50,
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    ColorSpace,
    Parametric,
    Table,
    from_code_points,
    srgb_encode,
)

P3 = icc.PROFILES["display-p3"]
PICTURES = arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(3)))


def cube(step: int = 15, dtype: type = np.uint8) -> np.ndarray:
    """A picture of colours from all over the cube, (n, n², 3)."""
    levels = np.arange(0, 256, step)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    return (grid.reshape(len(levels), -1, 3) * (257 if dtype is np.uint16 else 1)).astype(dtype)


def littlecms(picture: np.ndarray, source: bytes, target: bytes) -> np.ndarray:
    """The peer's answer, by its exact path."""
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(source)),
        ImageCms.ImageCmsProfile(io.BytesIO(target)),
        "RGB",
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.NOOPTIMIZE,
    )
    return np.array(ImageCms.applyTransform(Image.fromarray(picture), transform))


def distance(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a.astype(int) - b.astype(int)).max())


# Profiles


@pytest.mark.parametrize("name", ["srgb", "display-p3"])
def test_littlecms_opens_our_profiles_as_what_they_are(name: str) -> None:
    opened = ImageCms.ImageCmsProfile(io.BytesIO(icc.PROFILES[name])).profile
    space = {"srgb": SRGB, "display-p3": DISPLAY_P3}[name]
    assert opened.profile_description == space.name
    assert opened.is_matrix_shaper
    assert opened.version == pytest.approx(4.4)
    for read, expected in zip(
        (opened.red_colorant, opened.green_colorant, opened.blue_colorant),
        zip(*space.to_xyz, strict=True),
        strict=True,
    ):
        np.testing.assert_allclose(read[0], expected, atol=2e-5)


def test_our_display_p3_holds_the_numbers_of_a_phones(samples: Path) -> None:
    with Image.open(samples / "photos/apple/iphone12mini_depth_gainmap.jpg") as image:
        theirs = icc.read_profile(image.info["icc_profile"])
    assert theirs == icc.read_profile(P3)


def test_profiles_read_back() -> None:
    for space in (SRGB, DISPLAY_P3):
        read = icc.read_profile(icc.profile(space))
        assert read is not None
        assert read.name == space.name
        np.testing.assert_allclose(read.to_xyz, space.to_xyz, atol=1e-5)


@given(st.binary(max_size=60), st.integers(0, len(P3)), st.integers(0, len(P3)))
def test_a_mutated_profile_is_read_or_refused(noise: bytes, at: int, cut: int) -> None:
    mutated = (P3[:at] + noise + P3[at + len(noise) :])[:cut]
    try:
        space = icc.read_profile(mutated)
    except CorruptFile:
        space = None
    if space is not None:
        light = space.curves[0].decode(np.linspace(0, 1, 9))
        assert np.isfinite(light).all()
        assert ((light >= 0) & (light <= 1)).all()
    assert color.convert(cube(85), mutated).shape == (4, 16, 3)


def test_a_broken_profile_is_read_as_srgb_and_said(caplog: pytest.LogCaptureFixture) -> None:
    picture = cube(85)
    with caplog.at_level(logging.WARNING, "nearfar"):
        assert color.convert(picture, b"not a profile") is picture
    assert "ignored" in caplog.text


@pytest.mark.parametrize("curve", [Parametric(2.2), Table((0.0, 0.1, 0.4, 1.0)), SRGB_CURVE])
def test_curves_keep_black_and_white_and_rise(curve: Parametric | Table) -> None:
    light = curve.decode(np.linspace(0, 1, 100))
    np.testing.assert_allclose(light[[0, -1]], [0, 1], atol=1e-12)
    assert (np.diff(light) > 0).all()


@given(st.floats(-2, 2, width=32))
def test_srgb_encode_is_odd_and_undoes_the_curve(light: float) -> None:
    encoded = srgb_encode(np.float32([light, -light]))
    assert encoded[0] == -encoded[1]
    if 0 <= light <= 1:
        assert SRGB_CURVE.decode(np.float64([encoded[0]]))[0] == pytest.approx(light, abs=2e-6)


@pytest.mark.parametrize("transfer", [1, 2, 4, 8, 13, 16, 18])
@pytest.mark.parametrize("primaries", [1, 2, 9, 12, 77])
def test_code_points_give_spaces_with_white_where_it_belongs(primaries: int, transfer: int) -> None:
    space = from_code_points(primaries, transfer)
    np.testing.assert_allclose(np.sum(space.to_xyz, axis=1), D50, atol=1e-9)
    assert (space is SRGB) == (primaries != 9 and primaries != 12 and transfer in (1, 2, 13))
    white = {16: 0.5806888810416109, 18: 0.75}.get(transfer, 1.0)
    assert space.curves[0].decode(np.float64([white]))[0] == pytest.approx(1, abs=1e-6)


def test_a_space_without_volume_is_refused() -> None:
    with pytest.raises(ValueError, match="do not span"):
        ColorSpace("flat", (SRGB_CURVE,) * 3, ((1.0, 1.0, 1.0),) * 3)


# Conversion


@given(PICTURES)
def test_nothing_to_convert_is_the_identical_object(picture: np.ndarray) -> None:
    assert color.convert(picture, None) is picture
    assert color.convert(picture, icc.PROFILES["srgb"]) is picture
    assert color.convert(picture, P3, space="display-p3") is picture
    assert color.convert(picture, None, nclx=(1, 13)) is picture


def test_littlecms_own_srgb_is_srgb() -> None:
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = cube(51)
    assert color.convert(picture, theirs) is picture


@pytest.mark.parametrize("space", ["srgb", "display-p3"])
@pytest.mark.parametrize("source", [None, P3])
def test_grays_stay_gray(space: str, source: bytes | None) -> None:
    grays = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    np.testing.assert_array_equal(color.convert(grays, source, space=space), grays)


def test_a_phones_grays_stay_gray(samples: Path) -> None:
    import pillow_heif

    grays = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for name in ("apple/iphone13pro_dualwide.heic", "no-depth/samsung_gainmap.heic"):
        profile = pillow_heif.open_heif(samples / "photos" / name).info["icc_profile"]
        np.testing.assert_array_equal(color.convert(grays, profile), grays)


def test_in_gamut_round_trip_is_within_a_code() -> None:
    picture = cube(5).reshape(-1, 1, 3)
    exact = color.convert(picture, P3, dtype="float32")
    inside = picture[((exact >= 0) & (exact <= 1)).all(axis=(1, 2))]
    assert len(inside) > 50_000
    assert distance(color.convert(color.convert(inside, P3), None, space="display-p3"), inside) <= 1


def test_sixteen_bits_hold_the_round_trip_exactly() -> None:
    wide = color.convert(cube(), None, space="display-p3", dtype="uint16")
    np.testing.assert_array_equal(color.convert(wide, P3), cube())


@pytest.mark.parametrize("space", ["srgb", "display-p3"])
def test_agrees_with_littlecms_on_a_phones_profile(samples: Path, space: str) -> None:
    for name in ("iphone12mini_depth_gainmap.jpg", "iphonex_depth.jpg"):
        with Image.open(samples / "photos/apple" / name) as image:
            profile = image.info["icc_profile"]
            picture = np.concatenate([cube(5).reshape(-1, 3), np.asarray(image)[::16, ::16].reshape(-1, 3)])[
                None
            ]
        theirs = littlecms(picture, profile, icc.PROFILES[space])
        assert distance(color.convert(picture, profile, space=space), theirs) <= 1


def test_a_profile_with_tables_goes_through_littlecms() -> None:
    curves_only = ColorSpace("gamma 1.8", (Parametric(1.8),) * 3, DISPLAY_P3.to_xyz)
    assert curves_only.matrix_to(DISPLAY_P3) == pytest.approx(np.eye(3))
    table_tag = P3.replace(b"cprt", b"A2B0", 1)
    assert icc.read_profile(table_tag) is None
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert icc.read_profile(lab) is None
    picture = cube(51)
    np.testing.assert_array_equal(color.convert(picture, lab), picture)


def test_a_profile_with_curve_tables_agrees_with_littlecms() -> None:
    values = (np.linspace(0, 1, 1024) ** 1.8 * 65535).round().astype(">u2")
    curve = b"curv" + bytes(4) + len(values).to_bytes(4, "big") + values.tobytes()
    profile = bytearray(P3)
    for at in range(132, 132 + 12 * 10, 12):
        if profile[at + 1 : at + 4] == b"TRC":
            profile[at + 4 : at + 12] = len(P3).to_bytes(4, "big") + len(curve).to_bytes(4, "big")
    profile += curve
    profile[:4] = len(profile).to_bytes(4, "big")
    picture = cube()
    theirs = littlecms(picture, bytes(profile), icc.PROFILES["srgb"])
    assert distance(color.convert(picture, bytes(profile)), theirs) <= 1


@pytest.mark.parametrize("space", ["srgb", "display-p3", "linear-srgb", "linear-display-p3"])
@pytest.mark.parametrize("source", [None, P3])
def test_sample_types_agree(space: str, source: bytes | None) -> None:
    picture = cube(17)
    exact = color.convert(picture, source, space=space, dtype="float32")
    assert exact.dtype == np.float32
    for dtype, top in (("uint8", 255), ("uint16", 65535)):
        codes = color.convert(picture, source, space=space, dtype=dtype)
        assert codes.dtype == dtype
        assert np.abs(codes - np.clip(exact, 0, 1) * top).max() < 0.526 + top * 1e-6
    deep = color.convert(picture.astype(np.uint16) * 257, source, space=space, dtype="float32")
    np.testing.assert_allclose(deep, exact, atol=1e-6)


def test_out_of_gamut_light_is_kept_in_floats_and_clipped_in_integers() -> None:
    green = np.uint8([[[0, 255, 0]]])
    encoded = color.convert(green, P3, dtype="float32")[0, 0]
    assert encoded[0] < -0.1
    assert encoded[1] > 1
    np.testing.assert_array_equal(color.convert(green, P3)[0, 0], [0, 255, 0])
    back = color.convert(green, P3, space="linear-display-p3", dtype="float32")
    np.testing.assert_allclose(back[0, 0], [0, 1, 0], atol=2e-6)


@settings(max_examples=20)
@given(arrays(np.uint16, (2, 3, 3)))
def test_sixteen_bits_become_eight_by_rounding(picture: np.ndarray) -> None:
    expected = np.rint(picture / 257).astype(np.uint8)
    np.testing.assert_array_equal(color.convert(picture, None), expected)


def test_strips_do_not_show() -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (1200, 1000, 3), dtype=np.uint8)
    whole = color.convert(picture, P3)
    for rows in (slice(0, 1), slice(700, 703), slice(1199, 1200)):
        np.testing.assert_array_equal(whole[rows], color.convert(picture[rows], P3))


def test_what_cannot_be_asked_is_refused() -> None:
    picture = cube(85)
    with pytest.raises(ValueError, match="space must be one of"):
        color.convert(picture, None, space="adobe-rgb")
    with pytest.raises(ValueError, match="dtype must be one of"):
        color.convert(picture, None, dtype="float64")
    with pytest.raises(ValueError, match="not \\(H, W, 3\\)"):
        color.convert(picture[..., 0], None)
