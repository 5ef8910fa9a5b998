"""The server as a whole: addresses, the command, how it ends."""

from __future__ import annotations

import http.client
import importlib.util
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from websockets.sync.client import connect

import nearfar.studio
from nearfar.cli import main
from nearfar.errors import MissingExtra
from nearfar.studio import PageServer, make_app
from nearfar.studio.messages import FROM_SERVER, FrameMessage, Hello, Wanted
from nearfar.studio.streaming import Limits
from nearfar.studio.wire import decode, encode
from studio.conftest import PATIENCE, PLAIN, Serve
from studio.hand_fed import HandFed, frame_of

needs_ipv6 = pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
def test_it_listens_on_both_addresses_of_this_machine(serve: Serve, address: str) -> None:
    server = serve()
    connection = http.client.HTTPConnection(address, server.port, timeout=PATIENCE)
    connection.request("GET", "/", headers={"Host": f"localhost:{server.port}", "Connection": "close"})
    assert connection.getresponse().read()
    connection.close()


def test_it_listens_on_no_other_address(serve: Serve) -> None:
    server = serve()
    with socket.socket() as other:
        other.bind(("127.0.0.2", server.port))  # another program may have it: we don't


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\nHost: loc", b"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\nGET /"]
)
def test_a_connection_that_does_not_come_to_the_point_is_closed(serve: Serve, said: bytes) -> None:
    server = serve(limits=Limits(request=0.1))
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as slow:
        slow.sendall(said.replace(b"{port}", str(server.port).encode()))
        while slow.recv(65536):
            pass


def gone(connection: socket.socket) -> bool:
    """Whether the server has cut a connection off, of which nothing is read here."""
    poll = select.poll()
    poll.register(connection, 0)  # errors alone
    return bool(poll.poll(PATIENCE * 1000))


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system tells of errors otherwise")
def test_who_takes_nothing_of_a_download_is_cut_off(serve: Serve, folder: Path) -> None:
    server = serve(limits=Limits(taking=0.1))
    with download(folder, server.port) as page:
        assert gone(page)


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system tells of errors otherwise")
def test_who_takes_nothing_of_a_stream_is_cut_off(serve: Serve, device: HandFed) -> None:
    server = serve(limits=Limits(taking=0.1))
    words = (
        f"GET /nearfar/stream HTTP/1.1\r\nHost: localhost:{server.port}\r\nOrigin: {server.url[:-1]}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    wanted = encode(PLAIN)
    with socket.create_connection(("localhost", server.port), PATIENCE) as page:
        page.sendall(words.encode())
        assert page.recv(12) == b"HTTP/1.1 101"
        assert len(wanted) < 126
        page.sendall(bytes((0x82, 0x80 | len(wanted), 0, 0, 0, 0)) + wanted)
        device.give(frame_of(1, 3000, 2000))
        assert gone(page)
    device.wait_until_stopped()


def test_a_port_in_use_is_said(folder: Path, device: HandFed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is in use"):
            PageServer(folder, device, port=port)


@needs_ipv6
def test_a_port_in_use_on_the_other_address_is_said(folder: Path, device: HandFed) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of ::1 is in use"):
            PageServer(folder, device, port=port)


def test_two_servers_share_nothing(serve: Serve) -> None:
    assert serve().port != serve().port


def test_what_cannot_be_served_is_refused(tmp_path: Path, device: HandFed) -> None:
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        make_app(tmp_path / "none", device, port=1)
    with pytest.raises(ValueError, match="profile must be one of spec, arcore, quest"):
        make_app(tmp_path, device, port=1, profile="phone")  # type: ignore[arg-type]


def test_a_missing_part_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearfar.studio, "_NEEDS", ("a_part_that_nobody_has",))
    with pytest.raises(MissingExtra, match=r"pip install 'nearfar\[studio\]'"):
        nearfar.studio.__getattr__("PageServer")
    assert importlib.util.find_spec("starlette") is not None


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """``nearfar serve`` in a process of its own, and the two lines that it prints."""
    command = [sys.executable, "-m", "nearfar", "serve", str(folder), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip(), process.stdout.readline()
        finally:
            process.kill()


def test_the_command_serves_a_camera_until_ctrl_c(folder: Path) -> None:
    with served(folder, "--device", "virtual:lidar?size=64x48", "--profile", "quest") as (
        process,
        url,
        about,
    ):
        assert url.startswith("http://localhost:")
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            assert b'data-profile="quest"' in answer.read()
        address = f"{url.replace('http', 'ws')}nearfar/stream"
        with connect(address, origin=url[:-1], compression=None, max_size=None) as stream:  # type: ignore[arg-type]
            hello = decode(_packet(stream.recv(PATIENCE)), FROM_SERVER)
            assert isinstance(hello, Hello)
            assert (hello.profile, hello.gpu_layout) == ("quest", "window-space")
            stream.send(encode(Wanted("plain", color=True)))
            frame = decode(_packet(stream.recv(PATIENCE)), FROM_SERVER)
            assert isinstance(frame, FrameMessage)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert str(folder) in about
    assert "depth from virtual:lidar" in about
    assert err == ""


def download(folder: Path, port: int) -> socket.socket:
    """A large file, of which no more is read than its first bytes."""
    with (folder / "large.bin").open("wb") as file:
        file.truncate(64 << 20)
    page = socket.create_connection(("localhost", port), PATIENCE)
    page.sendall(f"GET /large.bin HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
    assert page.recv(12) == b"HTTP/1.1 200"
    return page


def test_ctrl_c_twice_in_the_midst_of_a_download_ends_quietly(folder: Path) -> None:
    with served(folder, "--device", "virtual:lidar?size=64x48") as (process, url, _):
        port = int(url.rstrip("/").rsplit(":", 1)[1])
        with download(folder, port):
            process.send_signal(signal.SIGINT)
            with suppress(ConnectionRefusedError):
                while True:  # until the server has begun to end, for which it waits for what is under way
                    socket.create_connection(("127.0.0.1", port)).close()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert err == ""


def _packet(received: str | bytes) -> bytes:
    assert isinstance(received, bytes)
    return received


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["{folder}/none"], 1, "there is no such folder"),
        (["{folder}/index.html"], 1, "is not a folder"),
        (["{folder}", "--device", "virtual:none"], 1, "virtual:none"),
        (["{folder}", "--device", "photo:{folder}/none.heic"], 1, "none.heic"),
        (["{folder}", "--profile", "phone"], 2, "phone"),
        (["{folder}", "--port", "70000"], 2, "65535"),
        ([], 2, "DIR"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["serve", *(word.format(folder=folder) for word in words)]) == code
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err


def test_the_command_says_that_a_port_is_in_use(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", os.fspath(folder), "--port", port]) == 1
    assert capsys.readouterr().err == f"error: port {port} of 127.0.0.1 is in use: choose another\n"
