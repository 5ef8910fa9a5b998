"""Files that ask for too much or contradict themselves: refused by name, and no decoder is ever started."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.errors import CorruptFile, FileError, LimitExceeded, UnsupportedFile
from nearfar.photo.auxiliary import DEPTH_URN
from nearfar.photo.heic import HeicDocument, open_document, tables
from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.locations import Extent, Location
from nearfar.photo.heic.meta import Association, AssociationBox, Reference
from nearfar.photo.heic.properties import build_auxc, build_ispe
from nearfar.photo.limits import Limits
from photo.heic.forge import Entry, Forge, forged, picture_entry, ramp, read_meta


@pytest.fixture
def no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any start of the HEVC decoder fail the test."""

    def started(*args: object, **kwargs: object) -> None:
        pytest.fail("a decoder was started")

    monkeypatch.setattr(pillow_heif, "open_heif", started)


def everything(data: bytes) -> HeicDocument:
    """Open a file and ask for all that it has."""
    document = open_document(data, file="bad.heic", limits=Limits())
    for image in document.images:
        image.decode()
    document.decode_color()
    return document


def lying_size(width: int, height: int) -> Forge:
    forge = forged()
    entry = forge.items[1]
    entry.properties = [
        (build_ispe((width, height)), False) if data[4:8] == b"ispe" else (data, essential)
        for data, essential in entry.properties
    ]
    return forge


def huge_grid(width: int, height: int) -> Forge:
    forge = Forge(primary=2)
    forge.add(picture_entry(ramp(64, 64, colour=True), hidden=True))
    payload = struct.pack(">4B2I", 0, 1, 255, 255, width, height)
    forge.add(Entry("grid", payload, [(build_ispe((64, 64)), False)], construction=1))
    forge.refer("dimg", 2, *([1] * 65_535))
    return forge


def nested(depth: int) -> Forge:
    data = b""
    for _ in range(depth):
        data = box(b"ipco", data)
    forge = forged()
    forge.items[1].properties.append((data, False))
    return forge


def many_items(count: int) -> Forge:
    forge = forged()
    infe = [tables.build_infe(n, "hvc1", hidden=True) for n in range(1, count + 1)]
    forge.replace["iinf"] = tables.build_iinf(infe)
    return forge


def claimed_count(kind: str, at: int, version: int) -> Forge:
    """A table that claims 2³¹ entries and holds none."""
    forge = forged()
    body = {"iinf": b"", "iloc": b"\x44\0", "ipma": b""}[kind]
    data = full_box(kind.encode(), version, 0, body, struct.pack(">I", 1 << 31))
    if kind == "ipma":
        forge.replace["iprp"] = box(b"iprp", box(b"ipco", *(p[0] for p in forge.items[1].properties)), data)
    else:
        forge.replace[kind] = data
    return forge


def loop(*pairs: tuple[int, int]) -> Forge:
    forge = Forge(primary=1)
    for number in (1, 2, 3):
        payload = struct.pack(">4B2H", 0, 0, 0, 0, 64, 64)
        forge.add(Entry("grid", payload, [(build_ispe((64, 64)), False)], construction=1), number)
    for source, target in pairs:
        forge.refer("dimg", source, target)
    return forge


def chain(length: int) -> Forge:
    forge = Forge(primary=1)
    for number in range(1, length + 1):
        forge.add(Entry("iden", b"", [(build_ispe((64, 64)), False)]))
        if number < length:
            forge.refer("dimg", number, number + 1)
    return forge


def located(*extents: Extent, construction: int = 0) -> Forge:
    forge = forged()
    forge.replace["iloc"] = tables.build_iloc({1: Location(construction, 0, extents)})
    return forge


def many_extents(count: int) -> Forge:
    return located(*[Extent(0, 0, 1)] * count)


def past_ipco() -> Forge:
    forge = forged()
    pool = box(b"ipco", *(p[0] for p in forge.items[1].properties))
    uses = AssociationBox(0, 0, ((1, (Association(9, True),)),))
    forge.replace["iprp"] = box(b"iprp", pool, tables.build_ipma(uses))
    return forge


def wide_references() -> Forge:
    forge = forged()
    forge.references = [Reference("cdsc", 1, (1,) * 60_000)] * 2
    return forge


def second_pitm() -> Forge:
    forge = forged()
    forge.extra = tables.build_pitm(1)
    return forge


def replaced(kind: str, data: bytes | None) -> Forge:
    forge = forged()
    forge.replace[kind] = data
    return forge


def wrong_tile() -> Forge:
    """A grid of one 64×64 tile that claims 4,000×4,000 pixels."""
    forge = Forge(primary=2)
    forge.add(picture_entry(ramp(64, 64, colour=True), hidden=True))
    payload = struct.pack(">4B2H", 0, 0, 0, 0, 4000, 4000)
    forge.add(Entry("grid", payload, [(build_ispe((4000, 4000)), False)], construction=1))
    forge.refer("dimg", 2, 1)
    return forge


REFUSED: dict[str, tuple[Callable[[], Forge], type[FileError]]] = {
    "ispe 60000²": (lambda: lying_size(60_000, 60_000), LimitExceeded),
    "ispe 300000²": (lambda: lying_size(300_000, 300_000), LimitExceeded),
    "ispe 2³²-1": (lambda: lying_size(0xFFFFFFFF, 0xFFFFFFFF), LimitExceeded),
    "ispe 0": (lambda: lying_size(0, 96), CorruptFile),
    "ispe smaller than coded": (lambda: lying_size(8, 8), CorruptFile),
    "ispe larger than coded": (lambda: lying_size(512, 512), CorruptFile),
    "grid 300000²": (lambda: huge_grid(300_000, 300_000), LimitExceeded),
    "grid of one small tile": (wrong_tile, CorruptFile),
    "nested 33": (lambda: nested(33), LimitExceeded),
    "nested 2,000": (lambda: nested(2_000), LimitExceeded),
    "items 2,000": (lambda: many_items(2_000), LimitExceeded),
    "iinf claims 2³¹": (lambda: claimed_count("iinf", 0, 1), LimitExceeded),
    "iloc claims 2³¹": (lambda: claimed_count("iloc", 2, 2), LimitExceeded),
    "ipma claims 2³¹": (lambda: claimed_count("ipma", 0, 0), LimitExceeded),
    "dimg of itself": (lambda: loop((1, 1)), CorruptFile),
    "dimg in a ring": (lambda: loop((1, 2), (2, 3), (3, 1)), CorruptFile),
    "dimg 40 deep": (lambda: chain(40), CorruptFile),
    "extent past the end": (lambda: located(Extent(0, 1 << 30, 10)), CorruptFile),
    "extent over the end": (lambda: located(Extent(0, 0, 1 << 31)), CorruptFile),
    "extent past idat": (lambda: located(Extent(0, 0, 10), construction=1), CorruptFile),
    "overlapping extents": (lambda: located(*[Extent(0, 0, 400)] * 3_000), LimitExceeded),
    "extents 5,000": (lambda: many_extents(5_000), LimitExceeded),
    "ipma past ipco": (past_ipco, CorruptFile),
    "references 120,000": (wide_references, LimitExceeded),
    "two pitm": (second_pitm, CorruptFile),
    "no iinf": (lambda: replaced("iinf", None), CorruptFile),
    "no hdlr": (lambda: replaced("hdlr", None), CorruptFile),
    "pitm of nothing": (lambda: replaced("pitm", tables.build_pitm(7)), CorruptFile),
    "pitm cut": (lambda: replaced("pitm", full_box(b"pitm", 0, 0, b"\1")), CorruptFile),
    "no iloc": (lambda: replaced("iloc", None), CorruptFile),
    "iloc version 3": (lambda: replaced("iloc", full_box(b"iloc", 3, 0, bytes(8))), CorruptFile),
    "iloc fields of 3 bytes": (lambda: replaced("iloc", full_box(b"iloc", 1, 0, b"\x33\0\0\0")), CorruptFile),
    "iprp without ipco": (lambda: replaced("iprp", box(b"iprp")), CorruptFile),
    "grpl cut": (lambda: replaced("grpl", box(b"grpl", full_box(b"ster", 0, 0, bytes(4)))), CorruptFile),
    "group of 2³¹": (
        lambda: replaced("grpl", box(b"grpl", full_box(b"ster", 0, 0, integers(4, [1, 1 << 31])))),
        LimitExceeded,
    ),
}


@pytest.mark.usefixtures("no_decoder")
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    make, error = REFUSED[name]
    with pytest.raises(error) as caught:
        everything(make().build())
    assert type(caught.value) is error
    assert caught.value.file == "bad.heic"
    assert caught.value.offset is not None
    if isinstance(caught.value, LimitExceeded):
        assert caught.value.limit is not None
        assert caught.value.value is not None
        assert caught.value.value > caught.value.limit


def sps_of(width: int, height: int) -> bytes:
    """A sequence parameter set, as far as its size, for a monochrome picture."""
    bits = "0000" + "000" + "1" + "0" * 96 + "1" + "1"

    def ue(value: int) -> str:
        text = f"{value + 1:b}"
        return "0" * (len(text) - 1) + text

    bits += ue(width) + ue(height) + "0" + ue(0)
    bits += "1" + "0" * (-(len(bits) + 1) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big")
    out = bytearray()
    for byte in body:
        if out[-2:] == b"\0\0" and byte <= 3:
            out.append(3)
        out.append(byte)
    return b"\x42\1" + bytes(out)


@pytest.mark.usefixtures("no_decoder")
@pytest.mark.parametrize("where", ["hvcC", "payload"])
@pytest.mark.parametrize("size", [(60_000, 60_000), (300_000, 300_000), (512, 512)])
@pytest.mark.parametrize("role", ["picture", "auxiliary image"])
def test_a_parameter_set_that_asks_for_more_than_ispe_is_refused(
    where: str, size: tuple[int, int], role: str
) -> None:
    unit = sps_of(*size)
    forge = forged()
    item = 1
    if role != "picture":
        item = forge.add(picture_entry(ramp(64, 64), urn=DEPTH_URN, hidden=True))
        forge.refer("auxl", item, 1)
    entry = forge.items[item]
    if where == "payload":
        entry.payload = struct.pack(">I", len(unit)) + unit + entry.payload
    else:
        at = next(n for n, p in enumerate(entry.properties) if p[0][4:8] == b"hvcC")
        body = entry.properties[at][0][8:]
        extra = bytes([33]) + struct.pack(">HH", 1, len(unit)) + unit
        entry.properties[at] = (box(b"hvcC", body[:22], bytes([body[22] + 1]), body[23:], extra), True)
    document = open_document(forge.build(), file="bad.heic", limits=Limits())
    with pytest.raises(LimitExceeded if size[0] > 1_000 else CorruptFile):
        document.decode_color() if role == "picture" else document.images[0].decode()


@pytest.mark.usefixtures("no_decoder")
def test_two_coded_pictures_in_one_item_are_refused() -> None:
    forge = forged()
    forge.items[1].payload *= 2
    with pytest.raises(CorruptFile, match="2 coded pictures"):
        everything(forge.build())


@pytest.mark.usefixtures("no_decoder")
@pytest.mark.parametrize("kind", ["av01", "iovl", "unci", "j2k1", "\xff\0\1\2"])
def test_other_codings_are_unsupported_by_name(kind: str) -> None:
    forge = forged()
    forge.items[1].kind = kind
    with pytest.raises(UnsupportedFile):
        everything(forge.build())


@pytest.mark.usefixtures("no_decoder")
def test_a_lying_jpeg_item_is_refused() -> None:
    frame = b"\xff\xc3\0\x0b\x10" + struct.pack(">HH", 60_000, 60_000) + b"\1\1\x11\0"
    scan = b"\xff\xda\0\x08\1\1\0\1\0\0\0\xff\xd9"
    for size, error in (((64, 64), LimitExceeded), ((640, 480), LimitExceeded)):
        forge = forged()
        properties = [(build_ispe(size), False), (build_auxc(DEPTH_URN, b""), True)]
        item = forge.add(Entry("jpeg", b"\xff\xd8" + frame + scan, properties, hidden=True))
        forge.refer("auxl", item, 1)
        with pytest.raises(error):
            open_document(forge.build()).images[0].decode()


def test_what_is_not_heic_is_unsupported() -> None:
    for data in (b"", b"\xff\xd8\xff\xe0", b"\0\0\0\x10ftypheic\0\0\0\0", bytes(100)):
        with pytest.raises(UnsupportedFile):
            open_document(data)


def test_limits_can_be_raised() -> None:
    data = forged().build()
    with pytest.raises(LimitExceeded):
        open_document(data, limits=Limits(max_pixels=128 * 96 - 1))
    assert open_document(data, limits=Limits(max_pixels=128 * 96)).size == (128, 96)
    two = forged()
    two.describe(1, b"<x/>")
    with pytest.raises(LimitExceeded):
        read_meta(two.build(), max_items=1)
    assert len(read_meta(two.build(), max_items=2).items) == 2


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sound file with some bytes changed, cut or doubled."""
    forge = forged()
    item = forge.add(picture_entry(ramp(64, 64), urn=DEPTH_URN, hidden=True))
    forge.refer("auxl", item, 1)
    forge.describe(item, b"<x/>")
    data = bytearray(forge.build())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        data[at] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    return bytes(data)


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_a_damaged_file_is_read_or_refused(data: bytes) -> None:
    try:
        document = everything(data)
    except FileError:
        return
    assert document.decode_color().ndim == 3
