"""A session's life, frame after frame, and what each call does out of place."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nearfar.errors import DeviceLost, InvalidStateError, NotSupportedError
from nearfar.xr import (
    DepthStateInit,
    DeviceFrame,
    SimulatedDevice,
    XRFrame,
    XRSession,
    request_session,
)
from xr_sessions import depth_session, first_view, plain_session


def test_a_frame_lasts_until_the_next_one() -> None:
    with plain_session() as session:
        assert session.active_frame is None
        frames = session.frames()
        one = next(frames)
        assert one.active
        assert session.active_frame is one
        other = next(frames)
        assert other.active
        assert not one.active
        assert other.predicted_display_time > one.predicted_display_time
    assert not other.active


def test_a_loop_ends_with_its_session() -> None:
    seen = []
    with plain_session() as session:
        for frame in session.frames():
            seen.append(frame)
            if len(seen) == 3:
                session.end()
        assert session.ended
    assert len(seen) == 3
    assert not any(frame.active for frame in seen)


def test_frames_for_a_task() -> None:
    async def watch() -> list[XRFrame]:
        seen = []
        with depth_session() as session:
            async for frame in session.frames():
                assert all(not before.active for before in seen)
                assert first_view(frame).frame is frame
                seen.append(frame)
                if len(seen) == 3:
                    break
        return seen

    times = [frame.predicted_display_time for frame in asyncio.run(watch())]
    assert times == sorted(set(times))


def test_a_task_that_is_cancelled_leaves_its_frame_to_the_next() -> None:
    async def watch() -> float:
        with request_session("inline") as session:
            frames = session.frames()
            await anext(frames)
            task = asyncio.ensure_future(anext(frames))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert session.active_frame is None
            return (await anext(frames)).predicted_display_time

    assert asyncio.run(watch()) > 0.0


class Bell(SimulatedDevice):
    """A device that gives a frame each time it is rung, and knows how many wait for one."""

    def __init__(self) -> None:
        super().__init__()
        self._rings = threading.Semaphore(0)
        self.waiting = 0

    def ring(self) -> None:
        self._rings.release()

    def stop(self) -> None:
        super().stop()
        self.ring()

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:
        self.waiting += 1
        rung = self._rings.acquire(timeout=timeout)
        self.waiting -= 1
        return super().next_frame() if rung else None


def test_tasks_that_give_up_lose_no_frame() -> None:
    async def watch(bell: Bell, session: XRSession) -> None:
        for _ in range(4):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(session.frames()), 0.01)
            assert bell.waiting == 1
        assert [frame async for frame in session.frames(timeout=0.01)] == []
        bell.ring()
        assert (await anext(session.frames())).device_frame.sequence == 0
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(session.frames()), 0.01)

    bell = Bell()
    with request_session("immersive-ar", device=bell) as session:
        asyncio.run(watch(bell, session))
        assert next(session.frames(timeout=0.01), None) is None
        assert bell.waiting == 1
        bell.ring()
        assert next(session.frames(timeout=5)).device_frame.sequence == 1
        assert not session.ended


class Stumbling(SimulatedDevice):
    """A device whose first frame cannot be had."""

    def next_frame(self, timeout: float | None = None) -> DeviceFrame | None:
        frame = super().next_frame(timeout)
        if frame is not None and frame.sequence == 0:
            raise NotSupportedError("no unit")
        return frame


def test_a_frame_that_cannot_be_had_is_not_the_last() -> None:
    async def watch(session: XRSession) -> int:
        with pytest.raises(NotSupportedError):
            await anext(session.frames())
        return (await anext(session.frames())).device_frame.sequence

    with request_session("immersive-ar", device=Stumbling()) as session:
        assert asyncio.run(watch(session)) == 1
    with request_session("immersive-ar", device=Stumbling()) as session:
        with pytest.raises(NotSupportedError):
            next(session.frames())
        assert next(session.frames()).device_frame.sequence == 1


LEFT_WAITING = """
import asyncio, threading
from nearfar.xr import SimulatedDevice, request_session

class Silent(SimulatedDevice):
    def next_frame(self, timeout=None):
        threading.Event().wait(timeout)

async def watch():
    await asyncio.wait_for(anext(session.frames()), 0.01)

session = request_session("immersive-ar", device=Silent())
try:
    asyncio.run(watch())
except TimeoutError:
    print("leaving")
"""


def test_a_wait_that_was_left_behind_does_not_hold_up_the_end_of_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_WAITING], timeout=60, check=True, capture_output=True, text=True
    )
    assert done.stdout == "leaving\n"
    assert done.stderr == ""


def test_one_task_waits_at_a_time() -> None:
    async def watch() -> None:
        bell = Bell()
        with request_session("immersive-ar", device=bell) as session:
            first = asyncio.ensure_future(anext(session.frames()))
            await asyncio.sleep(0)
            with pytest.raises(InvalidStateError, match="another task"):
                await anext(session.frames())
            with pytest.raises(InvalidStateError, match="another task"):
                next(session.frames())
            bell.ring()
            assert (await first).active

    asyncio.run(watch())


def test_no_frame_in_time_leaves_the_session_alive() -> None:
    with request_session("inline") as session:
        frames = session.frames(timeout=0.0)
        list(frames)
        assert not session.ended
        assert next(session.frames()).active


def test_a_device_that_goes_ends_the_session() -> None:
    device = SimulatedDevice()
    heard: list[XRSession] = []
    with request_session("immersive-ar", device=device) as session:
        session.add_end_listener(heard.append)
        frame = next(session.frames())
        device.disconnect()
        with pytest.raises(DeviceLost):
            next(session.frames())
        assert session.ended
        assert not frame.active
        assert heard == [session]


def test_a_device_at_its_end_ends_the_session() -> None:
    device = SimulatedDevice()
    with request_session("immersive-ar", device=device) as session:
        device.stop()
        assert list(session.frames()) == []
        assert session.ended


def test_end_listeners(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def fail(_: XRSession) -> None:
        raise RuntimeError("as planned")

    def forgotten(_: XRSession) -> None:
        heard.append("forgotten")

    with plain_session() as session:
        session.add_end_listener(fail)
        session.add_end_listener(forgotten)
        session.add_end_listener(lambda ended: heard.append(f"ended: {ended.ended}"))
        session.remove_end_listener(forgotten)
        session.end()
        with pytest.raises(InvalidStateError):
            session.end()
    assert heard == ["ended: True"]
    assert "as planned" in caplog.text


# Callbacks


def test_callbacks_are_called_in_the_next_frame() -> None:
    calls: list[tuple[str, XRFrame]] = []
    with plain_session() as session:

        def again(time: float, frame: XRFrame) -> None:
            assert frame.active
            assert time == frame.predicted_display_time
            calls.append(("again", frame))
            if len(calls) < 4:
                session.request_animation_frame(again)

        session.request_animation_frame(again)
        session.request_animation_frame(lambda _, frame: calls.append(("once", frame)))
        assert not calls
        session.run()
        assert not session.ended
    assert [name for name, _ in calls] == ["again", "once", "again", "again"]
    frames = [frame for _, frame in calls]
    assert frames[0] is frames[1]
    assert len(set(map(id, frames))) == 3
    assert not any(frame.active for frame in frames)


def test_callbacks_can_be_cancelled() -> None:
    calls: list[str] = []
    with plain_session() as session:
        before = session.request_animation_frame(lambda *_: calls.append("before"))
        session.request_animation_frame(lambda *_: session.cancel_animation_frame(later))
        later = session.request_animation_frame(lambda *_: calls.append("later"))
        session.request_animation_frame(lambda *_: calls.append("last"))
        assert 0 < before < later
        session.cancel_animation_frame(before)
        session.cancel_animation_frame(before)
        session.run()
    assert calls == ["last"]


def test_an_exception_in_a_callback_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[float] = []

    def fail(time: float, frame: XRFrame) -> None:
        raise RuntimeError("as planned")

    with plain_session() as session:
        session.request_animation_frame(fail)
        session.request_animation_frame(lambda time, _: calls.append(time))
        session.run()
        assert not session.ended
    assert len(calls) == 1
    assert "as planned" in caplog.text


def test_a_callback_may_end_the_session() -> None:
    calls: list[float] = []
    with plain_session() as session:
        session.request_animation_frame(lambda *_: session.end())
        session.request_animation_frame(lambda time, _: calls.append(time))
        session.run()
        assert session.ended
        assert session.request_animation_frame(lambda *_: None) == 0
    assert calls == []


def test_a_callback_cannot_ask_for_frames(caplog: pytest.LogCaptureFixture) -> None:
    with plain_session() as session:
        session.request_animation_frame(lambda *_: next(session.frames()))
        session.request_animation_frame(lambda *_: session.run())
        session.run()
    assert caplog.text.count("InvalidStateError") >= 2


# Another thread


@pytest.mark.parametrize(
    "call",
    [
        lambda session, _: session.end(),
        lambda session, _: session.frames(),
        lambda session, _: session.request_animation_frame(print),
        lambda session, _: session.run(),
        lambda session, _: session.depth_active,
        lambda session, _: session.pause_depth_sensing(),
        lambda session, _: session.update_render_state(depth_near=1.0),
        lambda session, _: session.request_reference_space("viewer"),
        lambda _, view: view.frame.get_depth_information(view),
        lambda _, view: view.frame.color,
    ],
)
def test_a_session_belongs_to_its_thread(call: Callable[[XRSession, Any], object]) -> None:
    with depth_session() as session:
        view = first_view(next(session.frames()))
        caught: list[BaseException] = []

        def elsewhere() -> None:
            try:
                call(session, view)
            except InvalidStateError as error:
                caught.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert len(caught) == 1
        assert not session.ended


# What a frame is drawn with


def test_render_state_holds_from_the_next_frame_on() -> None:
    with plain_session() as session:
        frames = session.frames()
        frame = next(frames)
        before = first_view(frame).projection_matrix
        session.update_render_state(depth_near=1.0)
        session.update_render_state(depth_far=2.0)
        assert session.render_state.depth_near == 0.1
        assert (first_view(frame).projection_matrix == before).all()
        after = first_view(next(frames)).projection_matrix
        assert (session.render_state.depth_near, session.render_state.depth_far) == (1.0, 2.0)
        assert (after[10], after[14]) == (-3.0, -4.0)  # (f + n) / (n - f), 2 f n / (n - f)
        assert not after.flags.writeable


def test_the_far_plane_may_be_infinite() -> None:
    with plain_session() as session:
        session.update_render_state(depth_far=float("inf"))
        projection = first_view(next(session.frames())).projection_matrix
        assert projection[10] == -1.0
        assert projection[14] == np.float32(-0.2)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "near"])
def test_render_state_takes_finite_numbers(wrong: float) -> None:
    with plain_session() as session:
        with pytest.raises(TypeError):
            session.update_render_state(depth_near=wrong)
        with pytest.raises(ValueError, match="differ"):
            session.update_render_state(depth_near=5.0, depth_far=5.0)
    with pytest.raises(InvalidStateError):
        session.update_render_state(depth_near=1.0)


def test_leaving_after_an_exception_ends_the_session() -> None:
    device = SimulatedDevice()
    with pytest.raises(KeyError), request_session("immersive-ar", device=device) as session:
        raise KeyError
    assert session.ended
    assert not device.running


def test_a_session_that_is_forgotten_lets_its_device_go() -> None:
    device = SimulatedDevice()
    request_session("immersive-ar", device=device)
    import gc

    gc.collect()
    assert not device.running
    init = DepthStateInit([], [])
    with request_session(
        "immersive-ar", device=device, optional_features=["depth-sensing"], depth_sensing=init
    ):
        assert device.running
