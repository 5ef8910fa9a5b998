"""`shoot`: a photo with depth in one line: a session that is there for one photo."""

from __future__ import annotations

from nearfar.capture.captured_photo import CapturedPhoto
from nearfar.capture.device import Device, DeviceInput
from nearfar.capture.kinds import Preset
from nearfar.capture.photo_output import PhotoOutput
from nearfar.capture.photo_settings import PhotoCodec, PhotoSettings
from nearfar.capture.session import CaptureSession
from nearfar.capture.source import Source

__all__ = ["shoot"]


def shoot(
    device: Device | Source | str = "virtual:dual",
    *,
    codec: PhotoCodec = "hevc",
    depth: bool = True,
    filtered: bool = True,
    quality: int | None = None,
    timeout: float = 30.0,
) -> CapturedPhoto:
    """Take one photo, with depth where the device gives it.

    Args:
        device: which camera: its name, as in "virtual:dual", a `Device` or a `Source`.
        codec: "hevc" makes HEIC files, "jpeg" makes JPEG files.
        depth: deliver a depth map, too.
        filtered: smooth the map and fill its holes; otherwise what was not measured is NaN.
        quality: 1..100 for the coded picture.
        timeout: seconds to wait for the photo.

    Raises:
        DeviceNotFound: there is no such device.
        DeviceBusy: another session has it.
        CaptureError: it gave no photo.
        TimeoutError: nor did it say why within ``timeout``.
    """
    camera = device if isinstance(device, Device) else Device(device)
    with CaptureSession() as session:
        output = PhotoOutput()
        with session.configuration():
            session.add_input(DeviceInput(camera))
            session.add_output(output)
            session.preset = Preset.PHOTO
            output.depth_delivery_enabled = depth and output.depth_delivery_supported
        session.start()
        settings = PhotoSettings(
            codec=codec,
            depth_delivery_enabled=output.depth_delivery_enabled,
            depth_filtered=filtered,
            quality=quality,
        )
        return output.capture(settings).result(timeout=timeout)
