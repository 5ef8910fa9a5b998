"""The boxes of the item model, built: what `meta` and `locations` read, written back.

An unchanged table comes out as the bytes it was read from; only ``iloc`` is normalised (no base offsets).

Source: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12, section 9.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

from nearfar.photo.heic.boxes import box, full_box, integers
from nearfar.photo.heic.locations import Location
from nearfar.photo.heic.meta import AssociationBox, Group, Reference

NARROW = 0xFFFF
"""The largest item id that the narrow forms of the tables hold."""


def build_infe(item: int, kind: str, *, hidden: bool, content_type: str = "") -> bytes:
    """Build the entry of one item; `content_type` is that of a mime item."""
    wide = item > NARROW
    name = b"\0" if kind != "mime" else b"\0" + content_type.encode() + b"\0"
    return full_box(
        b"infe",
        3 if wide else 2,
        int(hidden),
        integers(4 if wide else 2, [item]),
        b"\0\0",
        kind.encode("latin-1"),
        name,
    )


def build_iinf(entries: Sequence[bytes], *, version: int = 0) -> bytes:
    """Build the item list from its entries."""
    version = 1 if len(entries) > NARROW else version
    return full_box(b"iinf", version, 0, integers(4 if version else 2, [len(entries)]), *entries)


def build_pitm(item: int) -> bytes:
    """Build the box that names the primary item."""
    wide = item > NARROW
    return full_box(b"pitm", int(wide), 0, integers(4 if wide else 2, [item]))


def build_iref(references: Iterable[Reference], *, version: int = 0) -> bytes:
    """Build the references between items."""
    references = list(references)
    if any(max(each.source, *each.targets, 0) > NARROW for each in references):
        version = 1
    size = 4 if version else 2
    return full_box(
        b"iref",
        version,
        0,
        *(
            box(
                each.kind.encode("latin-1"),
                integers(size, [each.source]),
                integers(2, [len(each.targets)]),
                integers(size, each.targets),
            )
            for each in references
        ),
    )


def build_ipma(associations: AssociationBox) -> bytes:
    """Build the list of which item has which property, in wide form where it must be."""
    version, flags, entries = associations
    if any(item > NARROW for item, _ in entries):
        version = max(version, 1)
    if any(use.number > 127 for _, uses in entries for use in uses):
        flags |= 1
    number, wide = 4 if version else 2, 2 if flags & 1 else 1
    essential = 1 << (8 * wide - 1)
    rows = [
        integers(number, [item])
        + integers(1, [len(uses)])
        + integers(wide, [use.number | essential * use.essential for use in uses])
        for item, uses in entries
    ]
    return full_box(b"ipma", version, flags, integers(4, [len(rows)]), *rows)


def build_iloc(locations: Mapping[int, Location], *, version: int = 1, wide: bool = False) -> bytes:
    """Build the locations of items; `wide` gives offsets and lengths 8 bytes instead of 4."""
    if any(item > NARROW for item in locations) or len(locations) > NARROW:
        version = 2
    elif any(each.construction for each in locations.values()):
        version = max(version, 1)
    index = 4 if any(extent.item for each in locations.values() for extent in each.extents) else 0
    size, number = 8 if wide else 4, 4 if version == 2 else 2
    rows = []
    for item, location in locations.items():
        rows.append(integers(number, [item]))
        if version:
            rows.append(integers(2, [location.construction]))
        rows.append(integers(2, [location.data_reference, len(location.extents)]))
        for extent in location.extents:
            rows.append(integers(index, [extent.item]))
            rows.append(integers(size, [extent.offset, extent.length]))
    sizes = struct.pack(">BB", size << 4 | size, index)
    return full_box(b"iloc", version, 0, sizes, integers(number, [len(locations)]), *rows)


def build_group(group: Group, members: Sequence[int]) -> bytes:
    """Build an entity group anew with other members; what follows them in the box is kept."""
    start = 16 if group.raw[:4] == b"\0\0\0\1" else 8
    rest = group.raw[start + 12 + 4 * len(group.members) :]
    head = group.raw[start : start + 8]
    return box(group.kind.encode("latin-1"), head, integers(4, [len(members)]), integers(4, members), rest)
