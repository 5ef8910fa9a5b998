"""Putting a scene together: surfaces, their materials, the light baked in, all handed to the kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nearfar._native import SceneModel
from nearfar.depth import Pose
from nearfar.scene.casting import Caster
from nearfar.scene.lighting import Lit, bake
from nearfar.scene.surfaces import Surface, joined
from nearfar.scene.values import Lamp, Material, Motion, Part, Scene, Sky

__all__ = ["Builder", "looking_at"]


def looking_at(place: Sequence[float], target: Sequence[float], *, roll: float = 0.0) -> Pose:
    """world_from_camera of a camera at ``place`` that looks at ``target``, upright but for ``roll``."""
    forward = np.subtract(target, place).astype(np.float64)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    c, s = np.cos(roll), np.sin(roll)
    return Pose(
        np.column_stack([c * right + s * down, c * down - s * right, forward]), np.asarray(place, np.float64)
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A surface; material, object and part of its faces; linear colours of its vertices, or None."""

    surface: Surface
    table: tuple[int, int, int]
    tint: NDArray[np.float64] | None

    def tints(self) -> NDArray[np.float64]:
        """The colours, 1 where there are none."""
        return np.ones((len(self.surface.positions), 3)) if self.tint is None else self.tint


@dataclass
class Builder:
    """Collects surfaces, lamps and a sky; `finish` makes the scene."""

    sky: Sky
    lamps: list[Lamp] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    motions: list[Motion | None] = field(default_factory=lambda: [None])
    pieces: list[_Piece] = field(default_factory=list)

    def add(
        self,
        name: str,
        surface: Surface,
        material: Material,
        *,
        part: int = 0,
        tint: NDArray[np.float64] | None = None,
    ) -> None:
        """Put a surface into the scene as (a piece of) the object of that name.

        ``tint`` (V, 3) are linear colours of its vertices, which multiply the material's.
        """
        if name not in self.objects:
            self.objects.append(name)
        known = next((k for k, other in enumerate(self.materials) if other is material), None)
        if known is None:
            known = len(self.materials)
            self.materials.append(material)
        self.pieces.append(_Piece(surface, (known, self.objects.index(name), part), tint))

    def moving(self, motion: Motion) -> int:
        """A new part that moves, for ``part=`` of `add`; its surfaces are in the part's own axes."""
        self.motions.append(motion)
        return len(self.motions) - 1

    def finish(self, name: str, pose: Pose, *, brightness: float = 1.0) -> Scene:
        """Bake the light and make the scene; ``brightness`` 1 gives its mean a middle grey."""
        from nearfar.scene.exposure import exposure_for

        self.pieces.sort(key=lambda piece: piece.table[2])
        meshes = [self._mesh(part) for part in range(len(self.motions))]
        casters = [Caster(_float32(mesh.positions), mesh.faces) for mesh, _ in meshes]
        light = self._light(meshes, casters[0])
        light[:, :3] *= np.concatenate([piece.tints() for piece in self.pieces])
        tables: list[NDArray[np.int32]] = []
        parts, vertices, faces = [], 0, 0
        for number, ((mesh, table), caster) in enumerate(zip(meshes, casters, strict=True)):
            center = (mesh.positions.min(axis=0) + mesh.positions.max(axis=0)) / 2
            radius = float(np.linalg.norm(mesh.positions - center, axis=1).max())
            shadow = min(radius, _ball_of_area(mesh))
            parts.append(Part(caster, faces, self.motions[number], center, radius, shadow))
            tables.append(np.concatenate([mesh.faces + vertices, table], axis=1))
            vertices += len(mesh.positions)
            faces += len(mesh.faces)
        whole = joined([mesh for mesh, _ in meshes])
        textures = [texels for material in self.materials if (texels := material.texels()) is not None]
        model = SceneModel(
            _float32(whole.positions),
            _float32(whole.normals),
            _float32(whole.coordinates),
            _float32(light),
            np.ascontiguousarray(np.concatenate(tables), np.int32),
            self._material_rows(),
            textures,
        )
        made = Scene(name, tuple(self.objects), pose, 1.0, model, tuple(parts), self._surroundings(), faces)
        return exposure_for(made, brightness)

    def _mesh(self, part: int) -> tuple[Surface, NDArray[np.int32]]:
        """The surfaces of a part as one, and (F, 3): material, object, part of each face."""
        pieces = [piece for piece in self.pieces if piece.table[2] == part]
        rows = [np.tile(np.array(piece.table, np.int32), (len(piece.surface.faces), 1)) for piece in pieces]
        return joined([piece.surface for piece in pieces]), np.concatenate(rows)

    def _light(self, meshes: list[tuple[Surface, NDArray[np.int32]]], caster: Caster) -> NDArray[np.float64]:
        albedo = np.array([material.mean() for material in self.materials])
        emission = np.array(
            [np.array(material.emission) * material.mean_texture() for material in self.materials]
        )
        mesh, table = meshes[0]
        tint = np.concatenate([piece.tints() for piece in self.pieces if piece.table[2] == 0])
        of_faces = albedo[table[:, 0]] * tint[mesh.faces].mean(axis=1), emission[table[:, 0]]
        still = Lit(_float32(mesh.positions), _float32(mesh.normals), mesh.faces, *of_faces)
        positions, normals = [np.zeros((0, 3))], [np.zeros((0, 3))]
        for (mesh, _), motion in zip(meshes[1:], self.motions[1:], strict=True):
            pose = Pose.identity() if motion is None else motion(0.0)
            positions.append(pose.apply(mesh.positions))
            normals.append(mesh.normals @ pose.rotation.T)
        moving = _float32(np.concatenate(positions)), _float32(np.concatenate(normals))
        return bake(still, caster, self.lamps, self.sky, moving=moving)

    def _material_rows(self) -> NDArray[np.float32]:
        rows = np.zeros((len(self.materials), 9), np.float32)
        textures = 0
        for row, material in zip(rows, self.materials, strict=True):
            row[0] = -1 if material.texture is None else textures
            textures += material.texture is not None
            row[1] = material.gloss
            row[2:5], row[5:8], row[8] = material.albedo, material.emission, material.reflectance
        return rows

    def _surroundings(self) -> NDArray[np.float64]:
        """(8, 3): three colours of the sky, three as mirrored, the key light's colour and place."""
        sky = self.sky
        colors = [
            sky.overhead,
            sky.horizon,
            sky.below,
            *(sky.mirrored or (sky.overhead, sky.horizon, sky.below)),
        ]
        if any(sky.sun_color) or not self.lamps:
            key = [sky.sun_color, tuple(np.array(sky.sun_direction) * 1e3)]
        else:
            lamp = self.lamps[0]
            center = np.add(lamp.corner, np.add(lamp.right, lamp.up) / 2)
            key = [tuple(np.array(lamp.radiance) * 0.2), tuple(center)]
        return np.array([*colors, *key], np.float64)


def _float32(array: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32)


def _ball_of_area(mesh: Surface) -> float:
    """The radius of the ball with as much surface: wires cast less shadow than their outline."""
    a, b, c = (mesh.positions[mesh.faces[:, corner]] for corner in range(3))
    area = float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2
    return float(np.sqrt(area / (4 * np.pi)))
