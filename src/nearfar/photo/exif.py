"""What EXIF says of a photo, and the few edits that a photo tool must make to it.

    bytes ─▶ read ─▶ ExifTags (device, time, exposure, place, orientation, HDR numbers)
    bytes ─▶ with_orientation / without_location ─▶ bytes, every other byte and offset as it was
             build ─▶ bytes, for photos made here

Edits work in place because maker notes hold offsets of their own that nobody can adjust.
Units are SI: focal lengths are metres, not millimetres.
Source: EXIF 2.32 (CIPA DC-008-2019), section 4.6; ExifTool's tag names for Apple's maker note.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import TYPE_CHECKING

from nearfar.depth.kinds import Orientation
from nearfar.errors import CorruptFile, FileError
from nearfar.photo.tiff import Directory, Tiff, read_directory, read_tiff

if TYPE_CHECKING:
    from nearfar.depth.calibration import Calibration

__all__ = ["ExifTags", "Location", "build", "read", "turned_upright", "with_orientation", "without_location"]

_ORIENTATION = 0x0112
_GPS = 0x8825
_APPLE = b"Apple iOS\0"
_FULL_FRAME_DIAGONAL = math.hypot(36.0, 24.0)  # millimetres


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

    turned = number("image", _ORIENTATION)
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
        size=(int(width), int(height)) if width and height else None,
        location=_location(tiff),
        hdr_headroom=headroom,
        hdr_gain=gain,
    )


def with_orientation(exif: bytes, orientation: Orientation | int, *, file: str | None = None) -> bytes:
    """Give the block with another orientation and every other byte and offset as it was.

    A block that has no orientation tag gets a longer first directory at its end; the old table stays unused.

    Raises:
        CorruptFile: the first directory is broken.
    """
    value = int(Orientation(orientation))
    tiff = read_tiff(exif, file=file, strict=False)
    image = tiff.directories[0]
    entry = struct.pack(tiff.order + "HHIHH", _ORIENTATION, 3, 1, value, 0)
    edited = bytearray(exif)
    for offset in range(image.at + 2, image.at + 2 + 12 * image.count, 12):
        if struct.unpack_from(tiff.order + "H", exif, offset)[0] == _ORIENTATION:
            edited[offset : offset + 12] = entry
            return bytes(edited)
    table = [
        exif[offset : offset + 12] for offset in range(image.at + 2, image.at + 2 + 12 * image.count, 12)
    ]
    table = sorted([*table, entry], key=lambda raw: int(struct.unpack_from(tiff.order + "H", raw)[0]))
    edited += bytes(len(edited) % 2)
    struct.pack_into(tiff.order + "I", edited, 4, len(edited))
    edited += struct.pack(tiff.order + "H", len(table)) + b"".join(table)
    return bytes(edited) + struct.pack(tiff.order + "I", image.next_at)


def turned_upright(exif: bytes, *, file: str | None = None) -> bytes:
    """Give the block for the same picture stored upright.

    The orientation becomes UP, the recorded pixel size changes its axes with it, and a thumbnail that would
    lie on its side is unlinked.

    Raises:
        CorruptFile: the first directory is broken.
    """
    tags = read(exif, file=file, strict=False)
    turned = tags.orientation or Orientation.UP
    if turned is Orientation.UP:
        return exif
    edited = bytearray(with_orientation(exif, Orientation.UP, file=file))
    tiff = read_tiff(bytes(edited), file=file, strict=False)
    image = tiff.directories[0]
    if image.next_at:
        struct.pack_into(tiff.order + "I", edited, image.end - 4, 0)
    width, height = tiff.find("exif", 0xA002), tiff.find("exif", 0xA003)
    if turned.swaps_axes and width and height:
        for entry, other in ((width, height), (height, width)):
            edited[entry.at + 2 : entry.at + 12] = exif[other.at + 2 : other.at + 12]
    return bytes(edited)


def without_location(exif: bytes, *, file: str | None = None) -> bytes:
    """Give the block without its GPS directory: its entry gone, its table and values zeroed.

    The maker note and all other tags stay; bytes that another directory uses too are not zeroed. A block
    without a GPS directory comes back as the identical object.

    Raises:
        CorruptFile: the block is so broken that the place of the GPS values is not known.
    """
    tiff = read_tiff(exif, file=file, strict=False)
    others = [directory for directory in tiff.directories if directory.name != "gps"]
    pointing = {directory.at: _gps_offsets(tiff, directory) for directory in others}
    if not any(pointing.values()):
        return exif
    edited = bytearray(exif)
    places = set().union(*pointing.values()) - pointing.keys()
    for start, end in _extents(tiff, [read_directory(tiff, "gps", place) for place in places]):
        edited[start:end] = bytes(end - start)
    for start, end in [(0, 8), *_extents(tiff, others)]:
        edited[start:end] = exif[start:end]
    for directory in others:
        if pointing[directory.at]:
            _drop_entries(edited, tiff.order, directory, _GPS)
    return bytes(edited)


def _gps_offsets(tiff: Tiff, directory: Directory) -> set[int]:
    """Where a directory's GPS entries point to."""
    offsets = set()
    for at in range(directory.at + 2, directory.at + 2 + 12 * directory.count, 12):
        tag, kind, count, offset = struct.unpack_from(tiff.order + "HHII", tiff.data, at)
        if tag == _GPS:
            if kind not in (4, 13) or count != 1:
                raise CorruptFile("EXIF's GPS entry points nowhere", file=tiff.file, offset=tiff.base + at)
            offsets.add(int(offset))
    return offsets


def _extents(tiff: Tiff, directories: Iterable[Directory]) -> list[tuple[int, int]]:
    """The byte ranges of tables, values and thumbnails, sorted and without overlaps."""
    extents = []
    for directory in directories:
        extents.append((directory.at, directory.end))
        extents += [
            (entry.offset, entry.offset + entry.size) for entry in directory.entries if not entry.inline
        ]
        for start_tag, length_tag in ((0x0201, 0x0202), (0x0111, 0x0117)):
            start, length = (tiff.numbers(directory.find(tag)) for tag in (start_tag, length_tag))
            if start and length and 0 <= start[0] <= start[0] + length[0] <= len(tiff.data):
                extents.append((int(start[0]), int(start[0] + length[0])))
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(extents):
        begin, end = (max(begin, merged[-1][1]) if merged else begin), min(end, len(tiff.data))
        if begin < end:
            merged.append((begin, end))
    return merged


def _drop_entries(edited: bytearray, order: str, directory: Directory, tag: int) -> None:
    """Take a tag out of a directory's table; what follows in the table moves up, zeros fill the gap."""
    first, end = directory.at + 2, directory.at + 2 + 12 * directory.count
    table = [bytes(edited[at : at + 12]) for at in range(first, end, 12)]
    kept = [entry for entry in table if struct.unpack_from(order + "H", entry)[0] != tag]
    struct.pack_into(order + "H", edited, directory.at, len(kept))
    tail = b"".join(kept) + struct.pack(order + "I", directory.next_at)
    limit = min(directory.end, len(edited))
    edited[first:limit] = tail.ljust(limit - first, b"\0")


def build(
    *,
    orientation: Orientation | int = Orientation.UP,
    size: tuple[int, int] | None = None,
    captured: datetime | None = None,
    make: str | None = None,
    model: str | None = None,
    calibration: Calibration | None = None,
    software: str = "nearfar",
    srgb: bool = True,
) -> bytes:
    """Give a minimal EXIF block for a photo made here.

    Args:
        orientation: what turns the stored picture upright.
        size: (width, height) of the stored picture in pixels.
        captured: when; its time zone is written if it has one.
        make: who made the camera; anything beyond ASCII is replaced by "?", as in all texts here.
        model: which camera.
        software: what wrote the photo.
        calibration: gives the focal length in a 36 x 24 mm frame (by the diagonal), and the true one where it
            knows its pixel size.
        srgb: whether the picture is in sRGB; otherwise its colour profile says what it is.
    """
    image: dict[int, _Value] = {_ORIENTATION: _short(Orientation(orientation)), 0x0131: _ascii(software)}
    exif: dict[int, _Value] = {
        0x9000: (7, 4, b"0232"),
        0xA001: _short(1 if srgb else 0xFFFF),
    }
    if make:
        image[0x010F] = _ascii(make)
    if model:
        image[0x0110] = _ascii(model)
    if size is not None:
        exif[0xA002], exif[0xA003] = _long(size[0]), _long(size[1])
    if captured is not None:
        exif[0x9003] = _ascii(captured.strftime("%Y:%m:%d %H:%M:%S"))
        exif[0x9291] = _ascii(f"{captured.microsecond // 1000:03d}")
        offset = captured.strftime("%z")
        if offset:
            exif[0x9011] = _ascii(f"{offset[:3]}:{offset[3:5]}")
    if calibration is not None:
        diagonal = math.hypot(*calibration.reference_size)
        exif[0xA405] = _short(round(calibration.fx / diagonal * _FULL_FRAME_DIAGONAL))
        if calibration.pixel_size:
            exif[0x920A] = _rational(calibration.fx * calibration.pixel_size * 1e3)
    image[0x8769] = _long(0)
    at = 8 + len(_directory_bytes(image, 8))
    image[0x8769] = _long(at)
    return b"MM\0\x2a\0\0\0\x08" + _directory_bytes(image, 8) + _directory_bytes(exif, at)


_Value = tuple[int, int, bytes]  # field type, count, big-endian bytes


def _short(value: int) -> _Value:
    return 3, 1, struct.pack(">H", min(value, 0xFFFF))


def _long(value: int) -> _Value:
    return 4, 1, struct.pack(">I", value)


def _ascii(text: str) -> _Value:
    raw = text.replace("\0", "").encode("ascii", "replace") + b"\0"
    return 2, len(raw), raw


def _rational(value: float) -> _Value:
    fraction = Fraction(value).limit_denominator(1_000_000)
    return 5, 1, struct.pack(">II", fraction.numerator, fraction.denominator)


def _directory_bytes(values: dict[int, _Value], at: int) -> bytes:
    """Write a directory at offset `at`, its longer values behind its table."""
    table, behind = struct.pack(">H", len(values)), b""
    start = at + 2 + 12 * len(values) + 4
    for tag, (kind, count, raw) in sorted(values.items()):
        place = raw.ljust(4, b"\0")
        if len(raw) > 4:
            place = struct.pack(">I", start + len(behind))
            behind += raw + bytes(len(raw) % 2)
        table += struct.pack(">HHI", tag, kind, count) + place
    return table + bytes(4) + behind


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
