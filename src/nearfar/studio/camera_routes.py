"""The camera of the studio over HTTP.

/studio/camera       GET how it fares, POST what is to be another
/studio/devices      GET which there are
/studio/shots        POST: take a photo into the library
/studio/recording    POST: begin or end a recording
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nearfar.studio.answers import CameraChoice, RecordingWish
from nearfar.studio.camera import StudioCamera
from nearfar.studio.json_answers import answer, answering, read_wish

__all__ = ["camera_routes"]


def camera_routes(camera: StudioCamera) -> list[Route]:
    """The routes of a camera."""

    async def about(_: Request) -> Response:
        await camera.ready()
        return answer(camera.state())

    async def choose(request: Request) -> Response:
        await camera.choose(await read_wish(request, CameraChoice))
        return answer(camera.state())

    async def devices(_: Request) -> Response:
        return answer(await camera.devices())

    async def shots(_: Request) -> Response:
        return answer(await camera.shoot(), 201)

    async def recording(request: Request) -> Response:
        await camera.record((await read_wish(request, RecordingWish)).on)
        return answer(camera.state())

    return [
        answering("/studio/camera", GET=about, POST=choose),
        answering("/studio/devices", GET=devices),
        answering("/studio/shots", POST=shots),
        answering("/studio/recording", POST=recording),
    ]
