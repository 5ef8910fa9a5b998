"""Scenes with a known truth: a scene, a pose and a calibration become colour and exact depth.

    load("room") ──▶ Scene ──┬─ render(scene, calibration, pose, time) ──▶ color, depth, normals, ids
                             └─ render_pair(scene, rig, pose, time) ──▶ two of these, shift, occluded

Needs the extra ``scene``. Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.scene.loading import BUILT_IN as BUILT_IN
    from nearfar.scene.loading import load as load
    from nearfar.scene.pairs import RenderedPair as RenderedPair
    from nearfar.scene.pairs import render_pair as render_pair
    from nearfar.scene.rendering import Rendering as Rendering
    from nearfar.scene.rendering import SensorNoise as SensorNoise
    from nearfar.scene.rendering import render as render
    from nearfar.scene.rendering import render_color as render_color
    from nearfar.scene.values import Scene as Scene

_HOMES = {
    "loading": "BUILT_IN load",
    "pairs": "RenderedPair render_pair",
    "rendering": "Rendering SensorNoise render render_color",
    "values": "Scene",
}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
