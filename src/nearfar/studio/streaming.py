"""One page's stream: what is said when, and how much of it.

    hello ──▶   ◀── wanted   frame, frame ──▶   ◀── taken   frame ──▶ …
                             └ at most two on their way ┘

A page that says what cannot be, says too much, or takes nothing for long is told so in words and let go.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from starlette.websockets import WebSocket, WebSocketDisconnect

from nearfar.errors import CorruptFile, NearfarError
from nearfar.studio.feeding import Exchanged, Feed, Watcher
from nearfar.studio.lanes import Lane
from nearfar.studio.messages import FROM_PAGE, Ended, Hello, Message, Problem, Taken, Wanted
from nearfar.studio.wire import decode, encode

__all__ = ["Limits", "PageStream"]

_ON_THEIR_WAY = 2
_GONE, _AT_FAULT, _DEVICE_FAILED, _TOO_MANY = 1006, 1008, 1011, 1013
_LONGEST_PROBLEM = 2000
"""Of what a page is told, characters: what a plug-in raises may be a whole array."""
_LONGEST_REASON = 120
"""Of a WebSocket's closing words, bytes (RFC 6455 has 123)."""
_SHORT = 256
"""Of messages from pages that are looked up first, bytes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a page may ask of a server.

    Attributes:
        request: seconds until a connection has made its request.
        taking: seconds in which it takes some of what is sent, where that waits.
        pages: that have a stream at the same time.
        message_bytes: of one message from a page.
        messages_per_second: from one page, over a second or longer.
        first_word: seconds until a page says what it wants.
        stalled: seconds with no frame taken while two are on their way.
        closing: seconds for the last words to go out.
    """

    request: float = 10.0
    taking: float = 20.0
    pages: int = 32
    message_bytes: int = 4096
    messages_per_second: int = 500
    first_word: float = 10.0
    stalled: float = 60.0
    closing: float = 1.0


@lru_cache(maxsize=64)
def _said(packet: bytes) -> Wanted | Taken:
    """A short message: all pages that keep up say that they have taken a frame in the same bytes."""
    return decode(packet, FROM_PAGE)


class _AtFault(Exception):
    """The page did what it may not."""


class PageStream:
    """The server's end of one stream.

    Args:
        websocket: not accepted yet.
        feed: where frames come from.
        lane: takes them instead of the WebSocket while the page has it open.
        hello: makes the first message, once the device runs, from the lane's key.
        limits: what the page may ask.
    """

    def __init__(
        self, websocket: WebSocket, feed: Feed, lane: Lane, hello: Callable[[str], Hello], limits: Limits
    ) -> None:
        self._websocket = websocket
        self._feed = feed
        self._lane = lane
        self._hello = hello
        self._limits = limits
        self._watcher: Watcher | None = None
        self._wanted = Wanted(depth=None, color=False)
        self._asked = False
        self._on_their_way: deque[int] = deque()
        self._room = asyncio.Event()
        self._all_taken = asyncio.Event()
        self._all_taken.set()
        self._allowed = float(limits.messages_per_second)
        self._heard_at = time.monotonic()

    async def run(self) -> None:
        """From the handshake to the last word."""
        await self._websocket.accept()
        if self._feed.watchers >= self._limits.pages:
            most = self._limits.pages
            await self._close(_TOO_MANY, f"{most} pages are watching already; close one and load this again")
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._show())
        except* WebSocketDisconnect:
            pass
        except* _AtFault as problems:
            await self._close(_AT_FAULT, str(_innermost(problems)))
        except* NearfarError as problems:
            await self._close(_DEVICE_FAILED, str(_innermost(problems)))
        except* Exception as problems:  # a device may be a plug-in: what it raises, or a frame that is none
            problem = _innermost(problems)
            logging.getLogger(__name__).error("the device failed", exc_info=problem)
            await self._close(_DEVICE_FAILED, f"{type(problem).__name__}: {problem}")

    async def _listen(self) -> NoReturn:
        """Hear the page out, until it goes: while the device starts, too."""
        while True:
            self._heed(await self._heard())

    async def _heard(self) -> Wanted | Taken:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        self._keep_pace()
        packet = message.get("bytes")
        if packet is None:
            raise _AtFault("a text came; messages are binary")
        try:
            return _said(packet) if len(packet) <= _SHORT else decode(packet, FROM_PAGE)
        except CorruptFile as problem:
            raise _AtFault(problem.reason) from None

    def _keep_pace(self) -> None:
        most, now = self._limits.messages_per_second, time.monotonic()
        self._allowed = min(most, self._allowed + (now - self._heard_at) * most) - 1
        self._heard_at = now
        if self._allowed < 0:
            raise _AtFault(f"more than {most} messages a second came")

    def _heed(self, message: Wanted | Taken) -> None:
        if isinstance(message, Wanted):
            self._wanted, self._asked = message, True
            if message.depth is None:
                self._lane.end()
            if self._watcher is not None:
                self._watcher.want(message)
        elif message.sequence in self._on_their_way:
            self._on_their_way.remove(message.sequence)
        else:
            raise _AtFault(f"frame {message.sequence} was taken, which was not on its way")
        if self._asked and len(self._on_their_way) < _ON_THEIR_WAY:
            self._room.set()
        if not self._on_their_way:
            self._all_taken.set()

    async def _show(self) -> None:
        """Say what feeds the page, and then show it."""
        async with self._feed.watched() as watcher:
            self._watcher = watcher
            watcher.want(self._wanted)
            await self._say(self._hello(self._lane.key))
            try:
                async with asyncio.timeout(self._limits.first_word):
                    await self._room.wait()
            except TimeoutError:
                raise _AtFault(
                    f"the page did not say within {self._limits.first_word:g} s what it wants"
                ) from None
            await self._show_frames(watcher)

    async def _show_frames(self, watcher: Watcher) -> NoReturn:
        """Send the newest frame whenever there is room for one."""
        while True:
            await self._until(self._room)
            news = await watcher.next()
            if isinstance(news, Ended):
                await self._say(news)
                continue
            if isinstance(news, Exchanged):
                await self._until(self._all_taken)  # else a frame of the one before might come behind it
                await self._show_packet(encode(self._hello(self._lane.key)))
                continue
            packet = await news.packet(self._wanted)
            self._on_their_way.append(news.sequence)
            self._all_taken.clear()
            if len(self._on_their_way) >= _ON_THEIR_WAY:
                self._room.clear()
            await self._show_packet(packet)

    async def _until(self, taken: asyncio.Event) -> None:
        """Wait for the page to take frames."""
        if taken.is_set():
            return
        try:
            async with asyncio.timeout(self._limits.stalled):
                await taken.wait()
        except TimeoutError:
            raise _AtFault(f"the page took no frame for {self._limits.stalled:g} s") from None

    async def _show_packet(self, packet: bytes) -> None:
        """Send a message the way that frames go."""
        if self._lane.is_open:
            self._lane.put(packet)
        else:
            await self._send(packet)

    async def _say(self, message: Message) -> None:
        await self._send(encode(message))

    async def _send(self, packet: bytes) -> None:
        try:
            await self._websocket.send_bytes(packet)
        except RuntimeError:  # the server closed it by itself, for a message too long or garbled
            raise WebSocketDisconnect(_GONE) from None

    async def _close(self, code: int, reason: str) -> None:
        """Say why, and go; a page that does not listen is not waited for."""
        reason = reason[:_LONGEST_PROBLEM]
        short = reason.encode(errors="replace")[:_LONGEST_REASON].decode(errors="ignore")
        with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):  # closed already, by either side
            async with asyncio.timeout(self._limits.closing):
                await self._say(Problem(reason))
                await self._websocket.close(code, short)


def _innermost(problem: BaseException) -> BaseException:
    """The first of a group of errors."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem
