"""Photos of the studio: how long a phone's takes to come in, be shown and be edited, and the memory it takes.

IMG.HEIC, 12 Mpx ──▶ POST, thumbnail, picture, edit ──▶ milliseconds, there and back
50 Mpx in every coding, eight at a time ──▶ all their parts ──┐
six pages, each with portraits of a photo of its own ─────────┴─▶ peaks of memory: the server, its darkroom
"""

from __future__ import annotations

import http.client
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pillow_heif
from PIL import Image

import nearfar as nf
from benchmarks.measure import Row

_SAMPLE = "photos/apple/iphone13pro_dualwide.heic"
_TIMES = 7
_AT_ONCE, _ROUNDS = 8, 3
_RUNS = 3
_PAGES, _LOOKS = 6, (1.4, 2.8, 8)
_VAST = (8160, 6120)
_PARTS = ("thumbnail.jpg", "picture.jpg", "depth", "", "mattes/portrait.png")


def rows() -> list[Row]:
    """Least times, and the peak of memory (Linux); no times without samples."""
    photo = Path(os.environ.get("NEARFAR_SAMPLES", ""), _SAMPLE)
    found = _times(photo.read_bytes()) if photo.is_file() else []
    if sys.platform == "linux":
        found += _memory_of_bombs()
        if photo.is_file():
            found += _memory_of_portraits(photo.read_bytes())
    return found


class _Studio:
    """A studio in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self._place = urlsplit(address).netloc

    def ask(self, method: str, part: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._place, timeout=120)
        headers = {"Origin": f"http://{self._place}"}
        connection.request(method, f"/studio/photos{part}".rstrip("/"), body, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def peaks(self) -> tuple[float, float]:
        """Megabytes of memory at most since they began: the server's, and of the processes beside it."""
        pid = self.process.pid
        tasks = Path(f"/proc/{pid}/task").iterdir()
        beside = {int(each) for task in tasks for each in (task / "children").read_text("ascii").split()}
        return _peak(pid), sum(map(_peak, beside))


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


@contextmanager
def _studio() -> Iterator[_Studio]:
    with tempfile.TemporaryDirectory() as folder:
        words = ["studio", "--no-browser", "--port", "0", "--folder", folder]
        process = subprocess.Popen(
            [sys.executable, "-m", "nearfar", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield _Studio(process, process.stdout.readline().strip())
        finally:
            process.terminate()
            process.wait()


def _times(data: bytes) -> list[Row]:
    taken: dict[str, list[float]] = {}

    def timed(claim: str, work: Callable[[], tuple[int, bytes]]) -> bytes:
        begun = time.perf_counter()
        status, answer = work()
        if status >= 300:
            raise RuntimeError(f"{claim}: the studio answered {status}")
        taken.setdefault(claim, []).append((time.perf_counter() - begun) * 1e3)
        return answer

    with _studio() as studio:
        for number in range(_TIMES):
            at = f"/{number}.heic"
            timed(
                "a photo of 12 Mpx dropped in, looked at and on the shelf",
                lambda at=at: studio.ask("POST", f"?name={at[1:]}", data),  # type: ignore[misc]
            )
            for part in ("thumbnail.jpg", "picture.jpg?side=1280", "depth", ""):
                timed(f"its {part or 'words'}", lambda at=at, part=part: studio.ask("GET", f"{at}/{part}"))  # type: ignore[misc]
            wish = json.dumps({"fNumber": 2, "focus": [0.5, 0.5]}).encode()
            timed("an edit of it stored", lambda at=at, wish=wish: studio.ask("POST", f"{at}/edits", wish))  # type: ignore[misc]
            studio.ask("DELETE", at)
    return [Row(claim, f"{min(each):.0f} ms", "–", "–", "–") for claim, each in taken.items()]


def _memory_of_bombs() -> list[Row]:
    bombs = [*_bombs()] * _ROUNDS
    random.Random(1).shuffle(bombs)

    def run(studio: _Studio) -> int:
        def drop(number: int) -> int:
            status, data = studio.ask("POST", f"?name={number}.jpg", bombs[number])
            if status < 300:
                name = json.loads(data)["id"]
                for part in _PARTS:
                    studio.ask("GET", f"/{name}/{part}")
            return status

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return sum(status < 300 for status in pool.map(drop, range(len(bombs))))

    return _peaks(f"{len(bombs)} photo bombs, {_AT_ONCE} at a time", "taken and shown", run)


def _memory_of_portraits(data: bytes) -> list[Row]:
    def run(studio: _Studio) -> int:
        def look(number: int) -> int:
            at = f"/{number}.heic"
            studio.ask("POST", f"?name={at[1:]}", data + bytes(number))
            asked = [
                f"{at}/portrait.jpg?f={f}&client={number}{side}"
                for f in _LOOKS
                for side in ("&side=1344", "")
            ]
            return sum(studio.ask("GET", each)[0] == 200 for each in asked)

        with ThreadPoolExecutor(_PAGES) as pool:
            return sum(pool.map(look, range(_PAGES)))

    return _peaks(f"{_PAGES} pages at once, each with portraits of 12 Mpx of its own", "rendered", run)


def _peaks(claim: str, done: str, run: Callable[[_Studio], int]) -> list[Row]:
    """The worst of some runs."""
    peaks = []
    for _ in range(_RUNS):
        with _studio() as studio:
            counted = run(studio)
            peaks.append(studio.peaks())
    server, beside = (max(each) for each in zip(*peaks, strict=True))
    claim = f"{claim} ({counted} {done}), worst of {_RUNS} runs"
    return [
        Row(f"{claim}: peak of the server's memory", f"{server:.0f} MB", "–", "–", "< 400 MB"),
        Row("the same: peak of its darkroom's", f"{beside:.0f} MB", "–", "–", "≤ 1 GiB of data"),
    ]


def _bombs() -> Iterator[bytes]:
    """All that is just small enough, and what says it is larger than it is."""
    for mode, options in (
        ("RGB", {"subsampling": 0}),
        ("RGB", {"progressive": True}),
        ("RGB", {"progressive": True, "subsampling": 0}),
        ("CMYK", {}),
        ("L", {}),
    ):
        yield _jpeg(mode, _VAST, **options)
    small = bytearray(_jpeg("RGB", (16, 16)))
    for side in (7000, 65500):
        at = small.index(b"\xff\xc0") + 5
        small[at : at + 4] = side.to_bytes(2, "big") * 2
        yield bytes(small)
    width, height = _VAST
    yield nf.Photo(np.zeros((height, width, 3), np.uint8)).file_data("heic")
    for size in ((4032, 3024), (8160, 6112)):
        yield _one_tile(size)
    depth = nf.DepthMap(np.ones((3072, 4096), np.float32))
    matte = nf.Matte(np.zeros((3072, 4096), np.uint8))
    for container in ("heic", "jpeg"):
        yield nf.Photo(np.zeros((768, 1024, 3), np.uint8), depth, [matte]).file_data(container)
    yield os.urandom(1 << 20)


def _jpeg(mode: str, size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, "JPEG", **options)
    return out.getvalue()


def _one_tile(size: tuple[int, int]) -> bytes:
    """HEIC in its largest coding, ten bits of each colour of each pixel, and of some kilobytes."""
    width, height = size
    out = io.BytesIO()
    settings = {"preset": "ultrafast", "x265:pools": "none", "x265:frame-threads": "1"}
    samples = np.zeros((height, width, 3), np.uint16).tobytes()
    pillow_heif.encode("RGB;16", size, samples, out, quality=20, chroma=444, enc_params=settings)
    return out.getvalue()
