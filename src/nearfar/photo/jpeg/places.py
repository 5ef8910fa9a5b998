"""Where a JPEG was taken, out of all its segments; and the parts of it that nobody here can look into.

Exif, XMP, extended XMP, Photoshop (IPTC)  ──▶ cleaned, each image's; too damaged: left out whole
trailer, other application segments        ──▶ copied, and named by `opaque_parts`
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from nearfar.errors import FileError
from nearfar.photo import xmp as xmp_packets
from nearfar.photo.jpeg.extended_xmp import GUID_TAG, MAX_BYTES, join_extended, split_extended
from nearfar.photo.jpeg.photoshop import PHOTOSHOP, without_places
from nearfar.photo.jpeg.segments import EXIF, EXTENDED_XMP, ICC, MPF, XMP, Header, find_end, segment_bytes
from nearfar.photo.metadata import Metadata, place_tags

if TYPE_CHECKING:
    from nearfar.photo.jpeg.document import JpegDocument

__all__ = ["Item", "clean", "opaque_parts"]

Kind: TypeAlias = tuple[int, bytes]
Item: TypeAlias = tuple[Kind, bytes | memoryview]
"""A segment: its kind, as in `segments`, and its bytes from its marker on."""

_KNOWN = (
    EXIF, XMP, EXTENDED_XMP, MPF, ICC, PHOTOSHOP,
    (0xE0, b""), (0xE2, b"urn:iso:std:iso:ts:21496"), (0xEA, b"AROT"), (0xEE, b"Adobe"),
)  # fmt: skip
"""Segments that are cleaned, or hold no place: JFIF, profiles, gain maps' numbers, Apple's and Adobe's."""

_MOST_BYTES = 65_000  # of Photoshop's resources in one segment


def clean(items: Sequence[Item], data: bytes, header: Header, *, file: str | None = None) -> list[Item]:
    """Give the segments of an image without any place; those that name none stay the identical objects.

    Args:
        items: the segments of its new file.
        data: the old file.
        header: the image's in the old file, where the pieces of its extended XMP lie.
        file: the file's name, for messages.
    """
    joined = b"".join(
        content for kind, piece in items if kind is PHOTOSHOP and (content := _content(kind, piece))
    )
    cleaned = without_places(joined) if joined else joined
    found: list[Item] = []
    for kind, piece in items:
        content = _content(kind, piece)
        if content is None or kind not in (EXIF, XMP, PHOTOSHOP):
            found.append((kind, piece))
        elif kind is PHOTOSHOP:
            if cleaned is joined:
                found.append((kind, piece))
            elif cleaned:
                found += [(kind, segment_bytes(kind, part)) for part in _cut(cleaned)]
                cleaned = b""
        else:
            block = Metadata(exif=content) if kind is EXIF else Metadata(xmp=content)
            after = block.without_location()
            new = after.exif if kind is EXIF else after.xmp
            if new is not None:
                found.append((kind, piece if new == content else segment_bytes(kind, new)))
    return _clean_extension(found, data, header, file)


def _content(kind: Kind, piece: bytes | memoryview) -> bytes | None:
    """What follows the signature of a segment; None where it has another one."""
    body = bytes(piece).lstrip(b"\xff")[3:]
    return body[len(kind[1]) :] if body.startswith(kind[1]) else None


def _cut(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _MOST_BYTES] for at in range(0, len(data), _MOST_BYTES))


def _clean_extension(items: list[Item], data: bytes, header: Header, file: str | None) -> list[Item]:
    """Take places out of the extended XMP that the main packet names; pieces of any other go."""
    if all(kind is not EXTENDED_XMP for kind, _ in items):
        return items
    place = next((at for at, (kind, _) in enumerate(items) if kind is XMP), None)
    bare = [item for item in items if item[0] is not EXTENDED_XMP]
    if place is None:
        return bare
    main = _content(*items[place]) or b""
    try:
        parsed = xmp_packets.parse(main)
        guid = parsed.tags.get(GUID_TAG)
    except FileError:
        return bare
    if not isinstance(guid, str):
        return bare
    at = bare.index(items[place])
    try:
        extension = join_extended(data, header, guid, file=file)
        packet = None if extension is None else xmp_packets.parse(extension, max_bytes=MAX_BYTES)
        names = [] if packet is None else place_tags(packet)
        new = b"" if packet is None else packet.remove(names)
    except FileError:
        bare[at] = (XMP, segment_bytes(XMP, parsed.remove([GUID_TAG])))
        return bare
    if not names:
        return [item for item in items if item[0] is not EXTENDED_XMP or _names(item, guid)]
    import hashlib

    guid = hashlib.md5(new, usedforsecurity=False).hexdigest().upper()
    pieces = [(EXTENDED_XMP, segment_bytes(EXTENDED_XMP, piece)) for piece in split_extended(new, guid)]
    bare[at : at + 1] = [(XMP, segment_bytes(XMP, parsed.set({GUID_TAG: guid}))), *pieces]
    return bare


def _names(item: Item, guid: str) -> bool:
    return (_content(*item) or b"").startswith(guid.encode("ascii", "replace"))


def opaque_parts(document: JpegDocument) -> tuple[str, ...]:
    """Name, in words, what a rewritten file keeps without anybody having looked into it."""
    data = document.data
    headers = (document.primary, *(part.header for part in document.secondaries))
    found = []
    for number, header in enumerate(headers):
        found += [
            f"an APP{segment.marker - 0xE0} segment"
            for segment in header.segments
            if 0xE0 <= segment.marker <= 0xEF and not any(segment.holds(data, kind) for kind in _KNOWN)
        ]
        following = headers[number + 1].start if number + 1 < len(headers) else len(data)
        end = find_end(data, header.scan).end
        if end is not None and data[end:following].strip(b"\0"):
            last = number + 1 == len(headers)
            found.append(f"{following - end:,} bytes behind the {'last' if last else 'first'} picture")
    with contextlib.suppress(FileError):
        if document.gdepth is not None and document.gdepth.has_original:
            found.append("the picture before its blur, inside the XMP")
    return tuple(dict.fromkeys(found))
