"""The photos of the studio over HTTP: dropped in, shown, edited, taken away, deleted.

    /studio/photos                     GET the shelf, POST a photo, DELETE all
    /studio/photos/{id}                GET what it is, DELETE it
      /thumbnail.jpg, /picture.jpg, /mattes/{kind}.png, /depth      kept, and never sent twice (ETag)
      /edits                           POST, DELETE: beside picture and depth, which stay as they are
      /download/{kind}                 a file to keep

Photos are decoded in a `Darkroom`; what is made there is `Kept` under the version of its file.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, get_args
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nearfar.depth import MatteKind
from nearfar.errors import NearfarError
from nearfar.studio.answers import EditWish, PhotoEntry, PhotoShelf
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.json_answers import Refused, answer, answering, read_wish
from nearfar.studio.kept import Kept
from nearfar.studio.library import Library
from nearfar.studio.photo_downloads import MEDIA_TYPES, DownloadKind, about_download, make_download
from nearfar.studio.photo_edits import store_edits, take_out_edits
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.photo_looks import base_of, depth_of, jpeg_of_file, matte_of
from nearfar.studio.photo_pictures import THUMBNAIL_SIDE, jpeg_of
from nearfar.studio.photo_words import photo_details, photo_entry
from nearfar.studio.sent_files import SentFile, while_waited_for
from nearfar.studio.uploads import receive_photo
from nearfar.studio.workers import Workers

__all__ = ["photo_routes"]

_KEPT_PICTURES, _KEPT_PARTS = 32 << 20, 24 << 20
"""Bytes: of pictures to make smaller ones of, and of what was sent."""
_LARGEST_SIDE = 4096
_MADE_AT_ONCE = 2
"""Downloads that are rendered or coded anew, each by a process of its own."""
_PHOTOS = "/studio/photos"
_ONE = f"{_PHOTOS}/{{id}}"

Result = TypeVar("Result")


def photo_routes(library: Library, darkroom: Darkroom, workers: Workers) -> list[Route]:
    """The routes of the photos of a library. What uploads of an earlier run left behind is deleted.

    Args:
        library: has them.
        darkroom: decodes them; to be closed by the caller when the server ends.
        workers: for the rest; the same.
    """
    library.photos.sweep()
    return _PhotoRoom(library, darkroom, workers).routes()


class _PhotoRoom:
    """What the handlers share. Belongs to one event loop."""

    def __init__(self, library: Library, darkroom: Darkroom, workers: Workers) -> None:
        self._shelf = library.photos
        self._darkroom = darkroom
        self._workers = workers
        self._bases: Kept[NDArray[np.uint8]] = Kept(_KEPT_PICTURES, lambda picture: picture.nbytes)
        self._parts: Kept[bytes] = Kept(_KEPT_PARTS, len)
        self._entries: dict[PhotoFile, PhotoEntry] = {}
        self._making = asyncio.Semaphore(_MADE_AT_ONCE)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def routes(self) -> list[Route]:
        """All of them; each method of a path has its handler."""
        return [
            answering(_PHOTOS, GET=self.shelf, POST=self.receive, DELETE=self.empty),
            answering(_ONE, PhotoFile.refusal, GET=self.details, DELETE=self.remove),
            answering(f"{_ONE}/edits", PhotoFile.refusal, POST=self.edit, DELETE=self.revert),
            answering(f"{_ONE}/thumbnail.jpg", PhotoFile.refusal, GET=self.thumbnail),
            answering(f"{_ONE}/picture.jpg", PhotoFile.refusal, GET=self.picture),
            answering(f"{_ONE}/mattes/{{kind}}.png", PhotoFile.refusal, GET=self.matte),
            answering(f"{_ONE}/depth", PhotoFile.refusal, GET=self.depth),
            answering(f"{_ONE}/download/{{kind}}", PhotoFile.refusal, GET=self.download),
        ]

    # The shelf

    async def shelf(self, _: Request) -> Response:
        """All photos."""
        return answer(await self._workers.quick(self._shelf_now))

    def _shelf_now(self) -> PhotoShelf:
        known, found = self._entries, {}
        for path in self._shelf:
            with contextlib.suppress(FileNotFoundError):
                file = PhotoFile.at(path)
                found[file] = known.get(file) or photo_entry(file)
        self._entries = found
        entries = tuple(found.values())
        return PhotoShelf(str(self._shelf.folder), sum(entry.bytes for entry in entries), entries)

    async def receive(self, request: Request) -> Response:
        """A photo that is dropped in."""
        file, picture = await receive_photo(request, self._shelf, self._workers, self._darkroom)
        if picture is not None:
            self._bases.put(file, picture)
        entry = await self._workers.quick(lambda: photo_entry(file))
        return answer(entry, 200 if picture is None else 201)

    async def empty(self, request: Request) -> Response:
        """Delete all; what is being edited is finished first."""
        for path in await self._workers.quick(lambda: list(self._shelf)):
            async with self._turn(path.name):
                await self._workers.quick(lambda path=path: path.unlink(missing_ok=True))  # type: ignore[misc]
        await self._workers.quick(self._shelf.empty)
        self._bases.forget(lambda _: True)
        self._parts.forget(lambda _: True)
        self._darkroom.forget()
        return await self.shelf(request)

    async def remove(self, request: Request) -> Response:
        """Delete one."""
        name = _name(request)
        async with self._turn(name):
            await self._workers.quick(lambda: self._shelf.remove(name))
        self._forget(name)
        return await self.shelf(request)

    # One photo

    async def details(self, request: Request) -> Response:
        """What it is, in words."""
        where = request.query_params.get("location") == "true"
        return answer(await self._read(_name(request), partial(photo_details, location=where)))

    async def edit(self, request: Request) -> Response:
        """Store an aperture and a focus."""
        wish = await read_wish(request, EditWish)
        return await self._changed(_name(request), partial(store_edits, wish=wish))

    async def revert(self, request: Request) -> Response:
        """Take them out."""
        return await self._changed(_name(request), take_out_edits)

    async def _changed(self, name: str, change: Callable[[PhotoFile], PhotoFile]) -> Response:
        async with self._turn(name):
            before = PhotoFile.found(self._shelf, name)
            base = self._bases.peek(before)
            after = await self._darkroom.look(partial(change, before))
            if after != before:
                self._forget(name)
                if base is not None:
                    self._bases.put(after, base)  # the picture has not changed
            return answer(await self._darkroom.look(partial(photo_details, after)))

    # Pictures and depth

    async def thumbnail(self, request: Request) -> Response:
        """The small picture of the strip."""
        return await self._jpeg(request, THUMBNAIL_SIDE)

    async def picture(self, request: Request) -> Response:
        """The picture, at most ``side`` px on its longer side."""
        asked = request.query_params.get("side", str(_LARGEST_SIDE))
        if (
            not asked.isascii()
            or not asked.isdigit()
            or len(asked) > 6
            or not 1 <= int(asked) <= _LARGEST_SIDE
        ):
            raise Refused(400, f"side is a number of pixels, 1 to {_LARGEST_SIDE}, not {asked[:20]!r}.")
        return await self._jpeg(request, int(asked))

    async def _jpeg(self, request: Request, side: int) -> Response:
        async def make(file: PhotoFile) -> bytes:
            base = await self._bases.get(file, lambda: self._read(file.name, base_of))
            if max(base.shape) < side:
                return await self._read(file.name, partial(jpeg_of_file, side=side))
            return await self._workers.quick(lambda: jpeg_of(base, side))

        return await self._part(request, ("jpeg", side), make, "image/jpeg")

    async def matte(self, request: Request) -> Response:
        """What belongs to a subject."""
        name = request.path_params["kind"]
        if name not in [kind.value for kind in MatteKind]:
            raise Refused(404, f"There is no such matte as {name[:40]!r}.")
        kind = MatteKind(name)

        async def make(file: PhotoFile) -> bytes:
            return await self._read(file.name, partial(matte_of, kind=kind))

        return await self._part(request, ("matte", kind), make, "image/png")

    async def depth(self, request: Request) -> Response:
        """Its depth, as a message of `messages`."""

        async def make(file: PhotoFile) -> bytes:
            return await self._read(file.name, depth_of)

        return await self._part(request, ("depth",), make, "application/octet-stream")

    async def _part(
        self,
        request: Request,
        what: tuple[object, ...],
        make: Callable[[PhotoFile], Awaitable[bytes]],
        media_type: str,
    ) -> Response:
        """Something that is made of a photo: kept here, and in the browser while the photo stays as it is."""
        file = PhotoFile.found(self._shelf, _name(request))
        tag = f'"{file.version}"'
        settled = request.query_params.get("v") == file.version
        headers = {
            "ETag": tag,
            "Cache-Control": "private, max-age=31536000, immutable" if settled else "private, no-cache",
        }
        if tag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
            return Response(None, 304, headers)
        data = await self._parts.get((file, *what), lambda: make(file))
        return Response(data, 200, headers, media_type)

    # To take away

    async def download(self, request: Request) -> Response:
        """A file."""
        kind: DownloadKind = request.path_params["kind"]
        if kind not in get_args(DownloadKind):
            raise Refused(
                404, f"A photo is not to be had as {kind[:20]!r}: {', '.join(get_args(DownloadKind))}."
            )
        file = PhotoFile.found(self._shelf, _name(request))
        name, is_it = await self._read(file.name, partial(about_download, kind=kind))
        if is_it:
            return await self._sent(file.path, name, kind)
        room = await self._workers.quick(lambda: TemporaryDirectory(prefix="nearfar-"))
        try:
            made = Path(room.name) / f"made.{kind}"
            await while_waited_for(request, self._make(file, kind, made))
            return await self._sent(made, name, kind, room.cleanup)
        except BaseException:
            room.cleanup()
            raise

    async def _make(self, file: PhotoFile, kind: DownloadKind, place: Path) -> None:
        async with self._making:
            await make_download(file, kind, place)

    async def _sent(
        self, path: Path, name: str, kind: DownloadKind, afterwards: Callable[[], object] = lambda: None
    ) -> Response:
        file = await self._workers.quick(lambda: path.open("rb"))
        return SentFile(file, name, MEDIA_TYPES[kind], self._workers, afterwards)

    # What all of it stands on

    async def _read(self, name: str, work: Callable[[PhotoFile], Result]) -> Result:
        """Read a photo; once more where it was changed meanwhile."""
        file = PhotoFile.found(self._shelf, name)
        try:
            return await self._darkroom.look(partial(work, file))
        except (NearfarError, FileNotFoundError):
            now = PhotoFile.found(self._shelf, name)
            if now == file:
                raise
            return await self._darkroom.look(partial(work, now))

    def _turn(self, name: str) -> asyncio.Lock:
        """Whose it is to change a photo."""
        return self._turns.setdefault(name, asyncio.Lock())

    def _forget(self, name: str) -> None:
        self._bases.forget(lambda key: isinstance(key, PhotoFile) and key.name == name)
        self._parts.forget(lambda key: isinstance(key, tuple) and key[0].name == name)
        self._darkroom.forget(name)


def _name(request: Request) -> str:
    name: str = request.path_params["id"]
    return name
