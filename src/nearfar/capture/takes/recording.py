"""`record`: from a camera into a take, in one line; and `RecordingOutput`, which lets a session do it.

Device ──▶ CaptureSession ──┬─ RecordingOutput ──▶ Recorder ──▶ TAKE.mcap
                            └─ other outputs: the preview goes on whatever the disk does
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nearfar.capture.device import Device, DeviceInput
from nearfar.capture.events import SessionState
from nearfar.capture.kinds import Preset
from nearfar.capture.output import Output
from nearfar.capture.session import CaptureSession
from nearfar.capture.source import Source
from nearfar.capture.takes.chunks import Compression
from nearfar.capture.takes.packing import ColorCoding, DepthCoding
from nearfar.capture.takes.recorder import Recorder, RecorderCounts
from nearfar.depth import Frame
from nearfar.errors import CaptureError, DeviceLost, InvalidConfiguration

__all__ = ["RecordingOutput", "record"]

_LOOK_SECONDS = 0.05
"""How often it is asked whether the time is up."""


class RecordingOutput(Output):
    """Hands a session's frames to a `Recorder`, as they come from the camera.

    When the recording ends by itself (disk full), the session's listeners are told, and the session goes on.
    What interrupts the session is noted in the take. Removing the output does not close the recorder.

    Args:
        recorder: takes the frames.
        depth: whether the camera must give depth for this.
    """

    def __init__(self, recorder: Recorder, *, depth: bool = True) -> None:
        super().__init__()
        self._recorder, self._depth = recorder, depth
        self._told = False

    @property
    def recorder(self) -> Recorder:
        """What it feeds."""
        return self._recorder

    @property
    def needs_depth(self) -> bool:
        """As was asked for."""
        return self._depth

    def receive(self, frame: Frame) -> None:
        """See `Output`."""
        if self._recorder.write(frame) or self._told or self._recorder.error is None:
            return
        self._told = True
        if self._connection is not None:
            self._connection.report(CaptureError(f"the recording ended: {self._recorder.error}"))

    def halt(self, error: CaptureError | None) -> None:
        """See `Output`."""
        self._recorder.event("stopped", message="" if error is None else str(error))


def record(
    device: str | Device | Source | CaptureSession,
    path: str | os.PathLike[str],
    *,
    seconds: float | None = None,
    color: ColorCoding = "jpeg",
    quality: int = 90,
    depth: DepthCoding = "float",
    compression: Compression = "zstd",
    overwrite: bool = False,
    stop: threading.Event | None = None,
    progress: Callable[[float, RecorderCounts], object] | None = None,
) -> RecorderCounts:
    """Record what a camera gives into a take.

    Ends when the time is up, when `stop` is set, or when the stream is at its end; an exception (Ctrl-C) ends
    it as well, and the take is whole in every case. A recording without a frame leaves no file.

    Args:
        device: a device's name, a `Device` or a `Source`; or a session that has one, which is started if it
            does not run.
        path: the take, made for the user alone.
        seconds: of the session's clock, from the start of the camera; None: until something else ends it.
        color: "jpeg", or "raw" to keep every pixel as it was.
        quality: of the JPEG, 1 to 100.
        depth: "float" to keep every bit, for any viewer; "packed" to keep every bit in less space, for
            nearfar alone; "millimetres" for 16-bit millimetres.
        compression: "zstd" or "none", of whole chunks.
        overwrite: an existing file is replaced, once there is a frame in the new one.
        stop: ends the recording when it is set, from any thread.
        progress: is called about twenty times a second with the seconds so far and the counts.

    Returns:
        What became of the frames.

    Raises:
        CaptureError: the camera cannot be started, or it broke: what came until then is in the take. Where
            nothing came no file is left, and one that was there stays.
        FileExistsError: the file exists, and `overwrite` is not set.
        OSError: the disk is full or failed; what was written until then is in the take.
        MissingExtra: zstd is not installed: ``pip install 'nearfar[record]'``.
        ValueError: an option that there is not.
    """
    if seconds is not None and not seconds > 0.0:
        raise ValueError(f"seconds must be more than 0, not {seconds}")
    with _session(device) as session:
        info = session.inputs[0].device.info
        recorder = Recorder(
            path, color=color, quality=quality, depth=depth, compression=compression, overwrite=overwrite,
            device=info,
        )  # fmt: skip
        output = RecordingOutput(recorder)
        try:
            with recorder, _started(session, output):
                broken = _wait(session, recorder, seconds, stop or threading.Event(), progress)
        finally:
            if not recorder.counts.written:
                recorder.discard()
    if recorder.error is not None:
        raise recorder.error
    if broken is not None and not (isinstance(broken, DeviceLost) and broken.at_end):
        raise broken
    return recorder.counts


@contextmanager
def _session(device: str | Device | Source | CaptureSession) -> Iterator[CaptureSession]:
    if isinstance(device, CaptureSession):
        if not device.inputs:
            raise InvalidConfiguration("the session has no input: add a DeviceInput before it is recorded")
        yield device
        return
    with CaptureSession() as session:
        with session.configuration():
            session.preset = Preset.INPUT_PRIORITY  # the device's own choice, which its options may have made
            session.add_input(DeviceInput(device if isinstance(device, Device) else Device(device)))
        yield session


@contextmanager
def _started(session: CaptureSession, output: RecordingOutput) -> Iterator[None]:
    """The session with the output, running; afterwards as it was."""
    session.add_output(output)
    ran = session.state not in (SessionState.IDLE, SessionState.FAILED)
    try:
        session.start()
        yield
    finally:
        if not ran:
            session.stop()
        session.remove_output(output)


def _wait(
    session: CaptureSession,
    recorder: Recorder,
    seconds: float | None,
    stop: threading.Event,
    progress: Callable[[float, RecorderCounts], object] | None,
) -> CaptureError | None:
    """Wait until the recording is to end; what the session failed by, where that ended it."""
    begun = session.clock.now()
    over = (SessionState.FAILED, SessionState.IDLE)
    while recorder.error is None and session.state not in over:
        elapsed = session.clock.now() - begun
        if progress is not None:
            progress(elapsed, recorder.counts)
        if seconds is not None and elapsed >= seconds:
            return None
        rest = _LOOK_SECONDS if seconds is None else min(_LOOK_SECONDS, seconds - elapsed)
        if stop.wait(rest):
            return None
    return session.error
