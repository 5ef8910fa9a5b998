"""A server under attack: it lives, stays small, says why it refuses, and goes on for those who behave.

It is a process of its own; each attack here goes over real sockets, and is followed by a page that loads and
a stream that shows a frame. Full counts under `make soak`, a hundredth of them else.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from nearfar.studio.addresses import lan_addresses
from nearfar.studio.messages import Taken, Wanted
from nearfar.studio.wire import encode
from soaking import rounds
from studio.attacked import BEARER, FLAT, GIGABYTE, TOKEN, Attacked, attacked_server
from studio.conftest import PATIENCE

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory and files from /proc"),
]

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "Sec-WebSocket-Version": "13",
}
ENDING = 3.0
"""Seconds from Ctrl-C to the end: two of the design, and what a loaded machine adds."""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "secret.txt").write_text("secret")
    (folder / "pages").mkdir()
    (folder / "pages/index.html").write_text("<!doctype html><title>Start</title>")
    with (folder / "pages/large.bin").open("wb") as large:
        large.truncate(256 << 20)
    with attacked_server(folder / "log", "serve", str(folder / "pages")) as server:
        yield server


@pytest.fixture(autouse=True)
def well(attacked: Attacked) -> Iterator[None]:
    yield
    attacked.assert_well("Start")


def test_connections_that_say_nothing(attacked: Attacked) -> None:
    """As many as there are, all at once; who comes meanwhile is answered, if only that there is no room."""
    with ExitStack() as held:
        for _ in range(rounds(800, 10_000)):
            with suppress(OSError):
                silent = attacked.connect()
                if len(held._exit_callbacks) < 700:  # our own files are not without end
                    held.callback(silent.close)
                else:
                    silent.close()
        assert attacked.files < 700
        with attacked.connect() as late:
            late.sendall(attacked.request(Connection="close"))
            assert late.recv(9) in (b"HTTP/1.1 ", b"")


def test_those_for_whom_there_is_no_room_are_told_so(attacked: Attacked) -> None:
    with ExitStack() as held:
        for _ in range(520):
            held.callback(attacked.connect().close)
        with attacked.connect() as late:
            said = late.recv(4096)
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Too many ask at once" in said


@pytest.mark.skipif(not lan_addresses(), reason="this machine is in no network")
def test_one_device_of_the_network_leaves_room_for_others(attacked: Attacked) -> None:
    """It has its share, all of it silent, and is told so; pages on other machines do not notice."""
    address = (lan_addresses()[0], attacked.port)
    with ExitStack() as held:
        for _ in range(64):
            held.callback(socket.create_connection(address, PATIENCE).close)
        with socket.create_connection(address, PATIENCE) as late:
            late.sendall(attacked.request())
            said = b"".join(iter(lambda: late.recv(65536), b""))
        attacked.assert_well("Start")
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Too many connections come from your device. Close some of its pages" in said


def test_connections_that_come_and_go(attacked: Attacked) -> None:
    before = attacked.files
    for _ in range(rounds(300, 10_000)):
        with attacked.connect() as short:
            short.sendall(b"GET / HT")
    end = time.monotonic() + PATIENCE
    while attacked.files > before:
        assert attacked.load("Start")[0] == 200
        assert time.monotonic() < end


def test_a_request_a_byte_at_a_time(attacked: Attacked) -> None:
    """Some forty of them, while a page that behaves is served."""
    with ExitStack() as held:
        slow = [held.enter_context(attacked.connect()) for _ in range(40)]
        for byte in attacked.request()[:-2][:20]:
            for each in slow:
                with suppress(OSError):
                    each.sendall(bytes([byte]))
        attacked.assert_well("Start")
        for each in slow:
            each.settimeout(30)
            assert each.recv(1) == b"", "closed, ten seconds after it began"


def test_a_head_without_end(attacked: Attacked) -> None:
    with attacked.connect() as endless:
        endless.sendall(b"GET / HTTP/1.1\r\n")
        with suppress(OSError):
            for _ in range(2_000):
                endless.sendall(b"X: " + b"y" * 1_000 + b"\r\n")
        with suppress(ConnectionError):
            assert endless.recv(9) in (b"HTTP/1.1 ", b"")


def test_a_body_for_a_page_that_takes_none(attacked: Attacked) -> None:
    """Not read, whatever it claims to be."""
    for method, status in (("GET", b"200"), ("POST", b"405"), ("BREW", b"405")):
        with attacked.connect() as page:
            page.sendall(attacked.request(method=method, Content_Length=str(10**12)))
            with suppress(OSError):
                page.sendall(bytes(8 << 20))
            with suppress(ConnectionError):
                assert page.recv(12).endswith(status)


def test_downloads_that_are_not_taken(attacked: Attacked) -> None:
    with ExitStack() as held:
        for _ in range(60):
            page = held.enter_context(attacked.connect())
            page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            page.sendall(attacked.request("/large.bin"))
        attacked.assert_well("Start")


@pytest.mark.parametrize("size", [5_000, GIGABYTE])
def test_a_message_that_is_too_long(attacked: Attacked, size: int) -> None:
    """Refused for what its head says; whoever goes on sending sends to nobody."""
    attacked.assert_well("Start")
    before = attacked.peak
    with attacked.stream() as stream:
        stream.recv(PATIENCE)
        raw = stream.socket
        with suppress(OSError):
            raw.sendall(b"\x82\xff" + struct.pack(">Q", size) + bytes(4))
            _pour(raw, size)
        code, reason = _closing(stream)
    assert code == 1009
    assert f"{size} bytes exceeds limit of 4096" in reason
    assert attacked.peak - before < FLAT


def test_a_message_that_is_too_long_in_pieces_that_are_not(attacked: Attacked) -> None:
    attacked.assert_well("Start")
    before = attacked.peak
    piece = b"\x80\xfe" + struct.pack(">H", 4_000) + bytes(4 + 4_000)
    with attacked.stream() as stream:
        stream.recv(PATIENCE)
        with suppress(OSError):
            stream.socket.sendall(b"\x02\x80" + bytes(4))
            for _ in range(GIGABYTE // 4_000):
                stream.socket.sendall(b"\0" + piece[1:])
        code, reason = _closing(stream)
    assert code == 1009
    assert "exceeds limit of 4096" in reason
    assert attacked.peak - before < FLAT


@pytest.mark.parametrize("said", [{"Content_Length": str(GIGABYTE)}, {"Transfer_Encoding": "chunked"}])
@pytest.mark.parametrize(
    ("method", "status", "words"), [("GET", 200, "Start"), ("POST", 405, "nothing to POST")]
)
def test_a_body_that_nobody_wants(
    attacked: Attacked, said: dict[str, str], method: str, status: int, words: str
) -> None:
    """Answered before it has come; what comes of it is kept nowhere."""
    attacked.assert_well("Start")
    before = attacked.peak
    answered, text = attacked.poured(attacked.request(method=method, **said), GIGABYTE)
    assert answered == status
    assert words in text
    assert attacked.peak - before < FLAT


def test_a_message_in_pieces_without_end(attacked: Attacked) -> None:
    with attacked.stream() as stream:
        stream.recv(PATIENCE)
        with suppress(OSError):
            stream.socket.sendall(b"\x02\x80\0\0\0\0" + b"\0\x80\0\0\0\0" * 1_000_000)
        code, reason = _closing(stream)
    assert code in (1008, None)
    assert "frames a second" in reason or code is None


def test_a_flood_of_pings(attacked: Attacked) -> None:
    with attacked.stream() as stream:
        stream.recv(PATIENCE)
        with suppress(OSError):
            for _ in range(rounds(100, 10_000)):
                stream.socket.sendall(b"\x89\x84\0\0\0\0ping" * 1_000)
        code, reason = _closing(stream)
    assert code in (1008, None)
    assert "frames a second" in reason or code is None


def _pour(raw: socket.socket, size: int) -> None:
    for _ in range(size >> 16):
        raw.sendall(bytes(1 << 16))
    raw.sendall(bytes(size & 0xFFFF))


def _closing(stream: ClientConnection) -> tuple[int | None, str]:
    """The server's last words; None where they were lost, as they may be where it is still being sent to."""
    try:
        while True:
            stream.recv(PATIENCE)
    except ConnectionClosed as closed:
        return (None, "") if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason)


def test_text_that_is_none(attacked: Attacked) -> None:
    with attacked.stream() as stream:
        stream.recv(PATIENCE)
        stream.socket.sendall(b"\x81\x82\0\0\0\0\xff\xfe")
        assert _closing(stream) == (1007, "a text that is not UTF-8 came")


def test_frames_of_garbage(attacked: Attacked) -> None:
    """Each stream takes the first that cannot be as its end; so there are many streams."""
    random, count = Random(5), 0
    good = [encode(Wanted("packed", color=False)), encode(Taken(1))]
    while count < rounds(10_000, 1_000_000):
        with attacked.connect() as page:
            page.sendall(attacked.request("/nearfar/stream", Origin=attacked.origin, **UPGRADE))
            batch = b"".join(_fuzzed(random, good) for _ in range(200))
            with suppress(OSError):
                page.sendall(batch)
                page.shutdown(socket.SHUT_WR)
                while page.recv(1 << 16):
                    pass
            count += 200
    assert attacked.process.poll() is None


def _fuzzed(random: Random, good: list[bytes]) -> bytes:
    """A WebSocket's frame, with something wrong in its head, its body or both; sometimes all is well."""
    body = bytearray(random.choice(good))
    for _ in range(random.choice((0, 0, 1, 3))):
        body[random.randrange(len(body))] = random.randrange(256)
    body = body[: random.choice((len(body), len(body), random.randrange(125)))][:125]
    head = bytearray((0x82, 0x80 | len(body)))
    if random.random() < 0.3:
        head[random.randrange(2)] ^= 1 << random.randrange(8)
    return bytes(head) + bytes(4) + bytes(body)


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"Host": "evil.example"}, 421, "asked for was evil.example"),
        ({"Host": "evil.example:{port}"}, 421, "asked for was evil.example"),
        ({"Host": "localhost:{port}.evil.example"}, 421, "asked for was"),
        ({"Host": "127.0.0.1.evil.example:{port}"}, 421, "asked for was"),
        ({"Host": ""}, 421, "asked for was"),
        ({"Origin": "http://evil.example"}, 403, "the Origin was http://evil.example"),
        ({"Origin": "null"}, 403, "the Origin was null"),
        ({"Origin": "https://localhost:{port}"}, 403, "the Origin was"),
        ({"Authorization": "Bearer no"}, 403, "not the token"),
        ({"Authorization": ""}, 403, "this needs the token"),
        ({"Cookie": "nearfar-{port}=no", "Authorization": ""}, 403, "not the token"),
    ],
)
def test_strangers(attacked: Attacked, headers: dict[str, str], status: int, words: str) -> None:
    said = {name: value.replace("{port}", str(attacked.port)) for name, value in headers.items()}
    for request in (
        attacked.request(Connection="close", **said),
        attacked.request("/nearfar/stream", **{"Origin": attacked.origin, **UPGRADE, **said}),
    ):
        with attacked.connect() as page:
            page.sendall(request)
            answer = b"".join(iter(lambda: page.recv(65536), b"")).decode()
        assert answer.startswith(f"HTTP/1.1 {status} ")
        assert words in answer
        assert TOKEN not in answer


def test_paths_that_lead_out(attacked: Attacked) -> None:
    random = Random(7)
    parts = [
        "..",
        "%2e%2e",
        ".",
        "%2E.",
        "secret.txt",
        "pages",
        "%00",
        "\\",
        "..\\",
        "//",
        "%2f",
        "~",
        "a" * 300,
        "%ff",
    ]
    with ExitStack() as held:
        page = http.client.HTTPConnection("localhost", attacked.port, timeout=PATIENCE)
        held.callback(page.close)
        for _ in range(rounds(300, 100_000)):
            path = "/" + "/".join(random.choices(parts, k=random.randrange(1, 6)))
            page.putrequest("GET", path)
            page.putheader("Authorization", BEARER["Authorization"])
            page.endheaders()
            answer = page.getresponse()
            body = answer.read()
            assert body != b"secret"
            assert answer.status in (200, 307, 404)
            assert body or answer.status == 307, "in words"


@pytest.mark.parametrize("command", ["serve", "studio"])
def test_it_ends_soon_whatever_is_under_way(tmp_path: Path, command: str) -> None:
    """Streams that stall, a download that is not taken, an upload that does not come, half a request."""
    (tmp_path / "index.html").write_text("<title>Start</title>")
    with (tmp_path / "large.bin").open("wb") as large:
        large.truncate(256 << 20)
    words = {
        "serve": ["serve", str(tmp_path)],
        "studio": ["studio", "--no-browser", "--folder", str(tmp_path)],
    }
    with attacked_server(tmp_path / "log", *words[command]) as server, ExitStack() as held:
        for _ in range(8):
            stream = held.enter_context(server.stream())
            stream.recv(PATIENCE)
            stream.send(encode(Wanted("packed", color=True)))
        upload = server.request(
            "/studio/photos?name=a.heic", "POST", Origin=server.origin, Content_Length="99999"
        )
        for begun in (server.request("/large.bin"), upload + bytes(999), b"GET / HTTP/1.1\r\nHost: loc"):
            held.enter_context(server.connect()).sendall(begun)
        server.assert_well("<title>")
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(6 * PATIENCE) == 0
        assert time.monotonic() - began < max(ENDING, os.getloadavg()[0])
