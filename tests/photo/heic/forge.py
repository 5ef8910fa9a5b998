"""HEIC files made by hand, sound and hostile: a test may replace any table by what it wants refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.photo.heic import codec, tables
from nearfar.photo.heic.boxes import Box, Source, box, full_box
from nearfar.photo.heic.locations import Extent, Location
from nearfar.photo.heic.meta import XMP_TYPE, Association, AssociationBox, Meta, Reference, parse_meta
from nearfar.photo.heic.properties import build_auxc, build_ispe, build_nclx, build_pixi
from nearfar.photo.limits import Limits

FILE_TYPE = box(b"ftyp", b"heic\0\0\0\0mif1heic")
HANDLER = full_box(b"hdlr", 0, 0, b"\0\0\0\0pict", bytes(13))


@dataclass
class Entry:
    """One item of a forged file; `construction` 1 puts its bytes into ``idat``."""

    kind: str
    payload: bytes
    properties: list[tuple[bytes, bool]] = field(default_factory=list)
    hidden: bool = False
    construction: int = 0
    content_type: str = ""


@dataclass
class Forge:
    """A file in the making. `replace` holds whole boxes of the meta box, by kind; None leaves one out."""

    primary: int = 1
    items: dict[int, Entry] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    groups: list[bytes] = field(default_factory=list)
    replace: dict[str, bytes | None] = field(default_factory=dict)
    extra: bytes = b""
    before: bytes = b""
    after: bytes = b""
    media_first: bool = False

    def add(self, entry: Entry, number: int | None = None) -> int:
        number = number or max(self.items, default=0) + 1
        self.items[number] = entry
        return number

    def refer(self, kind: str, source: int, *targets: int) -> None:
        self.references.append(Reference(kind, source, targets))

    def describe(self, owner: int, packet: bytes) -> int:
        item = self.add(Entry("mime", packet, hidden=True, content_type=XMP_TYPE))
        self.refer("cdsc", item, owner)
        return item

    def exif(self, owner: int, tiff: bytes) -> int:
        item = self.add(Entry("Exif", b"\0\0\0\6Exif\0\0" + tiff, hidden=True))
        self.refer("cdsc", item, owner)
        return item

    def build(self) -> bytes:
        media = b"".join(e.payload for e in self.items.values() if e.construction == 0)
        start = len(FILE_TYPE) + len(self.before) + 8
        if not self.media_first:
            start += len(self._meta(0))
        parts = [self._meta(start), box(b"mdat", media)]
        return b"".join(
            [FILE_TYPE, self.before, *(reversed(parts) if self.media_first else parts), self.after]
        )

    def _meta(self, start: int) -> bytes:
        locations, inside = {}, b""
        for number, entry in self.items.items():
            offset = len(inside) if entry.construction else start
            locations[number] = Location(entry.construction, 0, (Extent(0, offset, len(entry.payload)),))
            if entry.construction:
                inside += entry.payload
            else:
                start += len(entry.payload)
        pool: list[bytes] = []
        uses = []
        for number, entry in self.items.items():
            mine = []
            for data, essential in entry.properties:
                if data not in pool:
                    pool.append(data)
                mine.append(Association(pool.index(data) + 1, essential))
            uses.append((number, tuple(mine)))
        infe = [
            tables.build_infe(number, e.kind, hidden=e.hidden, content_type=e.content_type)
            for number, e in self.items.items()
        ]
        boxes: dict[str, bytes | None] = {
            "hdlr": HANDLER,
            "pitm": tables.build_pitm(self.primary),
            "iinf": tables.build_iinf(infe),
            "iref": tables.build_iref(self.references),
            "iprp": box(b"iprp", box(b"ipco", *pool), tables.build_ipma(AssociationBox(0, 0, tuple(uses)))),
            "grpl": box(b"grpl", *self.groups) if self.groups else None,
            "idat": box(b"idat", inside) if inside else None,
            "iloc": tables.build_iloc(locations),
        }
        boxes.update(self.replace)
        return full_box(b"meta", 0, 0, *(each for each in boxes.values() if each), self.extra)


def picture_entry(samples: NDArray[Any], *extra: bytes, urn: str = "", hidden: bool = False) -> Entry:
    """An HEVC item: (H, W) lossless or (H, W, 3); sizes must be even and at least 64."""
    coded = coded_picture(samples.tobytes(), samples.shape)
    assert coded.size == (samples.shape[1], samples.shape[0]), "the codec pads what is odd or small"
    properties = [(coded.configuration, True), (build_ispe(coded.size), False)]
    properties += [(each, True) for each in extra]
    properties.append((build_pixi(3 if samples.ndim == 3 else 1, 8), False))
    if samples.ndim == 3:
        properties.insert(0, (build_nclx(codec.SRGB), True))
    if urn:
        properties.append((build_auxc(urn, b""), True))
    return Entry("hvc1", coded.payload, properties, hidden)


@cache
def coded_picture(data: bytes, shape: tuple[int, ...]) -> codec.CodedPicture:
    samples = np.frombuffer(data, np.uint8).reshape(shape)
    return codec.encode_hevc(samples, quality=codec.LOSSLESS if len(shape) == 2 else 95, preset="ultrafast")


def ramp(height: int, width: int, *, colour: bool = False) -> NDArray[np.uint8]:
    """A smooth picture without symmetry, so that no turn leaves it as it is."""
    y, x = np.mgrid[:height, :width]
    grey = (x * 150 // max(width - 1, 1) + y * 100 // max(height - 1, 1)).astype(np.uint8)
    return np.stack([grey, grey // 2, 255 - grey], axis=2) if colour else grey


def forged(*extra: bytes, size: tuple[int, int] = (128, 96)) -> Forge:
    """A file with one small picture; `extra` are properties of it (irot, imir, clap)."""
    forge = Forge()
    forge.add(picture_entry(ramp(size[1], size[0], colour=True), *extra))
    return forge


def read_meta(data: bytes, **limits: int) -> Meta:
    """The item model of a file."""
    source = Source(data, file="forged.heic", limits=Limits(**limits))
    return parse_meta(source, meta_box(source))


def meta_box(source: Source) -> Box:
    return next(each for each in source.top_level() if each.kind == "meta")


def payloads(meta: Meta, items: Iterable[int] | None = None) -> dict[int, bytes]:
    """The bytes of items, all of them unless told."""
    return {item: meta.payload(item) for item in (meta.items if items is None else items)}
