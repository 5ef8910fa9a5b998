"""The studio under attack: photos that are bombs, uploads without end, paths that lead out, odd wishes."""

from __future__ import annotations

import http.client
import io
import json
import socket
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from nearfar.studio.uploads import LARGEST_PHOTO
from soaking import rounds
from studio.attacked import BEARER, FLAT, GIGABYTE, TOKEN, Attacked, attacked_server
from studio.conftest import PATIENCE

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory and files from /proc"),
]
PHOTOS = "/studio/photos"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "secret.txt").write_text("secret")
    return folder / "library"


@pytest.fixture(scope="module")
def attacked(library: Path) -> Iterator[Attacked]:
    with attacked_server(
        library.parent / "log", "studio", "--no-browser", "--folder", str(library)
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def well(attacked: Attacked, library: Path) -> Iterator[None]:
    yield
    attacked.assert_well("nearfar studio")
    left = [path.name for path in (library / "photos").glob(".*")] if library.is_dir() else []
    assert not left, "nothing half written stays behind"


def ask(attacked: Attacked, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("localhost", attacked.port, timeout=60)
    try:
        connection.request(method, path, body, {"Origin": attacked.origin, **BEARER})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def drop(attacked: Attacked, name: str, data: bytes) -> tuple[int, str]:
    """The status, and the reason or the photo's id."""
    status, body = ask(attacked, "POST", f"{PHOTOS}?name={quote(name)}", data)
    said = json.loads(body)
    return status, said["reason"] if "reason" in said else said["id"]


def photo(*, suffix: str = ".heic") -> bytes:
    """A small one with depth."""
    rows, columns = np.mgrid[0:96, 0:128].astype(np.float32)
    color = np.stack([columns, rows * 2, rows + columns], axis=-1).astype(np.uint8)
    with TemporaryDirectory() as folder:
        path = Path(folder, f"made{suffix}")
        nf.Photo(color, nf.DepthMap(0.5 + columns / 80, nf.DepthKind.DISPARITY)).save(path)
        return path.read_bytes()


def lying_heic(width: int, height: int) -> bytes:
    """It says of all its pictures that they are so large."""
    data = bytearray(photo())
    place = 0
    while (place := data.find(b"ispe", place)) >= 0:
        data[place + 8 : place + 16] = struct.pack(">II", width, height)
        place += 16
    return bytes(data)


def lying_jpeg(width: int, height: int) -> bytes:
    data = bytearray(photo(suffix=".jpeg"))
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def flat_jpeg(side: int) -> bytes:
    """A megabyte that is a hundred megapixels."""
    made = io.BytesIO()
    Image.new("RGB", (side, side), (90, 128, 60)).save(made, "jpeg", quality=20)
    return made.getvalue()


BOMBS = {
    "HEIC of 60,000²": lambda: lying_heic(60_000, 60_000),
    "HEIC of 300,000²": lambda: lying_heic(300_000, 300_000),
    "HEIC of 8,000²": lambda: lying_heic(8_000, 8_000),
    "JPEG of 65,500²": lambda: lying_jpeg(65_500, 65_500),
    "JPEG of 16,000²": lambda: flat_jpeg(16_000),
    "a cut HEIC": lambda: photo()[:900],
    "zeros": lambda: bytes(32 << 20),
    "nothing": lambda: b"",
    "text": lambda: b"<script>alert(1)</script>" * 1000,
    "boxes in boxes": lambda: b"".join(struct.pack(">I4s", (4000 - n) * 8, b"meta") for n in range(4000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_photo_that_is_a_bomb_is_refused_in_words(attacked: Attacked, name: str) -> None:
    status, reason = drop(attacked, "bomb.heic", BOMBS[name]())
    assert status in (413, 415)
    assert "bomb.heic" in reason
    assert "Drop in a HEIC or JPEG" in reason


def test_large_photos_all_at_once(attacked: Attacked) -> None:
    """As large as they may be, and each is looked at in full."""
    data = flat_jpeg(7_000)
    with ThreadPoolExecutor(6) as pages:
        answers = list(pages.map(lambda n: drop(attacked, f"large{n}.jpg", data + bytes(n)), range(6)))
        assert {status for status, _ in answers} == {201}
        paths = [
            f"{PHOTOS}/{quote(name)}/{part}"
            for _, name in answers
            for part in ("thumbnail.jpg", "picture.jpg?side=640")
        ]
        assert {status for status, _ in pages.map(lambda path: ask(attacked, "GET", path), paths)} <= {200}
    assert ask(attacked, "DELETE", PHOTOS)[0] == 200


def test_uploads_that_do_not_come(attacked: Attacked) -> None:
    """Begun and left: others are served meanwhile, and what came of them is gone with them."""
    with ExitStack() as held:
        for n in range(40):
            page = held.enter_context(attacked.connect())
            path = f"{PHOTOS}?name=slow{n}.heic"
            head = attacked.request(path, "POST", Origin=attacked.origin, Content_Length="100000000")
            page.sendall(head + bytes(100_000))
        attacked.assert_well("nearfar studio")
        status, name = drop(attacked, "good.heic", photo())
        assert status in (200, 201), name
        assert ask(attacked, "GET", f"{PHOTOS}/{quote(name)}")[0] == 200
    assert ask(attacked, "DELETE", PHOTOS)[0] == 200


@pytest.mark.parametrize("stated", [str((200 << 20) + 1), str(1 << 60), "-1", "x", "1, 2"])
def test_uploads_that_are_too_much(attacked: Attacked, stated: str) -> None:
    with attacked.connect() as page:
        page.sendall(
            attacked.request(f"{PHOTOS}?name=a.heic", "POST", Origin=attacked.origin, Content_Length=stated)
        )
        assert page.recv(12) in (b"HTTP/1.1 413", b"HTTP/1.1 400")


def test_an_upload_without_a_length_ends_at_the_limit(attacked: Attacked) -> None:
    piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    with attacked.connect() as page:
        page.sendall(
            attacked.request(
                f"{PHOTOS}?name=a.heic", "POST", Origin=attacked.origin, Transfer_Encoding="chunked"
            )
        )
        with suppress(OSError):
            for _ in range(230):
                page.sendall(piece)
        with suppress(ConnectionError):
            assert page.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize("said", [{"Content_Length": str(GIGABYTE)}, {"Transfer_Encoding": "chunked"}])
@pytest.mark.parametrize("path", [f"{PHOTOS}?name=a.heic", f"{PHOTOS}/a.heic/edits", "/studio/camera"])
def test_bodies_of_a_gigabyte(attacked: Attacked, path: str, said: dict[str, str]) -> None:
    """Refused as soon as it is too much, in words; what comes from then on is kept nowhere."""
    attacked.assert_well("nearfar studio")
    before = attacked.peak
    head = attacked.request(path, "POST", Origin=attacked.origin, **said)
    status, words = attacked.poured(head, GIGABYTE)
    photo = path.startswith(f"{PHOTOS}?") and GIGABYTE <= LARGEST_PHOTO
    assert status == (415 if photo else 413)
    assert ("neither HEIC nor JPEG" if photo else "Send a smaller one") in json.loads(words)["reason"]
    assert attacked.peak - before < FLAT


def test_commands_of_others(attacked: Attacked, library: Path) -> None:
    """A page elsewhere, even one with the token's cookie, neither adds nor deletes."""
    status, name = drop(attacked, "mine.heic", photo())
    assert status in (200, 201), name
    for method, path in (
        ("DELETE", PHOTOS),
        ("DELETE", f"{PHOTOS}/{name}"),
        ("POST", f"{PHOTOS}?name=b.heic"),
    ):
        for origin in (
            {},
            {"Origin": "null"},
            {"Origin": "http://evil.example"},
            {"Origin": f"https://localhost:{attacked.port}"},
        ):
            with attacked.connect() as page:
                cookie = f"nearfar-{attacked.port}={TOKEN}"
                page.sendall(attacked.request(path, method, Cookie=cookie, Content_Length="0", **origin))
                assert page.recv(12) == b"HTTP/1.1 403"
    assert (library / "photos" / name).is_file()
    assert ask(attacked, "DELETE", PHOTOS)[0] == 200


def test_ids_that_lead_out(attacked: Attacked, library: Path) -> None:
    random = Random(11)
    parts = [
        "..",
        "%2e%2e",
        "%2f",
        "secret.txt",
        "%00",
        "\\",
        "%5c",
        ".",
        "",
        "log",
        "photos",
        "~",
        "%ff",
        "C:",
    ]
    rooms = [PHOTOS, "/studio/takes", "/studio", ""]
    ends = [
        "",
        "/thumbnail.jpg",
        "/download/heic",
        "/portrait.jpg?f=1.4&x=0.5&y=0.5&side=64",
        "/frames/0",
        "/edits",
    ]
    for _ in range(rounds(300, 50_000)):
        path = "/".join([random.choice(rooms), *random.choices(parts, k=random.randrange(1, 6))])
        method = random.choice(("GET", "GET", "DELETE", "POST"))
        status, body = ask(
            attacked, method, path + random.choice(ends) or "/", b"{}" if method == "POST" else None
        )
        assert b"secret" not in body.replace(b"secret.txt", b"")
        assert status < 500
    assert (library.parent / "secret.txt").read_text() == "secret"


@pytest.mark.parametrize(
    "wish",
    [
        "portrait.jpg?f=nan&x=0&y=0&side=64",
        "portrait.jpg?f=0&x=0&y=0&side=64",
        "portrait.jpg?f=-1&x=0&y=0&side=64",
        "portrait.jpg?f=1e308&x=5&y=-7&side=64",
        "portrait.jpg?f=1.4&x=0.5&y=0.5&side=1000000000",
        "portrait.jpg?f=1.4&x=0.5&y=0.5&side=-1",
        "portrait.jpg?f=1.4&x=inf&y=0.5&side=64",
        "portrait.jpg",
        "picture.jpg?side=0",
        "picture.jpg?side=99999999999999999999",
        "picture.jpg?side=x",
        "mattes/../depth.png",
        "mattes/none.png",
        "download/exe",
    ],
)
def test_wishes_that_cannot_be_met(attacked: Attacked, wish: str) -> None:
    status, name = drop(attacked, "wished.heic", photo())
    assert status in (200, 201), name
    status, body = ask(attacked, "GET", f"{PHOTOS}/{quote(name)}/{wish}")
    assert status < 500
    assert status < 400 or len(body) > 10, "in words"


def test_bodies_that_are_no_wish(attacked: Attacked) -> None:
    random = Random(13)
    status, name = drop(attacked, "edited.heic", photo())
    assert status in (200, 201), name
    good = b'{"fNumber": 2.0, "focus": [0.5, 0.5]}'
    for _ in range(rounds(200, 20_000)):
        body = bytearray(good)
        for _ in range(random.randrange(1, 5)):
            body[random.randrange(len(body))] = random.randrange(256)
        status, said = ask(attacked, "POST", f"{PHOTOS}/{quote(name)}/edits", bytes(body))
        assert status < 500
        assert status < 400 or json.loads(said)["reason"]
    deep = b"[" * 4000
    assert ask(attacked, "POST", f"{PHOTOS}/{quote(name)}/edits", deep)[0] == 400
    assert ask(attacked, "POST", f"{PHOTOS}/{quote(name)}/edits", bytes(5000))[0] == 413
    assert ask(attacked, "DELETE", PHOTOS)[0] == 200


def test_a_wish_a_byte_at_a_time(attacked: Attacked) -> None:
    with attacked.connect() as slow:
        head = attacked.request(f"{PHOTOS}/none/edits", "POST", Origin=attacked.origin, Content_Length="40")
        slow.sendall(head + b"{")
        slow.settimeout(4 * PATIENCE)
        assert slow.recv(12) in (b"HTTP/1.1 408", b"HTTP/1.1 404")
        with suppress(OSError):
            slow.shutdown(socket.SHUT_RDWR)
