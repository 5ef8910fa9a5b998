"""An open file as an answer: sent piece by piece, read off the event loop, and closed however it ends."""

from __future__ import annotations

from typing import IO
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from nearfar.studio.workers import Workers

__all__ = ["SentFile"]

_PIECE = 1 << 18


class SentFile(Response):
    """A file to be saved by a name.

    Args:
        file: open at its start; it is closed when it is sent.
        size: its bytes.
        name: by which the browser saves it.
        media_type: what it is.
        workers: for reading.
    """

    def __init__(self, file: IO[bytes], size: int, name: str, media_type: str, workers: Workers) -> None:
        super().__init__(None, media_type=media_type)
        self._file = file
        self._workers = workers
        plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
        self.headers["Content-Length"] = str(size)
        self.headers["Content-Disposition"] = (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
        )
        self.headers["Cache-Control"] = "no-store"

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it; not its bytes where only the head is asked for."""
        with self._file:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            while scope["method"] != "HEAD" and (data := await self._workers.quick(self._next)):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    def _next(self) -> bytes:
        return self._file.read(_PIECE)
