"""Photos and the server that runs: uploads that break off, downloads that nobody waits for, and its end."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest

import nearfar as nf
from nearfar.studio import Library, StudioServer
from studio.conftest import PATIENCE
from studio.photo_pages import PHOTOS, made_photo

SLOW = 60.0
Rooms = Callable[[], list[Path]]


class Running:
    """A studio that runs on a thread."""

    def __init__(self, folder: Path) -> None:
        self.server = StudioServer("virtual:dual", Library(folder), port=0)
        self.photos = self.server.library.photos.folder
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        self.origin = self.server.url.rstrip("/")
        self.page = httpx.Client(base_url=self.origin, headers={"Origin": self.origin}, timeout=SLOW)

    def end(self) -> None:
        self.page.close()
        self.server.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def upload(self, promised: int) -> socket.socket:
        """The beginning of an upload of so many bytes."""
        connection = socket.create_connection(("localhost", self.server.port), PATIENCE)
        host = f"localhost:{self.server.port}"
        connection.sendall(
            f"POST {PHOTOS}?name=x.jpg HTTP/1.1\r\nHost: {host}\r\nOrigin: {self.origin}\r\n"
            f"Content-Length: {promised}\r\n\r\n".encode()
            + bytes(1 << 20)
        )
        return connection

    def files(self) -> list[str]:
        return sorted(os.listdir(self.photos)) if self.photos.is_dir() else []


def becomes(test: Callable[[], bool]) -> bool:
    """Whether something comes true while a test is patient."""
    end = time.monotonic() + PATIENCE
    while not test() and time.monotonic() < end:
        threading.Event().wait(0.01)
    return test()


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rooms:
    """The folders in which processes make downloads: they go when those have ended."""
    folder = tmp_path / "rooms"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return lambda: list(folder.iterdir())


@pytest.fixture
def running(tmp_path: Path, rooms: Rooms) -> Iterator[Running]:
    studio = Running(tmp_path / "studio")
    yield studio
    studio.end()


@pytest.fixture
def large(running: Running) -> str:
    """A photo that takes seconds to be coded anew."""
    rng = np.random.default_rng(1)
    color = rng.integers(0, 256, (1800, 2400, 3), np.uint8)
    depth = nf.DepthMap(np.full((300, 400), 2.0, np.float32))
    data = nf.Photo(color, depth).file_data("jpeg", color_quality=60)
    assert running.page.post(PHOTOS, params={"name": "large.jpg"}, content=data).status_code == 201
    return "large.jpg"


def test_a_photo_goes_in_and_out_over_the_network(running: Running) -> None:
    data = made_photo().file_data("heic")
    entry = running.page.post(PHOTOS, params={"name": "a.heic"}, content=data).json()
    assert running.page.get(PHOTOS).json()["photos"] == [entry]
    assert running.page.get(f"{PHOTOS}/a.heic/download/heic").content == data
    assert running.page.post(f"{PHOTOS}/a.heic/edits", json={"fNumber": 2}).json()["storedFNumber"] == 2
    assert running.page.delete(PHOTOS).json()["photos"] == []


def test_other_sites_may_not_put_photos_in_or_take_them_out(running: Running) -> None:
    elsewhere = {"Origin": "http://evil.example"}
    data = made_photo().file_data("heic")
    assert running.page.post(PHOTOS, content=data, headers=elsewhere).status_code == 403
    running.page.post(PHOTOS, params={"name": "a.heic"}, content=data)
    for method, part in (("DELETE", ""), ("DELETE", "/a.heic"), ("POST", "/a.heic/edits")):
        refused = running.page.request(method, f"{PHOTOS}{part}", headers=elsewhere, json={})
        assert refused.status_code == 403
        assert refused.json()["reason"]
    assert running.files() == ["a.heic"]


def test_an_upload_that_breaks_off_leaves_nothing_behind(running: Running) -> None:
    connection = running.upload(50 << 20)
    assert becomes(lambda: len(running.files()) == 1)
    connection.close()
    assert becomes(lambda: running.files() == [])


def test_an_upload_that_is_too_large_is_refused_at_its_first_words(running: Running) -> None:
    connection = running.upload(5 << 30)
    assert b" 413 " in connection.recv(4096)
    connection.close()
    assert becomes(lambda: running.files() == [])


def test_emptying_takes_what_is_on_its_way(running: Running) -> None:
    data = made_photo().file_data("jpeg")
    with running.upload((1 << 20) + len(data)) as connection:
        assert becomes(lambda: len(running.files()) == 1)
        running.page.delete(PHOTOS)
        assert running.files() == []
        connection.sendall(data)
        assert connection.recv(4096).startswith(b"HTTP/1.1 4")
    assert becomes(lambda: running.files() == [])


def test_a_server_that_ends_leaves_nothing_half_written(tmp_path: Path) -> None:
    studio = Running(tmp_path / "studio")
    with studio.upload(50 << 20):
        assert becomes(lambda: len(studio.files()) == 1)
        studio.end()
    assert studio.files() == []


def test_what_an_earlier_run_left_half_written_goes(tmp_path: Path) -> None:
    library = Library(tmp_path)
    left = library.photos.unfinished_path()
    left.write_bytes(b"x")
    os.utime(left, (1, 1))
    studio = Running(tmp_path)
    studio.end()
    assert studio.files() == []


def test_a_download_that_nobody_waits_for_ends(running: Running, large: str, rooms: Rooms) -> None:
    with pytest.raises(httpx.ReadTimeout):
        running.page.get(f"{PHOTOS}/{large}/download/heic", timeout=0.3)
    assert becomes(lambda: not rooms())


def test_a_download_that_waits_its_turn_ends_with_who_waits(
    running: Running, large: str, rooms: Rooms
) -> None:
    def leave() -> None:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{running.origin}{PHOTOS}/{large}/download/heic", timeout=0.5)

    leaving = [threading.Thread(target=leave) for _ in range(6)]
    for each in leaving:
        each.start()
    for each in leaving:
        each.join(PATIENCE)
    assert becomes(lambda: not rooms())


def test_a_server_that_ends_makes_no_downloads_any_more(tmp_path: Path, rooms: Rooms) -> None:
    studio = Running(tmp_path / "studio")
    rng = np.random.default_rng(1)
    data = nf.Photo(rng.integers(0, 256, (1800, 2400, 3), np.uint8)).file_data("jpeg", color_quality=60)
    studio.page.post(PHOTOS, params={"name": "x.jpg"}, content=data)

    def ask() -> None:
        with suppress(httpx.HTTPError):  # one that was nearly made may still be sent
            httpx.get(f"{studio.origin}{PHOTOS}/x.jpg/download/heic", timeout=SLOW).raise_for_status()

    asking = threading.Thread(target=ask)
    asking.start()
    assert becomes(lambda: bool(rooms()))
    studio.end()
    asking.join(PATIENCE)
    assert becomes(lambda: not rooms())


def test_nobody_waits_behind_a_download(running: Running, large: str, rooms: Rooms) -> None:
    order: list[str] = []

    def take_away() -> None:
        running.page.get(f"{PHOTOS}/{large}/download/heic").raise_for_status()
        order.append("download")

    asking = threading.Thread(target=take_away)
    asking.start()
    assert becomes(lambda: bool(rooms()))
    for part in ("thumbnail.jpg", "picture.jpg?side=800", "depth", ""):
        running.page.get(f"{PHOTOS}/{large}/{part}".rstrip("/")).raise_for_status()
        order.append(part)
    asking.join(SLOW)
    assert order[-1] == "download"
