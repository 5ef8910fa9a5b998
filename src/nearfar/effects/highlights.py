"""Light that was lost where a picture is clipped, guessed back.

    codes      255 255 255 255        what a lamp six times brighter than white leaves in a picture
             ▁▅                ▅▁     its rim: pixels that it covers in part

A pixel that is half covered by such a lamp is clipped as well; only those that it covers up to a sixth
are not. So the rim of a bright lamp is narrow and faint, and a white wall's rim holds every shade: the
light of the rim tells how bright a lamp is, channel by channel. Where one is not clipped, the rim's hue
tells the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar import _native
from nearfar.errors import EstimationError

__all__ = ["recover_highlights"]


def recover_highlights(image: ArrayLike) -> NDArray[np.float32]:
    """Give a picture's linear light, with what clipped lamps have lost.

    What is hardly brighter than white (papers, walls, a bright sky) stays as it is: evidence for less than
    1.5 times counts for nothing, save in a channel that another one, which is not clipped, speaks for.
    Channels that are clipped together are guessed together, at most twice as bright as one another: files
    keep colours at half the size, so that the rims of white lamps take on colour from behind.
    Nothing becomes more than 16 times brighter. In pictures that are soft at the scale of a pixel rims
    tell little, and little is given back. A picture so full of clipped specks that it can be no
    photograph is left as it is.

    Args:
        image: (H, W, 3) uint8 or uint16, sRGB-coded. Codes from 250 of 255 on count as clipped.

    Returns:
        (H, W, 3) float32, linear light, 1 is white. Where nothing is clipped, that of the codes.

    Raises:
        TypeError: another dtype.
        EstimationError: another shape, or an empty picture.
    """
    picture = np.ascontiguousarray(image)
    if picture.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"image must be uint8 or uint16; got {picture.dtype}")
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise EstimationError(f"image must be (H, W, 3) and not empty; got shape {picture.shape}")
    return _native.recover_highlights(picture)
