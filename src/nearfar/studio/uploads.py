"""Photos that are dropped in: written beside the shelf as they come, looked at, and only then put on it.

body ──▶ .….part ── is it a photo? ──▶ photos/IMG_0042.HEIC
            │             └─ no: words why, and nothing stays behind
            └─ the same bytes are there already: that photo
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request

from nearfar.errors import LimitExceeded, NearfarError
from nearfar.photo import Photo
from nearfar.studio.bodies import pieces
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.large_photos import is_large
from nearfar.studio.library import Shelf, plain_name
from nearfar.studio.memory import give_back
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.photo_pictures import base_picture
from nearfar.studio.refusals import Refused, is_full, said_of_disk
from nearfar.studio.shelf_files import explained
from nearfar.studio.workers import Workers

__all__ = ["receive_photo"]

LARGEST_PHOTO = 100 << 20
"""Bytes: a multiple of what phones write, and a few times this may be held while it is looked at."""
_SUFFIX_OF = {"heic": (".heic", ".heif", ".hif"), "jpeg": (".jpg", ".jpeg")}
"""The suffixes that say what is inside; the first is given to a name that says another."""
_PRIVATE = 0o600
_BATCH = 1 << 20
"""Bytes that are gathered before they are written."""


async def receive_photo(
    request: Request, shelf: Shelf, workers: Workers, darkroom: Darkroom, *, most_bytes: int = LARGEST_PHOTO
) -> tuple[PhotoFile, NDArray[np.uint8] | None]:
    """Take the photo that a request's body holds.

    Args:
        request: its query says the ``name``.
        shelf: where photos are kept.
        workers: for what takes long.
        darkroom: where it is looked at.
        most_bytes: of a photo.

    Returns:
        The photo, and its base picture; None where the same photo was there before.

    Raises:
        Refused: it is no photo, is too large, came too slowly, or there is no room for it.
    """
    wish = plain_name(request.query_params.get("name", ""))
    try:
        unfinished = await workers.quick(shelf.unfinished_path)
        try:
            await _write(pieces(request, most_bytes), unfinished, workers)
            return await darkroom.careful(partial(_settled, unfinished, wish, shelf))
        finally:
            with contextlib.suppress(FileNotFoundError):
                unfinished.unlink()
    except LimitExceeded as problem:
        raise Refused(413, explained(problem, wish)) from problem
    except FileNotFoundError:
        raise Refused(409, "The folder was emptied while the photo came in. Drop it in again.") from None
    except OSError as problem:
        raise _not_kept(problem, shelf) from problem


async def _write(body: AsyncIterator[bytes], path: Path, workers: Workers) -> None:
    """Write what comes to a new file, some of it at a time, off the event loop."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, _PRIVATE), "wb") as file:
        gathered = bytearray()
        async for piece in body:
            gathered += piece
            if len(gathered) >= _BATCH:
                await workers.quick(_writer(file.write, bytes(gathered)))
                gathered.clear()
        await workers.quick(_writer(file.write, bytes(gathered)))


def _writer(write: Callable[[bytes], int], data: bytes) -> Callable[[], int]:
    return lambda: write(data)


def _settled(unfinished: Path, wish: str, shelf: Shelf) -> tuple[PhotoFile, NDArray[np.uint8] | None]:
    """Look at what came, and put it on the shelf."""
    there = shelf.same_as(unfinished)
    if there is not None:
        return PhotoFile.at(there), None
    photo, picture = _looked_at(unfinished, wish)
    container = photo.container
    assert container is not None
    stem, suffix = os.path.splitext(wish)
    known = _SUFFIX_OF[container]
    name = wish if suffix.lower() in known else f"{stem}{known[0]}"
    return PhotoFile.at(shelf.settle(unfinished, name)), picture


def _looked_at(path: Path, name: str) -> tuple[Photo, NDArray[np.uint8]]:
    """The photo that came, decoded once."""
    try:
        photo = PhotoFile.at(path).opened()
        return photo, base_picture(photo)
    except NearfarError as problem:  # for want of memory the darkroom tries again, and has words
        status = 413 if isinstance(problem, LimitExceeded) else 415
        raise Refused(status, f"{explained(problem, name)} {_WHAT_TO_DO}") from problem
    finally:
        if is_large(0, path.stat().st_size):
            give_back()


_WHAT_TO_DO = "Drop in a HEIC or JPEG photo as the phone took it."


def _not_kept(problem: OSError, shelf: Shelf) -> Refused:
    words = f"The photo cannot be kept in {shelf.folder}: {said_of_disk(problem)}."
    return Refused(507 if is_full(problem) else 500, words)
