"""From a camera into a take, through a session."""

from __future__ import annotations

import contextlib
import errno
import io
import threading
from pathlib import Path

import pytest

import nearfar as nf
from capture.hand import HandCamera, session_of
from capture.takes.made import Gate, assert_same, scene
from nearfar.capture import (
    CaptureSession,
    Clock,
    Device,
    DeviceInfo,
    DeviceInput,
    Format,
    InterruptionReason,
    Recorder,
    RecordingOutput,
    Take,
    record,
)
from nearfar.capture.formats import DepthFormat
from nearfar.capture.source import Emit, PacedSource
from nearfar.depth import DepthKind
from nearfar.errors import DeviceLost


class Camera(PacedSource):
    """Gives the frames of `made.scene`, and then it is at its end."""

    def __init__(self, count: int = 1000, rate: float = 60.0) -> None:
        super().__init__()
        self.made = scene(20, (160, 120))
        self.count, self.rate = count, rate

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo("camera:0", "A camera")

    @property
    def formats(self) -> tuple[Format, ...]:
        depth = DepthFormat(DepthKind.DEPTH, "float32", 160, 120)
        return (Format(160, 120, self.rate, self.rate, (depth,)),)

    def frame(self, _: Format, sequence: int, time: float) -> nf.Frame | None:
        if sequence >= self.count:
            return None
        return self.made[sequence % 20].replace(time=time, sequence=sequence)


class Broken(Camera):
    def start(self, _format: Format, _emit: Emit, _clock: Clock) -> None:
        raise DeviceLost("it is not there", device="camera:0")


def test_a_camera_is_recorded_until_its_stream_ends(tmp_path: Path) -> None:
    path, seen = tmp_path / "a.mcap", []
    camera = Camera(30)
    counts = record(camera, path, color="raw", progress=lambda *now: seen.append(now))
    # A busy machine may be late; what is lost is told.
    assert counts.received == counts.written + counts.late
    with Take(path) as take:
        assert len(take) == counts.written
        assert take.complete
        assert take.device.title == "A camera"
        whole = [frame for frame in take if not frame.dropped]
        assert whole
        for frame in whole:
            made = camera.made[frame.sequence % 20]
            assert_same(frame, made.replace(time=frame.time, sequence=frame.sequence))
        assert [event["event"] for event in take.events()][-1] == "stopped"
    assert seen
    assert seen[-1][1].bytes <= path.stat().st_size


def test_a_camera_that_breaks_ends_it_with_an_error_and_what_came_is_kept(tmp_path: Path) -> None:
    class Breaks(Camera):
        def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
            if sequence > 5:
                raise DeviceLost("its cable came loose", device="camera:0")
            return super().frame(format, sequence, time)

    with pytest.raises(DeviceLost, match="cable came loose"):
        record(Breaks(), tmp_path / "a.mcap")
    with Take(tmp_path / "a.mcap") as take:
        assert take.complete
        assert len(take) > 0


def test_time_and_an_event_end_it(tmp_path: Path) -> None:
    record(Camera(), tmp_path / "a.mcap", seconds=0.2)
    assert Take(tmp_path / "a.mcap").duration == pytest.approx(0.2, abs=0.15)
    stop = threading.Event()

    def after_five(seconds: float, counts: object) -> None:
        if counts.received >= 5:
            stop.set()

    counts = record(Camera(), tmp_path / "b.mcap", stop=stop, progress=after_five)
    assert counts.written >= 5
    with pytest.raises(ValueError, match="seconds"):
        record(Camera(), tmp_path / "c.mcap", seconds=0.0)


def test_an_exception_leaves_a_whole_take(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"

    def interrupt(seconds: float, counts: object) -> None:
        if counts.received >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(Camera(), path, progress=interrupt)
    with Take(path) as take:
        assert take.complete
        assert len(take) >= 3


def test_a_camera_that_does_not_start_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(DeviceLost):
        record(Broken(), tmp_path / "a.mcap")
    assert not list(tmp_path.iterdir())


def test_a_running_session_is_recorded_and_goes_on(tmp_path: Path) -> None:
    with CaptureSession() as session:
        session.add_input(DeviceInput(Device(Camera())))
        with Recorder(tmp_path / "other.mcap") as other:
            session.add_output(RecordingOutput(other))
            session.start()
            counts = record(session, tmp_path / "a.mcap", seconds=0.1)
            assert session.running
            assert len(session.outputs) == 1
            session.stop()
    assert counts.written == len(Take(tmp_path / "a.mcap"))
    assert other.counts.written > counts.written


def test_each_frame_of_a_camera_is_in_the_take_or_told_as_dropped(tmp_path: Path) -> None:
    """The disk stands still until frames are dropped, goes on, and stands still once more."""
    path, camera = tmp_path / "a.mcap", HandCamera()
    file = Gate(path)
    recorder = Recorder(file, color="raw", compression="none")
    session, _ = session_of(camera, RecordingOutput(recorder))
    (frame,) = scene(1, (640, 480))
    number = 0

    def shoot() -> None:
        nonlocal number
        assert camera.emit is not None
        camera.emit(frame.replace(time=session.clock.now(), sequence=number))
        number += 1

    with session:
        session.start()
        for late in (10, 25):
            file.open.clear()
            while recorder.counts.late < late:
                shoot()
            file.open.set()
            while recorder.counts.waiting:
                threading.Event().wait(0.001)
            shoot()
    counts = recorder.close()
    assert (counts.received, counts.failed, counts.waiting) == (number, 0, 0)
    with Take(path) as take:
        kept = [found.sequence for found in take]
        told = [event for event in take.events() if event["event"] == "frames-dropped"]
    assert len(told) >= 2
    dropped = [list(range(event["sequences"][0], event["sequences"][1] + 1)) for event in told]
    assert [len(numbers) for numbers in dropped] == [event["count"] for event in told]
    assert sorted([*kept, *(each for numbers in dropped for each in numbers)]) == list(range(number))
    assert (len(kept), number - len(kept)) == (counts.written, counts.late)


def test_an_interrupted_session_that_is_recorded_goes_on_later(tmp_path: Path) -> None:
    with CaptureSession() as session:
        session.add_input(DeviceInput(Device(Camera())))
        session.start()
        session.interrupt(InterruptionReason.DEVICE_IN_USE)
        record(session, tmp_path / "a.mcap", seconds=0.01)
        session.end_interruption()
        assert session.running


def test_a_full_disk_ends_the_recording_and_the_session_goes_on(tmp_path: Path) -> None:
    class Disk(io.FileIO):
        full = False

        def write(self, data: bytes | memoryview, /) -> int:
            if self.full:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    disk = Disk(tmp_path / "a.mcap", "w+")
    told, preview = threading.Event(), []
    with CaptureSession() as session:
        session.add_input(DeviceInput(Device(Camera())))
        recorder = Recorder(disk)
        session.add_output(RecordingOutput(recorder))
        session.add_listener(lambda event: told.set() if "No space" in str(event.error) else None)
        session.start()
        while not recorder.counts.written:
            told.wait(0.01)
        disk.full = True
        assert told.wait(5.0)
        before = session.counts["depth"].delivered
        while session.counts["depth"].delivered < before + 10:
            told.wait(0.0)
            preview.append(session.running)
            threading.Event().wait(0.005)
        assert all(preview)
    counts = recorder.close()
    assert counts.received == counts.written + counts.late + counts.failed
    assert len(Take(tmp_path / "a.mcap")) == counts.written


def test_a_take_can_be_recorded_anew_from_itself(tmp_path: Path) -> None:
    """The old take stays until the new one has a frame, and whoever plays it keeps it to the end."""
    path = tmp_path / "a.mcap"
    record(Camera(10), path)
    old = list(Take(path))
    counts = record(f"take:{path}?fast=1", path, color="raw", overwrite=True)
    assert counts.written == len(old) == len(Take(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_recorded_leaves_the_take_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    record(Camera(5), path)
    old = path.read_bytes()
    with pytest.raises(DeviceLost):
        record(Broken(), path, overwrite=True)
    with contextlib.suppress(DeviceLost):  # whether the stream's end is told as such is a matter of time
        record(Camera(0), path, overwrite=True)
    with Recorder(path, overwrite=True) as recorder:
        recorder.event("nothing")
        with pytest.raises(BlockingIOError):
            Recorder(path, overwrite=True)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
    with Recorder(path, overwrite=True) as recorder:
        recorder.write(scene(1)[0])
    assert len(Take(path)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_without_a_frame_leaves_no_file(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    counts = record(Camera(), tmp_path / "a.mcap", stop=stop)
    assert (tmp_path / "a.mcap").exists() == bool(counts.written)
    with contextlib.suppress(DeviceLost):
        record(Camera(0), tmp_path / "c.mcap")
    assert not (tmp_path / "c.mcap").exists()
    with Recorder(tmp_path / "b.mcap") as recorder:
        recorder.event("nothing")
    take = Take(tmp_path / "b.mcap")
    assert (len(take), take.duration, list(take.events())) == (0, 0.0, [{"event": "nothing"}])
