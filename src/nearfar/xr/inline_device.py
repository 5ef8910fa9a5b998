"""`InlineDevice`: what an inline session draws for: a window, at 60 frames a second, without a camera."""

from __future__ import annotations

import threading
import time

from nearfar.xr.device import DeviceFrame, DeviceView, GPULayout, SessionMode
from nearfar.xr.negotiation import DepthSupport, DepthType
from nearfar.xr.projection import FieldOfView

__all__ = ["InlineDevice"]

FRAMES_PER_SECOND = 60.0


class InlineDevice:
    """The device of inline sessions: one view of 90 degrees, no pose, no depth ever."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._begun = 0.0
        self._sequence = -1

    @property
    def modes(self) -> frozenset[SessionMode]:
        """See `XRDevice`."""
        return frozenset(("inline",))

    @property
    def features(self) -> frozenset[str]:
        """See `XRDevice`."""
        return frozenset(("viewer",))

    @property
    def depth_support(self) -> DepthSupport | None:
        """None: the inline device is never capable of it."""
        return None

    @property
    def gpu_layout(self) -> GPULayout:
        """See `XRDevice`."""
        return "linear"

    def start(self, depth_type: DepthType | None = None) -> None:  # noqa: ARG002 - it has none
        """See `XRDevice`."""
        self._stopped.clear()
        self._begun, self._sequence = time.monotonic(), -1

    def stop(self) -> None:
        """See `XRDevice`."""
        self._stopped.set()

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:
        """See `XRDevice`."""
        passed = time.monotonic() - self._begun
        self._sequence = max(self._sequence + 1, int(passed * FRAMES_PER_SECOND))
        wait = max(0.0, self._sequence / FRAMES_PER_SECOND - passed)
        over = timeout is not None and timeout < wait
        if self._stopped.wait(wait if timeout is None else min(wait, timeout)) or over:
            self._sequence -= over
            return None
        view = DeviceView(FieldOfView(1.0, 1.0, 1.0, 1.0))
        return DeviceFrame(self._sequence, self._begun + self._sequence / FRAMES_PER_SECOND, (view,))

    def __repr__(self) -> str:
        return "InlineDevice()"
