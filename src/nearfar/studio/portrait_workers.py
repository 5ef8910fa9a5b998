"""Portraits of the library's photos: prepared once, kept for a while, rendered look by look on workers.

    photo, side ──▶ kept? ─ no ─▶ prepare_portrait, once for all who wait for it
                      └─ yes ───▶ render(f_number, focus) ──▶ JPEG

Previews and full pictures have workers of their own, so that no preview waits for somebody's full picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from nearfar.effects import PreparedPortrait, prepare_portrait
from nearfar.errors import LimitExceeded, NearfarError
from nearfar.studio.json_answers import Refused
from nearfar.studio.kept import Kept
from nearfar.studio.photo_files import PhotoFile, explained, gone
from nearfar.studio.turns import Turn, off_the_loop

__all__ = ["LARGEST_SIDE", "Look", "PortraitWorkers"]

LARGEST_SIDE = 6000
"""Px of a full picture's longer side; larger ones, of 48 megapixels, are rendered at half of theirs."""

_MOST_BYTES = 256 << 20
"""Of what is kept prepared: one of 12 megapixels is 100 MiB, a preview of it a ninth."""
_LARGEST_PREVIEW = 2048
_PREVIEWS_AT_ONCE = 2
_QUALITY = 88
_PAUSE = 0.25
"""Seconds without a preview after which the full picture is prepared."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a photo is to be rendered.

    Attributes:
        f_number: None as the photo has it.
        focus: a place (x, y), 0..1 from the top left; None as the photo has it.
        side: px of the longer side at most, for a preview; None for the full quality.
    """

    f_number: float | None = None
    focus: tuple[float, float] | None = None
    side: int | None = None


class PortraitWorkers:
    """What renders. Belongs to one event loop, from its first portrait until `close`."""

    def __init__(self) -> None:
        self._kept: Kept[PreparedPortrait] = Kept(_MOST_BYTES, lambda prepared: prepared.nbytes)
        self._previews = ThreadPoolExecutor(_PREVIEWS_AT_ONCE, "nearfar-preview")
        self._full = ThreadPoolExecutor(1, "nearfar-portrait")
        self._closing = threading.Event()
        self._ahead: PhotoFile | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._preparing: asyncio.Task[None] | None = None

    async def jpeg(self, file: PhotoFile, look: Look, turn: Turn) -> bytes:
        """A portrait as a JPEG file. To cancel the wait ends the rendering, but not what others need, too.

        Args:
            file: the photo.
            look: how to render it.
            turn: that of the request; a preview that is prepared comes to its end.

        Raises:
            Refused: the photo has no depth, cannot be read, or is gone.
        """
        side = LARGEST_SIDE if look.side is None else look.side
        workers = self._workers(side)
        try:
            prepared = await self._prepared(file, side)
            if workers is self._previews:
                turn.nearly_done()
            data = await off_the_loop(workers, lambda cancel: _coded(prepared, look, cancel))
        except FileNotFoundError:
            raise gone(file.name) from None
        except (NearfarError, OSError) as problem:
            status = 413 if isinstance(problem, LimitExceeded) else 422
            raise Refused(status, explained(problem, file.name)) from problem
        if workers is self._previews:
            self._look_ahead(file)
        return data

    def close(self) -> None:
        """End what is under way."""
        self._closing.set()
        if self._pause is not None:
            self._pause.cancel()
        for workers in (self._previews, self._full):
            workers.shutdown(wait=False, cancel_futures=True)

    def _workers(self, side: int) -> Executor:
        return self._previews if side <= _LARGEST_PREVIEW else self._full

    async def _prepared(self, file: PhotoFile, side: int) -> PreparedPortrait:
        def prepare() -> PreparedPortrait:
            return prepare_portrait(file.opened(), max_side=side, cancel=self._closing)

        async def make() -> PreparedPortrait:
            return await asyncio.get_running_loop().run_in_executor(self._workers(side), prepare)

        return await self._kept.get((file, side), make)

    def _look_ahead(self, file: PhotoFile) -> None:
        """Prepare the full picture of what is previewed: it is asked for when the slider is let go.

        Not while it moves: previews would wait.
        """
        if self._pause is not None:
            self._pause.cancel()
        if file != self._ahead:
            self._pause = asyncio.get_running_loop().call_later(_PAUSE, self._prepare_full, file)

    def _prepare_full(self, file: PhotoFile) -> None:
        async def prepare() -> None:
            with contextlib.suppress(NearfarError, OSError):  # told to who asks for it
                await self._prepared(file, LARGEST_SIDE)

        self._ahead = file
        self._preparing = asyncio.create_task(prepare())


def _coded(prepared: PreparedPortrait, look: Look, cancel: threading.Event) -> bytes:
    """A full picture has all that a file has; a preview just its colours, which takes half the time."""
    if look.side is None:
        whole = prepared.render(f_number=look.f_number, focus=look.focus, cancel=cancel)
        return whole.file_data("jpeg", color_quality=_QUALITY)
    small = prepared.render(f_number=look.f_number, focus=look.focus, effort="fast", cancel=cancel)
    picture = small.unblurred()
    out = io.BytesIO()
    Image.fromarray(picture.codes).save(out, "JPEG", quality=_QUALITY, icc_profile=picture.icc)
    return out.getvalue()
