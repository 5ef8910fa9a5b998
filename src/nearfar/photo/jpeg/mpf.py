r"""The Multi-Picture Format index: where in the file the secondary images are.

    APP2 "MPF\0" ─ TIFF ─ directory ┬ B000 version "0100"
                                    ├ B001 number of images n
                                    └ B002 n × {attributes, size, offset, dependents}

Offsets count from the TIFF header and are usually right; sizes, the primary's above all, are often wrong.
Source: CIPA DC-007-2009.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nearfar.errors import CorruptFile, FileError
from nearfar.photo.bytesource import Bytes
from nearfar.photo.jpeg.segments import MPF, Segment
from nearfar.photo.limits import Limits
from nearfar.photo.tiff import read_tiff

__all__ = [
    "Entry",
    "Index",
    "build_index",
    "build_secondary",
    "pack_entries",
    "read_index",
    "remap",
    "with_count",
]

_VERSION, _COUNT, _ENTRIES = 0xB000, 0xB001, 0xB002
_PRIMARY = 0x00030000
_ENTRY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One image: attribute word, size in bytes, place in the file, numbers of dependent images (from 1)."""

    attributes: int
    size: int
    position: int
    dependents: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Index:
    """A parsed index.

    Attributes:
        order: "<" or ">", as in `struct`.
        entries: the images, the primary first, at absolute places in the file (not checked).
        table: where the entries lie in the segment's content.
    """

    order: str
    entries: tuple[Entry, ...]
    table: int


def read_index(data: Bytes, segment: Segment, *, limits: Limits, file: str | None = None) -> Index:
    """Read the index in a primary image's MPF segment.

    Raises:
        CorruptFile: its structure is broken, or it lists no image.
        LimitExceeded: it lists more than ``limits.max_items`` images.
    """
    content = segment.content(data, MPF)
    base = segment.payload + len(MPF[1])
    tiff = read_tiff(content, file=file, base=base, strict=False)
    table = tiff.find("image", _ENTRIES)
    if table is None or table.size < _ENTRY_BYTES:
        raise CorruptFile("the MPF index lists no images", file=file, offset=segment.start)
    count = table.size // _ENTRY_BYTES
    limits.check_items(count, file=file, offset=segment.start, what="images")
    entries = []
    for number in range(count):
        attributes, size, offset, first, second = struct.unpack_from(
            tiff.order + "IIIHH", content, table.offset + number * _ENTRY_BYTES
        )
        position = base + offset if number else 0
        entries.append(Entry(attributes, size, position, (first, second)))
    return Index(tiff.order, tuple(entries), table.offset)


def build_index(entries: Sequence[Entry], place: int, order: str = ">") -> bytes:
    """Write an index as Apple does: the content of an MPF segment, after its signature.

    Args:
        entries: the images, the primary first; the primary's attribute word is filled in when it is 0.
        place: where in the new file the content will lie.
        order: byte order, big-endian in Apple's files.
    """
    table = struct.pack(
        order + "2sHIHHHI4sHHIIHHIII",
        b"MM" if order == ">" else b"II", 42, 8,
        3,
        _VERSION, 7, 4, b"0100",
        _COUNT, 4, 1, len(entries),
        _ENTRIES, 7, _ENTRY_BYTES * len(entries), 50,
        0,
    )  # fmt: skip
    return table + pack_entries(entries, place, order)


def pack_entries(entries: Sequence[Entry], place: int, order: str) -> bytes:
    """Write the entries of an index whose content lies at `place`."""
    return b"".join(
        struct.pack(
            order + "IIIHH",
            entry.attributes or (0 if number else _PRIMARY),
            entry.size,
            entry.position - place if number else 0,
            *entry.dependents,
        )
        for number, entry in enumerate(entries)
    )


def build_secondary(count: int) -> bytes:
    """Write the two-tag index of a secondary image, which only says how many images there are."""
    return struct.pack(
        ">2sHIHHHI4sHHIII", b"MM", 42, 8, 2, _VERSION, 7, 4, b"0100", _COUNT, 4, 1, count, 0
    )  # fmt: skip


def with_count(content: bytes, count: int) -> bytes:
    """Give a secondary image's index with another number of images; one that is broken stays as it is."""
    try:
        tiff = read_tiff(content, strict=False)
    except FileError:
        return content
    entry = tiff.find("image", _COUNT)
    if entry is None or entry.type != 4 or entry.size != 4:
        return content
    return content[: entry.offset] + struct.pack(tiff.order + "I", count) + content[entry.offset + 4 :]


def remap(entry: Entry, numbers: dict[int, int]) -> Entry:
    """Renumber an entry's dependents by old number → new number; those that are gone become 0."""
    first, second = entry.dependents
    return replace(entry, dependents=(numbers.get(first, 0), numbers.get(second, 0)))
