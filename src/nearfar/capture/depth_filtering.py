"""`DepthFilter`: what a camera measured, made fit to look at: smooth in space and time, without holes.

raw map ──▶ no islands ──▶ averaged within one colour ──▶ holes: what lies behind ──▶ running average
            ──▶ smooth between edges
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from nearfar import estimate
from nearfar.depth import DepthKind, DepthMap

__all__ = ["DepthFilter"]

RADIUS, SIGMA_COLOR, SIGMA_SPACE = 2, 15.0, 2.0
"""Of the joint bilateral filter: 5×5 does nearly what 9×9 does, in half the time."""
SPECK, ISLAND, STEP = 1.0 / 4800.0, 1.0 / 768.0, 0.05
"""The shares of a map below which an island goes, and is doubtful (64 and 400 px of 640×480); the 1/m that
part islands."""


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
        smooth = _without_islands(depth.to(DepthKind.DISPARITY, dtype=np.float32), SPECK)
        if color is not None:
            picture = _at_size(color, depth.shape)
            smooth = _without_abysses(smooth, picture)
            smooth = estimate.filters.joint_bilateral(smooth, picture, RADIUS, SIGMA_COLOR, SIGMA_SPACE)
            smooth = estimate.filters.fill_behind(smooth, picture)
        with self._lock:
            result = self._stream.process(smooth)
        return depth if result is None else result.to(depth.kind, dtype=depth.dtype)

    def reset(self) -> None:
        """Forget the maps from before: the next one follows upon none of them."""
        with self._lock:
            self._stream.reset()


def _without_islands(disparity: DepthMap, share: float) -> DepthMap:
    """The map without its small islands, if that leaves anything."""
    size = int(share * disparity.values.size)
    kept = estimate.filters.remove_speckles(disparity, size, STEP) if size else disparity
    return kept if kept.valid.any() else disparity


def _without_abysses(disparity: DepthMap, picture: NDArray[np.uint8]) -> DepthMap:
    """The map without larger islands deeper than what is around: holes would be drawn into them."""
    sure = _without_islands(disparity, ISLAND)
    doubtful = disparity.valid & ~sure.valid
    if not doubtful.any():
        return disparity
    behind = estimate.filters.fill_behind(sure, picture).values
    values = np.where(doubtful & (disparity.values < behind - STEP), np.float32(np.nan), disparity.values)
    return disparity.replace(values=values)


def _at_size(color: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture's pixels nearest to those of a map."""
    if color.shape[:2] == shape:
        return color
    rows, columns = (
        (np.arange(wanted) * 2 + 1) * given // (2 * wanted)
        for wanted, given in zip(shape, color.shape[:2], strict=True)
    )
    return np.ascontiguousarray(color[rows[:, None], columns])
