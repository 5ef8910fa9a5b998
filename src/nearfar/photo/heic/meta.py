"""The item model of a HEIF file: what its ``meta`` box says, bounded and checked.

    meta ─┬─ pitm ─ which item is the picture        iref ─ who belongs to whom (auxl, cdsc, dimg, thmb)
          ├─ iinf ─ the items                        iprp ─ properties (ipco) and who has which (ipma)
          ├─ iloc ─ where their bytes lie            idat ─ bytes inside the meta box
          └─ grpl ─ groups of items (ster, altr)     others are kept verbatim

Item numbers and counts are checked against the limits before anything is allocated for them, and every
extent against the file. Reading an item's bytes is `Meta.payload`.

Source: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12, section 9.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from nearfar.photo.heic.boxes import CONTAINERS, MAX_NESTING, Box, Source
from nearfar.photo.heic.locations import Location, parse_locations

XMP_TYPE = "application/rdf+xml"
"""The content type of XMP items."""

MAX_META_BYTES = 64 << 20
"""A larger ``meta`` box is refused: real ones have a few kilobytes."""


_PLAIN_ITEM = struct.Struct(">I4sIHH4sB")


class Item(NamedTuple):
    """An entry of ``iinf``: `kind` is its four-character type, `raw` the ``infe`` box as it lies in the
    file.
    """

    id: int
    kind: str
    hidden: bool
    content_type: str
    raw: bytes


class Reference(NamedTuple):
    """An entry of ``iref``: item `source` points at `targets`, by a reference of this kind."""

    kind: str
    source: int
    targets: tuple[int, ...]


class Association(NamedTuple):
    """An item's use of a property: `number` counts from 1 in ``ipco``, 0 is none."""

    number: int
    essential: bool


class AssociationBox(NamedTuple):
    """One ``ipma`` box."""

    version: int
    flags: int
    entries: tuple[tuple[int, tuple[Association, ...]], ...]


class Group(NamedTuple):
    """An entity group of ``grpl``; `raw` is its box as it lies in the file."""

    kind: str
    id: int
    members: tuple[int, ...]
    raw: bytes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Meta:
    """A parsed ``meta`` box.

    Attributes:
        source: the file.
        box: where the meta box lies.
        children: its boxes, in file order.
        primary: the primary item's id.
        items: by id, in file order.
        references: in file order.
        properties: the boxes of ``ipco``; number n is ``properties[n - 1]``.
        association_boxes: the ``ipma`` boxes; `associations` is the same by item.
        locations: by item id.
        idat: the item data box, or None.
        groups: the entity groups.
        forward, backward: the references by (kind, source) and by (kind, target).
    """

    source: Source
    box: Box
    children: tuple[Box, ...]
    primary: int
    items: dict[int, Item]
    references: tuple[Reference, ...]
    properties: tuple[Box, ...]
    association_boxes: tuple[AssociationBox, ...]
    associations: dict[int, tuple[Association, ...]]
    locations: dict[int, Location]
    idat: Box | None
    groups: tuple[Group, ...]
    forward: dict[tuple[str, int], tuple[int, ...]] = field(init=False, default_factory=dict)
    backward: dict[tuple[str, int], tuple[int, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        forward: dict[tuple[str, int], list[int]] = {}
        backward: dict[tuple[str, int], list[int]] = {}
        for kind, source, targets in self.references:
            forward.setdefault((kind, source), []).extend(targets)
            for target in targets:
                backward.setdefault((kind, target), []).append(source)
        self.forward.update((key, tuple(targets)) for key, targets in forward.items())
        for key, sources in backward.items():
            self.backward[key] = tuple(dict.fromkeys(sources)) if len(sources) > 1 else (sources[0],)

    def child(self, kind: str) -> Box | None:
        """The first child of this kind."""
        return next((box for box in self.children if box.kind == kind), None)

    def properties_of(self, item: int) -> Iterator[Box]:
        """The item's properties in the order in which it lists them."""
        for association in self.associations.get(item, ()):
            if association.number:
                yield self.properties[association.number - 1]

    def property_of(self, item: int, kind: str) -> Box | None:
        """The item's first property of this kind."""
        return next((box for box in self.properties_of(item) if box.kind == kind), None)

    def required(self, item: int, kind: str) -> Box:
        """The item's first property of this kind; CorruptFile when it has none."""
        found = self.property_of(item, kind)
        if found is None:
            raise self.source.corrupt(f"item {item} has no {kind!r} property", self.box.start)
        return found

    def targets(self, item: int, kind: str) -> tuple[int, ...]:
        """What `item` points at by references of this kind."""
        return self.forward.get((kind, item), ())

    def sources(self, item: int, kind: str) -> tuple[int, ...]:
        """Which items point at `item` by references of this kind."""
        return self.backward.get((kind, item), ())

    def length(self, item: int) -> int:
        """The number of bytes of an item."""
        location = self.locations.get(item)
        return sum(extent.length for extent in location.extents) if location else 0

    def payload(self, item: int) -> bytes:
        """The bytes of an item, its extents joined.

        Raises CorruptFile for an item without a location, UnsupportedFile for construction method 2 and for
        data in another file.
        """
        location = self.locations.get(item)
        if location is None:
            raise self.source.corrupt(f"item {item} has no location", self.box.start)
        if location.construction > 1 or location.data_reference:
            where = "other items" if location.construction > 1 else "another file"
            raise self.source.unsupported(f"the bytes of item {item} lie in {where}", self.box.start)
        base = self.idat.body if location.construction == 1 and self.idat else 0
        read = self.source.part
        parts = [read(base + e.offset, base + e.offset + e.length) for e in location.extents]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def offset_of(self, item: int) -> int:
        """Where in the file an item's bytes begin, for messages."""
        location = self.locations.get(item)
        if location is None or not location.extents or location.construction > 1:
            return self.box.start
        base = self.idat.body if location.construction == 1 and self.idat else 0
        return base + location.extents[0].offset


def parse_meta(source: Source, box: Box) -> Meta:
    """Read a ``meta`` box; CorruptFile, LimitExceeded as the module says."""
    if box.end - box.start > MAX_META_BYTES:
        raise source.exceeded(
            "bytes in the meta box", box.start, value=box.end - box.start, limit=MAX_META_BYTES
        )
    source.version_flags(box)
    children = tuple(source.boxes(box.body + 4, box.end))
    first: dict[str, Box] = {}
    for child in children:
        if first.setdefault(child.kind, child) is not child and child.kind in (
            "iinf",
            "iloc",
            "iprp",
            "pitm",
        ):
            raise source.corrupt(f"the meta box holds a second {child.kind!r} box", child.start)
        if child.kind in CONTAINERS and child.kind not in ("iprp", "grpl"):
            source.check_nesting(child, 3)
    for kind in ("hdlr", "iinf", "pitm"):
        if kind not in first:
            raise source.corrupt(f"the meta box holds no {kind!r} box", box.start)
    items = _items(source, first["iinf"])
    properties, association_boxes = _properties(source, first.get("iprp"))
    idat = first.get("idat")
    meta = Meta(
        source=source,
        box=box,
        children=children,
        primary=_primary(source, first["pitm"], items),
        items=items,
        references=_references(source, first.get("iref")),
        properties=properties,
        association_boxes=association_boxes,
        associations={item: entry for each in association_boxes for item, entry in each.entries},
        locations=parse_locations(source, first.get("iloc"), idat),
        idat=idat,
        groups=_groups(source, first.get("grpl")),
    )
    _check_derivations(meta)
    return meta


def _primary(source: Source, box: Box, items: dict[int, Item]) -> int:
    version, _ = source.version_flags(box)
    primary = source.integer(box.body + 4, 4 if version else 2, box.end)
    if primary not in items:
        raise source.corrupt(f"the primary item {primary} is not among the items", box.start)
    return primary


def _items(source: Source, box: Box) -> dict[int, Item]:
    version, _ = source.version_flags(box)
    size = 4 if version else 2
    count = source.integer(box.body + 4, size, box.end)
    source.check_items(count, box.start, "items")
    items: dict[int, Item] = {}
    start = at = box.body + 4 + size
    table, listed = source.part(start, box.end), 0
    while at < box.end and listed <= count:
        item, end = _plain_item(table, at - start), at + _PLAIN_ITEM.size
        if item is None:
            item, end = _item(source, source.box(at, box.end))
        if item.id in items:
            raise source.corrupt(f"item {item.id} is listed twice", at)
        items[item.id] = item
        at, listed = end, listed + 1
    if listed != count:
        raise source.corrupt(f"the item list holds {listed} entries where it says {count}", box.start)
    return items


def _plain_item(table: bytes, at: int) -> Item | None:
    """Read an entry of the commonest form at once: version 2, no name, nothing more."""
    if len(table) - at < _PLAIN_ITEM.size:
        return None
    size, code, word, number, _, kind, name = _PLAIN_ITEM.unpack_from(table, at)
    if size != _PLAIN_ITEM.size or code != b"infe" or word >> 24 != 2 or name or kind == b"mime":
        return None
    return Item(number, kind.decode("latin-1"), bool(word & 1), "", table[at : at + _PLAIN_ITEM.size])


def _item(source: Source, box: Box) -> tuple[Item, int]:
    version, flags = source.version_flags(box)
    at, end = box.body + 4, box.end
    if box.kind != "infe" or version > 3:
        raise source.corrupt(f"the item list holds a {box.kind!r} box of version {version}", box.start)
    size = 4 if version == 3 else 2
    number = source.integer(at, size, end)
    at += size + 2
    kind, content_type = "mime", ""
    if version >= 2:
        if at + 4 > end:
            raise source.corrupt("the item entry ends before its type", box.start)
        kind = source.part(at, at + 4).decode("latin-1")
        at += 4
    if kind == "mime":
        _, at = source.text(min(at, end), end)
        content_type, at = source.text(at, end)
        encoding, _ = source.text(at, end)
        if encoding:
            content_type = f"{content_type}; {encoding}"
    return Item(number, kind, bool(flags & 1), content_type, source.raw(box)), box.end


def _references(source: Source, box: Box | None) -> tuple[Reference, ...]:
    if box is None:
        return ()
    version, _ = source.version_flags(box)
    size = 4 if version else 2
    found: list[Reference] = []
    room = 64 * source.limits.max_items
    for entry in source.boxes(box.body + 4, box.end):
        number = source.integer(entry.body, size, entry.end)
        count = source.integer(entry.body + size, 2, entry.end)
        room -= count
        if room < 0:
            limit = 64 * source.limits.max_items
            raise source.exceeded("references between items", entry.start, value=limit - room, limit=limit)
        at = entry.body + size + 2
        if at + count * size > entry.end:
            raise source.corrupt(
                f"the {entry.kind!r} reference names {count} items, past its end", entry.start
            )
        targets = struct.unpack(f">{count}{'I' if version else 'H'}", source.part(at, at + count * size))
        found.append(Reference(entry.kind, number, targets))
    return tuple(found)


def _properties(source: Source, box: Box | None) -> tuple[tuple[Box, ...], tuple[AssociationBox, ...]]:
    if box is None:
        return (), ()
    children = source.boxes(box.body, box.end)
    container = next((child for child in children if child.kind == "ipco"), None)
    if container is None:
        raise source.corrupt("the item properties hold no 'ipco' box", box.start)
    properties = tuple(source.boxes(container.body, container.end))
    for each in properties:
        if each.kind in CONTAINERS:
            source.check_nesting(each, 5)
    found: list[AssociationBox] = []
    seen: set[int] = set()
    for child in children:
        if child.kind == "ipma":
            found.append(_associations(source, child, len(properties)))
            for item, _ in found[-1].entries:
                if item in seen:
                    raise source.corrupt(f"item {item} has two lists of properties", child.start)
                seen.add(item)
    return properties, tuple(found)


def _associations(source: Source, box: Box, properties: int) -> AssociationBox:
    version, flags = source.version_flags(box)
    at, end = box.body + 8, box.end
    count = source.integer(box.body + 4, 4, end)
    source.check_items(count, box.start, "lists of item properties")
    wide = 2 if flags & 1 else 1
    top = 1 << (8 * wide - 1)
    head = struct.Struct(">IB" if version else ">HB")
    entries: list[tuple[int, tuple[Association, ...]]] = []
    known: dict[bytes, tuple[Association, ...]] = {}  # tiles share theirs
    start, table = at, source.part(at, end)
    for _ in range(count):
        if at + head.size > end:
            raise source.corrupt(f"the list of {count} items' properties ends early", at)
        item, uses = head.unpack_from(table, at - start)
        at += head.size
        if at + uses * wide > end:
            raise source.corrupt(f"item {item} lists {uses} properties, past the end of the box", at)
        listed = table[at - start : at - start + uses * wide]
        if listed not in known:
            words = listed if wide == 1 else struct.unpack(f">{uses}H", listed)
            known[listed] = tuple(Association(word & (top - 1), word >= top) for word in words)
            if any(association.number > properties for association in known[listed]):
                raise source.corrupt(f"item {item} uses a property past the last of {properties}", at)
        entries.append((item, known[listed]))
        at += uses * wide
    return AssociationBox(version, flags, tuple(entries))


def _groups(source: Source, box: Box | None) -> tuple[Group, ...]:
    if box is None:
        return ()
    entries = source.boxes(box.body, box.end)
    source.check_items(len(entries), box.start, "groups")
    found: list[Group] = []
    for entry in entries:
        source.version_flags(entry)
        number = source.integer(entry.body + 4, 4, entry.end)
        count = source.integer(entry.body + 8, 4, entry.end)
        source.check_items(count, entry.start, "members of a group")
        if entry.body + 12 + 4 * count > entry.end:
            raise source.corrupt(f"group {number} names {count} items, past its end", entry.start)
        members = struct.unpack(f">{count}I", source.part(entry.body + 12, entry.body + 12 + 4 * count))
        found.append(Group(entry.kind, number, members, source.raw(entry)))
    return tuple(found)


def _check_derivations(meta: Meta) -> None:
    """Refuse pictures derived from themselves, and chains of derivation longer than `MAX_NESTING`."""
    inputs = {source: targets for (kind, source), targets in meta.forward.items() if kind == "dimg"}
    heights: dict[int, int] = {}

    def height(item: int, path: int) -> int:
        if path > MAX_NESTING:
            raise meta.source.corrupt(f"item {item} is derived from itself, or too deeply", meta.box.start)
        if item not in heights:
            below = [height(each, path + 1) for each in set(inputs[item]) if each in inputs]
            heights[item] = 1 + max(below, default=0)
        if heights[item] + path > MAX_NESTING:
            raise meta.source.corrupt(f"item {item} is derived too deeply", meta.box.start)
        return heights[item]

    for item in inputs:
        height(item, 0)
