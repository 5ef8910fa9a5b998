"""As much of Protocol Buffers' wire format as Foxglove's messages need: written by hand, read with suspicion.

A message is a row of fields, each a tag (its number and how its value is written) and the value.

Source: https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

__all__ = ["blob", "doubles", "fields", "fixed32", "integer", "message", "text"]

_VARINT, _I64, _SIZED, _I32 = 0, 1, 2, 5


def varint(value: int) -> bytes:
    """A number of 0 or more, seven bits to the byte."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(number: int, value: int) -> bytes:
    """A field of type int32, int64 or enum, 0 or more."""
    return varint(number << 3 | _VARINT) + varint(value)


def fixed32(number: int, value: int) -> bytes:
    """A field of type fixed32."""
    return varint(number << 3 | _I32) + struct.pack("<I", value)


def blob(number: int, size: int) -> bytes:
    """The beginning of a field of type bytes: `size` bytes follow."""
    return varint(number << 3 | _SIZED) + varint(size)


def message(number: int, *parts: bytes) -> bytes:
    """A field that is a message or bytes."""
    body = b"".join(parts)
    return blob(number, len(body)) + body


def text(number: int, value: str) -> bytes:
    """A field of type string."""
    return message(number, value.encode())


def doubles(number: int, values: Iterable[float]) -> bytes:
    """A field of type repeated double, packed."""
    return message(number, *(struct.pack("<d", value) for value in values))


def double(number: int, value: float) -> bytes:
    """A field of type double."""
    return varint(number << 3 | _I64) + struct.pack("<d", value)


def fields(data: memoryview) -> Mapping[int, int | memoryview]:
    """The fields of a message by their numbers, the last where one stands twice.

    Numbers come as ints (those of 64 bits as their bits), all else as bytes. Raises ValueError on what is
    not a message.
    """
    found: dict[int, int | memoryview] = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            found[tag >> 3], at = _varint(data, at)
            continue
        size = {_I64: 8, _I32: 4}.get(kind)
        if kind == _SIZED:
            size, at = _varint(data, at)
        if size is None or size > len(data) - at:
            raise ValueError("a message's fields do not fit into it")
        value = data[at : at + size]
        found[tag >> 3] = value if kind == _SIZED else int.from_bytes(value, "little")
        at += size
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("a message ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number in a message has no end")
