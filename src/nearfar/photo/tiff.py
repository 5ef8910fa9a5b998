"""The TIFF structure that EXIF is written in, read with every count and offset checked.

    header ─▶ image (IFD0) ─▶ thumbnail (IFD1)         one directory = a table of 12-byte entries:
                │  └─0x8769─▶ exif ─0xA005─▶ interop      tag · type · count · value or its offset
                └────0x8825─▶ gps

Nothing is decoded before it is asked for: a directory is a list of entries that say where their values lie.
Source: TIFF 6.0, section 2; EXIF 2.32 (CIPA DC-008), section 4.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from nearfar.errors import CorruptFile, LimitExceeded

__all__ = ["POINTERS", "TYPE_SIZES", "Directory", "Entry", "Tiff", "read_directory", "read_tiff"]

TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
"""Bytes per value of each field type; 129 is EXIF 3.0's UTF-8."""

POINTERS = {0x8769: "exif", 0x8825: "gps", 0xA005: "interop"}
"""Tags whose value is the offset of a directory, and what that directory is called here."""

_FORMATS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
_MAX_ENTRIES = 4096  # phones write about 100
_MAX_CHAIN = 8  # IFD0 and IFD1 are all that EXIF knows


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: where it lies and where its value lies, both from the start of the structure.

    Attributes:
        tag, type, count: as written.
        at: offset of the 12-byte entry.
        offset, size: place and length of the value in bytes (inside the entry when it is 4 bytes or less).
    """

    tag: int
    type: int
    count: int
    at: int
    offset: int
    size: int

    @property
    def inline(self) -> bool:
        """Whether the value lies inside the entry."""
        return self.size <= 4


@dataclass(frozen=True, slots=True)
class Directory:
    """One image file directory.

    Attributes:
        name: "image", "thumbnail", "exif", "gps" or "interop".
        at: offset of its table.
        count: how many entries its table says it has.
        entries: those that could be read, in file order.
        next_at: offset of the next directory in the chain, 0 for none.
    """

    name: str
    at: int
    count: int
    entries: tuple[Entry, ...]
    next_at: int

    @property
    def end(self) -> int:
        """Offset past the table and its link to the next directory."""
        return self.at + 2 + 12 * self.count + 4

    def find(self, tag: int) -> Entry | None:
        """Give the first entry of that tag."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure in memory.

    Attributes:
        data: its bytes, from "II" or "MM".
        order: "<" or ">", as in `struct`.
        directories: all that are reached from the header, each once.
        file, base: for messages: the file's name, and where in it the structure begins.
    """

    data: bytes
    order: str
    directories: tuple[Directory, ...]
    file: str | None = None
    base: int = 0

    def find(self, directory: str, tag: int) -> Entry | None:
        """Give the first entry of a tag in the first directory of a name."""
        for candidate in self.directories:
            if candidate.name == directory:
                return candidate.find(tag)
        return None

    def raw(self, entry: Entry) -> bytes:
        """Give the bytes of a value."""
        return self.data[entry.offset : entry.offset + entry.size]

    def text(self, entry: Entry | None) -> str | None:
        """Give a text value up to its NUL, stripped, without control characters; None when there is none."""
        if entry is None or entry.type not in (2, 7, 129):
            return None
        text = self.raw(entry).split(b"\0", 1)[0].decode("utf-8", "replace")
        return "".join(letter for letter in text if letter.isprintable()).strip() or None

    def numbers(self, entry: Entry | None, count: int = 1) -> tuple[float, ...] | None:
        """Give the first `count` numbers of a value, or None when it holds fewer, or a fraction over 0."""
        if entry is None or entry.count < count:
            return None
        if entry.type in (5, 10):
            pairs = struct.unpack_from(
                f"{self.order}{2 * count}{'I' if entry.type == 5 else 'i'}", self.data, entry.offset
            )
            if 0 in pairs[1::2]:
                return None
            return tuple(above / below for above, below in zip(pairs[::2], pairs[1::2], strict=True))
        if entry.type not in _FORMATS:
            return None
        return struct.unpack_from(f"{self.order}{count}{_FORMATS[entry.type]}", self.data, entry.offset)


def read_tiff(
    data: bytes, *, file: str | None = None, base: int = 0, strict: bool = True, at: int | None = None
) -> Tiff:
    """Read the directories of a TIFF structure.

    Args:
        data: the structure, from its "II" or "MM".
        file: name of the file, for messages.
        base: offset of the structure in that file, for messages.
        strict: raise on any entry or directory that lies outside of the data, or is linked twice; otherwise
            leave those out.
        at: offset of the first directory, where the header does not say.

    Raises:
        CorruptFile: the header or the first directory is broken, or anything is when strict.
        LimitExceeded: more than 4,096 entries.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise CorruptFile("EXIF does not begin with II or MM", file=file, offset=base)
    if at is None:
        if len(data) < 8 or struct.unpack_from(order + "H", data, 2)[0] != 42:
            raise CorruptFile("EXIF has no TIFF header", file=file, offset=base)
        at = int(struct.unpack_from(order + "I", data, 4)[0])
    tiff = Tiff(data, order, (), file, base)
    return Tiff(data, order, tuple(_directories(tiff, at, strict)), file, base)


def _directories(tiff: Tiff, first: int, strict: bool) -> Iterator[Directory]:
    """Walk the chain of directories and those that their entries point to."""
    visited: set[int] = set()
    total = 0
    waiting = [("image", first, 0)]
    while waiting:
        name, at, link = waiting.pop(0)
        if at in visited:
            if strict:
                raise CorruptFile("EXIF links a directory twice", file=tiff.file, offset=tiff.base + at)
            continue
        visited.add(at)
        try:
            directory = read_directory(tiff, name, at, strict=strict)
        except CorruptFile:
            if strict or (not link and name == "image"):
                raise
            continue
        total += directory.count
        if total > _MAX_ENTRIES:
            raise LimitExceeded(
                f"EXIF has {total} entries, more than the limit of {_MAX_ENTRIES}",
                file=tiff.file,
                offset=tiff.base + at,
                limit=_MAX_ENTRIES,
                value=total,
            )
        yield directory
        for entry in directory.entries:
            target = tiff.numbers(entry) if entry.type in (4, 13) and entry.tag in POINTERS else None
            if target is not None:
                waiting.append((POINTERS[entry.tag], int(target[0]), 0))
        if directory.next_at and name in ("image", "thumbnail") and link < _MAX_CHAIN:
            waiting.insert(0, ("thumbnail", directory.next_at, link + 1))


def read_directory(tiff: Tiff, name: str, at: int, *, strict: bool = True) -> Directory:
    """Read one directory, without those that it points to; arguments and errors as of `read_tiff`."""
    data, order = tiff.data, tiff.order
    if not 0 < at <= len(data) - 2:
        raise CorruptFile(
            f"EXIF's {name} directory begins outside of it", file=tiff.file, offset=tiff.base + at
        )
    count = int(struct.unpack_from(order + "H", data, at)[0])
    table_end = at + 2 + 12 * count
    if table_end > len(data):
        raise CorruptFile(
            f"EXIF's {name} directory says it has {count} entries and ends before them",
            file=tiff.file,
            offset=tiff.base + at,
        )
    if count > _MAX_ENTRIES:
        raise LimitExceeded(
            f"EXIF's {name} directory has {count} entries, more than the limit of {_MAX_ENTRIES}",
            file=tiff.file,
            offset=tiff.base + at,
            limit=_MAX_ENTRIES,
            value=count,
        )
    entries = []
    for entry_at in range(at + 2, table_end, 12):
        tag, kind, number, offset = struct.unpack_from(order + "HHII", data, entry_at)
        size = TYPE_SIZES.get(kind, 0) * number
        offset = entry_at + 8 if size <= 4 else offset
        if offset + size > len(data):
            if strict:
                raise CorruptFile(
                    f"EXIF tag 0x{tag:04x} of the {name} directory lies outside of it",
                    file=tiff.file,
                    offset=tiff.base + entry_at,
                )
            continue
        entries.append(Entry(tag, kind, number, entry_at, offset, size))
    # Some writers leave out the link after the last directory.
    next_at = int(struct.unpack_from(order + "I", data, table_end)[0]) if table_end + 4 <= len(data) else 0
    return Directory(name, at, count, tuple(entries), next_at)
