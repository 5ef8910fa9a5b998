"""`StudioCamera`: the one camera that the studio looks through, shoots with and records from.

    page ── choose, shoot, record ──▶ StudioCamera ── OpenedCamera ──▶ Feed ──▶ pages
                                          │                └─▶ library: photos, takes
                                          └─▶ CameraState: how it fares, in words

It belongs to the event loop; whatever waits for a camera, a disk or a coder does so on other threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, get_args

from nearfar.capture import CapturedPhoto
from nearfar.errors import CaptureError, DeviceNotFound, InvalidConfiguration, NearfarError
from nearfar.studio.answers import CameraChoice, CameraState, DeviceEntry, Effort, PhotoEntry
from nearfar.studio.device_choice import DeviceList, effort_of, with_effort
from nearfar.studio.feeding import Feed
from nearfar.studio.library import Library, Shelf, name_for_now
from nearfar.studio.messages import Hello
from nearfar.studio.no_camera import NoCamera
from nearfar.studio.opened_camera import OpenedCamera, open_camera
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.photo_words import photo_entry
from nearfar.studio.recordings import Recording
from nearfar.studio.refusals import said_of_disk
from nearfar.studio.server import hello_of

__all__ = ["StudioCamera"]

Result = TypeVar("Result")


class StudioCamera:
    """The camera of a studio. Between `open` and `close` it can be asked for all the rest.

    Args:
        device: the name of the one to begin with.
        library: where photos and takes go.

    Attributes:
        feed: the stream to the pages, of whichever camera there is.
    """

    def __init__(self, device: str, library: Library) -> None:
        self.feed = Feed(NoCamera("The camera is being opened."), patient=True, ready=self.ready)
        self._library = library
        self._devices = DeviceList(library, device)
        self._name, self._effort = device, effort_of(device)
        self._first_title = device
        self._opened: OpenedCamera | None = None
        self._problem: str | None = None
        self._recording: Recording | None = None
        self._opening: asyncio.Task[None] | None = None
        self._choosing, self._shooting = asyncio.Lock(), asyncio.Lock()
        self._shots = 0

    # Its life

    def open(self) -> None:
        """Begin to open the camera; whoever asks for it waits until it is."""
        self._opening = asyncio.create_task(self._open_first())

    async def ready(self) -> None:
        """Wait until the camera is open, or it is known why it is not."""
        if self._opening is not None:
            await asyncio.shield(self._opening)

    async def close(self) -> None:
        """Let go of the camera: a recording is closed, what is being opened or taken is given up."""
        if self._opening is not None:
            self._opening.cancel()
        await self._end_recording()
        if self._opened is not None:
            await asyncio.to_thread(self._opened.close)
        await self.feed.close()

    async def _open_first(self) -> None:
        try:
            opened = await asyncio.to_thread(open_camera, self._name)
        except Exception as problem:  # noqa: BLE001 - a device may be a plug-in: whatever it raises is told
            self._problem = _words(problem)
            await self.feed.exchange(NoCamera(self._problem))
            return
        self._first_title = opened.title
        await self._look_through(opened)

    # What pages ask

    def hello(self, lane: str) -> Hello:
        """What a page is told first."""
        title = self._name if self._opened is None else self._opened.title
        return hello_of(self.feed.device, title, "spec", lane)

    def state(self) -> CameraState:
        """The camera, and how it fares."""
        opened, recording = self._opened, self._recording
        running = opened is not None and opened.meter.running
        return CameraState(
            device=self._name,
            title=self._name if opened is None else opened.title,
            formats=() if opened is None else opened.formats,
            format=0 if opened is None else opened.format,
            efforts=() if self._effort is None else get_args(Effort),
            effort=self._effort,
            has_depth=opened is not None and opened.has_depth,
            can_shoot=opened is not None,
            running=running,
            rate=round(opened.meter.rate, 1) if opened is not None else 0.0,
            frames=0 if opened is None else opened.meter.frames,
            dropped=() if opened is None else opened.dropped(),
            shooting=self._shots > 0,
            recording=None if recording is None or recording.over else recording.state(),
            problem=self._problem_now(),
        )

    async def devices(self) -> list[DeviceEntry]:
        """The devices that may be chosen."""
        await self.ready()
        return await asyncio.to_thread(self._devices.entries, self._first_title, self.recorded_now)

    async def choose(self, choice: CameraChoice) -> None:
        """Take another device, or the same in another way. A recording ends by it.

        Raises:
            DeviceNotFound: none of `devices`; the one there is stays, as it does with what follows.
            InvalidConfiguration: no such format, or no effort to choose.
            NearfarError: the device cannot be opened.
        """
        known = None if choice.device is None else {entry.name for entry in await self.devices()}
        async with self._choosing, self._shooting:
            name = self._name if choice.device is None else choice.device
            if known is not None and name not in known:
                raise DeviceNotFound("it is none of those that can be chosen here", device=name[:200])
            effort = self._effort_for(name, choice)
            opened = self._opened
            if opened is None or choice.device is not None or effort != self._effort:
                opened = await _in_thread(lambda: open_camera(with_effort(name, effort)))
            if choice.format is not None:
                opened = opened.in_format(choice.format)
            if opened is not self._opened:
                await self._end_recording()
                self._name, self._effort = name, effort
                await self._look_through(opened)

    async def shoot(self) -> PhotoEntry:
        """Take a photo into the library.

        Raises:
            CaptureError: there is no camera, or it gave none.
        """
        await self.ready()
        self._shots += 1
        try:
            async with self._shooting:
                photo = await _in_thread(self._need_camera().shoot)
            return await _in_thread(lambda: _kept(photo, self._library.photos))
        finally:
            self._shots -= 1

    async def record(self, on: bool) -> None:
        """Begin or end a recording into the library; nothing where that is so already.

        Raises:
            CaptureError: there is no camera, or it cannot be recorded.
        """
        await self.ready()
        async with self._choosing:
            if not on:
                await self._end_recording()
            elif self._recording is None or self._recording.over:
                camera = self._need_camera()
                shelf = self._library.takes
                recording = await _in_thread(lambda: Recording(camera.branch(), camera.meter, shelf))
                self._recording = recording
                try:
                    await _in_thread(recording.wait_until_it_runs)
                except NearfarError:
                    self._recording = None
                    raise

    @property
    def recorded_now(self) -> str | None:
        """The id of the take that is being recorded."""
        recording = self._recording
        return None if recording is None or recording.over else recording.path.name

    async def _look_through(self, opened: OpenedCamera) -> None:
        self._opened, self._problem, self._recording = opened, None, None
        await self.feed.exchange(opened.device)

    async def _end_recording(self) -> None:
        recording = self._recording
        if recording is not None:
            await asyncio.to_thread(recording.end)

    def _need_camera(self) -> OpenedCamera:
        if self._opened is None:
            raise CaptureError(f"There is no camera: {self._problem} Choose another device.")
        return self._opened

    def _effort_for(self, name: str, choice: CameraChoice) -> Effort | None:
        usual = effort_of(name)
        if choice.effort is None:
            return usual if choice.device is not None else self._effort
        if usual is None:
            raise InvalidConfiguration("its depth is made in one way only: there is no effort", device=name)
        return choice.effort

    def _problem_now(self) -> str | None:
        if self._opened is None:
            return self._problem
        recording = None if self._recording is None else self._recording.problem
        failure = None if self.feed.failure is None else str(self.feed.failure)
        return recording or self._opened.meter.problem or failure


def _kept(photo: CapturedPhoto, shelf: Shelf) -> PhotoEntry:
    """A photo put into the library, whole or not at all."""
    unfinished: Path = shelf.unfinished_path()
    try:
        photo.save(unfinished, container="heic")
        place = shelf.settle(unfinished, name_for_now(".heic"))
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    return photo_entry(PhotoFile.at(place))


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Do what takes time; what a disk or a plug-in raises comes in words.

    Raises NearfarError.
    """
    try:
        return await asyncio.to_thread(work)
    except NearfarError:
        raise
    except Exception as problem:
        raise CaptureError(_words(problem)) from problem


def _words(problem: Exception) -> str:
    if isinstance(problem, NearfarError):
        return str(problem)
    if isinstance(problem, OSError):
        words = said_of_disk(problem)
        return f"{problem.filename}: {words}" if problem.filename else words
    return f"{type(problem).__name__}: {problem}"
