"""Which samples of several streams belong together: a rule without threads, times in and groups out.

The first stream is the primary one. Its sample is held until every other stream has a sample of its time, or
is known to have none; what another stream has before the next primary sample goes alone::

    primary    ●────────●────────●──        a partner lies within half a period
    other       ○      ○    ○     ○         ○ between two primary samples: a group of its own
    groups     ●○      ●○   ○    ●○

"Known to have none" is any of: it has moved past the sample; two periods went by since the sample came; the
stream has been silent for seven of its gaps. Source: Apple, AVCaptureDataOutputSynchronizer; the seven gaps
are librealsense's.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Generic, TypeVar

__all__ = ["Pairing"]

Item = TypeVar("Item")

PATIENCE_PERIODS = 2.0
"""So long a sample waits for partners."""
SILENT_GAPS = 7.0
"""A stream that is silent for so many of its gaps is not waited for."""


class _Line(Generic[Item]):
    """One stream: what waits, and how far it has come."""

    __slots__ = ("arrived", "gap", "last", "newest", "outdated", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[tuple[float, Item, float]] = deque()
        """(time, item, when its patience ends), in order."""
        self.last = -math.inf
        """The time of the latest sample, whatever became of it."""
        self.newest = -math.inf
        """How far the stream has come on the present time scale."""
        self.arrived = -math.inf
        self.gap = 0.0
        """When the latest sample came, and how long after the one before."""
        self.outdated = False
        """Another stream's time ran backwards, and this one's has not yet."""


class Pairing(Generic[Item]):
    """Groups the samples of streams by time. Every item comes out again, once, in one group.

    A group is a tuple with an item or None for each stream, the primary first. Items are anything; that a
    sample was dropped can be one, too, so that it is told from a sample that never was. O(1) a sample.

    Args:
        streams: how many.
        period: seconds between the samples of the fastest stream. Partners lie less than half of it apart.

    Raises:
        ValueError: no stream, or a period that is not positive.
    """

    def __init__(self, streams: int, period: float) -> None:
        if streams < 1:
            raise ValueError(f"there must be a stream to pair; got {streams}")
        self._lines = tuple(_Line[Item]() for _ in range(streams))
        self._primary, self._others = self._lines[0], self._lines[1:]
        self._fresh = True
        self._boundary = self._settled_by = 0.0
        self._before = self._latest = -math.inf  # when the latest two samples came
        self.period = period

    @property
    def period(self) -> float:
        """Seconds between the samples of the fastest stream."""
        return self._period

    @period.setter
    def period(self, seconds: float) -> None:
        if not 0.0 < seconds < math.inf:
            raise ValueError(f"a period is a positive number of seconds, not {seconds}")
        self._period = seconds
        self._tolerance = seconds / 2.0
        self._patience = PATIENCE_PERIODS * seconds

    @property
    def pending(self) -> int:
        """How many items wait."""
        return sum(len(line.waiting) for line in self._lines)

    @property
    def deadline(self) -> float | None:
        """When `advance` will have something to give if nothing else comes; None while nothing waits."""
        if self._primary.waiting:
            return self._primary.waiting[0][2]
        return min((line.waiting[0][2] for line in self._others if line.waiting), default=None)

    def offer(self, stream: int, time: float, item: Item, now: float) -> list[tuple[Item | None, ...]]:
        """Take a sample, and give the groups that are complete by it.

        Args:
            stream: which one it is of.
            time: its seconds. A step back within a stream is a discontinuity: what waits goes out, and no
                sample from before it is paired with one from after it.
            item: what comes out again.
            now: seconds of the clock that deadlines count on.
        """
        groups: list[tuple[Item | None, ...]] = []
        line = self._lines[stream]
        if time < line.last:
            self._went_back(line, time, groups)
        elif self._fresh:
            self._fresh = False
            self._begin(time)
            for other in self._lines:
                other.arrived, other.gap = now, 0.0
        elif line.outdated and time <= self._boundary:
            line.outdated = False
        self._before, self._latest = self._latest, now
        line.arrived, line.gap, line.last = now, now - line.arrived, time
        if line.outdated:
            groups.append(self._alone(line, item))
            return groups
        if time > self._settled_by:
            for other in self._lines:
                other.outdated = False
            self._settled_by = math.inf
        if time > line.newest:
            line.newest = time
        line.waiting.append((time, item, now + self._patience))
        self._settle(now, groups)
        return groups

    def advance(self, now: float) -> list[tuple[Item | None, ...]]:
        """Give the groups that are due at a time."""
        groups: list[tuple[Item | None, ...]] = []
        self._settle(now, groups)
        return groups

    def flush(self) -> list[tuple[Item | None, ...]]:
        """Give all that waits, and begin anew: nothing from before goes with what comes."""
        groups = self.advance(math.inf)
        self._fresh = True
        for line in self._lines:
            line.last = -math.inf
            line.outdated = False
        return groups

    def _begin(self, time: float) -> None:
        """A time scale begins: no stream has anything from before it."""
        self._settled_by = math.inf
        for line in self._lines:
            line.newest = time - self._period

    def _settle(self, now: float, groups: list[tuple[Item | None, ...]]) -> None:
        primary = self._primary.waiting
        while primary and self._is_known(*primary[0], now, groups):
            time, item, _ = primary.popleft()
            group: list[Item | None] = [item]
            for line in self._others:
                waiting = line.waiting
                paired = waiting and waiting[0][0] < time + self._tolerance
                group.append(waiting.popleft()[1] if paired else None)
            groups.append(tuple(group))
        if not primary:
            for line in self._others:
                self._let_go(line, now, groups)

    def _is_known(
        self, time: float, _: Item, due: float, now: float, groups: list[tuple[Item | None, ...]]
    ) -> bool:
        """Whether every other stream has the partner of a primary sample, or none. What is older goes."""
        earliest = time - self._tolerance
        known = True
        for line in self._others:
            waiting = line.waiting
            while waiting and waiting[0][0] <= earliest:
                groups.append(self._alone(line, waiting.popleft()[1]))
            if not waiting and line.newest <= earliest and now < due:
                known = known and self._is_silent(line)
        return known

    def _let_go(self, line: _Line[Item], now: float, groups: list[tuple[Item | None, ...]]) -> None:
        """Let the samples go for which no primary one will come."""
        waiting, passed = line.waiting, self._primary.newest + self._tolerance
        while waiting:
            time, item, due = waiting[0]
            if not (time < passed or due <= now or self._is_silent(self._primary)):
                break
            waiting.popleft()
            groups.append(self._alone(line, item))

    def _is_silent(self, line: _Line[Item]) -> bool:
        """Whether others have come for long without it; when all pause together nobody is silent."""
        return self._before - line.arrived > SILENT_GAPS * max(line.gap, self._period)

    def _alone(self, line: _Line[Item], item: Item) -> tuple[Item | None, ...]:
        return tuple(item if each is line else None for each in self._lines)

    def _went_back(self, line: _Line[Item], time: float, groups: list[tuple[Item | None, ...]]) -> None:
        """A stream's time ran backwards: a new scale begins, unless it only follows another stream's.

        The other streams may have samples of the old scale on their way: those above the boundary between
        both, until they run back themselves or the new scale is seven periods old.
        """
        if line.outdated:
            line.outdated = False
            return
        self._settle(math.inf, groups)
        self._begin(time)
        self._boundary = (line.last + time) / 2.0
        self._settled_by = time + SILENT_GAPS * self._period
        for other in self._lines:
            other.outdated = other is not line
