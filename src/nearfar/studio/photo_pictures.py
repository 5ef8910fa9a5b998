"""A photo as pictures for a page: small, upright, sRGB.

photo ── base ──▶ (h, w, 3), 1280 px a side or more ──▶ picture.jpg?side=N, thumbnail.jpg
      └─ mattes ──▶ PNG, 8 bits of coverage
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nearfar.depth import MatteKind
from nearfar.errors import PhotoError
from nearfar.photo import Photo, reduced_color
from nearfar.studio.large_photos import is_large, room_for

__all__ = ["BASE_SIDE", "THUMBNAIL_SIDE", "base_picture", "jpeg_of", "matte_png"]

BASE_SIDE = 1280
"""Px of the longer side, at least, of what is kept of a photo to make smaller pictures of."""
THUMBNAIL_SIDE = 256

_QUALITY = 88


def base_picture(photo: Photo, side: int = BASE_SIDE) -> NDArray[np.uint8]:
    """The upright picture in sRGB, read-only, of at least so many pixels a side where it has as many.

    What is large is never decoded whole where its coding spares that: half of its pixels a side will do.

    Raises:
        FileError: the coded picture is broken.
    """
    width, height = photo.size
    with room_for(width * height):
        most = max(width, height) // 2 if is_large(width * height) else side
        picture = reduced_color(photo, min(side, most))
    picture.flags.writeable = False
    return picture


def jpeg_of(picture: NDArray[np.uint8], side: int) -> bytes:
    """A picture, (h, w, 3), as a JPEG of at most so many pixels a side."""
    return _saved(_within(Image.fromarray(picture), side), "JPEG", quality=_QUALITY)


def matte_png(photo: Photo, kind: MatteKind) -> bytes:
    """A matte as a gray PNG.

    Raises:
        PhotoError: the photo has none of that kind.
        FileError: the coded matte is broken.
    """
    if kind not in photo.mattes:
        raise PhotoError(f"the photo has no {kind.value} matte")
    return _saved(Image.fromarray(photo.mattes[kind].values), "PNG", compress_level=1)


def _within(picture: Image.Image, side: int) -> Image.Image:
    longest = max(picture.size)
    if longest <= side:
        return picture
    width, height = (max(1, round(each * side / longest)) for each in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
