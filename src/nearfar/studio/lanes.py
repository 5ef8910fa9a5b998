"""A broad way to a page beside its WebSocket, for large frames: the body of an answer that does not end.

    page ── GET /nearfar/stream/KEY ──▶ u32 length │ message │ u32 length │ message │ …

Browsers take a WebSocket's messages in small pieces, each by way of the thread that draws the page: one of a
megabyte takes 10 ms and more to arrive. The body of an answer takes 4. `Hello` states the key.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

__all__ = ["Lane", "Lanes"]

_LENGTH = struct.Struct("<I")
_MOST_OPEN = 3
"""Browsers keep six connections to one server, for all its pages; those of a page's files are among them."""


class Lane:
    """One page's: open from when the page asks for it until either side ends it.

    Nothing queues in it but the frames that the stream lets be on their way.
    """

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(16)
        self.is_open = False
        self._taken_by: _Body | None = None

    @property
    def is_taken(self) -> bool:
        """Its last body has not come to its end yet."""
        return self._taken_by is not None

    def put(self, packet: bytes) -> None:
        """Send a message; the lane must be open."""
        assert self._taken_by is not None
        self._taken_by.packets.put_nowait(packet)

    def end(self) -> None:
        """Let the body end behind what was put; the page may ask again."""
        if self.is_open and self._taken_by is not None:
            self.is_open = False
            self._taken_by.packets.put_nowait(None)

    def take(self) -> _Body:
        """Open it."""
        self._taken_by = body = _Body(self._leave)
        self.is_open = True
        return body

    def _leave(self, body: _Body) -> None:
        if self._taken_by is body:
            self._taken_by, self.is_open = None, False


class _Body(StreamingResponse):
    """What was put, each behind its length, until the end. With the page the rest is lost."""

    def __init__(self, leave: Callable[[_Body], None]) -> None:
        headers = {"Cache-Control": "no-store"}
        super().__init__(self._sent(), media_type="application/octet-stream", headers=headers)
        self.packets: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._leave = leave

    async def _sent(self) -> AsyncIterator[bytes]:
        while (packet := await self.packets.get()) is not None:
            yield _LENGTH.pack(len(packet))
            yield packet
        self._leave(self)  # before the page hears of the end: it may ask again then

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it while both sides are there."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave(self)


class Lanes:
    """Those of one server's streams."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    @contextmanager
    def kept(self) -> Iterator[Lane]:
        """A lane for as long as a stream is there."""
        lane = Lane()
        self._lanes[lane.key] = lane
        try:
            yield lane
        finally:
            del self._lanes[lane.key]
            lane.end()

    def answer(self, key: str) -> Response:
        """Open a page's lane, or say why not."""
        lane = self._lanes.get(key)
        if lane is None:
            return PlainTextResponse("There is no stream of this key.\n", 404)
        if lane.is_taken:
            return PlainTextResponse("This stream has its lane already.\n", 409)
        if sum(each.is_taken for each in self._lanes.values()) >= _MOST_OPEN:
            return PlainTextResponse("Other pages have all the lanes there are.\n", 503)
        return lane.take()
