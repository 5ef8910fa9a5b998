"""Messages as bytes, and back: one binary WebSocket message each.

    0        4                      padded with zeros to a multiple of 8
    ┌────────┬──────────────────────┬──────────────┬──────────────┬───
    │ length │ header, JSON         │ blob 0       │ blob 1       │ …
    │  u32   │ `length` bytes UTF-8 │ padded to 8  │ padded to 8  │
    └────────┴──────────────────────┴──────────────┴──────────────┴───

Little-endian. The header is the message's fields in camel case with two more: ``type``, which message it is,
and ``blobs``, the length of each blob in bytes. Where a field is bytes, the header has ``{"blob": n}``. As
blobs begin at multiples of 8 bytes, a page looks at them without copying.

Messages come over a network: nothing in one is believed before it is checked.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from nearfar.errors import CorruptFile
from nearfar.studio.messages import Blob, Matrix, Message

__all__ = ["camel_case", "decode", "encode"]

_LENGTH = struct.Struct("<I")
_ALIGNMENT = 8
_LONGEST_HEADER = 1 << 16
_MOST_BLOBS = 4
_LONGEST_LIST = 64
_LONGEST_TEXT = 4096
_LARGEST_WHOLE = 2**53 - 1

AnyMessage = TypeVar("AnyMessage", bound=Message)


def encode(message: Message) -> bytes:
    """A message as one packet.

    Raises ValueError where it holds a number that is not finite, or is longer than a packet may be.
    """
    blobs: list[memoryview] = []
    header = {"type": type(message).type, **_to_json(message, blobs)}
    header["blobs"] = [blob.nbytes for blob in blobs]
    words = json.dumps(header, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text = words.encode(errors="replace")  # a file's name need not be UTF-8
    if len(text) > _LONGEST_HEADER:
        raise ValueError(f"a message whose header has {len(text):,} bytes; {_LONGEST_HEADER:,} is the most")
    parts: list[bytes | memoryview] = [_LENGTH.pack(len(text)), text]
    parts.append(bytes(_padding(_LENGTH.size + len(text))))
    for blob in blobs:
        parts += (blob, bytes(_padding(blob.nbytes)))
    return b"".join(parts)


def decode(packet: bytes | memoryview, kinds: Sequence[type[AnyMessage]]) -> AnyMessage:
    """The message that a packet holds; blobs are views of it.

    Args:
        packet: what came; its own length is for the transport to limit.
        kinds: which messages may come here: `FROM_PAGE` at the server.

    Raises:
        CorruptFile: lengths, types or values that cannot be; the reason says which.
    """
    view = memoryview(packet).cast("B")
    header, blobs = _taken_apart(view)
    known = {kind.type: kind for kind in kinds}
    name = header.pop("type", None)
    if not isinstance(name, str) or name not in known:
        _refuse(f"of type {_shown(name)}, not {' or '.join(known)}")
    kind = known[name]
    message: AnyMessage = _from_json(header, kind, name, blobs)
    return message


@cache
def camel_case(name: str) -> str:
    """``raw_value_to_meters`` as ``rawValueToMeters``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _padding(length: int) -> int:
    return -length % _ALIGNMENT


def _to_json(value: Any, blobs: list[memoryview]) -> Any:
    if isinstance(value, memoryview):
        blobs.append(value.cast("B"))
        return {"blob": len(blobs) - 1}
    if is_dataclass(value):
        return {
            camel_case(field.name): _to_json(getattr(value, field.name), blobs) for field in fields(value)
        }
    if isinstance(value, tuple) and value and not isinstance(value[0], float):
        return [_to_json(entry, blobs) for entry in value]
    return value


def _taken_apart(packet: memoryview) -> tuple[dict[str, Any], list[memoryview]]:
    """The header and the blobs of a packet whose lengths add up."""
    if len(packet) < _LENGTH.size:
        _refuse(f"of {len(packet)} bytes")
    (length,) = _LENGTH.unpack_from(packet)
    place = _LENGTH.size + length
    if length > _LONGEST_HEADER or place > len(packet):
        _refuse(f"of {len(packet):,} bytes that is to have a header of {length:,}")
    header = _parsed(packet[_LENGTH.size : place])
    lengths = header.pop("blobs", None)
    if not isinstance(lengths, list) or len(lengths) > _MOST_BLOBS:
        _refuse(f"whose blobs are {_shown(lengths)}")
    place += _padding(place)
    blobs = []
    for size in lengths:
        if type(size) is not int or not 0 <= size <= len(packet) - place:
            _refuse(f"of {len(packet):,} bytes with a blob of {_shown(size)} at {place:,}")
        blobs.append(packet[place : place + size])
        place += size + _padding(size)
    if place != len(packet):
        _refuse(f"of {len(packet):,} bytes that ends at {place:,}")
    return header, blobs


def _parsed(text: memoryview) -> dict[str, Any]:
    try:
        header = json.loads(bytes(text).decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CorruptFile(f"a message whose header is not JSON: {error}") from None
    if not isinstance(header, dict):
        _refuse("whose header is not an object")
    return header


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _from_json(value: Any, kind: Any, where: str, blobs: list[memoryview]) -> Any:
    """``value`` as the type ``kind``; whatever it is not is refused."""
    if kind is Matrix:
        return tuple(_listed(value, (float,) * 16, where, blobs))
    if kind is Blob:
        return _blob(value, where, blobs)
    if is_dataclass(kind):
        return _object(value, kind, where, blobs)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (present,) = (argument for argument in arguments if argument is not NoneType)
        return None if value is None else _from_json(value, present, where, blobs)
    if origin is tuple:
        if arguments[1:] == (...,):
            count = len(value) if isinstance(value, list) else 0
            arguments = (arguments[0],) * min(count, _LONGEST_LIST)
        return tuple(_listed(value, arguments, where, blobs))
    if origin is Literal:
        if not isinstance(value, str) or value not in arguments:
            _refuse(f"with {where} {_shown(value)}, not {' or '.join(map(repr, arguments))}")
        return value
    return _plain(value, kind, where)


def _plain(value: Any, kind: type, where: str) -> Any:
    """A flag, a number, a text, or an entry of an enumeration."""
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and type(value) is int and abs(value) <= _LARGEST_WHOLE:
        return value
    if kind is float and type(value) in (int, float) and abs(value) <= 1.7e308:
        return float(value)
    if issubclass(kind, str) and isinstance(value, str) and len(value) <= _LONGEST_TEXT:
        with suppress(ValueError):
            return kind(value)
    return _refuse(f"with {where} {_shown(value)}, which is no {kind.__name__}")


def _object(value: Any, kind: Any, where: str, blobs: list[memoryview]) -> Any:
    known = _field_types(kind)
    if not isinstance(value, dict) or value.keys() != known.keys():
        _refuse(f"with {where} {_shown(value)}, not an object of {', '.join(known)}")
    return kind(*(_from_json(value[name], part, f"{where}.{name}", blobs) for name, part in known.items()))


@cache
def _field_types(kind: Any) -> dict[str, Any]:
    """The fields of a message or a part, by their names on the wire, in order."""
    hints = get_type_hints(kind)
    return {camel_case(field.name): hints[field.name] for field in fields(kind)}


def _listed(value: Any, kinds: Sequence[Any], where: str, blobs: list[memoryview]) -> list[Any]:
    if not isinstance(value, list) or len(value) != len(kinds):
        _refuse(f"with {where} {_shown(value)}, not a list of {len(kinds)}")
    return [_from_json(entry, kind, where, blobs) for entry, kind in zip(value, kinds, strict=True)]


def _blob(value: Any, where: str, blobs: list[memoryview]) -> memoryview:
    place = value.get("blob") if isinstance(value, dict) else None
    if type(place) is not int or not 0 <= place < len(blobs):
        _refuse(f"with {where} {_shown(value)}, which is none of its {len(blobs)} blobs")
    return blobs[place]


def _shown(value: Any) -> str:
    """What was sent, short enough to be said."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _refuse(what: str) -> NoReturn:
    raise CorruptFile(f"a message {what}")
