"""The frame that all pages share is the one that a WebSocket would make of the message."""

from __future__ import annotations

import asyncio
import threading

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader
from websockets.sync.client import connect

from nearfar.studio.serving import AppServer
from nearfar.studio.shared_packets import SharedPacket, shared
from studio.conftest import PATIENCE


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 200_000])
def test_it_is_read_as_one_whole_message(length: int) -> None:
    packet = SharedPacket(bytes(range(256)) * 1000)[:length]
    made = SharedPacket(packet)
    reader = StreamReader()
    reader.feed_data(made.framed)
    reader.feed_eof()
    reading = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as read:
        next(reading)
    assert read.value.value == Frame(Opcode.BINARY, packet)
    assert made == packet


def test_it_is_made_once() -> None:
    packet = shared(b"depth")
    assert isinstance(packet, SharedPacket)
    assert packet.framed is packet.framed


def test_a_large_one_is_not_copied() -> None:
    packet = bytes(1 << 20)
    assert shared(packet) is packet


def test_who_sends_them_hears_that_the_page_is_gone() -> None:
    """As whoever sends other messages does; else it would go on sending to nobody."""
    told = threading.Event()

    async def pour(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_bytes(SharedPacket(1 << 16))
                await asyncio.sleep(0)
        except WebSocketDisconnect:
            told.set()

    server = AppServer(lambda _: Starlette(routes=[WebSocketRoute("/", pour)]), port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with connect(server.url.replace("http", "ws"), max_size=None) as page:
        page.recv(PATIENCE)
        page.socket.close()
    assert told.wait(PATIENCE)
    server.stop()
    thread.join(PATIENCE)
