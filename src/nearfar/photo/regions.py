"""Where a photo's subject is, as cameras and people wrote it into the file.

    EXIF SubjectArea, SubjectLocation ─┐
    XMP mwg-rs:Regions                ─┼─▶ (Region(FACE, x, y, width, height), …)   of the upright picture
    XMP GFocus:FocalPointX, -Y        ─┘

All three speak of the picture as it is stored, before it is turned upright. Read leniently: a region that is
damaged, of no known kind or outside of the picture is left out, never an error. Names of people are not read.

Sources: EXIF 2.32 (CIPA DC-008-2019), section 4.6.5; Metadata Working Group, Guidelines for Handling Image
Metadata 2.0, section 5.9; Google, Depth Map Metadata ("GFocus").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from nearfar.depth import Orientation
from nearfar.errors import FileError

if TYPE_CHECKING:
    from nearfar.photo.metadata import Metadata
    from nearfar.photo.xmp import Packet, Structure

__all__ = ["Region", "RegionKind", "read_regions", "turned_packet"]

_MAX_REGIONS = 200
"""Regions that are read of a file; people mark a dozen faces."""

_ASPECT_SLACK = 0.02
"""How far the aspect ratio of the picture that regions were made for may be off before they are ignored."""


class RegionKind(Enum):
    """What a region marks."""

    FOCUS = "focus"
    """What the camera focused on, or the photographer."""
    FACE = "face"
    PET = "pet"
    SUBJECT = "subject"
    """The main subject by EXIF; a camera that knows of none writes the middle of the picture."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a photo that shows something, in 0..1 from the top left of the upright picture.

    Attributes:
        kind: what it marks.
        x, y: its left and its upper edge.
        width, height: 0 for a point.
    """

    kind: RegionKind
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", RegionKind(self.kind))
        for name in ("x", "y", "width", "height"):
            object.__setattr__(self, name, float(getattr(self, name)))
        sides = (self.x, self.y, self.width, self.height, self.x + self.width, self.y + self.height)
        if not all(0 <= side <= 1 for side in sides):
            raise ValueError(f"a region lies within 0..1 of the picture; {sides[:4]} does not")

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x, y, width, height)."""
        return self.x, self.y, self.width, self.height

    def oriented(self, orientation: Orientation | int) -> Region:
        """Give the region of the picture that is turned upright from an EXIF orientation."""
        orientation = Orientation(orientation)
        matrix = orientation.camera_matrix()
        across, down = self.x + self.width / 2 - 0.5, self.y + self.height / 2 - 0.5
        x, y = (float(matrix[row, 0] * across + matrix[row, 1] * down) + 0.5 for row in (0, 1))
        width, height = (self.height, self.width) if orientation.swaps_axes else (self.width, self.height)
        return _clipped(self.kind, x, y, width, height) or self


def read_regions(
    metadata: Metadata, size: tuple[int, int], orientation: Orientation = Orientation.UP
) -> tuple[Region, ...]:
    """Read the regions of a picture.

    Args:
        metadata: its EXIF and XMP.
        size: (width, height) of the upright picture.
        orientation: what turns the stored picture upright.

    Returns:
        Regions of the upright picture: those of XMP in their order, then EXIF's.
    """
    stored = orientation.oriented_size(size)
    found = [*_from_xmp(metadata.xmp, stored), *_from_exif(metadata, stored)]
    return tuple(region.oriented(orientation) for region in found[:_MAX_REGIONS])


def _clipped(kind: RegionKind, x: float, y: float, width: float, height: float) -> Region | None:
    """Give the part of a region about (x, y) that lies in the picture; None where nothing does."""
    if not all(math.isfinite(number) for number in (x, y, width, height)) or width < 0 or height < 0:
        return None
    left, right = max(x - width / 2, 0.0), min(x + width / 2, 1.0)
    top, bottom = max(y - height / 2, 0.0), min(y + height / 2, 1.0)
    if left > right or top > bottom:
        return None
    return Region(kind, left, top, min(right - left, 1 - left), min(bottom - top, 1 - top))


def _fits(made_for: tuple[float, float], size: tuple[int, int]) -> bool:
    """Tell whether regions of a picture of one size can be of another: not after a crop or a turn."""
    (width, height), (columns, rows) = made_for, size
    if not (0 < width < 1e9 and 0 < height < 1e9):
        return False
    return abs(width * rows / (height * columns) - 1) <= _ASPECT_SLACK


# EXIF


def _from_exif(metadata: Metadata, stored: tuple[int, int]) -> Iterator[Region]:
    area = metadata.tags.subject_area
    if area is None:
        return
    columns, rows = metadata.tags.size or stored
    if not _fits((columns, rows), stored):
        return
    x, y, *extent = area
    width, height = (extent * 2 if len(extent) == 1 else extent) or (0.0, 0.0)
    region = _clipped(RegionKind.SUBJECT, x / columns, y / rows, width / columns, height / rows)
    if region is not None:
        yield region


# XMP


def _from_xmp(data: bytes | None, stored: tuple[int, int]) -> Iterator[Region]:
    if data is None or not (b"RegionList" in data or b"FocalPoint" in data or b"\0" in data):
        return
    from nearfar.photo import xmp

    try:
        packet = xmp.parse(data)
    except FileError:
        return
    yield from _from_mwg(packet, stored)
    x, y = (_number(packet.tags.get(f"GFocus:FocalPoint{axis}")) for axis in "XY")
    if x is not None and y is not None:
        region = _clipped(RegionKind.FOCUS, x, y, 0.0, 0.0)
        if region is not None:
            yield region


def _from_mwg(packet: Packet, stored: tuple[int, int]) -> Iterator[Region]:
    regions = _fields(packet.structures.get("mwg-rs:Regions"))
    listed = regions.get("mwg-rs:RegionList")
    dimensions = _fields(regions.get("mwg-rs:AppliedToDimensions"))
    width, height = (_number(dimensions.get(f"stDim:{side}")) for side in "wh")
    made_for = (float(stored[0]), float(stored[1]))
    if width is not None and height is not None:
        if not _fits((width, height), stored):
            return
        made_for = (width, height)
    for item in listed[:_MAX_REGIONS] if isinstance(listed, tuple) else ():
        region = _mwg_region(_fields(item), made_for)
        if region is not None:
            yield region


def turned_packet(packet: Packet, orientation: Orientation) -> bytes:
    """Give an XMP packet whose regions are those of the picture turned upright; names and all else stay."""
    if "mwg-rs:Regions" not in packet.structures or orientation is Orientation.UP:
        return packet.data
    (a, b), (c, d) = orientation.camera_matrix()[:2, :2].tolist()

    def turn(fields: Mapping[str, str]) -> dict[str, str]:
        changed = {}
        if orientation.swaps_axes:
            for prefix in ("stArea", "stDim"):
                sides = {f"{prefix}:w": f"{prefix}:h", f"{prefix}:h": f"{prefix}:w"}
                if sides.keys() <= fields.keys():
                    changed.update({name: fields[other] for name, other in sides.items()})
        x, y = (_number(fields.get(f"stArea:{name}")) for name in "xy")
        if x is not None and y is not None and fields.get("stArea:unit") != "pixel":
            changed["stArea:x"] = f"{a * (x - 0.5) + b * (y - 0.5) + 0.5:.9g}"
            changed["stArea:y"] = f"{c * (x - 0.5) + d * (y - 0.5) + 0.5:.9g}"
        return changed

    return packet.rewrite("mwg-rs:Regions", turn)


def _mwg_region(item: Mapping[str, Structure], made_for: tuple[float, float]) -> Region | None:
    try:
        kind = RegionKind(str(item.get("mwg-rs:Type")).lower())
    except ValueError:
        return None
    if str(item.get("mwg-rs:FocusUsage")).endswith("NotUsed"):
        return None
    area = _fields(item.get("mwg-rs:Area"))
    x, y = (_number(area.get(f"stArea:{name}")) for name in "xy")
    if x is None or y is None:
        return None
    width, height, diameter = (_number(area.get(f"stArea:{name}")) for name in "whd")
    columns, rows = made_for
    if str(area.get("stArea:unit")) == "pixel":
        x, y = x / columns, y / rows
        width, height = (width or 0.0) / columns, (height or 0.0) / rows
    elif diameter is not None:  # a circle's, as a share of the shorter side
        short = min(columns, rows)
        width, height = diameter * short / columns, diameter * short / rows
    return _clipped(kind, x, y, width or 0.0, height or 0.0)


def _fields(value: Structure | None) -> Mapping[str, Structure]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e9 else None
