"""A photo's picture, small: decoded at a fraction of its size, so that the whole is never in memory.

coded picture ── 1/2, 1/4, 1/8 of each side ──▶ codes ── means of whole pixels ──▶ small ──▶ sRGB
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.photo.color import convert, convert_from
from nearfar.photo.state import Given

if TYPE_CHECKING:
    from nearfar.photo.photo import Photo

__all__ = ["reduced_color"]


def reduced_color(photo: Photo, at_least: int) -> NDArray[np.uint8]:
    """Give a photo's upright picture small, decoded anew at a fraction of its size where that can be.

    Args:
        photo: its `Photo.color` is the same, whole.
        at_least: pixels that the longer side keeps; it keeps less than twice as many. A picture that has less
            than that comes whole.

    Returns:
        (h, w, 3) uint8, sRGB, of its own memory: each pixel the mean of those that it stands for.

    Raises:
        ValueError: less than 1 pixel.
        FileError: the coded picture is broken.
    """
    if at_least < 1:
        raise ValueError(f"at_least must be 1 pixel or more, not {at_least}")
    picture = photo._state.picture
    if isinstance(picture, Given):
        return convert(_shrunk(picture.color, at_least), picture.icc).copy()
    document = picture.contents.document
    longest = max(document.size)
    share = next((share for share in (8, 4, 2) if longest // share >= at_least), 1)
    return convert_from(document, _shrunk(document.decode_color(share), at_least))


def _shrunk(codes: NDArray[Any], at_least: int) -> NDArray[Any]:
    """Make of each square of pixels one."""
    height, width = codes.shape[:2]
    share = max(height, width) // at_least
    if share < 2:
        return codes
    return _native.shrink_picture(np.ascontiguousarray(codes), -(-height // share), -(-width // share))
