"""`DepthFilter`: what a camera measured, made fit to look at: smooth in space and time, without holes.

raw map ──▶ running average ──▶ smooth between edges ──▶ holes filled ──▶ filtered map
"""

from __future__ import annotations

import threading

from nearfar import estimate
from nearfar.depth import DepthMap

__all__ = ["DepthFilter"]


class DepthFilter:
    """Filters the depth of one stream, map after map (AVCaptureDepthDataOutput.isFilteringEnabled).

    Each map's result comes at once, without looking ahead. A map that says it is filtered passes untouched.
    """

    def __init__(self) -> None:
        self._stream = estimate.filters.SmoothedStream(causal=True)
        self._lock = threading.Lock()

    def filtered(self, depth: DepthMap) -> DepthMap:
        """A map of the same size, kind and dtype with ``filtered`` set."""
        if depth.filtered:
            return depth
        with self._lock:
            result = self._stream.process(depth)
        return depth if result is None else result

    def reset(self) -> None:
        """Forget the maps from before: the next one follows upon none of them."""
        with self._lock:
            self._stream.reset()
