"""Where a camera stands: a rotation and a translation that take camera points to its parent frame.

      p_parent = rotation @ p_camera + translation          (metres; camera: x right, y down, z forward)

A pose is spelt by the frames it joins, parent first: ``world_from_camera``.  Composition reads the same way:
``world_from_head @ head_from_camera`` is ``world_from_camera``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.arrays import frozen

__all__ = ["Pose"]

_ORTHONORMAL_TOLERANCE = 1e-4
"""How far a row product of a rotation may lie from 0 or 1: files print as few as five digits."""

_OPENGL_AXES = np.diag([1.0, -1.0, -1.0])
"""Camera axes of OpenGL, WebXR, glTF and ARKit (y up, looking along -z) in ours; its own inverse."""


LARGEST = 1e12
"""Bound of every metre, pixel and coefficient: beyond any camera, and far from where arithmetic overflows."""


def fixed_array(name: str, value: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A read-only float64 copy of ``value`` of exactly ``shape``, within `LARGEST`, or a ValueError."""
    try:
        array = np.array(value, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be {shape} numbers: {error}") from None
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, not {array.shape}")
    if not (np.abs(array) <= LARGEST).all():
        raise ValueError(f"{name} must be finite and at most {LARGEST:g}, not {array.tolist()}")
    return frozen(array)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A rigid motion from a camera's (or any child's) frame to its parent's.

    Args:
        rotation: (3, 3) float64, orthonormal within 1e-4. The determinant is +1, or -1 for a picture that was
            mirrored.
        translation: (3,) float64, position of the camera in the parent frame, metres.

    Raises:
        ValueError: a wrong shape, a number that is not finite, or a matrix that is not orthonormal.
    """

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]

    def __post_init__(self) -> None:
        rotation = fixed_array("rotation", self.rotation, (3, 3))
        off = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
        if off > _ORTHONORMAL_TOLERANCE:
            raise ValueError(
                f"rotation must be orthonormal; its row products are off by {off:.3g} (at most "
                f"{_ORTHONORMAL_TOLERANCE:g}): {rotation.tolist()}"
            )
        object.__setattr__(self, "rotation", rotation)
        object.__setattr__(self, "translation", fixed_array("translation", self.translation, (3,)))

    # Making one

    @classmethod
    def identity(cls) -> Pose:
        """The pose of a camera that is its own parent."""
        return cls(np.eye(3), np.zeros(3))

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> Pose:
        """A pose from a (4, 4) matrix ``[R t; 0 0 0 1]``, or (3, 4) without the last row.

        Raises ValueError on another shape or last row, and as `Pose` itself does.
        """
        values = np.asarray(matrix, dtype=np.float64)
        if values.shape not in ((4, 4), (3, 4)):
            raise ValueError(f"a pose matrix must have the shape (4, 4) or (3, 4), not {values.shape}")
        if values.shape == (4, 4) and not np.array_equal(values[3], (0.0, 0.0, 0.0, 1.0)):
            raise ValueError(f"the last row of a pose matrix must be 0 0 0 1, not {values[3].tolist()}")
        return cls(values[:3, :3], values[:3, 3])

    @classmethod
    def from_quaternion(cls, quaternion: ArrayLike, translation: ArrayLike = (0.0, 0.0, 0.0)) -> Pose:
        """A pose from a quaternion ``(x, y, z, w)`` of any length but 0, and a translation in metres.

        Raises ValueError on a quaternion that is zero or not finite, and on a translation that is none.
        """
        q = fixed_array("quaternion", quaternion, (4,))
        # Scaled by the largest part first, so that tiny and huge quaternions neither vanish nor overflow.
        largest = float(np.abs(q).max())
        if largest == 0.0:
            raise ValueError("quaternion must not be zero")
        scaled = q / largest
        x, y, z, w = scaled / np.linalg.norm(scaled)
        rotation = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )
        return cls(rotation, fixed_array("translation", translation, (3,)))

    @classmethod
    def from_opengl(cls, matrix: ArrayLike) -> Pose:
        """A pose from the (4, 4) matrix of a camera that looks along -z with y up (WebXR, glTF, ARKit).

        Raises ValueError as `from_matrix` does.
        """
        other = cls.from_matrix(matrix)
        return cls(other.rotation @ _OPENGL_AXES, other.translation)

    # Using it

    @property
    def is_mirrored(self) -> bool:
        """Whether the rotation holds a reflection (determinant -1)."""
        return bool(np.linalg.det(self.rotation) < 0.0)

    @property
    def is_identity(self) -> bool:
        """Whether this is exactly the identity."""
        return bool(np.array_equal(self.rotation, np.eye(3)) and not self.translation.any())

    def inverse(self) -> Pose:
        """The motion back: ``camera_from_world`` of ``world_from_camera``."""
        # A true inverse, not the transpose: file rotations are orthonormal to a few digits only.
        back = np.linalg.inv(self.rotation).astype(np.float64)
        return Pose(back, -(back @ self.translation))

    def __matmul__(self, other: Pose) -> Pose:
        """``a_from_b @ b_from_c`` is ``a_from_c``."""
        if not isinstance(other, Pose):
            return NotImplemented
        return Pose(self.rotation @ other.rotation, self.rotation @ other.translation + self.translation)

    def apply(self, points: ArrayLike) -> NDArray[np.float64]:
        """Camera points (..., 3), metres, in the parent frame; float64.

        Raises ValueError on another shape.
        """
        values = np.asarray(points, dtype=np.float64)
        if values.ndim == 0 or values.shape[-1] != 3:
            raise ValueError(f"points must have the shape (..., 3), not {values.shape}")
        return values @ self.rotation.T + self.translation

    def to_matrix(self) -> NDArray[np.float64]:
        """The (4, 4) matrix ``[R t; 0 0 0 1]``."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.translation
        return matrix

    def to_opengl(self) -> NDArray[np.float64]:
        """The (4, 4) matrix of the same camera with OpenGL's, WebXR's and glTF's axes: y up, -z ahead."""
        return Pose(self.rotation @ _OPENGL_AXES, self.translation).to_matrix()

    def to_quaternion(self) -> NDArray[np.float64]:
        """The rotation as a unit quaternion ``(x, y, z, w)`` with w >= 0.

        Raises:
            ValueError: the pose is mirrored: no quaternion is a reflection.
        """
        if self.is_mirrored:
            raise ValueError("a mirrored pose (determinant -1) has no quaternion; unmirror it first")
        m = self.rotation
        # Four times the products of the quaternion's parts; the row of the largest square is sound.
        products = np.array(
            [
                [1 + m[0, 0] - m[1, 1] - m[2, 2], m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[2, 1] - m[1, 2]],
                [m[0, 1] + m[1, 0], 1 - m[0, 0] + m[1, 1] - m[2, 2], m[1, 2] + m[2, 1], m[0, 2] - m[2, 0]],
                [m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], 1 - m[0, 0] - m[1, 1] + m[2, 2], m[1, 0] - m[0, 1]],
                [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], 1 + m[0, 0] + m[1, 1] + m[2, 2]],
            ]
        )
        row = products[int(np.argmax(np.diag(products)))]
        quaternion: NDArray[np.float64] = row / np.linalg.norm(row)
        return -quaternion if quaternion[3] < 0.0 else quaternion

    def equals(self, other: Pose) -> bool:
        """Whether both hold the same numbers, bit for bit."""
        return np.array_equal(self.rotation, other.rotation) and np.array_equal(
            self.translation, other.translation
        )

    def to_dict(self) -> dict[str, Any]:
        """``{"rotation": 3 rows of 3, "translation": [x, y, z] in metres}``, ready for JSON."""
        return {"rotation": self.rotation.tolist(), "translation": self.translation.tolist()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Pose:
        """The pose of `to_dict`; ValueError where a member is missing or wrong."""
        try:
            return cls(data["rotation"], data["translation"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"a pose needs 'rotation' and 'translation': {error}") from None

    def __reduce__(self) -> tuple[type[Pose], tuple[Any, ...]]:
        return type(self), (self.rotation, self.translation)

    def __repr__(self) -> str:
        return f"Pose(rotation={self.rotation.tolist()}, translation={self.translation.tolist()})"
