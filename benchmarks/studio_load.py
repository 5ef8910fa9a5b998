"""32 pages at one server: 30 that keep up, one that is slow, one that reads nothing; 60 frames a second.

    stamped camera ── nearfar serve (one process) ══ 32 WebSockets ══▶ clients (another process)

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
from benchmarks.stamped_server import Served, served
from nearfar.studio.messages import Taken, Wanted
from nearfar.studio.wire import encode

SECONDS = 120.0 if os.environ.get("NEARFAR_SOAK") == "1" else 10.0
SETTLING = 3.0
HEALTHY = 30
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
    """

    given: float
    shares: tuple[float, ...]
    slow: float
    growth: int
    cores: float
    megabytes: float


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
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), DEVICE, *OPTIONS) as server,
    ):
        ours, theirs = multiprocessing.Pipe()
        clients = multiprocessing.get_context("spawn").Process(target=_clients, args=(server.url, theirs))
        clients.start()
        try:
            return _watched(server, ours, seconds)
        finally:
            ours.send("end")
            clients.join()


def _watched(server: Served, clients: Connection, seconds: float) -> Load:
    assert clients.recv() == "all watch"
    time.sleep(SETTLING)
    clients.send("begin")
    resident, used, begun = server.resident, server.seconds, time.monotonic()
    time.sleep(seconds)
    clients.send("count")
    took = time.monotonic() - begun
    cores, growth = (server.seconds - used) / took, server.resident - resident
    healthy, slow, size = clients.recv()
    numbers = set().union(*healthy)
    given = max(numbers) - min(numbers) + 1
    shares = tuple(len(each & numbers) / given for each in healthy)
    return Load(given / took, shares, len(slow) / took, growth, cores, size / took / 1e6)


def _clients(url: str, parent: Connection) -> None:
    asyncio.run(_run_clients(url, parent))


class _Client:
    """A page's end of a stream."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.seen: set[int] = set()
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
                sequence = _sequence(packet)
                self.seen.add(sequence)
                self.size += len(packet)
                if self.delay:
                    await asyncio.sleep(self.delay)
                await stream.send(encode(Taken(sequence)))


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


def _sequence(packet: bytes) -> int:
    (length,) = struct.unpack_from("<I", packet)
    sequence: int = json.loads(packet[4 : 4 + length])["sequence"]
    return sequence


async def _run_clients(url: str, parent: Connection) -> None:
    clients = [_Client(0) for _ in range(HEALTHY)]
    slow = _Client(SLOWNESS)
    tasks = [asyncio.create_task(client.run(url)) for client in (*clients, slow)]
    tasks.append(asyncio.create_task(_stalled(url)))
    await asyncio.gather(*(client.watches.wait() for client in (*clients, slow)))
    parent.send("all watch")
    while (word := await asyncio.to_thread(parent.recv)) != "end":
        if word == "count":
            seen = [client.seen for client in clients]
            parent.send((seen, slow.seen, sum(client.size for client in (*clients, slow))))
        for client in (*clients, slow):
            client.seen, client.size = set(), 0
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
