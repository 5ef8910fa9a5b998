"""`DepthInformation`: what a frame tells of its depth, and for as long as the frame lasts.

                     DepthInformation        size, orientation, scale, and where it was seen from
                    ┌────────┴─────────┐
        CPUDepthInformation     GLDepthInformation
          bytes, metres           a texture

WebXR Depth Sensing Module, section 5: https://immersive-web.github.io/depth-sensing/#depth-data
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import InvalidStateError
from nearfar.xr.rigid_transform import RigidTransform
from nearfar.xr.view_depth import ViewDepth

if TYPE_CHECKING:
    from nearfar.xr.xr_frame import XRFrame

__all__ = ["DepthInformation"]


class DepthInformation:
    """What is common to depth on the CPU and on the GPU (XRDepthInformation).

    Everything raises `nearfar.errors.InvalidStateError` once the frame that it came with is over.
    """

    __slots__ = ("_depth", "_frame")

    def __init__(self, frame: XRFrame, depth: ViewDepth) -> None:
        self._frame = frame
        self._depth = depth

    @property
    def width(self) -> int:
        """Columns of the depth buffer."""
        return int(self._alive().raw.shape[1])

    @property
    def height(self) -> int:
        """Rows of the depth buffer."""
        return int(self._alive().raw.shape[0])

    @property
    def norm_depth_buffer_from_norm_view(self) -> RigidTransform:
        """From the view's 0..1 (top left, y down) to the buffer's (normDepthBufferFromNormView).

        ``.inverse.matrix`` leads back. It is no identity where the buffer is turned against the view.
        """
        return self._alive().norm_depth_buffer_from_norm_view

    @property
    def raw_value_to_meters(self) -> float:
        """Metres of a raw value of 1: a float32, such as 0.0010000000474974513 (rawValueToMeters)."""
        return self._alive().raw_value_to_meters

    @property
    def projection_matrix(self) -> NDArray[np.float32]:
        """(16,) float32, column by column, read-only: what the buffer shows (projectionMatrix)."""
        return self._alive().projection

    @property
    def transform(self) -> RigidTransform:
        """Where it was seen from, in the view's reference space."""
        return self._alive().transform

    def _alive(self) -> ViewDepth:
        frame = self._frame
        if not (frame.active and frame.is_animation):
            raise InvalidStateError(
                "the depth information's frame is over: it lasts until the session's next frame is asked for"
            )
        return self._depth

    def __repr__(self) -> str:
        height, width = self._depth.raw.shape
        state = "" if self._frame.active else ", over"
        return f"{type(self).__name__}({width}×{height} {self._depth.raw.dtype}{state})"
