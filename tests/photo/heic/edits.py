"""Edits under test: how they are made, what they must leave alone, and a file with a bit of everything."""

from __future__ import annotations

import struct
from collections.abc import Set as AbstractSet
from typing import Any

from nearfar.depth import Orientation
from nearfar.photo.auxiliary import DEPTH_URN, Changes, DepthRange, NewImage
from nearfar.photo.heic import HeicDocument, open_document
from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.properties import build_turning
from photo.heic.forge import Entry, Forge, forged, picture_entry, ramp

MATTE = "urn:com:apple:photo:2018:aux:portraiteffectsmatte"
PLACE = b"a place that must not stay behind"


def tiff(orientation: int, text: bytes = b"") -> bytes:
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0) + text


def rewritten(document: HeicDocument, changes: Changes) -> HeicDocument:
    return open_document(b"".join(document.rewrite(changes)))


def new_map(size: tuple[int, int] = (128, 96), urn: str = DEPTH_URN, **fields: Any) -> NewImage:
    return NewImage(urn, ramp(size[1], size[0]), b"<new/>", DepthRange(0.5, 2.5), **fields)


def assert_kept(
    before: HeicDocument, after: HeicDocument, *, changed: AbstractSet[int] = frozenset()
) -> None:
    """Every item but `changed` has its bytes, its properties, its references; so has every other box."""
    old, new = before.meta, after.meta
    for item in set(old.items) - set(changed):
        assert new.items[item].raw == old.items[item].raw
        assert new.payload(item) == old.payload(item)
        assert [new.source.raw(p) for p in new.properties_of(item)] == [
            old.source.raw(p) for p in old.properties_of(item)
        ]
        assert new.associations.get(item) == old.associations.get(item)
    gone = set(old.items) - set(new.items)
    for reference in old.references:
        if reference.source not in gone and gone.isdisjoint(reference.targets):
            assert reference in new.references
    for child in old.children:
        if child.kind not in ("iinf", "iref", "iprp", "iloc", "idat", "grpl"):
            assert old.source.raw(child) in [new.source.raw(each) for each in new.children]
    others = [b for b in old.source.top_level() if b.kind not in ("meta", "mdat", "moov")]
    others_now = [b for b in new.source.top_level() if b.kind not in ("meta", "mdat", "moov")]
    assert [old.source.raw(b) for b in others] == [new.source.raw(b) for b in others_now]


def rich() -> tuple[Forge, dict[str, int]]:
    """A file with a map, a matte, metadata, a thumbnail, an item and boxes that nobody knows."""
    forge = forged(*build_turning(Orientation.RIGHT))
    turn = build_turning(Orientation.RIGHT)
    ids = {"depth": forge.add(picture_entry(ramp(96, 128), *turn, urn=DEPTH_URN, hidden=True))}
    forge.refer("auxl", ids["depth"], 1)
    ids["depth xmp"] = forge.describe(ids["depth"], b"<depth/>")
    ids["matte"] = forge.add(picture_entry(ramp(64, 64), *turn, urn=MATTE, hidden=True))
    forge.refer("auxl", ids["matte"], 1)
    ids["exif"] = forge.exif(1, tiff(1, PLACE))
    ids["xmp"] = forge.describe(1, b"<picture/>")
    ids["thumbnail"] = forge.add(picture_entry(ramp(64, 64, colour=True)))
    forge.refer("thmb", ids["thumbnail"], 1)
    ids["unknown"] = forge.add(Entry("wxyz", b"unknown bytes", [(box(b"prop", b"x"), False)], construction=1))
    ids["secret"] = forge.add(Entry("mime", PLACE, content_type="application/rdf+xml", construction=1))
    forge.refer("cdsc", ids["secret"], ids["matte"])
    forge.groups = [full_box(b"eqiv", 0, 0, integers(4, [99, 2, 1, ids["depth"]]))]
    forge.extra = box(b"uuid", bytes(16), b"meta extra")
    forge.before, forge.after = box(b"free", b"before"), box(b"sefd", b"after") + b"SEFT"
    return forge, ids
