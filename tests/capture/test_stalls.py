"""Cameras that go silent without a word: told in time, and forgiven when they go on."""

from __future__ import annotations

import threading

import pytest

import nearfar as nf
from capture.cameras import PlainCamera, StillCamera
from capture.hand import LIMIT, SMALL, HandCamera, Kept, meanwhile, session_of, until_gone, within
from nearfar.capture import (
    EventKind,
    Faults,
    FaultySource,
    Format,
    InterruptionReason,
    ManualClock,
    SessionState,
    SharedSource,
    Still,
)

STALLED = (EventKind.INTERRUPTED, InterruptionReason.DEVICE_STALLED)


def stalled_session(
    **options: bool,
) -> tuple[HandCamera, nf.CaptureSession, ManualClock, Kept, nf.capture.events.EventIterator]:
    """A session whose camera gave one frame and then no more, and knows it."""
    camera, clock, output = HandCamera(**options), ManualClock(), Kept()
    session, _ = session_of(camera, output, clock=clock)
    events = session.events(timeout=LIMIT)
    session.start()
    camera.shoot(clock.now())
    assert next(events).kind is EventKind.STARTED
    told = within(3.0, clock, meanwhile(lambda: next(events)))
    assert (told.kind, told.reason) == STALLED
    assert isinstance(told.error, nf.CaptureError)
    assert "no frame has come" in str(told.error)
    return camera, session, clock, output, events


def looked_at(clock: ManualClock, seconds: float) -> None:
    """Let time pass in steps, and each time wait until the session has seen what time it is."""
    for _ in range(round(seconds / 0.1)):
        clock.advance(0.1)
        while (wake := clock.next_wake) is None or wake <= clock.now():
            threading.Event().wait(0.001)


def test_a_camera_that_stalls_interrupts_the_session_until_it_goes_on() -> None:
    camera, session, clock, output, events = stalled_session()
    with session:
        assert session.state is SessionState.INTERRUPTED
        assert session.interrupted
        assert (camera.stopped, output.halts) == (0, [])  # what is under way may still come
        looked_at(clock, 9.0)
        assert session.state is SessionState.INTERRUPTED
        camera.shoot(clock.now())
        assert within(1.0, clock, meanwhile(lambda: next(events))).kind is EventKind.INTERRUPTION_ENDED
        assert session.running
        assert len(output.frames) == 2
        again = within(3.0, clock, meanwhile(lambda: next(events)))
        assert (again.kind, again.reason) == STALLED
        assert len(camera.started) == 1


def test_a_stalled_camera_that_may_return_is_started_anew() -> None:
    camera, session, clock, output, events = stalled_session(returns=True)
    with session:
        lost = within(6.0, clock, meanwhile(lambda: next(events)))
        assert (lost.kind, lost.reason) == (EventKind.INTERRUPTED, InterruptionReason.DEVICE_LOST)
        assert within(1.0, clock, meanwhile(lambda: next(events))).kind is EventKind.INTERRUPTION_ENDED
        assert session.running
        assert len(camera.started) == 2
        assert output.halts == [lost.error]


@pytest.mark.parametrize("act", ["stop", "start", "end_interruption", "interrupt", "restart", "feed"])
def test_a_stalled_session_does_what_it_is_told(act: str) -> None:
    camera, session, clock, output, events = stalled_session()
    with session:
        if act == "stop":
            session.stop()
            assert session.state is SessionState.IDLE
            session.start()
        elif act == "interrupt":
            session.interrupt(InterruptionReason.BACKGROUND)
            session.end_interruption()
            assert next(events).reason is InterruptionReason.BACKGROUND
            assert next(events).kind is EventKind.INTERRUPTION_ENDED
        elif act == "restart":
            output.change(depth=False)
            told = {next(events).kind, next(events).kind}
            assert told == {EventKind.INTERRUPTION_ENDED, EventKind.RECONFIGURED}
        else:
            if act == "feed":
                session.add_output(Kept())
                assert next(events).kind is EventKind.RECONFIGURED
            else:
                getattr(session, act)()
            assert session.state is SessionState.INTERRUPTED
            camera.shoot(clock.now())
            assert within(1.0, clock, meanwhile(lambda: next(events))).kind is EventKind.INTERRUPTION_ENDED
        assert session.running
        camera.shoot(clock.now())
        assert output.frames


def test_a_slow_camera_has_not_stalled() -> None:
    camera, clock = (
        HandCamera(formats=(Format(8, 6, 0.1, 1.0, SMALL.supported_depth_formats),)),
        ManualClock(),
    )
    session, _ = session_of(camera, Kept(), clock=clock)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        assert next(events).kind is EventKind.STARTED
        for _ in range(5):
            camera.shoot(last := clock.now())
            looked_at(clock, 5.0)
        told = within(10.0, clock, meanwhile(lambda: next(events)))
        assert (told.kind, told.reason) == STALLED
        assert 7.0 <= told.time - last <= 8.0


def test_a_camera_busy_with_a_photo_has_not_stalled() -> None:
    class Busy(StillCamera):
        entered = threading.Event()

        def still(self, format: Format, time: float) -> Still:
            self.entered.set()
            return super().still(format, time)

        def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
            self.gate.wait(LIMIT)
            return super().frame(format, sequence, time)

    camera, clock, output = Busy(), ManualClock(), nf.PhotoOutput()
    session, _ = session_of(camera, output, clock=clock)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        camera.gate.clear()
        photo = output.capture()
        camera.entered.wait(LIMIT)
        looked_at(clock, 10.0)
        camera.gate.set()
        assert photo.result(LIMIT)
    assert [event.kind for event in events] == [EventKind.STARTED, EventKind.STOPPED]


def test_a_shared_camera_busy_with_a_photo_has_not_stalled_for_who_joins_meanwhile() -> None:
    class Busy(HandCamera):
        entered, gate = threading.Event(), threading.Event()

        def still(self, format: Format, time: float) -> Still:
            self.entered.set()
            self.gate.wait(LIMIT)
            return Still(self.frame(time, 0))

    camera, clock, output, kept = Busy(formats=(SMALL,)), ManualClock(), nf.PhotoOutput(), Kept()
    shared = SharedSource(camera)
    photographer, _ = session_of(shared.branch(), output, clock=clock)
    watcher, _ = session_of(shared.branch(), kept, clock=clock)
    events = watcher.events(timeout=LIMIT)
    with photographer, watcher:
        photographer.start()
        photo = output.capture()
        camera.entered.wait(LIMIT)
        watcher.start()
        looked_at(clock, 10.0)
        assert watcher.running
        camera.gate.set()
        assert photo.result(LIMIT)
        camera.shoot(clock.now())
        assert len(kept.frames) == 1
        watcher.stop()
        assert [event.kind for event in events] == [EventKind.STARTED, EventKind.STOPPED]


def test_a_cable_that_stalls_is_told_of_each_time() -> None:
    clock = ManualClock()
    session, _ = session_of(FaultySource(PlainCamera(), Faults(stall=(1.0, 4.0))), Kept(), clock=clock)
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        assert next(events).kind is EventKind.STARTED
        for _ in range(3):
            told = within(6.0, clock, meanwhile(lambda: next(events)))
            assert (told.kind, told.reason) == STALLED
            told = within(6.0, clock, meanwhile(lambda: next(events)))
            assert told.kind is EventKind.INTERRUPTION_ENDED
    until_gone("nearfar session")
