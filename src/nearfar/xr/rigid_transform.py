"""`RigidTransform`: a rotation and a shift, as WebXR hands them out (XRRigidTransform).

Axes are WebXR's: x right, y up, and a viewer looks along -z. `RigidTransform.from_pose` comes from ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import Pose
from nearfar.errors import InvalidStateError

__all__ = ["RigidTransform"]


class RigidTransform:
    """A rotation followed by a translation (XRRigidTransform). Immutable.

    Args:
        position: x, y, z in metres; a fourth number must be 1.
        orientation: a quaternion x, y, z, w; it is brought to length 1.

    Raises:
        TypeError: a number that is not finite, a fourth coordinate other than 1, or too many or few numbers.
        InvalidStateError: an orientation of length 0.
    """

    __slots__ = ("_inverse", "_matrix", "_orientation", "_position")

    def __init__(
        self, position: Sequence[float] = (0.0, 0.0, 0.0), orientation: Sequence[float] = (0.0, 0.0, 0.0, 1.0)
    ) -> None:
        x, y, z, w = _numbers("position", position, (3, 4), 1.0)
        if w != 1.0:
            raise TypeError(f"the fourth coordinate of position must be 1, not {w}")
        turn = np.array(_numbers("orientation", orientation, (4,), 1.0))
        length = float(np.sqrt(np.sum(turn * turn)))
        if length == 0.0:
            raise InvalidStateError("orientation must not have the length 0")
        self._position = (x, y, z)
        self._orientation: tuple[float, float, float, float] = tuple(float(value / length) for value in turn)  # type: ignore[assignment]
        self._matrix: NDArray[np.float32] | None = None
        self._inverse: RigidTransform | None = None

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> RigidTransform:
        """The transform of a rigid matrix: (4, 4), or 16 numbers column by column.

        Raises ValueError where it is not rigid.
        """
        values = np.asarray(matrix, np.float64)
        square = values if values.shape == (4, 4) else values.reshape(4, 4).T
        pose = Pose.from_matrix(square)
        transform = cls(
            [float(value) for value in pose.translation], [float(value) for value in pose.to_quaternion()]
        )
        transform._matrix = _columns(square)
        return transform

    @classmethod
    def from_pose(cls, pose: Pose) -> RigidTransform:
        """The transform of a camera's ``pose``, world_from_camera, in WebXR's axes."""
        return cls.from_matrix(pose.to_opengl())

    @property
    def position(self) -> tuple[float, float, float]:
        """x, y, z in metres."""
        return self._position

    @property
    def orientation(self) -> tuple[float, float, float, float]:
        """The unit quaternion x, y, z, w."""
        return self._orientation

    @property
    def matrix(self) -> NDArray[np.float32]:
        """(16,) float32, column by column, as WebGL takes it; read-only, the same array each time."""
        if self._matrix is None:
            x, y, z, w = self._orientation
            px, py, pz = self._position
            # The diagonal of the unit quaternion in full: equal squares cancel, and a quarter turn gives 0.
            xx, yy, zz, ww = x * x, y * y, z * z, w * w
            self._matrix = _columns(
                [
                    [(ww + xx) - (yy + zz), 2 * (x * y - z * w), 2 * (x * z + y * w), px],
                    [2 * (x * y + z * w), (ww + yy) - (xx + zz), 2 * (y * z - x * w), py],
                    [2 * (x * z - y * w), 2 * (y * z + x * w), (ww + zz) - (xx + yy), pz],
                    [0.0, 0.0, 0.0, 1.0],
                ]
            )
        return self._matrix

    @property
    def inverse(self) -> RigidTransform:
        """The way back; the same object each time, and its inverse is this one."""
        if self._inverse is None:
            matrix = self.matrix.astype(np.float64).reshape(4, 4).T
            turned = matrix[:3, :3].T
            back = np.eye(4)
            back[:3, :3], back[:3, 3] = turned, -turned @ matrix[:3, 3]
            x, y, z, w = self._orientation
            inverse = type(self)([float(value) for value in back[:3, 3]], (-x, -y, -z, w))
            inverse._matrix = _columns(back)  # noqa: SLF001 - one of our own
            inverse._inverse = self  # noqa: SLF001
            self._inverse = inverse
        return self._inverse

    def __matmul__(self, other: RigidTransform) -> RigidTransform:
        """``a_from_b @ b_from_c`` is ``a_from_c``."""
        if not isinstance(other, RigidTransform):
            return NotImplemented
        ax, ay, az, aw = self._orientation
        bx, by, bz, bw = other._orientation
        turn = (
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        )
        # v + 2 w (q x v) + 2 q x (q x v), the vector turned by the quaternion (q, w)
        vx, vy, vz = other._position
        cx, cy, cz = 2 * (ay * vz - az * vy), 2 * (az * vx - ax * vz), 2 * (ax * vy - ay * vx)
        x, y, z = self._position
        moved = (
            x + vx + aw * cx + ay * cz - az * cy,
            y + vy + aw * cy + az * cx - ax * cz,
            z + vz + aw * cz + ax * cy - ay * cx,
        )
        return RigidTransform(moved, turn)

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        """Be what was pickled or copied; arrays come back writable, and the matrix must not be."""
        for name, value in state[1].items():
            setattr(self, name, value)
        if self._matrix is not None:
            self._matrix = _frozen(self._matrix)

    def __repr__(self) -> str:
        return f"RigidTransform(position={self._position}, orientation={self._orientation})"


def _columns(square: ArrayLike) -> NDArray[np.float32]:
    return _frozen(np.asarray(np.asarray(square, np.float64).T.ravel() + 0.0, np.float32))  # no -0.0


def _frozen(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """A view that nobody can make writable again, unlike an array that owns its memory."""
    matrix.flags.writeable = False
    return matrix.view()


def _numbers(
    name: str, values: Sequence[float], counts: tuple[int, ...], last: float
) -> tuple[float, float, float, float]:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        numbers = []
    if len(numbers) not in counts or not np.isfinite(numbers).all():
        wanted = " or ".join(map(str, counts))
        raise TypeError(f"{name} must have {wanted} finite numbers; got {list(values)!r}")
    x, y, z, w = (*numbers, last)[:4]
    return x, y, z, w
