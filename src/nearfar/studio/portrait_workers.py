"""Portraits of the library's photos: prepared once, kept for a while, rendered look by look on threads.

    photo, side ──▶ kept? ─ no ─▶ prepare_portrait, once for all who wait for it
                      └─ yes ───▶ render(f_number, focus) ──▶ JPEG

Previews and full pictures have threads of their own, so that no preview waits for somebody's full picture. Of
full pictures one is kept prepared: that which was asked for last, or soon will be.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from nearfar.effects import PreparedPortrait, prepare_portrait
from nearfar.errors import LimitExceeded, NearfarError
from nearfar.studio.kept import Kept
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import LARGEST_SIDE, PortraitLook
from nearfar.studio.refusals import Refused
from nearfar.studio.shelf_files import explained
from nearfar.studio.turns import off_the_loop

__all__ = ["PortraitWorkers"]

_KEPT_PREVIEWS, _KEPT_FULL = 5, 1
"""Of what is prepared: a full picture of 12 megapixels is 100 MiB, a preview of it a ninth."""
_LARGEST_PREVIEW = 2048
_PREVIEWS_AT_ONCE = 2
_QUALITY = 88
_PAUSE = 0.25
"""Seconds without a preview after which the full picture is prepared."""


class _GaveWay(Exception):
    """A full picture was being prepared that nobody had asked for yet, and somebody asked for another."""


class PortraitWorkers:
    """What renders. Belongs to one event loop, from its first portrait."""

    def __init__(self) -> None:
        self._previews = _Prepared(_KEPT_PREVIEWS, ThreadPoolExecutor(_PREVIEWS_AT_ONCE, "nearfar-preview"))
        self._full = _Prepared(_KEPT_FULL, ThreadPoolExecutor(1, "nearfar-portrait"))
        self._ahead = _Ahead(self._full)
        self._one_full = asyncio.Lock()  # who waits for the thread must not hold what it has prepared

    async def jpeg(self, file: PhotoFile, look: PortraitLook, nearly_done: Callable[[], object]) -> bytes:
        """A portrait as a JPEG file. To cancel the wait ends the rendering, but not what others need, too.

        Args:
            file: the photo.
            look: how to render it.
            nearly_done: called when what is left takes no time.

        Raises:
            Refused: the photo has no depth, cannot be read, or is gone.
        """
        side = LARGEST_SIDE if look.side is None else look.side
        is_preview = side <= _LARGEST_PREVIEW
        try:
            if is_preview:
                prepared = await self._previews.get(file, side)
                nearly_done()
                data = await off_the_loop(
                    self._previews.threads, lambda cancel: _coded(prepared, look, cancel)
                )
                self._ahead.expect(file)
                return data
            with self._ahead.making_way(file, side):
                async with self._one_full:
                    self._full.forget(lambda other: other != file)
                    prepared = await self._full.get(file, side)
                    return await off_the_loop(
                        self._full.threads, lambda cancel: _coded(prepared, look, cancel)
                    )
        except FileNotFoundError:
            raise PhotoFile.gone(file.name) from None
        except (NearfarError, OSError) as problem:
            status = 413 if isinstance(problem, LimitExceeded) else 422
            raise Refused(status, explained(problem, file.name)) from problem

    def forget(self, name: str | None) -> None:
        """Keep nothing of a photo; of any, without a name."""
        for prepared in (self._previews, self._full):
            prepared.forget(lambda file: name is None or file.name == name)
        self._ahead.forget(name)


class _Prepared:
    """Photos prepared at some sides.

    Args:
        most: how many are kept.
        threads: on which they are prepared.
    """

    def __init__(self, most: int, threads: ThreadPoolExecutor) -> None:
        self.threads = threads
        self._kept: Kept[PreparedPortrait] = Kept(most, lambda _: 1)

    async def get(
        self, file: PhotoFile, side: int, cancel: threading.Event | None = None
    ) -> PreparedPortrait:
        """A photo at a side. What is set to cancel ends just what is prepared by this call."""

        def prepare() -> PreparedPortrait:
            try:
                return prepare_portrait(file.opened(), max_side=side, cancel=cancel)
            except concurrent.futures.CancelledError:
                raise _GaveWay from None

        async def make() -> PreparedPortrait:
            return await asyncio.get_running_loop().run_in_executor(self.threads, prepare)

        while True:
            try:
                return await self._kept.get((file, side), make)
            except _GaveWay:
                if cancel is not None and cancel.is_set():
                    raise

    def has(self, file: PhotoFile, side: int) -> bool:
        """Whether it is kept."""
        return self._kept.peek((file, side)) is not None

    def forget(self, about: Callable[[PhotoFile], bool]) -> None:
        """Keep no longer what is of such photos."""
        self._kept.forget(lambda key: isinstance(key, tuple) and about(key[0]))


class _Ahead:
    """Prepares the full picture of what is previewed: it is asked for when the slider is let go.

    Not while it moves: previews would wait. Nor while somebody waits for a full picture: who has asked goes
    first, and what is being prepared for nobody yet ends.

    Args:
        full: full pictures.
    """

    def __init__(self, full: _Prepared) -> None:
        self._full = full
        self._waiting = 0
        self._pause: asyncio.TimerHandle | None = None
        self._file: PhotoFile | None = None
        self._cancel = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def expect(self, file: PhotoFile) -> None:
        """A photo has been previewed."""
        if self._pause is not None:
            self._pause.cancel()
        if file != self._file and not self._full.has(file, LARGEST_SIDE):
            self._pause = asyncio.get_running_loop().call_later(_PAUSE, self._begin, file)

    @contextlib.contextmanager
    def making_way(self, file: PhotoFile, side: int) -> Iterator[None]:
        """Somebody waits for a full picture."""
        if (file, side) == (self._file, LARGEST_SIDE):
            self._file, self._cancel = None, threading.Event()  # it is asked for now, and gives way no more
        self._end()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def forget(self, name: str | None) -> None:
        """A photo is gone; all are, without a name."""
        if self._pause is not None:
            self._pause.cancel()
        if self._file is not None and name in (None, self._file.name):
            self._end()

    def _begin(self, file: PhotoFile) -> None:
        if self._waiting:
            return
        self._end()
        self._full.forget(lambda other: other != file)
        self._file, self._cancel = file, threading.Event()
        self._task = asyncio.create_task(self._prepare(file, self._cancel))

    async def _prepare(self, file: PhotoFile, cancel: threading.Event) -> None:
        with contextlib.suppress(NearfarError, OSError, MemoryError, _GaveWay):  # told to who asks for it
            await self._full.get(file, LARGEST_SIDE, cancel)
        if self._cancel is cancel:
            self._file = None

    def _end(self) -> None:
        self._cancel.set()
        self._file = None


def _coded(prepared: PreparedPortrait, look: PortraitLook, cancel: threading.Event) -> bytes:
    """A full picture has all that a file has; a preview just its colours, which takes half the time."""
    if look.side is None:
        whole = prepared.render(f_number=look.f_number, focus=look.focus, cancel=cancel)
        return whole.file_data("jpeg", color_quality=_QUALITY)
    small = prepared.render(f_number=look.f_number, focus=look.focus, effort="fast", cancel=cancel)
    picture = small.unblurred()
    out = io.BytesIO()
    Image.fromarray(picture.codes).save(out, "JPEG", quality=_QUALITY, icc_profile=picture.icc)
    return out.getvalue()
