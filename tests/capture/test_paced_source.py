"""`PacedSource`: frames at their times, from its own thread, until it is stopped."""

from __future__ import annotations

import queue
import threading
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from nearfar.capture import DeviceInfo, Format, ManualClock, PacedSource, Source

VGA = Format(8, 6, 1.0, 10.0)


class Counting(PacedSource):
    """Five frames; the third one fails where asked to."""

    info = DeviceInfo("test:counting", "Counting")
    formats = (VGA,)

    def __init__(self, fails: Exception | None = None) -> None:
        super().__init__()
        self.fails = fails

    def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
        assert format == VGA
        if sequence == 2 and self.fails:
            raise self.fails
        return nf.Frame(time, sequence, np.zeros((6, 8, 3), np.uint8)) if sequence < 5 else None


def played(source: Counting, step: float = 0.1 + 1e-9) -> list[Any]:
    """Everything that the source emits while a clock is moved on in steps, until it ends."""
    clock, emitted, seen = ManualClock(7.0), queue.Queue[Any](), list[Any]()
    source.start(VGA, emitted.put, clock)
    while not seen or isinstance(seen[-1], nf.Frame):
        seen.append(emitted.get(timeout=10.0))
        clock.advance(step)
    source.stop()
    return seen


def test_it_is_a_source() -> None:
    assert isinstance(Counting(), Source)


def test_frames_come_at_their_times_and_the_end_is_told() -> None:
    *frames, end = played(Counting())
    assert [frame.sequence for frame in frames] == [0, 1, 2, 3, 4]
    assert np.allclose([frame.time for frame in frames], 7.0 + 0.1 * np.arange(5))
    assert isinstance(end, nf.DeviceLost)
    assert "end" in str(end)


@pytest.mark.parametrize("fault", [RuntimeError("no light"), nf.DeviceLost("pulled out")])
def test_a_failure_ends_the_stream_and_says_why(fault: Exception) -> None:
    *frames, end = played(Counting(fault))
    assert [frame.sequence for frame in frames] == [0, 1]
    assert isinstance(end, nf.DeviceLost)
    assert str(fault) in str(end)


def test_what_cannot_be_made_in_time_is_left_out() -> None:
    *frames, _ = played(Counting(), step=0.25)
    numbers = [frame.sequence for frame in frames]
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 5


def test_one_user_at_a_time_and_again_after_a_stop() -> None:
    source, clock, emitted = Counting(), ManualClock(), queue.Queue[Any]()
    for _ in range(3):
        source.start(VGA, emitted.put, clock)
        with pytest.raises(nf.DeviceBusy, match="runs already"):
            source.start(VGA, emitted.put, clock)
        assert emitted.get(timeout=10.0).sequence == 0
        source.stop()
        source.stop()
    assert not [thread for thread in threading.enumerate() if "test:counting" in thread.name]


def test_a_strange_format_is_refused() -> None:
    with pytest.raises(nf.InvalidConfiguration, match="formats"):
        Counting().start(Format(9, 6), print, ManualClock())


def test_a_stop_does_not_wait_for_a_frame_that_takes_long_and_never_shows_it() -> None:
    class Slow(Counting):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.go_on = threading.Event(), threading.Event()

        def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
            self.begun.set()
            self.go_on.wait(30.0)
            return super().frame(format, sequence, time)

    source, emitted = Slow(), list[Any]()
    source.start(VGA, emitted.append, ManualClock())
    assert source.begun.wait(10.0)
    (abandoned,) = (thread for thread in threading.enumerate() if thread.name == "nearfar test:counting")
    source.stop()
    again = queue.Queue[Any]()
    source.go_on.set()
    source.start(VGA, again.put, ManualClock(3.0))
    assert again.get(timeout=10.0).time == 3.0
    abandoned.join(10.0)
    assert not abandoned.is_alive()
    source.stop()
    assert emitted == []
