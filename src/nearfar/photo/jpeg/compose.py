"""A new JPEG with auxiliary images, in the byte layout of Apple's.

primary    SOI │ APP0 JFIF │ APP1 Exif │ APP1 XMP │ APP2 MPF │ APP2 ICC… │ tables, scan, EOI
secondary  SOI │ APP0 JFIF │ APP1 XMP │ APP2 MPF (the count alone) │ tables, scan, EOI
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.photo import xmp as xmp_packets
from nearfar.photo.auxiliary import NewImage
from nearfar.photo.jpeg import codec, mpf
from nearfar.photo.jpeg.extended_xmp import GUID_TAG, split_extended
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, ICC, MPF, XMP, read_header, segment_bytes

__all__ = ["compose", "exif_segment", "secondary_jpeg", "secondary_xmp_segment", "xmp_segments"]

_JFIF = (0xE0, b"JFIF\0")
_JFIF_PRIMARY = b"\1\1\1\1\x2c\1\x2c\0\0"  # version 1.1, 300 dots per inch, no thumbnail
_JFIF_SECONDARY = b"\1\2\1\0H\0H\0\0"  # version 1.2, 72 dots per inch, as iOS writes
_JFIF_MARK = b"AMPF"  # Apple's JFIF segment ends so when images follow
_ICC_BYTES = 65519
_XMP_BYTES = 0xFFFF - 2 - len(XMP[1])
_MAX_SIDE = 65535


def compose(
    color: NDArray[np.uint8],
    images: Sequence[NewImage] = (),
    *,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    icc: bytes | None = None,
    quality: int = 95,
) -> bytes:
    """Write a photo.

    Args:
        color: (H, W, 3) uint8 RGB, upright: `exif` must say orientation 1 or nothing.
        images: auxiliary images, upright; 8-bit ones come back within 2 codes, 16-bit ones exactly.
        exif: TIFF structure, up to 65,527 bytes.
        xmp: packet of the primary picture; what one segment cannot hold goes into extended XMP.
        icc: colour profile.
        quality: of the colour picture, 1..100; it is coded 4:4:4.

    Raises:
        ValueError: the picture has a shape that JPEG cannot hold, or a piece of metadata is too large.
    """
    if color.ndim != 3 or color.shape[2] != 3 or color.dtype != np.uint8:
        raise ValueError(f"color is {color.dtype} {color.shape}, not (H, W, 3) uint8")
    _check_sides(color)
    for image in images:
        _check_sides(image.samples)
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must be within 1..100, not {quality}")
    count = 1 + len(images)
    head = [b"\xff\xd8", segment_bytes(_JFIF, _JFIF_PRIMARY + (_JFIF_MARK if images else b""))]
    if exif:
        head.append(exif_segment(exif))
    if xmp:
        head += xmp_segments(xmp)
    before = b"".join(head)
    after = b"".join((*_icc_segments(icc), _coded(codec.encode_color(color, quality))))
    if not images:
        return before + after
    secondaries = [secondary_jpeg(image, count) for image in images]
    place = len(before) + 4 + len(MPF[1])
    blank = segment_bytes(MPF, mpf.build_index([mpf.Entry(0, 0, place)] * count, place))
    position = len(before) + len(blank) + len(after)
    entries = [mpf.Entry(0, position, 0)]
    for secondary in secondaries:
        entries.append(mpf.Entry(0, len(secondary), position))
        position += len(secondary)
    index = segment_bytes(MPF, mpf.build_index(entries, place))
    return b"".join((before, index, after, *secondaries))


def secondary_jpeg(image: NewImage, count: int) -> bytes:
    """Write an auxiliary image for a file of `count` images.

    Its type goes into the XMP where that does not say it: a JPEG has no other place for it.
    """
    packet = image.xmp
    if image.urn and "apdi:AuxiliaryImageType" not in xmp_packets.parse(packet).tags:
        packet = xmp_packets.parse(packet).set({"apdi:AuxiliaryImageType": image.urn})
    samples = image.samples
    coded = codec.encode_gray(samples) if samples.dtype == np.uint8 else codec.encode_lossless(samples)
    head = (
        b"\xff\xd8",
        segment_bytes(_JFIF, _JFIF_SECONDARY),
        secondary_xmp_segment(packet),
        segment_bytes(MPF, mpf.build_secondary(count)),
    )
    return b"".join((*head, _coded(coded)))


def secondary_xmp_segment(packet: bytes) -> bytes:
    """Write an auxiliary image's packet; ValueError when it is too large for one segment."""
    if len(packet) > _XMP_BYTES:
        raise ValueError(
            f"an auxiliary image's XMP holds {_XMP_BYTES:,} bytes in a JPEG, not {len(packet):,}"
        )
    return segment_bytes(XMP, packet)


def exif_segment(exif: bytes) -> bytes:
    """Write an Exif segment; ValueError when it is too large for one."""
    room = 0xFFFF - 2 - len(EXIF[1])
    if len(exif) > room:
        raise ValueError(
            f"Exif holds {room:,} bytes in a JPEG, not {len(exif):,}: take its thumbnail out first"
        )
    return segment_bytes(EXIF, exif)


def xmp_segments(packet: bytes) -> list[bytes]:
    """Write a primary picture's packet: one segment, or several with an extended packet."""
    if len(packet) <= _XMP_BYTES:
        return [segment_bytes(XMP, packet)]
    parsed = xmp_packets.parse(packet)
    if GUID_TAG in parsed.tags:
        raise ValueError(
            f"an XMP packet that has an extension holds {_XMP_BYTES:,} bytes, not {len(packet):,}"
        )
    main, extended = parsed.split(_XMP_BYTES - 200)  # room for the name of the extension
    import hashlib

    guid = hashlib.md5(extended, usedforsecurity=False).hexdigest().upper()
    main = xmp_packets.parse(main).set({GUID_TAG: guid})
    pieces = (segment_bytes(EXTENDED_XMP, piece) for piece in split_extended(extended, guid))
    return [segment_bytes(XMP, main), *pieces]


def _icc_segments(icc: bytes | None) -> list[bytes]:
    if not icc:
        return []
    chunks = [icc[at : at + _ICC_BYTES] for at in range(0, len(icc), _ICC_BYTES)]
    if len(chunks) > 255:
        raise ValueError(f"a colour profile of {len(icc):,} bytes does not fit a JPEG")
    return [segment_bytes(ICC, bytes((n, len(chunks))) + chunk) for n, chunk in enumerate(chunks, start=1)]


def _coded(jpeg: bytes) -> bytes:
    """Give an encoder's output from its tables to its EOI, without SOI and application segments."""
    header = read_header(jpeg)
    tables = (jpeg[s.start : s.end] for s in header.segments if not 0xE0 <= s.marker <= 0xEF)
    return b"".join((*tables, jpeg[header.scan :]))


def _check_sides(samples: NDArray[Any]) -> None:
    height, width = samples.shape[:2]
    if not (1 <= width <= _MAX_SIDE and 1 <= height <= _MAX_SIDE):
        raise ValueError(f"a JPEG has 1..{_MAX_SIDE} pixels a side, not {width}×{height}")
