"""Scenes with a known truth: a scene, a pose and a calibration become colour and exact depth.

    load("room") ──▶ Scene ──┬─ render(scene, calibration, pose, time) ──▶ color, depth, normals, ids
                             └─ render_pair(scene, rig, pose, time) ──▶ two of these, shift, occluded

Needs the extra ``scene``. Names load when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nearfar.scene.loading import BUILT_IN as BUILT_IN
    from nearfar.scene.loading import load as load
    from nearfar.scene.pairs import RenderedPair as RenderedPair
    from nearfar.scene.pairs import render_pair as render_pair
    from nearfar.scene.rendering import Rendering as Rendering
    from nearfar.scene.rendering import SensorNoise as SensorNoise
    from nearfar.scene.rendering import render as render
    from nearfar.scene.values import Scene as Scene

_HOMES = {
    "loading": "BUILT_IN load",
    "pairs": "RenderedPair render_pair",
    "rendering": "Rendering SensorNoise render",
    "values": "Scene",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the single list


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'nearfar.scene' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"nearfar.scene.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
