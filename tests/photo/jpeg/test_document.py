"""Opening JPEGs: what is in real and in odd files, and what stays readable when parts are broken."""

from __future__ import annotations

import io
import logging
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nearfar.depth import Orientation, orient_array
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile
from nearfar.photo import jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN
from nearfar.photo.jpeg.segments import MPF, segment_bytes
from photo.jpeg import made

GAIN_MAP_URN = "urn:com:apple:photo:2020:aux:hdrgainmap"
APPLE = {
    "iphone12mini_depth_gainmap": ((4032, 3024), [(GAIN_MAP_URN, (2016, 1512)), (DEPTH_URN, (768, 576))]),
    "iphonex_depth": ((3024, 4032), [(DEPTH_URN, (576, 768))]),
    "iphonex_depth_matte": ((3024, 4032), [(DEPTH_URN, (576, 768)), (made.MATTE_URN, (1512, 2016))]),
}


@pytest.mark.samples
@pytest.mark.parametrize("name", APPLE)
def test_iphone_photos(samples: Path, name: str) -> None:
    data = (samples / "photos" / "apple" / f"{name}.jpg").read_bytes()
    size, images = APPLE[name]
    document = jpeg.open_document(data, file=name)
    assert document.size == size
    assert document.orientation == Orientation.UP
    assert [(image.urn, image.size) for image in document.images] == images
    assert document.icc is not None
    assert len(document.icc) == 548
    reference = Image.open(io.BytesIO(data))
    for image in document.images:
        reference.seek(image.key)
        np.testing.assert_array_equal(image.decode(), np.asarray(reference))


@pytest.mark.samples
def test_the_colour_picture_is_pillows(samples: Path) -> None:
    data = (samples / "photos/apple/iphonex_depth.jpg").read_bytes()
    np.testing.assert_array_equal(
        jpeg.open_document(data).decode_color(), np.asarray(Image.open(io.BytesIO(data)))
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_turns_the_picture_and_is_told_of_the_images(orientation: int) -> None:
    color = made.picture()
    data = jpeg.compose(color, [made.depth_image()], exif=made.exif(orientation))
    document = jpeg.open_document(data)
    stored = jpeg.open_document(jpeg.compose(color)).decode_color()
    assert document.orientation == orientation
    np.testing.assert_array_equal(document.decode_color(), orient_array(stored, orientation))
    assert document.decode_color().shape[1::-1] == document.size
    assert document.images[0].orientation == orientation
    assert document.images[0].size == (32, 24)


@pytest.mark.parametrize(
    "exif", [b"MM", b"XX\0*\0\0\0\x08", b"MM\0*\xff\xff\xff\xff", made.exif(0), made.exif(9)]
)
def test_broken_exif_counts_as_upright(exif: bytes) -> None:
    assert jpeg.open_document(jpeg.compose(made.picture(), exif=exif)).orientation == Orientation.UP


def index_at(data: bytes) -> int:
    """Where the entries of the MPF index begin."""
    return data.index(MPF[1]) + 4 + 50


def test_wrong_sizes_in_the_index_do_no_harm() -> None:
    data = bytearray(made.photo(made.depth_image(), made.matte_image()))
    for number in range(3):
        struct.pack_into(">I", data, index_at(data) + 16 * number + 4, 0xFFFFFFF0)
    document = jpeg.open_document(bytes(data))
    assert [image.urn for image in document.images] == [DEPTH_URN, made.MATTE_URN]
    assert document.images[1].decode().shape == (24, 32)


@pytest.mark.parametrize("offset", [0, 1, 50, 0x7FFFFFFF, 0xFFFFFFFF])
def test_wrong_offsets_are_mended_by_looking(offset: int, caplog: pytest.LogCaptureFixture) -> None:
    data = bytearray(made.photo(made.depth_image(), made.matte_image()))
    struct.pack_into(">I", data, index_at(data) + 16 + 8, offset)
    with caplog.at_level(logging.WARNING, "nearfar.photo"):
        document = jpeg.open_document(bytes(data))
    assert [image.urn for image in document.images] == [DEPTH_URN, made.MATTE_URN]
    assert "points at no image" in caplog.text
    assert len({image.key for image in document.images}) == 2


def test_two_entries_for_one_image_are_one_image() -> None:
    data = bytearray(made.photo(made.depth_image(), made.matte_image()))
    at = index_at(data)
    data[at + 32 : at + 48] = data[at + 16 : at + 32]
    urns = [image.urn for image in jpeg.open_document(bytes(data)).images]
    assert urns.count(DEPTH_URN) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_of_the_index_are_read(order: str) -> None:
    from nearfar.photo.jpeg import mpf

    data = made.photo(made.depth_image())
    index = jpeg.open_document(data).index
    assert index is not None
    place = data.index(MPF[1]) + 4
    content = mpf.build_index(index.entries, place, order)
    document = jpeg.open_document(data[:place] + content + data[place + len(content) :])
    assert document.index is not None
    assert document.index.order == order
    assert [image.urn for image in document.images] == [DEPTH_URN]


def test_images_without_an_index_are_found() -> None:
    data = made.photo(made.depth_image(), made.matte_image())
    at = data.index(MPF[1]) - 4
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    document = jpeg.open_document(data[:at] + data[at + 2 + length :])
    assert document.index is None
    assert [(image.key, image.urn) for image in document.images] == [(1, DEPTH_URN), (2, made.MATTE_URN)]


def test_a_broken_index_is_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    data = made.photo(made.depth_image()).replace(
        b"MPF\0MM\0*\0\0\0\x08\0\x03", b"MPF\0MM\0*\xff\0\0\x08\0\x03", 1
    )
    with caplog.at_level(logging.WARNING, "nearfar.photo"):
        document = jpeg.open_document(data)
    assert "index is ignored" in caplog.text
    assert [image.urn for image in document.images] == [DEPTH_URN]


def test_an_image_cut_off_still_leaves_the_colour() -> None:
    data = made.photo(made.depth_image(), made.matte_image())[:-400]
    document = jpeg.open_document(data)
    assert document.decode_color().shape == (48, 64, 3)
    with pytest.raises(CorruptFile, match="cannot be decoded"):
        document.images[-1].decode()


def test_an_image_with_a_broken_header_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    whole = made.photo(made.depth_image(), made.matte_image())
    start = jpeg.open_document(whole).secondaries[1].header.start
    data = whole[: start + 2] + b"\xff\xe1\xff\xff" + whole[start + 6 :]
    with caplog.at_level(logging.WARNING, "nearfar.photo"):
        document = jpeg.open_document(data)
    assert [image.urn for image in document.images] == [DEPTH_URN]
    assert "left out" in caplog.text


def test_an_image_over_the_limit_leaves_the_colour() -> None:
    data = bytearray(made.photo(made.depth_image()))
    frame = jpeg.open_document(bytes(data)).secondaries[0].header.frame
    struct.pack_into(">HH", data, frame.offset + 5, 60000, 60000)
    document = jpeg.open_document(bytes(data))
    assert document.decode_color().shape == (48, 64, 3)
    with pytest.raises(LimitExceeded, match="60000×60000"):
        document.images[0].decode()


def test_an_image_with_a_broken_packet_has_no_type(caplog: pytest.LogCaptureFixture) -> None:
    data = made.photo(made.depth_image()).replace(b"<apdi:Aux", b"<apdi:<ux")
    with caplog.at_level(logging.WARNING, "nearfar.photo"):
        (image,) = jpeg.open_document(data).images
    assert image.urn == ""
    assert "XMP of an auxiliary image is ignored" in caplog.text


@pytest.mark.parametrize(
    ("tags", "urn"),
    [
        ({"apdi:AuxiliaryImageType": "depth", "apdi:NativeFormat": "1751410032"}, DEPTH_URN),
        ({"apdi:AuxiliaryImageType": "disparity"}, DEPTH_URN),
        ({"apdi:AuxiliaryImageType": "depth", "apdi:NativeFormat": "1278226488"}, ""),
        (
            {"apdi:AuxiliaryImageType": "depth", "apdi:AuxiliaryImageSubType": "semanticskymatte"},
            "urn:com:apple:photo:2020:aux:semanticskymatte",
        ),
        ({"apdi:AuxiliaryImageType": "depth", "apdi:AuxiliaryImageSubType": "somethingelse"}, ""),
        ({"apdi:AuxiliaryImageType": GAIN_MAP_URN}, GAIN_MAP_URN),
        ({"hdrgm:Version": "1.0", "apdi:AuxiliaryImageType": ""}, ""),
    ],
)
def test_the_type_is_told_by_the_xmp(tags: dict[str, str], urn: str) -> None:
    from nearfar.photo.auxiliary import NewImage

    (image,) = jpeg.open_document(made.photo(NewImage("", made.noise(), xmp.build(tags)))).images
    assert image.urn == urn


@pytest.mark.parametrize(("mode", "shape"), [("L", (9, 11, 3)), ("CMYK", (9, 11, 3))])
def test_gray_and_cmyk_become_rgb_and_drop_their_profile(mode: str, shape: tuple[int, ...]) -> None:
    out = io.BytesIO()
    Image.new(mode, (11, 9), 40 if mode == "L" else (10, 20, 30, 40)).save(out, "JPEG", icc_profile=made.ICC)
    document = jpeg.open_document(out.getvalue())
    assert document.decode_color().shape == shape
    assert document.icc is None


def test_progressive_pictures_and_fill_bytes_are_read() -> None:
    out = io.BytesIO()
    Image.fromarray(made.picture()).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    filled = data[:2] + b"\xff\xff\xff" + data[2:]
    secondary = jpeg.compose(made.picture(10, 10))
    document = jpeg.open_document(filled + secondary)
    assert len(document.images) == 1
    np.testing.assert_array_equal(document.decode_color(), np.asarray(Image.open(out)))


def test_a_profile_with_a_missing_chunk_is_no_profile() -> None:
    data = jpeg.compose(made.picture(), icc=made.ICC + bytes(70_000))
    start = data.index(b"ICC_PROFILE\0\2\2") - 4
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    assert jpeg.open_document(data[:start] + data[start + 2 + length :]).icc is None


def frame(height: int, width: int, marker: int = 0xC0, precision: int = 8) -> bytes:
    content = struct.pack(">BHHB", precision, height, width, 1) + b"\1\x11\0"
    return bytes((0xFF, marker)) + struct.pack(">H", 2 + len(content)) + content


SCAN = b"\xff\xda\0\x08\1\1\0\0\x3f\0"
HOSTILE = {
    "huge": (b"\xff\xd8" + frame(60000, 60000) + SCAN, LimitExceeded),
    "no height": (b"\xff\xd8" + frame(0, 100) + SCAN, CorruptFile),
    "no frame": (b"\xff\xd8" + SCAN, CorruptFile),
    "no scan": (b"\xff\xd8" + frame(8, 8), CorruptFile),
    "ends at once": (b"\xff\xd8\xff\xd9", CorruptFile),
    "nothing": (b"\xff\xd8\xff", CorruptFile),
    "segment past the end": (b"\xff\xd8\xff\xe1\xff\xffExif", CorruptFile),
    "segment of length 0": (b"\xff\xd8\xff\xe1\0\0" + bytes(20), CorruptFile),
    "many segments": (b"\xff\xd8" + b"\xff\xfe\0\2" * 5000 + frame(8, 8) + SCAN, LimitExceeded),
    "short frame": (b"\xff\xd8\xff\xc0\0\4\x08\0" + SCAN, CorruptFile),
    "many images": (
        b"\xff\xd8" + segment_bytes(MPF, struct.pack(
            ">2sHIHHHIIHHIII", b"MM", 42, 8, 2, 0xB001, 4, 1, 4000, 0xB002, 7, 64000, 38, 0) + bytes(64000)
        ) + frame(8, 8) + SCAN,
        LimitExceeded,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_with_their_place(case: str) -> None:
    data, kind = HOSTILE[case]
    with pytest.raises(kind) as caught:
        jpeg.open_document(data, file="evil.jpg")
    assert str(caught.value).startswith("evil.jpg: ")
    assert caught.value.offset is not None


def test_a_scan_bomb_is_refused() -> None:
    data = b"\xff\xd8" + frame(8, 8, 0xC2) + SCAN * 500 + b"\xff\xd9"
    with pytest.raises(LimitExceeded, match="500 scans"):
        jpeg.open_document(data).decode_color()


def test_scans_are_limited_by_the_size_of_the_picture() -> None:
    def made_of(count: int, side: int) -> jpeg.JpegDocument:
        return jpeg.open_document(b"\xff\xd8" + frame(side, side, 0xC2) + SCAN * count + b"\xff\xd9")

    with pytest.raises(LimitExceeded, match=r"25 scans of 10000×10000 pixels") as caught:
        made_of(25, 10_000).decode_color()
    assert caught.value.limit == 12 * 100_000_000
    assert caught.value.value == 13 * 100_000_000
    with pytest.raises(CorruptFile):  # it gets as far as the decoder
        made_of(200, 64).decode_color()


def test_scans_behind_too_many_tables_are_counted() -> None:
    data = b"\xff\xd8" + frame(8, 8, 0xC2) + SCAN + b"\xff\xfe\0\2" * 1_100 + SCAN * 300 + b"\xff\xd9"
    with pytest.raises(LimitExceeded, match="301 scans"):
        jpeg.open_document(data).decode_color()


def test_a_large_progressive_photo_is_decoded() -> None:
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000)).save(out, "JPEG", progressive=True)
    assert jpeg.open_document(out.getvalue()).decode_color().shape == (3000, 4000, 3)


@pytest.mark.parametrize(("marker", "precision"), [(0xC1, 12), (0xC3, 17), (0xC0, 12)])
def test_codings_without_a_decoder_are_told(marker: int, precision: int) -> None:
    data = b"\xff\xd8" + frame(8, 8, marker, precision) + SCAN + b"\0\xff\xd9"
    with pytest.raises((UnsupportedFile, CorruptFile)):
        jpeg.open_document(data).decode_color()


def test_a_picture_up_to_the_limit_does_not_meet_pillows_bomb_guard() -> None:
    color = np.zeros((9600, 10000, 3), np.uint8)  # 96 Mpx: Pillow warns from 89
    assert jpeg.open_document(jpeg.compose(color, quality=50)).decode_color().shape == color.shape
