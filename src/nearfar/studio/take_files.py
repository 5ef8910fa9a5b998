"""The takes of the library, opened, and what the list says of them.

id ──▶ TakeFile ──▶ OpenTakes: the last few stay open ──▶ Take
                └─▶ take_entry ──▶ TakeEntry      problem: why it cannot be played
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from nearfar.capture import DeviceName, Take
from nearfar.errors import NearfarError
from nearfar.studio.answers import TakeDetails, TakeEntry
from nearfar.studio.shelf_files import ShelfFile, explained
from nearfar.studio.take_frames import TakeFrames

__all__ = [
    "OpenTakes",
    "TakeFile",
    "device_of",
    "growing_entry",
    "take_details",
    "take_entry",
]

_MOST_PIXELS = 50_000_000
"""Of a picture."""
_MOST_OPEN = 4


class TakeFile(ShelfFile):
    """A take of the library as it is now."""

    __slots__ = ()
    sort: ClassVar[str] = "take"


class OpenTakes:
    """Takes that are open: finding where all lies in a long one takes time. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._takes: OrderedDict[TakeFile, TakeFrames] = OrderedDict()

    def get(self, file: TakeFile) -> TakeFrames:
        """A take. It is closed when nobody has it any more; it may be forgotten meanwhile.

        Raises:
            FileError: it cannot be read.
            FileNotFoundError: it is gone.
        """
        with self._lock:
            if file in self._takes:
                self._takes.move_to_end(file)
                return self._takes[file]
        frames = TakeFrames(Take(file.path, max_pixels=_MOST_PIXELS))
        with self._lock:
            for old in [other for other in self._takes if other.path == file.path]:
                del self._takes[old]
            self._takes[file] = frames
            while len(self._takes) > _MOST_OPEN:
                self._takes.popitem(last=False)
        return frames

    def forget(self, name: str | None = None) -> None:
        """Let go of a take, or of all, so that its file can be deleted."""
        with self._lock:
            for file in [file for file in self._takes if name in (None, file.name)]:
                del self._takes[file]


def device_of(path: Path) -> str:
    """The name of the camera that plays a take, over and over."""
    return str(DeviceName("take", str(path), {"loop": "1"}))


def take_entry(file: TakeFile) -> TakeEntry:
    """What the list shows. Raises FileNotFoundError where the file is gone."""
    try:
        with Take(file.path, max_pixels=_MOST_PIXELS) as take:
            return _entry(file, TakeFrames(take))
    except NearfarError as problem:
        return _untold(file, problem=explained(problem, file.name))


def growing_entry(file: TakeFile) -> TakeEntry:
    """What the list shows of a take that is being recorded: nothing is read of it."""
    return _untold(file, recording=True)


def take_details(file: TakeFile, frames: TakeFrames) -> TakeDetails:
    """All of a take that is no picture. Raises FileNotFoundError where the file is gone."""
    return TakeDetails(_entry(file, frames), frames.times)


def _entry(file: TakeFile, frames: TakeFrames) -> TakeEntry:
    return replace(
        _untold(file),
        title=frames.take.device.title,
        seconds=frames.times[-1] if frames else 0.0,
        frames=len(frames),
        problem=None if frames else "No frame was recorded.",
    )


def _untold(file: TakeFile, *, recording: bool = False, problem: str | None = None) -> TakeEntry:
    """What is known without looking into it."""
    about = file.path.stat()
    return TakeEntry(
        id=file.name,
        name=file.name,
        version=file.version,
        title="",
        seconds=0.0,
        frames=0,
        bytes=about.st_size,
        written=about.st_mtime,
        device=device_of(file.path),
        recording=recording,
        problem=problem,
    )
