"""A camera's depth as sessions ask for it: raw or smooth, in metres; each is made when it is first asked for.

Frame ──┬─ raw: what is doubtful becomes holes ─┐
        └─ smooth: filtered ────────────────────┴─ lens undone ──▶ metres, holes 0
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nearfar import estimate
from nearfar.capture import DepthOutput
from nearfar.depth import DepthKind, DepthMap, Frame, rectify
from nearfar.errors import NotSupportedError
from nearfar.xr.native_depth import NativeDepth
from nearfar.xr.negotiation import DepthType

__all__ = ["CameraDepth", "OncePerType", "metres", "straight", "whole_metres"]

LOW_CONFIDENCE = 1.0 / 3.0
"""Below it raw depth is a hole: the lowest of ARKit's three levels."""
PAUSE = 2.0
"""Seconds after which a smooth map follows upon none before it."""


class CameraDepth:
    """Makes the maps of a camera's frames, one frame after another. May be used by several threads."""

    def __init__(self) -> None:
        self._filter = DepthOutput()  # of no session: it is asked frame by frame
        self._filtered_last = float("-inf")
        self._lock = threading.Lock()

    def of_type(self, frame: Frame, depth_type: DepthType) -> DepthMap:
        """The map of a frame that has one, as it is given in a type."""
        depth = self._smooth(frame) if depth_type == DepthType.SMOOTH else frame.depth
        assert depth is not None
        if depth_type == DepthType.SMOOTH or depth.confidence is None:
            return depth
        return estimate.filters.gate(depth, LOW_CONFIDENCE)

    def _smooth(self, frame: Frame) -> DepthMap | None:
        with self._lock:
            if not 0.0 < frame.time - self._filtered_last <= PAUSE:  # nobody has asked meanwhile
                self._filter = DepthOutput()
            self._filtered_last = frame.time
            return self._filter.filtered(frame)


class OncePerType:
    """The depth of one moment by its type. What has been made is kept; may be used by several threads.

    Args:
        make: gives the depth of a type.
        usual: the type that there is where none is asked for.
    """

    __slots__ = ("_lock", "_made", "_make", "_usual")

    def __init__(self, make: Callable[[DepthType], NativeDepth], usual: DepthType) -> None:
        self._make = make
        self._usual = usual
        self._made: dict[DepthType, NativeDepth] = {}
        self._lock = threading.Lock()

    def __call__(self, depth_type: DepthType | None) -> NativeDepth:
        """Raises what making it raises, each time."""
        chosen = self._usual if depth_type is None else depth_type
        with self._lock:
            if chosen not in self._made:
                self._made[chosen] = self._make(chosen)
            return self._made[chosen]


def straight(depth: DepthMap) -> DepthMap:
    """The map with its lens undone."""
    return rectify(depth) if depth.calibration is not None and depth.calibration.bends else depth


def metres(depth: DepthMap) -> NDArray[np.float32]:
    """(H, W) float32 metres of a map; no finite distance where there is a hole.

    What is relative has nominal metres. Raises NotSupportedError where its unit is arbitrary.
    """
    if not depth.metric:
        raise NotSupportedError(
            "the camera's depth has no unit, and XR depth is metres: give it one, a photo with scale=, "
            "stereo pictures with calibration="
        )
    return depth.to(DepthKind.DEPTH, dtype=np.float32).values


def whole_metres(depth: DepthMap) -> NDArray[np.float32]:
    """The same with 0 for a hole."""
    values = np.array(metres(depth))
    values[~np.isfinite(values)] = 0.0
    values.flags.writeable = False
    return values
