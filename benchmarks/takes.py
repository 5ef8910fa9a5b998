"""Recording 640×480 pairs of a virtual dual camera, beside `mcap`'s own writer given the same pictures."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mcap.writer import CompressionType, Writer
from PIL import Image

import nearfar as nf
from benchmarks.measure import Row
from nearfar.capture import Recorder, SystemClock, Take, open_source
from nearfar.depth import encode_frame

PAIRS = 120
ROUNDS = 5


def rows() -> list[Row]:
    frames = captured(12)
    pairs = [frames[k % len(frames)].replace(time=k / 30, sequence=k) for k in range(PAIRS)]
    with tempfile.TemporaryDirectory() as room:
        path = Path(room, "take.mcap")
        recorded = (
            ("record 640×480 pairs, JPEG + packed depth / `mcap`'s writer", record(path, pairs, "packed")),
            ("record 640×480 pairs, JPEG + float depth / `mcap`'s writer", record(path, pairs, "float")),
        )
        peers = (by_mcap(path, pairs, packed=True), by_mcap(path, pairs, packed=False))
        table = [row(claim, path, ours, peer) for (claim, ours), peer in zip(recorded, peers, strict=True)]
        record(path, pairs, "packed")()
        table.append(row("play 640×480 pairs, JPEG + packed depth", path, lambda: play(path), None))
    return table


def row(claim: str, path: Path, ours: Callable[[], object], peer: Callable[[], object] | None) -> Row:
    """Both take turns; the least of the rounds counts, since other work only adds to it."""
    mine = theirs = (float("inf"), float("inf"))
    sizes = [0, 0]
    for _ in range(ROUNDS):
        mine = least(mine, spent(ours))
        sizes[0] = path.stat().st_size
        if peer is not None:
            theirs = least(theirs, spent(peer))
            sizes[1] = path.stat().st_size
    ratio = f"{mine[1] / theirs[1]:.2g}× CPU" if peer else "–"
    return Row(claim, in_words(mine, sizes[0]), in_words(theirs, sizes[1]) if peer else "–", ratio, "–")


def least(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), min(one[1], other[1])


def spent(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processors."""
    begun, busy = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - begun, time.process_time() - busy


def in_words(seconds: tuple[float, float], size: int) -> str:
    rate, busy = PAIRS / seconds[0], seconds[1] / PAIRS * 1e3
    return f"{rate:.0f} pairs/s, {busy:.2f} CPU-ms and {size / PAIRS / 1024:.0f} KiB a pair"


def captured(count: int) -> list[nf.Frame]:
    source, frames, enough = open_source("virtual:dual"), [], threading.Event()

    def emit(item: object) -> None:
        if isinstance(item, nf.Frame):
            frames.append(item)
            if len(frames) >= count:
                enough.set()

    source.start(source.formats[0], emit, SystemClock())
    enough.wait(60.0)
    source.stop()
    return frames[:count]


def record(path: Path, pairs: list[nf.Frame], depth: str) -> Callable[[], object]:
    def run() -> None:
        with Recorder(path, depth=depth, overwrite=True) as recorder:
            for frame in pairs:
                recorder.write(frame, wait=True)

    return run


def play(path: Path) -> None:
    with Take(path) as take:
        for _ in take:
            pass


def by_mcap(path: Path, pairs: list[nf.Frame], *, packed: bool) -> Callable[[], object]:
    """Colour, depth and confidence as plain messages, in chunks of a mebibyte, compressed by zstd."""

    def run() -> None:
        with path.open("wb") as file:
            writer = Writer(file, chunk_size=1 << 20, compression=CompressionType.ZSTD)
            writer.start()
            channels = [
                writer.register_channel(topic, "", 0) for topic in ("/color", "/depth", "/confidence")
            ]
            for frame in pairs:
                coded = io.BytesIO()
                Image.fromarray(frame.color).save(coded, "JPEG", quality=90)
                confidence = frame.depth.confidence
                maps = [frame.depth.to(dtype="float32").values.tobytes(), confidence.tobytes()]
                if packed:
                    maps = [encode_frame(frame.depth), encode_frame(nf.DepthMap(confidence))]
                now = round(frame.time * 1e9)
                for channel, data in zip(channels, (coded.getvalue(), *maps), strict=True):
                    writer.add_message(channel, now, data, now)
            writer.finish()

    return run
