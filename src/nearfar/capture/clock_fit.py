"""`ClockFit`: from a camera's clock to the host's, learnt from when the frames arrive.

A frame arrives some time after its exposure, at times much later, but never before. So the truth runs below
all arrivals, and the line that touches them from below is the camera's clock plus the least delay::

    arrival − device time
      │    ·      ·            ·  late
      │  ·   · ·     ·  ·   ·
      │ ·_______·_____·_____________  the line: offset, and drift as its slope
      └──────────────────────────────▶ device time

Source: the lower convex hull is that of Moon, Skelly and Towsley, "Estimation and removal of clock skew from
network delay measurements", INFOCOM 1999, over the earliest arrival of each second.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable, Sequence

__all__ = ["ClockFit"]

BIN_SECONDS = 1.0
"""Only the earliest arrival of such a span is kept."""
BINS = 64
"""How many spans are remembered."""
MAX_DRIFT = 1e-3
"""No crystal is further off than this; what looks like more is delay that grows."""
DRIFT_SPAN = 8.0
"""Seconds that must be known before a drift is read from them."""
JUMP_SECONDS = 1.0
"""A clock that is further off than this did not drift there."""


class ClockFit:
    """Gives host times to frames that a camera stamped with a clock of its own.

    One fit serves all streams of one clock. The line is followed without steps (at a rate of 0.5 to 1.5), so
    host times keep the order of the device times, and two frames of one exposure get one host time; and no
    frame gets a time after its arrival. O(1) a frame, in time and memory.
    """

    def __init__(self) -> None:
        self._newest: dict[Hashable, tuple[float, float]] = {}
        self._earliest: deque[tuple[float, float]] = deque(maxlen=BINS)
        self._pieces: deque[tuple[float, float, float]] = deque(maxlen=4)
        self._bin = (0.0, 0.0)
        self._bin_begin = (0.0, 0.0)
        self._jumped = False

    def host_time(self, device_time: float, arrival: float, stream: Hashable = None) -> float:
        """The host time of a frame.

        Args:
            device_time: seconds of the camera's clock.
            arrival: host seconds at which the frame was received; they never run backwards.
            stream: whose frame this is. Within one stream device times never run backwards; between two they
                may.

        Returns:
            Host seconds of the exposure plus the least delay of the way, at most ``arrival``.

        Raises:
            ValueError: a time that is not finite.
        """
        if not (math.isfinite(device_time) and math.isfinite(arrival)):
            raise ValueError(f"times must be finite seconds; got {device_time} and {arrival}")
        full = self._bin_is_full(device_time, arrival)
        self._jumped = bool(self._pieces) and (
            self._leapt(device_time, arrival, stream) or (full and self._is_behind())
        )
        if self._jumped or not self._pieces:
            self._begin(device_time, arrival)
        elif full:
            self._earliest.append(self._bin)
            self._open_bin(device_time, arrival)
            height, drift, middle = _lower_line(self._earliest)
            self._steer(device_time, middle, middle + height, 1.0 + drift)
        self._newest[stream] = (device_time, arrival)
        if device_time >= self._bin_begin[0] and arrival - device_time < self._bin[1]:
            self._bin = (device_time, arrival - device_time)
        host = self._mapped(device_time)
        if host > arrival:
            now = max(device_time for device_time, _ in self._newest.values())
            self._steer(now, device_time, arrival, self._pieces[-1][2])
            return arrival
        return host

    @property
    def jumped(self) -> bool:
        """Whether the camera's clock leapt before the frame that `host_time` was last asked for.

        It ran backwards, or is more than a second ahead of its arrival, or has been more than a second
        behind for a whole second. The fit began anew with that frame: nothing from before goes with it.
        """
        return self._jumped

    @property
    def drift(self) -> float:
        """How much faster the host's clock runs than the camera's: 1e-6 is one second in 11.6 days."""
        return self._pieces[-1][2] - 1.0 if self._pieces else 0.0

    def _leapt(self, device_time: float, arrival: float, stream: Hashable) -> bool:
        """Whether a stream ran backwards, or forwards faster than the host by more than a second."""
        last, then = self._newest.get(stream, (-math.inf, arrival))
        ahead = device_time - last - (arrival - then) > JUMP_SECONDS
        return device_time < last or (ahead and self._mapped(device_time) > arrival + JUMP_SECONDS)

    def _is_behind(self) -> bool:
        """Whether not one frame of the bin was less than a second late."""
        at, delay = self._bin
        return at + delay > self._mapped(at) + JUMP_SECONDS

    def _bin_is_full(self, device_time: float, arrival: float) -> bool:
        """By both clocks: a burst of frames that had waited says nothing new, long as it is."""
        return min(device_time - self._bin_begin[0], arrival - self._bin_begin[1]) >= BIN_SECONDS

    def _begin(self, device_time: float, arrival: float) -> None:
        self._newest.clear()
        self._earliest.clear()
        self._pieces.clear()
        self._pieces.append((device_time, arrival, 1.0))
        self._open_bin(device_time, arrival)

    def _open_bin(self, device_time: float, arrival: float) -> None:
        self._bin = (device_time, arrival - device_time)
        self._bin_begin = (device_time, arrival)

    def _mapped(self, device_time: float) -> float:
        """The line as it is followed: pieces that join, the newest one last."""
        for start, host, rate in reversed(self._pieces):
            if device_time >= start:
                return host + (device_time - start) * rate
        start, host, rate = self._pieces[0]
        return host + (device_time - start) * rate

    def _steer(self, now: float, at: float, host: float, rate: float) -> None:
        """From the device time ``now`` on, move to the line through (at, host) within the next second."""
        start = self._mapped(now)
        off = host + (now - at) * rate - start
        span = max(BIN_SECONDS, 2.0 * abs(off) / rate)
        while self._pieces and self._pieces[-1][0] >= now:
            self._pieces.pop()
        self._pieces.append((now, start, rate + off / span))
        self._pieces.append((now + span, start + off + span * rate, rate))


def _lower_line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The line below all points and nearest to them on average: (height in the middle, slope, middle)."""
    middle = (points[0][0] + points[-1][0]) / 2.0
    if points[-1][0] - points[0][0] < DRIFT_SPAN:
        return min(height for _, height in points), 0.0, middle
    hull: list[tuple[float, float]] = []
    for point in points:
        while len(hull) > 1 and _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    right = next(index for index, (x, _) in enumerate(hull) if x >= middle and index)
    (x0, y0), (x1, y1) = hull[right - 1], hull[right]
    slope = min(max((y1 - y0) / (x1 - x0), -MAX_DRIFT), MAX_DRIFT)
    return min(y - (x - middle) * slope for x, y in hull), slope, middle


def _turns_down(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether b lies above the line from a to c, or on it."""
    return (b[1] - a[1]) * (c[0] - a[0]) >= (c[1] - a[1]) * (b[0] - a[0])
