"""Photos of the studio: how long a phone's takes to come in, be shown and be edited, and what bombs take.

IMG.HEIC, 12 Mpx ──▶ POST, thumbnail, picture, edit ──▶ milliseconds, there and back
50 Mpx in every coding, eight at a time ──▶ all their parts ──▶ the server's peak of memory
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
from PIL import Image

import nearfar as nf
from benchmarks.measure import Row

_SAMPLE = "photos/apple/iphone13pro_dualwide.heic"
_TIMES = 7
_AT_ONCE, _ROUNDS = 8, 3
_VAST = (8160, 6120)
_PARTS = ("thumbnail.jpg", "picture.jpg", "depth", "", "mattes/portrait.png")


def rows() -> list[Row]:
    """Least times, and the peak of memory (Linux); no times without samples."""
    photo = Path(os.environ.get("NEARFAR_SAMPLES", ""), _SAMPLE)
    found = _times(photo.read_bytes()) if photo.is_file() else []
    return [*found, *_memory()] if sys.platform == "linux" else found


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

    def peak(self) -> int:
        """Bytes of memory at most since it began."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+)", status)
        assert found is not None
        return int(found[1]) << 10


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


def _memory() -> list[Row]:
    bombs = [*_bombs()] * _ROUNDS
    random.Random(1).shuffle(bombs)
    with _studio() as studio:

        def drop(number: int) -> int:
            status, data = studio.ask("POST", f"?name={number}.jpg", bombs[number])
            if status < 300:
                name = json.loads(data)["id"]
                for part in _PARTS:
                    studio.ask("GET", f"/{name}/{part}")
            return status

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            statuses = list(pool.map(drop, range(len(bombs))))
        peak = studio.peak() / 1e6
    taken = sum(status < 300 for status in statuses)
    claim = f"{len(bombs)} photo bombs, {_AT_ONCE} at a time ({taken} taken and shown): peak of memory"
    return [Row(claim, f"{peak:.0f} MB", "–", "–", "< 400 MB")]


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
    depth = nf.DepthMap(np.ones((3072, 4096), np.float32))
    matte = nf.Matte(np.zeros((3072, 4096), np.uint8))
    for container in ("heic", "jpeg"):
        yield nf.Photo(np.zeros((768, 1024, 3), np.uint8), depth, [matte]).file_data(container)
    yield os.urandom(1 << 20)


def _jpeg(mode: str, size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, "JPEG", **options)
    return out.getvalue()
