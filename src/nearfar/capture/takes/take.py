"""`Take`: a recording, opened: its frames by number, exactly as they were recorded.

chunk 0 ─┬─ frame 0            take[1] unfolds the chunk it lies in and makes the frame from its messages
         └─ frame 1
chunk 1 ─── frame 2
"""

from __future__ import annotations

import json
import operator
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from nearfar.capture.kinds import DevicePosition, DeviceType
from nearfar.capture.source import DeviceInfo
from nearfar.capture.takes.frame_record import FrameRecord, read_record
from nearfar.capture.takes.mcap_records import Channel
from nearfar.capture.takes.packing import EVENTS, FRAME, PICTURES
from nearfar.capture.takes.recorder import METADATA
from nearfar.capture.takes.scanning import TakeFile, scan
from nearfar.capture.takes.unfolding import Unfolded, unfold
from nearfar.capture.takes.unpacking import unpack_frame
from nearfar.depth import Calibration, Frame
from nearfar.errors import CorruptFile, FileError, LimitExceeded, UnsupportedFile

__all__ = ["Take"]

_NEIGHBOURS = (0, -1, 1, -2, 2, -3, 3, -4, 4)
"""Where a frame's messages are sought: in its own chunk, and near it in files that others cut anew."""


class Take(Sequence[Frame]):
    """The frames of a recording, in the order in which they were recorded.

    A recording that was cut short (the process killed, the power lost) opens like any other and ends with the
    last frame that is whole. Frames are made when they are asked for; threads may share a take.

    Args:
        file: path, or the bytes themselves.
        max_pixels: of a picture; more is refused before it is decoded.

    Raises:
        OSError: it cannot be opened.
        UnsupportedFile: it is no MCAP file, or one without nearfar's frames.
        CorruptFile: its records contradict themselves; also when a frame is asked for.
        LimitExceeded: it asks for more than is reasonable; also when a frame is asked for.
    """

    def __init__(self, file: str | os.PathLike[str] | bytes, *, max_pixels: int = 100_000_000) -> None:
        self._file = TakeFile(file)
        self._max_pixels = max_pixels
        self._lock = threading.Lock()
        self._unfolded: tuple[int, Unfolded] | None = None
        self._known: dict[str, Calibration] = {}
        try:
            self._scan = scan(self._file)
            self._unindexed = self._read_unindexed()
            self._topics = self._topic_ids()
            self._chunk_of, self._times = self._find_messages(FRAME)
            self._filled = np.isin(self._times, self._find_messages(*PICTURES)[1])
            self._filled.flags.writeable = False
            self._unindexed.clear()
        except BaseException:
            self._file.close()
            raise

    # What it says of itself

    @property
    def file(self) -> str | None:
        """The file's name, or None when it came as bytes."""
        return self._file.name

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._file.size

    @property
    def complete(self) -> bool:
        """Whether the recording was ended as it should; if not, `recover` gives the file its index."""
        return self._scan.complete

    @property
    def times(self) -> NDArray[np.float64]:
        """(N,) seconds of each frame since the first, as they were logged: never backwards."""
        logged = np.maximum.accumulate(self._times)
        return (logged - logged[:1]).astype(np.float64) * 1e-9

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return float(self.times[-1]) if len(self) else 0.0

    @property
    def filled(self) -> NDArray[np.bool_]:
        """(N,) whether each frame has colour or depth; the others tell of what was lost. Read-only."""
        return self._filled

    @property
    def device(self) -> DeviceInfo:
        """The camera that it was recorded from, as far as the take says."""
        said = next((texts for *_, name, texts in self._scan.metadata if name == METADATA), {})
        constituents = said.get("constituents", "")
        return DeviceInfo(
            name=f"take:{self.file or ''}",
            title=said.get("title") or "a take",
            type=_member(DeviceType, said.get("type"), DeviceType.EXTERNAL),
            position=_member(DevicePosition, said.get("position"), DevicePosition.UNSPECIFIED),
            constituents=tuple(constituents.split("\n")) if constituents else (),
        )

    def events(self) -> Iterator[dict[str, Any]]:
        """What happened while it was recorded: frames that were dropped, and why. Reads the whole file."""
        channels = self._topics.get(EVENTS, ())
        for number in range(len(self._scan.chunks)):
            unfolded = self._unfold(number)
            for (channel, _), data in unfolded.messages.items():
                if channel in channels:
                    yield self._event(number, data)

    def _event(self, number: int, data: memoryview) -> dict[str, Any]:
        try:
            event = json.loads(bytes(data))
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict):
            raise self._corrupt("an event is no JSON object", number)
        return event

    # Its frames

    def __len__(self) -> int:
        return len(self._times)

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> list[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | list[Frame]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = operator.index(index)
        if not -len(self) <= number < len(self):
            raise IndexError(f"the take has {len(self)} frames, none is number {number}")
        return self._frame(number % len(self))

    def __iter__(self) -> Iterator[Frame]:
        return (self[number] for number in range(len(self)))

    def record(self, number: int) -> FrameRecord:
        """What is said of a frame (0 or more), without its pictures."""
        chunk = int(self._chunk_of[number])
        data = self._message(chunk, int(self._times[number]), FRAME)
        try:
            with self._lock:
                return read_record(data, self._known)
        except ValueError as error:
            raise self._corrupt(str(error), chunk) from None

    def _frame(self, number: int) -> Frame:
        chunk, time = int(self._chunk_of[number]), int(self._times[number])
        record = self.record(number)
        try:
            return unpack_frame(record, lambda topic: self._message(chunk, time, topic), self._max_pixels)
        except OverflowError as error:
            raise LimitExceeded(
                f"a picture has {error.args[0]:,} pixels; raise max_pixels to read it",
                file=self.file, offset=self._scan.chunks[chunk].offset,
                limit=self._max_pixels, value=error.args[0],
            ) from None  # fmt: skip
        except FileError:
            raise
        except (ValueError, TypeError) as error:
            raise self._corrupt(str(error), chunk) from None

    def _message(self, chunk: int, time: int, topic: str) -> memoryview:
        for step in _NEIGHBOURS:
            if 0 <= chunk + step < len(self._scan.chunks):
                messages = self._unfold(chunk + step).messages
                for channel in self._topics.get(topic, ()):
                    if (channel, time) in messages:
                        return messages[channel, time]
        raise self._corrupt(f"a frame's message on {topic} is missing", chunk)

    def _unfold(self, number: int) -> Unfolded:
        with self._lock:
            if self._unfolded is None or self._unfolded[0] != number:
                self._unfolded = None
                self._unfolded = (number, unfold(self._file, self._scan.chunks[number]))
            return self._unfolded[1]

    def _corrupt(self, reason: str, chunk: int) -> CorruptFile:
        return self._file.corrupt(reason, self._scan.chunks[chunk].offset)

    # Opening

    def _read_unindexed(self) -> dict[int, _Unindexed]:
        """Look into the chunks that have no index: the last one of a file that was cut short."""
        found: dict[int, _Unindexed] = {}
        chunks, last = self._scan.chunks, len(self._scan.chunks) - 1
        for number, place in enumerate(chunks):
            torn = number == last and self._scan.cut is not None
            if place.indexes and not torn:
                continue
            try:
                found[number] = _Unindexed.of(unfold(self._file, place))
            except CorruptFile:
                if not torn:
                    raise
                chunks.pop()
                self._scan.cut = place.offset
        return found

    def _topic_ids(self) -> dict[str, set[int]]:
        """The channels of each topic. Other tools declare them inside of chunks."""
        declared = dict(self._scan.channels)
        for unindexed in self._unindexed.values():
            declared |= unindexed.channels
        if self._scan.chunks and not any(channel.topic == FRAME for channel in declared.values()):
            declared |= self._unfold(0).channels
        topics: dict[str, set[int]] = {}
        for channel in declared.values():
            topics.setdefault(channel.topic, set()).add(channel.id)
        ours = any(name == METADATA for *_, name, _ in self._scan.metadata)
        if FRAME not in topics and self._scan.chunks and not ours:
            raise UnsupportedFile(f"there are no frames of nearfar in it: no topic {FRAME}", file=self.file)
        return topics

    def _find_messages(self, *topics: str) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        """The chunk and the time of each message on any of the topics."""
        wanted = set[int]().union(*(self._topics.get(topic, ()) for topic in topics))
        times, numbers = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
        for number, place in enumerate(self._scan.chunks):
            if number in self._unindexed:
                unindexed = self._unindexed[number]
                found = unindexed.times[np.isin(unindexed.ids, list(wanted))]
            else:
                parts = [place.indexes[each] for each in place.indexes.keys() & wanted]
                found = np.frombuffer(b"".join(parts), "<u8")[::2].astype(np.uint64)
            times.append(found)
            numbers.append(np.full(len(found), number, np.uint32))
        return np.concatenate(numbers), np.concatenate(times)

    # Ending

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "" if self.complete else ", cut short"
        return f"Take({self.file!r}, {len(self)} frames, {self.duration:.3f} s{state})"


@dataclass(frozen=True, slots=True)
class _Unindexed:
    """What stands for the index of a chunk that has none; its content is not kept.

    Attributes:
        ids: (N,) the channel of each message.
        times: (N,) its time, nanoseconds.
        channels: that are declared in the chunk.
    """

    ids: NDArray[np.uint16]
    times: NDArray[np.uint64]
    channels: Mapping[int, Channel]

    @classmethod
    def of(cls, unfolded: Unfolded) -> Self:
        """Those of a chunk."""
        rows = unfolded.rows
        ids = np.fromiter((channel for channel, *_ in rows), np.uint16, len(rows))
        times = np.fromiter((time for _, time, _ in rows), np.uint64, len(rows))
        return cls(ids, times, unfolded.channels)


def _member(kind: type[Any], value: str | None, otherwise: Any) -> Any:
    """The enum's member of a value; `otherwise` for one that this version does not know."""
    return next((member for member in kind if member.value == value), otherwise)
