"""Scenes by name or from a file."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from nearfar.scene.casting import require_embree
from nearfar.scene.values import Scene

__all__ = ["BUILT_IN", "load"]

BUILT_IN = ("room", "portrait", "desk")
"""The names of the scenes that nearfar brings along."""


def load(
    name: str | os.PathLike[str],
    *,
    seed: int = 0,
    max_triangles: int = 5_000_000,
    max_pixels: int = 100_000_000,
) -> Scene:
    """A scene to render: a built-in one, or a user's glTF.

    Args:
        name: one of `BUILT_IN`, or the path of a ``.glb`` or ``.gltf`` file: metres, y up. Meshes,
            transforms, base colours, their pictures and vertex colours are read; a sun and a sky light them.
        seed: 0 or more; others give a built-in scene another layout, textures, colours and camera place.
        max_triangles: the most that a file may hold.
        max_pixels: the most that its pictures may hold together.

    Raises:
        ValueError: no scene of that name, or a seed below 0.
        MissingExtra: the extra ``scene`` (Embree and trimesh) is not installed.
        FileError: the file is no glTF 2.0 that can be read: UnsupportedFile, CorruptFile, LimitExceeded.
        OSError: the file cannot be read.
    """
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, not {seed}")
    if name in BUILT_IN:
        require_embree()
        return _built_in(str(name), seed)
    path = Path(name)
    if path.suffix.lower() not in (".glb", ".gltf"):
        raise ValueError(
            f"no scene is called {os.fspath(name)!r}: there are {', '.join(BUILT_IN)}, and glTF files"
        )
    require_embree()
    from nearfar.scene.gltf_files import load_gltf

    return load_gltf(path, max_triangles=max_triangles, max_pixels=max_pixels)


@lru_cache(maxsize=4)
def _built_in(name: str, seed: int) -> Scene:
    if name == "room":
        from nearfar.scene.built_in.room import room

        return room(seed)
    if name == "portrait":
        from nearfar.scene.built_in.portrait import portrait

        return portrait(seed)
    from nearfar.scene.built_in.desk import desk

    return desk(seed)
