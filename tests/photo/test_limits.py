"""Files that ask for too much, through the public door: refused by name before any decoder is started."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ImageFile

import nearfar as nf
from nearfar import _native
from nearfar.errors import CorruptFile, FileError, LimitExceeded
from nearfar.photo import jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN
from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.locations import Extent
from nearfar.photo.heic.properties import build_auxc, build_ispe
from nearfar.photo.jpeg.segments import EXTENDED_XMP, MPF, XMP, segment_bytes
from photo.heic.forge import Entry, Forge, forged, picture_entry, ramp, read_meta
from photo.heic.test_hostile import (
    chain,
    claimed_count,
    huge_grid,
    located,
    loop,
    lying_size,
    many_items,
    nested,
    sps_of,
    wide_references,
)

MATTE_URN = "urn:com:apple:photo:2018:aux:portraiteffectsmatte"
GUID = "0123456789ABCDEF" * 2
RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}'
)
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
PACKETS = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]><x>&a9;</x>'.encode(),
    "quadratic blowup": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 2_000}</x>'.encode(),
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "external document type": b'<!DOCTYPE x SYSTEM "http://localhost/x.dtd"><x/>',
    "1,000 levels": RDF.format("<rdf:Description>" + "<a>" * 1_000).encode(),
    "unclosed": RDF.format("").encode(),
}
DEPTH = xmp.build({"apdi:AuxiliaryImageType": "disparity", "apdi:NativeFormat": "1751411059"})


def frame(marker: int, width: int, height: int, *, bits: int = 8) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">HBHHB", 11, bits, height, width, 1) + b"\1\x11\0"


def coded(width: int, height: int, *segments: bytes, marker: int = 0xC0, scans: int = 1) -> bytes:
    """A JPEG that claims a size, and holds next to nothing."""
    bits = 16 if marker == 0xC3 else 8
    scan = b"\xff\xda\0\x08\1\1\0\1\0\0\0"
    head = b"".join((b"\xff\xd8", *segments, frame(marker, width, height, bits=bits)))
    return head + scan * scans + b"\xff\xd9"


def mpf(count: int, *, listed: int) -> bytes:
    """An index that claims `count` images, with room for `listed`."""
    entries = struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    entries += struct.pack(">HHII", 0xB001, 4, 1, count)
    entries += struct.pack(">HHII", 0xB002, 7, count * 16 & 0xFFFFFFFF, 50)
    return segment_bytes(MPF, b"MM\0*\0\0\0\x08\0\3" + entries + bytes(4) + bytes(16) * listed)


def with_depth(secondary: bytes) -> bytes:
    return jpeg.compose(np.zeros((8, 8, 3), np.uint8)) + secondary


def with_packet(packet: bytes, *segments: bytes) -> bytes:
    data = jpeg.compose(np.zeros((8, 8, 3), np.uint8))
    return data[:20] + segment_bytes(XMP, packet) + b"".join(segments) + data[20:]


def gdepth(picture: bytes) -> bytes:
    tags = {"GDepth:Format": "RangeInverse", "GDepth:Near": "1", "GDepth:Far": "2"}
    return with_packet(xmp.build({**tags, "GDepth:Data": base64.b64encode(picture).decode()}))


def png(width: int, height: int) -> bytes:
    """A PNG that claims a size, with rows for a small part of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def extended(length: int) -> bytes:
    main = xmp.build({"GDepth:Format": "RangeInverse", "xmpNote:HasExtendedXMP": GUID})
    return with_packet(
        main, segment_bytes(EXTENDED_XMP, GUID.encode() + struct.pack(">II", length, 0) + b"<x/>")
    )


def depth_item(entry: Entry, packet: bytes = DEPTH) -> bytes:
    forge = forged()
    item = forge.add(entry)
    forge.refer("auxl", item, 1)
    forge.describe(item, packet)
    return forge.build()


def lossless_item(width: int, height: int) -> bytes:
    properties = [(build_ispe((width, height)), False), (build_auxc(DEPTH_URN, b""), True)]
    return depth_item(Entry("jpeg", coded(64, 64, marker=0xC3), properties, hidden=True))


def lying_jpeg_item() -> bytes:
    properties = [(build_ispe((64, 64)), False), (build_auxc(DEPTH_URN, b""), True)]
    return depth_item(Entry("jpeg", coded(60_000, 60_000, marker=0xC3), properties, hidden=True))


def lying_set() -> bytes:
    entry = picture_entry(ramp(64, 64), urn=DEPTH_URN, hidden=True)
    unit = sps_of(60_000, 60_000)
    entry.payload = struct.pack(">I", len(unit)) + unit + entry.payload
    return depth_item(entry)


def hevc_depth(packet: bytes) -> bytes:
    return depth_item(picture_entry(ramp(64, 64), urn=DEPTH_URN, hidden=True), packet)


def nested_movie(depth: int) -> Forge:
    forge = forged()
    data = b""
    for _ in range(depth):
        data = box(b"trak", data)
    forge.after = box(b"moov", data)
    return forge


def wide_group() -> Forge:
    forge = forged()
    forge.replace["grpl"] = box(b"grpl", full_box(b"ster", 0, 0, integers(4, [1, 1 << 31])))
    return forge


def bombs() -> dict[str, tuple[Callable[[], bytes], str, type[FileError]]]:
    """Files by what is wrong with them; what is asked of the photo ("open" for opening it); the error."""
    cases: dict[str, tuple[Callable[[], bytes], str, type[FileError]]] = {
        "JPEG 60000×60000": (lambda: coded(60_000, 60_000), "open", LimitExceeded),
        "JPEG 65535×65535 lossless": (lambda: coded(65_535, 65_535, marker=0xC3), "open", LimitExceeded),
        "JPEG 0×0": (lambda: coded(0, 0), "open", CorruptFile),
        "JPEG of 300 scans": (lambda: coded(9_000, 9_000, marker=0xC2, scans=300), "color", LimitExceeded),
        "JPEG of 5,000 segments": (lambda: coded(8, 8, b"\xff\xfe\0\2" * 5_000), "open", LimitExceeded),
        "JPEG of 2,000 images": (lambda: coded(8, 8) * 2_000, "open", LimitExceeded),
        "JPEG 9000×9000 of 30 scans": (
            lambda: coded(9_000, 9_000, marker=0xC2, scans=30),
            "color",
            LimitExceeded,
        ),
        "MPF of 2,000 images": (lambda: coded(8, 8, mpf(2_000, listed=2_000)), "open", LimitExceeded),
        "depth 60000×60000": (
            lambda: with_depth(coded(60_000, 60_000, segment_bytes(XMP, DEPTH))),
            "depth",
            LimitExceeded,
        ),
        "lossless depth 60000×60000": (
            lambda: with_depth(coded(60_000, 60_000, segment_bytes(XMP, DEPTH), marker=0xC3)),
            "depth",
            LimitExceeded,
        ),
        "extended XMP of 4 GiB": (lambda: extended(0xFFFFFFFF), "depth", LimitExceeded),
        "GDepth PNG 60000×60000": (lambda: gdepth(png(60_000, 60_000)), "depth", LimitExceeded),
        "GDepth PNG 2³¹ wide": (lambda: gdepth(png(0x7FFFFFFF, 1)), "depth", LimitExceeded),
        "GDepth JPEG 60000×60000": (lambda: gdepth(coded(60_000, 60_000)), "depth", LimitExceeded),
        "lossless item 60000×60000": (lambda: lossless_item(60_000, 60_000), "depth", LimitExceeded),
        "lossless item that lies": (lying_jpeg_item, "depth", LimitExceeded),
        "HEVC set 60000×60000": (lying_set, "depth", LimitExceeded),
    }
    cases |= {
        name: ((lambda make=make: make().build()), "open", error)
        for name, make, error in (
            ("ispe 60000×60000", lambda: lying_size(60_000, 60_000), LimitExceeded),
            ("ispe 300000×300000", lambda: lying_size(300_000, 300_000), LimitExceeded),
            ("ispe 2³² - 1", lambda: lying_size(0xFFFFFFFF, 0xFFFFFFFF), LimitExceeded),
            ("grid 300000×300000", lambda: huge_grid(300_000, 300_000), LimitExceeded),
            ("2,000 items", lambda: many_items(2_000), LimitExceeded),
            ("iinf of 2³¹", lambda: claimed_count("iinf", 0, 1), LimitExceeded),
            ("iloc of 2³¹", lambda: claimed_count("iloc", 2, 2), LimitExceeded),
            ("ipma of 2³¹", lambda: claimed_count("ipma", 0, 0), LimitExceeded),
            ("boxes nested 33", lambda: nested(33), LimitExceeded),
            ("boxes nested 10,000", lambda: nested(10_000), LimitExceeded),
            ("movie nested 10,000", lambda: nested_movie(10_000), LimitExceeded),
            ("picture made of itself", lambda: loop((1, 1)), CorruptFile),
            ("pictures in a ring", lambda: loop((1, 2), (2, 3), (3, 1)), CorruptFile),
            ("pictures made 40 deep", lambda: chain(40), CorruptFile),
            ("120,000 references", wide_references, LimitExceeded),
            ("group of 2³¹", wide_group, LimitExceeded),
            ("extent past the end", lambda: located(Extent(0, 1 << 30, 10)), CorruptFile),
            ("extent over the end", lambda: located(Extent(0, 0, 1 << 31)), CorruptFile),
            ("overlapping extents", lambda: located(*[Extent(0, 0, 400)] * 3_000), LimitExceeded),
            ("5,000 extents", lambda: located(*[Extent(0, 0, 1)] * 5_000), LimitExceeded),
        )
    }
    for name, packet in PACKETS.items():
        error = LimitExceeded if name[0].isdigit() else CorruptFile
        cases[f"JPEG's XMP: {name}"] = ((lambda packet=packet: with_packet(packet)), "depth", error)
        cases[f"HEIC's XMP: {name}"] = ((lambda packet=packet: hevc_depth(packet)), "depth", error)
    many = RDF.format("<a/>" * 300_000).encode()
    cases["HEIC's XMP: 300,000 elements"] = (lambda: hevc_depth(many), "depth", LimitExceeded)
    few = RDF.format("<a/>" * 60_000).encode()
    cases["HEIC's XMP: 60,000 elements"] = (lambda: hevc_depth(few), "depth", LimitExceeded)
    cases["HEIC's XMP: 17 MiB"] = (lambda: hevc_depth(b"<x>" + bytes(17 << 20)), "depth", LimitExceeded)
    return cases


BOMBS = bombs()


def ask(photo: nf.Photo, what: str) -> object:
    return None if what == "open" else getattr(photo, what)


@pytest.fixture
def no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any start of a decoder fail the test."""

    def started(*args: object, **kwargs: object) -> None:
        pytest.fail("a decoder was started")

    monkeypatch.setattr(pillow_heif, "open_heif", started)
    monkeypatch.setattr(ImageFile.ImageFile, "load", started)
    monkeypatch.setattr(_native, "lossless_jpeg_decode", started)


@pytest.mark.parametrize("name", BOMBS)
def test_refused(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    make, what, error = BOMBS[name]
    path = tmp_path / "bomb"
    path.write_bytes(make())
    if "XMP" not in name:  # a packet may be read beside the decoding of an honest picture
        request.getfixturevalue("no_decoder")
    with pytest.raises(error) as caught:
        ask(nf.open(path), what)
    refused = caught.value
    assert type(refused) is error
    assert refused.file == str(path)
    assert refused.offset is not None
    assert 0 <= refused.offset <= path.stat().st_size
    if "XMP: " in name:
        places = [path.read_bytes().find(start) for start in (b"<!DOCTYPE x", b"<x")]
        assert refused.offset >= min(place for place in places if place >= 0)
    if isinstance(refused, LimitExceeded):
        assert refused.limit is not None
        assert f"{refused.limit:,}" in str(refused)
        assert str(refused.offset) in str(refused)


@pytest.mark.parametrize("count", [2_000, 1 << 27, 0xFFFFFFFF])
def test_an_index_that_claims_more_images_than_it_holds_is_ignored(count: int) -> None:
    photo = nf.open(coded(8, 8, mpf(count, listed=1)) + coded(16, 8, segment_bytes(XMP, DEPTH)))
    assert photo.size == (8, 8)
    assert photo.summary()["depth"]["width"] == 16, "found behind the picture"


def crowded_index(count: int) -> bytes:
    """An index whose images each begin in the header of the one before; read one by one it takes minutes."""
    places = b"\xff\xd8" + b"\xff\xfe\0\4\xff\xd8" * count
    behind = places + b"\xff\xfe\0\2" * 2_500 + coded(8, 8)[2:]
    start = len(coded(8, 8, mpf(count, listed=count)))
    entries = b"".join(struct.pack(">4I", 0, 0, start + 6 * n - 10 if n else 0, 0) for n in range(count))
    data = coded(8, 8, mpf(count, listed=count))
    return data.replace(bytes(16) * count, entries, 1) + behind


def test_images_inside_each_others_headers_are_read_once() -> None:
    photo = nf.open(crowded_index(900))
    assert photo.size == (8, 8)
    assert photo.summary()["depth"] is None
    assert len(photo._state.contents.document.images) == 1


def test_a_movie_of_too_many_chunks_is_not_edited() -> None:
    forge = forged()
    chunks = full_box(b"stco", 0, 0, struct.pack(">I", 200_000) + bytes(4) * 200_000)
    forge.after = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", chunks)))))
    photo = nf.open(forge.build())
    with pytest.raises(LimitExceeded, match="chunks of movies: 200,000") as caught:
        photo.with_metadata(nf.Metadata(xmp=DEPTH)).file_data("heic")
    assert caught.value.offset is not None


def test_a_chain_of_descriptions_falls_with_what_it_describes() -> None:
    forge = forged()
    matte = forge.add(picture_entry(ramp(64, 64), urn=MATTE_URN, hidden=True))
    forge.refer("auxl", matte, 1)
    item = matte
    for _ in range(900):
        item = forge.describe(item, DEPTH)
    photo = nf.open(forge.build())
    assert list(photo.mattes) == [nf.MatteKind.PORTRAIT]
    assert set(read_meta(photo.with_mattes([]).file_data("heic")).items) == {1}


def test_limits_are_the_callers() -> None:
    data = forged().build()
    with pytest.raises(LimitExceeded, match="max_pixels="):
        nf.open(data, max_pixels=100)
    with pytest.raises(LimitExceeded, match="max_items="):
        nf.open(hevc_depth(DEPTH), max_items=2)
    assert nf.open(data, max_pixels=128 * 96, max_items=1).size == (128, 96)
