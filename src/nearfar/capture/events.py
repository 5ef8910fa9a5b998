"""What a session tells: its state, and the events that change it, to listeners and to iterators.

        start             first of all             stop
IDLE ─────────▶ STARTING ────────────▶ RUNNING ────────▶ STOPPING ──▶ IDLE
                   │                    │    ▲
                   ▼       interruption ▼    │ its end
                 FAILED ◀────────── INTERRUPTED
"""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from nearfar.capture.awaiting import Awaiting
from nearfar.errors import CaptureError

__all__ = ["EventKind", "Events", "InterruptionReason", "SessionEvent", "SessionState", "as_failure"]

log = logging.getLogger("nearfar.capture")

KEPT = 1000
"""How many events an iterator keeps that nobody fetches; the oldest go first."""


class SessionState(Enum):
    """What a session is doing."""

    IDLE = "idle"
    """Not started, or stopped."""
    STARTING = "starting"
    """Its device is being started."""
    RUNNING = "running"
    """Frames come."""
    INTERRUPTED = "interrupted"
    """Started, but something keeps it from running; it goes on by itself when that is over."""
    FAILED = "failed"
    """It broke; `CaptureSession.start` tries again."""
    STOPPING = "stopping"
    """Its device is being stopped."""


class InterruptionReason(Enum):
    """Why a session that was started does not run (AVCaptureSession.InterruptionReason)."""

    BACKGROUND = "video-device-not-available-in-background"
    AUDIO_IN_USE = "audio-device-in-use-by-another-client"
    DEVICE_IN_USE = "video-device-in-use-by-another-client"
    MULTIPLE_FOREGROUND_APPS = "video-device-not-available-with-multiple-foreground-apps"
    SYSTEM_PRESSURE = "video-device-not-available-due-to-system-pressure"
    SENSITIVE_CONTENT = "sensitive-content-mitigation-activated"
    DEVICE_LOST = "device-lost"
    """The device went away, or its stream ended or broke."""
    DEVICE_STALLED = "device-stalled"
    """The device is there, but gives no frames; it goes on when one comes."""


class EventKind(Enum):
    """What happened to a session."""

    STARTED = "started"
    """Its device runs (AVCaptureSession.didStartRunningNotification)."""
    STOPPED = "stopped"
    """It was stopped (didStopRunningNotification)."""
    INTERRUPTED = "interrupted"
    """It was interrupted; the event has the reason (wasInterruptedNotification)."""
    INTERRUPTION_ENDED = "interruption-ended"
    """The interruption is over, and it runs again if it was started (interruptionEndedNotification)."""
    RUNTIME_ERROR = "runtime-error"
    """Something failed; the event has the error (runtimeErrorNotification). The session lives on unless its
    state is FAILED."""
    RECONFIGURED = "reconfigured"
    """Another configuration was applied while it ran."""


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One thing that happened to a session.

    Attributes:
        kind: what.
        time: when, seconds of the session's clock.
        reason: of an interruption; None for other kinds.
        error: of a runtime error, or what the device was lost by; None otherwise.
    """

    kind: EventKind
    time: float
    reason: InterruptionReason | None = None
    error: Exception | None = None


class Events:
    """Passes events on, in order, to callbacks on a thread that lives while there is something to tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[SessionEvent], object]] = []
        self._iterators: weakref.WeakSet[EventIterator] = weakref.WeakSet()
        self._untold: deque[SessionEvent] = deque()
        self._telling = False
        self._closed = False

    def add(self, listener: Callable[[SessionEvent], object]) -> None:
        """Call a function with each event from now on."""
        with self._lock:
            self._listeners.append(listener)

    def remove(self, listener: Callable[[SessionEvent], object]) -> None:
        """Call it no more; one that is not there is fine."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def iterator(self, timeout: float | None) -> EventIterator:
        """An iterator over the events from now on."""
        iterator = EventIterator(timeout)
        with self._lock:
            if self._closed:
                iterator.close()
            self._iterators.add(iterator)
        return iterator

    def tell(self, event: SessionEvent) -> None:
        """Pass an event on; returns at once."""
        with self._lock:
            for iterator in self._iterators:
                iterator.put(event)
            if not self._listeners:
                return
            self._untold.append(event)
            if self._telling:
                return
            self._telling = True
        threading.Thread(target=self._tell_all, name="nearfar events", daemon=True).start()

    def close(self) -> None:
        """End the iterators, once they have given what they hold."""
        with self._lock:
            self._closed = True
            for iterator in self._iterators:
                iterator.close()

    def _tell_all(self) -> None:
        while True:
            with self._lock:
                if not self._untold:
                    self._telling = False
                    return
                event, listeners = self._untold.popleft(), tuple(self._listeners)
            for listener in listeners:
                try:
                    listener(event)
                except BaseException:
                    log.exception("a listener of a capture session failed")


def as_failure(error: BaseException) -> Exception:
    """What came out of a user's callback, as something to report: sys.exit() there is a failure, too."""
    if isinstance(error, Exception):
        return error
    failure = CaptureError(f"a callback raised {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


class EventIterator(Iterator[SessionEvent], AsyncIterator[SessionEvent]):
    """Waits for the next event, by ``for`` or ``async for``.

    Ends with its session, or after ``timeout`` seconds without an event.
    """

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout
        self._events: deque[SessionEvent] = deque(maxlen=KEPT)
        self._condition = threading.Condition()
        self._awaiting = Awaiting()
        self._closed = False

    def __next__(self) -> SessionEvent:
        with self._condition:
            self._condition.wait_for(lambda: self._events or self._closed, self._timeout)
            if not self._events:
                raise StopIteration
            return self._events.popleft()

    async def __anext__(self) -> SessionEvent:
        loop = asyncio.get_running_loop()
        until = None if self._timeout is None else loop.time() + self._timeout
        while True:
            with self._condition:
                if self._events:
                    return self._events.popleft()
                if self._closed:
                    raise StopAsyncIteration
                future = self._awaiting.add()
            try:
                async with asyncio.timeout_at(until):
                    await future
            except TimeoutError:
                raise StopAsyncIteration from None

    def put(self, event: SessionEvent) -> None:
        """Add an event."""
        with self._condition:
            self._events.append(event)
            self._condition.notify_all()
            self._awaiting.wake()

    def close(self) -> None:
        """End once what is there was fetched."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
            self._awaiting.wake()
