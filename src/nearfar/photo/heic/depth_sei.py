"""The exact range of a depth image: the depth representation information SEI in its ``auxC`` property.

    auxC subtype = u32 17 · u32 13 · 4E 01 (prefix SEI) · B1 (177) · 09 · 9 bytes of payload
    payload      = flags · representation · per value: sign, exponent, mantissa

The values are floats of 16 mantissa bits: every half float, which is what phones measure in, fits exactly.

Source: ITU-T H.265, sections G.14.2.3 and G.14.3.3; layout measured in Apple's files.
"""

from __future__ import annotations

import math
import struct

from nearfar.photo.auxiliary import DepthRange
from nearfar.photo.heic.hevc import BitReader, without_emulation

_PREFIX_SEI = 39
_DEPTH_REPRESENTATION = 177
_MANTISSA_BITS = 16


def parse_depth_range(subtype: bytes) -> DepthRange | None:
    """Read the range in an ``auxC`` subtype; None where there is none, or none that makes sense.

    Disparity comes from d_min and d_max; depth (representation 2) from z_near and z_far.
    """
    try:
        payload = _sei_payload(subtype)
        return _parse_payload(payload) if payload else None
    except EOFError:
        return None


def _sei_payload(subtype: bytes) -> bytes | None:
    """Find the payload of the first depth representation SEI in a run of length-prefixed NAL units."""
    if len(subtype) < 8:
        return None
    end = min(4 + int.from_bytes(subtype[:4], "big"), len(subtype))
    at = 4
    while at + 4 <= end:
        length = int.from_bytes(subtype[at : at + 4], "big")
        unit = subtype[at + 4 : min(at + 4 + length, end)]
        if len(unit) >= 4 and unit[0] >> 1 & 63 == _PREFIX_SEI and unit[2] == _DEPTH_REPRESENTATION:
            return without_emulation(unit[4:])[: unit[3]]
        at += 4 + length
    return None


def _parse_payload(payload: bytes) -> DepthRange | None:
    reader = BitReader(payload)
    near, far, low, high = (reader.bits(1) for _ in range(4))
    representation = reader.exp_golomb()
    if low or high:
        reader.exp_golomb()
    z_near = _read_value(reader) if near else None
    z_far = _read_value(reader) if far else None
    d_min = _read_value(reader) if low else None
    d_max = _read_value(reader) if high else None
    one, other = (z_near, z_far) if representation == 2 and z_near is not None else (d_min, d_max)
    if one is None or other is None or not (math.isfinite(one) and math.isfinite(other)):
        return None
    return DepthRange(min(one, other), max(one, other), representation)


def _read_value(reader: BitReader) -> float:
    sign, exponent, length = reader.bits(1), reader.bits(7), reader.bits(5) + 1
    mantissa = reader.bits(length)
    if exponent == 127:
        return math.nan
    scale = math.ldexp(1.0, exponent - 31) if exponent else math.ldexp(1.0, -30)
    value = scale * ((1.0 if exponent else 0.0) + math.ldexp(mantissa, -length))
    return -value if sign else value


def build_depth_subtype(value: DepthRange) -> bytes:
    """Build the ``auxC`` subtype that holds a range; values are rounded to 16 mantissa bits.

    Raises ValueError for a value that is not finite, or of 2^96 and more.
    """
    distances = value.representation == 2
    bits = _Bits()
    bits.put(0b1100 if distances else 0b0011, 4)
    bits.put_exp_golomb(value.representation)
    if not distances:
        bits.put_exp_golomb(0)
    for each in (value.minimum, value.maximum):
        bits.put_value(each)
    payload = bits.to_bytes()
    unit = bytes([_PREFIX_SEI << 1, 1, _DEPTH_REPRESENTATION, len(payload)]) + _with_emulation(payload)
    return struct.pack(">II", len(unit) + 4, len(unit)) + unit


def _with_emulation(payload: bytes) -> bytes:
    """Put in emulation prevention bytes: 00 00 must not be followed by 00..03."""
    out = bytearray()
    zeros = 0
    for byte in payload:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


class _Bits:
    """Bits being written, most significant first."""

    def __init__(self) -> None:
        self.value, self.count = 0, 0

    def put(self, value: int, count: int) -> None:
        self.value, self.count = self.value << count | value, self.count + count

    def put_exp_golomb(self, value: int) -> None:
        self.put(value + 1, 2 * (value + 1).bit_length() - 1)

    def put_value(self, value: float) -> None:
        """Sign, exponent, mantissa; what is too small for exponent 1 becomes 0 (exponent 0, mantissa 0)."""
        if not math.isfinite(value):
            raise ValueError(f"a depth range must be finite, not {value}")
        fraction, exponent = math.frexp(abs(value))
        mantissa = round((2 * fraction - 1) * (1 << _MANTISSA_BITS)) if value else 0
        exponent += 30
        if mantissa == 1 << _MANTISSA_BITS:
            mantissa, exponent = 0, exponent + 1
        if not value or exponent < 1:
            mantissa = exponent = 0
        if exponent > 126:
            raise ValueError(f"{value} is too large for a depth range")
        self.put(int(math.copysign(1, value) < 0), 1)
        self.put(exponent, 7)
        self.put(_MANTISSA_BITS - 1, 5)
        self.put(mantissa, _MANTISSA_BITS)

    def to_bytes(self) -> bytes:
        """The bits with a closing 1 and zeros up to the byte, unless they end on one."""
        if self.count % 8:
            self.put(1, 1)
            self.put(0, -self.count % 8)
        return self.value.to_bytes(self.count // 8, "big")
