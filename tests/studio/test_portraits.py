"""Portraits over HTTP: what a page gets, what is refused and how, and that the newest request wins."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from effects.test_portraits import FAR, NEAR, photo_of, texture, two_planes
from nearfar.studio import Library, StudioServer
from studio.conftest import PATIENCE

NAME = "two planes.heic"
SLOW = 60.0
"""Seconds for a picture of 12 megapixels on a machine that has much else to do."""


class Page:
    """Asks a studio for portraits, on a connection for each."""

    def __init__(self, server: StudioServer) -> None:
        self.port = server.port
        self.photos = server.library.photos.folder

    def begin(self, photo: str = NAME, **query: object) -> http.client.HTTPConnection:
        """Ask; whatever comes is for `end`."""
        headers = {name: str(query.pop(name)) for name in ["If-None-Match"] if name in query}
        connection = http.client.HTTPConnection("localhost", self.port, timeout=SLOW)
        connection.request(
            "GET", f"/studio/photos/{quote(photo)}/portrait.jpg?{urlencode(query)}", None, headers
        )
        return connection

    def end(self, connection: http.client.HTTPConnection) -> tuple[http.client.HTTPResponse, bytes]:
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def ask(self, photo: str = NAME, **query: object) -> tuple[http.client.HTTPResponse, bytes]:
        return self.end(self.begin(photo, **query))

    def portrait(self, photo: str = NAME, **query: object) -> bytes:
        answer, body = self.ask(photo, **query)
        assert answer.status == 200, body
        assert answer.headers["Content-Type"] == "image/jpeg"
        return body

    def refused(self, photo: str = NAME, **query: object) -> tuple[int, str]:
        answer, body = self.ask(photo, **query)
        return answer.status, json.loads(body)["reason"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    library = Library(tmp_path_factory.mktemp("studio"))
    library.photos.folder.mkdir()
    photo_of(two_planes()).save(library.photos.folder / NAME)
    nf.Photo(texture()).save(library.photos.folder / "flat.jpg")
    (library.photos.folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe1nothing")
    server = StudioServer("virtual:dual", library, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield Page(server)
    server.stop()
    thread.join(PATIENCE)


@pytest.fixture
def phone(page: Page, samples: Path) -> str:
    """The id of an iPhone's photo of 12 megapixels in the library."""
    name = "IMG_0042.HEIC"
    if not (page.photos / name).exists():
        (page.photos / name).write_bytes((samples / "photos/apple/iphone13pro_dualwide.heic").read_bytes())
    return name


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


# What a page gets


def test_a_preview_is_nearfars_own_portrait(page: Page) -> None:
    photo = nf.open(page.photos / NAME)
    expected = nf.portrait(photo, f_number=1.4, focus=FAR, max_side=160, effort="fast")
    data = page.portrait(f=1.4, x=FAR[0], y=FAR[1], side=160)
    picture = expected.unblurred()
    coded = io.BytesIO()
    Image.fromarray(picture.codes).save(coded, "JPEG", quality=88, icc_profile=picture.icc)
    assert data == coded.getvalue()


def test_without_a_side_it_is_the_full_picture(page: Page) -> None:
    photo = nf.open(page.photos / NAME)
    expected = nf.portrait(photo, f_number=2, focus=NEAR)
    assert page.portrait(f=2, x=NEAR[0], y=NEAR[1]) == expected.file_data("jpeg", color_quality=88)


def test_what_is_left_out_is_as_the_photo_has_it(page: Page) -> None:
    edited = nf.open(page.photos / NAME).with_edits(f_number=1.4, focus=FAR)
    edited.save(page.photos / "edited.heic")
    assert page.portrait("edited.heic") == page.portrait("edited.heic", f=1.4, x=FAR[0], y=FAR[1])


@pytest.mark.samples
def test_a_phones_photo_as_a_slider_moves(page: Page, phone: str) -> None:
    previews = [page.portrait(phone, f=f, x=0.4, y=0.5, side=1344, client="page") for f in (1.4, 1.8, 8)]
    assert {size_of(data) for data in previews} == {(1344, 1008)}
    assert len(set(previews)) == 3
    full = page.portrait(phone, f=8, x=0.4, y=0.5, client="page")
    assert size_of(full) == (4032, 3024)
    small = Image.open(io.BytesIO(full)).reduce(3)
    near = np.abs(np.asarray(small, int) - np.asarray(Image.open(io.BytesIO(previews[-1])), int))
    assert near.mean() < 3


def test_a_picture_that_a_page_has_is_not_sent_again(page: Page) -> None:
    answer, _ = page.ask(f=4, side=160)
    again, body = page.ask(f=4, side=160, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, body) == (304, b"")
    other, _ = page.ask(f=5.6, side=160, **{"If-None-Match": answer.headers["ETag"]})
    assert other.status == 200


def test_a_photo_that_has_changed_is_rendered_anew(page: Page) -> None:
    place = page.photos / "changing.heic"
    photo_of(two_planes()).with_edits(f_number=22).save(place)
    answer, before = page.ask("changing.heic", side=160)
    nf.open(place).with_edits(f_number=1.4, focus=FAR).save(place)
    after, body = page.ask("changing.heic", side=160, **{"If-None-Match": answer.headers["ETag"]})
    assert after.status == 200
    assert body != before


def test_many_pages_at_once_get_each_their_own(page: Page) -> None:
    looks = [(f, place) for f in (1.4, 2.8, 8) for place in (NEAR, FAR)]

    def ask(number: int) -> bytes:
        f, (x, y) = looks[number % len(looks)]
        return page.portrait(f=f, x=x, y=y, side=160, client=f"page {number}")

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(ask, range(24)))
    assert found == [ask(number) for number in range(len(looks))] * 4


# Who comes last is answered


@pytest.mark.samples
def test_a_newer_request_of_a_page_ends_the_one_before(page: Page, phone: str) -> None:
    older = page.begin(phone, f=1.5, client="slider")
    page.ask("nothing.heic")  # by its answer the older request has come
    other = page.begin(phone, f=1.5, client="somebody else")
    newer = page.begin(f=1.4, side=160, client="slider")
    answer, body = page.end(newer)
    assert answer.status == 200
    assert size_of(body) == (160, 120)
    answer, body = page.end(older)
    assert answer.status == 409
    assert "another portrait" in json.loads(body)["reason"]
    answer, body = page.end(other)
    assert answer.status == 200


# What is refused


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"f": 1}, "f is an aperture, 1.4 to 22, not '1'"),
        ({"f": "wide"}, "f is an aperture"),
        ({"f": "nan"}, "f is an aperture"),
        ({"x": 0.5}, "x and y go together"),
        ({"x": 0.5, "y": 1.5}, "y is a share of the picture, 0 to 1"),
        ({"side": 1}, "side is a number of pixels, 64 to"),
        ({"side": 1e9}, "side is a number of pixels"),
        ({"client": "x" * 1000}, "client names a page"),
        ({"client": ""}, "client names a page"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(
    page: Page, query: dict[str, object], said: str
) -> None:
    status, reason = page.refused(**query)
    assert status == 400
    assert said in reason


def test_a_photo_that_is_not_there_is_said(page: Page) -> None:
    status, reason = page.refused("gone.heic")
    assert status == 404
    assert "gone.heic" in reason
    assert page.ask("../photos/" + NAME)[0].status == 404


@pytest.mark.parametrize(("name", "said"), [("flat.jpg", "no depth map"), ("broken.jpg", "broken.jpg")])
def test_a_photo_that_cannot_be_rendered_says_why_and_not_where(page: Page, name: str, said: str) -> None:
    status, reason = page.refused(name, f=2)
    assert status == 422
    assert said in reason
    assert str(page.photos) not in reason
