"""Taking a photo in the studio while a page looks on: `nearfar studio` in a process of its own.

    a page ── POST /studio/shots ──▶ virtual:dual, effort "best" ──▶ 12 Mpx with depth, in the library
    the same page ══ stream ══▶ how long it had no picture meanwhile

Processor time is the photo's alone: of the whole server, less what the stream takes in as long a while.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from websockets.asyncio.client import connect

from benchmarks.measure import Row
from benchmarks.stamped_server import Served
from nearfar.studio.messages import Taken, Wanted
from nearfar.studio.wire import encode

_DEVICE = "virtual:dual?effort=best"
_SHOTS = 7
_PAUSE = 2.0
"""Seconds of the stream alone before each photo."""


@dataclass
class Shots:
    """What came of the photos, one number each.

    Attributes:
        wall: seconds from the shutter to the photo in the library.
        processors: seconds of processors that the server used meanwhile.
        stream: of these, what its stream takes in as many seconds.
        gap: the longest time without a frame, seconds.
        rate: frames a second meanwhile.
        usual: frames a second before.
    """

    wall: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)
    stream: list[float] = field(default_factory=list)
    gap: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)


def rows() -> list[Row]:
    """Medians, and the least times (Linux)."""
    if sys.platform != "linux":
        return []
    with tempfile.TemporaryDirectory() as folder, _studio(Path(folder)) as server:
        found = asyncio.run(_shots(server))
    middle = statistics.median
    return [
        Row(
            f"studio, {_DEVICE}: a photo of 12 Mpx with depth, from the shutter to the library",
            f"{middle(found.wall):.2g} ({min(found.wall):.2g}) s",
            "–",
            "–",
            "≤ 2 s",
        ),
        Row(
            "… processor time of the server meanwhile; of its stream alone in as long a while",
            f"{middle(found.processors):.2g} ({min(found.processors):.2g}) s; {middle(found.stream):.2g} s",
            "–",
            "–",
            "≤ 5 s",
        ),
        Row(
            "… the stream meanwhile; before; the longest time without a picture",
            f"{middle(found.rate):.2g} fps; {middle(found.usual):.2g} fps; {middle(found.gap):.2g} s",
            "–",
            "–",
            "–",
        ),
    ]


@contextmanager
def _studio(folder: Path) -> Iterator[Served]:
    words = ["studio", "--no-browser", "--port", "0", "--folder", str(folder), "--device", _DEVICE]
    server = subprocess.Popen(
        [sys.executable, "-m", "nearfar", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield Served(server.stdout.readline().strip(), server.pid)
    finally:
        server.terminate()
        server.wait()


async def _shots(server: Served) -> Shots:
    found, came = Shots(), list[float]()
    watching = asyncio.create_task(_watch(server.url, came))
    while len(came) < 5:
        await asyncio.sleep(0.1)
    for number in range(_SHOTS + 1):
        idle, idle_begun = server.seconds, time.perf_counter()
        await asyncio.sleep(_PAUSE)
        used, begun = server.seconds, time.perf_counter()
        await asyncio.to_thread(_shoot, server.url)
        ended = time.perf_counter()
        if number == 0:
            continue  # a camera's first photo makes what is kept for the next ones
        wall, paused = ended - begun, begun - idle_begun
        moments = [begun, *(moment for moment in came if begun < moment < ended), ended]
        found.wall.append(wall)
        found.processors.append(server.seconds - used)
        found.stream.append((used - idle) / paused * wall)
        found.gap.append(max(after - before for before, after in pairwise(moments)))
        found.rate.append((len(moments) - 2) / wall)
        found.usual.append(sum(idle_begun < moment < begun for moment in came) / paused)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return found


async def _watch(url: str, came: list[float]) -> None:
    """A page: when each frame came."""
    address = f"{url.replace('http', 'ws', 1)}nearfar/stream"
    origin = url.rstrip("/")
    async with connect(address, origin=origin, compression=None, max_size=None) as stream:  # type: ignore[arg-type]
        await stream.recv()
        await stream.send(encode(Wanted("packed", color=True)))
        async for packet in stream:
            if not isinstance(packet, bytes):
                continue
            came.append(time.perf_counter())
            (length,) = struct.unpack_from("<I", packet)
            await stream.send(encode(Taken(json.loads(packet[4 : 4 + length])["sequence"])))


def _shoot(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    connection.request("POST", "/studio/shots", b"{}", {"Origin": url.rstrip("/")})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.status != 201:
        raise RuntimeError(f"the studio answered {answer.status}: {data[:200]!r}")
