"""`PhotoSettings`: what one photo is asked to be; `ResolvedPhotoSettings`: what it will be.

Mirrors AVCapturePhotoSettings and AVCaptureResolvedPhotoSettings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nearfar.depth import MatteKind
from nearfar.errors import InvalidConfiguration

__all__ = ["PhotoCodec", "PhotoSettings", "ResolvedPhotoSettings"]

PhotoCodec = Literal["hevc", "jpeg"]


@dataclass(frozen=True, slots=True)
class PhotoSettings:
    """What to ask of one photo.

    Args:
        codec: "hevc" makes HEIC files, "jpeg" makes JPEG files.
        depth_delivery_enabled: deliver a depth map; the output must have its own switch on.
        depth_filtered: smooth the map and fill its holes. Unfiltered, what was not measured is NaN; but maps
            that the device itself has filled, as a LiDAR's between its points, are ``filtered`` either way.
        embeds_depth: write the depth map into the file. False still delivers it as ``photo.depth``.
        mattes: the kinds of matte to deliver, of those that the output has enabled; they need depth.
        embeds_mattes: write the mattes into the file.
        constituent_delivery_enabled: deliver one photo for each camera that the device joins.
        calibration_delivery_enabled: deliver the calibration of each constituent's photo.
        quality: 1..100 for the coded picture; None is the codec's usual one.

    Raises:
        InvalidConfiguration: settings that contradict each other, in the words of the rule.

    Source: Apple, AVCapturePhotoSettings.
    """

    codec: PhotoCodec = "hevc"
    depth_delivery_enabled: bool = False
    depth_filtered: bool = True
    embeds_depth: bool = True
    mattes: Iterable[MatteKind] = frozenset()
    embeds_mattes: bool = True
    constituent_delivery_enabled: bool = False
    calibration_delivery_enabled: bool = False
    quality: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mattes", frozenset(MatteKind(kind) for kind in self.mattes))
        if self.codec not in ("hevc", "jpeg"):
            raise InvalidConfiguration(f"codec is 'hevc' or 'jpeg', not {self.codec!r}")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise InvalidConfiguration(f"quality lies between 1 and 100, not {self.quality}")
        if self.mattes and not self.depth_delivery_enabled:
            raise InvalidConfiguration("mattes are delivered with depth only: set depth_delivery_enabled")
        if self.calibration_delivery_enabled and not self.constituent_delivery_enabled:
            raise InvalidConfiguration(
                "calibration is delivered with constituent photos only: set constituent_delivery_enabled, too"
            )


@dataclass(frozen=True, slots=True)
class ResolvedPhotoSettings:
    """What a photo under way will be, as its delegate is told.

    Attributes:
        unique_id: counts the photos of an output from 1; the same in each call about one photo.
        settings: what was asked for.
        size: (width, height) px of the photo.
        expected_photo_count: how many photos will be delivered.
    """

    unique_id: int
    settings: PhotoSettings
    size: tuple[int, int]
    expected_photo_count: int
