"""`Watchdog`: looks now and then whether a device that runs gives frames.

    heard ──▶ … silence … ──▶ stalled ──▶ … silence … ──▶ given up
      ▲          a frame, or a photo being taken, any time │
      └────────────────────────────────────────────────────┘

It costs the stream nothing: a frame sets a mark, and the next look takes it away.
"""

from __future__ import annotations

from nearfar.capture.source import BusySource, Source
from nearfar.capture.stream import Stream

__all__ = ["START_SECONDS", "Watchdog"]

START_SECONDS = 4.5
"""How long a device may take to start, and to give its first frame."""
STALL_SECONDS, STALL_PERIODS = 2.0, 7.0
"""How long one may then be silent before it has stalled: so many seconds and so many frames at least."""
LOOK_SECONDS, STALLED_LOOK_SECONDS = 0.5, 0.1
"""Seconds from one look to the next: while frames come, and while none do."""


class Watchdog:
    """Watches a stream from its start to its end.

    Args:
        stream: whose frames.
        rate: how many a second it should give.
        now: seconds of the session's clock.
        source: gives the frames; where it is busy with another session's photo, they may wait.
    """

    def __init__(self, stream: Stream, rate: float, now: float, source: Source | None = None) -> None:
        self._stream = stream
        self._shared = source if isinstance(source, BusySource) else None
        self._start_patience = max(START_SECONDS, 2.0 / rate)
        self._stall_patience = max(STALL_SECONDS, STALL_PERIODS / rate)
        self._heard_at = now
        self.silence = 0.0
        """Seconds for which nothing came, at the last look."""
        self.next_look = now + LOOK_SECONDS
        """When to look again."""

    def look(self, now: float) -> None:
        """See what came since the last look."""
        stream = self._stream
        busy = self._shared is not None and self._shared.busy
        if stream.heard or stream.photos or busy:
            stream.heard = False
            self._heard_at = now
        self.silence = now - self._heard_at
        self.next_look = now + (STALLED_LOOK_SECONDS if self.stalled else LOOK_SECONDS)

    @property
    def stalled(self) -> bool:
        """Whether frames came, and none for long."""
        return self._stream.begun and self.silence >= self._stall_patience

    @property
    def given_up(self) -> bool:
        """Whether there is no hope left without a new start."""
        stall = self._stall_patience if self._stream.begun else 0.0
        return self.silence >= stall + self._start_patience
