"""What a view sees, as WebGL's projection matrices say it.

        up
     ┌───┼───┐         the tangents of the four angles from the axis to the edges: all positive
left ┼───●───┼ right   where the axis lies inside the picture, unequal where it is off its middle
     └───┼───┘
       down
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Calibration

__all__ = ["FieldOfView", "Rotation"]

Rotation = Literal[0, 90, 180, 270]
"""How far a view is turned against its sensor, degrees; 90: the view's up is the sensor's right."""


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """The four edges of a view (XRFovf of OpenXR, as tangents).

    Raises ValueError where it has no width or height.
    """

    left: float
    right: float
    up: float
    down: float

    def __post_init__(self) -> None:
        edges = (self.left, self.right, self.up, self.down)
        if not np.isfinite(edges).all() or self.left + self.right <= 0.0 or self.up + self.down <= 0.0:
            raise ValueError(f"a field of view has a width and a height; got {edges}")

    @classmethod
    def from_calibration(cls, calibration: Calibration) -> FieldOfView:
        """That of a camera's rectified picture; skew is left out."""
        width, height = calibration.reference_size
        return cls(
            left=calibration.cx / calibration.fx,
            right=(width - calibration.cx) / calibration.fx,
            up=calibration.cy / calibration.fy,
            down=(height - calibration.cy) / calibration.fy,
        )

    def turned(self, rotation: Rotation) -> FieldOfView:
        """That of a view turned by ``rotation`` degrees: at 90 its up is this one's right."""
        edges = {
            0: (self.left, self.right, self.up, self.down),
            90: (self.up, self.down, self.right, self.left),
            180: (self.right, self.left, self.down, self.up),
            270: (self.down, self.up, self.left, self.right),
        }
        if rotation not in edges:
            raise ValueError(f"a view is turned by 0, 90, 180 or 270 degrees, not {rotation}")
        return FieldOfView(*edges[rotation])

    def projection(self, near: float, far: float) -> NDArray[np.float32]:
        """(16,) float32, column by column, for WebGL's clip space; ``far`` may be infinite."""
        matrix = np.zeros((4, 4))  # by columns
        matrix[0, 0] = 2.0 / (self.left + self.right)
        matrix[1, 1] = 2.0 / (self.up + self.down)
        matrix[2, 0] = (self.right - self.left) / (self.left + self.right)
        matrix[2, 1] = (self.up - self.down) / (self.up + self.down)
        matrix[2, 2] = -1.0 if np.isinf(far) else (far + near) / (near - far)
        matrix[2, 3] = -1.0
        matrix[3, 2] = -2.0 * near if np.isinf(far) else 2.0 * far * near / (near - far)
        found = matrix.ravel().astype(np.float32)
        found.flags.writeable = False
        return found
