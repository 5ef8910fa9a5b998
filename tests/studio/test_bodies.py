"""What pages send up: all of it, or why not."""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nearfar.studio.bodies import pieces, whole_body
from nearfar.studio.json_answers import answering
from nearfar.studio.serving import AppServer
from studio.conftest import PATIENCE

LIMIT = 5 << 20


async def take(request: Request) -> Response:
    """The digest of a body, and the largest piece of it."""
    digest, largest = hashlib.sha256(), 0
    async for piece in pieces(request, LIMIT, patience=0.3):
        digest.update(piece)
        largest = max(largest, len(piece))
    return JSONResponse({"digest": digest.hexdigest(), "largest": largest})


async def short(request: Request) -> Response:
    return Response(await whole_body(request, 100))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(routes=[answering("/take", POST=take), answering("/short", POST=short)])
    server = AppServer(lambda _: app, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.port
    server.stop()
    thread.join(PATIENCE)


def post(port: int, path: str, body: object) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("localhost", port, timeout=PATIENCE)
    try:
        connection.request("POST", path, body)  # type: ignore[arg-type]
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_body_comes_whole_and_in_pieces(port: int) -> None:
    body = bytes(range(256)) * (LIMIT // 256)
    status, said = post(port, "/take", body)
    assert status == 200
    assert hashlib.sha256(body).hexdigest().encode() in said
    assert b'"largest":5242880' not in said
    assert post(port, "/short", b"hello") == (200, b"hello")
    assert post(port, "/short", b"") == (200, b"")


@pytest.mark.parametrize("head", [b"Content-Length: 5242881", b"Transfer-Encoding: chunked"])
def test_one_that_is_too_long_is_refused(port: int, head: bytes) -> None:
    with socket.create_connection(("localhost", port), PATIENCE) as page:
        page.sendall(b"POST /take HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        if head.endswith(b"chunked"):
            page.sendall(b"500001\r\n" + bytes(LIMIT + 1))
        said = page.recv(65536)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert post(port, "/short", bytes(101)) == (
        413,
        b'{"reason":"That is larger than the 100 bytes that fit here. Send a smaller one."}',
    )


@pytest.mark.parametrize("sent", [b"", b"x", bytes(1000)], ids=["nothing", "a byte", "a little"])
def test_one_that_does_not_come_is_refused(port: int, sent: bytes) -> None:
    with socket.create_connection(("localhost", port), PATIENCE) as slow:
        slow.sendall(b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + sent)
        assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")
