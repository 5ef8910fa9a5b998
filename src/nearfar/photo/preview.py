"""The picture that a notebook shows for a photo: colour, and its depth beside it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from nearfar.depth import false_colour

if TYPE_CHECKING:
    from nearfar.photo.photo import Photo

__all__ = ["preview_png"]

_LONGEST_SIDE = 512


def preview_png(photo: Photo) -> bytes:
    """Draw the photo small, its depth in false colour to the right where it has one; PNG bytes."""
    from PIL import Image

    picture = Image.fromarray(photo.color)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    panes = [picture]
    if photo.depth is not None:
        panes.append(Image.fromarray(false_colour(photo.depth)).resize(picture.size))
    sheet = Image.fromarray(np.concatenate([np.asarray(pane) for pane in panes], axis=1))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()
