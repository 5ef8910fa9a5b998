"""How two cameras stand to one another, as stereo needs it: side by side, and whether they share rows.

      left ── baseline ──▶ right         x along the baseline, z between the two optical axes
        ╲ z            z ╱

Both cameras are turned by half of what is between them, and then together, as little as it takes to bring the
baseline onto x: no camera turns more than it must.

Source: J.-Y. Bouguet, "Camera Calibration Toolbox for Matlab", rectification; OpenCV, ``cv2.stereoRectify``.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import StereoRig
from nearfar.errors import EstimationError

__all__ = ["aligned_rotations", "row_error"]

_LARGEST_TILT = math.radians(40.0)
"""Between the baseline and the horizontal: past it, turning the pictures level would show little of them."""


def aligned_rotations(rig: StereoRig) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rotations (3, 3) from the left and the right camera's axes to axes that both share, x to the right.

    Raises:
        EstimationError: no rig that sees in stereo: one place, one above or behind the other, left and right
            swapped, opposite views, or only one of them mirrored.
    """
    between = rig.right_from_left
    if between.is_mirrored:
        raise EstimationError("one of the two pictures is mirrored and the other is not: mirror it back")
    left, right = _half_turns(_orthonormal(between.rotation))
    baseline = -(right @ between.translation)
    length = float(np.linalg.norm(baseline))
    if not length > 0.0:
        raise EstimationError("both cameras stand in one place: without a baseline there is no depth to see")
    x, y, z = (float(part) for part in baseline / length)
    _refuse_wrong_direction(x, y, z)
    # The smallest turn that takes the baseline (x, y, z) to (1, 0, 0).
    cross = np.array([[0.0, y, z], [-y, 0.0, 0.0], [-z, 0.0, 0.0]])
    level = np.eye(3) + cross + cross @ cross / (1.0 + x)
    return _orthonormal(level @ left), _orthonormal(level @ right)


def row_error(rig: StereoRig, size: tuple[int, int]) -> float:
    """How far points are from where a rectified pair of ``size`` (width, height) has them, px, at most.

    There a point of the left picture lies ``baseline fx / z - doffs`` px to the left in the right one, in
    the same row. Tried on a grid of pixels, far away and near; infinite where a lens bends a picture.
    """
    if rig.left.bends or rig.right.bends or rig.baseline == 0.0:
        return math.inf
    left, right = rig.left.scaled_to(size), rig.right.scaled_to(size)
    width, height = size
    grid = np.stack(np.meshgrid(np.linspace(0, width, 5), np.linspace(0, height, 5)), axis=-1)
    rays = left.unproject(grid)
    worst = 0.0
    for shift in (0.25 * width, 1e-3 * width):
        seen = right.project(rig.right_from_left.apply(rays * (rig.baseline * left.fx / shift)))
        expected = grid - (shift - (right.cx - left.cx), 0.0)
        off = float(np.abs(seen - expected).max())
        worst = max(worst, off if math.isfinite(off) else math.inf)
    return worst


def _refuse_wrong_direction(x: float, y: float, z: float) -> None:
    """Raise EstimationError unless the unit vector from the left camera to the right points to the right."""
    if abs(z) > math.sin(_LARGEST_TILT):
        raise EstimationError(
            "one camera stands behind the other: stereo needs them side by side, looking the same way"
        )
    if abs(y) > math.sin(_LARGEST_TILT):
        raise EstimationError(
            "the cameras stand one above the other: turn both pictures (and the rig, "
            "Calibration.oriented) by 90 degrees, so that they stand side by side"
        )
    if x < 0.0:
        raise EstimationError(
            "left and right are swapped: the rig's right camera stands to the left of its left one"
        )


def _half_turns(rotation: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rotation by half the angle about the same axis, and its inverse."""
    angle = math.acos(float(np.clip((np.trace(rotation) - 1.0) / 2.0, -1.0, 1.0)))
    if angle > math.radians(120.0):
        raise EstimationError(
            f"the cameras look {math.degrees(angle):.0f} degrees apart: stereo needs them to see the same"
        )
    # The root of a rotation (its own average with standing still): R + 1, made orthonormal.
    half = _orthonormal(rotation + np.eye(3))
    return half, half.T.copy()


def _orthonormal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation nearest to a matrix: files print rotations to a few digits only."""
    if np.array_equal(matrix, np.eye(3)):
        return np.eye(3)
    u, _, v = np.linalg.svd(matrix)
    rotation: NDArray[np.float64] = u @ v
    return rotation
