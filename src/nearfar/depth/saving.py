"""Files of shapes: the format that a suffix means, and what such a file holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import CorruptFile
from nearfar.files import write_file

if TYPE_CHECKING:
    from nearfar.depth.mesh import Mesh
    from nearfar.depth.point_cloud import Axes, PointCloud

_SUFFIXES = (".ply", ".glb", ".gltf")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file of points or triangles holds: (N, 3) positions and what goes with them.

    ``faces`` is None for points.
    """

    positions: NDArray[np.float32]
    faces: NDArray[np.uint32] | None
    colors: NDArray[np.uint8] | None
    normals: NDArray[np.float32] | None
    axes: Axes

    @classmethod
    def of(cls, value: PointCloud | Mesh) -> Shape:
        """The arrays of a cloud or a mesh."""
        from nearfar.depth.mesh import Mesh

        if isinstance(value, Mesh):
            return cls(value.vertices, value.faces, value.colors, value.normals, value.axes)
        return cls(value.positions, None, value.colors, value.normals, value.axes)


def save_shape(value: PointCloud | Mesh, path: str | os.PathLike[str]) -> None:
    """Write a cloud or a mesh in the format of the path's suffix. Raises ValueError on another suffix."""
    suffix = _suffix(Path(path))
    shape = Shape.of(value)
    if suffix == ".ply":
        from nearfar.depth.ply import write_ply

        write_file(path, write_ply(shape))
    else:
        from nearfar.depth.gltf import write_glb, write_gltf

        write_file(path, write_glb(shape) if suffix == ".glb" else write_gltf(shape))


def load_shape(path: Path) -> Shape:
    """Read a cloud or a mesh in the format of the path's suffix; errors name the file."""
    suffix = _suffix(path)
    data = path.read_bytes()
    if suffix == ".ply":
        from nearfar.depth.ply import read_ply

        shape = read_ply(data, file=str(path))
    else:
        from nearfar.depth.gltf import read_glb, read_gltf

        shape = read_glb(data, file=str(path)) if suffix == ".glb" else read_gltf(data, file=str(path))
    for name, array in (("positions", shape.positions), ("normals", shape.normals)):
        if array is not None and not np.isfinite(array).all():
            raise CorruptFile(f"{name} that are NaN or infinite", file=str(path))
    if shape.faces is not None and shape.faces.size and shape.faces.max() >= len(shape.positions):
        raise CorruptFile(
            f"a face names vertex {shape.faces.max()} of {len(shape.positions)}", file=str(path)
        )
    return shape


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(f"the suffix of {path.name!r} must be one of {', '.join(_SUFFIXES)}")
    return suffix
