"""Items coded as JPEG: they are read and decoded as JPEG files are, with the same limits.

The header is read first, so that no decoder starts on a picture that is not the size it claims. Packets are
also looked for in items whose header is broken: what tells a place must be found there too.

Source: ITU-T T.81, annex B; ISO/IEC 23008-12, annex H.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from nearfar.errors import FileError, LimitExceeded
from nearfar.photo.heic.meta import Meta

if TYPE_CHECKING:
    from nearfar.photo.jpeg.segments import Header

_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}
_APP1 = 0xE1
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


def read_jpeg(meta: Meta, item: int, data: bytes) -> Header:
    """Read the segments of a JPEG item up to its first scan; CorruptFile when they are broken."""
    from nearfar.photo.jpeg.segments import read_header

    with _blaming(meta, item):
        return read_header(data)


@contextmanager
def _blaming(meta: Meta, item: int) -> Iterator[None]:
    """Let errors of the JPEG reader name the file, and the place of the item in it."""
    file, offset = meta.source.file, meta.offset_of(item)
    try:
        yield
    except LimitExceeded as error:
        raise LimitExceeded(
            error.reason, file=file, offset=offset, limit=error.limit, value=error.value
        ) from error
    except FileError as error:
        raise type(error)(error.reason, file=file, offset=offset) from error


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The segments before the first scan: second byte of the marker, first byte of the content, one past
    it.
    """
    at = 2 if data[:2] == b"\xff\xd8" else len(data)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data) or marker in (0xD9, 0xDA):
            return
        yield marker, at + 4, end
        at = end


def packet_inside(data: bytes) -> bytes | None:
    """The XMP packet in a JPEG's own APP1 segment, if it has one."""
    for marker, start, end in _segments(data):
        if marker == _APP1 and data.startswith(_XMP, start, end):
            return data[start + len(_XMP) : end]
    return None


def exif_inside(data: bytes) -> bool:
    """Whether a JPEG has an Exif segment of its own."""
    return any(
        marker == _APP1 and data.startswith(b"Exif\0\0", start, end) for marker, start, end in _segments(data)
    )


def with_packet_inside(data: bytes, packet: bytes) -> bytes | None:
    """The JPEG with this XMP packet as its first segment, instead of the one it has; None when it does not
    fit.

    All other bytes are kept. libheif before 1.17 (Debian 12 has 1.15) refuses a whole file in which an XMP
    item describes an item of type jpeg, so that is where the packet of a lossless map lies.
    """
    length = 2 + len(_XMP) + len(packet)
    if length > 0xFFFF:
        return None
    old = [each for each in _segments(data) if each[0] == _APP1 and data.startswith(_XMP, each[1], each[2])]
    for _, start, end in reversed(old):
        data = data[: start - 4] + data[end:]
    return b"".join((data[:2], b"\xff\xe1", length.to_bytes(2, "big"), _XMP, packet, data[2:]))


def jpeg_bytes(meta: Meta, item: int) -> bytes:
    """The JPEG of an item, with the tables of its ``jpgC`` property in front."""
    data = meta.payload(item)
    tables = meta.property_of(item, "jpgC")
    if tables is None:
        return data
    return meta.source.part(tables.body, tables.end) + data


def decode_jpeg(meta: Meta, item: int, size: tuple[int, int], *, parts: int = 1) -> NDArray[Any]:
    """Decode a JPEG item: (H, W) for one component, else (H, W, 3) RGB; uint8, or uint16 for lossless ones.

    Args:
        meta: the item model.
        item: the id of the item.
        size: (width, height) of its ``ispe``, which the frame must match.
        parts: how many such pictures make up the whole: together they may cost what one picture may.
    """
    from nearfar.photo.jpeg import codec

    source, offset = meta.source, meta.offset_of(item)
    data = jpeg_bytes(meta, item)
    header = read_jpeg(meta, item, data)
    coded = header.frame.width, header.frame.height
    source.check_pixels(coded, offset, "JPEG picture")
    if coded != size:
        raise source.corrupt(f"a picture of {size[0]}×{size[1]} is coded as {coded[0]}×{coded[1]}", offset)
    share = max(source.limits.max_pixels // parts, size[0] * size[1])
    with _blaming(meta, item):
        return codec.decode(data, header, limits=replace(source.limits, max_pixels=share))
