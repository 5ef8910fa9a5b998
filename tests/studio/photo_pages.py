"""What a page does with the photos of a studio: requests to the real routes, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
from starlette.applications import Starlette

import nearfar as nf
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.library import Library
from nearfar.studio.photo_routes import photo_routes
from nearfar.studio.workers import Workers

Result = TypeVar("Result")
PHOTOS = "/studio/photos"
DARKROOM = Darkroom()
"""That of all pages of a test run: it ends with the run."""


class Page:
    """Ends of requests; those of one `together` share an event loop, as a server's do."""

    def __init__(self, folder: Path, darkroom: Darkroom = DARKROOM) -> None:
        self.library = Library(folder)
        self._app = Starlette(routes=list(photo_routes(self.library, darkroom, Workers())))

    def together(self, talk: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
        async def run() -> Result:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost", timeout=60
            ) as client:
                return await talk(client)

        return asyncio.run(run())

    def ask(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        return self.together(lambda client: client.request(method, f"{PHOTOS}{path}", **options))

    def drop(self, name: str, data: bytes) -> httpx.Response:
        return self.ask("POST", params={"name": name}, content=data)

    def files(self) -> list[str]:
        """All that lies in the folder, half written files too."""
        folder = self.library.photos.folder
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def made_photo(*, metric: bool = True, calibrated: bool = True) -> nf.Photo:
    """A small photo: a ramp of distances behind a gradient, and a matte."""
    rows, columns = np.mgrid[0:60, 0:80].astype(np.float32)
    color = np.stack([columns * 3, rows * 4, rows + columns], axis=-1).astype(np.uint8)
    camera = nf.Calibration(np.array([[75.0, 0, 38], [0, 75, 31], [0, 0, 1]]), (80, 60))
    depth = nf.DepthMap(
        (0.5 + columns / 80)[::2, ::2].copy(),
        nf.DepthKind.DISPARITY,
        metric=metric,
        calibration=camera if calibrated else None,
    )
    matte = nf.Matte((color[..., 0] > 100).astype(np.uint8) * 255)
    return nf.Photo(color, depth, [matte])
