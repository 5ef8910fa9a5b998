"""The picture that guides: whatever a caller has, as the (H, W, 3) uint8 that the kernels read."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.errors import EstimationError


def as_guide(guide: ArrayLike) -> NDArray[np.uint8]:
    """A picture (H, W), (H, W, 1) or (H, W, 3), uint8, uint16 or float in 0..1, as 8-bit RGB.

    A grey picture guides as its RGB copy would. Raises TypeError for another dtype, EstimationError for
    another shape, an empty picture, NaN or a float outside 0..1.
    """
    picture = np.asarray(guide)
    if picture.dtype.kind == "f":
        # Written so that NaN fails too.
        if not bool(((picture >= 0) & (picture <= 1)).all()):
            raise EstimationError("guide must be in 0..1 when it is float, without NaN")
        picture = np.rint(picture.astype(np.float32, copy=False) * np.float32(255)).astype(np.uint8)
    elif picture.dtype == np.uint16:
        picture = ((picture + np.uint32(128)) // np.uint32(257)).astype(np.uint8)
    elif picture.dtype != np.uint8:
        raise TypeError(f"guide must be uint8, uint16 or float; got {picture.dtype}")
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.ndim != 3 or picture.shape[2] not in (1, 3):
        raise EstimationError(f"guide must have shape (H, W) or (H, W, 3); got {np.shape(guide)}")
    if picture.size == 0:
        raise EstimationError(f"guide must not be empty; got {np.shape(guide)}")
    return np.ascontiguousarray(np.broadcast_to(picture, (*picture.shape[:2], 3)))
