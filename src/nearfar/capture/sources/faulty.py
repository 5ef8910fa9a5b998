"""``faulty:INNER?drop=0.1``: a source with a bad cable: the same frames as another's, but for its faults.

    inner ── frame ──▶ unplugged? ──▶ stalled? ──▶ skewed ──▶ dropped? ──▶ jittered, jumped ──▶ emit

Every fault is drawn by the seed and the number of the frame, or set off by the time of the frame, so that the
same frames have the same faults each time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nearfar.capture.clock import Clock
from nearfar.capture.formats import Format
from nearfar.capture.names import DeviceName, open_source
from nearfar.capture.options import number, numbers, read_options, whole
from nearfar.capture.source import DeviceInfo, Emit, PreparedSource, Source, Still, StillSource
from nearfar.depth import DropReason, Frame
from nearfar.errors import DeviceLost, DeviceNotFound

__all__ = ["Faults", "FaultySource", "open_faulty"]

_STREAMS = ("color", "depth")
_TICK = 1e-6
"""Seconds that two frames of a stream are apart at least, however they are jittered."""
_NESTED = 8
"""So many sources may have one within them."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong.

    Attributes:
        drop: the share of the pictures that is lost, 0..1, for colour and for depth alike. Where one of a
            moment's two gets through, its frame says in `Frame.dropped` that the other was lost; where none
            does, there is a gap in the numbers.
        jitter: seconds; times are up to so much too early, at random, and keep their order.
        skew: seconds that depth is behind its colour (below 0: ahead); they come as frames of their own.
        stall: (every, length) seconds: after so long nothing comes for so long, again and again.
        jump: (after, by) seconds: once, the device's clock is set forward or back.
        unplug: seconds after which the device is gone, each time it was started; None for never.
        back: seconds after which it has come back; None for never.
        seed: of what is random.

    Raises:
        ValueError: numbers that mean nothing.
    """

    drop: float = 0.0
    jitter: float = 0.0
    skew: float = 0.0
    stall: tuple[float, float] | None = None
    jump: tuple[float, float] | None = None
    unplug: float | None = None
    back: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        times = (
            self.jitter,
            *(self.stall or ()),
            (self.jump or (0.0,))[0],
            self.unplug or 0.0,
            self.back or 0.0,
        )
        if not 0.0 <= self.drop <= 1.0:
            raise ValueError(f"drop is a share, 0..1, not {self.drop}")
        if not all(0.0 <= time < math.inf for time in times):
            raise ValueError(f"times are seconds, 0 or more: {self}")
        if not (math.isfinite(self.skew) and all(map(math.isfinite, self.jump or ()))):
            raise ValueError(f"times are finite seconds: {self}")

    def stalled(self, elapsed: float) -> bool:
        """Whether nothing comes at this time since the start."""
        if self.stall is None:
            return False
        every, length = self.stall
        return elapsed % (every + length) >= every if every + length > 0.0 else False

    def random(self, stream: str, sequence: int, use: int) -> float:
        """A number in [0, 1) that is always the same for the same frame of a stream."""
        mixed = (self.seed << 40) ^ (sequence << 8) ^ (_STREAMS.index(stream) << 4) ^ use
        for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):  # splitmix64's last steps (Vigna 2015)
            mixed = (mixed + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
            mixed = ((mixed ^ (mixed >> 30)) * factor) & 0xFFFFFFFFFFFFFFFF
        return (mixed >> 11) / (1 << 53)


class FaultySource:
    """A source that gives the frames of another one, with `Faults`.

    Args:
        inner: the source; it belongs to this one from now on.
        faults: what goes wrong.
        name: the device's name; one that names the inner device when None.

    Takes photos if the inner one does; while unplugged they raise `DeviceLost`, as `start` does.
    """

    def __init__(self, inner: Source, faults: Faults, *, name: str | None = None) -> None:
        self._inner = inner
        self._faults = faults
        self._name = str(DeviceName("faulty", inner.info.name)) if name is None else name
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._away_until = -math.inf
        if isinstance(inner, StillSource):
            self.still = self._still
        if isinstance(inner, PreparedSource):
            self.prepare = inner.prepare

    @property
    def info(self) -> DeviceInfo:
        """The inner source's, under this one's name."""
        info = self._inner.info
        faults = self._faults
        return replace(
            info,
            name=self._name,
            title=f"{info.title}, faulty",
            clock=info.clock if faults.jump is None else "device",
            returns=info.returns or (faults.unplug is not None and faults.back is not None),
        )

    @property
    def formats(self) -> tuple[Format, ...]:
        """The inner source's."""
        return self._inner.formats

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """See `Source.start`."""
        with self._lock:
            if clock.now() < self._away_until:
                raise DeviceLost("it is unplugged", device=self._name)
            if self._run is not None and self._run.over:
                self._inner.stop()
            run = _Run(self, self._faults, emit, clock)
            self._inner.start(format, run.take, clock)
            self._run = run

    def stop(self) -> None:
        """See `Source.stop`."""
        self._inner.stop()

    def unplugged(self, now: float) -> None:
        """The device is gone from now on."""
        back = self._faults.back
        self._away_until = math.inf if back is None else now + back

    def _still(self, format: Format, time: float) -> Still:
        run = self._run
        if run is not None and run.over:
            raise DeviceLost("it is unplugged", device=self._name)
        inner: Any = self._inner
        still: Still = inner.still(format, time)
        return still


class _Run:
    """One start of the source, until it is stopped or lost."""

    def __init__(self, source: FaultySource, faults: Faults, emit: Emit, clock: Clock) -> None:
        self.over = False
        self._source, self._faults, self._emit, self._clock = source, faults, emit, clock
        self._begun: float | None = None
        self._last = dict.fromkeys(_STREAMS, -math.inf)

    def take(self, item: Any) -> None:
        """Take what the inner source gives."""
        if self.over:
            return
        if not isinstance(item, Frame):
            self.over = True
            self._emit(item)
            return
        if self._begun is None:
            self._begun = item.time
        elapsed = item.time - self._begun
        if self._faults.unplug is not None and elapsed >= self._faults.unplug:
            self.over = True
            self._source.unplugged(self._clock.now())
            self._emit(DeviceLost("it was unplugged", device=self._source.info.name))
            return
        if self._faults.stalled(elapsed):
            return
        for frame in self._skewed(item):
            left = self._dropped(frame)
            if left is not None:
                self._emit(self._timed(left, elapsed))

    def _skewed(self, frame: Frame) -> Iterator[Frame]:
        """The frame, or its colour and its depth apart, the earlier one first. Times only go back:
        what has come cannot be of a time to come.
        """
        skew = self._faults.skew
        if not skew or frame.color is None or frame.depth is None:
            yield frame
            return
        lost = frame.dropped
        color = replace(frame, depth=None, dropped={k: v for k, v in lost.items() if k != "depth"})
        depth = replace(frame, color=None, pose=None, dropped={})
        if skew > 0.0:
            yield replace(color, time=frame.time - skew)
            yield depth
        else:
            yield replace(depth, time=frame.time + skew)
            yield color

    def _dropped(self, frame: Frame) -> Frame | None:
        """What is left of a frame; None when nothing is."""
        there = [stream for stream in _STREAMS if getattr(frame, stream) is not None]
        lost = [s for s in there if self._faults.random(s, frame.sequence, 0) < self._faults.drop]
        if not lost:
            return frame
        if len(lost) == len(there):
            return None
        reasons = {**frame.dropped, **dict.fromkeys(lost, DropReason.DISCONTINUITY)}
        color = None if "color" in lost else frame.color
        depth = None if "depth" in lost else frame.depth
        return replace(frame, color=color, depth=depth, dropped=reasons)

    def _timed(self, frame: Frame, elapsed: float) -> Frame:
        """The frame at the time that the device believes."""
        streams = [s for s in _STREAMS if getattr(frame, s) is not None or s in frame.dropped]
        time = frame.time
        if self._faults.jitter and streams:
            time -= self._faults.jitter * self._faults.random(streams[0], frame.sequence, 1)
        time = max([time, *(self._last[stream] + _TICK for stream in streams)])
        for stream in streams:
            self._last[stream] = time
        if self._faults.jump is not None and elapsed >= self._faults.jump[0]:
            time += self._faults.jump[1]
        return frame if time == frame.time else replace(frame, time=time)


_SECONDS = number(0.0, 1e6)
_READERS = {
    "drop": number(0.0, 1.0),
    "jitter": number(0.0, 10.0),
    "skew": number(-10.0, 10.0),
    "stall": numbers(_SECONDS, _SECONDS, "EVERY,LENGTH in seconds"),
    "jump": numbers(_SECONDS, number(-1e6, 1e6), "AFTER,BY in seconds"),
    "unplug": _SECONDS,
    "return": _SECONDS,
    "seed": whole(0, 999_999_999),
}


def open_faulty(rest: str, options: Mapping[str, str]) -> Source:
    """The source of ``faulty:INNER?…``: INNER is a device's name, percent-encoded.

    Options: ``drop``, ``jitter``, ``skew``, ``stall=EVERY,LENGTH``, ``jump=AFTER,BY``, ``unplug``, ``return``
    (`Faults.back`) and ``seed``, as `Faults` says.

    Raises:
        DeviceNotFound: no such inner device.
        InvalidConfiguration: an option that there is not, or a value that it cannot have.
    """
    name = str(DeviceName("faulty", rest, options))
    if rest.count("faulty:") > _NESTED:
        raise DeviceNotFound(f"more than {_NESTED} faulty devices within one another", device=name[:100])
    values = read_options(name, options, _READERS)
    if "return" in values:
        values["back"] = values.pop("return")
    return FaultySource(open_source(rest), Faults(**values), name=name)
