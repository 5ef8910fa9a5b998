"""A server for more than this machine: who has the token is let in, and nobody else."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from nearfar.cli import main
from nearfar.studio import PageServer
from studio.conftest import PATIENCE, Serve
from studio.hand_fed import HandFed

TOKEN = "a-token_of.the~test"


@pytest.fixture
def server(serve: Serve) -> PageServer:
    return serve(token=TOKEN)


Told = tuple[int, http.client.HTTPMessage, str]


def ask(server: PageServer, path: str, method: str = "GET", **headers: str) -> Told:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


@contextmanager
def stream(server: PageServer, **headers: str) -> Iterator[ClientConnection]:
    origin, address = f"http://localhost:{server.port}", f"ws://localhost:{server.port}/nearfar/stream"
    with connect(address, origin=origin, additional_headers=headers) as it:  # type: ignore[arg-type]
        yield it


def test_the_printed_address_lets_in_and_leaves_no_token_behind(server: PageServer) -> None:
    assert server.url == f"http://localhost:{server.port}/?token={TOKEN}"
    status, headers, body = ask(server, f"/index.html?a=1&token={TOKEN}&b=%20")
    assert (status, body) == (303, "")
    assert headers["Location"] == f"http://localhost:{server.port}/index.html?a=1&b=+"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    cookie, *marks = headers["Set-Cookie"].split("; ")
    assert cookie == f"nearfar-{server.port}={TOKEN}"
    assert set(marks) == {"HttpOnly", "Path=/", "SameSite=strict"}
    status, _, body = ask(server, "/index.html", Cookie=f"other=1; {cookie}")
    assert status == 200
    assert "<title>Start</title>" in body
    with stream(server, Cookie=cookie) as opened:
        assert opened.recv(PATIENCE)


def test_a_link_of_another_site_is_followed_by_a_page_of_our_own(server: PageServer) -> None:
    """A redirect would count as the other site's, and go without the cookie."""
    fetch = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    status, headers, body = ask(server, f"/?token={TOKEN}&x=%22%3E", **fetch)
    assert status == 200
    assert "Set-Cookie" in headers
    assert f'url=http://localhost:{server.port}/?x=%22%3E"' in body


def test_the_way_on_leads_nowhere_else(server: PageServer) -> None:
    location = ask(server, f"//evil.example/?token={TOKEN}")[1]["Location"]
    assert location == f"http://localhost:{server.port}//evil.example/"


@pytest.mark.parametrize(
    ("path", "headers", "words"),
    [
        ("/", {}, "this needs the token"),
        ("/?token=", {}, "not the token"),
        ("/?token=a-token_of.the~tesu", {}, "not the token"),
        (f"/?token={TOKEN}x", {}, "not the token"),
        ("/?token=%FF%00", {}, "not the token"),
        ("/", {"Cookie": "nearfar-{port}=wrong"}, "not the token"),
        ("/", {"Cookie": f"nearfar-1={TOKEN}"}, "this needs the token"),
        ("/", {"Authorization": "Bearer wrong"}, "not the token"),
        ("/", {"Authorization": f"Basic {TOKEN}"}, "this needs the token"),
        ("/nearfar/nearfar-webxr.js", {}, "this needs the token"),
        ("/no/such/file", {}, "this needs the token"),
    ],
)
def test_without_the_token_nothing_is_told(
    server: PageServer, path: str, headers: dict[str, str], words: str
) -> None:
    headers = {name: value.replace("{port}", str(server.port)) for name, value in headers.items()}
    status, _, body = ask(server, path, **headers)
    assert status == 403
    assert words in body
    assert "Load the whole address that was printed" in body
    assert TOKEN not in body


@pytest.mark.parametrize("headers", [{}, {"Cookie": "nearfar-{port}=wrong"}], ids=["none", "wrong"])
def test_without_the_token_there_is_no_stream(
    server: PageServer, device: HandFed, headers: dict[str, str]
) -> None:
    said = {name: value.replace("{port}", str(server.port)) for name, value in headers.items()}
    with pytest.raises(InvalidStatus) as refused, stream(server, **said):
        pass
    assert refused.value.response.status_code == 403
    assert b"You are not let in" in refused.value.response.body
    assert device.starts == 0


def test_programs_may_send_it_as_a_header(server: PageServer) -> None:
    assert ask(server, "/", Authorization=f"Bearer {TOKEN}")[0] == 200
    with stream(server, Authorization=f"Bearer {TOKEN}") as opened:
        assert opened.recv(PATIENCE)


def test_the_token_opens_no_other_way_in(server: PageServer) -> None:
    assert ask(server, f"/?token={TOKEN}", Host="evil.example")[0] == 421
    assert ask(server, f"/?token={TOKEN}", Origin="http://evil.example")[0] == 403
    assert ask(server, f"/?token={TOKEN}", "POST", Authorization=f"Bearer {TOKEN}")[0] == 405


def test_other_devices_reach_a_server_that_is_for_them(serve: Serve) -> None:
    server = serve(host="0.0.0.0")
    assert re.fullmatch(rf"http://localhost:{server.port}/\?token=[\w-]{{24}}", server.url)
    assert server.lan_url is not None
    assert server.lan_url.endswith(server.url.rpartition(":")[2])
    assert serve(host="0.0.0.0").entrance.token != server.entrance.token
    connection = http.client.HTTPConnection("127.0.0.2", server.port, timeout=PATIENCE)
    connection.request("GET", f"/?token={server.entrance.token}", headers={"Connection": "close"})
    assert connection.getresponse().status == 303
    connection.close()


def test_this_machine_alone_needs_none(serve: Serve) -> None:
    server = serve()
    assert (server.entrance.token, server.lan_url) == ("", None)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--token", "short"], 2, "12 to 128 letters"),
        (["--token", "with a space in it"], 2, "12 to 128 letters"),
        (["--qr"], 2, "add --host 0.0.0.0"),
        (
            ["--host", "192.0.2.77", "--port", "0"],
            1,
            "192.0.2.77 is no address of this machine: choose one of",
        ),
        (["--host", "no such host"], 1, "no such host is no address of this machine"),
    ],
)
def test_what_cannot_be_is_one_line(
    folder: object, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    device = ["--device", "virtual:lidar?size=64x48"]
    assert main(["serve", str(folder), *device, *words]) == code
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
