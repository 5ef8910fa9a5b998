"""Two cameras before one scene, and what a matcher should find.

left pixel ── its exact point in space ── right camera ──▶ shift (px)
                      └── a ray from the right camera ──▶ occluded: something is in the way, or out of view
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Pose, StereoPair, StereoRig
from nearfar.scene.rendering import Rendering, SensorNoise, render
from nearfar.scene.values import Scene

__all__ = ["RenderedPair", "render_pair"]

_SHORT_OF = 1.0 - 1e-4
"""A ray to a point ends this share of the way, before the surface that the point lies on."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RenderedPair:
    """Two pictures of one moment and their truth. All arrays are read-only.

    Attributes:
        left: what the left camera sees.
        right: what the right camera sees.
        rig: the cameras.
        shift: (H, W) float32 px, x in the left picture minus x in the right one, of the point that each left
            pixel's centre sees; NaN where the right camera cannot see that way. None where not asked for.
        occluded: (H, W) bool, True where the right camera does not see that point: something hides it, or it
            lies outside the picture. None where not asked for.
    """

    left: Rendering
    right: Rendering
    rig: StereoRig
    shift: NDArray[np.float32] | None
    occluded: NDArray[np.bool_] | None

    @property
    def pair(self) -> StereoPair:
        """The two colour pictures with their rig."""
        return StereoPair(self.left.color, self.right.color, self.rig)

    def __repr__(self) -> str:
        height, width = self.left.depth.shape
        return f"RenderedPair({width}×{height}, baseline {self.rig.baseline:g} m)"


def render_pair(
    scene: Scene,
    rig: StereoRig,
    pose: Pose | None = None,
    time: float = 0.0,
    *,
    size: tuple[int, int] | None = None,
    samples: int = 1,
    noise: SensorNoise | None = None,
    seed: int = 0,
    truth: bool = True,
) -> RenderedPair:
    """Render both views of a rig at one time; the other arguments are those of `render`.

    Args:
        scene: from `load`.
        rig: the cameras; for pictures that a matcher can use, alike and side by side.
        pose: where the rig stands: what both cameras' own poses refer to. The scene's own place when None.
        time: seconds.
        size: (width, height) px of both pictures; the left camera's ``reference_size`` when None.
        samples: rays a pixel at the edges of things.
        noise: what the sensors add; the right one draws other numbers than the left one.
        seed: of the noise.
        truth: also give the exact shift and what is hidden.

    Raises:
        TypeError: not a rig. Else as `render`.
    """
    if not isinstance(rig, StereoRig):
        raise TypeError(f"rig must be a StereoRig, not {type(rig).__name__}")
    size = rig.left.reference_size if size is None else size
    left = render(scene, rig.left, pose, time, size=size, samples=samples, noise=noise, seed=2 * seed)
    right = render(scene, rig.right, pose, time, size=size, samples=samples, noise=noise, seed=2 * seed + 1)
    shift, occluded = _truth(scene, left, right) if truth else (None, None)
    return RenderedPair(left, right, rig, shift, occluded)


def _truth(scene: Scene, left: Rendering, right: Rendering) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    height, width = left.depth.shape
    rays = left.calibration.rays((width, height)).reshape(-1, 3).astype(np.float64)
    depth = left.depth.reshape(-1, 1).astype(np.float64)
    endless = ~np.isfinite(depth)
    points = rays * np.where(endless, 1.0, depth)
    right_from_left = right.pose.inverse() @ left.pose
    there = points @ right_from_left.rotation.T + np.where(endless, 0.0, right_from_left.translation)
    scale = np.array((width, height)) / right.calibration.reference_size
    found = right.calibration.project(there) * scale
    with np.errstate(invalid="ignore"):
        outside = ~((found >= 0) & (found <= (width, height))).all(axis=1)
        shift = (np.arange(width) + 0.5)[np.newaxis] - found[:, 0].reshape(height, width)
    world = right.pose.rotation @ there.T
    away = np.where(endless.ravel(), 1e6, _SHORT_OF) * world
    hidden = np.zeros(height * width, np.bool_)
    asked = np.flatnonzero(~outside)
    for part in scene.parts:
        place = part.world_from_part(left.time)
        origin = place.inverse().apply(right.pose.translation).astype(np.float32)
        directions = np.ascontiguousarray((place.rotation.T @ away[:, asked]).T, np.float32)
        reach = np.ones(len(asked), np.float32)
        hidden[asked] |= part.caster.blocked(np.broadcast_to(origin, directions.shape), directions, reach)
    occluded = (outside | hidden).reshape(height, width)
    result = np.ascontiguousarray(shift, np.float32)
    result.flags.writeable = False
    occluded.flags.writeable = False
    return result, occluded
