"""Files on their way into the studio's page and out of it: what is taken, refused, and taken away."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

import nearfar as nf
from browser.studio_page import Studio, running_studio

pytestmark = pytest.mark.browser

PHOTO = "iphone13pro_dualwide.heic"
FLAT = "samsung_gainmap.heic"
SLOW = 60_000
"""Milliseconds that a file may take to be made on a machine that is busy."""


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


def test_a_dropped_folder_gives_its_photos_however_deep_and_says_what_it_leaves_out(
    studio: Studio, desk: BrowserContext, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Summer"
    (folder / "day 2/evening").mkdir(parents=True)
    shutil.copy(samples / "photos/apple" / PHOTO, folder / "a.heic")
    shutil.copy(samples / "photos/no-depth" / FLAT, folder / "day 2/evening/b.HEIC")
    (folder / "day 2/notes.txt").write_text("milk, eggs")
    page = studio.open(desk, "#photos")
    drop_from_disk(page, folder)
    expect(page.get_by_text("1 file in the folder that is no photo left out.")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="b.HEIC")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("2 photos added.")).to_be_visible()
    expect(page.locator("a.thumb[href$='a.heic']")).to_be_visible()
    assert (studio.folder / "photos/a.heic").read_bytes() == (folder / "a.heic").read_bytes()


def test_a_folder_without_photos_says_so(studio: Studio, desk: BrowserContext, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = studio.open(desk, "#photos")
    drop_from_disk(page, tmp_path / "empty")
    expect(page.get_by_text("There was no file in what you dropped.")).to_be_visible()


def drop_from_disk(page: Page, path: Path) -> None:
    """Drop a file or a folder as the system's desktop does."""
    pointer = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        pointer.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


@pytest.fixture
def opened(studio: Studio, desk: BrowserContext, samples: Path) -> Page:
    """The page of a photo with depth."""
    page = studio.open(desk, "#photos")
    page.locator("input[type=file]").set_input_files(samples / "photos/apple" / PHOTO)
    expect(page.locator("a.download")).to_have_count(5, timeout=SLOW)
    return page


@pytest.fixture
def original(samples: Path) -> nf.Photo:
    return nf.open(samples / "photos/apple" / PHOTO)


def taken_away(page: Page, what: str, folder: Path) -> Path:
    """What a download gives, under the name that it is given."""
    link = page.locator("a.download").filter(has=page.get_by_text(what, exact=True))
    with page.expect_download(timeout=SLOW) as coming:
        link.click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_the_jpeg_has_the_photo_with_its_depth(opened: Page, original: nf.Photo, tmp_path: Path) -> None:
    path = taken_away(opened, "JPEG", tmp_path)
    assert path.suffix == ".jpg"
    photo = nf.open(path)
    assert (photo.container, photo.size) == ("jpeg", original.size)
    ours, theirs = photo.require_depth(), original.require_depth()
    assert np.allclose(ours.values, theirs.values, rtol=0.02, equal_nan=True)
    assert ours.calibration is not None


def test_the_portrait_is_rendered_as_it_is_seen(opened: Page, original: nf.Photo, tmp_path: Path) -> None:
    opened.get_by_role("slider", name="Aperture").press("Home")
    path = taken_away(opened, "Portrait JPEG", tmp_path)
    assert path.stem.endswith(" f1.4")
    photo = nf.open(path)
    assert (photo.container, photo.size, photo.has_depth) == ("jpeg", original.size, False)
    corner = np.s_[:600, :600]
    sharp, soft = (np.abs(np.diff(each.color[corner].astype(int))).mean() for each in (original, photo))
    assert soft < sharp, "what is far is out of focus"


def test_the_png_has_the_distances_in_millimetres(opened: Page, original: nf.Photo, tmp_path: Path) -> None:
    with Image.open(taken_away(opened, "Depth PNG", tmp_path)) as picture:
        millimetres = np.asarray(picture)
    metres = original.require_depth().to(nf.DepthKind.DEPTH).values
    assert millimetres.shape == metres.shape
    assert np.abs(millimetres / 1000 - np.nan_to_num(metres)).max() <= 0.0006


def test_the_ply_has_the_points_in_the_colours_of_the_photo(
    opened: Page, original: nf.Photo, tmp_path: Path
) -> None:
    path = taken_away(opened, "Points PLY", tmp_path)
    assert path.suffix == ".ply"
    assert nf.PointCloud.load(path).equals(original.require_depth().points(original.color))
