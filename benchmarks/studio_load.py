"""32 pages at one server: 30 that keep up, one that is slow, one that reads nothing; 60 frames a second.

    stamped camera ── nearfar serve (one process) ══ 32 WebSockets ══▶ clients (three processes)

Depth is 640×480, a sensor's after its filter, in millimetres and packed without loss. What is counted: frames
that each client had, of those that any had; memory and processor time of the server, from when all watch on.
Ten seconds, or with NEARFAR_SOAK=1 the two minutes of the bar.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import struct
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.measure import Row
from benchmarks.offering import Given
from benchmarks.stamped_server import Served, served
from nearfar.studio.messages import Taken, Wanted
from nearfar.studio.wire import encode

SECONDS = 120.0 if os.environ.get("NEARFAR_SOAK") == "1" else 10.0
SETTLING = 3.0
HEALTHY, PROCESSES = 30, 3
SLOWNESS = 0.25
DEVICE = "stamped:camera?width=640&height=480&fps=60&noise=1"
OPTIONS = ("--profile", "arcore")
"""Depth in millimetres, as phones have it."""


@dataclass(frozen=True)
class Load:
    """What came of it.

    Attributes:
        given: frames a second that any client had.
        shares: of those, for each healthy client.
        slow: frames a second of the slow client.
        growth: of the server's memory, bytes.
        cores: of the server, on average.
        megabytes: a second that the server sent.
        pages: what each healthy client had.
    """

    given: float
    shares: tuple[float, ...]
    slow: float
    growth: int
    cores: float
    megabytes: float
    pages: tuple[tuple[Given, ...], ...]


def rows() -> list[Row]:
    found = measure(SECONDS)
    worst, middle = min(found.shares), sorted(found.shares)[len(found.shares) // 2]
    ours = f"{worst:.2%} worst, {middle:.2%} median, of {found.given:.1f} frames/s"
    claim = f"32 pages, one stalled, one slow, 60 fps VGA depth, {SECONDS:g} s: frames of the healthy ones"
    return [
        Row(claim, ours, f"slow page {found.slow:.1f} frames/s", "", "≥ 99 %"),
        Row("… the server's memory grows by", f"{found.growth / 1e6:.1f} MB", "", "", "< 20 MB"),
        Row(
            "… its processor time", f"{found.cores:.2f} cores", f"{found.megabytes:.0f} MB/s", "", "≤ 1 core"
        ),
    ]


def measure(seconds: float) -> Load:
    """Run it for so long."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), DEVICE, *OPTIONS) as server:
        pipes = []
        for place in range(PROCESSES):
            ours, theirs = multiprocessing.Pipe()
            spawn.Process(target=_clients, args=(server.url, theirs, place == 0), daemon=True).start()
            pipes.append(ours)
        try:
            return _watched(server, pipes, seconds)
        finally:
            for pipe in pipes:
                pipe.send("end")


def _watched(server: Served, clients: list[Connection], seconds: float) -> Load:
    for each in clients:
        assert each.recv() == "all watch"
    time.sleep(SETTLING)
    for each in clients:
        each.send("begin")
    resident, used, begun = server.resident, server.seconds, time.monotonic()
    time.sleep(seconds)
    for each in clients:
        each.send("count")
    took = time.monotonic() - begun
    cores, growth = (server.seconds - used) / took, server.resident - resident
    healthy, slow, size = [], 0, 0
    for each in clients:
        seen, of_slow, came = each.recv()
        healthy += seen
        slow, size = slow + of_slow, size + came
    numbers = {frame.sequence for page in healthy for frame in page}
    given = max(numbers) - min(numbers) + 1
    shares = tuple(len(page) / given for page in healthy)
    return Load(given / took, shares, slow / took, growth, cores, size / took / 1e6, tuple(healthy))


def _clients(url: str, parent: Connection, with_odd_ones: bool) -> None:
    asyncio.run(_run_clients(url, parent, with_odd_ones))


class _Client:
    """A page's end of a stream."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.given: list[Given] = []
        self.size = 0
        self.watches = asyncio.Event()

    async def run(self, url: str) -> None:
        """Take frames, each after a while."""
        async with _stream(url) as stream:
            await stream.recv()
            await stream.send(encode(Wanted("packed", color=False)))
            async for packet in stream:
                assert isinstance(packet, bytes)
                self.watches.set()
                received = time.monotonic()
                sequence, moment = _numbered(packet)
                self.size += len(packet)
                if self.delay:
                    await asyncio.sleep(self.delay)
                await stream.send(encode(Taken(sequence)))
                self.given.append(Given(sequence, moment, received, time.monotonic()))


async def _stalled(url: str) -> None:
    """One that asks for frames and never looks at them, again and again."""
    while True:
        async with _stream(url, ping_interval=None) as stream:
            await stream.send(encode(Wanted("packed", color=False)))
            stream.transport.pause_reading()
            try:
                await asyncio.wait_for(stream.wait_closed(), 3600)
            except ConnectionClosed:
                continue


def _stream(url: str, **options: object) -> connect:
    address = f"{url.replace('http', 'ws', 1)}nearfar/stream"
    return connect(address, origin=url.rstrip("/"), compression=None, max_size=None, **options)  # type: ignore[arg-type]


def _numbered(packet: bytes) -> tuple[int, float]:
    """A frame's number, and when the device had it."""
    (length,) = struct.unpack_from("<I", packet)
    header = json.loads(packet[4 : 4 + length])
    return header["sequence"], header["time"]


async def _run_clients(url: str, parent: Connection, with_odd_ones: bool) -> None:
    healthy = [_Client(0) for _ in range(HEALTHY // PROCESSES)]
    slow = [_Client(SLOWNESS)] if with_odd_ones else []
    tasks = [asyncio.create_task(client.run(url)) for client in (*healthy, *slow)]
    if with_odd_ones:
        tasks.append(asyncio.create_task(_stalled(url)))
    await asyncio.gather(*(client.watches.wait() for client in (*healthy, *slow)))
    parent.send("all watch")
    while (word := await asyncio.to_thread(parent.recv)) != "end":
        if word == "count":
            size = sum(client.size for client in (*healthy, *slow))
            seen = [tuple(client.given) for client in healthy]
            parent.send((seen, sum(len(client.given) for client in slow), size))
        for client in (*healthy, *slow):
            client.given, client.size = [], 0
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
