"""Files on their way into the studio's page and out of it: what is taken, refused, and taken away."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from browser.studio_page import Studio, running_studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running_studio(tmp_path_factory.mktemp("studio")) as studio:
        yield studio
        assert studio.noise == []


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


def box(kind: bytes, *brands: bytes) -> bytes:
    """The first box of an ISO media file."""
    return (16 + 4 * len(brands)).to_bytes(4) + b"ftyp" + kind + bytes(4) + b"".join(brands)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.heic", b""),
        ("notes.jpg", b"milk, eggs"),
        ("short.jpg", b"\xff\xd8"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(80)),
        ("film.mov", box(b"qt  ", b"qt  ") + bytes(80)),
        ("film.mp4", box(b"isom", b"isom", b"mp41", b"avc1") + bytes(80)),
        ("picture.avif", box(b"avif", b"miaf") + bytes(80)),
    ],
)
def test_what_is_surely_no_photo_is_refused_in_the_servers_words_without_being_sent(
    studio: Studio, desk: BrowserContext, tmp_path: Path, name: str, data: bytes
) -> None:
    page = studio.open(desk, "#photos")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    (tmp_path / name).write_bytes(data)
    page.locator("input[type=file]").set_input_files(tmp_path / name)
    words = said_by_server(studio, name, len(data), data).removeprefix(f"{name}: ")
    expect(page.locator(".refusals")).to_have_text(f"{name} {words}")
    assert sent == []


def test_what_is_too_large_is_refused_in_the_servers_words_without_being_sent(
    studio: Studio, desk: BrowserContext, tmp_path: Path
) -> None:
    page = studio.open(desk, "#photos")
    size = (100 << 20) + 1
    with (tmp_path / "large.heic").open("wb") as file:
        file.truncate(size)
    page.locator("input[type=file]").set_input_files(tmp_path / "large.heic")
    words = said_by_server(studio, "large.heic", size, b"")
    expect(page.locator(".refusals")).to_have_text(f"large.heic {words}")


def said_by_server(studio: Studio, name: str, size: int, data: bytes) -> str:
    """Why the server refuses a file of a size, of which it is sent some."""
    address = urlsplit(studio.url)
    connection = http.client.HTTPConnection(address.netloc)
    connection.putrequest("POST", f"/studio/photos?name={name}")
    connection.putheader("Content-Length", str(size))
    connection.putheader("Origin", f"http://{address.netloc}")
    connection.endheaders(data)
    answer = connection.getresponse()
    assert answer.status in (413, 415)
    reason: str = json.loads(answer.read())["reason"]
    connection.close()
    return reason
