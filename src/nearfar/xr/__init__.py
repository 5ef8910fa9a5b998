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
    from nearfar.xr.animation import XRFrames as XRFrames
    from nearfar.xr.camera_device import CameraDevice as CameraDevice
    from nearfar.xr.camera_frames import CameraFrames as CameraFrames
    from nearfar.xr.cpu_information import CPUDepthInformation as CPUDepthInformation
    from nearfar.xr.depth_information import DepthInformation as DepthInformation
    from nearfar.xr.device import DeviceFrame as DeviceFrame
    from nearfar.xr.device import DeviceView as DeviceView
    from nearfar.xr.device import SharedDevice as SharedDevice
    from nearfar.xr.device import XRDevice as XRDevice
    from nearfar.xr.gl_binding import GLBinding as GLBinding
    from nearfar.xr.gl_binding import GLDepthInformation as GLDepthInformation
    from nearfar.xr.native_depth import NativeDepth as NativeDepth
    from nearfar.xr.negotiation import DepthConfiguration as DepthConfiguration
    from nearfar.xr.negotiation import DepthDataFormat as DepthDataFormat
    from nearfar.xr.negotiation import DepthStateInit as DepthStateInit
    from nearfar.xr.negotiation import DepthSupport as DepthSupport
    from nearfar.xr.negotiation import DepthType as DepthType
    from nearfar.xr.negotiation import DepthUsage as DepthUsage
    from nearfar.xr.profiles import DeviceProfile as DeviceProfile
    from nearfar.xr.projection import FieldOfView as FieldOfView
    from nearfar.xr.render_state import RenderState as RenderState
    from nearfar.xr.requesting import is_session_supported as is_session_supported
    from nearfar.xr.requesting import request_session as request_session
    from nearfar.xr.rigid_transform import RigidTransform as RigidTransform
    from nearfar.xr.session import XRSession as XRSession
    from nearfar.xr.simulated_device import SimulatedDevice as SimulatedDevice
    from nearfar.xr.spaces import XRReferenceSpace as XRReferenceSpace
    from nearfar.xr.views import XRPose as XRPose
    from nearfar.xr.views import XRView as XRView
    from nearfar.xr.views import XRViewerPose as XRViewerPose
    from nearfar.xr.views import XRViewport as XRViewport
    from nearfar.xr.xr_frame import XRFrame as XRFrame

_HOMES = {
    "animation": "XRFrames",
    "camera_device": "CameraDevice",
    "camera_frames": "CameraFrames",
    "cpu_information": "CPUDepthInformation",
    "depth_information": "DepthInformation",
    "device": "DeviceFrame DeviceView SharedDevice XRDevice",
    "gl_binding": "GLBinding GLDepthInformation",
    "native_depth": "NativeDepth",
    "negotiation": "DepthConfiguration DepthDataFormat DepthStateInit DepthSupport DepthType DepthUsage",
    "profiles": "DeviceProfile",
    "projection": "FieldOfView",
    "render_state": "RenderState",
    "requesting": "is_session_supported request_session",
    "rigid_transform": "RigidTransform",
    "session": "XRSession",
    "simulated_device": "SimulatedDevice",
    "spaces": "XRReferenceSpace",
    "views": "XRPose XRView XRViewerPose XRViewport",
    "xr_frame": "XRFrame",
}
__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
