"""The shapes that scenes are built of: grids of points, bent into boxes, vases, tubes and cloth.

    grid (rows, columns, 3) ──▶ Surface: positions, normals, texture coordinates, faces

Normals point to the side from which the columns run to the right when the rows run upwards: outwards, for
every closed shape here. Texture coordinates count whole pictures, s along the columns, t along the rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Surface",
    "ball",
    "box",
    "grid",
    "joined",
    "lathe",
    "patch",
    "tube",
    "tubes",
    "turn_x",
    "turn_y",
    "turn_z",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surface:
    """Triangles: positions and normals (V, 3), coordinates (V, 2), faces (F, 3)."""

    positions: Array
    normals: Array
    coordinates: Array
    faces: NDArray[np.int32]

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Surface:
        """The same elsewhere."""
        return replace(self, positions=self.positions + np.array((x, y, z)))

    def turned(self, rotation: Array) -> Surface:
        """The same turned about the origin by a (3, 3) rotation."""
        return replace(self, positions=self.positions @ rotation.T, normals=self.normals @ rotation.T)

    def stretched(self, x: float, y: float, z: float) -> Surface:
        """The same with other proportions."""
        normals = self.normals / (x, y, z)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return replace(self, positions=self.positions * (x, y, z), normals=normals)

    def mapped(self, scale: tuple[float, float], offset: tuple[float, float] = (0.0, 0.0)) -> Surface:
        """The same with other texture coordinates: times ``scale``, plus ``offset``."""
        return replace(self, coordinates=self.coordinates * scale + offset)

    def inside_out(self) -> Surface:
        """The same, seen from the other side."""
        return replace(self, normals=-self.normals, faces=self.faces[:, ::-1])


def joined(surfaces: list[Surface]) -> Surface:
    """Several surfaces as one."""
    starts = np.cumsum([0, *(len(surface.positions) for surface in surfaces)])
    return Surface(
        np.concatenate([surface.positions for surface in surfaces]),
        np.concatenate([surface.normals for surface in surfaces]),
        np.concatenate([surface.coordinates for surface in surfaces]),
        np.ascontiguousarray(
            np.concatenate([s.faces + start for s, start in zip(surfaces, starts, strict=False)]), np.int32
        ),
    )


def turn_x(angle: float) -> Array:
    """The rotation about the x axis, radians."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn_y(angle: float) -> Array:
    """The rotation about the y axis, radians."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def turn_z(angle: float) -> Array:
    """The rotation about the z axis, radians."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def grid(
    points: Array, *, around: bool = False, normals: Array | None = None, coordinates: Array | None = None
) -> Surface:
    """A (rows, columns, 3) grid as triangles; with ``around`` the last column lies on the first one."""
    rows, columns = points.shape[:2]
    if normals is None:
        across = np.gradient(points, axis=1)
        if around:
            across[:, 0] = across[:, -1] = points[:, 1] - points[:, -2]
        normals = np.cross(across, np.gradient(points, axis=0))
        lengths = np.linalg.norm(normals, axis=2, keepdims=True)
        normals = np.where(lengths > 0, normals / np.maximum(lengths, 1e-30), (0.0, 1.0, 0.0))
    if coordinates is None:
        coordinates = _unit_square(rows, columns)
    return Surface(
        points.reshape(-1, 3), normals.reshape(-1, 3), coordinates.reshape(-1, 2), _grid_faces(rows, columns)
    )


@lru_cache(maxsize=128)
def _unit_square(rows: int, columns: int) -> Array:
    coordinates = np.empty((rows, columns, 2))
    coordinates[..., 0] = np.linspace(0, 1, columns)
    coordinates[..., 1] = np.linspace(1, 0, rows)[:, np.newaxis]
    coordinates.flags.writeable = False
    return coordinates


@lru_cache(maxsize=128)
def _grid_faces(rows: int, columns: int) -> NDArray[np.int32]:
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2).reshape(-1, 3)
    faces.flags.writeable = False
    return faces


def patch(
    corner: ArrayLike, right: ArrayLike, up: ArrayLike, *, step: float = 0.1, tile: float | None = None
) -> Surface:
    """A flat parallelogram seen from the side where ``right`` is right and ``up`` is up.

    ``step`` is the edge of its triangles, metres; ``tile`` that of the texture, which else fits.
    """
    corner, right, up = (np.asarray(value, np.float64) for value in (corner, right, up))
    width, height = float(np.linalg.norm(right)), float(np.linalg.norm(up))
    u = np.linspace(0, 1, max(math.ceil(width / step), 1) + 1)
    v = np.linspace(0, 1, max(math.ceil(height / step), 1) + 1)
    points = corner + u[np.newaxis, :, np.newaxis] * right + v[:, np.newaxis, np.newaxis] * up
    scale = (1.0, 1.0) if tile is None else (width / tile, height / tile)
    made = grid(points, normals=np.broadcast_to(np.cross(right, up) / (width * height), points.shape))
    return made.mapped(scale)


def box(
    size: ArrayLike, *, radius: float = 0.004, step: float = 0.15, tile: float | None = None, bend: int = 1
) -> Surface:
    """A box about the origin, its edges rounded, the texture on each face (x or z to the right, y up)."""
    half = np.asarray(size, np.float64) / 2
    radius = min(radius, 0.999 * float(half.min()))
    stations = [_stations(float(side), radius, step, bend) for side in half]
    faces = []
    for right, up, out in _SIDES:
        u, v = (stations[int(np.flatnonzero(axis)[0])] for axis in (right, up))
        points = np.empty((len(v), len(u), 3))
        points[:] = out * half
        points += u[np.newaxis, :, np.newaxis] * right
        points += v[:, np.newaxis, np.newaxis] * up
        core = np.clip(points, radius - half, half - radius)
        out_of_core = points - core
        normals = out_of_core / np.sqrt((out_of_core * out_of_core).sum(axis=2, keepdims=True))
        coordinates = np.empty((len(v), len(u), 2))
        width, height = u[-1] - u[0], v[-1] - v[0]
        coordinates[..., 0] = (u - u[0]) / (tile or width)
        coordinates[..., 1] = ((v[-1] - v) / (tile or height))[:, np.newaxis]
        faces.append(grid(core + radius * normals, normals=normals, coordinates=coordinates))
    return joined(faces)


_SIDES = np.array(
    [
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((-1, 0, 0), (0, 1, 0), (0, 0, -1)),
        ((0, 0, -1), (0, 1, 0), (1, 0, 0)),
        ((0, 0, 1), (0, 1, 0), (-1, 0, 0)),
        ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
        ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    ],
    np.float64,
)
"""Of a box: which way is right, up and out of it."""


def _stations(half: float, radius: float, step: float, bend: int) -> Array:
    """Where the lines of a rounded face lie along one axis: close at the bends, ``step`` apart between."""
    inner = half - radius
    # An even turn along the bend: a point of the cube's face at tan(angle) from the core is at that angle.
    turn = [inner + radius * math.tan(math.pi / 4 * k / bend) for k in range(1, bend + 1)]
    cells = max(math.ceil(2 * inner / step), 1)
    flat = [-inner + 2 * inner / cells * k for k in range(cells)]
    return np.array([*(-at for at in reversed(turn)), *flat, inner, *turn])


def lathe(profile: ArrayLike, *, segments: int = 32, repeats: float = 1.0) -> Surface:
    """A profile of (radius, height) points, from the bottom up, turned about the y axis."""
    profile = np.asarray(profile, np.float64)
    angle = np.linspace(0, 2 * math.pi, segments + 1)
    points = np.empty((len(profile), segments + 1, 3))
    points[..., 0] = profile[:, :1] * np.sin(angle)
    points[..., 1] = profile[:, 1:]
    points[..., 2] = profile[:, :1] * np.cos(angle)
    slope = np.gradient(profile, axis=0)
    normals = np.empty_like(points)
    normals[..., 0] = slope[:, 1:] * np.sin(angle)
    normals[..., 1] = -slope[:, :1]
    normals[..., 2] = slope[:, 1:] * np.cos(angle)
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-30)
    return grid(points, around=True, normals=normals).mapped((repeats, 1.0))


def ball(radius: float, *, segments: int = 32, repeats: float = 1.0) -> Surface:
    """A ball about the origin."""
    angle = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    profile = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
    made = lathe(profile, segments=segments, repeats=repeats)
    return replace(made, normals=made.positions / radius)


def tube(path: ArrayLike, radius: ArrayLike, *, sides: int = 8, repeats: float = 1.0) -> Surface:
    """A tube along (N, 3) points; ``radius`` is one number or one for each point."""
    return tubes(np.asarray(path, np.float64)[np.newaxis], radius, sides=sides).mapped((1.0, repeats))


def tubes(paths: Array, radius: ArrayLike, *, sides: int = 8) -> Surface:
    """Tubes along (T, N, 3) points, as one surface; ``radius`` is one number or one for each of N points."""
    count, length = paths.shape[:2]
    along = np.gradient(paths, axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=2, keepdims=True), 1e-30)
    across = np.empty_like(paths)
    seed = np.eye(3)[np.argmin(np.abs(along[:, 0]), axis=1)]
    for k in range(length):  # carried along without twist
        direction = along[:, k]
        seed = seed - direction * (seed * direction).sum(axis=1, keepdims=True)
        seed /= np.linalg.norm(seed, axis=1, keepdims=True)
        across[:, k] = seed
    beside = np.cross(along, across)
    angle = np.linspace(0, 2 * math.pi, sides + 1)[:, np.newaxis]
    normals = np.cos(angle) * across[:, :, np.newaxis] + np.sin(angle) * beside[:, :, np.newaxis]
    spread = np.broadcast_to(np.asarray(radius, np.float64), (length,))[:, np.newaxis, np.newaxis]
    points = paths[:, :, np.newaxis] + spread * normals
    each = length * (sides + 1)
    faces = _grid_faces(length, sides + 1) + np.arange(0, count * each, each, dtype=np.int32).reshape(
        -1, 1, 1
    )
    return Surface(
        points.reshape(-1, 3),
        normals.reshape(-1, 3),
        np.tile(_unit_square(length, sides + 1).reshape(-1, 2), (count, 1)),
        faces.reshape(-1, 3),
    )
