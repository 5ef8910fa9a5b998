"""What EXIF says of a photo, and the few edits that a photo tool must make to it.

    bytes ─▶ read ─▶ ExifTags (device, time, exposure, place, orientation, HDR numbers)
    bytes ─▶ with_orientation, turned_upright, as_rendering, without_location ─▶ bytes, all else in its place
             build ─▶ bytes, for photos made here

Source: EXIF 2.32 (CIPA DC-008-2019), section 4.6.
"""

from __future__ import annotations

from nearfar.photo.exif_edits import as_rendering, turned_upright, with_orientation, without_location
from nearfar.photo.exif_tags import ExifTags, Location, read
from nearfar.photo.exif_writing import build

__all__ = [
    "ExifTags",
    "Location",
    "as_rendering",
    "build",
    "read",
    "turned_upright",
    "with_orientation",
    "without_location",
]
