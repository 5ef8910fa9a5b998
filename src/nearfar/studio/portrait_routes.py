"""A photo's portrait, for a page whose slider moves: ``GET /studio/photos/{id}/portrait.jpg``.

    ?f=1.4&x=0.4&y=0.5      aperture, and the place in focus; what is left out is as the photo has it
    &side=1344              at most so many pixels a side: a preview; without, the full quality
    &client=ID              the page that asks: of its requests the last is answered, those before with 409

A preview that is being rendered comes to its end first: it takes no time, and something is to be seen while
the slider moves. ``Server-Timing`` tells the milliseconds, with those of waiting for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nearfar.photo import RENDERER
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.json_answers import Refused, answering
from nearfar.studio.library import Library
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import LARGEST_SIDE, PortraitLook
from nearfar.studio.turns import Turns

__all__ = ["portrait_routes"]

Number = TypeVar("Number", int, float)

_SMALLEST_SIDE = 64
_APERTURES = (1.4, 22.0)
_LONGEST_CLIENT = 64


def portrait_routes(library: Library, darkroom: Darkroom) -> list[Route]:
    """The route.

    Args:
        library: whose photos.
        darkroom: renders them; to be closed by the caller when the server ends.
    """
    turns = Turns()

    async def portrait(request: Request) -> Response:
        begun = time.perf_counter()
        file = PhotoFile.found(library.photos, request.path_params["id"])
        look, client = _look(request.query_params), _client(request.query_params)
        about = {"ETag": _tag(file, look), "Cache-Control": "private, no-cache"}
        if about["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=about)
        data = await turns.answer(
            request, client, lambda turn: darkroom.portrait(file, look, turn.nearly_done)
        )
        about["Server-Timing"] = f"portrait;dur={(time.perf_counter() - begun) * 1e3:.1f}"
        return Response(data, media_type="image/jpeg", headers=about)

    return [answering("/studio/photos/{id}/portrait.jpg", GET=portrait)]


def _look(asked: QueryParams) -> PortraitLook:
    x, y = (_number(asked, name, float, (0.0, 1.0), "a share of the picture") for name in ("x", "y"))
    if (x is None) != (y is None):
        raise Refused(400, "x and y go together: they are the place in focus.")
    return PortraitLook(
        _number(asked, "f", float, _APERTURES, "an aperture"),
        None if x is None or y is None else (x, y),
        _number(asked, "side", int, (_SMALLEST_SIDE, LARGEST_SIDE), "a number of pixels"),
    )


def _number(
    asked: QueryParams, name: str, kind: Callable[[str], Number], within: tuple[Number, Number], what: str
) -> Number | None:
    text = asked.get(name)
    if text is None:
        return None
    value: Number | None
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not within[0] <= value <= within[1]:
        raise Refused(400, f"{name} is {what}, {within[0]:g} to {within[1]:g}, not {text[:40]!r}.")
    return value


def _client(asked: QueryParams) -> str | None:
    client = asked.get("client")
    if client is not None and not 0 < len(client) <= _LONGEST_CLIENT:
        raise Refused(400, f"client names a page, in 1 to {_LONGEST_CLIENT} characters.")
    return client


def _tag(file: PhotoFile, look: PortraitLook) -> str:
    """What changes when the picture would."""
    place = "" if look.focus is None else "{:.6g},{:.6g}".format(*look.focus)
    f_number = "" if look.f_number is None else f"{look.f_number:.6g}"
    return f'"{file.version}-{f_number}-{place}-{look.side or ""}-{RENDERER}"'
