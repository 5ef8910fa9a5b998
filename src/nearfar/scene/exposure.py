"""How bright a scene's pictures are: set once, from a small picture of it, as a camera meters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nearfar.depth import Calibration
from nearfar.scene.rendering import linear_picture
from nearfar.scene.values import Scene

__all__ = ["exposure_for"]

_MIDDLE_GREY = 0.18
_BRIGHT = 0.7


def exposure_for(scene: Scene, brightness: float) -> Scene:
    """The scene with an exposure that makes ``brightness`` times middle grey of its mean, or less."""
    camera = Calibration.from_field_of_view(1.0, (64, 48))
    light = linear_picture(scene, camera, (64, 48), scene.pose, 0.0).mean(axis=-1)
    mean = float(np.exp(np.log(np.clip(light, 1e-4, 1e4)).mean()))
    bright = float(np.quantile(light, 0.95)) + 1e-4
    return replace(scene, exposure=min(_MIDDLE_GREY * brightness / mean, _BRIGHT * brightness / bright))
