"""Scenes by name or from a file."""

from __future__ import annotations

import os
from functools import lru_cache

from nearfar.scene.casting import require_embree
from nearfar.scene.values import Scene

__all__ = ["BUILT_IN", "load"]

BUILT_IN = ("room", "portrait", "desk")
"""The names of the scenes that nearfar brings along."""


def load(name: str | os.PathLike[str], *, seed: int = 0) -> Scene:
    """A scene to render.

    Args:
        name: one of `BUILT_IN`.
        seed: other seeds give other layouts, textures, colours and camera places of a built-in scene.

    Raises:
        ValueError: no scene of that name.
        MissingExtra: Embree is not installed.
    """
    if name in BUILT_IN:
        require_embree()
        return _built_in(str(name), seed)
    raise ValueError(f"no scene is called {os.fspath(name)!r}: there are {', '.join(BUILT_IN)}")


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
