"""Streams: in order, one call at a time, and every frame accounted for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from capture.hand import (
    DEPTH,
    LIMIT,
    SMALL,
    VGA,
    HandCamera,
    elsewhere,
    meanwhile,
    session_of,
    threads,
    until_gone,
    within,
)
from nearfar.capture import EventKind, InterruptionReason, ManualClock, OutputCounts
from nearfar.depth import DropReason

LATE, FULL, GAP = DropReason.LATE_DATA, DropReason.OUT_OF_BUFFERS, DropReason.DISCONTINUITY


class Busy:
    """A callback that can be kept busy: it notes its frame, and goes on when it is let."""

    def __init__(self) -> None:
        self.seen: SimpleQueue[nf.Frame] = SimpleQueue()
        self.go = threading.Semaphore(0)

    def __call__(self, frame: nf.Frame) -> None:
        self.seen.put(frame)
        self.go.acquire()

    def next(self) -> nf.Frame:
        return self.seen.get(timeout=LIMIT)


def adds_up(counts: OutputCounts) -> bool:
    return counts.received == counts.delivered + sum(counts.dropped.values()) + counts.waiting


def test_each_output_gives_its_own_part_of_a_frame() -> None:
    video, depth, camera = nf.VideoOutput(), nf.DepthOutput(), HandCamera()
    session, _ = session_of(camera, video, depth)
    with session:
        session.start()
        given = camera.shoot(1.0)
        colored, deep = next(video.frames()), next(depth.frames())
    assert (colored.time, colored.sequence, colored.depth) == (1.0, 0, None)
    assert (deep.time, deep.sequence, deep.color) == (1.0, 0, None)
    assert colored.color is not None
    assert np.shares_memory(colored.color, given.color)
    assert deep.depth is not None


def test_depth_is_filtered_unless_told_not_to() -> None:
    output, camera = nf.DepthOutput(always_discards_late_data=False), HandCamera()
    session, _ = session_of(camera, output)
    hole = np.ones((3, 4), np.float16)
    hole[1, 1] = np.nan
    raw = nf.DepthMap(hole, nf.DepthKind.DISPARITY)
    with session:
        session.start()
        for number, depth in enumerate((raw, raw.replace(filtered=True), raw)):
            assert camera.emit is not None
            camera.emit(nf.Frame(float(number), number, depth=depth))
        filtered, untouched = next(output.frames()).depth, next(output.frames()).depth
        output.filtering_enabled = False
        unfiltered = next(output.frames()).depth
    assert filtered is not None
    assert (filtered.filtered, filtered.holes, filtered.dtype) == (True, 0.0, np.float16)
    assert untouched is not None
    assert (untouched.filtered, untouched.holes) == (True, 1 / 12)
    assert unfiltered is raw


def test_a_camera_that_never_gives_depth_feeds_no_depth_output() -> None:
    flat, deep = (nf.DeviceInput(HandCamera(formats=(each,))) for each in (VGA, SMALL))
    session, output = nf.CaptureSession(), nf.DepthOutput()
    assert session.can_add_output(output)  # there is no camera yet
    session.add_input(flat)
    assert not session.can_add_output(output)
    with pytest.raises(nf.InvalidConfiguration, match="no depth in any format") as refused:
        session.add_output(output)
    assert refused.value.device == flat.device.name
    assert session.can_add_output(nf.VideoOutput())
    assert session.can_add_output(nf.PhotoOutput())
    session.remove_input(flat)
    session.add_input(deep)
    assert session.can_add_output(output)
    session.add_output(output)


@pytest.mark.parametrize("own_executor", [False, True])
def test_callbacks_run_one_at_a_time_and_in_order(own_executor: bool) -> None:
    seen: list[tuple[int, str]] = []
    inside = threading.Lock()

    def callback(frame: nf.Frame) -> None:
        assert inside.acquire(blocking=False)
        seen.append((frame.sequence, threading.current_thread().name))
        inside.release()

    camera = HandCamera()
    with ThreadPoolExecutor(3, thread_name_prefix="mine") as executor:
        output = nf.VideoOutput(
            callback, callback_executor=executor if own_executor else None, always_discards_late_data=False
        )
        session, _ = session_of(camera, output, max_live_frames=300)
        with session:
            session.start()
            for number in range(300):
                camera.shoot(number / 30, depth=False)
            session.stop()
    assert [number for number, _ in seen] == list(range(300))
    assert {name.startswith("mine") for _, name in seen} == {own_executor}
    assert output.counts == OutputCounts(300, 300)
    assert not list(threads())


def test_while_the_user_is_busy_only_the_newest_frame_waits() -> None:
    busy, dropped, camera = Busy(), SimpleQueue[nf.Frame](), HandCamera()
    output = nf.VideoOutput(busy, on_drop=dropped.put)
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.shoot(0.0)
        assert busy.next().sequence == 0
        for number in range(1, 6):
            camera.shoot(number / 30)
            assert adds_up(output.counts)
        assert output.counts == OutputCounts(6, 1, {LATE: 4}, 1)
        busy.go.release(2)
        assert busy.next().sequence == 5
        told = [dropped.get(timeout=LIMIT) for _ in range(4)]
    assert [(frame.sequence, dict(frame.dropped), frame.color) for frame in told] == [
        (number, {"color": LATE}, None) for number in range(1, 5)
    ]
    assert output.counts == OutputCounts(6, 2, {LATE: 4})


def test_what_is_not_discarded_waits_until_the_session_has_no_more_room() -> None:
    camera, dropped = HandCamera(), SimpleQueue[nf.Frame]()
    output = nf.VideoOutput(always_discards_late_data=False, on_drop=dropped.put)
    session, _ = session_of(camera, output, max_live_frames=4)
    with session:
        session.start()
        for number in range(7):
            camera.shoot(number / 30)
        assert output.counts == OutputCounts(7, 0, {FULL: 3}, 4)
        assert [dropped.get(timeout=LIMIT).sequence for _ in range(3)] == [4, 5, 6]
        assert next(output.frames()).sequence == 0
        camera.shoot(1.0)
        session.stop()
        assert [frame.sequence for frame in output] == [1, 2, 3, 7]
    assert output.counts == OutputCounts(8, 5, {FULL: 3})


def test_who_keeps_every_frame_gets_no_more_than_there_is_room_for() -> None:
    camera, kept, dropped = HandCamera(), SimpleQueue[nf.Frame](), SimpleQueue[nf.Frame]()
    output = nf.VideoOutput(kept.put, on_drop=dropped.put)
    session, _ = session_of(camera, output, max_live_frames=3)
    with session:
        session.start()
        held = []
        for number in range(3):
            camera.shoot(number / 30)
            held.append(kept.get(timeout=LIMIT))
        camera.shoot(3 / 30)
        told = dropped.get(timeout=LIMIT)
        assert (told.sequence, dict(told.dropped)) == (3, {"color": FULL})
        held.clear()
        camera.shoot(4 / 30)
        assert kept.get(timeout=LIMIT).sequence == 4
    assert output.counts == OutputCounts(5, 4, {FULL: 1})


def test_what_the_device_lost_is_told() -> None:
    camera, dropped = HandCamera(), SimpleQueue[nf.Frame]()
    output = nf.DepthOutput(on_drop=dropped.put, always_discards_late_data=False)
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.shoot(0.0, 0)
        camera.shoot(0.3, 3)
        told = [dropped.get(timeout=LIMIT) for _ in range(2)]
        assert [(frame.sequence, dict(frame.dropped)) for frame in told] == [
            (1, {"depth": GAP}),
            (2, {"depth": GAP}),
        ]
        assert output.counts == OutputCounts(4, 0, {GAP: 2}, 2)


def test_an_exception_in_a_callback_is_reported_and_things_go_on() -> None:
    seen: list[int] = []

    def callback(frame: nf.Frame) -> None:
        seen.append(frame.sequence)
        if frame.sequence == 1:
            raise RuntimeError("my mistake")

    camera = HandCamera()
    session, _ = session_of(camera, nf.VideoOutput(callback, always_discards_late_data=False))
    events = session.events(timeout=LIMIT)
    with session:
        session.start()
        for number in range(4):
            camera.shoot(number / 30)
        session.stop()
    assert seen == [0, 1, 2, 3]
    (error,) = [event.error for event in events if event.kind is EventKind.RUNTIME_ERROR]
    assert "my mistake" in str(error)


@pytest.mark.parametrize("own_executor", [False, True])
def test_a_session_can_be_stopped_from_a_callback(own_executor: bool) -> None:
    camera, done = HandCamera(), threading.Event()

    def callback(_: nf.Frame) -> None:
        session.stop()
        done.set()

    with ThreadPoolExecutor(1) as executor:
        output = nf.VideoOutput(callback, callback_executor=executor if own_executor else None)
        session, _ = session_of(camera, output)
        with session:
            session.start()
            camera.shoot(0.0)
            assert done.wait(LIMIT)
    assert not session.running


def test_a_callback_that_hangs_does_not_keep_a_session_from_stopping() -> None:
    busy, camera = Busy(), HandCamera()
    session, _ = session_of(camera, nf.VideoOutput(busy))
    with session:
        session.start()
        camera.shoot(0.0)
        busy.next()
        elsewhere(session.stop)
        assert not session.running
    busy.go.release(10)


def test_many_callbacks_that_hang_do_not_either_nor_blame_the_camera() -> None:
    clock, free = ManualClock(), threading.Event()
    camera, busy = HandCamera(), threading.Semaphore(0)

    def hang(_: nf.Frame) -> None:
        busy.release()
        free.wait(LIMIT)

    outputs = [nf.VideoOutput(hang) for _ in range(6)]
    session, _ = session_of(camera, *outputs, clock=clock)
    heard: list[nf.SessionEvent] = []
    session.add_listener(heard.append)
    elsewhere(session.start)
    camera.shoot(0.1)
    for _ in outputs:
        assert busy.acquire(timeout=LIMIT)
    within(0.7, clock, meanwhile(session.stop))
    free.set()
    until_gone("nearfar events")
    assert [event for event in heard if event.error is not None] == []


def test_an_iterator_lives_as_long_as_the_session_runs() -> None:
    camera, output = HandCamera(returns=True), nf.VideoOutput(always_discards_late_data=False)
    session, _ = session_of(camera, output)
    with session:
        session.start()
        running: SimpleQueue[int | None] = SimpleQueue()

        def iterate() -> None:
            for frame in output:
                running.put(frame.sequence)
            running.put(None)

        thread = threading.Thread(target=iterate)
        thread.start()
        camera.shoot(0.0)
        assert running.get(timeout=LIMIT) == 0
        session.interrupt(InterruptionReason.SYSTEM_PRESSURE)
        session.end_interruption()
        events = session.events(timeout=LIMIT)
        while not session.running:
            next(events)
        camera.shoot(1.0)
        assert running.get(timeout=LIMIT) == 0
        session.stop()
        assert running.get(timeout=LIMIT) is None
        thread.join(LIMIT)
        assert list(output) == []
        session.start()
        camera.shoot(2.0)
        assert next(iter(output)).time == 2.0


def test_an_iterator_ends_when_the_session_fails() -> None:
    camera, output = HandCamera(), nf.VideoOutput()
    session, _ = session_of(camera, output)
    with session:
        session.start()
        camera.shoot(0.0)
        frames = output.frames()
        assert camera.emit is not None
        next(frames)
        camera.emit(nf.DeviceLost("pulled out"))
        assert elsewhere(lambda: list(frames)) == []


def test_an_iterator_can_have_a_time_limit() -> None:
    assert list(nf.VideoOutput().frames(timeout=0.01)) == []


def test_the_event_loop_goes_on_while_frames_are_awaited() -> None:
    camera, output = HandCamera(), nf.DepthOutput(always_discards_late_data=False)
    session, _ = session_of(camera, output, max_live_frames=50)

    async def crank() -> None:
        for number in range(50):
            camera.shoot(number / 30)
            await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, session.stop)

    async def main() -> list[int]:
        cranking = asyncio.create_task(crank())
        seen = [frame.sequence async for frame in output]
        await cranking
        return seen

    async def impatient() -> list[nf.Frame]:
        return [frame async for frame in output.frames(timeout=0.01)]

    with session:
        session.start()
        assert asyncio.run(main()) == list(range(50))
        session.start()
        assert asyncio.run(impatient()) == []
    assert output.counts == OutputCounts(50, 50)
    assert not list(threads())


def test_frames_go_one_way_only() -> None:
    output = nf.VideoOutput(print)
    with pytest.raises(nf.InvalidConfiguration, match="callback"):
        output.frames()
    output.set_callback(None)
    output.frames()


def test_settings_are_part_of_the_session_and_only_depth_needs_depth() -> None:
    camera, video, depth = HandCamera(), nf.VideoOutput(), nf.DepthOutput()
    session, _ = session_of(camera, video)
    assert video.always_discards_late_data
    assert depth.always_discards_late_data
    assert depth.filtering_enabled
    with session:
        with session.configuration():
            video.always_discards_late_data = False
            with pytest.raises(nf.InvalidConfiguration, match="already"):
                session.add_output(video)
            video.always_discards_late_data = True
        assert video.always_discards_late_data
        session.start()
        assert camera.started[-1].depth is None
        session.add_output(depth)
        assert camera.started[-1].depth is not None
    assert DEPTH in camera.formats[0].supported_depth_formats


@pytest.mark.parametrize("make", [nf.VideoOutput, nf.DepthOutput])
def test_counts_add_up_at_any_moment(make: Callable[..., Any]) -> None:
    camera, output = HandCamera(), make(lambda _: None)
    session, _ = session_of(camera, output)
    over, wrong = threading.Event(), []

    def watch() -> None:
        while not over.is_set():
            counts = output.counts
            if not adds_up(counts):
                wrong.append(counts)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with session:
        session.start()
        for number in range(2000):
            camera.shoot(number / 30)
        session.stop()
    over.set()
    watcher.join(LIMIT)
    assert not wrong
    assert output.counts.received == 2000
    assert output.counts.waiting == 0
