"""Rays against triangles, by Embree.

    origin, directions ── row bands, one thread each ──▶ the first face that each ray meets, or -1

Embree gives the face; depth is worked out from the face's plane afterwards, exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import MissingExtra
from nearfar.scene.tasks import in_parallel

__all__ = ["Caster", "require_embree"]

_BAND = 16384
"""Rays in one call to Embree: enough that threads seldom meet at Python's lock."""


def require_embree() -> tuple[Any, Any]:
    """Embree's scene and mesh modules; MissingExtra where they are not installed."""
    try:
        from embreex import mesh_construction, rtcore_scene
    except ImportError:
        raise MissingExtra("rendering a scene", extra="scene") from None
    return rtcore_scene, mesh_construction


class Caster:
    """Triangles (V, 3) float32, (F, 3) int32 that rays can be shot at; immutable."""

    __slots__ = ("_mesh", "_scene")

    def __init__(self, positions: NDArray[np.float32], faces: NDArray[np.int32]) -> None:
        rtcore_scene, mesh_construction = require_embree()
        self._scene = rtcore_scene.EmbreeScene()
        self._mesh = mesh_construction.TriangleMesh(self._scene, positions, faces)
        self.first_hits(np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32))  # builds the hierarchy

    def first_hits(self, origins: NDArray[np.float32], directions: NDArray[np.float32]) -> NDArray[np.int32]:
        """(N,) int32: the first face that each ray meets, or -1. Origins (N, 3) may be broadcast."""
        found = np.empty(len(directions), np.int32)

        def band(part: slice) -> None:
            found[part] = self._scene.run(origins[part], directions[part])

        in_parallel(band, _bands(len(directions)))
        return found

    def distances(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32]
    ) -> dict[str, NDArray[Any]]:
        """The first faces as ``primID`` and how far they are, in lengths of the direction, as ``tfar``."""
        found: dict[str, NDArray[Any]] = self._scene.run(origins, directions, output=True)
        return found

    def blocked(
        self, origins: NDArray[np.float32], directions: NDArray[np.float32], lengths: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """(N,) bool: whether something lies within ``lengths`` of the direction."""
        found = np.empty(len(directions), np.int32)

        def band(part: slice) -> None:
            reach = lengths[part].copy()
            found[part] = self._scene.run(origins[part], directions[part], dists=reach, query="OCCLUDED")

        in_parallel(band, _bands(len(directions)))
        return found >= 0


def _bands(count: int) -> list[slice]:
    return [slice(start, start + _BAND) for start in range(0, count, _BAND)]
