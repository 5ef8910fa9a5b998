"""What a picture shows between its pixels.

a ── b        a position takes from the four pixel centres around it, by nearness
│  × │        up to half a pixel outside the outermost centres it takes from those
c ── d        beyond the picture there is nothing
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth.lens_table import pixel_points

__all__ = ["corners", "neighbours", "sample_picture", "sampled"]


def sample_picture(picture: NDArray[Any], points: ArrayLike) -> NDArray[Any]:
    """Bilinear samples of a picture at any positions.

    Args:
        picture: (H, W) or (H, W, C) of uint8, uint16, float16 or float32.
        points: (..., 2) px of the picture, from its corner: the centre of pixel 0 lies at 0.5.

    Returns:
        (...) or (..., C) of the picture's dtype, whole numbers rounded; 0 outside the picture and at NaN.

    Raises:
        ValueError: an array that is no picture, or points of another shape.
    """
    values = np.asarray(picture)
    if values.ndim not in (2, 3) or values.size == 0:
        raise ValueError(f"a picture must have the shape (H, W) or (H, W, C), not {values.shape}")
    if values.dtype not in (np.uint8, np.uint16, np.float16, np.float32):
        raise ValueError(f"a picture must be uint8, uint16, float16 or float32, not {values.dtype}")
    positions = pixel_points(points)
    height, width = values.shape[:2]
    x, y = positions[..., 0], positions[..., 1]
    outside = ~((x >= 0.0) & (x <= width) & (y >= 0.0) & (y <= height))
    across, down = (np.where(outside, np.nan, axis - 0.5).astype(np.float32) for axis in (x, y))
    return sampled(values, across, down)


def corners(
    x: NDArray[np.float32], y: NDArray[np.float32], size: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Flat index of the top-left neighbour of each position, and the weights of the right and lower ones.

    Positions count from the centre of pixel 0. They are held within the outermost pixel centres, so that all
    four neighbours exist (in a picture one pixel wide or high they coincide).
    """
    width, height = size
    x = np.clip(np.nan_to_num(x, nan=0.0), 0.0, width - 1)
    y = np.clip(np.nan_to_num(y, nan=0.0), 0.0, height - 1)
    left = np.clip(x.astype(np.intp), 0, max(width - 2, 0))
    upper = np.clip(y.astype(np.intp), 0, max(height - 2, 0))
    return upper * width + left, x - left.astype(np.float32), y - upper.astype(np.float32)


def neighbours(
    flat: NDArray[Any], start: NDArray[np.intp], size: tuple[int, int]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The four values around each position of `corners`, row by row."""
    right = 1 if size[0] > 1 else 0
    below = size[0] if size[1] > 1 else 0
    return flat[start], flat[start + right], flat[start + below], flat[start + below + right]


def sampled(picture: NDArray[Any], x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[Any]:
    """Bilinear samples, of the shape of ``x`` (and the channels); 0 where the position is NaN.

    Positions count from the centre of pixel 0.
    """
    size = (picture.shape[1], picture.shape[0])
    start, right, lower = corners(x, y, size)
    result = np.empty((*x.shape, *picture.shape[2:]), picture.dtype)
    channels = picture.reshape(*picture.shape[:2], -1)
    target = result.reshape(*x.shape, channels.shape[2])
    nowhere = np.isnan(x)
    for channel in range(channels.shape[2]):
        flat = np.ascontiguousarray(channels[..., channel]).ravel()
        a, b, c, d = (value.astype(np.float32) for value in neighbours(flat, start, size))
        top = a + (b - a) * right
        mixed = top + (c + (d - c) * right - top) * lower
        mixed[nowhere] = 0.0
        target[..., channel] = np.rint(mixed) if picture.dtype.kind == "u" else mixed
    return result
