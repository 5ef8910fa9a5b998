"""A folder over HTTP: what is in it, as it is, and nothing that is not."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nearfar.studio import PageServer
from nearfar.studio.pages import media_type
from studio.conftest import PATIENCE, Serve

TAG = b'<script src="/nearfar/nearfar-webxr.js" data-stream="/nearfar/stream" data-profile="spec"></script>'


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


Get = Callable[..., Answer]


def ask(server: PageServer, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """One request, its path sent as it is spelt."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"localhost:{server.port}", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


@pytest.fixture
def get(serve: Serve) -> Get:
    server = serve()

    def request(path: str, **options: object) -> Answer:
        return ask(server, path, **options)  # type: ignore[arg-type]

    return request


def test_a_page_has_the_runtime_first(get: Get, folder: Path) -> None:
    page = (folder / "index.html").read_bytes()
    for path in ("/", "/index.html", "/?query=1"):
        answer = get(path)
        assert answer.status == 200
        assert answer.body == page.replace(b"<head>", b"<head>" + TAG)
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_a_profile_is_told_to_the_runtime(serve: Serve) -> None:
    assert b'data-profile="arcore"' in ask(serve(profile="arcore"), "/").body


def test_the_runtime_is_there(get: Get, serve: Serve) -> None:
    for name in ("nearfar-webxr.js", "nearfar-webxr-test.js"):
        answer = get(f"/nearfar/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert b"nearfar" in answer.body


def test_other_files_come_as_they_are(get: Get, folder: Path) -> None:
    data = os.urandom(300_000)
    (folder / "data.bin").write_bytes(data)
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/ü & x.js").write_bytes(b"<head>")
    (folder / "empty.css").touch()
    assert get("/data.bin").body == data
    assert get("/deep/er/%C3%BC%20%26%20x.js").body == b"<head>"
    assert get("/empty.css").body == b""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wasm", "application/wasm"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("A.JS", "text/javascript; charset=utf-8"),
        ("a.html", "text/html"),
        ("a.glb", "model/gltf-binary"),
        ("a.svg", "image/svg+xml"),
        ("a.tar.gz", "application/octet-stream"),
        ("README", "application/octet-stream"),
    ],
)
def test_a_file_is_of_the_type_that_its_name_says(name: str, kind: str) -> None:
    assert media_type(name) == kind


def test_head_says_what_get_would(get: Get, folder: Path) -> None:
    (folder / "data.bin").write_bytes(bytes(1000))
    for path in ("/", "/data.bin"):
        whole, head = get(path), get(path, method="HEAD")
        assert head.status == 200
        assert head.body == b""
        for name in ("Content-Length", "Content-Type", "ETag"):
            assert head.headers[name] == whole.headers[name]


def test_what_has_not_changed_is_not_sent_again(get: Get, folder: Path) -> None:
    (folder / "data.bin").write_bytes(bytes(1000))
    for path in ("/", "/data.bin"):
        tag = get(path).headers["ETag"]
        known = get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (known.status, known.body) == (304, b"")
    (folder / "index.html").write_text("<p>new")
    assert get("/", headers={"If-None-Match": tag}).status == 200


def test_a_part_of_a_file(get: Get, folder: Path) -> None:
    (folder / "data.bin").write_bytes(bytes(range(100)))
    answer = get("/data.bin", headers={"Range": "bytes=10-19"})
    assert answer.status == 206
    assert answer.body == bytes(range(10, 20))
    assert answer.headers["Content-Range"] == "bytes 10-19/100"


@pytest.mark.parametrize("asked", ["bytes=200-", "bytes=0-9,100-", "bytes=9-5", "bytes=-"])
def test_a_part_that_a_file_has_not_is_refused_in_words(get: Get, folder: Path, asked: str) -> None:
    (folder / "data.bin").write_bytes(bytes(range(100)))
    answer = get("/data.bin", headers={"Range": asked})
    assert answer.status == 416
    assert answer.headers["Content-Range"] == "bytes */100"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert f"/data.bin: the Range {asked!r} is not a part of this file, which has 100 bytes" in (
        answer.body.decode()
    )
    for other in ({}, {"Range": "lines=1-2"}, {"Range": "x"}):
        assert get("/data.bin", headers=other).body == bytes(range(100))


def test_a_page_too_large_for_the_runtime_is_refused_in_words(get: Get, folder: Path) -> None:
    for name in ("large/index.html", "large.html", "large.bin"):
        (folder / name).parent.mkdir(exist_ok=True)
        with (folder / name).open("wb") as file:
            file.truncate((64 << 20) + 1)
    for path, name in (("/large/", "/large/index.html"), ("/large.html", "/large.html")):
        answer = get(path)
        assert answer.status == 500
        assert f"{name}: this page has 67 MB" in answer.body.decode()
        assert "Move its data into files of their own" in answer.body.decode()
    assert get("/large.bin", method="HEAD").status == 200


def test_the_icon_that_browsers_ask_for_is_not_missing(get: Get, folder: Path) -> None:
    assert (get("/favicon.ico").status, get("/favicon.ico").body) == (204, b"")
    assert get("/deep/favicon.ico").status == 404
    (folder / "favicon.ico").write_bytes(b"own")
    assert get("/favicon.ico").body == b"own"


def test_a_folder_leads_to_its_page_or_lists_what_it_has(get: Get, folder: Path) -> None:
    (folder / "a b/c").mkdir(parents=True)
    (folder / "a b/<b>.txt").touch()
    (folder / "a b/.hidden").touch()
    answer = get("/a%20b")
    assert answer.status == 307
    assert answer.headers["Location"] == "./a%20b/"
    assert get("/a%20b?usage=cpu&x=%2F").headers["Location"] == "./a%20b/?usage=cpu&x=%2F"
    listing = get("/a%20b/").body.decode()
    assert '<a href="./c/">c/</a>' in listing
    assert "hidden" not in listing
    (folder / "a b/c/index.html").write_text("inside")
    assert get("/a%20b/c/").body == TAG + b"inside"


def test_a_listing_leaves_out_what_no_address_names(get: Get, folder: Path) -> None:
    (folder / "all").mkdir()
    (folder / "all/here.txt").touch()
    (folder / "all/loop").symlink_to(folder / "all/loop")
    with contextlib.suppress(OSError):  # where names are Unicode
        Path(os.fsdecode(os.fsencode(folder / "all") + b"/\xff.txt")).touch()
    answer = get("/all/")
    assert answer.status == 200
    assert "here.txt" in answer.body.decode()
    assert ".txt" not in answer.body.decode().replace("here.txt", "")


@pytest.mark.parametrize("size", [1 << 20, 65 << 20], ids=["shorter", "longer"])
def test_a_file_that_changes_while_it_is_sent_is_one_line(
    serve: Serve, folder: Path, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    server, place = serve(), folder / "large.bin"
    place.touch()
    os.truncate(place, 64 << 20)
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as page:
        page.sendall(f"GET /large.bin HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
        assert page.recv(12) == b"HTTP/1.1 200"
        os.truncate(place, size)
        while page.recv(1 << 20):
            pass
    assert caplog.messages == ["/large.bin: it changed while it was sent; load it again"]
    assert ask(server, "/large.bin", "HEAD").headers["Content-Length"] == str(size)


@pytest.mark.parametrize(
    "path",
    [
        "/missing.html",
        "/index.html/",
        "/index.html/x",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/pages/../../secret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "///",
        "/./index.html",
        "/index.html%00.txt",
        "/%00",
        "/.git/config",
        "/.env",
        "/deep/.hidden/x.txt",
        "/out.txt",
        "/way/secret.txt",
        "/loop",
        "/disguised.txt",
        "/" + "a" * 5000,
        "/%ff%fe",
        "/C:/x",
        "/nearfar/",
        "/nearfar/other.js",
    ],
)
def test_what_is_not_in_the_folder_is_not_there(get: Get, folder: Path, path: str) -> None:
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("secret")
    (folder / ".env").write_text("secret")
    (folder / "deep/.hidden").mkdir(parents=True)
    (folder / "deep/.hidden/x.txt").write_text("secret")
    (folder / "out.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "way").symlink_to(folder.parent)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "disguised.txt").symlink_to(folder / ".env")
    answer = get(path)
    assert answer.status == 404
    assert b"there is no such file in the folder that is served" in answer.body
    assert b"root:" not in answer.body


def test_a_link_within_the_folder_is_followed(get: Get, folder: Path) -> None:
    (folder / "real.txt").write_text("here")
    (folder / "link.txt").symlink_to("real.txt")
    assert get("/link.txt").body == b"here"


def test_what_is_no_file_is_not_opened(get: Get, folder: Path) -> None:
    os.mkfifo(folder / "pipe.html")
    assert get("/pipe.html").status == 404


spellings = st.lists(
    st.sampled_from(
        ["..", "%2e%2e", ".%2e", "/", "%2f", "\\", "%5c", "a", ".", "%00", "secret.txt", "pages", "%20"]
    ),
    max_size=8,
).map(lambda parts: "/" + "".join(parts))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=spellings)
def test_no_spelling_leads_out(get: Get, path: str) -> None:
    assert get(path).body != b"secret"


@pytest.mark.parametrize(
    ("host", "headers", "status", "words"),
    [
        ("evil.example:{port}", {}, 421, "http://localhost:{port}/, for this machine alone"),
        ("localhost", {}, 421, "asked for was localhost"),
        ("localhost:1", {}, 421, "asked for was localhost:1"),
        ("localhost:{port}.evil.example", {}, 421, "for this machine alone"),
        ("", {}, 421, "no host"),
        ("localhost:{port}", {"Origin": "http://evil.example"}, 403, "Only pages of http://localhost:{port}"),
        ("localhost:{port}", {"Origin": "null"}, 403, "the Origin was null"),
        ("localhost:{port}", {"Origin": "http://127.0.0.1:{port}"}, 403, "Only pages of"),
        (
            "localhost:{port}",
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
            403,
            "another site",
        ),
        ("localhost:{port}", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403, "another site"),
    ],
)
def test_who_may_not_ask_is_told_so(
    serve: Serve, host: str, headers: dict[str, str], status: int, words: str
) -> None:
    server = serve()
    headers = {name: value.format(port=server.port) for name, value in headers.items()}
    answer = ask(server, "/", headers={"Host": host.format(port=server.port), **headers})
    assert answer.status == status
    assert words.format(port=server.port) in answer.body.decode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_each_of_this_machines_names_will_do(serve: Serve, name: str) -> None:
    server = serve()
    own = f"{name}:{server.port}"
    headers = {"Host": own, "Origin": f"http://{own.lower()}", "Sec-Fetch-Site": "same-origin"}
    answer = ask(server, "/", headers=headers)
    assert answer.status == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_link_from_another_site_may_lead_here(get: Get) -> None:
    assert get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_files_are_only_read(get: Get, method: str) -> None:
    answer = get("/", method=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert method in answer.body.decode()
