"""PLY, the polygon file that every point cloud viewer reads: written binary, read in all three codings.

::

    ply · format · element vertex N · property float x …  · element face F · property list … · end_header
    N vertices, then F faces, each as the header says

The reader trusts nothing: counts are held against the bytes that are there before anything is made.
Source: Greg Turk, The PLY Polygon File Format (1994).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.saving import Shape
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

if TYPE_CHECKING:
    from nearfar.depth.point_cloud import Axes

MAX_ROWS = 100_000_000
"""How many vertices or faces a file may claim."""
_MAX_HEADER = 1 << 16
_MAX_PROPERTIES = 256
_AXES_COMMENT = "nearfar axes "

_TYPES = {
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


def write_ply(shape: Shape) -> Iterator[bytes | memoryview]:
    """The pieces of a binary little-endian PLY file with float positions and uchar colours."""
    columns: list[tuple[str, str, NDArray[Any]]] = [
        (name, "float", shape.positions[:, i]) for i, name in enumerate(("x", "y", "z"))
    ]
    if shape.normals is not None:
        columns += [(name, "float", shape.normals[:, i]) for i, name in enumerate(("nx", "ny", "nz"))]
    if shape.colors is not None:
        columns += [(name, "uchar", shape.colors[:, i]) for i, name in enumerate(("red", "green", "blue"))]
    lines = ["ply", "format binary_little_endian 1.0", f"comment {_AXES_COMMENT}{shape.axes}"]
    lines.append(f"element vertex {len(shape.positions)}")
    lines += [f"property {kind} {name}" for name, kind, _ in columns]
    if shape.faces is not None:
        lines += [f"element face {len(shape.faces)}", "property list uchar int vertex_indices"]
    yield ("\n".join([*lines, "end_header"]) + "\n").encode("ascii")
    rows = np.empty(len(shape.positions), [(name, "<" + _TYPES[kind]) for name, kind, _ in columns])
    for name, _, values in columns:
        rows[name] = values
    yield rows.tobytes()
    if shape.faces is not None:
        faces = np.empty(len(shape.faces), [("count", "u1"), ("corners", "<i4", (3,))])
        faces["count"] = 3
        faces["corners"] = shape.faces
        yield faces.tobytes()


def read_ply(data: bytes, *, file: str | None = None) -> Shape:
    """The vertices of a PLY file, with their colours and normals, and its faces as triangles.

    Raises CorruptFile, UnsupportedFile or LimitExceeded, each with the byte that is at fault.
    """
    header = _parse_header(data, file)
    body = _Body(data, header, file)
    vertices: dict[str, NDArray[Any]] | None = None
    faces: NDArray[np.uint32] | None = None
    for element in header.elements:
        if element.name == "vertex" and vertices is None:
            vertices = body.columns(element)
        elif element.name == "face" and faces is None:
            faces = body.triangles(element)
        else:
            body.skip(element)
    if vertices is None:
        raise CorruptFile("a PLY file without vertices", file=file, offset=0)
    positions = _vectors(vertices, ("x", "y", "z"))
    if positions is None:
        raise CorruptFile("PLY vertices without x, y and z", file=file, offset=0)
    return Shape(positions, faces, _colors(vertices), _vectors(vertices, ("nx", "ny", "nz")), header.axes)


@dataclass(slots=True)
class _Property:
    name: str
    type: str
    count_type: str | None = None
    """The type of a list's length; None for a plain number."""


@dataclass(slots=True)
class _Element:
    name: str
    rows: int
    properties: list[_Property] = field(default_factory=list)


@dataclass(slots=True)
class _Header:
    byte_order: str
    """"<" or ">", or "" for ASCII."""
    length: int
    axes: Axes
    elements: list[_Element]


def _parse_header(data: bytes, file: str | None) -> _Header:
    if not data.startswith((b"ply\n", b"ply\r")):
        raise UnsupportedFile("not a PLY file: it does not begin with 'ply'", file=file, offset=0)
    end = data.find(b"end_header", 0, _MAX_HEADER)
    stop = data.find(b"\n", end) + 1 if end >= 0 else 0
    if not stop:
        raise CorruptFile(f"no end_header in the first {_MAX_HEADER} bytes", file=file, offset=0)
    header = _Header("?", stop, "world", [])
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


def _parse_line(words: list[str], header: _Header, file: str | None) -> None:
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
            header.elements.append(_Element(name, rows))
        case ["property", "list", count_type, item_type, name]:
            _add(header.elements[-1], _Property(name, _TYPES[item_type], _TYPES[count_type]))
        case ["property", item_type, name]:
            _add(header.elements[-1], _Property(name, _TYPES[item_type]))
        case _:
            raise ValueError


def _add(element: _Element, prop: _Property) -> None:
    taken = any(prop.name == other.name for other in element.properties)
    if taken or len(element.properties) >= _MAX_PROPERTIES or (prop.count_type or "i1")[0] == "f":
        raise ValueError
    element.properties.append(prop)


class _Body:
    """The rows after the header. ASCII numbers are read as float64 once, and then as binary ones."""

    def __init__(self, data: bytes, header: _Header, file: str | None) -> None:
        self.file = file
        self.data = data
        self.offset = header.length
        self.byte_order = header.byte_order
        self.ascii = not header.byte_order
        if self.ascii:
            try:
                numbers = np.array(data[header.length :].split(), np.bytes_).astype(np.float64)
            except ValueError as error:
                raise CorruptFile(
                    f"PLY text that is no number: {error}", file=file, offset=self.offset
                ) from None
            self.data, self.offset, self.byte_order = numbers.tobytes(), 0, "="

    def columns(self, element: _Element) -> dict[str, NDArray[Any]]:
        """Each property's numbers, (rows,). Raises UnsupportedFile when one is a list."""
        if any(prop.count_type for prop in element.properties):
            raise UnsupportedFile(f"PLY {element.name} rows that hold lists", file=self.file)
        if not element.properties:
            return {}
        layout = np.dtype([(prop.name, self._type(prop.type)) for prop in element.properties])
        table = self._numbers(layout, element.rows)
        return {prop.name: self._declared(prop, table[prop.name]) for prop in element.properties}

    def _declared(self, prop: _Property, numbers: NDArray[Any]) -> NDArray[Any]:
        """Numbers in the type that the header declares, which text has to keep to."""
        if not self.ascii:
            return numbers
        with np.errstate(invalid="ignore", over="ignore"):
            declared = numbers.astype(prop.type)
        if declared.dtype.kind != "f" and not np.array_equal(declared, numbers):
            raise CorruptFile(f"PLY text that is no {declared.dtype} in property {prop.name}", file=self.file)
        return declared

    def triangles(self, element: _Element) -> NDArray[np.uint32]:
        """(F, 3) uint32 from the lists of vertex indices, polygons split like a fan."""
        lists = [prop.name for prop in element.properties if prop.count_type]
        wanted = next((name for name in lists if name in ("vertex_indices", "vertex_index")), None)
        if wanted is None:
            raise UnsupportedFile("PLY faces without vertex_indices", file=self.file)
        corners = self._all_triangles(element, wanted) if len(lists) == 1 else None
        if corners is None:
            fans = [fan for row in self._rows(element) for fan in _fan(row[wanted])]
            corners = np.array(fans, np.float64).reshape(-1, 3)
        if corners.size and not (corners.min() >= 0 and corners.max() <= 0xFFFFFFFF):
            raise CorruptFile("a PLY face names a vertex below zero or beyond 32 bits", file=self.file)
        return corners.astype(np.uint32)

    def skip(self, element: _Element) -> None:
        """Pass over rows that nobody asked for."""
        if any(prop.count_type for prop in element.properties):
            for _ in self._rows(element):
                pass
        else:
            self.columns(element)

    def _all_triangles(self, element: _Element, wanted: str) -> NDArray[Any] | None:
        """The corners of all faces at once when each has three; None when one has not."""
        layout: list[tuple[Any, ...]] = []
        for prop in element.properties:
            if prop.count_type:
                layout += [("#", self._type(prop.count_type)), (prop.name, self._type(prop.type), (3,))]
            else:
                layout.append((prop.name, self._type(prop.type)))
        row = np.dtype(layout)
        if element.rows * row.itemsize > len(self.data) - self.offset:
            return None
        table = np.frombuffer(self.data, row, element.rows, self.offset)
        if not (table["#"] == 3).all():
            return None
        self.offset += element.rows * row.itemsize
        corners: NDArray[Any] = table[wanted]
        return corners

    def _rows(self, element: _Element) -> Iterator[dict[str, NDArray[Any]]]:
        for _ in range(element.rows):
            row = {}
            for prop in element.properties:
                length = 1.0
                if prop.count_type:
                    length = float(self._numbers(np.dtype(self._type(prop.count_type)), 1)[0])
                    if not (length >= 0 and length.is_integer()):
                        raise CorruptFile(
                            f"a PLY list of {length} items", file=self.file, offset=self._place()
                        )
                row[prop.name] = self._numbers(np.dtype(self._type(prop.type)), int(length))
            yield row

    def _numbers(self, layout: np.dtype[Any], count: int) -> NDArray[Any]:
        needed = count * layout.itemsize
        if needed > len(self.data) - self.offset:
            raise CorruptFile(
                f"the file ends before its {count} PLY rows do ({needed} bytes needed, "
                f"{len(self.data) - self.offset} there)",
                file=self.file,
                offset=self._place(),
            )
        numbers = np.frombuffer(self.data, layout, count, self.offset)
        self.offset += needed
        return numbers

    def _type(self, code: str) -> str:
        return "f8" if self.ascii else self.byte_order + code

    def _place(self) -> int | None:
        return None if self.ascii else self.offset


def _fan(corners: NDArray[Any]) -> Iterator[tuple[float, float, float]]:
    for second, third in pairwise(corners[1:]):
        yield float(corners[0]), float(second), float(third)


def _vectors(columns: dict[str, NDArray[Any]], names: tuple[str, str, str]) -> NDArray[np.float32] | None:
    if not all(name in columns for name in names):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return np.stack([columns[name].astype(np.float32) for name in names], axis=1)


def _colors(columns: dict[str, NDArray[Any]]) -> NDArray[np.uint8] | None:
    """uint8 colours from whatever the file holds: 0..255, 0..65535 (ushort) or 0..1 (float)."""
    names = ("red", "green", "blue")
    if not all(name in columns for name in names):
        return None
    stacked = np.stack([columns[name] for name in names], axis=1).astype(np.float64)
    kind = columns["red"].dtype
    if kind == np.uint16:
        stacked /= 257
    elif kind.kind == "f" and not (stacked.size and np.nanmax(stacked, initial=0) > 1):
        stacked *= 255
    codes: NDArray[np.uint8] = np.nan_to_num(np.clip(np.rint(stacked), 0, 255)).astype(np.uint8)
    return codes
