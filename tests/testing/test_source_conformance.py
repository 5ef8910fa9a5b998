"""The suite for sources: a lawful one passes it, and each broken law fails the test of that law."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from nearfar.capture import Clock, DeviceInfo, Format, Still
from nearfar.capture.source import Emit
from nearfar.testing import SourceConformance
from testing.made import FORMATS, Lawful, but, frames_with

COUNT = itertools.count()


class TestLawful(SourceConformance):
    def open(self) -> Lawful:
        return Lawful()


class TestLawfulAndFinite(SourceConformance):
    finite = True

    def open(self) -> Lawful:
        return Lawful(length=4)


class Unpaced(Lawful):
    """A camera that gives frames when it wants to."""

    def _waited(self, *_: Any) -> bool:
        with self._condition:
            if not self._stopping:
                self._condition.wait(1 / self.rate)
            return not self._stopping

    def frame(self, format: Format, sequence: int, time: float) -> nf.Frame | None:
        made = super().frame(format, sequence, time)
        return made and made.replace(time=self.clock.now())

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        self.clock, self.rate = clock, format.rate
        super().start(format, emit, clock)


class TestUnpaced(SourceConformance):
    paced = False

    def open(self) -> Lawful:
        return Unpaced()


# One law broken each


def calls_in_start(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    Lawful.start(self, format, emit, clock)
    emit(Lawful.frame(self, format, 0, clock.now()))


def on_two_threads(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    other = Lawful()
    other.start(format, emit, clock)
    Lawful.start(self, format, emit, clock)
    self.stop = lambda: (other.stop(), Lawful.stop(self))  # type: ignore[attr-defined]


def sleeping(self: Lawful, clock: Clock, until: float) -> bool:
    time.sleep(0.01)
    return not self._stopping


def emitting_late(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    self.late = threading.Timer(0.02, lambda: emit(Lawful.frame(self, format, 99, clock.now())))  # type: ignore[attr-defined]
    Lawful.start(self, format, emit, clock)


def lingering_stop(self: Lawful) -> None:
    Lawful.stop(self)
    if hasattr(self, "late") and not self.late.ident:
        self.late.start()


def slow_stop(self: Lawful) -> None:
    Lawful.stop(self)
    time.sleep(0.3)


def stop_once(self: Lawful) -> None:
    if self._thread is None:
        raise RuntimeError("it does not run")
    Lawful.stop(self)


def prepare_once(self: Lawful) -> None:
    if getattr(self, "ready", False):
        raise RuntimeError("it is ready already")
    self.ready = True  # type: ignore[attr-defined]


def start_once(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    if getattr(self, "worn", False):
        raise nf.DeviceLost("it ran once", device="made:lawful")
    self.worn = True  # type: ignore[attr-defined]
    Lawful.start(self, format, emit, clock)


def start_for_anybody(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    Lawful.stop(self)
    Lawful.start(self, format, emit, clock)


def start_anyhow(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    Lawful.start(self, FORMATS[0], emit, clock)


def dies_unheard(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    frame = None
    while self._waited(clock, clock.now() + 1 / format.rate):
        frame = Lawful.frame(self, format, 0 if frame is None else frame.sequence + 1, clock.now())
        emit(frame)


def ends_unheard(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    Lawful._run(self, format, lambda item: emit(item) if isinstance(item, nf.Frame) else None, clock)


def talks_on(self: Lawful, format: Format, emit: Emit, clock: Clock) -> None:
    Lawful._run(self, format, emit, clock)
    emit(Lawful.frame(self, format, 0, clock.now()))


def leaves_a_thread(self: Lawful) -> None:
    Lawful.stop(self)
    threading.Thread(target=threading.Event().wait, args=(3.0,), name="left behind", daemon=True).start()


def leaves_a_file(self: Lawful) -> None:
    if self._thread is not None:
        self.left = [*getattr(self, "left", []), os.open(os.devnull, os.O_RDONLY)]  # type: ignore[attr-defined]
    Lawful.stop(self)


class Ring(Lawful):
    """Frames in memory that is used again; it looks read-only."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = bytearray(16 * 12 * 3)

    def color(self, size: tuple[int, int], sequence: int) -> np.ndarray[Any, Any]:
        self.memory[:] = bytes([sequence % 200]) * len(self.memory)
        shared = np.frombuffer(memoryview(self.memory).toreadonly(), np.uint8)
        return shared[: size[0] * size[1] * 3].reshape(size[1], size[0], 3)


def writable(self: Lawful, format: Format, sequence: int, time: float) -> nf.Frame:
    frame = Lawful.frame(self, format, sequence, time)
    assert frame is not None
    object.__setattr__(frame, "color", np.array(frame.color))
    return frame


def broken_second_format(self: Lawful, format: Format, sequence: int, time: float) -> nf.Frame | None:
    return Lawful.frame(self, FORMATS[0], sequence, time)


def wide(_: Format, frame: nf.Frame) -> Any:
    return frame.depth and frame.depth.replace(calibration=nf.Calibration.from_field_of_view(1.0, (32, 12)))


def unitless(_: Format, frame: nf.Frame) -> Any:
    return frame.depth and frame.depth.replace(metric=False, accuracy=nf.Accuracy.ABSOLUTE)


def other_dtype(_: Format, frame: nf.Frame) -> Any:
    return frame.depth and frame.depth.to(dtype="float16" if frame.depth.dtype == "float32" else "float32")


def unasked_depth(self: Lawful, format: Format, sequence: int) -> nf.DepthMap | None:
    return Lawful.depth(self, FORMATS[0], sequence)


def small_color(self: Lawful, size: tuple[int, int], sequence: int) -> np.ndarray[Any, Any]:
    return np.zeros((6, 8, 3), np.uint8)


def small_still(self: Lawful, format: Format, time: float) -> Still:
    return Still(nf.Frame(time, 0, self.color((8, 6), 0), self.depth(format, 0)))


def flat_still(self: Lawful, format: Format, time: float) -> Still:
    return Still(nf.Frame(time, 0, self.color(format.still_size, 0)))


BROKEN: list[tuple[str, Callable[[], Any], str, str]] = [
    ("no stop", object, "it_is_a_source", "info, formats, start and stop"),
    (
        "a name of its own each time",
        but(info=property(lambda _: DeviceInfo(f"made:{next(COUNT)}", "It"))),
        "it_says_what_it_is_without_starting",
        "info stays the same",
    ),
    ("no title", but(info=DeviceInfo("made:1", " ")), "it_says_what_it_is_without_starting", "info.title"),
    ("no formats", but(formats=()), "it_lists_its_formats_without_starting", "at least one"),
    ("a list of formats", but(formats=list(FORMATS)), "it_lists_its_formats_without_starting", "tuple"),
    ("a format twice", but(formats=FORMATS * 2), "it_lists_its_formats_without_starting", "once"),
    ("ready once", but(prepare=prepare_once), "it_can_get_ready_before_it_starts", "ready already"),
    ("stop needs start", but(stop=stop_once), "stop_needs_no_start", "does not run"),
    (
        "emit in start",
        but(start=calls_in_start),
        "frames_come_on_another_thread",
        "thread of the source's own",
    ),
    ("two threads", but(start=on_two_threads), "frames_come_on_another_thread", "one thread at a time"),
    (
        "colour of another size",
        but(color=small_color),
        "each_frame_is_what_was_asked_for",
        "colour has the format's size, 16×12; seen: 8×6",
    ),
    ("another dtype", frames_with(depth=other_dtype), "each_frame_is_what_was_asked_for", "exactly"),
    ("no depth", but(depth=lambda *_: None), "each_frame_is_what_was_asked_for", "gives depth"),
    (
        "nothing",
        frames_with(color=lambda *_: None, depth=lambda *_: None),
        "each_frame_is_what_was_asked_for",
        "gives color",
    ),
    ("writable arrays", but(frame=writable), "each_frame_is_what_was_asked_for", "read-only"),
    ("a strange camera", frames_with(depth=wide), "each_frame_is_what_was_asked_for", "aspect ratio"),
    (
        "absolute without unit",
        frames_with(depth=unitless),
        "each_frame_is_what_was_asked_for",
        "not absolute",
    ),
    (
        "one number",
        frames_with(sequence=lambda *_: 7),
        "sequence_and_time_increase",
        r"increase within each stream \(color\); seen: 7, then 7",
    ),
    ("one time", frames_with(time=lambda *_: 1000.0), "sequence_and_time_increase", "times increase"),
    (
        "the time of day",
        frames_with(time=lambda _, frame: frame.time + 1.7e9),
        "sequence_and_time_increase",
        "exposed before it comes",
    ),
    (
        "time since its start",
        frames_with(time=lambda _, frame: frame.time - 1000.0),
        "sequence_and_time_increase",
        "exposed after start",
    ),
    ("reused memory", Ring, "a_kept_frame_stays_as_it_was", "does not change later"),
    (
        "depth unasked",
        but(depth=unasked_depth),
        "without_a_depth_format_there_is_no_depth",
        "only if",
    ),
    ("a format that fails", but(frame=broken_second_format), "each_format_works", "8×6|asks for it"),
    (
        "one rate",
        but(_run=lambda self, f, emit, clock: Lawful._run(self, replace(f, frame_rate=20.0), emit, clock)),
        "no_frame_rate_is_exceeded",
        "at most 5 frames",
    ),
    (
        "another clock's time",
        frames_with(time=lambda _, frame: frame.time + 5.0),
        "it_goes_by_the_systems_clock",
        "before it comes",
    ),
    ("its own sleep", but(_waited=sleeping), "it_stands_still_with_its_clock", "paced = False"),
    ("frames after stop", but(start=emitting_late, stop=lingering_stop), "stop_is_quick_and_final", "stop"),
    ("a slow stop", but(stop=slow_stop), "it_stops_before_the_first_frame", r"within 0.2 s; seen: 0.3"),
    ("one start", but(start=start_once), "it_starts_again", "ran once"),
    ("two users", but(start=start_for_anybody), "one_user_at_a_time", "DeviceBusy"),
    ("any format", but(start=start_anyhow), "what_is_not_its_format_is_refused", "InvalidConfiguration"),
    ("an unheard death", but(_run=dies_unheard), "an_exception_in_emit_is_survived", "the receiver failed"),
    (
        "an unheard end",
        but(_run=ends_unheard),
        "a_stream_that_ends_says_so",
        r"ends with emit\(CaptureError\)",
    ),
    ("words after the last", but(_run=talks_on), "a_stream_that_ends_says_so", "nothing comes after it"),
    ("threads", but(stop=leaves_a_thread), "nothing_leaks", "left behind"),
    ("files", but(stop=leaves_a_file), "nothing_leaks", "no file open"),
    ("a small photo", but(still=small_still), "it_takes_photos_while_it_runs", "still_size, 32×24"),
    ("a flat photo", but(still=flat_still), "it_takes_photos_while_it_runs", "depth exactly if"),
]


@pytest.mark.parametrize(
    ("source", "law", "words"), [case[1:] for case in BROKEN], ids=[c[0] for c in BROKEN]
)
def test_a_broken_law_is_found_by_its_test(source: Callable[[], Any], law: str, words: str) -> None:
    class Suite(SourceConformance):
        finite = "ends" in law
        frame_seconds = 0.5
        stop_seconds = 0.2

        def open(self) -> Any:
            made = source()
            if self.finite:
                made.length = 3
            return made

    with pytest.raises((AssertionError, nf.CaptureError, RuntimeError), match=words):
        getattr(Suite(), f"test_{law}")()


def test_every_test_of_the_suite_is_failed_by_something() -> None:
    tests = {name.removeprefix("test_") for name in dir(SourceConformance) if name.startswith("test_")}
    assert tests == {law for _, _, law, _ in BROKEN}


def test_a_suite_without_a_source_says_what_is_missing() -> None:
    with pytest.raises(NotImplementedError, match="device"):
        SourceConformance().test_it_is_a_source()
