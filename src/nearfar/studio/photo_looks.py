"""What pages see of a photo, each made from its file by one function: jobs for a `Darkroom`.

PhotoFile ─┬─ base_of ──▶ picture to make smaller ones of    ├─ depth_of ──▶ message
           ├─ jpeg_of_file ──▶ JPEG, larger than that        └─ matte_of ──▶ PNG
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import MatteKind
from nearfar.studio.photo_depth import photo_depth
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.photo_pictures import base_picture, jpeg_of, matte_png
from nearfar.studio.wire import encode

__all__ = ["base_of", "depth_of", "jpeg_of_file", "matte_of"]


def base_of(file: PhotoFile) -> NDArray[np.uint8]:
    """Its `base_picture`."""
    return base_picture(file.opened())


def jpeg_of_file(file: PhotoFile, side: int) -> bytes:
    """The picture as a JPEG of at most so many pixels a side."""
    return jpeg_of(base_picture(file.opened(), side), side)


def matte_of(file: PhotoFile, kind: MatteKind) -> bytes:
    """A matte as a PNG; see `matte_png`."""
    return matte_png(file.opened(), kind)


def depth_of(file: PhotoFile) -> bytes:
    """Its depth as a message; see `photo_depth`."""
    return encode(photo_depth(file.opened()))
