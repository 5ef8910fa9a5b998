"""`Recorder`: frames into a take, on threads of its own, so that a camera never waits for a disk.

write(Frame) ──▶ queue ──▶ encoder: JPEG, chunks, zstd ──▶ queue ──▶ disk: write, sync
     └ full: dropped, counted, and told in the take           └ full disk: the recording ends, no more
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, cast

from nearfar.capture.source import DeviceInfo
from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes.chunks import CHUNK_BYTES, Chunk, Compression, Contents, Unit, closing, compressor
from nearfar.capture.takes.disk import Disk, RawFile
from nearfar.capture.takes.mcap_records import ChunkIndex
from nearfar.capture.takes.packing import (
    CHANNELS,
    SCHEMAS,
    ColorCoding,
    Content,
    DepthCoding,
    FramePacker,
    pack_event,
)
from nearfar.capture.takes.placing import Place
from nearfar.depth import DropReason, Frame
from nearfar.errors import LossWarning

__all__ = ["Recorder", "RecorderCounts"]

QUEUE_FRAMES = 8
"""Frames with pictures that wait to be encoded; more are dropped. A session lends out few more than these."""
QUEUE_ITEMS = 500
"""That wait in all: frames that only tell of a loss, and events, are light."""
CHUNK_SECONDS = 0.25
"""A chunk that is not full is written after this, so that little is lost with the process."""
METADATA = "nearfar.take"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecorderCounts:
    """What became of the frames: ``received`` is the sum of the others, ``waiting`` is 0 after ``close``.

    Attributes:
        received: by `Recorder.write`.
        written: into the file.
        waiting: to be encoded or written.
        late: dropped, since disk or encoder could not keep up.
        failed: not written, since the recording had ended (disk full) or the frame could not be encoded.
        bytes: of the file.
    """

    received: int = 0
    written: int = 0
    late: int = 0
    failed: int = 0
    bytes: int = 0

    @property
    def waiting(self) -> int:
        """Frames that wait to be encoded or written."""
        return self.received - self.written - self.late - self.failed


class Recorder:
    """Writes frames into a take: an MCAP file that Foxglove, Rerun and nearfar open.

    The file is whole after each chunk: a process that is killed loses at most what came in the last half
    second. What was written reaches the disk twice a second. Methods are thread-safe. After a fork the
    recording stays with the parent.

    Args:
        path: the file, made for the user alone (mode 0600); or an unbuffered binary file to write, seek and
            truncate, which is closed in the end.
        color: "jpeg", or "raw" to keep every pixel as it was.
        quality: of the JPEG, 1 to 100.
        depth: "float" to keep every bit, for any viewer; "packed" to keep every bit in less space, for
            nearfar alone; "millimetres" for 16-bit millimetres.
        compression: "zstd" or "none", of whole chunks.
        overwrite: an existing file is replaced, once there is a frame in the new one.
        device: what to remember of the camera.
        failed: is called from another thread, once, with the error (disk full) that ended the recording.

    Raises:
        FileExistsError: the file exists, and `overwrite` is not set.
        OSError: it cannot be made.
        MissingExtra: zstd is not installed: ``pip install 'nearfar[record]'``.
        ValueError: an option that there is not.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | RawFile,
        *,
        color: ColorCoding = "jpeg",
        quality: int = 90,
        depth: DepthCoding = "float",
        compression: Compression = "zstd",
        overwrite: bool = False,
        device: DeviceInfo | None = None,
        failed: Callable[[OSError], None] | None = None,
    ) -> None:
        _check(color, quality, depth, compression)
        self._compress = compressor(compression)
        self._packer = FramePacker(color, quality, depth)
        self._failed = failed
        self._process = os.getpid()
        self._condition = threading.Condition()
        self._queue: deque[Frame | Content] = deque()
        self._heavy = 0
        self._counts = RecorderCounts()
        self._late: list[tuple[int, float]] = []
        self._closing = self._closed = False
        self._error: OSError | None = None
        self._contents = Contents()
        self._begun = time.time_ns()
        self._first: float | None = None
        self._logged = self._begun - 1
        self._chunk, self._declared, self._chunk_due = Chunk(), b"", 0.0
        head = self._head(device)
        self._place: Place | None = None
        if isinstance(path, (str, os.PathLike)):
            self._place = Place(path, overwrite=overwrite)
            file, name = cast("RawFile", self._place.file), self._place.name
        else:
            file, name = path, "to a file object"
        try:
            self._disk = Disk(file, head, f"nearfar disk {name}", self._written, self._break)
        except OSError:
            file.close()
            self._leave()
            raise
        self._thread = threading.Thread(target=self._run, name=f"nearfar take {name}", daemon=True)
        self._thread.start()

    # For any thread

    def write(self, frame: Frame, *, wait: bool = False) -> bool:
        """Take a frame; returns at once and never raises. False when it was dropped, which is counted.

        With `wait` it waits where it would drop: for frames that no camera is waiting to follow.
        """
        if os.getpid() != self._process:
            return False
        with self._condition:
            self._count(received=1)
            while wait and self._full(frame) and self._error is None and not self._closing:
                self._condition.wait()
            if self._closing or self._error is not None:
                self._count(failed=1)
                return False
            if self._full(frame):
                self._count(late=1)
                self._late.append((frame.sequence, frame.time))
                return False
            self._tell_late()
            self._queue.append(frame)
            self._heavy += _is_heavy(frame)
            self._condition.notify_all()
            return True

    def event(self, event: str, **details: Any) -> None:
        """Note an event in the take: a name, and details that JSON can hold."""
        content = pack_event(event, details)
        if os.getpid() != self._process:
            return
        with self._condition:
            if not self._closing and self._error is None and len(self._queue) < QUEUE_ITEMS:
                self._queue.append(content)
                self._condition.notify_all()

    @property
    def counts(self) -> RecorderCounts:
        """What became of the frames so far."""
        with self._condition:
            return replace(self._counts, bytes=self._disk.size)

    @property
    def error(self) -> OSError | None:
        """What ended the recording; None while all is well."""
        return self._error

    def close(self) -> RecorderCounts:
        """Write what is waiting, and the file's index; idempotent. Does not raise: see `error`."""
        if os.getpid() != self._process:
            return self._counts
        with self._condition:
            first, self._closing = not self._closing, True
            if first:
                self._tell_late()
            self._condition.notify_all()
        self._thread.join()
        if first:
            self._disk.finish()
            self._disk.close(lambda offset: closing(self._contents, offset))
            if self._place is not None and not self._place.settled:
                self._leave()
            with self._condition:
                self._count(failed=self._counts.waiting)
                self._closed = True
                self._condition.notify_all()
            if self._packer.beyond:
                warnings.warn(
                    "depth beyond 65.535 m has no place in 16-bit millimetres and became a hole",
                    LossWarning,
                    stacklevel=2,
                )
        with self._condition:
            while not self._closed:
                self._condition.wait()
        return self.counts

    def discard(self) -> None:
        """Close, and leave no file; one that was to be replaced, and has not been yet, stays."""
        self.close()
        if os.getpid() == self._process:
            self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _leave(self) -> None:
        if self._place is not None:
            self._place.leave()

    # With the condition held

    def _full(self, frame: Frame) -> bool:
        heavy = _is_heavy(frame) and self._heavy >= QUEUE_FRAMES
        return heavy or len(self._queue) >= QUEUE_ITEMS

    def _count(self, **more: int) -> None:
        now = self._counts
        self._counts = replace(now, **{name: getattr(now, name) + more[name] for name in more})

    def _tell_late(self) -> None:
        """Put the frames that were dropped in a row into the take, as one event."""
        if self._late:
            first, last = self._late[0], self._late[-1]
            details = {
                "reason": DropReason.LATE_DATA.value,
                "count": len(self._late),
                "sequences": [first[0], last[0]],
                "times": [first[1], last[1]],
            }
            self._queue.append(pack_event("frames-dropped", details))
            self._late = []

    # The encoder's thread

    def _run(self) -> None:
        while True:
            item = self._next()
            if item is None:
                break
            try:
                self._encode(item)
            except Exception as error:  # noqa: BLE001 - one frame must not end the recording
                with self._condition:
                    self._count(failed=int(self._error is None))
                    self._queue.append(pack_event("frame-failed", {"message": repr(error)}))
                _log.warning("a frame could not be recorded: %r", error)
            finally:
                del item  # a session counts the frames that are alive
        self._flush()

    def _next(self) -> Frame | Content | None:
        while True:
            with self._condition:
                while not self._queue and not self._closing:
                    left = self._chunk_due - time.monotonic() if self._chunk.size else None
                    if left is not None and left <= 0.0:
                        break
                    self._condition.wait(left)
                if self._queue:
                    self._condition.notify_all()
                    item = self._queue.popleft()
                    self._heavy -= isinstance(item, Frame) and _is_heavy(item)
                    return item
                if self._closing:
                    return None
            self._flush()

    def _encode(self, item: Frame | Content) -> None:
        is_frame = isinstance(item, Frame)
        logged, published = self._times(item if isinstance(item, Frame) else None)
        contents = self._packer.pack(item, logged) if isinstance(item, Frame) else [item]
        size = sum(content.size + 31 for content in contents)
        if self._chunk.size and self._chunk.size + size > CHUNK_BYTES:
            self._flush()
        if not self._chunk.size:
            self._chunk_due = time.monotonic() + CHUNK_SECONDS
        for content in contents:
            channel = CHANNELS[content.topic]
            schema = next((each for each in SCHEMAS.values() if each.id == channel.schema), None)
            self._declared += self._contents.declare(channel, schema)
            sequence = item.sequence if isinstance(item, Frame) else 0
            self._chunk.add(channel.id, sequence, (logged, published), content.parts)
        self._chunk.frames += is_frame
        if self._chunk.size >= CHUNK_BYTES or time.monotonic() >= self._chunk_due:
            self._flush()
        else:
            self._chunk.own()

    def _times(self, frame: Frame | None) -> tuple[int, int]:
        """When to say that a message was logged and published, nanoseconds since 1970.

        The logged times grow with each frame, whatever the frames' own do, so that one frame's messages share
        a time that no others have.
        """
        published = self._logged + 1
        if frame is not None:
            self._first = frame.time if self._first is None else self._first
            seconds = frame.time - self._first
            if abs(seconds) < 1e9:
                published = max(0, self._begun + round(seconds * 1e9))
        self._logged = max(self._logged + 1, published)
        return self._logged, published

    def _flush(self) -> None:
        if self._chunk.size:
            unit = self._chunk.unit(self._compress, self._declared)
            self._chunk, self._declared = Chunk(), b""
            self._disk.append(unit)

    # The disk's thread

    def _written(self, unit: Unit, index: ChunkIndex) -> None:
        if unit.frames and self._place is not None:
            self._place.settle()
        self._contents.add(index)
        with self._condition:
            self._count(written=unit.frames)

    def _break(self, error: OSError) -> None:
        with self._condition:
            self._error = error
            self._queue.clear()
            self._heavy = 0
            self._count(failed=self._counts.waiting)
            self._condition.notify_all()
        _log.error("the recording ended: %s", error)
        if self._failed is not None:
            with contextlib.suppress(Exception):
                self._failed(error)

    def _head(self, device: DeviceInfo | None) -> bytes:
        said = {"version": "1", "begun": str(self._begun)}
        if device is not None:
            said |= {
                "title": device.title,
                "type": device.type.value,
                "position": device.position.value,
                "constituents": "\n".join(device.constituents),
            }
        head, record = mcap.MAGIC + mcap.header("nearfar"), mcap.metadata(METADATA, said)
        self._contents.metadata.append((len(head), len(record), METADATA))
        return head + record


def _is_heavy(frame: Frame) -> bool:
    return frame.color is not None or frame.depth is not None


def _check(color: str, quality: int, depth: str, compression: str) -> None:
    for name, value, known in (
        ("color", color, ("jpeg", "raw")),
        ("depth", depth, ("float", "millimetres", "packed")),
        ("compression", compression, ("zstd", "none")),
    ):
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must be 1 to 100, not {quality}")
