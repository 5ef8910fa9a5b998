"""What a server does with more visitors than it has room for: turns them away, in words where it can.

connect ──▶ CrowdedSocket: 512 connections? ──▶ Crowd: 256 requests under way? ──▶ the app
                             └─ 503, closed                 └─ 503
"""

from __future__ import annotations

import socket
import weakref
from contextlib import suppress
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Crowd", "CrowdedSocket"]

_WORDS = "Too many ask at once. Close some pages, and load this again.\n"
_TURNED_AWAY = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    f"Content-Length: {len(_WORDS)}\r\nConnection: close\r\n\r\n{_WORDS}"
).encode()
_AT_ONCE = 100
"""Turned away before others have their turn."""


class Crowd:
    """An ASGI app that passes on to another one so many requests at a time.

    Args:
        app: what answers.
        most: requests and streams that are under way.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say that there are too many."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            await PlainTextResponse(_WORDS, 503, {"Retry-After": "5"})(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1


class CrowdedSocket(socket.socket):
    """A listening socket that turns connections away before anything is spent on them.

    A process may have so many files open; who connects must not use them up.
    """

    _most: int
    _inside: weakref.WeakSet[socket.socket]
    _words: bytes

    @classmethod
    def of(
        cls, listening: socket.socket, most: int, inside: weakref.WeakSet[socket.socket], *, secure: bool
    ) -> CrowdedSocket:
        """What listens already, as one of these.

        Args:
            listening: is closed; its connections go on here.
            most: connections at the same time.
            inside: those that there are, shared with other sockets that they count for.
            secure: the connections are for TLS, in which nobody could read the words.
        """
        made = cls(listening.family, listening.type, listening.proto, listening.detach())
        made._most, made._inside, made._words = most, inside, b"" if secure else _TURNED_AWAY
        return made

    def _has_room(self) -> bool:
        if len(self._inside) >= self._most:  # those that have left may be kept by others for some time
            for each in [each for each in self._inside if each.fileno() < 0]:
                self._inside.discard(each)
        return len(self._inside) < self._most

    def accept(self) -> tuple[socket.socket, Any]:
        """The next one for whom there is room.

        Raises:
            BlockingIOError: nobody waits, or many were turned away and others should have their turn.
        """
        for _ in range(_AT_ONCE):
            connection, address = super().accept()
            if self._has_room():
                self._inside.add(connection)
                return connection, address
            with connection, suppress(OSError):
                connection.setblocking(False)
                connection.send(self._words)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(len(self._words))  # what is left unread would have the words thrown away
        raise BlockingIOError
