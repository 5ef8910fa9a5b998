"""Scenes of a few shapes whose truth is a formula."""

from __future__ import annotations

import numpy as np

import nearfar as nf
from nearfar.depth import Calibration, Pose
from nearfar.scene.building import Builder
from nearfar.scene.surfaces import ball, patch
from nearfar.scene.textures import as_texels, clouds
from nearfar.scene.values import Material, Scene, Sky

CAMERA = Calibration.from_field_of_view(1.0, (160, 120))
DOWN = Pose(np.diag([1.0, -1.0, -1.0]), (0.0, 0.0, 0.0))
"""world_from_camera of a camera at the origin that looks along -z, upright."""


def rig(baseline: float, camera: Calibration = CAMERA) -> nf.StereoRig:
    return nf.StereoRig(camera, camera.replace(pose=Pose(np.eye(3), (baseline, 0.0, 0.0))))


def textured(seed: int = 0) -> Material:
    noise = clouds((256, 256), (16, 16), seed, 4)
    return Material(texture=as_texels(np.repeat(0.5 + 0.25 * noise[..., np.newaxis], 3, axis=2)))


def wall(depth: float = 2.0, slope: float = 0.0, material: Material | None = None) -> Scene:
    """A wall at -depth on the axis, leaning in x by slope."""
    builder = Builder(Sky())
    right, up = np.array((8.0, 0.0, 8.0 * slope)), np.array((0.0, 8.0, 0.0))
    corner = np.array((0.0, 0.0, -depth)) - right / 2 - up / 2
    builder.add("wall", patch(corner, right, up, step=0.7), material or Material((0.5, 0.5, 0.5)))
    return builder.finish("wall", DOWN)


def globe(radius: float = 0.5, depth: float = 2.0, segments: int = 256) -> Scene:
    """A ball on the axis, before nothing."""
    builder = Builder(Sky())
    builder.add("globe", ball(radius, segments=segments).moved(0, 0, -depth), Material((0.5, 0.5, 0.5)))
    return builder.finish("globe", DOWN)
