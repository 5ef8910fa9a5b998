"""Pictures of any format: what ``nearfar embed`` takes as the colour, and ``nearfar stereo`` matches."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from nearfar.cli.images import opened
from nearfar.cli.messages import InputFault
from nearfar.cli.output import PHOTO_SUFFIXES
from nearfar.depth import orient_array

if TYPE_CHECKING:
    from nearfar.photo import Photo

__all__ = ["eight_bits", "in_color", "open_picture", "read_picture", "read_samples"]

_FORMATS = ("PNG", "TIFF", "WEBP", "BMP", "PPM", "JPEG")
_READABLE = "HEIC, JPEG, PNG, TIFF, WebP, BMP or PPM picture"
_ORIENTATION = 0x0112


def open_picture(file: Path) -> Photo:
    """Open a photo, or read a picture of another format as one without metadata.

    Raises:
        InputFault: it is no picture of these formats, or too large.
        FileError: it is a photo, and broken.
        OSError: it cannot be read.
    """
    from nearfar.errors import UnsupportedFile
    from nearfar.photo import Photo
    from nearfar.photo import open as open_photo

    try:
        return open_photo(file) if file.suffix.lower() in PHOTO_SUFFIXES else Photo(read_picture(file))
    except UnsupportedFile:
        return Photo(read_picture(file))


def read_samples(file: Path) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Read a picture upright with all its bits of gray: (H, W) uint16, or (H, W, 3) uint8 sRGB otherwise.

    Raises as `open_picture` does.
    """
    with opened(file, _READABLE, _FORMATS) as image:
        if image.mode == "I" or image.mode.startswith("I;16"):
            values = np.asarray(image)
            if values.min() < 0 or values.max() > np.iinfo(np.uint16).max:
                raise InputFault(f"{file}: a picture of whole numbers beyond 16 bits")
            orientation = image.getexif().get(_ORIENTATION, 1)
            return orient_array(values.astype(np.uint16), orientation if 1 <= orientation <= 8 else 1)
    return read_picture(file)


def eight_bits(picture: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Give (H, W) or (H, W, C) in 8 bits; of more, those that the brightest pixel needs are kept in view.

    Sensors of 10 or 12 bits fill the lower ones of 16.
    """
    if picture.dtype == np.uint8:
        return picture.astype(np.uint8, copy=False)
    bits = max(8, int(picture.max()).bit_length())
    return (picture >> np.uint16(bits - 8)).astype(np.uint8)


def in_color(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give (H, W, 3) of (H, W) or (H, W, 3)."""
    return picture if picture.ndim == 3 else picture[..., np.newaxis].repeat(3, axis=2)


def read_picture(file: Path) -> NDArray[np.uint8]:
    """Read a picture upright, (H, W, 3) uint8 sRGB; its colour profile is applied.

    Raises:
        InputFault: it is no picture of these formats, or too large.
        OSError: it cannot be read.
    """
    with opened(file, _READABLE, _FORMATS) as image:
        if image.mode in ("F", "I") or image.mode.startswith("I;"):
            raise InputFault(f"{file}: a picture of mode {image.mode}, not of 8-bit colours")
        return np.asarray(_srgb(ImageOps.exif_transpose(image)))


def _srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    picture = image if image.mode in ("RGB", "L") else image.convert("RGB")
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except ImageCms.PyCMSError:
            changed = None  # a profile of other channels than the picture's says nothing about it
        picture = changed or picture
    return picture.convert("RGB")
