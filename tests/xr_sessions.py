"""Sessions on simulated devices, for tests."""

from __future__ import annotations

import numpy as np

import nearfar as nf
from nearfar.capture import DepthFormat, DeviceInfo, Format, PacedSource
from nearfar.xr import (
    DepthDataFormat,
    DepthStateInit,
    NativeDepth,
    RigidTransform,
    SimulatedDevice,
    XRFrame,
    XRSession,
    XRView,
    request_session,
)

TILTED = RigidTransform((1.0, 2.0, 3.0), (0.5, 0.5, 0.5, 0.5))


def plain_session() -> XRSession:
    """A session without depth sensing."""
    return request_session("immersive-ar", device=SimulatedDevice())


def depth_session(
    device: SimulatedDevice | None = None, usage: str = "cpu-optimized", data_format: str = "float32"
) -> XRSession:
    """A session with depth sensing, of a device with depth if none is given."""
    return request_session(
        "immersive-ar",
        device=device or device_with_depth(),
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit([usage], [data_format]),
    )


def device_with_depth() -> SimulatedDevice:
    """A device that stands at `TILTED` and sees depths of 1 to 6 m."""
    device = SimulatedDevice()
    device.set_viewer_pose(TILTED)
    device.set_depth(
        NativeDepth(np.arange(1.0, 7.0, dtype=np.float32).reshape(2, 3), DepthDataFormat.FLOAT32, 1.0)
    )
    return device


def first_view(frame: XRFrame) -> XRView:
    """A frame's first view, in "local"."""
    pose = frame.get_viewer_pose(frame.session.request_reference_space("local"))
    assert pose is not None
    return pose.views[0]


class FixedCamera(PacedSource):
    """A camera that shows one frame over and over, or a number of frames and then no more."""

    def __init__(self, *frames: nf.Frame, over: bool = False) -> None:
        super().__init__()
        self._frames, self._over = frames, over
        depth, color = frames[0].depth, frames[0].color
        assert color is not None
        formats = () if depth is None else (DepthFormat(depth.kind, depth.dtype.name, *depth.size),)
        self._formats = (Format(color.shape[1], color.shape[0], 1.0, 60.0, formats),)

    @property
    def info(self) -> DeviceInfo:
        """See `Source`."""
        return DeviceInfo("test:fixed", "Fixed Camera")

    @property
    def formats(self) -> tuple[Format, ...]:
        """See `Source`."""
        return self._formats

    def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
        """See `PacedSource`."""
        if self._over and sequence >= len(self._frames):
            return None
        shown = self._frames[min(sequence, len(self._frames) - 1)]
        depth = None if format.depth is None else shown.depth
        return shown.replace(time=time, sequence=sequence, depth=depth)
