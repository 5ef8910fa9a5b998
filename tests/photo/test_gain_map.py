"""Laws of HDR gain maps: zero gain changes nothing, full gain reaches the headroom, real files agree."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from nearfar.errors import CorruptFile, FileError, UnsupportedFile
from nearfar.photo import color, exif, xmp
from nearfar.photo.color_space import srgb_encode
from nearfar.photo.gain_map import (
    AppleGainMap,
    GainMapMetadata,
    apple_headroom,
    apply_gain_map,
    parse_tone_map,
    read_hdrgm,
)
from nearfar.photo.icc import PROFILES
from photo.test_exif import block

ULTRA_HDR = GainMapMetadata((0.0,) * 3, (2.3,) * 3, headroom_alternate=2.3)
PICTURES = arrays(np.float32, (5, 7, 3), elements=st.floats(0, 1, width=32))


def payload(channels: int = 1, *, flags: int | None = None) -> bytes:
    """A tone map's metadata: 0..2 stops, gamma 1, offsets 1/64, base 0, alternate 2 stops."""
    head = struct.pack(">BHHB", 0, 0, 0, (0x80 if channels == 3 else 0) if flags is None else flags)
    channel = struct.pack(">iIiIIIiIiI", 0, 1, 2, 1, 1, 1, 1, 64, 1, 64)
    return head + struct.pack(">IIII", 0, 1, 2, 1) + channel * channels


@given(PICTURES)
@pytest.mark.parametrize(
    "metadata", [AppleGainMap(4.0), ULTRA_HDR, GainMapMetadata((0.0,) * 3, (3.0,) * 3, (2.2,) * 3)]
)
def test_zero_gain_changes_nothing(metadata: AppleGainMap | GainMapMetadata, picture: np.ndarray) -> None:
    result = apply_gain_map(picture, np.zeros((3, 4), np.uint8), metadata)
    assert result is not picture
    np.testing.assert_allclose(result, picture, atol=0 if isinstance(metadata, AppleGainMap) else 1e-7)


@given(PICTURES, st.floats(1, 8), st.sampled_from([np.uint8, np.uint16]))
def test_full_gain_reaches_the_headroom(picture: np.ndarray, headroom: float, dtype: type) -> None:
    codes = np.full((2, 2), np.iinfo(dtype).max, dtype)
    np.testing.assert_allclose(
        apply_gain_map(picture, codes, AppleGainMap(headroom)), picture * headroom, rtol=1e-6
    )
    stops = float(np.log2(headroom))
    metadata = GainMapMetadata((0.0,) * 3, (stops,) * 3, offset_sdr=(0.0,) * 3, offset_hdr=(0.0,) * 3)
    np.testing.assert_allclose(apply_gain_map(picture, codes, metadata), picture * headroom, rtol=1e-5)


@given(arrays(np.uint8, (3, 4)))
def test_more_gain_is_never_darker(codes: np.ndarray) -> None:
    picture = np.full((6, 8, 3), 0.5, np.float32)
    for metadata in (AppleGainMap(3.5), ULTRA_HDR):
        dim = apply_gain_map(picture, codes // 2, metadata)
        assert (apply_gain_map(picture, codes, metadata) >= dim).all()
        assert (dim >= 0.5 - 1e-6).all()


def test_the_map_is_stretched_centre_over_centre() -> None:
    codes = np.array([[0, 255]], np.uint8)
    metadata = AppleGainMap(2.0)
    row = apply_gain_map(np.ones((1, 4, 3), np.float32), codes, metadata)[0, :, 0]
    np.testing.assert_allclose(row, [1, 1.25, 1.75, 2])
    column = apply_gain_map(np.ones((4, 1, 3), np.float32), codes.T, metadata)[:, 0, 0]
    np.testing.assert_allclose(column, row)


def test_a_map_of_three_channels_works_on_each() -> None:
    codes = np.zeros((1, 1, 3), np.uint8)
    codes[..., 1] = 255
    for metadata, top in ((AppleGainMap(3.0), 3.0), (GainMapMetadata((0.0,) * 3, (1.0, 2.0, 3.0)), None)):
        light = apply_gain_map(np.full((2, 2, 3), 0.5, np.float32), codes, metadata)[0, 0]
        expected = 0.5 * 3 if top else (0.5 + 1 / 64) * 4 - 1 / 64
        np.testing.assert_allclose(light, [0.5, expected, 0.5], rtol=1e-6)


def test_a_bright_base_picture_stays() -> None:
    metadata = GainMapMetadata((-2.0,) * 3, (0.0,) * 3, headroom_base=2.0, headroom_alternate=0.0)
    picture = np.full((2, 2, 3), 3.0, np.float32)
    np.testing.assert_array_equal(apply_gain_map(picture, np.zeros((1, 1), np.uint8), metadata), picture)


def test_wrong_shapes_are_refused() -> None:
    picture, codes = np.ones((2, 2, 3), np.float32), np.zeros((1, 1), np.uint8)
    with pytest.raises(ValueError, match="the picture is"):
        apply_gain_map(picture[..., 0], codes, ULTRA_HDR)
    with pytest.raises(ValueError, match="float64"):
        apply_gain_map(picture, codes.astype(float), ULTRA_HDR)
    with pytest.raises(ValueError, match="the gain map is"):
        apply_gain_map(picture, codes[None, None], ULTRA_HDR)


@pytest.mark.parametrize("space", ["srgb", "display-p3"])
@pytest.mark.parametrize("profile", [None, *PROFILES.values()])
def test_the_curve_goes_on_above_white(space: str, profile: bytes | None) -> None:
    """Also where the picture is in that space already, and there is nothing else to convert."""
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) + 184
    gain = np.array([[0, 255]], np.uint8), AppleGainMap(4.0)
    encoded = color.convert(picture, profile, space=space, dtype="float32", gain=gain)
    light = color.convert(picture, profile, space=f"linear-{space}", dtype="float32", gain=gain)
    np.testing.assert_allclose(encoded, srgb_encode(light), atol=1e-5)
    assert encoded.max() > 1.5


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("space", ["srgb", "linear-srgb"])
def test_integers_hold_no_gain_map(space: str, dtype: str) -> None:
    picture, gain = np.zeros((2, 2, 3), np.uint8), (np.zeros((1, 1), np.uint8), AppleGainMap(2.0))
    with pytest.raises(ValueError, match=f"{dtype} ends"):
        color.convert(picture, None, space=space, dtype=dtype, gain=gain)


# Metadata


@pytest.mark.parametrize(
    ("headroom", "gain", "stops"),
    [
        (0.5, 0.0, 1.8),
        (0.5, 0.01, 1.6),
        (0.5, 1.0, 1.5),
        (1.0, 0.0, 3.0),
        (1.0, 0.01, 2.3),
        (1.5, 1.0, 2.0),
        (1.0, 9.0, 0.0),
        (0.88, None, 1.8),
    ],
)
def test_apples_headroom(headroom: float, gain: float | None, stops: float) -> None:
    assert apple_headroom(headroom, gain) == pytest.approx(2**stops)
    assert apple_headroom(None, None) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_a_tone_map_reads_back(channels: int) -> None:
    assert parse_tone_map(payload(channels)) == GainMapMetadata(
        (0.0,) * 3, (2.0,) * 3, headroom_alternate=2.0
    )


@given(st.integers(0, 150), st.binary(max_size=8), st.integers(0, 150))
def test_a_mutated_tone_map_is_read_or_refused(at: int, noise: bytes, cut: int) -> None:
    data = payload(3)
    try:
        metadata = parse_tone_map((data[:at] + noise + data[at + len(noise) :])[:cut])
    except FileError:
        return
    assert np.isfinite(apply_gain_map(np.ones((1, 1, 3)), np.full((1, 1), 255, np.uint8), metadata)).all()


def test_tone_maps_that_lie_are_refused() -> None:
    with pytest.raises(CorruptFile, match="ends too early"):
        parse_tone_map(b"")
    with pytest.raises(CorruptFile, match="62 of 142 bytes") as caught:
        parse_tone_map(payload(1, flags=0x80), offset=7)
    assert caught.value.offset == 7
    with pytest.raises(CorruptFile, match="division by zero"):
        parse_tone_map(payload()[:6] + bytes(56))
    with pytest.raises(UnsupportedFile):
        parse_tone_map(b"\1" + payload()[1:])


def test_ultra_hdr_tags() -> None:
    assert read_hdrgm({"hdrgm:Version": "1.0"}) is None
    tags = {"hdrgm:GainMapMax": ("1", "2", "3"), "hdrgm:Gamma": "2", "hdrgm:HDRCapacityMax": "3"}
    assert read_hdrgm(tags) == GainMapMetadata(
        (0.0,) * 3, (1.0, 2.0, 3.0), (2.0,) * 3, headroom_alternate=3.0
    )
    swapped = read_hdrgm({**tags, "hdrgm:BaseRenditionIsHDR": "True"})
    assert swapped is not None
    assert swapped.base_is_hdr
    for wrong in (
        {"hdrgm:GainMapMax": "much"},
        {"hdrgm:GainMapMax": ("1", "2")},
        {"hdrgm:GainMapMax": "nan"},
    ):
        with pytest.raises(CorruptFile):
            read_hdrgm(wrong)


# Real files


def test_an_iphone_jpeg_gets_brighter_where_it_should(samples: Path) -> None:
    path = samples / "photos/apple/iphone12mini_depth_gainmap.jpg"
    tags = exif.read(block(path))
    headroom = apple_headroom(tags.hdr_headroom, tags.hdr_gain)
    assert headroom == pytest.approx(2**1.8)
    with Image.open(path) as image:
        picture, profile = np.asarray(image), image.info["icc_profile"]
        image.seek(1)
        codes = np.asarray(image)
    assert codes.shape == (1512, 2016)
    _check_brightening(picture, profile, codes, AppleGainMap(headroom))


def test_an_iphone_heic_gets_brighter_where_it_should(samples: Path) -> None:
    path = samples / "photos/apple/iphone13pro_dualwide.heic"
    tags = exif.read(block(path))
    headroom = apple_headroom(tags.hdr_headroom, tags.hdr_gain)
    assert headroom is not None
    _check_brightening(*_heic(path, "apple"), AppleGainMap(headroom))


def test_a_samsung_heic_gets_brighter_where_it_should(samples: Path) -> None:
    path = samples / "photos/no-depth/samsung_gainmap.heic"
    packets = re.findall(rb"<x:xmpmeta.*?</x:xmpmeta>", path.read_bytes(), re.DOTALL)
    (metadata,) = filter(None, (read_hdrgm(xmp.parse(packet).tags) for packet in packets))
    assert metadata == GainMapMetadata(
        (0.0,) * 3, (2.3,) * 3, offset_sdr=(0.0,) * 3, offset_hdr=(0.0,) * 3, headroom_alternate=2.3
    )
    _check_brightening(*_heic(path, "samsung"), metadata)


def _heic(path: Path, maker: str) -> tuple[np.ndarray, bytes, np.ndarray]:
    import pillow_heif

    heif = pillow_heif.open_heif(path)
    (number,) = heif.info["aux"][next(urn for urn in heif.info["aux"] if maker in urn and "gain" in urn)]
    codes = np.asarray(heif.get_aux_image(number).to_pillow())
    return np.asarray(heif.to_pillow()), heif.info["icc_profile"], codes


def _check_brightening(
    picture: np.ndarray, profile: bytes, codes: np.ndarray, metadata: AppleGainMap | GainMapMetadata
) -> None:
    options = {"space": "linear-display-p3", "dtype": "float32"}
    standard = color.convert(picture, profile, **options)
    bright = color.convert(picture, profile, gain=(codes, metadata), **options)
    np.testing.assert_allclose(bright, apply_gain_map(standard, codes, metadata), atol=2e-5)
    top = metadata.headroom if isinstance(metadata, AppleGainMap) else 2**2.3
    lit = standard > 0.01
    ratio = bright[lit] / standard[lit]
    assert ratio.min() >= 1 - 1e-5
    assert ratio.max() <= top * (1 + 1e-5)
    assert bright.max() > 1
    with pytest.raises(ValueError, match="uint8 ends"):
        color.convert(picture, profile, gain=(codes, metadata))
