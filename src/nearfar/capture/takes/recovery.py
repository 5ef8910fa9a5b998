"""`recover`: a recording that was cut short, made a whole file with an index.

The chunks are copied as they are, up to where the file was cut; one whose content is damaged is left out.
The new file takes the old one's place in one step, when it is on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes.chunks import Contents, closing, indexed, moved
from nearfar.capture.takes.mcap_records import ChunkIndex
from nearfar.capture.takes.packing import FRAME
from nearfar.capture.takes.placing import hold
from nearfar.capture.takes.scanning import ChunkPlace, Scan, TakeFile, scan
from nearfar.capture.takes.unfolding import Unfolded, unfold
from nearfar.errors import CorruptFile
from nearfar.files import write_file

__all__ = ["Recovered", "recover"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `recover` did.

    Attributes:
        frames: in the file.
        damaged: chunks that had to be left out, since their content was not what it should be.
        lost: bytes of the old file that are not in the new one: the torn end, and damaged chunks.
        rewritten: False where the file was whole, and was left alone.
    """

    frames: int
    damaged: int
    lost: int
    rewritten: bool


def recover(path: str | os.PathLike[str], *, progress: Callable[[float], object] | None = None) -> Recovered:
    """Make a recording that was cut short a whole file, with an index, in its place.

    `Take` and viewers open it without; with an index they find their way faster, and tools that insist on one
    take it. A file that is whole is checked and left alone. Whatever interrupts this leaves the old file as
    it was.

    Args:
        path: the take.
        progress: is called with the share that is done, 0..1.

    Raises:
        OSError: it cannot be read or written; BlockingIOError while it is being recorded.
        UnsupportedFile: it is no MCAP file.
        CorruptFile: its records contradict themselves.
        LimitExceeded: it asks for more than is reasonable.
    """
    with open(path, "rb+") as held:
        hold(held.fileno())
        file = TakeFile(path)
        try:
            found = scan(file)
            copy = _Copy(file, found, progress)
            if found.complete and found.cut is None:
                copy.check()
                if not copy.damaged:
                    return Recovered(copy.frames, 0, 0, rewritten=False)
                copy = _Copy(file, found, progress)
            write_file(path, copy.pieces(), private=True)
            torn = 0 if found.cut is None else file.size - found.cut
        finally:
            file.close()
    lost = torn + sum(place.length for place in copy.damaged)
    return Recovered(copy.frames, len(copy.damaged), lost, rewritten=True)


class _Copy:
    """Copies what is sound of a file.

    Attributes:
        frames: met so far.
        damaged: chunks that were not what they should be.
    """

    def __init__(self, file: TakeFile, found: Scan, progress: Callable[[float], object] | None) -> None:
        self._file, self._found = file, found
        self._progress = progress
        self.frames = 0
        self.damaged: list[ChunkPlace] = []

    def check(self) -> None:
        """Look at all chunks, and copy nothing."""
        for _ in self._sound():
            pass

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the new file."""
        contents = Contents()
        yield (head := self._head(contents))
        at = len(head)
        for place, unfolded in self._sound():
            before = b"".join(
                contents.declare(channel, unfolded.schemas.get(channel.schema))
                for channel in unfolded.channels.values()
            )
            rows: dict[int, list[tuple[int, int]]] = {}
            for channel, time, offset in unfolded.rows:
                rows.setdefault(channel, []).append((time, offset))
            index = ChunkIndex(
                *place.times,
                len(before),
                place.length,
                {},
                0,
                place.compression,
                place.stored,
                place.size,
                {},
            )
            data = self._file.read(place.offset, place.length)
            unit = indexed(index, (before, data), rows, 0)
            contents.add(moved(unit.index, at))
            yield unit.data
            at += len(unit.data)
        yield closing(contents, at)

    def _head(self, contents: Contents) -> bytes:
        head = mcap.MAGIC + mcap.header("nearfar")
        for _, _, name, texts in self._found.metadata:
            record = mcap.metadata(name, texts)
            contents.metadata.append((len(head), len(record), name))
            head += record
        for channel in self._found.channels.values():
            head += contents.declare(channel, self._found.schemas.get(channel.schema))
        return head

    def _sound(self) -> Iterator[tuple[ChunkPlace, Unfolded]]:
        channels = dict(self._found.channels)
        for place in self._found.chunks:
            if self._progress is not None:
                self._progress(place.offset / self._file.size)
            try:
                unfolded = unfold(self._file, place)
            except CorruptFile:
                self.damaged.append(place)
                continue
            channels |= unfolded.channels
            topics = [channels[channel].topic for channel, *_ in unfolded.rows if channel in channels]
            self.frames += topics.count(FRAME)
            yield place, unfolded
