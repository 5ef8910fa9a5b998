"""A photo's depth as a page takes it: metres aligned with the picture, and the view to place them in space.

depth map ── at most 768 px a side ──▶ float32, 0 for a hole ──┐
calibration ── else an assumed view ──▶ tangents ──────────────┴─▶ PhotoDepth
"""

from __future__ import annotations

import math

import numpy as np

from nearfar.depth import Calibration, DepthKind, DepthMap, resample
from nearfar.photo import Photo
from nearfar.studio.frame_parts import depth_part
from nearfar.studio.large_photos import room_for
from nearfar.studio.messages import PhotoDepth
from nearfar.xr import DepthDataFormat, NativeDepth

__all__ = ["camera_of", "photo_depth", "small_depth"]

_LONGEST_SIDE = 768
"""Of the map, pixels: more than a page shows, and as much as phones write."""
_WEIGHT = 4
"""How many pixels of a picture take the memory of one of a map."""
_USUAL_VIEW = math.radians(65)
"""Across the picture: a phone's main camera."""
_DIAGONAL = math.hypot(0.036, 0.024)
"""Metres, of a 35 mm frame."""


def photo_depth(photo: Photo) -> PhotoDepth:
    """The message.

    Raises:
        NoDepth: there is none.
        FileError: the coded map is broken.
    """
    depth = small_depth(photo)
    camera, known = camera_of(photo, depth)
    metres = np.array(depth.to(DepthKind.DEPTH, dtype=np.float32).values)
    metres[~np.isfinite(metres)] = 0  # what is infinitely far has no place in space
    native = NativeDepth(metres, DepthDataFormat.FLOAT32, 1.0, accuracy=depth.accuracy)
    width, height = camera.reference_size
    tangents = (
        camera.cx / camera.fx,
        (width - camera.cx) / camera.fx,
        camera.cy / camera.fy,
        (height - camera.cy) / camera.fy,
    )
    return PhotoDepth(depth_part(native, "plain", None), tangents, not known, depth.metric)


def small_depth(photo: Photo) -> DepthMap:
    """The depth of a photo, at most 768 pixels a side; raises as `photo_depth` does."""
    about = photo.summary()["depth"]
    pixels = 0 if about is None else about["width"] * about["height"]
    with room_for(pixels * _WEIGHT):
        depth = photo.require_depth()
        if max(depth.size) <= _LONGEST_SIDE:
            return depth
        share = _LONGEST_SIDE / max(depth.size)
        return resample(depth, (max(1, round(depth.width * share)), max(1, round(depth.height * share))))


def camera_of(photo: Photo, depth: DepthMap) -> tuple[Calibration, bool]:
    """The camera of a depth map, and whether that is known.

    Where it is not, EXIF's focal length tells the view, else it is that of a phone's main camera.
    """
    if depth.calibration is not None:
        return depth.calibration, True
    equivalent = photo.metadata.focal_length_35mm
    if equivalent is None or not equivalent > 0:
        return Calibration.from_field_of_view(_USUAL_VIEW, depth.size), False
    focal = equivalent / _DIAGONAL * math.hypot(*depth.size)
    return Calibration.from_field_of_view(2 * math.atan(depth.width / 2 / focal), depth.size), False
