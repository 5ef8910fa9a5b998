"""A stream that a page no longer wants is closed: no socket, no other attempt, nobody who waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import websockets.sync.server
from playwright.sync_api import Page
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from nearfar.studio import messages, wire

pytestmark = pytest.mark.browser

PATIENCE = 20.0
HELLO = messages.Hello(
    messages.PROTOCOL, "idle", "spec", ("inline", "immersive-ar"), (), None, "linear", 0.0, ""
)


class Server:
    """Greets and waits; what became of each connection is in `events`."""

    def __init__(self) -> None:
        self.events: queue.Queue[str] = queue.Queue()
        self.server = websockets.sync.server.serve(self._greet, "localhost", 0)
        self.url = f"ws://localhost:{self.server.socket.getsockname()[1]}/"

    def next(self) -> str:
        return self.events.get(timeout=PATIENCE)

    def _greet(self, connection: ServerConnection) -> None:
        self.events.put("opened")
        connection.send(wire.encode(HELLO))
        try:
            while True:
                connection.recv()
        except ConnectionClosed:
            self.events.put("closed")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.server.serve_forever)
    thread.start()
    yield server
    server.server.shutdown()
    thread.join()


def test_a_device_that_is_closed_lets_everyone_go(
    page: Page, server: Server, bundled: Callable[[str], Path]
) -> None:
    """Requests that wait for its first frame are answered, and it opens no other socket."""
    page.clock.install()
    page.add_script_tag(path=bundled("stream/stream_device"))
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.evaluate("(url) => { globalThis.device = new room.StreamDevice(new URL(url), false); }", server.url)
    assert server.next() == "opened"
    page.wait_for_function("device.modes.length")
    page.evaluate("device.close(), device.close(), device.ready")  # twice is once
    assert server.next() == "closed"
    page.clock.run_for(10_000)  # a stream that is lost is asked for again after 250 ms
    assert len(sockets) == 1


def test_the_module_closes_the_stream_that_it_takes_away(
    page: Page, server: Server, bundled: Callable[[str], Path]
) -> None:
    page.add_script_tag(path=bundled("entry/module"))
    page.evaluate("(url) => room.connectStream(url)", server.url)
    assert server.next() == "opened"
    page.evaluate("(url) => room.connectStream(url)", server.url)
    assert sorted((server.next(), server.next())) == ["closed", "opened"]
    page.evaluate("room.connect(null)")
    assert server.next() == "closed"
