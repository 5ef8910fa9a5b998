"""`XRDevice`: what gives a session its frames; and `DeviceFrame`, one of them.

nearfar camera, recording, photo ─ CameraDevice ─┐
                                                 ├─ next_frame ─▶ DeviceFrame: colour, depth, views, viewer
numbers set by a test ───────── SimulatedDevice ─┘
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nearfar.xr.native_depth import NativeDepth
from nearfar.xr.negotiation import DepthSupport, DepthType
from nearfar.xr.projection import FieldOfView
from nearfar.xr.rigid_transform import RigidTransform

__all__ = ["DeviceFrame", "DeviceView", "Eye", "GPULayout", "SessionMode", "SharedDevice", "XRDevice"]

Eye = Literal["none", "left", "right"]
SessionMode = Literal["inline", "immersive-vr", "immersive-ar"]
GPULayout = Literal["linear", "window-space"]
"""What a depth texture holds: ``linear``, raw values, top row first, as the specification says; or
``window-space``, z = 1 - near / metres in two layers, bottom row first, as headsets hand it out."""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One picture that a page draws: for which eye, how wide, and where in the viewer's space."""

    field_of_view: FieldOfView
    eye: Eye = "none"
    offset: RigidTransform = field(default_factory=RigidTransform)


@dataclass(frozen=True, slots=True, eq=False)
class DeviceFrame:
    """What a device knows of one moment.

    Attributes:
        sequence: counts what the device gave; gaps are frames that were passed over for newer ones.
        time: seconds of the host's clock.
        views: one or two.
        color: (H, W, 3) uint8 sRGB, upright as the first view is, or None.
        depth: as the device has it, or None where this moment has none.
        viewer_pose: the viewer in the world, or None where it is not known.
        depth_of: gives the depth of a type, None for the one that the device prefers, where several share
            the device (`SharedDevice`) and each may want another; ``depth`` is None then. It takes time when
            a type is first asked for, and any thread may ask. None: see ``depth``.
    """

    sequence: int
    time: float
    views: tuple[DeviceView, ...]
    color: NDArray[np.uint8] | None = None
    depth: NativeDepth | None = None
    viewer_pose: RigidTransform | None = None
    depth_of: Callable[[DepthType | None], NativeDepth] | None = None


@runtime_checkable
class XRDevice(Protocol):
    """What a session asks of a device. One session has it at a time."""

    @property
    def modes(self) -> frozenset[SessionMode]:
        """The modes of session that it takes; "inline" goes without asking."""

    @property
    def features(self) -> frozenset[str]:
        """The feature descriptors that it can grant, such as "local" and "depth-sensing"."""

    @property
    def depth_support(self) -> DepthSupport | None:
        """What it can do where depth is asked for, or None: it senses none."""

    @property
    def gpu_layout(self) -> GPULayout:
        """How its depth textures are laid out."""

    def start(self, depth_type: DepthType | None = None) -> None:
        """Begin to deliver; ``depth_type`` is what the session agreed on, None leaves it to the device.

        Raises `nearfar.CaptureError` where it cannot.
        """

    def stop(self) -> None:
        """End; a thread that waits in `next_frame` gets None. Idempotent."""

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:
        """The newest frame that was not handed out yet; waits for it.

        None when ``timeout`` seconds went by, the device has come to its end or was stopped.
        Raises `nearfar.DeviceLost` once it has gone.
        """


@runtime_checkable
class SharedDevice(Protocol):
    """What an `XRDevice` has besides, where each of several who share it can have depth of their own type."""

    def start_shared(self) -> None:
        """Begin to deliver, as `XRDevice.start` does: frames have `DeviceFrame.depth_of`, and no depth."""
