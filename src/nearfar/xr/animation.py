"""The loop of a session: frame after frame, each active until the next one is asked for.

    for frame in session.frames()             the thread that asks waits
    async for frame in session.frames()       the event loop goes on meanwhile
    request_animation_frame(f); run()         f(time, frame) is called in the next frame, as pages do it

WebXR Device API, sections 4.4 and 6: https://www.w3.org/TR/webxr/#animation-frames
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import TYPE_CHECKING

from nearfar.errors import DeviceLost, InvalidStateError
from nearfar.xr.device import DeviceFrame, XRDevice
from nearfar.xr.xr_frame import XRFrame

if TYPE_CHECKING:
    from nearfar.xr.session import XRSession

__all__ = ["FrameCallback", "FrameLoop", "XRFrames"]

log = logging.getLogger("nearfar.xr")

FrameCallback = Callable[[float, XRFrame], object]
"""Takes a time, in seconds of the host's clock, and the frame (XRFrameRequestCallback)."""


class FrameLoop:
    """A session's frames and the callbacks that wait for them."""

    def __init__(self, session: XRSession) -> None:
        self._session = session
        self._current: XRFrame | None = None
        self._handles = itertools.count(1)
        self._waiting: dict[int, FrameCallback] = {}
        self._running: dict[int, FrameCallback] = {}
        self._in_callbacks = False
        self._wait: Future[DeviceFrame | None] | None = None
        """What a task waits for; one that is cancelled leaves it behind, and whoever asks next takes it."""
        self._awaited = False

    @property
    def active_frame(self) -> XRFrame | None:
        """The frame that is active now."""
        return self._current

    def next_frame(self, timeout: float | None) -> XRFrame | None:
        """End the frame before and wait for the next one.

        None after ``timeout`` seconds, and when the session is over or becomes so: its device is at its end.
        Raises DeviceLost, and ends the session, where the device has gone.
        """
        self.leave()
        if self._session.ended:
            return None
        try:
            given = self._given(timeout)
        except DeviceLost:
            self.lost()
            raise
        return self.begun(given, timeout)

    async def next_frame_for_task(self, timeout: float | None) -> XRFrame | None:
        """`next_frame`, while the event loop goes on. One task waits at a time."""
        self.leave()
        if self._session.ended:
            return None
        wait = self._waiting_for_task()
        self._awaited = True
        try:
            given = await asyncio.wait_for(asyncio.wrap_future(wait), timeout)
        except TimeoutError:
            return None
        except DeviceLost:
            self.lost()
            raise
        finally:
            self._awaited = False
            if wait.done() and wait.exception() is not None:
                self._wait = None
        self._wait = None
        return self.begun(given, None)

    def _waiting_for_task(self) -> Future[DeviceFrame | None]:
        if self._wait is None:
            wait: Future[DeviceFrame | None] = Future()
            wait.set_running_or_notify_cancel()  # from here on a task that is cancelled cannot take it along
            device = self._session.device
            # A daemon: at exit nobody waits for a device that has nothing to give.
            threading.Thread(target=_wait_on, args=(device, wait), name="nearfar xr", daemon=True).start()
            self._wait = wait
        return self._wait

    def _given(self, timeout: float | None) -> DeviceFrame | None:
        """The device's next frame, or the one that a cancelled task waited for."""
        wait = self._wait
        if wait is None:
            return self._session.device.next_frame(timeout)
        if not wait_for([wait], timeout).done:
            return None
        self._wait = None
        return wait.result()

    def leave(self) -> None:
        """The next frame is asked for: the one before is over.

        Raises InvalidStateError inside a callback, where frames come by themselves, and while a task waits.
        """
        if self._in_callbacks:
            raise InvalidStateError("a callback cannot ask for a frame itself: use request_animation_frame")
        if self._awaited:
            raise InvalidStateError("another task waits for the session's next frame: one may at a time")
        self.retire()

    def begun(self, given: DeviceFrame | None, timeout: float | None) -> XRFrame | None:
        """The frame of what the device gave; None as `next_frame` says."""
        if self._session.ended:
            return None
        if given is None:
            if timeout is None:
                self._session.shut_down()
            return None
        self._current = XRFrame(self._session, given, self._session.apply_render_state())
        return self._current

    def lost(self) -> None:
        """The device has gone, and the session with it."""
        if not self._session.ended:
            self._session.shut_down()

    def request(self, callback: FrameCallback) -> int:
        """Have a function called in the next frame; its handle."""
        handle = next(self._handles)
        self._waiting[handle] = callback
        return handle

    def cancel(self, handle: int) -> None:
        """Not, after all; also where it is due later in this very frame."""
        self._waiting.pop(handle, None)
        self._running.pop(handle, None)

    def run(self, timeout: float | None) -> None:
        """Frame after frame with its callbacks, while there are any."""
        while self._waiting and not self._session.ended:
            frame = self.next_frame(timeout)
            if frame is None:
                return
            self._call_back(frame)

    def close(self) -> None:
        """The session is over."""
        self.retire()
        self._waiting.clear()
        self._running.clear()

    def retire(self) -> None:
        """The frame is over."""
        if self._current is not None:
            self._current.deactivate()
            self._current = None

    def _call_back(self, frame: XRFrame) -> None:
        self._running, self._waiting = self._waiting, {}
        self._in_callbacks = True
        try:
            while self._running:
                callback = self._running.pop(next(iter(self._running)))
                try:
                    callback(frame.predicted_display_time, frame)
                except Exception as error:
                    log.error("a session goes on after an exception in a callback", exc_info=error)
        finally:
            self._in_callbacks = False
            self.retire()


def _wait_on(device: XRDevice, wait: Future[DeviceFrame | None]) -> None:
    try:
        wait.set_result(device.next_frame())
    except BaseException as error:  # noqa: BLE001 - it is for whoever asks
        wait.set_exception(error)


class XRFrames(Iterator[XRFrame], AsyncIterator[XRFrame]):
    """The frames of a session, for ``for`` and ``async for``; `XRSession.frames` makes it."""

    def __init__(self, session: XRSession, loop: FrameLoop, timeout: float | None) -> None:
        self._session = session
        self._loop = loop
        self._timeout = timeout

    def __iter__(self) -> XRFrames:
        return self

    def __aiter__(self) -> XRFrames:
        return self

    def __next__(self) -> XRFrame:
        self._session.check_thread()
        frame = self._loop.next_frame(self._timeout)
        if frame is None:
            raise StopIteration
        return frame

    async def __anext__(self) -> XRFrame:
        self._session.check_thread()
        frame = await self._loop.next_frame_for_task(self._timeout)
        if frame is None:
            raise StopAsyncIteration
        return frame
