"""Twin of native/xr/sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sample(
    raw: NDArray[Any], points: NDArray[np.float32], matrix: NDArray[np.float32], scale: float
) -> NDArray[np.float32]:
    x, y = points.astype(np.float64).T
    m = matrix.astype(np.float64)
    height, width = raw.shape
    column = np.trunc(((m[0] * x + m[4] * y) + m[12]) * width).clip(0, width - 1).astype(np.int64)
    row = np.trunc(((m[1] * x + m[5] * y) + m[13]) * height).clip(0, height - 1).astype(np.int64)
    with np.errstate(over="ignore", under="ignore"):
        return (raw[row, column].astype(np.float64) * scale).astype(np.float32)
