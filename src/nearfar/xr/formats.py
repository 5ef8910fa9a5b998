"""Raw depth values from one format to another.

Between two formats of the same samples nothing changes, the scale neither. Metres become 16 bits as
millimetres, and 16 bits become float32 as metres. A hole is 0 in all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.xr.native_depth import SAMPLES
from nearfar.xr.negotiation import DepthDataFormat

__all__ = ["converted", "to_metres"]

MILLIMETRE = float(np.float32(0.001))
"""The scale of 16-bit depth that was float: what Chrome on Android gives."""


def to_metres(raw: NDArray[Any], raw_value_to_meters: float) -> NDArray[np.float32]:
    """Metres of raw values, float32, each the rounded product; 0 where there is none."""
    # Both factors have at most 24 bits: their product is exact in double precision and rounded once.
    return (raw.astype(np.float64) * np.float64(np.float32(raw_value_to_meters))).astype(np.float32)


def converted(
    raw: NDArray[Any], data_format: DepthDataFormat, wanted: DepthDataFormat, raw_value_to_meters: float
) -> tuple[NDArray[Any], float]:
    """Raw values and their scale in the format ``wanted``.

    ``raw`` itself comes back where both formats have the same samples. What lies beyond 65.535 m, or is not
    positive, becomes 0 in 16 bits, as does NaN.
    """
    if SAMPLES[data_format] == SAMPLES[wanted]:
        return raw, raw_value_to_meters
    if wanted == DepthDataFormat.FLOAT32:
        return to_metres(raw, raw_value_to_meters), 1.0
    scale = float(np.float32(raw_value_to_meters))
    return _native.millimetres(np.ascontiguousarray(raw), scale), MILLIMETRE
