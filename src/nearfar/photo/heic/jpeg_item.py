"""Items coded as JPEG: baseline by Pillow, lossless 16-bit (the maps that keep their holes) by our own codec.

The frame header is read first, so that neither decoder starts on a picture that is not the size it claims.

Source: ITU-T T.81, annex B; ISO/IEC 23008-12, annex H.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nearfar.photo.heic.meta import Meta

_LOSSLESS = 0xC3
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}
_APP1 = 0xE1
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_FRAME = struct.Struct(">BHHB")


class Frame(NamedTuple):
    """A JPEG frame header; `marker` is the second byte of SOFn."""

    marker: int
    bits: int
    size: tuple[int, int]
    components: int

    @property
    def lossless(self) -> bool:
        """Whether the frame is SOF3."""
        return self.marker == _LOSSLESS


def read_frame(meta: Meta, item: int, data: bytes) -> Frame:
    """Find the frame header of a JPEG item; CorruptFile when there is none."""
    for marker, start, end in _segments(data):
        if marker in _FRAMES and end - start >= 6:
            bits, height, width, components = _FRAME.unpack_from(data, start)
            return Frame(marker, bits, (width, height), components)
    raise meta.source.corrupt(f"the JPEG item {item} has no frame header", meta.offset_of(item))


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


def decode_jpeg(meta: Meta, item: int, size: tuple[int, int]) -> NDArray[Any]:
    """Decode a JPEG item: (H, W) for one component, else (H, W, 3) RGB; uint8, or uint16 for lossless ones.

    `size` is the (width, height) of its ``ispe``, which the frame must match.
    """
    source, offset = meta.source, meta.offset_of(item)
    data = jpeg_bytes(meta, item)
    frame = read_frame(meta, item, data)
    source.check_pixels(frame.size, offset, "JPEG picture")
    if frame.size != size:
        (width, height), (coded_width, coded_height) = size, frame.size
        raise source.corrupt(
            f"a picture of {width}×{height} is coded as {coded_width}×{coded_height}", offset
        )
    if frame.lossless:
        return _decode_lossless(meta, data, offset)
    if frame.bits != 8:
        raise source.unsupported(f"the JPEG item {item} has {frame.bits} bits per sample", offset)
    return _decode_baseline(meta, data, offset)


def _decode_lossless(meta: Meta, data: bytes, offset: int) -> NDArray[Any]:
    from nearfar import _native

    source = meta.source
    try:
        return _native.lossless_jpeg_decode(data, source.limits.max_pixels)
    except ValueError as error:
        raise source.corrupt(str(error), offset) from error


def _decode_baseline(meta: Meta, data: bytes, offset: int) -> NDArray[Any]:
    from PIL import UnidentifiedImageError
    from PIL.JpegImagePlugin import JpegImageFile

    try:
        picture = JpegImageFile(io.BytesIO(data))
        return np.array(picture if picture.mode == "L" else picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, EOFError, UnidentifiedImageError) as error:
        raise meta.source.corrupt(f"the JPEG decoder refuses the picture: {error}", offset) from error
