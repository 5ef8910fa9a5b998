"""A chunk's messages: its content unfolded within limits, checked, and taken apart."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes.chunks import LARGEST_COMPRESSED, load_zstandard
from nearfar.capture.takes.mcap_records import Body, Channel, Opcode, Schema
from nearfar.capture.takes.scanning import ChunkPlace, TakeFile
from nearfar.errors import LimitExceeded, UnsupportedFile

__all__ = ["Unfolded", "unfold"]

LARGEST_STORED = 2 << 30
"""Bytes of a chunk that is stored as it is: a frame of 100 Mpx with depth and confidence fits."""
MOST_MESSAGES = 1 << 18
"""In a chunk; a small one compresses to nothing, and each takes room and time."""
_ZSTD_SIZE_UNKNOWN = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What a chunk holds.

    Attributes:
        messages: by channel and time in nanoseconds.
        rows: (channel, time, place in the content) of each message, in order.
        channels: that are declared in the chunk, by id.
        schemas: the same.
        size: bytes of the content.
    """

    messages: Mapping[tuple[int, int], memoryview]
    rows: list[tuple[int, int, int]]
    channels: Mapping[int, Channel]
    schemas: Mapping[int, Schema]
    size: int


def unfold(file: TakeFile, place: ChunkPlace) -> Unfolded:
    """The messages of a chunk.

    Raises:
        CorruptFile: it is not what it says.
        UnsupportedFile: it is compressed in a way that is not known.
        LimitExceeded: it is larger than any that is made here, or has more messages.
        MissingExtra: it needs zstd, which is not installed.
    """
    content = memoryview(_content(file, place))
    if place.crc and zlib.crc32(content) != place.crc:
        raise file.corrupt("a chunk's checksum is wrong", place.offset)
    messages, rows = dict[tuple[int, int], memoryview](), list[tuple[int, int, int]]()
    channels, schemas = dict[int, Channel](), dict[int, Schema]()
    at = 0
    while at < len(content):
        body = Body(content[at:], place.offset, file.name)
        opcode, length = body.unpack(mcap.RECORD_HEAD)
        inner = Body(body.take(length), place.offset, file.name)
        if opcode == Opcode.MESSAGE:
            channel, _, time, _ = inner.unpack(mcap.MESSAGE_HEAD)
            messages[channel, time] = inner.take(len(inner))
            rows.append((channel, time, at))
            if len(rows) > MOST_MESSAGES:
                raise LimitExceeded(
                    f"a chunk has more than {MOST_MESSAGES:,} messages",
                    file=file.name, offset=place.offset, limit=MOST_MESSAGES,
                )  # fmt: skip
        elif opcode == Opcode.CHANNEL:
            declared = inner.channel()
            channels[declared.id] = declared
        elif opcode == Opcode.SCHEMA:
            schema = inner.schema()
            schemas[schema.id] = schema
        at += mcap.RECORD_HEAD.size + length
    return Unfolded(messages, rows, channels, schemas, len(content))


def _content(file: TakeFile, place: ChunkPlace) -> bytes:
    limit = LARGEST_COMPRESSED if place.compression else LARGEST_STORED
    if max(place.size, place.stored) > limit:
        raise LimitExceeded(
            f"a chunk of {max(place.size, place.stored):,} bytes is too large",
            file=file.name, offset=place.offset, limit=limit, value=max(place.size, place.stored),
        )  # fmt: skip
    stored = file.read(place.data, place.stored)
    if len(stored) != place.stored:
        raise file.corrupt("the file became shorter while it was read", place.offset)
    if place.compression == "":
        content = stored
    elif place.compression == "zstd":
        content = _unzstd(file, place, stored)
    else:
        raise UnsupportedFile(
            f"a chunk is compressed by {place.compression!r}; zstd is known here",
            file=file.name, offset=place.offset,
        )  # fmt: skip
    if len(content) != place.size:
        raise file.corrupt("a chunk's content is not as long as it says", place.offset)
    return content


def _unzstd(file: TakeFile, place: ChunkPlace, stored: bytes) -> bytes:
    zstandard = load_zstandard()
    try:
        promised = zstandard.get_frame_parameters(stored).content_size
        if promised not in (place.size, _ZSTD_SIZE_UNKNOWN):
            raise file.corrupt("a chunk's content is not as long as it says", place.offset)
        if place.size == 0:
            return b""
        content: bytes = zstandard.ZstdDecompressor().decompress(stored, max_output_size=place.size)
    except (zstandard.ZstdError, MemoryError) as error:
        raise file.corrupt(f"a chunk cannot be unfolded: {error}", place.offset) from None
    return content
