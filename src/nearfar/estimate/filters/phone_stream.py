"""What a phone calls "filtered" depth: a stream smoothed, filled, and interpolated in time.

    frames in     1 ──▶ 2 ──▶ 3 ──▶ flush         the result for a frame comes with the next one,
    maps out      None   1     2     3            since a hole is filled from before *and* after

Each map passes: between its neighbours in time ─▶ running average ─▶ spatial ─▶ the last holes filled.
"""

from __future__ import annotations

from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import DepthKind, DepthMap
from nearfar.estimate.filters.opening import Opened, whole

_ALPHA = 0.4
"""Weight of the new frame in the running average, as in `TemporalFilter`."""
_PERSISTENCE = 3


class SmoothedStream:
    """A stream of depth maps as phones deliver it by default: smoothed, without holes, interpolated in
    time.

    Mirrors ``AVCaptureDepthDataOutput.isFilteringEnabled``. A pixel that is missing or noisy takes part of
    the frames before and after, where these agree with it to within `delta`; then comes a running average,
    an edge-preserving one in space, and what is still a hole is filled from its rim
    (`nearfar.depth.fill`). All is done on disparity, whose noise is the same near and far. Filtered depth
    is good to look at, and less fit to be measured: what stands in the holes was seen by nobody.

    Looking ahead costs one frame of delay: ``process`` returns the result for the frame before, None for
    the first, and ``flush`` the last. ``causal=True`` returns each frame's own at once, without looking
    ahead.

    A map of another size starts a new stream: the last of the old one is returned as if flushed. The object
    is the state; not to be shared between threads.

    Args:
        delta: the step that is an edge or movement, in 0.001/m of disparity, 1..50.
        causal: do without the look-ahead.

    Raises:
        TypeError: an option that is no number.
        EstimationError: an option outside its range.

    Source: Apple, AVCaptureDepthDataOutput.isFilteringEnabled, as far as it says what it does.
    """

    __slots__ = ("_before", "_causal", "_delta", "_history", "_last", "_pending")

    def __init__(self, delta: SupportsIndex = 20, *, causal: bool = False) -> None:
        self._delta = 0.001 * whole("delta", delta, 1, 50, " (the step that is an edge)")
        self._causal = bool(causal)
        self.reset()

    @property
    def causal(self) -> bool:
        """True when results come at once, without looking ahead."""
        return self._causal

    def reset(self) -> None:
        """Forget all frames, the one still waiting too."""
        self._pending: DepthMap | None = None
        self._before: NDArray[np.float32] | None = None
        self._last: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._history: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)

    def process(self, depth_map: DepthMap) -> DepthMap | None:
        """Take the next map; give the filtered map before it, or with ``causal`` its own.

        What comes back has the kind, dtype, confidence (0 in what was a hole) and calibration of the map
        that it is made of, and ``filtered`` is True. None for the first map of a stream that looks ahead.
        A map of holes alone after nothing stays one. Raises TypeError on no DepthMap.
        """
        given: object = depth_map
        if not isinstance(given, DepthMap):
            raise TypeError(f"SmoothedStream takes DepthMaps; got {type(given).__name__}")
        if self._causal:
            return self._finished(depth_map, None)
        waiting, self._pending = self._pending, depth_map
        if waiting is None:
            return None
        return self._finished(waiting, depth_map if depth_map.shape == waiting.shape else None)

    __call__ = process

    def flush(self) -> DepthMap | None:
        """The last map, which has nothing after it, or None; the next one begins a new stream."""
        waiting = self._pending
        last = None if waiting is None else self._finished(waiting, None)
        self.reset()
        return last

    def _finished(self, depth_map: DepthMap, after: DepthMap | None) -> DepthMap:
        now = _disparity(depth_map)
        if self._last.shape != now.shape:
            self._before = None
            self._last = np.full(now.shape, np.nan, np.float32)
            self._history = np.zeros(now.shape, np.uint8)
        values = now
        if not self._causal:
            nothing = np.full(now.shape, np.nan, np.float32)
            before = nothing if self._before is None else self._before
            following = nothing if after is None else _disparity(after)
            values = _native.filter_between(before, now, following, self._delta)
        self._before = now
        values = _native.filter_temporal(
            values, self._last, self._history, _ALPHA, self._delta, _PERSISTENCE, False
        )
        values = _native.filter_spatial(values, 2, 0.5, self._delta, 0, False)
        values = _native.fill_holes(values)
        smooth = DepthMap(values, DepthKind.DISPARITY).to(depth_map.kind).values
        return Opened(depth_map, depth_map.values).closed(smooth, filtered=True)


def _disparity(depth_map: DepthMap) -> NDArray[np.float32]:
    values: NDArray[np.float32] = depth_map.to(DepthKind.DISPARITY, dtype=np.float32).values
    return values
