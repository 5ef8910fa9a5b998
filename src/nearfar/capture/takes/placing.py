"""The file of a take, and whose it is: held by one recording at a time, and never at the cost of an old take.

take.mcap                       a new one has its name at once
take.mcap   .….part             one that replaces another is written beside it …
            take.mcap           … and takes its name with the first frame, so that a camera that
                                does not start, or that plays the old take, loses nothing
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

from nearfar.files import sync_folder

__all__ = ["Place", "hold"]


class Place:
    """A file to record into, made for the user alone.

    Args:
        path: its name.
        overwrite: an existing file is replaced, by `settle`.

    Attributes:
        file: to write into, unbuffered.
        name: what to call it.

    Raises:
        FileExistsError: the file exists, and `overwrite` is not set.
        BlockingIOError: somebody records into it.
        OSError: it cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str], *, overwrite: bool) -> None:
        self.name = os.path.basename(os.fspath(path))
        self._target = Path(os.path.realpath(path)) if overwrite else Path(path)
        self._written = self._target
        self._old: io.BufferedRandom | None = None
        with contextlib.ExitStack() as undo:
            # Elsewhere than under POSIX an open file cannot be renamed; and a device is no file to replace.
            if overwrite and os.name == "posix" and self._target.is_file():
                self._old = undo.enter_context(self._target.open("rb+"))
                hold(self._old.fileno())
                self._written = self._target.with_name(f".{os.urandom(8).hex()}.part")
            new = 0 if overwrite and self.settled else os.O_EXCL
            flags = os.O_RDWR | os.O_CREAT | new | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self._written, flags, 0o600)
            self.file = io.FileIO(descriptor, "r+b")
            undo.callback(self.file.close)
            hold(descriptor)
            with contextlib.suppress(OSError):  # what is no file on a disk has neither
                self.file.truncate(0)
                os.chmod(self._written, 0o600)
            sync_folder(self._target.parent)
            undo.pop_all()

    @property
    def settled(self) -> bool:
        """Whether the file has the name that was asked for."""
        return self._old is None

    def settle(self) -> None:
        """Take the place of the old file; idempotent.

        Raises:
            OSError: it cannot be taken.
        """
        if self._old is not None:
            os.replace(self._written, self._target)
            self._written = self._target
            self._old.close()
            self._old = None
            sync_folder(self._target.parent)

    def leave(self) -> None:
        """Remove the file; an old one that was not yet replaced stays."""
        with contextlib.suppress(OSError):
            if self._written.is_file():
                self._written.unlink()
        if self._old is not None:
            self._old.close()
            self._old = None


def hold(descriptor: int) -> None:
    """Keep others from recording into the file or rewriting it; gone with the process.

    Raises:
        BlockingIOError: somebody does.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
