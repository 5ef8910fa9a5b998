"""WebSockets that bear with the other side for so long, and with so much.

frames in ──▶ more than `frames_per_second`? ──▶ the app             what is sent ──▶ taken
                └─ closed: 1008 and the reason                                         └─ not: cut off
"""

from __future__ import annotations

import asyncio
import time
from asyncio.transports import BaseTransport
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from nearfar.studio.connections import Pulse
from nearfar.studio.shared_packets import SharedPacket

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

__all__ = ["PatientWebSocket", "patient_web_sockets"]

_AT_FAULT, _NO_TEXT = 1008, 1007
_WAITING = 16
"""Messages for the app, before no more are read."""
_PIECE = 4096
"""Bytes that are read at a time."""
_ROOM = 64 << 10
"""For answers to pings, bytes: beyond it they are left out."""


class PatientWebSocket(WebSocketsSansIOProtocol, asyncio.BufferedProtocol):
    """uvicorn's, which by itself hears any number of frames and waits for a reader for ever.

    A page that is behind with reading has its pings unanswered: answers would pile up. What comes is read in
    small pieces, into one place: short messages are all that pages send, thousands a second. A `SharedPacket`
    is made a frame once for all pages.
    """

    taking = 20.0
    frames_per_second = 1000
    _pulse: Pulse | None = None
    _allowed = 0.0
    _counted_at = 0.0

    def connection_made(self, transport: BaseTransport) -> None:
        """A connection is to become a WebSocket."""
        super().connection_made(transport)
        self._allowed, self._counted_at = float(self.frames_per_second), time.monotonic()
        self._piece = memoryview(bytearray(_PIECE))
        self._pulse = Pulse(cast("asyncio.Transport", transport), self.taking)

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        if self._pulse is not None:
            self._pulse.end()
        super().connection_lost(exc)

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

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Where bytes are put that come."""
        return self._piece

    def buffer_updated(self, nbytes: int) -> None:
        """Some bytes came: frames, parts of frames, hundreds of frames."""
        self.data_received(bytes(self._piece[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """The same, of what came with the request."""
        super().data_received(data)
        if self._allowed < 0 and not self.transport.is_closing():
            self._refuse()

    def _refuse(self) -> None:
        """Say that it is too much; who goes on after the last word is cut off."""
        if self.close_sent:
            self.transport.abort()
        else:
            self.conn.fail(_AT_FAULT, f"more than {self.frames_per_second} frames a second came")
            self.handle_parser_exception()

    async def send(self, message: ASGISendEvent) -> None:
        """What the app says."""
        packet = message.get("bytes")
        if isinstance(packet, SharedPacket):
            await self.writable.wait()
            if self.conn.state is State.OPEN and not self.conn.extensions and not self.disconnected:
                self.transport.write(packet.framed)
                return
        await super().send(message)

    def handle_ping(self) -> None:
        """One that is to be answered."""
        self._count()
        answer = b"".join(self.conn.data_to_send())
        if self.transport.get_write_buffer_size() < _ROOM:
            self.transport.write(answer)

    def handle_pong(self, event: Frame) -> None:
        """An answer to a ping, or to none."""
        self._count()
        super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """More of a message."""
        self._count()
        super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        """A message or its beginning."""
        self._count()
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """A message or its beginning."""
        self._count()
        super().handle_bytes(event)

    def send_receive_event_to_app(self) -> None:
        """A message is whole. Reading goes on while few wait."""
        data, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "bytes":
            self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        else:
            try:
                self.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
            except UnicodeDecodeError:
                self.conn.fail(_NO_TEXT, "a text that is not UTF-8 came")
                self.handle_parser_exception()
                return
        if self.queue.qsize() >= _WAITING and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def _count(self) -> None:
        now = time.monotonic()
        gained = (now - self._counted_at) * self.frames_per_second
        self._allowed = min(self.frames_per_second, self._allowed + gained) - 1
        self._counted_at = now


def patient_web_sockets(taking: float, frames_per_second: int) -> type[PatientWebSocket]:
    """WebSockets that wait so many seconds for what they send to be taken, and hear so many frames."""
    words = {"taking": taking, "frames_per_second": frames_per_second}
    return type("PatientWebSocket", (PatientWebSocket,), words)
