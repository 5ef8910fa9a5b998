"""One photo under way, and the photos in line: what `PhotoOutput` hands to its thread.

capture ──▶ [request, request, …] ── the output's thread ──▶ still, or frames of the stream ──▶ photos
                    halt(error) ──▶ all of them end with that error
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from nearfar.capture.captured_photo import CapturedPhoto
from nearfar.capture.clock import Clock
from nearfar.capture.photo_settings import ResolvedPhotoSettings
from nearfar.depth import Frame
from nearfar.errors import CaptureError

__all__ = ["FromStream", "PhotoRequest", "RequestLine"]

DEPTH_PATIENCE = 8
"""Frames of the stream that a photo waits for its depth; then it is delivered without."""


class PhotoFuture(Future[CapturedPhoto]):
    """A photo to come, which its own delegate cannot wait for.

    Args:
        made_here: whether this thread is the one that makes photos.
    """

    def __init__(self, made_here: Callable[[], bool]) -> None:
        super().__init__()
        self._made_here = made_here

    def result(self, timeout: float | None = None) -> CapturedPhoto:
        """See `Future.result`. Raises CaptureError in a delegate, which would wait for ever."""
        self._check(timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """See `Future.exception`. Raises CaptureError in a delegate, which would wait for ever."""
        self._check(timeout)
        return super().exception(timeout)

    def _check(self, timeout: float | None) -> None:
        waits = not self.done() and (timeout is None or timeout > 0.0)
        if waits and self._made_here():
            raise CaptureError(
                "a delegate cannot wait for a photo, which is made on the thread that it was called on; take "
                "it in did_finish_processing_photo, or wait on another thread"
            )


@dataclass(slots=True, eq=False)
class PhotoRequest:
    """One photo that was asked for."""

    resolved: ResolvedPhotoSettings
    delegate: object
    future: PhotoFuture
    error: CaptureError | None = None


class FromStream:
    """Puts a photo together from a stream, whose depth may come apart from its colour.

    Args:
        depth: whether to wait for depth.
        tolerance: seconds that the two may be apart.
    """

    def __init__(self, depth: bool, tolerance: float) -> None:
        self._depth, self._tolerance = depth, tolerance
        self._color: Frame | None = None
        self._map: Frame | None = None
        self._seen = 0
        self.photo: Frame | None = None
        """What the photo is made of, once it is whole."""

    def take(self, frame: Frame) -> bool:
        """Take a frame of the stream; True once the photo is whole."""
        if self.photo is None:
            self.photo = self._whole(frame)
        return self.photo is not None

    def _whole(self, frame: Frame) -> Frame | None:
        if frame.color is not None and (self._color is None or not self._paired()):
            self._color = frame
        if frame.depth is not None:
            self._map = frame
        if self._color is None:
            return None
        if not self._depth or self._color.depth is not None:
            return self._color
        self._seen += 1
        if self._paired() and self._map is not None:
            return self._color.replace(depth=self._map.depth, dropped={})
        return self._color if self._seen > DEPTH_PATIENCE else None

    def _paired(self) -> bool:
        if self._color is None or self._map is None:
            return False
        return abs(self._color.time - self._map.time) <= self._tolerance


class RequestLine:
    """Requests in order, and the one whose turn it is; all waiting happens here."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._line: deque[PhotoRequest] = deque()
        self._current: PhotoRequest | None = None
        self._served = False
        self._server: int | None = None
        self._awaited: FromStream | None = None

    def add(self, request: PhotoRequest, most: int) -> bool:
        """Put a request at the end; True if a thread must be started to serve it.

        Raises:
            CaptureError: there are as many as may be.
        """
        with self._condition:
            if len(self._line) + (self._current is not None) >= most:
                raise CaptureError(f"{most} photos are under way already: wait for one of them")
            self._line.append(request)
            start, self._served = not self._served, True
            return start

    def next(self) -> PhotoRequest | None:
        """The request whose turn it is now; None when there is none, and then nobody serves any more."""
        with self._condition:
            self._current = self._line.popleft() if self._line else None
            self._served = self._current is not None
            self._server = threading.get_ident() if self._served else None
            return self._current

    @property
    def served_here(self) -> bool:
        """Whether this thread is the one that serves."""
        return self._server == threading.get_ident()

    def frame(self, request: PhotoRequest, stream: FromStream, clock: Clock, patience: float) -> Frame:
        """Wait until the stream has given a photo.

        Raises:
            CaptureError: it was halted meanwhile, or gave nothing for ``patience`` seconds.
        """
        with self._condition:
            self._awaited, until = stream, clock.now() + patience
            try:
                while stream.photo is None:
                    if request.error is not None:
                        raise request.error
                    if clock.now() >= until:
                        raise CaptureError(f"no picture came from the device for {patience:g} seconds")
                    clock.wait(self._condition, until)
                return stream.photo
            finally:
                self._awaited = None

    def offer(self, frame: Frame) -> None:
        """A frame of the stream, for whoever waits for one."""
        awaited = self._awaited
        if awaited is None:  # a look without the lock, as nearly always nobody waits
            return
        with self._condition:
            if awaited.take(frame):
                self._condition.notify_all()

    def halt(self, error: CaptureError) -> None:
        """End all requests with an error; each is told on the thread that serves."""
        with self._condition:
            for request in (*self._line, *((self._current,) if self._current else ())):
                request.error = request.error or error
            self._condition.notify_all()
