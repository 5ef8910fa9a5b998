"""New files: in Apple's shape, with the codes that were given, and read alike by others."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.depth import Orientation
from nearfar.photo.auxiliary import DEPTH_URN, DepthRange, NewImage
from nearfar.photo.heic import compose, open_document
from nearfar.photo.heic.auxiliary_item import MAX_ERROR
from nearfar.photo.heic.codec import SRGB
from photo.heic.forge import ramp

MATTE = "urn:com:apple:photo:2018:aux:portraiteffectsmatte"
RANGE = DepthRange(1.498046875, 4.3828125)
EXIF = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"


def noise(height: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.random.default_rng(height * width).integers(0, 256, (height, width), dtype=np.uint8)


def test_the_shape_is_apples() -> None:
    color = ramp(1100, 1300, colour=True)
    depth = NewImage(DEPTH_URN, ramp(192, 256), b"<depth/>", RANGE)
    document = open_document(compose(color, [depth], exif=EXIF, xmp=b"<picture/>", icc=b"profile"))
    meta = document.meta
    assert [each.kind for each in meta.source.top_level()] == ["ftyp", "meta", "mdat"]
    assert [each.kind for each in meta.children] == [
        "hdlr", "dinf", "pitm", "iinf", "iref", "iprp", "idat", "iloc",
    ]  # fmt: skip
    kinds = [(item.kind, item.hidden) for item in meta.items.values()]
    assert kinds == [
        *[("hvc1", True)] * 9,
        ("grid", False),
        ("Exif", True),
        ("mime", True),
        ("hvc1", True),
        ("mime", True),
    ]
    assert meta.primary == 10
    assert [each.kind for each in meta.properties_of(10)] == ["colr", "ispe", "irot", "pixi"]
    assert [each.kind for each in meta.properties_of(13)] == ["hvcC", "ispe", "irot", "pixi", "auxC"]
    assert [use.essential for use in meta.associations[13]] == [True, False, True, False, True]
    assert {tuple(meta.associations[tile]) for tile in range(1, 10)} == {meta.associations[1]}
    assert [(r.kind, r.source, r.targets) for r in meta.references] == [
        ("dimg", 10, tuple(range(1, 10))),
        ("cdsc", 11, (10,)),
        ("cdsc", 12, (10,)),
        ("auxl", 13, (10,)),
        ("cdsc", 14, (13,)),
    ]
    assert meta.locations[10].construction == 1
    assert meta.payload(10).hex() == "00000202" + "0514" + "044c"
    assert meta.payload(11) == b"\0\0\0\6Exif\0\0" + EXIF
    iloc = meta.child("iloc")
    assert iloc is not None
    assert meta.source.data[iloc.body : iloc.body + 6].hex() == "010000004400"


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 150), st.integers(1, 150), st.booleans(), st.booleans())
def test_codes_come_back_at_any_size(width: int, height: int, lossless: bool, noisy: bool) -> None:
    codes = noise(height, width) if noisy else ramp(height, width)
    data = compose(ramp(64, 64, colour=True), [NewImage(DEPTH_URN, codes, b"<x/>", RANGE, lossless=lossless)])
    (image,) = open_document(data).images
    assert (image.size, image.depth_range) == ((width, height), RANGE)
    found = image.decode()
    assert np.abs(found.astype(int) - codes).max() <= (0 if lossless else MAX_ERROR)
    judged = np.asarray(pillow_heif.open_heif(io.BytesIO(data)).info["depth_images"][0])
    np.testing.assert_array_equal(judged, found)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (512, 512), (513, 511), (700, 1025)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pictures_come_back_at_any_size(size: tuple[int, int], dtype: type) -> None:
    width, height = size
    top = np.iinfo(dtype).max
    grey = np.linspace(0, top, width)[None, :, None]
    color = np.broadcast_to(grey, (height, width, 3)).astype(dtype)
    data = compose(color, quality=95)
    document = open_document(data)
    found = document.decode_color()
    assert (document.size, found.shape, found.dtype) == (size, color.shape, color.dtype)
    assert np.abs(found.astype(float) - color).max() <= top * 3 / 255
    assert document.nclx == SRGB
    judged = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=dtype is np.uint8)
    assert judged.size == size


def test_what_is_given_is_read() -> None:
    matte = NewImage(MATTE, ramp(90, 120), b"<matte/>", lossless=True)
    bits = np.linspace(0, 3, 64 * 80).astype(np.float16).reshape(64, 80).view(np.uint16)
    raw = NewImage(DEPTH_URN, bits, b"<raw/>")
    turned = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    data = compose(ramp(480, 640, colour=True), [matte, raw], exif=turned, xmp=b"<x/>", icc=b"an icc profile")
    document = open_document(data)
    assert (document.exif, document.xmp, document.icc) == (turned, b"<x/>", b"an icc profile")
    assert document.orientation is Orientation.UP
    assert [(i.urn, i.xmp, i.coding, i.depth_range) for i in document.images] == [
        (MATTE, b"<matte/>", "hevc", None),
        (DEPTH_URN, b"<raw/>", "lossless-jpeg", None),
    ]
    np.testing.assert_array_equal(document.images[0].decode(), matte.samples)
    np.testing.assert_array_equal(document.images[1].decode(), bits)
    assert document.decode_color().shape == (480, 640, 3)
    assert np.asarray(pillow_heif.open_heif(io.BytesIO(data))).shape == (480, 640, 3)


def test_noise_that_the_fast_path_blurs_is_stored_losslessly() -> None:
    codes = noise(96, 128)
    (image,) = open_document(compose(ramp(64, 64, colour=True), [NewImage(DEPTH_URN, codes, b"<x/>")])).images
    assert np.abs(image.decode().astype(int) - codes).max() <= MAX_ERROR


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((4, 4), np.uint8), ((4, 4, 4), np.uint8), ((4, 4, 3), np.float32), ((0, 4, 3), np.uint8)],
    ids=["grey", "alpha", "float", "empty"],
)
def test_other_pictures_are_refused(shape: tuple[int, ...], dtype: type) -> None:
    with pytest.raises(ValueError, match=r"color is|empty"):
        compose(np.zeros(shape, dtype))


def test_a_quality_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.100"):
        compose(ramp(64, 64, colour=True), quality=101)


@pytest.mark.tools
def test_heif_info_sees_the_depth_and_its_range(tmp_path: Path, tool: Callable[[str], str]) -> None:
    path = tmp_path / "made.heic"
    depth = NewImage(DEPTH_URN, ramp(192, 256), b"<depth/>", RANGE)
    path.write_bytes(compose(ramp(600, 800, colour=True), [depth], exif=EXIF, xmp=b"<x/>"))
    said = subprocess.run([tool("heif-info"), str(path)], capture_output=True, text=True, check=True).stdout
    assert "image: 800x600" in said
    assert "depth channel: yes" in said
    assert "(256x192)" in said
    assert "d-min:  1.498047" in said
    assert "d-max:  4.382812" in said


def test_pillow_heif_sees_the_range() -> None:
    data = compose(ramp(64, 64, colour=True), [NewImage(DEPTH_URN, ramp(64, 64), b"<x/>", RANGE)])
    said = pillow_heif.open_heif(io.BytesIO(data)).info["depth_images"][0].info["metadata"]
    assert (said["d_min"], said["d_max"], said["representation_type"]) == (1.498046875, 4.3828125, 1)


@pytest.mark.tools
def test_heif_info_still_opens_a_file_with_a_lossless_map(tmp_path: Path, tool: Callable[[str], str]) -> None:
    path = tmp_path / "made.heic"
    bits = np.linspace(0, 3, 64 * 80).astype(np.float16).reshape(64, 80).view(np.uint16)
    path.write_bytes(compose(ramp(96, 128, colour=True), [NewImage(DEPTH_URN, bits, b"<raw/>", RANGE)]))
    said = subprocess.run([tool("heif-info"), str(path)], capture_output=True, text=True, check=True).stdout
    assert "image: 128x96" in said
