"""Pictures of other formats than a photo's: what ``nearfar embed`` takes as the colour."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from nearfar.cli.images import opened
from nearfar.cli.messages import InputFault

__all__ = ["read_picture"]

_FORMATS = ("PNG", "TIFF", "WEBP", "BMP", "PPM", "JPEG")


def read_picture(file: Path) -> NDArray[np.uint8]:
    """Read a picture upright, (H, W, 3) uint8 sRGB; its colour profile is applied.

    Raises:
        InputFault: it is no picture of these formats, or too large.
        OSError: it cannot be read.
    """
    with opened(file, "HEIC, JPEG, PNG, TIFF, WebP or BMP picture", _FORMATS) as image:
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
