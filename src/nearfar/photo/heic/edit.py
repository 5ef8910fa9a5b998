"""An edit of the item model: items dropped, added and given new bytes, on top of a file that stays as it is.

`Edit` collects what differs. `Edit.pieces` then writes the meta box with those differences alone, and puts
the new file together (see `layout`): every coded byte, and every box, item, group and property that was not
named, is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from nearfar.photo.heic import tables
from nearfar.photo.heic.boxes import Box, box, full_box
from nearfar.photo.heic.layout import Layout, Range, merged, without
from nearfar.photo.heic.locations import Extent, Location
from nearfar.photo.heic.meta import Association, AssociationBox, Meta, Reference
from nearfar.photo.heic.movie import moved_movie

Property = tuple[bytes, bool]
"""A property box, and whether a reader that does not know it must not show the item."""

MAX_USES = 255
"""An item cannot use more properties than this."""


class Edit:
    """What an edit changes in the item model of `meta`."""

    def __init__(self, meta: Meta) -> None:
        self.meta = meta
        self.dropped: set[int] = set()
        self.payloads: dict[int, bytes] = {}
        self.references: list[Reference] = list(meta.references)
        self._entries: dict[int, bytes] = {}
        self._properties: list[bytes] = []
        self._uses: dict[int, tuple[Association, ...]] = {}
        taken = {*meta.items, *meta.locations, *meta.associations, *(group.id for group in meta.groups)}
        start = max(meta.items) + 1
        self._free = (n for n in chain(range(start, 1 << 32), range(1, start)) if n not in taken)

    # What an edit may do

    def add(
        self, kind: str, payload: bytes, *, content_type: str = "", uses: tuple[Association, ...] = ()
    ) -> int:
        """Add a hidden item and return its id."""
        item = next(self._free)
        self._entries[item] = tables.build_infe(item, kind, hidden=True, content_type=content_type)
        self.payloads[item] = payload
        if uses:
            self._uses[item] = uses
        return item

    def properties(self, properties: Iterable[Property]) -> tuple[Association, ...]:
        """Add properties, and return their use."""
        found = []
        for data, essential in properties:
            if data not in self._properties:
                self._properties.append(data)
            index = len(self.meta.properties) + self._properties.index(data) + 1
            found.append(Association(index, essential))
        return tuple(found)

    def use(self, item: int, uses: tuple[Association, ...]) -> None:
        """Let an item of the file have further properties."""
        self._uses[item] = self.meta.associations.get(item, ()) + uses
        if len(self._uses[item]) > MAX_USES:
            raise self.meta.source.unsupported(
                f"item {item} has no room for another property", self.meta.box.start
            )

    def refer(self, kind: str, source: int, targets: Sequence[int]) -> None:
        """Add a reference."""
        self.references.append(Reference(kind, source, tuple(targets)))

    def detach(self, kind: str, source: int, target: int) -> None:
        """Take one target out of an item's references."""
        self.references = [
            Reference(r.kind, r.source, tuple(t for t in r.targets if t != target))
            if r.kind == kind and r.source == source
            else r
            for r in self.references
        ]

    def drop(self, items: Iterable[int]) -> None:
        """Take out items, with what only they had: tiles, descriptions, auxiliary images, and HDR renderings
        that were made from them.
        """
        meta, pending = self.meta, set(items)
        while pending:
            self.dropped |= pending
            near = {each for item in pending for each in meta.targets(item, "dimg")}
            for kind in ("dimg", "cdsc", "auxl", "thmb"):
                near.update(each for item in pending for each in meta.sources(item, kind))
            near &= meta.items.keys() - self.dropped
            pending = {item for item in near if self._falls(item)}

    def _falls(self, item: int) -> bool:
        meta = self.meta
        if item == meta.primary:
            return False
        if meta.items[item].kind == "tmap" and not self.dropped.isdisjoint(meta.targets(item, "dimg")):
            return True
        for kind in ("cdsc", "auxl", "thmb"):
            targets = meta.targets(item, kind)
            if targets and self.dropped.issuperset(targets):
                return True
        makers = meta.sources(item, "dimg")
        return bool(makers) and meta.items[item].hidden and self.dropped.issuperset(makers)

    # The new file

    def pieces(self, boxes: Sequence[Box]) -> list[bytes | memoryview]:
        """Give the pieces of the new file; `boxes` are the top-level boxes of the old one."""
        meta = self.meta
        self._move_in_from_elsewhere(boxes)
        added = list(self.payloads.values())
        cuts = self._freed(0, 0)
        wide = meta.source.size + sum(map(len, added)) + (1 << 24) >= 1 << 32
        size = len(self._meta_box(None, wide))
        layout = Layout(meta.source, boxes, meta.box, size, cuts, added)
        pieces = layout.pieces
        pieces[layout.meta_piece] = self._meta_box(layout, wide)
        return moved_movie(meta.source, boxes, layout)

    def _kept(self) -> Iterable[tuple[int, Location]]:
        """The locations of items that keep their bytes."""
        for item, location in self.meta.locations.items():
            if item not in self.dropped and item not in self.payloads:
                yield item, location

    def _move_in_from_elsewhere(self, boxes: Sequence[Box]) -> None:
        """Give items whose bytes lie neither in one media data box nor in one other box new bytes of their
        own.
        """
        regions = [
            (each.body if each.kind == "mdat" else each.start, each.end)
            for each in boxes
            if each != self.meta.box and each.kind != "moov"
        ]
        for item, location in list(self._kept()):
            if location.construction or location.data_reference:
                continue
            for extent in location.extents:
                end = extent.offset + extent.length
                if extent.length and not any(a <= extent.offset and end <= b for a, b in regions):
                    self.payloads[item] = self.meta.payload(item)
                    break

    def _freed(self, construction: int, base: int) -> list[Range]:
        """The ranges that only dropped or replaced items use."""
        used: list[Range] = []
        freed: list[Range] = []
        kept = dict(self._kept())
        for item, location in self.meta.locations.items():
            if location.construction == construction and not location.data_reference:
                ranges = [(base + e.offset, base + e.offset + e.length) for e in location.extents]
                (used if item in kept else freed).extend(ranges)
        return without(freed, used)

    def _meta_box(self, layout: Layout | None, wide: bool) -> bytes:
        """Build the meta box; without a layout, one of the same length with offsets of 0."""
        meta, source = self.meta, self.meta.source
        idat = self._idat()
        new = {
            "iinf": self._item_list(),
            "iref": self._references(),
            "iprp": self._item_properties(),
            "idat": None if idat is None else box(b"idat", idat[0]),
            "grpl": self._groups(),
            "iloc": self._locations(layout, wide, idat[1] if idat else []),
        }
        parts = []
        for child in meta.children:
            data = new.pop(child.kind, None) if child.kind in new else None
            raw = source.raw(child)
            parts.append(raw if data is None else data)
        parts += [data for kind, data in new.items() if data is not None and meta.child(kind) is None]
        version, flags = source.version_flags(meta.box)
        return full_box(b"meta", version, flags, *parts)

    def _item_list(self) -> bytes | None:
        if not self.dropped and not self._entries:
            return None
        kept = [item.raw for item in self.meta.items.values() if item.id not in self.dropped]
        return tables.build_iinf([*kept, *self._entries.values()], version=self._version("iinf"))

    def _references(self) -> bytes | None:
        kept = []
        for each in self.references:
            targets = tuple(target for target in each.targets if target not in self.dropped)
            if each.source not in self.dropped and (targets or not each.targets):
                kept.append(Reference(each.kind, each.source, targets))
        if kept == list(self.meta.references):
            return None
        return tables.build_iref(kept, version=self._version("iref"))

    def _version(self, kind: str) -> int:
        found = self.meta.child(kind)
        return self.meta.source.version_flags(found)[0] if found else 0

    def _item_properties(self) -> bytes | None:
        old = self.meta.association_boxes
        boxes = [
            AssociationBox(
                each.version,
                each.flags,
                tuple(
                    (item, self._uses.get(item, uses))
                    for item, uses in each.entries
                    if item not in self.dropped
                ),
            )
            for each in old
        ] or [AssociationBox(0, 0, ())]
        fresh = tuple((item, uses) for item, uses in self._uses.items() if item not in self.meta.associations)
        boxes[-1] = boxes[-1]._replace(entries=boxes[-1].entries + fresh)
        if tuple(boxes) == old and not self._properties:
            return None
        queue = [tables.build_ipma(each) for each in boxes]
        parts = []
        source, found = self.meta.source, self.meta.child("iprp")
        children = source.boxes(found.body, found.end) if found else []
        for child in children:
            if child.kind == "ipco":
                parts.append(box(b"ipco", source.part(child.body, child.end), *self._properties))
            elif child.kind == "ipma":
                parts.append(queue.pop(0))
            else:
                parts.append(source.raw(child))
        if not children:
            parts.append(box(b"ipco", *self._properties))
        return box(b"iprp", *parts, *queue)

    def _groups(self) -> bytes | None:
        groups = self.meta.groups
        if self.dropped.isdisjoint(member for group in groups for member in group.members):
            return None
        parts = []
        for group in groups:
            members = [member for member in group.members if member not in self.dropped]
            if members == list(group.members):
                parts.append(group.raw)
            elif len(members) > 1:
                parts.append(tables.build_group(group, members))
        return box(b"grpl", *parts)

    def _idat(self) -> tuple[bytes, list[Range]] | None:
        """The item data box's new body and the ranges it keeps, or None when it stays as it is."""
        found = self.meta.idat
        if found is None:
            return None
        freed = self._freed(1, found.body)
        if not freed:
            return None
        runs = without([(found.body, found.end)], freed)
        return b"".join(self.meta.source.part(a, b) for a, b in runs), [
            (a - found.body, b - found.body) for a, b in runs
        ]

    def _locations(self, layout: Layout | None, wide: bool, runs: list[Range]) -> bytes:
        at = layout.added_at if layout else 0
        fresh = {}
        for item, payload in self.payloads.items():
            fresh[item] = Location(0, 0, (Extent(0, at, len(payload)),))
            at += len(payload)
        kept = dict(self._kept())
        found: dict[int, Location] = {}
        for item in self.meta.locations:
            if item in fresh:
                found[item] = fresh.pop(item)
            elif item in kept:
                found[item] = _moved(kept[item], layout, runs)
        version = self._version("iloc")
        return tables.build_iloc(found | fresh, version=version, wide=wide)


def _moved(location: Location, layout: Layout | None, runs: list[Range]) -> Location:
    """The location in the new file; of the same form without a layout."""
    if location.data_reference or location.construction == 2:
        return location
    extents = []
    for index, offset, length in location.extents:
        if not length:
            extents.append(Extent(index, 0, 0))
        elif location.construction == 1:
            cut = sum(min(b, offset) - min(a, offset) for a, b in _gaps(runs)) if runs else 0
            extents.append(Extent(index, offset - cut, length))
        elif layout is None:
            extents.append(Extent(index, 0, length))
        else:
            extents.append(Extent(index, layout.moved(offset), length))
    return Location(location.construction, location.data_reference, tuple(extents))


def _gaps(runs: list[Range]) -> list[Range]:
    """The ranges before and between runs."""
    return without([(0, max(end for _, end in runs))], merged(runs))
