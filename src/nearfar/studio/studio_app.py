"""The studio's server: its page, its camera, its photos and takes.

    /                the page            /nearfar/stream            the camera's frames (WebSocket)
    /ar/             the AR page         /nearfar/nearfar-webxr.js  the runtime that it runs by
    /studio/…        what the page asks, as `answers` has it

`Guard` stands before all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from nearfar.studio.camera import StudioCamera
from nearfar.studio.camera_routes import camera_routes
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.guarding import OWN_PAGES, Entrance, Guard
from nearfar.studio.json_answers import answering_nothing
from nearfar.studio.library import Library
from nearfar.studio.pages import Pages
from nearfar.studio.photo_routes import photo_routes
from nearfar.studio.portrait_routes import portrait_routes
from nearfar.studio.script_tags import script_tag
from nearfar.studio.server import RUNTIME, STREAM, authority_file, runtime_scripts, stream_routes
from nearfar.studio.serving import AppServer
from nearfar.studio.streaming import Limits
from nearfar.studio.take_routes import take_routes
from nearfar.studio.workers import Workers

__all__ = ["StudioServer", "make_studio_app"]

_COMMANDS = "/studio/"
_MOST_BYTES = 4096
"""Of one message that a page sends by WebSocket."""


def make_studio_app(
    device: str,
    library: Library,
    *,
    entrance: Entrance,
    limits: Limits | None = None,
) -> Starlette:
    """The ASGI app.

    Args:
        device: the name of the camera to begin with.
        library: where photos and takes are kept.
        entrance: by which addresses the app is reached: requests for others are refused.
        limits: what one page may ask of the stream.
    """
    camera = StudioCamera(device, library)
    darkroom, workers = Darkroom(), Workers()

    @contextlib.asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        camera.open()
        yield
        darkroom.close()
        workers.close()
        await camera.close()
        # What threads still compute is not waited for: asyncio would, for those of its own executor.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))

    pages = Path(str(resources.files("nearfar.studio") / "static/studio"))
    tag = script_tag(RUNTIME, {"data-stream": STREAM, "data-profile": "spec"})
    routes = [
        *runtime_scripts(),
        *authority_file(entrance),
        *stream_routes(camera.feed, camera.hello, limits or Limits()),
        *camera_routes(camera),
        *photo_routes(library, darkroom, workers),
        *portrait_routes(library, darkroom),
        *take_routes(library, workers, lambda: camera.recorded_now),
        answering_nothing(_COMMANDS),
        Mount("/ar", Pages(pages / "ar", tag)),
        Mount("/", Pages(pages)),
    ]
    guard = Middleware(Guard, entrance=entrance, commands=(_COMMANDS,), headers=OWN_PAGES)
    return Starlette(routes=routes, middleware=[guard], lifespan=living)


class StudioServer(AppServer):
    """The studio: listens from its birth on, and answers while `run` runs.

    Args:
        device: the name of the camera to begin with.
        library: where photos and takes are kept; the user's own folder when None.
        port: 0 takes one that is free.
        limits: what one page may ask of the stream.
        host: where to listen; see `AppServer` for this and what follows.
        token: what lets in.
        tls: serve https.

    Raises:
        MissingExtra: ``tls`` without the library for it.
        OSError: no such host; the port is taken, or is not for us.
        ValueError: no such token may be.
    """

    def __init__(
        self,
        device: str = "virtual:dual",
        library: Library | None = None,
        *,
        port: int = 8080,
        limits: Limits | None = None,
        host: str = "localhost",
        token: str | None = None,
        tls: bool = False,
    ) -> None:
        self.library = library or Library()
        allowed = limits or Limits()

        def app(entrance: Entrance) -> Starlette:
            return make_studio_app(device, self.library, entrance=entrance, limits=allowed)

        super().__init__(
            app,
            host=host,
            port=port,
            token=token,
            tls=tls,
            patience=allowed.request,
            taking=allowed.taking,
            message_bytes=_MOST_BYTES,
        )
