"""A broken auxiliary image costs no more than itself: the photo opens, and edits keep its item."""

from __future__ import annotations

import io
import logging
import struct

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

import nearfar as nf
from nearfar.depth import Orientation
from nearfar.errors import CorruptFile, FileError, LimitExceeded, UnsupportedFile
from nearfar.photo.auxiliary import DEPTH_URN, Changes
from nearfar.photo.heic import open_document
from nearfar.photo.heic.properties import build_auxc, build_clap, build_ispe, build_turning
from nearfar.photo.limits import Limits
from photo.heic.edits import MATTE, rewritten
from photo.heic.forge import Entry, Forge, forged, picture_entry, ramp

SIZE = (build_ispe((64, 64)), False)
ONE_TILE = struct.pack(">4B2H", 0, 0, 0, 0, 64, 64)
CROP_AFTER_TURN = [
    (each, True) for each in (*build_turning(Orientation.RIGHT), build_clap((64, 64), (32, 32)))
]
BROKEN: dict[str, tuple[Entry, type[FileError]]] = {
    "no size": (Entry("hvc1", b"x"), CorruptFile),
    "empty grid": (Entry("grid", ONE_TILE, [SIZE], construction=1), CorruptFile),
    "crop after turn": (Entry("hvc1", b"x", [SIZE, *CROP_AFTER_TURN]), UnsupportedFile),
    "bad JPEG": (Entry("jpeg", b"RIFF", [SIZE]), CorruptFile),
    "too large": (Entry("hvc1", b"x", [(build_ispe((60_000, 60_000)), False)]), LimitExceeded),
}


def with_broken(name: str, urn: str) -> tuple[Forge, int]:
    entry = BROKEN[name][0]
    forge = forged()
    properties = [*entry.properties, (build_auxc(urn, b""), True)]
    item = forge.add(
        Entry(entry.kind, entry.payload, properties, hidden=True, construction=entry.construction)
    )
    forge.refer("auxl", item, 1)
    return forge, item


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_matte_is_left_out_and_kept(name: str, caplog: pytest.LogCaptureFixture) -> None:
    forge, item = with_broken(name, MATTE)
    depth = forge.add(picture_entry(ramp(64, 64), urn=DEPTH_URN, hidden=True))
    forge.refer("auxl", depth, 1)
    with caplog.at_level(logging.WARNING, "nearfar.photo"):
        document = open_document(forge.build())
    assert f"auxiliary image {item} is left out" in caplog.text
    assert [image.key for image in document.images] == [depth]
    assert document.images[0].decode().shape == (64, 64)
    assert document.decode_color().shape == (96, 128, 3)
    after = rewritten(document, Changes(exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0", xmp=b"<x/>"))
    assert after.meta.payload(item) == document.meta.payload(item)
    assert item in after.meta.sources(1, "auxl")


@pytest.mark.parametrize("name", [name for name in BROKEN if name != "no size"])
def test_a_broken_depth_map_is_not_silently_missing(name: str) -> None:
    forge, _ = with_broken(name, DEPTH_URN)
    photo = nf.open(forge.build())
    assert photo.color.shape == (96, 128, 3)
    with pytest.raises(BROKEN[name][1]):
        assert photo.depth
    assert b"".join(open_document(forge.build()).rewrite(Changes(xmp=b"<x/>")))


def progressive(size: tuple[int, int], extra: int, mode: str = "L") -> bytes:
    """A flat progressive JPEG whose last scan comes `extra` times more."""
    out = io.BytesIO()
    Image.new(mode, size).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * extra + b"\xff\xd9"


def jpeg_map(data: bytes, size: tuple[int, int], tiles: int = 0) -> Forge:
    forge = forged()
    properties = [(build_ispe(size), False), (build_auxc(DEPTH_URN, b""), True)]
    item = forge.add(Entry("jpeg", data, properties, hidden=True))
    if tiles:
        tile, whole = item, (size[0] * tiles, size[1])
        payload = struct.pack(">4B2H", 0, 0, 0, tiles - 1, *whole)
        properties = [(build_ispe(whole), False), properties[1]]
        item = forge.add(Entry("grid", payload, properties, hidden=True, construction=1))
        forge.refer("dimg", item, *[tile] * tiles)
    forge.refer("auxl", item, 1)
    return forge


def test_a_jpeg_item_of_too_many_scans_is_refused() -> None:
    data = progressive((2048, 1024), 200)
    (image,) = open_document(jpeg_map(data, (2048, 1024)).build(), file="a.heic").images
    with pytest.raises(LimitExceeded, match="scans") as caught:
        image.decode()
    assert caught.value.file == "a.heic"
    assert caught.value.offset is not None


def test_tiles_share_what_scans_may_cost() -> None:
    data = progressive((512, 512), 40)
    limits = Limits(max_pixels=8 * 512 * 512)
    (image,) = open_document(jpeg_map(data, (512, 512)).build(), limits=limits).images
    assert image.decode().shape == (512, 512)
    (image,) = open_document(jpeg_map(data, (512, 512), tiles=8).build(), limits=limits).images
    with pytest.raises(LimitExceeded, match="scans"):
        image.decode()


def test_metadata_of_a_jpeg_item_do_not_reach_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    Image.fromarray(ramp(64, 64, colour=True)).save(out, "JPEG")
    marked = out.getvalue()[:2] + b"\xff\xe1\0\x0aExif\0\0II" + out.getvalue()[2:]
    seen = []
    real = JpegImagePlugin.JpegImageFile

    def spy(file: io.BytesIO) -> JpegImagePlugin.JpegImageFile:
        seen.append(file.getvalue())
        return real(file)

    forge = Forge()
    forge.add(Entry("jpeg", marked, [SIZE]))
    monkeypatch.setattr(JpegImagePlugin, "JpegImageFile", spy)
    color = open_document(forge.build()).decode_color()
    assert np.abs(color.astype(int) - ramp(64, 64, colour=True)).mean() < 8
    assert seen
    assert all(b"Exif" not in data for data in seen)
