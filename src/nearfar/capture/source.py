"""`Source`: what a camera must do to be a device here; and `PacedSource`, the half that most have in common.

A source knows nothing of sessions. It is started with a format and a function, and calls that function with
each frame, from a thread of its own, until it is stopped::

    start(format, emit, clock) ──▶ emit(Frame) emit(Frame) … emit(DeviceLost) ──▶ stop()

Colour and depth of one moment may come in one `Frame`, or each in its own with its own time.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, runtime_checkable

from nearfar.capture.clock import Clock
from nearfar.capture.formats import Format
from nearfar.capture.kinds import DevicePosition, DeviceType
from nearfar.depth import Calibration, Frame, Matte, MatteKind
from nearfar.errors import CaptureError, DeviceBusy, DeviceLost, InvalidConfiguration
from nearfar.photo import Metadata

__all__ = [
    "BusySource",
    "DeviceInfo",
    "Emit",
    "PacedSource",
    "PreparedSource",
    "Source",
    "Still",
    "StillSource",
    "ThreadedSource",
    "chosen_among",
]

_PATIENCE = 0.5
"""Seconds that stopping waits for a thread in the middle of a frame."""

Emit = Callable[[Any], None]
"""Takes each `Frame`; and, once, the `CaptureError` that ended the stream: `DeviceLost` when it went."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a source says of itself.

    Attributes:
        name: the device's name, ``scheme:rest?options``, by which it is opened again.
        title: what people call it.
        type: what it is made of.
        position: where it looks.
        mattes: the kinds of matte that its photos may come with.
        constituents: titles of the cameras that a virtual device joins; () for a single camera.
        clock: whose seconds `Frame.time` counts: "host" (those of the clock given to ``start``) or "device"
            (its own; they are fitted to the host's).
        returns: whether the device may come back after it was lost, so that it is worth asking again.
    """

    name: str
    title: str
    type: DeviceType = DeviceType.EXTERNAL
    position: DevicePosition = DevicePosition.UNSPECIFIED
    mattes: tuple[MatteKind, ...] = ()
    constituents: tuple[str, ...] = ()
    clock: Literal["host", "device"] = "host"
    returns: bool = False


@runtime_checkable
class Source(Protocol):
    """A camera, a file or a recording that gives frames. `nearfar.testing.SourceConformance` is its law.

    ``info`` and ``formats`` (the default one first) are there without starting.
    """

    @property
    def info(self) -> DeviceInfo:
        """What the source says of itself."""
        ...

    @property
    def formats(self) -> tuple[Format, ...]:
        """What it can give, the default first."""
        ...

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """Begin to call ``emit`` with frames of one of ``formats``, as its ``chosen`` made it.

        Returns once the camera runs. ``Frame.sequence`` counts each stream's exposures from 0; what the
        camera itself lost is a gap in it. Depth is given only if ``format.depth`` says what. A stream that
        ends by itself, or breaks, ends with ``emit(error)``.

        Raises:
            DeviceBusy: it runs already, here or for somebody else.
            DeviceLost: it is not there (any more).
            InvalidConfiguration: not one of its formats.
        """
        ...

    def stop(self) -> None:
        """End the stream, within a second; when it returns, ``emit`` is not called any more. Idempotent."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A photo as a camera gives it.

    Attributes:
        frame: the picture, with its depth where that was asked for.
        constituents: for a device that joins several cameras, what each of them saw, in the order of
            `DeviceInfo.constituents`; () where that is not known.
        calibrations: of the constituents, in the same order; () where the constituents' depth tells them,
            or nothing does.
        mattes: what was told from the rest; only kinds that `DeviceInfo.mattes` names.
        metadata: what the camera says of the photo; None where it says nothing.
    """

    frame: Frame
    constituents: tuple[Frame, ...] = ()
    mattes: Mapping[MatteKind, Matte] = field(default_factory=dict)
    metadata: Metadata | None = None
    calibrations: tuple[Calibration, ...] = ()


@runtime_checkable
class StillSource(Source, Protocol):
    """A source that takes photos larger or better than its stream."""

    def still(self, format: Format, time: float) -> Still:
        """One photo at ``format.still_size``, of ``time`` in seconds on the source's clock, while it runs.

        With depth if ``format.depth`` says so, of that kind and dtype, in any size of the same aspect ratio.
        Blocks until it is made.

        Raises:
            CaptureError: the camera cannot.
        """
        ...


@runtime_checkable
class PreparedSource(Source, Protocol):
    """A source that takes long to get ready, and can do so before it is started."""

    def prepare(self) -> None:
        """Load what `start` would have to load: called when the device becomes an input. Idempotent.

        Raises:
            NearfarError: what stands in the way: a file at fault, an extra that is missing.
        """
        ...


@runtime_checkable
class BusySource(Source, Protocol):
    """A source that others use, too: its frames may have to wait for something of theirs."""

    @property
    def busy(self) -> bool:
        """Whether a photo is being made, for anybody. While it is, silence is no sign of a fault."""
        ...


class ThreadedSource(ABC):
    """A source that gives its frames from a thread of its own: write `_stream`, and this does the rest."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._emitting = threading.RLock()
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    @abstractmethod
    def info(self) -> DeviceInfo:
        """What the source says of itself."""

    @property
    @abstractmethod
    def formats(self) -> tuple[Format, ...]:
        """What it can give, the default first."""

    @abstractmethod
    def _stream(self, format: Format, emit: Emit, clock: Clock) -> None:
        """Emit frames, waiting by `_waited`, until that says to stop or the stream is at its end."""

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """See `Source.start`."""
        chosen_among(self.formats, format, self.info.name)
        with self._condition:
            if self._thread is not None:
                raise DeviceBusy("it runs already; stop it first", device=self.info.name)
            self._stopped = False
            self._thread = threading.Thread(
                target=self._run, args=(format, emit, clock), name=f"nearfar {self.info.name}", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """See `Source.stop`. A frame that is being made is waited for half a second, and then given up."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE)
        with self._emitting, self._condition:  # what is being emitted is through, and nothing more will be
            if self._thread is thread:
                self._thread = None

    @property
    def _stopping(self) -> bool:
        """Whether the thread that asks is to end."""
        return self._stopped or self._thread is not threading.current_thread()

    def _run(self, format: Format, emit: Emit, clock: Clock) -> None:
        def emit_unless_stopped(what: Frame | CaptureError) -> None:
            with self._emitting:
                if not self._stopping:
                    emit(what)

        try:
            self._stream(format, emit_unless_stopped, clock)
            emit_unless_stopped(DeviceLost("the stream is at its end", device=self.info.name, at_end=True))
        except CaptureError as error:
            emit_unless_stopped(error)
        except Exception as error:  # noqa: BLE001 - told to whoever listens
            lost = DeviceLost(f"it failed: {type(error).__name__}: {error}", device=self.info.name)
            lost.__cause__ = error
            emit_unless_stopped(lost)

    def _waited(self, clock: Clock, until: float) -> bool:
        """Wait until a time; False when the source is being stopped."""
        with self._condition:
            while not self._stopping and clock.now() < until:
                clock.wait(self._condition, until)
            return not self._stopping


class PacedSource(ThreadedSource):
    """A source that can make any frame when it is asked to: write `frame`, and this does the rest.

    Frame k is exposed at start + k / rate on the clock. A frame that cannot be made in time is left out, and
    its number with it, as a camera does that is read out too slowly.
    """

    @abstractmethod
    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        """The frame of a number and a host time; None when the stream is at its end."""

    def _stream(self, format: Format, emit: Emit, clock: Clock) -> None:
        begun, sequence = clock.now(), 0
        while self._waited(clock, begun + sequence / format.rate):
            frame = self.frame(format, sequence, begun + sequence / format.rate)
            if frame is None:
                return
            emit(frame)
            sequence = max(sequence + 1, int((clock.now() - begun) * format.rate))


def chosen_among(formats: tuple[Format, ...], format: Format, device: str) -> None:
    """Refuse a format that no listed one was chosen to be.

    Raises:
        InvalidConfiguration: it is none of them.
    """
    plain = replace(format, depth_format=None, frame_rate=None)
    if not any(replace(listed, depth_format=None, frame_rate=None) == plain for listed in formats):
        raise InvalidConfiguration(f"{format} is not one of its formats", device=device)
