"""What the studio's page and server say over HTTP: plain data there and back, and refusals in words."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from nearfar.errors import DeviceBusy, DeviceNotFound, NearfarError, PhotoError
from nearfar.studio.answers import CameraChoice, EditWish, Line, PhotoDetails, PhotoEntry
from nearfar.studio.json_answers import Refused, answer, answering, read_wish


def posted(handler: Callable[[Request], Awaitable[Response]], body: str = "") -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=[answering("/", POST=handler)]))

    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/", content=body)

    return asyncio.run(post())


def echoed(kind: type[Any], body: str) -> httpx.Response:
    async def echo(request: Request) -> Response:
        return answer(await read_wish(request, kind))

    return posted(echo, body)


@pytest.mark.parametrize(
    "wish", [{"fNumber": 2, "focus": [0.25, 1]}, {"fNumber": 1.4, "focus": None}, {"fNumber": 16.0}]
)
def test_a_wish_arrives_as_it_was_meant(wish: dict[str, Any]) -> None:
    assert echoed(EditWish, json.dumps(wish)).json() == {"focus": None, **wish}


@pytest.mark.parametrize(
    ("kind", "body", "names"),
    [
        (EditWish, "{}", "fNumber"),
        (EditWish, '{"fNumber": "2"}', "fNumber"),
        (EditWish, '{"fNumber": true}', "fNumber"),
        (EditWish, '{"fNumber": NaN}', "fNumber"),
        (EditWish, f'{{"fNumber": 1{"0" * 400}}}', "fNumber"),
        (EditWish, '{"fNumber": 2, "focus": [1]}', "focus"),
        (EditWish, '{"fNumber": 2, "size": 1}', "size"),
        (EditWish, "[]", "fNumber"),
        (EditWish, "}", "JSON"),
        (EditWish, "[" * 2000, "JSON"),
        (EditWish, " " * 5000, "4,096"),
        (CameraChoice, '{"effort": "most"}', "effort"),
        (CameraChoice, '{"format": 1.5}', "format"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_name(kind: type[Any], body: str, names: str) -> None:
    response = echoed(kind, body)
    assert response.status_code in (400, 413)
    assert names in response.json()["reason"]


def test_answers_are_in_camel_case_all_the_way_down() -> None:
    entry = PhotoEntry("a.heic", "a.heic", "1", 4, 3, has_depth=True, bytes=5, problem=None)
    details = PhotoDetails(entry, "heic", (Line("photo", "4×3"),), None, (), 2.8, None, (0.5, 0.25), None)

    async def told(_: Request) -> Response:
        return answer(details)

    response = posted(told)
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["entry"]["hasDepth"] is True
    assert json.loads(response.text)["focus"] == [0.5, 0.25]


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Refused(409, "Wait."), 409),
        (DeviceNotFound("no such camera", device="x"), 404),
        (DeviceBusy("it runs already", device="x"), 409),
        (PhotoError("no unit"), 422),
        (DeviceNotFound("half a character", device="\ud800"), 404),
    ],
)
def test_what_goes_wrong_is_told_in_words(problem: Refused | NearfarError, status: int) -> None:
    async def fails(_: Request) -> Response:
        raise problem

    response = posted(fails)
    assert response.status_code == status
    assert response.json() == {"reason": str(problem).replace("\ud800", "?")}


@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [
        (
            OSError(errno.ENOSPC, "No space", "/x/y"),
            507,
            "/x/y: there is no room left on the disk; make some",
        ),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/x/y"), 500, "/x/y: Not a directory."),
        (ZeroDivisionError("division"), 500, "in nearfar itself: ZeroDivisionError: division"),
    ],
)
def test_what_nobody_foresaw_is_told_in_words_as_well(problem: Exception, status: int, words: str) -> None:
    async def fails(_: Request) -> Response:
        raise problem

    response = posted(fails)
    assert response.status_code == status
    assert words in response.json()["reason"]
