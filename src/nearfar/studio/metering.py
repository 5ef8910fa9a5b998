"""How a camera fares, whoever uses it: counted where its frames come from.

camera ── frame ──▶ MeteredSource ── the same frame ──▶ sessions
                        └▶ Meter: how many, how many a second, how many were lost, what it ended with
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from nearfar.capture import Clock, DeviceInfo, Format, PreparedSource, Source, Still, StillSource
from nearfar.depth import Frame
from nearfar.errors import DeviceLost

__all__ = ["Meter", "MeteredSource"]

_WINDOW = 2.0
"""Seconds over which the rate is measured."""
_SILENT_SECONDS, _SILENT_FRAMES = 2.0, 7.0
"""After so long without a frame, in seconds and in frames, something is wrong; as sessions see it."""


class _Run:
    """One start of the camera. Frames come on its thread; anyone may ask."""

    def __init__(self, rate: float) -> None:
        self.running = True
        self.problem: str | None = None
        self.frames = self.lost = self.without_depth = 0
        self._rate = rate
        self._next: int | None = None
        self._kind: str | None = None
        self._begun = self._latest = time.monotonic()
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, item: Any) -> None:
        """What the camera gave."""
        with self._lock:
            if isinstance(item, Frame):
                self._count(item)
            else:
                self.running = False
                if not (isinstance(item, DeviceLost) and item.at_end):
                    self.problem = str(item)

    def _count(self, frame: Frame) -> None:
        self.without_depth += "depth" in frame.dropped
        colored = frame.color is not None or "color" in frame.dropped
        kind = "color" if colored else "depth"
        if self._kind != "color" and kind != self._kind:
            self._kind, self._next = kind, None  # a camera that gives pictures is counted by them
        if kind != self._kind:
            return
        if self._next is not None:
            self.lost += max(0, frame.sequence - self._next)
        self._next = frame.sequence + 1
        if getattr(frame, kind) is None:
            self.lost += 1
            return
        self.frames += 1
        self._latest = time.monotonic()
        self._times.append(self._latest)
        self._forget(self._latest)

    def rate(self) -> float:
        """Frames a second, in the last seconds."""
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            passed = min(_WINDOW, now - self._begun)
            return len(self._times) / passed if self.running and passed > 0.0 else 0.0

    def silence(self) -> float:
        """Seconds without a frame, where that is longer than it should be; 0 where it is not."""
        with self._lock:
            silence = time.monotonic() - self._latest
            patience = max(_SILENT_SECONDS, _SILENT_FRAMES / self._rate)
            return silence if self.running and self.frames and silence > patience else 0.0

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] < now - _WINDOW:
            self._times.popleft()


class Meter:
    """What became of a camera since its last start; before the first there is nothing to tell."""

    def __init__(self) -> None:
        self._run = _Run(1.0)
        self._run.running = False
        self._past = self._photos = 0
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._run.running

    @property
    def frames(self) -> int:
        """How many it gave."""
        return self._run.frames

    @property
    def total(self) -> int:
        """How many it gave in all its starts."""
        return self._past + self._run.frames

    @property
    def lost(self) -> int:
        """How many it could not give: gaps in its numbers, and frames that say so."""
        return self._run.lost

    @property
    def without_depth(self) -> int:
        """How many came without the depth that belongs to them."""
        return self._run.without_depth

    @property
    def rate(self) -> float:
        """Frames a second, in the last two seconds; 0 where it does not run."""
        return self._run.rate()

    @property
    def problem(self) -> str | None:
        """What is wrong, in words: it broke, could not start, or is silent; None where nothing is."""
        run = self._run
        silence = 0.0 if self._photos else run.silence()
        if silence:
            return (
                f"No frame has come for {silence:.0f} s. Is the cable loose, or the camera in use elsewhere?"
            )
        return run.problem

    def begins(self, rate: float) -> _Run:
        """What is to count the frames of a start that is to be made."""
        return _Run(rate)

    def began(self, run: _Run) -> None:
        """It was made."""
        with self._lock:
            self._past += self._run.frames
            self._run = run

    def failed(self, run: _Run, error: Exception) -> None:
        """It could not be made; one that was made before goes on."""
        with self._lock:
            if not self._run.running:
                run.running, run.problem = False, str(error)
                self._past += self._run.frames
                self._run = run

    def stopped(self) -> None:
        """It was stopped."""
        self._run.running = False

    def photo(self, more: int) -> None:
        """So many more photos are being taken: frames may have to wait meanwhile."""
        with self._lock:
            self._photos += more


class MeteredSource:
    """A source that gives the frames of another one, counted.

    Args:
        inner: the source; it belongs to this one from now on.

    Attributes:
        meter: what is counted.
    """

    def __init__(self, inner: Source) -> None:
        self.meter = Meter()
        self._inner = inner
        if isinstance(inner, StillSource):
            self.still = self._still
        if isinstance(inner, PreparedSource):
            self.prepare = inner.prepare

    @property
    def info(self) -> DeviceInfo:
        """The inner source's."""
        return self._inner.info

    @property
    def formats(self) -> tuple[Format, ...]:
        """The inner source's."""
        return self._inner.formats

    def start(self, format: Format, emit: Any, clock: Clock) -> None:
        """See `Source.start`."""
        run = self.meter.begins(format.rate)

        def take(item: Any) -> None:
            run.take(item)
            emit(item)

        try:
            self._inner.start(format, take, clock)
        except Exception as error:
            self.meter.failed(run, error)
            raise
        self.meter.began(run)

    def stop(self) -> None:
        """See `Source.stop`."""
        self._inner.stop()
        self.meter.stopped()

    def _still(self, format: Format, time: float) -> Still:
        inner: Any = self._inner
        self.meter.photo(1)
        try:
            still: Still = inner.still(format, time)
            return still
        finally:
            self.meter.photo(-1)
