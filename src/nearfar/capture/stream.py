"""`Stream`: the way of a frame from a source to the outputs, while the source runs without a break.

    emit ─▶ is it wanted now? ─▶ numbers: any lost? ─▶ host time ─▶ pool: room? ─▶ books ─▶ output.receive …
                  │ no                 │ yes              │ jumped       │ no
                  ▼                    ▼                  ▼              ▼
              not captured       DISCONTINUITY      DISCONTINUITY   OUT_OF_BUFFERS

This is the hot path: all on the source's own thread, under one lock that is nearly always free.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Any

from nearfar.capture.arrangement import Plan
from nearfar.capture.clock import Clock
from nearfar.capture.clock_fit import ClockFit
from nearfar.capture.counts import Ledger
from nearfar.capture.pool import Pool
from nearfar.capture.zooming import zoomed
from nearfar.depth import DropReason, Frame

__all__ = ["Account", "Stream"]

JUMP_SECONDS = 1.0
"""A host clock that runs back further than this is not the host's."""
TOLD = 100
"""Of a longer row of lost frames, only so many of the latest are told one by one; all are counted."""
CLOSING_SECONDS = 0.2
"""How long closing waits for the frame that is just being handed on."""
STEP = 1e-6
"""Seconds between two frames whose times came out the same."""


class Account:
    """What outlives a break of one kind of data, color or depth: its books and its buffers."""

    __slots__ = ("ledger", "name", "pool")

    def __init__(self, name: str, pool: Pool) -> None:
        self.name = name
        self.ledger = Ledger()
        self.pool = pool


class _Track:
    """Where one kind of data is in its stream."""

    __slots__ = ("ledger", "name", "next", "pool", "seen", "time")

    def __init__(self, account: Account) -> None:
        self.name = account.name
        self.ledger = account.ledger
        self.pool = account.pool
        self.next = 0  # the number of its next frame
        self.seen = -math.inf  # the source's time of its last frame
        self.time = -math.inf  # the host's


class Stream:
    """Takes what a source emits, until it is closed.

    Args:
        accounts: those of "color" and of "depth".
        clock: the host's.
        device_clock: whether the source's times are those of a clock of its own.
        period: seconds from one frame to the next, as the format says.
        ended: called once, with the error that the source ended the stream by.
        report: called with what went wrong but ends nothing.
    """

    def __init__(
        self,
        accounts: tuple[Account, Account],
        clock: Clock,
        *,
        device_clock: bool,
        period: float,
        ended: Callable[[Exception], None],
        report: Callable[[Exception], None],
    ) -> None:
        self._lock = Lock()
        self._emitting = 0
        self._over = False
        self._receivers: tuple[Callable[[Frame], None], ...] = ()
        self._clock = clock
        self._fit = ClockFit() if device_clock else None
        self._period = period
        self._ended = ended
        self._report = report
        self._color, self._depth = _Track(accounts[0]), _Track(accounts[1])
        self._both = (self._color, self._depth)
        self._colored, self._deep = (self._color,), (self._depth,)
        self._depth_spacing, self._color_wanted, self._zoom = 0.0, True, 1.0
        self._depth_taken = -math.inf
        self.begun = False
        """Whether a frame has come, or a photo."""
        self.heard = False
        """The same since the `Watchdog` looked last."""
        self.photos = 0
        """How many photos the source is busy with, so that its frames may have to wait."""
        self.latest: tuple[float, float] | None = None
        """The source's and the host's time of the latest frame."""

    def feed(self, plan: Plan) -> None:
        """Hand frames to the outputs of a plan from now on, with what it says they have."""
        receivers = tuple(output.receive for output in plan.outputs)
        with self.between_frames():
            self._receivers, self._depth_spacing = receivers, plan.depth_spacing
            self._color_wanted, self._zoom = plan.color, plan.zoom

    @contextmanager
    def between_frames(self) -> Iterator[None]:
        """No frame is on its way meanwhile, but the one that this thread itself may be handing on."""
        if self.emitting_here:
            yield
            return
        with self._lock:
            yield

    def close(self, patience: float = CLOSING_SECONDS) -> None:
        """Take nothing more; when this returns no output is being handed a frame (or one hangs)."""
        self._over = True
        if not self.emitting_here and self._lock.acquire(timeout=patience):
            self._lock.release()

    @property
    def emitting_here(self) -> bool:
        """Whether this thread is the source's, on its way through an output."""
        return self._emitting == get_ident()

    def emit(self, item: Any) -> None:
        """What the source is started with; see `Emit`. Never raises."""
        if not isinstance(item, Frame):
            self._end(item)
            return
        with self._lock:
            if self._over:
                return
            self._emitting = get_ident()
            try:
                self._take(item)
            except Exception as error:  # noqa: BLE001 - anything may come from there
                self._report(error)
            finally:
                self._emitting = 0

    def _end(self, item: object) -> None:
        if not isinstance(item, Exception):
            wrong = f"a source emits Frames, and an error at the end; not {type(item).__name__}"
            self._report(TypeError(wrong))
        elif not self._over:
            self._over = True
            self._ended(item)

    def _take(self, frame: Frame) -> None:
        self.begun = self.heard = True
        if self._depth_spacing or not self._color_wanted:
            frame = self._wanted(frame)
        tracks = self._tracks_of(frame)
        if not tracks:
            if frame.pose is not None:
                self._hand_on_pose(frame)
            return
        sequence, time = frame.sequence, frame.time
        expected, seen = tracks[0].next, tracks[0].seen
        if tracks is self._both:
            expected, seen = max(expected, self._depth.next), max(seen, self._depth.seen)
        if sequence != expected or time <= seen:
            if sequence < expected and seen - JUMP_SECONDS <= time <= seen:
                return  # it comes too late: it was counted as lost when the next one came
            sound = self._host_time(frame, tracks[0].name, seen)
            if sequence > expected:
                self._lose(tracks, expected, sequence, sound)
        else:
            sound = time if self._fit is None else self._host_time(frame, tracks[0].name, seen)
        for track in tracks:
            track.next = sequence + 1
            track.seen = max(track.seen, time)
        if sound is None:
            self._drop(tracks, sequence)
            return
        last = tracks[0].time if tracks is not self._both else max(self._color.time, self._depth.time)
        if self._fit is not None or sound <= last:
            sound = max(sound, last + STEP)
            frame = frame.replace(time=sound)
            self.latest = (time, sound)
        if self._zoom != 1.0:
            frame = zoomed(frame, self._zoom)
        self._deliver(frame, tracks)

    def _hand_on_pose(self, frame: Frame) -> None:
        """A frame that has nothing but a pose: it is in no books."""
        sound = self._host_time(frame, "pose", -math.inf)
        if sound is not None:
            self._hand_on(frame if sound == frame.time else frame.replace(time=sound))

    def _host_time(self, frame: Frame, name: str, seen: float) -> float | None:
        """When it was by the host's clock; None when its clock jumped, so that nobody knows."""
        time = frame.time
        if self._fit is None:
            if time > seen:
                return time
            if time >= seen - JUMP_SECONDS:
                return None
            self._fit = ClockFit()  # so much for the host's clock
        host = self._fit.host_time(time, self._clock.now(), name)
        if self._fit.jumped or time <= seen - JUMP_SECONDS:
            for track in self._both:
                track.seen = -math.inf
            return None
        return host

    def _lose(self, tracks: tuple[_Track, ...], first: int, end: int, time: float | None) -> None:
        """The source's numbers skip some: it lost those frames, at times between its last one and this."""
        count, last = end - first, max(track.time for track in tracks)
        for track in tracks:
            track.ledger.drop(DropReason.DISCONTINUITY, count)
        if time is None:
            time = self._clock.now()
        if last == -math.inf:
            last = time - (count + 1) * self._period
        step = max((time - last) / (count + 1), STEP)
        reasons = {track.name: DropReason.DISCONTINUITY for track in tracks}
        for number in range(max(0, count - TOLD), count):
            self._hand_on(Frame(last + (number + 1) * step, first + number, dropped=reasons))
        for track in tracks:
            track.time = last + count * step

    def _drop(self, tracks: tuple[_Track, ...], sequence: int) -> None:
        """A frame whose time nobody knows."""
        last = max(track.time for track in tracks) + STEP
        time = last if self._fit is None else max(self._clock.now(), last)
        for track in tracks:
            track.time = time
            track.ledger.drop(DropReason.DISCONTINUITY)
        reasons = {track.name: DropReason.DISCONTINUITY for track in tracks}
        self._hand_on(Frame(time, sequence, dropped=reasons))

    def _deliver(self, frame: Frame, tracks: tuple[_Track, ...]) -> None:
        color, depth = frame.color, frame.depth
        color_fits = color is None or self._color.pool.admit(color)
        depth_fits = depth is None or self._depth.pool.admit(depth.values)
        if not (color_fits and depth_fits):
            frame = _without_room(frame, color_fits, depth_fits)
        dropped = frame.dropped
        for track in tracks:
            track.time = frame.time
            reason = dropped.get(track.name) if dropped else None
            if reason is None:
                track.ledger.captured += 1
                track.ledger.delivered += 1
            else:
                track.ledger.drop(reason)
        for receive in self._receivers:
            try:
                receive(frame)
            except Exception as error:  # noqa: BLE001 - anything may come from there
                self._report(error)

    def _hand_on(self, frame: Frame) -> None:
        for receive in self._receivers:
            try:
                receive(frame)
            except Exception as error:  # noqa: BLE001 - anything may come from there
                self._report(error)

    def _tracks_of(self, frame: Frame) -> tuple[_Track, ...]:
        colored = frame.color is not None or "color" in frame.dropped
        if frame.depth is not None or "depth" in frame.dropped:
            return self._both if colored else self._deep
        return self._colored if colored else ()

    def _wanted(self, frame: Frame) -> Frame:
        if self._depth_spacing and not self._is_due(frame):
            frame = self._without(self._depth, frame)
        return frame if self._color_wanted else self._without(self._color, frame)

    def _is_due(self, frame: Frame) -> bool:
        """Whether depth is to be given again (half a frame early is not too early)."""
        if frame.depth is None and "depth" not in frame.dropped:
            return True
        if 0.0 <= frame.time - self._depth_taken < self._depth_spacing - 0.5 * self._period:
            return False
        if self._depth_spacing == math.inf:
            return False
        self._depth_taken = frame.time
        return True

    @staticmethod
    def _without(track: _Track, frame: Frame) -> Frame:
        """The frame without what nobody wants: that is not captured at all."""
        if getattr(frame, track.name) is None and track.name not in frame.dropped:
            return frame
        track.next = frame.sequence + 1
        track.seen = frame.time
        kept = {name: reason for name, reason in frame.dropped.items() if name != track.name}
        return frame.replace(**{track.name: None}, dropped=kept)


def _without_room(frame: Frame, color_fits: bool, depth_fits: bool) -> Frame:
    """The frame without what finds no room."""
    dropped = dict(frame.dropped)
    if not color_fits:
        dropped["color"] = DropReason.OUT_OF_BUFFERS
    if not depth_fits:
        dropped["depth"] = DropReason.OUT_OF_BUFFERS
    return frame.replace(
        color=frame.color if color_fits else None, depth=frame.depth if depth_fits else None, dropped=dropped
    )
