"""From shifts to metres: what a rectified pair's displacements mean in space.

      disparity (1/m) = (shift + doffs) / (fx · baseline)          depth (m) = 1 / disparity

Shifts are even in disparity, and so is their error: that is how the map is kept, as phones keep theirs.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import Accuracy, DepthKind, DepthMap, Quality, StereoRig
from nearfar.errors import EstimationError
from nearfar.estimate.pairs import ROW_TOLERANCE, check_aspect
from nearfar.estimate.rig_geometry import aligned_rotations, row_error

__all__ = ["Matched", "stereo_depth"]

_FEW = 0.5
"""A map of which less than this share was measured is of low quality."""


@runtime_checkable
class Matched(Protocol):
    """What a matcher found, all (H, W): `StereoMatch` is one."""

    @property
    def shift(self) -> NDArray[np.float32]:
        """Px to the left in the right picture; NaN where there is none."""

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Where there is a shift."""

    @property
    def confidence(self) -> NDArray[np.float32]:
        """0..1; 0 where a shift was filled in."""

    @property
    def occluded(self) -> NDArray[np.bool_]:
        """What the right camera does not see."""


def stereo_depth(result: Matched | ArrayLike, rig: StereoRig | None = None) -> DepthMap:
    """The depth map of the left camera, from what `match_stereo` found or from any map of shifts.

    Args:
        result: a match, or its shifts alone: (H, W) float px, x_right = x_left - shift, NaN for holes.
        rig: the rectified cameras (`rectify_pair`), of any reference size with the pictures' aspect ratio.
            None where they are not known.

    Returns:
        A map of disparity; ``.to(DepthKind.DEPTH)`` gives metres. With a rig it is in 1/metre, of absolute
        accuracy, and carries the left calibration at the map's size; what would lie behind infinity is a
        hole. Without one it is relative and not metric: shifts as shares of the picture's width. A match's
        confidence goes along, 0 in holes; filtered says whether its holes were filled in.

    Raises:
        EstimationError: cameras that do not share rows, or whose pictures have another aspect ratio.
        TypeError: shifts that are no floats, a rig that is none.
        ValueError: an array of another shape, or with infinities.

    Source: `Z = baseline fx / (shift + doffs)`: Middlebury Stereo Datasets 2014.
    """
    matched = result if isinstance(result, Matched) else None
    shift = _shifts(result.shift if isinstance(result, Matched) else result)
    height, width = shift.shape
    if rig is None:
        values = shift / width
        about: dict[str, Any] = {"accuracy": Accuracy.RELATIVE, "metric": False}
    else:
        scaled = _rectified(rig, (width, height))
        values = (shift + scaled.doffs) / (scaled.left.fx * scaled.baseline)
        values[values < 0.0] = np.nan
        about = {"accuracy": Accuracy.ABSOLUTE, "calibration": scaled.left}
    there = ~np.isnan(values)
    if matched is not None:
        known = np.clip(np.where(there, matched.confidence, 0.0), 0.0, 1.0)
        about["confidence"] = known.astype(np.float32)
        measured = matched.valid & ~matched.occluded & (matched.confidence > 0.0)
        about["filtered"] = bool(matched.valid.all() and not measured.all())
        there &= measured
    return DepthMap(
        values.astype(np.float32),
        DepthKind.DISPARITY,
        quality=Quality.HIGH if there.mean() >= _FEW else Quality.LOW,
        **about,
    )


def _shifts(values: ArrayLike | NDArray[np.float32]) -> NDArray[np.float64]:
    shift = np.asarray(values)
    if shift.dtype.kind != "f":
        raise TypeError(f"shifts must be floats in px, with NaN for holes; got {shift.dtype}")
    if shift.ndim != 2 or shift.size == 0:
        raise ValueError(f"shifts must have shape (H, W) with at least one pixel; got {shift.shape}")
    if np.isinf(shift).any():
        raise ValueError("shifts must be finite; use NaN where there is none")
    return shift.astype(np.float64)


def _rectified(rig: StereoRig, size: tuple[int, int]) -> StereoRig:
    """The rig at the map's size, if its cameras share rows."""
    if not isinstance(rig, StereoRig):
        raise TypeError(f"rig must be a StereoRig or None, not {type(rig).__name__}")
    aligned_rotations(rig)  # says what is wrong with a rig that can't be rectified at all
    check_aspect(size, rig.left, "the map of shifts")
    off = row_error(rig, size)
    if not off <= ROW_TOLERANCE:
        what = "a lens bends them" if np.isinf(off) else f"points are up to {off:.3g} px off"
        raise EstimationError(
            f"the rig's pictures do not share rows ({what}): match the pictures of rectify_pair(pair), and "
            "pass its rig"
        )
    return rig.scaled_to(size)
