"""The way of frames through a session: nothing unaccounted, in order, in host time, within the pool."""

from __future__ import annotations

import gc
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from capture.hand import ROOMY, HandCamera, Kept, session_of
from nearfar.capture import EventKind, ManualClock
from nearfar.depth import Calibration, DropReason

DISCONTINUITY, OUT_OF_BUFFERS = DropReason.DISCONTINUITY, DropReason.OUT_OF_BUFFERS


def stream_of(frame: nf.Frame, name: str) -> DropReason | str | None:
    """What a frame says of a stream: that it is there, why it is not, or nothing."""
    return "there" if getattr(frame, name) is not None else frame.dropped.get(name)


SHOTS = st.tuples(
    st.sampled_from([(True, True), (True, False), (False, True)]),
    st.sampled_from([0, 0, 0, 0, 1, 3, -1]),
    st.sampled_from([0.03, 0.03, 0.03, 0.5, 3.0, 0.0, -0.01, -0.5, -3.0]),
    st.sampled_from([0.0, 0.03, 0.1]),
    st.booleans(),
)
"""What is in it, how many numbers are skipped, how the camera's time and the host's go on, and is it kept."""


CLOCKS = st.sampled_from(["host", "device"])
SPACINGS = st.sampled_from([0.0, 0.1, math.inf])


@given(st.lists(SHOTS, max_size=40), CLOCKS, SPACINGS)
def test_every_frame_is_delivered_or_dropped_for_a_reason(
    shots: list[Any], clock_of: str, spacing: float
) -> None:
    clock, camera, output = ManualClock(100.0), HandCamera(clock=clock_of), Kept()
    session, device = session_of(camera, output, clock=clock, max_live_frames=4)
    told: dict[str, list[Any]] = {"color": [], "depth": []}
    last = {"color": -math.inf, "depth": -math.inf}
    held = []
    with session:
        with device.lock_for_configuration():
            device.active_depth_min_frame_duration = spacing or None
        session.start()
        time, numbers = 100.0, {True: 0, False: 0}
        for (colored, deep), skipped, step, passed, keep in shots:
            clock.advance(passed)
            time += step
            number = max(0, numbers[colored] + skipped)
            numbers[colored] = number + 1
            camera.shoot(time, number, color=colored, depth=deep)
            for frame in output.frames:
                for name, before in last.items():
                    said = stream_of(frame, name)
                    if said is not None:
                        assert frame.time > before
                        last[name] = frame.time
                        told[name].append(said)
            held += output.frames if keep else []
            output.frames.clear()
            assert all(living <= 4 for living in session.live_frames.values())
        for name, counts in session.counts.items():
            assert counts.captured == counts.delivered + counts.lost
            assert counts.delivered == told[name].count("there")
            for reason in DropReason:
                assert counts.dropped[reason] == told[name].count(reason)


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.booleans())
def test_what_the_camera_lost_is_counted_and_told_at_its_time(arrives: list[bool], joined: bool) -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    arrives = [*arrives, True]
    with session:
        session.start()
        for number, there in enumerate(arrives):
            if there and joined:
                camera.shoot(number / 30.0, number)
            elif there:
                camera.shoot(number / 30.0, number, depth=False)
                camera.shoot(number / 30.0, number, color=False, depth=True)
        for name, counts in session.counts.items():
            assert counts.captured == len(arrives)
            assert counts.delivered == sum(arrives)
            assert counts.dropped[DISCONTINUITY] == counts.lost
            seen = [frame for frame in output.frames if stream_of(frame, name) is not None]
            assert [frame.sequence for frame in seen] == list(range(len(arrives)))
            assert [stream_of(frame, name) == "there" for frame in seen] == arrives
            times = [frame.time for frame in seen]
            assert np.allclose(times, np.arange(len(arrives)) / 30.0, atol=1e-5)


def test_colour_comes_only_to_those_who_need_it() -> None:
    camera, output = HandCamera(), Kept(color=False)
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.shoot(0.0)
        camera.shoot(0.1, depth=False)
        output.change(color=True)
        camera.shoot(0.2)
        assert [frame.color is not None for frame in output.frames] == [False, True]
        assert [session.counts[name].captured for name in ("color", "depth")] == [1, 2]
        assert session.counts["depth"].lost == 0
        assert len(camera.started) == 1


def test_depth_at_half_the_rate_is_not_lost() -> None:
    camera = HandCamera()
    session, _ = session_of(camera, Kept())
    with session:
        session.start()
        for number in range(10):
            camera.shoot(number / 30.0, number, depth=number % 2 == 0)
        assert session.counts["depth"].captured == session.counts["depth"].delivered == 5


def test_a_long_row_of_lost_frames_is_counted_whole_and_told_in_part() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.shoot(0.0)
        camera.shoot(1e6, 10**9)
        assert session.counts["color"].captured == 10**9 + 1
        assert len(output.frames) == 102


def test_what_comes_late_is_passed_over() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        for number in (0, 2, 1, 3):
            camera.shoot(number / 30.0, number)
        assert [frame.sequence for frame in output.frames] == [0, 1, 2, 3]
        assert session.counts["color"].dropped[DISCONTINUITY] == 1


def test_a_client_that_keeps_everything_gets_no_more_until_it_lets_go() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output, max_live_frames=5)
    with session:
        session.start()
        for number in range(8):
            camera.shoot(number / 30.0)
        assert [frame.color is not None for frame in output.frames] == [True] * 5 + [False] * 3
        assert output.frames[-1].dropped == {"color": OUT_OF_BUFFERS, "depth": OUT_OF_BUFFERS}
        assert session.live_frames == {"color": 5, "depth": 5}
        corner = output.frames[0].color[:1, :1]  # type: ignore[index]
        output.frames.clear()
        gc.collect()
        assert session.live_frames == {"color": 1, "depth": 0}  # a slice holds all of it
        del corner
        camera.shoot(1.0, 8)
        assert output.frames[-1].color is not None
        counts = session.counts["depth"]
        assert (counts.captured, counts.delivered, counts.dropped[OUT_OF_BUFFERS]) == (9, 6, 3)


def test_memory_that_is_given_twice_is_counted_once() -> None:
    camera = HandCamera()
    session, _ = session_of(camera, output := Kept(), max_live_frames=1)
    with session:
        session.start()
        frame = camera.shoot(0.0)
        camera.emit(frame.replace(time=1.0, sequence=1))  # type: ignore[misc]
        assert all(kept.color is not None for kept in output.frames)


def test_a_cameras_own_clock_is_fitted_to_the_hosts() -> None:
    clock, camera, output = ManualClock(500.0), HandCamera(clock="device"), Kept()
    session, _ = session_of(camera, output, clock=clock)
    with session:
        session.start()
        for number in range(60):
            clock.advance(1.0 / 30.0)
            camera.shoot(7.0 + number / 30.0)
        times = np.array([frame.time for frame in output.frames])
        assert np.allclose(times, 500.0 + np.arange(1, 61) / 30.0, atol=1e-4)
        camera.shoot(3.0, 60)  # its clock jumps back
        clock.advance(1.0 / 30.0)
        camera.shoot(3.0 + 1.0 / 30.0, 61)
        jumped, after = output.frames[-2:]
        assert jumped.dropped == {"color": DISCONTINUITY, "depth": DISCONTINUITY}
        assert abs(after.time - clock.now()) < 0.05
        assert after.time > jumped.time > times[-1]
        assert session.counts["color"].dropped[DISCONTINUITY] == 1


def test_a_host_clock_that_runs_back_far_is_not_believed_any_more() -> None:
    clock, camera, output = ManualClock(500.0), HandCamera(), Kept()
    session, _ = session_of(camera, output, clock=clock)
    with session:
        session.start()
        camera.shoot(500.0)
        camera.shoot(499.9)
        camera.shoot(499.95)
        for number in range(5):
            clock.advance(0.1)
            camera.shoot(3.0 + 0.1 * number)
        lost = [bool(frame.dropped) for frame in output.frames]
        assert lost == [False, True, True, True, False, False, False, False]
        times = [frame.time for frame in output.frames]
        assert times == sorted(times)
        assert times[-1] <= clock.now()


def test_what_is_no_frame_is_reported() -> None:
    camera = HandCamera()
    session, _ = session_of(camera)
    events = session.events(timeout=20.0)
    with session:
        session.start()
        camera.emit("a frame")  # type: ignore[misc]
        assert session.running
    assert "source emits Frames, and an error at the end; not str" in str(list(events)[1].error)


def test_what_a_stopped_camera_still_gives_reaches_nobody() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        emit, frame = camera.emit, camera.frame(0.0, 0)
        session.stop()
        assert emit is not None
        emit(frame)
        emit(nf.DeviceLost("too late"))
        assert not output.frames
        session.start()
        emit(nf.DeviceLost("too late"))
        assert session.running


def test_a_pose_alone_passes_and_counts_nothing() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.emit(nf.Frame(0.0, 0, pose=nf.Pose.identity()))  # type: ignore[misc]
        camera.emit(nf.Frame(0.0, 0))  # type: ignore[misc]
        assert len(output.frames) == 1
        assert session.counts["color"].captured == 0


def test_a_pose_alone_has_host_time() -> None:
    camera, clock, output = HandCamera(clock="device"), ManualClock(100.0), Kept()
    session, _ = session_of(camera, output, clock=clock)
    with session:
        session.start()
        camera.shoot(7.0)
        clock.advance(0.5)
        camera.emit(nf.Frame(7.25, 0, pose=nf.Pose.identity()))  # type: ignore[misc]
        assert [frame.time for frame in output.frames] == [100.0, 100.25]


def test_what_the_camera_says_it_dropped_is_dropped() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        frame = camera.frame(0.0, 0).replace(depth=None, dropped={"depth": DropReason.LATE_DATA})
        camera.emit(frame)  # type: ignore[misc]
        assert output.frames == [frame]
        assert session.counts["depth"].dropped[DropReason.LATE_DATA] == session.counts["depth"].captured == 1
        assert session.counts["color"].delivered == 1


def test_zoom_shows_the_middle_at_the_same_size() -> None:
    camera, output = HandCamera(formats=(ROOMY,)), Kept()
    session, device = session_of(camera, output)
    ramp = np.tile(np.arange(16, dtype=np.uint8)[:, np.newaxis], (12, 1, 3))
    with device.lock_for_configuration():
        device.zoom_factor = 2.0
    with session:
        session.start()
        calibration = Calibration.from_field_of_view(1.0, (16, 12))
        depth = nf.DepthMap(ramp[..., 0].astype(np.float32), "disparity", calibration=calibration)
        camera.emit(nf.Frame(0.0, 0, ramp, depth))  # type: ignore[misc]
    frame = output.frames[0]
    assert frame.color is not None
    assert frame.depth is not None
    assert frame.color.shape == ramp.shape
    expected = 4.0 + (np.arange(16) + 0.5) / 2.0
    assert np.abs(frame.color[5, :, 0] - (expected - 0.5)).max() <= 0.5
    assert (frame.depth.values[5] == np.floor(expected)).all()
    zoomed = frame.depth.calibration
    assert zoomed is not None
    assert zoomed.fx == pytest.approx(2.0 * calibration.fx)
    assert (zoomed.cx, zoomed.cy) == pytest.approx((calibration.cx, calibration.cy))


def test_events_of_a_stream_that_ends() -> None:
    camera, output = HandCamera(), Kept()
    session, _ = session_of(camera, output)
    events = session.events(timeout=20.0)
    with session:
        session.start()
        camera.shoot(0.0)
        assert camera.emit is not None
        camera.emit(nf.DeviceLost("the stream is at its end"))
        kinds = [next(events).kind for _ in range(3)]
        assert kinds == [EventKind.STARTED, EventKind.INTERRUPTED, EventKind.RUNTIME_ERROR]
