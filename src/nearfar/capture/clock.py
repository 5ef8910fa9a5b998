"""Time, as capture sees it: a clock that can be waited for, and one that a test moves by hand.

Everything in this package that waits does so through a `Clock`, under a condition that can also be notified::

    clock.now() ──▶ host seconds, monotonic          clock.wait(condition, until) ──▶ notified, or it is time
"""

from __future__ import annotations

import threading
import time
from typing import Protocol, runtime_checkable

__all__ = ["Clock", "ManualClock", "SystemClock"]


@runtime_checkable
class Clock(Protocol):
    """Seconds that never run backwards, and a way to wait for them."""

    def now(self) -> float:
        """Host time, seconds."""
        ...

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        """Wait, with the condition held, until it is notified or the time has come (None: no time).

        May return early; callers test in a loop what they wait for.
        """
        ...


class SystemClock:
    """The machine's monotonic clock (CLOCK_MONOTONIC, which cameras stamp their frames with, too)."""

    def now(self) -> float:
        """Seconds since some moment before the machine started."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        """See `Clock.wait`."""
        condition.wait(None if until is None else max(0.0, until - time.monotonic()))


class ManualClock:
    """A clock that stands still until it is moved, so that hours pass in no time and the same way each time.

    Args:
        start: seconds it shows at first.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = float(start)
        self._lock = threading.Lock()
        self._waiting: dict[threading.Condition, list[float]] = {}

    def now(self) -> float:
        """The time it was moved to."""
        return self._now

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        """See `Clock.wait`."""
        if until is None:
            condition.wait()
            return
        with self._lock:
            if self._now >= until:
                return
            self._waiting.setdefault(condition, []).append(until)
        try:
            condition.wait()
        finally:
            with self._lock:
                times = self._waiting[condition]
                times.remove(until)
                if not times:
                    del self._waiting[condition]

    def advance(self, seconds: float) -> None:
        """Let time pass; whoever waits for a time that has come by then goes on.

        Raises:
            ValueError: backwards.
        """
        if not seconds >= 0.0:
            raise ValueError(f"time does not run backwards: {seconds}")
        with self._lock:
            self._now += seconds
            due = [condition for condition, times in self._waiting.items() if min(times) <= self._now]
        for condition in due:
            with condition:
                condition.notify_all()

    @property
    def next_wake(self) -> float | None:
        """The earliest time that anybody waits for; None when nobody does."""
        with self._lock:
            return min((min(times) for times in self._waiting.values()), default=None)
