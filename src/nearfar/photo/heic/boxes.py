"""Boxes of the ISO base media file format: a reader that trusts no length, and a writer.

    file ─▶ Source.top_level() ─▶ Box(kind, start, body, end) ─▶ Source.boxes(body, end) ─▶ …

A `Box` is four numbers into the file; nothing is copied. Every read goes through `Source`, which knows the
file's name and limits and raises the error tree with the offset of the fault.

Source: ISO/IEC 14496-12, section 4.2 (boxes), 4.2.2 (FullBox).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile
from nearfar.photo.bytesource import BLOCK_BYTES, Bytes, whole
from nearfar.photo.limits import Limits

MAX_NESTING = 32
"""Boxes nested deeper than this are refused."""

MAX_BOXES = 16_384
"""More boxes than this in one container are refused."""

CONTAINERS = frozenset(
    (
        "dinf",
        "edts",
        "grpl",
        "ipco",
        "iprp",
        "mdia",
        "meco",
        "meta",
        "minf",
        "moof",
        "moov",
        "mvex",
        "sinf",
        "stbl",
        "strd",
        "strk",
        "traf",
        "trak",
        "tref",
        "udta",
    )
)
"""Boxes that hold boxes: those whose nesting a hostile file could deepen."""

_HEADER = struct.Struct(">I4s")
_LARGE_SIZE = struct.Struct(">Q")
_INTEGERS = {1: struct.Struct(">B"), 2: struct.Struct(">H"), 4: struct.Struct(">I"), 8: struct.Struct(">Q")}


class Box(NamedTuple):
    """Where a box lies: ``start`` is its first byte, ``body`` the first after its header, ``end`` one past
    the last.

    ``kind`` is the four-character code. Bytes after the last box of a file appear as one box of kind "".
    """

    kind: str
    start: int
    body: int
    end: int


class Source:
    """The bytes of one file, its name for messages, and what it may ask for."""

    __slots__ = ("_data", "_near", "file", "limits", "size")

    def __init__(self, data: Bytes, *, file: str | None, limits: Limits) -> None:
        self._data = data
        self._near = data if isinstance(data, bytes) else data[:BLOCK_BYTES]
        self.size = len(data)
        self.file = file
        self.limits = limits

    @property
    def data(self) -> bytes:
        """The whole file, read now where it was not."""
        return whole(self._data)

    def part(self, start: int, end: int) -> bytes:
        """A part of the file; what lies past its end is left out."""
        return self._near[start:end] if end <= len(self._near) else self._data[start:end]

    def corrupt(self, reason: str, offset: int) -> CorruptFile:
        """The error for bytes that contradict themselves."""
        return CorruptFile(reason, file=self.file, offset=offset)

    def unsupported(self, reason: str, offset: int) -> UnsupportedFile:
        """The error for what is sound but not handled."""
        return UnsupportedFile(reason, file=self.file, offset=offset)

    def exceeded(self, what: str, offset: int, *, value: int, limit: int) -> LimitExceeded:
        """The error for more of something than is allowed."""
        reason = f"{what}: {value:,}, over the limit of {limit:,}"
        return LimitExceeded(reason, file=self.file, offset=offset, limit=limit, value=value)

    def check_items(self, count: int, offset: int, what: str) -> None:
        """Refuse more than ``limits.max_items`` of something."""
        self.limits.check_items(count, file=self.file, offset=offset, what=what)

    def check_pixels(self, size: tuple[int, int], offset: int, what: str) -> None:
        """Refuse an empty picture, or one of more than ``limits.max_pixels``."""
        self.limits.check_pixels(*size, file=self.file, offset=offset, what=what)

    def integer(self, offset: int, size: int, end: int) -> int:
        """The big-endian unsigned integer of `size` bytes (0, 1, 2, 4 or 8) at `offset`, which must end by
        `end`.
        """
        if size == 0:
            return 0
        if offset + size > end:
            raise self.corrupt(f"the box ends {offset + size - end} bytes too early", offset)
        if offset + size <= len(self._near):
            value: int = _INTEGERS[size].unpack_from(self._near, offset)[0]
            return value
        return int.from_bytes(self._data[offset : offset + size], "big")

    def unpack(self, layout: struct.Struct, offset: int, end: int) -> tuple[int, ...]:
        """The fields of `layout` at `offset`, which must end by `end`."""
        if offset + layout.size > end:
            raise self.corrupt(f"the box ends {offset + layout.size - end} bytes too early", offset)
        return layout.unpack(self.part(offset, offset + layout.size))

    def text(self, offset: int, end: int) -> tuple[str, int]:
        """The NUL-terminated string at `offset` (the terminator may be missing at `end`), and where it
        ends.
        """
        text, found, _ = self.part(offset, end).partition(b"\0")
        return text.decode("utf-8", "replace"), offset + len(text) + 1 if found else end

    def version_flags(self, box: Box) -> tuple[int, int]:
        """Version and flags of a FullBox; its fields start at ``box.body + 4``."""
        word = self.integer(box.body, 4, box.end)
        return word >> 24, word & 0xFFFFFF

    def raw(self, box: Box) -> bytes:
        """The box as it lies in the file, header included."""
        return self.part(box.start, box.end)

    def boxes(self, start: int, end: int) -> list[Box]:
        """The boxes that fill ``start..end`` exactly."""
        found: list[Box] = []
        while start < end:
            box = self.box(start, end)
            if len(found) == MAX_BOXES:
                raise self.exceeded("boxes in one container", start, value=MAX_BOXES + 1, limit=MAX_BOXES)
            found.append(box)
            start = box.end
        return found

    def top_level(self) -> list[Box]:
        """The boxes of the file; what follows the last sound one, after ``meta``, is one box of kind ""."""
        found: list[Box] = []
        start, end, described = 0, self.size, False
        while start < end:
            try:
                box = self.box(start, end)
            except CorruptFile:
                if not described or self.part(start + 4, start + 8) in (b"mdat", b"meta", b"moov"):
                    raise
                box = Box("", start, start, end)
            if len(found) == MAX_BOXES:
                raise self.exceeded("boxes in the file", start, value=MAX_BOXES + 1, limit=MAX_BOXES)
            found.append(box)
            described = described or box.kind == "meta"
            start = box.end
        return found

    def check_nesting(self, box: Box, depth: int) -> None:
        """Refuse a container at `depth` whose boxes nest deeper than `MAX_NESTING`.

        Only sizes are looked at: what inside is malformed is left to whoever reads it.
        """
        pending, seen = [(box, depth)], 0
        while pending:
            outer, depth = pending.pop()
            if depth > MAX_NESTING:
                raise self.exceeded("boxes nested", outer.start, value=depth, limit=MAX_NESTING)
            body = outer.body + 4 if outer.kind == "meta" else outer.body
            try:
                inner = self.boxes(min(body, outer.end), outer.end)
            except CorruptFile:
                continue
            seen += len(inner)
            if seen > MAX_BOXES:
                raise self.exceeded("boxes in one container", box.start, value=seen, limit=MAX_BOXES)
            pending += [(child, depth + 1) for child in inner if child.kind in CONTAINERS]

    def box(self, start: int, end: int) -> Box:
        """The box at `start`, which must end by `end`."""
        left = end - start
        if left < 8:
            raise self.corrupt(f"a box header is cut off after {left} bytes", start)
        near, at = (self._near, start) if start + 16 <= len(self._near) else (self.part(start, start + 16), 0)
        size, code = _HEADER.unpack_from(near, at)
        body = start + 8
        if size == 1:
            if left < 16:
                raise self.corrupt("a box header is cut off before its 64-bit size", start)
            size = _LARGE_SIZE.unpack_from(near, at + 8)[0]
            body += 8
        elif size == 0:
            size = left
        if code == b"uuid":
            body += 16
        if size < body - start or size > left:
            kind = code.decode("latin-1")
            raise self.corrupt(f"box {kind!r} claims {size:,} bytes where {left:,} remain", start)
        return Box(code.decode("latin-1"), start, body, start + size)


def box(kind: bytes, *parts: bytes) -> bytes:
    """Build a box of this four-character code."""
    body = b"".join(parts)
    return box_header(kind, len(body)) + body


def box_header(kind: bytes, length: int) -> bytes:
    """Build the header of a box whose body has `length` bytes, with a 64-bit size where it needs one."""
    if length + 8 < 1 << 32:
        return _HEADER.pack(length + 8, kind)
    return _HEADER.pack(1, kind) + _LARGE_SIZE.pack(length + 16)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """Build a FullBox."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def integers(size: int, values: Iterable[int]) -> bytes:
    """Pack big-endian unsigned integers of `size` bytes (0, 1, 2, 4 or 8) each."""
    return b"".join(value.to_bytes(size, "big") for value in values) if size else b""
