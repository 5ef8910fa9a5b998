"""Color and depth of one moment come together, and what does not come is told from what was lost."""

from __future__ import annotations

import asyncio
import threading
from queue import SimpleQueue
from typing import Self

import numpy as np
import pytest

import nearfar as nf
from capture.hand import LIMIT, HandCamera, session_of, threads
from nearfar.capture import ManualClock, OutputCounts
from nearfar.depth import DropReason

LATE, GAP = DropReason.LATE_DATA, DropReason.DISCONTINUITY
Outline = tuple[float, bool, bool, dict[str, DropReason]]


class Rig:
    """A running session with a synchronizer over depth, the primary output, and color."""

    def __init__(self, *, keep: bool = True, room: int = 1000, **options: object) -> None:
        self.clock, self.camera = ManualClock(100.0), HandCamera()
        self.video = nf.VideoOutput(always_discards_late_data=not keep)
        self.depth = nf.DepthOutput(filtering_enabled=False, always_discards_late_data=not keep)
        self.session, _ = session_of(
            self.camera, self.video, self.depth, clock=self.clock, max_live_frames=room
        )
        self.synchronizer = nf.Synchronizer([self.depth, self.video], **options)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        self.session.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.synchronizer.close()

    def color(self, time: float, number: int) -> None:
        self.camera.shoot(time, number, depth=False)

    def deep(self, time: float, number: int) -> None:
        self.camera.shoot(time, number, color=False)

    def rest(self) -> list[Outline]:
        """What is there once the session has stopped."""
        self.session.stop()
        return [outline(frame) for frame in self.synchronizer]


def outline(frame: nf.Frame) -> Outline:
    return frame.time, frame.depth is not None, frame.color is not None, dict(frame.dropped)


def test_parts_of_one_moment_come_as_one_frame() -> None:
    with Rig() as rig:
        rig.color(0.001, 0)
        rig.deep(0.0, 0)
        frame = next(rig.synchronizer.frames())
        assert outline(frame) == (0.0, True, True, {})
        whole = rig.camera.shoot(0.1, 1)
        assert next(rig.synchronizer.frames()) is whole
        for output in (rig.video, rig.depth):
            assert output.counts == OutputCounts(2, 2)


def test_absent_is_not_dropped() -> None:
    with Rig() as rig:
        rig.camera.shoot(0.0, 0)
        rig.color(1 / 30, 1)  # no depth at that moment
        rig.camera.shoot(2 / 30, 2)
        rig.color(4 / 30, 4)  # color 3 was lost
        rig.deep(3 / 30, 3)
        rig.deep(4 / 30, 4)
        seen = rig.rest()
    assert [(depth, color, dropped) for _, depth, color, dropped in seen] == [
        (True, True, {}),
        (False, True, {}),
        (True, True, {}),
        (True, False, {"color": GAP}),
        (True, True, {}),
    ]


def test_what_was_dropped_whole_is_told_in_its_place() -> None:
    with Rig() as rig:
        rig.camera.shoot(0.0, 0)
        rig.camera.shoot(2 / 30, 2)
        seen = rig.rest()
        assert [(depth, color, dropped) for _, depth, color, dropped in seen] == [
            (True, True, {}),
            (False, False, {"color": GAP, "depth": GAP}),
            (True, True, {}),
        ]
        assert rig.synchronizer.counts["depth"] == OutputCounts(3, 2, {GAP: 1})


def test_a_partner_is_waited_for_two_periods_and_not_longer() -> None:
    seen: SimpleQueue[Outline] = SimpleQueue()
    with Rig(callback=lambda frame: seen.put(outline(frame))) as rig:
        rig.deep(0.0, 0)
        assert rig.synchronizer.counts["depth"] == OutputCounts(1, waiting=1)
        while seen.empty():
            rig.clock.advance(1 / 30)
        assert seen.get() == (0.0, True, False, {})
        assert rig.clock.now() >= 100.0 + 2 / 30
        rig.color(0.0, 0)
        while seen.empty():
            rig.clock.advance(1 / 30)
        assert seen.get() == (0.0, False, True, {})
        rig.session.stop()
        rig.session.start()
        rig.deep(9.0, 0)
        while seen.empty():
            rig.clock.advance(1 / 30)
        assert seen.get() == (9.0, True, False, {})


def test_late_data_goes_as_each_output_says() -> None:
    seen, dropped, go = SimpleQueue[Outline](), SimpleQueue[Outline](), threading.Semaphore(0)

    def callback(frame: nf.Frame) -> None:
        seen.put(outline(frame))
        go.acquire()

    with Rig(keep=False, callback=callback, on_drop=lambda frame: dropped.put(outline(frame))) as rig:
        rig.camera.shoot(0.0)
        assert seen.get(timeout=LIMIT) == (0.0, True, True, {})
        for number in range(1, 4):
            rig.camera.shoot(float(number))
        rig.depth.always_discards_late_data = False
        for number in range(4, 6):
            rig.camera.shoot(float(number))
        assert rig.depth.counts == OutputCounts(6, 1, {LATE: 2}, 3)
        assert rig.video.counts == OutputCounts(6, 1, {LATE: 4}, 1)
        go.release(100)
        rest = [seen.get(timeout=LIMIT) for _ in range(3)]
        assert [time for time, *_ in (dropped.get(timeout=LIMIT) for _ in range(2))] == [1.0, 2.0]
    assert rest == [
        (3.0, True, False, {"color": LATE}),
        (4.0, True, False, {"color": LATE}),
        (5.0, True, True, {}),
    ]
    assert not list(threads())


def test_the_outputs_own_callbacks_rest_while_it_exists() -> None:
    own: SimpleQueue[nf.Frame] = SimpleQueue()
    with Rig() as rig:
        rig.video.set_callback(own.put)
        rig.camera.shoot(0.0)
        assert next(rig.synchronizer.frames()).time == 0.0
        with pytest.raises(nf.InvalidConfiguration, match="synchronizer"):
            rig.depth.frames()
        rig.synchronizer.close()
        rig.synchronizer.close()
        rig.camera.shoot(1.0)
        assert own.get(timeout=LIMIT).time == 1.0
        assert next(rig.depth.frames()).time == 1.0
        assert own.empty()


def test_depth_is_filtered_as_its_output_says() -> None:
    with Rig() as rig:
        rig.depth.filtering_enabled = True
        rig.camera.shoot(0.0)
        frame = next(rig.synchronizer.frames())
        assert frame.depth is not None
        assert frame.depth.filtered
        assert frame.color is not None


def test_a_break_of_the_stream_parts_what_was_from_what_comes() -> None:
    with Rig() as rig:
        rig.deep(5.0, 0)
        rig.session.stop()
        rig.session.start()
        rig.color(5.0, 0)
        seen = rig.rest()
    assert seen == [(5.0, True, False, {}), (5.0, False, True, {})]


def test_it_serves_an_event_loop() -> None:
    async def main(rig: Rig) -> list[float]:
        seen = []
        rig.deep(0.0, 0)

        async def later() -> None:
            for _ in range(3):
                await asyncio.sleep(0)
            while not seen:
                rig.clock.advance(1 / 30)
                await asyncio.sleep(0)
            rig.camera.shoot(1.0)
            await asyncio.get_running_loop().run_in_executor(None, rig.session.stop)

        task = asyncio.create_task(later())
        async for frame in rig.synchronizer:
            seen.append(frame.time)  # noqa: PERF401 - looked at meanwhile
        await task
        return seen

    with Rig() as rig:
        assert asyncio.run(main(rig)) == [0.0, 1.0]
    assert not list(threads())


def test_one_of_each_kind_and_of_one_session() -> None:
    video, depth = nf.VideoOutput(), nf.DepthOutput()
    with pytest.raises(nf.InvalidConfiguration, match="one output of each kind"):
        nf.Synchronizer([])
    with pytest.raises(nf.InvalidConfiguration, match="one output of each kind"):
        nf.Synchronizer([video, nf.VideoOutput()])
    with nf.Synchronizer([video]) as synchronizer:
        assert synchronizer.outputs == (video,)
        with pytest.raises(nf.InvalidConfiguration, match="another synchronizer"):
            nf.Synchronizer([depth, video])
    nf.Synchronizer([depth, video])
    one, other = nf.VideoOutput(), nf.DepthOutput()
    sessions = session_of(HandCamera(), one)[0], session_of(HandCamera(), other)[0]
    with sessions[0], sessions[1], pytest.raises(nf.InvalidConfiguration, match="one session"):
        nf.Synchronizer([one, other])


def test_alone_it_gives_the_parts_of_its_only_output() -> None:
    camera, video = HandCamera(), nf.VideoOutput()
    session, _ = session_of(camera, video, nf.DepthOutput())
    with session, nf.Synchronizer([video]) as synchronizer:
        session.start()
        camera.shoot(0.0)
        assert outline(next(iter(synchronizer))) == (0.0, False, True, {})


def test_random_streams_are_accounted_for_to_the_last_frame() -> None:
    random = np.random.default_rng(3)
    with Rig(room=5000) as rig:
        shoot, numbers = {"color": rig.color, "depth": rig.deep}, {"color": 0, "depth": 0}
        frames, kept = rig.synchronizer.frames(), list[nf.Frame]()
        for _ in range(2000):
            name = "color" if random.random() < 0.5 else "depth"
            number = numbers[name] + int(random.random() < 0.2)
            shoot[name](number / 30, number)
            numbers[name] = number + 1
            rig.clock.advance(random.random() / 30)
            while min(counts.waiting for counts in rig.synchronizer.counts.values()) > 40:
                kept.append(next(frames))
        rig.session.stop()
        kept += rig.synchronizer
        for name, number in numbers.items():
            given = sum(getattr(frame, name) is not None for frame in kept)
            lost = sum(name in frame.dropped for frame in kept)
            counts = rig.synchronizer.counts[name]
            assert counts == OutputCounts(number, given, {GAP: lost})
            assert number == given + lost
