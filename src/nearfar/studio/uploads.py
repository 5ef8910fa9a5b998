"""Photos that are dropped in: written beside the shelf as they come, looked at, and only then put on it.

body ──▶ .….part ── is it a photo? ──▶ photos/IMG_0042.HEIC
            │             └─ no: words why, and nothing stays behind
            └─ the same bytes are there already: that photo
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import filecmp
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect, Request

from nearfar.errors import NearfarError
from nearfar.studio.json_answers import Refused
from nearfar.studio.library import Shelf, plain_name
from nearfar.studio.photo_files import PhotoFile, explained
from nearfar.studio.photo_pictures import base_picture
from nearfar.studio.workers import Workers

__all__ = ["receive_photo"]

LARGEST_PHOTO = 200 << 20
"""Bytes."""
_PATIENCE = 20.0
"""Seconds in which some of a photo must come."""
_SUFFIX_OF = {"heic": (".heic", ".heif", ".hif"), "jpeg": (".jpg", ".jpeg")}
"""The suffixes that say what is inside; the first is given to a name that says another."""
_PRIVATE = 0o600
_BATCH = 1 << 20
"""Bytes that are gathered before they are written."""


async def receive_photo(
    request: Request, shelf: Shelf, workers: Workers, *, most_bytes: int = LARGEST_PHOTO
) -> tuple[PhotoFile, NDArray[np.uint8] | None]:
    """Take the photo that a request's body holds.

    Args:
        request: its query says the ``name``.
        shelf: where photos are kept.
        workers: for what takes long.
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
            await _write(_pieces(request, most_bytes), unfinished, workers)
            return await workers.quick(lambda: _settled(unfinished, wish, shelf))
        finally:
            with contextlib.suppress(FileNotFoundError):
                unfinished.unlink()
    except OSError as problem:
        raise _no_room(problem, shelf) from problem


async def _pieces(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    """The body as it comes."""
    too_large = Refused(413, f"That is more than {most_bytes >> 20} MB, the most that a photo may have.")
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > most_bytes:
        raise too_large
    got, coming = 0, aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(_PATIENCE):
                piece = await anext(coming)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refused(408, "The photo stopped coming in. Drop it in again.") from None
        except ClientDisconnect:
            raise Refused(400, "The photo broke off on its way. Drop it in again.") from None
        got += len(piece)
        if got > most_bytes:
            raise too_large
        yield piece


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
    for path in shelf:
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size == unfinished.stat().st_size and filecmp.cmp(path, unfinished, False):
                return PhotoFile.at(path), None
    try:
        photo = PhotoFile.at(unfinished).opened()
        picture = base_picture(photo)
    except NearfarError as problem:
        status = 413 if "limit" in vars(problem) else 415
        raise Refused(status, f"{explained(problem, wish)} {_WHAT_TO_DO}") from problem
    container = photo.container
    assert container is not None
    stem, suffix = os.path.splitext(wish)
    known = _SUFFIX_OF[container]
    name = wish if suffix.lower() in known else f"{stem}{known[0]}"
    try:
        return PhotoFile.at(shelf.settle(unfinished, name)), picture
    except FileNotFoundError:
        raise Refused(409, "The folder was emptied while the photo came in. Drop it in again.") from None


_WHAT_TO_DO = "Drop in a HEIC or JPEG photo as the phone took it."


def _no_room(problem: OSError, shelf: Shelf) -> Refused:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refused(
            507, f"There is no room left for the photo in {shelf.folder}. Make some and try again."
        )
    return Refused(500, f"The photo cannot be kept in {shelf.folder}: {problem.strerror or problem}.")
