"""The WebXR Depth Sensing model in Python: a device's depth as a web page gets it.

    device ──▶ session ──▶ frame ──▶ view ──▶ depth information
                  ▲
          what was asked for (DepthStateInit) and found (DepthConfiguration)

Names load when they are first used. https://immersive-web.github.io/depth-sensing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.xr.native_depth import NativeDepth as NativeDepth
    from nearfar.xr.negotiation import DepthConfiguration as DepthConfiguration
    from nearfar.xr.negotiation import DepthDataFormat as DepthDataFormat
    from nearfar.xr.negotiation import DepthStateInit as DepthStateInit
    from nearfar.xr.negotiation import DepthSupport as DepthSupport
    from nearfar.xr.negotiation import DepthType as DepthType
    from nearfar.xr.negotiation import DepthUsage as DepthUsage
    from nearfar.xr.rigid_transform import RigidTransform as RigidTransform

_HOMES = {
    "native_depth": "NativeDepth",
    "negotiation": "DepthConfiguration DepthDataFormat DepthStateInit DepthSupport DepthType DepthUsage",
    "rigid_transform": "RigidTransform",
}
__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
