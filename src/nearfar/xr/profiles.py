"""`DeviceProfile`: which kind of device a camera plays, so that a page meets what it will meet there.

spec     the specification to the letter: every format, usage and type; the view is the sensor's
arcore   a phone held upright: the view is turned against the sensor, depth is 16-bit millimetres
quest    a headset: depth for the GPU alone, in window space
"""

from __future__ import annotations

from dataclasses import dataclass

from nearfar.xr.device import GPULayout, SessionMode
from nearfar.xr.negotiation import DepthDataFormat, DepthSupport, DepthType, DepthUsage
from nearfar.xr.projection import Rotation

__all__ = ["ARCORE", "PROFILES", "QUEST", "SPEC", "DeviceProfile"]


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """A kind of device.

    Attributes:
        name: as `request_session` takes it.
        depth_support: what it can do; of each the first is what it prefers.
        data_format: how its sensor stores depth.
        orientation: how far its view is turned against its sensor, degrees.
        gpu_layout: how its depth textures are laid out.
        modes: the immersive modes that it takes.
    """

    name: str
    depth_support: DepthSupport
    data_format: DepthDataFormat
    orientation: Rotation = 0
    gpu_layout: GPULayout = "linear"
    modes: tuple[SessionMode, ...] = ("immersive-ar", "immersive-vr")


_SMOOTH_FIRST = (DepthType.SMOOTH, DepthType.RAW)
_SIXTEEN_BITS_FIRST = (
    DepthDataFormat.LUMINANCE_ALPHA,
    DepthDataFormat.UNSIGNED_SHORT,
    DepthDataFormat.FLOAT32,
)

SPEC = DeviceProfile("spec", DepthSupport(_SMOOTH_FIRST), DepthDataFormat.FLOAT32)
ARCORE = DeviceProfile(
    "arcore",
    DepthSupport(_SMOOTH_FIRST, _SIXTEEN_BITS_FIRST),
    DepthDataFormat.LUMINANCE_ALPHA,
    orientation=90,
    modes=("immersive-ar",),
)
QUEST = DeviceProfile(
    "quest",
    DepthSupport(_SMOOTH_FIRST, _SIXTEEN_BITS_FIRST, (DepthUsage.GPU_OPTIMIZED,)),
    DepthDataFormat.FLOAT32,
    gpu_layout="window-space",
)
PROFILES = {profile.name: profile for profile in (SPEC, ARCORE, QUEST)}
"""The profiles by name."""
