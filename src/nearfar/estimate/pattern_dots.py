"""A made dot pattern: as good as random within any window, and with dots everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar.errors import EstimationError
from nearfar.estimate.pattern_arrays import as_size, sealed

__all__ = ["dot_pattern"]

CELL = 3
"""Pixels along the edge of the square that holds one dot: a ninth of the picture is lit."""
TEXELS = 2
"""Texture samples to a pixel, along both axes."""
_DOT = np.array([[0.3, 0.8, 0.3], [0.8, 1.0, 0.8], [0.3, 0.8, 0.3]], np.float32)


def dot_pattern(size: tuple[int, int] = (640, 480), seed: int = 0) -> NDArray[np.float32]:
    """A pseudo-random pattern of dots for `PatternProjector`.

    Every square of 3 × 3 pixels holds one dot of one and a half pixels at a random place, so that no part of
    the picture is without light, and no two parts look alike.

    Args:
        size: (width, height) in pixels of the camera at the reference size of its calibration.
        seed: the same seed gives the same pattern, on any machine.

    Returns:
        (2·height, 2·width) float32 in 0..1, read-only: two texture samples to a pixel.

    Raises:
        EstimationError: the seed is negative, or the size is not two positive whole numbers.
    """
    width, height = as_size(size)
    try:
        generator = np.random.default_rng(seed)
    except ValueError as error:
        raise EstimationError(f"seed must be 0 or more: {error}") from None
    down, across = -(-height // CELL), -(-width // CELL)
    texture = np.zeros((down * CELL * TEXELS + 2, across * CELL * TEXELS + 2), np.float32)
    places = generator.integers(0, CELL * TEXELS, (2, down, across))
    rows = places[0] + CELL * TEXELS * np.arange(down)[:, None]
    columns = places[1] + CELL * TEXELS * np.arange(across)
    for y in range(3):
        for x in range(3):
            np.maximum.at(texture, (rows + y, columns + x), _DOT[y, x])
    return sealed(texture[1 : 1 + height * TEXELS, 1 : 1 + width * TEXELS])
