"""`Delivery`: from the camera's thread to the user's, through a queue that keeps its books.

    device's thread                        delivery thread            callback(frame), on_drop(frame)
    put(entry) ──▶ queue ── late? ──▶ dropped     │ or the thread of
                     │                            ▼ whoever iterates
                     └── waiting ──▶ take ──▶ assemble: filter, join ──▶ the user

An entry holds one frame, or none, for each stream. While the user is busy, what waits in a stream that
discards late data makes room for what is newer; other streams keep all of it. Every number of `OutputCounts`
changes under one lock, so they add up at any moment.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from types import MappingProxyType

from nearfar.capture.awaiting import Awaiting
from nearfar.capture.clock import Clock, SystemClock
from nearfar.capture.events import as_failure
from nearfar.depth import DropReason, Frame

__all__ = ["Callback", "Delivery", "Entry", "OutputCounts", "Tally", "dropped_frame"]

log = logging.getLogger("nearfar.capture")

Callback = Callable[[Frame], object]
Entry = list[Frame | None]
"""A frame or None for each stream; a frame without the stream's data says in ``dropped`` why."""

TOLD = 1000
"""How many drops wait to be told; of more than that only the number is kept."""
END_SECONDS = 0.2
"""How long it is well to `rest` after an end: it waits for what is still on its way to the user."""


@dataclass(frozen=True, slots=True)
class OutputCounts:
    """What became of the data that an output received.

    ``received`` is always ``delivered`` + all of ``dropped`` + ``waiting``.

    Attributes:
        received: by the output; what was lost on the way to it counts, too.
        delivered: given to a callback or an iterator.
        dropped: by reason; every reason has its number.
        waiting: in a queue, or for partners in a synchroniser.
    """

    received: int = 0
    delivered: int = 0
    dropped: Mapping[DropReason, int] = field(default_factory=dict)
    waiting: int = 0

    def __post_init__(self) -> None:
        dropped = {reason: self.dropped.get(reason, 0) for reason in DropReason}
        object.__setattr__(self, "dropped", MappingProxyType(dropped))


class Tally:
    """The counts of one stream while they change; under the lock of the delivery that it is in."""

    __slots__ = ("delivered", "discards", "dropped", "received", "stream", "waiting")

    def __init__(self, stream: str, discards: Callable[[], bool]) -> None:
        self.stream = stream
        self.discards = discards
        """Whether what is late makes room for what is new."""
        self.received = self.delivered = self.waiting = 0
        self.dropped = dict.fromkeys(DropReason, 0)

    def receive(self, frame: Frame) -> bool:
        """Count a frame in; False when it has nothing of the stream, not even a reason."""
        if getattr(frame, self.stream) is not None:
            self.waiting += 1
        elif self.stream in frame.dropped:
            self.dropped[frame.dropped[self.stream]] += 1
        else:
            return False
        self.received += 1
        return True

    def discard(self, frame: Frame | None) -> Frame | None:
        """Drop what waits, because it is late; what tells of it."""
        if frame is None or getattr(frame, self.stream) is None:
            return frame
        self.waiting -= 1
        self.dropped[DropReason.LATE_DATA] += 1
        return dropped_frame(frame, {self.stream: DropReason.LATE_DATA})

    def counts(self) -> OutputCounts:
        """The numbers as they stand."""
        return OutputCounts(self.received, self.delivered, self.dropped, self.waiting)


def dropped_frame(frame: Frame, reasons: Mapping[str, DropReason]) -> Frame:
    """What tells that a frame was dropped: its time and number, without data."""
    return Frame(frame.time, frame.sequence, dropped=reasons)


class Delivery:
    """The queue of one output, or of the outputs that a synchroniser joins, and the thread behind it.

    Args:
        title: what the thread is called.
        tallies: of each stream of an entry.
        assemble: makes the frame that the user gets; runs on the user's side.
        tells_drops: whether entries without data are delivered like others, or told to ``on_drop``.
        due: with the lock held, puts what has become due; gives the time to look again, None for not before
            something is put.
    """

    def __init__(
        self,
        title: str,
        tallies: Sequence[Tally],
        assemble: Callable[[Entry], Frame],
        *,
        tells_drops: bool = False,
        due: Callable[[], float | None] | None = None,
    ) -> None:
        self.condition = threading.Condition(threading.Lock())
        """Guards all of it; notified of every change while somebody sleeps on it."""
        self._title = title
        self._tallies = tuple(tallies)
        self._assemble = assemble
        self._tells_drops = tells_drops
        self._due = due
        self._queue: deque[Entry] = deque()
        self._latest: Entry | None = None  # the newest one that waits with data
        self._untold: deque[Frame] = deque(maxlen=TOLD)
        self._callback: Callback | None = None
        self._on_drop: Callback | None = None
        self._executor: Executor | None = None
        self._report: Callable[[Exception], object] = _log
        self._thread: threading.Thread | None = None
        self._ending: threading.Thread | None = None
        self._sleepers = 0
        self._watched = False
        self.awaiting = Awaiting()
        """Coroutines that wait for a change; to be used with the lock held."""
        self.clock: Clock = SystemClock()
        self.ends = 0
        """How often the session ended; an iterator ends with the one that it lives in."""
        self.over = False
        """Whether it ended, and nothing came since."""
        self.alert = False
        """Whether somebody sleeps who will look in time for what becomes due."""

    # The camera's side.

    def put(self, entry: Entry) -> None:
        """Queue an entry, with the lock held."""
        data = any(
            frame is not None and getattr(frame, tally.stream) is not None
            for frame, tally in zip(entry, self._tallies, strict=True)
        )
        if data:
            if self._latest is not None:
                self._discard_late(self._latest)
            self._latest = entry
            self._queue.append(entry)
        elif self._tells_drops:
            if len(self._queue) < TOLD:
                self._queue.append(entry)
        else:
            self._tell_dropped(entry)
        self.wake()

    def wake(self) -> None:
        """Have whoever waits look again, with the lock held; the thread is started when there is work."""
        if self._sleepers:
            self.condition.notify_all()
        self.awaiting.wake()
        if self._thread is None and self._has_work():
            self._thread = threading.Thread(target=self._run, name=f"nearfar {self._title}", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """The session ended: iterators and the thread end once they have taken what waits."""
        with self.condition:
            self.over = True
            self.ends += 1
            self.wake()
            self._ending = self._thread or self._ending

    def rest(self, until: float) -> None:
        """After `end`: wait for the callbacks that are left, until this time of the clock."""
        with self.condition:
            thread, self._ending = self._ending, None
            if thread is None or thread is threading.current_thread():
                return
            while self._thread is thread and self.clock.now() < until:
                self._sleep(until)
            gone = self._thread is not thread
        if gone:
            thread.join()

    def drop_waiting(self) -> None:
        """Drop all that waits as late, with the lock held."""
        for entry in self._queue:
            for tally, frame in zip(self._tallies, entry, strict=True):
                tally.discard(frame)
        self._queue.clear()
        self._latest = None

    def _discard_late(self, entry: Entry) -> None:
        """Let what waits make room, where its stream discards late data."""
        left = False
        for place, tally in enumerate(self._tallies):
            if tally.discards():
                entry[place] = tally.discard(entry[place])
            else:
                frame = entry[place]
                left = left or (frame is not None and getattr(frame, tally.stream) is not None)
        if not left:
            if self._queue[-1] is entry:
                self._queue.pop()
            else:
                self._queue.remove(entry)
            self._tell_dropped(entry)

    def _tell_dropped(self, entry: Entry) -> None:
        if self._on_drop is not None:
            given = zip(self._tallies, entry, strict=True)
            frames = {tally.stream: frame for tally, frame in given if frame is not None}
            reasons = {name: frame.dropped[name] for name, frame in frames.items()}
            self._untold.append(dropped_frame(next(iter(frames.values())), reasons))

    # The user's side.

    def set_callbacks(
        self, callback: Callback | None, on_drop: Callback | None, executor: Executor | None
    ) -> None:
        """Call these from now on."""
        with self.condition:
            self._callback, self._on_drop, self._executor = callback, on_drop, executor
            self._untold.clear()
            self.condition.notify_all()
            self.wake()

    def connect(self, clock: Clock, report: Callable[[Exception], object]) -> None:
        """Say what the time is and who hears of exceptions in callbacks."""
        self.clock = clock
        self._report = report

    @property
    def has_callback(self) -> bool:
        """Whether entries go to a callback."""
        return self._callback is not None

    def take(self) -> Entry | None:
        """The next entry, counted as delivered, or None; with the lock held."""
        if not self._queue:
            return None
        entry = self._queue.popleft()
        if entry is self._latest:
            self._latest = None
        for frame, tally in zip(entry, self._tallies, strict=True):
            if frame is not None and getattr(frame, tally.stream) is not None:
                tally.waiting -= 1
                tally.delivered += 1
        return entry

    def await_change(self, until: float | None) -> None:
        """Sleep, with the lock held, until something is put or due, or it is time."""
        if self._due is not None:
            before, look = len(self._queue), self._due()
            if len(self._queue) > before:
                return
            self.alert = look is not None
            until = look if until is None else until if look is None else min(look, until)
        self._sleep(until)
        self.alert = False

    def assembled(self, entry: Entry) -> Frame:
        """The frame that the user gets."""
        return self._assemble(entry)

    def watch(self) -> None:
        """From now on, have a thread see to what becomes due, though nobody may wait; with the lock held."""
        self._watched = self._due is not None
        self.wake()

    def _sleep(self, until: float | None) -> None:
        self._sleepers += 1
        try:
            self.clock.wait(self.condition, until)
        finally:
            self._sleepers -= 1

    def _has_work(self) -> bool:
        """Whether there is something for the thread to do, or to look after."""
        if self._untold or (self._queue and self._callback is not None):
            return True
        return self._due is not None and not self.over and (self._watched or self._callback is not None)

    def _run(self) -> None:
        while True:
            with self.condition:
                dropped, entry = self._next()
                if entry is None and not dropped:
                    self._thread = None
                    self.condition.notify_all()
                    return
                callback, on_drop, executor = self._callback, self._on_drop, self._executor
            for frame in dropped:
                self._call(on_drop, executor, None, [frame])
            if entry is not None:
                self._call(callback, executor, self._assemble, entry)
            del entry

    def _next(self) -> tuple[list[Frame], Entry | None]:
        """What to tell next: drops and an entry; neither when there is nothing left to do."""
        while True:
            dropped = list(self._untold)
            self._untold.clear()
            entry = self.take() if self._callback is not None else None
            if dropped or entry is not None:
                return dropped, entry
            if self.over or (self._callback is None and self._on_drop is None and not self._watched):
                return dropped, None
            self.await_change(None)

    def _call(
        self,
        callback: Callback | None,
        executor: Executor | None,
        assemble: Callable[[Entry], Frame] | None,
        entry: Entry,
    ) -> None:
        def call() -> None:
            frame = entry[0] if assemble is None else assemble(entry)
            if callback is not None and frame is not None:
                callback(frame)

        try:
            if executor is None:
                call()
            else:
                executor.submit(call).result()
        except BaseException as error:  # noqa: BLE001 - anything may come from there, and the session lives
            self._report(as_failure(error))


def _log(error: Exception) -> None:
    log.error("a callback failed", exc_info=error)
