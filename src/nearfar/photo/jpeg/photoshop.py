r"""Photoshop's segment, where IPTC lies: the place taken out, all else byte for byte.

    APP13 "Photoshop 3.0\0" ─ 8BIM │ id │ name │ size │ data     0404 IPTC ─ 1C │ record │ dataset │ size │ …
                              8BIM …                             0422 EXIF   0424 XMP   0425 digest of IPTC

Free text (captions, keywords) may speak of a place too; it is not looked at.
Source: IPTC-NAA Information Interchange Model 4.2, chapters 1.6 and 6; Adobe, Photoshop File Formats, "Image
resource blocks".
"""

from __future__ import annotations

import struct

from nearfar.photo.metadata import Metadata

__all__ = ["PHOTOSHOP", "without_places"]

PHOTOSHOP = (0xED, b"Photoshop 3.0\0")
"""Marker and signature of the segment, as those in `segments`."""

_IPTC, _EXIF, _EXIF_OF_PREVIEW, _XMP, _DIGEST = 0x0404, 0x0422, 0x0423, 0x0424, 0x0425
_SIGNATURES = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")
_PLACES = frozenset((2, dataset) for dataset in (26, 27, 90, 92, 95, 100, 101))
"""Record and dataset: content location code and name, city, sublocation, province, country code and name."""

_MAX_BLOCKS, _MAX_DATASETS = 1_000, 10_000
"""More than any program writes; a longer list counts as damaged."""

Block = tuple[int, bytes, bytes]
"""A resource: its id, its header up to the size, its data."""


def without_places(resources: bytes) -> bytes | None:
    """Give resource blocks without IPTC's places; None for those too damaged to be cleaned.

    Args:
        resources: what follows the signature in Photoshop's segments, joined. Without a place to take out the
            identical object comes back.
    """
    blocks = _blocks(resources)
    if blocks is None:
        return None
    old = next((data for number, _, data in blocks if number == _IPTC), b"")
    cleaned = [(number, head, _cleaned(number, data)) for number, head, data in blocks]
    if all(new == data for (_, _, new), (_, _, data) in zip(cleaned, blocks, strict=True)):
        return resources
    iptc = next((data for number, _, data in cleaned if number == _IPTC), b"")
    out = []
    for number, head, data in cleaned:
        if number == _DIGEST and data == _digest(old):
            data = _digest(iptc or b"")
        if data is not None:
            out += [head, len(data).to_bytes(4, "big"), data, bytes(len(data) % 2)]
    return b"".join(out)


def _blocks(resources: bytes) -> list[Block] | None:
    found: list[Block] = []
    at, last = 0, len(resources.rstrip(b"\0"))
    while at < last:
        if resources[at : at + 4] not in _SIGNATURES or at + 12 > len(resources) or len(found) == _MAX_BLOCKS:
            return None
        name = resources[at + 6] + 1
        sized = at + 6 + name + name % 2
        start = sized + 4
        end = start + int.from_bytes(resources[sized:start], "big")
        if end > len(resources):
            return None
        number = int.from_bytes(resources[at + 4 : at + 6], "big")
        found.append((number, resources[at:sized], resources[start:end]))
        at = end + (end - start) % 2
    return found


def _cleaned(number: int, data: bytes) -> bytes | None:
    if number == _IPTC:
        return _iptc_without_places(data)
    if number in (_EXIF, _EXIF_OF_PREVIEW):
        return Metadata(exif=data).without_location().exif
    if number == _XMP:
        return Metadata(xmp=data).without_location().xmp
    return data


def _iptc_without_places(data: bytes) -> bytes | None:
    """Leave datasets out; None where the list breaks off, since what follows cannot be told."""
    kept: list[bytes] = []
    at, last = 0, len(data.rstrip(b"\0"))
    while at < last:
        if at + 5 > len(data) or data[at] != 0x1C or len(kept) == _MAX_DATASETS:
            return None
        record, dataset, size = struct.unpack_from(">BBH", data, at + 1)
        start = at + 5
        if size & 0x8000:  # an extended dataset: the size of its size
            start += size & 0x7FFF
            size = int.from_bytes(data[at + 5 : start], "big")
        end = start + size
        if end > len(data):
            return None
        if (record, dataset) not in _PLACES:
            kept.append(data[at:end])
        at = end
    return b"".join((*kept, data[at:]))


def _digest(data: bytes) -> bytes:
    import hashlib

    return hashlib.md5(data, usedforsecurity=False).digest()
