"""The header of a PLY file: which elements it has, how many rows of each, and what stands in a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

if TYPE_CHECKING:
    from nearfar.depth.point_cloud import Axes

MAX_ROWS = 100_000_000
"""How many vertices or faces a file may claim."""
_MAX_HEADER = 1 << 16
_MAX_PROPERTIES = 256

PLY_TYPES = {
    "char": "i1",
    "int8": "i1",
    "uchar": "u1",
    "uint8": "u1",
    "short": "i2",
    "int16": "i2",
    "ushort": "u2",
    "uint16": "u2",
    "int": "i4",
    "int32": "i4",
    "uint": "u4",
    "uint32": "u4",
    "float": "f4",
    "float32": "f4",
    "double": "f8",
    "float64": "f8",
}
_BYTE_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(slots=True)
class Property:
    """A number of each row, or a list of them."""

    name: str
    type: str
    count_type: str | None = None
    """The type of a list's length; None for a plain number."""


@dataclass(slots=True)
class Element:
    """Rows of one kind, such as "vertex" or "face"."""

    name: str
    rows: int
    properties: list[Property] = field(default_factory=list)


@dataclass(slots=True)
class Header:
    """All elements in the order of the file, and how their numbers are coded; ``length`` in bytes."""

    byte_order: str
    """"<" or ">", or "" for ASCII."""
    length: int
    axes: Axes
    elements: list[Element]


def parse_header(data: bytes, file: str | None) -> Header:
    """Read the header. Raises UnsupportedFile, CorruptFile or LimitExceeded."""
    if not data.startswith((b"ply\n", b"ply\r")):
        raise UnsupportedFile("not a PLY file: it does not begin with 'ply'", file=file, offset=0)
    end = data.find(b"end_header", 0, _MAX_HEADER)
    stop = data.find(b"\n", end) + 1 if end >= 0 else 0
    if not stop:
        raise CorruptFile(f"no end_header in the first {_MAX_HEADER} bytes", file=file, offset=0)
    header = Header("?", stop, "world", [])
    offset = 0
    for line in data[:end].splitlines(keepends=True):
        try:
            _parse_line(line.decode("ascii", "replace").split(), header, file)
        except (LookupError, ValueError) as error:
            if isinstance(error, CorruptFile):
                raise
            shown = line.strip()[:60].decode("ascii", "replace")
            raise CorruptFile(
                f"a PLY header line that makes no sense: {shown!r}", file=file, offset=offset
            ) from None
        offset += len(line)
    if header.byte_order == "?":
        raise CorruptFile("a PLY header without a format", file=file, offset=0)
    return header


def _parse_line(words: list[str], header: Header, file: str | None) -> None:
    match words:
        case ["format", "ascii", "1.0"]:
            header.byte_order = ""
        case ["format", coding, "1.0"]:
            header.byte_order = _BYTE_ORDERS[coding]
        case ["comment", "nearfar", "axes", "camera"]:
            header.axes = "camera"
        case ["ply"] | ["comment", *_] | ["obj_info", *_] | []:
            pass
        case ["element", name, count]:
            rows = int(count)
            if rows > MAX_ROWS:
                raise LimitExceeded(
                    f"{rows} rows of {name}, above the limit of {MAX_ROWS}",
                    file=file,
                    limit=MAX_ROWS,
                    value=rows,
                )
            if rows < 0 or any(element.name == name for element in header.elements):
                raise ValueError
            header.elements.append(Element(name, rows))
        case ["property", "list", count_type, item_type, name]:
            _add(header.elements[-1], Property(name, PLY_TYPES[item_type], PLY_TYPES[count_type]))
        case ["property", item_type, name]:
            _add(header.elements[-1], Property(name, PLY_TYPES[item_type]))
        case _:
            raise ValueError


def _add(element: Element, prop: Property) -> None:
    taken = any(prop.name == other.name for other in element.properties)
    if taken or len(element.properties) >= _MAX_PROPERTIES or (prop.count_type or "i1")[0] == "f":
        raise ValueError
    element.properties.append(prop)
