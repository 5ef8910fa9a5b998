"""A user's glTF file as a scene: meshes in their places, base colours, their pictures, vertex colours.

    .glb / .gltf ── what it asks for, checked ── trimesh ──▶ surfaces and materials ── daylight ──▶ Scene

The other kinds of material (normal maps, transparency) are left out: a mesh is opaque, and lit by a sun and a
sky. Source: Khronos, glTF 2.0.
"""

from __future__ import annotations

import io
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import CorruptFile, FileError, LimitExceeded, MissingExtra, UnsupportedFile
from nearfar.scene.building import Builder, looking_at
from nearfar.scene.surfaces import Surface
from nearfar.scene.values import Material, Scene, Sky

__all__ = ["load_gltf"]

_LARGEST_SIDE = 4096
_LARGEST_NUMBER = 1e6
"""Metres: beyond that a scene is not one."""


def load_gltf(path: Path, *, max_triangles: int, max_pixels: int) -> Scene:
    """The scene in a .glb or .gltf file; raises as `nearfar.scene.load`."""
    try:
        import trimesh
    except ImportError:
        raise MissingExtra("reading a glTF scene", extra="scene") from None
    data = path.read_bytes()
    _check_document(_document(data, path), path, max_triangles)
    try:
        resolver = trimesh.resolvers.FilePathResolver(str(path))
        found = trimesh.load_scene(
            io.BytesIO(data), file_type=path.suffix.lower()[1:], resolver=resolver, process=False
        )
        builder = Builder(_daylight())
        _add_meshes(builder, found, path, max_triangles, max_pixels)
    except FileError:
        raise
    except Exception as error:  # trimesh raises whatever it comes upon
        raise CorruptFile(f"glTF that cannot be read: {_words(error)}", file=str(path)) from error
    if not builder.pieces:
        raise UnsupportedFile("glTF without a triangle", file=str(path))
    return _looked_at(builder, str(path))


def _words(error: Exception) -> str:
    text = str(error).partition("\n")[0][:120]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _document(data: bytes, path: Path) -> dict[str, Any]:
    """The JSON of a glTF file."""
    text = data
    if path.suffix.lower() == ".glb":
        if len(data) < 20 or data[:4] != b"glTF":
            raise CorruptFile("not a binary glTF file", file=str(path), offset=0)
        version, _, length, kind = struct.unpack_from("<IIII", data, 4)
        if version != 2:
            raise UnsupportedFile(f"glTF of version {version}; version 2 is read", file=str(path), offset=4)
        if kind != 0x4E4F534A or length > len(data) - 20:
            raise CorruptFile("glTF whose first part is not its JSON", file=str(path), offset=12)
        text = data[20 : 20 + length]
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorruptFile(f"glTF whose JSON cannot be read: {_words(error)}", file=str(path)) from None
    if not isinstance(document, dict):
        raise CorruptFile("glTF whose JSON is not an object", file=str(path))
    return document


def _check_document(document: dict[str, Any], path: Path, max_triangles: int) -> None:
    """Refuse what asks for too much, or for files outside its folder, before anything is read."""
    try:
        numbers = sum(int(accessor["count"]) for accessor in document.get("accessors", []))
        links = [
            str(item["uri"])
            for kind in ("buffers", "images")
            for item in document.get(kind, [])
            if "uri" in item
        ]
        required = [str(name) for name in document.get("extensionsRequired", [])]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise CorruptFile(f"glTF that contradicts itself: {_words(error)}", file=str(path)) from None
    # A triangle has three indices and at most three vertices of a handful of attributes each.
    if numbers > 40 * max_triangles:
        raise LimitExceeded(
            f"glTF with {numbers:,} numbers; pass max_triangles= to read more",
            file=str(path),
            limit=40 * max_triangles,
            value=numbers,
        )
    for link in links:
        if link.startswith("data:"):
            continue
        if "://" in link or Path(link).is_absolute() or ".." in Path(link).parts or "%2e" in link.lower():
            raise UnsupportedFile(f"glTF that links outside its folder: {link[:80]!r}", file=str(path))
        if not (path.parent / link).is_file() and not (path.parent / link.replace("%20", " ")).is_file():
            raise CorruptFile(f"glTF whose part {link[:80]!r} is not beside it", file=str(path))
    compressed = [name for name in required if "compression" in name or "meshopt" in name]
    if compressed:
        raise UnsupportedFile(f"glTF with {', '.join(compressed)}", file=str(path))


def _add_meshes(builder: Builder, found: Any, path: Path, max_triangles: int, max_pixels: int) -> None:
    materials: dict[int, Material] = {}
    triangles = pixels = 0
    for node in sorted(found.graph.nodes_geometry):
        transform, name = found.graph[node]
        mesh = found.geometry[name]
        faces = getattr(mesh, "faces", None)
        if faces is None or not len(faces):
            continue
        triangles += len(faces)
        if triangles > max_triangles:
            raise LimitExceeded(
                f"glTF with more than {max_triangles:,} triangles; pass max_triangles= to read more",
                file=str(path),
                limit=max_triangles,
                value=triangles,
            )
        visual = mesh.visual
        source = getattr(visual, "material", None)
        if id(source) not in materials:
            picture = getattr(source, "baseColorTexture", None)
            pixels += 0 if picture is None else picture.width * picture.height
            if pixels > max_pixels:
                raise LimitExceeded(
                    f"glTF with pictures of {pixels:,} pixels; pass max_pixels= to read more",
                    file=str(path),
                    limit=max_pixels,
                    value=pixels,
                )
            materials[id(source)] = _material(source, picture)
        surface, index = _surface(mesh, transform, path)
        tint = _tint(visual, len(mesh.vertices))
        builder.add(str(name), surface, materials[id(source)], tint=None if tint is None else tint[index])


def _surface(mesh: Any, transform: NDArray[np.float64], path: Path) -> tuple[Surface, NDArray[np.int64]]:
    """A mesh in its place in the world, and which of its vertices each one of the surface is."""
    positions = np.asarray(mesh.vertices, np.float64) @ transform[:3, :3].T + transform[:3, 3]
    if not (np.abs(positions) < _LARGEST_NUMBER).all():
        raise CorruptFile("glTF with vertices that are nowhere", file=str(path))
    mirrored = float(np.linalg.det(transform[:3, :3])) < 0
    faces = np.asarray(mesh.faces, np.int64)[:, :: -1 if mirrored else 1]
    if faces.min() < 0 or faces.max() >= len(positions):
        raise CorruptFile("glTF with faces whose vertices are not there", file=str(path))
    coordinates = np.zeros((len(positions), 2))
    uv = getattr(mesh.visual, "uv", None)
    if uv is not None and np.shape(uv) == (len(positions), 2):
        coordinates[:, 0], coordinates[:, 1] = uv[:, 0], 1.0 - uv[:, 1]
        coordinates[~(np.abs(coordinates) < _LARGEST_NUMBER)] = 0.0
    return _creased(positions, coordinates, faces)


def _creased(
    positions: NDArray[np.float64], coordinates: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[Surface, NDArray[np.int64]]:
    """The surface with normals that are smooth but where faces meet at an edge, and whose vertex each one is.

    A corner whose face is turned from the vertex's mean normal by more than 45 degrees gets a vertex of its
    own, with the face's normal.
    """
    a, b, c = (positions[faces[:, corner]] for corner in range(3))
    flat = np.cross(b - a, c - a)
    of_face = _unit(flat)

    def mean_of(counts: NDArray[np.bool_]) -> NDArray[np.float64]:
        total = np.zeros_like(positions)
        for corner in range(3):
            for axis in range(3):
                weights = flat[:, axis] * counts[:, corner]
                total[:, axis] += np.bincount(faces[:, corner], weights, len(positions))
        return _unit(total)

    mean = mean_of(np.ones(faces.shape, np.bool_))
    sharp = np.einsum("fca,fa->fc", mean[faces], of_face) < math.sqrt(0.5)
    mean = mean_of(~sharp)
    rows, corners = np.nonzero(sharp)
    index = np.concatenate([np.arange(len(positions)), faces[rows, corners]])
    split = faces.copy()
    split[rows, corners] = len(positions) + np.arange(len(rows))
    normals = np.concatenate([mean, of_face[rows]])
    return Surface(positions[index], normals, coordinates[index], split.astype(np.int32)), index


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(lengths > 0, vectors / np.maximum(lengths, 1e-300), (0.0, 1.0, 0.0))


def _tint(visual: Any, count: int) -> NDArray[np.float64] | None:
    """Vertex colours (V, 3), linear, or None."""
    colors = (
        getattr(visual, "vertex_attributes", {}).get("color")
        if hasattr(visual, "vertex_attributes")
        else None
    )
    if colors is None and getattr(visual, "kind", None) == "vertex":
        colors = visual.vertex_colors
    if colors is None or np.shape(colors)[:1] != (count,) or np.ndim(colors) != 2:
        return None
    values = np.asarray(colors)[:, :3]
    scale = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1.0
    return np.clip(np.nan_to_num(values.astype(np.float64) / scale), 0.0, 1.0)


def _material(source: Any, picture: Any) -> Material:
    """Base colour and a gloss by roughness and metal, as far as they are here."""
    factor = getattr(source, "baseColorFactor", None)
    albedo = np.ones(3) if factor is None else np.asarray(factor, np.float64)[:3]
    if factor is not None and np.asarray(factor).dtype.kind in "iu":
        albedo = albedo / 255.0
    albedo = np.clip(np.nan_to_num(albedo, nan=1.0), 0.0, 1.0)
    rough = _share(getattr(source, "roughnessFactor", None), 1.0)
    metal = _share(getattr(source, "metallicFactor", None), 0.0)
    glow = getattr(source, "emissiveFactor", None)
    emission = (
        np.zeros(3) if glow is None else np.clip(np.nan_to_num(np.asarray(glow, np.float64)), 0, 100)[:3]
    )
    # A cosine to the power of 2/r⁴ is as wide as a highlight of roughness r² (Walter et al. 2007).
    gloss = int(np.clip(round(math.log2(2.0 / max(rough, 0.17) ** 4)), 0, 10))
    return Material(
        (float(albedo[0]), float(albedo[1]), float(albedo[2])),
        None if picture is None else _texels(picture),
        (0.04 + 0.36 * metal) * (1.0 - rough) ** 0.5,
        gloss,
        (float(emission[0]), float(emission[1]), float(emission[2])),
    )


def _share(value: Any, default: float) -> float:
    return default if value is None or not math.isfinite(float(value)) else min(max(float(value), 0.0), 1.0)


def _texels(picture: Any) -> NDArray[np.uint8]:
    """A picture with sides that are powers of two, in the texture's code."""
    from PIL import Image

    from nearfar.scene.textures import as_texels

    width, height = (min(1 << max(round(math.log2(side)), 0), _LARGEST_SIDE) for side in picture.size)
    fitted = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    return as_texels(np.asarray(fitted, np.float64) / 255.0)


def _daylight() -> Sky:
    return Sky(shine=1.0, sun_direction=(0.45, 0.75, 0.55), sun_color=(2.2, 2.05, 1.8), sun_spread=0.05)


def _looked_at(builder: Builder, name: str) -> Scene:
    """The scene from a place that shows all of it."""
    corners = np.concatenate([piece.surface.positions for piece in builder.pieces])
    low, high = corners.min(axis=0), corners.max(axis=0)
    center = (low + high) / 2
    reach = max(float(np.linalg.norm(high - low)) / 2, 1e-3)
    place = center + np.array((0.5, 0.35, 1.0)) / np.linalg.norm((0.5, 0.35, 1.0)) * reach * 2.1
    return builder.finish(name, looking_at([*place], [*center]))
