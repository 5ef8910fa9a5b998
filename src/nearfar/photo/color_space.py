"""What the numbers of a picture mean as light: a transfer curve for each channel, and three primaries.

    codes 0..1 ── curves ──▶ linear RGB ── to_xyz ──▶ CIE XYZ, adapted to D50 (the ICC's connection space)

Spaces come from ICC profiles (`icc`), from the code points of a HEIC file (`from_code_points`), or are one of
the two that nearfar writes, `SRGB` and `DISPLAY_P3`.
Sources: IEC 61966-2-1; SMPTE EG 432-1; ITU-T H.273; ICC.1:2022, 10.6 and 10.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "D50",
    "DISPLAY_P3",
    "SRGB",
    "SRGB_CURVE",
    "ColorSpace",
    "Curve",
    "Parametric",
    "Table",
    "adaptation_to_d50",
    "from_code_points",
    "from_primaries",
    "srgb_encode",
]

Floats = NDArray[np.float64]
D50 = (0.9642, 1.0, 0.8249)
"""The white of the ICC's connection space, XYZ."""

_D65 = (0.3127, 0.3290)
_WHITE_SLACK = 0.01


class Curve(Protocol):
    """A transfer curve."""

    def decode(self, code: Floats) -> Floats:
        """Turn codes, 0..1, into linear light; 1 is the white of a standard-range picture."""


@dataclass(frozen=True, slots=True)
class Parametric:
    """ICC's most general parametric curve: ``(a x + b)^g + e`` from d upwards, ``c x + f`` below."""

    g: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0

    def decode(self, code: Floats) -> Floats:
        """Turn codes into linear light, 0..1."""
        power = np.maximum(self.a * code + self.b, 0.0)
        with np.errstate(over="ignore", divide="ignore"):
            light = np.where(code >= self.d, power**self.g + self.e, self.c * code + self.f)
        return np.asarray(np.clip(np.nan_to_num(light, posinf=1.0, neginf=0.0), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Table:
    """A curve by its values, 0..1, at even steps of the code."""

    values: tuple[float, ...]

    def decode(self, code: Floats) -> Floats:
        """Turn codes into linear light, 0..1."""
        return np.interp(code, np.linspace(0.0, 1.0, len(self.values)), self.values)


class PerceptualQuantizer:
    """SMPTE ST 2084, with 1 for the reference white of 203 cd/m² (ITU-R BT.2408)."""

    def decode(self, code: Floats) -> Floats:
        """Turn codes into linear light, 0..49.3."""
        root = np.maximum(code, 0.0) ** (32 / 2523)
        numerator = np.maximum(root - 3424 / 4096, 0.0)
        return np.asarray((numerator / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610) * (10000 / 203))


class HybridLogGamma:
    """The inverse of BT.2100's HLG curve on each channel, with 1 for the reference white at a code of 0.75.

    The display's own system gamma is left out: it depends on the display.
    """

    def decode(self, code: Floats) -> Floats:
        """Turn codes into linear light, 0..3.77."""
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
        white = (np.exp((0.75 - c) / a) + b) / 12
        return np.asarray(scene / white)


@dataclass(frozen=True, slots=True)
class ColorSpace:
    """An RGB colour space.

    Attributes:
        name: for people.
        curves: of red, green and blue.
        to_xyz: rows of the matrix from linear RGB to XYZ under D50; (1, 1, 1) becomes D50.
    """

    name: str
    curves: tuple[Curve, Curve, Curve]
    to_xyz: tuple[tuple[float, float, float], ...]

    def __post_init__(self) -> None:
        matrix = np.asarray(self.to_xyz, dtype=np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-6:
            raise ValueError(f"the primaries of {self.name!r} do not span a colour space")

    def matrix_to(self, other: ColorSpace) -> Floats:
        """Give the (3, 3) matrix from this space's linear RGB to another's; grays stay grays."""
        return np.asarray(np.linalg.solve(_balanced(other.to_xyz), _balanced(self.to_xyz)))


def _balanced(to_xyz: tuple[tuple[float, float, float], ...]) -> Floats:
    """Take out what rounding in a profile does to the white: (1, 1, 1) becomes exactly D50."""
    matrix = np.asarray(to_xyz, dtype=np.float64)
    white = matrix.sum(axis=1)
    if np.abs(white - D50).max() > _WHITE_SLACK:
        return matrix
    return np.asarray(matrix * (np.asarray(D50) / white)[:, None])


def adaptation_to_d50(white: tuple[float, float]) -> Floats:
    """Give Bradford's (3, 3) matrix from XYZ under a white (x, y) to XYZ under D50."""
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    x, y = white
    source = bradford @ np.array([x / y, 1.0, (1 - x - y) / y])
    target = bradford @ np.asarray(D50)
    return np.asarray(np.linalg.solve(bradford, np.diag(target / source) @ bradford))


def from_primaries(
    name: str, primaries: tuple[tuple[float, float], ...], curve: Curve, white: tuple[float, float] = _D65
) -> ColorSpace:
    """Make a space from the (x, y) chromaticities of red, green, blue and white."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    white_xyz = np.array([white[0] / white[1], 1.0, (1 - white[0] - white[1]) / white[1]])
    matrix = adaptation_to_d50(white) @ (columns * np.linalg.solve(columns, white_xyz))
    rows = tuple((float(r), float(g), float(b)) for r, g, b in matrix)
    return ColorSpace(name, (curve, curve, curve), rows)


def srgb_encode(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Encode linear light with sRGB's curve; negative light gets the mirrored curve."""
    size = np.abs(light)
    power = np.float32(1.055) * size ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.copysign(np.where(size <= np.float32(0.0031308), np.float32(12.92) * size, power), light)


SRGB_CURVE = Parametric(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))

SRGB = from_primaries("sRGB", _BT709, SRGB_CURVE)
DISPLAY_P3 = from_primaries("Display P3", _P3, SRGB_CURVE)

_PRIMARIES = {1: ("BT.709", _BT709), 2: ("sRGB", _BT709), 9: ("BT.2020", _BT2020), 12: ("P3", _P3)}
_CURVES: dict[int, Curve] = {
    4: Parametric(2.2),
    5: Parametric(2.8),
    8: Parametric(1.0),
    16: PerceptualQuantizer(),
    18: HybridLogGamma(),
}


def from_code_points(primaries: int, transfer: int) -> ColorSpace:
    """Give the space of H.273 code points, as a HEIC's ``nclx`` has them.

    BT.709, BT.2020 and unspecified transfers are read as sRGB's: still pictures so marked are made for
    displays, not by television cameras. Unknown primaries are read as sRGB's.
    """
    name, chromaticities = _PRIMARIES.get(primaries, _PRIMARIES[2])
    curve = _CURVES.get(transfer, SRGB_CURVE)
    if curve is SRGB_CURVE and chromaticities is _BT709:
        return SRGB
    return from_primaries(f"{name} ({primaries}/{transfer})", chromaticities, curve)
