"""Where a photo was taken, out of all items of a HEIC file; and the parts that nobody here can look into.

Exif items, XMP items, XMP inside JPEG items  ──▶ cleaned; too damaged: left out whole
movies, vendors' boxes and items, a trailer   ──▶ copied, and named by `opaque_parts`
"""

from __future__ import annotations

from collections.abc import Iterable

from nearfar.errors import FileError
from nearfar.photo.heic.attached import renderings
from nearfar.photo.heic.edit import Edit
from nearfar.photo.heic.jpeg_item import exif_inside, packet_inside, with_packet_inside
from nearfar.photo.heic.meta import XMP_TYPE, Item, Meta
from nearfar.photo.metadata import Metadata

_BOXES = frozenset(("ftyp", "meta", "mdat", "free", "skip", "wide"))
_META_BOXES = frozenset(("hdlr", "dinf", "pitm", "iinf", "iref", "iprp", "idat", "iloc", "grpl", "free"))
_ITEMS = frozenset(("hvc1", "hev1", "hvt1", "av01", "jpeg", "grid", "iden", "iovl", "tmap", "Exif"))


def clean(edit: Edit) -> None:
    """Let no item of the new file tell a place, of those that can be read."""
    for entry in edit.meta.items.values():
        if entry.id not in edit.dropped:
            _clean_item(edit, entry)


def clean_other_exif(edit: Edit, old: int | None, exif: bytes | None) -> None:
    """Let no other EXIF of the file (that of a pair's second picture) tell a place that the new one does not.

    Where the picture's EXIF is taken out, all of them go.
    """
    others = [each for each in edit.meta.items.values() if each.kind == "Exif" and each.id != old]
    if exif is None:
        edit.drop(each.id for each in others)
    elif not _tells_a_place(Metadata(exif=exif)):
        for each in others:
            if each.id not in edit.dropped:
                _clean_item(edit, each)


def clean_other_xmp(edit: Edit, ours: Iterable[int], packet: bytes | None) -> None:
    """Let the XMP of no other picture (the second of a pair) tell a place that the new packet does not.

    Args:
        edit: the edit.
        ours: the picture, and its auxiliary images.
        packet: the picture's new packet.
    """
    meta = edit.meta
    if packet is not None and _tells_a_place(Metadata(xmp=packet)):
        return
    known = {*ours, *(each for item in ours for each in renderings(meta, item))}
    for entry in meta.items.values():
        apart = known.isdisjoint(meta.targets(entry.id, "cdsc"))
        if entry.content_type == XMP_TYPE and apart and entry.id not in edit.dropped:
            _clean_item(edit, entry)


def _tells_a_place(block: Metadata) -> bool:
    """Whether a block names a place; one that cannot be read might."""
    return block.without_location() != block


def _clean_item(edit: Edit, entry: Item) -> None:
    """Clean the bytes that an item has in the new file; drop it where that cannot be done."""
    if entry.kind not in ("Exif", "jpeg") and entry.content_type != XMP_TYPE:
        return
    try:
        data = edit.payloads[entry.id] if entry.id in edit.payloads else edit.meta.payload(entry.id)
    except FileError:  # its bytes are missing, or lie where nobody reads them
        if entry.kind != "jpeg":
            edit.drop([entry.id])
        return
    cleaned: bytes | None
    if entry.kind == "Exif":
        start = 4 + int.from_bytes(data[:4], "big")
        start += 6 if data[start : start + 6] == b"Exif\0\0" else 0
        block = Metadata(exif=data[start:]).without_location().exif
        cleaned = None if block is None else data[:start] + block
    elif entry.kind == "jpeg":
        packet = packet_inside(data)
        after = Metadata(xmp=packet).without_location().xmp
        cleaned = data if after == packet else with_packet_inside(data, after or b"")
    else:
        cleaned = Metadata(xmp=data).without_location().xmp
    if cleaned is None:
        edit.drop([entry.id])
    elif cleaned != data:
        edit.payloads[entry.id] = cleaned


def opaque_parts(meta: Meta) -> tuple[str, ...]:
    """Name, in words, what a rewritten file keeps without anybody having looked into it."""
    source = meta.source
    found = []
    for box in source.top_level():
        if box.kind == "":
            found.append(f"{box.end - box.start:,} bytes behind the last box")
        elif box.kind not in _BOXES:
            found.append("a movie" if box.kind in ("moov", "mpvd") else f"a box {box.kind!r}")
    found += [f"a box {box.kind!r}" for box in meta.children if box.kind not in _META_BOXES]
    for entry in meta.items.values():
        if entry.kind == "mime" and entry.content_type != XMP_TYPE:
            found.append(f"an item of type {entry.content_type!r}")
        elif entry.kind not in _ITEMS and entry.kind != "mime":
            found.append(f"an item of type {entry.kind!r}")
        elif entry.kind == "jpeg" and exif_inside(meta.payload(entry.id)):
            found.append("the Exif inside a JPEG item")
    return tuple(dict.fromkeys(found))
