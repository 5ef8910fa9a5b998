"""`SharedSource`: one camera for several sessions at a time.

                       ┌─ branch ─ Device ─▶ CaptureSession: a live view
    camera ── frames ──┼─ branch ─ Device ─▶ CaptureSession: photos
                       └─ branch ─ Device ─▶ CaptureSession: a recording

The first branch that starts starts the camera, the last one that stops stops it, and who comes later joins
the stream as it is. All get the same frames: they are immutable, so that nothing is copied.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nearfar.capture.clock import Clock, SystemClock
from nearfar.capture.device import Device
from nearfar.capture.formats import Format
from nearfar.capture.source import (
    DeviceInfo,
    Emit,
    PreparedSource,
    Source,
    Still,
    StillSource,
    chosen_among,
)
from nearfar.depth import Frame
from nearfar.errors import CaptureError, DeviceBusy, DeviceLost, InvalidConfiguration

__all__ = ["SharedSource"]


class SharedSource:
    """A camera that several sessions use at a time, each through a `branch` of its own.

    All run in the one format that is chosen here; for another one, stop them and share the camera anew. A
    camera that breaks, or whose stream ends, tells every branch that runs; the next one to start starts it
    again. Branches are handed each frame in turn on the camera's thread, as a session's outputs are.

    Args:
        camera: the name of a device, as in "virtual:dual", a `Device`, or a `Source`.
        format: what the camera is to give: one of its formats, as their ``chosen`` makes it. None: what the
            device is set to give, the default unless it was changed.

    Raises:
        DeviceNotFound: there is no such device.
        InvalidConfiguration: none of its formats.
        NearfarError: what else stands in the way: a file at fault, an extra that is missing.
    """

    def __init__(self, camera: Device | str | Source, format: Format | None = None) -> None:
        device = camera if isinstance(camera, Device) else Device(camera)
        self._camera = _Camera(device.source, device.configured if format is None else format)

    @property
    def info(self) -> DeviceInfo:
        """What the camera says of itself."""
        return self._camera.source.info

    @property
    def format(self) -> Format:
        """What the camera is started with."""
        return self._camera.format

    def branch(self) -> Source:
        """A source for one more session: it has one format, the shared one, with its depth or without.

        It takes photos if the camera does, and is made ready as the camera is. Its `Frame.sequence` counts
        from 0 from where it joins, and its clock must be that of the branches which run.
        """
        return _Branch(self._camera)


class _Camera:
    """The camera, started for the first branch and stopped after the last."""

    def __init__(self, source: Source, format: Format) -> None:
        chosen_among(source.formats, format, source.info.name)
        self.source, self.format = source, format
        self._starting = threading.Lock()
        self._run: _Run | None = None
        self._photos = 0
        self._counting = threading.Lock()

    @property
    def busy(self) -> bool:
        """Whether a photo is being made."""
        return self._photos > 0

    def still(self, format: Format, time: float) -> Still:
        """Have the camera make a photo."""
        camera: Any = self.source
        with self._counting:
            self._photos += 1
        try:
            still: Still = camera.still(format, time)
            return still
        finally:
            with self._counting:
                self._photos -= 1

    def join(self, format: Format, emit: Emit, clock: Clock) -> _Seat:
        """Have frames sent to a branch, with the camera started."""
        depth = format.depth is not None
        with self._starting:
            run = self._run
            seat = None if run is None else run.join(emit, clock, depth=depth)
            if seat is not None:
                return seat
            if run is not None:  # over: whoever still sits there has been told
                self.source.stop()
            self._run = run = _Run(self.source.info.name, clock)
            seat = run.seat(emit, depth=depth)
            try:
                self.source.start(self.format, run.take, clock)
            except BaseException:
                self._run = None
                raise
            return seat

    def leave(self, seat: _Seat) -> None:
        """Send a branch no more frames; the camera is stopped when it was the last."""
        run = seat.run
        run.leave(seat)
        if self._run is not run or not run.empty:
            return
        with self._starting:
            if self._run is run and run.empty:
                self._run = None
                self.source.stop()


class _Branch:
    """One session's part of a shared camera: a `Source`."""

    def __init__(self, camera: _Camera) -> None:
        self._camera = camera
        self._formats = (_as_told(camera.format),)
        self._lock = threading.Lock()
        self._seat: _Seat | None = None
        if isinstance(camera.source, StillSource):
            self.still = self._still
        if isinstance(camera.source, PreparedSource):
            self.prepare = camera.source.prepare

    @property
    def info(self) -> DeviceInfo:
        """The camera's."""
        return self._camera.source.info

    @property
    def formats(self) -> tuple[Format, ...]:
        """The one that all branches run in."""
        return self._formats

    @property
    def busy(self) -> bool:
        """See `BusySource`: a photo of any branch counts."""
        return self._camera.busy

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """See `Source.start`."""
        chosen_among(self.formats, format, self.info.name)
        with self._lock:
            if self._seat is not None:
                raise DeviceBusy("it runs already; stop it first", device=self.info.name)
            self._seat = self._camera.join(format, emit, clock)

    def stop(self) -> None:
        """See `Source.stop`."""
        with self._lock:
            seat, self._seat = self._seat, None
        if seat is not None:
            self._camera.leave(seat)

    def _still(self, format: Format, time: float) -> Still:
        if self._seat is None:
            raise CaptureError("it takes photos only while it runs", device=self.info.name)
        return self._camera.still(self._camera.format.chosen(depth_format=format.depth), time)


class _Run:
    """One start of the camera, up to its stop or its end: who gets its frames."""

    def __init__(self, device: str, clock: Clock) -> None:
        self._device, self._clock = device, clock
        self._lock = threading.RLock()
        self._seats: tuple[_Seat, ...] = ()
        self._next = {"color": 0, "depth": 0}
        self._together = False
        self._over = False

    @property
    def empty(self) -> bool:
        """Whether nobody is left."""
        return not self._seats

    def join(self, emit: Emit, clock: Clock, *, depth: bool) -> _Seat | None:
        """Send frames there from the next one on; None if there will be none any more.

        Raises:
            InvalidConfiguration: times would be those of another clock.
        """
        with self._lock:
            if self._over:
                return None
            if clock is not self._clock and not type(clock) is type(self._clock) is SystemClock:
                words = "it runs for another session by another clock; give both sessions the same one"
                raise InvalidConfiguration(words, device=self._device)
            return self.seat(emit, depth=depth)

    def seat(self, emit: Emit, *, depth: bool) -> _Seat:
        """Send frames there from the next one on."""
        with self._lock:
            begins = dict(self._next)
            if self._together:
                begins = dict.fromkeys(begins, max(begins.values()))
            seat = _Seat(self, emit, begins, depth=depth)
            self._seats += (seat,)
            return seat

    def leave(self, seat: _Seat) -> None:
        """Send nothing more there."""
        with self._lock:
            self._seats = tuple(other for other in self._seats if other is not seat)
        seat.close()

    def take(self, item: Any) -> None:
        """What the camera is started with; see `Emit`."""
        with self._lock:
            if self._over:
                return
            if isinstance(item, Frame):
                streams = _streams_of(item)
                self._together |= len(streams) > 1
                for stream in streams:
                    self._next[stream] = item.sequence + 1
            else:
                self._over = True
            seats = self._seats
        for seat in seats:
            try:
                seat.take(item)
            except Exception as error:  # noqa: BLE001 - told to the one that failed, and to no other
                lost = DeviceLost(f"it failed: {type(error).__name__}: {error}", device=self._device)
                lost.__cause__ = error
                seat.end(lost)


class _Seat:
    """One branch in one run of the camera.

    Args:
        run: the run.
        emit: what the branch was started with.
        begins: by stream, the camera's number of the exposure that is the branch's first.
        depth: whether it wants depth.
    """

    def __init__(self, run: _Run, emit: Emit, begins: Mapping[str, int], *, depth: bool) -> None:
        self.run = run
        self._emit, self._begins, self._depth = emit, begins, depth
        self._emitting = threading.RLock()
        self._over = False

    def take(self, item: Any) -> None:
        """Hand on what the camera gave."""
        with self._emitting:
            if self._over:
                return
            if not isinstance(item, Frame):
                self._over = True
                self._emit(item)
                return
            frame = item if self._depth else _without_depth(item)
            if frame is None:
                return
            number = frame.sequence - max(self._begins[stream] for stream in _streams_of(item))
            if number >= 0:  # else an exposure from before, whose other half came in time
                self._emit(frame if number == frame.sequence else frame.replace(sequence=number))

    def end(self, error: CaptureError) -> None:
        """Hand nothing on any more but this."""
        with self._emitting:
            if not self._over:
                self._over = True
                with contextlib.suppress(Exception):  # it was what failed
                    self._emit(error)

    def close(self) -> None:
        """Hand nothing on any more; what is just being handed on is through when this returns."""
        with self._emitting:
            self._over = True


def _as_told(format: Format) -> Format:
    """The one format of the branches: with the depth and the rate that were chosen, and no others."""
    return replace(
        format,
        supported_depth_formats=() if format.depth is None else (format.depth,),
        min_frame_rate=format.rate,
        max_frame_rate=format.rate,
        frame_rate=None,
    )


def _streams_of(frame: Frame) -> tuple[str, ...]:
    """What its number counts the exposures of; a pose alone is counted with the pictures."""
    depth = frame.depth is not None or "depth" in frame.dropped
    if not depth:
        return ("color",)
    color = frame.color is not None or "color" in frame.dropped
    return ("color", "depth") if color else ("depth",)


def _without_depth(frame: Frame) -> Frame | None:
    """The frame for who wants no depth; None if nothing is left of it."""
    streams = _streams_of(frame)
    if "depth" not in streams:
        return frame
    if "color" not in streams:
        return None
    kept = {name: reason for name, reason in frame.dropped.items() if name != "depth"}
    return frame.replace(depth=None, dropped=kept)
