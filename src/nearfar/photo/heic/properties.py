"""Item properties: size, rotation, crop, colour and the type of auxiliary images, read and built.

Geometry is applied as libheif does it, so that pictures line up with those of other readers.

Source: ISO/IEC 23008-12, sections 6.5 and 6.8; ISO/IEC 14496-12, sections 12.1.4 (clap) and 12.1.5 (colr).
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from typing import NamedTuple

from nearfar.depth import Orientation
from nearfar.photo.heic.boxes import Box, Source, box, full_box
from nearfar.photo.heic.meta import Association, Meta

ROTATIONS = (Orientation.UP, Orientation.LEFT, Orientation.DOWN, Orientation.RIGHT)
"""``irot`` angle, in quarter turns anticlockwise, as the orientation that it brings about."""

MIRRORS = (Orientation.DOWN_MIRRORED, Orientation.UP_MIRRORED)
"""``imir`` axis: 0 swaps top and bottom, 1 swaps left and right."""

_TWO_LONGS = struct.Struct(">II")
_CLAP = struct.Struct(">8I")
_NCLX = struct.Struct(">HHHB")


class AuxiliaryType(NamedTuple):
    """An ``auxC`` property: the type's URN, and the bytes that follow it (for depth, its SEI)."""

    urn: str
    subtype: bytes


class Nclx(NamedTuple):
    """A ``colr`` property of type nclx: the code points of ITU-T H.273."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool


class Placement(NamedTuple):
    """How an item's samples become a picture: crop, then turn.

    Attributes:
        coded: (width, height) of ``ispe``.
        crop: (left, top, width, height) within it.
        orientation: what turns the cropped samples upright.
        turned: the item has ``irot`` or ``imir`` (which then stand instead of Exif's orientation).
    """

    coded: tuple[int, int]
    crop: tuple[int, int, int, int]
    orientation: Orientation
    turned: bool

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) after the crop, before the turn."""
        return self.crop[2:]


def coded_size(meta: Meta, item: int) -> tuple[int, int]:
    """Read an item's ``ispe``, whatever it claims: (width, height)."""
    spatial = meta.required(item, "ispe")
    width, height = meta.source.unpack(_TWO_LONGS, spatial.body + 4, spatial.end)
    return width, height


def placement(meta: Meta, item: int, what: str) -> Placement:
    """Read an item's ``ispe``, ``clap``, ``irot`` and ``imir``; its size is checked against the limits."""
    source = meta.source
    spatial = meta.required(item, "ispe")
    width, height = coded_size(meta, item)
    source.check_pixels((width, height), spatial.start, what)
    crop, orientation, turned = (0, 0, width, height), Orientation.UP, False
    for each in meta.properties_of(item):
        if each.kind == "clap":
            if turned or crop != (0, 0, width, height):
                raise source.unsupported(
                    f"the {what} (item {item}) is cropped after it is turned", each.start
                )
            crop = _crop(source, each, (width, height))
        elif each.kind in ("irot", "imir"):
            value = source.integer(each.body, 1, each.end)
            step = ROTATIONS[value & 3] if each.kind == "irot" else MIRRORS[value & 1]
            orientation, turned = orientation.then(step), True
    return Placement((width, height), crop, orientation, turned)


def _crop(source: Source, clap: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The pixels that a clean aperture keeps: (left, top, width, height)."""
    words = source.unpack(_CLAP, clap.body, clap.end)
    if not all(words[1::2]):
        raise source.corrupt("the clean aperture has a denominator of 0", clap.start)
    half = Fraction(1, 2)
    sides = []
    # libheif cuts off the left edge's fraction and rounds the top edge's, both towards 0 from below.
    across = (words[0:2], words[4:6], size[0], Fraction(0))
    down = (words[2:4], words[6:8], size[1], half)
    for extent, offset, whole, rounding in (across, down):
        kept = Fraction(*extent)
        start = Fraction(_signed(offset[0]), _signed(offset[1])) + Fraction(whole - 1, 2) - (kept - 1) / 2
        first = math.trunc(start + rounding)
        last = math.trunc(kept - 1 + first + half)
        first, last = max(first, 0), min(last, whole - 1)
        if first > last:
            raise source.corrupt("the clean aperture keeps no pixel", clap.start)
        sides.append((first, last - first + 1))
    (left, width), (top, height) = sides
    return left, top, width, height


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word


def auxiliary_type(meta: Meta, item: int) -> AuxiliaryType | None:
    """Read an item's ``auxC``; None when it has none."""
    found = meta.property_of(item, "auxC")
    if found is None:
        return None
    urn, end = meta.source.text(min(found.body + 4, found.end), found.end)
    return AuxiliaryType(urn, meta.source.part(end, found.end))


def color_profile(meta: Meta, item: int) -> bytes | None:
    """Read an item's ICC profile (``colr`` of type prof or rICC)."""
    for each in meta.properties_of(item):
        if each.kind == "colr" and meta.source.part(each.body, each.body + 4) in (b"prof", b"rICC"):
            return meta.source.part(each.body + 4, each.end)
    return None


def color_points(meta: Meta, item: int) -> Nclx | None:
    """Read an item's H.273 code points (``colr`` of type nclx)."""
    for each in meta.properties_of(item):
        if each.kind == "colr" and meta.source.part(each.body, each.body + 4) == b"nclx":
            primaries, transfer, matrix, flags = meta.source.unpack(_NCLX, each.body + 4, each.end)
            return Nclx(primaries, transfer, matrix, flags >> 7 == 1)
    return None


def turning(meta: Meta, item: int) -> tuple[Association, ...]:
    """The item's uses of ``irot`` and ``imir``, in its order."""
    return tuple(
        each
        for each in meta.associations.get(item, ())
        if each.number and meta.properties[each.number - 1].kind in ("irot", "imir")
    )


def build_ispe(size: tuple[int, int]) -> bytes:
    """Build the size property of (width, height)."""
    return full_box(b"ispe", 0, 0, _TWO_LONGS.pack(*size))


def build_clap(coded: tuple[int, int], size: tuple[int, int]) -> bytes:
    """Build the crop of a coded (width, height) to its top left `size`."""
    (width, height), (kept_width, kept_height) = coded, size
    offsets = [(kept - whole) & 0xFFFFFFFF for kept, whole in ((kept_width, width), (kept_height, height))]
    return box(b"clap", _CLAP.pack(kept_width, 1, kept_height, 1, offsets[0], 2, offsets[1], 2))


def build_pixi(channels: int, bits: int) -> bytes:
    """Build the bits of each channel."""
    return full_box(b"pixi", 0, 0, bytes([channels] + [bits] * channels))


def build_auxc(urn: str, subtype: bytes) -> bytes:
    """Build the type of an auxiliary image."""
    return full_box(b"auxC", 0, 0, urn.encode() + b"\0" + subtype)


def build_profile(icc: bytes) -> bytes:
    """Build the property that carries an ICC profile."""
    return box(b"colr", b"prof", icc)


def build_nclx(points: Nclx) -> bytes:
    """Build the property that carries H.273 code points."""
    return box(
        b"colr", b"nclx", _NCLX.pack(points.primaries, points.transfer, points.matrix, points.full_range << 7)
    )


def build_turning(orientation: Orientation, *, always: bool = False) -> list[bytes]:
    """Build ``irot`` and, where the orientation mirrors, ``imir``; nothing for UP unless `always` (then
    irot 0).
    """
    for mirror in (None, 1):
        for angle, rotation in enumerate(ROTATIONS):
            step = rotation if mirror is None else rotation.then(MIRRORS[mirror])
            if step is orientation:
                turn = [box(b"irot", bytes([angle]))] if angle or always else []
                return turn if mirror is None else [*turn, box(b"imir", bytes([mirror]))]
    raise ValueError(f"{orientation!r} is not one of the eight orientations")
