"""A studio that runs on a thread, and what its page asks of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from nearfar.studio import Library, StudioServer
from studio.conftest import PATIENCE

_BEAT = 0.02


class RunningStudio:
    """A studio and a page's requests to it.

    Attributes:
        server: listens on a free port.
        library: where photos and takes go.
    """

    def __init__(self, server: StudioServer, client: httpx.Client) -> None:
        self.server, self.library, self._client = server, server.library, client

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._client.request(method, f"/studio/{path}", **options)

    def get(self, path: str) -> Any:
        response = self.ask("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, wish: dict[str, Any] | None = None) -> Any:
        response = self.ask("POST", path, json=wish or {})
        assert response.status_code in (200, 201), response.text
        return response.json()

    def refusal(self, path: str, wish: dict[str, Any] | None = None) -> tuple[int, str]:
        """With what status and words a command is refused."""
        response = self.ask("POST", path, json=wish or {})
        return response.status_code, response.json()["reason"]

    def state(self) -> Any:
        return self.get("camera")

    def state_when(self, holds: Callable[[Any], bool], seconds: float = PATIENCE) -> Any:
        """How the camera fares, once that is so."""
        until = time.monotonic() + seconds
        while not holds(state := self.state()):
            assert time.monotonic() < until, state
            threading.Event().wait(_BEAT)
        return state


@contextmanager
def running_studio(device: str, folder: Path) -> Iterator[RunningStudio]:
    """A studio until the block is left; then it must end by itself."""
    server = StudioServer(device, Library(folder), port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        with httpx.Client(
            base_url=server.url, headers={"Origin": server.url[:-1]}, timeout=60, trust_env=False
        ) as client:
            yield RunningStudio(server, client)
    finally:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()
