"""A file as an answer: made while somebody waits, sent piece by piece, and gone however that ends.

while_waited_for(request, making) ──▶ open file ──▶ SentFile ──▶ page
  └─ the client goes away: making is cancelled       └─ closed, deleted
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from typing import IO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from nearfar.studio.bodies import until_gone
from nearfar.studio.refusals import Refused
from nearfar.studio.workers import Workers

__all__ = ["SentFile", "while_waited_for"]

_PIECE = 1 << 18
_GONE = 499
"""The client went away: nobody reads this."""


class SentFile(Response):
    """A file to be saved by a name.

    Args:
        file: open at its start; it is closed when it is sent.
        name: by which the browser saves it.
        media_type: what it is.
        workers: for reading.
        afterwards: called once it is sent, or cannot be any more.
    """

    def __init__(
        self,
        file: IO[bytes],
        name: str,
        media_type: str,
        workers: Workers,
        afterwards: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(None, media_type=media_type)
        self._file = file
        self._workers = workers
        self._afterwards = afterwards
        plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
        self.headers["Content-Length"] = str(os.fstat(file.fileno()).st_size)
        self.headers["Content-Disposition"] = (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        )
        self.headers["Cache-Control"] = "no-store"

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it; not its bytes where only the head is asked for."""
        try:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            while scope["method"] != "HEAD" and (data := await self._workers.quick(self._next)):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._file.close()
            self._afterwards()

    def _next(self) -> bytes:
        return self._file.read(_PIECE)


async def while_waited_for(request: Request, work: Awaitable[None]) -> None:
    """Do what a request waits for; it is cancelled when the client goes away.

    Raises:
        Refused: the client went away; and what `work` raises.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.create_task(until_gone(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Refused(_GONE, "Nobody waits for this any more.")
        await working
    finally:
        for task in (working, leaving):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await working
