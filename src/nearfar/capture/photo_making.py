"""From what a camera gave to the photos that were asked for.

Still ──▶ depth: filtered or with its holes ──▶ CapturedPhoto, and one for each constituent
  └─ metadata: the camera's own, or made here: when, which device, focal length
"""

from __future__ import annotations

from datetime import datetime

from nearfar.capture.captured_photo import CapturedPhoto
from nearfar.capture.depth_filtering import DepthFilter
from nearfar.capture.photo_settings import ResolvedPhotoSettings
from nearfar.capture.source import DeviceInfo, Still
from nearfar.depth import Calibration, DepthMap, Frame
from nearfar.errors import CaptureError
from nearfar.photo import Metadata

__all__ = ["develop"]


def develop(still: Still, resolved: ResolvedPhotoSettings, device: DeviceInfo) -> list[CapturedPhoto]:
    """The photos of a still, as its settings ask for them: the device's own, or one for each constituent.

    Raises:
        CaptureError: the device gave no picture, or not those of its constituents.
    """
    if not resolved.settings.constituent_delivery_enabled:
        return [_photo(still.frame, still, resolved, device, None, None)]
    count = len(device.constituents)
    if len(still.constituents) != count:
        raise CaptureError("the device gave no pictures of its single cameras", device=device.name)
    calibrations = still.calibrations or (None,) * count
    given = zip(still.constituents, device.constituents, calibrations, strict=True)
    return [_photo(frame, still, resolved, device, title, known) for frame, title, known in given]


def _photo(
    frame: Frame,
    still: Still,
    resolved: ResolvedPhotoSettings,
    device: DeviceInfo,
    constituent: str | None,
    calibration: Calibration | None,
) -> CapturedPhoto:
    if frame.color is None:
        raise CaptureError("the device gave no picture", device=device.name)
    settings = resolved.settings
    depth: DepthMap | None = frame.depth if settings.depth_delivery_enabled else None
    if calibration is None and frame.depth is not None:
        calibration = frame.depth.calibration
    if depth is not None and settings.depth_filtered:
        depth = DepthFilter().filtered(depth, frame.color)
    return CapturedPhoto.made(
        frame,
        depth,
        still,
        resolved,
        device=device.name,
        metadata=still.metadata or _metadata(frame, device, constituent, calibration),
        constituent=constituent,
        calibration=calibration if settings.calibration_delivery_enabled else None,
    )


def _metadata(
    frame: Frame, device: DeviceInfo, constituent: str | None, calibration: Calibration | None
) -> Metadata:
    assert frame.color is not None, "a photo is a picture"
    height, width = frame.color.shape[:2]
    return Metadata.of_camera(
        captured=datetime.now().astimezone(),
        make="nearfar",
        model=constituent or device.title,
        size=(width, height),
        calibration=calibration,
    )
