"""The server: a folder of pages with the WebXR runtime put in, and the stream that feeds them.

    /nearfar/nearfar-webxr.js   the runtime            every page has its tag
    /nearfar/stream             one device's frames    WebSocket
    /nearfar/stream/KEY         the large ones         a page's `Lane`
    all else                    the folder

It listens on this machine's own addresses only, unless told otherwise, and `Guard` stands before all of it.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib import resources
from pathlib import Path
from typing import get_args

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from nearfar.studio.feeding import Feed
from nearfar.studio.guarding import Entrance, Guard
from nearfar.studio.lanes import Lanes
from nearfar.studio.messages import PROTOCOL, DepthSupportPart, Hello, Profile
from nearfar.studio.pages import Pages
from nearfar.studio.script_tags import script_tag
from nearfar.studio.serving import AppServer
from nearfar.studio.streaming import Limits, PageStream
from nearfar.xr import SharedDevice, XRDevice

__all__ = [
    "RUNTIME",
    "STREAM",
    "PageServer",
    "authority_file",
    "hello_of",
    "make_app",
    "runtime_scripts",
    "stream_routes",
]

RUNTIME, STREAM = "/nearfar/nearfar-webxr.js", "/nearfar/stream"
_SCRIPTS = ("nearfar-webxr.js", "nearfar-webxr-test.js")


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
    return _app(folder, device, Entrance(port), device_name, profile, limits or Limits())


def _app(
    folder: Path, device: XRDevice, entrance: Entrance, device_name: str, profile: Profile, limits: Limits
) -> Starlette:
    if profile not in get_args(Profile):
        raise ValueError(f"profile must be one of {', '.join(get_args(Profile))}; got {profile!r}")
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is not a folder", str(folder))
    feed = Feed(device)

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        yield
        await feed.close()

    tag = script_tag(RUNTIME, {"data-stream": STREAM, "data-profile": profile})
    streams = stream_routes(feed, partial(hello_of, device, device_name, profile), limits)
    routes = [*runtime_scripts(), *authority_file(entrance), *streams, Mount("/", Pages(folder, tag))]
    return Starlette(routes=routes, middleware=[Middleware(Guard, entrance=entrance)], lifespan=living)


def runtime_scripts() -> list[Route]:
    """The runtime and its test API."""
    folder = Path(str(resources.files("nearfar.studio") / "static"))

    def script(name: str) -> Route:
        async def answer(_: object) -> Response:
            headers = {"Cache-Control": "no-cache"}
            return FileResponse(folder / name, media_type="text/javascript", headers=headers)

        return Route(f"/nearfar/{name}", answer)

    return [*map(script, _SCRIPTS)]


def authority_file(entrance: Entrance) -> list[Route]:
    """What other devices can be told to trust, where the server has https."""
    file = entrance.authority
    if file is None:
        return []

    async def answer(_: object) -> Response:
        return FileResponse(
            file, media_type="application/x-x509-ca-cert", headers={"Cache-Control": "no-cache"}
        )

    return [Route("/nearfar/authority.crt", answer)]


def stream_routes(feed: Feed, hello: Callable[[str], Hello], limits: Limits) -> list[BaseRoute]:
    """The stream and its lanes."""
    lanes = Lanes()

    async def stream(websocket: WebSocket) -> None:
        with lanes.kept() as lane:
            await PageStream(websocket, feed, lane, hello, limits).run()

    async def broad(request: Request) -> Response:
        return lanes.answer(request.path_params["key"])

    return [WebSocketRoute(STREAM, stream), Route(f"{STREAM}/{{key}}", broad, methods=["GET"])]


def hello_of(device: XRDevice, name: str, profile: Profile, lane: str) -> Hello:
    """What a page is told first."""
    support = device.depth_support
    depth = None
    if support is not None:
        # All pages have one device: if it is not made to be shared, there is the type that it gives unasked.
        types = support.types if isinstance(device, SharedDevice) else support.types[:1]
        depth = DepthSupportPart(types, support.formats, support.usages)
    return Hello(
        protocol=PROTOCOL,
        device=name,
        profile=profile,
        modes=tuple(sorted(device.modes)),
        features=tuple(sorted(device.features)),
        depth_support=depth,
        gpu_layout=device.gpu_layout,
        time_origin=time.time() - time.monotonic(),
        lane=lane,
    )


class PageServer(AppServer):
    """A server that listens from its birth on, and answers while `run` runs.

    Args:
        folder: of the pages.
        device: see `make_app`; so are the others.
        port: 0 takes one that is free.
        device_name: for people.
        profile: as which device pages see it.
        limits: what one page may ask.
        host: where to listen; see `AppServer` for this and what follows.
        token: what lets in.
        tls: serve https.

    Raises:
        MissingExtra: ``tls`` without the library for it.
        OSError: no such folder; no such host; the port is taken, or is not for us.
        ValueError: a profile that there is none of; a token that is none.
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
        host: str = "localhost",
        token: str | None = None,
        tls: bool = False,
    ) -> None:
        allowed = limits or Limits()

        def app(entrance: Entrance) -> Starlette:
            return _app(folder, device, entrance, device_name, profile, allowed)

        super().__init__(
            app,
            host=host,
            port=port,
            token=token,
            tls=tls,
            patience=allowed.request,
            taking=allowed.taking,
            message_bytes=allowed.message_bytes,
        )
