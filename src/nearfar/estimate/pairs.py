"""Rectification of a stereo pair: two pictures of calibrated cameras as if taken side by side without lenses.

left   ── lens undone, turned ──▶  ┌──────┐  ┌──────┐
right  ── lens undone, turned ──▶  │ ·    │──│·     │   a point lies in the same row of both,
                                   └──────┘  └──────┘   further left in the right one
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Calibration, Pose, StereoPair, StereoRig, sample_picture
from nearfar.errors import EstimationError
from nearfar.estimate.rig_geometry import aligned_rotations, row_error

__all__ = ["ROW_TOLERANCE", "rectify_pair"]

ROW_TOLERANCE = 0.05
"""A pair whose points lie within this many pixels of the rows where they should is rectified already."""

_WIDEST = 3.0
"""Tangent of the angle off the new axis that a rectified picture reaches at most (72 degrees)."""

_EDGE_POINTS = 65
_STRIP = 1 << 19
"""Pixels that are turned at once: bounds the memory at about a hundred bytes each."""


def rectify_pair(pair: StereoPair) -> StereoPair:
    """Rectify two pictures of calibrated cameras, so that points lie in the same row of both.

    The lenses are undone and both cameras turned onto common axes, as little as possible. Both new cameras
    have the same intrinsics (the rig's `StereoRig.doffs` is 0), and show what both see of things far away: no
    edge stays empty. The pictures keep their dtype and channels and have the left one's size; positions in
    the world stay.

    A pair that is rectified already, to 0.05 px, is given back as it is.

    Args:
        pair: (H, W) or (H, W, C) uint8, uint16, float16 or float32 and the rig they were taken with, the
            right camera to the right. Reference sizes need not be the pictures' sizes; those of the two
            pictures may differ.

    Returns:
        The rectified pair, with the rig that belongs to it.

    Raises:
        EstimationError: cameras that see nothing in stereo: in one place, one above or behind the other,
            swapped, without a common view; or a picture whose aspect ratio is not its calibration's.
        ValueError: pictures of another dtype.

    Source: J.-Y. Bouguet, "Camera Calibration Toolbox for Matlab"; OpenCV, ``cv2.stereoRectify``.
    """
    if not isinstance(pair, StereoPair):
        raise TypeError(f"pair must be a StereoPair, not {type(pair).__name__}")
    size = _size(pair.left)
    sides = [
        _Side(picture, camera, turn)
        for picture, camera, turn in zip(
            (pair.left, pair.right), (pair.rig.left, pair.rig.right), aligned_rotations(pair.rig), strict=True
        )
    ]
    for side, name in zip(sides, ("left", "right"), strict=True):
        check_aspect(_size(side.picture), side.camera, f"the {name} picture")
    if size == _size(pair.right) and row_error(pair.rig, size) <= ROW_TOLERANCE:
        return pair
    intrinsics = _common_intrinsics(sides, size)
    rig = StereoRig(*(side.new_camera(intrinsics, size) for side in sides))
    left, right = (side.rectified(intrinsics, size) for side in sides)
    return StereoPair(left, right, rig)


def check_aspect(size: tuple[int, int], camera: Calibration, name: str) -> None:
    """Refuse a picture that its calibration can't be of. Raises EstimationError."""
    (width, height), (other_width, other_height) = size, camera.reference_size
    slack = max(0.02, 1.0 / width + 1.0 / height)
    if abs(width * other_height / (height * other_width) - 1.0) > slack:
        raise EstimationError(
            f"{name} is {width}×{height}, but its calibration is of {other_width}×{other_height}: "
            "they must show the same field of view"
        )


@dataclass(frozen=True, slots=True)
class _Side:
    """One camera: its picture, its calibration, and the rotation from its axes to the new ones."""

    picture: NDArray[Any]
    camera: Calibration
    turn: NDArray[np.float64]

    def new_camera(self, intrinsics: NDArray[np.float64], size: tuple[int, int]) -> Calibration:
        pose = Pose(self.camera.pose.rotation @ self.turn.T, self.camera.pose.translation)
        sensor = self.camera.focal_length
        pixel_size = None if sensor is None else sensor / float(intrinsics[0, 0])
        return Calibration(intrinsics, size, pixel_size, pose)

    def view(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a rectangle that the picture fills, in tangents of the new axes."""
        width, height = self.camera.reference_size
        along = np.linspace(0.0, 1.0, _EDGE_POINTS)
        zero, one = np.zeros_like(along), np.ones_like(along)
        edges = [(zero, along), (along, zero), (one, along), (along, one)]
        reach = []
        for number, (x, y) in enumerate(edges):
            rays = self.camera.unproject(np.stack([x * width, y * height], axis=-1)) @ self.turn.T
            axis, outwards = number % 2, -1.0 if number < 2 else 1.0
            with np.errstate(invalid="ignore", divide="ignore"):
                tangents = np.where(rays[:, 2] > 0.0, rays[:, axis] / rays[:, 2], np.nan)
            # Where the edge lies 90 degrees off the new axis or more, the picture reaches as far as any may.
            tangents = np.nan_to_num(tangents, nan=outwards * _WIDEST)
            reach.append(float(np.clip(outwards * (tangents * outwards).min(), -_WIDEST, _WIDEST)))
        return reach[0], reach[1], reach[2], reach[3]

    def rectified(self, intrinsics: NDArray[np.float64], size: tuple[int, int]) -> NDArray[Any]:
        """The picture as the new camera sees it."""
        width, height = size
        scale = np.array(_size(self.picture)) / self.camera.reference_size
        across = (np.arange(width) + 0.5 - intrinsics[0, 2]) / intrinsics[0, 0]
        down = (np.arange(height) + 0.5 - intrinsics[1, 2]) / intrinsics[1, 1]
        result = np.empty((height, width, *self.picture.shape[2:]), self.picture.dtype)
        rows = max(1, _STRIP // width)
        for top in range(0, height, rows):
            part = down[top : top + rows]
            rays = np.ones((len(part), width, 3))
            rays[..., 0] = across
            rays[..., 1] = part[:, np.newaxis]
            result[top : top + rows] = sample_picture(
                self.picture, self.camera.project(rays @ self.turn) * scale
            )
        return result


def _size(picture: NDArray[Any]) -> tuple[int, int]:
    """(width, height) px."""
    return picture.shape[1], picture.shape[0]


def _common_intrinsics(sides: list[_Side], size: tuple[int, int]) -> NDArray[np.float64]:
    """Square pixels, and the largest view of that shape that both pictures fill."""
    views = np.array([side.view() for side in sides])
    left, top = views[:, :2].max(axis=0)
    right, bottom = views[:, 2:].min(axis=0)
    if not (right - left > 1e-3 and bottom - top > 1e-3):
        raise EstimationError("the two cameras have no view in common: their pictures do not overlap")
    width, height = size
    focal = max(width / (right - left), height / (bottom - top))
    cx = width / 2.0 - focal * (left + right) / 2.0
    cy = height / 2.0 - focal * (top + bottom) / 2.0
    return np.array([[focal, 0.0, cx], [0.0, focal, cy], [0.0, 0.0, 1.0]])
