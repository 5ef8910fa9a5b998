"""A minimal EXIF block for photos made here, big-endian as phones write it."""

from __future__ import annotations

import math
import struct
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from nearfar.depth import Orientation
from nearfar.photo.exif_tags import ORIENTATION

if TYPE_CHECKING:
    from nearfar.depth import Calibration

__all__ = ["build"]

_LARGEST_RATIONAL = 0xFFFFFFFE
_FULL_FRAME_DIAGONAL = math.hypot(36.0, 24.0)  # millimetres


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
            knows its pixel size; a length that no EXIF number can hold is left out.
        srgb: whether the picture is in sRGB; otherwise its colour profile says what it is.
    """
    image: dict[int, _Value] = {
        ORIENTATION: _short(Orientation(orientation)),
        0x011A: _rational(72),  # pixels to the inch: says nothing, but the standard asks for it
        0x011B: _rational(72),
        0x0128: _short(2),
        0x0131: _ascii(software),
        0x0213: _short(1),
    }
    exif: dict[int, _Value] = {
        0x9000: (7, 4, b"0232"),
        0x9101: (7, 4, b"\1\2\3\0"),
        0xA000: (7, 4, b"0100"),
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
        millimetres = (calibration.focal_length or 0.0) * 1e3
        if 1e-6 <= millimetres <= _LARGEST_RATIONAL:
            exif[0x920A] = _rational(millimetres)
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
    # Numerator and denominator have 32 bits each.
    finest = max(1, min(1_000_000, math.floor(_LARGEST_RATIONAL / max(value, 1.0))))
    fraction = Fraction(value).limit_denominator(finest)
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
