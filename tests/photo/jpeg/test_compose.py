"""New JPEGs: Apple's byte layout, stated errors, all metadata."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from nearfar.photo import jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN, NewImage
from nearfar.photo.jpeg import codec, mpf
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, ICC, MPF, XMP
from photo.jpeg import made


def payloads(data: bytes) -> list[tuple[int, bytes]]:
    header = jpeg.open_document(data).primary
    return [(s.marker, data[s.payload : s.end]) for s in header.segments if 0xE0 <= s.marker <= 0xEF]


@pytest.mark.parametrize(("count", "length"), [(1, 86), (2, 102), (3, 118)])
def test_the_primary_has_apples_segments_in_apples_order(count: int, length: int) -> None:
    data = made.photo(*(made.depth_image(n) for n in range(count)))
    found = payloads(data)
    assert [marker for marker, _ in found] == [0xE0, 0xE1, 0xE1, 0xE2, 0xE2]
    assert found[0][1] == b"JFIF\0\1\1\1\1\x2c\1\x2c\0\0AMPF"
    for (_, payload), kind in zip(found[1:], (EXIF, XMP, MPF, ICC), strict=True):
        assert payload.startswith(kind[1])
    index = found[3][1]
    assert len(index) == length
    assert index[:18] == bytes.fromhex("4d504600 4d4d002a 00000008 0003 b0000007")
    assert index[54:58] == bytes.fromhex("00030000")  # attributes of the primary
    assert index[62:66] == b"\0\0\0\0"  # its offset


@pytest.mark.samples
def test_the_index_is_apples_byte_for_byte(samples: Path) -> None:
    data = (samples / "photos/apple/iphone12mini_depth_gainmap.jpg").read_bytes()
    document = jpeg.open_document(data)
    assert document.index is not None
    segment = next(document.primary.find(data, MPF))
    place = segment.payload + len(MPF[1])
    assert mpf.build_index(document.index.entries, place) == segment.content(data, MPF)
    for part in document.secondaries:
        segment = next(part.header.find(data, MPF))
        assert mpf.build_secondary(3) == segment.content(data, MPF)
        assert segment.end - segment.start == 2 + 44


def test_a_secondary_has_apples_segments() -> None:
    data = made.photo(made.depth_image())
    part = jpeg.open_document(data).secondaries[0]
    assert [s.marker for s in part.header.segments[:3]] == [0xE0, 0xE1, 0xE2]
    assert part.header.frame.components == 1
    assert part.header.frame.marker == 0xC0


def test_sizes_and_places_in_the_index_are_true() -> None:
    data = made.photo(made.depth_image(), made.matte_image())
    index = jpeg.open_document(data).index
    assert index is not None
    for entry in index.entries:
        assert data[entry.position : entry.position + 2] == b"\xff\xd8"
        assert data[entry.position + entry.size - 2 : entry.position + entry.size] == b"\xff\xd9"
    assert sum(entry.size for entry in index.entries) == len(data)


def test_a_photo_without_images_is_a_plain_jpeg() -> None:
    data = jpeg.compose(made.picture())
    assert [marker for marker, _ in payloads(data)] == [0xE0]
    assert jpeg.open_document(data).images == ()


def test_metadata_come_back() -> None:
    document = jpeg.open_document(made.photo(made.depth_image()))
    assert (document.exif, document.xmp, document.icc) == (made.EXIF, made.XMP, made.ICC)


codes = hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)))


@given(codes | st.builds(made.noise, st.integers(1, 70), st.integers(1, 70), st.integers(0, 999)))
@settings(max_examples=60, deadline=None)
def test_8_bit_codes_come_back_within_two(samples: np.ndarray) -> None:
    image = NewImage(DEPTH_URN, samples, xmp.build({"apdi:AuxiliaryImageType": "disparity"}))
    (stored,) = jpeg.open_document(jpeg.compose(made.picture(), [image])).images
    back = stored.decode()
    assert back.dtype == np.uint8
    assert back.shape == samples.shape
    assert np.abs(back.astype(int) - samples).max() <= codec.MAX_CODE_ERROR


@given(hnp.arrays(np.uint16, st.tuples(st.integers(1, 30), st.integers(1, 30))))
@settings(max_examples=40, deadline=None)
def test_16_bit_samples_come_back_exactly(samples: np.ndarray) -> None:
    image = NewImage(DEPTH_URN, samples, xmp.build({"apdi:AuxiliaryImageType": "disparity"}))
    (stored,) = jpeg.open_document(jpeg.compose(made.picture(), [image])).images
    assert stored.coding == "lossless-jpeg"
    np.testing.assert_array_equal(stored.decode(), samples)


def test_half_floats_with_nan_come_back_bit_for_bit() -> None:
    values = np.linspace(0.2, 4, 30 * 20, dtype=np.float16).reshape(20, 30).copy()
    values[3:7, 5:9] = np.nan
    values[0, 0] = np.inf
    image = NewImage(DEPTH_URN, values.view(np.uint16), xmp.build({"apdi:AuxiliaryImageType": "disparity"}))
    (stored,) = jpeg.open_document(jpeg.compose(made.picture(), [image])).images
    np.testing.assert_array_equal(stored.decode().view(np.float16), values)


def test_the_type_is_put_into_an_xmp_that_does_not_say_it() -> None:
    image = NewImage("urn:nearfar:photo:1.0:aux:depthconfidence", made.noise(), xmp.build({"dc:format": "x"}))
    (stored,) = jpeg.open_document(jpeg.compose(made.picture(), [image])).images
    assert stored.urn == image.urn


def test_the_colour_picture_is_close() -> None:
    color = made.picture()
    back = jpeg.open_document(jpeg.compose(color, quality=95)).decode_color()
    assert np.abs(back.astype(int) - color).mean() < 2


def test_a_large_packet_is_extended_and_comes_back() -> None:
    tags = {f"{{urn:x/}}T{n}": str(n) * 20_000 for n in range(1, 9)}
    packet = xmp.build({**tags, "dc:format": "small"})
    data = jpeg.compose(made.picture(), xmp=packet)
    document = jpeg.open_document(data)
    assert document.xmp is not None
    assert len(list(document.primary.find(data, EXTENDED_XMP))) > 1
    extended = document.extended_xmp()
    assert extended is not None
    back = {**xmp.parse(extended).tags, **xmp.parse(document.xmp).tags}
    assert {name: back[name] for name in tags} == tags
    assert xmp.parse(document.xmp).tags["dc:format"] == "small"


def test_a_large_profile_is_split_and_comes_back() -> None:
    profile = made.ICC + bytes(range(256)) * 600
    assert jpeg.open_document(jpeg.compose(made.picture(), icc=profile)).icc == profile


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"exif": b"MM" + bytes(70_000)}, "Exif holds 65,527 bytes"),
        ({"quality": 0}, "quality must be within"),
        ({"icc": bytes(17 << 20)}, "colour profile"),
    ],
    ids=["exif", "quality", "icc"],
)
def test_what_does_not_fit_is_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        jpeg.compose(made.picture(), **options)


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="not \\(H, W, 3\\) uint8"):
        jpeg.compose(made.noise())
    with pytest.raises(ValueError, match="pixels a side"):
        jpeg.compose(np.zeros((1, 65536, 3), np.uint8))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_pillow_opens_it_as_frames(count: int) -> None:
    images = [made.depth_image(n) for n in range(count)]
    opened = Image.open(io.BytesIO(made.photo(*images)))
    assert (opened.format, opened.n_frames) == ("MPO", 1 + count)
    for number, image in enumerate(images, start=1):
        opened.seek(number)
        assert np.abs(np.asarray(opened).astype(int) - image.samples).max() <= codec.MAX_CODE_ERROR


def test_pillow_opens_the_colour_of_a_16_bit_file() -> None:
    image = NewImage(DEPTH_URN, np.arange(600, dtype=np.uint16).reshape(20, 30), made.depth_image().xmp)
    opened = Image.open(io.BytesIO(made.photo(image)))
    assert np.asarray(opened).shape == made.picture().shape


@pytest.mark.tools
def test_exiftool_lists_the_images_and_has_no_warning(tool: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(made.photo(made.depth_image(), made.matte_image()))
    command = [tool("exiftool"), "-a", "-ee", "-G3", "-s", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Warning" not in told
    assert "Error" not in told
    assert "MPImage2" in told
    assert "MPImage3" in told
    assert told.count("AuxiliaryImageType") == 2
    assert "NumberOfImages                  : 3" in told
