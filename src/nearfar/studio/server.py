"""The server: a folder of pages with the WebXR runtime put in, and the stream that feeds them.

    /nearfar/nearfar-webxr.js   the runtime            every page has its tag
    /nearfar/stream             one device's frames    WebSocket
    all else                    the folder

It listens on this machine's own addresses only, and `Guard` stands before all of it.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import time
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from types import FrameType
from typing import get_args

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from nearfar.studio.connections import prompt_connections
from nearfar.studio.feeding import Feed
from nearfar.studio.guarding import Guard
from nearfar.studio.messages import PROTOCOL, DepthSupportPart, Hello, Profile
from nearfar.studio.pages import Pages
from nearfar.studio.script_tags import script_tag
from nearfar.studio.streaming import Limits, PageStream
from nearfar.xr import XRDevice

__all__ = ["PageServer", "make_app"]

_RUNTIME, _STREAM = "/nearfar/nearfar-webxr.js", "/nearfar/stream"
_SCRIPTS = ("nearfar-webxr.js", "nearfar-webxr-test.js")
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


def make_app(
    folder: Path,
    device: XRDevice,
    *,
    port: int,
    device_name: str = "",
    profile: Profile = "spec",
    limits: Limits | None = None,
) -> Starlette:
    """The ASGI app.

    Args:
        folder: of the pages.
        device: feeds them. It is started with the first page and stopped after the last.
        port: where the app will be reached: requests for another are refused.
        device_name: for people.
        profile: as which device pages see it.
        limits: what one page may ask.

    Raises:
        OSError: there is no such folder.
        ValueError: a profile that there is none of.
    """
    if profile not in get_args(Profile):
        raise ValueError(f"profile must be one of {', '.join(get_args(Profile))}; got {profile!r}")
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is not a folder", str(folder))
    feed = Feed(device)
    scripts = Path(str(resources.files("nearfar.studio") / "static"))

    async def stream(websocket: WebSocket) -> None:
        await PageStream(websocket, feed, lambda: _hello(device, device_name, profile), allowed).run()

    def script(name: str) -> Route:
        async def answer(_: object) -> Response:
            headers = {"Cache-Control": "no-cache"}
            return FileResponse(scripts / name, media_type="text/javascript", headers=headers)

        return Route(f"/nearfar/{name}", answer)

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        yield
        await feed.close()

    allowed = limits or Limits()
    tag = script_tag(_RUNTIME, {"data-stream": _STREAM, "data-profile": profile})
    routes = [*map(script, _SCRIPTS), WebSocketRoute(_STREAM, stream), Mount("/", Pages(folder, tag))]
    return Starlette(routes=routes, middleware=[Middleware(Guard, port=port)], lifespan=living)


def _hello(device: XRDevice, name: str, profile: Profile) -> Hello:
    support = device.depth_support
    depth = None
    if support is not None:
        # All pages share one device: what it gives unasked is the one type there is.
        depth = DepthSupportPart(support.types[:1], support.formats, support.usages)
    return Hello(
        protocol=PROTOCOL,
        device=name,
        profile=profile,
        modes=tuple(sorted(device.modes)),
        features=tuple(sorted(device.features)),
        depth_support=depth,
        gpu_layout=device.gpu_layout,
        time_origin=time.time() - time.monotonic(),
    )


class PageServer:
    """A server that listens from its birth on, and answers while `run` runs.

    Args:
        folder: of the pages.
        device: see `make_app`; so are the others.
        port: 0 takes one that is free.
        device_name: for people.
        profile: as which device pages see it.
        limits: what one page may ask.

    Raises:
        OSError: no such folder; the port is taken, or is not for us.
        ValueError: a profile that there is none of.
    """

    def __init__(
        self,
        folder: Path,
        device: XRDevice,
        *,
        port: int = 8080,
        device_name: str = "",
        profile: Profile = "spec",
        limits: Limits | None = None,
    ) -> None:
        allowed = limits or Limits()
        self._sockets = _listening(port)
        try:
            self.port = int(self._sockets[0].getsockname()[1])
            app = make_app(
                folder, device, port=self.port, device_name=device_name, profile=profile, limits=allowed
            )
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
                http=prompt_connections(allowed.request),
                ws="websockets-sansio",
                ws_max_size=allowed.message_bytes,
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
    def url(self) -> str:
        """The address to load: by name, as some frameworks take no other for a place of one's own."""
        return f"http://localhost:{self.port}/"

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
        """Not what is cut off when the server ends, nor that a stream was refused: the page was told why."""
        return not (self._server.should_exit or "without completing handshake" in record.msg)

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
