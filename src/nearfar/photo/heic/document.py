"""A HEIC file, opened: its picture, its auxiliary images and what is said of them. Nothing is decoded.

    open_document ─▶ HeicDocument ─┬─ images ─▶ StoredImage.decode()     one item, no tile touched
                                   ├─ decode_color()                     the picture
                                   ├─ exif, xmp, icc, nclx, stereo
                                   └─ rewrite(changes)                   the edited file

The picture is the primary item, or what a primary ``tmap`` (an HDR rendering) is made from. Auxiliary
images point at it, or at such a ``tmap`` beside it.

A broken auxiliary image must not make the photo unreadable: it is left out with a warning to the logger
"nearfar.photo", and an edit keeps it. A broken depth image is listed, and decoding it raises.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

from numpy.typing import NDArray

from nearfar.depth import Orientation
from nearfar.errors import FileError
from nearfar.photo.auxiliary import Changes, StoredImage, StoredStereo
from nearfar.photo.bytesource import Bytes
from nearfar.photo.heic.attached import auxiliary_items, exif_orientation, read_exif, read_xmp, xmp_item
from nearfar.photo.heic.boxes import CONTAINERS, Source
from nearfar.photo.heic.depth_sei import parse_depth_range
from nearfar.photo.heic.jpeg_item import packet_inside
from nearfar.photo.heic.meta import Meta, parse_meta
from nearfar.photo.heic.pictures import (
    coding_of,
    decode_picture,
    decode_reduced,
    prepare_auxiliary,
    read_grid,
)
from nearfar.photo.heic.properties import (
    Nclx,
    Placement,
    auxiliary_type,
    coded_size,
    color_points,
    color_profile,
    placement,
)
from nearfar.photo.heic.rewrite import rewrite
from nearfar.photo.heic.stereo import read_rig, stereo_items
from nearfar.photo.limits import Limits

_Colour = TypeVar("_Colour")
_log = logging.getLogger("nearfar.photo")


@dataclass(frozen=True, slots=True, eq=False)
class HeicDocument:
    """An opened HEIC file; see `nearfar.photo.auxiliary.Document` for what it promises.

    Attributes:
        meta: the item model.
        picture: the id of the item that is the picture.
        place: the picture's crop and turn.
        size: (width, height) of the picture, upright.
        orientation: what turns the picture's coded samples upright.
        images: the auxiliary images in file order.
    """

    meta: Meta
    picture: int
    place: Placement
    size: tuple[int, int]
    orientation: Orientation
    images: tuple[StoredImage, ...]

    @property
    def container(self) -> Literal["heic", "jpeg"]:
        """Always "heic"."""
        return "heic"

    @property
    def data(self) -> bytes:
        """The whole file; what was not read yet is read now."""
        return self.meta.source.data

    @property
    def file(self) -> str | None:
        """The file's name, for messages."""
        return self.meta.source.file

    @property
    def limits(self) -> Limits:
        """What decoding may spend."""
        return self.meta.source.limits

    @property
    def exif(self) -> bytes | None:
        """The picture's EXIF from its "II" or "MM"; None where there is none, or nothing of that form."""
        return read_exif(self.meta, self.picture)

    @property
    def xmp(self) -> bytes | None:
        """The picture's XMP packet."""
        item = xmp_item(self.meta, self.picture)
        return None if item is None else read_xmp(self.meta, item)

    @property
    def icc(self) -> bytes | None:
        """The picture's ICC profile, its own or that of its first tile."""
        return self._colour(color_profile)

    @property
    def nclx(self) -> Nclx | None:
        """The picture's H.273 code points, its own or those of its first tile."""
        return self._colour(color_points)

    def _colour(self, read: Callable[[Meta, int], _Colour | None]) -> _Colour | None:
        found = read(self.meta, self.picture)
        if found is None:
            for tile in self.meta.targets(self.picture, "dimg")[:1]:
                found = read(self.meta, tile)
        return found

    @property
    def stereo(self) -> StoredStereo | None:
        """The pair of a spatial photo; None where there is none, or the file does not tell the cameras."""
        pair = stereo_items(self.meta)
        if pair is None:
            return None
        places = [placement(self.meta, item, "picture") for item in pair]
        turns = [_orientation(self.meta, item, place) for item, place in zip(pair, places, strict=True)]
        rig = read_rig(self.meta, *pair, (turns[0], turns[1]))
        if rig is None:
            return None
        left, right = (
            partial(decode_picture, self.meta, item, place, turn)
            for item, place, turn in zip(pair, places, turns, strict=True)
        )
        return StoredStereo(left, right, rig)

    def decode_color(self, share: int = 1) -> NDArray[Any]:
        """Decode the upright picture, (H, W, 3) uint8, or uint16 over its full range, in its own colour
        space; at 1/`share` of each side where that is less work.
        """
        reduced = None
        if share > 1:
            reduced = decode_reduced(self.meta, self.picture, self.place, self.orientation, share)
        if reduced is not None:
            return reduced
        return decode_picture(self.meta, self.picture, self.place, self.orientation)

    @property
    def opaque_parts(self) -> tuple[str, ...]:
        """What `rewrite` copies and nearfar cannot look into, in words."""
        from nearfar.photo.heic.places import opaque_parts

        return opaque_parts(self.meta)

    def rewrite(self, changes: Changes) -> Sequence[bytes | memoryview]:
        """Give the pieces of the changed file; see `nearfar.photo.heic.rewrite`."""
        return rewrite(self.meta, self.picture, self.images, changes)


def open_document(data: Bytes, *, file: str | None = None, limits: Limits | None = None) -> HeicDocument:
    """Read a HEIC file's structure; nothing is decoded.

    Raises:
        UnsupportedFile: not a HEIC file, or a picture coded otherwise.
        CorruptFile: sizes, offsets or references that contradict the file.
        LimitExceeded: more pixels, items, boxes or nesting than `limits` allow.
    """
    source = Source(data, file=file, limits=limits or Limits())
    if data[4:8] != b"ftyp":
        raise source.unsupported("not a HEIC file: it does not begin with a file type", 0)
    boxes = source.top_level()
    for each in boxes:
        if each.kind in CONTAINERS and each.kind != "meta":
            source.check_nesting(each, 1)
    found = [each for each in boxes if each.kind == "meta"]
    if not found:
        raise source.unsupported("the file holds no still pictures (no 'meta' box)", 0)
    if len(found) > 1:
        raise source.corrupt("the file holds a second 'meta' box", found[1].start)
    return _describe(parse_meta(source, found[0]))


def _describe(meta: Meta) -> HeicDocument:
    picture = meta.primary
    if meta.items[picture].kind == "tmap":
        picture = next(iter(meta.targets(picture, "dimg")), picture)
    place = placement(meta, picture, "picture")
    if picture in meta.items and meta.items[picture].kind == "grid":
        read_grid(meta, picture, place.coded)
    orientation = _orientation(meta, picture, place)
    return HeicDocument(
        meta=meta,
        picture=picture,
        place=place,
        size=orientation.oriented_size(place.size),
        orientation=orientation,
        images=_stored_images(meta, picture, None if place.turned else orientation),
    )


def _orientation(meta: Meta, item: int, place: Placement) -> Orientation:
    """What turns an item upright: its own ``irot`` and ``imir``, else Exif's orientation."""
    if place.turned:
        return place.orientation
    data = read_exif(meta, item)
    if data is None:
        return Orientation.UP
    return exif_orientation(data)


def _stored_images(meta: Meta, picture: int, unturned: Orientation | None) -> tuple[StoredImage, ...]:
    """Describe the auxiliary images; `unturned` is Exif's orientation where it is that which turns the
    picture.
    """
    packets: dict[int, bytes] = {}
    images = []
    for item in auxiliary_items(meta, picture):
        try:
            images.append(_stored_image(meta, item, unturned, packets))
        except FileError as error:
            broken = _broken_depth(meta, item, error)
            if broken is None:
                _log.warning("auxiliary image %d is left out: %s", item, error)
            else:
                images.append(broken)
    return tuple(images)


def _stored_image(
    meta: Meta, item: int, unturned: Orientation | None, packets: dict[int, bytes]
) -> StoredImage:
    """Describe one auxiliary image; `packets` are the XMP items that are read already."""
    place = placement(meta, item, "auxiliary image")
    kind = auxiliary_type(meta, item)
    packet = xmp_item(meta, item)
    if packet is not None and packet not in packets:
        packets[packet] = read_xmp(meta, packet)
    return StoredImage(
        key=item,
        urn=kind.urn if kind else "",
        size=place.size,
        orientation=place.orientation if place.turned or unturned is None else unturned,
        coding=coding_of(meta, item),
        xmp=_packet_inside(meta, item) if packet is None else packets[packet],
        depth_range=parse_depth_range(kind.subtype) if kind else None,
        prepare=partial(prepare_auxiliary, meta, item, place),
        xmp_offset=meta.offset_of(item if packet is None else packet),
    )


def _broken_depth(meta: Meta, item: int, error: FileError) -> StoredImage | None:
    """Describe a depth image that cannot be described, so that asking for depth gives its error instead of
    no depth; None for other images, and where no size is told.
    """
    from nearfar.photo.depth_images import is_depth

    try:
        kind, size = auxiliary_type(meta, item), coded_size(meta, item)
    except FileError:
        return None

    def prepare() -> Callable[[], NDArray[Any]]:
        raise error

    urn, coding = kind.urn if kind else "", meta.items[item].kind
    image = StoredImage(item, urn, size, Orientation.UP, coding, None, None, prepare)
    return image if is_depth(image) and 0 not in size else None


def _packet_inside(meta: Meta, item: int) -> bytes | None:
    """The XMP packet that a JPEG item carries in itself."""
    return packet_inside(meta.payload(item)) if meta.items[item].kind == "jpeg" else None
