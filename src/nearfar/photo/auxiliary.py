"""The seam between a photo and its container: auxiliary images as they lie in a file.

    HEIC items ─┐                     ┌─ DepthMap
                ├─▶ StoredImage ──────┼─ Matte
    JPEG MPF  ──┘   (codes + XMP)     └─ gain map

A container (`heic`, `jpeg`) knows bytes, codecs and geometry, and nothing of what the codes mean.
`depth_images` knows what they mean, and nothing of boxes and segments. Both speak the values below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Orientation, StereoRig
from nearfar.photo.limits import Limits

__all__ = [
    "CONFIDENCE_URN",
    "DEPTH_URN",
    "KEEP",
    "Changes",
    "DepthRange",
    "Document",
    "Keep",
    "NewImage",
    "StoredImage",
    "StoredStereo",
]

DEPTH_URN = "urn:mpeg:hevc:2015:auxid:2"
"""A depth or disparity map, as Apple's HEIC files mark it (ISO/IEC 23008-12)."""

CONFIDENCE_URN = "urn:nearfar:photo:1.0:aux:depthconfidence"
"""Confidence of the depth map, 8 bits for 0..1: no phone writes one, so the name is ours."""


class Keep(Enum):
    """The type of `KEEP`, which says: leave this part of the file as it is."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class DepthRange:
    """The exact values at a map's lowest and highest code, from its depth representation SEI.

    Attributes:
        minimum, maximum: values at the lowest and highest code (1/metre, or metres for type 2).
        representation: depth_representation_type of H.265 G.14.2.3: 1 uniform disparity, 2 uniform Z.
    """

    minimum: float
    maximum: float
    representation: int = 1


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One auxiliary image as it lies in a file.

    Attributes:
        key: its item id (HEIC) or its place among the images (JPEG, the primary is 0).
        urn: the auxiliary type; "" when the file does not say.
        size: (width, height) in pixels after its crop, before its rotation.
        orientation: what turns its samples upright, aligned with the upright picture.
        coding: "hevc", "jpeg", "lossless-jpeg", or the four-character code of something else.
        xmp: its own XMP packet.
        depth_range: the exact range from its SEI.
        prepare: reads and checks the coded image, and gives the function that decodes it: to samples,
            (H, W) uint8 or uint16, cropped and not rotated. That function leaves the interpreter to others.
        xmp_offset: where its packet begins in the file, for messages.
    """

    key: int
    urn: str
    size: tuple[int, int]
    orientation: Orientation
    coding: str
    xmp: bytes | None
    depth_range: DepthRange | None
    prepare: Callable[[], Callable[[], NDArray[Any]]]
    xmp_offset: int = 0

    def decode(self) -> NDArray[Any]:
        """Give the samples.

        Raises:
            FileError: the coded image is broken.
        """
        return self.prepare()()


@dataclass(frozen=True, slots=True)
class NewImage:
    """One auxiliary image to be written.

    Attributes:
        urn: the auxiliary type.
        samples: (H, W) uint8 codes, or uint16 for the lossless 16-bit path, in the frame of the stored
            primary picture (not turned upright).
        xmp: its XMP packet.
        depth_range: written as the depth representation SEI where the container has one.
        lossless: 8-bit samples must come back bit for bit (HEIC only; JPEG stays within 2 codes).
    """

    urn: str
    samples: NDArray[Any]
    xmp: bytes
    depth_range: DepthRange | None = None
    lossless: bool = False

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
            raise ValueError(
                f"samples are {self.samples.dtype} {self.samples.shape}, not (H, W) uint8 or uint16"
            )


@dataclass(frozen=True, slots=True)
class Changes:
    """What an edit alters in a file; everything else stays byte for byte.

    Attributes:
        remove: keys of auxiliary images to take out, with all that belongs to them.
        add: auxiliary images to put in.
        auxiliary_xmp: new XMP packets of auxiliary images, by key.
        exif: the new EXIF (TIFF structure), None to take it out.
        xmp: the primary picture's new XMP packet, None to take it out.
        without_location: no part of the file that can be read may say where the photo was taken.
    """

    remove: frozenset[int] = frozenset()
    add: tuple[NewImage, ...] = ()
    auxiliary_xmp: Mapping[int, bytes] = field(default_factory=dict)
    exif: bytes | Keep | None = KEEP
    xmp: bytes | Keep | None = KEEP
    without_location: bool = False

    def __bool__(self) -> bool:
        return self != Changes()


@dataclass(frozen=True, slots=True)
class StoredStereo:
    """A stereo pair in a file: decoders of the two upright pictures, and their cameras."""

    left: Callable[[], NDArray[Any]]
    right: Callable[[], NDArray[Any]]
    rig: StereoRig


class Document(Protocol):
    """An opened container."""

    @property
    def container(self) -> Literal["heic", "jpeg"]:
        """Which container it is."""

    @property
    def data(self) -> bytes:
        """The whole file; what was not read yet is read now."""

    @property
    def file(self) -> str | None:
        """Its name for messages."""

    @property
    def limits(self) -> Limits:
        """What it was opened with."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright primary picture."""

    @property
    def orientation(self) -> Orientation:
        """What turns the primary picture's samples upright."""

    @property
    def images(self) -> tuple[StoredImage, ...]:
        """The auxiliary images in file order."""

    @property
    def exif(self) -> bytes | None:
        """The TIFF structure, from its "II" or "MM"; None where there is none."""

    @property
    def xmp(self) -> bytes | None:
        """The primary picture's packet."""

    @property
    def icc(self) -> bytes | None:
        """The primary picture's colour profile."""

    @property
    def stereo(self) -> StoredStereo | None:
        """The stereo pair of a spatial photo."""

    @property
    def opaque_parts(self) -> tuple[str, ...]:
        """What `rewrite` copies and nearfar cannot look into, in words: a movie, a trailer, vendors' data."""

    def decode_color(self, share: int = 1) -> NDArray[Any]:
        """Give the upright primary picture, (H, W, 3) uint8 or uint16, in its own colour space.

        A `share` of 2, 4 or 8 asks for 1/`share` of each side: it comes so where the coding makes that less
        work, else whole.
        """

    def rewrite(self, changes: Changes) -> Sequence[bytes | memoryview]:
        """Give the pieces of the changed file, in order."""
