"""Laws of `Photo.unblurred`: light and profile stay, and nothing is lost on the way there and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ImageCms

import nearfar as nf
from nearfar.photo.coded_color import CodedColor
from nearfar.photo.color import convert
from nearfar.photo.icc import PROFILES


def gamma_profile(gamma: float) -> bytes:
    """A profile of sRGB's primaries with a plain power as its curve, as Adobe RGB has (2.2)."""
    data = bytearray(PROFILES["srgb"])
    at = data.index(b"para")
    data[at : at + 16] = b"para" + bytes(8) + round(gamma * 65536).to_bytes(4, "big")
    return bytes(data)


def every_code() -> np.ndarray:
    return np.arange(256, dtype=np.uint8)[:, None, None].repeat(7, axis=1).repeat(3, axis=2)


@pytest.mark.parametrize("icc", [None, PROFILES["srgb"], PROFILES["display-p3"]])
def test_codes_along_srgbs_curve_are_taken_as_they_are(icc: bytes | None) -> None:
    picture = CodedColor(every_code(), icc)
    assert picture.with_srgb_curve() is picture.codes
    back = CodedColor.of_srgb_curve(picture.codes.copy(), icc)
    assert back.icc == icc
    np.testing.assert_array_equal(back.codes, picture.codes)


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_another_curve_comes_back_code_for_code(gamma: float) -> None:
    picture = CodedColor(every_code(), gamma_profile(gamma))
    coded = picture.with_srgb_curve()
    assert coded.dtype == np.uint16
    np.testing.assert_array_equal(CodedColor.of_srgb_curve(coded, picture.icc).codes, picture.codes)


def test_another_curve_keeps_the_light() -> None:
    icc = gamma_profile(2.2)
    picture = CodedColor(every_code(), icc)
    light = convert(picture.codes, icc, space="linear-srgb", dtype="float32")
    again = convert(
        np.ascontiguousarray(picture.with_srgb_curve()), None, space="linear-srgb", dtype="float32"
    )
    np.testing.assert_allclose(again, light, atol=2e-5)


def test_sixteen_bits_become_the_nearest_eight() -> None:
    codes = np.arange(0, 65536, 5, dtype=np.uint16)[:, None, None].repeat(3, axis=2)
    back = CodedColor.of_srgb_curve(codes.copy(), None)
    assert back.codes.dtype == np.uint8
    assert np.abs(back.codes * 257.0 - codes).max() <= 128.5


def test_a_made_photo_keeps_its_profile() -> None:
    across, down = np.meshgrid(np.linspace(0, 255, 64), np.linspace(0, 255, 48))
    codes = np.stack([across, down, 255 - across], axis=2).astype(np.uint8)
    photo = nf.Photo(codes, icc=PROFILES["display-p3"])
    assert photo.metadata.icc == PROFILES["display-p3"]
    np.testing.assert_array_equal(photo.unblurred().codes, codes)
    np.testing.assert_array_equal(photo.color_as("display-p3"), codes)
    assert (photo.color != codes).any()
    for container in ("heic", "jpeg"):
        back = nf.open(photo.file_data(container))
        assert back.metadata.icc == PROFILES["display-p3"]
        assert np.abs(back.color_as("display-p3").astype(int) - codes).mean() < 3


def test_a_profile_of_tables_gives_display_p3() -> None:
    tables = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    picture = nf.Photo(every_code(), icc=tables).unblurred()
    assert picture.icc == PROFILES["display-p3"]
    assert picture.with_srgb_curve() is picture.codes


@pytest.mark.samples
def test_phones_photos_need_no_other_curve(samples: Path) -> None:
    for name in ("iphone13pro_dualwide.heic", "iphonex_depth.jpg"):
        photo = nf.open(samples / "photos" / "apple" / name)
        picture = photo.unblurred()
        assert picture.icc == photo.metadata.icc
        assert picture.with_srgb_curve() is picture.codes
        np.testing.assert_array_equal(picture.codes, photo.color_as("display-p3"))


@pytest.mark.samples
@pytest.mark.parametrize("name", ["lensblur_gdepth_1.jpg", "lensblur_gdepth_2.jpg"])
def test_lens_blurs_picture_is_the_one_from_before_the_blur(samples: Path, name: str) -> None:
    photo = nf.open(samples / "photos" / "android" / name)
    sharp, blurred = (picture[..., 1].astype(float) for picture in (photo.unblurred().codes, photo.color))
    assert sharp.shape == blurred.shape
    assert np.abs(np.diff(sharp, axis=0)).mean() > 1.2 * np.abs(np.diff(blurred, axis=0)).mean()
