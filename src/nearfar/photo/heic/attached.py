"""What is attached to a picture: its XMP, its Exif, its auxiliary images, its HDR renderings.

Source: ISO/IEC 23008-12, sections 6.4.4 (auxl), 6.6 (derived pictures) and annexes A.2 (Exif), A.3 (XMP).
"""

from __future__ import annotations

from nearfar.depth import Orientation
from nearfar.errors import FileError
from nearfar.photo.heic.meta import XMP_TYPE, Meta
from nearfar.photo.limits import MAX_XMP_BYTES

EXIF_START = b"\0\0\0\6Exif\0\0"
"""What stands before the TIFF structure in Apple's Exif items: its offset, and a JPEG habit."""


def renderings(meta: Meta, picture: int) -> list[int]:
    """The ``tmap`` items that are made from the picture."""
    return [
        item
        for item in meta.sources(picture, "dimg")
        if item in meta.items and meta.items[item].kind == "tmap"
    ]


def auxiliary_items(meta: Meta, picture: int) -> list[int]:
    """The auxiliary images of the picture, in file order."""
    owners = {picture, *renderings(meta, picture)}
    found = {r.source for r in meta.references if r.kind == "auxl" and owners.intersection(r.targets)}
    return [item for item in meta.items if item in found]


def exif_orientation(data: bytes) -> Orientation:
    """The orientation in a TIFF structure; UP where it has none that can be read."""
    from nearfar.photo.exif import read

    try:
        return read(data, strict=False).orientation or Orientation.UP
    except FileError:
        return Orientation.UP


def xmp_item(meta: Meta, item: int) -> int | None:
    """The XMP item that describes `item`."""
    for each in meta.sources(item, "cdsc"):
        entry = meta.items.get(each)
        if entry is not None and entry.kind == "mime" and entry.content_type == XMP_TYPE:
            return each
    return None


def read_xmp(meta: Meta, item: int) -> bytes:
    """The packet in an XMP item; LimitExceeded, unread, for one over 16 MiB."""
    size = meta.length(item)
    if size > MAX_XMP_BYTES:
        raise meta.source.exceeded("bytes of XMP", meta.offset_of(item), value=size, limit=MAX_XMP_BYTES)
    return meta.payload(item)


def exif_item(meta: Meta, item: int) -> int | None:
    """The Exif item that describes `item`, or one that describes nothing in particular."""
    entries = [each.id for each in meta.items.values() if each.kind == "Exif"]
    for entry in entries:
        if item in meta.targets(entry, "cdsc"):
            return entry
    return next((entry for entry in entries if not meta.targets(entry, "cdsc")), None)


def read_exif(meta: Meta, item: int) -> bytes | None:
    """The TIFF structure of the Exif that describes `item` (ISO/IEC 23008-12, annex A.2.1)."""
    entry = exif_item(meta, item)
    if entry is None:
        return None
    payload = meta.payload(entry)
    data = payload[4 + int.from_bytes(payload[:4], "big") :]
    data = data.removeprefix(b"Exif\0\0")
    return data if data[:2] in (b"II", b"MM") else None
