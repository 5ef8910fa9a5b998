"""What must be known of HEVC before a decoder may see it: the size and format in its parameter sets.

    hvcC ─▶ parameter sets ─▶ sequence parameter set ─▶ coded size, chroma, bits

A file's ``ispe`` may say 8×8 while its sequence parameter set asks the decoder for 60000×60000; so the set is
read, both in ``hvcC`` and among the coded bytes.

Source: ITU-T H.265, sections 7.3.1.1, 7.3.2.2, 7.3.3, 7.4.3.2.1; ISO/IEC 14496-15, section 8.3.3.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nearfar.photo.heic.boxes import Source

SPS = 33
"""NAL unit type of a sequence parameter set."""

SET_BYTES = 256
"""The part of a parameter set that is looked at: its size and format stand in the first bytes."""


class BitReader:
    """Bits of an RBSP, most significant first; EOFError past the end."""

    __slots__ = ("left", "value")

    def __init__(self, data: bytes) -> None:
        self.value = int.from_bytes(data, "big")
        self.left = 8 * len(data)

    def bits(self, count: int) -> int:
        """The next `count` bits as an unsigned integer."""
        if count > self.left:
            raise EOFError("the bits are used up")
        self.left -= count
        return self.value >> self.left & ((1 << count) - 1)

    def exp_golomb(self) -> int:
        """The next ue(v); more than 32 leading zeros is an EOFError too."""
        rest = self.value & ((1 << self.left) - 1)
        zeros = self.left - rest.bit_length()
        length = 2 * zeros + 1
        if zeros > 32 or length > self.left:
            raise EOFError("a number of more than 32 bits, or cut off")
        self.left -= length
        return (rest >> self.left) - 1


@dataclass(frozen=True, slots=True)
class CodedFormat:
    """What a sequence parameter set asks of the decoder.

    Attributes:
        size: (width, height) that the decoder allocates.
        shown: (width, height) left by the conformance window.
        chroma: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
        bits: bits of a luma sample.
    """

    size: tuple[int, int]
    shown: tuple[int, int]
    chroma: int
    bits: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """An ``hvcC`` property: how coded bytes are cut into NAL units, and the parameter sets they need."""

    length_size: int
    units: tuple[bytes, ...]


def parse_configuration(source: Source, start: int, end: int) -> Configuration:
    """Read the body of an ``hvcC`` box."""
    length_size = (source.integer(start + 21, 1, end) & 3) + 1
    if length_size == 3:
        raise source.corrupt("hvcC gives NAL units a length of 3 bytes", start)
    at = start + 23
    units: list[bytes] = []
    for _ in range(source.integer(start + 22, 1, end)):
        count = source.integer(at + 1, 2, end)
        at += 3
        for _ in range(count):
            length = source.integer(at, 2, end)
            at += 2
            if at + length > end:
                raise source.corrupt("a parameter set reaches past the end of hvcC", at)
            units.append(source.part(at, at + length))
            at += length
    return Configuration(length_size, tuple(units))


def nal_units(source: Source, payload: bytes, length_size: int, offset: int) -> Iterator[memoryview]:
    """Cut coded bytes, found at `offset` in the file, into NAL units; CorruptFile when a length runs over."""
    view = memoryview(payload)
    at = 0
    while at < len(payload):
        length = int.from_bytes(view[at : at + length_size], "big")
        at += length_size
        if at + length > len(payload):
            raise source.corrupt("a coded picture is cut off", offset + at)
        yield view[at : at + length]
        at += length


def unit_type(unit: bytes | memoryview) -> int:
    """The type of a NAL unit, or 63 for an empty one."""
    return unit[0] >> 1 & 63 if len(unit) else 63


def parse_sps(source: Source, unit: bytes | memoryview, offset: int) -> CodedFormat:
    """Read the size and format in a sequence parameter set that was found at `offset`."""
    try:
        return _parse_sps(BitReader(without_emulation(bytes(unit[2 : 2 + SET_BYTES]))))
    except EOFError:
        raise source.corrupt("a sequence parameter set is cut off", offset) from None


def without_emulation(data: bytes) -> bytes:
    """Take out the emulation prevention bytes (7.3.1.1)."""
    return data.replace(b"\0\0\3", b"\0\0")


def _parse_sps(reader: BitReader) -> CodedFormat:
    reader.bits(4)
    sub_layers = reader.bits(3)
    reader.bits(1)
    _skip_profile(reader, sub_layers)
    reader.exp_golomb()
    chroma = reader.exp_golomb()
    separate = chroma == 3 and reader.bits(1)
    width, height = reader.exp_golomb(), reader.exp_golomb()
    left = right = top = bottom = 0
    if reader.bits(1):
        left, right, top, bottom = (reader.exp_golomb() for _ in range(4))
    bits = reader.exp_golomb() + 8
    across = 2 if chroma in (1, 2) and not separate else 1
    down = 2 if chroma == 1 else 1
    shown = (width - across * (left + right), height - down * (top + bottom))
    return CodedFormat((width, height), shown, chroma, bits)


def _skip_profile(reader: BitReader, sub_layers: int) -> None:
    """Skip profile_tier_level (7.3.3)."""
    reader.bits(96)
    present = [(reader.bits(1), reader.bits(1)) for _ in range(sub_layers)]
    if sub_layers:
        reader.bits(2 * (8 - sub_layers))
    for profile, level in present:
        reader.bits(88 * profile + 8 * level)
