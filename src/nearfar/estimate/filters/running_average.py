"""A stream steadied: each pixel follows a running average, and stays for a while when the camera loses it.

frame    1000 1010  ·    ·    ·    ·   1100        · is a hole
result   1000 1004 1004 1004 1004  ·   1100        a step of `delta` or more is taken at once
"""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.estimate.filters.opening import Frame, Opened, opened, real, warn_idle, whole


class TemporalFilter:
    """A running average over a stream that keeps lost pixels alive; librealsense's temporal filter.

    ``result = alpha·value + (1 − alpha)·last result`` where the two differ by less than `delta`, else the
    value. A hole takes the last result if the pixel was seen often enough lately, by `persistence`:

    | mode | a hole is filled when the pixel was seen in |
    |---|---|
    | 0 | (never) |
    | 1 | all of the last 8 frames |
    | 2 | 2 of the last 3 |
    | 3 | 2 of the last 4 |
    | 4 | 2 of the last 8 |
    | 5 | 1 of the last 2 |
    | 6 | 1 of the last 5 |
    | 7 | 1 of the last 8 |
    | 8 | any, however long ago |

    The object is the state: make it once, outside the loop, and give it the frames in order. A frame of
    another shape, dtype or kind starts anew. Not to be shared between threads.

    Args:
        alpha: weight of the new frame, 0..1; 1 smooths nothing.
        delta: the step that is movement, 1..100. In an array it counts in the array's own unit (depth
            units, 1/32 px), in a DepthMap in thousandths of its unit (mm, or 0.001/m).
        persistence: 0..8, as above.

    Raises:
        TypeError: an option that is no number.
        EstimationError: an option outside its range.

    Warns (UserWarning) when alpha is 1.

    Source: librealsense 2.59, src/proc/temporal-filter.
    """

    __slots__ = ("_alpha", "_delta", "_history", "_key", "_last", "_persistence")

    def __init__(self, alpha: float = 0.4, delta: SupportsIndex = 20, persistence: SupportsIndex = 3) -> None:
        self._alpha = real("alpha", alpha, 0.0, 1.0, " (weight of the new frame)")
        self._delta = whole("delta", delta, 1, 100, " (the step that is movement)")
        self._persistence = whole("persistence", persistence, 0, 8)
        if self._alpha == 1.0:
            left = "only holes are filled" if self._persistence else "and persistence=0 fills no hole"
            warn_idle(f"alpha=1 takes each frame as it is: nothing is smoothed, {left}")
        self.reset()

    @property
    def alpha(self) -> float:
        """Weight of the new frame."""
        return self._alpha

    @property
    def delta(self) -> int:
        """The step that is movement."""
        return self._delta

    @property
    def persistence(self) -> int:
        """The mode, 0..8."""
        return self._persistence

    def reset(self) -> None:
        """Forget all frames: the next one is the first."""
        self._key: tuple[object, ...] | None = None
        self._last: NDArray[Any] = np.zeros((0, 0), np.float32)
        self._history: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)

    def process(self, frame: Frame) -> Frame:
        """The next frame of the stream, filtered; calling the object does the same.

        `frame` is an (H, W) uint16 or float array or a DepthMap; what comes back has its type, shape and
        dtype (float arrays give float32), and a DepthMap is marked as filtered. Raises TypeError on an
        array that is neither uint16 nor float and EstimationError on one that is not (H, W).
        """
        source = opened(frame)
        self._fit(source)
        values = _native.filter_temporal(
            source.values,
            self._last,
            self._history,
            self._alpha,
            self._delta * source.step,
            self._persistence,
            source.zero,
        )
        return source.closed(values, filtered=True)

    __call__ = process

    def _fit(self, source: Opened[Any]) -> None:
        key = (source.values.shape, source.values.dtype, source.kind)
        if key != self._key:
            self._key = key
            empty = 0 if source.values.dtype == np.uint16 else np.nan
            self._last = np.full(source.values.shape, empty, source.values.dtype)
            self._history = np.zeros(source.values.shape, np.uint8)

    def __repr__(self) -> str:
        return f"TemporalFilter(alpha={self._alpha:g}, delta={self._delta}, persistence={self._persistence})"
