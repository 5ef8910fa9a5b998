"""Messages in chunks: gathered, compressed, indexed; and the summary that closes a file.

A chunk holds whole frames and at most a mebibyte, so that little is lost with it; a larger frame has a chunk
of its own. In the file it is followed by the indexes of its messages.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes.mcap_records import Channel, ChunkIndex, Opcode, Schema
from nearfar.errors import MissingExtra

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Chunk", "Compression", "Contents", "Unit", "closing", "compressor"]

Compression = Literal["zstd", "none"]

CHUNK_BYTES = 1 << 20
LARGEST_COMPRESSED = 256 << 20
"""Bytes that a compressed chunk may unfold to; a larger one is stored as it is."""


def load_zstandard() -> ModuleType:
    """The module `zstandard`; `MissingExtra` where it is not installed."""
    try:
        import zstandard
    except ImportError:
        raise MissingExtra("a take compressed by zstd", extra="record") from None
    return zstandard


def compressor(compression: Compression) -> Callable[[bytes], tuple[str, bytes]]:
    """A function that gives content its stored form, and the name of that form in the file.

    Raises:
        MissingExtra: zstd is wanted and not installed.
    """
    if compression == "none":
        return lambda content: ("", content)
    packer = load_zstandard().ZstdCompressor(level=1)

    def compress(content: bytes) -> tuple[str, bytes]:
        if len(content) > LARGEST_COMPRESSED:
            return "", content
        packed: bytes = packer.compress(content)
        return ("zstd", packed) if len(packed) < len(content) else ("", content)

    return compress


@dataclass(frozen=True, slots=True)
class Unit:
    """Bytes that belong together in the file: a chunk with its indexes, and what comes with them.

    Attributes:
        data: the bytes.
        index: what the summary will say of the chunk, with offsets counted from the unit's beginning.
        frames: how many frames it holds.
    """

    data: bytes
    index: ChunkIndex
    frames: int


@dataclass(slots=True)
class Chunk:
    """A chunk that is being filled."""

    size: int = 0
    frames: int = 0
    _parts: list[bytes | memoryview] = field(default_factory=list)
    _index: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def add(
        self, channel: int, sequence: int, times: tuple[int, int], parts: Sequence[bytes | memoryview]
    ) -> None:
        """Add one message; `times` are when it was logged and published, in nanoseconds."""
        body = mcap.MESSAGE_HEAD.size + sum(len(part) for part in parts)
        head = mcap.RECORD_HEAD.pack(Opcode.MESSAGE, body)
        head += mcap.MESSAGE_HEAD.pack(channel, sequence & 0xFFFFFFFF, *times)
        self._index.setdefault(channel, []).append((times[0], self.size))
        self._parts += (head, *parts)
        self.size += mcap.RECORD_HEAD.size + body

    def own(self) -> None:
        """Copy what the chunk does not own yet, so that it keeps no frame alive while it waits for more."""
        self._parts = [part if isinstance(part, bytes) else bytes(part) for part in self._parts]

    def unit(self, compress: Callable[[bytes], tuple[str, bytes]], before: bytes = b"") -> Unit:
        """The chunk as it is written, after the records `before`."""
        content = b"".join(self._parts)
        name, stored = compress(content)
        times = [time for entries in self._index.values() for time, _ in entries]
        span = (min(times), max(times))
        head = mcap.chunk_head(span, len(content), zlib.crc32(content), name, len(stored))
        index = ChunkIndex(
            *span, len(before), len(head) + len(stored), {}, 0, name, len(stored), len(content),
            {channel: len(entries) for channel, entries in self._index.items()},
        )  # fmt: skip
        return indexed(index, (before, head, stored), self._index, self.frames)


def indexed(
    chunk: ChunkIndex,
    pieces: Iterable[bytes | memoryview],
    messages: dict[int, list[tuple[int, int]]],
    frames: int,
) -> Unit:
    """The unit of a chunk whose pieces are given, with the indexes of its messages behind it."""
    at = chunk.offset + chunk.length
    rows: list[bytes] = []
    offsets: dict[int, int] = {}
    for channel, entries in messages.items():
        row = mcap.message_index(channel, entries)
        offsets[channel] = at + sum(len(other) for other in rows)
        rows.append(row)
    length = sum(len(row) for row in rows)
    counts = {channel: len(entries) for channel, entries in messages.items()}
    index = ChunkIndex(
        chunk.start, chunk.end, chunk.offset, chunk.length, offsets, length, chunk.compression,
        chunk.stored, chunk.size, counts,
    )  # fmt: skip
    return Unit(b"".join((*pieces, *rows)), index, frames)


def moved(index: ChunkIndex, offset: int) -> ChunkIndex:
    """The index of a chunk whose unit lies at an offset in the file."""
    return ChunkIndex(
        index.start, index.end, index.offset + offset, index.length,
        {channel: place + offset for channel, place in index.indexes.items()}, index.indexes_length,
        index.compression, index.stored, index.size, index.counts,
    )  # fmt: skip


@dataclass(slots=True)
class Contents:
    """What a file holds so far: what its summary will say.

    Attributes:
        schemas: that were written.
        channels: that were written.
        indexes: the records of the chunks' indexes; a day has millions.
        chunks: how many they are.
        times: of the first and the last message, nanoseconds.
        counts: of messages, by channel.
        metadata: (offset, length, name) of the metadata records.
    """

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    indexes: bytearray = field(default_factory=bytearray)
    chunks: int = 0
    times: tuple[int, int] = (0, 0)
    counts: Counter[int] = field(default_factory=Counter)
    metadata: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, chunk: ChunkIndex) -> None:
        """Note a chunk that lies in the file."""
        first, last = self.times if self.chunks else (chunk.start, chunk.end)
        self.times = (min(first, chunk.start), max(last, chunk.end))
        self.indexes += chunk.record()
        self.counts.update(chunk.counts)
        self.chunks += 1

    def declare(self, channel: Channel, schema: Schema | None) -> bytes:
        """The records that must come before the first message of a channel; b"" later."""
        if channel.id in self.channels:
            return b""
        self.channels[channel.id] = channel
        if schema is None or schema.id in self.schemas:
            return channel.record()
        self.schemas[schema.id] = schema
        return schema.record() + channel.record()


def closing(contents: Contents, offset: int) -> bytes:
    """The end of a complete file, from `DATA_END` at an offset to the last byte."""
    start = offset + len(mcap.DATA_END)
    numbers = mcap.statistics(
        len(contents.schemas), len(contents.metadata), contents.chunks, contents.times, contents.counts
    )
    groups = [
        (Opcode.SCHEMA, b"".join(schema.record() for schema in contents.schemas.values())),
        (Opcode.CHANNEL, b"".join(channel.record() for channel in contents.channels.values())),
        (Opcode.STATISTICS, numbers),
        (Opcode.CHUNK_INDEX, bytes(contents.indexes)),
        (Opcode.METADATA_INDEX, b"".join(mcap.metadata_index(*each) for each in contents.metadata)),
    ]
    at, offsets = start, []
    for opcode, data in groups:
        if data:
            offsets.append(mcap.summary_offset(opcode, at, len(data)))
            at += len(data)
    summary = b"".join((*(data for _, data in groups), *offsets))
    # The footer's own first fields are part of what its CRC covers.
    crc = zlib.crc32(summary + mcap.footer(start, at, 0)[:-4])
    return mcap.DATA_END + summary + mcap.footer(start, at, crc) + mcap.MAGIC
