"""Connections that must come to the point, and go on: who says nothing, or takes nothing, is let go.

accepted ──▶ the head of a request within `patience` s ──▶ answer, taken ──▶ …
   │                └─ no: closed                           └─ nothing of it for `taking` s: cut off
   └─ see `crowds` for who is one too many
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from contextlib import suppress

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["BrokenOff", "PromptConnection", "Pulse", "prompt_connections"]


_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""What SO_LINGER takes: on, for no time."""


class BrokenOff(Exception):
    """An answer that cannot be finished: its connection is closed. Whoever raises it has said why."""


class Pulse:
    """Cuts a connection off whose other side takes nothing of what waits for it.

    Only where that is all that happens to it: while the one who writes waits for room, or has left.

    Args:
        transport: the connection.
        patience: seconds in which the other side must take something.
    """

    def __init__(self, transport: asyncio.Transport, patience: float) -> None:
        self.waits = False
        self._transport = transport
        self._patience = patience
        self._left: int | None = None
        self._next = asyncio.get_running_loop().call_later(patience, self._check)

    def end(self) -> None:
        """The connection is gone, or another takes care of it."""
        self._next.cancel()

    def _check(self) -> None:
        size = self._transport.get_write_buffer_size()
        stuck = size > 0 and (self.waits or self._transport.is_closing())
        if stuck and self._left is not None and size >= self._left:
            self._cut_off()
            return
        self._left = size if stuck else None
        self._next = asyncio.get_running_loop().call_later(self._patience, self._check)

    def _cut_off(self) -> None:
        """Close it, and let the system forget what it holds for the other side: megabytes, and for long."""
        connection = self._transport.get_extra_info("socket")
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()


class PromptConnection(H11Protocol):
    """uvicorn's connection, which by itself waits for a request, and for its answer to be taken, for ever."""

    patience, taking = 10.0, 20.0
    _deadline: asyncio.TimerHandle | None = None
    _pulse: Pulse | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Someone connected."""
        super().connection_made(transport)
        self._pulse = Pulse(transport, self.taking)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._end()
        self._end_pulse()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or the last of its head."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._end()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """It becomes a stream, which has time-outs of its own."""
        self._end()
        self._end_pulse()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """A request was answered; another may follow."""
        before = self.cycle
        super().on_response_complete()  # which goes on with one that came already
        if self.cycle is before:
            self._begin()

    def pause_writing(self) -> None:
        """There is more to send than is taken."""
        super().pause_writing()
        if self._pulse is not None:
            self._pulse.waits = True

    def resume_writing(self) -> None:
        """It was taken."""
        super().resume_writing()
        if self._pulse is not None:
            self._pulse.waits = False

    def _begin(self) -> None:
        self._end()
        if not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.patience, self.transport.close)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end_pulse(self) -> None:
        if self._pulse is not None:
            self._pulse.end()
            self._pulse = None


def prompt_connections(patience: float, taking: float) -> type[PromptConnection]:
    """Connections that wait so many seconds for a request, and for some of an answer to be taken."""
    return type("PromptConnection", (PromptConnection,), {"patience": patience, "taking": taking})
