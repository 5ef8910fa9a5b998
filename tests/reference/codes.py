"""Twin of native/depth/codes: stored codes <-> float values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def decode_codes(
    codes: NDArray[np.integer], code_min: float, code_max: float, value_min: float, value_max: float
) -> NDArray[np.float32]:
    share = np.clip((codes.astype(np.float64) - code_min) / (code_max - code_min), 0.0, 1.0)
    return (value_min * (1.0 - share) + value_max * share).astype(np.float32)


def encode_codes(values: NDArray[np.float32], value_min: float, value_max: float) -> NDArray[np.uint8]:
    span = value_max - value_min
    scale = 255.0 / span if span > 0 else 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        codes = (values.astype(np.float64) - value_min) * scale
    codes = np.where(codes > 0, codes, 0.0)  # NaN as well
    return np.rint(np.minimum(codes, 255.0)).astype(np.uint8)
