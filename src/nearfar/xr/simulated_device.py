"""`SimulatedDevice`: a device whose every number is set by hand, for tests of what is built upon sessions.

    device.set_depth(native); device.set_viewer_pose(transform) ──▶ the next frame shows it

As FakeXRDevice of the WebXR Test API: https://immersive-web.github.io/webxr-test-api/
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import DeviceLost
from nearfar.xr.device import DeviceFrame, DeviceView, GPULayout, SessionMode
from nearfar.xr.native_depth import NativeDepth
from nearfar.xr.negotiation import DepthSupport, DepthType
from nearfar.xr.projection import FieldOfView
from nearfar.xr.rigid_transform import RigidTransform

__all__ = ["SimulatedDevice"]

ALL_DEPTH = DepthSupport()
"""Every type, format and usage."""
FRAME_SECONDS = 1.0 / 60.0
"""By how much the time of a frame is later than that of the one before."""


class SimulatedDevice:
    """A device without hardware: each time it is asked it gives a frame of what is set, at once.

    Frame k is of k / 60 s. What is set holds from the next frame on, for all that follow.

    Args:
        views: one or two; at first a single one of 90 degrees.
        depth_support: what it can do where depth is asked for; None: it senses none.
        modes: the immersive modes that it takes.
        features: the features that it grants beside depth.
        gpu_layout: how its depth textures are laid out.

    Raises:
        ValueError: no view.
    """

    def __init__(
        self,
        views: Iterable[DeviceView] = (DeviceView(FieldOfView(1.0, 1.0, 1.0, 1.0)),),
        *,
        depth_support: DepthSupport | None = ALL_DEPTH,
        modes: Iterable[SessionMode] = ("immersive-ar", "immersive-vr"),
        features: Iterable[str] = ("viewer", "local"),
        gpu_layout: GPULayout = "linear",
    ) -> None:
        self._depth_support = depth_support
        self._modes = frozenset(modes)
        self._features = frozenset(features) | (frozenset() if depth_support is None else {"depth-sensing"})
        self._gpu_layout: GPULayout = gpu_layout
        self._lock = threading.Lock()
        self._sequence = 0
        self._running = False
        self._connected = True
        self._color: NDArray[np.uint8] | None = None
        self._depth: NativeDepth | None = None
        self._viewer_pose: RigidTransform | None = RigidTransform()
        self._depth_type: DepthType | None = None
        self.set_views(views)

    # What tests set

    def set_views(self, views: Iterable[DeviceView]) -> None:
        """What a page is to draw. Raises ValueError on none."""
        given = tuple(views)
        if not given:
            raise ValueError("a device has one view at least")
        self._views = given

    def set_depth(self, depth: NativeDepth) -> None:
        """What its depth sensor sees (setDepthSensingData)."""
        self._depth = depth

    def clear_depth(self) -> None:
        """Its depth sensor sees nothing (clearDepthSensingData)."""
        self._depth = None

    def set_color(self, color: NDArray[np.uint8] | None) -> None:
        """What its camera sees, (H, W, 3); None: it has none."""
        self._color = color

    def set_viewer_pose(self, pose: RigidTransform | None) -> None:
        """Where the viewer is in "local"; None: tracking is lost (setViewerOrigin, clearViewerOrigin)."""
        self._viewer_pose = pose

    def disconnect(self) -> None:
        """Be gone: whoever waits for a frame gets `nearfar.DeviceLost` (FakeXRDevice.disconnect)."""
        self._connected = False

    # What sessions ask

    @property
    def modes(self) -> frozenset[SessionMode]:
        """See `XRDevice`."""
        return self._modes

    @property
    def features(self) -> frozenset[str]:
        """See `XRDevice`."""
        return self._features

    @property
    def depth_support(self) -> DepthSupport | None:
        """See `XRDevice`."""
        return self._depth_support

    @property
    def gpu_layout(self) -> GPULayout:
        """See `XRDevice`."""
        return self._gpu_layout

    @property
    def running(self) -> bool:
        """Whether a session has it."""
        return self._running

    @property
    def depth_type(self) -> DepthType | None:
        """What the session that has it agreed on."""
        return self._depth_type

    def start(self, depth_type: DepthType | None = None) -> None:
        """See `XRDevice`."""
        if not self._connected:
            raise DeviceLost("the simulated device was disconnected")
        self._running, self._depth_type = True, depth_type

    def stop(self) -> None:
        """See `XRDevice`."""
        self._running = False

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:  # noqa: ARG002 - never waits
        """See `XRDevice`."""
        if not self._connected:
            raise DeviceLost("the simulated device was disconnected")
        if not self._running:
            return None
        with self._lock:
            sequence, self._sequence = self._sequence, self._sequence + 1
        return DeviceFrame(
            sequence, sequence * FRAME_SECONDS, self._views, self._color, self._depth, self._viewer_pose
        )

    def __repr__(self) -> str:
        views = "1 view" if len(self._views) == 1 else f"{len(self._views)} views"
        depth = "no depth" if self._depth_support is None else "depth"
        state = "running" if self._running else "stopped"
        return f"SimulatedDevice({views}, {depth}, {state if self._connected else 'disconnected'})"
