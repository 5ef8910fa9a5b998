"""The small vocabulary of capture: what sort of camera, where it looks, and what a session is set up for.

Mirrors AVCaptureDevice.DeviceType, AVCaptureDevice.Position and AVCaptureSession.Preset.
"""

from __future__ import annotations

from enum import Enum

__all__ = ["DevicePosition", "DeviceType", "Preset"]


class DeviceType(Enum):
    """What a camera is made of, and so what depth it can give (AVCaptureDevice.DeviceType)."""

    WIDE = "wide"
    """One colour camera: no depth."""
    DUAL_CAMERA = "dual-camera"
    """Wide and tele side by side: disparity from their parallax, relative."""
    DUAL_WIDE = "dual-wide"
    """Ultra-wide and wide side by side: disparity from their parallax, relative."""
    TRUE_DEPTH = "true-depth"
    """A dot projector and an infrared camera: disparity by default, or absolute metres."""
    LIDAR = "lidar"
    """Times the flight of light: absolute metres with three levels of confidence."""
    EXTERNAL = "external"
    """Anything else: a file, a recording, a camera of another make."""


class DevicePosition(Enum):
    """Where a camera looks (AVCaptureDevice.Position)."""

    BACK = "back"
    FRONT = "front"
    UNSPECIFIED = "unspecified"


class Preset(Enum):
    """What a session sets its device up for (AVCaptureSession.Preset)."""

    PHOTO = "photo"
    """Full-size photos: the format with the largest photo."""
    HIGH = "high"
    """The largest streaming picture."""
    VGA = "640x480"
    """640 by 480 pixels."""
    INPUT_PRIORITY = "input-priority"
    """Whatever the device's ``active_format`` says: what a session changes to when that is set."""
