"""What goes wrong with cameras and programs, and what a session makes of it: never a hang, never a leak."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from capture.hand import (
    LIMIT,
    SMALL,
    HandCamera,
    Kept,
    elsewhere,
    meanwhile,
    session_of,
    threads,
    until_gone,
    within,
)
from nearfar.capture import (
    Clock,
    DeviceInfo,
    EventKind,
    Faults,
    FaultySource,
    Format,
    InterruptionReason,
    ManualClock,
    PacedSource,
    SessionState,
)
from nearfar.capture.source import Emit
from soaking import rounds


class StuckCamera(HandCamera):
    """Hangs where it is told to, until it is let go."""

    def __init__(self, *, starting: bool = False, stopping: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.starting, self.stopping = starting, stopping
        self.entered, self.let_go = threading.Event(), threading.Event()

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        if self.starting:
            self.entered.set()
            assert self.let_go.wait(LIMIT)
        super().start(format, emit, clock)

    def stop(self) -> None:
        if self.stopping:
            self.entered.set()
            assert self.let_go.wait(LIMIT)
        super().stop()


def open_files() -> int:
    """How many descriptors this process has; 0 where the system does not list them as Linux does."""
    listed = Path("/proc/self/fd")
    return len(os.listdir(listed)) if listed.is_dir() else 0


@pytest.mark.soak
def test_an_unplugged_camera_goes_on_when_it_is_back() -> None:
    clock, camera, output = ManualClock(), HandCamera(returns=True), Kept()
    session, _ = session_of(camera, output, clock=clock)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        assert next(events).kind is EventKind.STARTED
        before = open_files()
        for _ in range(rounds(10, 1000)):
            camera.shoot(clock.now())
            camera.fault = gone = nf.DeviceLost("pulled out")
            assert camera.emit is not None
            camera.emit(gone)
            event = next(events)
            assert (event.kind, event.reason) == (EventKind.INTERRUPTED, InterruptionReason.DEVICE_LOST)
            assert event.error is gone
            assert event.time == clock.now()
            assert session.state is SessionState.INTERRUPTED
            for _ in range(random.Random(len(output.frames)).randrange(4)):
                clock.advance(0.4)
            camera.fault = None
            told = within(2.0, clock, meanwhile(lambda: next(events).kind))
            assert told is EventKind.INTERRUPTION_ENDED
            assert session.running
            assert output.halts[-1] is gone
            assert len(list(threads())) == 1
        assert open_files() == before
    assert camera.stopped == len(camera.started)
    assert not list(threads())
    assert len(output.frames) == rounds(10, 1000)


def test_a_camera_that_came_back_and_gives_nothing_is_lost_again() -> None:
    clock, camera = ManualClock(), HandCamera(returns=True)
    session, _ = session_of(camera, Kept(), clock=clock)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        camera.shoot(0.0)
        assert camera.emit is not None
        camera.emit(nf.DeviceLost("pulled out"))
        assert [next(events).kind, next(events).kind] == [EventKind.STARTED, EventKind.INTERRUPTED]
        told = within(2.0, clock, meanwhile(lambda: next(events).kind))
        assert told is EventKind.INTERRUPTION_ENDED
        lost = within(5.0, clock, meanwhile(lambda: next(events)))
        assert lost.reason is InterruptionReason.DEVICE_LOST
        assert "no frame came" in str(lost.error)


@pytest.mark.soak
def test_cameras_that_come_and_go_leave_nothing_behind() -> None:
    camera = HandCamera()
    session, _ = session_of(camera, Kept())
    session.close()
    before = open_files(), threading.active_count()
    for _ in range(rounds(10, 1000)):
        session, _ = session_of(camera, Kept())
        events = session.events(timeout=LIMIT)
        with session:
            session.start()
            camera.shoot(0.0)
            assert camera.emit is not None
            camera.emit(nf.DeviceLost("pulled out"))
            kinds = [next(events).kind for _ in range(3)]
            assert kinds == [EventKind.STARTED, EventKind.INTERRUPTED, EventKind.RUNTIME_ERROR]
    until_gone("nearfar session")
    assert (open_files(), threading.active_count()) == before


def test_a_stream_that_breaks_is_a_loss_with_its_cause() -> None:
    camera = HandCamera()
    session, _ = session_of(camera, output := Kept())
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        assert camera.emit is not None
        camera.emit(ZeroDivisionError("in a source"))
        _, lost, failed = (next(events) for _ in range(3))
        assert isinstance(lost.error, ZeroDivisionError)
        assert isinstance(failed.error, nf.CaptureError)
        assert failed.error.__cause__ is lost.error
        until_gone("nearfar session")
        assert session.state is SessionState.FAILED
        assert output.halts == [failed.error]
        session.stop()
        assert session.state is SessionState.IDLE


def test_a_camera_that_hangs_at_its_start_is_left_behind() -> None:
    clock, camera = ManualClock(), StuckCamera(starting=True)
    session, _ = session_of(camera, output := Kept(), clock=clock)
    with session:
        starting = meanwhile(session.start)
        assert camera.entered.wait(LIMIT)
        with pytest.raises(nf.CaptureError, match="did not start within"):
            within(5.0, clock, starting)
        assert session.state is SessionState.FAILED
        with pytest.raises(nf.DeviceBusy, match="while it hung"):
            session.start()
        camera.let_go.set()
        until_gone("nearfar session")
        assert camera.stopped == 1
        camera.starting = False
        session.start()
        camera.shoot(0.0)
        assert len(output.frames) == 1


def test_a_camera_that_hung_does_not_meddle_with_what_came_after_it() -> None:
    class Ends(Kept):
        ends = 0

        def ended(self) -> None:
            self.ends += 1

    clock, stuck, other, output = ManualClock(), StuckCamera(starting=True), HandCamera(), Ends()
    session, _ = session_of(stuck, output, clock=clock)
    with session:
        starting = meanwhile(session.start)
        assert stuck.entered.wait(LIMIT)
        (left,) = (thread for thread in threading.enumerate() if thread.name == "nearfar session")
        with pytest.raises(nf.CaptureError, match="did not start within"):
            within(5.0, clock, starting)
        with session.configuration():
            session.remove_input(session.inputs[0])
            session.add_input(nf.DeviceInput(other))
        session.start()
        before = len(output.halts), output.ends
        stuck.fault = nf.DeviceLost("pulled out at last")
        stuck.let_go.set()
        left.join(LIMIT)
        assert (len(output.halts), output.ends) == before
        other.shoot(0.0)
        assert len(output.frames) == 1


def test_callbacks_that_hang_do_not_add_up_when_a_session_stops() -> None:
    clock, camera, let_go = ManualClock(), HandCamera(), threading.Event()
    outputs = [nf.VideoOutput(lambda _: let_go.wait(LIMIT)) for _ in range(6)]
    session, _ = session_of(camera, *outputs, clock=clock)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        camera.shoot(0.0)
        within(1.0, clock, meanwhile(session.stop))
        assert [next(events).kind, next(events).kind] == [EventKind.STARTED, EventKind.STOPPED]
        let_go.set()
    until_gone("nearfar color output")


def test_a_session_that_is_being_closed_is_not_started() -> None:
    class Late(HandCamera):
        def stop(self) -> None:
            super().stop()
            starting.append(meanwhile(session.start))

    starting: list[Any] = []
    camera = Late()
    session, _ = session_of(camera, Kept())
    session.start()
    session.close()
    with pytest.raises(nf.CaptureError, match="closed"):
        starting[0].result(LIMIT)
    assert len(camera.started) == 1
    until_gone("nearfar session")


@pytest.mark.parametrize("starting", [True, False])
def test_a_stop_takes_no_second_whatever_hangs(starting: bool) -> None:
    clock, camera = ManualClock(), StuckCamera(starting=starting, stopping=not starting)
    session, _ = session_of(camera, output := Kept(), clock=clock)
    events = session.events(timeout=LIMIT)
    begun = meanwhile(session.start)
    if starting:
        assert camera.entered.wait(LIMIT)
    else:
        begun.result(LIMIT)
        assert next(events).kind is EventKind.STARTED
    within(1.0, clock, meanwhile(session.stop))
    assert [next(events).kind, next(events).kind] == [EventKind.RUNTIME_ERROR, EventKind.STOPPED]
    assert session.state is SessionState.IDLE
    assert output.halts[-1] is None
    if starting:
        begun.result(LIMIT)
    camera.let_go.set()
    until_gone("nearfar session")
    camera.starting = camera.stopping = False
    session.start()
    session.close()


def test_a_start_after_a_stop_that_hangs_says_that_the_camera_is_taken() -> None:
    clock, camera = ManualClock(), StuckCamera(stopping=True)
    session, _ = session_of(camera, Kept(also=lambda _: session.stop()), clock=clock)
    session.start()
    elsewhere(lambda: camera.shoot(0.0))  # stops without waiting
    assert camera.entered.wait(LIMIT)
    assert session.state is SessionState.STOPPING
    with pytest.raises(nf.DeviceBusy, match="while it hung"):
        within(5.0, clock, meanwhile(session.start))
    camera.let_go.set()
    until_gone("nearfar session")
    camera.stopping = False
    session.start()
    session.close()


def test_a_stop_comes_through_while_another_thread_configures() -> None:
    session, _ = session_of(HandCamera(), Kept())
    session.start()
    with session.configuration():
        elsewhere(session.stop)
        assert session.state is SessionState.IDLE
    session.close()


def test_a_stop_comes_through_while_a_restart_hangs() -> None:
    clock, camera, output = ManualClock(), StuckCamera(), Kept(depth=False)
    session, _ = session_of(camera, output, clock=clock)
    session.start()
    camera.starting = True
    changing = meanwhile(lambda: output.change(depth=True))
    assert camera.entered.wait(LIMIT)
    within(1.0, clock, meanwhile(session.stop))
    changing.result(LIMIT)
    assert session.state is SessionState.IDLE
    assert output.needs_depth
    camera.let_go.set()
    until_gone("nearfar session")
    session.close()


def test_starting_stopping_and_configuring_at_once_ends_well() -> None:
    camera, output = HandCamera(returns=True), Kept()
    session, _ = session_of(camera, output)

    def act(seed: int) -> None:
        pick = random.Random(seed)
        for _ in range(60):
            act = pick.randrange(6)
            if act == 0:
                session.start()
            elif act == 1:
                session.stop()
            elif act == 2:
                output.change(depth=pick.random() < 0.5)
            elif act == 3:
                session.interrupt(InterruptionReason.DEVICE_IN_USE)
            elif act == 4:
                session.end_interruption()
            elif (emit := camera.emit) is not None:
                emit(nf.DeviceLost("pulled out"))

    with session:
        for running in [meanwhile(lambda seed=seed: act(seed)) for seed in range(4)]:  # type: ignore[misc]
            running.result(LIMIT)
        session.end_interruption()
        session.stop()
        assert session.state is SessionState.IDLE
        assert camera.emit is None
        assert camera.stopped == len(camera.started)
        session.start()
        camera.shoot(0.0)
        assert session.counts["color"].delivered == 1
    assert not list(threads())


def test_counts_add_up_over_a_bad_cable() -> None:
    class Plain(PacedSource):
        info, formats = DeviceInfo("test:plain", "Plain"), (SMALL,)

        def frame(self, format: Format, sequence: int, time: float) -> nf.Frame:
            depth = nf.DepthMap(np.ones((3, 4), np.float16), "disparity")
            return nf.Frame(time, sequence, np.zeros((6, 8, 3), np.uint8), depth)

    clock, output = ManualClock(), Kept()
    faults = Faults(drop=0.3, jitter=0.01, jump=(0.5, -5.0), unplug=1.0, back=0.3, seed=3)
    session, _ = session_of(FaultySource(Plain(), faults), output, clock=clock, max_live_frames=10**6)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        ended = meanwhile(lambda: [event for event in events if event.kind is EventKind.INTERRUPTION_ENDED])
        for _ in range(300):
            within(1.0 / 30.0, clock, meanwhile(lambda: None))
            clock.advance(1.0 / 30.0)
        for name, counts in session.counts.items():
            said = [frame.dropped.get(name) or getattr(frame, name) is not None for frame in output.frames]
            assert counts.captured == counts.delivered + counts.lost
            assert counts.delivered == said.count(True)
            assert counts.lost == sum(reason not in (True, False) for reason in said)
            assert counts.delivered > 0
            assert counts.lost > 0
        session.close()
        assert ended.result(LIMIT)
