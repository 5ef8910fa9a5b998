"""Reading: real samples, and what no sample has (crop, tmap, JPEG items, Exif orientation, grid gain map)."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from nearfar import _native
from nearfar.depth import Orientation, orient_array
from nearfar.errors import CorruptFile, UnsupportedFile
from nearfar.photo.auxiliary import DEPTH_URN, DepthRange
from nearfar.photo.heic import HeicDocument, compose, open_document
from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.properties import build_auxc, build_ispe, build_turning
from photo.heic.forge import Entry, Forge, forged, picture_entry, ramp

GAIN_MAP = "urn:com:apple:photo:2020:aux:hdrgainmap"
MPEG_DEPTH = "urn:mpeg:mpegB:cicp:systems:auxiliary:depth"


def tiff(orientation: int) -> bytes:
    """The smallest EXIF with an orientation."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def opened(path: Path) -> HeicDocument:
    return open_document(path.read_bytes(), file=path.name)


@pytest.mark.samples
def test_iphone_13_pro(samples: Path) -> None:
    path = samples / "photos/apple/iphone13pro_dualwide.heic"
    document = opened(path)
    assert (document.size, document.orientation) == ((4032, 3024), Orientation.UP)
    gain_map, depth = document.images
    assert (gain_map.urn, gain_map.size, gain_map.coding) == (GAIN_MAP, (2016, 1512), "hevc")
    assert (depth.urn, depth.size, depth.key) == (DEPTH_URN, (768, 576), 54)
    assert depth.depth_range == DepthRange(1.498046875, 4.3828125, 1)
    assert depth.xmp is not None
    assert b"<depthData:Accuracy>relative</depthData:Accuracy>" in depth.xmp
    judged = pillow_heif.open_heif(path)
    np.testing.assert_array_equal(depth.decode(), np.asarray(judged.info["depth_images"][0]))
    np.testing.assert_array_equal(document.decode_color(), np.asarray(judged))
    aux = judged.info["aux"][GAIN_MAP][0]
    np.testing.assert_array_equal(gain_map.decode(), np.asarray(judged.get_aux_image(aux)))
    assert document.icc == judged.info["icc_profile"]
    assert document.xmp == judged.info["xmp"]
    assert document.exif == judged.info["exif"].removeprefix(b"Exif\0\0")
    assert document.stereo is None


@pytest.mark.samples
def test_samsung_has_a_gain_map_and_no_depth(samples: Path) -> None:
    document = opened(samples / "photos/no-depth/samsung_gainmap.heic")
    (image,) = document.images
    assert (image.urn, image.size) == ("urn:com:samsung:photo:2024:aux:hdrgainmap", (1000, 462))
    assert image.decode().shape == (462, 1000)
    assert document.size == (4000, 1848)


@pytest.mark.samples
def test_vision_pro_has_a_pair_and_its_rig(samples: Path) -> None:
    path = samples / "photos/spatial/visionpro_spatial.heic"
    document = opened(path)
    assert document.images == ()
    stereo = document.stereo
    assert stereo is not None
    for camera in (stereo.rig.left, stereo.rig.right):
        assert camera.reference_size == (2560, 2560)
        assert camera.fx == pytest.approx(1525.44, abs=0.01)
        assert (camera.cx, camera.cy) == (1280.0, 1280.0)
    assert stereo.rig.baseline == pytest.approx(0.063807, abs=1e-9)
    assert stereo.rig.right.pose.translation[0] > 0
    judged = pillow_heif.open_heif(path)
    np.testing.assert_array_equal(stereo.left(), np.asarray(judged[0]))
    np.testing.assert_array_equal(stereo.right(), np.asarray(judged[1]))


def with_depth(
    samples: NDArray[Any], *extra: bytes, urn: str = DEPTH_URN, picture: tuple[bytes, ...] = ()
) -> tuple[Forge, int]:
    forge = forged(*picture)
    item = forge.add(picture_entry(samples, *extra, urn=urn, hidden=True))
    forge.refer("auxl", item, 1)
    return forge, item


@pytest.mark.parametrize("urn", [DEPTH_URN, MPEG_DEPTH, "urn:com:apple:photo:2018:aux:portraiteffectsmatte"])
def test_auxiliary_images_by_their_urn(urn: str) -> None:
    forge, item = with_depth(ramp(96, 64), urn=urn)
    forge.describe(item, b"<x:xmpmeta/>")
    (image,) = open_document(forge.build()).images
    assert (image.key, image.urn, image.size, image.xmp) == (item, urn, (64, 96), b"<x:xmpmeta/>")
    np.testing.assert_array_equal(image.decode(), ramp(96, 64))
    assert image.decode().flags.c_contiguous


def test_thumbnails_and_others_descriptions_are_not_auxiliary_images() -> None:
    forge = forged()
    thumbnail = forge.add(picture_entry(ramp(64, 64, colour=True)))
    forge.refer("thmb", thumbnail, 1)
    forge.describe(thumbnail, b"<other/>")
    document = open_document(forge.build())
    assert document.images == ()
    assert (document.xmp, document.exif, document.icc) == (None, None, None)


def test_a_cropped_map_is_cropped() -> None:
    words = (89, 1, 64, 1, -1 & 0xFFFFFFFF, 2, 0, 1)
    forge, _ = with_depth(ramp(64, 90), box(b"clap", struct.pack(">8I", *words)))
    (image,) = open_document(forge.build()).images
    assert image.size == (89, 64)
    np.testing.assert_array_equal(image.decode(), ramp(64, 90)[:, :89])


def test_turns_of_picture_and_map() -> None:
    turn = build_turning(Orientation.RIGHT)
    forge, _ = with_depth(ramp(96, 128), *turn, picture=tuple(turn))
    forge.exif(1, tiff(3))
    document = open_document(forge.build())
    (image,) = document.images
    assert document.orientation is Orientation.RIGHT
    assert image.orientation is Orientation.RIGHT
    assert (document.size, image.size) == ((96, 128), (128, 96))
    np.testing.assert_array_equal(image.decode(), ramp(96, 128))


@pytest.mark.parametrize("orientation", [1, 3, 6, 7, 8])
def test_without_a_turn_exifs_orientation_holds_for_all(orientation: int) -> None:
    forge, _ = with_depth(ramp(96, 128))
    flat = open_document(forge.build()).decode_color()
    forge.exif(1, tiff(orientation))
    document = open_document(forge.build())
    assert document.exif == tiff(orientation)
    assert document.orientation == orientation
    assert document.images[0].orientation == orientation
    upright = document.decode_color()
    np.testing.assert_array_equal(upright, orient_array(flat, orientation))
    assert document.size == (upright.shape[1], upright.shape[0])


@pytest.mark.parametrize("both", [True, False])
def test_tmap_files(both: bool) -> None:
    """The map belongs to the picture and its HDR rendering, or to the rendering alone."""
    forge, depth = with_depth(ramp(96, 128))
    rendering = forge.add(Entry("tmap", bytes(62), [(build_ispe((128, 96)), False)]))
    forge.refer("dimg", rendering, 1, depth)
    forge.references[0] = forge.references[0]._replace(targets=(1, rendering) if both else (rendering,))
    document = open_document(forge.build())
    assert [image.key for image in document.images] == [depth]
    forge.primary = rendering
    again = open_document(forge.build())
    assert (again.picture, again.size) == (1, (128, 96))
    np.testing.assert_array_equal(again.decode_color(), document.decode_color())


@pytest.mark.parametrize("idat", [0, 1])
def test_a_gain_map_that_is_a_grid(idat: int) -> None:
    whole = ramp(100, 150)
    padded = np.pad(whole, ((0, 28), (0, 42)), mode="edge")
    forge = forged()
    tiles = [
        forge.add(picture_entry(np.ascontiguousarray(padded[y : y + 64, x : x + 64]), hidden=True))
        for y in (0, 64)
        for x in (0, 64, 128)
    ]
    properties = [(build_ispe((150, 100)), False), (build_auxc(GAIN_MAP, b""), True)]
    payload = struct.pack(">4B2H", 0, 0, 1, 2, 150, 100)
    grid = forge.add(Entry("grid", payload, properties, hidden=True, construction=idat))
    forge.refer("dimg", grid, *tiles)
    forge.refer("auxl", grid, 1)
    (image,) = open_document(forge.build()).images
    assert (image.size, image.coding) == ((150, 100), "hevc")
    np.testing.assert_array_equal(image.decode(), whole)


def jpeg_item(payload: bytes, size: tuple[int, int]) -> HeicDocument:
    forge = forged()
    properties = [(build_ispe(size), False), (build_auxc(DEPTH_URN, b""), True)]
    item = forge.add(Entry("jpeg", payload, properties, hidden=True))
    forge.refer("auxl", item, 1)
    return open_document(forge.build())


def test_a_lossless_jpeg_item_gives_every_bit() -> None:
    halves = np.linspace(0.2, 4.0, 60 * 80).reshape(60, 80).astype(np.float16)
    halves[3, 5:9] = np.nan
    bits = halves.view(np.uint16)
    (image,) = jpeg_item(bytes(_native.lossless_jpeg_encode(bits)), (80, 60)).images
    assert image.coding == "lossless-jpeg"
    np.testing.assert_array_equal(image.decode(), bits)


def test_a_baseline_jpeg_item_is_decoded() -> None:
    out = io.BytesIO()
    Image.fromarray(ramp(60, 80)).save(out, "JPEG", quality=95)
    (image,) = jpeg_item(out.getvalue(), (80, 60)).images
    assert image.coding == "jpeg"
    assert np.abs(image.decode().astype(int) - ramp(60, 80)).max() <= 3


def test_a_jpeg_picture_is_decoded() -> None:
    out = io.BytesIO()
    Image.fromarray(ramp(60, 80, colour=True)).save(out, "JPEG", quality=95)
    forge = Forge()
    forge.add(Entry("jpeg", out.getvalue(), [(build_ispe((80, 60)), False)]))
    forge.exif(1, tiff(6))
    document = open_document(forge.build())
    assert document.size == (60, 80)
    assert document.decode_color().shape == (80, 60, 3)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xc3", b"\xff\xd8\xff\xda\0\2", b"RIFF"])
def test_a_jpeg_item_without_a_frame_is_corrupt(data: bytes) -> None:
    (image,) = jpeg_item(data, (80, 60)).images
    with pytest.raises(CorruptFile):
        image.decode()


def test_ten_bits_are_spread_over_sixteen() -> None:
    color = np.full((64, 64, 3), 65535, np.uint16)
    color[:32] = 0
    decoded = open_document(compose(color)).decode_color()
    assert decoded.dtype == np.uint16
    assert decoded.max() == 65535
    assert decoded.min() == 0


def test_a_coloured_auxiliary_image_is_unsupported() -> None:
    forge = forged()
    item = forge.add(picture_entry(ramp(64, 64, colour=True), hidden=True))
    forge.refer("auxl", item, 1)
    (image,) = open_document(forge.build()).images
    with pytest.raises(UnsupportedFile, match="colours"):
        image.decode()


def test_exif_that_is_none_is_left_out() -> None:
    for payload in (b"", b"\0\0\0\6Exif\0\0", b"\xff\xff\xff\xffII*\0", b"\0\0\0\0nothing"):
        forge = forged()
        item = forge.add(Entry("Exif", payload, hidden=True))
        forge.refer("cdsc", item, 1)
        document = open_document(forge.build())
        assert document.exif is None
        assert document.orientation is Orientation.UP


def spatial(*properties: bytes) -> Forge:
    forge = Forge()
    for number in range(2):
        camera = properties[number::2]
        forge.add(picture_entry(ramp(64 + number * 2, 128, colour=True), *camera))
    forge.groups.append(full_box(b"ster", 0, 0, integers(4, [9, 2, 1, 2])))
    return forge


def test_standard_cameras_of_a_spatial_photo() -> None:
    """cmin with skew and two focal lengths, cmex with a rotation: ISO/IEC 23008-12."""
    one = 1 << 16
    flags = 1 | 16 << 8 | 16 << 16
    inner = full_box(b"cmin", 0, flags, struct.pack(">6i", one, one // 2, one // 2, 2 * one, 0, 0)[:-4])
    quarter = round(2**0.5 / 2 * (1 << 30))
    outer = full_box(b"cmex", 0, 0x1F, struct.pack(">6i", 60_000, -1_000, 0, 0, 0, quarter))
    rig = open_document(spatial(inner, inner, full_box(b"cmex", 0, 0), outer).build()).stereo
    assert rig is not None
    assert rig.rig.left.pose.is_identity
    right = rig.rig.right
    assert (right.fx, right.fy, right.cx, right.cy) == (128.0, 132.0, 64.0, 33.0)
    np.testing.assert_allclose(right.pose.translation, [0.06, -0.001, 0.0])
    np.testing.assert_allclose(right.pose.rotation, [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-8)
    assert rig.left().shape == (64, 128, 3)
    assert rig.right().shape == (66, 128, 3)


def test_a_pair_without_cameras_is_no_stereo() -> None:
    assert open_document(spatial().build()).stereo is None


def test_a_camera_that_cannot_be_is_corrupt() -> None:
    inner = full_box(b"cmin", 0, 16 << 8, struct.pack(">3i", 0, 0, 0))
    with pytest.raises(CorruptFile, match="camera"):
        _ = open_document(spatial(inner, inner).build()).stereo


def test_a_camera_that_is_cut_off_names_its_own_place() -> None:
    inner = full_box(b"cmin", 0, 16 << 8, bytes(10))
    with pytest.raises(CorruptFile, match="2 bytes too early") as caught:
        _ = open_document(spatial(inner, inner).build(), file="cut.heic").stereo
    assert "cut.heic" not in caught.value.reason
