"""A slider that moves over a photo of 12 megapixels: `nearfar studio` in a process of its own, asked by HTTP.

    60 moves, 20 a second ──▶ GET portrait.jpg?f=… ──▶ the server's own time; the time there and back
    the same, each when the last has come           beside: nf.portrait(max_side=…) for each move

Of moves that come faster than pictures, the ones between have none: how many had theirs is said.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from urllib.parse import urlsplit

import numpy as np

import nearfar as nf
from benchmarks.measure import Row

_SAMPLE = "photos/apple/iphone13pro_dualwide.heic"
_ID = "IMG_0042.HEIC"
_SIDE = 1344
_MOVES = 60
_PERIOD = 1 / 20
_PAUSE = 2.0
"""Seconds between the page's first preview and the first move."""
_LEVELS = np.geomspace(1.4, 16.0, _MOVES)
_ALONE = 12
"""Moves for which `nf.portrait` is called beside."""


@dataclass(frozen=True)
class Moved:
    """What came of one move: milliseconds of the server, and there and back; None where it was given up."""

    server: float | None
    there_and_back: float


def rows() -> list[Row]:
    """Percentiles of a drag and of a page that waits; no rows without samples."""
    photo = Path(os.environ.get("NEARFAR_SAMPLES", ""), _SAMPLE)
    if not photo.is_file():
        return []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name, "photos", _ID)
        place.parent.mkdir()
        copyfile(photo, place)
        with _studio(Path(name)) as address:
            _move(address, 2.0)  # it is prepared once…
            time.sleep(_PAUSE)  # …and in full, before somebody has found the slider
            dragged = _dragged(address)
            waited = [_move(address, level) for level in _LEVELS]
            released = [_move(address, level, side=None).there_and_back for level in _LEVELS[::8]]
        alone = _alone(photo)
    answered = [move for move in dragged if move.server is not None]
    return [
        _row(
            f"preview of 12 Mpx, {_SIDE} px, {_MOVES} moves at 20 Hz, server side", _server(answered), alone
        ),
        _row("the same, there and back", [move.there_and_back for move in answered], alone),
        Row("moves of these with a picture of their own", f"{len(answered)} of {_MOVES}", "–", "–", "–"),
        _row("preview of 12 Mpx, the next move when the last has come, server side", _server(waited), alone),
        _row("the same, there and back", [move.there_and_back for move in waited], alone),
        Row(
            "full quality on release, 12 Mpx, there and back",
            f"p50 {np.median(released):.0f} ms, least {min(released):.0f} ms",
            "–",
            "–",
            "–",
        ),
    ]


def _row(claim: str, found: Sequence[float], alone: float) -> Row:
    middle, most = np.percentile(found, (50, 95))
    return Row(
        claim,
        f"p50 {middle:.0f} ms, p95 {most:.0f} ms",
        f"`nf.portrait(max_side={_SIDE})` {alone:.0f} ms",
        f"{middle / alone:.2g}×",
        "p95 ≤ 100 ms",
    )


def _server(moves: Sequence[Moved]) -> list[float]:
    return [move.server for move in moves if move.server is not None]


@contextmanager
def _studio(folder: Path) -> Iterator[str]:
    words = ["studio", "--no-browser", "--port", "0", "--folder", str(folder)]
    server = subprocess.Popen(
        [sys.executable, "-m", "nearfar", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def _dragged(address: str) -> list[Moved]:
    """Moves at a steady rate, whatever has come of the last."""
    with ThreadPoolExecutor(_MOVES) as pool:
        begun, coming = time.perf_counter(), []
        for number, level in enumerate(_LEVELS):
            time.sleep(max(0.0, begun + number * _PERIOD - time.perf_counter()))
            coming.append(pool.submit(_move, address, level))
        return [each.result() for each in coming]


def _move(address: str, level: float, side: int | None = _SIDE) -> Moved:
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    preview = "" if side is None else f"&side={side}"
    connection.request(
        "GET", f"/studio/photos/{_ID}/portrait.jpg?f={level:.4f}&x=0.4&y=0.5{preview}&client=me"
    )
    answer = connection.getresponse()
    answer.read()
    connection.close()
    taken = (time.perf_counter() - begun) * 1e3
    if answer.status == 409:
        return Moved(None, taken)
    if answer.status != 200:
        raise RuntimeError(f"the studio answered {answer.status}")
    return Moved(float(answer.headers["Server-Timing"].rpartition("dur=")[2]), taken)


def _alone(photo: Path) -> float:
    """Milliseconds of a move without a studio: the median."""
    opened, taken = nf.open(photo), []
    for level in _LEVELS[:: _MOVES // _ALONE]:
        begun = time.perf_counter()
        nf.portrait(opened, f_number=float(level), focus=(0.4, 0.5), max_side=_SIDE, effort="fast").file_data(
            "jpeg", color_quality=88
        )
        taken.append((time.perf_counter() - begun) * 1e3)
    return float(np.median(taken))
