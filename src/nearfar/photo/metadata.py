"""`Metadata`: what a photo says of itself, as the blocks that lie in its file and as plain values.

    exif ─┐
    xmp  ─┼─▶ Metadata ─▶ device, captured, location, orientation, lens, exposure
    icc  ─┘           └─▶ without_location, for_upright: new blocks, everything else in them as it was

Values are read leniently: a damaged block gives None for what it lost, never an error.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from nearfar.depth import Calibration, Orientation
from nearfar.errors import FileError
from nearfar.photo import exif as exif_block
from nearfar.photo.exif import ExifTags, Location

if TYPE_CHECKING:
    from nearfar.photo.xmp import Packet

__all__ = ["Location", "Metadata", "place_tags"]

_IPTC_CORE = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_IPTC_EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_PLACES = frozenset(
    {
        "photoshop:City",
        "photoshop:State",
        "photoshop:Country",
        "dc:coverage",
        _IPTC_CORE + "Location",
        _IPTC_CORE + "CountryCode",
        _IPTC_EXTENSION + "LocationCreated",
        _IPTC_EXTENSION + "LocationShown",
    }
)
_OTHER_IMAGES = (
    "apdi:", "depthData:", "depthBlurEffect:", "portraitLightingEffect:", "portraitEffectsMatte:",
    "semanticSegmentationMatte:", "HDRGainMap:", "hdrgm:", "GDepth:", "GImage:", "GFocus:", "GCamera:",
    "GContainer:", "GItem:", "Container:", "Item:", "Device:", "Camera:", "DepthMap:", "Image:",
    "ImagingModel:", "Profile:", "Pose:", "xmpNote:HasExtendedXMP",
)  # fmt: skip
"""How the tags begin that speak of images beside the picture."""
_EXIF_SIGNATURE = b"Exif\0\0"
_COORDINATE = re.compile(r"(?:.*[:}])?(?:gps|.*(?:latitude|longitude))", re.IGNORECASE | re.DOTALL)
"""Names of coordinates in any namespace: EXIF's, and those of drones and action cameras."""


@dataclass(frozen=True, slots=True, repr=False)
class Metadata:
    """EXIF, XMP and colour profile of a photo. Its repr never shows where the photo was taken.

    Attributes:
        exif: the TIFF structure, from its "II" or "MM"; the signature "Exif" that JPEG files and Pillow put
            before it is taken off.
        xmp: the primary picture's packet.
        icc: the primary picture's colour profile; None means sRGB.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    icc: bytes | None = None

    def __post_init__(self) -> None:
        for name in ("exif", "xmp", "icc"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, bytes):
                raise TypeError(f"{name} must be bytes or None, not {type(value).__name__}")
        if self.exif is not None:
            object.__setattr__(self, "exif", self.exif.removeprefix(_EXIF_SIGNATURE))

    @property
    def tags(self) -> ExifTags:
        """All EXIF tags that nearfar reads."""
        return ExifTags() if self.exif is None else _tags(self.exif)

    @property
    def device(self) -> str | None:
        """Maker and model of the camera."""
        make, model = self.tags.make, self.tags.model
        if make and model and not model.lower().startswith(make.lower()):
            return f"{make} {model}"
        return model or make

    @property
    def captured(self) -> datetime | None:
        """When the photo was taken; with a time zone where the file has one."""
        return self.tags.captured

    @property
    def location(self) -> Location | None:
        """Where the photo was taken."""
        return self.tags.location

    @property
    def orientation(self) -> Orientation:
        """What EXIF says turns the stored picture upright; UP where it says nothing."""
        return self.tags.orientation or Orientation.UP

    @property
    def lens(self) -> str | None:
        """Model of the lens."""
        return self.tags.lens

    @property
    def f_number(self) -> float | None:
        """Focal length over aperture of the real lens (the simulated one is in `Photo.edits`)."""
        return self.tags.f_number

    @property
    def exposure_time(self) -> float | None:
        """Seconds."""
        return self.tags.exposure_time

    @property
    def iso(self) -> int | None:
        """Sensitivity."""
        return self.tags.iso

    @property
    def focal_length(self) -> float | None:
        """Metres."""
        return self.tags.focal_length

    @property
    def focal_length_35mm(self) -> float | None:
        """Metres, for a frame of 36 x 24 mm."""
        return self.tags.focal_length_35mm

    @classmethod
    def of_camera(
        cls,
        *,
        captured: datetime | None = None,
        make: str | None = None,
        model: str | None = None,
        size: tuple[int, int] | None = None,
        calibration: Calibration | None = None,
    ) -> Metadata:
        """What a camera writes of a photo: EXIF of its own, for an upright sRGB picture.

        Args:
            captured: when; with a time zone it is written, too.
            make: who made the camera, ASCII.
            model: which camera, ASCII.
            size: (width, height) px.
            calibration: gives the focal length.
        """
        return cls(
            exif_block.build(captured=captured, make=make, model=model, size=size, calibration=calibration)
        )

    def without_location(self) -> Metadata:
        """Give the metadata without where the photo was taken, and all else as it was.

        Out go EXIF's GPS directory with its values, and XMP's tags for coordinates, city, state, country and
        place. The maker note and free text (captions, keywords) stay. A block too damaged to be cleaned is
        left out whole.
        """
        return Metadata(_without_gps(self.exif), _without_places(self.xmp), self.icc)

    def for_upright(
        self, *, size: tuple[int, int] | None = None, calibration: Calibration | None = None
    ) -> Metadata:
        """Give the metadata for a picture that is stored upright.

        The orientation becomes UP; the recorded size and the regions of subjects follow; a thumbnail that
        would lie on its side is unlinked. A photo without EXIF, or with EXIF too damaged for this, gets a
        minimal block, with the picture's `size` and the focal length of its `calibration`.
        """
        upright = None
        if self.exif is not None:
            with contextlib.suppress(FileError):
                upright = exif_block.turned_upright(self.exif)
        if upright is None:
            upright = exif_block.build(size=size, calibration=calibration, srgb=self.icc is None)
        return Metadata(upright, _upright_packet(self.xmp, self.orientation), self.icc)

    def for_rendering(
        self,
        note: Mapping[str, str],
        *,
        size: tuple[int, int],
        calibration: Calibration | None = None,
    ) -> Metadata:
        """Give the metadata for a flat, upright picture that was rendered from this one.

        As by `for_upright`; and what makes programs look for depth, a gain map or further pictures is out:
        EXIF's mark of a portrait, its thumbnail (it shows the picture before), and XMP's tags of depth maps,
        gain maps and containers.

        Args:
            note: XMP tags that say how it was rendered.
            size: (width, height) of the rendered picture.
            calibration: gives the focal length where there is no EXIF.
        """
        upright = self.for_upright(size=size, calibration=calibration)
        assert upright.exif is not None, "an upright picture has EXIF"
        flat = exif_block.as_rendering(upright.exif, size)
        return Metadata(flat, _rendering_packet(upright.xmp, note), self.icc)

    def __repr__(self) -> str:
        parts = [self.device or "unknown device"]
        if self.captured is not None:
            parts.append(self.captured.isoformat(" ", "seconds"))
        for name in ("exif", "xmp", "icc"):
            block = getattr(self, name)
            parts.append(f"{name}: {len(block)} bytes" if block is not None else f"no {name}")
        return f"Metadata({', '.join(parts)})"


@lru_cache(maxsize=16)
def _tags(block: bytes) -> ExifTags:
    try:
        return exif_block.read(block, strict=False)
    except FileError:
        return ExifTags()


def _without_gps(block: bytes | None) -> bytes | None:
    try:
        return None if block is None else exif_block.without_location(block)
    except FileError:
        return None


def _without_places(packet: bytes | None) -> bytes | None:
    """Take out every tag that names a place."""
    if packet is None:
        return None
    from nearfar.photo import xmp

    try:
        parsed = xmp.parse(packet)
        names = place_tags(parsed)
        return parsed.remove(names) if names else packet
    except FileError:
        return None


def place_tags(packet: Packet) -> list[str]:
    """Give the names of the tags of an XMP packet that tell a place."""
    names = (*packet.tags, *packet.structures)
    return [name for name in names if name in _PLACES or _COORDINATE.match(name)]


def _upright_packet(packet: bytes | None, orientation: Orientation) -> bytes | None:
    """Set tiff:Orientation, where the packet has it, to 1, and turn the regions along."""
    if packet is None or not (b"Orientation" in packet or b"RegionList" in packet):
        return packet
    from nearfar.photo import xmp
    from nearfar.photo.regions import turned_packet

    try:
        parsed = xmp.parse(packet)
        if "tiff:Orientation" in parsed.tags:
            parsed = xmp.parse(parsed.set({"tiff:Orientation": "1"}))
        return turned_packet(parsed, orientation)
    except FileError:
        return packet


def _rendering_packet(packet: bytes | None, note: Mapping[str, str]) -> bytes:
    """Take out the tags that speak of other images, and put in the note; a broken packet is left out."""
    from nearfar.photo import xmp

    if packet is not None:
        with contextlib.suppress(FileError):
            parsed = xmp.parse(packet)
            names = (*parsed.tags, *parsed.structures)
            stale = {name: None for name in names if name.startswith(_OTHER_IMAGES)}
            return parsed.set({**stale, **note})
    return xmp.build(note)
