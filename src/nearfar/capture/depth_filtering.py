"""`DepthFilter`: what a camera measured, made fit to look at: smooth in space and time, without holes.

raw map ──▶ averaged within one colour ──▶ running average ──▶ smooth between edges ──▶ holes filled
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from nearfar import estimate
from nearfar.depth import DepthMap

__all__ = ["DepthFilter"]

RADIUS, SIGMA_COLOR, SIGMA_SPACE = 2, 15.0, 2.0
"""Of the joint bilateral filter: 5×5 does nearly what 9×9 does, in half the time."""


class DepthFilter:
    """Filters the depth of one stream, map after map (AVCaptureDepthDataOutput.isFilteringEnabled).

    Each map's result comes at once, without looking ahead. A map that says it is filtered passes untouched.
    May be used by several threads, one after another.
    """

    def __init__(self) -> None:
        self._stream = estimate.filters.SmoothedStream(causal=True)
        self._lock = threading.Lock()

    def filtered(self, depth: DepthMap, color: NDArray[np.uint8] | None = None) -> DepthMap:
        """A map of the same size, kind and dtype with ``filtered`` set.

        Args:
            depth: the next map of the stream.
            color: (H, W, 3) uint8 picture of the same view, in any size; edges are kept where its colours
                change. None where there is none.
        """
        if depth.filtered:
            return depth
        smooth = depth
        if color is not None:
            smooth = estimate.filters.joint_bilateral(
                depth, _at_size(color, depth.shape), RADIUS, SIGMA_COLOR, SIGMA_SPACE
            )
        with self._lock:
            result = self._stream.process(smooth)
        return depth if result is None else result

    def reset(self) -> None:
        """Forget the maps from before: the next one follows upon none of them."""
        with self._lock:
            self._stream.reset()


def _at_size(color: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture's pixels nearest to those of a map."""
    if color.shape[:2] == shape:
        return color
    rows, columns = (
        (np.arange(wanted) * 2 + 1) * given // (2 * wanted)
        for wanted, given in zip(shape, color.shape[:2], strict=True)
    )
    return np.ascontiguousarray(color[rows[:, None], columns])
