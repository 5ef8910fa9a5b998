"""PLY, the polygon file that every point cloud viewer reads: written binary, read in all three codings.

::

    ply · format · element vertex N · property float x …  · element face F · property list … · end_header
    N vertices, then F faces, each as the header says

The reader trusts nothing: counts are held against the bytes that are there before anything is made.
Source: Greg Turk, The PLY Polygon File Format (1994).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.ply_header import PLY_TYPES, Element, Header, Property, parse_header
from nearfar.depth.saving import Shape
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

MAX_UNEVEN = 4_000_000
"""How many lists a file may hold where they differ in length, which is read one by one."""
_LONGEST_NUMBER = 64
_LARGEST_ROW = 1 << 30
_AXES_COMMENT = "nearfar axes "

_STRUCT_CODES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f8": "d"}


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
    rows = np.empty(len(shape.positions), [(name, "<" + PLY_TYPES[kind]) for name, kind, _ in columns])
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
    header = parse_header(data, file)
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


class _Body:
    """The rows after the header. ASCII numbers are read as float64 once, and then as binary ones."""

    def __init__(self, data: bytes, header: Header, file: str | None) -> None:
        self.file = file
        self.data = data
        self.offset = header.length
        self.byte_order = header.byte_order
        self.ascii = not header.byte_order
        if self.ascii:
            words = data[header.length :].split()
            longest = max(map(len, words), default=0)
            if longest > _LONGEST_NUMBER:
                raise CorruptFile(f"PLY text with a word of {longest} bytes", file=file, offset=self.offset)
            try:
                numbers = np.fromiter(map(float, words), np.float64, len(words))
            except ValueError as error:
                raise CorruptFile(
                    f"PLY text that is no number: {error}", file=file, offset=self.offset
                ) from None
            self.data, self.offset, self.byte_order = numbers.tobytes(), 0, "="

    def columns(self, element: Element) -> dict[str, NDArray[Any]]:
        """Each property's numbers, (rows,). Raises UnsupportedFile when one is a list."""
        if any(prop.count_type for prop in element.properties):
            raise UnsupportedFile(f"PLY {element.name} rows that hold lists", file=self.file)
        if not element.properties:
            return {}
        layout = np.dtype([(prop.name, self._type(prop.type)) for prop in element.properties])
        table = self._numbers(layout, element.rows)
        return {prop.name: self._declared(prop, table[prop.name]) for prop in element.properties}

    def _declared(self, prop: Property, numbers: NDArray[Any]) -> NDArray[Any]:
        """Numbers in the type that the header declares, which text has to keep to."""
        if not self.ascii:
            return numbers
        with np.errstate(invalid="ignore", over="ignore"):
            declared = numbers.astype(prop.type)
        if declared.dtype.kind != "f" and not np.array_equal(declared, numbers):
            raise CorruptFile(f"PLY text that is no {declared.dtype} in property {prop.name}", file=self.file)
        return declared

    def triangles(self, element: Element) -> NDArray[np.uint32]:
        """(F, 3) uint32 from the lists of vertex indices, polygons split like a fan."""
        lists = [prop.name for prop in element.properties if prop.count_type]
        wanted = next((name for name in lists if name in ("vertex_indices", "vertex_index")), None)
        if wanted is None:
            raise UnsupportedFile("PLY faces without vertex_indices", file=self.file)
        corners = _fans(*self._lists(element, wanted))
        if corners.size and not (corners.min() >= 0 and corners.max() <= 0xFFFFFFFF):
            raise CorruptFile("a PLY face names a vertex below zero or beyond 32 bits", file=self.file)
        return corners.astype(np.uint32)

    def skip(self, element: Element) -> None:
        """Pass over rows that nobody asked for."""
        if any(prop.count_type for prop in element.properties):
            self._lists(element, None)
        else:
            self.columns(element)

    def _lists(self, element: Element, wanted: str | None) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """The items of one list property, row after row, and how many each row has; moves past the rows."""
        if not element.rows:
            return np.empty(0), np.empty(0, np.int64)
        even = self._even_lists(element, wanted)
        return even if even is not None else self._uneven_lists(element, wanted)

    def _even_lists(
        self, element: Element, wanted: str | None
    ) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
        """`_lists` at once where every row has lists as long as the first row's; None where not."""
        layout: list[tuple[Any, ...]] = []
        lengths: dict[str, int] = {}
        chosen = ""
        at = self.offset
        for i, prop in enumerate(element.properties):
            length = 1
            if prop.count_type:
                count = np.dtype(self._type(prop.count_type))
                if at + count.itemsize > len(self.data):
                    return None
                length = self._length(float(np.frombuffer(self.data, count, 1, at)[0]), at)
                layout.append((f"count{i}", count))
                lengths[f"count{i}"] = length
                at += count.itemsize
            item = np.dtype(self._type(prop.type))
            at += length * item.itemsize
            if at > min(len(self.data), self.offset + _LARGEST_ROW):
                return None
            layout.append((f"items{i}", item, (length,)))
            chosen = f"items{i}" if prop.name == wanted else chosen
        row = np.dtype(layout)
        if element.rows * row.itemsize > len(self.data) - self.offset:
            return None
        table = np.frombuffer(self.data, row, element.rows, self.offset)
        if not all((table[name] == length).all() for name, length in lengths.items()):
            return None
        self.offset += element.rows * row.itemsize
        items = table[chosen] if chosen else np.empty((element.rows, 0))
        return items.reshape(-1), np.full(element.rows, items.shape[1], np.int64)

    def _uneven_lists(self, element: Element, wanted: str | None) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """`_lists` row by row: where a list ends is known only once its length is read."""
        steps, tail, item = self._steps(element, wanted)
        if element.rows * len(steps) > MAX_UNEVEN:
            raise LimitExceeded(
                f"{element.rows * len(steps)} lists of different lengths in {element.name}, above the limit "
                f"of {MAX_UNEVEN}",
                file=self.file,
                limit=MAX_UNEVEN,
                value=element.rows * len(steps),
            )
        starts, lengths = array("q"), array("q")
        at, end = self.offset, len(self.data)
        for _ in range(element.rows):
            for skip, count, size, chosen in steps:
                at += skip
                if at + count.size > end:
                    raise self._ends_early(element.rows)
                length = self._length(count.unpack_from(self.data, at)[0], at)
                at += count.size
                if at + length * size > end:
                    raise self._ends_early(element.rows)
                if chosen:
                    starts.append(at)
                    lengths.append(length)
                at += length * size
            at += tail
        if at > end:
            raise self._ends_early(element.rows)
        sizes = np.array(lengths, np.int64)
        filled = np.array(starts, np.int64)[sizes > 0] - self.offset
        edges = np.zeros(at - self.offset + 1, np.int8)
        # A length stands before each list, so no list begins where another one ends.
        edges[filled] = 1
        edges[filled + sizes[sizes > 0] * item.itemsize] = -1
        inside = np.cumsum(edges[:-1], dtype=np.int8).astype(bool)
        items = np.frombuffer(self.data, np.uint8, at - self.offset, self.offset)[inside].view(item)
        self.offset = at
        return items, sizes

    def _steps(
        self, element: Element, wanted: str | None
    ) -> tuple[list[tuple[int, struct.Struct, int, bool]], int, np.dtype[Any]]:
        """For each list the bytes before it, its length's coding, an item's size, whether it is wanted.

        Then the bytes behind the last list, and the type of the wanted items.
        """
        steps = []
        skip = 0
        wanted_item = np.dtype(np.uint8)
        for prop in element.properties:
            item = np.dtype(self._type(prop.type))
            if prop.count_type is None:
                skip += item.itemsize
                continue
            code = _STRUCT_CODES["f8" if self.ascii else prop.count_type]
            steps.append((skip, struct.Struct(self.byte_order + code), item.itemsize, prop.name == wanted))
            wanted_item = item if prop.name == wanted else wanted_item
            skip = 0
        return steps, skip, wanted_item

    def _length(self, length: float, at: int) -> int:
        if not length >= 0 or length % 1:
            raise CorruptFile(
                f"a PLY list of {length} items", file=self.file, offset=None if self.ascii else at
            )
        return int(length)

    def _ends_early(self, rows: int) -> CorruptFile:
        return CorruptFile(
            f"the file ends before its {rows} PLY rows do", file=self.file, offset=self._place()
        )

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


def _fans(items: NDArray[Any], lengths: NDArray[np.int64]) -> NDArray[Any]:
    """(T, 3) corners of the polygons that stand in ``items`` one after another, each split like a fan."""
    if (lengths == 3).all():
        return items.reshape(-1, 3)
    triangles = np.maximum(lengths - 2, 0)
    first = np.repeat(np.cumsum(lengths) - lengths, triangles)
    step = np.arange(len(first)) - np.repeat(np.cumsum(triangles) - triangles, triangles)
    return np.stack([items[first], items[first + step + 1], items[first + step + 2]], axis=1)


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
