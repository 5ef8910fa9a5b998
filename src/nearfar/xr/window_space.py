"""Depth as headsets hand it out on the GPU: what a depth test compares, not metres.

    buffer ── turned upright, bottom row first ──▶ z = 1 - near / metres ──▶ one layer of a texture array

A page samples it by the place of a fragment in the view, with no transform, and compares it with its own
depth, which a projection with its far plane at infinity gave. https://github.com/immersive-web/depth-sensing
left this form out; pages that were written for headsets read it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.xr.formats import to_metres
from nearfar.xr.rigid_transform import RigidTransform

__all__ = ["INVALID", "window_space_layer"]

INVALID = np.float32(1.0)
"""What a hole becomes: as far as can be, so that it hides nothing."""


def window_space_layer(
    raw: NDArray[Any],
    raw_value_to_meters: float,
    norm_depth_buffer_from_norm_view: RigidTransform,
    near: float,
) -> NDArray[np.float32]:
    """One layer: (H, W) float32 in 0..1, the bottom row of the view first.

    Height and width are those of ``raw``, (h, w) of any format, or the other way round where the view is
    turned against it by a quarter; each texel takes the nearest entry. What lies before ``near`` (metres)
    is 0, and so hides all.
    """
    metres = to_metres(raw, raw_value_to_meters)
    seen = metres > 0.0
    depth = np.maximum(1.0 - near / np.where(seen, metres, 1.0).astype(np.float64), 0.0)
    matrix = tuple(norm_depth_buffer_from_norm_view.matrix.tolist())
    return np.where(seen, depth, INVALID).astype(np.float32).ravel()[_nearest_entries(raw.shape, matrix)]


@lru_cache(maxsize=4)
def _nearest_entries(shape: tuple[int, int], matrix: tuple[float, ...]) -> NDArray[np.intp]:
    """Where in a buffer each texel of its upright layer lies."""
    height, width = shape
    rows, columns = (width, height) if abs(matrix[1]) > abs(matrix[0]) else (height, width)
    x = ((np.arange(columns) + 0.5) / columns)[None, :]
    y = ((np.arange(rows)[::-1] + 0.5) / rows)[:, None]
    column = ((matrix[0] * x + matrix[4] * y + matrix[12]) * width).astype(np.intp).clip(0, width - 1)
    row = ((matrix[1] * x + matrix[5] * y + matrix[13]) * height).astype(np.intp).clip(0, height - 1)
    entries: NDArray[np.intp] = row * width + column
    return entries
