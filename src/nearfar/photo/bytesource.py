"""The bytes of a file, read when they are asked for: a depth map is a small part of a photo.

    open ──▶ first block            the coded picture stays on the disk until somebody wants it
    slice ─▶ the blocks it lies in  what was read is kept: no byte is read twice

Between reads no descriptor is open, so that thousands of photos may be. A file that is another one when it is
opened again, or was changed, is refused: nobody gets half of one file and half of the next.
"""

from __future__ import annotations

import io
import os
import stat
from typing import TypeAlias

from nearfar.errors import FileError

__all__ = ["BLOCK_BYTES", "Bytes", "FileBytes", "whole"]

BLOCK_BYTES = 1 << 15
"""What is read at least; the tables of phones' photos fit into the first block."""


class FileBytes:
    """The bytes of a regular file, by slices.

    Args:
        stream: the file; while it is open it is read from, later it is opened again by its name.
        name: its name, for messages and for opening it again.

    Raises:
        FileError: on a slice, when the file is gone, has changed, or cannot be read any more.
    """

    __slots__ = ("_blocks", "_known", "_path", "_status", "_stream", "name", "size")

    def __init__(self, stream: io.FileIO, name: str) -> None:
        status = os.fstat(stream.fileno())
        self.name = name
        self.size = status.st_size
        self._stream = stream
        self._path = os.path.abspath(name)
        self._status = _identity(status)
        self._known = b""
        self._blocks: dict[int, bytes] = {}
        self._known = self[: min(BLOCK_BYTES, self.size)]

    @staticmethod
    def suits(status: os.stat_result) -> bool:
        """Whether a file can be read piece by piece: regular, and of a size that the system tells."""
        return stat.S_ISREG(status.st_mode) and status.st_size > 0

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, part: slice) -> bytes:
        """The bytes of a slice; its ends count from the start, and what is past the end is left out."""
        start = part.start or 0
        stop = self.size if part.stop is None else min(part.stop, self.size)
        known = self._known
        if stop <= len(known):
            return known[start:stop]
        if start >= stop:
            return b""
        blocks = self._blocks
        first, end = start // BLOCK_BYTES, (stop - 1) // BLOCK_BYTES + 1
        missing = [number for number in range(first, end) if number not in blocks]
        if missing:
            self._load(blocks, missing[0], missing[-1] + 1)
        base = first * BLOCK_BYTES
        joined = blocks[first] if end == first + 1 else b"".join([blocks[n] for n in range(first, end)])
        return joined[start - base : stop - base]

    def whole(self) -> bytes:
        """All of it, in memory from now on."""
        if len(self._known) < self.size:
            self._known = self[:]
            self._blocks = {}
        return self._known

    def _load(self, blocks: dict[int, bytes], first: int, end: int) -> None:
        """Read blocks; those that are known already stay as they are."""
        start = first * BLOCK_BYTES
        data = self._read(start, min(end * BLOCK_BYTES, self.size) - start)
        for number in range(first, end):
            at = number * BLOCK_BYTES - start
            blocks.setdefault(number, data[at : at + BLOCK_BYTES])

    def _read(self, start: int, count: int) -> bytes:
        if not self._stream.closed:
            return self._exactly(self._stream, start, count)
        try:
            with io.FileIO(self._path) as stream:
                if _identity(os.fstat(stream.fileno())) != self._status:
                    raise FileError("the file has changed since it was opened; open it again", file=self.name)
                return self._exactly(stream, start, count)
        except OSError as error:
            reason = f"the file cannot be read any more: {error.strerror or error}"
            raise FileError(reason, file=self.name, offset=start) from error

    def _exactly(self, stream: io.FileIO, start: int, count: int) -> bytes:
        stream.seek(start)
        data = stream.read(count)
        while 0 < len(data) < count and (more := stream.read(count - len(data))):
            data += more
        if len(data) != count:
            raise FileError("the file became shorter while it was read", file=self.name, offset=start)
        return data


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


Bytes: TypeAlias = bytes | FileBytes
"""What the readers slice."""


def whole(data: Bytes) -> bytes:
    """All of the bytes, in memory."""
    return data if isinstance(data, bytes) else data.whole()
