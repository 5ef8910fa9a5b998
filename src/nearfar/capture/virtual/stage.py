"""Where a virtual camera stands: a scene, a place in it from which there is something to see, and a path."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from nearfar.capture.virtual.lenses import Lens
from nearfar.capture.virtual.options import Options
from nearfar.capture.virtual.paths import Path, path
from nearfar.depth import Calibration, Pose
from nearfar.scene import Scene, load, render

__all__ = ["Stage"]

_NOTHING_AHEAD = 2.0
"""Metres that a path counts with where the camera looks into the sky."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A scene, where the camera starts in it, and how it moves from there."""

    scene: Scene
    place: Pose
    path: Path

    @classmethod
    def load(cls, options: Options, lens: Lens, moved: Pose) -> Stage:
        """Load the scene; ``moved`` says how far from the scene's own place the camera starts."""
        scene = load(options.scene, seed=options.seed)
        place = scene.pose @ moved
        view = Calibration.from_field_of_view(2.0 * math.atan(lens.sensor[0] / 2.0 / lens.focal), (64, 48))
        ahead = render(scene, view, place).depth[16:32, 22:42]
        seen = ahead[np.isfinite(ahead)]
        distance = float(np.median(seen)) if seen.size else _NOTHING_AHEAD
        return cls(scene, place, path(options.path, distance, options.seed))

    def pose(self, seconds: float) -> Pose:
        """world_from_camera at a time since the start."""
        return self.place @ self.path(seconds)

    def brighter(self, gain: float) -> Scene:
        """The scene as a camera sees it that exposes longer."""
        return replace(self.scene, exposure=self.scene.exposure * gain)
