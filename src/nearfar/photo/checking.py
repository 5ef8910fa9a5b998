"""What a photo is made of when arrays are given: checked at birth, so that nothing odd is saved later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import DepthMap, Matte, MatteKind

__all__ = ["by_kind", "checked_depth", "checked_picture"]

_ASPECT_SLACK = 0.02
"""How far the depth map's aspect ratio may be from the picture's: phones' own differ by under 1 %."""


def checked_picture(color: ArrayLike) -> NDArray[np.uint8]:
    """Give the picture as (H, W, 3) uint8, read-only memory of its own; (H, W) is taken as gray."""
    array = np.asarray(color)
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or array.size == 0:
        raise ValueError(f"color is {array.dtype} {array.shape}, not a picture of (H, W, 3) uint8 sRGB")
    kept = np.array(array, order="C")
    kept.flags.writeable = False
    return kept.view()  # a view of read-only memory stays read-only for good


def checked_depth(depth: DepthMap | None, size: tuple[int, int]) -> DepthMap | None:
    """Give the map if it can be of a picture of that (width, height)."""
    if depth is None:
        return None
    if not isinstance(depth, DepthMap):
        raise TypeError(f"depth must be a DepthMap, not {type(depth).__name__}")
    width, height = size
    slack = max(_ASPECT_SLACK, 1.0 / depth.width + 1.0 / depth.height)
    if abs(depth.width * height / (depth.height * width) - 1) > slack:
        raise ValueError(
            f"the depth map is {depth.width}×{depth.height} and the picture {width}×{height}: "
            "they must show the same field of view; crop one of them first"
        )
    return depth


def by_kind(mattes: Mapping[MatteKind, Matte] | Iterable[Matte]) -> Mapping[MatteKind, Matte]:
    """Give the mattes by kind."""
    if isinstance(mattes, Mapping):
        wrong = [kind for kind, matte in mattes.items() if matte.kind is not kind]
        if wrong:
            raise ValueError(f"the matte under {wrong[0]} is of kind {mattes[wrong[0]].kind}")
        return dict(mattes)
    return {matte.kind: matte for matte in mattes}
