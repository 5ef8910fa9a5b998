"""Where the bytes of items lie: the ``iloc`` box, with every extent checked against the file.

Source: ISO/IEC 14496-12, section 8.11.3.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from nearfar.photo.heic.boxes import Box, Source

_PLAIN = struct.Struct(">HHHHII")


class Extent(NamedTuple):
    """A run of bytes: offset from the start of the file, of ``idat``, or of another `item`, by construction
    method.
    """

    item: int
    offset: int
    length: int


class Location(NamedTuple):
    """An entry of ``iloc``; the base offset is already added to the extents."""

    construction: int
    data_reference: int
    extents: tuple[Extent, ...]


def parse_locations(source: Source, box: Box | None, idat: Box | None) -> dict[int, Location]:
    """Read an ``iloc`` box: the location of each item by its id."""
    if box is None:
        return {}
    version, _ = source.version_flags(box)
    if version > 2:
        raise source.corrupt(f"the item locations are of version {version}", box.start)
    word = source.integer(box.body + 4, 2, box.end)
    sizes = (word >> 12, word >> 8 & 15, word >> 4 & 15, word & 15 if version else 0)
    if any(size not in (0, 4, 8) for size in sizes):
        raise source.corrupt(f"the item locations have fields of {sizes} bytes", box.start)
    number = 4 if version == 2 else 2
    at = box.body + 6
    count = source.integer(at, number, box.end)
    source.check_items(count, box.start, "item locations")
    reader = _LocationReader(source, box, version, sizes, idat)
    at += number
    found = reader.read_plain(at, count)
    if found is not None:
        return found
    found = {}
    for _ in range(count):
        item = source.integer(at, number, box.end)
        if item in found:
            raise source.corrupt(f"item {item} has two locations", at)
        found[item], at = reader.read(item, at + number)
    return found


class _LocationReader:
    """Reads the entries of one ``iloc`` box, and keeps count of what all extents together ask for."""

    def __init__(
        self, source: Source, box: Box, version: int, sizes: tuple[int, int, int, int], idat: Box | None
    ) -> None:
        self.source, self.end, self.version, self.idat = source, box.end, version, idat
        self.offset_size, self.length_size, self.base_size, self.index_size = sizes
        self.plain = version == 1 and sizes == (4, 4, 0, 0)
        self.extents = 4 * source.limits.max_items
        self.bytes = self._bytes_at_most()

    def read_plain(self, at: int, count: int) -> dict[int, Location] | None:
        """Read entries of the commonest form at once, one sound extent each; None for any other."""
        size = _PLAIN.size * count
        if not self.plain or at + size != self.end:
            return None
        spaces = (self._space(0), self._space(1))
        found: dict[int, Location] = {}
        asked = 0
        for item, construction, reference, extents, offset, length in _PLAIN.iter_unpack(
            self.source.part(at, at + size)
        ):
            if reference or extents != 1 or construction > 1 or offset + length > spaces[construction]:
                return None
            found[item] = Location(construction, 0, (Extent(0, offset, length),))
            asked += length
        return found if len(found) == count and asked <= self.bytes else None

    def read(self, item: int, at: int) -> tuple[Location, int]:
        source, end = self.source, self.end
        construction = 0
        if self.version:
            construction = source.integer(at, 2, end) & 15
            if construction > 2:
                raise source.corrupt(f"item {item} has construction method {construction}", at)
            at += 2
        reference = source.integer(at, 2, end)
        at += 2
        extents, at = self._extents(at, self._space(construction))
        self._check(item, construction, reference, extents, at)
        return Location(construction, reference, extents), at

    def _space(self, construction: int) -> int:
        """The length of what an extent without a length covers."""
        if construction == 1:
            return self.idat.end - self.idat.body if self.idat else 0
        return self.source.size if construction == 0 else 0

    def _extents(self, at: int, space: int) -> tuple[tuple[Extent, ...], int]:
        source, end = self.source, self.end
        base = source.integer(at, self.base_size, end)
        at += self.base_size
        count = source.integer(at, 2, end)
        at += 2
        if count > self.extents:
            raise source.exceeded("extents of items", at, value=count, limit=4 * source.limits.max_items)
        found = []
        for _ in range(count):
            index = source.integer(at, self.index_size, end)
            at += self.index_size
            offset = base + source.integer(at, self.offset_size, end)
            at += self.offset_size
            length = source.integer(at, self.length_size, end) if self.length_size else max(space - offset, 0)
            at += self.length_size
            found.append(Extent(index, offset, length))
        return tuple(found), at

    def _check(
        self, item: int, construction: int, reference: int, extents: tuple[Extent, ...], at: int
    ) -> None:
        self.extents -= len(extents)
        if self.extents < 0:
            limit = 4 * self.source.limits.max_items
            raise self.source.exceeded("extents of items", at, value=limit - self.extents, limit=limit)
        if construction == 2 or reference:
            return
        space, asked = self._space(construction), 0
        for _, offset, length in extents:
            if offset + length > space:
                where = "the file" if construction == 0 else "the item data box"
                reason = f"item {item} lies at {offset:,}..{offset + length:,}, past the end of {where}"
                raise self.source.corrupt(f"{reason} ({space:,} bytes)", at)
            asked += length
        self.bytes -= asked
        if asked > space:
            raise self.source.exceeded(f"bytes of item {item}, which overlap", at, value=asked, limit=space)
        if self.bytes < 0:
            limit = self._bytes_at_most()
            raise self.source.exceeded("bytes of all items", at, value=limit - self.bytes, limit=limit)

    def _bytes_at_most(self) -> int:
        return 4 * self.source.size + (64 << 20)
