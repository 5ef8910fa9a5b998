"""`PointCloud`: points in space with their colours, as a depth map gives them and as viewers read them."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.depth.arrays import as_colors, as_vectors, frozen
from nearfar.depth.pose import Pose

Axes = Literal["camera", "world"]
"""Which way the axes point: "camera" is x right, y down, z forward; "world" is right-handed with y up."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PointCloud:
    """N points in metres, with their colours and normals where known.

    ``positions`` is (N, 3) float32, finite; ``colors`` is (N, 3) uint8 sRGB or None; ``normals`` is (N, 3)
    float32 of length 1 or None. ``axes`` says how to turn the cloud upright in a file that has a y axis of
    its own: "camera" (x right, y down, z forward) or "world" (right-handed, y up). N may be 0.
    Raises TypeError or ValueError when an array has another shape or dtype or is not finite.
    """

    positions: NDArray[np.float32]
    colors: NDArray[np.uint8] | None = None
    normals: NDArray[np.float32] | None = None
    axes: Axes = "camera"

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "positions", as_vectors("positions", self.positions))
        if self.colors is not None:
            set_field(self, "colors", as_colors(self.colors, len(self)))
        if self.normals is not None:
            set_field(self, "normals", as_vectors("normals", self.normals, len(self)))
        check_axes(self.axes)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def bounds(self) -> NDArray[np.float32]:
        """(2, 3) float32: the least and the greatest x, y, z. Raises ValueError on an empty cloud."""
        return bounds(self.positions)

    def transformed(self, parent_from_here: Pose, *, axes: Axes | None = None) -> PointCloud:
        """The cloud in the parent frame of a pose; `axes` names the parent's axes where they change."""
        normals = None if self.normals is None else rotated(self.normals, parent_from_here)
        positions = frozen(parent_from_here.apply(self.positions).astype(np.float32))
        return replace(self, positions=positions, normals=normals, axes=axes or self.axes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the cloud as ``.ply`` (binary), ``.glb`` or ``.gltf``, chosen by the suffix.

        PLY keeps the axes as they are. glTF has y up: a cloud in camera axes is turned upright. The file is
        replaced as a whole or not at all. Raises ValueError on another suffix, OSError when writing fails.
        """
        from nearfar.depth.saving import save_shape

        save_shape(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> PointCloud:
        """Read a ``.ply`` (ASCII or binary), or a ``.glb``/``.gltf`` that nearfar wrote.

        The vertices of a mesh are read as points. A file that does not say which way its axes point is taken
        as "world". Raises CorruptFile, UnsupportedFile or LimitExceeded, and OSError when reading fails.
        """
        from nearfar.depth.saving import load_shape

        loaded = load_shape(Path(path))
        return PointCloud(loaded.positions, loaded.colors, loaded.normals, loaded.axes)

    def equals(self, other: object) -> bool:
        """True when every number is the same."""
        return isinstance(other, PointCloud) and same_fields(self, other)

    def __reduce__(self) -> tuple[type[PointCloud], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        return f"PointCloud({', '.join([f'{len(self):,} points', *shape_words(self)])})"


def check_axes(axes: str) -> None:
    """Raise ValueError unless `axes` is "camera" or "world"."""
    if axes not in ("camera", "world"):
        raise ValueError(f'axes must be "camera" or "world"; got {axes!r}')


def bounds(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """(2, 3) float32: the least and the greatest x, y, z. Raises ValueError when there are none."""
    if not len(positions):
        raise ValueError("without points there are no bounds")
    return np.stack([positions.min(axis=0), positions.max(axis=0)])


def rotated(normals: NDArray[np.float32], pose: Pose) -> NDArray[np.float32]:
    """Directions (N, 3) in the parent frame of `pose`."""
    return frozen((normals @ pose.rotation.T).astype(np.float32))


def same_fields(left: Any, right: Any) -> bool:
    """True when two values of one dataclass hold the same arrays and settings."""
    for field in fields(left):
        mine, theirs = getattr(left, field.name), getattr(right, field.name)
        same = (
            np.array_equal(mine, theirs) if isinstance(mine, np.ndarray) else mine is theirs or mine == theirs
        )
        if not same:
            return False
    return True


def shape_words(shape: Any) -> list[str]:
    """What ``repr`` says of a cloud or mesh beyond its size."""
    words = [name for name in ("colors", "normals") if getattr(shape, name) is not None]
    return [*(["with " + " and ".join(words)] if words else []), f"{shape.axes} axes"]
