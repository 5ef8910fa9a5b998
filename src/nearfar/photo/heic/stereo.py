"""Spatial photos: two pictures in a ``ster`` group, and the cameras that took them.

    grpl ─ ster [left, right] ─▶ item ─▶ cmin or Apple's uuid ─▶ intrinsics
                                     └─▶ cmex or Apple's uuid ─▶ pose

Apple's properties of visionOS 1 have the layout of ``cmin`` and ``cmex`` under other names.

Source: ISO/IEC 23008-12, sections 6.5.24 (cmin), 6.5.25 (cmex) and 6.8.5 (ster); the uuids measured in files.
"""

from __future__ import annotations

import math

import numpy as np

from nearfar.depth import Calibration, Orientation, Pose, StereoRig
from nearfar.errors import FileError
from nearfar.photo.heic.boxes import Box, Source
from nearfar.photo.heic.meta import Meta
from nearfar.photo.heic.properties import Placement, placement

_INTRINSICS_UUID = bytes.fromhex("22cc04c7d6d94e079d904eb6ecbaf3a3")
_EXTRINSICS_UUID = bytes.fromhex("4363e9145b7d4aab97aebea69803b434")
_MICROMETRE = 1e-6


def stereo_items(meta: Meta) -> tuple[int, int] | None:
    """The item ids of the left and right picture, or None."""
    for group in meta.groups:
        if (
            group.kind == "ster"
            and len(group.members) == 2
            and all(each in meta.items for each in group.members)
        ):
            return group.members[0], group.members[1]
    return None


def read_rig(
    meta: Meta, left: int, right: int, orientations: tuple[Orientation, Orientation]
) -> StereoRig | None:
    """The two cameras, for the upright pictures; None unless the file gives the intrinsics of both."""
    cameras = [
        _camera(meta, item, orientation)
        for item, orientation in zip((left, right), orientations, strict=True)
    ]
    if cameras[0] is None or cameras[1] is None:
        return None
    return StereoRig(cameras[0], cameras[1])


def _camera(meta: Meta, item: int, orientation: Orientation) -> Calibration | None:
    inner = _property(meta, item, "cmin", _INTRINSICS_UUID)
    if inner is None:
        return None
    outer = _property(meta, item, "cmex", _EXTRINSICS_UUID)
    place = placement(meta, item, "picture")
    try:
        camera = Calibration(
            np.array(_intrinsics(meta.source, inner, place)),
            place.coded,
            pose=_pose(meta.source, outer) if outer else Pose.identity(),
        )
        if place.size != place.coded:
            left, top, width, height = place.crop
            camera = camera.cropped(left, top, width, height)
        return camera.oriented(orientation)
    except FileError:
        raise
    except ValueError as error:
        raise meta.source.corrupt(f"the camera of item {item}: {error}", inner.start) from error


def _property(meta: Meta, item: int, kind: str, uuid: bytes) -> Box | None:
    for each in meta.properties_of(item):
        if each.kind == kind or (each.kind == "uuid" and meta.source.part(each.body - 16, each.body) == uuid):
            return each
    return None


def _intrinsics(source: Source, box: Box, place: Placement) -> list[list[float]]:
    """Intrinsics in pixels; stored as fractions of the width and height, over a power of two that the flags
    give.
    """
    _, flags = source.version_flags(box)
    width, height = place.coded
    scale = 1 << (flags >> 8 & 31)
    focal, x, y = (_signed(source, box.body + 4 + 4 * i, 4, box.end) / scale for i in range(3))
    fx, fy, skew = focal * width, focal * width, 0.0
    if flags & 1:
        fy = _signed(source, box.body + 16, 4, box.end) / scale * height
        skew = _signed(source, box.body + 20, 4, box.end) / (1 << (flags >> 16 & 31))
    return [[fx, skew, x * width], [0.0, fy, y * height], [0.0, 0.0, 1.0]]


def _pose(source: Source, box: Box) -> Pose:
    """Where the camera stands: position in micrometres, and a quaternion without its w."""
    _, flags = source.version_flags(box)
    at = box.body + 4
    position = [0.0, 0.0, 0.0]
    for axis in range(3):
        if flags >> axis & 1:
            position[axis] = _signed(source, at, 4, box.end) * _MICROMETRE
            at += 4
    if not flags & 8:
        return Pose(np.eye(3), np.array(position))
    size = 4 if flags & 16 else 2
    x, y, z = (_signed(source, at + size * i, size, box.end) / (1 << (8 * size - 2)) for i in range(3))
    w = math.sqrt(max(0.0, 1.0 - x * x - y * y - z * z))
    return Pose.from_quaternion((x, y, z, w), position)


def _signed(source: Source, offset: int, size: int, end: int) -> int:
    value = source.integer(offset, size, end)
    return value - (1 << (8 * size)) if value >> (8 * size - 1) else value
