"""Digital zoom: the middle of the picture, at the size of the whole.

┌─────────┐
│  ┌───┐  │        ┌─────────┐
│  │   │  │  ──▶   │         │   colour interpolated, depth taken from the nearest pixel:
│  └───┘  │        │         │   no distance is invented; the calibration goes with it
└─────────┘        └─────────┘
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Calibration, DepthMap, Frame, Matte

__all__ = ["zoomed", "zoomed_camera", "zoomed_matte"]


def zoomed(frame: Frame, factor: float) -> Frame:
    """The middle 1 / factor of a frame, each way, at the frame's own size."""
    if factor == 1.0:
        return frame
    color = None if frame.color is None else _zoomed_picture(frame.color, factor)
    depth = None if frame.depth is None else _zoomed_depth(frame.depth, factor)
    return frame.replace(color=color, depth=depth)


def zoomed_matte(matte: Matte, factor: float) -> Matte:
    """The same of a matte."""
    return matte if factor == 1.0 else Matte(_nearest(matte.values, factor), matte.kind)


def _zoomed_picture(color: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    from PIL import Image

    height, width = color.shape[:2]
    left, top = width * (1.0 - 1.0 / factor) / 2.0, height * (1.0 - 1.0 / factor) / 2.0
    box = (left, top, width - left, height - top)
    return np.asarray(Image.fromarray(color).resize((width, height), Image.Resampling.BILINEAR, box=box))


def _zoomed_depth(depth: DepthMap, factor: float) -> DepthMap:
    return depth.replace(
        values=_nearest(depth.values, factor),
        confidence=None if depth.confidence is None else _nearest(depth.confidence, factor),
        calibration=None if depth.calibration is None else zoomed_camera(depth.calibration, factor),
    )


def _nearest(array: NDArray[Any], factor: float) -> NDArray[Any]:
    rows, columns = (
        (size * (1.0 - 1.0 / factor) / 2.0 + (np.arange(size) + 0.5) / factor).astype(np.intp)
        for size in array.shape
    )
    picked = array[np.ix_(rows, columns)]
    picked.flags.writeable = False
    return picked


def zoomed_camera(camera: Calibration, factor: float) -> Calibration:
    """The camera that sees the middle 1 / factor alone."""
    width, height = camera.reference_size
    large = camera.scaled_to((round(width * factor), round(height * factor)))
    whole, tall = large.reference_size
    return large.cropped((whole - width) / 2.0, (tall - height) / 2.0, width, height)
