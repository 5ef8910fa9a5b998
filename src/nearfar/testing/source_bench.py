"""`SourceBench`: a source on the bench: it is opened, started, watched, waited for and stopped.

open() ──▶ source ── _running ──▶ Watch ── _expect_frames ──▶ enough was seen, or the law that was broken
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from nearfar.capture import Format, ManualClock, Source, SystemClock, open_source
from nearfar.testing.watching import Watch, require

__all__ = ["SourceBench"]


class SourceBench:
    """What suites of tests for sources have in common: which source, and the ways to run it."""

    device: str = ""
    paced: ClassVar[bool] = True
    finite: ClassVar[bool] = False
    frames: ClassVar[int] = 6
    frame_seconds: ClassVar[float] = 5.0
    stop_seconds: ClassVar[float] = 1.0
    cycles: ClassVar[int] = 5

    def open(self) -> Source:
        """A new source, not started; as often as it is called."""
        if not self.device:
            raise NotImplementedError("say which source: set `device`, or write `open`")
        return open_source(self.device)

    def _watch(
        self,
        source: Source,
        *,
        on_item: Callable[[Any], None] | None = None,
        clock: SystemClock | None = None,
    ) -> Watch:
        """What writes down what the source does."""
        # One clock for all of a test: time goes on from one start to the next.
        hand = self.__dict__.setdefault("_clock", ManualClock(1000.0) if self.paced else SystemClock())
        return Watch(source, hand if clock is None else clock, on_item)

    @contextmanager
    def _running(
        self,
        source: Source,
        format: Format | None = None,
        *,
        clock: SystemClock | None = None,
        on_item: Callable[[Any], None] | None = None,
    ) -> Iterator[Watch]:
        """Start the source in a format (its first), give what is seen of it, and stop it."""
        watch = self._watch(source, clock=clock, on_item=on_item)
        watch.start(source.formats[0] if format is None else format)
        try:
            yield watch
        finally:
            self._stop(source)

    def _stop(self, source: Source) -> None:
        """Stop the source, in time."""
        begun = time.monotonic()
        source.stop()
        took = time.monotonic() - begun
        require(took <= self.stop_seconds, f"stop returns within {self.stop_seconds:g} s", f"{took:.2f} s")

    def _expect_frames(self, watch: Watch, count: int, *, seconds: float | None = None) -> None:
        """Wait until there are as many frames; each may take its time."""
        limit = self.frame_seconds if seconds is None else seconds
        while len(watch.frames) < count:
            so_far = len(watch.frames)
            if watch.wait(lambda: len(watch.frames) > so_far, limit):  # noqa: B023
                continue
            if watch.end is not None and self.finite and watch.frames:
                return
            require(
                False,
                f"a frame comes within {limit:g} s, until the source is stopped",
                f"{so_far} frames, then {watch.end!r}" if watch.end else f"{so_far} frames, then nothing",
            )

    def _expect_streams(self, watch: Watch, count: int) -> None:
        """Wait until there are as many frames, and one of each stream that was asked for."""
        self._expect_frames(watch, count)
        asked = watch.format
        wanted = ["color"] if asked is None or asked.depth is None else ["color", "depth"]
        for stream in wanted:
            for _ in range(20):
                if any(getattr(frame, stream) is not None for frame in watch.frames) or watch.end:
                    break
                self._expect_frames(watch, len(watch.frames) + 1)
            require(
                any(getattr(frame, stream) is not None for frame in watch.frames),
                f"a source that was started with {asked} gives {stream}",
                f"none in {len(watch.frames)} frames",
            )

    def _refusal(self, call: Callable[[], None]) -> Exception | None:
        """What the call raises; None if it does not."""
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            return error
        return None

    def _within(self, holds: Callable[[], bool]) -> bool:
        """Wait until it holds, as long as a frame may take."""
        until = time.monotonic() + self.frame_seconds
        while not holds():
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        return True
