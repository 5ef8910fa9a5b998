"""What a scene is: parts that rays can hit, what they are made of, and the light they stand in.

Scene ─┬─ model      faces, materials, textures, baked light (native)
       ├─ parts      what stands still, and each thing that moves, with a caster of rays
       └─ surroundings, exposure, a good place for a camera
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Pose

if TYPE_CHECKING:
    from nearfar._native import SceneModel
    from nearfar.scene.casting import Caster

__all__ = ["Lamp", "Material", "Motion", "Part", "Scene", "Sky"]

Color = tuple[float, float, float]
Motion = Callable[[float], Pose]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a surface is made of.

    ``albedo`` and ``emission`` are linear and multiply the ``texture`` (texels of `as_texels`, perhaps still
    being painted, sides powers of two; None is plain). ``reflectance`` is the share of light mirrored
    head-on, ``gloss`` how sharply.
    """

    albedo: Color = (1.0, 1.0, 1.0)
    texture: NDArray[np.uint8] | Future[NDArray[np.uint8]] | None = None
    reflectance: float = 0.0
    gloss: int = 5
    emission: Color = (0.0, 0.0, 0.0)

    def texels(self) -> NDArray[np.uint8] | None:
        """The texture, painted to the end."""
        return self.texture.result() if isinstance(self.texture, Future) else self.texture

    def mean(self) -> NDArray[np.float64]:
        """Mean linear albedo of the material, texture included."""
        return np.array(self.albedo) * self.mean_texture()

    def mean_texture(self) -> NDArray[np.float64]:
        """Mean linear colour of the texture; 1 without."""
        texels = self.texels()
        if texels is None:
            return np.ones(3)
        part = texels[::4, ::4, :3] if min(texels.shape[:2]) >= 16 else texels[..., :3]
        return np.asarray(np.square(part / 255.0).mean(axis=(0, 1)))


@dataclass(frozen=True, slots=True)
class Lamp:
    """A rectangle that shines to its front (the side where ``right`` is right and ``up`` is up)."""

    corner: Color
    right: Color
    up: Color
    radiance: Color


@dataclass(frozen=True, slots=True)
class Sky:
    """Light from afar, linear: overhead, at the horizon, from below; and a sun.

    ``sun_color`` is what a white surface sends back that faces it. ``mirrored`` are the three colours that
    glossy things reflect instead, and ``shine`` scales the light that the three give (indoors: 0).
    """

    overhead: Color = (0.35, 0.5, 0.8)
    horizon: Color = (0.8, 0.85, 0.9)
    below: Color = (0.3, 0.28, 0.25)
    shine: float = 1.0
    mirrored: tuple[Color, Color, Color] | None = None
    sun_direction: Color = (0.4, 0.8, 0.45)
    sun_color: Color = (0.0, 0.0, 0.0)
    sun_spread: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Faces that move together: their caster, the number of the first one, and how they move (None: not).

    They lie within ``radius`` of ``center``, and shade others as a ball of radius ``shadow`` there would.
    """

    caster: Caster
    first_face: int
    motion: Motion | None
    center: NDArray[np.float64]
    radius: float
    shadow: float

    def world_from_part(self, time: float) -> Pose:
        """Where the part is at a time, seconds."""
        return Pose.identity() if self.motion is None else self.motion(time)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scene:
    """A scene to render: see `load`.

    Attributes:
        name: what it was loaded as.
        objects: the names of its things; `Rendering.ids` counts them.
        pose: a place from which there is something to see, world_from_camera.
        exposure: what linear light is multiplied by to make a picture of fair brightness.
    """

    name: str
    objects: tuple[str, ...]
    pose: Pose
    exposure: float
    model: SceneModel
    parts: tuple[Part, ...]
    surroundings: NDArray[np.float64]
    faces: int

    def __repr__(self) -> str:
        return f"Scene({self.name!r}, {len(self.objects)} objects, {self.faces:,} faces)"
