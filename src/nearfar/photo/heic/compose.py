"""A new HEIC file, in the byte shape of Apple's: a grid of hidden tiles, hidden auxiliary images, Exif and
XMP.

    ftyp heic │ meta: hdlr dinf pitm iinf iref iprp idat iloc │ mdat

Source: layout measured in files of iPhones; ISO/IEC 23008-12.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.photo.auxiliary import NewImage
from nearfar.photo.heic import codec, tables
from nearfar.photo.heic.attached import EXIF_START
from nearfar.photo.heic.auxiliary_item import code_auxiliary, picture_shape
from nearfar.photo.heic.boxes import box, full_box
from nearfar.photo.heic.edit import Property
from nearfar.photo.heic.locations import Extent, Location
from nearfar.photo.heic.meta import XMP_TYPE, Association, AssociationBox, Reference
from nearfar.photo.heic.properties import build_ispe, build_nclx, build_pixi, build_profile

TILE = 512
"""Edge of a tile in pixels, as in Apple's files; a picture that fits into one is a single item."""

DEFAULT_QUALITY = 85
"""Quality of the picture, 0..100."""

DEFAULT_PRESET = "ultrafast"
"""x265's preset for the picture: less than a second for 12 Mpx on 4 cores. "superfast" takes several times as
long for files a tenth smaller."""

_UPRIGHT = box(b"irot", b"\0")
_FILE_TYPE = box(b"ftyp", b"heic\0\0\0\0mif1heic")
_HANDLER = full_box(b"hdlr", 0, 0, b"\0\0\0\0pict", bytes(13))
_DATA_HERE = box(b"dinf", full_box(b"dref", 0, 0, b"\0\0\0\1", full_box(b"url ", 0, 1)))


def compose(
    color: NDArray[Any],
    images: Sequence[NewImage] = (),
    *,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    icc: bytes | None = None,
    quality: int = DEFAULT_QUALITY,
    preset: str = DEFAULT_PRESET,
) -> bytes:
    """Make a HEIC file.

    Args:
        color: the upright picture, (H, W, 3) uint8 RGB, or uint16 over its full range (kept at 10 bits).
        images: auxiliary images, aligned with it; 8-bit ones become HEVC of one channel, 16-bit ones
            lossless JPEG.
        exif: TIFF structure; its orientation is without effect, as the file says that it is upright.
        xmp: the picture's packet.
        icc: the picture's colour profile; sRGB without one.
        quality: of the picture, 0..100.
        preset: x265's name for how much time it may take, "ultrafast" .. "placebo".

    Raises:
        ValueError: a picture of another shape or type, or a quality outside 0..100.
    """
    if color.ndim != 3 or color.shape[2] != 3 or color.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
        raise ValueError(f"color is {color.dtype} {color.shape}, not (H, W, 3) uint8 or uint16")
    if not color.size:
        raise ValueError(f"the picture is empty: {color.shape}")
    if not 0 <= quality <= 100:
        raise ValueError(f"quality must be 0..100, not {quality}")
    file = _File()
    _add_picture(file, color, icc, quality, preset)
    if exif is not None:
        file.refer("cdsc", file.add("Exif", EXIF_START + exif), [file.primary])
    if xmp is not None:
        file.refer("cdsc", file.add("mime", xmp), [file.primary])
    for image in images:
        coded = code_auxiliary(image)
        item = file.add(coded.kind, coded.payload, [*coded.shape, (_UPRIGHT, True), *coded.meaning])
        file.refer("auxl", item, [file.primary])
        if coded.packet:
            file.refer("cdsc", file.add("mime", coded.packet), [item])
    return file.to_bytes()


def _add_picture(file: _File, color: NDArray[Any], icc: bytes | None, quality: int, preset: str) -> None:
    height, width = color.shape[:2]
    profile = build_nclx(codec.SRGB) if icc is None else build_profile(icc)
    pixi = (build_pixi(3, 8 if color.dtype == np.uint8 else 10), False)
    if max(height, width) <= TILE:
        coded = codec.encode_hevc(color, quality=quality, preset=preset)
        shape = picture_shape(coded.size, (width, height))
        properties = [(profile, True), (coded.configuration, True), *shape, (_UPRIGHT, True), pixi]
        file.primary = file.add("hvc1", coded.payload, properties, hidden=False)
        return
    rows, columns = -(-height // TILE), -(-width // TILE)
    if max(rows, columns) > 256:
        raise ValueError(f"a picture of {width}×{height} does not fit into 256×256 tiles of {TILE} pixels")
    coded_tiles = codec.encode_tiles(
        color, TILE, quality=quality, preset=preset, workers=min(8, os.cpu_count() or 1)
    )
    tiles = [
        file.add(
            "hvc1", each.payload, [(build_ispe(each.size), True), (profile, True), (each.configuration, True)]
        )
        for each in coded_tiles
    ]
    wide = max(width, height) > 0xFFFF
    payload = struct.pack(">4B2I" if wide else ">4B2H", 0, int(wide), rows - 1, columns - 1, width, height)
    shape = [(profile, True), (build_ispe((width, height)), False), (_UPRIGHT, True), pixi]
    file.primary = file.add("grid", payload, shape, hidden=False)
    file.refer("dimg", file.primary, tiles)


class _File:
    """A file being made: items in the order of their ids, from 1."""

    def __init__(self) -> None:
        self.primary = 0
        self._entries: list[bytes] = []
        self._kinds: list[str] = []
        self._payloads: list[bytes] = []
        self._references: list[Reference] = []
        self._properties: list[bytes] = []
        self._uses: list[tuple[int, tuple[Association, ...]]] = []

    def add(
        self, kind: str, payload: bytes, properties: Iterable[Property] = (), *, hidden: bool = True
    ) -> int:
        """Add an item and return its id; equal properties are kept once."""
        item = len(self._entries) + 1
        content_type = XMP_TYPE if kind == "mime" else ""
        self._entries.append(tables.build_infe(item, kind, hidden=hidden, content_type=content_type))
        self._kinds.append(kind)
        self._payloads.append(payload)
        uses = []
        for data, essential in properties:
            if data not in self._properties:
                self._properties.append(data)
            uses.append(Association(self._properties.index(data) + 1, essential))
        if uses:
            self._uses.append((item, tuple(uses)))
        return item

    def refer(self, kind: str, source: int, targets: Sequence[int]) -> None:
        """Add a reference."""
        self._references.append(Reference(kind, source, tuple(targets)))

    def to_bytes(self) -> bytes:
        """The file; the grid's description lies in the meta box, all else in the media data."""
        inside = b"".join(p for p, kind in zip(self._payloads, self._kinds, strict=True) if kind == "grid")
        media = [p for p, kind in zip(self._payloads, self._kinds, strict=True) if kind != "grid"]
        size = len(self._meta(inside, 0))
        start = len(_FILE_TYPE) + size + 8
        if start + sum(map(len, media)) >= 1 << 32:
            raise ValueError("a photo of 4 GiB and more cannot be written")
        return b"".join((_FILE_TYPE, self._meta(inside, start), box(b"mdat", *media)))

    def _meta(self, inside: bytes, start: int) -> bytes:
        locations = {}
        for item, (kind, payload) in enumerate(zip(self._kinds, self._payloads, strict=True), 1):
            offset = 0 if kind == "grid" else start
            locations[item] = Location(int(kind == "grid"), 0, (Extent(0, offset, len(payload)),))
            start += 0 if kind == "grid" else len(payload)
        return full_box(
            b"meta",
            0,
            0,
            _HANDLER,
            _DATA_HERE,
            tables.build_pitm(self.primary),
            tables.build_iinf(self._entries),
            tables.build_iref(self._references) if self._references else b"",
            box(
                b"iprp",
                box(b"ipco", *self._properties),
                tables.build_ipma(AssociationBox(0, 0, tuple(self._uses))),
            ),
            box(b"idat", inside) if inside else b"",
            tables.build_iloc(locations),
        )
