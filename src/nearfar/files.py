"""Putting a file in place, whole or not at all.

The bytes go to a new file beside the target, reach the disk, and then take the target's name. Whatever
interrupts this (a crash, a kill, a full disk) leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["sync_folder", "write_file"]


def write_file(
    path: str | os.PathLike[str], pieces: Iterable[bytes | memoryview], *, private: bool = False
) -> None:
    """Write the pieces to ``path`` through a temporary file in the same folder.

    A replaced file keeps its mode, and a symbolic link stays a link: the file that it names is replaced.

    Args:
        path: the file to write.
        pieces: its bytes, in order.
        private: a new file is the user's alone (mode 0600); else the user's umask decides.

    Raises:
        OSError: the file cannot be written; the old one is untouched and no temporary file stays behind.
    """
    target = Path(os.path.realpath(path))
    # Not made from the target's name, which may be as long as the system allows.
    temporary = target.with_name(f".{os.urandom(8).hex()}.part")
    mode = 0o600 if private else 0o666
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(temporary, target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
