"""`CaptureSession`: from start to stop, and everything that may come in between."""

from __future__ import annotations

import asyncio
import math

import pytest

import nearfar as nf
from capture.hand import DEPTH, SMALL, HandCamera, Kept, elsewhere, session_of, threads
from nearfar.capture import EventKind, InterruptionReason, ManualClock, SessionState

TOLD = {"timeout": 20.0}


def test_frames_go_from_start_to_stop() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    events = session.events(**TOLD)
    with session:
        assert session.state is SessionState.IDLE
        session.start()
        assert session.running
        session.start()
        frames = [camera.shoot(0.1 * index) for index in range(3)]
        assert output.frames == frames
        session.stop()
        assert session.state is SessionState.IDLE
        assert output.halts == [None]
        session.stop()
        session.start()
    assert [event.kind for event in events] == [EventKind.STARTED, EventKind.STOPPED] * 2
    assert camera.stopped == 2
    assert not list(threads())


def test_a_closed_session_lets_go_and_does_nothing_more() -> None:
    output = Kept()
    session, device = session_of(HandCamera(), output)
    session.close()
    session.close()
    assert session.inputs == session.outputs == ()
    assert output.connection is None
    for act in (
        session.start,
        session.configuration().__enter__,
        session.__enter__,
        session.end_interruption,
    ):
        with pytest.raises(nf.CaptureError, match="closed"):
            act()
    other = nf.CaptureSession()
    other.add_input(nf.DeviceInput(device))
    other.add_output(output)
    other.close()


def test_a_start_needs_an_input_and_no_open_configuration() -> None:
    session = nf.CaptureSession()
    with pytest.raises(nf.InvalidConfiguration, match="no input"):
        session.start()
    session, _ = session_of(HandCamera())
    with (
        session.configuration(),
        pytest.raises(nf.InvalidConfiguration, match=r"inside session\.configuration"),
    ):
        session.start()


@pytest.mark.parametrize("fault", [nf.DeviceLost("gone"), nf.DeviceBusy("busy"), RuntimeError("broken")])
def test_a_start_that_fails_says_why_and_can_be_tried_again(fault: Exception) -> None:
    camera = HandCamera()
    camera.fault = fault
    session, _ = session_of(camera, output := Kept())
    events = session.events(**TOLD)
    with session:
        with pytest.raises(nf.CaptureError, match=str(fault)) as raised:
            session.start()
        assert session.state is SessionState.FAILED
        assert session.error is raised.value
        assert output.halts == [raised.value]
        camera.fault = None
        session.start()
        camera.shoot(0.0)
        assert len(output.frames) == 1
    kinds = [EventKind.RUNTIME_ERROR, EventKind.STARTED, EventKind.STOPPED]
    assert [event.kind for event in events] == kinds


def test_a_device_runs_in_one_session_at_a_time() -> None:
    camera = HandCamera()
    (first, device), second = session_of(camera), nf.CaptureSession()
    second.add_input(nf.DeviceInput(device))
    with first, second:
        first.start()
        with pytest.raises(nf.DeviceBusy, match="another session"):
            second.start()
        first.stop()
        second.start()
        with pytest.raises(nf.DeviceBusy, match="another session"):
            first.start()


def test_two_devices_of_one_name_are_two_cameras() -> None:
    sessions = [nf.CaptureSession() for _ in range(2)]
    with sessions[0], sessions[1]:
        for session in sessions:
            session.add_input(nf.DeviceInput("virtual:wide?size=64x48"))
            session.start()
        assert all(session.running for session in sessions)


def test_depth_is_made_only_for_those_who_need_it() -> None:
    camera, output = HandCamera(), Kept(depth=False)
    session, device = session_of(camera, output)
    with session:
        session.start()
        assert camera.started[-1].depth is None
        output.change(depth=True)
        assert camera.started[-1] == SMALL
        assert isinstance(output.halts[0], nf.CaptureError)
        with device.lock_for_configuration():
            device.active_depth_format = DEPTH
        assert camera.started[-1].depth == DEPTH
        with device.lock_for_configuration():
            device.active_depth_min_frame_duration = math.inf
        assert camera.started[-1].depth is None


def test_depth_comes_no_more_often_than_was_set() -> None:
    camera, output = HandCamera(), Kept()
    session, device = session_of(camera, output)
    with device.lock_for_configuration():
        device.active_depth_min_frame_duration = 0.1
    with session:
        session.start()
        for index in range(30):
            camera.shoot(index / 30.0)
        deep = [frame.sequence for frame in output.frames if frame.depth is not None]
        assert deep == list(range(0, 30, 3))
        assert session.counts["color"].delivered == 30
        assert session.counts["depth"].delivered == session.counts["depth"].captured == 10


def test_another_output_needs_no_restart() -> None:
    camera, first, second = HandCamera(), Kept(), Kept()
    session, _ = session_of(camera, first)
    events = session.events(**TOLD)
    with session:
        session.start()
        camera.shoot(0.0)
        session.add_output(second)
        camera.shoot(0.1)
        session.remove_output(first)
        camera.shoot(0.2)
        assert [len(first.frames), len(second.frames)] == [2, 2]
        assert len(camera.started) == 1
        assert first.halts == [None]
    kinds = [EventKind.STARTED, EventKind.RECONFIGURED, EventKind.RECONFIGURED, EventKind.STOPPED]
    assert [event.kind for event in events] == kinds


def test_the_camera_can_be_taken_out_while_it_runs() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        session.remove_input(session.inputs[0])
        assert camera.stopped == 1
        assert output.connection is not None
        assert not output.connection.running
        session.add_input(nf.DeviceInput(nf.Device(camera)))
        assert output.connection.running
        assert len(camera.started) == 2


def test_a_restart_that_fails_ends_the_session_and_undoes_the_configuration() -> None:
    camera, output = HandCamera(), Kept(depth=False)
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.fault = nf.DeviceLost("gone")
        with pytest.raises(nf.DeviceLost, match="gone"):
            output.change(depth=True)
        assert not output.needs_depth
        assert session.state is SessionState.FAILED
        camera.fault = None
        session.start()
        assert camera.started[-1].depth is None


def test_an_interruption_keeps_the_start_for_later() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    events = session.events(**TOLD)
    with session:
        session.interrupt(InterruptionReason.BACKGROUND)
        session.start()
        assert session.state is SessionState.INTERRUPTED
        assert not camera.started
        session.end_interruption()
        assert session.running
        camera.shoot(0.0)
        session.interrupt(InterruptionReason.SYSTEM_PRESSURE)
        assert session.interrupted
        session.interrupt(InterruptionReason.DEVICE_IN_USE)
        session.end_interruption()
        assert session.running
        camera.shoot(0.0)
        assert len(output.frames) == 2
    told = [(event.kind, event.reason) for event in events]
    assert told == [
        (EventKind.INTERRUPTED, InterruptionReason.BACKGROUND),
        (EventKind.INTERRUPTION_ENDED, None),
        (EventKind.STARTED, None),
        (EventKind.INTERRUPTED, InterruptionReason.SYSTEM_PRESSURE),
        (EventKind.INTERRUPTION_ENDED, None),
        (EventKind.STOPPED, None),
    ]


def test_a_device_that_gives_no_frame_fails_by_a_deadline() -> None:
    camera, clock = HandCamera(), ManualClock()
    session, _ = session_of(camera, output := Kept(), clock=clock)
    events = session.events(**TOLD)
    with session:
        session.start()
        assert next(events).kind is EventKind.STARTED
        clock.advance(5.0)
        event = next(events)
        assert event.kind is EventKind.RUNTIME_ERROR
        assert "no frame came" in str(event.error)
        assert event.time <= 5.0
        assert session.state is SessionState.FAILED
        assert output.halts == [event.error]
        assert camera.stopped == 1


def test_what_fails_at_the_end_is_reported_and_the_end_comes() -> None:
    class Sour(HandCamera):
        def stop(self) -> None:
            super().stop()
            raise OSError("no such device")

    class Bitter(Kept):
        def halt(self, error: nf.CaptureError | None) -> None:
            raise KeyError("at the halt")

    session, _ = session_of(Sour(), Bitter(), last := Kept())
    events = session.events(**TOLD)
    with session:
        session.start()
        session.stop()
        assert session.state is SessionState.IDLE
        assert last.halts == [None]
        session.start()
    errors = [type(event.error) for event in events if event.error is not None]
    assert errors == [KeyError, OSError] * 2


def test_room_for_no_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="max_live_frames"):
        nf.CaptureSession(max_live_frames=0)


def test_an_iterator_of_a_closed_session_ends() -> None:
    session = nf.CaptureSession()
    events = session.events()
    session.close()
    assert list(events) == []


def test_events_can_be_awaited() -> None:
    async def told() -> list[EventKind]:
        session, _ = session_of(HandCamera())
        events, silence = session.events(**TOLD), session.events(timeout=0.01)
        assert [event async for event in silence] == []
        starting = asyncio.get_running_loop().run_in_executor(None, session.start)
        kinds = [(await anext(events)).kind]
        await starting
        await asyncio.get_running_loop().run_in_executor(None, session.close)
        return kinds + [event.kind async for event in events]

    assert asyncio.run(told()) == [EventKind.STARTED, EventKind.STOPPED]


def test_a_listener_hears_events_and_may_stop_the_session() -> None:
    camera, heard = HandCamera(), []
    session, _ = session_of(camera)
    events = session.events(**TOLD)

    def listener(event: nf.capture.SessionEvent) -> None:
        heard.append(event.kind)
        if event.kind is EventKind.STARTED:
            session.stop()
            raise RuntimeError("a listener may fail")

    session.add_listener(listener)
    session.start()
    assert [next(events).kind, next(events).kind] == [EventKind.STARTED, EventKind.STOPPED]
    session.remove_listener(listener)
    session.close()
    assert heard[0] is EventKind.STARTED


def test_an_output_that_fails_is_reported_and_the_rest_goes_on() -> None:
    def fail(frame: nf.Frame) -> None:
        raise ZeroDivisionError("by an output")

    camera, bad, good = HandCamera(), Kept(also=fail), Kept()
    session, _ = session_of(camera, bad, good)
    events = session.events(**TOLD)
    with session:
        session.start()
        camera.shoot(0.0)
        camera.shoot(0.1)
        assert session.running
        assert len(good.frames) == 2
    assert [type(event.error) for event in events][1:3] == [ZeroDivisionError] * 2


def test_an_output_may_stop_the_session_from_the_cameras_own_thread() -> None:
    camera = HandCamera()
    session, _ = session_of(camera, Kept(also=lambda _: session.stop()))
    events = session.events(**TOLD)
    with session:
        session.start()
        elsewhere(lambda: camera.shoot(0.0))
        assert [next(events).kind, next(events).kind] == [EventKind.STARTED, EventKind.STOPPED]


def test_counts_are_the_last_starts() -> None:
    camera = HandCamera()
    session, _ = session_of(camera, Kept())
    with session:
        for _ in range(2):
            session.start()
            camera.shoot(0.0)
            assert session.counts["color"].captured == 1
            session.stop()
            assert session.counts["color"].captured == 1
