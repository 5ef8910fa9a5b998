"""Extended XMP: a second packet, too long for one segment, in numbered pieces.

    main packet: xmpNote:HasExtendedXMP = GUID        APP1 GUID │ full length │ offset │ piece
                                                      APP1 GUID │ full length │ offset │ piece …

Source: Adobe XMP specification part 3, 1.1.3.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from nearfar.errors import CorruptFile, LimitExceeded
from nearfar.photo.bytesource import Bytes
from nearfar.photo.jpeg.segments import EXTENDED_XMP, Header

__all__ = ["GUID_TAG", "MAX_BYTES", "join_extended", "split_extended"]

GUID_TAG = "xmpNote:HasExtendedXMP"
MAX_BYTES = 64 << 20
"""An extended packet over 64 MiB is refused; those of phones carry two pictures of some MB."""

_HEAD = struct.Struct(">32sII")
_PIECE_BYTES = 65400


def join_extended(data: Bytes, header: Header, guid: str, *, file: str | None = None) -> bytes | None:
    """Put together the extended packet of a GUID; None where the file has no piece of it.

    Raises:
        CorruptFile: pieces are missing, overlap, or contradict each other.
        LimitExceeded: over 64 MiB.
    """
    pieces: list[tuple[int, int, int]] = []
    full = 0
    for segment in header.find(data, EXTENDED_XMP):
        start = segment.payload + len(EXTENDED_XMP[1])
        if segment.end - start < _HEAD.size:
            continue
        name, length, offset = _HEAD.unpack(data[start : start + _HEAD.size])
        if name != guid.encode("ascii", "replace"):
            continue
        if length > MAX_BYTES:
            raise LimitExceeded(
                f"the extended XMP has {length:,} bytes, over the limit of {MAX_BYTES:,}",
                file=file, offset=segment.start, limit=MAX_BYTES, value=length,
            )  # fmt: skip
        if pieces and length != full:
            raise CorruptFile("the extended XMP's pieces name two lengths", file=file, offset=segment.start)
        full = length
        pieces.append((offset, start + _HEAD.size, segment.end))
    if not pieces:
        return None
    out: list[bytes] = []
    position = 0
    for offset, begin, end in sorted(pieces):
        if offset != position:
            raise CorruptFile(
                f"the extended XMP lacks its bytes from {position:,}, or has them twice",
                file=file,
                offset=begin,
            )
        out.append(data[begin:end])
        position += end - begin
    if position != full:
        raise CorruptFile(
            f"the extended XMP has {position:,} bytes and says {full:,}", file=file, offset=header.start
        )
    return b"".join(out)


def split_extended(packet: bytes, guid: str) -> Iterator[bytes]:
    """Give the contents of the segments that hold an extended packet."""
    for offset in range(0, len(packet), _PIECE_BYTES):
        yield _HEAD.pack(guid.encode(), len(packet), offset) + packet[offset : offset + _PIECE_BYTES]
