"""Edit without loss: `Changes` to an opened HEIC file, and every other byte of it kept.

    Changes ─▶ Edit (items dropped, added, given new bytes) ─▶ pieces of the new file

What an edit takes out is taken out: the bytes of a replaced Exif (with its position) do not stay in the file.
"""

from __future__ import annotations

from collections.abc import Sequence

from nearfar.depth import Orientation
from nearfar.photo.auxiliary import KEEP, Changes, NewImage, StoredImage
from nearfar.photo.heic.attached import (
    EXIF_START,
    exif_item,
    exif_orientation,
    read_exif,
    renderings,
    xmp_item,
)
from nearfar.photo.heic.auxiliary_item import code_auxiliary
from nearfar.photo.heic.edit import Edit
from nearfar.photo.heic.jpeg_item import with_packet_inside
from nearfar.photo.heic.meta import XMP_TYPE, Meta
from nearfar.photo.heic.places import clean, clean_other_exif, clean_other_xmp
from nearfar.photo.heic.properties import build_turning, turning


def rewrite(
    meta: Meta, picture: int, images: Sequence[StoredImage], changes: Changes
) -> list[bytes | memoryview]:
    """Give the pieces of the changed file, in order; without changes, the file itself.

    Args:
        meta: the file's item model.
        picture: the id of its picture.
        images: its auxiliary images.
        changes: what to alter.

    Raises:
        KeyError: a key that is none of `images`.
        UnsupportedFile: the file cannot be moved (chunk offsets past 4 GiB).
    """
    if not changes:
        return [meta.source.data]
    keys = {image.key for image in images}
    unknown = (changes.remove | set(changes.auxiliary_xmp)) - keys
    if unknown:
        raise KeyError(f"the file has no auxiliary images {sorted(unknown)}; it has {sorted(keys)}")
    edit = Edit(meta)
    edit.drop(changes.remove)
    if changes.exif is not KEEP:
        _set_exif(edit, picture, [each for each in images if each.key not in edit.dropped], changes.exif)
    if changes.xmp is not KEEP:
        _set_xmp(edit, picture, changes.xmp)
        clean_other_xmp(edit, {picture, *keys}, changes.xmp)
    for key, packet in changes.auxiliary_xmp.items():
        if key not in edit.dropped:
            _set_xmp(edit, key, packet)
    for image in changes.add:
        _add_image(edit, picture, image)
    if changes.without_location:
        clean(edit)
        if changes == Changes(without_location=True) and not (edit.payloads or edit.dropped):
            return [meta.source.data]
    return edit.pieces(meta.source.top_level())


def _add_image(edit: Edit, picture: int, image: NewImage) -> None:
    """Add an auxiliary image, turned as the picture is, and its XMP."""
    meta = edit.meta
    coded = code_auxiliary(image)
    uses = (*edit.properties(coded.shape), *turning(meta, picture), *edit.properties(coded.meaning))
    item = edit.add(coded.kind, coded.payload, uses=uses)
    edit.refer("auxl", item, [picture, *_shared_owners(edit, picture)])
    if coded.packet:
        edit.refer("cdsc", edit.add("mime", coded.packet, content_type=XMP_TYPE), [item])


def _shared_owners(edit: Edit, picture: int) -> list[int]:
    """The HDR renderings that auxiliary images of this file name beside the picture, as newer iPhones do.

    Where none does, a new one names the picture alone: libheif before 1.18 reads nothing else.
    """
    named = {target for r in edit.meta.references if r.kind == "auxl" for target in r.targets}
    return [each for each in renderings(edit.meta, picture) if each in named and each not in edit.dropped]


def _set_xmp(edit: Edit, owner: int, packet: bytes | None) -> None:
    """Give an item another XMP packet, or none; a packet that describes other items too stays theirs."""
    old = xmp_item(edit.meta, owner)
    if old is not None:
        if set(edit.meta.targets(old, "cdsc")) - edit.dropped == {owner}:
            if packet is None:
                edit.drop([old])
            else:
                edit.payloads[old] = packet
            return
        edit.detach("cdsc", old, owner)
    elif edit.meta.items[owner].kind == "jpeg" and packet is not None and owner != edit.meta.primary:
        packed = with_packet_inside(edit.meta.payload(owner), packet)
        if packed is not None:
            edit.payloads[owner] = packed
            return
    if packet is not None:
        edit.refer("cdsc", edit.add("mime", packet, content_type=XMP_TYPE), [owner])


def _set_exif(edit: Edit, picture: int, images: Sequence[StoredImage], exif: bytes | None) -> None:
    """Give the picture another EXIF, or none, and keep it the way up it was."""
    meta = edit.meta
    old = exif_item(meta, picture)
    before = read_exif(meta, picture)
    clean_other_exif(edit, old, exif)
    if exif is None:
        if old is not None:
            edit.drop([old])
    elif old is not None:
        edit.payloads[old] = EXIF_START + exif
    else:
        edit.refer("cdsc", edit.add("Exif", EXIF_START + exif), [picture])
    was = exif_orientation(before) if before else Orientation.UP
    now = exif_orientation(exif) if exif else Orientation.UP
    if was is not now and not turning(meta, picture):
        uses = edit.properties((each, True) for each in build_turning(was, always=True))
        for item in (picture, *renderings(meta, picture), *(image.key for image in images)):
            if item not in edit.dropped and not turning(meta, item):
                edit.use(item, uses)
