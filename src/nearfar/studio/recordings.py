"""`Recording`: a take in the making, on a thread of its own.

camera's branch ── record ──▶ TAKES/2026-11-22 14.03.07.mcap      whole at every moment, closed by `end`
"""

from __future__ import annotations

import os
import threading

from nearfar.capture import RecorderCounts, Source, record
from nearfar.errors import CaptureError
from nearfar.studio.answers import RecordingState
from nearfar.studio.library import Shelf, name_for_now
from nearfar.studio.metering import Meter
from nearfar.studio.refusals import said_of_disk

__all__ = ["Recording"]


class Recording:
    """A recording, from its birth to `end`, to the camera's end, or until the disk is full.

    It ends as well when its file is taken away: by whoever deletes it or moves its folder.

    Args:
        camera: gives the frames.
        meter: counts them.
        shelf: where the take goes.

    Attributes:
        path: of the take; there is none where no frame came.
    """

    def __init__(self, camera: Source, meter: Meter, shelf: Shelf) -> None:
        self.path = shelf.new_path(name_for_now(".mcap"))
        self._camera, self._meter = camera, meter
        self._before = meter.total
        self._seconds, self._counts = 0.0, RecorderCounts()
        self._error: Exception | None = None
        self._file: os.stat_result | None = None
        self._gone = False
        self._begun, self._ending, self._over = (threading.Event() for _ in range(3))
        self._thread = threading.Thread(target=self._run, name="nearfar recording", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether the take is closed."""
        return self._over.is_set()

    @property
    def problem(self) -> str | None:
        """Why it ended by itself, in words; None where nothing is wrong."""
        error = self._error
        if self._gone:
            return (
                f"The recording ended: {self.path.name} was taken away from {self.path.parent} meanwhile. "
                "What was recorded is where it was moved to, or deleted with it."
            )
        if error is None:
            return None
        if not self.path.exists():
            return f"Nothing was recorded: {_words(error)}."
        return f"The recording ended: {_words(error)}. What was recorded until then is kept."

    def state(self) -> RecordingState:
        """How it comes along."""
        counts = self._counts
        # What the recorder has written tells of lost frames, too: those that came are counted elsewhere.
        frames = max(0, min(counts.written, self._meter.total - self._before - counts.late))
        return RecordingState(self.path.name, self._seconds, frames, counts.bytes, counts.late)

    def wait_until_it_runs(self) -> None:
        """Wait for the camera.

        Raises:
            CaptureError: it cannot be recorded.
        """
        self._begun.wait()
        if self._error is not None:
            self._thread.join()
            raise CaptureError(f"Nothing is recorded: {_words(self._error)}") from self._error

    def end(self) -> None:
        """Close the take, and wait until it is."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._counts = record(self._camera, self.path, stop=self._ending, progress=self._note)
        except Exception as error:  # noqa: BLE001 - told to whoever asks how it comes along
            self._error = error
        finally:
            self._over.set()
            self._begun.set()

    def _note(self, seconds: float, counts: RecorderCounts) -> None:
        self._seconds, self._counts = seconds, counts
        self._gone = self._gone or not self._is_there()
        if self._gone:
            self._ending.set()
        self._begun.set()

    def _is_there(self) -> bool:
        """Whether the take is still the file that it was at first."""
        try:
            now = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        self._file = self._file or now
        return os.path.samestat(self._file, now)


def _words(error: Exception) -> str:
    return said_of_disk(error) if isinstance(error, OSError) else str(error)
