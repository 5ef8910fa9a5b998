"""What a server does with more visitors than it has room for: turns them away, in words where it can.

connect ──▶ CrowdedSocket: has Room one more? ──▶ Crowd: 256 requests under way? ──▶ the app
                             └─ no: 503, closed            └─ yes: 503

    512 connections   64 of them for each other address, and neither this machine nor all others together
                      have more than 448: each leaves the other 64
"""

from __future__ import annotations

import ipaddress
import socket
import weakref
from collections import Counter
from contextlib import suppress
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Crowd", "CrowdedSocket", "Room"]

_WORDS = "Too many ask at once. Close some pages, and load this again.\n"
_YOUR_WORDS = "Too many connections come from your device. Close some of its pages, and load this again.\n"
_THIS_MACHINE = "this machine"
_LONGEST_HEAD = 4096
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


class Room:
    """Connections at the same time, and a fair share of them for each address. Nothing is asked of them yet.

    A process may have so many files open; who connects must not use them up, nor have all that there are.

    Args:
        most: of all.
        of_one: of one address, but for this machine's own.
        left: that this machine leaves to all others together, and they to this machine.
    """

    def __init__(self, most: int, of_one: int, left: int) -> None:
        self._most, self._of_one, self._left = most, of_one, left
        self._inside: weakref.WeakKeyDictionary[socket.socket, str] = weakref.WeakKeyDictionary()

    def refusal(self, connection: socket.socket, address: str) -> str | None:
        """Why there is no room for a connection from an address, in words; None where there is: it has it."""
        whose = _whose(address)
        words = self._words(whose)
        if words is not None:  # those that have left may be kept by others for some time
            for each in [each for each in self._inside if each.fileno() < 0]:
                del self._inside[each]
            words = self._words(whose)
        if words is None:
            self._inside[connection] = whose
        return words

    def _words(self, whose: str) -> str | None:
        counts = Counter(self._inside.values())
        here, all_of_them = counts[_THIS_MACHINE], counts.total()
        if whose != _THIS_MACHINE and counts[whose] >= self._of_one:
            return _YOUR_WORDS
        alike = here if whose == _THIS_MACHINE else all_of_them - here
        return _WORDS if all_of_them >= self._most or alike >= self._most - self._left else None


def _whose(address: str) -> str:
    with suppress(ValueError):  # some systems have none for who has left already
        if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
            return _THIS_MACHINE
    return address


class CrowdedSocket(socket.socket):
    """A listening socket that turns connections away before anything is spent on them."""

    _room: Room
    _secure: bool

    @classmethod
    def of(cls, listening: socket.socket, room: Room, *, secure: bool) -> CrowdedSocket:
        """What listens already, as one of these.

        Args:
            listening: is closed; its connections go on here.
            room: for them, and for those of other sockets that share it.
            secure: the connections are for TLS, in which nobody could read the words.
        """
        made = cls(listening.family, listening.type, listening.proto, listening.detach())
        made._room, made._secure = room, secure
        return made

    def accept(self) -> tuple[socket.socket, Any]:
        """The next one for whom there is room.

        Raises:
            BlockingIOError: nobody waits, or many were turned away and others should have their turn.
        """
        for _ in range(_AT_ONCE):
            connection, address = super().accept()
            words = self._room.refusal(connection, address[0])
            if words is None:
                return connection, address
            with connection, suppress(OSError):
                answer = b"" if self._secure else _turned_away(words)
                connection.setblocking(False)
                connection.send(answer)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(_LONGEST_HEAD)  # what is left unread would have the words thrown away
        raise BlockingIOError


def _turned_away(words: str) -> bytes:
    head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n"
    return f"{head}Content-Length: {len(words)}\r\nConnection: close\r\n\r\n{words}".encode()
