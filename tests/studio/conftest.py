"""A server on a free port, a device under a test's hand, and the pages' ends of streams."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from nearfar.studio import PageServer
from nearfar.studio.messages import FROM_SERVER, FrameMessage, Hello, Message, Taken, Wanted
from nearfar.studio.wire import decode, encode
from nearfar.xr import XRDevice
from studio.hand_fed import HandFed

PATIENCE = 10.0
"""Seconds until a test gives up."""


class PageEnd:
    """What a page does with its stream, step by step."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.lane = ""

    def hear(self) -> Message:
        packet = self.connection.recv(PATIENCE)
        assert isinstance(packet, bytes)
        return decode(packet, FROM_SERVER)

    def frame(self) -> FrameMessage:
        message = self.hear()
        assert isinstance(message, FrameMessage)
        return message

    def say(self, message: Message) -> None:
        self.connection.send(encode(message))

    def take(self) -> FrameMessage:
        """The next frame, acknowledged."""
        frame = self.frame()
        self.say(Taken(frame.sequence))
        return frame


PLAIN = Wanted("plain", color=False)

Serve = Callable[..., PageServer]
OpenStream = Callable[..., PageEnd]


@pytest.fixture
def device() -> HandFed:
    return HandFed()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pages, beside what is not to be served."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><html><head><title>Start</title></head></html>")
    return folder


@pytest.fixture
def serve(folder: Path, device: HandFed) -> Iterator[Serve]:
    """Start servers of the folder, each on a thread until the test is over."""
    with ExitStack() as closing:

        def start(fed: XRDevice = device, **options: Any) -> PageServer:
            server = PageServer(folder, fed, port=0, device_name="hand-fed", **options)
            thread = threading.Thread(target=server.run)
            thread.start()

            def end() -> None:
                server.stop()
                thread.join(PATIENCE)
                assert not thread.is_alive()

            closing.callback(end)
            return server

        yield start


@pytest.fixture
def open_stream() -> Iterator[OpenStream]:
    """Open a stream and say what is wanted, unless that is None."""
    with ExitStack() as closing:

        def start(server: PageServer, wanted: Wanted | None = PLAIN) -> PageEnd:
            address = f"ws://localhost:{server.port}/nearfar/stream"
            connection = closing.enter_context(
                connect(address, origin=server.url[:-1], compression=None, max_size=None)  # type: ignore[arg-type]
            )
            page = PageEnd(connection)
            hello = page.hear()
            assert isinstance(hello, Hello)
            page.lane = hello.lane
            if wanted is not None:
                page.say(wanted)
            return page

        yield start
