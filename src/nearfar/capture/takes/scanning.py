"""Where everything lies in a take: found by hopping from record to record, trusting no length.

The file's own summary is not needed, and a recording that was cut short has none. Chunks are not unfolded for
this: the message indexes behind each one say which frames are in it.
"""

from __future__ import annotations

import io
import os
import stat
import threading
import weakref
from dataclasses import dataclass, field

from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes.mcap_records import Body, Channel, Opcode, Schema
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

__all__ = ["ChunkPlace", "Scan", "TakeFile", "scan"]

MAX_RECORD = 64 << 20
"""Bytes of a record that is not a chunk."""
MAX_RECORDS = 20_000_000
"""A day of takes at 60 frames a second has half of them."""
_CHUNK_FIELDS = 64
"""At least what a chunk's fields in front of its content take."""


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """A chunk in the file.

    Attributes:
        offset: of its record.
        length: of its record, bytes.
        times: of the earliest and the latest message, nanoseconds, as it says.
        data: offset of its stored content.
        stored: bytes of that.
        size: bytes of the content itself, as it says.
        crc: of the content; 0 for none.
        compression: "zstd" or "".
        indexes: the rows of the message indexes behind it, by channel; none where they are missing.
    """

    offset: int
    length: int
    times: tuple[int, int]
    data: int
    stored: int
    size: int
    crc: int
    compression: str
    indexes: dict[int, bytes]


@dataclass(slots=True)
class Scan:
    """What was found.

    Attributes:
        schemas: by their ids.
        channels: by their ids.
        metadata: (offset, length, name, texts) of the metadata records.
        chunks: in the order of the file.
        complete: whether the file has its summary.
        cut: where the file was cut short; None where it ends as it should.
    """

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    metadata: list[tuple[int, int, str, dict[str, str]]] = field(default_factory=list)
    chunks: list[ChunkPlace] = field(default_factory=list)
    complete: bool = False
    cut: int | None = None


class TakeFile:
    """A file that is read at any place, by any thread.

    Args:
        file: path, or the bytes themselves.

    Raises:
        OSError: it cannot be opened.
        UnsupportedFile: it is a pipe or a device, which has no places: to open one could wait for ever.
    """

    def __init__(self, file: str | os.PathLike[str] | bytes) -> None:
        self.name = None if isinstance(file, bytes) else os.fspath(file)
        self._lock = threading.Lock()
        self._file = io.BytesIO(file) if isinstance(file, bytes) else _opened(file)
        self.close = weakref.finalize(self, self._file.close)
        """Close the file; so does losing the last reference to this object."""
        self.size = self._file.seek(0, os.SEEK_END)

    def read(self, offset: int, size: int) -> bytes:
        """Bytes at a place: fewer than `size` at the end of the file."""
        with self._lock:
            self._file.seek(offset)
            return self._file.read(size)

    def body(self, offset: int, size: int) -> Body:
        """Bytes at a place, to be read as a record's body."""
        return Body(self.read(offset, size), offset, self.name)

    def corrupt(self, reason: str, offset: int) -> CorruptFile:
        """The error that says what is wrong at a place."""
        return CorruptFile(reason, file=self.name, offset=offset)


def _opened(file: str | os.PathLike[str]) -> io.BufferedReader:
    kind = os.stat(file).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # a folder's own error says what it is
        raise UnsupportedFile("this is a pipe or a device; a take is a file", file=os.fspath(file), offset=0)
    return open(file, "rb")


def scan(file: TakeFile) -> Scan:
    """Find what is in a file.

    Raises:
        UnsupportedFile: it is no MCAP file.
        CorruptFile: its records contradict themselves.
        LimitExceeded: there are too many of them, or one is too large.
    """
    if file.read(0, len(mcap.MAGIC)) != mcap.MAGIC:
        raise UnsupportedFile("this is not an MCAP file", file=file.name, offset=0)
    ends_whole = file.read(file.size - len(mcap.MAGIC), len(mcap.MAGIC)) == mcap.MAGIC
    found, at = Scan(), len(mcap.MAGIC)
    for _ in range(MAX_RECORDS):
        head = file.read(at, mcap.RECORD_HEAD.size)
        opcode, length = mcap.RECORD_HEAD.unpack(head) if len(head) == mcap.RECORD_HEAD.size else (0, 0)
        if opcode == 0:  # nothing, or what losing power leaves
            found.cut = at
            return found
        if length > file.size - at - len(head):
            if ends_whole:
                raise file.corrupt("a record is longer than the rest of the file", at)
            found.cut = at
            return found
        if opcode != Opcode.CHUNK and length > MAX_RECORD:
            raise LimitExceeded(
                f"a record of {length:,} bytes is too large",
                file=file.name, offset=at, limit=MAX_RECORD, value=length,
            )  # fmt: skip
        if opcode == Opcode.FOOTER:
            found.complete = ends_whole and file.body(at + len(head), length).number("Q") != 0
            return found
        _take_in(found, file, opcode, at, length)
        at += len(head) + length
    raise LimitExceeded(
        f"there are more than {MAX_RECORDS:,} records", file=file.name, offset=at, limit=MAX_RECORDS
    )


def _take_in(found: Scan, file: TakeFile, opcode: int, at: int, length: int) -> None:
    """Note one record."""
    start = at + mcap.RECORD_HEAD.size
    if opcode == Opcode.CHUNK:
        found.chunks.append(_chunk(file, at, length))
    elif opcode == Opcode.MESSAGE_INDEX and found.chunks:
        body = file.body(start, length)
        channel, rows = body.number("H"), bytes(body.sized())
        if len(rows) % 16:
            raise file.corrupt("a message index has half a row", at)
        found.chunks[-1].indexes[channel] = rows
    elif opcode == Opcode.SCHEMA:
        schema = file.body(start, length).schema()
        found.schemas[schema.id] = schema
    elif opcode == Opcode.CHANNEL:
        channel_ = file.body(start, length).channel()
        found.channels[channel_.id] = channel_
    elif opcode == Opcode.METADATA:
        body = file.body(start, length)
        found.metadata.append((at, start + length - at, body.text(), body.texts()))


def _chunk(file: TakeFile, at: int, length: int) -> ChunkPlace:
    start = at + mcap.RECORD_HEAD.size
    body = file.body(start, min(length, _CHUNK_FIELDS))
    first, last, size, crc = body.unpack(mcap.CHUNK_HEAD)
    compression, stored = body.text(), body.number("Q")
    data = start + body.at
    if stored != start + length - data:
        raise file.corrupt("a chunk's content is not as long as its record says", at)
    return ChunkPlace(at, start + length - at, (first, last), data, stored, size, crc, compression, {})
