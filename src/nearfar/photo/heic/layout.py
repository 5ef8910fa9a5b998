"""Where everything lies in an edited file: a table of pieces of the old file and new bytes between them.

    old   ftyp │ meta │ mdat: a b c │ others
    cut                         ‾            (bytes that only removed items used)
    new   ftyp │ META │ mdat: a c NEW │ others        offsets of a, c are looked up in the table

Media data boxes lose the cut ranges and their sizes are put right; in other boxes the ranges are zeroed,
since what is inside may count on its place. Old bytes are never copied: a piece is a view of the old file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nearfar.photo.heic.boxes import Box, Source, box_header

Range = tuple[int, int]
"""First byte, one past the last."""


class Kept(NamedTuple):
    """A run of the old file that stands in the new one, at another offset."""

    start: int
    end: int
    now: int


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The union of ranges, sorted, without empty ones."""
    found: list[Range] = []
    for start, end in sorted(each for each in ranges if each[0] < each[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(ranges: Iterable[Range], others: Iterable[Range]) -> list[Range]:
    """The parts of `ranges` that no range of `others` covers."""
    left: list[Range] = []
    others = merged(others)
    ends = [end for _, end in others]
    for start, end in merged(ranges):
        for other_start, other_end in others[bisect_right(ends, start) :]:
            if other_start >= end:
                break
            if start < other_start:
                left.append((start, other_start))
            start = max(start, other_end)
        if start < end:
            left.append((start, end))
    return left


class Layout:
    """The pieces of the new file, put together box by box.

    Args:
        source: the old file.
        boxes: its top-level boxes.
        meta: the one among them that is replaced.
        meta_size: how long the new meta box will be.
        cuts: ranges to take out.
        added: bytes to append to the media data.
    """

    def __init__(
        self,
        source: Source,
        boxes: Sequence[Box],
        meta: Box,
        meta_size: int,
        cuts: list[Range],
        added: list[bytes],
    ) -> None:
        self._old = memoryview(source.data)
        self.source = source
        self.pieces: list[bytes | memoryview] = []
        self.kept: list[Kept] = []
        self.length = 0
        self.meta_piece = 0
        self.added_at = 0
        self._cuts = merged(cuts)
        self._starts: list[int] = []
        host = next((each for each in reversed(boxes) if each.kind == "mdat"), None)
        for each in boxes:
            if each == meta:
                self.meta_piece = len(self.pieces)
                self._new(bytes(meta_size))
                if host is None and added:
                    self._new(box_header(b"mdat", sum(map(len, added))))
                    self._append(added)
            elif each.kind == "mdat":
                self._media(each, added if each is host else [])
            else:
                self._keep_zeroed(each)
        self._starts = [each.start for each in self.kept]

    def moved(self, start: int) -> int:
        """Where the byte at `start` of the old file lies now; it must be one that is kept."""
        found = self.kept[bisect_right(self._starts, start) - 1]
        return found.now + start - found.start

    def moved_chunk(self, offset: int) -> int | None:
        """Where the byte at `offset` lies now; None when it was cut or never in the media data."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0 or not self.kept[at].start <= offset <= self.kept[at].end:
            return None
        return self.kept[at].now + offset - self.kept[at].start

    def _new(self, data: bytes) -> None:
        self.pieces.append(data)
        self.length += len(data)

    def _append(self, added: list[bytes]) -> None:
        self.added_at = self.length
        for data in added:
            self._new(data)

    def _keep(self, start: int, end: int) -> None:
        if start >= end:
            return
        if (
            self.kept
            and self.kept[-1].end == start
            and self.kept[-1].now + start - self.kept[-1].start == self.length
        ):
            last = self.kept.pop()
            self.kept.append(Kept(last.start, end, last.now))
        else:
            self.kept.append(Kept(start, end, self.length))
        self.pieces.append(self._old[start:end])
        self.length += end - start

    def _cuts_in(self, start: int, end: int) -> list[Range]:
        return [(max(a, start), min(b, end)) for a, b in self._cuts if a < end and b > start]

    def _media(self, each: Box, added: list[bytes]) -> None:
        runs = without([(each.body, each.end)], self._cuts)
        length = sum(end - start for start, end in runs) + sum(map(len, added))
        header = self.source.part(each.start, each.body)
        to_the_end = header[:4] == b"\0\0\0\0"
        if length != each.end - each.body and not to_the_end:
            if len(header) == 16:
                header = header[:8] + (length + 16).to_bytes(8, "big")
            else:
                header = box_header(b"mdat", length)
        self._new(header)
        for start, end in runs:
            self._keep(start, end)
        if added:
            self._append(added)

    def _keep_zeroed(self, each: Box) -> None:
        at = each.start
        for start, end in self._cuts_in(each.start, each.end):
            self._keep(at, start)
            self._new(bytes(end - start))
            at = end
        self._keep(at, each.end)
