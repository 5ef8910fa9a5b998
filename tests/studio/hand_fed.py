"""A device that gives what a test hands it, when it does."""

from __future__ import annotations

import threading

import numpy as np

from nearfar.errors import NearfarError
from nearfar.xr import (
    DepthDataFormat,
    DepthSupport,
    DepthType,
    DeviceFrame,
    DeviceView,
    FieldOfView,
    NativeDepth,
)


class HandFed:
    """Frames by `give`; `end` and `fail` for how it may stop."""

    modes = frozenset({"inline", "immersive-ar"})
    features = frozenset({"local", "viewer", "depth-sensing"})
    depth_support = DepthSupport()
    gpu_layout = "linear"

    def __init__(self) -> None:
        self.starts = 0
        self.stops = 0
        self.refusal: NearfarError | None = None
        self._changed = threading.Condition()
        self._running = False
        self._frame: DeviceFrame | None = None
        self._end: bool | NearfarError = False

    def start(self, depth_type: DepthType | None = None) -> None:
        if self.refusal is not None:
            raise self.refusal
        with self._changed:
            self.starts += 1
            self._running, self._frame, self._end = True, None, False

    def stop(self) -> None:
        with self._changed:
            self.stops += self._running
            self._running = False
            self._changed.notify_all()

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:
        with self._changed:
            while self._running and self._frame is None and not self._end:
                self._changed.wait(timeout)
            frame, self._frame = self._frame, None
            self._changed.notify_all()
            if frame is None and isinstance(self._end, NearfarError):
                raise self._end
            return frame if self._running else None

    def give(self, frame: DeviceFrame) -> None:
        """Hand over a frame, and wait until it was fetched."""
        with self._changed:
            self._frame = frame
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._frame is None or not self._running, 5)

    def end(self, problem: NearfarError | None = None) -> None:
        with self._changed:
            self._end = problem or True
            self._changed.notify_all()

    def wait_until_stopped(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: not self._running, 5)


def frame_of(sequence: int, width: int = 8, height: int = 6, *, color: bool = True) -> DeviceFrame:
    """A frame whose depth is its own number, with the first pixel a hole."""
    raw = np.full((height, width), sequence, np.uint16)
    raw[0, 0] = 0
    return DeviceFrame(
        sequence=sequence,
        time=sequence / 30,
        views=(DeviceView(FieldOfView(0.5, 0.6, 0.7, 0.8)),),
        color=np.full((height, width, 3), 90, np.uint8) if color else None,
        depth=NativeDepth(raw, DepthDataFormat.UNSIGNED_SHORT, 0.001),
    )
