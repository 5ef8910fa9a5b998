"""MCAP, the container of a take: its records as bytes, and back from bytes that are not to be trusted.

    magic │ Header │ Metadata │ Schema Channel … Chunk MessageIndex … │ … │ DataEnd │ summary │ Footer │ magic
                                                  └ compressed: Message Message …      └ none in an open take

A record is one byte that says its kind, eight that say its length, and its body.

Source: MCAP format specification, https://mcap.dev/spec.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from nearfar.errors import CorruptFile

__all__ = ["MAGIC", "TAIL", "Body", "Channel", "ChunkIndex", "Opcode", "Schema"]

MAGIC = b"\x89MCAP0\r\n"
RECORD_HEAD = struct.Struct("<BQ")
MESSAGE_HEAD = struct.Struct("<HIQQ")
CHUNK_HEAD = struct.Struct("<QQQI")
_FOOTER = struct.Struct("<QQI")


class Opcode(IntEnum):
    """The kinds of records."""

    HEADER = 1
    FOOTER = 2
    SCHEMA = 3
    CHANNEL = 4
    MESSAGE = 5
    CHUNK = 6
    MESSAGE_INDEX = 7
    CHUNK_INDEX = 8
    STATISTICS = 11
    METADATA = 12
    METADATA_INDEX = 13
    SUMMARY_OFFSET = 14
    DATA_END = 15


@dataclass(frozen=True, slots=True)
class Schema:
    """What the messages of a channel look like."""

    id: int
    name: str
    encoding: str
    data: bytes

    def record(self) -> bytes:
        """The record's bytes."""
        body = struct.pack("<H", self.id) + _text(self.name) + _text(self.encoding) + _sized(self.data)
        return record(Opcode.SCHEMA, body)


@dataclass(frozen=True, slots=True)
class Channel:
    """A stream of messages under a topic."""

    id: int
    schema: int
    topic: str
    encoding: str

    def record(self) -> bytes:
        """The record's bytes."""
        body = struct.pack("<HH", self.id, self.schema) + _text(self.topic) + _text(self.encoding)
        return record(Opcode.CHANNEL, body + _sized(b""))


@dataclass(frozen=True, slots=True)
class ChunkIndex:
    """What the summary says of one chunk.

    Attributes:
        start: of the earliest message, nanoseconds.
        end: of the latest.
        offset: of the chunk's record in the file.
        length: of that record, bytes.
        indexes: the offset of each channel's message index in the file.
        indexes_length: of all message indexes, bytes.
        compression: "zstd" or "".
        stored: bytes of the chunk's content in the file.
        size: bytes of the content itself.
        counts: messages by channel.
    """

    start: int
    end: int
    offset: int
    length: int
    indexes: Mapping[int, int]
    indexes_length: int
    compression: str
    stored: int
    size: int
    counts: Mapping[int, int]

    def record(self) -> bytes:
        """The record's bytes."""
        offsets = b"".join(struct.pack("<HQ", *entry) for entry in self.indexes.items())
        body = struct.pack("<QQQQ", self.start, self.end, self.offset, self.length) + _sized(offsets)
        body += struct.pack("<Q", self.indexes_length) + _text(self.compression)
        return record(Opcode.CHUNK_INDEX, body + struct.pack("<QQ", self.stored, self.size))


# Bytes of records


def record(opcode: Opcode, body: bytes) -> bytes:
    """A record of any kind."""
    return RECORD_HEAD.pack(opcode, len(body)) + body


def header(library: str) -> bytes:
    """The first record: no profile, and what wrote the file."""
    return record(Opcode.HEADER, _text("") + _text(library))


def metadata(name: str, values: Mapping[str, str]) -> bytes:
    """Named texts about the whole file."""
    return record(Opcode.METADATA, _text(name) + _texts(values))


def metadata_index(offset: int, length: int, name: str) -> bytes:
    """Where a metadata record lies."""
    return record(Opcode.METADATA_INDEX, struct.pack("<QQ", offset, length) + _text(name))


def message_index(channel: int, entries: Iterable[tuple[int, int]]) -> bytes:
    """Time and place (in the chunk's content) of each message of one channel."""
    rows = b"".join(struct.pack("<QQ", *entry) for entry in entries)
    return record(Opcode.MESSAGE_INDEX, struct.pack("<H", channel) + _sized(rows))


def chunk_head(times: tuple[int, int], size: int, crc: int, compression: str, stored: int) -> bytes:
    """All of a chunk's record but its content, of which `stored` bytes follow."""
    body = CHUNK_HEAD.pack(*times, size, crc) + _text(compression) + struct.pack("<Q", stored)
    return RECORD_HEAD.pack(Opcode.CHUNK, len(body) + stored) + body


def statistics(
    schemas: int, metadata_records: int, chunks: int, times: tuple[int, int], counts: Mapping[int, int]
) -> bytes:
    """How much of everything there is; `times` of the first and the last message, `counts` by channel."""
    body = struct.pack("<QHIIII", sum(counts.values()), schemas, len(counts), 0, metadata_records, chunks)
    rows = b"".join(struct.pack("<HQ", *entry) for entry in sorted(counts.items()))
    return record(Opcode.STATISTICS, body + struct.pack("<QQ", *times) + _sized(rows))


def summary_offset(opcode: Opcode, start: int, length: int) -> bytes:
    """Where the summary's records of one kind lie."""
    return record(Opcode.SUMMARY_OFFSET, struct.pack("<BQQ", opcode, start, length))


def footer(summary: int, offsets: int, crc: int) -> bytes:
    """The last record, which says where the summary begins; 0 for none."""
    return record(Opcode.FOOTER, _FOOTER.pack(summary, offsets, crc))


DATA_END = record(Opcode.DATA_END, bytes(4))
"""The end of the data; its CRC, 0, says that none was computed: each chunk has its own."""
TAIL = DATA_END + footer(0, 0, 0) + MAGIC
"""The end of a file without a summary, which every reader of MCAP takes for a whole one."""


def _text(text: str) -> bytes:
    return _sized(text.encode())


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _texts(values: Mapping[str, str]) -> bytes:
    return _sized(b"".join(_text(name) + _text(value) for name, value in values.items()))


# Reading


class Body:
    """A record's body, read from the front; what it does not hold is a `CorruptFile`.

    Args:
        data: the bytes.
        offset: of them in the file, for errors.
        file: the file's name.
    """

    def __init__(self, data: bytes | memoryview, offset: int, file: str | None) -> None:
        self._data, self._at = memoryview(data), 0
        self._offset, self._file = offset, file

    def __len__(self) -> int:
        return len(self._data) - self._at

    @property
    def at(self) -> int:
        """How far it was read."""
        return self._at

    def take(self, size: int) -> memoryview:
        """The next bytes."""
        if size > len(self):
            raise self.corrupt(f"a record ends {size - len(self)} bytes before what it promises")
        self._at += size
        return self._data[self._at - size : self._at]

    def unpack(self, form: struct.Struct) -> tuple[int, ...]:
        """The next numbers."""
        return form.unpack(self.take(form.size))

    def number(self, form: str) -> int:
        """The next number, in one of `struct`'s forms."""
        value: int = struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]
        return value

    def sized(self) -> memoryview:
        """The next bytes, which are preceded by how many they are."""
        return self.take(self.number("I"))

    def text(self) -> str:
        """The next text."""
        try:
            return str(self.sized(), "utf-8")
        except UnicodeDecodeError:
            raise self.corrupt("a text is not UTF-8") from None

    def texts(self) -> dict[str, str]:
        """The next named texts."""
        inner = Body(self.sized(), self._offset + self._at, self._file)
        values = {}
        while len(inner):
            name = inner.text()
            values[name] = inner.text()
        return values

    def schema(self) -> Schema:
        """The body as a schema."""
        return Schema(self.number("H"), self.text(), self.text(), bytes(self.sized()))

    def channel(self) -> Channel:
        """The body as a channel."""
        return Channel(self.number("H"), self.number("H"), self.text(), self.text())

    def corrupt(self, reason: str) -> CorruptFile:
        """The error that says what is wrong here."""
        return CorruptFile(reason, file=self._file, offset=self._offset + self._at)
