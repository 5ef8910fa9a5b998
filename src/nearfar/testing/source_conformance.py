"""`SourceConformance`: the law of `nearfar.capture.Source`, as tests for pytest to inherit.

    class TestMyCamera(SourceConformance):
        device = "mine:0"              or        def open(self): return MyCamera(…)

What is watched runs on a clock that is moved by hand where the source goes by its clock, so that a minute of
frames takes no longer than it takes to make them.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import Any, NoReturn

from nearfar.capture import (
    DeviceInfo,
    DeviceName,
    Format,
    ManualClock,
    PreparedSource,
    Source,
    StillSource,
    SystemClock,
    open_source,
)
from nearfar.errors import DeviceBusy, InvalidConfiguration
from nearfar.testing.frame_laws import check_frame, check_order, check_still, check_times
from nearfar.testing.source_bench import SourceBench
from nearfar.testing.watching import checksums, require, uncaught_exceptions

__all__ = ["SourceConformance"]


class SourceConformance(SourceBench):
    """Inherit this in a test class, say which source, and pytest holds it to the law of `capture.Source`.

    Give ``device``, a name to open, or write `open`. Files that a source needs are made in a fixture of the
    class: ``@pytest.fixture(autouse=True) def made(self, tmp_path): self.device = f"mine:{tmp_path}/a"``.

    Attributes:
        device: the name of the device, ``scheme:rest``.
        paced: whether the source waits by the clock it is given. A real camera does not: it gives frames when
            it wants to, and what is tested with a clock that stands still is left out.
        finite: whether the stream ends by itself, as a recording does.
        frames: how many frames a test looks at; a camera that reuses its memory shows it only after as many
            as it has buffers.
        frame_seconds: how long a frame, the first one included, may be in coming.
        stop_seconds: how long `stop` may take.
        cycles: starts and stops in the search for what leaks.
    """

    # Before it starts

    def test_it_is_a_source(self) -> None:
        """It has the members of the protocol."""
        source = self.open()
        require(
            isinstance(source, Source), "a source has info, formats, start and stop", type(source).__name__
        )

    def test_it_says_what_it_is_without_starting(self) -> None:
        """Info is whole, the same each time, and the same for another one of that name."""
        source = self.open()
        info = source.info
        require(isinstance(info, DeviceInfo), "info is a DeviceInfo", type(info).__name__)
        require(bool(info.title.strip()), "info.title says what people call it", repr(info.title))
        parsed = DeviceName.parse(info.name)
        require(
            DeviceName.parse(str(parsed)) == parsed,
            "info.name is a device's name, scheme:rest",
            repr(info.name),
        )
        require(info.clock in ("host", "device"), "info.clock is 'host' or 'device'", repr(info.clock))
        require(source.info == info, "info stays the same", f"{info}, then {source.info}")
        require(self.open().info == info, "info is the same each time it is opened", self.open().info)
        if self.device:
            again = open_source(info.name).info
            require(again == info, "the device is opened again by info.name", again)

    def test_it_lists_its_formats_without_starting(self) -> None:
        """Formats are there, each once, the same each time."""
        source = self.open()
        formats = source.formats
        require(bool(formats), "formats lists at least one, the default first", formats)
        require(type(formats) is tuple, "formats is a tuple", type(formats).__name__)
        for each in formats:
            require(isinstance(each, Format), "formats are Formats", type(each).__name__)
            again = each.chosen(depth_format=each.depth, frame_rate=each.rate)
            require(again.rate == each.rate, "a format can be chosen as it is listed", each)
        plain = [(each.size, each.still_size, each.supported_depth_formats) for each in formats]
        rates = [(each.min_frame_rate, each.max_frame_rate) for each in formats]
        keys = list(zip(plain, rates, strict=True))
        require(len(set(keys)) == len(keys), "each format is listed once", [str(each) for each in formats])
        require(source.formats == formats, "formats stay the same", source.formats)
        require(self.open().formats == formats, "formats are the same each time it is opened", "others")

    def test_stop_needs_no_start(self) -> None:
        """A source that does not run can be stopped, more than once."""
        source = self.open()
        source.stop()
        source.stop()
        with self._running(source) as watch:
            self._expect_frames(watch, 1)

    def test_it_can_get_ready_before_it_starts(self) -> None:
        """A `PreparedSource` is the same after `prepare` as before, and can be prepared more than once."""
        source = self.open()
        if not isinstance(source, PreparedSource):
            _skip("the source has nothing to prepare")
        before = source.info, source.formats
        source.prepare()
        source.prepare()
        after = source.info, source.formats
        require(after == before, "prepare changes neither info nor formats", after)
        with self._running(source) as watch:
            self._expect_frames(watch, 1)

    # What comes

    def test_frames_come_on_another_thread(self) -> None:
        """`start` returns, and frames come, from a thread that is not the caller's, one call at a time."""
        with self._running(self.open(), on_item=lambda _: time.sleep(0.01)) as watch:
            self._expect_frames(watch, 3)
        here = threading.get_ident()
        strangers = {seen.thread for seen in watch.seen}
        require(
            here not in strangers, "emit is called on a thread of the source's own", "the caller's thread"
        )
        require(
            watch.most_inside == 1,
            "emit is called by one thread at a time",
            f"{watch.most_inside} calls at once",
        )

    def test_each_frame_is_what_was_asked_for(self) -> None:
        """Colour, depth and calibration fit the format, and arrays are read-only."""
        source = self.open()
        with self._running(source) as watch:
            self._expect_streams(watch, self.frames)
        for frame in watch.frames:
            check_frame(frame, source.formats[0])

    def test_sequence_and_time_increase(self) -> None:
        """Numbers and times increase within each stream, and host times lie on the clock."""
        source = self.open()
        with self._running(source) as watch:
            self._expect_frames(watch, self.frames)
        check_order(watch.seen)
        check_times(watch.seen, source.info, source.formats[0], watch.started_at)

    def test_a_kept_frame_stays_as_it_was(self) -> None:
        """Frames own their memory: nothing that comes later, stop included, changes one."""
        with self._running(self.open()) as watch:
            self._expect_frames(watch, self.frames)
        for seen in watch.seen:
            now = checksums(seen.item)
            require(
                now == seen.checksums,
                "a kept frame does not change later",
                f"{seen.item!r}, with other pixels",
            )

    def test_without_a_depth_format_there_is_no_depth(self) -> None:
        """Depth is given only where it is asked for."""
        source = self.open()
        with self._running(source, source.formats[0].chosen(depth_format=None)) as watch:
            self._expect_frames(watch, 3)
        for frame in watch.frames:
            require(frame.depth is None, "depth comes only if the format's depth_format asks for it", frame)

    def test_each_format_works(self) -> None:
        """Every format that is listed gives frames, with each of its depth formats."""
        source = self.open()
        for listed in source.formats:
            for depth in (None, *listed.supported_depth_formats):
                asked = listed.chosen(depth_format=depth)
                with self._running(source, asked) as watch:
                    self._expect_streams(watch, 1)
                for frame in watch.frames:
                    check_frame(frame, asked)

    def test_no_frame_rate_is_exceeded(self) -> None:
        """Frames are no denser in time than the rate that was chosen, the lowest and the highest one."""
        source = self.open()
        first = source.formats[0]
        for rate in sorted({first.min_frame_rate, first.max_frame_rate}):
            slow = not self.paced and rate < 1.0
            if slow:
                continue
            with self._running(source, first.chosen(depth_format=first.depth, frame_rate=rate)) as watch:
                self._expect_frames(
                    watch, 4, seconds=self.frame_seconds + (0.0 if self.paced else 4.0 / rate)
                )
            times = sorted(frame.time for frame in watch.frames if frame.color is not None)
            if source.info.clock == "host" and len(times) > 2:
                dense = (len(times) - 1) / (times[-1] - times[0])
                require(
                    dense <= rate * 1.5, f"at most {rate:g} frames a second were asked for", f"{dense:.2f}"
                )

    def test_it_goes_by_the_systems_clock(self) -> None:
        """On the system's clock frames come, and their times are that clock's."""
        source = self.open()
        with self._running(source, clock=SystemClock()) as watch:
            self._expect_frames(watch, 3)
        check_order(watch.seen)
        check_times(watch.seen, source.info, source.formats[0], watch.started_at)

    def test_it_stands_still_with_its_clock(self) -> None:
        """A source that paces itself waits by the clock that it was given, and by no other."""
        if not self.paced:
            _skip("the source does not pace itself")
        source = self.open()
        with self._running(source) as watch:
            clock = watch.clock
            if not isinstance(clock, ManualClock):
                raise TypeError("a paced source is watched on a manual clock")
            self._expect_frames(watch, 1)
            waits = self._within(lambda: clock.next_wake is not None or watch.end is not None)
            require(
                waits,
                "a source that paces itself waits by Clock.wait (else set paced = False)",
                "it does not wait",
            )
            before = len(watch.seen)
            time.sleep(3.0 / source.formats[0].rate)
            more = len(watch.seen) - before
            require(
                more == 0,
                "while the clock stands still, no frame comes (or set paced = False)",
                f"{more} came",
            )

    # Ways to end

    def test_stop_is_quick_and_final(self) -> None:
        """When `stop` returns, within a second, ``emit`` is not called any more, nor still being called."""
        entered = threading.Event()

        def slow(_: Any) -> None:
            entered.set()
            time.sleep(0.1)

        source = self.open()
        watch = self._watch(source, on_item=slow)
        watch.start(source.formats[0])
        try:
            watch.wait(entered.is_set, self.frame_seconds)
        finally:
            self._stop(source)
        inside, before = watch.inside, len(watch.seen)
        require(inside == 0, "when stop returns, no call of emit is under way", f"{inside} under way")
        if isinstance(watch.clock, ManualClock):
            watch.clock.advance(10.0 / source.formats[0].rate)
        time.sleep(max(0.1, 3.0 / source.formats[0].rate))
        more = len(watch.seen) - before
        require(more == 0, "after stop, emit is not called", f"{more} more calls")
        self._stop(source)

    def test_it_stops_before_the_first_frame(self) -> None:
        """`stop` right after `start` is as quick."""
        source = self.open()
        for _ in range(3):
            watch = self._watch(source)
            watch.start(source.formats[0])
            self._stop(source)

    def test_it_starts_again(self) -> None:
        """A source that was stopped can be started again, and its frames begin anew."""
        source = self.open()
        for _ in range(3):
            with self._running(source) as watch:
                self._expect_frames(watch, 2)
            check_order(watch.seen)
            check_times(watch.seen, source.info, source.formats[0], watch.started_at)

    def test_one_user_at_a_time(self) -> None:
        """A second `start` is DeviceBusy, and the first user notices nothing."""
        source = self.open()
        second = self._watch(source)
        with self._running(source) as watch:
            self._expect_frames(watch, 1)
            error = self._refusal(lambda: second.start(source.formats[0]))
            law = "a second start raises DeviceBusy"
            require(isinstance(error, DeviceBusy), law, repr(error))
            so_far = len(watch.frames)
            self._expect_frames(watch, so_far + 1)
        require(not second.seen, "who was refused gets no frames", f"{len(second.seen)} calls of emit")

    def test_what_is_not_its_format_is_refused(self) -> None:
        """A format that is not listed is InvalidConfiguration, and a listed one works after that."""
        source = self.open()
        first = source.formats[0]
        strange = Format(first.width + 1, first.height + 1, first.min_frame_rate, first.max_frame_rate)
        other_rates = Format(
            first.width,
            first.height,
            first.min_frame_rate / 2,
            first.max_frame_rate * 2,
            first.supported_depth_formats,
            first.photo_size,
            first.max_zoom,
            first.depth_zoom_ranges,
        )
        for alien in (strange, other_rates):
            error = self._refusal(lambda alien=alien: self._watch(source).start(alien))  # type: ignore[misc]
            require(
                isinstance(error, InvalidConfiguration),
                f"a format that is not listed ({alien}) raises InvalidConfiguration",
                repr(error),
            )
        with self._running(source) as watch:
            self._expect_frames(watch, 1)

    def test_an_exception_in_emit_is_survived(self) -> None:
        """The stream goes on, or ends with an error; no thread dies unheard, and it starts again."""
        failed = threading.Event()

        def fail(_: Any) -> None:
            if not failed.is_set():
                failed.set()
                raise RuntimeError("the receiver failed")

        source = self.open()
        watch = self._watch(source, on_item=fail)
        with uncaught_exceptions() as uncaught:
            watch.start(source.formats[0])
            try:
                heard = watch.wait(lambda: len(watch.seen) > 1, self.frame_seconds)
            finally:
                self._stop(source)
        require(
            heard,
            "after an exception in emit the stream goes on, or ends with emit(error)",
            f"nothing more; uncaught: {uncaught!r}",
        )
        require(not uncaught, "an exception in emit does not end a thread unheard", repr(uncaught))
        with self._running(source) as watch:
            self._expect_frames(watch, 1)

    def test_a_stream_that_ends_says_so(self) -> None:
        """Where a stream ends by itself, its last word is an error; then it stops, and starts again."""
        if not self.finite:
            _skip("the stream does not end by itself")
        source = self.open()
        with self._running(source) as watch:
            so_far = -1
            while watch.end is None and so_far < len(watch.seen):
                so_far = len(watch.seen)
                watch.wait(lambda: len(watch.seen) > so_far, self.frame_seconds)  # noqa: B023
            require(
                watch.end is not None,
                "a stream that ends, ends with emit(CaptureError)",
                f"nothing after frame {so_far}",
            )
            check_order(watch.seen)
        with self._running(source) as watch:
            self._expect_frames(watch, 1)

    def test_nothing_leaks(self) -> None:
        """Starts and stops leave no thread and no open file behind."""
        source = self.open()

        def cycle() -> None:
            with self._running(source) as watch:
                self._expect_frames(watch, 1)

        cycle()
        threads, files = set(threading.enumerate()), _open_files()
        for _ in range(self.cycles):
            cycle()
        self._within(lambda: set(threading.enumerate()) <= threads)
        left = [thread.name for thread in set(threading.enumerate()) - threads]
        law = f"{self.cycles} starts and stops leave no thread behind"
        require(not left, law, left)
        gc.collect()
        now = _open_files()
        require(
            now <= files, f"{self.cycles} starts and stops leave no file open", f"{files} before, {now} now"
        )

    # Photos

    def test_it_takes_photos_while_it_runs(self) -> None:
        """A `StillSource` gives photos of the format's size, with depth if it was asked for."""
        source = self.open()
        if not isinstance(source, StillSource):
            _skip("the source takes no photos of its own")
        first = source.formats[0]
        for depth in dict.fromkeys((first.depth, None)):
            asked = first.chosen(depth_format=depth)
            with self._running(source, asked) as watch:
                self._expect_frames(watch, 1)
                time = watch.frames[-1].time
                check_still(source.still(asked, time), asked, source.info)
                so_far = len(watch.frames)
                if not self.finite:
                    self._expect_frames(watch, so_far + 1)


def _skip(reason: str) -> NoReturn:
    import pytest

    pytest.skip(reason)


def _open_files() -> int:
    """How many descriptors this process has open; 0 where the system does not tell."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        if os.path.isdir(folder):
            return len(os.listdir(folder))
    return 0
