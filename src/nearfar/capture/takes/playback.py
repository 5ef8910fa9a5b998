"""``take:FILE.mcap``: a recording as a camera, with its own timing or as fast as frames can be made.

    take   ──●────●──●────────●──▶  recorded times
    rate=2 ──●──●─●────●──▶         the clock's, from the moment of the start
    fast=1 ──●●●●──▶                one a millisecond at most, none left out

Options: ``rate`` (1: as recorded), ``fast``, ``loop`` (begin anew at the end), ``start`` (seconds into it).
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nearfar.capture.clock import Clock
from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.names import DeviceName
from nearfar.capture.options import number, one_of, read_options
from nearfar.capture.source import DeviceInfo, Emit, ThreadedSource
from nearfar.capture.takes.frame_record import FrameRecord
from nearfar.capture.takes.take import Take
from nearfar.depth import DepthKind, Frame
from nearfar.errors import DeviceNotFound, UnsupportedFile

__all__ = ["TakeSource", "open_take"]

_FIRST_FRAMES = 16
"""That are looked at for what the take holds."""
_FASTEST = 1000.0
"""Frames a second of a take that is played as fast as possible."""
_LONGEST_PAUSE = 86_400.0
"""Seconds; a longer gap between frames is a clock that was set, and not waited for."""


def open_take(rest: str, options: Mapping[str, str]) -> TakeSource:
    """The source of the device ``take:FILE.mcap``.

    Raises:
        DeviceNotFound: there is no such file.
        InvalidConfiguration: an option that there is not.
        FileError: the file is no take, or holds no frame.
    """
    name = str(DeviceName("take", rest, options))
    readers = {
        "rate": number(0.01, 100.0),
        "fast": one_of("0", "1"),
        "loop": one_of("0", "1"),
        "start": number(0.0, 1e9),
    }
    values = read_options(name, options, readers)
    try:
        take = Take(rest)
    except FileNotFoundError:
        raise DeviceNotFound("there is no such file", device=name) from None
    return TakeSource(
        take,
        name,
        rate=values.get("rate", 1.0),
        fast=values.get("fast") == "1",
        loop=values.get("loop") == "1",
        start=values.get("start", 0.0),
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    """A frame to be shown: which, when after the start (seconds), and under which number."""

    frame: int
    seconds: float
    sequence: int


class TakeSource(ThreadedSource):
    """Plays a take.

    Args:
        take: to play.
        name: the device's name.
        rate: how much faster than it was recorded.
        fast: without waiting, and without leaving out what is late.
        loop: begin anew at the end, for ever.
        start: seconds into the take to begin at; when looping, each time.

    Raises:
        UnsupportedFile: the take is no camera's: it has no frames, or depth and colour do not fit.
    """

    def __init__(
        self,
        take: Take,
        name: str,
        *,
        rate: float = 1.0,
        fast: bool = False,
        loop: bool = False,
        start: float = 0.0,
    ) -> None:
        super().__init__()
        if not len(take):
            raise UnsupportedFile("there is no frame in it", file=take.file)
        self._take, self._rate, self._fast, self._loop = take, rate, fast, loop
        self._first = min(int(np.searchsorted(take.times, start)), len(take) - 1)
        self._info = replace(take.device, name=name)
        records = _first_records(take)
        self._period = _period(records)
        speed = _FASTEST if fast else min(max(rate / self._period, 1e-3), 1e6)
        try:
            self._formats = (_format(records, speed),)
        except ValueError as error:
            raise UnsupportedFile(f"it cannot be played: {error}", file=take.file) from None

    @property
    def info(self) -> DeviceInfo:
        """The camera that the take was recorded from, under the take's name."""
        return self._info

    @property
    def formats(self) -> tuple[Format, ...]:
        """What was recorded: one format, with depth as it was and as it can be converted."""
        return self._formats

    def _stream(self, format: Format, emit: Emit, clock: Clock) -> None:
        begun, last = clock.now(), (-1.0, -math.inf)
        for moment, following in itertools.pairwise(itertools.chain(self._moments(), (None,))):
            if moment is None:
                return
            due = begun + moment.seconds / self._rate
            if self._fast:
                due = last[1] if moment.seconds == last[0] else max(clock.now(), last[1] + 1.0 / _FASTEST)
            elif following is not None and moment.seconds < following.seconds <= (
                (clock.now() - begun) * self._rate
            ):
                continue
            frame = self._made(moment, format)
            if frame is None:
                continue
            if not self._waited(clock, due):
                return
            emit(frame.replace(time=due, sequence=moment.sequence))
            last = (moment.seconds, due)

    def _moments(self) -> Iterator[_Moment]:
        """The frames to show, once or for ever; in each stream, times and numbers increase."""
        numbers = range(self._first, len(self._take))
        offset = -min(self._take.record(at).sequence for at in numbers[:2])
        base = seconds = 0.0
        anchor = self._take.record(self._first).time
        last: dict[str, tuple[float, int]] = {}
        for at in itertools.cycle(numbers) if self._loop else numbers:
            record = self._take.record(at)
            before = [last[stream] for stream in _streams(record) if stream in last]
            jumped = not 0.0 <= base + record.time - anchor - seconds < _LONGEST_PAUSE
            if jumped or any(base + record.time - anchor <= then for then, _ in before):
                base, anchor = seconds + self._period, record.time
            seconds = base + record.time - anchor
            if any(record.sequence + offset <= old for _, old in before):
                offset = max(old for _, old in last.values()) + 1 - record.sequence
            for stream in _streams(record):
                last[stream] = (seconds, record.sequence + offset)
            yield _Moment(at, seconds, max(0, record.sequence + offset))

    def _made(self, moment: _Moment, format: Format) -> Frame | None:
        """The frame as the format asks for it; None if it has nothing of that."""
        record = self._take.record(moment.frame)
        asked, listed = format.depth, self._formats[0].depth
        if record.color is not None and (record.color.width, record.color.height) != format.size:
            return None
        depth = record.depth
        if depth is not None and listed is not None and (depth.width, depth.height) != listed.size:
            return None
        if asked is None and record.color is None and "color" not in record.dropped:
            return None
        if not _streams(record):
            return None
        frame = self._take[moment.frame]
        if asked is None:
            dropped = {stream: why for stream, why in frame.dropped.items() if stream != "depth"}
            return frame.replace(depth=None, dropped=dropped)
        if frame.depth is None:
            return frame
        return frame.replace(depth=frame.depth.to(asked.kind, dtype=asked.dtype))


def _first_records(take: Take) -> list[FrameRecord]:
    """The first frames; those from the first one that has anything, where a busy camera lost all before."""
    telling = (at for at in range(len(take)) if take.record(at).color or take.record(at).depth)
    first = next(telling, 0)
    begin = first if first >= _FIRST_FRAMES else 0
    return [take.record(at) for at in range(begin, min(begin + _FIRST_FRAMES, len(take)))]


def _streams(record: FrameRecord) -> set[str]:
    """Of colour and depth, what a frame has or has lost."""
    there = {"color": record.color, "depth": record.depth}
    return {stream for stream, shape in there.items() if shape is not None or stream in record.dropped}


def _period(records: Sequence[FrameRecord]) -> float:
    """Seconds from one picture to the next, as a rule."""
    stream = "color" if any("color" in _streams(record) for record in records) else "depth"
    times = [record.time for record in records if stream in _streams(record)]
    steps = [after - before for before, after in itertools.pairwise(times) if after > before]
    return min(max(statistics.median(steps), 1e-4), 1e3) if steps else 1.0 / 30.0


def _format(records: Sequence[FrameRecord], rate: float) -> Format:
    """What the first frames have; ValueError where no camera could have made them."""
    color = next((record.color for record in records if record.color is not None), None)
    with_depth = next((record for record in records if record.depth is not None), None)
    depth_formats: tuple[DepthFormat, ...] = ()
    if with_depth is not None and with_depth.depth is not None:
        shape, kind = with_depth.depth, with_depth.about["kind"]
        kinds = (kind, *(other for other in DepthKind if other is not kind))
        dtypes = dict.fromkeys((with_depth.dtype, "float32", "float16"))
        depth_formats = tuple(
            DepthFormat(each, dtype, shape.width, shape.height) for each in kinds for dtype in dtypes
        )
    size = color or (with_depth.depth if with_depth is not None else None)
    if size is None:
        raise ValueError("none of its frames has colour or depth")
    rate = round(rate, 3)
    return Format(size.width, size.height, rate, rate, depth_formats)
