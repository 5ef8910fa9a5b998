"""`CapturedPhoto`: a photo fresh from a camera: what a file holds, and when and how it was taken.

photo.depth, photo.color, photo.mattes ── there at once
photo.file_data() / photo.save(…) ── HEIC or JPEG, as the settings say, with or without depth
"""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Literal

from nearfar.capture.photo_settings import PhotoSettings, ResolvedPhotoSettings
from nearfar.capture.source import Still
from nearfar.depth import Calibration, DepthMap, Frame, Pose
from nearfar.photo import Metadata, Photo

__all__ = ["CapturedPhoto"]

_CONTAINERS: dict[str, Literal["heic", "jpeg"]] = {"hevc": "heic", "jpeg": "jpeg"}


class CapturedPhoto(Photo):
    """A `Photo` that a `PhotoOutput` made (AVCapturePhoto).

    Edited copies (``with_edits`` and its like) are plain photos, which write all that they carry.

    Attributes:
        resolved: the settings it was taken with.
        time: when, in host seconds.
        device: the name of the device.
        constituent: the title of the camera, for a constituent's photo; None for the device's own.
        pose: where the camera stood, world_from_camera, or None.
        calibration: the camera's, where its delivery was asked for.
    """

    __slots__ = ("calibration", "constituent", "device", "pose", "resolved", "time")

    resolved: ResolvedPhotoSettings
    time: float
    device: str
    constituent: str | None
    pose: Pose | None
    calibration: Calibration | None

    @classmethod
    def made(
        cls,
        frame: Frame,
        depth: DepthMap | None,
        still: Still,
        resolved: ResolvedPhotoSettings,
        *,
        device: str,
        metadata: Metadata | None,
        constituent: str | None = None,
        calibration: Calibration | None = None,
    ) -> CapturedPhoto:
        """The photo of a frame; only `PhotoOutput` makes them."""
        wanted = resolved.settings.mattes if constituent is None else ()
        mattes = [still.mattes[kind] for kind in still.mattes if kind in wanted]
        assert frame.color is not None, "a photo is a picture"
        photo = cls(frame.color, depth, mattes, metadata=metadata)
        photo.resolved, photo.time, photo.pose = resolved, frame.time, frame.pose
        photo.device, photo.constituent, photo.calibration = device, constituent, calibration
        return photo

    def __reduce__(self) -> tuple[Any, ...]:
        return *super().__reduce__(), (None, {name: getattr(self, name) for name in CapturedPhoto.__slots__})

    @property
    def settings(self) -> PhotoSettings:
        """What was asked for."""
        return self.resolved.settings

    def save(self, file: str | os.PathLike[str] | BinaryIO, **options: Any) -> None:
        """Write the photo; see `Photo.save`.

        What the settings do not embed is left out: depth with ``embeds_depth=False``, mattes with
        ``embeds_mattes=False``. A binary file gets the container of the settings' codec unless told
        otherwise.
        """
        if options.get("color_quality") is None:
            options["color_quality"] = self.settings.quality
        if options.get("container") is None and not isinstance(file, (str, os.PathLike)):
            options["container"] = _CONTAINERS[self.settings.codec]
        photo: Photo = self
        if self.mattes and not self.settings.embeds_mattes:
            photo = photo.with_mattes(())
        if self.depth is not None and not self.settings.embeds_depth:
            photo = photo.with_depth(None)
        Photo.save(photo, file, **options)

    def file_data(self, container: Literal["heic", "jpeg"] | None = None, **options: Any) -> bytes:
        """The bytes of the file (fileDataRepresentation): in the container of the settings' codec."""
        return super().file_data(container or _CONTAINERS[self.settings.codec], **options)
