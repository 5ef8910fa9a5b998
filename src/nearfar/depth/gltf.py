"""glTF 2.0: the shape file that browsers, phones and headsets open. One mesh of points or triangles, unlit.

::

    .glb    "glTF" 2 length | JSON chunk | BIN chunk         .gltf   the JSON, its buffer inside as base64
    BIN     positions | normals | colours | indices          each an accessor on its own buffer view

glTF counts in metres with x right, y up, z towards the viewer, and vertex colours are linear; camera axes
are turned and sRGB colours are converted here. Source: Khronos, glTF 2.0, sections 3.6, 3.7 and 4.4.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.arrays import frozen
from nearfar.depth.saving import Shape
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

if TYPE_CHECKING:
    from nearfar.depth.point_cloud import Axes

_MAGIC, _JSON, _BIN = b"glTF", 0x4E4F534A, 0x004E4942
_FLOAT, _UNSIGNED_SHORT, _UNSIGNED_INT = 5126, 5123, 5125
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_POINTS, _TRIANGLES = 0, 4
_COMPONENTS = {_FLOAT: "<f4", _UNSIGNED_SHORT: "<u2", _UNSIGNED_INT: "<u4"}
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
_MAX_ROWS = 100_000_000
_MAX_JSON = 1 << 20
_DATA_URI = "data:application/octet-stream;base64,"


def write_glb(shape: Shape) -> Iterator[bytes]:
    """The pieces of a binary glTF file."""
    document, binary = _document(shape)
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    yield struct.pack("<4sIIII", _MAGIC, 2, 12 + 8 + len(text) + 8 + len(binary), len(text), _JSON)
    yield text
    yield struct.pack("<II", len(binary), _BIN)
    yield binary


def write_gltf(shape: Shape) -> Iterator[bytes]:
    """The pieces of a glTF file with its buffer inside."""
    document, binary = _document(shape)
    document["buffers"][0]["uri"] = _DATA_URI + base64.b64encode(binary).decode("ascii")
    yield json.dumps(document, indent=1).encode()


def _document(shape: Shape) -> tuple[dict[str, Any], bytes]:
    if not len(shape.positions):
        raise ValueError("glTF cannot hold a shape without points (accessors count at least 1)")
    accessors: list[dict[str, Any]] = []
    views: list[dict[str, Any]] = []
    binary = bytearray()

    def add(array: NDArray[Any], kind: str, component: int, target: int, **more: Any) -> int:
        data = array.astype(_COMPONENTS[component], copy=False).tobytes()
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data), "target": target})
        view = {"bufferView": len(views) - 1, "componentType": component, "count": len(array), "type": kind}
        accessors.append(view | more)
        binary.extend(data)
        binary.extend(bytes(-len(binary) % 4))
        return len(accessors) - 1

    positions = _turned(shape.positions, shape.axes)
    limits = {"min": positions.min(axis=0).tolist(), "max": positions.max(axis=0).tolist()}
    attributes = {"POSITION": add(positions, "VEC3", _FLOAT, _ARRAY_BUFFER, **limits)}
    if shape.normals is not None:
        normals = _turned(_units(shape.normals), shape.axes)
        attributes["NORMAL"] = add(normals, "VEC3", _FLOAT, _ARRAY_BUFFER)
    if shape.colors is not None:
        # Four components, since each vertex must begin on a multiple of four bytes; sixteen bits, since the
        # darkest sRGB codes lie closer together than 1/255 once they are linear.
        colors = np.full((len(shape.colors), 4), 0xFFFF, np.uint16)
        colors[:, :3] = _LINEAR_CODES[shape.colors]
        attributes["COLOR_0"] = add(colors, "VEC4", _UNSIGNED_SHORT, _ARRAY_BUFFER, normalized=True)
    primitive: dict[str, Any] = {"attributes": attributes, "mode": _POINTS, "material": 0}
    if shape.faces is not None and len(shape.faces):
        indices = add(shape.faces.reshape(-1), "SCALAR", _UNSIGNED_INT, _ELEMENT_ARRAY_BUFFER)
        primitive |= {"indices": indices, "mode": _TRIANGLES}
    material = {
        "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 1.0},
        "extensions": {"KHR_materials_unlit": {}},
        "doubleSided": True,
    }
    document = {
        "asset": {"version": "2.0", "generator": "nearfar"},
        "extensionsUsed": ["KHR_materials_unlit"],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [material],
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return document, bytes(binary)


def _turned(vectors: NDArray[np.float32], axes: Axes) -> NDArray[np.float32]:
    """Camera axes turned to glTF's (y up, z back): half a turn about x, as in `Pose.to_opengl`."""
    return vectors if axes == "world" else vectors * np.array([1, -1, -1], np.float32)


def _units(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normals of length 1, as glTF demands; one without a direction faces the viewer."""
    lengths = np.linalg.norm(normals.astype(np.float64), axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        units = np.where(lengths > 0, normals / lengths, (0.0, 0.0, -1.0))
    return units.astype(np.float32)


def _linear_codes() -> NDArray[np.uint16]:
    """The 16-bit linear code of each 8-bit sRGB code (IEC 61966-2-1)."""
    srgb = np.arange(256) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return frozen(np.rint(linear * 0xFFFF).astype(np.uint16))


_LINEAR_CODES = _linear_codes()


def read_glb(data: bytes, *, file: str | None = None) -> Shape:
    """The shape in a binary glTF file that nearfar wrote.

    Raises CorruptFile or LimitExceeded; UnsupportedFile on glTF that holds more than one plain shape.
    """
    if len(data) < 20 or not data.startswith(_MAGIC):
        raise UnsupportedFile("not a binary glTF file", file=file, offset=0)
    _, version, length, json_length, json_kind = struct.unpack_from("<4sIIII", data)
    if version != 2 or json_kind != _JSON:
        raise UnsupportedFile(f"glTF of version {version}; version 2 is read", file=file, offset=4)
    if length > len(data) or json_length > length - 20:
        raise CorruptFile(f"glTF of {length} bytes in a file of {len(data)}", file=file, offset=8)
    start = 20 + json_length
    document = _parse_json(data[20:start], file)
    binary = b""
    if start + 8 <= length:
        binary_length, kind = struct.unpack_from("<II", data, start)
        if kind != _BIN or binary_length > length - start - 8:
            raise CorruptFile("a glTF chunk that runs past the end", file=file, offset=start)
        binary = data[start + 8 : start + 8 + binary_length]
    return _read_document(document, binary, file)


def read_gltf(data: bytes, *, file: str | None = None) -> Shape:
    """The shape in a glTF file with its buffer inside, as nearfar writes it. Raises as `read_glb`."""
    document = _parse_json(data, file, limit=None)
    try:
        uri = document["buffers"][0]["uri"]
        if not (isinstance(uri, str) and uri.startswith(_DATA_URI)):
            raise UnsupportedFile("glTF whose buffer is not inside the file", file=file)
        binary = base64.b64decode(uri[len(_DATA_URI) :], validate=True)
    except (LookupError, TypeError, ValueError):
        raise CorruptFile("glTF without a readable buffer", file=file) from None
    return _read_document(document, binary, file)


def _parse_json(text: bytes, file: str | None, *, limit: int | None = _MAX_JSON) -> Any:
    if limit is not None and len(text) > limit:
        raise LimitExceeded(
            "glTF with a JSON part above 1 MiB", file=file, offset=12, limit=limit, value=len(text)
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorruptFile(f"glTF whose JSON cannot be read: {error}", file=file) from None


def _read_document(document: Any, binary: bytes, file: str | None) -> Shape:
    try:
        if document["asset"]["generator"] != "nearfar" or document["nodes"] != [{"mesh": 0}]:
            raise UnsupportedFile("glTF that nearfar did not write", file=file)
        primitive = document["meshes"][0]["primitives"][0]
        attributes = primitive["attributes"]
        positions = _read_accessor(document, binary, attributes["POSITION"], "VEC3", _FLOAT)
        normals = colors = faces = None
        if "NORMAL" in attributes:
            normals = _read_accessor(document, binary, attributes["NORMAL"], "VEC3", _FLOAT)
        if "COLOR_0" in attributes:
            codes = _read_accessor(document, binary, attributes["COLOR_0"], "VEC4", _UNSIGNED_SHORT)
            above = np.searchsorted(_LINEAR_CODES, codes[:, :3])
            colors = np.minimum(above, 255).astype(np.uint8)
        if "indices" in primitive:
            flat = _read_accessor(document, binary, primitive["indices"], "SCALAR", _UNSIGNED_INT)
            faces = flat.reshape(-1, 3)
        for values in (normals, colors):
            if values is not None and len(values) != len(positions):
                raise ValueError("attributes of different counts")
    except UnsupportedFile:
        raise
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CorruptFile(f"glTF that contradicts itself: {error}", file=file) from None
    return Shape(positions, faces, colors, normals, "world")


def _read_accessor(document: Any, binary: bytes, index: int, kind: str, component: int) -> NDArray[Any]:
    accessor = document["accessors"][_index(index)]
    view = document["bufferViews"][_index(accessor["bufferView"])]
    if accessor["type"] != kind or accessor["componentType"] != component:
        raise ValueError(f"accessor {index} is not {kind} of {component}")
    layout, width = np.dtype(_COMPONENTS[component]), _WIDTHS[kind]
    count, offset = _index(accessor["count"]), _index(view["byteOffset"])
    if count > _MAX_ROWS or offset + count * width * layout.itemsize > len(binary):
        raise ValueError(f"accessor {index} counts {count} rows, more than the buffer holds")
    values = np.frombuffer(binary, layout, count * width, offset)
    return values.reshape(count, width) if width > 1 else values


def _index(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no index")
    return value
