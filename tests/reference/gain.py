"""Twin of native/effects/gain: a map of factors stretched over a picture, centre over centre."""

from __future__ import annotations

from typing import Any

import numpy as np


def stretched(factors: Any, height: int, width: int) -> Any:
    """Give (h, w, channels) factors as (height, width, channels), with bilinear weights."""
    lines, line_shares = _places(factors.shape[0], height)
    columns, column_shares = _places(factors.shape[1], width)
    rows = _between(factors[lines[0]], factors[lines[1]], line_shares[:, None, None])
    return _between(rows[:, columns[0]], rows[:, columns[1]], column_shares[:, None])


def _places(count: int, total: int) -> tuple[Any, Any]:
    wanted = (np.arange(total, dtype=np.float32) + np.float32(0.5)) * np.float32(count / total)
    held = np.clip(wanted - np.float32(0.5), 0, count - 1)
    low = held.astype(np.int64)
    return (low, np.minimum(low + 1, count - 1)), held - low.astype(np.float32)


def _between(near: Any, far: Any, share: Any) -> Any:
    return near + (far - near) * share
