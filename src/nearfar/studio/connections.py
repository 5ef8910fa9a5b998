"""HTTP connections that must come to the point: one that says nothing, or a byte at a time, is closed.

opened, or answered ──▶ the head of a request within `patience` seconds ──▶ answer ──▶ …
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["BrokenOff", "PromptConnection", "prompt_connections"]


class BrokenOff(Exception):
    """An answer that cannot be finished: its connection is closed. Whoever raises it has said why."""


class PromptConnection(H11Protocol):
    """uvicorn's connection, which by itself waits for a request for ever."""

    patience = 10.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Someone connected."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._end()
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
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """A request was answered; another may follow."""
        before = self.cycle
        super().on_response_complete()  # which goes on with one that came already
        if self.cycle is before:
            self._begin()

    def _begin(self) -> None:
        self._end()
        if not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.patience, self.transport.close)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def prompt_connections(patience: float) -> type[PromptConnection]:
    """Connections that wait so many seconds."""
    return type("PromptConnection", (PromptConnection,), {"patience": patience})
