"""The tags that nearfar reads, as plain values in SI units (focal lengths are metres, not millimetres).

Source: EXIF 2.32 (CIPA DC-008-2019), section 4.6; ExifTool's names for the tags of Apple's maker note.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from nearfar.depth import Orientation
from nearfar.errors import FileError
from nearfar.photo.tiff import Tiff, read_tiff

__all__ = ["ORIENTATION", "SUBJECT_AREA", "SUBJECT_LOCATION", "ExifTags", "Location", "read"]

ORIENTATION = 0x0112
SUBJECT_AREA = 0x9214
SUBJECT_LOCATION = 0xA214
_APPLE = b"Apple iOS\0"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a photo was taken.

    Attributes:
        latitude: degrees, north positive, -90..90.
        longitude: degrees, east positive, -180..180.
        altitude: metres above sea level, None when not recorded.
    """

    latitude: float
    longitude: float
    altitude: float | None = None

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise ValueError(f"no such place: latitude {self.latitude}, longitude {self.longitude} degrees")
        if self.altitude is not None and not math.isfinite(self.altitude):
            raise ValueError(f"altitude is {self.altitude}, not a number of metres")


@dataclass(frozen=True, slots=True)
class ExifTags:
    """The tags that nearfar uses; None where the file does not say, or says nonsense.

    Attributes:
        orientation: what turns the stored picture upright.
        make, model, lens, software: as written.
        captured: when; with a time zone where the file has one.
        f_number: focal length over aperture.
        exposure_time: seconds.
        iso: sensitivity.
        focal_length, focal_length_35mm: metres, the second for a frame of 36 x 24 mm.
        size: (width, height) in pixels as written by the camera.
        location: where.
        subject_area: the main subject in pixels of the stored picture: the middle (x, y), and where written
            the diameter of a circle or the width and height of a rectangle about it.
        hdr_headroom, hdr_gain: tags 0x0021 and 0x0030 of Apple's maker note (see `gain_map`).
    """

    orientation: Orientation | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    software: str | None = None
    captured: datetime | None = None
    f_number: float | None = None
    exposure_time: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    focal_length_35mm: float | None = None
    size: tuple[int, int] | None = None
    location: Location | None = None
    subject_area: tuple[float, ...] | None = None
    hdr_headroom: float | None = None
    hdr_gain: float | None = None


def read(exif: bytes, *, file: str | None = None, base: int = 0, strict: bool = True) -> ExifTags:
    """Read the tags of an EXIF block.

    Args:
        exif: the TIFF structure, from its "II" or "MM".
        file: name of the file, for messages.
        base: offset of the block in that file, for messages.
        strict: raise on anything that lies outside of the block; otherwise read what can be read.

    Raises:
        CorruptFile: the block is broken; with ``strict=False`` only when its first directory is.
        LimitExceeded: it has more than 4,096 entries.
    """
    tiff = read_tiff(exif, file=file, base=base, strict=strict)

    def text(directory: str, tag: int) -> str | None:
        return tiff.text(tiff.find(directory, tag))

    def number(directory: str, tag: int) -> float | None:
        values = tiff.numbers(tiff.find(directory, tag))
        return values[0] if values and math.isfinite(values[0]) else None

    def positive(tag: int, per_unit: float = 1.0) -> float | None:
        value = number("exif", tag)
        return value / per_unit if value is not None and value > 0 else None

    turned = number("image", ORIENTATION)
    width, height, iso = positive(0xA002), positive(0xA003), positive(0x8827)
    headroom, gain = _apple_hdr(tiff)
    return ExifTags(
        orientation=Orientation(int(turned)) if turned and turned in range(1, 9) else None,
        make=text("image", 0x010F),
        model=text("image", 0x0110),
        lens=text("exif", 0xA434),
        software=text("image", 0x0131),
        captured=_captured(tiff),
        f_number=positive(0x829D),
        exposure_time=positive(0x829A),
        iso=int(iso) if iso else None,
        focal_length=positive(0x920A, 1e3),
        focal_length_35mm=positive(0xA405, 1e3),
        size=(int(width), int(height)) if width and height and min(width, height) >= 1 else None,
        location=_location(tiff),
        subject_area=_subject_area(tiff),
        hdr_headroom=headroom,
        hdr_gain=gain,
    )


def _captured(tiff: Tiff) -> datetime | None:
    """When the picture was taken, with its time zone and fraction of a second where written."""
    for moment, fraction, zone in ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012)):
        text = tiff.text(tiff.find("exif", moment)) or ""
        match = re.fullmatch(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", text, re.ASCII)
        if match is None:
            continue
        digits = re.match(r"\d{1,6}", tiff.text(tiff.find("exif", fraction)) or "", re.ASCII)
        offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", tiff.text(tiff.find("exif", zone)) or "", re.ASCII)
        try:
            year, month, day, hour, minute, second = (int(part) for part in match.groups())
            time = datetime(year, month, day, hour, minute, second)
            if digits:
                time = time.replace(microsecond=int(digits[0].ljust(6, "0")))
            if offset:
                span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
                time = time.replace(tzinfo=timezone(-span if offset[1] == "-" else span))
        except ValueError:
            continue
        return time
    return None


def _location(tiff: Tiff) -> Location | None:
    """Where the picture was taken: degrees, minutes and seconds with their hemispheres."""

    def angle(value_tag: int, reference_tag: int, negative: str) -> float | None:
        parts = tiff.numbers(tiff.find("gps", value_tag), 3)
        if parts is None:
            return None
        degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
        reference = tiff.text(tiff.find("gps", reference_tag)) or ""
        return -degrees if reference.upper().startswith(negative) else degrees

    latitude, longitude = angle(2, 1, "S"), angle(4, 3, "W")
    if latitude is None or longitude is None:
        return None
    height, below = tiff.numbers(tiff.find("gps", 6)), tiff.numbers(tiff.find("gps", 5))
    altitude = None if height is None else -height[0] if below and below[0] == 1 else height[0]
    try:
        return Location(latitude, longitude, altitude)
    except ValueError:
        return None


def _subject_area(tiff: Tiff) -> tuple[float, ...] | None:
    """SubjectArea of 2, 3 or 4 numbers, else SubjectLocation's 2; zeros alone say that there is none."""
    for tag, most in ((SUBJECT_AREA, 4), (SUBJECT_LOCATION, 2)):
        entry = tiff.find("exif", tag)
        if entry is not None and 2 <= entry.count <= most:
            area = tiff.numbers(entry, entry.count)
            if area is not None and any(area) and all(math.isfinite(number) for number in area):
                return area
    return None


def _apple_hdr(tiff: Tiff) -> tuple[float | None, float | None]:
    """Tags 0x0021 and 0x0030 of Apple's maker note, a directory with offsets of its own."""
    entry = tiff.find("exif", 0x927C)
    note = b"" if entry is None else tiff.raw(entry)
    if not note.startswith(_APPLE):
        return None, None
    try:  # "Apple iOS\0", version, "MM", table: without TIFF's header
        inner = read_tiff(note[12:14] + note[2:], strict=False, at=14)
    except FileError:
        return None, None
    headroom, gain = (inner.numbers(inner.find("image", tag)) for tag in (0x0021, 0x0030))
    return headroom[0] if headroom else None, gain[0] if gain else None
