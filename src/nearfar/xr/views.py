"""What a page draws: `XRViewerPose`, the viewer's place, and its `XRView`s, one for each picture.

    reference space ◀── reference_from_viewer ── viewer ◀── viewer_from_view ── view
          ▲                                                                      │
          └────────────────────────────── transform ─────────────────────────────┘

WebXR Device API, section 7: https://www.w3.org/TR/webxr/#views
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nearfar.xr.device import DeviceView, Eye
from nearfar.xr.projection import FieldOfView
from nearfar.xr.rigid_transform import RigidTransform

if TYPE_CHECKING:
    from nearfar.xr.xr_frame import XRFrame

__all__ = ["XRPose", "XRView", "XRViewerPose", "XRViewport"]


@dataclass(frozen=True, slots=True)
class XRViewport:
    """The part of a layer that a view is drawn to, px; y counts from the bottom (XRViewport)."""

    x: int
    y: int
    width: int
    height: int


class XRPose:
    """Where something is in a space (XRPose)."""

    __slots__ = ("_transform",)

    def __init__(self, transform: RigidTransform) -> None:
        self._transform = transform

    @property
    def transform(self) -> RigidTransform:
        """The pose, metres."""
        return self._transform


class XRView:
    """One picture that is drawn of a frame (XRView). It is good for asking its own frame alone."""

    __slots__ = ("_device_view", "_frame", "_index", "_reference_from_viewer", "_transform")

    def __init__(
        self, frame: XRFrame, index: int, device_view: DeviceView, reference_from_viewer: RigidTransform
    ) -> None:
        self._frame = frame
        self._index = index
        self._device_view = device_view
        self._reference_from_viewer = reference_from_viewer
        self._transform: RigidTransform | None = None

    @property
    def frame(self) -> XRFrame:
        """The frame that it came with."""
        return self._frame

    @property
    def index(self) -> int:
        """Its place in `XRViewerPose.views` (XRView.index)."""
        return self._index

    @property
    def eye(self) -> Eye:
        """Whose picture it is: "none", "left" or "right"."""
        return self._device_view.eye

    @property
    def projection_matrix(self) -> NDArray[np.float32]:
        """(16,) float32, column by column, read-only, to the frame's near and far."""
        state = self._frame.render_state
        return _projection(self._device_view.field_of_view, state.depth_near, state.depth_far)

    @property
    def field_of_view(self) -> FieldOfView:
        """Its four edges."""
        return self._device_view.field_of_view

    @property
    def transform(self) -> RigidTransform:
        """Where it is in the space that the viewer's pose was asked in; the same object each time."""
        if self._transform is None:
            self._transform = self._reference_from_viewer @ self._device_view.offset
        return self._transform

    @property
    def viewer_from_view(self) -> RigidTransform:
        """Where it is in the viewer's space."""
        return self._device_view.offset

    @property
    def reference_from_viewer(self) -> RigidTransform:
        """Where the viewer is in the reference space."""
        return self._reference_from_viewer

    def get_viewport(self, size: tuple[int, int]) -> XRViewport:
        """Its part of a layer of ``size`` (width, height) px: views stand side by side, from the left.

        Mirrors XRWebGLLayer.getViewport.
        """
        width, height = size
        count = len(self._frame.device_frame.views)
        left, right = width * self._index // count, width * (self._index + 1) // count
        return XRViewport(left, 0, right - left, height)


class XRViewerPose(XRPose):
    """Where the viewer is, and what is to be drawn from there (XRViewerPose)."""

    __slots__ = ("_views",)

    def __init__(self, transform: RigidTransform, views: tuple[XRView, ...]) -> None:
        super().__init__(transform)
        self._views = views

    @property
    def views(self) -> tuple[XRView, ...]:
        """One for a camera or a phone, two for a headset, the left eye's first."""
        return self._views


@lru_cache(maxsize=16)
def _projection(field_of_view: FieldOfView, near: float, far: float) -> NDArray[np.float32]:
    return field_of_view.projection(near, far)
