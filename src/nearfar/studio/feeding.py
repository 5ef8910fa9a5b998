"""One device feeds all pages, each at the pace that it keeps.

                     ┌─▶ Watcher: the newest frame that its page has not had ──▶ page
    device ── Feed ──┼─▶ Watcher …                                               page
     (thread)        └─▶ Watcher …                                               page

The device runs while anyone watches. Frames come on a thread of their own and are handed to the event loop;
depth of each type that any page wants is made on that thread, before. What a page is sent is coded once for
all that want the same, off the loop where it takes longer. Nothing queues: a newer frame replaces one that a
page had no room for, so a slow page holds up neither the others nor itself. `Feed.exchange` puts another
device in the place of the one there is, and whoever watches goes on watching.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from nearfar.errors import CaptureError, DeviceLost, NearfarError
from nearfar.studio.frame_parts import color_part, confidence_part, depth_part, matrix_of, view_part
from nearfar.studio.messages import ColorPart, ConfidencePart, DepthPart, Ended, FrameMessage, Wanted
from nearfar.studio.shared_packets import shared
from nearfar.studio.wire import encode
from nearfar.xr import DepthType, DeviceFrame, NativeDepth, SharedDevice, XRDevice

__all__ = ["Exchanged", "Feed", "SharedFrame", "Watcher"]

_CODERS = 2


class SharedFrame:
    """A frame, and what pages are sent of it: made when the first one wants it. Belongs to the event loop.

    Args:
        frame: as the device gave it.
        coders: where what takes longer is done.
        made: the types of depth that it has at hand, where it has several.
    """

    def __init__(
        self, frame: DeviceFrame, coders: ThreadPoolExecutor, made: frozenset[DepthType | None]
    ) -> None:
        self.sequence = frame.sequence
        self._frame = frame
        self._coders = coders
        self._made = made
        self._packets: dict[Wanted, asyncio.Task[bytes]] = {}
        self._color: asyncio.Future[ColorPart] | None = None

    async def packet(self, wanted: Wanted) -> bytes:
        """The message, with what a page wants."""
        coding = self.begin(wanted)
        return coding.result() if coding.done() else await asyncio.shield(coding)

    def begin(self, wanted: Wanted) -> asyncio.Task[bytes]:
        """Have the message made, if it is not under way."""
        if wanted not in self._packets:
            self._packets[wanted] = asyncio.create_task(self._coded(wanted))
            self._packets[wanted].add_done_callback(_heard_of)
        return self._packets[wanted]

    async def _coded(self, wanted: Wanted) -> bytes:
        frame = self._frame
        color = await self._picture() if wanted.color else None
        depth, confidence = await self._depth(wanted)
        views = tuple(map(view_part, frame.views))
        pose = None if frame.viewer_pose is None else matrix_of(frame.viewer_pose)
        message = FrameMessage(frame.sequence, frame.time, depth, color, views, pose, confidence)
        return shared(encode(message))

    async def _picture(self) -> ColorPart | None:
        if self._frame.color is None:
            return None
        if self._color is None:
            loop = asyncio.get_running_loop()
            self._color = loop.run_in_executor(self._coders, color_part, self._frame.color)
        return await self._color

    async def _depth(self, wanted: Wanted) -> tuple[DepthPart | None, ConfidencePart | None]:
        coding, depth_type, frame = wanted.depth, wanted.depth_type, self._frame
        if coding is None:
            return None, None

        def parts() -> tuple[DepthPart | None, ConfidencePart | None]:
            depth = _depth_of_type(frame, depth_type)
            if depth is None:
                return None, None
            known = depth.confidence if wanted.confidence else None
            confidence = None if known is None else confidence_part(known)
            return depth_part(depth, coding, depth_type), confidence

        at_hand = frame.depth_of is None or depth_type in self._made
        # A view of the buffer is made at once: another thread would take longer to wake.
        if at_hand and coding != "packed" and not wanted.confidence:
            return parts()
        return await asyncio.get_running_loop().run_in_executor(self._coders, parts)


def _heard_of(coding: asyncio.Task[bytes]) -> None:
    """What went wrong is told to the pages that ask for the message: there may be none any more."""
    if not coding.cancelled():
        coding.exception()


def _depth_of_type(frame: DeviceFrame, depth_type: DepthType | None) -> NativeDepth | None:
    """What a device has for those who want a type."""
    return frame.depth if frame.depth_of is None else frame.depth_of(depth_type)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Another device feeds whoever watches from now on."""


class Watcher:
    """Where a page gets its frames from.

    Attributes:
        wanted: what the page has frames for now.
    """

    def __init__(self) -> None:
        self.wanted = Wanted(depth=None, color=False)
        self._frame: SharedFrame | None = None
        self._last: SharedFrame | None = None
        self._end: Ended | NearfarError | None = None
        self._exchanged = False
        self._news = asyncio.Event()

    @property
    def keeps_up(self) -> bool:
        """Whether the page had the last frame that there was for it, or is being sent it."""
        return self._frame is None

    def offer(self, frame: SharedFrame | None = None, end: Ended | NearfarError | None = None) -> None:
        """Put a newer frame in the place of one that waits, or say how it all ended."""
        self._frame = frame or self._frame
        self._end = end or self._end
        self._news.set()

    def exchange(self) -> None:
        """Forget what came of the device that there was."""
        self._frame = self._last = self._end = None
        self._exchanged = True
        self._news.set()

    def want(self, wanted: Wanted) -> None:
        """Have the last frame once more, unless a newer one waits: the page wants other things of it now."""
        self.wanted = wanted
        self.offer(self._frame or self._last)

    async def next(self) -> SharedFrame | Ended | Exchanged:
        """The newest frame that was not handed out yet; behind the last one how it ended, once. Waits for it.
        Ahead of the first one of another device, that it is another's.

        Raises NearfarError where the device failed.
        """
        while True:
            if self._exchanged:
                self._exchanged = False
                return Exchanged()
            frame, self._frame = self._frame, None
            if frame is not None:
                self._last = frame
                return frame
            end, self._end = self._end, None
            if isinstance(end, NearfarError):
                raise end
            if end is not None:
                return end
            self._news.clear()
            await self._news.wait()


class _Run:
    """A device from start to stop, and what came of it last."""

    def __init__(self, feed: Feed, device: XRDevice, loop: asyncio.AbstractEventLoop) -> None:
        self.device = device
        self.latest: SharedFrame | None = None
        self.end: Ended | NearfarError | None = None
        name = "nearfar-feed"
        self.thread = threading.Thread(target=feed.follow, args=(self, loop), name=name, daemon=True)


class Feed:
    """A device and who watches it. Belongs to one event loop.

    Args:
        device: to begin with.
        patient: where the device cannot start, or fails, those who watch are told so as of an end, and wait
            for another one. Else they get the error.
        ready: is waited for before the device is first started.
    """

    def __init__(
        self, device: XRDevice, *, patient: bool = False, ready: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.device = device
        self._ready = ready
        self._patient = patient
        self._watchers: set[Watcher] = set()
        self._present = 0
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False
        self._run: _Run | None = None
        self._turn = asyncio.Lock()
        self._coders = ThreadPoolExecutor(_CODERS, "nearfar-coder")

    @property
    def watchers(self) -> int:
        """How many watch, or wait for the device to start."""
        return self._present

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[Watcher]:
        """Watch. The first one starts the device, the last one stops it.

        Raises NearfarError where the device cannot start.
        """
        watcher = Watcher()
        self._present += 1
        joining = asyncio.create_task(self._join(watcher))
        try:
            await asyncio.shield(joining)  # a device that is starting cannot be left half started
            yield watcher
        finally:
            self._present -= 1
            leaving = asyncio.create_task(self._leave(watcher, joining))  # nobody waits for it who is gone
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    @property
    def failure(self) -> NearfarError | None:
        """What the device failed with, since it was started; None where nothing is wrong."""
        end = None if self._run is None else self._run.end
        return end if isinstance(end, NearfarError) else None

    async def exchange(self, device: XRDevice) -> None:
        """Feed from another device. The one before is stopped first, so both may stand for one camera.

        It is done to its end even if nobody waits for it any more: a device is not left half started.
        Raises NearfarError where somebody watches and it cannot start, unless the feed is patient.
        """
        await asyncio.shield(asyncio.create_task(self._exchange(device)))

    async def _exchange(self, device: XRDevice) -> None:
        async with self._turn:
            await self._stop()
            self.device = device
            for watcher in self._watchers:
                watcher.exchange()
            if self._watchers:
                run = await self._begin()
                for watcher in self._watchers:
                    watcher.offer(run.latest, self._told(run))

    async def close(self) -> None:
        """Stop the device, whoever watches, and start none any more."""
        async with self._turn:
            self._closed = True
            self._watchers.clear()
            await self._stop()
        self._coders.shutdown(wait=False, cancel_futures=True)

    async def _join(self, watcher: Watcher) -> None:
        if self._ready is not None:
            await self._ready()
        async with self._turn:
            run = self._run or await self._begin()
            self._watchers.add(watcher)
            watcher.offer(run.latest, self._told(run))

    async def _begin(self) -> _Run:
        """Start the device. Raises CaptureError where the feed is closed."""
        if self._closed:
            raise CaptureError("the server is ending")
        device = self.device
        run = _Run(self, device, asyncio.get_running_loop())
        begin = device.start_shared if isinstance(device, SharedDevice) else device.start
        try:
            await asyncio.to_thread(begin)
        except Exception as problem:
            if not self._patient:
                raise
            run.end = _as_known(problem)
        else:
            run.thread.start()
        self._run = run
        return run

    async def _leave(self, watcher: Watcher, joining: asyncio.Task[None]) -> None:
        await asyncio.wait([joining])
        if not joining.cancelled():
            joining.exception()  # told to whoever was there to hear it
        async with self._turn:
            self._watchers.discard(watcher)
            if not self._watchers:
                await self._stop()

    async def _stop(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            try:
                await asyncio.to_thread(run.device.stop)
            except Exception:
                logging.getLogger(__name__).exception("the device did not stop")
            else:
                if run.thread.ident is not None:
                    await asyncio.to_thread(run.thread.join)

    def follow(self, run: _Run, loop: asyncio.AbstractEventLoop) -> None:
        """On the device's thread: hand each frame over, until there are no more."""

        def tell(what: Callable[..., None], *news: object) -> None:
            with suppress(RuntimeError):  # the loop is closed: the server did not wait for its end
                loop.call_soon_threadsafe(what, run, *news)

        end: Ended | NearfarError = Ended("the device has come to its end")
        try:
            while (frame := run.device.next_frame()) is not None:
                types = self._wanted_types()
                for depth_type in types:
                    _depth_of_type(frame, depth_type)
                tell(self._arrived, frame, types)
        except Exception as problem:  # noqa: BLE001 - a device may be a plug-in: whatever it raises ends it
            end = _as_known(problem)
        tell(self._over, end)

    def _wanted_types(self) -> frozenset[DepthType | None]:
        """Of depth; from any thread."""
        wanted = [watcher.wanted for watcher in tuple(self._watchers)]
        return frozenset(each.depth_type for each in wanted if each.depth is not None)

    def _arrived(self, run: _Run, frame: DeviceFrame, made: frozenset[DepthType | None]) -> None:
        run.latest = SharedFrame(frame, self._coders, made)
        if run is self._run:  # coded while the one before is sent, where pages will ask for it
            for wanted in {each.wanted for each in self._watchers if each.keeps_up}:
                if wanted.depth == "packed" or wanted.color:
                    run.latest.begin(wanted)
        self._tell(run)

    def _over(self, run: _Run, end: Ended | NearfarError) -> None:
        run.end = end
        self._tell(run)

    def _tell(self, run: _Run) -> None:
        if run is self._run:
            for watcher in self._watchers:
                watcher.offer(run.latest if run.end is None else None, self._told(run))

    def _told(self, run: _Run) -> Ended | NearfarError | None:
        """How a run ended, as those who watch are told."""
        return Ended(str(run.end)) if self._patient and isinstance(run.end, NearfarError) else run.end


def _as_known(problem: Exception) -> NearfarError:
    """What a device failed with; what is none of ours is logged in full."""
    if isinstance(problem, NearfarError):
        return problem
    logging.getLogger(__name__).error("the device failed", exc_info=problem)
    return DeviceLost(f"{type(problem).__name__}: {problem}")
