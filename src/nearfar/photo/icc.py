"""ICC profiles of the simple kind that photos carry: three curves and a matrix, read and written.

    profile ── read_profile ──▶ ColorSpace, or None when it needs a full colour engine (tables, gray, CMYK)
    ColorSpace ── profile ──▶ 500 bytes, version 4

Source: ICC.1:2022, sections 7.2 (header), 7.3 (tags), 8.3 (matrix profiles), 10.6 (curv), 10.18 (para).
"""

from __future__ import annotations

import struct

import numpy as np

from nearfar.errors import CorruptFile
from nearfar.photo.color_space import (
    D50,
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    ColorSpace,
    Curve,
    Parametric,
    Table,
    adaptation_to_d50,
)

__all__ = ["PROFILES", "profile", "read_profile"]

_HEADER = 128
_MAX_TAGS = 200
_PARAMETERS = (1, 3, 4, 5, 7)  # how many numbers a parametric curve of each type has
_TABLES = (b"A2B0", b"A2B1", b"D2B0", b"D2B1")  # where these stand, they go before matrix and curves


def read_profile(icc: bytes, *, file: str | None = None) -> ColorSpace | None:
    """Read a profile of three curves and a matrix.

    Args:
        icc: the profile.
        file: the file that it came from, for messages.

    Returns:
        The space, or None for a sound profile of another kind.

    Raises:
        CorruptFile: lengths or numbers in the profile contradict themselves.
    """
    if len(icc) < _HEADER + 4 or icc[36:40] != b"acsp":
        raise CorruptFile("the colour profile has no ICC header", file=file)
    tags = _tags(icc, file)
    if icc[16:20] != b"RGB " or icc[20:24] != b"XYZ " or any(table in tags for table in _TABLES):
        return None
    needed = [letter + kind for kind in (b"XYZ", b"TRC") for letter in (b"r", b"g", b"b")]
    if any(name not in tags for name in needed):
        return None
    columns = [_xyz(tags[name], file) for name in needed[:3]]
    curves = [_curve(tags[name], file) for name in needed[3:]]
    rows = tuple((columns[0][row], columns[1][row], columns[2][row]) for row in range(3))
    try:
        return ColorSpace(_description(tags.get(b"desc", b"")), (curves[0], curves[1], curves[2]), rows)
    except ValueError as error:
        raise CorruptFile(str(error), file=file) from error


def _tags(icc: bytes, file: str | None) -> dict[bytes, bytes]:
    """Read the tag table: signature to bytes."""
    count = int(struct.unpack_from(">I", icc, _HEADER)[0])
    if count > _MAX_TAGS or _HEADER + 4 + 12 * count > len(icc):
        raise CorruptFile(f"the colour profile says it has {count} tags", file=file)
    tags = {}
    for at in range(_HEADER + 4, _HEADER + 4 + 12 * count, 12):
        name, offset, size = struct.unpack_from(">4sII", icc, at)
        if offset + size > len(icc):
            raise CorruptFile(f"tag {name!r} lies outside of the colour profile", file=file)
        tags[name] = icc[offset : offset + size]
    return tags


def _xyz(tag: bytes, file: str | None) -> tuple[float, float, float]:
    if len(tag) < 20 or tag[:4] != b"XYZ ":
        raise CorruptFile("a primary of the colour profile is no XYZ", file=file)
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes, file: str | None) -> Curve:
    if tag[:4] == b"curv" and len(tag) >= 12:
        count = int(struct.unpack_from(">I", tag, 8)[0])
        if count > 65536 or 12 + 2 * count > len(tag):
            raise CorruptFile(f"a curve of the colour profile says it has {count} values", file=file)
        values = struct.unpack_from(f">{count}H", tag, 12)
        if count <= 1:
            return Parametric(values[0] / 256 if count else 1.0)
        return Table(tuple(value / 65535 for value in values))
    if tag[:4] == b"para" and len(tag) >= 12:
        kind = int(struct.unpack_from(">H", tag, 8)[0])
        if kind < len(_PARAMETERS) and 12 + 4 * _PARAMETERS[kind] <= len(tag):
            numbers = [value / 65536 for value in struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12)]
            return _parametric(kind, numbers, file)
    raise CorruptFile("a curve of the colour profile is of no known type", file=file)


def _parametric(kind: int, numbers: list[float], file: str | None) -> Parametric:
    """Write ICC's five parametric types as the most general one (ICC.1:2022, table 68)."""
    g, a, b, c, d, e, f = numbers + [0.0] * (7 - len(numbers))
    if g <= 0:
        raise CorruptFile(f"a curve of the colour profile has the exponent {g}", file=file)
    if kind == 0:
        return Parametric(g)
    if kind in (1, 2):
        if a == 0:
            raise CorruptFile("a curve of the colour profile is flat", file=file)
        return Parametric(g, a, b, 0.0, -b / a, c, c)
    return Parametric(g, a, b, c, d, e, f)


def _description(tag: bytes) -> str:
    """Read a profile's name: version 4's mluc or version 2's desc."""
    text = ""
    if tag[:4] == b"mluc" and len(tag) >= 28:
        size, offset = struct.unpack_from(">II", tag, 20)
        text = tag[offset : offset + min(size, 200)].decode("utf-16-be", "replace")
    elif tag[:4] == b"desc" and len(tag) >= 12:
        size = int(struct.unpack_from(">I", tag, 8)[0])
        text = tag[12 : 12 + min(size, 200)].split(b"\0", 1)[0].decode("latin-1")
    return "".join(letter for letter in text if letter.isprintable()).strip() or "unnamed profile"


def profile(space: ColorSpace) -> bytes:
    """Write a space with sRGB's curve as an ICC version 4 display profile.

    Raises:
        ValueError: the space has another curve.
    """
    if set(space.curves) != {SRGB_CURVE}:
        raise ValueError(f"only spaces with the sRGB curve are written, not {space.name!r}")
    g, a, b, c, d = SRGB_CURVE.g, SRGB_CURVE.a, SRGB_CURVE.b, SRGB_CURVE.c, SRGB_CURVE.d
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(g, a, b, c, d)
    matrix = np.asarray(space.to_xyz)
    tags = {
        b"desc": _localized(space.name),
        b"cprt": _localized("CC0"),
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*D50),
        b"chad": b"sf32" + bytes(4) + _fixed(*adaptation_to_d50((0.3127, 0.3290)).ravel()),
        **{b"rgb"[i : i + 1] + b"XYZ": b"XYZ " + bytes(4) + _fixed(*matrix[:, i]) for i in range(3)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body, places = struct.pack(">I", len(tags)), b"", dict[bytes, int]()
    start = _HEADER + 4 + 12 * len(tags)
    for name, value in tags.items():
        if value not in places:
            places[value] = start + len(body)
            body += value + bytes(-len(value) % 4)
        table += struct.pack(">4sII", name, places[value], len(value))
    size = start + len(body)
    header = struct.pack(">I4s4s4s4s4s", size, bytes(4), b"\x04\x40\0\0", b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _fixed(*D50)
    return header.ljust(_HEADER, b"\0") + table + body


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65536) for value in values))


def _localized(text: str) -> bytes:
    raw = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(raw), 28) + raw


PROFILES = {"srgb": profile(SRGB), "display-p3": profile(DISPLAY_P3)}
"""The profiles that nearfar writes, by the name of their space."""
