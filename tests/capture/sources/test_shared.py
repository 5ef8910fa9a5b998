"""`SharedSource`: several sessions on one camera, each of which sees a lawful source."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import nearfar as nf
from capture.cameras import PlainCamera, StillCamera
from nearfar.capture import (
    Clock,
    Device,
    DeviceInfo,
    Faults,
    FaultySource,
    Format,
    ManualClock,
    PreparedSource,
    SharedSource,
    Source,
    StillSource,
    SystemClock,
)
from nearfar.capture.source import Emit
from nearfar.errors import CaptureError, DeviceBusy, DeviceLost, DeviceNotFound, InvalidConfiguration
from nearfar.testing import SourceConformance
from testing.made import FORMATS, Lawful
from testing.running import first_frames

WITHOUT_DEPTH = FORMATS[0].chosen(depth_format=None)


class TestTheOnlyBranch(SourceConformance):
    def open(self) -> Source:
        return SharedSource(Lawful()).branch()


class TestABranchThatJoins(SourceConformance):
    """Another branch runs already, and goes on running."""

    @pytest.fixture(autouse=True)
    def first(self) -> Any:
        self.stops: list[Any] = []
        yield
        for stop in self.stops:
            stop()

    def open(self) -> Source:
        shared = SharedSource(Lawful())
        first, second = shared.branch(), shared.branch()
        inner = second.start

        def start(format: Format, emit: Emit, clock: Clock) -> None:
            with contextlib.suppress(DeviceBusy):
                first.start(first.formats[0], lambda _: None, clock)
            inner(format, emit, clock)

        second.start = start  # type: ignore[method-assign]
        self.stops.append(first.stop)
        return second


class TestABranchOfAFaultyCamera(SourceConformance):
    def open(self) -> Source:
        return SharedSource(FaultySource(Lawful(), Faults(drop=0.2, skew=0.004, seed=3))).branch()


class TestABranchOfOneThatEnds(SourceConformance):
    finite = True

    def open(self) -> Source:
        return SharedSource(Lawful(4)).branch()


class TestABranchOfAVirtualCamera(SourceConformance):
    def open(self) -> Source:
        return SharedSource("virtual:lidar?size=160x120").branch()


class Hand:
    """A camera whose every word is said by the test, on a thread of the camera's own."""

    def __init__(self, *, refuses: CaptureError | None = None) -> None:
        self.starts = self.stops = 0
        self.refuses = refuses
        self.emit: Emit = lambda _: None
        self.format: Format | None = None

    info = DeviceInfo("test:hand", "By hand")
    formats = FORMATS

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.starts += 1
        self.emit, self.format = emit, format

    def stop(self) -> None:
        self.stops += 1

    def say(self, *items: Any) -> None:
        def all_of_them() -> None:
            for item in items:
                self.emit(item)

        thread = threading.Thread(target=all_of_them)
        thread.start()
        thread.join()


def started(branch: Source, format: Format | None = None, clock: Clock | None = None) -> list[Any]:
    """Everything that a branch is handed from now on."""
    seen: list[Any] = []
    branch.start(format or branch.formats[0], seen.append, clock or SystemClock())
    return seen


def frame(number: int, *streams: str, time: float | None = None) -> nf.Frame:
    camera = Lawful()
    return nf.Frame(
        float(number) if time is None else time,
        number,
        camera.color(FORMATS[0].size, number) if "color" in streams else None,
        camera.depth(FORMATS[0], number) if "depth" in streams else None,
    )


def both(number: int) -> nf.Frame:
    return frame(number, "color", "depth")


def test_the_first_starts_the_camera_and_the_last_stops_it() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    one, other = shared.branch(), shared.branch()
    assert camera.starts == 0
    first = started(one)
    second = started(other)
    assert camera.starts == 1
    camera.say(both(0), both(1))
    one.stop()
    assert camera.stops == 0
    camera.say(both(2))
    other.stop()
    other.stop()
    assert camera.stops == 1
    assert [item.sequence for item in first] == [0, 1]
    assert [item.sequence for item in second] == [0, 1, 2]


def test_all_get_the_very_same_frame() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    first, second = started(shared.branch()), started(shared.branch())
    camera.say(both(0))
    assert first[0] is second[0]


def test_who_joins_later_counts_from_nought_and_has_the_same_pictures() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    first = started(shared.branch())
    camera.say(both(0), both(1))
    second = started(shared.branch())
    camera.say(both(2), both(5))  # between them the camera lost two
    assert [item.sequence for item in second] == [0, 3]
    assert [item.time for item in second] == [2.0, 5.0]
    assert second[0].color is first[2].color
    assert second[0].depth is first[2].depth


def test_streams_that_are_numbered_apart_are_counted_apart() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    started(shared.branch())
    camera.say(frame(0, "color"), frame(1, "color"), frame(0, "depth"), frame(2, "color"))
    second = started(shared.branch())
    camera.say(frame(3, "color"), frame(1, "depth"), frame(4, "color"), frame(5, "color"), frame(2, "depth"))
    colors = [item.sequence for item in second if item.color is not None]
    depths = [item.sequence for item in second if item.depth is not None]
    assert colors == [0, 1, 2]
    assert depths == [0, 1]


def test_what_is_left_of_an_exposure_from_before_is_not_told() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    started(shared.branch())
    camera.say(both(0), frame(1, "color"))
    second = started(shared.branch())
    camera.say(frame(1, "depth", time=1.1), both(2))
    assert [item.sequence for item in second] == [0]
    assert second[0].time == 2.0


def test_a_branch_without_depth_runs_beside_one_with_it() -> None:
    camera = Hand()
    shared = SharedSource(camera, FORMATS[0].chosen(frame_rate=10.0))
    deep, plain = shared.branch(), shared.branch()
    assert deep.formats == plain.formats
    first = started(deep)
    second = started(plain, plain.formats[0].chosen(depth_format=None))
    camera.say(both(0), frame(1, "depth"), frame(1, "color", time=1.1))
    camera.say(nf.Frame(2.0, 2, both(2).color, dropped={"depth": nf.DropReason.DISCONTINUITY}))
    assert camera.format is not None
    assert camera.format.depth is not None
    assert camera.format.rate == deep.formats[0].rate == 10.0
    assert [(item.color is None, item.depth is None) for item in first] == [
        (False, False),
        (True, False),
        (False, True),
        (False, True),
    ]
    assert [(item.sequence, item.depth, dict(item.dropped)) for item in second] == [
        (0, None, {}),
        (1, None, {}),
        (2, None, {}),
    ]


def test_a_camera_shared_without_depth_offers_none() -> None:
    branch = SharedSource(Lawful(), WITHOUT_DEPTH).branch()
    assert branch.formats[0].supported_depth_formats == ()
    assert branch.formats[0].still_size == FORMATS[0].still_size


def test_the_device_is_shared_as_it_is_set() -> None:
    device = Device(Lawful())
    with device.lock_for_configuration():
        device.active_format = FORMATS[0].chosen(frame_rate=10.0)
        device.active_depth_format = FORMATS[0].supported_depth_formats[3]
    shared = SharedSource(device)
    assert shared.format == device.configured
    assert shared.branch().formats[0].depth == FORMATS[0].supported_depth_formats[3]


def test_what_is_no_format_of_the_camera_is_refused() -> None:
    with pytest.raises(InvalidConfiguration):
        SharedSource(Lawful(), Format(640, 480))
    with pytest.raises(DeviceNotFound):
        SharedSource("virtual:none")


def test_a_camera_that_breaks_tells_all_and_the_next_start_starts_it_again() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    one, other = shared.branch(), shared.branch()
    first, second = started(one), started(other)
    camera.say(both(0), DeviceLost("the cable", device="test:hand"), both(1))
    assert [type(item) for item in first] == [nf.Frame, DeviceLost]
    assert [type(item) for item in second] == [nf.Frame, DeviceLost]
    one.stop()
    third = started(one)  # the other one has not even stopped
    assert (camera.starts, camera.stops) == (2, 1)
    camera.say(both(0))
    other.stop()
    assert camera.stops == 1
    assert [item.sequence for item in third] == [0]
    assert len(second) == 2
    one.stop()
    assert camera.stops == 2


def test_a_branch_that_fails_ends_alone() -> None:
    camera = Hand()
    shared = SharedSource(camera)
    words: list[Any] = []

    def fail(item: Any) -> None:
        words.append(item)
        if isinstance(item, nf.Frame):
            raise RuntimeError("the receiver failed")

    failing = shared.branch()
    failing.start(failing.formats[0], fail, SystemClock())
    well = started(shared.branch())
    camera.say(both(0), both(1))
    assert [item.sequence for item in well] == [0, 1]
    assert [type(word) for word in words] == [nf.Frame, DeviceLost]
    assert "the receiver failed" in str(words[1])


def test_a_camera_that_refuses_is_asked_again_by_the_next() -> None:
    camera = Hand(refuses=DeviceBusy("in use", device="test:hand"))
    shared = SharedSource(camera)
    branch = shared.branch()
    with pytest.raises(DeviceBusy):
        started(branch)
    camera.refuses = None
    seen = started(branch)
    camera.say(both(0))
    assert len(seen) == 1


def test_another_clock_is_refused_while_it_runs() -> None:
    shared = SharedSource(Hand())
    one, other = shared.branch(), shared.branch()
    started(one, clock=ManualClock())
    with pytest.raises(InvalidConfiguration, match="clock"):
        started(other, clock=ManualClock())
    one.stop()
    started(other, clock=ManualClock())


def test_photos_and_making_ready_are_passed_on_only_where_there_are_any() -> None:
    plain = SharedSource(PlainCamera()).branch()
    assert not isinstance(plain, StillSource)
    assert not isinstance(plain, PreparedSource)
    virtual = SharedSource("virtual:dual").branch()
    assert isinstance(virtual, StillSource)
    assert isinstance(virtual, PreparedSource)
    with pytest.raises(CaptureError, match="while it runs"):
        virtual.still(virtual.formats[0], 0.0)


def test_three_sessions_look_shoot_and_record_at_once(tmp_path: Any) -> None:
    shared = SharedSource(StillCamera())
    with contextlib.ExitStack() as stack:
        look, shoot, keep = (nf.CaptureSession() for _ in range(3))
        depth, photos = nf.DepthOutput(), nf.PhotoOutput()
        recorder = stack.enter_context(nf.capture.Recorder(tmp_path / "take.mcap"))
        for session in (look, shoot, keep):  # closed before the recorder is
            stack.enter_context(session)
        take = nf.capture.RecordingOutput(recorder)
        for session, output in ((look, depth), (shoot, photos), (keep, take)):
            with session.configuration():
                session.add_input(nf.DeviceInput(shared.branch()))
                session.add_output(output)
            if output is photos:
                photos.depth_delivery_enabled = True
            session.start()
        photo = photos.capture(nf.PhotoSettings(depth_delivery_enabled=True)).result(timeout=20)
        frames = depth.frames(timeout=20)
        seen = [next(frames) for _ in range(5)]
    assert photo.color.shape == (48, 64, 3)
    assert photo.depth is not None
    assert len(seen) == 5
    assert len(first_frames(nf.capture.open_source(f"take:{tmp_path}/take.mcap"), 3)) == 3


def test_branches_that_come_and_go_on_many_threads_leave_the_camera_stopped() -> None:
    camera, before = Lawful(), set(threading.enumerate())
    shared = SharedSource(camera, FORMATS[0].chosen(frame_rate=20.0))

    def come_and_go() -> None:
        branch = shared.branch()
        for _ in range(40):
            seen = started(branch)
            branch.stop()
            assert [item.sequence for item in seen] == list(range(len(seen)))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(come_and_go) for _ in range(4)]:
            done.result()
    assert set(threading.enumerate()) <= before
    camera.start(camera.formats[0], lambda _: None, SystemClock())  # it is not busy
    camera.stop()
