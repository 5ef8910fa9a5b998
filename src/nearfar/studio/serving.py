"""What all servers here are made of: sockets that listen, uvicorn as we want it, and how it ends.

    AppServer(make_app, port=…)      sockets ──▶ Entrance ──▶ make_app ──▶ the ASGI app
      .url                           the address to load
      .run() … .stop(), Ctrl-C       answers until then

`PageServer` is one, `StudioServer` another. It listens on this machine's own addresses only.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from nearfar.studio.connections import BrokenOff, prompt_connections
from nearfar.studio.guarding import Entrance

__all__ = ["AppServer"]

_LONGEST_HEAD = 16 << 10
"""Of a request, bytes."""
_MOST_CONNECTIONS = 256
_IDLE = 5
"""Seconds that a connection without a request is kept."""
_PING = 20.0
"""Seconds between two pings, and until the answer."""
_CLOSING = 1
"""Seconds for what is under way when the server ends."""
_TRIES = 20
"""To find a port that is free on both addresses."""


class AppServer:
    """A server that listens from its birth on, and answers while `run` runs.

    To make one of an app, derive from it::

        class StudioServer(AppServer):
            def __init__(self, …, *, port: int = 8080) -> None:
                super().__init__(lambda entrance: make_studio_app(…, entrance=entrance), port=port)

    The app's outermost middleware is to be `Guard` with that entrance, and what it holds open (a device, a
    recording) ends with its lifespan.

    Args:
        make_app: makes the app, once it is known by which addresses it is reached.
        port: 0 takes one that is free.
        patience: seconds until a connection has made its request.
        message_bytes: of one WebSocket message that comes in.

    Raises:
        OSError: the port is taken, or is not for us; and what `make_app` raises.
    """

    def __init__(
        self,
        make_app: Callable[[Entrance], ASGIApp],
        *,
        port: int = 8080,
        patience: float = 10.0,
        message_bytes: int = 4096,
    ) -> None:
        self._sockets = _listening(port)
        try:
            self.entrance = Entrance(int(self._sockets[0].getsockname()[1]))
            app = make_app(self.entrance)
        except BaseException:
            self.close()
            raise
        self._server = _PatientServer(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="error",
                access_log=False,
                loop="asyncio",
                http=prompt_connections(patience),
                ws="websockets-sansio",
                ws_max_size=message_bytes,
                ws_per_message_deflate=False,
                ws_ping_interval=_PING,
                ws_ping_timeout=_PING,
                lifespan="on",
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_MOST_CONNECTIONS,
                h11_max_incomplete_event_size=_LONGEST_HEAD,
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_CLOSING,
            )
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.entrance.port

    @property
    def url(self) -> str:
        """The address to load: by name, as some frameworks take no other for a place of one's own."""
        return self.entrance.address

    def run(self) -> None:
        """Answer until `stop`, or until Ctrl-C where this is the main thread."""
        log = logging.getLogger("uvicorn.error")
        log.addFilter(self._is_news)
        try:
            with contextlib.suppress(KeyboardInterrupt):  # it is how one ends a server
                self._server.run(sockets=self._sockets)
        finally:
            log.removeFilter(self._is_news)
            self.close()

    def _is_news(self, record: logging.LogRecord) -> bool:
        """Not what is cut off when the server ends, nor what was broken off or refused and told why."""
        told = record.exc_info is not None and isinstance(record.exc_info[1], BrokenOff)
        return not (self._server.should_exit or told or "without completing handshake" in record.msg)

    def stop(self) -> None:
        """End `run`, from any thread."""
        self._server.should_exit = True

    def close(self) -> None:
        """Listen no longer."""
        for each in self._sockets:
            each.close()


class _PatientServer(uvicorn.Server):
    """uvicorn's, which would leave the device running at a second Ctrl-C. It ends in a second as it is."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.force_exit = False


def _listening(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where this machine has it, ::1, with the same port."""
    for _ in range(_TRIES):
        first = _bound(socket.AF_INET, "127.0.0.1", port)
        try:
            second = _bound(socket.AF_INET6, "::1", first.getsockname()[1])
        except OSError as problem:
            if problem.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT):
                return [first]
            first.close()
            if port or problem.errno != errno.EADDRINUSE:
                raise
            continue
        return [first, second]
    raise OSError(errno.EADDRINUSE, "no port is free on both 127.0.0.1 and ::1")


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    made = socket.socket(family)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: else another program could listen as well
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(128)
    except OSError as problem:
        made.close()
        if problem.errno == errno.EADDRINUSE:
            raise OSError(errno.EADDRINUSE, f"port {port} of {address} is in use: choose another") from None
        raise
    return made
