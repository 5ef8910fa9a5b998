"""Who is let in, by which address, to do what."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from nearfar.studio.guarding import OWN_PAGES, Entrance, Guard
from nearfar.studio.serving import AppServer
from studio.conftest import PATIENCE


async def answer(request: Request) -> JSONResponse:
    return JSONResponse({"method": request.method})


def app(entrance: Entrance) -> Starlette:
    """It takes commands under /studio/."""
    routes = [Route("/{path:path}", answer, methods=["GET", "POST", "DELETE", "PUT"])]
    guard = Middleware(Guard, entrance=entrance, commands=("/studio/",), headers=OWN_PAGES)
    return Starlette(routes=routes, middleware=[guard])


@pytest.fixture(scope="module")
def server() -> Iterator[AppServer]:
    server = AppServer(app, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join(PATIENCE)


def ask(
    server: AppServer, method: str, path: str, **headers: str
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(body) if is_json else body.decode(), answer.headers
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_commands_are_for_own_pages_where_the_app_takes_them(server: AppServer, method: str) -> None:
    own = server.url.rstrip("/")
    assert ask(server, method, "/studio/camera", Origin=own)[:2] == (200, {"method": method})
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        status, said, _ = ask(server, method, "/studio/camera", **headers)
        assert status == 403
        assert f"Only pages of {own} may" in said["reason"]
    status, _, headers = ask(server, method, "/index.html", Origin=own)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_no_other_method_is_taken(server: AppServer) -> None:
    status, said, headers = ask(server, "PUT", "/studio/camera", Origin=server.url.rstrip("/"))
    assert (status, headers["Allow"]) == (405, "GET, HEAD, POST, DELETE")
    assert said == {"reason": "Here is nothing to PUT: only GET, HEAD, POST, DELETE."}


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_own_pages_are_held_to_what_is_ours(server: AppServer, method: str) -> None:
    for path in ("/", "/studio/camera"):
        headers = ask(server, method, path)[2]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("entrance", "host", "ours"),
    [
        (Entrance(8080), "localhost:8080", True),
        (Entrance(8080), "[::1]:8080", True),
        (Entrance(8080), "localhost", False),
        (Entrance(8080), "[::1]", False),
        (Entrance(8080), "localhost:80", False),
        (Entrance(8080), "192.168.1.5:8080", False),
        (Entrance(8080), "", False),
        (Entrance(80), "localhost", True),
        (Entrance(80), "[::1]", True),
        (Entrance(443), "localhost", False),
        (Entrance(443, scheme="https"), "localhost", True),
        (Entrance(8080, numbers=True), "192.168.1.5:8080", True),
        (Entrance(8080, numbers=True), "[fd00::5]:8080", True),
        (Entrance(8080, numbers=True), "fd00::5:8080", False),
        (Entrance(8080, numbers=True), "[evil.example]:8080", False),
        (Entrance(8080, numbers=True), "192.168.1.5.evil.example:8080", False),
        (Entrance(8080, numbers=True), "192.168.1:8080", False),
        (Entrance(8080, ("desk.local",), numbers=True), "desk.local:8080", True),
        (Entrance(8080, ("desk.local",), numbers=True), "evil.example:8080", False),
    ],
)
def test_an_address_is_ours_or_not(entrance: Entrance, host: str, ours: bool) -> None:
    assert entrance.is_ours(host) is ours
