"""The takes of the studio over HTTP: listed, played frame by frame, taken away, deleted.

    /studio/takes                GET the shelf, DELETE all
    /studio/takes/{id}           GET when each frame was, DELETE it
      /frames/{n}                GET one, as the message that the stream has (?type=raw: unfiltered depth;
                                 ?depth=packed: less than half the bytes)
      /download                  GET the file

All of it is done by `Workers`. A take that is being recorded is listed, and left alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nearfar.studio.answers import TakeEntry, TakeShelf
from nearfar.studio.json_answers import Refused, answer, answering
from nearfar.studio.library import Library
from nearfar.studio.messages import DepthCoding
from nearfar.studio.sent_files import SentFile
from nearfar.studio.take_files import (
    OpenTakes,
    TakeFile,
    growing_entry,
    take_details,
    take_entry,
)
from nearfar.studio.wire import encode
from nearfar.studio.workers import Workers
from nearfar.xr import DepthType

__all__ = ["take_routes"]

_TAKES = "/studio/takes"
_ONE = f"{_TAKES}/{{id}}"


def take_routes(library: Library, workers: Workers, recorded_now: Callable[[], str | None]) -> list[Route]:
    """The routes of the takes of a library.

    Args:
        library: has them.
        workers: to be closed by the caller when the server ends.
        recorded_now: the name of the take that is being recorded, if one is.
    """
    return _TakeRoom(library, workers, recorded_now).routes()


class _TakeRoom:
    """What the handlers share. Belongs to one event loop."""

    def __init__(self, library: Library, workers: Workers, recorded_now: Callable[[], str | None]) -> None:
        self._shelf = library.takes
        self._recorded_now = recorded_now
        self._workers = workers
        self._open = OpenTakes()
        self._entries: dict[TakeFile, TakeEntry] = {}

    def routes(self) -> list[Route]:
        """All of them; each method of a path has its handler."""
        return [
            answering(_TAKES, GET=self.shelf, DELETE=self.empty),
            answering(_ONE, TakeFile.refusal, GET=self.details, DELETE=self.remove),
            answering(f"{_ONE}/frames/{{number}}", TakeFile.refusal, GET=self.frame),
            answering(f"{_ONE}/download", TakeFile.refusal, GET=self.download),
        ]

    # The shelf

    async def shelf(self, _: Request) -> Response:
        """All takes."""
        recorded = self._recorded_now()
        return answer(await self._workers.quick(lambda: self._shelf_now(recorded)))

    def _shelf_now(self, recorded: str | None) -> TakeShelf:
        known, settled, listed = self._entries, {}, []
        for path in self._shelf:
            with contextlib.suppress(FileNotFoundError):
                file = TakeFile.at(path)
                if file.name == recorded:
                    listed.append(growing_entry(file))
                else:
                    settled[file] = known.get(file) or take_entry(file)
                    listed.append(settled[file])
        self._entries = settled
        return TakeShelf(str(self._shelf.folder), sum(entry.bytes for entry in listed), tuple(listed))

    async def empty(self, request: Request) -> Response:
        """Delete all, but for the one that is being recorded."""
        self._open.forget()
        await self._workers.quick(self._delete_all)
        return await self.shelf(request)

    def _delete_all(self) -> None:
        for path in self._shelf:
            if path.name != self._recorded_now():  # one that has begun since is no exception
                path.unlink(missing_ok=True)

    async def remove(self, request: Request) -> Response:
        """Delete one."""
        name = self._settled(request)
        self._open.forget(name)
        await self._workers.quick(lambda: self._shelf.remove(name))
        return await self.shelf(request)

    # One take

    async def details(self, request: Request) -> Response:
        """When each of its frames was."""
        file = TakeFile.found(self._shelf, self._settled(request))
        return answer(await self._workers.quick(lambda: take_details(file, self._open.get(file))))

    async def frame(self, request: Request) -> Response:
        """One of its frames."""
        file = TakeFile.found(self._shelf, self._settled(request))
        number, depth_type, coding = _number(request), _depth_type(request), _coding(request)

        def made() -> bytes:
            frames = self._open.get(file)
            if number >= len(frames):
                raise Refused(404, f"{file.name} has {len(frames)} frames; none is number {number}.")
            return encode(frames.message(number, depth_type, coding))

        data = await self._workers.quick(made)
        return Response(data, 200, {"Cache-Control": "no-store"}, "application/octet-stream")

    async def download(self, request: Request) -> Response:
        """The file."""
        file = TakeFile.found(self._shelf, self._settled(request))
        opened = await self._workers.quick(lambda: file.path.open("rb"))
        return SentFile(opened, file.name, "application/octet-stream", self._workers)

    def _settled(self, request: Request) -> str:
        """The id of a take that is not being recorded."""
        name = _name(request)
        if name == self._recorded_now():
            raise Refused(409, f"{name} is being recorded. Stop the recording first.")
        return name


def _name(request: Request) -> str:
    name: str = request.path_params["id"]
    return name


def _number(request: Request) -> int:
    said: str = request.path_params["number"]
    if not said.isascii() or not said.isdigit() or len(said) > 9:
        raise Refused(400, f"A frame has a number, 0 or more, not {said[:20]!r}.")
    return int(said)


def _depth_type(request: Request) -> DepthType:
    said = request.query_params.get("type", DepthType.SMOOTH.value)
    if said not in [each.value for each in DepthType]:
        raise Refused(400, f"type is {' or '.join(each.value for each in DepthType)}, not {said[:20]!r}.")
    return DepthType(said)


def _coding(request: Request) -> DepthCoding:
    said = request.query_params.get("depth", "plain")
    for coding in get_args(DepthCoding):
        if said == coding:
            return cast("DepthCoding", coding)
    raise Refused(400, f"depth is {', '.join(get_args(DepthCoding))}, not {said[:20]!r}.")
