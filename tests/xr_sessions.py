"""Sessions on simulated devices, for tests."""

from __future__ import annotations

import numpy as np

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
