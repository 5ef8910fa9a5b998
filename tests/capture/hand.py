"""A camera that is cranked by hand, and an output that keeps what it is given: capture without waiting."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any

import numpy as np

import nearfar as nf
from nearfar.capture import Clock, DepthFormat, DeviceInfo, DeviceType, Format, ManualClock, Output
from nearfar.capture.source import Emit

DISPARITY = DepthFormat(nf.DepthKind.DISPARITY, "float16", 4, 3)
DEPTH = DepthFormat(nf.DepthKind.DEPTH, "float32", 4, 3)
SMALL = Format(8, 6, 1.0, 30.0, (DISPARITY, DEPTH), max_zoom=4.0)
VGA = Format(640, 480, 1.0, 60.0, (), photo_size=(1280, 960))
ROOMY = Format(16, 12, 1.0, 10.0, (DISPARITY,), max_zoom=8.0, depth_zoom_ranges=((2.0, 5.0),))
LIMIT = 20.0
"""Real seconds after which a test gives up on a thread that never comes back."""

_NUMBERS = itertools.count()


class HandCamera:
    """Gives a frame when `shoot` is called, on the thread that calls it."""

    def __init__(
        self,
        *,
        formats: tuple[Format, ...] = (SMALL, ROOMY, VGA),
        type: DeviceType = DeviceType.DUAL_CAMERA,
        clock: Any = "host",
        returns: bool = False,
    ) -> None:
        self.info = DeviceInfo(f"test:hand{next(_NUMBERS)}", "Hand", type=type, clock=clock, returns=returns)
        self.formats = formats
        self.fault: Exception | None = None
        self.started: list[Format] = []
        self.stopped = 0
        self.emit: Emit | None = None
        self._sequence = 0

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        if self.emit is not None:
            raise nf.DeviceBusy("it runs already", device=self.info.name)
        if self.fault is not None:
            raise self.fault
        self.started.append(format)
        self._sequence = 0
        self.emit = emit

    def stop(self) -> None:
        self.stopped += 1
        self.emit = None

    def shoot(
        self, time: float, sequence: int | None = None, *, color: bool = True, depth: bool | None = None
    ) -> nf.Frame:
        """Emit a frame, with depth if the format has it; lives nowhere but where the outputs keep it."""
        assert self.emit is not None, "the camera does not run"
        frame = self.frame(time, self._sequence if sequence is None else sequence, color=color, depth=depth)
        self._sequence = frame.sequence + 1
        self.emit(frame)
        return frame

    def frame(self, time: float, sequence: int, *, color: bool = True, depth: bool | None = None) -> nf.Frame:
        given = self.started[-1].depth
        deep = given is not None if depth is None else depth
        chosen = given or DISPARITY
        values = np.ones((chosen.height, chosen.width), chosen.dtype)
        return nf.Frame(
            time,
            sequence,
            np.zeros((6, 8, 3), np.uint8) if color else None,
            nf.DepthMap(values, chosen.kind) if deep else None,
        )


class Kept(Output):
    """Keeps frames and halts; calls ``also`` with each frame."""

    def __init__(
        self,
        *,
        depth: bool = True,
        color: bool = True,
        also: Callable[[nf.Frame], object] | None = None,
    ) -> None:
        super().__init__(depth=depth, color=color)
        self.frames: list[nf.Frame] = []
        self.halts: list[nf.CaptureError | None] = []
        self.also = also

    @property
    def needs_depth(self) -> bool:
        return bool(self.setting("depth"))

    @property
    def needs_color(self) -> bool:
        return bool(self.setting("color"))

    def receive(self, frame: nf.Frame) -> None:
        self.frames.append(frame)
        if self.also is not None:
            self.also(frame)

    def halt(self, error: nf.CaptureError | None) -> None:
        self.halts.append(error)


def session_of(camera: Any, *outputs: Output, **options: Any) -> tuple[nf.CaptureSession, nf.Device]:
    """A session that is configured and not started."""
    session, device = nf.CaptureSession(**options), nf.Device(camera)
    with session.configuration():
        session.add_input(nf.DeviceInput(device))
        device.active_format = camera.formats[0]
        for output in outputs:
            session.add_output(output)
    return session, device


def elsewhere(act: Callable[[], Any]) -> Any:
    """What a function gives on another thread, which must come back."""
    return meanwhile(act).result(LIMIT)


def meanwhile(act: Callable[[], Any]) -> Future[Any]:
    """What a function will give on another thread."""
    given: Future[Any] = Future()

    def run() -> None:
        try:
            given.set_result(act())
        except Exception as error:  # noqa: BLE001 - raised again
            given.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return given


def within(seconds: float, clock: ManualClock, given: Future[Any]) -> Any:
    """What a function gives in so many seconds of the clock, when nothing else happens."""
    end = clock.now() + seconds
    for _ in range(round(LIMIT / 0.001)):
        if wait([given], 0.001).done:
            return given.result()
        wake = clock.next_wake
        if wake is not None and wake <= end:
            clock.advance(max(0.0, wake - clock.now()))
    raise AssertionError(f"it takes longer than {seconds} s")


def until_gone(name: str) -> None:
    """Wait for the threads of a name to end."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(LIMIT)
            assert not thread.is_alive()


def threads() -> Iterator[str]:
    """The names of the capture threads that live.

    Threads that decode photos stay for the next photo, and the suite's broken cameras ("made:") may leave
    some.
    """
    names = (thread.name for thread in threading.enumerate())
    return (name for name in names if name.startswith("nearfar ") and "made:" not in name)
