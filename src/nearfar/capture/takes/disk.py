"""The file of a recording: complete after every step, whatever interrupts it, and never waited for.

A take is appended to by a thread of its own. The file always ends as a whole file ends::

    … chunk │ TAIL                  before
    … chunk │ TAIL  ░░░░░░░░ TAIL   a new end, beyond a gap
    … chunk │ TAIL  unk │ TAIL      the new chunk but for its first bytes
    … chunk │ chunk     │ TAIL      its first bytes take the place of the old end, in one small write

so a process that is killed between any two of these leaves a file that any reader of MCAP opens. Losing
power is another matter: what was synced (twice a second) is there, and what comes after it may be torn.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from nearfar.capture.takes.chunks import Unit, moved
from nearfar.capture.takes.mcap_records import DATA_END, TAIL, ChunkIndex

__all__ = ["Disk", "RawFile"]

SYNC_SECONDS = 0.5
WAITING_BYTES = 64 << 20
"""That may wait for a slow disk; one unit may be more."""
_FOOT = len(TAIL) - len(DATA_END)
"""Bytes of a footer and the magic behind it."""


class RawFile(Protocol):
    """An unbuffered binary file, as far as a take needs it: see `io.FileIO`."""

    def write(self, data: bytes | memoryview, /) -> int | None:
        """Write as much as can be."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to a place."""
        ...

    def truncate(self, size: int, /) -> int:
        """Set the size."""
        ...

    def close(self) -> None:
        """Close."""
        ...


class Disk:
    """Appends units to a file from a thread.

    Args:
        file: written from its beginning.
        head: the file's first bytes, written at once.
        name: of the thread.
        done: is called with each unit that was written and its index as it lies in the file.
        failed: is called once with the error that ended all writing.

    Raises:
        OSError: not even the head could be written.
    """

    def __init__(
        self,
        file: RawFile,
        head: bytes,
        name: str,
        done: Callable[[Unit, ChunkIndex], None],
        failed: Callable[[OSError], None],
    ) -> None:
        self._file, self._done, self._failed = file, done, failed
        self._end = len(head)
        self._put(0, head + TAIL)
        self._synced = time.monotonic()
        self._dirty = True
        self._condition = threading.Condition()
        self._units: deque[Unit] = deque()
        self._waiting = 0
        self._closing = self._broken = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._end + len(TAIL)

    def append(self, unit: Unit) -> bool:
        """Have a unit written; waits while too much is waiting. False when writing has ended."""
        with self._condition:
            while self._units and self._waiting + len(unit.data) > WAITING_BYTES and not self._broken:
                self._condition.wait()
            if self._broken or self._closing:
                return False
            self._units.append(unit)
            self._waiting += len(unit.data)
            self._condition.notify_all()
            return True

    def finish(self) -> None:
        """Wait until all units are in the file."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()

    def close(self, closing: Callable[[int], bytes]) -> None:
        """After `finish`: give the file its summary, unless writing has failed, and close it.

        Args:
            closing: makes the file's end, which begins as `TAIL` does, from its offset.
        """
        try:
            if not self._broken:
                data = memoryview(closing(self._end))[len(DATA_END) :]
                self._replace(self._end + len(DATA_END), data, len(data) - _FOOT)
                self._sync()
        except OSError as error:
            self._restore()
            self._failed(error)
        finally:
            with contextlib.suppress(OSError):
                self._file.close()

    def _run(self) -> None:
        while (unit := self._next()) is not None:
            try:
                if unit.data:
                    self._done(unit, self._append(unit))
                self._sync_if_due()
            except OSError as error:
                self._break(error)
                return

    def _next(self) -> Unit | None:
        """The next unit; an empty one when it is time to sync; None at the end."""
        with self._condition:
            while not self._units:
                if self._closing:
                    return None
                left = self._synced + SYNC_SECONDS - time.monotonic() if self._dirty else None
                if left is not None and left <= 0.0:
                    return _NOTHING
                self._condition.wait(left)
            unit = self._units.popleft()
            self._waiting -= len(unit.data)
            self._condition.notify_all()
            return unit

    def _append(self, unit: Unit) -> ChunkIndex:
        self._replace(self._end, memoryview(unit.data + TAIL), len(unit.data))
        offset, self._end = self._end, self._end + len(unit.data)
        self._dirty = True
        return moved(unit.index, offset)

    def _replace(self, at: int, data: memoryview, end: int) -> None:
        """Put data in the place of the file's old end; the part from `end` on is its new one."""
        first = self.size - at
        self._put(at + end, data[end:])
        self._put(at + first, data[first:end])
        self._put(at, data[:first])

    def _put(self, at: int, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        if rest:
            self._file.seek(at)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]

    def _sync_if_due(self) -> None:
        if self._dirty and time.monotonic() - self._synced >= SYNC_SECONDS:
            self._sync()

    def _sync(self) -> None:
        if isinstance(self._file, io.FileIO):
            getattr(os, "fdatasync", os.fsync)(self._file.fileno())
        self._synced, self._dirty = time.monotonic(), False

    def _break(self, error: OSError) -> None:
        self._restore()
        with self._condition:
            self._broken = True
            self._units.clear()
            self._condition.notify_all()
        self._failed(error)

    def _restore(self) -> None:
        """Leave the file as it was before the step that failed."""
        with contextlib.suppress(OSError):
            self._put(self._end, TAIL)
        with contextlib.suppress(OSError):
            self._file.truncate(self.size)


_NOTHING = Unit(b"", ChunkIndex(0, 0, 0, 0, {}, 0, "", 0, 0, {}), 0)
