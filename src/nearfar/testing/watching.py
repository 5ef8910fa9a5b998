"""A source, watched: it runs, and everything that it does is written down.

source.start(format, watch.emit, clock) ── on its thread ──▶ Seen(item, thread, host times, checksums) …
watch.wait(…)                           ── a clock that is moved by hand is moved on ──▶ until enough was seen
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.capture import Clock, Format, ManualClock, Source
from nearfar.depth import Frame
from nearfar.errors import CaptureError

__all__ = ["Seen", "Watch", "arrays_of", "checksums", "require", "uncaught_exceptions"]

_BEAT = 0.001
"""Seconds between two looks at what a source did."""


def require(holds: bool, law: str, seen: object) -> None:
    """Fail unless the law holds: what it is, and what was seen instead."""
    if not holds:
        raise AssertionError(f"{law}; seen: {seen}")


@dataclass(frozen=True, slots=True)
class Seen:
    """One call of ``emit``: with what, on which thread, when by the clock, its arrays' checksums."""

    item: Any
    thread: int
    clock_time: float
    checksums: tuple[int, ...]


class Watch:
    """What came of one start of a source.

    ``on_item`` is called inside ``emit``, on the source's thread, after the item was written down.
    """

    def __init__(self, source: Source, clock: Clock, on_item: Callable[[Any], None] | None = None) -> None:
        self.source = source
        self.clock = clock
        self.seen: list[Seen] = []
        self.started_at = 0.0
        self.format: Format | None = None
        self._on_item = on_item
        self._lock = threading.Lock()
        self._inside = 0
        self._most_inside = 0

    def start(self, format: Format) -> None:
        """Start the source."""
        self.format = format
        self.started_at = self.clock.now()
        self.source.start(format, self.emit, self.clock)

    def emit(self, item: Any) -> None:
        """Take what the source gives."""
        with self._lock:
            self._inside += 1
            self._most_inside = max(self._most_inside, self._inside)
        try:
            self.seen.append(Seen(item, threading.get_ident(), self.clock.now(), checksums(item)))
            if self._on_item is not None:
                self._on_item(item)
        finally:
            with self._lock:
                self._inside -= 1

    @property
    def inside(self) -> int:
        """Calls of ``emit`` that have not returned."""
        return self._inside

    @property
    def most_inside(self) -> int:
        """The most calls of ``emit`` there were at one time."""
        return self._most_inside

    @property
    def frames(self) -> list[Frame]:
        """The frames so far."""
        return [seen.item for seen in list(self.seen) if isinstance(seen.item, Frame)]

    @property
    def end(self) -> CaptureError | None:
        """The error that ended the stream; None while it goes on."""
        return next((seen.item for seen in list(self.seen) if isinstance(seen.item, CaptureError)), None)

    def wait(self, enough: Callable[[], bool], seconds: float) -> bool:
        """Let the source work until enough was seen, it ended, or these real seconds are over.

        Returns whether enough was seen.
        """
        until = time.monotonic() + seconds
        while not enough():
            if self.end is not None or time.monotonic() > until:
                return enough()
            if isinstance(self.clock, ManualClock):
                wake = self.clock.next_wake
                if wake is not None and wake > self.clock.now():
                    self.clock.advance(wake - self.clock.now())
                    continue
            time.sleep(_BEAT)
        return True


@contextmanager
def uncaught_exceptions() -> Iterator[list[BaseException]]:
    """Collect what ends threads for want of anybody to catch it."""
    caught: list[BaseException] = []
    before = threading.excepthook

    def note(details: threading.ExceptHookArgs) -> None:
        if details.exc_value is not None:
            caught.append(details.exc_value)

    threading.excepthook = note
    try:
        yield caught
    finally:
        threading.excepthook = before


def arrays_of(item: Any) -> list[NDArray[Any]]:
    """Every array of pixels that a frame holds."""
    if not isinstance(item, Frame):
        return []
    depth = item.depth
    found = [item.color, None if depth is None else depth.values, None if depth is None else depth.confidence]
    return [np.asarray(array) for array in found if array is not None]


def checksums(item: Any) -> tuple[int, ...]:
    """One number for each array that a frame holds: other pixels, another number."""
    return tuple(zlib.crc32(array.tobytes()) for array in arrays_of(item))
