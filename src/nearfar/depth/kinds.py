"""The small vocabulary of depth data: what a map measures, how far it can be trusted, and which way is up.

The orientations are EXIF's, under the names of Apple's ``CGImagePropertyOrientation``. Each says how a
*stored* picture must be turned to stand upright; together they are the symmetries of a rectangle::

    stored pixels ── orientation ──▶ upright pixels        (``orient_array``, ``Orientation.camera_matrix``)
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)


class DepthKind(Enum):
    """What the numbers of a depth map mean (AVDepthData: hdep/fdep and hdis/fdis)."""

    DEPTH = "depth"
    """Metres along the optical axis: the distance from the camera's plane."""
    DISPARITY = "disparity"
    """1 / metres: the reciprocal of depth. Never a shift in pixels."""


class Accuracy(Enum):
    """Whether the numbers hold in the world (AVDepthData.Accuracy)."""

    RELATIVE = "relative"
    """Right relative to one another; metres are nominal."""
    ABSOLUTE = "absolute"
    """Right in the world within the accuracy of the sensor."""


class Quality(Enum):
    """How much of the map was measured (AVDepthData.Quality)."""

    LOW = "low"
    """Too few key points: many values were missing before filtering."""
    HIGH = "high"


class MatteKind(Enum):
    """Which subject a matte covers (AVPortraitEffectsMatte, AVSemanticSegmentationMatte)."""

    PORTRAIT = "portrait"
    SKIN = "skin"
    HAIR = "hair"
    TEETH = "teeth"
    GLASSES = "glasses"
    SKY = "sky"


class Orientation(IntEnum):
    """How stored pixels must be turned to stand upright (EXIF tag 0x0112, values 1 to 8).

    Source: Exif 2.32, section 4.6.4 A; the names are those of CGImagePropertyOrientation.
    """

    UP = 1
    UP_MIRRORED = 2
    DOWN = 3
    DOWN_MIRRORED = 4
    LEFT_MIRRORED = 5
    RIGHT = 6
    RIGHT_MIRRORED = 7
    LEFT = 8

    @property
    def inverse(self) -> Orientation:
        """The orientation that undoes this one."""
        return _INVERSES.get(self, self)

    @property
    def swaps_axes(self) -> bool:
        """True when width and height change places."""
        return self >= Orientation.LEFT_MIRRORED

    @property
    def mirrors(self) -> bool:
        """True when the picture is reflected, so that left and right hands change places."""
        return self in (
            Orientation.UP_MIRRORED,
            Orientation.DOWN_MIRRORED,
            Orientation.LEFT_MIRRORED,
            Orientation.RIGHT_MIRRORED,
        )

    def then(self, other: Orientation | int) -> Orientation:
        """The one orientation that equals this one followed by `other`."""
        a, b, c, d = _MATRICES[Orientation(other)]
        e, f, g, h = _MATRICES[self]
        return _BY_MATRIX[a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h]

    def camera_matrix(self) -> NDArray[np.float64]:
        """The (3, 3) matrix M with ``p_upright = M @ p_stored`` in camera axes.

        The axes are x right, y down, z forward; M is orthonormal, with determinant -1 for the
        mirrored orientations.
        """
        matrix = np.eye(3)
        matrix[:2, :2] = np.reshape(_MATRICES[self], (2, 2))
        return matrix

    def oriented_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The upright (width, height) of a picture stored with `size` (width, height)."""
        return (size[1], size[0]) if self.swaps_axes else size


# Rows of the 2x2 matrix that takes stored (x right, y down) to upright.
_MATRICES: dict[Orientation, tuple[int, ...]] = {
    Orientation.UP: (1, 0, 0, 1),
    Orientation.UP_MIRRORED: (-1, 0, 0, 1),
    Orientation.DOWN: (-1, 0, 0, -1),
    Orientation.DOWN_MIRRORED: (1, 0, 0, -1),
    Orientation.LEFT_MIRRORED: (0, 1, 1, 0),
    Orientation.RIGHT: (0, -1, 1, 0),
    Orientation.RIGHT_MIRRORED: (0, -1, -1, 0),
    Orientation.LEFT: (0, 1, -1, 0),
}
_BY_MATRIX = {rows: orientation for orientation, rows in _MATRICES.items()}
_INVERSES = {Orientation.RIGHT: Orientation.LEFT, Orientation.LEFT: Orientation.RIGHT}


def orient_array(array: NDArray[_Scalar], orientation: Orientation | int) -> NDArray[_Scalar]:
    """Turn pixels stored with an EXIF orientation upright.

    `array` is (H, W) or (H, W, C) of any dtype. The result is C-contiguous, (W, H[, C]) for the four
    orientations that swap the axes, and shares memory with `array` only for ``Orientation.UP``.
    Raises ValueError on an orientation outside 1..8 or an array of fewer than two axes.
    """
    orientation = Orientation(orientation)
    if array.ndim < 2:
        raise ValueError(f"a picture has at least two axes (H, W); got shape {array.shape}")
    turned: NDArray[Any] = array
    if orientation.swaps_axes:
        turned = turned.swapaxes(0, 1)
    a, b, c, d = _MATRICES[orientation]
    if a + b < 0:
        turned = turned[:, ::-1]
    if c + d < 0:
        turned = turned[::-1]
    return np.ascontiguousarray(turned)
