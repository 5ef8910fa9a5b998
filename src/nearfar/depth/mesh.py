"""`Mesh`: a surface of triangles with vertex colours, as a depth map gives it and as viewers read it."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.arrays import adopt, as_colors, as_vectors, frozen
from nearfar.depth.point_cloud import Axes, bounds, check_axes, rotated, same_fields, shape_words
from nearfar.depth.pose import Pose


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mesh:
    """Triangles over V vertices in metres.

    ``vertices`` is (V, 3) float32, finite; ``faces`` is (F, 3) uint32, three vertices each, counter-clockwise
    seen from the side that the surface faces; ``colors`` is (V, 3) uint8 sRGB or None; ``normals`` is (V, 3)
    float32 or None. ``axes`` is "camera" (x right, y down, z forward) or "world" (right-handed, y up).
    Raises TypeError or ValueError when an array has another shape or dtype, or a face names no vertex.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    colors: NDArray[np.uint8] | None = None
    normals: NDArray[np.float32] | None = None
    axes: Axes = "camera"

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "vertices", as_vectors("vertices", self.vertices))
        set_field(self, "faces", _checked_faces(self.faces, len(self.vertices)))
        if self.colors is not None:
            set_field(self, "colors", as_colors(self.colors, len(self.vertices)))
        if self.normals is not None:
            set_field(self, "normals", as_vectors("normals", self.normals, len(self.vertices)))
        check_axes(self.axes)

    @property
    def bounds(self) -> NDArray[np.float32]:
        """(2, 3) float32: the least and the greatest x, y, z. Raises ValueError on an empty mesh."""
        return bounds(self.vertices)

    def face_normals(self) -> NDArray[np.float32]:
        """(F, 3) float32: the direction each triangle faces, of length 1; NaN for one without area."""
        a, b, c = (self.vertices[self.faces[:, corner]].astype(np.float64) for corner in range(3))
        normals = np.cross(b - a, c - a)
        with np.errstate(invalid="ignore", divide="ignore"):
            normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return normals.astype(np.float32)

    def transformed(self, parent_from_here: Pose, *, axes: Axes | None = None) -> Mesh:
        """The mesh in the parent frame of a pose; `axes` names the parent's axes where they change.

        A mirrored pose turns the triangles over as well, so that they still face the same side.
        """
        normals = None if self.normals is None else rotated(self.normals, parent_from_here)
        vertices = frozen(parent_from_here.apply(self.vertices).astype(np.float32))
        faces = frozen(self.faces[:, ::-1].copy()) if parent_from_here.is_mirrored else self.faces
        return replace(self, vertices=vertices, faces=faces, normals=normals, axes=axes or self.axes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the mesh as ``.ply`` (binary), ``.glb`` or ``.gltf``, chosen by the suffix.

        PLY keeps the axes as they are. glTF has y up: a mesh in camera axes is turned upright. The file is
        replaced as a whole or not at all. Raises ValueError on another suffix, OSError when writing fails.
        """
        from nearfar.depth.saving import save_shape

        save_shape(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Mesh:
        """Read a ``.ply`` (ASCII or binary), or a ``.glb``/``.gltf`` that nearfar wrote.

        Polygons are split into triangles; a file without faces gives a mesh without faces. A file that does
        not say which way its axes point is taken as "world". Raises CorruptFile, UnsupportedFile or
        LimitExceeded, and OSError when reading fails.
        """
        from nearfar.depth.saving import load_shape

        loaded = load_shape(Path(path))
        faces = np.zeros((0, 3), np.uint32) if loaded.faces is None else loaded.faces
        return Mesh(loaded.positions, faces, loaded.colors, loaded.normals, loaded.axes)

    def equals(self, other: object) -> bool:
        """True when every number is the same."""
        return isinstance(other, Mesh) and same_fields(self, other)

    def __reduce__(self) -> tuple[type[Mesh], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        counts = [f"{len(self.vertices):,} vertices", f"{len(self.faces):,} faces"]
        return f"Mesh({', '.join([*counts, *shape_words(self)])})"


def _checked_faces(faces: ArrayLike, count: int) -> NDArray[np.uint32]:
    array = np.asarray(faces)
    if array.dtype.kind not in "iu":
        raise TypeError(f"faces must be integers (indices of vertices); got {array.dtype}")
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(f"faces must have shape (F, 3); got {array.shape}")
    if array.size and (array.min() < 0 or array.max() >= count):
        raise ValueError(f"faces name vertices {array.min()}..{array.max()}, of which there are {count}")
    if array.dtype != np.uint32:
        array = frozen(array.astype(np.uint32))
    return adopt(array)
